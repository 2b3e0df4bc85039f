//! What hosts check integrations by, what partners see of it, and how the program reviews.

use portico::access::{Actor, Grant, Place, ReadForms};
use portico::integrations::{self, checks};
use portico::values::Choice;

use crate::support::servers::{Server, authority};
use crate::support::*;

/// A portal whose programs check nothing yet.
fn bare() -> TestApp {
    let app = TestApp::new();
    app.database().run("DELETE FROM integration_checks");
    app
}

/// Gives Kestrel's integration back to its partner.
pub fn draft(app: &TestApp) {
    app.database().run(&format!(
        "UPDATE integrations SET state = 'draft', expected_at = NULL WHERE id = '{}'",
        integration::KESTREL
    ));
}

/// Puts something into its pages.
fn set(app: &TestApp, field: &str, value: &str) {
    app.database().run(&format!(
        "UPDATE integrations SET content = jsonb_set(content, '{{{field}}}', '{value}') WHERE id = '{}'",
        integration::KESTREL
    ));
}

fn own(tail: &str) -> String {
    format!("/integrations/{}{tail}", integration::KESTREL)
}

/// Adds a check as a hosting admin, and returns its address.
#[track_caller]
fn add(app: &TestApp, hana: &client::Visitor, kind: &str, change: &[(&str, &str)]) -> String {
    let mut form = hana.get(&format!("/checks/new?kind={kind}")).form("form.form").with("words", "As we say it");
    for (name, value) in change {
        form = form.with(name, value);
    }
    let answer = hana.post("/checks/new", &form.pairs());
    assert_eq!(answer.location(), "/checks", "{kind}: {:?}", answer.texts("#errors li"));
    format!(
        "/checks/{}",
        app.database().value("SELECT id FROM integration_checks ORDER BY updated_at DESC, id DESC LIMIT 1")
    )
}

/// What the partner's own page says at the host's words: the state, and the sentence below.
#[track_caller]
fn says(page: &Answer) -> (String, String) {
    let lines = page.texts("section.panel li");
    let line = lines.iter().find(|line| line.contains("As we say it"));
    let line = line.unwrap_or_else(|| panic!("{lines:?}"));
    let (state, rest) = line.split_once("As we say it").unwrap();
    (state.trim().to_owned(), rest.replace("Go there:", "").trim().to_owned())
}

const IMAGE: &str = r#"{"id": "11111111-0000-7000-8000-000000000001", "name": "i.png", "alt": "", "width": 400, "height": 300, "size": 1}"#;

#[test]
fn each_kind_passes_and_fails_with_the_hosts_words_and_no_code() {
    let app = bare();
    draft(&app);
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let one = format!("[{IMAGE}]");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str, &'a str, &'a str);
    let cases: &[Case<'_>] = &[
        (
            "required",
            &[("place", "data-use")],
            "data_use",
            "\"Kept for a year\"",
            "\"\"",
            "Use of data is empty. Fill it in.",
        ),
        (
            "pattern",
            &[("place", "summary"), ("pattern", "Earn|Burn .*")],
            "summary",
            "\"Burn points\"",
            "\"Earning\"",
            "Short summary: “Earning” does not fit Earn|Burn .*.",
        ),
        (
            "length",
            &[("place", "description"), ("least", "10"), ("most", "20")],
            "description",
            "\"Ten letters and more\"",
            "\"Too short\"",
            "Description has 9 characters; at least 10 are asked for.",
        ),
        (
            "image-size",
            &[("place", "icon"), ("width", "400"), ("height", "300")],
            "icon",
            IMAGE,
            &IMAGE.replace("400", "399"),
            "i.png is 399 × 300 pixels; at least 400 × 300 are asked for.",
        ),
        (
            "screenshots",
            &[("least", "1")],
            "screenshots",
            &one,
            "[]",
            "There are 0 screenshots; at least 1 are asked for.",
        ),
        (
            "other",
            &[("place", "support-link"), ("other", "categories"), ("test", "is"), ("value", "travel")],
            "support_link",
            "\"https://a.example/help\"",
            "\"\"",
            "Support page is empty, and is needed because Categories is “travel”. Fill it in.",
        ),
        (
            "credentials",
            &[],
            "credentials",
            "\"2026-11-20T09:00:00Z\"",
            "\"\"",
            "There are no test credentials. Put them in on the page Configure.",
        ),
    ];
    for (kind, fields, field, good, bad, wrong) in cases {
        app.database().run("DELETE FROM integration_checks");
        let before =
            app.database().value("SELECT content FROM integrations WHERE id = 'd1000000-0000-7000-8000-000000000002'");
        add(&app, &hana, kind, fields);
        set(&app, field, good);
        assert_eq!(says(&pia.get(&own("/checks"))), ("Passes".into(), String::new()), "{kind}");
        set(&app, field, bad);
        let page = pia.get(&own("/checks"));
        let (state, words) = says(&page);
        assert_eq!(state, "Blocks", "{kind}");
        assert!(words.starts_with(wrong), "{kind}: {words}");
        assert!(hana.get(&own("/checks")).text().contains(wrong), "the host reads the same");
        assert!(
            page.attributes("a", "href").iter().any(|href| href.contains("/pages/") && href.contains('#')),
            "{kind}"
        );
        app.database().run(&format!(
            "UPDATE integrations SET content = '{before}' WHERE id = 'd1000000-0000-7000-8000-000000000002'"
        ));
    }
    let kinds: usize = checks::CheckKind::ALL.len();
    assert_eq!(cases.len() + 2, kinds, "the other two are links, and what a reviewer ticks");
}

#[test]
fn advice_holds_nothing_up_and_what_is_switched_off_asks_nobody() {
    let app = bare();
    draft(&app);
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    set(&app, "template", r#"{"id": "a1000000-0000-7000-8000-000000000002", "name": "Layout"}"#);
    assert!(pia.get(&own("/checks")).text().contains("Nothing holds it up"));
    let address = add(&app, &hana, "required", &[("place", "data-use"), ("weight", "advice")]);
    let page = pia.get(&own("/checks"));
    assert!(page.text().contains("Nothing holds it up") && page.text().contains("1 advice"));
    assert_eq!(says(&page).0, "Advice");
    let edit = hana.get(&address).form("form.form").with("weight", "blocking");
    assert_eq!(hana.post(&address, &edit.pairs()).location(), "/checks");
    assert!(pia.get(&own("/checks")).text().contains("1 to mend before submitting"));
    // Off: on the host's list, on nobody else's.
    assert_eq!(hana.post(&format!("{address}/switch"), &[("version", "2")]).location(), "/checks");
    assert!(hana.get("/checks").text().contains("Switched off"));
    assert!(!pia.get(&own("/checks")).text().contains("As we say it"));
    // Whoever saw an older one is told who was faster, and nothing changes.
    let stale = app.assert_unchanged(|| hana.post(&address, &edit.pairs()));
    assert_eq!(stale.status(), 409);
    assert!(stale.text().contains("Hana Host changed this check meanwhile"));
    let last = app.database().value("SELECT event ->> 'what' FROM activity ORDER BY at DESC, id DESC LIMIT 1");
    assert_eq!(last, "switched “As we say it” off");
}

#[test]
fn t50_a_check_that_cannot_be_is_refused_at_the_field() {
    let app = bare();
    let hana = app.as_(HANA);
    let long = "x".repeat(301);
    for (kind, fields, at) in [
        ("required", [("place", ""), ("words", "W")], "place"),
        ("required", [("place", "kind"), ("words", "W")], "place"),
        ("required", [("place", "general"), ("words", "W")], "place"),
        ("required", [("place", "question-91000000-0000-7000-8000-000000000001"), ("words", "W")], "place"),
        ("required", [("place", "name"), ("words", " ")], "words"),
        ("required", [("place", "name"), ("words", &long)], "words"),
        ("required", [("place", "name"), ("weight", "internal")], "weight"),
        ("pattern", [("place", "name"), ("pattern", "(")], "pattern"),
        ("pattern", [("place", "name"), ("pattern", "a)|(b")], "pattern"),
        ("pattern", [("place", "name"), ("pattern", "(?:x{500}){500}")], "pattern"),
        ("pattern", [("place", "icon"), ("pattern", "x")], "place"),
        ("length", [("place", "name"), ("least", "")], "least"),
        ("length", [("place", "name"), ("least", "-1")], "least"),
        ("length", [("place", "name"), ("most", "1e3")], "most"),
        ("image-size", [("place", "icon"), ("width", "0")], "width"),
        ("screenshots", [("least", "3"), ("most", "2")], "most"),
        ("link", [("place", "summary"), ("words", "W")], "place"),
        ("other", [("place", "link"), ("other", "link")], "other"),
        ("other", [("place", "link"), ("other", "icon")], "other"),
        ("look-at", [("place", "somewhere"), ("words", "W")], "place"),
    ] {
        let mut form = hana.get(&format!("/checks/new?kind={kind}")).form("form.form").with("words", "W");
        for (name, value) in fields {
            form = form.with(name, value);
        }
        let answer = app.assert_unchanged(|| hana.post("/checks/new", &form.pairs()));
        assert_eq!(answer.status(), 422, "{kind} {fields:?}");
        assert!(!answer.error_at(at).is_empty(), "{kind} {fields:?}: {:?}", answer.texts("#errors li"));
    }
}

#[test]
fn a_check_says_what_it_would_do_to_what_is_published() {
    let app = bare();
    let hana = app.as_(HANA);
    // Three partners have one each in this program; another program's are not counted.
    let form =
        hana.get("/checks/new?kind=pattern").form("form.form").with("words", "No Kestrels").with("place", "name");
    let tried = form.with("pattern", "Live of [^K].*").with("act", "try");
    let page = app.assert_unchanged(|| hana.post("/checks/new", &tried.pairs()));
    assert_eq!(page.status(), 200);
    assert!(page.first("#preview").contains("1 of 3 published integrations would fail."), "{}", page.first("#preview"));
    assert_eq!(page.texts("#preview li a"), ["Live of Kestrel Car Rental"]);
    assert_eq!(page.form("form.form").value("pattern"), "Live of [^K].*");
    let address = add(&app, &hana, "required", &[("place", "summary")]);
    assert!(hana.get(&address).first("#preview").contains("None of 3 published integrations would fail."));
    let address = add(&app, &hana, "look-at", &[("place", "media")]);
    assert!(hana.get(&address).first("#preview").contains("A person looks at it"));
}

#[test]
fn checks_have_an_order_and_are_removed_for_good() {
    let app = bare();
    let hana = app.as_(HANA);
    let first = add(&app, &hana, "required", &[("place", "name"), ("words", "First")]);
    let second = add(&app, &hana, "required", &[("place", "name"), ("words", "Second")]);
    let order = || app.database().values("SELECT words FROM integration_checks ORDER BY position").join(" ");
    assert_eq!(order(), "First Second");
    assert_eq!(hana.post(&format!("{second}/move"), &[("to", "up")]).location(), "/checks");
    assert_eq!(order(), "Second First");
    assert_eq!(app.assert_unchanged(|| hana.post(&format!("{second}/move"), &[("to", "up")])).status(), 303);
    assert_eq!(app.assert_unchanged(|| hana.post(&format!("{second}/move"), &[("to", "out")])).status(), 400);
    let confirm = hana.get(&format!("{first}/removal"));
    assert!(confirm.text().contains("Remove “First”?"));
    let stale = app.assert_unchanged(|| hana.post(&format!("{first}/removal"), &[("version", "7")]));
    assert_eq!(stale.status(), 409);
    assert_eq!(hana.post(&format!("{first}/removal"), &confirm.form("form.form").pairs()).location(), "/checks");
    assert_eq!(order(), "Second");
    assert_eq!(hana.get(&first).status(), 404);
}

#[test]
fn another_programs_checks_are_not_there() {
    let app = bare();
    let address = add(&app, &app.as_(HANA), "required", &[("place", "name")]);
    let hector = app.as_(HECTOR);
    assert!(!hector.get("/checks").text().contains("As we say it"));
    for tail in ["", "/removal"] {
        assert_eq!(hector.get(&format!("{address}{tail}")).status(), 404);
    }
    for tail in ["", "/removal", "/switch", "/move"] {
        let form = [
            ("version", "1"),
            ("to", "up"),
            ("kind", "required"),
            ("place", "name"),
            ("words", "W"),
            ("weight", "advice"),
        ];
        let answer = app.assert_unchanged(|| hector.post(&format!("{address}{tail}"), &form));
        assert_eq!(answer.status(), 404, "{tail}");
    }
    // A partner's people never come near the builder, and see their own integrations only.
    let pia = app.as_(PIA);
    assert_eq!((pia.get("/checks").status(), pia.get(&address).status()), (403, 403));
    let foreign = format!("/integrations/{}/checks", integration::MERIDIAN);
    assert_eq!(pia.get(&foreign).status(), 404);
    assert_eq!(app.assert_unchanged(|| pia.post(&foreign, &[])).status(), 404);
}

/// A portal that may connect to the loopback, where Kestrel's terms are.
fn with_link(open: bool, url: &str) -> TestApp {
    let app = TestApp::with(|config| {
        config.connections.trusted_certificates = Some(authority());
        if open {
            config.connections.allow_private = vec!["127.0.0.1".parse().unwrap()];
        }
    });
    app.database().run("DELETE FROM integration_checks");
    draft(&app);
    set(&app, "terms_link", &format!("\"{url}\""));
    add(&app, &app.as_(HANA), "link", &[("place", "terms-link")]);
    app
}

#[test]
fn links_are_asked_on_demand_and_never_by_looking_at_a_page() {
    for (status, headers, expected) in [
        (200, "", ""),
        (302, "Location: https://127.0.0.1:1/planted\r\n", ""),
        (404, "", "There is nothing at this address (404)."),
        (500, "", "out of order (500)"),
        (401, "", "It asks for a sign-in (401)"),
    ] {
        let server = Server::https(status, headers);
        let app = with_link(true, &format!("https://127.0.0.1:{}/terms", server.port));
        let pia = app.as_(PIA);
        let page = pia.get(&own("/checks"));
        assert_eq!(says(&page).0, "When submitting");
        assert_eq!(server.heard(), "", "looking asks nobody");
        let asked = pia.post(&own("/checks"), &[]);
        assert_eq!(asked.status(), 200);
        let (state, words) = says(&asked);
        assert!(server.heard().starts_with("HEAD /terms"), "{}", server.heard());
        assert_eq!(state, if expected.is_empty() { "Passes" } else { "Blocks" }, "{status}");
        assert!(words.contains(expected), "{status}: {words}");
        assert!(!asked.text().contains("planted"), "what the other end says is not handed on");
    }
}

#[test]
fn t55_t56_a_link_never_leads_the_portal_into_its_own_network() {
    let server = Server::https(200, "");
    for url in [
        format!("https://127.0.0.1:{}/", server.port),
        format!("https://2130706433:{}/", server.port),
        format!("https://localhost:{}/", server.port),
        format!("https://[::ffff:127.0.0.1]:{}/", server.port),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://10.0.0.1/".into(),
        "https://127.0.0.1:5432/".into(),
        "https://user:secret@127.0.0.1/".into(),
        "http://127.0.0.1/".into(),
        "file:///etc/passwd".into(),
    ] {
        let app = with_link(false, &url);
        let asked = app.as_(PIA).post(&own("/checks"), &[]);
        let (state, words) = says(&asked);
        assert_eq!(state, "Blocks", "{url}");
        assert!(
            words.contains("internal") || words.contains("https address") || words.contains("Port 5432"),
            "{url}: {words}"
        );
    }
    assert_eq!(server.heard(), "");
}

#[test]
fn link_checks_are_limited() {
    let app = with_link(false, "https://10.0.0.1/");
    let pia = app.as_(PIA);
    for _ in 0..30 {
        assert_eq!(pia.post(&own("/checks"), &[]).status(), 200);
    }
    assert_eq!(pia.post(&own("/checks"), &[]).status(), 429);
}

/// The checklist of Kestrel's first submission, as the review page gets it.
fn checklist(app: &TestApp) -> Vec<(String, bool)> {
    let place = Place { id: program::SOLSTICE.parse().unwrap(), name: "Solstice".into(), code: "SOLSTICE".into() };
    let grant = Grant::<ReadForms>::check(Actor::operator(Some(place))).unwrap();
    let lines = app.inside().db.read_now(&grant, |tx| {
        let of = integrations::store::find(tx, integration::KESTREL)?;
        let submission = integrations::store::last_submission(tx, &of)?.unwrap();
        checks::checklist(tx, &of, &submission)
    });
    lines.unwrap().into_iter().map(|line| (line.rule, line.manual.is_some_and(|one| one.ticked.is_some()))).collect()
}

#[test]
fn a_reviewer_ticks_what_only_a_person_sees() {
    let app = bare();
    let hana = app.as_(HANA);
    let address = add(&app, &hana, "look-at", &[("place", "media")]);
    let plain = add(&app, &hana, "required", &[("place", "name"), ("words", "Found out")]);
    app.database().run(
        "UPDATE integration_submissions SET findings = '[{\"page\": \"listing\", \"spot\": \"summary\", \"rule\": \"Frozen\", \"wrong\": \"\", \"is_blocking\": true}]'",
    );
    assert_eq!(checklist(&app), [("Frozen".into(), false), ("As we say it".into(), false)]);
    let tick = |check: &str| own(&format!("/checklist/{}", check.rsplit('/').next().unwrap()));
    let rui = app.as_(RUI);
    let form = [("submission", "1"), ("ticked", "yes")];
    assert_eq!(rui.post(&tick(&address), &form).location(), own("/review#checklist"));
    assert_eq!(checklist(&app), [("Frozen".into(), false), ("As we say it".into(), true)]);
    assert_eq!(app.database().value("SELECT marked_by_name FROM check_marks"), "Rui Reviewer");
    // Twice is once.
    assert_eq!(app.assert_unchanged(|| hana.post(&tick(&address), &form)).status(), 303);
    // The partner neither sees the tick nor may set it.
    let pia = app.as_(PIA);
    assert_eq!(app.assert_unchanged(|| pia.post(&tick(&address), &form)).status(), 403);
    assert!(!pia.get("/partners/KESTREL/activity").text().contains("ticked"));
    assert_eq!(app.assert_unchanged(|| rui.post(&tick(&plain), &form)).status(), 409);
    assert_eq!(app.assert_unchanged(|| rui.post(&tick(&address), &[("submission", "2")])).status(), 409);
    let hector = app.as_(HECTOR);
    assert_eq!(app.assert_unchanged(|| hector.post(&tick(&address), &form)).status(), 404);
    // The tick stays when the check is removed; and is taken back by whoever reviews.
    assert_eq!(hana.post(&format!("{address}/removal"), &[("version", "1")]).status(), 303);
    assert_eq!(checklist(&app), [("Frozen".into(), false), ("As we say it".into(), true)]);
    let other = add(&app, &hana, "look-at", &[("place", "summary"), ("words", "Other")]);
    assert_eq!(rui.post(&tick(&other), &form).status(), 303);
    assert_eq!(rui.post(&tick(&other), &[("submission", "1")]).status(), 303);
    assert_eq!(app.database().value("SELECT count(*) FROM check_marks"), "1");
    draft(&app);
    let refused = app.assert_unchanged(|| rui.post(&tick(&other), &form));
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("nothing of it is under review"));
}

#[test]
fn how_the_program_reviews_is_chosen_and_told() {
    let app = bare();
    let hana = app.as_(HANA);
    let page = hana.get("/settings/review");
    assert!(page.text().contains("6 integrations"), "each of three partners has two that say Travel");
    let form =
        page.form("form.form").with("target_days", "5").with("second_approver", "yes").with("reviewed", "summary");
    let form = form.with("categories", "Earn\nBurn & more");
    assert_eq!(hana.post("/settings/review", &form.pairs()).location(), "/settings/review");
    let page = hana.get("/settings/review");
    assert!(page.text().contains("“Travel” stays in 6 integrations until they are edited."));
    let row = "SELECT target_days || ' ' || second_approver || ' ' || reviewed_fields || ' ' || categories || ' ' || version FROM review_settings WHERE program_id = '11000000-0000-7000-8000-000000000000'";
    assert_eq!(app.database().value(row), "5 true [\"summary\"] [\"Earn\", \"Burn & more\"] 2");
    assert_eq!(
        app.database().value("SELECT kind FROM activity ORDER BY at DESC, id DESC LIMIT 1"),
        "ReviewSettingsChanged"
    );
    let stale = app.assert_unchanged(|| hana.post("/settings/review", &form.clone().with("target_days", "7").pairs()));
    assert_eq!(stale.status(), 409);
    assert!(stale.text().contains("Hana Host changed these settings meanwhile"));
    let again = stale.form("form.form");
    assert_eq!((again.value("target_days"), again.value("version")), ("7", "2"));
    assert_eq!(app.assert_unchanged(|| hana.post("/settings/review", &page.form("form.form").pairs())).status(), 303);
    let many = (0..61).map(|number| format!("C{number}")).collect::<Vec<_>>().join("\n");
    for (field, value) in [
        ("target_days", "0"),
        ("target_days", "61"),
        ("target_days", "1.5"),
        ("categories", "One\none"),
        ("categories", &"x".repeat(41)),
        ("categories", &many),
        ("reviewed", "nonsense"),
    ] {
        let typed = page.form("form.form").with(field, value);
        let refused = app.assert_unchanged(|| hana.post("/settings/review", &typed.pairs()));
        assert_eq!(refused.status(), 422, "{field} {value}");
        assert!(!refused.error_at(field).is_empty(), "{field} {value}");
    }
    // Reviewers read it.
    let page = app.as_(RUI).get("/settings/review");
    assert!(page.status() == 200 && page.count("form.form") == 0 && page.text().contains("5 business days"));
    assert_eq!(app.as_(PIA).get("/settings/review").status(), 403);
}

#[test]
fn who_publishes_is_chosen_for_each_partner_type() {
    let app = bare();
    let hana = app.as_(HANA);
    let address = format!("/settings/types/{}", kind::UNUSED);
    let action = format!("{address}/review");
    let form = hana.get(&address).form(&format!("form[action=\"{action}\"]"));
    assert_eq!(form.value("seen"), "reviewed");
    let chosen = form.with("review", "self-publish");
    assert_eq!(hana.post(&action, &chosen.pairs()).location(), address);
    let stored = format!("SELECT review FROM partner_types WHERE id = '{}'", kind::UNUSED);
    assert_eq!(app.database().value(&stored), "self-publish");
    assert!(hana.get("/settings/review").text().contains("Published by the partner"));
    let stale = app.assert_unchanged(|| hana.post(&action, &[("seen", "reviewed"), ("review", "reviewed")]));
    assert_eq!(stale.status(), 409);
    assert_eq!(app.assert_unchanged(|| hana.post(&action, &[("seen", "reviewed"), ("review", "x")])).status(), 400);
    let foreign = format!("/settings/types/{}/review", kind::ALTURA_AIRLINE);
    assert_eq!(app.assert_unchanged(|| hana.post(&foreign, &chosen.pairs())).status(), 404);
}
