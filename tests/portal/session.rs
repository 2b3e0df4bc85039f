//! Signing in and out, and what a session is worth.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;

use crate::support::client::Visitor;
use crate::support::*;

const COOKIE: &str = "portico";

fn sign_in(visitor: &Visitor, email: &str, password: &str) -> Answer {
    visitor.post("/sign-in", &[("email", email), ("password", password), ("next", "/")])
}

#[test]
fn a_person_signs_in_sees_their_start_page_and_signs_out() {
    let app = TestApp::new();
    for (who, start) in [(SAM, "/"), (HANA, "/"), (PIA, "/"), (NILS, "/me")] {
        let visitor = app.as_(who);
        let leads_on = if start == "/" { "" } else { start };
        assert_eq!(visitor.get("/").location(), leads_on, "{}", who.name);
        let page = visitor.get(start);
        assert_eq!(page.status(), 200, "{}", who.name);
        assert!(page.text().contains(who.name));
        assert_eq!(visitor.post("/sign-out", &[]).location(), "/sign-in?out=1");
        assert!(visitor.get(start).asks_to_sign_in());
    }
}

#[test]
fn t14_every_refused_sign_in_looks_the_same() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", DORA.id));
    app.database().run(&format!("UPDATE users SET status = 'suspended' WHERE id = '{}'", UMA.id));
    let page = |email: &str, password: &str| {
        let answer = app.assert_unchanged(|| sign_in(&app.anonymous(), email, password));
        assert_eq!(answer.status(), 422, "{email}");
        assert_eq!(answer.header("set-cookie"), "", "{email}");
        assert_eq!(answer.form("form").value("email"), email, "what was typed is kept");
        assert!(!answer.text().contains(password), "a password is never sent back");
        answer.text().replace(email, "X")
    };
    let wrong = page(HANA.email, "not her password at all");
    for (email, password) in [
        ("nobody@nowhere.example", PASSWORD),
        (PAULA.email, PASSWORD),
        (DORA.email, PASSWORD),
        (UMA.email, PASSWORD),
        ("not an address", PASSWORD),
        ("hana@solstice.example,pia@kestrel.example", PASSWORD),
    ] {
        assert_eq!(page(email, password), wrong, "{email}");
    }
}

#[test]
fn t14_addresses_are_compared_without_case() {
    let app = TestApp::new();
    for typed in ["Hana@Solstice.EXAMPLE", "  hana@solstice.example "] {
        assert_eq!(sign_in(&app.anonymous(), typed, PASSWORD).status(), 303, "{typed}");
    }
    // Letters of other scripts that look the same are other letters.
    assert_eq!(sign_in(&app.anonymous(), "hаna@solstice.example", PASSWORD).status(), 422);
    // And a password is compared to the letter.
    for typed in ["Four unrelated words of mine", "four unrelated words of mine ", " four unrelated words of mine"] {
        assert_eq!(sign_in(&app.anonymous(), HANA.email, typed).status(), 422, "{typed:?}");
    }
}

#[test]
fn t15_each_sign_in_gives_a_new_session_and_the_old_one_is_dead() {
    let app = TestApp::new();
    let planted = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE";
    let visitor = app.anonymous();
    visitor.set_cookie(COOKIE, planted);
    assert_eq!(sign_in(&visitor, HANA.email, PASSWORD).status(), 303);
    let first = visitor.copy();
    assert_ne!(first.cookie(COOKIE).unwrap(), planted);
    assert_eq!(first.get("/partners").status(), 200);

    assert_eq!(sign_in(&visitor, HANA.email, PASSWORD).status(), 303);
    assert_ne!(visitor.cookie(COOKIE), first.cookie(COOKIE));
    assert_eq!(visitor.get("/partners").status(), 200);
    assert!(first.get("/partners").asks_to_sign_in());
    // Somebody else signs in with the browser that had a session.
    let second = visitor.copy();
    assert_eq!(sign_in(&visitor, PIA.email, PASSWORD).status(), 303);
    assert_ne!(visitor.cookie(COOKIE), second.cookie(COOKIE));
    assert_eq!(visitor.place(), "Kestrel Car Rental");
}

#[test]
fn t15_other_rights_come_with_another_token() {
    let app = TestApp::new();
    let dana = app.as_(DANA);
    let before = dana.copy();
    assert_eq!(dana.place(), "Kestrel Car Rental");
    let other = "52000000-0000-7000-8000-000000000003";
    assert_eq!(dana.post("/me/membership", &[("membership", other)]).status(), 303);
    assert_eq!(dana.place(), "Boreal Lodges");
    assert!(before.get("/partners/KESTREL").asks_to_sign_in(), "the old token is dead");

    let sam = app.as_(SAM);
    let before = sam.copy();
    assert_eq!(sam.post(&format!("/programs/{}/open", program::ALTURA), &[]).status(), 303);
    assert_eq!(sam.get("/partners/BOREAL").status(), 200);
    assert!(before.get("/partners").asks_to_sign_in(), "the old token is dead");
}

#[test]
fn t15_typing_the_password_gives_another_token() {
    let app = TestApp::new();
    for (path, fields) in [
        ("/me/second-factor", vec![("current_password", PASSWORD)]),
        ("/me/email", vec![("new_email", "pia.new@kestrel.example"), ("email_password", PASSWORD)]),
    ] {
        let pia = app.as_(PIA);
        let before = pia.copy();
        assert_eq!(pia.post(path, &fields).status(), 303, "{path}");
        assert_eq!(pia.get("/me").status(), 200);
        assert!(before.get("/me").asks_to_sign_in(), "{path}: the old token is dead");
    }
}

#[test]
fn signing_out_clears_what_the_browser_keeps() {
    let app = TestApp::new();
    assert_eq!(app.as_(PIA).post("/sign-out", &[]).header("clear-site-data"), "\"cache\"");
}

#[test]
fn t15_the_table_holds_no_token_and_the_cookie_cannot_be_read_by_scripts() {
    let app = TestApp::new();
    let visitor = app.anonymous();
    let answer = sign_in(&visitor, HANA.email, PASSWORD);
    let cookie = answer.headers("set-cookie").into_iter().find(|line| line.starts_with("portico=")).unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires") && !cookie.contains("Domain"), "{cookie}");
    let value = visitor.cookie(COOKIE).unwrap();
    let stored = app.database().values("SELECT to_jsonb(s) FROM sessions s").join("\n");
    assert!(!stored.contains(&value) && !stored.contains(HANA.email));
}

#[test]
fn t15_over_https_the_cookie_is_bound_to_the_host() {
    let app = TestApp::with(|config| config.http.base_url = Some("https://portal.example".into()));
    let answer = sign_in(&app.anonymous(), HANA.email, PASSWORD);
    let cookies = answer.headers("set-cookie");
    assert!(cookies.iter().any(|line| line.starts_with("__Host-portico=")), "{cookies:?}");
    assert!(cookies.iter().all(|line| line.starts_with("__Host-") && line.contains("Secure")), "{cookies:?}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
}

#[test]
fn t15_a_forged_or_foreign_cookie_is_no_session() {
    let app = TestApp::new();
    let other = TestApp::with(|config| config.secret_key = Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(3).into()));
    let hana = app.as_(HANA);
    let real = hana.cookie(COOKIE).unwrap();
    let mut changed = real.clone();
    let last = changed.pop().unwrap();
    changed.push(if last == 'A' { 'B' } else { 'A' });
    for value in ["", "x", "%00", &changed, &real[..real.len() / 2], &other.as_(HANA).cookie(COOKIE).unwrap()] {
        let thief = app.anonymous();
        thief.set_cookie(COOKIE, value);
        assert!(thief.get("/partners").asks_to_sign_in(), "{value}");
    }
}

#[test]
fn t06_t16_a_session_ends_at_the_next_request_whatever_ended_it() {
    for statement in [
        "UPDATE users SET status = 'deactivated' WHERE id = 'ID'",
        "UPDATE users SET status = 'suspended' WHERE id = 'ID'",
        "UPDATE users SET status = 'invited' WHERE id = 'ID'",
        "UPDATE users SET auth_version = auth_version + 1 WHERE id = 'ID'",
        "UPDATE sessions SET ended_at = created_at WHERE user_id = 'ID'",
        "DELETE FROM sessions WHERE user_id = 'ID'",
    ] {
        let app = TestApp::new();
        let pia = app.as_(PIA);
        assert_eq!(pia.get("/partners/KESTREL").status(), 200);
        app.database().run(&statement.replace("ID", PIA.id));
        let edit = [("version", "1"), ("support_phone", "+353 1 555 0199"), ("time_zone", "Europe/Dublin")];
        app.assert_unchanged(|| {
            assert!(pia.get("/partners/KESTREL").asks_to_sign_in(), "{statement}");
            let answer = pia.post_multipart("/partners/KESTREL/edit", &edit, None);
            assert!(answer.asks_to_sign_in(), "{statement}");
        });
    }
}

#[test]
fn t16_no_request_in_flight_brings_an_ended_session_back() {
    let app = TestApp::new();
    for round in 0..4 {
        let (hana, other) = (app.as_(HANA), app.as_(HANA));
        let (ended, done, late) = (AtomicBool::new(false), AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..50 {
                let (tab, ended, done, late) = (hana.copy(), &ended, &done, &late);
                scope.spawn(move || {
                    while !done.load(Ordering::SeqCst) {
                        let began_after = ended.load(Ordering::SeqCst);
                        // Some write the session's state: they leave a notice for the next page.
                        let answer = match number % 3 {
                            0 => tab.post("/partners/bulk", &[("act", "archival")]),
                            _ => tab.get("/partners/KESTREL"),
                        };
                        assert!(answer.status() < 500, "{}", answer.status());
                        if began_after && !answer.asks_to_sign_in() {
                            late.fetch_add(1, Ordering::SeqCst);
                        }
                        if began_after {
                            break;
                        }
                    }
                });
            }
            thread::sleep(Duration::from_millis(150));
            match round {
                0 => assert_eq!(hana.post("/sign-out", &[]).status(), 303),
                1 => assert_eq!(other.post("/me/sessions/end-others", &[]).status(), 303),
                2 => app
                    .database()
                    .run(&format!("UPDATE users SET auth_version = auth_version + 1 WHERE id = '{}'", HANA.id)),
                _ => app.database().run("DELETE FROM sessions"),
            }
            ended.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(200));
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(late.load(Ordering::SeqCst), 0, "round {round}");
        assert!(hana.get("/partners").asks_to_sign_in(), "round {round}");
    }
    // The last round deleted all rows: nothing was written back.
    assert_eq!(app.database().value("SELECT count(*) FROM sessions"), "0");
}

#[test]
fn t17_a_session_ends_after_an_hour_without_a_request() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for _ in 0..3 {
        app.pass(TimeDelta::minutes(59));
        assert_eq!(hana.get("/partners").status(), 200);
    }
    app.pass(TimeDelta::minutes(60) + TimeDelta::seconds(1));
    assert_eq!(hana.get("/partners?q=a%20b").location(), "/sign-in?next=%2Fpartners%3Fq%3Da%2520b");
}

#[test]
fn t17_a_session_ends_twelve_hours_after_sign_in_however_busy_it_was() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for _ in 0..23 {
        app.pass(TimeDelta::minutes(31));
        assert_eq!(hana.get("/partners").status(), 200, "{}", app.now());
    }
    app.pass(TimeDelta::minutes(7));
    assert!(hana.get("/partners").asks_to_sign_in());
}

#[test]
fn t17_what_was_typed_is_not_lost_without_a_word() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.pass(TimeDelta::hours(2));
    let form = [("version", "1"), ("name", "Kestrel")];
    let referer = format!("{}/partners/KESTREL/edit?x=1", app.base());
    let request = hana.request("POST", "/partners/KESTREL/edit").header("Referer", &referer).form(&form);
    let answer = hana.send(request);
    assert_eq!(answer.location(), "/sign-in?next=%2Fpartners%2FKESTREL%2Fedit%3Fx%3D1&lost=1");
    let page = hana.get(answer.location());
    assert!(page.first("[role=status]").contains("was not saved"), "{}", page.text());
    // After signing in they are where the form is.
    let next = page.form("form").value("next").to_owned();
    let back = hana.post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", &next)]);
    assert_eq!(back.location(), "/partners/KESTREL/edit?x=1");
    // A referer of another site leads nowhere else.
    let request = app.anonymous();
    let request =
        request.request("POST", "/settings").header("Referer", "https://evil.example//evil.example/x").form(&form);
    let answer = app.anonymous().send(request);
    assert_eq!(answer.location(), "/sign-in?next=%2F&lost=1");
}

#[test]
fn t17_t25_htmx_is_told_to_go_to_the_sign_in_page() {
    let app = TestApp::new();
    let answer = app.anonymous().get_part("/partners?q=x");
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.header("hx-redirect"), "/sign-in?next=%2Fpartners%3Fq%3Dx");
    assert_eq!(answer.text(), "");
}

#[test]
fn t18_the_eleventh_bad_sign_in_from_an_address_is_refused_for_five_minutes() {
    let app = TestApp::new();
    let known = app.as_(HANA);
    let stranger = app.anonymous();
    for number in 1..=10 {
        let email = format!("guess{number}@solstice.example");
        assert_eq!(sign_in(&stranger, &email, "a wrong password").status(), 422, "{number}");
    }
    let refused = sign_in(&stranger, "guess11@solstice.example", "a wrong password");
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.header("retry-after"), "300");
    assert!(refused.first("h1").contains("Too many tries"));
    // The right password does not help from there, and signed-in people notice nothing.
    assert_eq!(sign_in(&stranger, HANA.email, PASSWORD).status(), 429);
    assert_eq!(known.get("/partners").status(), 200);
    app.pass(TimeDelta::seconds(299));
    assert_eq!(sign_in(&stranger, HANA.email, PASSWORD).status(), 429);
    app.pass(TimeDelta::seconds(1));
    assert_eq!(sign_in(&stranger, HANA.email, PASSWORD).status(), 303);
}

#[test]
fn t18_guesses_at_one_account_from_many_addresses_lock_out_strangers_only() {
    let app = TestApp::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let from = |address: &str| app.anonymous().with_header("X-Forwarded-For", address);
    let known = from("198.51.100.1");
    assert_eq!(sign_in(&known, HANA.email, PASSWORD).status(), 303);
    known.post("/sign-out", &[]);
    for number in 1..=10 {
        assert_eq!(sign_in(&from(&format!("203.0.113.{number}")), HANA.email, "a wrong password").status(), 422);
    }
    // However it is written.
    for email in [HANA.email, "HANA@solstice.example", " hana@solstice.example"] {
        assert_eq!(sign_in(&from("203.0.113.99"), email, PASSWORD).status(), 429, "{email}");
    }
    assert_eq!(sign_in(&known, HANA.email, PASSWORD).status(), 303, "the rightful browser still gets in");
    // Her browser is no key to other accounts.
    for number in 1..=10 {
        assert_eq!(sign_in(&from(&format!("203.0.113.{number}")), PIA.email, "a wrong password").status(), 422);
    }
    assert_eq!(sign_in(&known, PIA.email, PASSWORD).status(), 429);
    app.pass(TimeDelta::minutes(5));
    assert_eq!(sign_in(&from("203.0.113.99"), HANA.email, PASSWORD).status(), 303, "no lockout beyond the window");
}

#[test]
fn t18_an_address_cannot_be_forged() {
    let app = TestApp::new();
    for number in 1..=10 {
        let visitor = app.anonymous().with_header("X-Forwarded-For", &format!("203.0.113.{number}"));
        assert_eq!(sign_in(&visitor, &format!("a{number}@x.example"), "a wrong password").status(), 422);
    }
    let visitor =
        app.anonymous().with_header("X-Forwarded-For", "203.0.113.77").with_header("Forwarded", "for=203.0.113.77");
    assert_eq!(sign_in(&visitor, "b@x.example", "a wrong password").status(), 429);
}

#[test]
fn t18_a_right_password_costs_no_try() {
    let app = TestApp::new();
    for _ in 0..15 {
        assert_eq!(sign_in(&app.anonymous(), HANA.email, PASSWORD).status(), 303);
    }
    assert!(app.database().values("SELECT key FROM attempts WHERE count > 0").is_empty());
    // And the table of tries knows nobody's address.
    sign_in(&app.anonymous(), HANA.email, "a wrong password");
    assert!(!app.database().values("SELECT key FROM attempts").join(" ").contains("hana"));
}

#[test]
fn t19_two_hundred_guesses_at_once_over_two_instances_cost_ten_hashes() {
    let one = TestApp::new();
    let two = one.another();
    let (refused, closed, busy) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..200 {
            let app = if number % 2 == 0 { &one } else { &two };
            let (refused, closed, busy) = (&refused, &closed, &busy);
            scope.spawn(move || {
                let status = sign_in(&app.anonymous(), HANA.email, &format!("guess number {number}")).status();
                match status {
                    422 => refused.fetch_add(1, Ordering::SeqCst),
                    429 => closed.fetch_add(1, Ordering::SeqCst),
                    503 => busy.fetch_add(1, Ordering::SeqCst),
                    other => panic!("{other}"),
                };
            });
        }
    });
    let (refused, closed, busy) = (refused.into_inner(), closed.into_inner(), busy.into_inner());
    assert!(refused <= 10, "{refused} were compared");
    assert_eq!(refused + closed + busy, 200);
    assert!(closed >= 100, "{refused} {closed} {busy}");
    assert_eq!(sign_in(&two.anonymous(), HANA.email, PASSWORD).status(), 429, "the limit is everybody's");
}

#[test]
fn t23_after_signing_in_nobody_is_sent_elsewhere() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for evil in [
        "//evil.example",
        "\\/evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "%0d%0aLocation:%20https://evil.example",
        "///evil.example",
        "/\t/evil.example",
        "",
        "evil.example",
        "@evil.example",
    ] {
        let answer = app.anonymous().post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", evil)]);
        assert_eq!((answer.status(), answer.location()), (303, "/"), "{evil:?}");
        let path = reqwest::Url::parse_with_params("http://x/sign-in", [("next", evil)]).unwrap();
        let path = format!("/sign-in?{}", path.query().unwrap());
        assert_eq!(app.anonymous().get(&path).form("form").value("next"), "/", "{evil:?}");
        assert_eq!(hana.get(&path).location(), "/", "{evil:?}");
        // Where they came from is no better a guide.
        let request = hana
            .request("POST", "/me/theme")
            .header("Referer", format!("https://evil.example/{}", evil.escape_default()));
        let to = hana.send(request.form(&[("theme", "dark")]));
        assert!(to.location().starts_with('/') && !to.location().starts_with("//"), "{evil:?} {}", to.location());
    }
    let good = app
        .anonymous()
        .post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", "/partners?q=a%20b")]);
    assert_eq!(good.location(), "/partners?q=a%20b");
}
