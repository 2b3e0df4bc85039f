//! What the activity log shows to whom.

use crate::support::*;

#[test]
fn notes_about_a_partner_are_read_by_hosts_only_also_in_the_activity() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let form = hana.get("/partners/KESTREL/edit").form("form.form").with("notes", "Their contract is weak.");
    let saved = hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), None);
    assert_eq!(saved.location(), "/partners/KESTREL");
    for path in ["/partners/KESTREL", "/partners/KESTREL/activity", "/partners/KESTREL/profile", "/activity/export.csv"]
    {
        assert!(hana.get(path).text().contains("contract is weak"), "the host reads {path}");
    }
    let pia = app.as_(PIA);
    let own = ["", "/activity", "/profile", "/edit"].map(|tab| format!("/partners/KESTREL{tab}"));
    for path in own.iter().map(String::as_str).chain(["/activity", "/activity/export.csv", "/partners/export.json"]) {
        let answer = pia.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        assert!(!answer.text().contains("contract is weak"), "{path} shows a note about the partner to the partner");
        assert!(!answer.text().contains("changed the notes"), "{path}");
    }
    let stale = [("version", "1"), ("notes", "x"), ("support_email", ""), ("time_zone", "Europe/Dublin")];
    let conflict = app.assert_unchanged(|| pia.post_multipart("/partners/KESTREL/edit", &stale, None));
    assert_eq!(conflict.status(), 409);
    assert!(!conflict.text().contains("contract is weak"), "a conflict tells what is stored, but not the notes");
}
