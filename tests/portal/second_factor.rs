//! The second factor: setting it up, signing in with it, losing it (T15, T19, T20, T24, T41).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use totp_rs::{Builder, Secret};

use crate::support::*;

/// Somebody's app.
struct Phone(Secret);

impl Phone {
    fn at(&self, moment: DateTime<Utc>) -> String {
        let totp = Builder::new().with_secret(self.0.clone()).build_noncompliant();
        totp.generate(u64::try_from(moment.timestamp()).unwrap()).to_string()
    }

    /// The code of now.
    fn code(&self, app: &TestApp) -> String {
        self.at(app.now())
    }
}

fn begin(visitor: &Visitor) -> Phone {
    let answer = visitor.post("/me/second-factor", &[("current_password", PASSWORD)]);
    assert_eq!(answer.location(), "/me/second-factor");
    let page = visitor.get("/me/second-factor");
    assert!(page.count("svg.qr path") == 1);
    Phone(Secret::try_from_base32(page.first("#secret").replace(' ', "")).unwrap())
}

/// Sets an app up: the phone and the recovery codes. The code of this moment is used up by it.
fn set_up(app: &TestApp, visitor: &Visitor) -> (Phone, Vec<String>) {
    let phone = begin(visitor);
    let page = visitor.post("/me/second-factor/confirm", &[("code", &phone.code(app))]);
    assert_eq!(page.status(), 200, "{}", page.text());
    let codes = page.texts(".codes code");
    assert_eq!(codes.len(), 10);
    (phone, codes)
}

/// Somebody whose password was right.
fn half_way(app: &TestApp, who: Person) -> Visitor {
    let visitor = app.anonymous();
    let form = [("email", who.email), ("password", PASSWORD), ("next", "/partners?q=a")];
    assert_eq!(visitor.post("/sign-in", &form).location(), "/sign-in/code");
    visitor
}

fn enter(visitor: &Visitor, code: &str) -> Answer {
    visitor.post("/sign-in/code", &[("code", code)])
}

fn step(app: &TestApp) {
    app.pass(TimeDelta::seconds(30));
}

#[test]
fn t24_signing_in_asks_for_a_code_that_counts_once() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let (phone, _) = set_up(&app, &hana);
    assert!(hana.get("/me/second-factor").text().contains("10 of 10 recovery codes left"));
    let used = phone.code(&app);

    let visitor = half_way(&app, HANA);
    assert!(visitor.cookie("portico").is_none(), "no session between the steps");
    assert!(visitor.get("/partners").asks_to_sign_in());
    let page = visitor.get("/sign-in/code");
    assert_eq!(page.attributes("[name=code]", "autocomplete"), ["one-time-code"]);
    let refused = app.assert_unchanged(|| enter(&visitor, &used));
    assert_eq!(refused.status(), 422, "the code of the set-up was used");
    assert!(refused.error_at("code").contains("does not fit"));

    // One step ahead and one behind are taken, two are not.
    step(&app);
    step(&app);
    for (shift, fits) in [(-60, false), (60, false), (-30, true)] {
        let code = phone.at(app.now() + TimeDelta::seconds(shift));
        assert_eq!(enter(&visitor.copy(), &code).status(), if fits { 303 } else { 422 }, "{shift}");
    }
    app.pass(TimeDelta::minutes(5));
    let ahead = phone.at(app.now() + TimeDelta::seconds(30));
    let answer = enter(&visitor, &ahead);
    assert_eq!((answer.status(), answer.location()), (303, "/partners?q=a"));
    assert_eq!(visitor.get("/partners").status(), 200);
    // It, and those before it, are refused from now on.
    let late = half_way(&app, HANA);
    for code in [ahead, phone.code(&app)] {
        app.assert_unchanged(|| assert_eq!(enter(&late, &code).status(), 422));
    }
    step(&app);
    step(&app);
    assert_eq!(enter(&late, &phone.code(&app)).status(), 303);
}

#[test]
fn t24_a_recovery_code_signs_in_once() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let (_, codes) = set_up(&app, &hana);
    assert_eq!(enter(&half_way(&app, HANA), &codes[0].to_lowercase().replace('-', " ")).status(), 303);
    app.assert_unchanged(|| assert_eq!(enter(&half_way(&app, HANA), &codes[0]).status(), 422));
    assert!(hana.get("/me/second-factor").text().contains("9 of 10 recovery codes left"));
    // Another's code is none.
    let (_, other) = set_up(&app, &app.as_(PIA));
    app.assert_unchanged(|| assert_eq!(enter(&half_way(&app, HANA), &other[0]).status(), 422));
}

#[test]
fn t24_one_code_at_the_same_moment_is_one_session() {
    let app = TestApp::new();
    let two = app.another();
    let (phone, codes) = set_up(&app, &app.as_(HANA));
    step(&app);
    for code in [phone.code(&app), codes[0].clone()] {
        let visitor = half_way(&app, HANA);
        let (there, base) = (AtomicUsize::new(0), [&app, &two]);
        // Known browsers, five at the most: more would meet the limit.
        thread::scope(|scope| {
            for number in 0..4 {
                let (tab, code, there, app) = (visitor.copy(), &code, &there, base[number % 2]);
                scope.spawn(move || {
                    let elsewhere = app.anonymous();
                    elsewhere.set_cookie("portico-code", &tab.cookie("portico-code").unwrap());
                    match enter(&elsewhere, code).status() {
                        303 => there.fetch_add(1, Ordering::SeqCst),
                        422 => 0,
                        other => panic!("{other}"),
                    };
                });
            }
        });
        assert_eq!(there.into_inner(), 1);
        app.pass(TimeDelta::minutes(5));
    }
}

#[test]
fn t24_t40_five_guesses_in_five_minutes_twenty_an_hour_fifty_a_day() {
    let app = TestApp::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let (phone, _) = set_up(&app, &app.as_(HANA));
    let guesses = |number: usize| {
        (0..number)
            .map(|_| enter(&half_way(&app, HANA).with_header("X-Forwarded-For", "198.51.100.1"), "000000").status())
            .collect::<Vec<_>>()
    };
    assert_eq!(guesses(6), [422, 422, 422, 422, 422, 429]);
    let visitor = half_way(&app, HANA);
    assert_eq!(enter(&visitor, &phone.code(&app)).header("retry-after"), "300");
    let mut tries = 5;
    for minutes in 1..=14 {
        app.pass(TimeDelta::minutes(5));
        let taken = guesses(6).iter().filter(|status| **status == 422).count();
        tries += taken;
        assert!(tries <= if minutes < 12 { 20 } else { 40 }, "{minutes} {tries}");
    }
    for _ in 0..40 {
        app.pass(TimeDelta::minutes(20));
        tries += guesses(6).iter().filter(|status| **status == 422).count();
    }
    assert_eq!(tries, 50, "in the first fourteen hours");
    app.pass(TimeDelta::days(1));
    assert_eq!(enter(&half_way(&app, HANA), &phone.code(&app)).status(), 303, "no lockout beyond the day");
}

#[test]
fn t18_strangers_with_the_password_lock_out_strangers_only() {
    let app = TestApp::new();
    let known = app.as_(HANA);
    let (phone, _) = set_up(&app, &known);
    for _ in 0..5 {
        assert_eq!(enter(&half_way(&app, HANA), "000000").status(), 422);
    }
    step(&app);
    assert_eq!(enter(&half_way(&app, HANA), &phone.code(&app)).status(), 429);
    known.post("/sign-out", &[]);
    known.post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", "/")]);
    assert_eq!(enter(&known, &phone.code(&app)).status(), 303);
}

#[test]
fn t19_two_hundred_guesses_at_once_over_two_instances_compare_five() {
    let one = TestApp::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let two = one.another();
    set_up(&one, &one.as_(HANA));
    let visitor = half_way(&one, HANA);
    let claim = visitor.cookie("portico-code").unwrap();
    let (refused, closed, busy) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..200 {
            let app = if number % 2 == 0 { &one } else { &two };
            let (claim, refused, closed, busy) = (&claim, &refused, &closed, &busy);
            scope.spawn(move || {
                let guesser = app.anonymous().with_header("X-Forwarded-For", &format!("198.51.100.{number}"));
                guesser.set_cookie("portico-code", claim);
                match enter(&guesser, &format!("{number:06}")).status() {
                    422 => refused.fetch_add(1, Ordering::SeqCst),
                    429 => closed.fetch_add(1, Ordering::SeqCst),
                    503 => busy.fetch_add(1, Ordering::SeqCst),
                    other => panic!("{other}"),
                };
            });
        }
    });
    let (refused, closed, busy) = (refused.into_inner(), closed.into_inner(), busy.into_inner());
    assert!(refused <= 5, "{refused} were compared");
    assert_eq!(refused + closed + busy, 200);
    assert!(closed >= 100, "{refused} {closed} {busy}");
}

#[test]
fn t15_each_step_has_its_own_token_and_old_sessions_of_the_browser_die() {
    let app = TestApp::new();
    let visitor = app.as_(HANA);
    let before = visitor.copy();
    let (phone, _) = set_up(&app, &visitor);
    assert!(before.get("/me").asks_to_sign_in(), "set-up gives another token");
    let between = visitor.copy();
    visitor.post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", "/")]);
    assert!(between.get("/me").asks_to_sign_in() && visitor.get("/me").asks_to_sign_in());
    visitor.set_cookie("portico", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE");
    step(&app);
    let answer = enter(&visitor, &phone.code(&app));
    assert_eq!(answer.location(), "/");
    assert_ne!(visitor.cookie("portico").unwrap(), "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE");
    assert!(visitor.cookie("portico-code").is_none(), "the first step is over");
    assert_eq!(visitor.get("/me").status(), 200);
}

#[test]
fn t24_the_second_step_needs_the_first_and_ends_with_it() {
    let app = TestApp::new();
    let (phone, _) = set_up(&app, &app.as_(HANA));
    let late = |visitor: &Visitor| {
        step(&app);
        let code = phone.code(&app);
        app.assert_unchanged(|| {
            assert_eq!(enter(visitor, &code).location(), "/sign-in?done=late");
            assert!(visitor.get("/me").asks_to_sign_in());
        });
    };
    late(&app.anonymous());
    let forged = app.anonymous();
    forged.set_cookie("portico-code", &format!("{}.1.99999999999.Lw.AAAA", HANA.id));
    late(&forged);
    let slow = half_way(&app, HANA);
    app.pass(TimeDelta::minutes(10));
    late(&slow);
    for change in [
        "UPDATE users SET auth_version = auth_version + 1 WHERE id = 'ID'",
        "UPDATE users SET status = 'suspended' WHERE id = 'ID'",
        "UPDATE users SET status = 'active', second_factor_at = NULL WHERE id = 'ID'",
    ] {
        let visitor = half_way(&app, HANA);
        app.database().run(&change.replace("ID", HANA.id));
        late(&visitor);
        app.database()
            .run(&format!("UPDATE users SET status = 'active', second_factor_at = now() WHERE id = '{}'", HANA.id));
    }
}

#[test]
fn t39_a_new_password_by_a_link_is_still_asked_for_a_code() {
    let app = TestApp::new();
    let (phone, _) = set_up(&app, &app.as_(HANA));
    app.anonymous().post("/forgotten", &[("email", HANA.email)]);
    let visitor = app.opened(&app.newest_link("PasswordReset"));
    assert_eq!(visitor.post("/reset", &[("new_password", "quite another set of words")]).status(), 303);
    let form = [("email", HANA.email), ("password", "quite another set of words"), ("next", "/")];
    assert_eq!(visitor.post("/sign-in", &form).location(), "/sign-in/code");
    assert!(visitor.get("/me").asks_to_sign_in());
    step(&app);
    assert_eq!(enter(&visitor, &phone.code(&app)).status(), 303);
}

#[test]
fn t20_every_change_asks_for_what_is_known_ends_other_sessions_and_is_told() {
    let app = TestApp::new();
    let (hana, tab) = (app.as_(HANA), app.as_(HANA));
    app.assert_unchanged(|| {
        for password in ["", "not her password"] {
            let answer = hana.post("/me/second-factor", &[("current_password", password)]);
            assert_eq!(answer.status(), 422);
            assert_ne!(answer.error_at("current_password"), "");
        }
        assert_eq!(hana.post("/me/second-factor/confirm", &[("code", "123456")]).status(), 409);
    });
    let phone = begin(&hana);
    app.assert_unchanged(|| {
        assert_eq!(hana.post("/me/second-factor/confirm", &[("code", "")]).status(), 422);
        let wrong = phone.at(app.now() + TimeDelta::minutes(5));
        assert_eq!(hana.post("/me/second-factor/confirm", &[("code", &wrong)]).status(), 422);
    });
    assert_eq!(hana.post("/me/second-factor/confirm", &[("code", &phone.code(&app))]).status(), 200);
    assert!(tab.get("/me").asks_to_sign_in(), "other sessions end");

    step(&app);
    let code = phone.code(&app);
    for path in ["/me/second-factor/codes", "/me/second-factor/off"] {
        app.assert_unchanged(|| {
            for (password, code, field) in [
                (PASSWORD, "", "code"),
                (PASSWORD, "000000", "code"),
                ("not her password", code.as_str(), "current_password"),
                ("", code.as_str(), "current_password"),
            ] {
                let answer = hana.post(path, &[("current_password", password), ("code", code)]);
                assert_eq!(answer.status(), 422, "{path}");
                assert_ne!(answer.error_at(field), "", "{path} {field}");
            }
        });
    }
    assert_eq!(hana.post("/me/second-factor", &[("current_password", PASSWORD)]).status(), 409, "one is in use");
    let page = hana.post("/me/second-factor/codes", &[("current_password", PASSWORD), ("code", &code)]);
    assert_eq!((page.status(), page.texts(".codes code").len()), (200, 10));
    step(&app);
    let form = [("current_password", PASSWORD), ("code", &phone.code(&app))];
    assert_eq!(hana.post("/me/second-factor/off", &form).location(), "/me/second-factor");
    assert_eq!(app.as_(HANA).get("/partners").status(), 200, "the password alone does");
    assert_eq!(app.database().value("SELECT count(*) FROM recovery_codes"), "0");
    let told: Vec<String> = app.waiting("SecondFactorChanged").into_iter().map(|letter| letter.text).collect();
    for (letter, what) in told.iter().zip(["switched on", "given new recovery codes", "switched off"]) {
        assert!(letter.contains(what), "{letter}");
    }
    assert_eq!(told.len(), 3);
    let kinds = app.database().values("SELECT kind FROM activity WHERE kind ~ 'Second|Recovery' ORDER BY id");
    assert_eq!(kinds, ["SecondFactorOn", "RecoveryCodesRenewed", "SecondFactorOff"]);
}

#[test]
fn an_app_that_was_begun_can_be_begun_anew_and_runs_out() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let (first, second) = (begin(&hana), begin(&hana));
    let confirm = |phone: &Phone| hana.post("/me/second-factor/confirm", &[("code", &phone.code(&app))]).status();
    app.assert_unchanged(|| assert_eq!(confirm(&first), 422));
    app.pass(TimeDelta::minutes(30));
    app.assert_unchanged(|| assert_eq!(confirm(&second), 409));
    assert_eq!(hana.get("/me/second-factor").count("svg.qr"), 0);
    assert!(app.as_(HANA).get("/me").status() == 200, "half set up it asks for no code");
}

#[test]
fn a_role_can_ask_for_a_second_factor() {
    let app = TestApp::new();
    let (hana, pia, cleo) = (app.as_(HANA), app.as_(PIA), app.as_(CLEO));
    let form = hana.get("/settings").form("form[action=\"/settings\"]").with("second_factor", "partner-admin");
    assert_eq!(hana.post("/settings", &form.pairs()).location(), "/settings");
    assert_eq!(
        app.database().value("SELECT second_factor_roles FROM programs WHERE code = 'SOLSTICE'"),
        "[\"partner-admin\"]"
    );
    assert!(hana.get("/activity").text().contains("Second factor"));
    assert!(hana.get("/settings").attributes("[name=second_factor][checked]", "value") == ["partner-admin"]);
    assert_eq!(cleo.get("/partners").status(), 200, "another role");

    // From the next request on she reaches her own account, and nothing else.
    assert_eq!(pia.get("/partners/KESTREL").location(), "/me/second-factor");
    let htmx = pia.get_part("/partners/KESTREL/users");
    assert_eq!((htmx.status(), htmx.header("hx-redirect")), (403, "/me/second-factor"));
    for path in [
        "/partners",
        "/partners/KESTREL/users",
        "/partners/KESTREL/activity",
        "/partners/export.csv",
        "/search?q=kestrel",
    ] {
        assert_eq!(pia.get(path).location(), "/me/second-factor", "{path}");
    }
    let edit = [("version", "1"), ("support_phone", "+353 1 555 0199"), ("time_zone", "Europe/Dublin")];
    let refused = app.assert_unchanged(|| pia.post_multipart("/partners/KESTREL/edit", &edit, None));
    assert!(refused.status() == 403 && refused.first("h1").contains("second factor"));
    assert!(
        pia.get("/me/second-factor")
            .first("[role=status]")
            .contains("Your role, Partner admin, asks for a second factor")
    );
    for path in ["/me", "/help", "/me/second-factor"] {
        assert_eq!(pia.get(path).status(), 200, "{path}");
    }
    set_up(&app, &pia);
    assert_eq!(pia.get("/partners/KESTREL").status(), 200);
    let other = app.as_(DORA);
    assert_eq!(other.get("/").location(), "/me/second-factor");
    assert_eq!(other.get("/partners/KESTREL").location(), "/me/second-factor");
    assert_eq!(other.post("/sign-out", &[]).location(), "/sign-in?out=1");
}

#[test]
fn roles_that_are_none_are_refused_in_the_settings() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for bad in ["system-admin", "custom", "nonsense"] {
        let form = hana.get("/settings").form("form[action=\"/settings\"]").with("second_factor", bad);
        let answer = app.assert_unchanged(|| hana.post("/settings", &form.pairs()));
        assert_eq!(answer.status(), 422, "{bad}");
    }
}

#[test]
fn system_administrators_are_asked_by_the_configuration() {
    let app = TestApp::with(|config| config.session.system_second_factor = true);
    let (sam, hana) = (app.as_(SAM), app.as_(HANA));
    assert_eq!(sam.get("/partners").location(), "/me/second-factor");
    assert_eq!(app.assert_unchanged(|| sam.post(&format!("/programs/{}/open", program::ALTURA), &[])).status(), 403);
    assert_eq!(hana.get("/partners").status(), 200);
    set_up(&app, &sam);
    assert_eq!(sam.get("/partners").status(), 200);
}

#[test]
fn t08_an_administrator_switches_a_lost_one_off_and_it_is_told() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let off = |who: Person, code: &str| format!("/partners/{code}/users/{}/second-factor/off", who.membership());
    let address = off(PIA, "KESTREL");
    app.assert_unchanged(|| assert_eq!(hana.post(&address, &[]).status(), 409, "there is none"));
    set_up(&app, &pia);
    let (half, dora) = (half_way(&app, PIA), app.as_(DORA));
    app.assert_unchanged(|| {
        assert_eq!(dora.post(&address, &[]).status(), 403, "a partner admin may not");
        assert_eq!(hana.get(&address).status(), 200);
    });
    assert_eq!(hana.post(&address, &[]).location(), "/partners/KESTREL/users");
    assert!(pia.get("/me").asks_to_sign_in());
    assert_eq!(half.get("/sign-in/code").status(), 200);
    assert_eq!(enter(&half, "123456").location(), "/sign-in?done=late");
    assert_eq!(app.as_(PIA).get("/partners/KESTREL").status(), 200, "the password alone does");
    let told = app.waiting("SecondFactorChanged").pop().unwrap();
    assert!(told.to == PIA.email && told.text.contains("switched off by Hana Host"));
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'SecondFactorReset'"), "1");
    // One's own asks for a code, and who works elsewhere too is a system administrator's matter.
    set_up(&app, &hana);
    set_up(&app, &app.as_(DANA));
    app.assert_unchanged(|| {
        assert_eq!(hana.post(&off(HANA, "SOLHQ"), &[]).status(), 403);
        assert_eq!(hana.post(&off(DANA, "KESTREL"), &[]).status(), 403);
    });
    assert_eq!(app.as_(SAM).post(&off(DANA, "KESTREL"), &[]).status(), 303);
}

#[test]
fn t41_no_table_holds_a_password_a_code_a_key_or_a_token() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let phone = begin(&hana);
    let key = phone.0.to_base32();
    let page = hana.post("/me/second-factor/confirm", &[("code", &phone.code(&app))]);
    let codes = page.texts(".codes code");
    hana.post("/me/email", &[("new_email", "hana@new.example"), ("email_password", PASSWORD)]);
    hana.post("/forgotten", &[("email", HANA.email)]);
    let planted = "a planted password of hers";
    let (reset, email) = (app.newest_link("PasswordReset"), app.newest_link("EmailConfirmation"));
    let visitor = app.opened(&reset);
    assert_eq!(visitor.post("/reset", &[("new_password", planted)]).status(), 303);
    visitor.post("/sign-in", &[("email", HANA.email), ("password", planted), ("next", "/")]);
    let half = visitor.cookie("portico-code").unwrap();
    assert_eq!(enter(&visitor, &codes[0]).status(), 303);
    app.opened(&email);

    let tables = app.database().values("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    let dump: String = tables
        .iter()
        .flat_map(|table| app.database().values(&format!("SELECT to_jsonb(t) FROM {table} t")))
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    assert!(dump.contains("hana@solstice.example") && dump.contains("argon2id"), "it is a dump");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let plain = codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]);
    let token = |link: &str| link.trim_start_matches("/link/").to_owned();
    let secrets =
        [planted.to_owned(), PASSWORD.to_owned(), key, hex(phone.0.as_bytes()), token(&reset), token(&email), half];
    for secret in secrets.into_iter().chain(plain) {
        assert!(!dump.contains(&secret.to_lowercase()), "{secret}");
    }
}

#[test]
fn the_page_with_recovery_codes_loaded_anew_says_where_to_get_new_ones() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let (phone, _) = set_up(&app, &hana);
    let again = app.assert_unchanged(|| hana.post("/me/second-factor/confirm", &[("code", &phone.code(&app))]));
    assert_eq!((again.status(), again.count(".codes")), (200, 0));
    assert!(again.text().contains("The recovery codes were shown already"));
    assert!(again.attributes("main a", "href").contains(&"/me/second-factor".to_owned()));
}

#[test]
fn t20_a_used_recovery_code_is_told_to_its_owner() {
    let app = TestApp::new();
    let (phone, codes) = set_up(&app, &app.as_(HANA));
    step(&app);
    assert_eq!(enter(&half_way(&app, HANA), &phone.code(&app)).status(), 303);
    assert!(app.waiting("RecoveryCodeUsed").is_empty(), "a code of the app is no news");
    assert_eq!(enter(&half_way(&app, HANA), "aaaa-aaaa-aaaa-aaaa").status(), 422);
    assert_eq!(enter(&half_way(&app, HANA), &codes[3]).status(), 303);
    let told = app.waiting("RecoveryCodeUsed");
    assert_eq!((told.len(), told[0].to.as_str()), (1, HANA.email));
    let text = told[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("9 are left") && text.contains("in Europe/Lisbon") && text.contains("If this was not you"),
        "{text}"
    );
    assert!(!text.contains(&codes[3]));
}

#[test]
fn t41_a_new_key_encrypts_second_factors_anew() {
    use portico::connections::seal::Rotated;
    use portico::people::rotate::rotate;
    let app = TestApp::new();
    let (phone, _) = set_up(&app, &app.as_(HANA));
    let (old, new) = (app.inside().key.clone(), b"another key of this portal, as long as you like".to_vec());
    let db = &app.inside().db;
    assert_eq!(rotate(db, &old, &[]).unwrap(), Rotated::default());
    let before = app.database().value("SELECT encode(secret, 'hex') || key_id FROM second_factors");
    assert_eq!(rotate(db, &new, &[]).unwrap(), Rotated { done: 0, unreadable: 1 });
    assert_eq!(app.database().value("SELECT encode(secret, 'hex') || key_id FROM second_factors"), before);
    assert_eq!(rotate(db, &new, std::slice::from_ref(&old)).unwrap(), Rotated { done: 1, unreadable: 0 });
    assert_ne!(app.database().value("SELECT encode(secret, 'hex') || key_id FROM second_factors"), before);
    // And back: the very same app still fits.
    assert_eq!(rotate(db, &old, &[new]).unwrap(), Rotated { done: 1, unreadable: 0 });
    step(&app);
    assert_eq!(enter(&half_way(&app, HANA), &phone.code(&app)).status(), 303);
}
