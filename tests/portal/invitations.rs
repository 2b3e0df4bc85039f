//! Asking people to join a partner, and what a link is worth.

use std::thread;

use chrono::TimeDelta;
use portico::access::link::{Purpose, token};

use crate::support::*;

/// Of a password that fits.
const NEW: &str = "four other unrelated words";

/// Gives the invitations of the world letters in a state.
fn letters(app: &TestApp, state: &str) {
    app.database().run(&format!(
        "UPDATE invitations SET letter_id = ('a' || substr(id::text, 2))::uuid;
         INSERT INTO outbox (id, program_id, partner_id, letter, recipient, message_id, state, run_at, created_at, sent_at, last_error, kind, subject, recipient_name, about_id, expires_at)
           SELECT letter_id, program_id, partner_id, '{{}}', email, letter_id::text, '{state}', created_at, created_at, created_at, 'There is no such domain.', 'Invitation', 'Join', name, id, expires_at FROM invitations"
    ));
}

/// One column of an invitation.
fn column(app: &TestApp, id: &str, name: &str) -> String {
    app.database().value(&format!("SELECT {name} FROM invitations WHERE id = '{id}'"))
}

/// The token of the newest link of an invitation, as the letter brings it.
fn link(app: &TestApp, id: &str) -> String {
    let version = column(app, id, "link_version").parse().unwrap();
    token(&app.inside().key, Purpose::Invitation, id.parse().unwrap(), version, &column(app, id, "email"))
}

/// Opens a link as a browser does, up to its page.
fn follow(visitor: &Visitor, link: &str) -> Answer {
    let answer = visitor.get(&format!("/link/{link}"));
    // A link to an address that was corrected since is nobody's any more.
    assert!(answer.status() == 303 && ["/invitation", "/link"].contains(&answer.location()), "{}", answer.location());
    visitor.get(answer.location())
}

/// Somebody who opened the newest link of an invitation.
fn opened(app: &TestApp, id: &str) -> Visitor {
    let visitor = app.anonymous();
    assert_eq!(follow(&visitor, &link(app, id)).status(), 200);
    visitor
}

fn accept(visitor: &Visitor) -> Answer {
    visitor.post("/invitation", &[("name", "Ines Invited"), ("new_password", NEW)])
}

fn act(visitor: &Visitor, id: &str, what: &str, version: &str) -> Answer {
    visitor.post(&format!("/partners/KESTREL/invitations/{id}/{what}"), &[("version", version)])
}

fn add(visitor: &Visitor, code: &str, email: &str, role: &str) -> Answer {
    let form = [("name", "Noor New"), ("email", email), ("role", role)];
    visitor.post(&format!("/partners/{code}/users/new"), &form)
}

fn id_of(app: &TestApp, email: &str) -> String {
    app.database()
        .value(&format!("SELECT id FROM invitations WHERE email = '{email}' ORDER BY created_at DESC LIMIT 1"))
}

fn row(page: &Answer, email: &str) -> String {
    page.texts("tbody tr").into_iter().find(|text| text.contains(email)).unwrap_or_default()
}

/// The page of a link that is worth nothing, and that trying it changes nothing.
#[track_caller]
fn assert_dead(app: &TestApp, link: &str) -> Answer {
    let visitor = app.anonymous();
    let page = app.assert_unchanged(|| follow(&visitor, link));
    assert_eq!(page.status(), 410);
    assert!(page.text().contains("This link does not work"));
    let refused = app.assert_unchanged(|| accept(&visitor));
    assert_eq!(refused.status(), 410);
    assert!(visitor.cookie("portico").is_none(), "nobody is signed in");
    page
}

#[test]
fn s0_22_somebody_is_invited_accepts_and_is_signed_in() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    assert_eq!(add(&hana, "KESTREL", "Noor@New.example", "user").status(), 303);
    let id = id_of(&app, "noor@new.example");
    let letter = app.database().value("SELECT letter FROM outbox WHERE recipient = 'noor@new.example'");
    let letter: serde_json::Value = serde_json::from_str(&letter).unwrap();
    assert_eq!(
        (letter["letter"].as_str(), letter["role"].as_str(), letter["until"].as_str()),
        (Some("Invitation"), Some("Partner user"), Some("20 Nov 2026, 11:42 in Europe/Dublin"))
    );
    assert!(!letter.to_string().contains(&link(&app, &id)), "no secret is kept");
    let list = row(&hana.get("/partners/KESTREL/users"), "noor@new.example");
    assert!(list.contains("Invited") && list.contains("2 h left") && list.contains("Sending"), "{list}");

    let visitor = opened(&app, &id);
    let page = visitor.get("/invitation");
    for said in ["Hana Host", "Kestrel Car Rental", "Solstice Rewards", "Partner user", "noor@new.example", "2 h"] {
        assert!(page.text().contains(said), "{said}");
    }
    assert_eq!(page.form("form").value("name"), "Noor New");
    let short = app.assert_unchanged(|| visitor.post("/invitation", &[("name", "Noor"), ("new_password", "short")]));
    assert_eq!((short.status(), short.form("form").value("name")), (422, "Noor"));
    assert!(!short.error_at("new_password").is_empty());
    let answer = accept(&visitor);
    assert_eq!((answer.status(), answer.location()), (303, "/"));
    assert_eq!(visitor.place(), "Kestrel Car Rental");
    assert!(visitor.get("/partners/KESTREL").text().contains("Ines Invited"));
    let line =
        app.database().value("SELECT actor_name || ' ' || event::text FROM activity WHERE kind = 'InvitationAccepted'");
    assert!(line.starts_with("Ines Invited") && line.contains("Partner user"), "{line}");
    assert_eq!(
        app.database().value("SELECT recipient || ' ' || hosts_only FROM outbox WHERE kind = 'InvitationAccepted'"),
        format!("{} true", HANA.email)
    );
    assert!(row(&hana.get("/partners/KESTREL/users"), "noor@new.example").contains("Active"));
}

#[test]
fn t29_a_link_works_until_its_last_millisecond_and_not_at_its_end() {
    for (left, status) in [(1, 303), (0, 410)] {
        let app = TestApp::new();
        let id = invitation::KESTREL;
        let visitor = opened(&app, id);
        let until: chrono::DateTime<chrono::Utc> = "2026-11-20T11:12:00Z".parse().unwrap();
        app.pass(until - app.now() - TimeDelta::milliseconds(left));
        let answer = accept(&visitor);
        assert_eq!(answer.status(), status, "{left} ms before the end");
        assert_eq!(column(&app, id, "accepted_at").is_empty(), left == 0);
    }
}

#[test]
fn t30_of_many_who_accept_at_once_one_does() {
    let app = TestApp::with(|config| config.database.wait_seconds = 20);
    let visitor = opened(&app, invitation::KESTREL);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(|| accept(&visitor.copy()).status())).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    // 403: looked when the account was there already, and was told to sign in with it.
    assert!(statuses.iter().all(|status| matches!(status, 303 | 403 | 410 | 503)), "{statuses:?}");
    for (what, table) in [
        ("account", "users WHERE email LIKE 'ines.kestrel@%'"),
        ("membership", "memberships m JOIN users u ON u.id = m.user_id WHERE u.email LIKE 'ines.kestrel@%'"),
        ("event", "activity WHERE kind = 'InvitationAccepted'"),
        ("letter", "outbox WHERE kind = 'InvitationAccepted'"),
    ] {
        assert_eq!(app.database().value(&format!("SELECT count(*) FROM {table}")), "1", "{what}");
    }
}

#[test]
fn t31_a_used_link_is_dead() {
    let app = TestApp::new();
    let used = link(&app, invitation::KESTREL);
    assert_eq!(accept(&opened(&app, invitation::KESTREL)).status(), 303);
    assert_dead(&app, &used);
}

#[test]
fn t31_revoking_resending_and_correcting_kill_the_older_link_at_once() {
    let correction = [("name", "Ines"), ("email", "ines@right.example"), ("role", "auditor"), ("version", "1")];
    for what in ["revoke", "resend", "correct"] {
        let app = TestApp::new();
        let (hana, id) = (app.as_(HANA), invitation::KESTREL);
        let (old, tab) = (link(&app, id), opened(&app, id));
        let path = format!("/partners/KESTREL/invitations/{id}/{what}");
        assert_eq!(hana.post(&path, &correction).status(), 303, "{what}");
        assert_dead(&app, &old);
        assert_eq!(app.assert_unchanged(|| accept(&tab)).status(), 410, "{what}: a form that was open");
        if what == "revoke" {
            assert_dead(&app, &link(&app, id));
            continue;
        }
        assert_eq!(accept(&opened(&app, id)).status(), 303, "{what}: the newest works");
        let role = if what == "correct" { "auditor" } else { "user" };
        assert_eq!(app.database().value("SELECT role FROM memberships ORDER BY created_at DESC LIMIT 1"), role);
    }
}

#[test]
fn t31_a_letter_that_did_not_leave_is_withdrawn() {
    let app = TestApp::new();
    let (hana, id) = (app.as_(HANA), invitation::KESTREL);
    letters(&app, "queued");
    assert_eq!(act(&hana, id, "resend", "1").status(), 303);
    let states = || {
        app.database()
            .values(&format!("SELECT state FROM outbox WHERE about_id = '{id}' ORDER BY created_at, state DESC"))
    };
    assert_eq!(states(), ["withdrawn", "queued"]);
    assert_eq!(act(&hana, id, "revoke", "2").status(), 303);
    assert_eq!(states(), ["withdrawn", "withdrawn"]);
}

#[test]
fn t31_an_invitation_is_worth_what_its_inviter_may_still_give() {
    let takes = [
        format!("UPDATE memberships SET role = 'user' WHERE user_id = '{}'", HANA.id),
        format!("UPDATE memberships SET suspended_at = now() WHERE user_id = '{}'", HANA.id),
        format!("DELETE FROM memberships WHERE user_id = '{}'", HANA.id),
        format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", HANA.id),
        format!("UPDATE partners SET status = 'archived' WHERE id = '{}'", partner::KESTREL),
    ];
    for taken in takes {
        let app = TestApp::new();
        app.database().run(&taken);
        assert_dead(&app, &link(&app, invitation::KESTREL));
    }
    // Who sends it again answers for it from then on.
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", HANA.id));
    assert_eq!(act(&pia, invitation::KESTREL, "resend", "1").status(), 303);
    assert_eq!(accept(&opened(&app, invitation::KESTREL)).status(), 303);
    assert_eq!(
        app.database().value("SELECT recipient || ' ' || members_only FROM outbox WHERE kind = 'InvitationAccepted'"),
        format!("{} true", PIA.email)
    );
}

#[test]
fn t31_a_role_that_is_no_longer_given_there_brings_nothing() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE invitations SET role = 'csr' WHERE id = '{}'", invitation::KESTREL));
    assert_dead(&app, &link(&app, invitation::KESTREL));
    let hana = app.as_(HANA);
    let answer = app.assert_unchanged(|| act(&hana, invitation::KESTREL, "resend", "1"));
    assert_eq!(answer.status(), 409);
}

#[test]
fn t32_a_link_is_for_its_own_address_whatever_the_form_says() {
    let app = TestApp::new();
    let (uma, link) = (app.as_(UMA), link(&app, invitation::MERIDIAN));
    let page = follow(&uma, &link);
    assert!(page.text().contains("Sign out first") && page.actions().contains(&"/sign-out".to_owned()));
    let forged =
        [("name", "Eve"), ("new_password", NEW), ("email", UMA.email), ("role", "admin"), ("partner", "SOLHQ")];
    assert_eq!(app.assert_unchanged(|| uma.post("/invitation", &forged)).status(), 403);
    // And signed out: name and password count, nothing else.
    let visitor = opened(&app, invitation::MERIDIAN);
    assert_eq!(visitor.post("/invitation", &forged).status(), 303);
    assert_eq!(
        app.database().value("SELECT u.email || ' ' || m.role || ' ' || p.code FROM memberships m JOIN users u ON u.id = m.user_id JOIN partners p ON p.id = m.partner_id ORDER BY m.created_at DESC LIMIT 1"),
        "ines.meridian@invited.example user MERIDIAN"
    );
}

#[test]
fn t32_somebody_with_an_account_signs_in_to_accept() {
    let app = TestApp::new();
    let (pia, before) =
        (app.as_(PIA), app.database().value(&format!("SELECT password_hash FROM users WHERE id = '{}'", PETRA.id)));
    assert_eq!(add(&pia, "KESTREL", PETRA.email, "user").status(), 303);
    let id = id_of(&app, PETRA.email);
    let visitor = opened(&app, &id);
    let page = visitor.get("/invitation");
    assert_eq!(page.attributes("main a.btn-primary", "href"), ["/sign-in?next=/invitation"]);
    assert_eq!(app.assert_unchanged(|| accept(&visitor)).status(), 403, "the link alone sets no password of theirs");
    let petra = app.as_(PETRA);
    assert_eq!(follow(&petra, &link(&app, &id)).status(), 200);
    assert_eq!(petra.post("/invitation", &[]).location(), "/");
    assert_eq!(petra.place(), "Kestrel Car Rental", "they act for whom they joined");
    let after = app.database().value(&format!("SELECT password_hash FROM users WHERE id = '{}'", PETRA.id));
    assert_eq!(before, after);
}

#[test]
fn t33_looking_uses_nothing_up_however_often() {
    let app = TestApp::new();
    let (id, link) = (invitation::KESTREL, link(&app, invitation::KESTREL));
    letters(&app, "sent");
    for _ in 0..3 {
        assert_eq!(follow(&app.anonymous(), &link).status(), 200);
    }
    let head = app.anonymous();
    head.send(head.request("HEAD", &format!("/link/{link}")));
    assert!(column(&app, id, "accepted_at").is_empty() && !column(&app, id, "opened_at").is_empty());
    assert_eq!(column(&app, id, "version"), "1", "an admin's page is not stale because a scanner looked");
    let list = row(&app.as_(HANA).get("/partners/KESTREL/users"), "ines.kestrel");
    assert!(list.contains("Delivered") && list.contains("opened"), "{list}");
    let page = app.anonymous().get(&format!("/link/{link}"));
    assert!(page.header("referrer-policy").contains("no-referrer") || page.header("referrer-policy") == "same-origin");
    assert_eq!(accept(&opened(&app, id)).status(), 303);
}

#[test]
fn t34_nobody_invites_above_themselves_or_for_others() {
    let app = TestApp::new();
    let (pia, mira) = (app.as_(PIA), app.as_(MIRA));
    let others = [UMA, OTTO, CLEO, RUI, ALDO].map(|who| (who, app.as_(who)));
    app.assert_unchanged(|| {
        for role in ["reviewer", "csr", "custom", "", "hosting-admin"] {
            let answer = add(&pia, "KESTREL", "noor@new.example", role);
            assert_eq!(answer.status(), 422, "{role}");
            assert!(!answer.error_at("role").is_empty());
        }
        assert_eq!(add(&pia, "MERIDIAN", "noor@new.example", "user").status(), 404);
        assert_eq!(act(&mira, invitation::KESTREL, "resend", "1").status(), 404);
        for (who, visitor) in &others {
            assert_eq!(add(visitor, "KESTREL", "noor@new.example", "user").status(), 403, "{}", who.name);
            assert_eq!(act(visitor, invitation::KESTREL, "resend", "1").status(), 403, "{}", who.name);
        }
    });
    // A lesser role that may add people gives no more than it holds, and touches no invitation above it.
    app.database().run(&format!(
        "INSERT INTO roles (id, program_id, name, program_wide, permissions, created_at, updated_at) VALUES
           ('b1000000-0000-7000-8000-00000000000a', '{}', 'People’s keeper', false, '[\"users/read\", \"users/create\", \"users/update\", \"users/delete\", \"partners/read\"]', now(), now());
         UPDATE memberships SET role = 'custom', role_id = 'b1000000-0000-7000-8000-00000000000a' WHERE id = '{}';
         UPDATE invitations SET role = 'admin' WHERE id = '{}'",
        program::SOLSTICE, UMA.membership(), invitation::KESTREL
    ));
    let uma = app.as_(UMA);
    let offered = uma.get("/partners/KESTREL/users/new").attributes("[name=role]", "value");
    assert!(!offered.contains(&"admin".to_owned()), "{offered:?}");
    app.assert_unchanged(|| {
        assert_eq!(add(&uma, "KESTREL", "noor@new.example", "admin").status(), 422);
        for what in ["resend", "extend", "revoke"] {
            assert_eq!(act(&uma, invitation::KESTREL, what, "1").status(), 403, "{what}");
        }
    });
    assert!(!uma.get("/partners/KESTREL/users").text().contains(&format!("{}/resend", invitation::KESTREL)));
}

#[test]
fn t34_no_page_shows_a_link() {
    let app = TestApp::new();
    let link = link(&app, invitation::KESTREL);
    for who in [SAM, HANA, PIA] {
        let visitor = app.as_(who);
        for path in [
            "/partners/KESTREL/users".to_owned(),
            "/partners/KESTREL/activity".into(),
            format!("/partners/KESTREL/invitations/{}/correct", invitation::KESTREL),
            format!("/partners/KESTREL/invitations/{}/revoke", invitation::KESTREL),
        ] {
            let page = visitor.get(&path);
            assert_eq!(page.status(), 200, "{path}");
            assert!(!page.text().contains(&link) && !page.text().contains("/link/"), "{path}");
        }
    }
}

#[test]
fn t35_who_is_here_already_is_said_to_who_sees_them_anyway() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let said = |answer: Answer| {
        assert_eq!(answer.status(), 422);
        answer.error_at("email")
    };
    let member = said(app.assert_unchanged(|| add(&pia, "KESTREL", UMA.email, "user")));
    assert!(member.contains("Uma User is a user of"), "{member}");
    let open = app.assert_unchanged(|| add(&pia, "KESTREL", "ines.kestrel@invited.example", "user"));
    let again = format!("/partners/KESTREL/invitations/{}/resend", invitation::KESTREL);
    assert!(open.actions().contains(&again), "it is offered to send it again");
    assert!(said(open).contains("open invitation"));
    // A partner admin is told the same of every other address: known here, elsewhere, closed, above, or nobody's.
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", MOE.id));
    let mut sentences: Vec<String> =
        [MIRA.email, PETRA.email, MOE.email, SAM.email, PAULA.email, "nobody@nowhere.example"]
            .into_iter()
            .map(|email| {
                assert_eq!(add(&pia, "KESTREL", email, "user").status(), 303, "{email}");
                pia.get("/partners/KESTREL/users").first(".toasts .notice p").replace(email, "X")
            })
            .collect();
    sentences.dedup();
    assert_eq!(sentences.len(), 1, "{sentences:?}");
    assert_eq!(app.database().value("SELECT count(*) FROM memberships"), "15");
    // Closed and unfinished accounts get nowhere by a link.
    for email in [MOE.email, PAULA.email] {
        assert_dead(&app, &link(&app, &id_of(&app, email)));
    }
    // Whoever sees the whole program adds its people at once; to them other programs' people are strangers.
    assert_eq!(add(&hana, "SOLHQ", OTTO.email, "user").status(), 303);
    assert_eq!(app.database().value("SELECT count(*) FROM memberships"), "16");
    assert_eq!(app.database().value("SELECT recipient FROM outbox WHERE kind = 'MemberAdded'"), OTTO.email);
    assert!(said(app.assert_unchanged(|| add(&hana, "SOLHQ", MOE.email, "user"))).contains("deactivated"));
    assert_eq!(add(&hana, "SOLHQ", PETRA.email, "user").status(), 303);
    assert_eq!(app.database().value("SELECT count(*) FROM memberships"), "16");
}

#[test]
fn t35_of_two_invitations_at_the_same_moment_one_is_made() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        [&hana, &pia]
            .map(|who| scope.spawn(|| add(who, "KESTREL", "noor@new.example", "user").status()))
            .map(|one| one.join().unwrap())
            .to_vec()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    assert_eq!(app.database().value("SELECT count(*) FROM outbox WHERE recipient = 'noor@new.example'"), "1");
}

#[test]
fn t40_letters_are_counted_by_partner_and_by_invitation() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for number in 1..50 {
        assert_eq!(add(&pia, "KESTREL", &format!("n{number}@new.example"), "user").status(), 303, "{number}");
    }
    let full = app.assert_unchanged(|| add(&pia, "KESTREL", "n50@new.example", "user"));
    assert_eq!(full.status(), 429);
    assert_eq!(add(&app.as_(HANA), "SOLHQ", "n50@new.example", "user").status(), 303, "other partners have their own");
    let id = invitation::KESTREL;
    for version in 1..=5 {
        assert_eq!(act(&pia, id, "resend", &version.to_string()).status(), 303, "{version}");
    }
    assert_eq!(act(&pia, id, "resend", "6").status(), 429);
    assert_eq!(column(&app, id, "link_version"), "6");
    // Somebody else's cannot be used up from outside.
    let mira = app.as_(MIRA);
    for _ in 0..6 {
        assert_eq!(act(&mira, invitation::SOLHQ, "resend", "1").status(), 404);
    }
    let hana = app.as_(HANA);
    let path = format!("/partners/SOLHQ/invitations/{}/resend", invitation::SOLHQ);
    assert_eq!(hana.post(&path, &[("version", "1")]).status(), 303);
    app.pass(TimeDelta::days(1) + TimeDelta::minutes(1));
    let pia = app.as_(PIA);
    assert_eq!(act(&pia, id, "resend", "6").status(), 303);
    assert_eq!(add(&pia, "KESTREL", "n50@new.example", "user").status(), 303);
}

#[test]
fn s0_26_an_expired_invitation_is_repaired_in_place() {
    let app = TestApp::new();
    let id = invitation::KESTREL;
    let old = link(&app, id);
    app.pass(TimeDelta::hours(2));
    let hana = app.as_(HANA);
    let list = row(&hana.get("/partners/KESTREL/users"), "ines.kestrel");
    assert!(list.contains("Expired") && list.contains("30 min ago"), "{list}");
    // Whoever holds the link asks for another; whoever made one up cannot.
    let page = assert_dead(&app, &old);
    assert_eq!(page.actions(), ["/invitation/ask"]);
    let stranger = app.anonymous();
    assert_eq!(app.assert_unchanged(|| stranger.post("/invitation/ask", &[])).status(), 303);
    let visitor = app.anonymous();
    follow(&visitor, &old);
    for _ in 0..3 {
        assert_eq!(visitor.post("/invitation/ask", &[]).location(), "/invitation");
    }
    assert!(visitor.get("/invitation").text().contains("You asked for a new link just now"));
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'InvitationAsked'"), "1");
    assert_eq!(
        app.database().value("SELECT recipient || ' ' || hosts_only FROM outbox WHERE kind = 'InvitationAsked'"),
        format!("{} true", HANA.email)
    );
    assert!(row(&hana.get("/partners/KESTREL/users"), "ines.kestrel").contains("Asks for a new link"));
    app.pass(TimeDelta::minutes(50));
    let hana = app.as_(HANA);
    // Extended, the same link works again.
    assert_eq!(act(&hana, id, "extend", "1").status(), 303);
    let list = row(&hana.get("/partners/KESTREL/users"), "ines.kestrel");
    assert!(list.contains("Invited") && list.contains("2 h left") && !list.contains("Asks"), "{list}");
    assert_eq!(accept(&opened(&app, id)).status(), 303);
}

#[test]
fn s0_26_extending_has_an_end_and_needs_a_letter() {
    let app = TestApp::new();
    let (hana, id) = (app.as_(HANA), invitation::KESTREL);
    for version in 1..=11 {
        assert_eq!(act(&hana, id, "extend", &version.to_string()).status(), 303, "{version}");
    }
    assert_eq!(app.assert_unchanged(|| act(&hana, id, "extend", "12")).status(), 409);
    letters(&app, "failed");
    let page = hana.get("/partners/KESTREL/users");
    let list = row(&page, "ines.kestrel");
    assert!(
        list.contains("Bounced") && list.contains("There is no such domain.") && list.contains("Correct"),
        "{list}"
    );
    assert_eq!(app.assert_unchanged(|| act(&hana, id, "extend", "12")).status(), 409);
}

#[test]
fn t58_who_is_late_changes_no_invitation() {
    let app = TestApp::new();
    let (hana, pia, id) = (app.as_(HANA), app.as_(PIA), invitation::KESTREL);
    assert_eq!(act(&hana, id, "resend", "1").status(), 303);
    app.assert_unchanged(|| {
        for what in ["resend", "extend", "revoke"] {
            assert_eq!(act(&pia, id, what, "1").status(), 409, "{what}");
        }
        let path = format!("/partners/KESTREL/invitations/{id}/correct");
        let typed = [("version", "1"), ("name", "Typed Name"), ("email", "typed@new.example"), ("role", "user")];
        let answer = pia.post(&path, &typed);
        assert_eq!(answer.status(), 409);
        let form = answer.form("form.form");
        assert_eq!((form.value("name"), form.value("version")), ("Typed Name", "2"));
    });
    assert_eq!(accept(&opened(&app, id)).status(), 303);
    for what in ["resend", "extend", "revoke"] {
        assert_eq!(app.assert_unchanged(|| act(&hana, id, what, "3")).status(), 409, "{what}: they joined");
    }
}

#[test]
fn a_correction_to_somebody_who_is_here_is_refused_at_the_field() {
    let app = TestApp::new();
    let (pia, path) = (app.as_(PIA), format!("/partners/KESTREL/invitations/{}/correct", invitation::KESTREL));
    assert_eq!(add(&pia, "KESTREL", "noor@new.example", "user").status(), 303);
    for email in [UMA.email, "noor@new.example", "not an address"] {
        let form = [("version", "1"), ("name", "Ines"), ("email", email), ("role", "user")];
        // Tries are counted; nothing else is.
        let answer = app.assert_unchanged(|| pia.post(&path, &form));
        assert_eq!(answer.status(), 422, "{email}");
        assert!(!answer.error_at("email").is_empty(), "{email}");
    }
}

#[test]
fn partners_that_stand_still_take_nobody_in() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for status in ["suspended", "offboarding", "archived"] {
        app.database().run(&format!("UPDATE partners SET status = '{status}' WHERE id = '{}'", partner::KESTREL));
        app.assert_unchanged(|| {
            assert_eq!(hana.get("/partners/KESTREL/users/new").status(), 409, "{status}");
            let answer = add(&hana, "KESTREL", "noor@new.example", "user");
            assert_eq!(answer.status(), 409, "{status}");
            assert!(answer.text().contains("before you add people"));
        });
        assert!(!hana.get("/partners/KESTREL/users").text().contains("users/new"), "{status}");
    }
}

#[test]
fn t01_people_of_one_partner_see_no_invitation_of_another() {
    let app = TestApp::new();
    let mira = app.as_(MIRA);
    for path in ["/partners/KESTREL/users", "/partners/KESTREL/users?q=ines"] {
        assert_eq!(mira.get(path).status(), 404);
    }
    let page = mira.get("/partners/MERIDIAN/users");
    assert!(page.text().contains("ines.meridian") && !page.text().contains("ines.kestrel"));
    assert!(page.text().contains("2 users, 1 invitation open"), "{}", page.first("[role=status]"));
    let found = mira.get("/partners/MERIDIAN/users?q=ines.kestrel");
    assert!(found.text().contains("Nobody matches") && found.text().contains("0 users"));
    for path in ["/users", "/invitations"] {
        assert_eq!(mira.get(path).location(), "/partners/MERIDIAN/users");
    }
    let file = mira.get("/users/export.csv").text();
    assert!(file.contains(MIRA.email) && !file.contains("kestrel") && !file.contains("ines"), "{file}");
    assert!(!mira.get("/search?q=ines.kestrel").text().contains("invited.example"));
    for what in ["correct", "revoke"] {
        for code in ["KESTREL", "MERIDIAN"] {
            let path = format!("/partners/{code}/invitations/{}/{what}", invitation::KESTREL);
            assert_eq!(mira.get(&path).status(), 404, "{path}");
        }
    }
}

#[test]
fn the_users_tab_filters_by_role_state_and_words_and_pages() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.database().run(&format!(
        "UPDATE users SET status = 'deactivated' WHERE id = '{}'; UPDATE memberships SET suspended_at = now() WHERE id = '{}'; UPDATE users SET second_factor_at = now() WHERE id = '{}'",
        DORA.id, OTTO.membership(), PIA.id
    ));
    let names = |query: &str| hana.get(&format!("/partners/KESTREL/users{query}")).texts("tbody th .strong");
    assert_eq!(names("").len(), 6);
    assert_eq!(names("?state=invited"), ["Ines of KESTREL"]);
    assert_eq!(names("?state=suspended"), ["Otto Observer"]);
    assert_eq!(names("?state=deactivated"), ["Dora Disabled"]);
    assert_eq!(names("?state=active"), ["Dana Dual", "Pia Partner", "Uma User"]);
    assert_eq!(names("?role=auditor"), ["Otto Observer"]);
    assert_eq!(names("?role=user&state=invited"), ["Ines of KESTREL"]);
    assert_eq!(names("?q=INVITED.example"), ["Ines of KESTREL"]);
    assert!(names("?state=expired").is_empty() && names("?state=bounced").is_empty());
    assert!(row(&hana.get("/partners/KESTREL/users"), PIA.email).contains("On"));
    app.pass(TimeDelta::hours(2));
    let hana = app.as_(HANA);
    assert_eq!(hana.get("/partners/KESTREL/users?state=expired").texts("tbody th .strong"), ["Ines of KESTREL"]);
    // Paging over both kinds misses nobody and shows nobody twice.
    for number in 0..30 {
        app.database().run(&format!(
            "INSERT INTO invitations (id, program_id, partner_id, email, name, role, expires_at, invited_by_name, created_at, sent_at) VALUES (gen_random_uuid(), '{}', '{}', 'x{number}@x.example', 'Same Name', 'user', now(), 'X', now(), now())",
            program::SOLSTICE, partner::KESTREL
        ));
    }
    let first = hana.get("/partners/KESTREL/users?size=25");
    let second = hana.get(&first.attributes("a[rel=next]", "href")[0]);
    let mut all = [first.texts("tbody th small"), second.texts("tbody th small")].concat();
    assert_eq!(all.len(), 36);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 36);
    let back = hana.get(&second.attributes("a[rel=prev]", "href")[0]);
    assert_eq!(back.texts("tbody th small"), first.texts("tbody th small"));
}

#[test]
fn the_program_has_lists_of_all_its_users_and_invitations() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let page = hana.get("/users");
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("12 users"), "{}", page.first("[role=status]"));
    assert!(page.text().contains(MIRA.email.split('@').next().unwrap()) && !page.text().contains("petra"));
    let names = |path: &str| hana.get(path).texts("tbody th a");
    assert_eq!(names("/users?partner=meridian").len(), 2);
    assert_eq!(names("/users?q=uma"), ["Uma User"]);
    assert_eq!(names("/users?role=csr"), ["Cleo Csr"]);
    assert_eq!(names("/invitations").len(), 3);
    assert_eq!(names("/invitations?partner=kes&state=invited"), ["Ines of KESTREL"]);
    let file = hana.get("/users/export.csv?partner=meridian").text();
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(file.starts_with("name,email,partner,role,state,two_step,last_seen_at,joined_at"));
    let hector = app.as_(HECTOR);
    assert!(!hector.get("/invitations").text().contains("ines.kestrel"));
    assert_eq!(app.as_(CLEO).get("/users").status(), 403);
}

#[test]
fn s2_6_choosing_a_role_shows_what_it_grants() {
    let app = TestApp::new();
    let page = app.as_(PIA).get("/partners/KESTREL/users/new");
    let (values, grants) = (page.attributes("[name=role]", "value"), page.texts(".grant .what"));
    assert_eq!(values, ["admin", "user", "auditor"]);
    assert!(grants[0].contains("Usersread, create, update, delete"), "{}", grants[0]);
    assert!(grants[1].contains("Usersread") && !grants[1].contains("delete"), "{}", grants[1]);
    assert!(grants[1].contains("Integrationsread, create, update, comment"), "{}", grants[1]);
}
