//! T50: every field with every kind of bad value. The message stands at the field and is tied to it, everything else
//! that was typed is kept, nothing changes, and nothing breaks.

use crate::support::client::Visitor;
use crate::support::html::Filled;
use crate::support::*;

/// Bad for each text, whatever it says.
const UNPRINTABLE: [&str; 4] = ["a\u{0}b", "a\u{202e}b", "a\u{7}b", "a\u{2066}b"];

fn names() -> Vec<String> {
    let mut bad: Vec<String> = ["", "   ", "\u{a0}\u{3000}"].map(str::to_owned).to_vec();
    bad.extend(UNPRINTABLE.map(str::to_owned));
    bad.extend(["x".repeat(121), "é".repeat(121), "🛫".repeat(121)]);
    bad
}

fn codes() -> Vec<String> {
    let bad = [
        "",
        " ",
        "A",
        "nordlys",
        "NORD LYS",
        "-A1",
        "_A1",
        "NORD/LYS",
        "..",
        "ÅØ",
        "КТК",
        "A\u{0}",
        "A\u{202e}B",
        "٣٤",
        "A%20B",
        "'; DROP TABLE partners; --",
    ];
    bad.map(str::to_owned).into_iter().chain(["X".repeat(33)]).collect()
}

fn emails() -> Vec<String> {
    let bad = [
        "ops",
        "ops@",
        "@x.example",
        "ops@kestrel",
        "a@x.example,b@x.example",
        "a@x.example b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "\"a\"@x.example",
        "аdmin@x.example",
        "a@xn--.é",
        "a\u{0}@x.example",
        "a@.example",
        "a@x.",
        "<a@x.example>",
        "a@b@c.example",
        "mailto:a@x.example?bcc=b@x.example",
    ];
    bad.map(str::to_owned).into_iter().chain([format!("{}@x.example", "a".repeat(250))]).collect()
}

fn phones() -> Vec<String> {
    [
        "+",
        "0188",
        "353 1 555 0188",
        "+353 x",
        "tel:+35315550188",
        "+1234567890123456",
        "+12",
        "+0123456789",
        "+٣٥٣١٥٥٥٠١٨٨",
        "+353\u{0}1555",
        "++35315550188",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn zones() -> Vec<String> {
    ["UTC+25", "../etc/passwd", "Mars/Base", "Europe/Dublin\u{0}", "europe/dublin; x", "Europe/"]
        .map(str::to_owned)
        .to_vec()
}

fn choices() -> Vec<String> {
    ["nonsense", "ACTIVE", "0", "-1", "true", "external,own", "' OR 1=1", "a\u{0}"].map(str::to_owned).to_vec()
}

fn numbers() -> Vec<String> {
    ["", " ", "0", "-1", "1001", "4.5", "1e3", "2147483648", "9223372036854775808", "NaN", "four", "٤", "0x4", "4\u{0}"]
        .map(str::to_owned)
        .to_vec()
}

fn texts() -> Vec<String> {
    UNPRINTABLE.map(str::to_owned).into_iter().chain(["x".repeat(5001)]).collect()
}

fn with_empty(mut bad: Vec<String>) -> Vec<String> {
    bad.extend([String::new(), "  ".into()]);
    bad
}

/// Not in the table: a value that the form itself does not offer.
struct Tried {
    field: &'static str,
    bad: Vec<String>,
}

fn tried(field: &'static str, bad: Vec<String>) -> Tried {
    Tried { field, bad }
}

/// One form: where it is, how it is sent, and what its fields refuse.
struct Sheet<'a> {
    page: &'a str,
    action: &'a str,
    is_multipart: bool,
    /// Filled with good values first.
    good: &'a [(&'static str, &'static str)],
    fields: Vec<Tried>,
}

fn send(visitor: &Visitor, sheet: &Sheet<'_>, form: &Filled) -> Answer {
    match sheet.is_multipart {
        true => visitor.post_multipart(sheet.action, &form.pairs(), None),
        false => visitor.post(sheet.action, &form.pairs()),
    }
}

/// A choice that is not offered cannot be shown as chosen; everything else must come back to the letter.
fn is_kept(field: &str) -> bool {
    !matches!(field, "type" | "kind" | "category" | "status" | "contact" | "model" | "role" | "theme")
}

fn check(app: &TestApp, visitor: &Visitor, sheet: &Sheet<'_>) {
    let css = format!("form[action=\"{}\"]", sheet.action);
    let good = visitor.get(sheet.page).form(&css);
    let good = sheet.good.iter().fold(good, |form, (name, value)| form.with(name, value));
    for Tried { field, bad } in &sheet.fields {
        for value in bad {
            let what = format!("{} {field} {value:?}", sheet.action);
            let form = good.clone().with(field, value);
            let answer = app.assert_unchanged(|| send(visitor, sheet, &form));
            assert_eq!(answer.status(), 422, "{what}: {}", answer.text());
            let page = answer.page();
            let message = page.error_at(field);
            assert!(message.len() > 10, "{what}: no message tied to the field: {message:?}");
            assert!(page.has("#errors[role=alert][tabindex=\"-1\"]"), "{what}: nothing takes the focus");
            assert!(page.has(&format!("#errors a[href=\"#{field}\"]")), "{what}: no link to the field");
            // Everything else is as it was typed, and so is the bad value where it can be.
            let again = page.form(&css);
            for (name, typed) in &good.0 {
                if name != field && !name.contains("password") {
                    assert_eq!(again.value(name), typed, "{what}: {name} is not kept");
                    assert_eq!(page.error_at(name), "", "{what}: {name} is not wrong");
                }
            }
            if is_kept(field) && !field.contains("password") {
                // What HTML itself cannot carry is left out.
                let same = |text: &str| text.replace(['\u{0}', '\u{fffd}'], "").replace("\r\n", "\n").trim().to_owned();
                assert_eq!(same(again.value(field)), same(value), "{what}: not kept");
            }
        }
        // Missing, where it must not be empty, and doubled.
        if bad.iter().any(String::is_empty) {
            let answer = app.assert_unchanged(|| send(visitor, sheet, &good.clone().without(field)));
            assert_eq!(answer.status(), 422, "{} without {field}", sheet.action);
            assert!(!answer.error_at(field).is_empty(), "{} without {field}", sheet.action);
        }
        if !good.value(field).is_empty() {
            let mut form = good.clone();
            form.0.push(((*field).to_owned(), good.value(field).to_owned()));
            let answer = app.assert_unchanged(|| send(visitor, sheet, &form));
            assert!(matches!(answer.status(), 400 | 422), "{} with two {field}: {}", sheet.action, answer.status());
        }
    }
}

const PARTNER: [(&str, &str); 9] = [
    ("name", "Nordlys Bank"),
    ("code", "NORDLYS"),
    ("type", "airline"),
    ("kind", "external"),
    ("category", "both"),
    ("status", "planned"),
    ("support_phone", "+47 21 00 00 00"),
    ("support_email", "help@nordlys.example"),
    ("notes", "Plans & more"),
];

#[test]
fn t50_creating_a_partner() {
    let app = TestApp::new();
    let fields = vec![
        tried("name", names()),
        tried("code", codes()),
        tried("type", with_empty([choices(), vec![kind::ALTURA_AIRLINE.into()]].concat())),
        tried("kind", with_empty(choices())),
        tried("category", with_empty(choices())),
        tried(
            "status",
            with_empty([choices(), vec!["archived".into(), "suspended".into(), "offboarding".into()]].concat()),
        ),
        tried("support_phone", phones()),
        tried("support_email", emails()),
        tried("time_zone", with_empty(zones())),
        tried("notes", texts()),
    ];
    let sheet = Sheet { page: "/partners/new", action: "/partners", is_multipart: true, good: &PARTNER, fields };
    check(&app, &app.as_(HANA), &sheet);
}

#[test]
fn t50_editing_a_partner() {
    let app = TestApp::new();
    app.database()
        .run(&format!("UPDATE partners SET code_fixed = false, status = 'planned' WHERE id = '{}'", partner::MERIDIAN));
    let fields = || {
        vec![
            tried("name", names()),
            tried("code", [codes(), vec!["KESTREL".into()]].concat()),
            tried("type", with_empty(choices())),
            tried("support_phone", phones()),
            tried("support_email", emails()),
            tried("time_zone", with_empty(zones())),
            tried("notes", texts()),
            tried("contact", [choices(), vec![PIA.id.into(), PETRA.id.into()]].concat()),
        ]
    };
    let sheet = Sheet {
        page: "/partners/MERIDIAN/edit",
        action: "/partners/MERIDIAN/edit",
        is_multipart: true,
        good: &[("notes", "Plans")],
        fields: fields(),
    };
    check(&app, &app.as_(HANA), &sheet);
    let fields = vec![
        tried("support_phone", phones()),
        tried("support_email", emails()),
        tried("time_zone", with_empty(zones())),
        tried("contact", [choices(), vec![MIRA.id.into(), SAM.id.into()]].concat()),
    ];
    let sheet = Sheet {
        page: "/partners/KESTREL/edit",
        action: "/partners/KESTREL/edit",
        is_multipart: true,
        good: &[],
        fields,
    };
    check(&app, &app.as_(PIA), &sheet);
}

#[test]
fn t50_programs_and_settings() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    let good = [("name", "New program"), ("code", "NEW"), ("model", "coalition"), ("time_zone", "Europe/Oslo")];
    let fields = vec![
        tried("name", [names(), vec!["SOLSTICE rewards".into(), "  solstice Rewards ".into()]].concat()),
        tried("code", [codes(), vec!["ALTURA".into()]].concat()),
        tried("model", with_empty(choices())),
        tried("time_zone", with_empty(zones())),
    ];
    check(&app, &sam, &Sheet { page: "/programs/new", action: "/programs", is_multipart: false, good: &good, fields });
    let fields = vec![
        tried("name", [names(), vec!["altura MILES".into()]].concat()),
        tried("time_zone", with_empty(zones())),
        tried("hosting_limit", numbers()),
    ];
    check(
        &app,
        &app.as_(HANA),
        &Sheet { page: "/settings", action: "/settings", is_multipart: false, good: &[("name", "Renamed")], fields },
    );
    let bad = || {
        let mut bad: Vec<String> = vec![String::new(), " ".into(), "x".repeat(41), "AIRLINE".into()];
        bad.extend(UNPRINTABLE.map(str::to_owned));
        bad
    };
    check(
        &app,
        &sam,
        &Sheet {
            page: "/settings",
            action: "/settings/types",
            is_multipart: false,
            good: &[("type_name", "Rail")],
            fields: vec![tried("type_name", bad())],
        },
    );
    let path = format!("/settings/types/{}", kind::UNUSED);
    check(
        &app,
        &sam,
        &Sheet {
            page: &path,
            action: &path,
            is_multipart: false,
            good: &[("type_name", "Rail")],
            fields: vec![tried("type_name", bad())],
        },
    );
}

#[test]
fn t50_people() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let fields = vec![tried("name", names()), tried("time_zone", zones())];
    check(&app, &pia, &Sheet { page: "/me", action: "/me", is_multipart: false, good: &[("name", "Pia P")], fields });
    let bad = ["", "nonsense", "reviewer", "csr", "hosting", "a\u{0}"].map(str::to_owned).to_vec();
    let path = format!("/partners/KESTREL/users/{}/role", UMA.membership());
    check(
        &app,
        &pia,
        &Sheet { page: &path, action: &path, is_multipart: false, good: &[], fields: vec![tried("role", bad.clone())] },
    );
    let fields = vec![
        tried("email", with_empty([emails(), vec![PIA.email.into(), "ines.kestrel@invited.example".into()]].concat())),
        tried("name", names()),
        tried("role", bad),
    ];
    let correction = format!("/partners/KESTREL/invitations/{}/correct", invitation::KESTREL);
    let others = vec![tried("email", with_empty([emails(), vec![PIA.email.into()]].concat())), tried("name", names())];
    check(
        &app,
        &pia,
        &Sheet { page: &correction, action: &correction, is_multipart: false, good: &[], fields: others },
    );
    let path = "/partners/KESTREL/users/new";
    check(
        &app,
        &app.as_(HANA),
        &Sheet {
            page: path,
            action: path,
            is_multipart: false,
            good: &[("name", "Mira"), ("email", MIRA.email), ("role", "user")],
            fields,
        },
    );
}

#[test]
fn t13_t20_a_new_password_is_refused_with_the_reason_and_never_shown_again() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let long = "väga pikk ja hea parool ".repeat(20);
    let good = "four other unrelated words";
    for (current, new, field, says) in [
        (PASSWORD, "", "new_password", "at least 8"),
        (PASSWORD, "s3ven!x", "new_password", "at least 8"),
        (PASSWORD, "password", "new_password", "among the first"),
        (PASSWORD, "qwertyuiop", "new_password", "among the first"),
        (PASSWORD, "kestrel rides high today", "new_password", "Kestrel"),
        (PASSWORD, "the solstice of rewards", "new_password", "Solstice"),
        (PASSWORD, "my portico pass phrase", "new_password", "portico"),
        (PASSWORD, "pia loves to partner up", "new_password", "Partner"),
        (PASSWORD, &long, "new_password", "at most 128"),
        (PASSWORD, &"x7K".repeat(4000), "new_password", "at most 128"),
        (PASSWORD, "words with a \u{0} inside it", "new_password", "NUL"),
        (PASSWORD, PASSWORD, "new_password", "current password"),
        ("", good, "current_password", "current password"),
        ("not my password", good, "current_password", "not your current password"),
        (&long, good, "current_password", "not your current password"),
    ] {
        let answer =
            app.assert_unchanged(|| pia.post("/me/password", &[("current_password", current), ("new_password", new)]));
        assert_eq!(answer.status(), 422, "{new:?}");
        let said = answer.error_at(field).to_lowercase();
        assert!(said.contains(&says.to_lowercase()), "{new:?}: {said:?}");
        let page = answer.text();
        assert!(current.is_empty() || !page.contains(current), "{new:?} sends the password back");
        assert!(new.len() < 8 || new == "password" || !page.contains(new), "{new:?} is sent back");
    }
}

#[test]
fn t13_passwords_of_8_to_128_characters_are_kept_to_the_letter() {
    let app = TestApp::new();
    for new in [
        "k7#Lm2!z".to_owned(),
        " blanks around these words ".into(),
        "ünïcode päike 🛫 raamat".into(),
        "kala auto raamat lumi ".repeat(6)[..128].to_owned(),
        "päike ööbik äike õun ".repeat(7).chars().take(128).collect(),
    ] {
        app.database().run("DELETE FROM attempts");
        let pia = app.as_(PIA);
        let answer = pia.post("/me/password", &[("current_password", PASSWORD), ("new_password", &new)]);
        assert_eq!(answer.status(), 303, "{new:?}: {}", answer.error_at("new_password"));
        let sign_in =
            |password: &str| app.anonymous().post("/sign-in", &[("email", PIA.email), ("password", password)]).status();
        assert_eq!(sign_in(&new), 303, "{new:?}");
        let short: String = new.chars().take(new.chars().count() - 1).collect();
        assert_eq!(sign_in(&short), 422, "{new:?} cut short");
        assert_eq!(sign_in(&format!("{new} ")), 422, "{new:?} with more");
        assert_eq!(sign_in(PASSWORD), 422);
        app.database().run(&format!(
            "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE id = '{}') WHERE id = '{}'",
            HANA.id, PIA.id
        ));
    }
}

#[test]
fn t20_changing_the_password_ends_all_other_sessions_and_writes_to_the_owner() {
    let app = TestApp::new();
    let (here, there) = (app.as_(PIA), app.as_(PIA));
    let stolen = here.copy();
    let answer =
        here.post("/me/password", &[("current_password", PASSWORD), ("new_password", "four other unrelated words")]);
    assert_eq!(answer.location(), "/me");
    assert_eq!(here.get("/me").status(), 200);
    assert!(there.get("/me").asks_to_sign_in());
    assert!(stolen.get("/me").asks_to_sign_in(), "the token from before is dead");
    let letter = app.database().value("SELECT recipient || ' ' || state FROM outbox");
    assert_eq!(letter, format!("{} queued", PIA.email));
    assert_eq!(app.database().value("SELECT kind FROM activity WHERE actor_id IS NOT NULL"), "PasswordChanged");
    // No secret is written anywhere.
    for table in ["activity", "outbox", "sessions", "users"] {
        let all = app.database().values(&format!("SELECT to_jsonb(t) FROM {table} t")).join(" ");
        assert!(!all.contains("unrelated words"), "{table}");
    }
}

#[test]
fn t18_t20_the_present_password_cannot_be_guessed_in_a_stolen_session() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let change = |current: &str| {
        pia.post("/me/password", &[("current_password", current), ("new_password", "four other unrelated words")])
    };
    for number in 0..10 {
        assert_eq!(change(&format!("guess {number}")).status(), 422);
    }
    let refused = app.assert_unchanged(|| change(PASSWORD));
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.header("retry-after"), "300");
    assert_eq!(pia.get("/me").status(), 200);
}

#[test]
fn t50_sign_in_takes_anything_without_breaking() {
    let app = TestApp::new();
    let bad = [emails(), names(), codes()].concat();
    for value in bad {
        app.database().run("DELETE FROM attempts");
        let answer = app.assert_unchanged(|| {
            app.anonymous().post("/sign-in", &[("email", &value), ("password", PASSWORD), ("next", &value)])
        });
        assert_eq!(answer.status(), 422, "{value:?}");
        let answer = app.assert_unchanged(|| {
            app.anonymous().post("/sign-in", &[("email", HANA.email), ("password", &value), ("next", "/")])
        });
        assert_eq!(answer.status(), 422, "{value:?}");
        assert!(!answer.error_at("email").is_empty() && !answer.error_at("password").is_empty());
    }
    for form in [
        vec![],
        vec![("email", HANA.email)],
        vec![("password", PASSWORD)],
        vec![("email", HANA.email), ("email", PIA.email), ("password", "a wrong one")],
    ] {
        let answer = app.assert_unchanged(|| app.anonymous().post("/sign-in", &form));
        assert_eq!(answer.status(), 422, "{form:?}");
    }
}

#[test]
fn t50_set_up_refuses_each_field_and_makes_one_administrator() {
    let app = TestApp::new();
    app.database().run("SET session_replication_role = replica; DELETE FROM users; DELETE FROM sessions; DELETE FROM memberships; SET session_replication_role = origin");
    let visitor = app.anonymous();
    let token = portico::people::set_up::set_up_token(&app.inside().key);
    assert_eq!(visitor.get("/").location(), "/sign-in");
    let form = |token: &str, name: &str, email: &str, password: &str| {
        visitor.post("/set-up", &[("token", token), ("name", name), ("email", email), ("new_password", password)])
    };
    let good = "four other unrelated words";
    let mut tries: Vec<(&str, Answer)> = Vec::new();
    for bad in ["", "AAAA-AAAA-AAAA-AAAA-AAAA", &token[..23], &format!("{token}A")] {
        tries.push(("token", form(bad, "Ada", "ada@x.example", good)));
    }
    for bad in ["", "a\u{0}b", "a\u{202e}b"] {
        tries.push(("name", form(&token, bad, "ada@x.example", good)));
    }
    for bad in ["", "ada", "a@x.example,b@x.example", "a@x.example\r\nBcc: b@x.example"] {
        tries.push(("email", form(&token, "Ada", bad, good)));
    }
    for bad in ["", "short", "password", "lovelace ada portico"] {
        tries.push(("new_password", form(&token, "Ada", "ada@x.example", bad)));
    }
    for (field, answer) in &tries {
        assert_eq!(answer.status(), 422, "{field}");
        assert!(!answer.error_at(field).is_empty(), "{field}");
        assert!(!answer.text().contains(good));
    }
    assert_eq!(app.database().value("SELECT count(*) FROM users"), "0");
    assert_eq!(form(&token.to_lowercase(), "Ada", "ADA@x.example", good).location(), "/");
    assert_eq!(
        app.database().value("SELECT email || ' ' || is_system || ' ' || status FROM users"),
        "ada@x.example true active"
    );
    assert_eq!(visitor.get("/me").status(), 200);
    // From then on the page is not there, also for whoever holds the token.
    assert_eq!(app.anonymous().get("/set-up").status(), 404);
    assert_eq!(app.assert_unchanged(|| form(&token, "Eve", "eve@x.example", good)).status(), 404);
}

#[test]
fn t40_the_token_of_the_set_up_cannot_be_guessed() {
    let app = TestApp::new();
    app.database().run("SET session_replication_role = replica; DELETE FROM users; DELETE FROM sessions; DELETE FROM memberships; SET session_replication_role = origin");
    let token = portico::people::set_up::set_up_token(&app.inside().key);
    let guess = |token: &str| {
        app.anonymous().post(
            "/set-up",
            &[
                ("token", token),
                ("name", "Eve"),
                ("email", "eve@x.example"),
                ("new_password", "four other unrelated words"),
            ],
        )
    };
    for _ in 0..20 {
        assert_eq!(guess("AAAA-BBBB-CCCC-DDDD-EEEE").status(), 422);
    }
    assert_eq!(guess(&token).status(), 429);
    assert_eq!(app.database().value("SELECT count(*) FROM users"), "0");
}

#[test]
fn t30_of_ten_set_ups_at_once_one_makes_the_administrator() {
    let app = TestApp::new();
    app.database().run("SET session_replication_role = replica; DELETE FROM users; DELETE FROM sessions; DELETE FROM memberships; SET session_replication_role = origin");
    let token = portico::people::set_up::set_up_token(&app.inside().key);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..10)
            .map(|number| {
                let (app, token) = (&app, &token);
                scope.spawn(move || {
                    let email = format!("ada{number}@x.example");
                    app.anonymous()
                        .post(
                            "/set-up",
                            &[
                                ("token", token),
                                ("name", "Ada"),
                                ("email", &email),
                                ("new_password", "four other unrelated words"),
                            ],
                        )
                        .status()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| *status == 404), "{statuses:?}");
    assert_eq!(app.database().value("SELECT count(*) FROM users"), "1");
}

#[test]
fn t50_a_form_that_is_not_text_is_400_and_changes_nothing() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for body in [
        &b"name=%ff%fe&version=1"[..],
        b"name=%C0%AF",
        b"name=\xff\xfe",
        b"name=%ED%A0%80",
        b"version=1&name=%EF%BF%BD",
    ] {
        let request = hana
            .request("POST", "/settings")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body.to_vec());
        let answer = app.assert_unchanged(|| hana.send(request));
        assert_eq!(answer.status(), 400, "{body:?}");
    }
    // Multipart that is cut off, without a name, or without an end.
    for body in [
        "",
        "--x\r\n",
        "--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1",
        "nonsense",
    ] {
        let request =
            hana.request("POST", "/partners").header("Content-Type", "multipart/form-data; boundary=x").body(body);
        let answer = app.assert_unchanged(|| hana.send(request));
        assert!(matches!(answer.status(), 400 | 422), "{body:?}: {}", answer.status());
    }
    let request = hana.request("POST", "/partners").header("Content-Type", "multipart/form-data").body("x");
    assert_eq!(hana.send(request).status(), 400, "no boundary");
}
