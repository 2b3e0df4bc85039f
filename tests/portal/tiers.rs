//! Tiers: their order, who changes them, what names them, and the program's switch.

use crate::support::client::Visitor;
use crate::support::*;

/// Names with their precedences, in order.
fn order(app: &TestApp) -> Vec<String> {
    let own =
        format!("SELECT precedence || ' ' || name FROM tiers WHERE program_id = '{}' ORDER BY 1", program::SOLSTICE);
    app.database().values(&own)
}

fn switch(app: &TestApp, on: bool) {
    app.database().run(&format!("UPDATE programs SET tiers_enabled = {on} WHERE id = '{}'", program::SOLSTICE));
}

/// A campaign with Kestrel in it, and one assignment of a tier to Kestrel.
pub fn assign(app: &TestApp, tier: &str) {
    app.database().run(&format!(
        "DELETE FROM tier_assignments;
         INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, owner_name, created_at, updated_at, updated_by_name)
           VALUES ('ca000000-0000-7000-8000-000000000001', '{0}', 'WINTER', 'Winter miles', 'approved', 'Europe/Lisbon', '2026-10-01Z', 'Hana', '2026-10-01Z', '2026-10-01Z', 'Hana');
         INSERT INTO campaign_partners (program_id, partner_id, campaign_id, linked_at, linked_by_name)
           VALUES ('{0}', '{1}', 'ca000000-0000-7000-8000-000000000001', '2026-10-01Z', 'Hana');
         INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, time_zone, starts_at, created_at, created_by_name, updated_at, updated_by_name)
           VALUES ('cb000000-0000-7000-8000-000000000001', '{0}', '{1}', 'ca000000-0000-7000-8000-000000000001', '{tier}', 'Europe/Dublin', '2026-10-01Z', '2026-10-01Z', 'Hana', '2026-10-01Z', 'Hana')",
        program::SOLSTICE,
        partner::KESTREL
    ));
}

fn to(visitor: &Visitor, id: &str, version: &str, way: &str) -> u16 {
    visitor.post(&format!("/tiers/{id}/move"), &[("version", version), ("to", way)]).status()
}

#[test]
fn s1_8_a_csr_makes_orders_renames_and_removes_tiers() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let page = cleo.get("/tiers");
    assert_eq!(page.texts("tbody th"), ["Gold", "Silver", "Member"]);
    assert!(page.text().contains("1 = highest"));
    // At the end, and at a place.
    assert_eq!(cleo.post("/tiers", &[("name", "Blue"), ("place", "")]).location(), "/tiers");
    assert_eq!(
        cleo.post("/tiers", &[("name", "Platinum"), ("place", "1"), ("description", "By invitation")]).status(),
        303
    );
    assert_eq!(order(&app), ["1 Platinum", "2 Gold", "3 Silver", "4 Member", "5 Blue"]);
    // Up and down, from the version that was seen.
    assert_eq!(to(&cleo, tier::GOLD, "2", "up"), 303);
    assert_eq!(order(&app)[..2], ["1 Gold", "2 Platinum"]);
    assert_eq!(app.assert_unchanged(|| to(&cleo, tier::GOLD, "2", "down")), 409, "somebody was faster");
    assert_eq!(app.assert_unchanged(|| to(&cleo, tier::GOLD, "3", "up")), 303, "it is the highest already");
    assert_eq!(to(&cleo, tier::GOLD, "3", "down"), 303);
    // Renaming.
    let form = cleo.get(&format!("/tiers/{}", tier::SILVER)).form("form.form").with("name", "Sterling");
    assert_eq!(cleo.post(&format!("/tiers/{}", tier::SILVER), &form.pairs()).location(), "/tiers");
    let stale = cleo.post(&format!("/tiers/{}", tier::SILVER), &form.with("description", "typed").pairs());
    assert_eq!(stale.status(), 409);
    assert!(stale.text().contains("Cleo Csr changed this tier meanwhile") && stale.text().contains("typed"));
    // Removing closes the gap.
    let removal = format!("/tiers/{}/removal", tier::MEMBER);
    assert!(cleo.get(&removal).text().contains("Blue goes up from precedence 5 to 4"));
    let version = cleo.get(&removal).form("form.form");
    assert_eq!(cleo.post(&removal, &version.pairs()).location(), "/tiers");
    assert_eq!(order(&app), ["1 Platinum", "2 Gold", "3 Sterling", "4 Blue"]);
    let sentences = app.as_(HANA).get("/activity?about=offers").text();
    for said in ["created the tier Platinum at precedence 1", "moved the tier Gold", "removed the tier Member"] {
        assert!(sentences.contains(said), "{said}");
    }
}

#[test]
fn s1_18_what_is_typed_wrong_is_said_beside_its_field() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for (name, place, field, said) in [
        ("", "", "name", "Enter a value"),
        ("gold", "", "name", "has a tier of this name"),
        (&"x".repeat(41), "", "name", "40"),
        ("New", "9", "place", "from 1 (highest) to 4"),
        ("New", "x", "place", "from 1 (highest) to 4"),
    ] {
        let answer = app.assert_unchanged(|| hana.post("/tiers", &[("name", name), ("place", place)]));
        assert_eq!(answer.status(), 422, "{name} {place}");
        assert!(answer.error_at(field).contains(said), "{}", answer.error_at(field));
    }
    let taken = app.assert_unchanged(|| {
        hana.post(&format!("/tiers/{}", tier::GOLD), &[("version", "1"), ("name", "SILVER"), ("description", "kept")])
    });
    assert!(
        taken.status() == 422 && taken.error_at("name").contains("Choose another") && taken.text().contains("kept")
    );
    // Fifty are the most.
    app.database().run(&format!(
        "INSERT INTO tiers (id, program_id, name, precedence, updated_at, updated_by_name)
           SELECT gen_random_uuid(), '{}', 'T' || n, n, now(), 'x' FROM generate_series(4, 50) n",
        program::SOLSTICE
    ));
    let full = app.assert_unchanged(|| hana.post("/tiers", &[("name", "One more")]));
    assert!(full.status() == 422 && full.text().contains("There are 50 tiers"));
}

#[test]
fn s1_18_a_tier_that_an_assignment_names_stays_and_the_page_says_where() {
    let app = TestApp::new();
    assign(&app, tier::GOLD);
    let cleo = app.as_(CLEO);
    let removal = format!("/tiers/{}/removal", tier::GOLD);
    let page = cleo.get(&removal);
    assert_eq!(page.status(), 409);
    assert!(page.text().contains("1 assignment names it"), "{}", page.text());
    assert!(
        page.attributes("main a", "href").contains(&"/campaigns/ca000000-0000-7000-8000-000000000001/partners".into())
    );
    let refused = app.assert_unchanged(|| cleo.post(&removal, &[("version", "1")]));
    assert!(refused.status() == 409 && refused.text().contains("in Winter miles"));
    assert!(cleo.get("/tiers").text().contains("1 assignment"));
}

#[test]
fn s1_7_while_tiers_are_off_no_page_shows_or_changes_them() {
    let app = TestApp::new();
    assign(&app, tier::GOLD);
    switch(&app, false);
    for (who, can) in [(HANA, true), (CLEO, false), (PIA, false)] {
        let visitor = app.as_(who);
        let page = visitor.get("/tiers");
        assert_eq!(page.status(), 200, "{}", who.name);
        assert!(page.text().contains("Tiers are off") && !page.text().contains("Silver"), "{}", who.name);
        assert!(page.text().contains(if can {
            "You can switch them on"
        } else {
            "A hosting admin can switch them on"
        }));
        assert!(!page.attributes("aside a", "href").contains(&"/tiers".to_owned()), "the sidebar hides them");
        let products = visitor.get("/products");
        assert!(!products.text().contains("Asks for now") && !products.text().contains("Gold"));
        assert_eq!(visitor.get("/products?tier=1").texts("tbody th").len(), products.texts("tbody th").len());
        assert!(!visitor.get("/search?q=Gold").text().contains("1 Gold"));
    }
    let cleo = app.as_(CLEO);
    let gold = format!("/tiers/{}", tier::GOLD);
    for (address, form) in [
        ("/tiers".to_owned(), vec![("name", "New")]),
        (gold.clone(), vec![("version", "1"), ("name", "New")]),
        (format!("{gold}/move"), vec![("version", "1"), ("to", "down")]),
        (format!("{gold}/removal"), vec![("version", "1")]),
    ] {
        let refused = app.assert_unchanged(|| cleo.post(&address, &form));
        assert!(refused.status() == 409 && refused.text().contains("A hosting admin can switch them on"), "{address}");
    }
    for address in [gold.clone(), format!("{gold}/removal")] {
        assert!(cleo.get(&address).text().contains("Tiers are off"), "{address}");
    }
    let product = cleo.get(&format!("/products/{}", product::KESTREL)).text();
    assert!(product.contains("While tiers are off every product is open to all") && !product.contains("Winter miles"));
}

#[test]
fn s1_7_the_settings_say_what_switching_does_and_it_is_audited() {
    let app = TestApp::new();
    assign(&app, tier::GOLD);
    let hana = app.as_(HANA);
    let hint = hana.get("/settings").first("#tiers-h");
    assert!(hint.contains("Switched off, 1 live assignment would have no effect"), "{hint}");
    let form = hana.get("/settings").form("form.form").without("tiers");
    assert_eq!(hana.post("/settings", &form.pairs()).location(), "/settings");
    let hint = hana.get("/settings").first("#tiers-h");
    assert!(hint.contains("Switched on, 3 tiers and 1 live assignment would have effect at once"), "{hint}");
    assert!(hana.get("/tiers").text().contains("Tiers are off"));
    assert!(hana.get("/activity?about=programs").text().contains("changed the program’s tiers"));
}

#[test]
fn s1_8_each_role_does_what_its_row_says_and_programs_are_apart() {
    let app = TestApp::new();
    app.database().save();
    for (who, writes) in
        [(SAM, false), (HANA, true), (CLEO, true), (ALDO, false), (PIA, false), (UMA, false), (OTTO, false)]
    {
        let visitor = app.as_(who);
        let page = visitor.get("/tiers");
        assert_eq!(page.status(), 200, "{}", who.name);
        assert_eq!(page.actions().contains(&"/tiers".to_owned()), writes, "{}", who.name);
        assert_eq!(page.text().contains("Named by"), !matches!(who, PIA | UMA | OTTO), "{}", who.name);
        let act = || visitor.post("/tiers", &[("name", "New")]).status();
        if writes {
            assert_eq!(act(), 303, "{}", who.name);
            app.database().restore();
        } else {
            assert_eq!(app.assert_unchanged(act), 403, "{}", who.name);
        }
    }
    assert_eq!(app.as_(RUI).get("/tiers").status(), 403);
    let cleo = app.as_(CLEO);
    for end in ["", "/removal"] {
        assert_eq!(cleo.get(&format!("/tiers/{}{end}", tier::ALTURA_MEMBER)).status(), 404);
    }
    let foreign = || to(&cleo, tier::ALTURA_MEMBER, "1", "up");
    assert_eq!(app.assert_unchanged(foreign), 404);
    assert!(cleo.get("/search?q=silv").text().contains("2 Silver"));
}

#[test]
fn two_people_who_order_tiers_at_once_leave_no_gap() {
    let app = TestApp::new();
    std::thread::scope(|scope| {
        for (who, name) in [(HANA, "A"), (CLEO, "B")] {
            let visitor = app.as_(who);
            scope.spawn(move || {
                for n in 0..5 {
                    let status = visitor.post("/tiers", &[("name", &format!("{name}{n}")), ("place", "1")]).status();
                    assert_eq!(status, 303);
                }
            });
        }
    });
    let own = format!("SELECT precedence FROM tiers WHERE program_id = '{}' ORDER BY precedence", program::SOLSTICE);
    let expected: Vec<String> = (1..=13).map(|n| n.to_string()).collect();
    assert_eq!(app.database().values(&own), expected);
}
