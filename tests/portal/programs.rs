//! Programs, their settings and partner types.

use std::thread;

use crate::support::*;

fn settings(visitor: &Visitor) -> html::Filled {
    visitor.get("/settings").form("form[action=\"/settings\"]")
}

fn types(app: &TestApp) -> Vec<String> {
    let query =
        format!("SELECT name FROM partner_types WHERE program_id = '{}' ORDER BY position, id", program::SOLSTICE);
    app.database().values(&query)
}

#[test]
fn s0_10_a_program_is_created_opened_and_left_again() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    let form = [("name", "Third"), ("code", "THIRD"), ("model", "coalition"), ("time_zone", "Asia/Tokyo")];
    assert_eq!(sam.post("/programs", &form).location(), "/partners");
    let page = sam.get("/partners");
    assert!(page.first(".scope").contains("Third"), "{}", page.first(".scope"));
    assert_eq!(page.count("tbody tr"), 0);
    assert_eq!(sam.get("/partners/KESTREL").status(), 404, "another program's partner is not here");
    assert_eq!(sam.get("/settings").form("form[action=\"/settings\"]").value("time_zone"), "Asia/Tokyo");
    assert_eq!(sam.post(&format!("/programs/{}/open", program::ALTURA), &[]).status(), 303);
    assert_eq!(sam.get("/partners").count("tbody tr"), 3);
    // Which program one administrator has open is nothing to another session.
    assert_eq!(app.as_(SAM).get("/partners/MERIDIAN").status(), 200);
}

#[test]
fn s0_9_a_single_organisation_has_its_one_hosting_partner_from_the_start() {
    let app = TestApp::new();
    let sam = app.as_(SAM);
    let form = [("name", "Alone"), ("code", "ALONE"), ("model", "single"), ("time_zone", "UTC")];
    assert_eq!(sam.post("/programs", &form).status(), 303);
    let partner = app
        .database()
        .value("SELECT concat_ws(' ', code, name, status, is_hosting, kind) FROM partners WHERE code = 'ALONE'");
    assert_eq!(partner, "ALONE Alone active t own");
    // It can grow into a coalition, and back while nobody else takes part.
    let grown = settings(&sam).with("coalition", "yes");
    assert_eq!(sam.post("/settings", &grown.pairs()).status(), 303);
    assert_eq!(sam.get("/partners/new").status(), 200);
    assert_eq!(sam.post("/settings", &settings(&sam).without("coalition").pairs()).status(), 303);
    assert_eq!(sam.get("/partners/new").status(), 409);
}

#[test]
fn a_program_with_several_partners_cannot_become_a_single_organisation() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = settings(&hana).without("coalition");
    let answer = app.assert_unchanged(|| hana.post("/settings", &form.pairs()));
    assert_eq!(answer.status(), 422);
    assert!(answer.error_at("coalition").contains("More than one partner"), "{}", answer.error_at("coalition"));
}

#[test]
fn t58_settings_that_somebody_else_changed_are_compared_first() {
    let app = TestApp::new();
    let (hana, sam) = (app.as_(HANA), app.as_(SAM));
    let (first, second) = (settings(&hana), settings(&sam));
    assert_eq!(hana.post("/settings", &first.with("hosting_limit", "7").pairs()).status(), 303);
    let typed = second.with("name", "Solstice of Sam");
    let answer = app.assert_unchanged(|| sam.post("/settings", &typed.pairs()));
    assert_eq!(answer.status(), 409);
    let again = answer.form("form[action=\"/settings\"]");
    assert_eq!(again.value("name"), "Solstice of Sam");
    assert_eq!(sam.post("/settings", &again.pairs()).status(), 303);
    let changes =
        app.database().value("SELECT changes FROM activity WHERE kind = 'ProgramUpdated' ORDER BY id DESC LIMIT 1");
    assert!(changes.contains("Solstice of Sam") && changes.contains("Solstice Rewards"), "{changes}");
}

#[test]
fn s0_4_partner_types_are_added_renamed_ordered_and_removed() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    assert_eq!(hana.post("/settings/types", &[("type_name", "Rail & bus")]).status(), 303);
    assert_eq!(types(&app), ["Airline", "Car rental", "Internal", "Unused", "Rail & bus"]);
    let key = app.database().value("SELECT key FROM partner_types WHERE name = 'Rail & bus'");
    assert_eq!(key, "rail-bus");
    let path = format!("/settings/types/{}", kind::UNUSED);
    assert_eq!(hana.post(&format!("{path}/move"), &[("to", "up")]).status(), 303);
    assert_eq!(hana.post(&path, &[("type_name", "Hotel")]).status(), 303);
    assert_eq!(types(&app), ["Airline", "Car rental", "Hotel", "Internal", "Rail & bus"]);
    assert_eq!(
        app.database().value(&format!("SELECT key FROM partner_types WHERE id = '{}'", kind::UNUSED)),
        "unused",
        "files use the key"
    );
    assert_eq!(hana.post(&format!("{path}/remove"), &[]).status(), 303);
    assert_eq!(types(&app), ["Airline", "Car rental", "Internal", "Rail & bus"]);
    // The ends of the list, and a direction that is none.
    let airline = "/settings/types/21000000-0000-7000-8000-000000000001";
    assert_eq!(app.assert_unchanged(|| hana.post(&format!("{airline}/move"), &[("to", "up")])).status(), 303);
    assert_eq!(app.assert_unchanged(|| hana.post(&format!("{airline}/move"), &[("to", "left")])).status(), 400);
    // One that is in use stays.
    let answer = app.assert_unchanged(|| hana.post(&format!("{airline}/remove"), &[]));
    assert_eq!(answer.status(), 409);
    assert!(answer.text().contains("1 partner"));
}

#[test]
fn t59_two_types_of_one_name_at_once_are_one() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = ["Rail", "RAIL", "rail", " Rail "]
            .into_iter()
            .map(|name| {
                let hana = hana.copy();
                scope.spawn(move || hana.post("/settings/types", &[("type_name", name)]).status())
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422, 422]);
}

#[test]
fn s0_12_a_partners_people_do_not_change_the_program() {
    let app = TestApp::new();
    for who in [PIA, UMA, OTTO, RUI, CLEO, ALDO, NILS] {
        let visitor = app.as_(who);
        app.assert_unchanged(|| {
            assert_eq!(
                visitor
                    .post(
                        "/settings",
                        &[("version", "1"), ("name", "Mine"), ("time_zone", "UTC"), ("hosting_limit", "9")]
                    )
                    .status(),
                403,
                "{}",
                who.name
            );
            assert_eq!(visitor.post("/settings/types", &[("type_name", "Mine")]).status(), 403, "{}", who.name);
        });
        // And where they may look, no field is offered.
        let page = visitor.get("/settings");
        assert!(page.status() == 403 || page.count("main form") == 0, "{}", who.name);
    }
}
