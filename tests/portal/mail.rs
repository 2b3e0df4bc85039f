//! Letters on their way: the worker, a real mail server, and the two together (T09, T54, T61, T62, T63).

use chrono::TimeDelta;
use portico::config::{Smtp, SmtpTls};
use portico::mail::transport::Refusal;
use portico::mail::{Letter, Post, delivery, outbox};

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
    assert!(told.starts_with("retrying 0 ") && told.contains("cannot be trusted"), "{told}");
    let told = refused(Smtp { ca_file: Some(plain.certificate()), ..right.clone() });
    assert!(told.contains("cannot be trusted"), "{told}");
    let told = refused(Smtp { host: Some("127.0.0.1".into()), ..right.clone() });
    assert!(told.contains("cannot be trusted"), "the name is not the certificate's: {told}");
    let told = refused(Smtp { password: Some("another".to_owned().into()), ..right.clone() });
    assert!(told.starts_with("retrying 0 ") && told.contains("did not accept the login: 535"), "{told}");
    assert!(!told.contains("another"));
    let told = refused(Smtp { user: None, password: None, ..right });
    assert!(told.contains("did not accept the login: 530"), "{told}");
    // A server that does not offer TLS gets nothing, where TLS is asked for.
    let told = refused(Smtp { tls: SmtpTls::Starttls, ..plain.config() });
    assert!(told.starts_with("retrying 0 ") && told.contains("STARTTLS"), "{told}");
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
    // Even one that takes nobody's letters is only away: none is given up for it.
    app.mail_server().always(Act::Closed);
    app.pass(TimeDelta::minutes(1));
    app.send_mail();
    assert!(states(&app).iter().any(|told| told.contains("554 5.7.1")), "{:?}", states(&app));
    // One that then puts them off has all its tries.
    app.mail_server().always(Act::Later);
    app.pass(TimeDelta::minutes(1));
    app.send_mail();
    assert!(states(&app).iter().all(|told| told.starts_with("retrying 1 451")), "{:?}", states(&app));
    app.mail_server().always(Act::Accept);
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
    // The same where each try leaves a copy there.
    app.mail_server().always(Act::HangUp);
    write(&app, |post| post);
    let copies: usize = (0..300)
        .map(|_| {
            app.pass(TimeDelta::minutes(2));
            app.send_mail().len()
        })
        .sum();
    assert_eq!(copies, 8);
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

/// An invitation to Kestrel that is open for two hours, and its letter.
fn invite(app: &TestApp, by: Person) {
    app.database().run(&format!(
        "INSERT INTO invitations (id, program_id, partner_id, email, name, role, link_version, expires_at, invited_by, \
           invited_by_name, version, created_at, sent_at) \
         VALUES ('f1000000-0000-7000-8000-000000000001', '{}', '{}', 'mara@kestrel.example', 'Mara Moss', 'user', 1, \
           '2026-11-20T11:42:00Z', '{}', '{}', 1, '2026-11-20T09:42:00Z', '2026-11-20T09:42:00Z')",
        program::SOLSTICE,
        partner::KESTREL,
        by.id,
        by.name,
    ));
    let invitation = "f1000000-0000-7000-8000-000000000001".parse().unwrap();
    let letter = Letter::Invitation {
        invitation,
        version: 1,
        email: "mara@kestrel.example".into(),
        name: "Mara Moss".into(),
        partner: "Kestrel Car Rental".into(),
        program: "Solstice Rewards".into(),
        role: "Partner user".into(),
        inviter: by.name.into(),
        until: "11:42".into(),
    };
    write(app, |post| Post {
        letter,
        user: None,
        address: "mara@kestrel.example".into(),
        name: "Mara Moss".into(),
        program: Some(program::SOLSTICE.parse().unwrap()),
        partner: Some(partner::KESTREL.parse().unwrap()),
        about: Some(invitation),
        expires_at: Some("2026-11-20T11:42:00Z".parse().unwrap()),
        ..post
    });
}

#[test]
fn t61_who_sent_an_invitation_that_did_not_arrive_is_told() {
    for (by, hosts_only) in [(PIA, "false"), (HANA, "true"), (SAM, "true")] {
        let app = TestApp::new();
        invite(&app, by);
        app.mail_server().next(&[Act::NoMailbox]);
        let letters = app.send_mail();
        assert_eq!(letters.len(), 1, "{:?}", states(&app));
        assert_eq!(letters[0].to, [by.email]);
        assert_eq!(letters[0].subject(), "Your invitation of Mara Moss did not arrive");
        assert!(letters[0].text().contains("550 5.1.1 Mailbox not found"), "{}", letters[0].text());
        assert!(letters[0].text().contains(&format!("{}/partners/KESTREL/users", app.base())));
        let stored = "SELECT hosts_only FROM outbox WHERE kind = 'InvitationFailed' AND partner_id IS NOT NULL";
        assert_eq!(app.database().value(stored), hosts_only);
    }
    // Nobody waits for one that was taken back, or for an older link.
    for mended in ["revoked_at = now()", "link_version = 2", "invited_by = NULL"] {
        let app = TestApp::new();
        invite(&app, PIA);
        app.database().run(&format!("UPDATE invitations SET {mended}"));
        app.mail_server().next(&[Act::NoMailbox]);
        assert!(app.send_mail().is_empty(), "{mended}");
    }
}

#[test]
fn t61_a_letter_whose_link_is_dead_is_not_sent_and_the_inviter_learns_of_it() {
    let app = TestApp::new();
    invite(&app, PIA);
    app.mail_server().next(&[Act::Later]);
    app.send_mail();
    app.pass(TimeDelta::hours(2));
    let letters = app.send_mail();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, [PIA.email]);
    assert!(letters[0].text().contains("its link ran out"), "{}", letters[0].text());
    assert_eq!(states(&app)[0], "withdrawn 1 Its link would be dead by now. Send a new one.");
}

#[test]
fn t09_who_may_no_longer_act_for_the_partner_gets_no_letter_about_it() {
    let about = |post: Post| Post {
        members_only: true,
        ..post.about_partner(program::SOLSTICE.parse().unwrap(), partner::KESTREL.parse().unwrap())
    };
    let pia = PIA.id;
    for (change, sent) in [
        ("SELECT 1".to_owned(), 1),
        (format!("UPDATE memberships SET suspended_at = now(), suspended_reason = 'x' WHERE user_id = '{pia}'"), 0),
        (format!("UPDATE users SET status = 'deactivated' WHERE id = '{pia}'"), 0),
        (format!("UPDATE partners SET primary_contact_id = NULL; DELETE FROM memberships WHERE user_id = '{pia}'"), 0),
    ] {
        let app = TestApp::new();
        write(&app, about);
        app.database().run(&change);
        assert_eq!(app.send_mail().len(), sent, "{change}");
        let told = &states(&app)[0];
        assert_eq!(told == "withdrawn 0 They may not act for the partner any more.", sent == 0, "{told}");
    }
    let hosts = |post: Post| Post { hosts_only: true, members_only: false, ..about(post) };
    let app = TestApp::new();
    write(&app, hosts);
    assert!(app.send_mail().is_empty(), "Pia is no host");
    write(&app, |post| Post { user: Some(HANA.id.parse().unwrap()), address: HANA.email.into(), ..hosts(post) });
    write(&app, |post| Post { user: Some(SAM.id.parse().unwrap()), address: SAM.email.into(), ..hosts(post) });
    assert_eq!(app.send_mail().len(), 2);
}

#[test]
fn letters_about_a_muted_topic_are_withheld_and_letters_about_safety_are_not() {
    let app = TestApp::new();
    let mute = |topic| app.database().run(&format!("INSERT INTO mail_choices VALUES ('{}', '{topic}', false)", PIA.id));
    for topic in ["invitations", "partners", "submissions", "integrations", "reminders"] {
        mute(topic);
    }
    for letter in Letter::samples("x") {
        write(&app, |post| Post { letter, ..post });
    }
    let muted = Letter::samples("x").iter().filter(|letter| letter.topic().is_some()).count();
    assert!(muted == 8 && app.send_mail().len() == Letter::samples("x").len() - muted);
    let withheld = "SELECT kind FROM outbox WHERE state = 'withdrawn' ORDER BY kind";
    let about = ["IntegrationPublished", "IntegrationScheduled", "IntegrationSubmitted", "IntegrationWithdrawn"];
    assert_eq!(
        app.database().values(withheld),
        [&about[..], &["InvitationAccepted", "PartnerActive", "PartnersActive", "Reminder"]].concat()
    );
}

#[test]
fn t63_a_worker_that_slept_past_its_lease_changes_nothing_and_nothing_is_sent_a_third_time() {
    let app = TestApp::new();
    let db = &app.inside().db;
    write(&app, |post| post);
    let slept = db.system_now("a worker of the test", delivery::take).unwrap().unwrap();
    // It sent the letter, and slept before it could say so.
    assert!(app.send_mail().is_empty(), "the lease holds");
    app.pass(TimeDelta::minutes(2));
    let letters = app.send_mail();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].header("Message-ID"), slept.message_id, "a second copy can be known");
    for outcome in [Ok(()), Err(Refusal::for_now("late")), Err(Refusal::for_good("late"))] {
        app.assert_unchanged(|| {
            db.system_now("a worker of the test", |tx| delivery::settle(tx, &slept, &outcome)).unwrap();
        });
    }
    app.pass(TimeDelta::days(1));
    assert!(app.send_mail().is_empty());
    // The same while the other one still holds it.
    write(&app, |post| post);
    let slept = db.system_now("a worker of the test", delivery::take).unwrap().unwrap();
    app.pass(TimeDelta::minutes(3));
    let holds = db.system_now("a worker of the test", delivery::take).unwrap().unwrap();
    assert_eq!(slept.id, holds.id);
    let late = Err(Refusal::for_good("late"));
    app.assert_unchanged(|| db.system_now("a worker of the test", |tx| delivery::settle(tx, &slept, &late)).unwrap());
    // That it left is true whoever says so: nobody sends it again.
    db.system_now("a worker of the test", |tx| delivery::settle(tx, &slept, &Ok(()))).unwrap();
    assert_eq!(states(&app)[1], "sent 2 ");
    app.assert_unchanged(|| db.system_now("a worker of the test", |tx| delivery::settle(tx, &holds, &late)).unwrap());
}

#[test]
fn t62_a_worker_that_dies_before_it_says_so_sends_one_more_copy_at_most_with_the_same_id() {
    let app = TestApp::new();
    app.mail_server().next(&[Act::HangUp]);
    write(&app, |post| post);
    let first = app.send_mail();
    app.pass(TimeDelta::minutes(2));
    let second = app.send_mail();
    app.pass(TimeDelta::days(1));
    assert!((first.len(), second.len(), app.send_mail().len()) == (1, 1, 0));
    assert_eq!(first[0].header("Message-ID"), second[0].header("Message-ID"));
}

#[test]
fn t62_what_is_rolled_back_is_never_sent() {
    let app = TestApp::new();
    let letter = Letter::Test { when: "now".into() };
    let post = Post::to_account(letter, PIA.id.parse().unwrap(), PIA.email, PIA.name);
    let failed: Result<(), _> = app.inside().db.system_now("a test's letter", |tx| {
        outbox::queue(tx, &post)?;
        Err(portico::web::error::AppError::NotFound)
    });
    assert!(failed.is_err() && app.send_mail().is_empty());
}

#[test]
fn several_workers_at_once_send_each_letter_once() {
    let app = TestApp::new();
    for _ in 0..40 {
        write(&app, |post| post);
    }
    let other = app.another();
    let smtp = app.mail_server().config();
    std::thread::scope(|scope| {
        for instance in [&app, &other, &app, &other] {
            let worker = instance.worker(&smtp);
            scope.spawn(move || worker.run_once().unwrap());
        }
    });
    let letters = app.mail_server().take();
    let ids: std::collections::BTreeSet<String> = letters.iter().map(|letter| letter.header("Message-ID")).collect();
    assert_eq!((letters.len(), ids.len()), (40, 40));
    assert_eq!(app.database().value("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1"), "40");
}

#[test]
fn a_letter_that_is_taken_back_on_its_way_is_not_tried_again() {
    let app = TestApp::new();
    write(&app, |post| post);
    let db = &app.inside().db;
    let held = db.system_now("a worker of the test", delivery::take).unwrap().unwrap();
    app.database().run("UPDATE outbox SET state = 'withdrawn', last_error = 'A newer link was sent.'");
    db.system_now("a worker of the test", |tx| delivery::settle(tx, &held, &Err(Refusal::for_now("busy")))).unwrap();
    assert_eq!(states(&app), ["withdrawn 1 A newer link was sent."]);
    app.pass(TimeDelta::days(1));
    assert!(app.send_mail().is_empty());
}
