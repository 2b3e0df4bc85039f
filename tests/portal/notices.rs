//! Notifications in the portal: one's own, new until they were read, and gone with the right to know (T09).

use portico::db::ids::LetterId;

use crate::support::app::NOW;
use crate::support::*;

/// A letter about a partner, as a use case would have written it.
fn told(app: &TestApp, to: Person, partner: &str, subject: &str) -> LetterId {
    let id = LetterId::new();
    let letter = r#"{"letter": "InvitationAccepted", "inviter": "I", "name": "Neo New", "partner": "Kestrel", "role": "Partner user", "page": "/partners/KESTREL/users"}"#;
    app.database().run(&format!(
        "INSERT INTO outbox (id, program_id, partner_id, user_id, letter, recipient, message_id, state, run_at, created_at, kind, subject)
         SELECT '{id}', program_id, id, '{}', '{letter}', 'x@y.example', gen_random_uuid()::text, 'sent', '{NOW}', '{NOW}', 'InvitationAccepted', '{subject}'
         FROM partners WHERE id = '{partner}'",
        to.id
    ));
    id
}

fn unread(visitor: &Visitor) -> String {
    visitor.get("/me").first("a[href='/notifications'] .count")
}

#[test]
fn what_one_was_told_is_new_until_it_was_opened() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    assert!(pia.get("/notifications").text().contains("No notifications yet"));
    assert_eq!(unread(&pia), "");
    let first = told(&app, PIA, partner::KESTREL, "Neo joined");
    told(&app, PIA, partner::KESTREL, "<b>Trin</b> joined");
    assert_eq!(unread(&pia), "2 unread");
    let page = pia.get("/notifications");
    assert!(page.text().contains("Neo New accepted your invitation") && !page.text().contains("<b>Trin"));
    let opened = pia.post(&format!("/notifications/{first}/read"), &[]);
    assert_eq!((opened.status(), opened.location()), (303, "/partners/KESTREL/users"));
    assert_eq!(unread(&pia), "1 unread");
    assert!(!pia.get("/notifications?show=unread").text().contains("Neo joined"));
    assert_eq!(pia.post("/notifications/read", &[]).location(), "/notifications");
    assert_eq!(unread(&pia), "");
    assert!(pia.get("/notifications?show=unread").text().contains("You read everything"));
}

#[test]
fn t09_a_notification_is_nobody_else_s_and_ends_with_the_membership() {
    let app = TestApp::new();
    let (uma, pia, hana) = (app.as_(UMA), app.as_(PIA), app.as_(HANA));
    let letter = told(&app, UMA, partner::KESTREL, "For Uma alone");
    let path = format!("/notifications/{letter}/read");
    for other in [&pia, &hana, &app.as_(SAM)] {
        app.assert_unchanged(|| assert_eq!(other.post(&path, &[]).status(), 404));
        assert!(!other.get("/notifications").text().contains("For Uma alone"));
    }
    assert_eq!(unread(&uma), "1 unread");
    app.database().run(&format!("UPDATE memberships SET suspended_at = now() WHERE user_id = '{}'", UMA.id));
    assert_eq!(unread(&uma), "");
    app.assert_unchanged(|| assert_eq!(uma.post(&path, &[]).status(), 404));
    app.database().run(&format!("UPDATE memberships SET suspended_at = NULL WHERE user_id = '{}'", UMA.id));
    assert_eq!(unread(&uma), "1 unread");
    app.database().run(&format!("DELETE FROM memberships WHERE user_id = '{}'", UMA.id));
    assert!(!uma.get("/notifications").text().contains("For Uma alone"));
    app.assert_unchanged(|| assert_eq!(uma.post(&path, &[]).status(), 404));
}

#[test]
fn t09_a_host_reads_of_every_partner_as_long_as_they_are_one() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    told(&app, HANA, partner::KESTREL, "Of Kestrel");
    told(&app, HANA, partner::BOREAL, "Of another program");
    let page = hana.get("/notifications").text();
    assert!(page.contains("Of Kestrel") && !page.contains("Of another program"));
    app.database().run(&format!("UPDATE partners SET is_hosting = false WHERE id = '{}'", partner::SOLHQ));
    assert!(!hana.get("/notifications").text().contains("Of Kestrel"));
}
