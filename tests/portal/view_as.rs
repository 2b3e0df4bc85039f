//! Looking at the portal as somebody else sees it: reading only, told to everybody concerned, and for a while.

use chrono::TimeDelta;

use crate::support::*;
use crate::sweeps::requests::{Position, body, filled, positions, routes, send};

fn address(code: &str, who: Person) -> String {
    format!("/partners/{code}/users/{}/view-as", who.membership())
}

const FORM: [(&str, &str); 2] = [("reason", "A call about the list of users"), ("minutes", "30")];

/// Hana, looking as somebody.
fn looking(app: &TestApp, code: &str, who: Person) -> Visitor {
    let hana = app.as_(HANA);
    let answer = hana.post(&address(code, who), &FORM);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    hana
}

/// The page without its shell and its request number.
fn inside(answer: &Answer) -> String {
    let text = answer.text().replace(answer.header("x-request-id"), "");
    // Who looks through another's eyes does not tell other readers that they are there.
    let beat = text.find(" hx-post=\"/integrations/").filter(|_| text.contains("/readers\" hx-trigger"));
    let text = match beat {
        Some(from) => match text[from..].find("innerMorph\"") {
            Some(length) => format!("{}{}", &text[..from], &text[from + length + 11..]),
            None => text,
        },
        None => text,
    };
    match (text.find("<main"), text.find("</main>")) {
        (Some(from), Some(to)) => text[from..to].to_owned(),
        _ => text,
    }
}

fn events(app: &TestApp, kind: &str) -> String {
    app.database().value(&format!("SELECT count(*) FROM activity WHERE kind = '{kind}'"))
}

/// Of an account, not of a membership.
fn is_own(path: &str) -> bool {
    path.starts_with("/me") || path == "/notifications"
}

/// Knows no sessions.
fn is_for_everybody(path: &str) -> bool {
    matches!(path, "/sign-in" | "/api/docs")
}

#[test]
fn beyond_10_the_viewer_sees_what_the_person_sees_byte_for_byte() {
    let app = TestApp::new();
    for (code, who) in [("KESTREL", UMA), ("KESTREL", PIA), ("SOLHQ", RUI), ("SOLHQ", ALDO), ("SOLHQ", UWE)] {
        let (own, hana) = (app.as_(who), looking(&app, code, who));
        for route in routes("GET").filter(|route| !is_own(route.path) && !is_for_everybody(route.path)) {
            for position in positions(route.path) {
                let path = filled(route.path, Some(who), *position);
                let (theirs, seen) = (own.get(&path), hana.get(&path));
                assert_eq!(theirs.status(), seen.status(), "{}: {path}", who.name);
                assert_eq!(theirs.location(), seen.location(), "{}: {path}", who.name);
                assert_eq!(inside(&theirs), inside(&seen), "{}: {path}", who.name);
                let is_page = seen.header("content-type").starts_with("text/html") && seen.text().contains("</main>");
                if is_page {
                    assert!(
                        seen.first(".viewing").contains(&format!("as {} sees it, reading only, until 10:12", who.name)),
                        "{path}"
                    );
                    assert!(!theirs.page().has(".viewing"));
                }
            }
        }
        // Their own account is nobody else's.
        for route in routes("GET").filter(|route| is_own(route.path)) {
            let answer = hana.get(&filled(route.path, Some(who), Position::Own));
            assert!(matches!(answer.status(), 403 | 404), "{}", route.path);
        }
    }
}

#[test]
fn beyond_10_whoever_looks_changes_nothing() {
    let app = TestApp::new();
    for (code, who) in [("KESTREL", PIA), ("SOLHQ", RUI)] {
        let hana = looking(&app, code, who);
        app.assert_unchanged(|| {
            for route in routes("POST").filter(|route| route.permission.is_some()) {
                for position in positions(route.path) {
                    let answer = send(&hana.copy(), route, Some(who), *position);
                    assert_eq!(answer.status(), 403, "{} {}", route.path, position.word());
                    assert!(answer.text().contains("reading only"), "{}", route.path);
                }
            }
            // As a script would send it, too.
            let path = filled("/me/membership", Some(who), Position::None);
            let route = routes("POST").find(|route| route.path == "/me/membership").unwrap();
            let request = hana.request("POST", &path).header("HX-Request", "true");
            assert_eq!(hana.send(request.form(&body(route, Some(who), Position::None).pairs())).status(), 403);
        });
        assert_eq!(hana.post("/view/end", &[]).location(), format!("/partners/{code}/users"));
    }
}

#[test]
fn beyond_10_a_view_is_told_recorded_and_ended() {
    let app = TestApp::new();
    let hana = looking(&app, "KESTREL", UMA);
    let before = hana.copy();
    assert_eq!(hana.place(), "Kestrel Car Rental");
    assert_eq!(hana.get("/partners/MERIDIAN").status(), 404);
    let told = app.database().values(
        "SELECT recipient || ' ' || (letter ->> 'reason') || ' ' || (letter ->> 'viewer') FROM outbox ORDER BY 1",
    );
    assert_eq!(
        told,
        [
            "pia@kestrel.example A call about the list of users Hana Host",
            "uma@kestrel.example A call about the list of users Hana Host"
        ]
    );
    let line = app.database().value(
        "SELECT actor_name || ' ' || partner_id || ' ' || (event ->> 'name') || ' ' || (event ->> 'reason') FROM activity WHERE kind = 'ViewStarted'",
    );
    assert_eq!(line, format!("Hana Host {} Uma User A call about the list of users", partner::KESTREL));
    assert!(app.as_(PIA).get("/partners/KESTREL/activity").text().contains("began to look at the portal as Uma User"));

    assert_eq!(hana.post("/view/end", &[]).location(), "/partners/KESTREL/users");
    assert_eq!(hana.get("/partners/MERIDIAN").status(), 200);
    assert!(!hana.get("/partners").page().has(".viewing"));
    assert!(before.get("/partners").asks_to_sign_in(), "other rights, another token");
    assert_eq!(events(&app, "ViewEnded"), "1");
    assert_eq!(hana.post("/view/end", &[]).location(), "/");
    assert_eq!(events(&app, "ViewEnded"), "1");
    assert_eq!(app.database().value(&format!("SELECT count(*) FROM activity WHERE actor_id = '{}'", UMA.id)), "0");
}

#[test]
fn beyond_10_a_view_ends_by_itself() {
    type End = (&'static str, fn(&TestApp));
    const ENDS: [End; 6] = [
        ("time", |app| app.pass(TimeDelta::minutes(30))),
        ("the viewer's role", |app| {
            app.database().run(&format!("UPDATE memberships SET role = 'reviewer' WHERE id = '{}'", HANA.membership()))
        }),
        ("a suspended membership", |app| {
            app.database()
                .run(&format!("UPDATE memberships SET suspended_at = now() WHERE id = '{}'", UMA.membership()))
        }),
        ("a membership that is gone", |app| {
            app.database().run(&format!("DELETE FROM memberships WHERE id = '{}'", UMA.membership()))
        }),
        ("a disabled account", |app| {
            app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", UMA.id))
        }),
        ("a system administrator", |app| {
            app.database().run(&format!("UPDATE users SET is_system = true WHERE id = '{}'", UMA.id))
        }),
    ];
    for (what, end) in ENDS {
        let app = TestApp::new();
        let hana = looking(&app, "KESTREL", UMA);
        app.pass(TimeDelta::minutes(29));
        assert!(hana.get("/partners/KESTREL").page().has(".viewing"));
        app.pass(TimeDelta::minutes(-29));
        end(&app);
        let page = hana.get("/partners");
        assert!(page.status() == 200 && !page.page().has(".viewing"), "{what}");
        assert_eq!(hana.get("/partners/MERIDIAN").status(), 200, "{what}");
        assert_eq!(
            app.database().value("SELECT count(*) FROM sessions WHERE view_membership_id IS NOT NULL"),
            "0",
            "{what}"
        );
    }
    // The viewer's account: then nobody is signed in at all.
    let app = TestApp::new();
    let hana = looking(&app, "KESTREL", UMA);
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", HANA.id));
    assert!(hana.get("/partners/KESTREL").asks_to_sign_in());
    // Signing out ends the viewer's session.
    let app = TestApp::new();
    let hana = looking(&app, "KESTREL", UMA);
    let copy = hana.copy();
    assert_eq!(hana.post("/sign-out", &[]).location(), "/sign-in?out=1");
    assert!(copy.get("/partners/KESTREL").asks_to_sign_in());
    assert_eq!(events(&app, "ViewEnded"), "1");
}

#[test]
fn beyond_10_who_may_not_be_looked_at() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.database().run(&format!(
        "INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES ('{}', '{}', '{}', '{}', 'user', now())",
        SAM.membership(), program::SOLSTICE, partner::KESTREL, SAM.id
    ));
    app.database().run(&format!("UPDATE memberships SET suspended_at = now() WHERE id = '{}'", OTTO.membership()));
    let sam = app.as_(SAM);
    for (visitor, path, status) in [
        (&hana, address("KESTREL", SAM), 403),
        (&sam, address("KESTREL", SAM), 403),
        (&hana, address("SOLHQ", HANA), 403),
        (&hana, address("KESTREL", OTTO), 409),
        (&hana, address("BOREAL", PETRA), 404),
        (&hana, address("KESTREL", MOE), 404),
    ] {
        app.assert_unchanged(|| {
            assert_eq!(visitor.get(&path).status(), status, "{path}");
            assert_eq!(visitor.post(&path, &FORM).status(), status, "{path}");
        });
    }
    for (reason, minutes, field) in [
        ("", "15", "reason"),
        ("abc", "15", "reason"),
        (&*"x".repeat(501), "15", "reason"),
        ("A call", "90", "minutes"),
        ("A call", "", "minutes"),
    ] {
        let answer =
            app.assert_unchanged(|| hana.post(&address("KESTREL", UMA), &[("reason", reason), ("minutes", minutes)]));
        assert!(answer.status() == 422 && answer.page().has(&format!("#{field}-e")), "{reason} {minutes}");
    }
    // Somebody with little more than this cannot look as somebody with more.
    app.database().run(&format!(
        "UPDATE roles SET permissions = '[\"users/view-as\", \"partners/read\", \"users/read\", \"connections/read\", \"templates/read\",
           \"form-answers/read\", \"form-answers/update\", \"integrations/read\", \"integrations/create\", \"integrations/update\",
           \"integrations/comment\", \"tenants/read\", \"tiers/read\", \"products/read\", \"campaigns/read\", \"redemptions/read\"]' WHERE id = '{0}';
         UPDATE memberships SET role = 'custom', role_id = '{0}' WHERE id = '{1}'",
        role::UNUSED,
        RUI.membership()
    ));
    let rui = app.as_(RUI);
    app.assert_unchanged(|| assert_eq!(rui.post(&address("KESTREL", PIA), &FORM).status(), 403));
    assert_eq!(rui.post(&address("KESTREL", UMA), &FORM).status(), 303);
    // And when the other gets more meanwhile, it is over.
    app.database().run(&format!("UPDATE memberships SET role = 'admin' WHERE id = '{}'", UMA.membership()));
    assert!(!rui.get("/partners").page().has(".viewing"));
}

#[test]
fn a_view_that_ends_with_the_membership_is_recorded_too() {
    for change in ["UPDATE memberships SET suspended_at = now()", "DELETE FROM memberships"] {
        let app = TestApp::new();
        let hana = looking(&app, "KESTREL", UMA);
        assert!(hana.get("/partners").page().has(".viewing"));
        app.database().run(&format!("{change} WHERE id = '{}'", UMA.membership()));
        assert!(!hana.get("/partners").page().has(".viewing"), "{change}");
        hana.get("/partners");
        let ended = app.database().values(
            "SELECT actor_name || ' ' || partner_id || ' ' || (event ->> 'user') || ' ' || (event ->> 'name') FROM activity WHERE kind = 'ViewEnded'",
        );
        assert_eq!(ended, [format!("Hana Host {} {} Uma User", partner::KESTREL, UMA.id)], "{change}");
    }
}
