//! `portico jobs` and `portico check`: what the portal does by itself, and whether all is well.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use portico::mail::{Letter, Post, outbox};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{KEY, Serving, ended, on};
use crate::support::{smtp, *};

fn jobs(folder: &TempDir, app: &TestApp, words: &[&str]) -> (i32, String, String) {
    ended(on(folder, app.database()).arg("jobs").args(words))
}

fn listed(folder: &TempDir, app: &TestApp) -> Value {
    let (code, out, err) = jobs(folder, app, &["list", "--json"]);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn one<'a>(all: &'a Value, job: &str) -> &'a Value {
    all["jobs"].as_array().unwrap().iter().find(|one| one["job"] == job).unwrap()
}

/// A letter to somebody in a state, written and due now.
fn letter(app: &TestApp, to: &str, set: &str) -> String {
    let letter = Letter::Test { when: "now".into() };
    let post = Post::to_account(letter, PIA.id.parse().unwrap(), to, PIA.name);
    let post = post.about_partner(program::SOLSTICE.parse().unwrap(), partner::KESTREL.parse().unwrap());
    let id = app.inside().db.system_now("a test's letter", |tx| outbox::queue(tx, &post)).unwrap();
    app.database().run(&format!("UPDATE outbox SET run_at = now(), created_at = now() WHERE id = '{id}'"));
    app.database().run(&format!("UPDATE outbox SET {set} WHERE id = '{id}'"));
    id.to_string()
}

#[test]
fn jobs_are_listed_run_by_hand_and_noted() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let before = listed(&folder, &app);
    for job in ["mail", "publish", "reminders", "audit", "months", "clear"] {
        assert_eq!(
            (&one(&before, job)["state"], &one(&before, job)["ran_at"]),
            (&"never".into(), &Value::Null),
            "{job}"
        );
    }
    let waiting = app.database().value("SELECT count(*) FROM activity_unchained");
    assert_eq!(before["waiting"]["audit_lines"].to_string(), waiting);
    let (code, out, err) = jobs(&folder, &app, &["run", "audit"]);
    assert!(code == 0 && out == format!("audit: done, {waiting} things\n"), "{out}{err}");
    letter(&app, PIA.email, "state = 'queued'");
    for job in ["mail", "publish", "reminders", "months", "clear"] {
        let (code, out, err) = jobs(&folder, &app, &["run", job]);
        assert!(code == 0 && out.starts_with(job), "{job}: {out}{err}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("data/mail")).unwrap().count(), 1, "the letter left");
    let after = listed(&folder, &app);
    for job in ["mail", "publish", "reminders", "audit", "months", "clear"] {
        assert_eq!(one(&after, job)["state"], "ok", "{after}");
    }
    assert_eq!((&one(&after, "mail")["done"], &after["waiting"]["audit_lines"]), (&1.into(), &0.into()));
    let (_, out, _) = jobs(&folder, &app, &["list"]);
    assert!(out.contains("Sends letters") && out.contains("letters    0 queued, 0 retrying, 0 failed"), "{out}");
    // Long ago is late.
    app.database().run("UPDATE job_runs SET ran_at = now() - interval '3 hours' WHERE job = 'mail'");
    assert_eq!(one(&listed(&folder, &app), "mail")["state"], "LATE");
    let (code, out, _) = ended(on(&folder, app.database()).arg("check"));
    assert!(code == 0 && out.contains("jobs: WARN, mail ran last at"), "{out}");
    assert_eq!(jobs(&folder, &app, &["run", "nonsense"]).0, 2);
}

#[test]
fn a_job_that_fails_is_noted_with_its_problem_until_it_succeeds() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    assert_eq!(jobs(&folder, &app, &["run", "audit"]).0, 0);
    app.as_(HANA).post("/partners/MERIDIAN/status/suspension", &[("version", "1"), ("reason", "Audit")]);
    app.database().run("UPDATE activity_seals SET seal = sha256('x')");
    let (code, _, err) = jobs(&folder, &app, &["run", "audit"]);
    assert!(code == 1 && err.contains("is not what was sealed"), "{err}");
    let found = listed(&folder, &app);
    assert_eq!(one(&found, "audit")["state"], "FAILING");
    assert!(one(&found, "audit")["problem"].as_str().unwrap().contains("is not what was sealed"), "{found}");
    let (code, out, err) = ended(on(&folder, app.database()).arg("check"));
    assert!(code == 1 && out.contains("jobs: FAIL, audit fails") && out.contains("audit log: FAIL"), "{out}{err}");
    assert_eq!(ended(on(&folder, app.database()).args(["audit", "seal"])).0, 0);
    assert_eq!(jobs(&folder, &app, &["run", "audit"]).0, 0);
    let found = listed(&folder, &app);
    assert_eq!(one(&found, "audit")["state"], "ok");
    assert!(one(&found, "audit")["failed_at"].is_string(), "what failed last is still told");
}

#[test]
fn letters_that_were_given_up_are_queued_again_but_dead_ones() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let failed = "state = 'failed', attempts = 8, last_error = '550 no'";
    let dead = letter(&app, "other@kestrel.example", &format!("{failed}, expires_at = now() - interval '1 minute'"));
    let old = letter(&app, "third@kestrel.example", &format!("{failed}, created_at = now() - interval '9 days'"));
    let failed = letter(&app, PIA.email, failed);
    assert_eq!(listed(&folder, &app)["waiting"]["letters_failed"], 3);
    let (code, out, err) = jobs(&folder, &app, &["retry"]);
    assert!(
        code == 0 && out.lines().count() == 1 && out.contains(&format!("{} Portico can send mail", PIA.email)),
        "{out}{err}"
    );
    let state = |id: &str| app.database().value(&format!("SELECT state || attempts FROM outbox WHERE id = '{id}'"));
    assert_eq!(
        (state(&failed).as_str(), state(&dead).as_str(), state(&old).as_str()),
        ("queued0", "failed8", "failed8")
    );
    assert_eq!(jobs(&folder, &app, &["retry", "--days", "30"]).1.lines().count(), 1, "the old one");
    let told = app.as_(HANA).get("/activity").text();
    assert!(
        told.contains("sent “Portico can send mail” to") && told.contains(PIA.email) && told.contains("Command line"),
        "{told}"
    );
    assert_eq!(jobs(&folder, &app, &["retry", "--days", "0"]).0, 2);
}

#[test]
fn a_serving_portal_notes_each_of_its_jobs() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let serving = Serving::start(&folder, app.database());
    let began = Instant::now();
    while app.database().value("SELECT count(*) FROM job_runs WHERE failed_at IS NULL") != "6" {
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", app.database().values("SELECT job FROM job_runs"));
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(serving);
}

fn check(folder: &TempDir, app: &TestApp, variables: &[(&str, &str)]) -> (i32, Value, String) {
    let mut command = on(folder, app.database());
    let (code, out, err) = ended(command.args(["check", "--json"]).envs(variables.iter().copied()));
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")), err)
}

/// Levels and words of what was looked at.
fn of(found: &Value, what: &str) -> String {
    let all = found["findings"].as_array().unwrap().iter().filter(|one| one["what"] == what);
    all.map(|one| format!("{} {} {}\n", one["level"].as_str().unwrap(), one["says"], one["todo"])).collect()
}

#[test]
fn check_finds_nothing_to_do_in_a_portal_that_is_well() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    // What the world's own secrets are encrypted with is no key at all.
    app.database().run("DELETE FROM integration_credentials; UPDATE connections SET auth = 'none', secret = NULL, secret_key_id = NULL");
    assert_eq!(jobs(&folder, &app, &["run", "audit"]).0, 0);
    std::fs::set_permissions(folder.path().join("data"), PermissionsExt::from_mode(0o700)).unwrap();
    let (code, found, err) = check(&folder, &app, &[]);
    assert!(code == 0 && found["ok"] == true && err.is_empty(), "{found:#}");
    for what in [
        "files",
        "mail",
        "database",
        "roles",
        "connections",
        "secret key",
        "clock",
        "secrets",
        "jobs",
        "invariants",
        "audit log",
    ] {
        assert!(of(&found, what).starts_with("ok "), "{what}: {found:#}");
    }
    assert!(of(&found, "configuration").contains("without TLS"), "plain http is told of");
}

#[test]
fn check_names_what_is_wrong_and_what_to_do() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    app.database().save();
    let past = |statements: &str| {
        app.database().run(&format!("BEGIN; SET LOCAL session_replication_role = replica; {statements}; COMMIT"));
    };
    for (statement, what, words) in [
        ("DELETE FROM integration_submissions WHERE outcome IS NULL", "invariants", "one open submission"),
        (
            "INSERT INTO outbox (id, letter, recipient, recipient_name, message_id, kind, subject, state, run_at, created_at) \
             VALUES (gen_random_uuid(), '{}', 'a@b.example', '', 'x', 'Test', '', 'sent', now(), now())",
            "invariants",
            "say when",
        ),
        (
            "UPDATE activity SET program_id = gen_random_uuid() WHERE program_id IS NOT NULL",
            "invariants",
            "programs that there are",
        ),
    ] {
        past(statement);
        let (code, found, err) = check(&folder, &app, &[]);
        let said = of(&found, what);
        assert!(
            code == 1 && said.contains("fail") && said.contains(words) && err.contains(words),
            "{statement}: {said}"
        );
        app.database().restore();
    }
    past("UPDATE partners SET status = 'archived' WHERE is_hosting");
    let (code, found, _) = check(&folder, &app, &[]);
    assert!(code == 0 && of(&found, "invariants").contains("warn \"not true"), "{found:#}");
    app.database().restore();

    let (code, found, err) = check(&folder, &app, &[("PORTICO_HTTP__PORT", "many")]);
    assert!(code == 1 && of(&found, "configuration").starts_with("fail ") && err.contains("port"), "{found:#}");
    let (code, found, _) = check(&folder, &app, &[("PORTICO_DATABASE__URL", "postgres://nobody@127.0.0.1:1/none")]);
    assert!(code == 1 && of(&found, "database").contains("cannot be reached"), "{found:#}");
    let nobody = smtp::nobody().to_string();
    let smtp = [("PORTICO_MAIL__TRANSPORT", "smtp"), ("PORTICO_MAIL__SMTP__HOST", "localhost")];
    let away = [smtp[0], smtp[1], ("PORTICO_MAIL__SMTP__PORT", &nobody), ("PORTICO_MAIL__SMTP__TLS", "none")];
    let (code, found, _) = check(&folder, &app, &away);
    assert!(code == 1 && of(&found, "mail").contains("refused the connection"), "{found:#}");
    let server = MailServer::new();
    let port = server.config().port().to_string();
    let there = [smtp[0], smtp[1], ("PORTICO_MAIL__SMTP__PORT", &port), ("PORTICO_MAIL__SMTP__TLS", "none")];
    let (code, found, _) = check(&folder, &app, &there);
    assert!(code == 0 && of(&found, "mail").starts_with("ok "), "{found:#}");
    assert!(server.take().is_empty(), "nothing is sent");

    let data = folder.path().join("data");
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o777)).unwrap();
    let (code, found, _) = check(&folder, &app, &[]);
    assert!(code == 1 && of(&found, "files").contains("others may write into"), "{found:#}");
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, KEY).unwrap();
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let (code, found, _) = check(&folder, &app, &[("PORTICO_SECRET_KEY_FILE", key.to_str().unwrap())]);
    assert!(code == 0 && of(&found, "files").contains("everybody may read"), "{found:#}");
    app.database().run("ALTER TABLE partners DISABLE ROW LEVEL SECURITY");
    let (code, found, _) = check(&folder, &app, &[]);
    assert!(code == 1 && of(&found, "roles").contains("partners has no row-level security"), "{found:#}");
}
