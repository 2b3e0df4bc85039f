//! The configuration check lists what is questionable, each with a link that fixes it.

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
