//! A portal that runs in this process, on a database of its own.

use std::net::TcpListener;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use portico::app::{App, service};
use portico::config::{self, Config};
use portico::db::{Clock, Db};
use portico::mail::transport::Transport;
use portico::mail::worker::Worker;

use super::client::Visitor;
use super::postgres::Database;
use super::smtp::{Arrived, MailServer};
use super::world::{PASSWORD, Person};

/// When every test begins.
pub const NOW: &str = "2026-11-20T09:42:00Z";

/// The key of all test portals: instances on one database must share it.
pub const KEY: &str = "8f1d0c3b5a7966e2d4c1b0a99f8e7d6c5b4a39281706f5e4d3c2b1a0918273645546372819aabbccddeeff00112233";

/// Who writes the letters of all test portals.
const SENDER: &str = "Portico <portico@localhost.localdomain>";

/// A running portal. Dropping it stops the server and drops the database.
pub struct TestApp {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    base: String,
    app: Data<App>,
    mail: Arc<OnceLock<MailServer>>,
    // Last: dropped after the server.
    database: Arc<Database>,
}

fn configuration(url: String, port: u16) -> Config {
    Config {
        data: env!("CARGO_TARGET_TMPDIR").into(),
        postgres_bin: None,
        secret_key: Some(KEY.to_owned().into()),
        old_secret_keys: Vec::new(),
        security_contact: "mailto:security@portico.example".into(),
        database: config::Database { url: Some(url.into()), pool_size: 4, wait_seconds: 2, statement_seconds: 5 },
        http: config::Http {
            address: "127.0.0.1".parse().unwrap(),
            port,
            base_url: None,
            trusted_proxies: Vec::new(),
            workers: 1,
        },
        session: config::Session { idle_minutes: 60, absolute_hours: 12, system_second_factor: false },
        links: config::Links { invitation_minutes: 120, reset_minutes: 60 },
        log: config::Log { format: config::LogFormat::Json, level: "info".into() },
        mail: config::Mail {
            from: SENDER.into(),
            poll_seconds: 5,
            transport: config::MailTransport::File,
            smtp: config::Smtp {
                host: None,
                port: None,
                tls: config::SmtpTls::Starttls,
                user: None,
                password: None,
                ca_file: None,
                timeout_seconds: 1,
            },
        },
        connections: config::Connections::default(),
        metrics: config::Metrics::default(),
    }
}

impl TestApp {
    /// A portal on a fresh copy of the world.
    pub fn new() -> TestApp {
        TestApp::with(|_| {})
    }

    /// The same, configured otherwise.
    pub fn with(change: impl FnOnce(&mut Config)) -> TestApp {
        let clock = Clock::fixed(NOW.parse().unwrap());
        TestApp::start(Arc::new(Database::new()), clock, Arc::default(), change)
    }

    /// Another instance on the same database, with the same clock.
    pub fn another(&self) -> TestApp {
        self.another_with(|_| {})
    }

    /// The same, configured otherwise.
    pub fn another_with(&self, change: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::start(self.database.clone(), self.app.db.clock().clone(), self.mail.clone(), change)
    }

    /// With `RUST_LOG` set, the portals' logs are shown beside a failed test's output.
    fn log() {
        if std::env::var_os("RUST_LOG").is_some() {
            let filter = tracing_subscriber::EnvFilter::from_default_env();
            tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init().ok();
        }
    }

    fn start(
        database: Arc<Database>,
        clock: Clock,
        mail: Arc<OnceLock<MailServer>>,
        change: impl FnOnce(&mut Config),
    ) -> TestApp {
        TestApp::log();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = configuration(database.url(), address.port());
        change(&mut config);
        let db = Db::connect(&database.url(), &config.pool_limits(), clock).unwrap();
        let app = Data::new(App::new(db, config).unwrap());
        let (shared, (tell, told)) = (app.clone(), mpsc::channel());
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || service(shared.clone()))
                    .workers(1)
                    .tcp_nodelay(true)
                    .client_request_timeout(Duration::from_secs(5))
                    .client_disconnect_timeout(Duration::from_secs(2))
                    .shutdown_timeout(5)
                    .disable_signals()
                    .listen(listener)
                    .unwrap()
                    .run();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = told.recv().unwrap();
        TestApp { handle, thread: Some(thread), base: format!("http://{address}"), app, mail, database }
    }

    /// Where it listens, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The database behind it. What is written there is news to the portal, as if it had been written by itself.
    pub fn database(&self) -> &Database {
        self.app.db.system_now("test", |_| Ok(())).ok();
        &self.database
    }

    /// Its insides, for what cannot be seen from outside.
    pub fn inside(&self) -> &App {
        &self.app
    }

    /// The moment it takes for the present.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.db.now()
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        self.app.db.clock().set(self.now() + time);
    }

    /// The mail server that its letters go to.
    pub fn mail_server(&self) -> &MailServer {
        self.mail.get_or_init(MailServer::new)
    }

    /// A worker that sends through a mail server; each has a connection of its own.
    pub fn worker(&self, smtp: &config::Smtp) -> Worker {
        Worker {
            db: self.app.db.clone(),
            transport: Transport::smtp(SENDER, smtp).unwrap(),
            base: self.app.config.http.base(),
            key: self.app.key.clone(),
        }
    }

    /// Sends what is due, and returns what arrived since the last time.
    pub fn send_mail(&self) -> Vec<Arrived> {
        self.worker(&self.mail_server().config()).run_once().unwrap();
        self.mail_server().take()
    }

    /// Waits until no import is under way.
    pub fn wait_for_jobs(&self) {
        for _ in 0..1000 {
            if self.database.value("SELECT count(*) FROM imports WHERE state = 'running'") == "0" {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("an import is still under way after ten seconds");
    }

    /// A browser that nobody signed in with.
    pub fn anonymous(&self) -> Visitor {
        Visitor::new(&self.base)
    }

    /// Somebody who just signed in.
    pub fn as_(&self, who: Person) -> Visitor {
        let visitor = self.anonymous();
        let answer = visitor.post("/sign-in", &[("email", who.email), ("password", PASSWORD), ("next", "/")]);
        assert_eq!(answer.status(), 303, "{} must be able to sign in: {}", who.name, answer.text());
        visitor
    }

    /// Does something and checks that it changed nothing in the database.
    #[track_caller]
    pub fn assert_unchanged<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = self.database.snapshot();
        let result = act();
        let after = self.database.snapshot();
        assert_eq!(before, after, "changed: {:?}", before.differences(&after));
        result
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The command is sent at once; the future only waits for the answer, as the join below does.
        drop(self.handle.stop(true));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
