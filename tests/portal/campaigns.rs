//! Campaigns: set up, linked, approved, moved, copied; and what partners see of them.

use crate::support::client::Visitor;
use crate::support::*;

pub fn path(id: &str, rest: &str) -> String {
    format!("/campaigns/{id}{rest}")
}

fn field(app: &TestApp, id: &str, column: &str) -> String {
    app.database().value(&format!("SELECT {column} FROM campaigns WHERE id = '{id}'"))
}

/// Creates a campaign and gives its id.
#[track_caller]
fn created(visitor: &Visitor, code: &str) -> String {
    let form = visitor
        .get("/campaigns/new")
        .form("form.form")
        .with("code", code)
        .with("name", "Spring miles")
        .with("first_day", "2026-11-01")
        .with("last_day", "2026-12-31");
    let answer = visitor.post("/campaigns", &form.pairs());
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().split('/').nth(2).unwrap().to_owned()
}

fn moved(visitor: &Visitor, id: &str, step: &str) -> Answer {
    let address = path(id, &format!("/status/{step}"));
    let page = visitor.get(&address);
    if page.status() != 200 {
        return page;
    }
    visitor.post(&address, &page.form(&format!("form[action=\"{address}\"]")).pairs())
}

#[test]
fn s1_17_a_csr_sets_a_campaign_up_and_starts_it() {
    let app = TestApp::new();
    let (cleo, pia) = (app.as_(CLEO), app.as_(PIA));
    let id = created(&cleo, "SPRING-26");
    assert_eq!(field(&app, &id, "state || owner_name || time_zone"), "draftCleo CsrEurope/Lisbon");
    assert_eq!(field(&app, &id, "ends_at = '2027-01-01 00:00+00'"), "true", "the last day is included");
    // Bulk link: listed first, with who is left and why.
    let link = path(&id, "/partners/link");
    let asked = cleo.post(&link, &[("code", "KESTREL"), ("codes", "meridian, NOBODY")]);
    assert_eq!(asked.status(), 200);
    assert!(asked.text().contains("NOBODY: no partner has this code"), "{}", asked.text());
    assert_eq!(
        app.database().value(&format!("SELECT count(*) FROM campaign_partners WHERE campaign_id = '{id}'")),
        "0"
    );
    let confirmed = asked.form(&format!("form[action=\"{link}\"]"));
    assert_eq!(cleo.post(&link, &confirmed.pairs()).location(), path(&id, "/partners"));
    assert_eq!(
        app.database().value(&format!("SELECT count(*) FROM campaign_partners WHERE campaign_id = '{id}'")),
        "2"
    );
    // A draft is the hosts' alone.
    assert_eq!(pia.get(&path(&id, "")).status(), 404);
    assert!(!pia.get("/partners/KESTREL/activity").text().contains("Spring miles"));
    assert_eq!(moved(&cleo, &id, "submission").status(), 303);
    assert_eq!(field(&app, &id, "state"), "approved");
    let page = pia.get(&path(&id, ""));
    assert_eq!((page.status(), page.first("h1")), (200, "Spring miles".to_owned()));
    assert!(page.text().contains("1 Nov 2026 through 31 Dec 2026, last day included, Europe/Lisbon"));
    for step in ["pausing", "resumption", "archival"] {
        assert_eq!(moved(&cleo, &id, step).status(), 303, "{step}");
    }
    assert_eq!(field(&app, &id, "state"), "archived");
    app.assert_unchanged(|| {
        assert_eq!(moved(&cleo, &id, "resumption").status(), 409);
        assert_eq!(cleo.get(&path(&id, "/edit")).status(), 409);
        assert_eq!(cleo.get(&path(&id, "/assignments/new")).status(), 409);
    });
}

#[test]
fn s1_18_a_second_person_approves_where_the_program_asks_for_one() {
    let app = TestApp::new();
    let (cleo, hana) = (app.as_(CLEO), app.as_(HANA));
    let settings = hana.get("/settings").form("form[action=\"/settings\"]").with("campaign_approval", "yes");
    assert_eq!(hana.post("/settings", &settings.pairs()).status(), 303);
    let id = created(&cleo, "SPRING-26");
    assert_eq!(moved(&cleo, &id, "submission").status(), 303);
    assert_eq!(field(&app, &id, "state"), "awaiting_approval");
    app.assert_unchanged(|| {
        assert_eq!(cleo.get(&path(&id, "/approval")).status(), 403, "a CSR may do all but approve");
        assert_eq!(cleo.post(&path(&id, "/approval"), &[("version", "2")]).status(), 403);
        assert_eq!(cleo.get(&path(&id, "/edit")).status(), 409, "it is approved as it is");
        assert_eq!(hana.post(&path(&id, "/approval"), &[("version", "1")]).status(), 409, "stale");
    });
    let address = path(&id, "/approval");
    let form = hana.get(&address).form(&format!("form[action=\"{address}\"]"));
    assert_eq!(hana.post(&address, &form.pairs()).status(), 303);
    assert_eq!(field(&app, &id, "state || approved_by_name"), "approvedHana Host");
    // Not their own.
    let own = created(&hana, "OWN-26");
    assert_eq!(moved(&hana, &own, "submission").status(), 303);
    app.assert_unchanged(|| {
        assert_eq!(hana.get(&path(&own, "/approval")).status(), 409);
        assert_eq!(hana.post(&path(&own, "/approval"), &[("version", "2")]).status(), 409);
    });
}

#[test]
fn t12_t50_bad_dates_are_refused_beside_their_field_and_kept() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let form = cleo.get("/campaigns/new").form("form.form").with("code", "SPRING-26").with("name", "Spring");
    app.assert_unchanged(|| {
        for (first, last, at) in [
            ("2026-02-30", "", "first_day"),
            ("", "", "first_day"),
            ("31.12.2026", "", "first_day"),
            ("0000-01-01", "", "first_day"),
            ("9999-12-31", "", "first_day"),
            ("2026-12-02", "2026-12-01", "last_day"),
            ("2026-12-02", "x\u{0}", "last_day"),
        ] {
            let form = form.clone().with("first_day", first).with("last_day", last);
            let answer = cleo.post("/campaigns", &form.pairs());
            assert_eq!(answer.status(), 422, "{first} {last}");
            assert!(!answer.error_at(at).is_empty(), "{first} {last}: {}", answer.text());
        }
        let taken = form.clone().with("first_day", "2026-12-01").with("code", "WINTER-KESTREL");
        assert!(!cleo.post("/campaigns", &taken.pairs()).error_at("code").is_empty());
    });
}

#[test]
fn t27_two_edits_at_once_lose_nothing() {
    let app = TestApp::new();
    let (cleo, hana) = (app.as_(CLEO), app.as_(HANA));
    let address = path(campaign::KESTREL, "/edit");
    let form = |who: &Visitor, name: &str| who.get(&address).form("form.form").with("name", name);
    let (first, second) = (form(&cleo, "Winter one"), form(&hana, "Winter two"));
    assert_eq!(cleo.post(&address, &first.pairs()).status(), 303);
    app.assert_unchanged(|| {
        let late = hana.post(&address, &second.pairs());
        assert_eq!(late.status(), 409);
        assert!(late.text().contains("Cleo Csr changed this campaign") && late.text().contains("Winter two"));
    });
    // The code is fixed once it counts.
    let form = form(&cleo, "Winter three").with("code", "OTHER");
    assert_eq!(cleo.post(&address, &form.pairs()).status(), 303);
    assert_eq!(field(&app, campaign::KESTREL, "code || name"), "WINTER-KESTRELWinter three");
}

#[test]
fn s1_2_a_partner_is_linked_from_its_own_page_and_unlinked_while_nothing_counted() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let linked = cleo.post("/partners/MERIDIAN/campaigns", &[("campaign", campaign::KESTREL)]);
    assert_eq!(linked.location(), "/partners/MERIDIAN/campaigns");
    assert!(cleo.get("/partners/MERIDIAN/campaigns").text().contains("Winter of Kestrel"));
    let address = path(campaign::KESTREL, "/partners/MERIDIAN/unlink");
    let form = cleo.get(&address).form(&format!("form[action=\"{address}\"]"));
    assert_eq!(cleo.post(&address, &form.pairs()).status(), 303);
    app.assert_unchanged(|| {
        let own = path(campaign::KESTREL, "/partners/KESTREL/unlink");
        assert_eq!(cleo.get(&own).status(), 409, "its assignment counts");
        assert_eq!(cleo.post(&own, &[("assignments", "1")]).status(), 409);
        assert_eq!(cleo.post("/partners/KESTREL/campaigns", &[("campaign", campaign::BOREAL)]).status(), 404);
    });
}

#[test]
fn s1_17_a_copy_moves_all_dates() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = path(campaign::KESTREL, "/copy");
    let form = cleo.get(&address).form("form.form").with("code", "WINTER-27").with("first_day", "2027-10-01");
    let answer = cleo.post(&address, &form.pairs());
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let id = answer.location().split('/').nth(2).unwrap().to_owned();
    assert_eq!(field(&app, &id, "state"), "draft");
    let days = format!(
        "SELECT (starts_at AT TIME ZONE time_zone)::date || ' ' || (ends_at AT TIME ZONE time_zone)::date FROM tier_assignments WHERE campaign_id = '{id}'"
    );
    assert_eq!(app.database().value(&days), "2027-10-01 2028-03-31", "the same number of days");
}

#[test]
fn t01_a_partner_sees_its_own_part_of_a_campaign_and_nothing_of_others() {
    let app = TestApp::new();
    let (cleo, pia, mira) = (app.as_(CLEO), app.as_(PIA), app.as_(MIRA));
    assert_eq!(cleo.post("/partners/MERIDIAN/campaigns", &[("campaign", campaign::KESTREL)]).status(), 303);
    app.database().run(&format!(
        "INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, state, time_zone, starts_at, created_at, created_by_name, updated_at, updated_by_name)
           VALUES (gen_random_uuid(), '{}', '{}', '{}', '{}', 'live', 'UTC', '2026-11-01Z', now(), 'x', now(), 'x'),
                  (gen_random_uuid(), '{0}', '{4}', '{2}', '{3}', 'draft', 'UTC', '2027-01-01Z', now(), 'x', now(), 'x')",
        program::SOLSTICE, partner::MERIDIAN, campaign::KESTREL, tier::MEMBER, partner::KESTREL
    ));
    assert_eq!(cleo.get(&path(campaign::KESTREL, "/partners")).count("#assignments tbody tr"), 3);
    for (who, own, other) in [(&pia, "Kestrel Car", "Meridian"), (&mira, "Meridian", "Kestrel Car")] {
        let part = |rest: &str| who.get(&path(campaign::KESTREL, rest));
        let page = part("/partners");
        assert_eq!(
            (page.count("#assignments tbody tr"), page.count("svg.draw a"), page.count("#linked tbody tr")),
            (1, 1, 1)
        );
        for rest in [
            "/partners",
            "/products",
            "/preview",
            "/activity",
            "/assignments.csv",
            "/assignments.json",
            "/calendar.ics",
        ] {
            let text = part(rest).text().replace("Winter of Kestrel Car Rental", "").replace("WINTER-KESTREL", "");
            assert_eq!(part(rest).status(), 200, "{rest}");
            assert!(!text.contains(other), "{rest} shows {other}: {text}");
        }
        assert!(part("/assignments.csv").text().contains(&own.to_uppercase()[..6]) || own.starts_with("Kestrel"));
        assert!(!page.text().contains("2 partners"), "counts are one's own");
    }
    app.assert_unchanged(|| {
        for rest in ["", "/partners", "/preview", "/calendar.ics", "/assignments.csv"] {
            assert_eq!(pia.get(&path(campaign::MERIDIAN, rest)).status(), 404, "{rest}");
        }
        assert_eq!(pia.get(&path(campaign::KESTREL, "/assignments/new")).status(), 403);
        assert_eq!(pia.get("/configuration").status(), 403);
    });
    assert_eq!(pia.get("/campaigns").count("tbody tr"), 1);
}

#[test]
fn s1_7_without_tiers_there_are_no_assignments_and_the_page_says_who_switches_them_on() {
    let app = TestApp::new();
    app.database().run("UPDATE programs SET tiers_enabled = false");
    let cleo = app.as_(CLEO);
    let page = cleo.get(&path(campaign::KESTREL, "/partners"));
    assert!(page.text().contains("Tiers are off in this program") && page.count("svg.draw") == 0);
    app.assert_unchanged(|| {
        for rest in ["/assignments/new", "/assignments/several", "/assignments/copy", "/calendar.ics"] {
            let answer = cleo.get(&path(campaign::KESTREL, rest));
            assert_eq!(answer.status(), 409, "{rest}");
            assert!(answer.text().contains("A hosting admin can switch them on"), "{rest}");
        }
    });
    let preview = cleo.get(&path(campaign::KESTREL, "/preview"));
    assert!(preview.text().contains("Tiers are off, so everybody may have it"));
    assert_eq!(
        (preview.count("[name=ctier]"), page.text().contains("Partners & tiers")),
        (0, false),
        "no tier screens"
    );
}
