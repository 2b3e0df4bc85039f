//! `portico serve`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use anyhow::Context;
use clap::Args;

use super::database::Opened;
use super::demo;
use crate::app::{self, App};
use crate::audit::{self, Seals};
use crate::config::Config;
use crate::db::Clock;
use crate::integrations::moves::clock;
use crate::integrations::reminders;
use crate::jobs::{self, Job};
use crate::mail::transport::Transport;
use crate::mail::worker::Worker;
use crate::people;
use crate::web::{assets, metrics};

/// How long requests under way have, once the program was told to stop.
const GRACE: u64 = 12;
/// When it ends at the latest; those who start programs kill what takes much longer.
const LAST: Duration = Duration::from_secs(14);

/// `portico serve`
#[derive(Args)]
pub struct Serve {
    /// Bring the database up to date first.
    #[arg(long)]
    migrate: bool,
    /// On an empty database, load the demo program first.
    #[arg(long)]
    first_run_demo: bool,
}

impl Serve {
    /// Serves until told to stop.
    ///
    /// # Errors
    /// With one line, when it cannot start.
    pub fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        if self.migrate {
            Opened::migrate(&config)?;
        }
        let opened = Opened::new(&config)?;
        let config = opened.with_key(config)?;
        let db = opened.db(&config, Clock::default())?;
        if self.first_run_demo {
            demo::at_first_start(&db, &config.key()?, &opened.folder)?;
        }
        let app = Data::new(App::new(db, config)?);
        app.db.watch(&opened.url)?;
        assets::warm();
        let mail = Worker {
            db: app.db.clone(),
            transport: Transport::new(&app.config.mail, &opened.folder)?,
            base: app.config.http.base(),
            key: app.key.clone(),
        }
        .start(Duration::from_secs(app.config.mail.poll_seconds), app.stopping.clone())?;
        let others = by_itself(&app)?;
        actix_web::rt::System::new().block_on(listen(app))?;
        mail.join().ok();
        for job in others {
            job.join().ok();
        }
        if let Some(embedded) = opened.embedded {
            embedded.stop()?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn listen(app: Data<App>) -> anyhow::Result<()> {
    let http = app.config.http.clone();
    let shared = app.clone();
    let nobody = app.db.system_now("look whether anybody exists", people::store::is_empty)?;
    let token = nobody.then(|| people::set_up::set_up_token(&app.key));
    let server = HttpServer::new(move || app::service(shared.clone()))
        .workers(http.workers)
        // Compressed pages go out in several writes: without this each would wait for an acknowledgement.
        .tcp_nodelay(true)
        // Long enough for a machine that is busy starting, short enough for who sends drop by drop.
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(GRACE)
        .disable_signals()
        .bind((http.address, http.port))
        .with_context(|| format!("cannot listen on {}:{}", http.address, http.port))?;
    for address in server.addrs() {
        say(&format!("Portico is at http://{address}/"));
        if let Some(token) = &token {
            say(&format!("No user exists yet: open http://{address}/set-up and enter the token {token}"));
        }
    }
    if let Some(address) = app.config.metrics.address {
        let shared = app.clone();
        let figures =
            HttpServer::new(move || actix_web::App::new().app_data(shared.clone()).configure(metrics::configure))
                .workers(1)
                .disable_signals()
                .bind(address)
                .with_context(|| format!("cannot listen on {address} for the figures"))?;
        // It ends with the program: nobody waits for the figures of a portal that is gone.
        actix_web::rt::spawn(figures.run());
    }
    let running = server.run();
    let handle = running.handle();
    let ending = app.clone();
    actix_web::rt::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping: no longer ready, answering what is under way");
        ending.stopping.store(true, Ordering::Relaxed);
        if let Err(cause) = end_at_last() {
            tracing::warn!(%cause, "nothing ends the program should it hang");
        }
        handle.stop(true).await;
    });
    running.await.context("the server ended")
}

/// To whoever started the program, should they still read it.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// Ends the program in time, whatever still waits for a mail server or a database that says nothing. Nothing is lost:
/// what was not committed is undone, letters are leased, and a database of our own is taken over at the next start.
fn end_at_last() -> std::io::Result<()> {
    let waiting = || {
        std::thread::sleep(LAST);
        tracing::warn!("something under way does not end: leaving it");
        std::process::exit(0)
    };
    std::thread::Builder::new().name("last".into()).spawn(waiting).map(drop)
}

/// The jobs beside the outbox, each on a thread of its own.
fn by_itself(app: &App) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let (db, stop) = (app.db.clone(), app.stopping.clone());
    let seals = Seals::new(&app.config.key()?, &app.config.old_keys()?);
    let mut all = Vec::from(audit::job::start(db.clone(), seals, stop.clone())?);
    all.push(clock::start(db.clone(), clock::EVERY, stop.clone())?);
    let own = db.clone();
    all.push(jobs::start(db.clone(), Job::Reminders, jobs::MINUTE, stop.clone(), move || reminders::make(&own))?);
    let own = db.clone();
    all.push(jobs::start(db, Job::Clear, jobs::HOUR, stop, move || jobs::clear(&own))?);
    Ok(all)
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
