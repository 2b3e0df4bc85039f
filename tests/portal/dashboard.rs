//! The dashboard: what waits for each role, in its own numbers and no others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use diesel::connection::{Connection, InstrumentationEvent};
use portico::access::{Grant, ManageSelf, session};
use portico::dashboard;

use crate::support::*;

/// A number at the top, with the note below it.
fn stat(page: &Answer, label: &str) -> Option<(String, String)> {
    let page = page.page();
    let at = page.texts(".stats .quiet").iter().position(|text| text == label)?;
    Some((page.texts(".stats b")[at].clone(), page.texts(".stats small")[at].clone()))
}

fn said(value: &str, note: &str) -> Option<(String, String)> {
    Some((value.to_owned(), note.to_owned()))
}

#[test]
fn the_host_sees_the_numbers_and_the_queue_of_the_program() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE integrations SET expected_at = '2026-11-19 16:00Z', submitted_at = '2026-11-16 10:00Z', round = 2, assignee_id = '{}',
           assignee_name = 'Hana Host' WHERE id = '{}'",
        HANA.id,
        integration::MERIDIAN
    ));
    app.database().run(&format!(
        "UPDATE integrations SET expected_at = '2026-11-20 15:00Z', assignee_id = '{}', assignee_name = 'Rui Reviewer' WHERE id = '{}'",
        RUI.id,
        integration::KESTREL
    ));
    let page = app.as_(HANA).get("/");
    assert_eq!(page.status(), 200);
    assert_eq!(stat(&page, "Waiting for review"), said("3", "1 past target"));
    // From Monday 10:00 to Friday 9:42, eight hours a day.
    assert_eq!(stat(&page, "Oldest waiting"), said("3 days 7 h", "business time; target 3 days"));
    assert_eq!(stat(&page, "Partners active"), said("3", "0 pending, 0 planned"));
    assert_eq!(stat(&page, "Invitations open"), said("3", "next runs out in 1 h 30 min"));
    assert_eq!(stat(&page, "Mail failed, 7 days"), said("0", "0 letters sent"));
    let rows = page.page().texts("#queue tbody tr");
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains("Feed of Meridian Air") && rows[0].contains("Past target") && rows[0].contains("You"));
    assert!(rows[1].contains("Feed of Kestrel") && rows[1].contains("Today 15:00") && rows[1].contains("Due today"));
    assert!(rows[1].contains("Rui Reviewer") && rows[1].contains("Partner-built"));
    assert!(rows[2].contains("Unassigned") && !rows[2].contains("Partner-built"), "the host's own: {}", rows[2]);
    assert_eq!(
        page.page().attributes("#queue tbody a", "href")[0],
        format!("/integrations/{}/review", integration::MERIDIAN)
    );
    assert!(!page.text().contains("Boreal"), "another program's");
    assert!(page.first("a[href='/integrations']").contains("3 in review, 1 past target"));
    assert!(page.first("a[href='/'][aria-current=page]").contains("Dashboard"));
    // A reviewer of the same program sees the same queue, as theirs.
    let page = app.as_(RUI).get("/");
    assert!(page.page().texts("#queue tbody tr")[1].contains("You"));
    assert!(!page.page().has("form[action='/setup/hide']"), "setting up is not theirs");
    assert_eq!(stat(&page, "Mail failed, 7 days"), None);
}

#[test]
fn s0_8_a_partners_dashboard_counts_nothing_of_others() {
    let app = TestApp::new();
    app.database().run(
        "UPDATE integrations SET expected_at = '2026-11-23 10:00Z' WHERE partner_id = '31000000-0000-7000-8000-000000000003' AND expected_at IS NOT NULL;
         UPDATE outbox SET state = 'failed'",
    );
    let pia = app.as_(PIA);
    let page = pia.get("/");
    assert_eq!(stat(&page, "In review"), said("1", "with the program"));
    assert_eq!(stat(&page, "Published"), said("1", "live or approved"));
    assert_eq!(stat(&page, "Drafts"), said("0", "only your organisation sees them"));
    assert_eq!(stat(&page, "Changes requested"), said("0", "nothing to answer"));
    for label in ["Waiting for review", "Oldest waiting", "Partners active", "Invitations open"] {
        assert_eq!(stat(&page, label), None, "{label} is the hosts'");
    }
    for foreign in ["Meridian", "Solstice Operations", "Boreal", "internal words"] {
        assert!(!page.page().texts("main")[0].contains(foreign), "{foreign}");
    }
    let row = page.first("#in-review li");
    assert!(row.contains("Expected Tue 24 Nov") && row.contains("3rd in the queue"), "{row}");
    assert!(!page.page().has("#queue") && !page.page().has("#review-time"));
    assert!(page.first("#team").contains("ines.kestrel@invited.example"));
    assert!(page.first("#recent").contains("Command line"));

    // Now it is their move: one item, unanswered; the internal note is nobody's business here.
    app.database().run(&format!(
        "UPDATE integrations SET state = 'changes_requested', expected_at = NULL, state_since = '2026-11-19 12:00Z' WHERE id = '{}'",
        integration::KESTREL
    ));
    let page = pia.get("/");
    assert_eq!(stat(&page, "Changes requested"), said("1", "it is your move"));
    assert!(page.first("#changes-requested li").contains("1 item, 1 to answer"));
    assert!(page.first("a[href='/integrations']").contains("1 with changes requested"));
    // Meridian's dashboard tells nothing of it, and its place moved up.
    let page = app.as_(MIRA).get("/");
    assert_eq!(stat(&page, "Changes requested"), said("0", "nothing to answer"));
    assert!(page.first("#in-review li").contains("1st in the queue"));
}

#[test]
fn panels_are_there_only_for_who_may_read_them() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE programs SET hosting_limit = 1; UPDATE partners SET is_hosting = true WHERE id = '{}'",
        partner::MERIDIAN
    ));
    let has = |who: Person, css: &str| app.as_(who).get("/").page().has(css);
    for (who, panels) in [
        (HANA, ["#queue", "#attention", "#review-time", "#recent"].as_slice()),
        (RUI, &["#queue", "#attention", "#review-time", "#recent"]),
        (ALDO, &["#attention", "#review-time", "#recent"]),
        (CLEO, &["#recent"]),
        (SAM, &["#attention", "#review-time", "#recent"]),
        (PIA, &["#attention", "#in-review", "#team", "#recent"]),
        (UMA, &["#attention", "#in-review", "#team"]),
        (UWE, &["#attention", "#in-review", "#team"]),
    ] {
        for css in ["#queue", "#attention", "#review-time", "#recent", "#in-review", "#team"] {
            assert_eq!(has(who, css), panels.contains(&css), "{} {css}", who.name);
        }
    }
    assert!(app.as_(HANA).get("/").first("#attention").contains("Your limit is 1"));
    assert!(app.as_(SAM).get("/").text().contains("Nothing was sent yet."), "the health of mail");

    // Roles of the program's own: one that reads partners and users, and one that reads nothing here.
    let give = |permissions: &str, wide: bool| {
        app.database().run(&format!(
            "UPDATE roles SET permissions = '{permissions}', program_wide = {wide} WHERE id = '{}';
             UPDATE memberships SET role = 'custom', role_id = '{}' WHERE user_id = '{}'",
            role::UNUSED,
            role::UNUSED,
            CLEO.id
        ));
        let page = app.as_(CLEO).get("/");
        assert_eq!(page.status(), 200);
        page
    };
    let page = give(r#"["partners/read", "users/read"]"#, true);
    assert_eq!(page.page().texts(".stats .quiet"), ["Partners active", "Invitations open"]);
    assert!(!page.page().has("#queue") && !page.page().has("#review-time") && !page.page().has("#recent"));
    for wide in [true, false] {
        let page = give(r#"["mail/resend"]"#, wide);
        assert!(!page.page().has(".stats") && !page.page().has("#queue") && !page.page().has("#team"));
        assert!(!page.page().texts("main")[0].contains("Kestrel"));
    }
    // Without permission to see integrations there is no entry for them either.
    assert!(!app.as_(CLEO).get("/").page().has("a[href='/integrations']"));
}

#[test]
fn s0_17_a_suspended_partners_people_look_at_theirs_and_begin_nothing() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    let page = app.as_(PIA).get("/");
    assert_eq!((page.status(), page.page().has("a[href='/integrations/new']")), (200, false));
    assert!(app.as_(MIRA).get("/").page().has("a[href='/integrations/new']"));
    assert!(app.as_(HANA).get("/").first("#attention").contains("1 partner suspended"));
}

#[test]
fn first_steps_are_told_from_what_is_there_and_can_be_hidden() {
    let app = TestApp::new();
    app.database().run("UPDATE programs SET second_factor_roles = '[]'");
    let hana = app.as_(HANA);
    let page = hana.get("/");
    let notice = page.first(".notice.acc");
    assert!(
        notice.contains("Program setup, 4 of 7 done.") && notice.contains("Next: name the primary contact"),
        "{notice}"
    );
    assert_eq!(hana.post("/setup/hide", &[]).location(), "/");
    assert!(!hana.get("/").page().has("form[action='/setup/hide']"));
    assert!(app.as_(HANA).get("/").page().has("form[action='/setup/hide']"), "another browser still shows them");
}

#[test]
fn beyond_5_review_times_are_drawn_and_listed() {
    let app = TestApp::new();
    assert!(app.as_(HANA).get("/").first("#review-time").contains("No submission was answered"));
    // One was answered within two business days, one after five; another program's does not count.
    app.database().run(
        "UPDATE integration_submissions SET submitted_at = '2026-11-10 10:00Z', outcome = 'changes_requested', answered_at = '2026-11-12 10:00Z'
           WHERE integration_id = 'd1000000-0000-7000-8000-000000000002';
         UPDATE integration_submissions SET submitted_at = '2026-11-11 10:00Z', outcome = 'rejected', answered_at = '2026-11-18 10:00Z'
           WHERE integration_id = 'd1000000-0000-7000-8000-000000000003';
         UPDATE integration_submissions SET outcome = 'rejected', answered_at = '2026-11-18 10:00Z' WHERE integration_id::text LIKE 'd2%'",
    );
    let page = app.as_(HANA).get("/");
    assert_eq!((page.page().count("#review-time rect.a"), page.page().count("#review-time rect.w")), (1, 1));
    let rows = page.page().texts("#review-time tbody tr");
    assert_eq!(rows.len(), 12);
    assert!(rows[10].contains("9 Nov") && rows[10].contains("2.0") && rows[11].contains("5.0"), "{rows:?}");
    assert!(page.first("#review-time desc").contains("the target of 3 was passed in 1 of 2 weeks"));
}

#[test]
fn what_needs_attention_is_named_until_somebody_acted() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    hana.post("/partners/KESTREL/users/new", &[("name", "Neo"), ("email", "neo@new.example"), ("role", "user")]);
    app.database()
        .run("UPDATE outbox SET state = 'failed', last_error = 'mailbox not found' WHERE kind = 'Invitation'");
    app.pass(TimeDelta::minutes(1));
    let page = hana.get("/");
    assert!(page.first("#attention").contains("neo@new.example, mailbox not found"));
    assert_eq!(stat(&page, "Mail failed, 7 days").unwrap().0, "1");
    assert!(page.page().texts(".nav-list a").iter().any(|line| line.starts_with("Mail1")), "the badge");
    let invitation = app.database().value("SELECT id FROM invitations WHERE email = 'neo@new.example'");
    let correct = format!("/partners/KESTREL/invitations/{invitation}/correct");
    assert!(page.page().attributes("#attention a", "href").contains(&correct));
    // The partner's admin sees it as well, and may mend it.
    assert!(app.as_(PIA).get("/").page().attributes("#attention a", "href").contains(&correct));
    // A new link: the failed letter has a successor, so nothing is left to be done.
    assert_eq!(
        hana.post(&format!("/partners/KESTREL/invitations/{invitation}/resend"), &[("version", "1")]).status(),
        303
    );
    let page = hana.get("/");
    assert!(!page.first("#attention").contains("neo@new.example"));
    assert_eq!(stat(&page, "Mail failed, 7 days").unwrap().0, "0");
    assert!(!page.page().texts(".nav-list a").iter().any(|line| line.starts_with("Mail1")));
}

#[test]
fn the_page_takes_few_statements() {
    let app = TestApp::new();
    app.database().run("UPDATE programs SET second_factor_roles = '[]'");
    for who in [HANA, RUI, ALDO, PIA] {
        let db = &app.inside().db;
        let membership = who.membership().parse().unwrap();
        let actor = db.system_now("test", |tx| session::as_member(tx, membership)).unwrap().unwrap();
        let grant = Grant::<ManageSelf>::check(actor).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let counter = count.clone();
        db.read_now(&grant, |tx| {
            tx.conn().set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
            dashboard::page(tx, false, dashboard::Hidden::No).map(drop)
        })
        .unwrap();
        let count = count.load(Ordering::Relaxed);
        assert!((5..=17).contains(&count), "{} takes {count} statements", who.name);
    }
}

#[test]
fn s1_18_tiers_that_end_soon_are_on_the_dashboard_of_who_may_see_them() {
    let app = TestApp::new();
    let (cleo, hana, pia) = (app.as_(CLEO), app.as_(HANA), app.as_(PIA));
    assert!(cleo.get("/").first("#ending").contains("None."));
    assert!(!pia.get("/").page().has("#ending"), "nothing of theirs ends");
    let ends = |at: &str| {
        app.database()
            .run(&format!("UPDATE tier_assignments SET ends_at = '{at}' WHERE partner_id = '{}'", partner::KESTREL))
    };
    ends("2026-11-25 00:00Z");
    for visitor in [&cleo, &hana] {
        let page = visitor.get("/");
        let row = page.first("#ending li");
        assert!(row.contains("Kestrel Car Rental") && row.contains("Silver (2) in Winter of Kestrel"), "{row}");
        assert!(row.contains("Last day 24 Nov 2026, included, Europe/Dublin: in 4 days"), "{row}");
        let extend = page.attributes("#ending .btn", "href").remove(0);
        assert!(visitor.get(&extend).text().contains("Extend: 1 assignment"), "{extend}");
        assert!(page.page().has("#configuration [hx-get='/configuration']"));
    }
    // The counts come by themselves once the page is there.
    let part = cleo.get_part("/configuration");
    assert!(part.text().contains("/configuration?kind=ends-soon") && !part.text().contains("<h1"), "{}", part.text());
    // Their own, to look at; nobody else's.
    let page = pia.get("/");
    assert!(page.first("#ending li").contains("Kestrel Car Rental"));
    assert!(!page.page().has("#ending .btn") && !page.page().has("#configuration"));
    for who in [MIRA, RUI] {
        assert!(!app.as_(who).get("/").page().has("#ending"), "{}", who.name);
    }
    assert!(!app.as_(ALDO).get("/").page().has("#ending .btn"), "an auditor looks only");
    // Not those that end later, that are drafts, or whose campaign is over.
    ends("2026-12-05 00:00Z");
    assert!(cleo.get("/").first("#ending").contains("None."));
    ends("2026-11-25 00:00Z");
    for (change, back) in [
        ("UPDATE tier_assignments SET state = 'draft'", "UPDATE tier_assignments SET state = 'live'"),
        ("UPDATE campaigns SET state = 'archived'", "UPDATE campaigns SET state = 'approved'"),
    ] {
        app.database().run(change);
        assert!(cleo.get("/").first("#ending").contains("None."), "{change}");
        assert!(!pia.get("/").page().has("#ending"), "{change}");
        app.database().run(back);
    }
    app.database().run("UPDATE programs SET tiers_enabled = false");
    for visitor in [&cleo, &hana, &pia] {
        let page = visitor.get("/");
        assert!(!page.page().has("#ending") && !page.page().has("#configuration"));
    }
}
