//! Letters on their way: the worker, a real mail server, and the two together (T09, T54, T61, T62, T63).

use chrono::TimeDelta;
use portico::config::{Smtp, SmtpTls};
use portico::mail::outbox;
use portico::mail::{Letter, Post};

use crate::support::smtp::{self, Act, Setup};
use crate::support::*;

/// Puts a letter about Kestrel to one of its people into the outbox.
fn write(app: &TestApp, change: impl FnOnce(Post) -> Post) {
    let letter = Letter::PasswordChanged { name: PIA.name.into(), when: "20 November".into() };
    let post = change(Post::to_account(letter, PIA.id.parse().unwrap(), PIA.email, PIA.name));
    app.inside().db.system_now("a test's letter", |tx| outbox::queue(tx, &post)).unwrap();
}

fn states(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT state || ' ' || attempts || ' ' || coalesce(last_error, '') FROM outbox ORDER BY id")
}

#[test]
fn a_letter_leaves_once_in_three_parts() {
    let app = TestApp::new();
    write(&app, |post| post);
    let letters = app.send_mail();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(letter.to, [PIA.email]);
    assert_eq!(letter.subject(), "Your Portico password was changed");
    assert!(letter.text().contains("was changed on 20 November") && letter.html().contains("</html>"));
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert!(app.send_mail().is_empty() && app.another().send_mail().is_empty());
    assert_eq!(states(&app), ["sent 1 "]);
}

#[test]
fn a_letter_brings_a_link_that_is_made_when_it_is_sent() {
    let app = TestApp::new();
    let invitation = Letter::samples("Mara").remove(0);
    write(&app, |post| Post { letter: invitation, user: None, ..post });
    assert!(!app.database().value("SELECT letter::text FROM outbox").contains("/link/"));
    let letters = app.send_mail();
    assert!(letters[0].link().starts_with("/link/"));
    assert!(letters[0].html().contains(&format!("{}{}", app.base(), letters[0].link())));
}

#[test]
fn tls_and_login_are_used_and_checked() {
    let app = TestApp::new();
    for tls in [SmtpTls::Starttls, SmtpTls::Implicit] {
        let server = MailServer::with(Setup { tls, login: true });
        write(&app, |post| post);
        app.worker(&server.config()).run_once().unwrap();
        let letters = server.take();
        assert!(letters.len() == 1 && letters[0].secured, "{tls:?}: {:?}", states(&app));
    }
}

#[test]
fn a_certificate_or_login_that_is_wrong_is_told_in_words_and_nothing_leaves() {
    let server = MailServer::with(Setup { tls: SmtpTls::Starttls, login: true });
    let right = server.config();
    let plain = MailServer::new();
    let refused = |smtp: Smtp| {
        let app = TestApp::new();
        write(&app, |post| post);
        app.worker(&smtp).run_once().unwrap();
        assert!(server.take().is_empty());
        states(&app).remove(0)
    };
    let told = refused(Smtp { ca_file: None, ..right.clone() });
    assert!(told.starts_with("retrying 1 ") && told.contains("cannot be trusted"), "{told}");
    let told = refused(Smtp { ca_file: Some(plain.certificate()), ..right.clone() });
    assert!(told.contains("cannot be trusted"), "{told}");
    let told = refused(Smtp { host: Some("127.0.0.1".into()), ..right.clone() });
    assert!(told.contains("cannot be trusted"), "the name is not the certificate's: {told}");
    let told = refused(Smtp { password: Some("another".to_owned().into()), ..right.clone() });
    assert!(told.starts_with("retrying 1 ") && told.contains("did not accept the login: 535"), "{told}");
    assert!(!told.contains("another"));
    let told = refused(Smtp { user: None, password: None, ..right });
    assert!(told.contains("did not accept the login: 530"), "{told}");
    // A server that does not offer TLS gets nothing, where TLS is asked for.
    let told = refused(Smtp { tls: SmtpTls::Starttls, ..plain.config() });
    assert!(told.starts_with("retrying 1 ") && told.contains("STARTTLS"), "{told}");
    assert!(plain.take().is_empty());
}

#[test]
fn t61_what_goes_wrong_is_told_and_tried_again_or_given_up() {
    let app = TestApp::new();
    let server = app.mail_server();
    for (act, says) in [
        (Act::Later, "retrying 1 451 4.7.1 Greylisted, try again later"),
        (Act::NoMailbox, "failed 1 550 5.1.1 Mailbox not found"),
        (Act::Hang, "did not answer in time"),
        (Act::HangUp, "hung up before it had answered"),
    ] {
        app.database().run("DELETE FROM outbox");
        server.next(&[act]);
        write(&app, |post| post);
        app.send_mail();
        let told = states(&app).remove(0);
        assert!(told.contains(says), "{act:?}: {told}");
        app.pass(TimeDelta::minutes(1));
        let again = app.send_mail().len();
        assert_eq!(again, usize::from(act != Act::NoMailbox), "{act:?}");
    }
}

#[test]
fn t61_letters_outlast_a_server_that_is_away_and_leave_within_two_minutes_of_its_return() {
    let app = TestApp::new();
    for _ in 0..12 {
        write(&app, |post| post);
    }
    let nowhere = app.worker(&Smtp { port: Some(smtp::nobody()), ..app.mail_server().config() });
    for _ in 0..60 {
        app.pass(TimeDelta::seconds(30));
        assert_eq!(nowhere.run_once().unwrap(), 1, "one try shows that it is away");
    }
    assert!(states(&app).iter().any(|told| told.contains("refused the connection")), "{:?}", states(&app));
    app.pass(TimeDelta::minutes(2));
    assert_eq!(app.send_mail().len(), 12);
    // Not for ever, though.
    write(&app, |post| post);
    for _ in 0..10 {
        app.pass(TimeDelta::hours(6));
        nowhere.run_once().unwrap();
    }
    assert!(states(&app)[12].starts_with("failed "), "{:?}", states(&app)[12]);
}

#[test]
fn a_letter_that_is_put_off_again_and_again_is_given_up_after_eight_tries() {
    let app = TestApp::new();
    app.mail_server().always(Act::Later);
    write(&app, |post| post);
    for _ in 0..12 {
        app.send_mail();
        app.pass(TimeDelta::days(1));
    }
    assert_eq!(states(&app), ["failed 8 451 4.7.1 Greylisted, try again later"]);
    assert_eq!(app.mail_server().tried(), 8);
}

#[test]
fn t54_a_name_or_subject_cannot_add_a_header_or_a_recipient() {
    let app = TestApp::new();
    let bad = "Ana\r\nBcc: spy@evil.example\r\n\r\nX <x@evil.example>, \"y\" 東雲";
    let samples = Letter::samples(bad);
    let count = samples.len();
    for letter in samples {
        write(&app, |post| Post { letter, name: bad.into(), ..post });
    }
    let letters = app.send_mail();
    assert_eq!(letters.len(), count);
    for letter in letters {
        assert_eq!(letter.to, [PIA.email]);
        assert_eq!(letter.from, "portico@localhost.localdomain");
        let head = letter.raw.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X ")), "{head}");
        let to = letter.header("To");
        assert!(to.ends_with("<pia@kestrel.example>") && to.contains("東雲"), "{to}");
        assert!(!letter.subject().contains(['\r', '\n']));
        assert!(!letter.html().contains("<x@evil"), "{}", letter.html());
    }
    // Two addresses in one are no address.
    for address in ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a b@c.example"] {
        app.database().run("DELETE FROM outbox");
        write(&app, |post| Post { address: address.into(), ..post });
        assert!(app.send_mail().is_empty());
        assert_eq!(states(&app), ["failed 1 The recipient is not an address."]);
    }
}
