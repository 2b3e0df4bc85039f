//! Tier assignments: looked at before they are saved, never overlapping, ended, extended, taken back.

use std::thread;

use crate::campaigns::path;
use crate::support::client::Visitor;
use crate::support::*;

const KESTREL: &str = campaign::KESTREL;

fn assignments(app: &TestApp, columns: &str) -> Vec<String> {
    app.database().values(&format!(
        "SELECT {columns} FROM tier_assignments WHERE campaign_id = '{KESTREL}' ORDER BY starts_at, id"
    ))
}

fn own() -> String {
    assignment_of(partner::KESTREL)
}

fn typed(visitor: &Visitor, first: &str, last: &str, state: &str) -> html::Filled {
    visitor
        .get(&path(KESTREL, "/assignments/new"))
        .form("form.form")
        .with("whose", "KESTREL")
        .with("tier", tier::GOLD)
        .with("first_day", first)
        .with("last_day", last)
        .with("state", state)
}

fn send(visitor: &Visitor, form: &html::Filled, act: &str) -> Answer {
    visitor.post(&path(KESTREL, "/assignments/new"), &form.clone().with("do", act).pairs())
}

/// What the page before it is saved would send.
fn seen(page: &Answer) -> html::Filled {
    page.form("main form[method=post]")
}

fn shorten(app: &TestApp) {
    app.database().run(&format!("UPDATE tier_assignments SET ends_at = '2026-12-01 00:00+00' WHERE id = '{}'", own()));
}

#[test]
fn s1_18_overlaps_are_refused_beside_the_field_and_nothing_is_saved() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let form = typed(&cleo, "2026-12-01", "2026-12-31", "live");
    app.assert_unchanged(|| {
        let empty = send(&cleo, &form.clone().with("first_day", " "), "preview");
        assert_eq!((empty.status(), empty.error_at("first_day").contains("Choose a day.")), (422, true));
        for act in ["preview", "save", "practice"] {
            let answer = send(&cleo, &form.clone().with("checked", "none"), act);
            assert_eq!(answer.status(), 422, "{act}");
            assert!(answer.error_at("first_day").contains("Silver (2) for Kestrel Car Rental"), "{}", answer.text());
            assert_eq!(answer.form("form.form").value("last_day"), "2026-12-31");
        }
        // A draft may overlap, and is told so.
        let draft = send(&cleo, &form.clone().with("state", "draft"), "preview");
        assert_eq!(draft.status(), 200);
        assert!(draft.text().contains("Overlap.") && draft.text().contains("Save anyway"));
        // What was found was not seen: the page is shown, nothing saved.
        let unseen = form.clone().with("state", "draft").with("checked", "none");
        assert_eq!(send(&cleo, &unseen, "save").status(), 200);
    });
    let page = send(&cleo, &form.with("state", "draft"), "preview");
    assert_eq!(send(&cleo, &seen(&page), "save").status(), 303);
    assert_eq!(assignments(&app, "state"), ["live", "draft"]);
    // Making it live then is left out, with why.
    let id = app.database().value("SELECT id FROM tier_assignments WHERE state = 'draft'");
    let bulk = cleo.get(&path(KESTREL, &format!("/assignments/bulk?act=publish&id={id}")));
    assert!(bulk.text().contains("would overlap another live one"), "{}", bulk.text());
}

#[test]
fn t40_two_forms_at_once_cannot_both_be_saved() {
    let app = TestApp::new();
    shorten(&app);
    let visitors = [app.as_(CLEO), app.as_(HANA)];
    let forms: Vec<html::Filled> = visitors
        .iter()
        .map(|one| seen(&send(one, &typed(one, "2026-12-01", "2027-03-31", "live"), "preview")))
        .collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let jobs: Vec<_> =
            visitors.iter().zip(&forms).map(|(one, form)| scope.spawn(|| send(one, form, "save").status())).collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 409 | 422)), "{statuses:?}");
    assert_eq!(assignments(&app, "state").len(), 2);
}

#[test]
fn s1_4_the_last_day_is_included_in_the_partner_s_zone_also_when_clocks_change() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    app.database().run(&format!("DELETE FROM tier_assignments WHERE id = '{}'", own()));
    app.database().run("UPDATE partners SET time_zone = 'America/New_York' WHERE code = 'KESTREL'");
    // The clocks go back on 1 November and forward on 14 March.
    for (first, last, from, until) in [
        ("2026-11-01", "2026-11-01", "2026-11-01 04:00", "2026-11-02 05:00"),
        ("2027-03-14", "2027-03-14", "2027-03-14 05:00", "2027-03-15 04:00"),
    ] {
        let page = send(&cleo, &typed(&cleo, first, last, "live"), "preview");
        assert!(page.text().contains("last day included, America/New_York"), "{}", page.text());
        assert_eq!(send(&cleo, &seen(&page), "save").status(), 303);
        let span = format!("SELECT to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' ' || to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
            FROM tier_assignments WHERE campaign_id = '{KESTREL}' ORDER BY starts_at DESC LIMIT 1");
        assert_eq!(app.database().value(&span), format!("{from} {until}"));
    }
    let ics = cleo.get(&path(KESTREL, "/calendar.ics"));
    assert!(ics.header("content-type").starts_with("text/calendar"));
    assert!(ics.text().contains("DTSTART;VALUE=DATE:20261101\r\nDTEND;VALUE=DATE:20261102\r\n"), "{}", ics.text());
}

#[test]
fn s1_19_trying_out_saves_nothing_and_shows_every_tier() {
    let app = TestApp::new();
    shorten(&app);
    let cleo = app.as_(CLEO);
    app.assert_unchanged(|| {
        let page = send(&cleo, &typed(&cleo, "2026-12-01", "2027-03-31", "live"), "practice");
        assert_eq!(page.status(), 200);
        assert!(page.text().contains("Tried out: nothing is saved"));
        let cells = page.texts("section table tbody td");
        assert_eq!(cells.len(), 4, "three tiers and none: {cells:?}");
        assert!(cells[0].starts_with("Available") && cells[1].starts_with("Another tier"), "{cells:?}");
    });
}

#[test]
fn beyond_2_gaps_and_ties_are_said_before_anything_is_saved() {
    let app = TestApp::new();
    shorten(&app);
    let cleo = app.as_(CLEO);
    // Another campaign of the same partner asks for another tier.
    assert_eq!(cleo.post("/partners/KESTREL/campaigns", &[("campaign", campaign::MERIDIAN)]).status(), 303);
    let address = path(campaign::MERIDIAN, "/assignments/new");
    let form = cleo.get(&address).form("form.form").with("whose", "KESTREL").with("tier", tier::GOLD);
    let form = form.with("first_day", "2026-11-25").with("last_day", "2026-12-31").with("do", "preview");
    let page = cleo.post(&address, &form.pairs());
    let text = page.text();
    assert!(text.contains("Tie.") && text.contains("Winter of Kestrel Car Rental asks for Silver (2)"), "{text}");
    assert!(text.contains("so Silver (2) is enough then"), "the less demanding one decides: {text}");
    assert!(text.contains("Gap.") && text.contains("No tier from 1 Jan 2027 through"), "{text}");
    assert!(text.contains("Begins later."));
    // Saved, the preview of either campaign says which one decides.
    assert_eq!(cleo.post(&address, &seen(&page).with("do", "save").pairs()).status(), 303);
    let why = cleo.get(&path(campaign::MERIDIAN, "/preview?asof=2026-11-28")).texts("td[data-label=Why]").join("|");
    assert!(
        why.contains("Asks for Silver (2) or higher through 30 Nov 2026. Winter of Kestrel Car Rental decides"),
        "{why}"
    );
    let own = cleo.get(&path(KESTREL, "/preview?asof=2026-11-28")).texts("td[data-label=Why]").join("|");
    assert!(own.contains("Asks for Silver (2)") && !own.contains("decides"), "{own}");
    // The page of partners says it too, with a way to close it.
    let page = cleo.get(&path(KESTREL, "/partners"));
    assert!(page.text().contains("Gap for Kestrel Car Rental"));
    assert!(page.attributes(".notice a", "href").iter().any(|href| href.contains("first_day=2026-12-01")));
}

#[test]
fn s1_17_extending_ending_and_taking_back() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let bulk = path(KESTREL, "/assignments/bulk");
    let before = assignments(&app, "starts_at || ' ' || ends_at");
    let asked = cleo.post(&bulk, &[("id", &own()), ("act", "extend"), ("days", "14")]);
    assert!(asked.text().contains("goes on through 14 Apr 2027"), "{}", asked.text());
    let form = asked.form("form:has([name=confirmed])");
    assert_eq!(cleo.post(&bulk, &form.pairs()).status(), 303);
    assert_eq!(assignments(&app, "(ends_at AT TIME ZONE time_zone)::date"), ["2027-04-15"]);
    // Sent twice: it is as it was seen no longer.
    app.assert_unchanged(|| assert_eq!(cleo.post(&bulk, &form.pairs()).status(), 409));
    let undo = path(KESTREL, "/undo");
    let notice = cleo.get(&path(KESTREL, "/partners")).form(&format!("form[action=\"{undo}\"]"));
    let hana = app.as_(HANA);
    app.assert_unchanged(|| assert_eq!(hana.post(&undo, &notice.pairs()).status(), 409, "not theirs"));
    assert_eq!(cleo.post(&undo, &notice.pairs()).status(), 303);
    assert_eq!(assignments(&app, "starts_at || ' ' || ends_at"), before);
    app.assert_unchanged(|| assert_eq!(cleo.post(&undo, &notice.pairs()).status(), 409, "only once"));
    // Ended early: today is the last day.
    let asked = cleo.get(&format!("{bulk}?act=end&id={}", own()));
    assert_eq!(cleo.post(&bulk, &asked.form("form:has([name=confirmed])").pairs()).status(), 303);
    assert_eq!(assignments(&app, "(ends_at AT TIME ZONE time_zone)::date || ended_early::text"), ["2026-11-21true"]);
    // Changed since by somebody else: nothing is taken back.
    let notice = cleo.get(&path(KESTREL, "/partners")).form(&format!("form[action=\"{undo}\"]"));
    app.database().run(&format!("UPDATE tier_assignments SET version = version + 1 WHERE id = '{}'", own()));
    app.assert_unchanged(|| assert_eq!(cleo.post(&undo, &notice.pairs()).status(), 409));
    for bad in ["0", "-1", "x", "3651"] {
        app.assert_unchanged(|| {
            let answer = cleo.post(&bulk, &[("id", &own()), ("act", "extend"), ("days", bad), ("confirmed", "yes")]);
            assert_eq!(answer.status(), 422, "{bad}");
            assert!(!answer.error_at("days").is_empty());
        });
    }
}

#[test]
fn s1_17_several_partners_at_once_and_assignments_of_another_campaign() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    for code in ["SOLHQ", "MERIDIAN"] {
        assert_eq!(cleo.post(&format!("/partners/{code}/campaigns"), &[("campaign", KESTREL)]).status(), 303);
    }
    let address = path(KESTREL, "/assignments/several");
    let form = [
        ("code", "SOLHQ"),
        ("code", "KESTREL"),
        ("code", "MERIDIAN"),
        ("tier", tier::MEMBER),
        ("state", "live"),
        ("first_day", "2026-12-01"),
        ("last_day", "2026-12-31"),
    ];
    let asked = cleo.post(&address, &form);
    assert_eq!(asked.status(), 200);
    assert!(asked.text().contains("Assign a tier to 2 partners?"), "{}", asked.text());
    assert!(asked.text().contains("Kestrel Car Rental: Silver (2)"), "skipped with why");
    let confirmed = asked.form(&format!("form[action=\"{address}\"]"));
    assert_eq!(cleo.post(&address, &confirmed.pairs()).status(), 303);
    assert_eq!(assignments(&app, "time_zone"), ["Europe/Dublin", "Europe/Lisbon", "America/New_York"]);
    app.assert_unchanged(|| assert_eq!(cleo.post(&address, &confirmed.pairs()).status(), 409));
    // Copied into another campaign as drafts; who does not take part there is left.
    let copy = path(campaign::MERIDIAN, "/assignments/copy");
    let asked = cleo.post(&copy, &[("from", KESTREL)]);
    assert!(asked.text().contains("its partner does not take part here"), "{}", asked.text());
    assert_eq!(cleo.post(&copy, &asked.form(&format!("form[action=\"{copy}\"]")).pairs()).status(), 303);
    let drafts = format!(
        "SELECT count(*) FROM tier_assignments WHERE campaign_id = '{}' AND state = 'draft'",
        campaign::MERIDIAN
    );
    assert_eq!(app.database().value(&drafts), "1");
    app.assert_unchanged(|| assert_eq!(cleo.post(&copy, &[("from", campaign::BOREAL)]).status(), 422));
}

#[test]
fn s1_12_the_preview_shows_what_a_customer_sees_and_why_not_the_rest() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let look = |query: &str| cleo.get(&path(KESTREL, &format!("/preview?{query}"))).texts("#result tbody tr").join("|");
    assert!(look("ctier=2").contains("Shown."), "{}", look("ctier=2"));
    let low = look("ctier=3");
    assert!(
        low.contains("Hidden.") && low.contains("tier-too-low") && low.contains("this customer has Member (3)"),
        "{low}"
    );
    assert!(low.contains("of Kestrel Car Rental is for Silver members."), "{low}");
    assert!(look("ctier=none").contains("this customer has no tier"));
    assert!(look("ctier=1&asof=2027-03-31").contains("Shown."), "the last day is included");
    assert!(look("ctier=1&asof=2027-04-01").contains("Assignment ended, last day 31 Mar 2027"));
    assert!(look("ctier=1&asof=2026-09-30").contains("begins 1 Oct 2026"));
    app.database().run("UPDATE campaigns SET display = 'show-all'");
    assert!(look("ctier=3").contains("Shown, not available."));
    assert!(cleo.get(&path(KESTREL, "/preview?asof=soon")).text().contains("is no day"));
}

#[test]
fn s0_17_what_a_suspended_partner_has_is_frozen() {
    let app = TestApp::new();
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    let cleo = app.as_(CLEO);
    app.assert_unchanged(|| {
        let refused = send(&cleo, &typed(&cleo, "2027-05-01", "", "draft"), "save");
        assert_eq!(refused.status(), 422);
        assert!(refused.error_at("whose").contains("is suspended"), "{}", refused.text());
        let edit = path(KESTREL, &format!("/assignments/{}/edit", own()));
        assert_eq!(cleo.post(&edit, &cleo.get(&edit).form("form.form").pairs()).status(), 409);
        let bulk = cleo.get(&path(KESTREL, &format!("/assignments/bulk?act=end&id={}", own())));
        assert!(bulk.text().contains("stay as they are") && !bulk.text().contains("name=\"confirmed\""));
    });
}
