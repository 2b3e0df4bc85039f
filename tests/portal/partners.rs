//! Partners: making, changing, moving and hosting them, and what that does to people's rights.

use std::collections::BTreeMap;
use std::thread;

use crate::support::client::Visitor;
use crate::support::*;

fn edit_form(visitor: &Visitor, code: &str) -> html::Filled {
    visitor.get(&format!("/partners/{code}/edit")).form("form.form")
}

fn save(visitor: &Visitor, code: &str, form: &html::Filled) -> Answer {
    visitor.post_multipart(&format!("/partners/{code}/edit"), &form.pairs(), None)
}

fn new_partner(visitor: &Visitor, code: &str) -> html::Filled {
    let mut form = visitor.get("/partners/new").form("form.form");
    for (name, value) in [("name", "Nordlys Bank"), ("code", code), ("type", "airline"), ("time_zone", "Europe/Oslo")] {
        form = form.with(name, value);
    }
    form
}

fn field(app: &TestApp, code: &str, column: &str) -> String {
    app.database()
        .value(&format!("SELECT {column} FROM partners WHERE code = '{code}' AND program_id = '{}'", program::SOLSTICE))
}

fn events(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT kind FROM activity WHERE at > '2026-11-01' ORDER BY id")
}

fn suspend(visitor: &Visitor, code: &str, version: &str) -> Answer {
    visitor.post(&format!("/partners/{code}/status/suspension"), &[("version", version), ("reason", "")])
}

#[test]
fn a_partner_is_created_shown_edited_and_archived() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let made = hana.post_multipart("/partners", &new_partner(&hana, "NORDLYS").pairs(), None);
    assert_eq!(made.location(), "/partners/NORDLYS", "{}", made.text());
    let page = hana.get("/partners/NORDLYS");
    assert_eq!(page.first("h1"), "Nordlys Bank");
    assert!(page.first("#toasts").contains("Nordlys Bank is created"));
    assert!(hana.get("/partners/NORDLYS").first("#toasts").is_empty(), "a notice is shown once");
    let form = edit_form(&hana, "NORDLYS").with("name", "Nordlys Bank ASA").with("support_phone", "+47 21 00 00 00");
    assert_eq!(save(&hana, "NORDLYS", &form).location(), "/partners/NORDLYS");
    assert_eq!(field(&app, "NORDLYS", "name || support_phone || version"), "Nordlys Bank ASA+47210000002");
    let moved = hana.post("/partners/NORDLYS/status/archival", &[("version", "2"), ("reason", "Never agreed")]);
    assert_eq!(moved.status(), 303);
    assert_eq!(field(&app, "NORDLYS", "status"), "archived");
    assert_eq!(events(&app), ["PartnerCreated", "PartnerUpdated", "PartnerMoved"]);
}

#[test]
fn s0_15_a_code_is_fixed_once_the_partner_was_active() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    hana.post_multipart("/partners", &new_partner(&hana, "NORDLYS").pairs(), None);
    let renamed = edit_form(&hana, "NORDLYS").with("code", "NORD");
    assert_eq!(save(&hana, "NORDLYS", &renamed).location(), "/partners/NORD");
    assert_eq!(hana.post("/partners/NORD/status/activation", &[("version", "2")]).status(), 303);
    let again = edit_form(&hana, "NORD").with("code", "OTHER");
    assert_eq!(save(&hana, "NORD", &again).location(), "/partners/NORD");
    assert_eq!(field(&app, "NORD", "code_fixed"), "true");
}

#[test]
fn t05_a_form_cannot_say_what_it_was_not_asked() {
    let app = TestApp::new();
    let before = app.database().value(&format!("SELECT to_jsonb(p) FROM partners p WHERE id = '{}'", partner::KESTREL));
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let extra: [(&str, &str); 16] = [
        ("id", partner::MERIDIAN),
        ("partner_id", partner::MERIDIAN),
        ("program_id", program::ALTURA),
        ("program", program::ALTURA),
        ("status", "archived"),
        ("is_hosting", "true"),
        ("hosting", "yes"),
        ("code_fixed", "false"),
        ("logo_sha256", "x"),
        ("role", "admin"),
        ("created_at", "2000-01-01"),
        ("updated_by", SAM.id),
        ("updated_by_name", "Sam"),
        ("notes", "Mine"),
        ("name", "Mine"),
        ("code", "MINE"),
    ];
    // A partner's admin: only the contacts are read, whatever else is sent.
    let mut form = edit_form(&pia, "KESTREL").with("support_phone", "+353 1 555 0199");
    for (name, value) in extra {
        form = form.with(name, value);
    }
    assert_eq!(save(&pia, "KESTREL", &form).status(), 303);
    let after = app.database().value(&format!("SELECT to_jsonb(p) FROM partners p WHERE id = '{}'", partner::KESTREL));
    let read = |text: &str| serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).unwrap();
    let (before, after) = (read(&before), read(&after));
    let changed: Vec<&String> = before.keys().filter(|key| before[*key] != after[*key]).collect();
    assert_eq!(changed, ["support_phone", "updated_at", "updated_by", "updated_by_name", "version"]);
    // A hosting admin: the status, the flag and the program are not for the form either.
    let mut form = edit_form(&hana, "KESTREL").with("name", "Kestrel");
    for (name, value) in &extra[..13] {
        form = form.with(name, value);
    }
    assert_eq!(save(&hana, "KESTREL", &form).status(), 303);
    assert_eq!(field(&app, "KESTREL", "concat_ws(' ', status, is_hosting, code_fixed, name)"), "active f t Kestrel");
    // A type or a contact of somebody else is no choice.
    for (name, value) in
        [("type", kind::ALTURA_AIRLINE), ("contact", MIRA.id), ("contact", PETRA.id), ("contact", SAM.id)]
    {
        let form = edit_form(&hana, "KESTREL").with(name, value);
        let answer = app.assert_unchanged(|| save(&hana, "KESTREL", &form));
        assert_eq!(answer.status(), 422, "{name} {value}");
        assert!(!answer.error_at(name).is_empty(), "{name}");
    }
}

#[test]
fn t04_pages_do_not_offer_what_would_be_refused() {
    let app = TestApp::new();
    for who in [SAM, HANA, RUI, CLEO, ALDO, PIA, UMA, OTTO] {
        let visitor = app.as_(who);
        app.database().save();
        let own = if matches!(who, PIA | UMA | OTTO) { "KESTREL" } else { "MERIDIAN" };
        for path in [
            "/partners".to_owned(),
            format!("/partners/{own}"),
            format!("/partners/{own}/profile"),
            format!("/partners/{own}/users"),
            "/settings".into(),
            "/me".into(),
            "/search?q=e".into(),
            "/help".into(),
        ] {
            let page = visitor.get(&path);
            if page.status() != 200 {
                continue;
            }
            let mut links = page.attributes("a[href^=\"/\"]", "href");
            links.sort();
            links.dedup();
            for link in links.iter().filter(|link| !link.starts_with("/static/")) {
                let link = link.split('#').next().unwrap();
                let there = visitor.get(link);
                assert!(
                    matches!(there.status(), 200 | 303 | 409),
                    "{}: {path} offers {link}: {}",
                    who.name,
                    there.status()
                );
                assert!(!there.asks_to_sign_in());
            }
            for action in page.actions() {
                // What it would do is undone: it is enough that it is not forbidden.
                if action != "/sign-out" {
                    let there = visitor.copy().post(&action, &[("act", "nothing")]);
                    assert_ne!(there.status(), 403, "{}: {path} offers POST {action}", who.name);
                    app.database().restore();
                }
            }
        }
    }
}

#[test]
fn t07_a_partner_made_hosting_sees_all_at_the_next_click_and_loses_it_as_fast() {
    let app = TestApp::new();
    let (sam, pia, otto, uma) = (app.as_(SAM), app.as_(PIA), app.as_(OTTO), app.as_(UMA));
    let sees = |visitor: &Visitor| visitor.get("/partners/MERIDIAN").status() == 200;
    assert!(!sees(&pia) && !sees(&otto) && !sees(&uma));
    let grant = [("version", "1"), ("hosting", "yes"), ("confirmed", "yes")];
    assert_eq!(sam.post("/partners/KESTREL/hosting", &grant).status(), 303);
    assert!(sees(&pia) && sees(&otto));
    assert!(!sees(&uma), "a plain user of a hosting partner sees that partner only");
    assert_eq!(pia.get("/partners").count("tbody tr"), 3);
    assert_eq!(pia.get("/partners/BOREAL").status(), 404, "and of this program only");
    assert_eq!(suspend(&pia, "MERIDIAN", "1").status(), 303);
    assert_eq!(otto.get("/partners/new").status(), 403);

    assert_eq!(sam.post("/partners/KESTREL/hosting", &[("version", "2"), ("hosting", "no")]).status(), 303);
    assert!(!sees(&pia) && !sees(&otto));
    assert_eq!(pia.get("/partners").count("tbody tr"), 1);
    let refused = app.assert_unchanged(|| pia.post("/partners/MERIDIAN/status/reinstatement", &[("version", "2")]));
    assert_eq!(refused.status(), 403);
    assert_eq!(events(&app), ["HostingGranted", "PartnerMoved", "HostingWithdrawn"]);
}

#[test]
fn s0_14_granting_hosting_warns_and_asks_first() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    let page = sam.get("/partners/MERIDIAN/hosting");
    assert!(page.text().contains("see and change every partner"), "{}", page.text());
    let unconfirmed =
        app.assert_unchanged(|| sam.post("/partners/MERIDIAN/hosting", &[("version", "1"), ("hosting", "yes")]));
    assert_eq!(unconfirmed.status(), 422);
    assert!(!unconfirmed.error_at("confirmed").is_empty());
    app.database().run(&format!("UPDATE programs SET hosting_limit = 1 WHERE id = '{}'", program::SOLSTICE));
    assert!(sam.get("/partners/MERIDIAN/hosting").text().contains("more than your limit"));
    // Only what is active can carry the program.
    app.database().run(&format!("UPDATE partners SET status = 'planned' WHERE id = '{}'", partner::MERIDIAN));
    let grant = [("version", "1"), ("hosting", "yes"), ("confirmed", "yes")];
    assert_eq!(app.assert_unchanged(|| sam.post("/partners/MERIDIAN/hosting", &grant)).status(), 409);
}

#[test]
fn t08_the_last_hosting_partner_stays() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    for (path, form) in [
        ("/partners/SOLHQ/hosting", [("version", "1"), ("hosting", "no")]),
        ("/partners/SOLHQ/status/suspension", [("version", "1"), ("reason", "")]),
        ("/partners/SOLHQ/status/archival", [("version", "1"), ("reason", "")]),
    ] {
        let answer = app.assert_unchanged(|| sam.post(path, &form));
        assert_eq!(answer.status(), 409, "{path}");
        assert!(answer.text().contains("last hosting partner"), "{path}");
    }
    let bulk = [
        ("act", "suspension"),
        ("confirmed", "yes"),
        ("id", partner::SOLHQ),
        ("id", partner::MERIDIAN),
        ("seen", "31000000-0000-7000-8000-000000000001 1"),
        ("seen", "31000000-0000-7000-8000-000000000003 1"),
    ];
    assert_eq!(app.assert_unchanged(|| sam.post("/partners/bulk", &bulk)).status(), 409, "all or none");
}

#[test]
fn t08_of_two_hosting_partners_only_one_can_leave_even_at_once() {
    for round in 0..4 {
        let app = TestApp::new();
        app.database().run(&format!("UPDATE partners SET is_hosting = true WHERE id = '{}'", partner::MERIDIAN));
        let sam = app.as_(SAM);
        let path = |code: &str| format!("/partners/{code}/{}", ["hosting", "status/suspension"][round % 2]);
        let form = [("version", "1"), ("hosting", "no")];
        let mut statuses: Vec<u16> = thread::scope(|scope| {
            let both = ["SOLHQ", "MERIDIAN"].map(|code| {
                scope.spawn({
                    let sam = &sam;
                    move || sam.copy().post(&path(code), &form).status()
                })
            });
            both.map(|one| one.join().unwrap()).to_vec()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "round {round}");
    }
}

#[test]
fn t08_the_last_admin_of_a_partner_stays_and_nobody_promotes_themselves() {
    let app = TestApp::new();
    let (mira, moe, hana, pia) = (app.as_(MIRA), app.as_(MOE), app.as_(HANA), app.as_(PIA));
    let path = |who: Person, what: &str| format!("/partners/MERIDIAN/users/{}/{what}", who.membership());
    for visitor in [&hana, &mira] {
        let answer = app.assert_unchanged(|| visitor.post(&path(MIRA, "remove"), &[("version", "1")]));
        assert_eq!(answer.status(), 409);
        assert!(answer.text().contains("last administrator"));
    }
    let demote = [("version", "1"), ("role", "user")];
    assert_eq!(app.assert_unchanged(|| hana.post(&path(MIRA, "role"), &demote)).status(), 409);
    assert_eq!(app.assert_unchanged(|| mira.post(&path(MIRA, "role"), &demote)).status(), 403, "one's own role");
    let promote = [("version", "1"), ("role", "admin")];
    assert_eq!(app.assert_unchanged(|| moe.post(&path(MOE, "role"), &promote)).status(), 403);
    // A hosting role is nothing for a partner that does not host.
    for role in ["reviewer", "csr"] {
        let answer = app.assert_unchanged(|| mira.post(&path(MOE, "role"), &[("version", "1"), ("role", role)]));
        assert_eq!(answer.status(), 422, "{role}");
    }
    // A membership of one partner is not reached through another's address.
    let crossed = format!("/partners/KESTREL/users/{}/role", MOE.membership());
    for visitor in [&pia, &hana] {
        assert_eq!(app.assert_unchanged(|| visitor.post(&crossed, &promote)).status(), 404);
    }
    // With a second admin the first may go.
    assert_eq!(mira.post(&path(MOE, "role"), &promote).status(), 303);
    assert_eq!(moe.post(&path(MIRA, "role"), &demote).status(), 303);
    assert_eq!(mira.get("/partners/MERIDIAN/edit").status(), 403, "from the next click on");
}

#[test]
fn t08_of_two_admins_only_one_can_be_removed_even_at_once() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE memberships SET role = 'admin' WHERE user_id = '{}'", MOE.id));
    let hana = app.as_(HANA);
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let both = [MIRA, MOE].map(|who| {
            let hana = &hana;
            scope.spawn(move || {
                hana.copy()
                    .post(&format!("/partners/MERIDIAN/users/{}/remove", who.membership()), &[("version", "1")])
                    .status()
            })
        });
        both.map(|one| one.join().unwrap()).to_vec()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

#[test]
fn t08_only_a_system_administrator_touches_one() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES ('50000000-0000-7000-8000-000000000001', '{}', '{}', '{}', 'user', now())",
        program::SOLSTICE, partner::KESTREL, SAM.id
    ));
    for who in [HANA, PIA] {
        let visitor = app.as_(who);
        for (what, form) in
            [("role", [("version", "1"), ("role", "auditor")]), ("remove", [("version", "1"), ("role", "")])]
        {
            let path = format!("/partners/KESTREL/users/{}/{what}", SAM.membership());
            assert_eq!(app.assert_unchanged(|| visitor.post(&path, &form)).status(), 403, "{}: {what}", who.name);
        }
    }
    // To them it looks as if there were no such account: like a stranger they are invited, and nothing is said.
    let hana = app.as_(HANA);
    let adding = |email: &str| {
        let form = [("name", "Somebody"), ("email", email), ("role", "user")];
        assert_eq!(hana.post("/partners/MERIDIAN/users/new", &form).status(), 303, "{email}");
        hana.get("/partners/MERIDIAN/users").first(".toasts .notice p").replace(email, "X")
    };
    let nobody = adding("nobody@nowhere.example");
    assert_eq!(adding(SAM.email), nobody);
    assert_eq!(adding(PETRA.email), nobody, "somebody of another program");
}

#[test]
fn s0_17_people_of_a_suspended_partner_look_and_do_nothing() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let form = edit_form(&pia, "KESTREL").with("support_phone", "+353 1 555 0199");
    assert_eq!(suspend(&hana, "KESTREL", "1").status(), 303);
    for path in [
        "/partners",
        "/partners/KESTREL",
        "/partners/KESTREL/users",
        "/partners/KESTREL/profile",
        "/partners/KESTREL/activity",
        "/partners/export.csv",
        "/me",
    ] {
        assert_eq!(pia.get(path).status(), 200, "{path}");
    }
    let uma = UMA.membership();
    app.assert_unchanged(|| {
        assert_eq!(save(&pia, "KESTREL", &form).status(), 403);
        assert_eq!(pia.get("/partners/KESTREL/edit").status(), 403);
        for (tail, body) in [
            ("logo/removal".to_owned(), vec![("version", "2")]),
            (format!("users/{uma}/role"), vec![("version", "1"), ("role", "auditor")]),
            (format!("users/{uma}/remove"), vec![("version", "1")]),
            (format!("users/{uma}/primary-contact"), vec![]),
        ] {
            let answer = pia.post(&format!("/partners/KESTREL/{tail}"), &body);
            assert_eq!(answer.status(), 403, "{tail}");
            assert!(answer.text().contains("suspended"));
        }
    });
    // Their own account is theirs all the same.
    assert_eq!(pia.post("/me/theme", &[("theme", "dark")]).status(), 303);
    assert_eq!(hana.post("/partners/KESTREL/status/reinstatement", &[("version", "2")]).status(), 303);
    assert_eq!(save(&pia, "KESTREL", &form.with("version", "3")).status(), 303);
}

#[test]
fn people_of_an_archived_partner_no_longer_see_it() {
    let app = TestApp::new();
    let (hana, pia, dana) = (app.as_(HANA), app.as_(PIA), app.as_(DANA));
    hana.post("/partners/KESTREL/status/archival", &[("version", "1")]);
    assert_eq!(pia.get("/partners/KESTREL").status(), 403);
    assert_eq!(pia.get("/").location(), "/me");
    // Somebody with another membership goes on with that.
    assert_eq!(dana.place(), "Boreal Lodges");
    assert_eq!(hana.get("/partners/KESTREL").status(), 200);
}

#[test]
fn a_hosting_partner_that_does_not_carry_the_program_gives_its_people_no_rights_over_it() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE partners SET is_hosting = true WHERE id = '{}'", partner::KESTREL));
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    assert_eq!(pia.get("/partners/MERIDIAN/edit").status(), 200);
    assert_eq!(suspend(&hana, "KESTREL", "1").status(), 303);
    assert_eq!(app.assert_unchanged(|| suspend(&pia, "MERIDIAN", "1")).status(), 403);
    assert_eq!(pia.get("/partners/MERIDIAN").status(), 404, "what the confirmation says: they lose the whole program");
}

#[test]
fn s0_9_a_single_organisation_takes_in_no_other() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE programs SET model = 'single' WHERE id = '{}'; UPDATE partners SET status = 'archived' WHERE code <> 'SOLHQ'",
        program::SOLSTICE
    ));
    let hana = app.as_(HANA);
    let mut form: Vec<(&str, &str)> =
        vec![("code", "NORDLYS"), ("status", "planned"), ("name", "N"), ("type", "airline")];
    form.extend([("kind", "external"), ("category", "both"), ("time_zone", "Europe/Oslo")]);
    app.assert_unchanged(|| {
        assert_eq!(hana.get("/partners/new").status(), 409);
        assert_eq!(hana.post_multipart("/partners", &form, None).status(), 409);
        assert_eq!(hana.get("/partners/import").status(), 409);
        // Also one that was checked while the program still took in others.
        let apply = format!("/partners/import/{}/apply", import::CHECKED);
        assert_eq!(hana.post(&apply, &[("mode", "leave")]).status(), 409);
    });
}

#[test]
fn t58_of_two_editors_the_first_wins_and_the_second_keeps_what_they_typed() {
    let app = TestApp::new();
    let (hana, sam) = (app.as_(HANA), app.as_(SAM));
    let (first, second) = (edit_form(&hana, "KESTREL"), edit_form(&sam, "KESTREL"));
    assert_eq!(save(&hana, "KESTREL", &first.with("name", "Kestrel of Hana")).status(), 303);
    let typed =
        second.with("name", "Kestrel of Sam").with("notes", "Sam was here").with("support_phone", "+353 1 555 0177");
    let answer = app.assert_unchanged(|| save(&sam, "KESTREL", &typed));
    assert_eq!(answer.status(), 409);
    let again = answer.form("form.form");
    assert_eq!(again.clone().with("version", "1"), typed.clone().with("version", "1"), "all that was typed is kept");
    let said = answer.first("[role=alert]");
    assert!(said.contains("Hana Host") && said.contains("Kestrel of Hana"), "both values are shown: {said}");
    // Saving again after reading that is the person's decision.
    assert_eq!(save(&sam, "KESTREL", &again).status(), 303);
    assert_eq!(field(&app, "KESTREL", "name"), "Kestrel of Sam");
    // Back in the browser, and save: stale once more.
    assert_eq!(
        app.assert_unchanged(|| save(&hana, "KESTREL", &edit_form(&hana, "KESTREL").with("version", "1"))).status(),
        409
    );
}

#[test]
fn t58_of_twenty_saves_at_once_one_is_kept() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = edit_form(&hana, "KESTREL");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|number| {
                let (hana, form) = (hana.copy(), form.clone().with("name", &format!("Kestrel {number}")));
                scope.spawn(move || save(&hana, "KESTREL", &form).status())
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(303), count(409)), (1, 19), "{statuses:?}");
    assert_eq!(field(&app, "KESTREL", "version"), "2");
    assert_eq!(events(&app), ["PartnerUpdated"]);
}

#[test]
fn t58_every_form_with_a_version_refuses_an_old_and_a_missing_one() {
    let app = TestApp::new();
    let (sam, pia) = (app.as_(SAM), app.as_(PIA));
    app.database().run("UPDATE partners SET version = 2; UPDATE programs SET version = 2; UPDATE users SET version = 2; UPDATE memberships SET version = 2");
    let uma = UMA.membership();
    let role = format!("/partners/KESTREL/users/{uma}/role");
    let remove = format!("/partners/KESTREL/users/{uma}/remove");
    let settings = [("name", "Other"), ("time_zone", "Europe/Lisbon"), ("coalition", "yes"), ("hosting_limit", "4")];
    let forms: [(&str, &[(&str, &str)]); 8] = [
        ("/partners/MERIDIAN/status/suspension", &[]),
        ("/partners/MERIDIAN/hosting", &[("hosting", "yes"), ("confirmed", "yes")]),
        ("/partners/MERIDIAN/logo/removal", &[]),
        ("/settings", &settings),
        ("/me", &[("name", "Other")]),
        (&role, &[("role", "auditor")]),
        (&remove, &[]),
        ("/partners/KESTREL/status/offboarding", &[]),
    ];
    for (path, fields) in forms {
        for (version, expected) in [
            (Some("1"), 409),
            (Some("99"), 409),
            (Some("x"), 400),
            (Some(""), 400),
            (Some("2147483648"), 400),
            (None, 400),
        ] {
            let mut form = fields.to_vec();
            form.extend(version.map(|version| ("version", version)));
            let answer = app.assert_unchanged(|| sam.post(path, &form));
            assert_eq!(answer.status(), expected, "{path} {version:?}");
        }
        let mut form = fields.to_vec();
        form.extend([("version", "2"), ("version", "2")]);
        assert_eq!(app.assert_unchanged(|| sam.post(path, &form)).status(), 400, "{path} doubled");
    }
    for version in ["1", "99"] {
        let form = edit_form(&pia, "KESTREL").with("support_phone", "+353 1 555 0199").with("version", version);
        assert_eq!(app.assert_unchanged(|| save(&pia, "KESTREL", &form)).status(), 409);
    }
}

#[test]
fn t60_a_double_click_creates_one_partner() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = new_partner(&hana, "NORDLYS");
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (hana, form) = (hana.copy(), form.clone());
                scope.spawn(move || hana.post_multipart("/partners", &form.pairs(), None).status())
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422, 422, 422, 422, 422, 422]);
    assert_eq!(events(&app), ["PartnerCreated"]);
}

#[test]
fn t60_a_second_click_on_any_action_does_nothing_more() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    let uma = UMA.membership();
    let paths: [(String, Vec<(&str, &str)>); 7] = [
        ("/partners/MERIDIAN/status/suspension".into(), vec![("version", "1")]),
        ("/partners/SOLHQ/logo/removal".into(), vec![("version", "1")]),
        ("/partners/KESTREL/hosting".into(), vec![("version", "1"), ("hosting", "yes"), ("confirmed", "yes")]),
        (format!("/partners/KESTREL/users/{uma}/role"), vec![("version", "1"), ("role", "auditor")]),
        ("/settings/types".into(), vec![("type_name", "Rail")]),
        ("/programs".into(), vec![("name", "New"), ("code", "NEW"), ("model", "coalition"), ("time_zone", "UTC")]),
        ("/partners/SOLHQ/users/new".into(), vec![("name", "Otto"), ("email", OTTO.email), ("role", "user")]),
    ];
    for (path, form) in paths {
        assert_eq!(sam.post(&path, &form).status(), 303, "{path}");
        let count = || app.database().value("SELECT count(*) FROM activity");
        let before = count();
        let second = sam.post(&path, &form);
        assert!(matches!(second.status(), 303 | 409 | 422), "{path}: {}", second.status());
        assert_eq!(count(), before, "{path} did something twice");
        // The new program is empty: back to the one with partners.
        sam.post(&format!("/programs/{}/open", program::SOLSTICE), &[]);
    }
}

#[test]
fn t60_a_change_is_one_line_with_before_after_who_for_whom_and_the_request() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form =
        edit_form(&hana, "KESTREL").with("name", "Kestrel Rides").with("support_phone", "").with("contact", UMA.id);
    let answer = save(&hana, "KESTREL", &form);
    let request = answer.header("x-request-id");
    let line = app.database().value("SELECT to_jsonb(a) FROM activity a WHERE at > '2026-11-01'");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    for (key, value) in [
        ("kind", "PartnerUpdated"),
        ("actor_id", HANA.id),
        ("actor_name", "Hana Host"),
        ("actor_role", "Hosting admin"),
        ("partner_id", partner::KESTREL),
        ("program_id", program::SOLSTICE),
        ("request_id", request),
        ("address", "127.0.0.1"),
        ("at", "2026-11-20T09:42:00+00:00"),
    ] {
        assert_eq!(line[key], value, "{key}");
    }
    assert_eq!(line["on_behalf"], true);
    let changes: Vec<String> = line["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{}: {} > {}",
                one["field"].as_str().unwrap(),
                one["before"].as_str().unwrap(),
                one["after"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        changes,
        [
            "Name: Kestrel Car Rental > Kestrel Rides",
            "Support phone: +35315550188 > ",
            "Primary contact: Pia Partner > Uma User"
        ]
    );
    // Saving the same again is no change and no line.
    let count = app.database().value("SELECT count(*) FROM activity");
    assert_eq!(save(&hana, "KESTREL", &edit_form(&hana, "KESTREL")).status(), 303);
    assert_eq!(app.database().value("SELECT count(*) FROM activity"), count);
    // What a partner does itself is not on anybody's behalf.
    let pia = app.as_(PIA);
    save(&pia, "KESTREL", &edit_form(&pia, "KESTREL").with("support_phone", "+353 1 555 0100"));
    assert_eq!(
        app.database().value("SELECT on_behalf FROM activity WHERE actor_id IS NOT NULL ORDER BY id DESC LIMIT 1"),
        "false"
    );
}

#[test]
fn in_bulk_all_that_can_be_moved_are_and_the_rest_is_named_first() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    suspend(&hana, "MERIDIAN", "1");
    let ids = [("id", partner::KESTREL), ("id", partner::MERIDIAN), ("act", "suspension")];
    let page = app.assert_unchanged(|| hana.post("/partners/bulk", &ids));
    assert!(page.first("h1").contains("Suspend 1 partner"), "{}", page.first("h1"));
    assert!(page.text().contains("Left as they are"));
    let confirmed = page.form("form.form");
    assert_eq!(hana.post("/partners/bulk", &confirmed.pairs()).status(), 303);
    assert_eq!(
        (field(&app, "KESTREL", "status"), field(&app, "MERIDIAN", "version")),
        ("suspended".into(), "2".into())
    );
    for form in [
        vec![("act", "nonsense"), ("id", partner::KESTREL)],
        vec![("id", partner::KESTREL)],
        vec![("act", "archival"), ("id", "x")],
        vec![("act", "archival")],
    ] {
        let answer = app.assert_unchanged(|| hana.post("/partners/bulk", &form));
        assert!(matches!(answer.status(), 303 | 400), "{form:?}");
    }
}

#[test]
fn a_list_goes_on_where_it_stopped_whatever_the_names_and_finds_accents_however_they_are_typed() {
    let app = TestApp::new();
    // In small letters these differ between Rust and Postgres, or sort unlike their capitals.
    for (at, name) in ["İstanbul Air", "STRASSE", "ﬁrst", "Éclair", "ΑΣ", "zulu", "Ǆ"].iter().enumerate() {
        app.database().run(&format!(
            "INSERT INTO partners (id, program_id, code, name, kind, category, type_id, status, time_zone, created_at, updated_at, updated_by_name)
             SELECT gen_random_uuid(), program_id, 'N{at}', '{name}', kind, category, type_id, status, time_zone, created_at, updated_at, ''
             FROM partners WHERE id = '{}'",
            partner::KESTREL
        ));
    }
    let hana = app.as_(HANA);
    let mut seen: Vec<String> = Vec::new();
    let mut next = "/partners?sort=name&size=25".to_owned();
    app.database().run(
        "INSERT INTO partners (id, program_id, code, name, kind, category, type_id, status, time_zone, created_at, updated_at, updated_by_name)
         SELECT gen_random_uuid(), program_id, code || 'F' || n, name || n, kind, category, type_id, status, time_zone, created_at, updated_at, ''
         FROM partners, generate_series(10, 14) AS n WHERE code LIKE 'N%'",
    );
    while !next.is_empty() {
        let page = hana.get(&next);
        seen.extend(page.texts("tbody th a"));
        next = page.attributes("a[rel=next]", "href").first().cloned().unwrap_or_default();
    }
    let all: usize = app
        .database()
        .value("SELECT count(*) FROM partners WHERE program_id = '11000000-0000-7000-8000-000000000000'")
        .parse()
        .unwrap();
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (all, all), "{seen:?}");
    assert!(hana.get("/partners?q=E%CC%81clair").text().contains("Éclair"));
}
