//! The program as it is started: configuration, migrations by several at once, and its end (T69, T70, T71).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use portico::access::link::{self, Purpose};
use portico::db::{migrations, plain_connection};
use tempfile::TempDir;

use crate::support::postgres::Database;
use crate::support::*;

pub const KEY: &str = "d5a1f0c37b9e4628a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f50617";

/// The program with nothing of this machine's configuration.
fn portico(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portico"));
    command.env_clear().current_dir(folder.path()).env("PORTICO_DATA", folder.path().join("data"));
    // For the search of PostgreSQL's programs.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn on(folder: &TempDir, database: &Database) -> Command {
    let mut command = portico(folder);
    command.env("PORTICO_DATABASE__URL", database.url()).env("PORTICO_SECRET_KEY", KEY).env("PORTICO_HTTP__PORT", "0");
    command
}

/// Runs to the end, for ten seconds at the most: exit code, output, errors.
pub fn ended(command: &mut Command) -> (i32, String, String) {
    ended_within(10, command)
}

/// The same, for so many seconds at the most.
pub fn ended_within(seconds: u64, command: &mut Command) -> (i32, String, String) {
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if began.elapsed() > Duration::from_secs(seconds) => {
                child.kill().unwrap();
                panic!("still running after {seconds} seconds");
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (status.code().unwrap_or(-1), out, err)
}

#[test]
fn t70_a_bad_configuration_ends_the_program_with_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let cases: [(&[(&str, &str)], &str); 18] = [
        (&[("PORTICO_SECRET_KEY", &"ab".repeat(40))], "pattern"),
        (&[("PORTICO_SECRET_KEY", "")], "PORTICO_SECRET_KEY"),
        (&[("PORTICO_SECRET_KEY", "abc")], "64 hexadecimal digits"),
        (&[("PORTICO_SECRET_KEY", "changeme")], "PORTICO_SECRET_KEY"),
        (&[("PORTICO_SECRET_KEY", &"0".repeat(64))], "64 hexadecimal digits"),
        (&[("PORTICO_HTTP__BASE_URL", "http://portal.example")], "https://"),
        (&[("PORTICO_HTTP__BASE_URL", "portal.example")], "http.base_url"),
        (&[("PORTICO_HTTP__BASE_URL", "https://portal.example/portico")], "no path"),
        (&[("PORTICO_HTTP__PORT", "99999")], "port"),
        (&[("PORTICO_HTTP__PORTT", "8080")], "portt"),
        (&[("PORTICO_HTTP__ADDRESS", "everywhere")], "address"),
        (&[("PORTICO_HTTP__WORKERS", "0")], "workers"),
        (&[("PORTICO_SESSION__IDLE_MINUTES", "-5")], "idle_minutes"),
        (&[("PORTICO_MAIL__FROM", "nobody")], "mail.from"),
        (&[("PORTICO_LOG__FORMAT", "xml")], "format"),
        (&[("PORTICO_DATABASE__POOL_SIZE", "0")], "pool_size"),
        (&[("PORTICO_DATABASE__URL", "postgres://nobody@127.0.0.1:1/none")], "database cannot be reached"),
        (&[("PORTICO_CONFIG", "/no/such/file.toml")], "file.toml"),
    ];
    for (variables, says) in cases {
        let mut command = on(&folder, &database);
        command.arg("serve").envs(variables.iter().copied());
        let (code, out, err) = ended(&mut command);
        assert_ne!(code, 0, "{variables:?}");
        assert!(err.to_lowercase().contains(&says.to_lowercase()), "{variables:?}: {err}");
        assert!(!err.contains("panicked") && !err.contains("backtrace"), "{variables:?}: {err}");
        assert!(
            err.lines().filter(|line| !line.trim().is_empty()).count() <= 3,
            "{variables:?}: more than a line or two:\n{err}"
        );
        assert!(!out.contains("Portico is at"), "{variables:?}");
        assert!(!err.contains(KEY), "{variables:?}: the key is printed");
    }
    // No key at all, on a server that is not ours.
    let mut command = on(&folder, &database);
    let (code, _, err) = ended(command.arg("serve").env_remove("PORTICO_SECRET_KEY"));
    assert!(code != 0 && err.contains("PORTICO_SECRET_KEY is not set"), "{err}");
}

#[test]
fn t70_words_that_are_off_end_with_2_and_help_with_0() {
    let folder = tempfile::tempdir().unwrap();
    for (words, expected) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["serve", "--help"], 0),
        (&["nonsense"], 2),
        (&["serve", "--nonsense"], 2),
        (&[], 2),
        (&["user", "create", "--nonsense"], 2),
        (&["routes"], 0),
    ] {
        let (code, _, err) = ended(portico(&folder).args(words));
        assert_eq!(code, expected, "{words:?}: {err}");
        assert!(!err.contains("panicked"));
    }
}

#[test]
fn t70_a_portal_has_no_password_that_everybody_knows() {
    let database = Database::empty();
    migrations::run(&mut database.connect()).unwrap();
    assert_eq!(database.value("SELECT count(*) FROM users"), "0");
    assert_eq!(database.value("SELECT count(*) FROM sessions"), "0");
}

#[test]
fn t70_secrets_can_be_read_from_files_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let (key, url) = (folder.path().join("key"), folder.path().join("url"));
    std::fs::write(&key, format!("{KEY}\n")).unwrap();
    std::fs::write(&url, database.url()).unwrap();
    let files = |command: &mut Command| -> (i32, String, String) {
        ended(command.env("PORTICO_SECRET_KEY_FILE", &key).env("PORTICO_DATABASE__URL_FILE", &url))
    };
    let (code, out, err) = files(portico(&folder).arg("check"));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("secret key: ok"), "{out}");
    let (code, out, err) = ended(on(&folder, &database).args(["config", "show"]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("secret_key = (hidden)") && out.contains("database.url = (hidden)"), "{out}");
    assert!(!out.contains(KEY) && !out.contains(&database.url()));
}

#[test]
fn t71_of_five_instances_that_migrate_at_once_one_does_and_the_others_wait() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::empty();
    let children: Vec<Child> =
        (0..5).map(|_| on(&folder, &database).args(["migrate", "run"]).spawn().unwrap()).collect();
    let mut applied: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        })
        .collect();
    applied.sort();
    let all = database.value("SELECT count(*) FROM __diesel_schema_migrations");
    assert_eq!(applied[..4], ["0 migrations applied"; 4].map(str::to_owned));
    assert_eq!(applied[4], format!("{all} migrations applied"));
    migrations::check_roles(&mut database.connect()).unwrap();
}

#[test]
fn t71_instances_in_one_process_wait_for_one_another_too() {
    let database = Database::empty();
    let counts = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let applied = migrations::run(&mut plain_connection(&database.url()).unwrap()).unwrap();
                counts.lock().unwrap().push(applied);
            });
        }
    });
    let counts = counts.into_inner().unwrap();
    assert_eq!(counts.iter().filter(|count| **count == 0).count(), 3, "{counts:?}");
}

#[test]
fn t71_a_migrator_that_is_killed_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::empty();
    // Somebody else holds the lock, so that the migrator is caught in the middle.
    let mut holder = database.connect();
    diesel::sql_query("SELECT pg_advisory_lock(x'504f525449434f'::bigint)").execute(&mut holder).unwrap();
    let mut waiting = on(&folder, &database).args(["migrate", "run"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(700));
    assert!(waiting.try_wait().unwrap().is_none(), "it does not wait for the lock");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    drop(holder);
    // One more dies while its migrations run.
    for pause in [0, 30, 80, 150] {
        let mut child = on(&folder, &database).args(["migrate", "run"]).spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (code, _, err) = ended(on(&folder, &database).args(["migrate", "run"]));
    assert_eq!(code, 0, "{err}");
    migrations::check_roles(&mut database.connect()).unwrap();
    assert_eq!(migrations::status(&mut database.connect()).unwrap().pending, Vec::<String>::new());
}

#[test]
fn t71_an_older_program_refuses_a_newer_database_and_a_newer_one_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    database.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
    for words in [&["serve"][..], &["serve", "--migrate"], &["check"], &["migrate", "run"]] {
        let (code, _, err) = ended(on(&folder, &database).args(words));
        assert_ne!(code, 0, "{words:?}");
        assert!(err.contains("newer Portico") && err.contains("29990101000000"), "{words:?}: {err}");
    }
    let empty = Database::empty();
    let (code, _, err) = ended(on(&folder, &empty).arg("serve"));
    assert!(code != 0 && err.contains("portico migrate run"), "{err}");
    assert_eq!(
        empty
            .value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%'"),
        "0",
        "serve changed an administrator's database"
    );
}

#[test]
fn t71_every_migration_can_be_undone_and_done_again() {
    let database = Database::empty();
    migrations::redo_all(&mut database.connect()).unwrap();
    migrations::check_roles(&mut database.connect()).unwrap();
}

#[test]
fn a_portal_refuses_to_start_when_a_page_role_may_too_much() {
    let folder = tempfile::tempdir().unwrap();
    for (statement, says) in [
        ("GRANT DELETE ON activity TO portico_host", "change the activity log"),
        ("ALTER TABLE partners DISABLE ROW LEVEL SECURITY", "partners has no row-level security"),
        ("ALTER TABLE partner_types OWNER TO portico_host", "owns partner_types"),
    ] {
        let database = Database::new();
        database.run(statement);
        let (code, _, err) = ended(on(&folder, &database).arg("serve"));
        assert!(code != 0 && err.contains(says), "{statement}: {err}");
    }
}

/// A portal that serves, until it is told to stop.
pub struct Serving {
    pub child: Child,
    pub address: String,
}

impl Serving {
    pub fn start(folder: &TempDir, database: &Database) -> Serving {
        Serving::of(&mut on(folder, database))
    }

    pub fn of(command: &mut Command) -> Serving {
        let mut child = command.arg("serve").stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("it says where it is").unwrap();
        let address = line.trim_start_matches("Portico is at http://").trim_end_matches('/').to_owned();
        Serving { child, address }
    }

    fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    }

    /// One request on a connection of its own; none when it was not taken.
    fn get(&self, path: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).ok()?;
        let mut answer = Vec::new();
        let whole = stream.read_to_end(&mut answer);
        if answer.is_empty() {
            return None;
        }
        whole.expect("an answer that was begun is finished");
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a whole head");
        if let Some(length) = head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
            assert_eq!(body.len().to_string(), length, "an answer is whole");
        }
        Some(head.split(' ').nth(1).unwrap().parse().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn t69_told_to_stop_it_answers_what_is_under_way_and_ends_soon() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    for name in ["TERM", "INT"] {
        let mut serving = Serving::start(&folder, &database);
        assert_eq!(serving.get("/readyz"), Some(200));
        // A request that waits for a table while the signal comes.
        let mut holder = database.connect();
        holder.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").unwrap();
        let began = Instant::now();
        thread::scope(|scope| {
            let under_way = scope.spawn(|| serving.get("/set-up"));
            thread::sleep(Duration::from_millis(400));
            serving.signal(name);
            thread::sleep(Duration::from_millis(300));
            holder.batch_execute("ROLLBACK").unwrap();
            assert_eq!(under_way.join().unwrap(), Some(404), "{name}: the request under way is lost");
        });
        let status = serving.child.wait().unwrap();
        assert!(status.success(), "{name}: {status}");
        assert!(began.elapsed() < Duration::from_secs(15), "{name}");
        assert_eq!(serving.get("/healthz"), None, "{name}: it still listens");
    }
}

#[test]
fn t69_under_load_no_answer_is_broken_by_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let mut serving = Serving::start(&folder, &database);
    let (mut answered, mut refused) = (0, 0);
    let so_far = AtomicUsize::new(0);
    thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|_| {
                let (serving, so_far) = (&serving, &so_far);
                scope.spawn(move || {
                    let mut seen = Vec::new();
                    while seen.last() != Some(&None) {
                        seen.push(serving.get("/sign-in"));
                        so_far.fetch_add(1, Ordering::Relaxed);
                    }
                    seen
                })
            })
            .collect();
        // By count and not by time, so that a slow machine asks the same of it.
        let began = Instant::now();
        while so_far.load(Ordering::Relaxed) < 60 && began.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(10));
        }
        serving.signal("TERM");
        serving.signal("TERM");
        for one in all {
            for status in one.join().unwrap() {
                match status {
                    Some(200) => answered += 1,
                    // A connection that the kernel had taken before the end was known, and closed unread.
                    None => refused += 1,
                    Some(other) => panic!("{other}"),
                }
            }
        }
    });
    assert!(answered > 50, "{answered}");
    assert!(refused <= 6, "{refused} of {answered} were not taken");
    assert!(serving.child.wait().unwrap().success());
}

#[test]
fn t68_a_portal_whose_log_nobody_reads_any_more_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let mut child = on(&folder, &database).arg("serve").spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("Portico is at http://").trim_end_matches('/').to_owned();
    drop((out, child.stderr.take()));
    let serving = Serving { child, address };
    for path in ["/sign-in", "/healthz", "/readyz"] {
        assert_eq!(serving.get(path), Some(200), "{path}");
    }
    assert_eq!(serving.get("/nothing"), Some(404));
}

#[test]
fn t62_what_was_answered_is_there_after_the_program_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    for round in 0..3 {
        let mut serving = Serving::start(&folder, &database);
        let base = format!("http://{}", serving.address);
        let hana = crate::support::Visitor::new(&base);
        let signed_in = hana.post(
            "/sign-in",
            &[("email", crate::support::HANA.email), ("password", crate::support::PASSWORD), ("next", "/")],
        );
        assert_eq!(signed_in.status(), 303);
        assert_eq!(hana.post("/settings/types", &[("type_name", &format!("Type {round}"))]).status(), 303);
        serving.child.kill().unwrap();
        serving.child.wait().unwrap();
        let kept = format!("SELECT count(*) FROM partner_types WHERE name = 'Type {round}'");
        assert_eq!(database.value(&kept), "1");
        assert_eq!(
            database.value("SELECT count(*) FROM activity WHERE kind = 'PartnerTypeAdded'"),
            (round + 1).to_string()
        );
    }
}

/// The link of the newest reset of somebody, as the letter has it.
pub fn reset_link(database: &Database, who: Person) -> String {
    let key: Vec<u8> = (0..KEY.len()).step_by(2).map(|at| u8::from_str_radix(&KEY[at..at + 2], 16).unwrap()).collect();
    let version = database
        .value(&format!("SELECT link_version FROM password_resets WHERE user_id = '{}'", who.id))
        .parse()
        .unwrap();
    format!("/link/{}", link::token(&key, Purpose::Reset, who.id.parse().unwrap(), version, who.email))
}

#[test]
fn t41_the_log_has_no_password_token_or_code_whatever_its_level() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let log = folder.path().join("log");
    let mut child = on(&folder, &database)
        .arg("serve")
        .env("PORTICO_LOG__LEVEL", "trace")
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let serving =
        Serving { child, address: line.trim_start_matches("Portico is at http://").trim_end_matches('/').into() };
    let visitor = Visitor::new(&format!("http://{}", serving.address));
    visitor.post("/sign-in", &[("email", HANA.email), ("password", "a planted wrong password")]);
    visitor.post("/forgotten", &[("email", HANA.email)]);
    let link = reset_link(&database, HANA);
    assert_eq!(visitor.get(&link).location(), "/reset");
    let planted = "a planted password of hers";
    assert_eq!(visitor.post("/reset", &[("new_password", planted)]).status(), 303);
    visitor.post("/sign-in", &[("email", HANA.email), ("password", planted), ("next", "/")]);
    let session = visitor.cookie("portico").unwrap();
    visitor.post("/me/second-factor", &[("current_password", planted)]);
    let key = visitor.get("/me/second-factor").first("#secret");
    assert_eq!(key.len(), 39);
    visitor.post("/me/second-factor/confirm", &[("code", "314159")]);
    let referer = format!("http://{}{link}", serving.address);
    visitor.send(visitor.request("GET", &link).header("Referer", &referer));
    visitor.send(visitor.request("POST", "/me/theme").header("Referer", &referer).form(&[("theme", "dark")]));
    drop(serving);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/link/…") && log.contains("/me/second-factor/confirm"), "it is a log");
    let token = link.trim_start_matches("/link/").to_owned();
    for secret in [planted, "a planted wrong password", &token, &session, &key, &key.replace(' ', ""), "314159", KEY] {
        assert!(!log.contains(secret), "{secret}: {}", log.lines().find(|line| line.contains(secret)).unwrap());
    }
}

#[test]
fn a_lost_password_and_a_lost_second_factor_are_mended_at_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let user = |words: &[&str]| ended(on(&folder, &database).arg("user").args(words));
    let (code, out, err) = user(&["reset-password", "--send", HANA.email]);
    assert!(code == 0 && out.is_empty() && err.contains("on its way to hana@solstice.example"), "{out} {err}");
    assert!(!err.contains(&reset_link(&database, HANA)), "the link is in the letter only");
    assert_eq!(database.value("SELECT kind || ' ' || recipient FROM outbox"), format!("PasswordReset {}", HANA.email));
    let (code, _, err) = user(&["disable-second-factor", HANA.email]);
    assert!(code != 0 && err.contains("has no second factor"), "{err}");
    database.run(&format!("UPDATE users SET second_factor_at = now() WHERE id = '{}'", HANA.id));
    let (code, _, err) = user(&["disable-second-factor", HANA.email]);
    assert!(code == 0 && err.contains("password alone"), "{err}");
    assert_eq!(database.value(&format!("SELECT second_factor_at FROM users WHERE id = '{}'", HANA.id)), "");
    let kinds = database.values("SELECT kind FROM activity WHERE at > '2026-10-02' ORDER BY id");
    assert_eq!(kinds, ["ResetSent", "SecondFactorReset"]);
}

/// A port that nobody listens on a moment later.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn body(address: &str, path: &str) -> String {
    reqwest::blocking::get(format!("http://{address}{path}")).unwrap().text().unwrap()
}

#[test]
fn figures_are_served_on_a_listener_of_their_own_and_name_nobody() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::new());
    let figures = format!("127.0.0.1:{}", free_port());
    let mut command = on(&folder, &database);
    let portal = Serving::of(command.env("PORTICO_METRICS__ADDRESS", &figures));
    assert_eq!(portal.get("/metrics"), Some(404), "the portal's own port has no such page");
    assert_eq!(portal.get("/partners/KESTREL"), Some(303));
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for password in ["wrong", PASSWORD] {
        let form = [("email", PIA.email), ("password", password)];
        let request = client.post(format!("http://{}/sign-in", portal.address)).form(&form);
        request.header("Sec-Fetch-Site", "same-origin").send().unwrap();
    }
    let text = body(&figures, "/metrics");
    for line in [
        r#"portico_http_request_duration_seconds_count{method="GET",route="/partners/{code}",status="303"} 1"#,
        r#"portico_logins_total{result="refused"} 1"#,
        r#"portico_logins_total{result="succeeded"} 1"#,
        r#"portico_db_pool_connections{state="max"} 8"#,
        r#"portico_outbox_letters{state="failed"}"#,
        "portico_outbox_oldest_seconds",
        "portico_audit_chained_lines",
        "portico_audit_waiting_lines",
        "portico_audit_waiting_seconds",
        "portico_build_info",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("KESTREL") && !text.contains("kestrel.example"), "{text}");
}

#[test]
fn a_container_can_ask_whether_its_portal_is_ready() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::new());
    let port = free_port().to_string();
    let ask = || ended(on(&folder, &database).arg("healthcheck").env("PORTICO_HTTP__PORT", &port));
    let (code, _, problem) = ask();
    assert_eq!(code, 1);
    assert!(problem.contains("nobody listens"), "{problem}");
    let mut command = on(&folder, &database);
    let _portal = Serving::of(command.env("PORTICO_HTTP__PORT", &port));
    let (code, _, problem) = ask();
    assert_eq!(code, 0, "{problem}");
}
