//! The integration form: built by the host, answered for each integration under Configure, sent when it is submitted.

use portico::access::{Actor, AnswerForms, Grant, Place};
use portico::activity::{Event, IntegrationEvent};
use portico::db::Change;
use portico::forms::model::Answered;
use portico::web::error::AppError;
use portico::{forms, integrations};

use crate::checks::draft;
use crate::support::client::Visitor;
use crate::support::*;

const SPEED: &str = "aa000000-0000-7000-8000-000000000001";
const OTHER: &str = "aa000000-0000-7000-8000-000000000002";
const TERMS: &str = "aa000000-0000-7000-8000-000000000003";
const FILE: &str = "aa000000-0000-7000-8000-000000000004";

fn question(id: &str, kind: &str, label: &str, required: bool, more: &str) -> String {
    let more = if more.is_empty() { "\"options\": [], \"terms\": \"\", \"shown_if\": null" } else { more };
    format!(
        "{{\"id\": \"{id}\", \"kind\": \"{kind}\", \"label\": \"{label}\", \"help\": \"\", \"required\": {required}, {more}}}"
    )
}

/// A choice; a text that depends on it; terms; and a file that may be left out.
fn questions(label: &str) -> String {
    let choice =
        question(SPEED, "Choice", label, true, r#""options": ["Daily", "At once"], "terms": "", "shown_if": null"#);
    let when = format!(
        r#""options": [], "terms": "", "shown_if": {{"question": "{SPEED}", "test": "Is", "value": "At once"}}"#
    );
    let text = question(OTHER, "Short", "Which event?", true, &when);
    let terms =
        question(TERMS, "Terms", "Fair use", true, r#""options": [], "terms": "We are fair.", "shown_if": null"#);
    let file = question(FILE, "File", "Diagram", false, "");
    format!("[{choice}, {text}, {terms}, {file}]")
}

/// Makes a version of Solstice's integration form live.
fn publish(app: &TestApp, number: i32, label: &str, renewal: Option<&str>) {
    let renew = renewal.map_or("NULL, NULL".to_owned(), |by| format!("{number}, '{by}'"));
    app.database().run(&format!(
        "UPDATE form_versions SET state = 'retired' WHERE kind = 'integration' AND state = 'live';
         INSERT INTO form_versions (id, program_id, kind, number, state, questions, changed_at, changed_by_name, published_at, published_by_name, renew_number, renew_by)
         VALUES (gen_random_uuid(), '{}', 'integration', {number}, 'live', '{}', '2026-11-01Z', 'Hana Host', '2026-11-01Z', 'Hana Host', {renew})",
        program::SOLSTICE,
        questions(label)
    ));
}

/// A portal whose program asks, and Kestrel's integration as a draft.
fn asking() -> TestApp {
    let app = TestApp::new();
    publish(&app, 1, "How often?", None);
    draft(&app);
    app
}

fn own(tail: &str) -> String {
    format!("/integrations/{}{tail}", integration::KESTREL)
}

fn name(id: &str) -> String {
    format!("q-{id}")
}

/// Fills in what is asked and saves it, as a draft or as complete.
fn save(visitor: &Visitor, change: &[(&str, &str)], act: &str) -> Answer {
    let mut form = visitor.get(&own("/answers")).form("form.form").with("act", act);
    for (id, value) in change {
        form = form.with(&name(id), value);
    }
    visitor.post_multipart(&own("/answers"), &form.pairs(), None)
}

/// What submitting does with the answers.
fn freeze(app: &TestApp) -> Result<Vec<Answered>, AppError> {
    let place = Place { id: program::SOLSTICE.parse().unwrap(), name: "Solstice".into(), code: "SOLSTICE".into() };
    let grant = Grant::<AnswerForms>::check(Actor::operator(Some(place))).unwrap();
    app.inside().db.write_now(&grant, |tx| {
        let of = integrations::store::find(tx, integration::KESTREL)?;
        let answers = forms::freeze_for(tx, &of)?;
        let (partner, integration, name) = (of.partner_id, of.id, of.name);
        Ok(Change::new(
            answers,
            Event::Integration { partner, integration, name, event: IntegrationEvent::AnswersSaved },
        ))
    })
}

const GOOD: [(&str, &str); 2] = [(SPEED, "Daily"), (TERMS, "yes")];

#[test]
fn s2_4_without_a_form_nothing_is_asked_and_nothing_blocks() {
    let app = TestApp::new();
    draft(&app);
    let pia = app.as_(PIA);
    let page = pia.get(&own("/checks"));
    assert!(!page.text().contains("is answered"), "{}", page.text());
    let refused = pia.get(&own("/answers"));
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("The program has no integration form now"));
    assert_eq!(freeze(&app).unwrap(), []);
}

#[test]
fn s2_11_required_questions_hold_up_the_submission_until_they_are_answered() {
    let app = asking();
    let pia = app.as_(PIA);
    let page = pia.get(&own("/checks"));
    let lines = page.texts("#configure li").join("; ");
    assert!(lines.contains("Blocks “How often?” is answered “How often?”: Choose one."), "{lines}");
    assert!(lines.contains("Blocks “Fair use” is answered") && !lines.contains("Which event?"), "{lines}");
    let links = page.attributes("#configure a", "href");
    assert!(links.contains(&own(&format!("/answers#{}", name(SPEED)))), "{links:?}");
    assert!(matches!(freeze(&app), Err(AppError::Refused(words)) if words.contains("Complete them under Configure")));
    // A draft takes anything, and counts for nothing yet.
    assert_eq!(save(&pia, &[(SPEED, "At once")], "draft").location(), own("/answers"));
    let lines = pia.get(&own("/checks")).texts("#configure li").join("; ");
    assert!(lines.contains("Passes “How often?” is answered") && lines.contains("Blocks “Which event?” is answered"));
    // The conditional question is asked now, and complete answers have to be complete.
    let refused = app.assert_unchanged(|| save(&pia, &[], "send"));
    assert_eq!(refused.status(), 422);
    assert!(refused.text().contains("Which event?: Answer this question"));
    assert_eq!(save(&pia, &[(OTHER, "Checkout"), (TERMS, "yes")], "send").location(), own("/checks"));
    let lines = pia.get(&own("/checks")).texts("#configure li").join("; ");
    assert!(
        lines.contains("Passes “Which event?” is answered") && lines.contains("Passes “Fair use” is answered"),
        "{lines}"
    );
    assert_eq!(app.database().value("SELECT number FROM form_answers WHERE kind = 'integration'"), "0");
    let event = "SELECT event -> 'event' ->> 'what' FROM activity ORDER BY at DESC, id DESC LIMIT 1";
    assert_eq!(app.database().value(event), "AnswersSaved");
}

#[test]
fn s2_14_what_was_sent_stays_as_it_was_whatever_becomes_of_the_form() {
    let app = asking();
    let uma = app.as_(UMA);
    assert_eq!(save(&uma, &GOOD, "send").status(), 303);
    let sent = freeze(&app).unwrap();
    assert_eq!(sent.iter().map(|one| one.text()).collect::<Vec<_>>()[0], "Daily");
    // Who accepted is who ticked, not who submitted; and when.
    let accepted = sent[1].accepted.clone().unwrap();
    assert_eq!((accepted.name.as_str(), accepted.version, accepted.at), ("Uma User", 1, app.now()));
    let stored = "SELECT number || ' ' || form_number || ' ' || (content -> 0 -> 'question' ->> 'label') FROM form_answers WHERE kind = 'integration'";
    assert_eq!(app.database().value(stored), "1 1 How often?");
    publish(&app, 2, "At what times?", None);
    assert_eq!(app.database().value(stored), "1 1 How often?");
    // New only: what was sent still counts, and is not sent again.
    assert_eq!(freeze(&app).unwrap(), sent);
    assert_eq!(app.database().value("SELECT count(*) FROM form_answers WHERE kind = 'integration'"), "1");
    let page = app.as_(PIA).get(&own("/checks"));
    assert!(page.text().contains("Passes") && !page.texts("#configure li").join(" ").contains("At what times?”: "));
    // The next answers begin with the last ones; the terms are read anew.
    let form = uma.get(&own("/answers")).form("form.form");
    assert_eq!((form.value(&name(SPEED)), form.value(&name(TERMS))), ("Daily", ""));
}

#[test]
fn terms_of_another_version_are_accepted_anew() {
    let app = asking();
    let pia = app.as_(PIA);
    assert_eq!(save(&pia, &GOOD, "send").status(), 303);
    publish(&app, 2, "How often?", None);
    let lines = pia.get(&own("/checks")).texts("#configure li").join("; ");
    assert!(lines.contains("Blocks “Fair use” is answered"), "{lines}");
    assert!(freeze(&app).is_err());
    assert_eq!(save(&pia, &[(TERMS, "yes")], "send").status(), 303);
    assert_eq!(freeze(&app).unwrap()[1].accepted.clone().unwrap().version, 2);
}

#[test]
fn everyone_is_asked_again_by_a_day_and_a_published_one_in_a_revision() {
    let app = asking();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    assert_eq!(save(&pia, &GOOD, "send").status(), 303);
    freeze(&app).unwrap();
    let list = hana.get("/forms/integration/answers");
    assert!(list.text().contains("Feed of Kestrel Car Rental"));
    assert!(list.first("nav.seg").contains("Complete 1"), "{}", list.first("nav.seg"));
    publish(&app, 2, "How often?", Some("2026-12-12"));
    let list = hana.get("/forms/integration/answers?standing=outdated");
    assert_eq!(list.texts("tbody th"), ["Feed of Kestrel Car Rental"]);
    assert!(list.text().contains("12 Dec 2026"));
    assert!(hana.get("/forms").text().contains("1 asked again"));
    assert!(
        hana.get("/forms/integration/answers.csv")
            .text()
            .contains("KESTREL,Feed of Kestrel Car Rental,outdated,2026-12-12")
    );
    let words = "The program asks its questions again by 12 Dec 2026.";
    assert!(pia.get(&own("/checks")).text().contains(words));
    assert!(matches!(freeze(&app), Err(AppError::Refused(said)) if said.starts_with(words)));
    assert!(pia.get(&own("/answers")).text().contains("asks these questions again by 12 Dec 2026"));
    // The published one is answered in a revision only.
    let live = format!("/integrations/{}/answers", integration::KESTREL_LIVE);
    let refused = pia.get(&live);
    assert!(refused.status() == 200 && refused.count("form.form") == 0);
    assert!(refused.text().contains("They are changed in a revision"));
    assert!(refused.attributes("a", "href").contains(&format!("/integrations/{}/revision", integration::KESTREL_LIVE)));
    let form = [("form", "2"), ("draft", "0"), ("sent", "0"), ("act", "draft")];
    assert_eq!(app.assert_unchanged(|| pia.post_multipart(&live, &form, None)).status(), 409);
    assert_eq!(save(&pia, &GOOD, "send").status(), 303);
    assert_eq!(freeze(&app).unwrap().len(), 3);
    assert!(!pia.get(&own("/checks")).text().contains(words));
}

#[test]
fn answers_are_open_only_while_the_pages_are() {
    let app = asking();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let form = pia.get(&own("/answers")).form("form.form").with("act", "draft").with(&name(SPEED), "Daily");
    app.database().run("UPDATE integrations SET state = 'in_review', expected_at = '2026-11-24Z' WHERE id = 'd1000000-0000-7000-8000-000000000002'");
    let refused = app.assert_unchanged(|| pia.post_multipart(&own("/answers"), &form.pairs(), None));
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("Withdraw it to change them"));
    assert!(!pia.get(&own("/checks")).actions().contains(&own("/answers")));
    draft(&app);
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL' AND program_id = '11000000-0000-7000-8000-000000000000'");
    let refused = app.assert_unchanged(|| hana.post_multipart(&own("/answers"), &form.pairs(), None));
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("is suspended, so its answers stay as they are"));
}

#[test]
fn t05_t47_answers_of_others_are_not_there_and_a_stale_draft_is_told_who_was_faster() {
    let app = asking();
    let (pia, uma) = (app.as_(PIA), app.as_(UMA));
    let foreign = format!("/integrations/{}/answers", integration::MERIDIAN);
    let form = [("form", "1"), ("draft", "0"), ("sent", "0"), ("act", "draft")];
    assert_eq!(pia.get(&foreign).status(), 404);
    assert_eq!(app.assert_unchanged(|| pia.post_multipart(&foreign, &form, None)).status(), 404);
    let (otto, hector) = (app.as_(OTTO), app.as_(HECTOR));
    assert_eq!(app.assert_unchanged(|| otto.post_multipart(&own("/answers"), &form, None)).status(), 403);
    assert_eq!(app.assert_unchanged(|| hector.post_multipart(&own("/answers"), &form, None)).status(), 404);
    let seen = pia.get(&own("/answers")).form("form.form").with("act", "draft").with(&name(SPEED), "At once");
    assert_eq!(save(&uma, &[(SPEED, "Daily")], "draft").status(), 303);
    let stale = app.assert_unchanged(|| pia.post_multipart(&own("/answers"), &seen.pairs(), None));
    assert_eq!(stale.status(), 409);
    assert!(stale.text().contains("Uma User saved or sent these answers meanwhile"));
    assert_eq!(stale.form("form.form").value(&name(SPEED)), "At once");
    // The form is another now.
    let seen = pia.get(&own("/answers")).form("form.form").with("act", "send").with(&name(SPEED), "At once");
    publish(&app, 2, "How often?", None);
    let other = app.assert_unchanged(|| pia.post_multipart(&own("/answers"), &seen.pairs(), None));
    assert_eq!(other.status(), 409);
    assert!(other.text().contains("Version 2 of the form was published while you wrote"));
}

#[test]
fn files_in_answers_are_kept_in_scope() {
    let app = asking();
    let pia = app.as_(PIA);
    let form = pia.get(&own("/answers")).form("form.form").with("act", "draft");
    let field = name(FILE);
    let chosen = client::Chosen { field: &field, name: "diagram.pdf", bytes: b"%PDF-1.7 a diagram" };
    assert_eq!(pia.post_multipart(&own("/answers"), &form.without(&field).pairs(), Some(chosen)).status(), 303);
    let page = pia.get(&own("/answers"));
    let address = page.attributes("a[href*=\"/files/\"]", "href").remove(0);
    assert_eq!(pia.get(&address).bytes(), b"%PDF-1.7 a diagram");
    assert_eq!(app.as_(MIRA).get(&address).status(), 404);
    assert_eq!(app.as_(RUI).get(&address).status(), 200);
    // Submitted, it belongs to the answers.
    assert_eq!(save(&pia, &GOOD, "send").status(), 303);
    assert_eq!(freeze(&app).unwrap()[2].text(), "diagram.pdf");
    assert_eq!(pia.get(&address).status(), 200);
}

#[test]
fn host_rules_can_be_about_questions() {
    let app = asking();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let place = format!("question-{SPEED}");
    let form = hana.get("/checks/new?kind=pattern").form("form.form").with("words", "No batches").with("place", &place);
    assert_eq!(hana.post("/checks/new", &form.with("pattern", "At .*").pairs()).location(), "/checks");
    assert_eq!(save(&pia, &GOOD, "draft").status(), 303);
    let lines = pia.get(&own("/checks")).texts("#configure li").join("; ");
    assert!(lines.contains("Blocks No batches “How often?”: “Daily” does not fit At .*."), "{lines}");
    assert_eq!(save(&pia, &[(SPEED, "At once")], "draft").status(), 303);
    assert!(pia.get(&own("/checks")).texts("#configure li").join("; ").contains("Passes No batches"));
}
