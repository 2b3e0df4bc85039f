//! Forgotten passwords: who gets a letter, what its link opens, and what it ends (T30, T33, T36–T41).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use portico::access::link::{self, Purpose};

use crate::support::*;

const NEW: &str = "quite another set of words";

/// A portal whose visitors say where they come from.
fn portal() -> TestApp {
    TestApp::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()])
}

fn from(app: &TestApp, address: &str) -> Visitor {
    app.anonymous().with_header("X-Forwarded-For", address)
}

fn ask(visitor: &Visitor, email: &str) -> Answer {
    visitor.post("/forgotten", &[("email", email)])
}

/// Asks for a link, and takes it from the letter.
fn link_of(app: &TestApp, who: Person) -> String {
    assert_eq!(ask(&app.anonymous(), who.email).status(), 200);
    app.newest_link("PasswordReset")
}

fn choose(visitor: &Visitor, password: &str) -> Answer {
    visitor.post("/reset", &[("new_password", password)])
}

fn signs_in(app: &TestApp, email: &str, password: &str) -> bool {
    app.anonymous().post("/sign-in", &[("email", email), ("password", password)]).status() == 303
}

#[track_caller]
fn is_dead(answer: &Answer) {
    assert_eq!(answer.status(), 410);
    assert_eq!(answer.first("h1"), "This link does not work");
}

#[test]
fn a_forgotten_password_is_replaced_by_the_link_of_a_letter() {
    let app = TestApp::new();
    assert_eq!(app.anonymous().get("/sign-in").attributes("main a", "href"), ["/forgotten"]);
    let hana = app.as_(HANA);
    let link = link_of(&app, HANA);
    let visitor = app.anonymous();
    let opened = visitor.get(&link);
    assert_eq!((opened.status(), opened.location()), (303, "/reset"), "the token leaves the address at once");
    let cookie = opened.header("set-cookie").to_owned();
    assert!(cookie.starts_with("portico-link=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let page = visitor.get("/reset");
    assert!(page.status() == 200 && page.text().contains(HANA.email));
    let done = choose(&visitor, NEW);
    assert_eq!(done.location(), "/sign-in?done=password");
    assert!(visitor.get("/sign-in?done=password").first("[role=status]").contains("new password counts"));
    // Nobody is signed in by it, and whoever was is not.
    assert!(visitor.get("/partners").asks_to_sign_in() && hana.get("/partners").asks_to_sign_in());
    assert!(visitor.cookie("portico-link").is_none());
    assert!(!signs_in(&app, HANA.email, PASSWORD) && signs_in(&app, HANA.email, NEW));
    let told = app.waiting("PasswordChanged");
    assert_eq!((told.len(), told[0].to.as_str()), (1, HANA.email));
    let lines = app.database().values(&format!(
        "SELECT concat_ws(' ', actor_name, actor_role, program_id) FROM activity WHERE kind = 'PasswordRecovered' AND actor_id = '{}'",
        HANA.id
    ));
    assert_eq!(lines, [format!("Hana Host By a link in a letter {}", program::SOLSTICE)]);
    assert!(app.as_(SAM).get("/activity").text().contains("chose a new password by a link"));
}

#[test]
fn t36_the_answer_is_the_same_whoever_has_the_address() {
    let app = portal();
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", DORA.id));
    app.database().run(&format!("UPDATE users SET status = 'suspended' WHERE id = '{}'", UMA.id));
    app.database().run(&format!("UPDATE users SET password_hash = NULL WHERE id = '{}'", OTTO.id));
    let known = ask(&from(&app, "198.51.100.1"), HANA.email);
    assert_eq!(known.status(), 200);
    let words = |answer: &Answer, email: &str| {
        let (mailbox, _) = email.split_once('@').unwrap();
        answer.text().replace(&email[mailbox.len()..], "@X").replace(mailbox, "X")
    };
    let headers = |answer: &Answer| answer.all_headers().iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let others = ["nobody@nowhere.example", DORA.email, UMA.email, PAULA.email, OTTO.email];
    for (at, email) in others.into_iter().enumerate() {
        let visitor = from(&app, &format!("198.51.100.{}", 10 + at));
        let answer = app.assert_unchanged(|| ask(&visitor, email));
        assert_eq!(answer.status(), 200, "{email}");
        assert_eq!(words(&answer, email), words(&known, HANA.email), "{email}");
        assert_eq!(headers(&answer), headers(&known), "{email}");
    }
    let letters = app.waiting("PasswordReset");
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), [HANA.email]);
}

#[test]
fn t36_the_database_does_the_same_whoever_has_the_address() {
    let app = portal();
    let database = app.database();
    // Rows written, those taken back again included: nothing else differs in what a stranger could time.
    let count =
        || database.value("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'outbox'").parse::<i64>().unwrap();
    let written = |email: &str, address: &str| {
        let before = count();
        ask(&from(&app, address), email);
        // A connection tells its counts at the end of its next transaction, once a second has passed.
        (0..20).find_map(|_| {
            thread::sleep(Duration::from_millis(500));
            app.anonymous().get("/link/x");
            Some(count() - before).filter(|rows| *rows > 0)
        })
    };
    assert_eq!(written(HANA.email, "198.51.100.1"), Some(1));
    assert_eq!(written("nobody@nowhere.example", "198.51.100.2"), Some(1), "a letter was written and taken back");
    assert_eq!(database.value("SELECT count(*) FROM outbox"), "1");
}

#[test]
fn t37_a_letter_goes_to_the_one_stored_address_only() {
    let app = portal();
    let forms: [&[(&str, &str)]; 9] = [
        &[("email", HANA.email), ("email", "eve@evil.example")],
        &[("email[]", HANA.email)],
        &[("email", "hana@solstice.example,eve@evil.example")],
        &[("email", "hana@solstice.example eve@evil.example")],
        &[("email", "hana@solstice.example\r\nBcc: eve@evil.example")],
        &[("email", "hana@sоlstice.example")],
        &[("email", "ｈana@solstice.example")],
        &[("email", "")],
        &[],
    ];
    let long = format!("{}@solstice.example", "a".repeat(300));
    for form in forms.into_iter().chain([&[("email", long.as_str())][..]]) {
        let answer = app.assert_unchanged(|| app.anonymous().post("/forgotten", form));
        assert_eq!(answer.status(), 422, "{form:?}");
        assert_ne!(answer.error_at("email"), "", "{form:?}");
    }
    assert_eq!(ask(&app.anonymous(), "  HANA@Solstice.Example ").status(), 200);
    let letters = app.waiting("PasswordReset");
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), [HANA.email]);
}

#[test]
fn t38_links_have_the_configured_base_whatever_the_request_says() {
    let app = TestApp::new();
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example;proto=https"),
        ("X-Forwarded-Proto", "https"),
    ] {
        let visitor = app.anonymous();
        visitor.send(visitor.request("POST", "/forgotten").header(name, value).form(&[("email", HANA.email)]));
    }
    let stored = app.database().values("SELECT to_jsonb(o) FROM outbox o").join("\n");
    assert!(!stored.is_empty() && !stored.contains("evil.example"));
    let letters = app.waiting("PasswordReset");
    assert!(
        letters.iter().all(|one| one.text.contains(&format!("{}/link/", app.base())) && !one.text.contains("evil"))
    );
}

#[test]
fn t33_looking_at_a_link_uses_nothing_up() {
    let app = TestApp::new();
    let link = link_of(&app, HANA);
    app.assert_unchanged(|| {
        let scanner = app.anonymous();
        for _ in 0..20 {
            assert_eq!(scanner.send(scanner.request("HEAD", &link)).status(), 303);
            assert_eq!(scanner.get(&link).location(), "/reset");
            assert_eq!(scanner.get("/reset").status(), 200);
        }
    });
    assert_eq!(choose(&app.opened(&link), NEW).status(), 303);
}

#[test]
fn t39_only_the_newest_link_works_and_only_once() {
    let app = TestApp::new();
    let first = link_of(&app, HANA);
    let second = link_of(&app, HANA);
    assert_ne!(first, second);
    let old = app.opened(&first);
    app.assert_unchanged(|| {
        is_dead(&old.get("/reset"));
        is_dead(&choose(&old, NEW));
    });
    let (visitor, other) = (app.opened(&second), app.opened(&second));
    assert_eq!(choose(&visitor, NEW).status(), 303);
    app.assert_unchanged(|| {
        for visitor in [&other, &app.opened(&second), &old] {
            is_dead(&visitor.get("/reset"));
            is_dead(&choose(visitor, "a third set of words"));
        }
    });
    assert!(signs_in(&app, HANA.email, NEW));
}

#[test]
fn t39_a_link_works_for_an_hour_to_the_moment() {
    for (after, works) in [
        (TimeDelta::minutes(60) - TimeDelta::microseconds(1), true),
        (TimeDelta::minutes(60), false),
        (TimeDelta::minutes(61), false),
    ] {
        let app = TestApp::new();
        let visitor = app.opened(&link_of(&app, HANA));
        app.pass(after);
        let answer = choose(&visitor, NEW);
        assert_eq!(answer.status(), if works { 303 } else { 410 }, "{after}");
        assert_eq!(signs_in(&app, HANA.email, NEW), works);
    }
}

#[test]
fn t39_whatever_changes_the_password_kills_the_links() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let reset = link_of(&app, HANA);
    let form = [("new_email", "hana@elsewhere.example"), ("email_password", PASSWORD)];
    assert_eq!(hana.post("/me/email", &form).status(), 303);
    let email = app.newest_link("EmailConfirmation");
    let form = [("current_password", PASSWORD), ("new_password", NEW)];
    assert_eq!(hana.post("/me/password", &form).status(), 303);
    is_dead(&app.opened(&reset).get("/reset"));
    hana.get(&email);
    is_dead(&hana.get("/email"));
    // And so does a reset.
    let form = [("new_email", "hana@elsewhere.example"), ("email_password", NEW)];
    assert_eq!(hana.post("/me/email", &form).status(), 303);
    let email = app.newest_link("EmailConfirmation");
    assert_eq!(choose(&app.opened(&link_of(&app, HANA)), "a third set of words").status(), 303);
    let again = app.anonymous();
    again.post("/sign-in", &[("email", HANA.email), ("password", "a third set of words"), ("next", "/")]);
    again.get(&email);
    app.assert_unchanged(|| is_dead(&again.post("/email", &[])));
}

#[test]
fn t39_an_account_that_was_closed_meanwhile_stays_closed() {
    for status in ["suspended", "deactivated"] {
        let app = TestApp::new();
        let visitor = app.opened(&link_of(&app, HANA));
        app.database().run(&format!("UPDATE users SET status = '{status}' WHERE id = '{}'", HANA.id));
        app.assert_unchanged(|| {
            is_dead(&visitor.get("/reset"));
            is_dead(&choose(&visitor, NEW));
        });
    }
}

#[test]
fn t31_a_link_of_another_kind_person_or_key_opens_nothing() {
    let app = TestApp::new();
    link_of(&app, HANA);
    let uuid = |who: Person| who.id.parse().unwrap();
    let key = app.inside().key.clone();
    for token in [
        link::token(&key, Purpose::Email, uuid(HANA), 1, HANA.email),
        link::token(&key, Purpose::Invitation, uuid(HANA), 1, HANA.email),
        link::token(&key, Purpose::Reset, uuid(PIA), 1, PIA.email),
        link::token(&key, Purpose::Reset, uuid(HANA), 2, HANA.email),
        link::token(&key, Purpose::Reset, uuid(HANA), 1, PIA.email),
        link::token(b"another key", Purpose::Reset, uuid(HANA), 1, HANA.email),
    ] {
        // Straight to the page, past `/link`.
        let visitor = app.anonymous();
        visitor.set_cookie("portico-link", &token);
        app.assert_unchanged(|| {
            is_dead(&visitor.get("/reset"));
            is_dead(&choose(&visitor, NEW));
        });
    }
}

#[test]
fn t30_fifty_at_once_with_one_link_set_one_password() {
    let app = TestApp::new();
    let two = app.another();
    let link = link_of(&app, HANA);
    let set = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..50 {
            let (app, link, set) = (if number % 2 == 0 { &app } else { &two }, &link, &set);
            scope.spawn(move || {
                let answer = choose(&app.opened(link), &format!("the words of number {number}"));
                match answer.status() {
                    303 => set.fetch_add(1, Ordering::SeqCst),
                    // Too many passwords wait to be hashed, or the link was used.
                    410 | 503 => 0,
                    other => panic!("{other}"),
                };
            });
        }
    });
    assert_eq!(set.into_inner(), 1);
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'PasswordRecovered'"), "1");
    assert_eq!(app.waiting("PasswordChanged").len(), 1);
}

#[test]
fn t13_a_new_password_keeps_the_rules_and_a_refused_one_costs_nothing() {
    let app = TestApp::new();
    let visitor = app.opened(&link_of(&app, PIA));
    for (password, says) in [
        ("short", "at least 8"),
        ("password1234", "among the first"),
        ("kestrel rides at night", "kestrel"),
        ("solstice rides at night", "solstice"),
        ("partner of four words", "partner"),
        ("", "at least 8"),
    ] {
        let answer = app.assert_unchanged(|| choose(&visitor, password));
        assert_eq!(answer.status(), 422, "{password}");
        assert!(answer.error_at("new_password").to_lowercase().contains(says), "{password}");
        assert!(password.is_empty() || !answer.text().contains(password));
    }
    assert_eq!(choose(&visitor, NEW).status(), 303);
}

#[test]
fn t40_five_letters_a_day_for_an_address_known_or_not() {
    for email in [HANA.email, "nobody@nowhere.example"] {
        let app = portal();
        for number in 1..=5 {
            assert_eq!(ask(&from(&app, &format!("198.51.100.{number}")), email).status(), 200, "{email} {number}");
        }
        let refused = app.assert_unchanged(|| ask(&from(&app, "198.51.100.9"), email));
        assert_eq!(refused.status(), 429, "{email}");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 3600);
        assert!(app.waiting("PasswordReset").len() <= 5);
        app.pass(TimeDelta::days(1));
        assert_eq!(ask(&from(&app, "198.51.100.9"), email).status(), 200, "{email}");
    }
}

#[test]
fn t40_three_letters_at_once_from_a_network_then_one_each_twenty_minutes() {
    let app = portal();
    let two = app.another();
    let asked =
        |app: &TestApp, number: usize| ask(&from(app, "2001:db8:1:2::5"), &format!("a{number}@x.example")).status();
    // Another address of the same customer is the same network.
    assert_eq!((1..=3).map(|number| asked(&app, number)).collect::<Vec<_>>(), [200, 200, 200]);
    let refused = ask(&from(&app, "2001:db8:1:2:ffff::7"), HANA.email);
    assert_eq!((refused.status(), refused.header("retry-after")), (429, "1200"));
    assert_eq!(ask(&from(&app, "2001:db8:1:3::7"), HANA.email).status(), 200);
    drop(two);
    app.pass(TimeDelta::seconds(1199));
    assert_eq!(asked(&app, 4), 429);
    app.pass(TimeDelta::seconds(1));
    assert_eq!((asked(&app, 5), asked(&app, 6)), (200, 429));
    app.pass(TimeDelta::minutes(45));
    assert_eq!((asked(&app, 7), asked(&app, 8), asked(&app, 9)), (200, 200, 429));
}

#[test]
fn t40_twenty_guesses_at_links_an_hour() {
    let app = TestApp::new();
    let real = link_of(&app, HANA);
    let forged = link::token(b"not the key", Purpose::Reset, HANA.id.parse().unwrap(), 1, HANA.email);
    let guesser = app.anonymous();
    for number in 0..20 {
        let guess = if number % 2 == 0 { format!("/link/{forged}") } else { format!("/link/guess{number}") };
        let answer = guesser.get(&guess);
        assert_eq!((answer.status(), answer.location()), (303, "/link"), "{number}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    is_dead(&guesser.get("/link"));
    assert_eq!(guesser.get(&format!("/link/{forged}")).status(), 429);
    assert_eq!(guesser.get(&real).location(), "/reset", "a real link is no guess");
    app.pass(TimeDelta::hours(1));
    assert_eq!(guesser.get(&format!("/link/{forged}")).location(), "/link");
}

#[test]
fn an_administrator_sends_a_link_and_never_sees_it() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let address = format!("/partners/KESTREL/users/{}/reset", PIA.membership());
    let page = hana.get(&address);
    assert!(page.text().contains("2 hours") && page.actions().contains(&address));
    let sent = hana.post(&address, &[]);
    assert_eq!(sent.location(), "/partners/KESTREL/users");
    let link = app.newest_link("PasswordReset");
    let shown = hana.get("/partners/KESTREL/users").text() + &hana.get("/activity").text() + &sent.text();
    assert!(shown.contains("on its way to pia@kestrel.example") && !shown.contains(&link));
    assert!(app.waiting("PasswordReset")[0].text.contains("Hana Host sends you a way back"));
    assert_eq!(app.database().value("SELECT partner_id FROM outbox"), partner::KESTREL);
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'ResetSent'"), "1");
    app.pass(TimeDelta::minutes(119));
    assert_eq!(choose(&app.opened(&link), NEW).status(), 303);
    assert!(signs_in(&app, PIA.email, NEW));
    // Five a day.
    let hana = app.as_(HANA);
    for status in [303, 303, 303, 303, 429] {
        assert_eq!(hana.post(&address, &[]).status(), status);
    }
}

#[test]
fn t36_who_never_had_a_password_gets_one_by_an_administrator_only() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES ('{}', '{}', '{}', '{}', 'user', '2026-03-01Z')",
        PAULA.membership(), program::SOLSTICE, partner::KESTREL, PAULA.id
    ));
    app.assert_unchanged(|| assert_eq!(ask(&app.anonymous(), PAULA.email).status(), 200));
    let address = format!("/partners/KESTREL/users/{}/reset", PAULA.membership());
    assert_eq!(app.as_(HANA).post(&address, &[]).status(), 303);
    assert_eq!(choose(&app.opened(&app.newest_link("PasswordReset")), NEW).status(), 303);
    assert!(signs_in(&app, PAULA.email, NEW));
}

#[test]
fn t08_a_reset_of_a_system_administrator_and_of_a_closed_account_is_refused() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES ('{}', '{}', '{}', '{}', 'user', '2026-03-01Z');
         UPDATE users SET status = 'suspended' WHERE id = '{}'; UPDATE users SET second_factor_at = now() WHERE id = '{}'",
        SAM.membership(), program::SOLSTICE, partner::KESTREL, SAM.id, UMA.id, SAM.id
    ));
    let hana = app.as_(HANA);
    app.assert_unchanged(|| {
        for step in ["reset", "second-factor/off"] {
            let address = format!("/partners/KESTREL/users/{}/{step}", SAM.membership());
            assert_eq!((hana.get(&address).status(), hana.post(&address, &[]).status()), (403, 403), "{step}");
        }
        let address = format!("/partners/KESTREL/users/{}/reset", UMA.membership());
        let refused = hana.post(&address, &[]);
        assert_eq!((hana.get(&address).status(), refused.status()), (409, 409));
        assert!(refused.text().contains("suspended"));
    });
}
