//! Forms that the host builds, and their answers (S2-3, S2-4): beyond no. 8, T03, T46, T48, T50, T58, T60.

use chrono::TimeDelta;

use crate::support::client::{Chosen, Visitor};
use crate::support::html::Filled;
use crate::support::*;

const ANSWERS: &str = "/partners/KESTREL/profile/answers";
const PROFILE: &str = "/partners/KESTREL/profile";

/// The world without any form.
fn without_forms() -> TestApp {
    let app = TestApp::new();
    app.database().run(
        "DELETE FROM form_answers; DELETE FROM form_files; DELETE FROM form_requests; DELETE FROM form_versions; DELETE FROM forms",
    );
    app
}

/// Adds a question; returns its id.
fn add(app: &TestApp, who: &Visitor, kind: &str, fields: &[(&str, &str)]) -> String {
    let address = format!("/forms/partner/questions/new?kind={kind}");
    let mut form = who.get(&address).form("form.form");
    for (name, value) in fields {
        form = form.with(name, value);
    }
    let answer = who.post("/forms/partner/questions/new", &form.pairs());
    assert_eq!(answer.status(), 303, "{kind}: {:?}", answer.texts(".error"));
    app.database().value(
        "SELECT questions -> -1 ->> 'id' FROM form_versions WHERE state = 'draft' AND program_id::text LIKE '11%'",
    )
}

fn begin(who: &Visitor) {
    assert_eq!(who.post("/forms/partner/draft", &[]).status(), 303);
}

fn publish(who: &Visitor, reach: &[(&str, &str)]) {
    let mut form = who.get("/forms/partner/publication").form("form.form");
    for (name, value) in reach {
        form = form.with(name, value);
    }
    let answer = who.post("/forms/partner/publication", &form.pairs());
    assert_eq!(answer.status(), 303, "{:?}", answer.texts(".error"));
}

fn field(id: &str) -> String {
    format!("q-{id}")
}

fn blank(who: &Visitor) -> Filled {
    who.get(ANSWERS).form("form.form")
}

fn post(who: &Visitor, form: &Filled, act: &str, file: Option<Chosen<'_>>) -> Answer {
    who.post_multipart(ANSWERS, &form.clone().with("act", act).pairs(), file)
}

#[test]
fn s2_4_a_program_without_forms_works_and_blocks_nothing() {
    let app = without_forms();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    for path in
        ["/forms", "/forms/partner", "/forms/integration", "/forms/partner/answers", "/forms/partner/answers.csv"]
    {
        assert_eq!(hana.get(path).status(), 200, "{path}");
    }
    for path in [PROFILE, "/partners/KESTREL"] {
        let answer = pia.get(path);
        assert!(answer.status() == 200 && !answer.text().contains("artner form"), "{path}");
    }
    let answer = app.assert_unchanged(|| pia.get(ANSWERS));
    assert!(answer.status() == 409 && answer.text().contains("no partner form"));
    // A draft asks nobody either.
    begin(&hana);
    add(&app, &hana, "short", &[("label", "Secret plan?")]);
    assert!(!pia.get(PROFILE).text().contains("Secret plan"));
    assert_eq!(pia.get(ANSWERS).status(), 409);
    assert_eq!(hana.get("/forms/other").status(), 404);
    assert!(hana.get("/forms/integration/answers").text().contains("No form is live"));
}

#[test]
fn a_form_is_built_answered_and_shown_to_both_sides() {
    let app = without_forms();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    begin(&hana);
    let short = add(&app, &hana, "short", &[("label", "Legal name"), ("help", "As registered.")]);
    let feed = add(&app, &hana, "choice", &[("label", "Do you send files?"), ("options", "Yes\r\nNo")]);
    let rate = add(
        &app,
        &hana,
        "number",
        &[("label", "How many a day?"), ("if_question", &feed), ("if_test", "is"), ("if_value", "Yes")],
    );
    let terms = add(&app, &hana, "terms", &[("label", "Data terms"), ("terms", "You keep data safe.")]);
    publish(&hana, &[]);
    assert!(pia.get("/partners/KESTREL").first(".stages").contains("answer the partner form"));
    assert!(pia.get(PROFILE).text().contains("Not answered"));
    let empty = blank(&pia);
    let answer = app.assert_unchanged(|| post(&pia, &empty, "send", None));
    assert_eq!(answer.status(), 422);
    for id in [&short, &feed, &terms] {
        assert!(!answer.error_at(&field(id)).is_empty(), "{id}");
    }
    assert_eq!(answer.error_at(&field(&rate)), "", "what is not asked is not required");
    let filled = empty.with(&field(&short), "Kestrel Ltd").with(&field(&feed), "Yes").with(&field(&terms), "yes");
    let answer = app.assert_unchanged(|| post(&pia, &filled, "send", None));
    assert_eq!(answer.status(), 422);
    assert!(answer.error_at(&field(&rate)).contains("cannot be left empty"), "now it is asked");
    assert_eq!(answer.form("form.form").value(&field(&short)), "Kestrel Ltd", "what was typed is kept");
    let answer = post(&pia, &filled.with(&field(&rate), "12.5"), "send", None);
    assert_eq!((answer.status(), answer.location()), (303, PROFILE));
    for who in [HANA, RUI, ALDO, PIA, UMA, OTTO, SAM] {
        let shown = app.as_(who).get(PROFILE).text();
        if who == SAM {
            continue;
        }
        assert!(
            shown.contains("Kestrel Ltd") && shown.contains("12.5") && shown.contains("Pia Partner"),
            "{}",
            who.name
        );
    }
    assert!(!app.as_(CLEO).get(PROFILE).text().contains("Kestrel Ltd"), "answers are not for CSRs");
    assert!(!pia.get("/partners/KESTREL").first(".stages").contains("partner form"));
    let activity = hana.get("/partners/KESTREL/activity?about=forms").text();
    assert!(activity.contains("sent the partner form of Kestrel Car Rental, version 1"));
    let accepted = app.database().value(
        "SELECT concat_ws(' ', a ->> 'name', a ->> 'version', a ->> 'user') FROM form_answers, jsonb_path_query(content, '$[*].accepted') a WHERE a <> 'null'",
    );
    assert_eq!(accepted, format!("Pia Partner 1 {}", PIA.id));
}

#[test]
fn answers_to_what_is_not_asked_are_dropped_and_a_draft_keeps_them() {
    let app = without_forms();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    begin(&hana);
    let feed = add(&app, &hana, "several", &[("label", "Which?"), ("options", "Files\r\nCalls")]);
    let what = add(
        &app,
        &hana,
        "short",
        &[("label", "What files?"), ("if_question", &feed), ("if_test", "contains"), ("if_value", "files")],
    );
    publish(&hana, &[]);
    let form = blank(&pia).with(&field(&feed), "Calls").with(&field(&what), "HIDDEN");
    assert_eq!(post(&pia, &form, "draft", None).status(), 303);
    let kept = blank(&pia);
    assert_eq!((kept.value(&field(&feed)), kept.value(&field(&what))), ("Calls", "HIDDEN"));
    assert!(!app.as_(MIRA).get("/partners/MERIDIAN/profile/answers").text().contains("HIDDEN"));
    assert_eq!(post(&pia, &kept, "send", None).status(), 303);
    assert!(!hana.get(PROFILE).text().contains("HIDDEN"));
    assert_eq!(app.database().value("SELECT count(*) FROM form_answers WHERE content::text LIKE '%HIDDEN%'"), "0");
}

#[test]
fn t50_questions_and_answers_with_bad_values_are_refused_at_their_field() {
    let app = without_forms();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    begin(&hana);
    let first = add(&app, &hana, "choice", &[("label", "First"), ("options", "A\r\nB")]);
    for (kind, name, value) in [
        ("short", "label", ""),
        ("short", "label", "a\u{0}b"),
        ("short", "label", &"x".repeat(201)),
        ("short", "help", &"x".repeat(501)),
        ("choice", "options", "only one"),
        ("choice", "options", "same\r\nsame"),
        ("several", "options", ""),
        ("terms", "terms", ""),
        ("short", "if_value", "A"),
        ("short", "if_test", "matches"),
        ("short", "if_question", "not an id"),
    ] {
        let form = hana.get(&format!("/forms/partner/questions/new?kind={kind}")).form("form.form");
        let form = form.with("label", "Fine").with(name, value);
        let answer = app.assert_unchanged(|| hana.post("/forms/partner/questions/new", &form.pairs()));
        assert_eq!(answer.status(), 422, "{kind} {name} {value:?}");
    }
    let form = hana.get("/forms/partner/questions/new").form("form.form").with("label", "Second");
    let foreign = form.clone().with("if_question", question::ALTURA_NAME).with("if_value", "A");
    let never = form.with("if_question", &first).with("if_value", "C");
    for form in [foreign, never] {
        let answer = app.assert_unchanged(|| hana.post("/forms/partner/questions/new", &form.pairs()));
        assert!(answer.status() == 422 && !answer.error_at("if_value").is_empty());
    }
    let mut ids = vec![];
    for kind in ["short", "long", "number", "date", "link"] {
        ids.push((kind, add(&app, &hana, kind, &[("label", kind)])));
    }
    publish(&hana, &[]);
    let good = ids.iter().fold(blank(&pia).with(&field(&first), "A"), |form, (kind, id)| {
        let value = match *kind {
            "number" => "-1",
            "date" => "2028-02-29",
            "link" => "https://kestrel.example/",
            _ => "Über 🎉 مرحبا",
        };
        form.with(&field(id), value)
    });
    for (kind, bad) in [
        ("short", "a\u{0}b"),
        ("short", "a\u{202e}b"),
        ("long", "a\u{0}b"),
        ("number", "NaN"),
        ("number", "9223372036854775808"),
        ("date", "2026-02-29"),
        ("link", "javascript:alert(1)"),
        ("link", "//evil.example"),
        ("link", "http://kestrel.example"),
    ] {
        let id = &ids.iter().find(|(known, _)| *known == kind).unwrap().1;
        let form = good.clone().with(&field(id), bad);
        let answer = app.assert_unchanged(|| post(&pia, &form, "send", None));
        assert_eq!(answer.status(), 422, "{kind} {bad:?}");
        assert!(!answer.error_at(&field(id)).is_empty(), "{kind} {bad:?}");
        assert_eq!(answer.count("[aria-invalid=true]"), 1, "only there: {kind} {bad:?}");
    }
    for (name, value) in [("form", "x"), ("draft", "-1"), ("sent", "2147483648"), ("act", "now")] {
        let answer = app.assert_unchanged(|| {
            post(&pia, &good.clone().with(name, value), if name == "act" { value } else { "send" }, None)
        });
        assert_eq!(answer.status(), 400, "{name}");
    }
    let bad = good.clone().with(&field(&first), "C");
    assert_eq!(app.assert_unchanged(|| post(&pia, &bad, "send", None)).status(), 422);
    assert_eq!(post(&pia, &good, "send", None).status(), 303);
}

#[test]
fn beyond_8_an_old_submission_is_shown_as_it_was_sent_whatever_became_of_the_form() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let old = "/partners/KESTREL/profile/answers/1";
    let before = pia.get(old).texts(".answers");
    assert!(before[0].contains("Who runs it?") && before[0].contains("Somebody of KESTREL"));
    let edit = format!("/forms/partner/questions/{}", question::NAME);
    let form = hana.get(&edit).form("form.form").with("label", "Who is in charge?").with("help", "Full name.");
    assert_eq!(hana.post(&edit, &form.pairs()).status(), 303);
    publish(&hana, &[("reach", "again"), ("by", "2026-12-12")]);
    let form = blank(&pia);
    assert_eq!(form.value(&field(question::NAME)), "Somebody of KESTREL", "begins with what was sent last");
    app.pass(TimeDelta::minutes(5));
    assert_eq!(post(&pia, &form.with(&field(question::NAME), "Nobody"), "send", None).status(), 303);
    assert_eq!(pia.get(old).texts(".answers"), before);
    let now = pia.get(PROFILE);
    assert!(now.first(".answers").contains("Who is in charge?") && now.first(".answers").contains("Nobody"));
    assert!(now.text().contains("Submission 1"));
    let refused = app.database().try_run("UPDATE form_answers SET content = '[]' WHERE number = 1");
    assert!(refused.is_err(), "a submission stays, even for the owner");
}

#[test]
fn new_only_leaves_who_answered_alone_and_again_asks_everyone_by_a_day() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let edit = format!("/forms/partner/questions/{}", question::NAME);
    let rename = |label: &str| {
        let form = hana.get(&edit).form("form.form").with("label", label);
        assert_eq!(hana.post(&edit, &form.pairs()).status(), 303);
    };
    let states = || hana.get("/forms/partner/answers").texts("tbody .state");
    assert_eq!(states(), ["Complete"; 3]);
    rename("Second wording");
    publish(&hana, &[("reach", "new")]);
    assert_eq!(states(), ["Complete"; 3]);
    begin(&hana);
    rename("Third wording");
    for by in ["", "2026-11-19", "soon"] {
        let form = hana.get("/forms/partner/publication").form("form.form").with("reach", "again").with("by", by);
        let answer = app.assert_unchanged(|| hana.post("/forms/partner/publication", &form.pairs()));
        assert_eq!((answer.status(), answer.error_at("by").is_empty()), (422, false), "{by}");
    }
    publish(&hana, &[("reach", "again"), ("by", "2026-12-12")]);
    assert_eq!(states(), ["Asked again"; 3]);
    assert!(app.as_(PIA).get(PROFILE).text().contains("by 12 Dec 2026"));
    begin(&hana);
    rename("Fourth wording");
    publish(&hana, &[("reach", "new")]);
    assert_eq!(states(), ["Asked again"; 3], "a later version for new answers does not let anybody off");
    let file = hana.get("/forms/partner/answers.csv?standing=outdated&q=kes").text();
    assert!(file.contains("Fourth wording") && file.contains("KESTREL") && !file.contains("MERIDIAN"), "{file}");
    assert_eq!(hana.get("/forms/partner/answers?standing=missing").count("tbody tr"), 0);
}

#[test]
fn a_host_asks_one_partner_for_an_update() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let path = "/partners/KESTREL/profile/request";
    for by in ["2026-11-19", "", "x"] {
        let answer = app.assert_unchanged(|| hana.post(path, &[("by", by), ("note", "Look")]));
        assert!(answer.status() == 422 && answer.form("form.form").value("note") == "Look", "{by}");
    }
    app.pass(TimeDelta::minutes(1));
    assert_eq!(hana.post(path, &[("by", "2026-12-01"), ("note", "The plan is old.")]).status(), 303);
    let shown = pia.get(PROFILE).text();
    assert!(shown.contains("The plan is old.") && shown.contains("Hana Host, by 1 Dec 2026"));
    assert_eq!(hana.get("/forms/partner/answers?standing=outdated").count("tbody tr"), 1);
    app.pass(TimeDelta::minutes(1));
    assert_eq!(post(&pia, &blank(&pia), "send", None).status(), 303);
    assert_eq!(hana.get("/forms/partner/answers?standing=outdated").count("tbody tr"), 0);
    assert!(!pia.get(PROFILE).text().contains("The plan is old."));
}

#[test]
fn t58_two_editors_of_a_draft_or_of_answers_lose_nothing() {
    let app = TestApp::new();
    let (hana, sam, pia, uma) = (app.as_(HANA), app.as_(SAM), app.as_(PIA), app.as_(UMA));
    let edit = format!("/forms/partner/questions/{}", question::NAME);
    let (one, other) = (hana.get(&edit).form("form.form"), sam.get("/forms").status());
    assert_eq!(other, 200);
    assert_eq!(sam.post(&edit, &one.clone().with("label", "By Sam").pairs()).status(), 303);
    let answer = app.assert_unchanged(|| hana.post(&edit, &one.with("label", "By Hana").pairs()));
    assert_eq!(answer.status(), 409);
    assert!(answer.first("#conflict").contains("Sam System"));
    let again = answer.form("form.form");
    assert_eq!(again.value("label"), "By Hana", "what was typed is kept");
    assert_eq!(hana.post(&edit, &again.pairs()).status(), 303);
    for path in ["/forms/partner/publication", "/forms/partner/draft/removal"] {
        let answer = app.assert_unchanged(|| hana.post(path, &[("version", "1"), ("reach", "new")]));
        assert_eq!(answer.status(), 409, "{path}");
    }
    let (mine, theirs) = (blank(&pia), blank(&uma));
    assert_eq!(post(&uma, &theirs.with(&field(question::NAME), "By Uma"), "draft", None).status(), 303);
    let answer = app.assert_unchanged(|| post(&pia, &mine.with(&field(question::NAME), "By Pia"), "send", None));
    assert_eq!(answer.status(), 409);
    assert!(answer.first("#conflict").contains("Uma User"));
    let again = answer.form("form.form");
    assert_eq!(again.value(&field(question::NAME)), "By Pia");
    assert_eq!(post(&pia, &again, "send", None).status(), 303);
    // T60: sent twice is one submission.
    let answer = app.assert_unchanged(|| post(&pia, &again, "send", None));
    assert_eq!(answer.status(), 409);
    // A version that is published while somebody writes.
    let mine = blank(&pia).with(&field(question::NAME), "Late");
    publish(&hana, &[("reach", "new")]);
    let answer = app.assert_unchanged(|| post(&pia, &mine, "send", None));
    assert_eq!((answer.status(), answer.form("form.form").value("form")), (409, "2"));
    assert_eq!(answer.form("form.form").value(&field(question::NAME)), "Late");
}

#[test]
fn questions_move_and_go_only_as_far_as_others_let_them() {
    let app = without_forms();
    let hana = app.as_(HANA);
    begin(&hana);
    let first = add(&app, &hana, "short", &[("label", "First")]);
    let second = add(&app, &hana, "short", &[("label", "Second"), ("if_question", &first), ("if_value", "x")]);
    let version = || hana.get("/forms/partner").form("form[action$=\"/move\"]").value("version").to_owned();
    let moved = |id: &str, to: &str| {
        hana.post(&format!("/forms/partner/questions/{id}/move"), &[("version", &version()), ("to", to)])
    };
    assert_eq!(app.assert_unchanged(|| moved(&first, "down")).status(), 409);
    assert_eq!(app.assert_unchanged(|| moved(&first, "sideways")).status(), 400);
    let removal = format!("/forms/partner/questions/{first}/removal");
    assert_eq!(hana.get(&removal).actions().iter().filter(|action| **action == removal).count(), 0);
    assert_eq!(app.assert_unchanged(|| hana.post(&removal, &[("version", &version())])).status(), 409);
    let third = add(&app, &hana, "short", &[("label", "Third")]);
    assert_eq!(moved(&third, "up").status(), 303);
    assert_eq!(hana.get("/forms/partner").texts(".rows .strong")[..3], ["First", "Third", "Second"]);
    let gone = hana.post(&format!("/forms/partner/questions/{second}/removal"), &[("version", &version())]);
    assert_eq!(gone.status(), 303);
    assert_eq!(hana.post(&removal, &[("version", &version())]).status(), 303);
}

#[test]
fn t42_t45_t46_files_are_kept_served_as_downloads_and_nobody_else_s() {
    let app = TestApp::new();
    let (pia, mira, hana, cleo) = (app.as_(PIA), app.as_(MIRA), app.as_(HANA), app.as_(CLEO));
    let name = field(question::PLAN);
    let chosen = |file: &'static str, bytes: &'static [u8]| Chosen { field: &name, name: file, bytes };
    for (file, bytes) in [
        ("a.svg", &b"<svg onload='alert(1)'/>"[..]),
        ("a.pdf", b"MZ\x00\x01\x02"),
        ("a.txt", b"<!doctype html><script>alert(1)</script>"),
        ("a.txt", b""),
    ] {
        let form = blank(&pia).with(&field(question::NAME), "Kept text");
        let answer = app.assert_unchanged(|| {
            let answer = post(&pia, &form, "send", Some(chosen(file, bytes)));
            app.database().run("DELETE FROM attempts WHERE key LIKE 'upload%'");
            answer
        });
        assert!(answer.status() == 422 && !answer.error_at(&name).is_empty(), "{file}");
        assert_eq!(answer.form("form.form").value(&field(question::NAME)), "Kept text");
    }
    let large = [b"%PDF-1.7".to_vec(), vec![b' '; 10 * 1024 * 1024]].concat();
    let answer = post(&pia, &blank(&pia), "send", Some(Chosen { field: &name, name: "large.pdf", bytes: &large }));
    assert!(answer.status() == 422 && answer.error_at(&name).contains("10.0 MB"));
    let answer = post(&pia, &blank(&pia), "send", Some(chosen("../../\u{202e}bill \"x\".exe", b"%PDF-1.7 text")));
    assert_eq!(answer.status(), 303);
    let address = pia.get(PROFILE).attributes(".answers a", "href").remove(0);
    for who in [&pia, &hana] {
        let file = who.get(&address);
        assert_eq!((file.status(), file.header("content-type")), (200, "application/pdf"));
        assert!(file.header("content-disposition").starts_with("attachment; filename=\""));
        assert!(
            file.header("content-disposition").contains(".exe.pdf")
                && !file.header("content-disposition").contains("..")
        );
        assert!(file.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.bytes(), b"%PDF-1.7 text");
    }
    assert_eq!(cleo.get(&address).status(), 403);
    assert_eq!(mira.get(&address).status(), 404);
    let key = address.rsplit('/').next().unwrap();
    for path in [
        format!("/partners/MERIDIAN/profile/files/{key}"),
        format!("/partners/MERIDIAN/profile/files/{}", file_of(partner::KESTREL)),
        "/partners/MERIDIAN/profile/files/x".to_owned(),
        "/partners/KESTREL/profile/answers/1".to_owned(),
        "/partners/MERIDIAN/profile/answers/9".to_owned(),
        "/partners/MERIDIAN/profile/answers/0".to_owned(),
    ] {
        assert_eq!(mira.get(&path).status(), 404, "{path}");
    }
    assert_eq!(hana.get(&format!("/partners/MERIDIAN/profile/files/{key}")).status(), 404, "of another partner");
}

#[test]
fn a_file_in_a_draft_is_kept_taken_away_and_gone() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let name = field(question::PLAN);
    let text = Chosen { field: &name, name: "new.txt", bytes: b"a new plan" };
    assert_eq!(post(&pia, &blank(&pia), "draft", Some(text)).status(), 303);
    let address = pia.get(ANSWERS).attributes("form.form .field a", "href").remove(0);
    assert_eq!(pia.get(&address).text(), "a new plan");
    assert_eq!(post(&pia, &blank(&pia), "draft", None).status(), 303, "without choosing it again it stays");
    assert_eq!(pia.get(&address).status(), 200);
    let removal = format!("remove-{}", question::PLAN);
    assert_eq!(post(&pia, &blank(&pia).with(&removal, "yes"), "send", None).status(), 303);
    assert_eq!(pia.get(&address).status(), 404, "nobody holds it any more");
    let old = format!("/partners/KESTREL/profile/files/{}", file_of(partner::KESTREL));
    assert_eq!(pia.get(&old).status(), 200, "what was sent once is kept");
    assert!(pia.get(PROFILE).first(".answers").contains("No answer"));
}

#[test]
fn a_pending_partner_is_approved_by_itself_only_where_the_program_chose_that() {
    for (chosen, who) in [(false, PIA), (true, PIA), (true, UMA), (true, HANA)] {
        let app = TestApp::new();
        app.database().run("UPDATE partners SET status = 'pending', code_fixed = false WHERE code = 'KESTREL' AND program_id::text LIKE '11%'");
        let hana = app.as_(HANA);
        if chosen {
            let form = hana.get("/forms/partner").form("form[action$=\"/settings\"]").with("activates", "yes");
            assert_eq!(hana.post("/forms/partner/settings", &form.pairs()).status(), 303);
            let stale = app.assert_unchanged(|| hana.post("/forms/partner/settings", &[("version", "1")]));
            assert_eq!(stale.status(), 409);
        }
        let visitor = app.as_(who);
        assert_eq!(post(&visitor, &blank(&visitor), "send", None).status(), 303, "{}", who.name);
        let status = app.database().value(&format!("SELECT status FROM partners WHERE id = '{}'", partner::KESTREL));
        assert_eq!(status, if chosen { "active" } else { "pending" }, "{}", who.name);
        let told = hana.get("/partners/KESTREL/activity").text().contains("The partner form was sent.");
        assert_eq!(told, chosen);
        // Nobody else's partner moved.
        assert_eq!(
            app.database().value("SELECT count(*) FROM partners WHERE status <> 'active'"),
            if chosen { "0" } else { "1" }
        );
    }
}

#[test]
fn suspended_and_archived_partners_answer_nothing() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let (mine, hosts) = (blank(&pia), blank(&hana));
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    assert_eq!(app.assert_unchanged(|| post(&pia, &mine, "send", None)).status(), 403);
    assert_eq!(pia.get(PROFILE).status(), 200);
    app.database().run("UPDATE partners SET status = 'archived' WHERE code = 'KESTREL'");
    assert_eq!(app.assert_unchanged(|| post(&hana, &hosts, "send", None)).status(), 409);
    assert_eq!(hana.get("/partners/KESTREL/profile/request").status(), 409);
    assert_eq!(hana.get("/forms/partner/answers").count("tbody tr"), 2);
}

#[test]
fn t53_formulas_in_answers_are_text_in_the_file() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let form = blank(&pia).with(&field(question::NAME), "=cmd|' /C calc'!A0");
    assert_eq!(post(&pia, &form, "send", None).status(), 303);
    let file = hana.get("/forms/partner/answers.csv");
    assert!(file.header("content-disposition").contains("partner-form-answers.csv"));
    assert!(file.text().contains(",'=cmd|") && file.text().lines().count() == 4, "{}", file.text());
    assert!(!file.text().contains("BOREAL"), "another program's");
}
