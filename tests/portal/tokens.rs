//! API tokens: shown once, stored as a hash, ended at once.

use crate::support::tokens::{ask, plant};
use crate::support::*;

const LIST: &str = "/partners/KESTREL/tokens";
const TYPED: [(&str, &str); 4] =
    [("name", "Booking engine"), ("scope", "tenants:read"), ("scope", "runs:write"), ("until", "2026-12-31")];

#[test]
fn t41_a_token_is_shown_once_and_stands_nowhere_else() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let page = pia.get(&format!("{LIST}/new"));
    assert_eq!(page.form("form.form").value("until"), "2027-02-18", "three months are suggested");
    let made = pia.post(LIST, &TYPED);
    assert_eq!((made.status(), made.header("cache-control")), (200, "no-store"));
    let token = made.first("#token");
    assert!(token.starts_with("portico_") && token.len() == 51, "{token}");
    assert_eq!(ask(&app, &token, "GET", "/api/v1/tenants", None).status(), 200);
    assert_eq!(ask(&app, &token, "GET", "/api/v1/integrations", None).status(), 403, "what was not chosen");
    let list = pia.get(LIST);
    assert!(list.text().contains("Booking engine") && list.text().contains("until 31 Dec 2026"));
    assert!(list.text().contains(&token[47..]) && list.text().contains("just now"), "ends in, and was used just now");
    for text in [list.text(), pia.get("/partners/KESTREL/activity").text(), format!("{:?}", app.database().snapshot())]
    {
        assert!(!text.contains(&token) && !text.contains(&token[8..40]));
    }
    assert!(
        pia.get("/partners/KESTREL/activity")
            .text()
            .contains("made the API token Booking engine (runs:write, tenants:read)")
    );
    // T60: the same form again makes no second one.
    app.assert_unchanged(|| {
        let again = pia.post(LIST, &TYPED);
        assert_eq!(again.status(), 422);
        assert!(again.error_at("name").contains("of this name"));
    });
}

#[test]
fn t11_a_revoked_token_is_dead_at_the_next_request() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let token = token_of(partner::KESTREL);
    assert_eq!(ask(&app, &token, "GET", "/api/v1/tenants", None).status(), 200);
    let address = format!("{LIST}/{}/revocation", token_id_of(partner::KESTREL));
    assert!(pia.get(&address).text().contains("Engine of Kestrel Car Rental"));
    assert_eq!(pia.post(&address, &[]).location(), LIST);
    assert_eq!(ask(&app, &token, "GET", "/api/v1/tenants", None).status(), 401);
    assert_eq!(ask(&app.another(), &token, "GET", "/api/v1/tenants", None).status(), 401);
    app.assert_unchanged(|| assert_eq!(pia.post(&address, &[]).status(), 409, "once is enough"));
    assert!(pia.get(LIST).text().contains("Revoked"));
    assert_eq!(
        pia.post(LIST, &[("name", "Engine of Kestrel Car Rental"), ("scope", "tenants:read"), ("until", "2026-12-31")])
            .status(),
        200
    );
}

#[test]
fn t11_bad_input_makes_no_token() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.assert_unchanged(|| {
        for (name, scope, until, wrong) in [
            ("", "runs:write", "2026-12-31", "name"),
            ("Engine", "", "2026-12-31", "scope"),
            ("Engine", "everything", "2026-12-31", "scope"),
            ("Engine", "runs:write", "", "until"),
            ("Engine", "runs:write", "2026-11-19", "until"),
            ("Engine", "runs:write", "2028-01-01", "until"),
            ("engine of kestrel car rental", "runs:write", "2026-12-31", "name"),
        ] {
            let answer = pia.post(LIST, &[("name", name), ("scope", scope), ("until", until)]);
            assert_eq!(answer.status(), 422, "{name} {scope} {until}");
            assert!(!answer.error_at(wrong).is_empty(), "{wrong}");
            assert!(!answer.text().contains("portico_"));
        }
    });
}

#[test]
fn t11_the_partner_s_status_counts_at_each_request() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let token = plant(&app, partner::KESTREL, "engine", r#"["tenants:read"]"#, "2027-01-01Z", false);
    for (status, answered) in [("suspended", 200), ("archived", 401), ("offboarding", 200), ("active", 200)] {
        app.database().run(&format!("UPDATE partners SET status = '{status}' WHERE code = 'KESTREL'"));
        assert_eq!(ask(&app, &token, "GET", "/api/v1/tenants", None).status(), answered, "{status}");
        let made = hana.post(LIST, &[("name", status), ("scope", "runs:write"), ("until", "2026-12-31")]);
        assert_eq!(made.status(), if matches!(status, "suspended" | "archived") { 409 } else { 200 }, "{status}");
    }
    app.pass(chrono::TimeDelta::days(60));
    assert_eq!(ask(&app, &token, "GET", "/api/v1/tenants", None).status(), 401, "expired");
}
