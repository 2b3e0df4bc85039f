//! Signing in and out, and what a session is worth.

use crate::support::*;

#[test]
fn a_person_signs_in_sees_their_start_page_and_signs_out() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    assert_eq!(hana.get("/").location(), "/partners");
    let page = hana.get("/partners");
    assert_eq!(page.status(), 200);
    assert_eq!(page.first("h1"), "Partners");
    assert_eq!(hana.post("/sign-out", &[]).location(), "/sign-in?out=1");
    assert!(hana.get("/partners").asks_to_sign_in());
}
