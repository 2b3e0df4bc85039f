//! E12: reminders of what waits, once a day, to a named person.

use chrono::TimeDelta;
use portico::integrations::reminders;

use crate::support::*;

fn make(app: &TestApp) -> usize {
    reminders::make(&app.inside().db).unwrap()
}

fn told(app: &TestApp) -> Vec<String> {
    app.waiting("Reminder").into_iter().map(|letter| letter.to).collect()
}

/// Only Kestrel's integration is past its day.
fn late(app: &TestApp, assignee: Option<Person>) {
    let assignee = assignee.map_or("NULL".to_owned(), |who| format!("'{}'", who.id));
    app.database().run(&format!(
        "UPDATE integrations SET expected_at = '2026-11-19 16:00Z', submitted_at = '2026-11-16 10:00Z', assignee_id = {assignee} WHERE id = '{}'",
        integration::KESTREL
    ));
}

fn owed(app: &TestApp, since: &str) {
    app.database().run(&format!(
        "UPDATE integrations SET state = 'changes_requested', expected_at = NULL, state_since = '{since}' WHERE id = '{}'",
        integration::KESTREL
    ));
}

#[test]
fn e12_a_stale_review_is_its_reviewers_once_a_day() {
    let app = TestApp::new();
    late(&app, Some(RUI));
    assert_eq!(make(&app), 1);
    let letters = app.waiting("Reminder");
    assert_eq!(letters[0].to, RUI.email);
    // Lines are wrapped.
    let text = letters[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(
        "Feed of Kestrel Car Rental of Kestrel Car Rental: expected Thu 19 Nov 2026, 16:00 in Europe/Lisbon"
    ));
    assert!(text.contains("waiting for 3 days 7 h of business time") && text.contains("/integrations?tab=in-review"));
    // Not again that day, by no other instance, and not after a restart.
    assert_eq!((make(&app), make(&app.another())), (0, 0));
    app.pass(TimeDelta::hours(6));
    assert_eq!(make(&app), 0);
    // It is Friday: the next are on Monday, from eight o'clock in Lisbon.
    app.pass(TimeDelta::hours(24));
    assert_eq!(make(&app), 0, "Saturday");
    app.pass("2026-11-23T07:59:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - app.now());
    assert_eq!(make(&app), 0, "before eight");
    app.pass(TimeDelta::minutes(1));
    assert_eq!(make(&app), 1);
    // Answered: nobody is told any more.
    owed(&app, "2026-11-23T08:30:00Z");
    app.pass(TimeDelta::days(1));
    assert_eq!(make(&app), 0);
}

#[test]
fn beyond_5_a_breach_always_reaches_a_named_person() {
    for (assignee, change, told_are) in [
        // Nobody took it, and no contact is named: the administrators.
        (None, "SELECT 1", vec![HANA.email]),
        // The contact, once there is one.
        (
            None,
            "UPDATE partners SET primary_contact_id = '41000000-0000-7000-8000-000000000002' WHERE code = 'SOLHQ'",
            vec![RUI.email],
        ),
        // The reviewer left: somebody else is told.
        (
            Some(RUI),
            "UPDATE memberships SET suspended_at = now() WHERE user_id = '41000000-0000-7000-8000-000000000002'",
            vec![HANA.email],
        ),
        // A plain user of the host reviews nothing.
        (Some(UWE), "SELECT 1", vec![HANA.email]),
        // A suspended partner's items are frozen.
        (Some(RUI), "UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'", vec![]),
    ] {
        let app = TestApp::new();
        late(&app, assignee);
        app.database().run(&format!("{change};"));
        make(&app);
        assert_eq!(told(&app), told_are, "{change}");
    }
}

#[test]
fn e12_changes_are_remembered_after_five_business_days_and_every_five_after() {
    let app = TestApp::new();
    app.database().run("UPDATE integrations SET expected_at = '2027-01-04 10:00Z' WHERE expected_at IS NOT NULL");
    // A week before, so five business days are over at noon.
    owed(&app, "2026-11-13T12:00:00Z");
    assert_eq!(make(&app), 0);
    let mut days = Vec::new();
    for _ in 0..21 {
        app.pass(TimeDelta::days(1));
        if make(&app) > 0 {
            days.push(app.now().format("%a %-d %b").to_string());
        }
    }
    assert_eq!(days, ["Mon 23 Nov", "Mon 30 Nov", "Mon 7 Dec"]);
    assert_eq!(told(&app), [PIA.email; 3], "the partner's primary contact");
    let text = app.waiting("Reminder")[0].text.clone();
    assert!(
        text.contains("An integration waits for your changes") || text.contains("wait for changes of yours"),
        "{text}"
    );
    assert!(!text.contains("Meridian"));
}

#[test]
fn one_digest_holds_everything_and_is_a_notification_that_can_be_muted() {
    let app = TestApp::new();
    app.database().run(
        "UPDATE integrations SET expected_at = '2026-11-19 16:00Z', assignee_id = '41000000-0000-7000-8000-000000000002'
           WHERE expected_at IS NOT NULL AND program_id = '11000000-0000-7000-8000-000000000000'",
    );
    let rui = app.as_(RUI);
    assert_eq!(make(&app), 1);
    assert_eq!(app.waiting("Reminder").len(), 1);
    assert_eq!(
        app.database().value("SELECT subject FROM outbox WHERE kind = 'Reminder'"),
        "3 reviews are past their expected date"
    );
    assert_eq!(rui.get("/me").first("a[href='/notifications'] .count"), "1 unread");
    let page = rui.get("/notifications");
    assert!(page.text().contains("3 reviews are past their expected date"));
    let open = page.page().attributes(".rows form", "action")[0].clone();
    assert_eq!(rui.post(&open, &[]).location(), "/integrations?tab=in-review");
    assert_eq!(rui.get("/me").first("a[href='/notifications'] .count"), "");
    // Not wanted: it is not sent, and still told in the portal.
    assert_eq!(rui.post("/me/notifications", &[("topic", "invitations"), ("topic", "partners")]).status(), 303);
    assert!(app.send_mail().is_empty());
    assert_eq!(app.database().value("SELECT state FROM outbox WHERE kind = 'Reminder'"), "withdrawn");
    assert!(rui.get("/notifications").text().contains("3 reviews"));
    // Whoever left the host gets none of what was written before (T09).
    app.pass(TimeDelta::days(3));
    assert_eq!(make(&app), 1);
    app.database().run(&format!("DELETE FROM mail_choices; DELETE FROM memberships WHERE user_id = '{}'", RUI.id));
    assert!(app.send_mail().is_empty());
    assert!(!rui.get("/notifications").text().contains("3 reviews"));
}
