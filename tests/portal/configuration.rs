//! The configuration check lists what is questionable, each with a link that fixes it.

use chrono::TimeDelta;

use crate::support::*;

#[test]
fn s1_18_every_kind_of_problem_is_found_with_its_fix() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE tier_assignments SET ends_at = '2026-12-01Z' WHERE partner_id = '{kestrel}';
         UPDATE partners SET status = 'suspended' WHERE id = '{meridian}';
         UPDATE tier_assignments SET ends_at = '2027-06-01Z' WHERE partner_id = '{meridian}';
         INSERT INTO campaign_partners SELECT program_id, '{kestrel}', id, now(), 'x' FROM campaigns WHERE id = '{solhq}';
         INSERT INTO campaign_partners SELECT program_id, '{meridian}', id, now(), 'x' FROM campaigns WHERE id = '{solhq}';
         INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, state, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
           VALUES (gen_random_uuid(), '{program}', '{kestrel}', '{solhq}', '{gold}', 'live', 'UTC', '2026-10-01Z', NULL, now(), 'x', now(), 'x'),
             (gen_random_uuid(), '{program}', '{kestrel}', '{solhq}', '{gold}', 'draft', 'UTC', '2026-12-01Z', NULL, now(), 'x', now(), 'x');
         INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, owner_name, created_at, updated_at, updated_by_name)
           VALUES (gen_random_uuid(), '{program}', 'LONELY', 'Lonely', 'draft', 'UTC', '2026-12-01Z', 'x', now(), now(), 'x');",
        kestrel = partner::KESTREL, meridian = partner::MERIDIAN, solhq = campaign::SOLHQ, program = program::SOLSTICE, gold = tier::GOLD
    ));
    let hana = app.as_(HANA);
    let page = hana.get("/configuration");
    assert_eq!(page.status(), 200);
    let heads = page.texts("section.panel h2");
    for head in [
        "Drafts that overlap",
        "Gaps",
        "Ties between campaigns",
        "Ending within 30 days",
        "Outside their campaign’s dates",
        "Campaigns without partners",
        "Linked partners without an assignment",
        "Tiers that nobody asks for",
        "Partners that are not active in a running campaign",
    ] {
        assert!(heads.iter().any(|found| found == head), "{head}: {heads:?}");
    }
    for href in page.attributes("section.panel .rows a", "href").iter().filter(|href| *href != "/tiers") {
        assert_eq!(hana.get(href).status(), 200, "{href}");
    }
    assert!(!page.text().contains("Boreal"), "another program's are not there");
    let only = hana.get("/configuration?kind=no-partners");
    assert_eq!(only.texts("section.panel h2"), ["Campaigns without partners"]);
    // What is over and never comes back.
    app.database().run("UPDATE campaigns SET state = 'archived'");
    assert!(
        hana.get("/configuration")
            .texts("section.panel h2")
            .contains(&"Products that are not available any more".to_owned())
    );
    app.database().run("UPDATE programs SET tiers_enabled = false");
    assert!(hana.get("/configuration").text().contains("Tiers are off while assignments exist"));
    assert_eq!(app.as_(ALDO).get("/configuration").attributes("section.panel .rows a", "href").len(), 0, "looks only");
}

#[test]
fn beyond_2_hours_between_two_zones_are_no_problem_and_a_day_is() {
    let app = TestApp::new();
    // The same days in Lisbon and in Tokyo, nine and eight hours apart.
    app.database().run(&format!(
        "UPDATE partners SET time_zone = 'Asia/Tokyo' WHERE id = '{kestrel}';
         UPDATE campaigns SET time_zone = 'Europe/Lisbon', starts_at = '2026-09-30 23:00Z', ends_at = '2027-03-31 23:00Z' WHERE id = '{winter}';
         UPDATE tier_assignments SET time_zone = 'Asia/Tokyo', starts_at = '2026-09-30 15:00Z', ends_at = '2027-03-31 15:00Z'
           WHERE partner_id = '{kestrel}'",
        kestrel = partner::KESTREL, winter = campaign::KESTREL
    ));
    let cleo = app.as_(CLEO);
    let problems = || cleo.get("/configuration").texts("section.panel .rows li").join("\n");
    let partners = || cleo.get(&format!("/campaigns/{}/partners", campaign::KESTREL)).text();
    assert!(!problems().contains("Kestrel"), "{}", problems());
    assert!(!partners().contains("Gap for"));
    // A day less is a gap of that day, in the partner's own days.
    app.database().run("UPDATE tier_assignments SET ends_at = '2027-03-30 15:00Z' WHERE time_zone = 'Asia/Tokyo'");
    assert!(problems().contains("has no tier in Winter of Kestrel Car Rental from 31 Mar 2027 through 31 Mar 2027."));
    assert!(partners().contains("no tier from 31 Mar 2027 through 31 Mar 2027."));
    let preview = |query: &str| cleo.get(&format!("/campaigns/{}/preview?{query}", campaign::KESTREL)).text();
    assert!(preview("ctier=1").contains("Asks for Silver (2) or higher through 30 Mar 2027"));
    assert!(preview("ctier=1&asof=2026-09-29").contains("begins 1 Oct 2026"));
    // A day more is outside; without a last day it ends with the campaign, and the preview says that one's last day.
    app.database().run("UPDATE tier_assignments SET ends_at = '2027-04-01 15:00Z' WHERE time_zone = 'Asia/Tokyo'");
    assert!(problems().contains("Silver (2) for Kestrel Car Rental in Winter of Kestrel Car Rental"), "{}", problems());
    app.database().run("UPDATE tier_assignments SET ends_at = NULL WHERE time_zone = 'Asia/Tokyo'");
    assert!(!problems().contains("Kestrel"), "{}", problems());
    assert!(preview("ctier=1").contains("or higher through 31 Mar 2027"));
}

#[test]
fn s1_18_a_gap_that_a_draft_fills_is_closed_by_making_it_live() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE tier_assignments SET ends_at = '2026-12-01Z' WHERE partner_id = '{kestrel}';
         INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, state, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, campaign_id, tier_id, 'draft', time_zone, '2026-12-01Z', NULL, now(), 'x', now(), 'x'
             FROM tier_assignments WHERE partner_id = '{kestrel}'",
        kestrel = partner::KESTREL
    ));
    let cleo = app.as_(CLEO);
    let page = cleo.get(&format!("/campaigns/{}/partners", campaign::KESTREL));
    assert!(page.first(".notice.warn").contains("A draft covers these days."), "{}", page.first(".notice.warn"));
    let publish = page.attributes(".notice.warn a", "href").remove(0);
    let form = cleo.get(&publish).form("form:has([name=confirmed])");
    assert_eq!(cleo.post(&format!("/campaigns/{}/assignments/bulk", campaign::KESTREL), &form.pairs()).status(), 303);
    assert!(!cleo.get(&format!("/campaigns/{}/partners", campaign::KESTREL)).text().contains("Gap for"));
}

/// Empties what a campaign was measured at, for comparison.
fn measured(app: &TestApp, code: &str) -> String {
    app.database().value(&format!(
        "SELECT coalesce((extract(epoch FROM set_up_at - created_at) / 60)::int::text, '-') || ' ' || caught || ' ' || coalesce(left_over::text, '-')
         FROM campaigns WHERE code = '{code}' AND program_id = '{}'",
        program::SOLSTICE
    ))
}

#[test]
fn s1_20_setting_a_campaign_up_is_measured() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let empty = cleo.get("/configuration").text();
    assert!(empty.contains("No campaign was submitted or started in the last 365 days."), "{empty}");
    // Two problems are named and put right; what is named and never saved counts for nothing.
    let form = cleo.get("/campaigns/new").form("form.form").with("name", "Summer").with("first_day", "2027-06-01");
    let refused = cleo.post("/campaigns", &form.clone().with("code", "x y").with("first_day", "soon").pairs());
    assert_eq!(refused.status(), 422);
    let form = refused.form("form.form").with("code", "SUMMER-27").with("first_day", "2027-06-01");
    let page = cleo.post("/campaigns", &form.pairs()).location().to_owned();
    let page = page.trim_end_matches("/partners").to_owned();
    assert_eq!(measured(&app, "SUMMER-27"), "- 2 -");
    assert!(cleo.get(&page).text().contains("So far 2 problems were put right before saving."));
    app.pass(TimeDelta::minutes(135));
    let cleo = app.as_(CLEO);
    let confirm = cleo.get(&format!("{page}/status/submission")).form("main form[method=post]");
    assert_eq!(cleo.post(&format!("{page}/status/submission"), &confirm.pairs()).status(), 303);
    // Nobody takes part in it, as the check says.
    assert_eq!(measured(&app, "SUMMER-27"), "135 2 1");
    let shown = cleo.get(&page);
    assert!(shown.texts("aside dl.facts dd").contains(&"2 hours 15 minutes".to_owned()), "{}", shown.text());
    let whole = cleo.get("/configuration");
    assert_eq!(whole.texts("ul.stats b"), ["1", "2 hours 15 minutes", "2", "1"]);
    assert!(whole.text().contains("0 of 1 had nothing listed here"));
    // Pausing and going on later changes nothing, nor does another submission.
    app.pass(TimeDelta::days(1));
    app.database().run("UPDATE campaigns SET state = 'draft' WHERE code = 'SUMMER-27'");
    let cleo = app.as_(CLEO);
    let confirm = cleo.get(&format!("{page}/status/submission")).form("main form[method=post]");
    cleo.post(&format!("{page}/status/submission"), &confirm.pairs());
    assert_eq!(measured(&app, "SUMMER-27"), "135 2 1");
    // In files for the program's own people, and nowhere for a partner's.
    let file = cleo.get("/campaigns/export.csv").text();
    assert!(file.lines().next().unwrap().ends_with("created_at,set_up_at,put_right_before_saving,left_for_the_check"));
    assert!(file.lines().any(|line| line.starts_with("SUMMER-27,") && line.ends_with(",2,1")), "{file}");
    let own = app.as_(PIA).get(&format!("/campaigns/{}", campaign::KESTREL));
    assert!(own.status() == 200 && !own.texts("h2").contains(&"Set-up".to_owned()));
    assert!(cleo.get(&format!("/campaigns/{}", campaign::KESTREL)).text().contains("set up before this was kept"));
}

#[test]
fn s1_20_only_what_was_put_right_is_counted_of_an_assignment() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = format!("/campaigns/{}/assignments/new", campaign::KESTREL);
    let send = |form: &html::Filled, act: &str| cleo.post(&address, &form.clone().with("do", act).pairs());
    let form = cleo.get(&address).form("form.form").with("whose", "KESTREL").with("tier", tier::GOLD);
    let form = form.with("first_day", "2027-03-01").with("last_day", "2027-05-31").with("state", "live");
    let refused = send(&form, "preview");
    assert_eq!(refused.status(), 422);
    // Its days go on behind the campaign’s end: said, looked at again, and saved as it is.
    let form = refused.form("form.form").with("first_day", "2027-04-01");
    let page = send(&form, "preview");
    assert!(page.text().contains("Outside the campaign"), "{}", page.text());
    let back = send(&page.form("main form[method=post]"), "change").form("form.form");
    let page = send(&back, "preview");
    assert_eq!(send(&page.form("main form[method=post]"), "save").status(), 303);
    assert_eq!(measured(&app, "WINTER-KESTREL"), "- 1 -", "the overlap, and not what was left");
}
