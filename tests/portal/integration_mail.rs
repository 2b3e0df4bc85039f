//! Letters about integrations (E1 to E10): to whom, what they say, and to whom not.

use chrono::TimeDelta;
use portico::integrations::moves::clock::publish_due;

use crate::moves::ready;
use crate::support::*;

const ID: &str = integration::KESTREL_LIVE;

/// Rui is the primary contact of the host; Kestrel's is Pia. Uma follows, and Rui did already.
fn told() -> TestApp {
    let app = ready();
    app.database().run(&format!(
        "UPDATE partners SET primary_contact_id = '{}' WHERE code = 'SOLHQ';
         INSERT INTO integration_followers VALUES ('{}', '{ID}', '{}', '2026-10-01Z')",
        HANA.id,
        partner::KESTREL,
        UMA.id
    ));
    app
}

#[track_caller]
fn does(app: &TestApp, who: Person, noun: &str, other: &[(&str, &str)]) {
    let version = app.database().value(&format!("SELECT version FROM integrations WHERE id = '{ID}'"));
    let mut form = vec![("version", version.as_str()), ("confirmed", "yes")];
    form.extend(other);
    let answer = app.as_(who).post(&format!("/integrations/{ID}/{noun}"), &form);
    assert_eq!(answer.status(), 303, "{noun}: {}", answer.text());
}

/// What arrived since the last time: to whom, and the subject; by address.
fn arrived(app: &TestApp) -> Vec<(String, String, String)> {
    let mut all: Vec<(String, String, String)> =
        app.send_mail().iter().map(|one| (one.to[0].clone(), one.subject(), one.text())).collect();
    all.sort();
    all
}

#[track_caller]
fn to(letters: &[(String, String, String)], people: &[Person]) {
    let mut expected: Vec<&str> = people.iter().map(|one| one.email).collect();
    expected.sort_unstable();
    let found: Vec<&str> = letters.iter().map(|one| one.0.as_str()).collect();
    assert_eq!(found, expected, "{letters:?}");
}

fn said_to(letters: &[(String, String, String)], who: Person) -> (&str, String) {
    let found = letters.iter().find(|one| one.0 == who.email).unwrap();
    (&found.1, found.2.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[track_caller]
fn says(letters: &[(String, String, String)], who: Person, words: &[&str]) {
    let (_, text) = said_to(letters, who);
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn s2_9_s2_21_each_move_is_told_to_the_people_of_the_table() {
    let app = told();
    let name = "Live of Kestrel Car Rental";
    does(&app, PIA, "revision", &[]);
    assert!(arrived(&app).is_empty());
    app.database().run(&format!(
        "UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"New\"') WHERE id = '{ID}'"
    ));
    // E1: the host's contact, followers, and a receipt.
    does(&app, PIA, "submission", &[("summary", "Look at the summary")]);
    let letters = arrived(&app);
    to(&letters, &[HANA, RUI, UMA, PIA]);
    says(
        &letters,
        HANA,
        &[
            "Pia Partner submitted an update of",
            "(round 1)",
            "What changed: Short summary.",
            "“Look at the summary”",
            "expected by Wed 25 Nov 2026, 09:42 in Europe/Lisbon",
            &format!("/integrations/{ID}/review"),
        ],
    );
    says(&letters, PIA, &["You submitted an update of", "You can withdraw it at any time"]);
    // E2: the assigned reviewer.
    app.database().run(&format!("UPDATE integrations SET assignee_id = '{}' WHERE id = '{ID}'", RUI.id));
    does(&app, PIA, "withdrawal", &[("summary", "A mistake")]);
    let letters = arrived(&app);
    to(&letters, &[RUI]);
    says(&letters, RUI, &["Pia Partner took an update of", "“A mistake”"]);
    does(&app, PIA, "submission", &[]);
    to(&arrived(&app), &[HANA, RUI, UMA, PIA]);
    // E3: contact and submitter are one person here, and get one letter.
    does(&app, RUI, "change-request", &[("summary", "Say what earns")]);
    let letters = arrived(&app);
    to(&letters, &[PIA]);
    says(
        &letters,
        PIA,
        &[
            "One item of feedback is open.",
            "“Say what earns”",
            "General (blocking): Say what earns",
            &format!("/integrations/{ID}/pages/general"),
        ],
    );
    app.database().run("UPDATE feedback_threads SET answered_at = now(), resolved_at = now()");
    does(&app, PIA, "resubmission", &[]);
    let letters = arrived(&app);
    says(&letters, HANA, &["for review again (round 3)"]);
    // E5: contact, submitter, followers; with the day in the partner's zone. And E4 when it came.
    does(&app, HANA, "schedule", &[("publish_on", "2026-12-01")]);
    let letters = arrived(&app);
    to(&letters, &[PIA, UMA, RUI]);
    says(&letters, PIA, &["It is published on Tue 1 Dec 2026, 00:00 in Europe/Dublin"]);
    app.pass(TimeDelta::days(11));
    assert_eq!(publish_due(&app.inside().db).unwrap(), 1);
    let letters = arrived(&app);
    to(&letters, &[PIA, UMA, RUI]);
    says(
        &letters,
        UMA,
        &[&format!("Version 3 of {name} of Kestrel Car Rental is live"), &format!("/integrations/{ID}")],
    );
    // E8: the contact, with the differences.
    let form = app.as_(HANA).get(&format!("/integrations/{ID}/live-edit")).form("form.form").with("summary", "Newer");
    assert_eq!(app.as_(HANA).post(&format!("/integrations/{ID}/live-edit"), &form.pairs()).status(), 303);
    let letters = arrived(&app);
    to(&letters, &[PIA]);
    says(&letters, PIA, &["Short summary: was “New”, is “Newer”."]);
    // E9, to the other side; E10, to all admins; E4 again.
    does(&app, PIA, "unpublication", &[("summary", "We stop")]);
    let letters = arrived(&app);
    to(&letters, &[HANA]);
    says(&letters, HANA, &["was unpublished by Pia Partner", "No tenant used it", "“We stop”"]);
    does(&app, HANA, "republication", &[]);
    to(&arrived(&app), &[PIA, UMA, RUI]);
    does(&app, HANA, "suspension", &[("summary", "It credits twice")]);
    let letters = arrived(&app);
    to(&letters, &[PIA, DORA]);
    says(&letters, DORA, &["“It credits twice”", "ask Hana Host"]);
    does(&app, HANA, "take-down", &[("summary", "It stays away")]);
    let letters = arrived(&app);
    to(&letters, &[PIA]);
    says(&letters, PIA, &["was taken down by Hana Host"]);
    // 18 and 19, E7.
    does(&app, PIA, "archival", &[]);
    assert!(arrived(&app).is_empty());
    does(&app, HANA, "restoration", &[]);
    let letters = arrived(&app);
    to(&letters, &[PIA]);
    says(&letters, PIA, &["It is a draft again"]);
    // E6 and E7.
    does(&app, PIA, "submission", &[]);
    arrived(&app);
    does(&app, HANA, "rejection", &[("reason_code", "duplicate"), ("summary", "There is another")]);
    let letters = arrived(&app);
    to(&letters, &[PIA]);
    says(&letters, PIA, &["there is one like it already", "“There is another”", "write to Hana Host"]);
    does(&app, HANA, "reopening", &[]);
    to(&arrived(&app), &[PIA]);
    assert!(!app.database().values("SELECT letter::text FROM outbox").join(" ").contains("internal words"));
    // They are notifications too.
    let bell = app.as_(PIA).get("/notifications");
    assert!(bell.text().contains("is rejected") && bell.text().contains("is suspended"), "{}", bell.text());
    assert!(!bell.text().contains("is withdrawn from review"));
}

#[test]
fn t09_nobody_is_told_who_may_no_longer_see_it() {
    let app = told();
    does(&app, PIA, "revision", &[]);
    // Uma leaves, Dora is suspended, Rui is a plain user from now on: before and after the letters are written.
    let leave = |who: Person| app.database().run(&format!("DELETE FROM memberships WHERE user_id = '{}'", who.id));
    leave(UMA);
    does(&app, PIA, "submission", &[]);
    let queued = app.database().values("SELECT recipient FROM outbox ORDER BY recipient");
    assert_eq!(queued, [HANA.email, PIA.email, RUI.email]);
    leave(RUI);
    to(&arrived(&app), &[HANA, PIA]);
    app.database().run(&format!("UPDATE memberships SET suspended_at = now() WHERE user_id = '{}'", DORA.id));
    does(&app, HANA, "suspension", &[("summary", "Stop")]);
    to(&arrived(&app), &[PIA]);
}

#[test]
fn letters_for_hosts_are_not_in_the_partners_own_mail_log() {
    let app = told();
    does(&app, PIA, "revision", &[]);
    does(&app, PIA, "submission", &[]);
    let log = app.as_(PIA).get("/partners/KESTREL/mail").text();
    assert!(log.contains(UMA.email) && log.contains("You submitted"), "{log}");
    assert!(!log.contains(HANA.email) && !log.contains(RUI.email));
}

#[test]
fn whoever_does_not_want_a_topic_gets_no_letter_but_somebody_always_learns_of_a_submission() {
    let app = told();
    for who in [HANA, RUI, UMA, PIA] {
        app.database().run(&format!(
            "INSERT INTO mail_choices VALUES ('{0}', 'submissions', false), ('{0}', 'integrations', false)",
            who.id
        ));
    }
    does(&app, PIA, "revision", &[]);
    does(&app, PIA, "submission", &[]);
    // Hana is the last one whom the host has.
    to(&arrived(&app), &[HANA]);
    does(&app, HANA, "publication", &[]);
    // A primary contact is always told.
    to(&arrived(&app), &[PIA]);
}

#[test]
fn while_no_contact_is_chosen_the_admins_are_told() {
    let app = told();
    app.database().run("UPDATE partners SET primary_contact_id = NULL");
    does(&app, PIA, "revision", &[]);
    does(&app, PIA, "submission", &[]);
    to(&arrived(&app), &[HANA, RUI, UMA, PIA]);
    does(&app, HANA, "publication", &[]);
    to(&arrived(&app), &[PIA, DORA, UMA, RUI]);
}

#[test]
fn the_hosts_are_told_when_a_date_came_and_the_partner_is_suspended() {
    let app = told();
    does(&app, PIA, "revision", &[]);
    does(&app, PIA, "submission", &[]);
    does(&app, HANA, "schedule", &[("publish_on", "2026-12-01")]);
    arrived(&app);
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL' AND NOT is_hosting");
    app.pass(TimeDelta::days(11));
    for _ in 0..3 {
        assert_eq!(publish_due(&app.inside().db).unwrap(), 0);
    }
    let letters = arrived(&app);
    to(&letters, &[HANA]);
    says(
        &letters,
        HANA,
        &["was to be published on Tue 1 Dec 2026", "The partner is suspended, so nothing was published"],
    );
}

#[test]
fn a_refused_move_writes_no_letter() {
    let app = told();
    let pia = app.as_(PIA);
    app.assert_unchanged(|| {
        assert_eq!(pia.post(&format!("/integrations/{ID}/submission"), &[("version", "1")]).status(), 409);
        assert_eq!(pia.post(&format!("/integrations/{ID}/suspension"), &[("version", "1")]).status(), 403);
        assert_eq!(pia.post(&format!("/integrations/{ID}/revision"), &[("version", "7")]).status(), 409);
    });
}
