//! The search, within everybody's own scope.

use crate::support::*;

#[test]
fn integrations_are_found_by_their_name_and_their_partner() {
    let app = TestApp::new();
    let found = |who: Person, words: &str| {
        app.as_(who).get(&format!("/search?q={words}")).texts("section[aria-labelledby=integrations-h] li")
    };
    let rows = found(HANA, "feed%20of%20mer");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("Feed of Meridian Air") && rows[0].contains("In review"), "{rows:?}");
    // By the partner: both of its integrations.
    assert_eq!(found(HANA, "MERIDIAN").len(), 2);
    assert_eq!(found(PIA, "feed").len(), 1, "their own");
    assert!(found(PIA, "meridian").is_empty());
    assert!(found(HECTOR, "meridian").is_empty());
    assert!(found(HANA, "boreal").is_empty(), "another program’s");
    let page = app.as_(HANA).get("/search?q=meridian");
    assert!(page.attributes("main a", "href").contains(&format!("/integrations/{}", integration::MERIDIAN)));
    // A role that reads partners and no integrations.
    app.database().run(&format!(
        "UPDATE roles SET permissions = '[\"partners/read\"]' WHERE id = '{0}';
         UPDATE memberships SET role = 'custom', role_id = '{0}' WHERE id = '{1}'",
        role::UNUSED,
        CLEO.membership()
    ));
    assert!(found(CLEO, "meridian").is_empty());
    assert!(app.as_(CLEO).get("/search?q=meridian").text().contains("Meridian Air"));
}

#[test]
fn s1_17_campaigns_are_found_as_far_as_one_may_see_them() {
    let app = TestApp::new();
    let found = |who: Person, words: &str| {
        app.as_(who).get(&format!("/search?q={words}")).texts("section[aria-labelledby=campaigns-h] li")
    };
    let rows = found(CLEO, "winter%20of%20kes");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("WINTER-KESTREL") && rows[0].contains("Active"), "{rows:?}");
    assert!(rows[0].contains("1 Oct 2026 through 31 Mar 2027, last day included, Europe/Dublin"), "{rows:?}");
    assert_eq!(found(HANA, "winter-mer").len(), 1, "by its code");
    assert_eq!(found(PIA, "winter").len(), 1, "their own");
    assert!(found(PIA, "meridian").is_empty() && found(HANA, "boreal").is_empty());
    assert!(found(RUI, "winter").is_empty(), "reviewers do not read campaigns");
    app.database().run("UPDATE campaigns SET state = 'draft'");
    assert!(found(PIA, "winter").is_empty(), "a draft is the hosts' alone");
    assert_eq!(found(CLEO, "winter-kes").len(), 1);
}
