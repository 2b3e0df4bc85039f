//! Suspending, reactivating, removing and leaving; nobody strands a partner.

use std::thread;

use crate::support::*;

fn at(code: &str, who: Person, what: &str) -> String {
    format!("/partners/{code}/users/{}/{what}", who.membership())
}

const WHY: [(&str, &str); 2] = [("version", "1"), ("reason", "On leave until May")];

fn contact(app: &TestApp, code: &str) -> String {
    app.database().value(&format!(
        "SELECT coalesce(primary_contact_id::text, '') FROM partners WHERE code = '{code}' AND program_id = '{}'",
        program::SOLSTICE
    ))
}

fn letters(app: &TestApp, to: Person) -> Vec<String> {
    app.database().values(&format!(
        "SELECT coalesce(letter ->> 'what', kind) FROM outbox WHERE recipient = '{}' ORDER BY id",
        to.email
    ))
}

#[test]
fn t06_a_suspended_member_is_out_at_the_next_request_and_back_when_reactivated() {
    let app = TestApp::new();
    let (pia, uma) = (app.as_(PIA), app.as_(UMA));
    assert_eq!(uma.get("/partners/KESTREL").status(), 200);
    assert!(pia.get(&at("KESTREL", UMA, "suspend")).text().contains("no longer sees Kestrel Car Rental"));
    let refused =
        app.assert_unchanged(|| pia.post(&at("KESTREL", UMA, "suspend"), &[("version", "1"), ("reason", "no")]));
    assert!(refused.status() == 422 && !refused.error_at("reason").is_empty());
    assert_eq!(pia.post(&at("KESTREL", UMA, "suspend"), &WHY).location(), "/partners/KESTREL/users");
    for path in ["/partners/KESTREL", "/partners/KESTREL/users", "/partners", "/partners/KESTREL/logo"] {
        assert_eq!(uma.get(path).status(), 403, "{path}");
    }
    let why = uma.get("/");
    assert!(why.text().contains("Pia Partner") && why.text().contains("suspended"), "{}", why.first("main"));
    assert!(!uma.get("/search?q=kestrel").text().contains("Kestrel Car Rental"));
    assert_eq!(uma.post("/me/membership", &[("membership", &UMA.membership())]).status(), 303);
    assert_eq!(uma.get("/partners/KESTREL").status(), 403, "choosing it changes nothing");
    assert!(letters(&app, UMA)[0].contains("On leave until May"));
    assert!(pia.get("/partners/KESTREL/activity").text().contains("suspended Uma User: On leave until May"));
    for (what, form, status) in [("suspend", &WHY[..], 409), ("reactivate", &[("version", "1")][..], 409)] {
        let answer = app.assert_unchanged(|| pia.post(&at("KESTREL", UMA, what), form));
        assert_eq!(answer.status(), status, "{what}");
    }
    assert!(pia.get(&at("KESTREL", UMA, "reactivate")).text().contains("On leave until May"));
    assert_eq!(pia.post(&at("KESTREL", UMA, "reactivate"), &[("version", "2")]).status(), 303);
    assert_eq!(uma.get("/partners/KESTREL").status(), 200);
    assert_eq!(letters(&app, UMA).len(), 2);
}

#[test]
fn t08_nobody_suspends_themselves_a_system_administrator_or_who_holds_more() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE users SET is_system = true WHERE id = '{}'", OTTO.id));
    app.database().run(&format!(
        "UPDATE roles SET permissions = '[\"users/update\", \"users/read\", \"users/delete\", \"partners/read\"]' WHERE id = '{0}';
         UPDATE memberships SET role = 'custom', role_id = '{0}' WHERE id = '{1}'",
        role::UNUSED, UMA.membership()
    ));
    let (pia, uma, mira) = (app.as_(PIA), app.as_(UMA), app.as_(MIRA));
    for what in ["suspend", "reactivate", "remove", "role"] {
        for (visitor, path, status) in [
            (&pia, at("KESTREL", OTTO, what), 403),
            (&uma, at("KESTREL", PIA, what), 403),
            (&mira, at("KESTREL", UMA, what), 404),
            (&pia, at("KESTREL", MOE, what), 404),
        ] {
            app.assert_unchanged(|| {
                assert_eq!(visitor.get(&path).status(), status, "{path}");
                let form = [("version", "1"), ("reason", "Because of that"), ("role", "user")];
                assert_eq!(visitor.post(&path, &form).status(), status, "{path}");
            });
        }
    }
    app.assert_unchanged(|| assert_eq!(pia.post(&at("KESTREL", PIA, "suspend"), &WHY).status(), 403));
}

#[test]
fn t08_the_last_administrator_stays_also_when_two_act_at_once() {
    let app = TestApp::new();
    app.database().run("UPDATE partners SET primary_contact_id = NULL WHERE code = 'KESTREL'");
    for round in 0..5 {
        let (hana, sam) = (app.as_(HANA), app.as_(SAM));
        let codes = thread::scope(|scope| {
            let one = scope.spawn(|| hana.post(&at("KESTREL", PIA, "suspend"), &WHY).status());
            let two = scope.spawn(|| sam.post(&at("KESTREL", DORA, "suspend"), &WHY).status());
            [one.join().unwrap(), two.join().unwrap()]
        });
        assert!(codes.contains(&303) && codes.contains(&409), "round {round}: {codes:?}");
        app.database().run("UPDATE memberships SET suspended_at = NULL, version = 1");
    }
    let pia = app.as_(PIA);
    let hana = app.as_(HANA);
    assert_eq!(pia.post(&at("KESTREL", DORA, "suspend"), &WHY).status(), 303);
    for (path, form) in [
        (at("KESTREL", PIA, "suspend"), &WHY[..]),
        (at("KESTREL", PIA, "remove"), &[("version", "1")][..]),
        (at("KESTREL", PIA, "role"), &[("version", "1"), ("role", "user")][..]),
    ] {
        let answer = app.assert_unchanged(|| hana.post(&path, form));
        assert!(answer.status() == 409 && answer.text().contains("last administrator"), "{path}");
    }
    let leave = format!("/me/memberships/{}/leave", PIA.membership());
    let answer = app.assert_unchanged(|| pia.post(&leave, &[("version", "1")]));
    assert!(answer.status() == 409 && answer.text().contains("You are the last administrator"));
}

#[test]
fn beyond_13_the_primary_contact_hands_over_first() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.database().run(&format!("UPDATE memberships SET suspended_at = now() WHERE id = '{}'", OTTO.membership()));
    for (what, form) in [("suspend", &WHY[..]), ("remove", &[("version", "1")][..])] {
        let path = at("KESTREL", PIA, what);
        let offered = hana.get(&path).attributes("#successor option", "value");
        assert!(offered.contains(&UMA.membership()) && !offered.contains(&PIA.membership()));
        assert!(!offered.contains(&OTTO.membership()), "who cannot act is no successor");
        for chosen in ["", "x", &OTTO.membership(), &MOE.membership(), &PIA.membership()] {
            let mut form = form.to_vec();
            form.push(("successor", chosen));
            let answer = app.assert_unchanged(|| hana.post(&path, &form));
            assert!(answer.status() == 422 && answer.error_at("successor").contains("Choose"), "{what} {chosen}");
        }
    }
    let uma = UMA.membership();
    assert_eq!(hana.post(&at("KESTREL", PIA, "suspend"), &[WHY[0], WHY[1], ("successor", &uma)]).status(), 303);
    assert_eq!(contact(&app, "KESTREL"), UMA.id);
    let line = app
        .database()
        .value("SELECT event ->> 'from' || ' to ' || (event ->> 'to') FROM activity WHERE kind = 'ContactHandedOver'");
    assert_eq!(line, "Pia Partner to Uma User");
    // Nobody else there: then not at all.
    app.database().run(&format!(
        "UPDATE partners SET primary_contact_id = '{}' WHERE code = 'MERIDIAN'; UPDATE memberships SET suspended_at = now() WHERE id = '{}'",
        MOE.id, MIRA.membership()
    ));
    for (what, form) in [("suspend", &WHY[..]), ("remove", &[("version", "1")][..])] {
        let answer = app.assert_unchanged(|| hana.post(&at("MERIDIAN", MOE, what), form));
        assert!(answer.status() == 409 && answer.text().contains("nobody else of it could be"), "{what}");
    }
    // Nor by the form of the partner.
    let form = hana.get("/partners/KESTREL/edit").form("form.form");
    for chosen in ["", PIA.id, OTTO.id] {
        let answer = app.assert_unchanged(|| {
            let form = form.clone().with("contact", chosen);
            hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), None)
        });
        assert!(answer.status() == 422 && !answer.error_at("contact").is_empty(), "{chosen}");
    }
    app.assert_unchanged(|| assert_eq!(hana.post(&at("KESTREL", OTTO, "primary-contact"), &[]).status(), 409));
}

#[test]
fn beyond_13_a_person_leaves_by_themselves() {
    let app = TestApp::new();
    let (uma, dana, pia) = (app.as_(UMA), app.as_(DANA), app.as_(PIA));
    let leave = |id: &str| format!("/me/memberships/{id}/leave");
    for id in [PIA.membership(), MOE.membership(), NILS.membership()] {
        app.assert_unchanged(|| {
            assert_eq!(uma.get(&leave(&id)).status(), 404);
            assert_eq!(uma.post(&leave(&id), &[("version", "1")]).status(), 404);
        });
    }
    assert!(uma.get("/me").attributes("main a", "href").contains(&leave(&UMA.membership())));
    app.assert_unchanged(|| assert_eq!(uma.post(&leave(&UMA.membership()), &[("version", "7")]).status(), 409));
    assert_eq!(uma.post(&leave(&UMA.membership()), &[("version", "1")]).location(), "/me");
    assert_eq!((uma.get("/partners/KESTREL").status(), uma.get("/").location()), (403, "/me"));
    assert!(uma.get("/me").text().contains("not a member of any partner"));
    assert!(letters(&app, UMA).is_empty(), "they know");
    // Of another program than the one they act in now; Petra stays there as its admin.
    let other = "52000000-0000-7000-8000-000000000003";
    assert!(dana.get(&leave(other)).text().contains("Leave Boreal Lodges?"));
    assert_eq!(dana.post(&leave(other), &[("version", "1")]).status(), 303);
    assert_eq!(dana.get("/partners/KESTREL").status(), 200);
    assert_eq!(app.database().value(&format!("SELECT count(*) FROM memberships WHERE user_id = '{}'", DANA.id)), "1");
    let line = app.database().value(
        "SELECT program_id || ' ' || actor_name FROM activity WHERE kind = 'MemberRemoved' ORDER BY id DESC LIMIT 1",
    );
    assert_eq!(line, format!("{} Dana Dual", program::ALTURA));
    // The primary contact names who is it from then on.
    let refused = app.assert_unchanged(|| pia.post(&leave(&PIA.membership()), &[("version", "1")]));
    assert_eq!(refused.status(), 422);
    let form = [("version", "1"), ("successor", &*DORA.membership())];
    assert_eq!(pia.post(&leave(&PIA.membership()), &form).status(), 303);
    assert_eq!(contact(&app, "KESTREL"), DORA.id);
}

#[test]
fn t09_whoever_was_removed_sees_nothing_old_or_new() {
    let app = TestApp::new();
    let (pia, uma) = (app.as_(PIA), app.as_(UMA));
    let before = uma.get("/partners/KESTREL");
    assert!(before.text().contains("Kestrel Car Rental"));
    assert_eq!(pia.post(&at("KESTREL", UMA, "remove"), &[("version", "1")]).status(), 303);
    assert_eq!(pia.post(&at("KESTREL", OTTO, "suspend"), &WHY).status(), 303);
    for route in portico::routes::ROUTES.iter().filter(|route| route.method == "GET") {
        let path =
            crate::sweeps::requests::filled(route.path, Some(UMA), crate::sweeps::requests::positions(route.path)[0]);
        let text = uma.get(&path).text();
        for word in ["Kestrel Car Rental", "Otto Observer", "On leave until May"] {
            assert!(!text.contains(word), "{path} still shows {word}");
        }
    }
    // One letter says that it is over, and no other comes.
    assert_eq!(letters(&app, UMA), ["are no longer one of its users"]);
}

#[test]
fn beyond_13_offboarding_shows_whom_it_touches_and_archiving_revokes_invitations() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.database().run(&format!(
        "INSERT INTO invitations (id, program_id, partner_id, email, name, role, expires_at, invited_by_name, created_at, sent_at)
           SELECT ('a' || n || '000000-0000-7000-8000-000000000001')::uuid, '{}', id, 'new@x.example', 'Nora New', 'user', now(), 'Hana Host', now(), now()
           FROM (VALUES (1, '{}'::uuid), (2, '{}')) AS p (n, id)",
        program::SOLSTICE, partner::KESTREL, partner::MERIDIAN
    ));
    let page = hana.get("/partners/KESTREL/status/offboarding");
    for word in ["Pia Partner", "Uma User", "Primary contact", "Nora New", "No other membership"] {
        assert!(page.text().contains(word), "{word}");
    }
    assert!(!page.text().contains("Boreal"), "other programs are nobody's business here");
    let csv = hana.get("/partners/KESTREL/members.csv");
    assert!(
        csv.header("content-type").starts_with("text/csv")
            && csv.text().contains("Pia Partner,pia@kestrel.example,Partner admin,active,no,yes"),
        "{}",
        csv.text()
    );
    let form = page.form("form[action$=\"/offboarding\"]");
    assert_eq!(form.value("contact"), PIA.id);
    for chosen in ["", MOE.id] {
        let answer = app.assert_unchanged(|| {
            hana.post("/partners/KESTREL/status/offboarding", &form.clone().with("contact", chosen).pairs())
        });
        assert!(answer.status() == 422 && !answer.error_at("contact").is_empty());
    }
    let form = form.with("contact", UMA.id).with("reason", "The contract ends");
    assert_eq!(hana.post("/partners/KESTREL/status/offboarding", &form.pairs()).status(), 303);
    assert_eq!(contact(&app, "KESTREL"), UMA.id);
    assert_eq!(app.as_(UMA).get("/partners/KESTREL").status(), 200);
    let form = hana.get("/partners/KESTREL/status/archival").form("form.form");
    assert_eq!(hana.post("/partners/KESTREL/status/archival", &form.pairs()).status(), 303);
    let open = app.database().values("SELECT DISTINCT partner_id::text FROM invitations WHERE revoked_at IS NULL");
    assert!(!open.iter().any(|one| one == partner::KESTREL) && open.iter().any(|one| one == partner::MERIDIAN));
    let revoked = app.database().value("SELECT count(*) FROM invitations WHERE revoked_at IS NOT NULL");
    assert_ne!(revoked, "0");
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'InvitationRevoked'"), revoked);
}

#[test]
fn beyond_13_the_present_scope_is_on_every_page() {
    let app = TestApp::new();
    let dana = app.as_(DANA);
    for (membership, partner, role) in [
        (DANA.membership(), "Kestrel Car Rental", "Partner user"),
        ("52000000-0000-7000-8000-000000000003".to_owned(), "Boreal Lodges", "Partner admin"),
    ] {
        assert_eq!(dana.post("/me/membership", &[("membership", &membership)]).status(), 303);
        for path in ["/partners", "/me", "/help", "/search?q=x", "/nothing-here", "/partners/new"] {
            let page = dana.get(path);
            let shown = page.first("aside .scope");
            assert!(shown.contains(partner) && shown.contains(role), "{path}: {shown}");
            // Also where the sidebar is a drawer.
            assert!(page.first(".topbar").contains(partner), "{path}");
        }
    }
}

#[test]
fn somebody_who_was_suspended_reads_by_whom_why_and_whom_to_ask() {
    let app = TestApp::new();
    let (hana, uma) = (app.as_(HANA), app.as_(UMA));
    let form = [("version", "1"), ("reason", "Left for the summer")];
    assert_eq!(hana.post(&at("KESTREL", UMA, "suspend"), &form).status(), 303);
    let page = uma.get("/");
    assert_eq!(page.status(), 200);
    let text = page.first("main");
    for part in ["Suspended at Kestrel Car Rental", "Hana Host", "Left for the summer", "Pia Partner", PIA.email] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("not a member"));
    assert_eq!(uma.get("/partners/KESTREL").status(), 403);
    // Who is nobody's member reads that, as before.
    assert_eq!(app.as_(NILS).get("/").location(), "/me");
}

#[test]
fn t08_offboarding_names_nobody_to_who_does_not_see_users() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE roles SET permissions = '[\"partners/read\", \"partners/archive\"]' WHERE id = '{0}';
         UPDATE memberships SET role = 'custom', role_id = '{0}' WHERE id = '{1}'",
        role::UNUSED,
        CLEO.membership()
    ));
    let cleo = app.as_(CLEO);
    let address = "/partners/KESTREL/status/offboarding";
    let page = cleo.get(address);
    assert_eq!(page.status(), 200);
    let text = page.first("main");
    for hidden in [PIA.name, PIA.email, UMA.name, "Ines of KESTREL"] {
        assert!(!page.text().contains(hidden), "{hidden}");
    }
    assert!(text.contains("Your role does not see who they are") && page.texts("main .count") == ["5"], "{text}");
    assert!(!page.page().has("[name=contact]"));
    // The present contact stays it.
    assert_eq!(cleo.post(address, &[("version", "1"), ("reason", "")]).status(), 303);
    assert_eq!(contact(&app, "KESTREL"), PIA.id);
    // Meridian has none: then somebody who sees its people has to name one.
    let refused = app
        .assert_unchanged(|| cleo.post("/partners/MERIDIAN/status/offboarding", &[("version", "1"), ("reason", "")]));
    assert!(refused.status() == 409 && refused.text().contains("has no primary contact who can act"));
    assert!(!refused.text().contains(MIRA.name));
}

#[test]
fn in_bulk_nobody_goes_whose_contact_is_missing() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = [("act", "offboarding"), ("id", partner::KESTREL), ("id", partner::MERIDIAN)];
    let page = hana.post("/partners/bulk", &form);
    let text = page.first("main");
    assert!(text.contains("Kestrel Car Rental (KESTREL) is active now, and becomes offboarding"), "{text}");
    assert!(text.contains("Meridian Air (MERIDIAN) has no primary contact who can act"), "{text}");
    let seen = [format!("{} 1", partner::KESTREL), format!("{} 1", partner::MERIDIAN)];
    let both = [
        ("act", "offboarding"),
        ("confirmed", "yes"),
        ("id", partner::KESTREL),
        ("id", partner::MERIDIAN),
        ("seen", seen[0].as_str()),
        ("seen", seen[1].as_str()),
    ];
    app.assert_unchanged(|| assert_eq!(hana.post("/partners/bulk", &both).status(), 409));
}
