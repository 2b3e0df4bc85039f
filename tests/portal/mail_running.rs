//! Mail of the program as it is started: its configuration, its command, and its sudden end (T62, T63, T70).

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use portico::config::SmtpTls;
use portico::mail::{Letter, Post, outbox};
use tempfile::TempDir;

use crate::process::{Serving, ended, on};
use crate::support::smtp::{self, LOGIN, Setup, USER};
use crate::support::*;

/// The program, which sends to a mail server of the test.
fn sending(folder: &TempDir, app: &TestApp, server: &MailServer) -> Command {
    let smtp = server.config();
    let mut command = on(folder, app.database());
    command
        .env("PORTICO_MAIL__TRANSPORT", "smtp")
        .env("PORTICO_MAIL__SMTP__HOST", "localhost")
        .env("PORTICO_MAIL__SMTP__PORT", smtp.port().to_string())
        .env("PORTICO_MAIL__SMTP__TLS", if smtp.tls == SmtpTls::None { "none" } else { "starttls" })
        .env("PORTICO_MAIL__SMTP__CA_FILE", server.certificate())
        .env("PORTICO_MAIL__POLL_SECONDS", "1");
    command
}

/// Letters that are due by the real clock, which the program has.
fn queue(app: &TestApp, count: usize) {
    let letter = Letter::Test { when: "now".into() };
    let post = Post::to_account(letter, PIA.id.parse().unwrap(), PIA.email, PIA.name);
    let queued = app.inside().db.system_now("a test's letters", |tx| {
        for _ in 0..count {
            outbox::queue(tx, &post)?;
        }
        diesel::sql_query("UPDATE outbox SET run_at = '2000-01-01' WHERE state = 'queued'").execute(tx.conn())?;
        Ok(())
    });
    queued.unwrap();
}

/// All that waits is due, and nobody holds it.
fn due(app: &TestApp) {
    let waiting = "state IN ('queued', 'retrying')";
    app.database().run(&format!("UPDATE outbox SET run_at = '2000-01-01', locked_until = NULL WHERE {waiting}"));
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn t62_killed_while_it_sends_nothing_is_lost_and_one_copy_more_is_made_at_most() {
    const LETTERS: usize = 60;
    const KILLS: usize = 6;
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let server = MailServer::new();
    queue(&app, LETTERS);
    for round in 0..KILLS {
        let mut serving = Serving::of(&mut sending(&folder, &app, &server));
        let before = server.tried();
        wait_until("letters leave", || server.tried() > before + 1 + round);
        serving.child.kill().unwrap();
        serving.child.wait().unwrap();
        // As if the lease had run out.
        due(&app);
    }
    let all = "SELECT count(*) FROM outbox WHERE state = 'sent'";
    let serving = Serving::of(&mut sending(&folder, &app, &server));
    wait_until("all are sent", || app.database().value(all) == LETTERS.to_string());
    drop(serving);
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for letter in server.take() {
        *copies.entry(letter.header("Message-ID")).or_default() += 1;
    }
    assert_eq!(copies.len(), LETTERS, "each arrived");
    assert!(copies.values().sum::<usize>() <= LETTERS + KILLS, "one copy more for each kill at most: {copies:?}");
}

#[test]
fn two_running_portals_send_each_letter_once() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let server = MailServer::new();
    let both = [(); 2].map(|()| Serving::of(&mut sending(&folder, &app, &server)));
    queue(&app, 50);
    let sent = "SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1";
    wait_until("all are sent", || app.database().value(sent) == "50");
    drop(both);
    assert_eq!(server.take().len(), 50);
}

#[test]
fn t70_mail_that_is_configured_wrongly_ends_the_program_with_the_key() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[("TRANSPORT", "pigeon")], "transport"),
        (&[("TRANSPORT", "smtp")], "mail.smtp.host is not set"),
        (&[("TRANSPORT", "smtp"), ("SMTP__HOST", "")], "mail.smtp.host is not set"),
        (&[("SMTP__TLS", "some")], "tls"),
        (&[("SMTP__PORT", "99999")], "port"),
        (&[("SMTP__USER", "me")], "mail.smtp.password is not set"),
        (&[("SMTP__PASSWORD", "007")], "mail.smtp.user is not set"),
        (&[("SMTP__TIMEOUT_SECONDS", "0")], "mail.smtp.timeout_seconds"),
        (
            &[("SMTP__HOST", "m.example"), ("SMTP__TLS", "none"), ("SMTP__USER", "me"), ("SMTP__PASSWORD", "007")],
            "mail.smtp.tls is none",
        ),
        (
            &[("TRANSPORT", "smtp"), ("SMTP__HOST", "m.example"), ("SMTP__CA_FILE", "/no/such.pem")],
            "mail.smtp.ca_file: /no/such.pem",
        ),
    ];
    for (variables, says) in cases {
        let mut command = on(&folder, app.database());
        command.arg("serve").envs(variables.iter().map(|(name, value)| (format!("PORTICO_MAIL__{name}"), value)));
        let (code, out, err) = ended(&mut command);
        assert!(code != 0 && err.to_lowercase().contains(&says.to_lowercase()), "{variables:?}: {err}");
        assert!(
            !err.contains("panicked") && !err.contains("007") && !out.contains("Portico is at"),
            "{variables:?}: {err}"
        );
    }
}

#[test]
fn a_test_letter_says_what_happened_and_the_password_is_shown_nowhere() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let (code, out, err) = ended(on(&folder, app.database()).args(["mail", "test", "ana@solstice.example"]));
    assert!(code == 0 && out.contains("The letter is a file in"), "{err}");
    let written: Vec<_> = std::fs::read_dir(folder.path().join("data/mail")).unwrap().collect();
    assert_eq!(written.len(), 1);

    let server = MailServer::with(Setup { tls: SmtpTls::Starttls, login: true });
    let secret = folder.path().join("password");
    let try_with = |password: &str| {
        std::fs::write(&secret, format!("{password}\n")).unwrap();
        let mut command = sending(&folder, &app, &server);
        command.env("PORTICO_MAIL__SMTP__USER", USER).env("PORTICO_MAIL__SMTP__PASSWORD_FILE", &secret);
        ended(command.args(["mail", "test", "ana@solstice.example"]))
    };
    let (code, out, err) = try_with(LOGIN);
    assert!(code == 0 && out.contains("The letter was taken by the mail server localhost:"), "{err}");
    let letters = server.take();
    assert!(letters.len() == 1 && letters[0].secured && letters[0].subject() == "Portico can send mail");
    let (code, _, err) = try_with("a wrong one");
    assert!(code == 1 && err.contains("did not accept the login: 535") && !err.contains("a wrong one"), "{err}");

    let mut command = sending(&folder, &app, &server);
    command.env("PORTICO_MAIL__SMTP__PORT", smtp::nobody().to_string());
    let (code, _, err) = ended(command.args(["mail", "test", "ana@solstice.example"]));
    assert!(code == 1 && err.contains("refused the connection"), "{err}");
    let (code, _, err) = ended(on(&folder, app.database()).args(["mail", "test", "a@b, c@d"]));
    assert!(code == 1 && err.contains("a@b, c@d"), "{err}");

    let mut command = on(&folder, app.database());
    command.env("PORTICO_MAIL__SMTP__USER", USER).env("PORTICO_MAIL__SMTP__PASSWORD", "[12");
    let (code, out, _) = ended(command.args(["config", "show"]));
    assert!(code == 0 && out.contains("mail.smtp.password = (hidden)  # environment") && !out.contains("[12"), "{out}");
}

#[test]
fn letters_are_listed_on_the_command_line() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    queue(&app, 2);
    app.database().run("UPDATE outbox SET state = 'failed', last_error = '550 5.1.1 Mailbox not found' WHERE id = (SELECT min(id::text)::uuid FROM outbox)");
    let list = |words: &[&str]| ended(on(&folder, app.database()).args(["mail", "list"]).args(words));
    assert_eq!(list(&[]).1.lines().count(), 2);
    let (code, out, _) = list(&["--state", "failed"]);
    assert!(code == 0 && out.lines().count() == 1 && out.contains("550 5.1.1 Mailbox not found"), "{out}");
    let all: serde_json::Value = serde_json::from_str(&list(&["--json", "--limit", "1"]).1).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert!(list(&["--state", "lost"]).2.contains("--state"));
}
