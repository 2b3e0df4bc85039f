//! Reviewing: who does it, what was looked at, what changed, what is said about it, and what partners never learn.

use std::thread::scope;

use crate::support::*;

fn path(id: &str) -> String {
    format!("/integrations/{id}")
}

fn review(id: &str, query: &str) -> String {
    format!("/integrations/{id}/review{query}")
}

fn value(app: &TestApp, id: &str, column: &str) -> String {
    app.database().value(&format!("SELECT {column} FROM integrations WHERE id = '{id}'"))
}

fn events(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT event ->> 'what' FROM (SELECT event -> 'event' AS event FROM activity WHERE kind = 'Integration' ORDER BY id) e")
}

/// Gives feedback on Kestrel's listing and tells the item's id.
#[track_caller]
fn give(app: &TestApp, who: &Visitor, weight: &str, body: &str) -> String {
    let form = [("page", "listing"), ("field", "summary"), ("weight", weight), ("body", body)];
    let answer = who.post(&format!("{}/threads", path(integration::KESTREL)), &form);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let id = answer.location().split_once("#t-").unwrap().1.to_owned();
    assert_eq!(app.database().value(&format!("SELECT weight FROM feedback_threads WHERE id = '{id}'")), weight);
    id
}

fn thread(id: &str, part: &str) -> String {
    format!("{}/threads/{id}/{part}", path(integration::KESTREL))
}

fn state(app: &TestApp, id: &str) -> String {
    app.database().value(&format!(
        "SELECT (resolved_at IS NOT NULL) || ' ' || (answered_at IS NOT NULL) FROM feedback_threads WHERE id = '{id}'"
    ))
}

/// A second submission of Kestrel's integration with another summary and another category.
fn resubmit(app: &TestApp) {
    let change =
        r#"{"summary": "Days of Kestrel Car Rental", "categories": ["Earn"], "member_terms": "No staff rates."}"#;
    app.database().run(&format!(
        "UPDATE integration_submissions SET outcome = 'changes_requested', answered_at = '2026-11-19 15:00Z', answered_by = '{}',
           answered_by_name = 'Rui Reviewer', summary = 'Nearly there.' WHERE integration_id = '{id}';
         UPDATE integrations SET content = content || '{change}', round = 2, submission = 2, version = version + 1 WHERE id = '{id}';
         INSERT INTO integration_submissions (partner_id, integration_id, number, cycle, round, content, note, submitted_at, submitted_by_name)
           SELECT partner_id, id, 2, 1, 2, content, '', '2026-11-20 09:00Z', 'Pia Partner' FROM integrations WHERE id = '{id}'",
        RUI.id,
        id = integration::KESTREL,
    ));
}

#[test]
fn s2_13_feedback_is_given_on_a_field_answered_resolved_and_opened_again() {
    let app = TestApp::new();
    let (rui, pia) = (app.as_(RUI), app.as_(PIA));
    let id = give(&app, &rui, "blocking", "Name what *earns*.\n<script>alert(1)</script>");
    assert_eq!(state(&app, &id), "false false");
    for who in [&rui, &pia] {
        let page = who.get(&review(integration::KESTREL, "?page=listing"));
        assert!(page.text().contains("Name what") && !page.text().contains("<script>alert"), "{}", page.text());
        assert_eq!(page.count(&format!("#t-{id} .state.warn")), 1, "it blocks");
    }
    // It belongs to that page alone.
    assert!(!rui.get(&review(integration::KESTREL, "?page=legal")).text().contains("Name what"));
    let answer = pia.post(&thread(&id, "messages"), &[("body", "Rewritten."), ("back", "edit")]);
    assert_eq!(answer.location(), format!("{}/pages/listing#t-{id}", path(integration::KESTREL)));
    assert_eq!(state(&app, &id), "false true");
    rui.post(&thread(&id, "messages"), &[("body", "Not yet.")]);
    assert_eq!(state(&app, &id), "false false", "the next move is the partner's again");
    pia.post(&thread(&id, "messages"), &[("body", "Now it is.")]);
    let resolved = rui.post(&thread(&id, "resolution"), &[("body", "Thank you.")]);
    assert_eq!(resolved.location(), review(integration::KESTREL, "?page=listing"));
    assert_eq!(state(&app, &id), "true false");
    let page = pia.get(&review(integration::KESTREL, "?page=listing&show=resolved"));
    assert!(page.text().contains("Resolved by Rui Reviewer") && page.text().contains("Thank you."));
    app.assert_unchanged(|| assert_eq!(pia.post(&thread(&id, "messages"), &[("body", "But")]).status(), 409));
    app.assert_unchanged(|| assert_eq!(rui.post(&thread(&id, "resolution"), &[]).status(), 409));
    assert_eq!(rui.post(&thread(&id, "reopening"), &[]).status(), 303);
    app.assert_unchanged(|| assert_eq!(rui.post(&thread(&id, "reopening"), &[]).status(), 409));
    assert_eq!(
        events(&app),
        [
            "FeedbackGiven",
            "FeedbackAnswered",
            "FeedbackAnswered",
            "FeedbackAnswered",
            "FeedbackSettled",
            "FeedbackReopened"
        ]
    );
    assert_eq!(value(&app, integration::KESTREL, "state"), "in_review", "feedback moves nothing");
}

#[test]
fn feedback_that_says_nothing_is_refused_beside_its_field_and_keeps_what_was_typed() {
    let app = TestApp::new();
    let (rui, pia) = (app.as_(RUI), app.as_(PIA));
    let threads = format!("{}/threads", path(integration::KESTREL));
    let valid = [("page", "listing"), ("field", "summary"), ("weight", "advice"), ("body", "Words that were typed")];
    for (field, typed) in
        [("body", "  "), ("weight", "urgent"), ("page", "prices"), ("field", "colour"), ("field", "icon")]
    {
        let form: Vec<(&str, &str)> =
            valid.iter().map(|(name, old)| (*name, if *name == field { typed } else { old })).collect();
        let answer = app.assert_unchanged(|| rui.post(&threads, &form));
        assert_eq!(answer.status(), 422, "{field} {typed}");
        assert_eq!(answer.count("#errors"), 1);
        assert!(field == "body" || answer.text().contains("Words that were typed"), "{field}");
    }
    let long = "x".repeat(5001);
    let answer = app.assert_unchanged(|| pia.post(&thread(thread::KESTREL, "messages"), &[("body", &long)]));
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("the longest allowed is 5,000") && answer.text().contains(&long));
    let answer =
        app.assert_unchanged(|| pia.post(&thread(thread::KESTREL, "messages"), &[("body", ""), ("back", "edit")]));
    assert_eq!((answer.status(), answer.count("[name=back][value=edit]")), (422, 1));
    // A field that this kind of integration does not have.
    let link = [("page", "general"), ("field", "link"), ("weight", "advice"), ("body", "Where?")];
    app.assert_unchanged(|| assert_eq!(rui.post(&threads, &link).status(), 409));
    // Feedback needs no review: what is published can have some too.
    let live = format!("{}/threads", path(integration::KESTREL_LIVE));
    assert_eq!(rui.post(&live, &valid).status(), 303);
}

#[test]
fn t01_partners_learn_nothing_of_internal_notes() {
    let app = TestApp::new();
    let (rui, pia) = (app.as_(RUI), app.as_(PIA));
    let words = "planted-note-9f3a";
    let note = give(&app, &rui, "internal", words);
    rui.post(&thread(&note, "messages"), &[("body", "planted-reply-9f3a")]);
    rui.post(&thread(&note, "resolution"), &[]);
    rui.post(&thread(&note, "reopening"), &[]);
    assert_eq!(events(&app), ["NoteWritten", "NoteWritten", "NoteSettled", "NoteReopened"]);
    assert!(rui.get(&review(integration::KESTREL, "?page=listing")).text().contains(words));
    for who in [PIA, UMA, OTTO] {
        let visitor = app.as_(who);
        for page in [
            review(integration::KESTREL, "?page=listing"),
            review(integration::KESTREL, "?page=listing&show=resolved"),
            "/integrations?tab=in-review".into(),
            "/integrations/export.json?tab=in-review".into(),
            "/partners/KESTREL/activity".into(),
            "/activity".into(),
            "/activity/export.csv".into(),
            "/notifications".into(),
            "/search?q=planted".into(),
        ] {
            for answer in [visitor.get(&page), visitor.get_part(&page)] {
                let text = answer.text();
                for secret in
                    ["planted-note", "planted-reply", "internal words", "nternal note", &note, thread::KESTREL_NOTE]
                {
                    assert!(!text.contains(secret), "{}: {page} says {secret}", who.name);
                }
            }
        }
    }
    // The counts are those of what both sides see.
    let counts = |who: &Visitor| who.get(&review(integration::KESTREL, "?page=listing")).texts(".seg a")[..].concat();
    assert!(counts(&pia).contains("Open 1"), "{}", counts(&pia));
    assert!(counts(&rui).contains("Open 3"), "{}", counts(&rui));
    for id in [note.as_str(), thread::KESTREL_NOTE] {
        app.assert_unchanged(|| assert_eq!(pia.post(&thread(id, "messages"), &[("body", "I know")]).status(), 404));
    }
}

#[test]
fn t03_reviews_of_others_do_not_exist() {
    let app = TestApp::new();
    for (who, ids) in
        [(PIA, [integration::MERIDIAN, integration::BOREAL]), (HECTOR, [integration::KESTREL, integration::MERIDIAN])]
    {
        let visitor = app.as_(who);
        for id in ids {
            assert_eq!(visitor.get(&review(id, "?page=listing")).status(), 404, "{} {id}", who.name);
            for part in ["messages", "resolution", "reopening"] {
                let address = format!("{}/threads/f{}/{part}", path(id), &id[1..]);
                let answer = app.assert_unchanged(|| visitor.post(&address, &[("body", "Mine")]));
                assert!(matches!(answer.status(), 403 | 404), "{address}: {}", answer.status());
            }
        }
    }
    for (who, id) in [(PIA, integration::MERIDIAN_LIVE), (HECTOR, integration::KESTREL_LIVE)] {
        assert_eq!(app.as_(who).get(&review(id, "?since=published")).status(), 404);
    }
    // The item of another integration is not found through one's own.
    let pia = app.as_(PIA);
    app.assert_unchanged(|| {
        assert_eq!(pia.post(&thread(thread::MERIDIAN, "messages"), &[("body", "Mine")]).status(), 404)
    });
    let rui = app.as_(RUI);
    app.assert_unchanged(|| assert_eq!(rui.post(&thread(thread::MERIDIAN, "resolution"), &[]).status(), 404));
}

#[test]
fn a_suspended_partner_s_reviews_stand_still() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    let (rui, pia) = (app.as_(RUI), app.as_(PIA));
    let form = [("page", "listing"), ("weight", "advice"), ("body", "Words"), ("version", "1"), ("to", HANA.id)];
    for (who, address, status) in [
        (&rui, format!("{}/threads", path(integration::KESTREL)), 409),
        (&rui, format!("{}/claim", path(integration::KESTREL)), 409),
        (&rui, format!("{}/handover", path(integration::KESTREL)), 409),
        (&rui, thread(thread::KESTREL, "messages"), 409),
        (&rui, thread(thread::KESTREL, "resolution"), 409),
        (&pia, thread(thread::KESTREL, "messages"), 403),
    ] {
        let answer = app.assert_unchanged(|| who.post(&address, &form));
        assert_eq!(answer.status(), status, "{address}");
    }
    assert_eq!(pia.get(&review(integration::KESTREL, "")).status(), 200, "looking goes on");
}

#[test]
fn claiming_takes_it_and_a_second_one_has_to_confirm() {
    let app = TestApp::new();
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    let claim = format!("{}/claim", path(integration::KESTREL));
    assert_eq!(rui.post(&claim, &[("version", "1"), ("back", "list")]).location(), "/integrations?tab=in-review");
    assert_eq!(value(&app, integration::KESTREL, "assignee_name"), "Rui Reviewer");
    // Hana's page is older: she is told who did what.
    let stale = app.assert_unchanged(|| hana.post(&claim, &[("version", "1")]));
    assert_eq!(stale.status(), 409);
    assert!(stale.text().contains("Rui Reviewer changed this integration meanwhile"));
    let asked = app.assert_unchanged(|| hana.post(&claim, &[("version", "2")]));
    assert_eq!(
        (asked.status(), asked.first("h1")),
        (200, "Take over the review of Feed of Kestrel Car Rental?".into())
    );
    assert!(asked.text().contains("Rui Reviewer is reviewing it"));
    assert_eq!(hana.post(&claim, &asked.form("form.form").pairs()).status(), 303);
    assert_eq!(value(&app, integration::KESTREL, "assignee_name"), "Hana Host");
    assert_eq!(events(&app), ["Claimed", "HandedOver"]);
    // Claiming what one has changes nothing.
    app.assert_unchanged(|| assert_eq!(hana.post(&claim, &[("version", "3")]).status(), 303));
    // The partner sees who reviews.
    assert_eq!(app.as_(PIA).get(&review(integration::KESTREL, "")).first(".meta li:last-child bdi"), "Hana Host");
    // Nothing else is claimed than what waits.
    let live = format!("{}/claim", path(integration::KESTREL_LIVE));
    app.assert_unchanged(|| assert_eq!(hana.post(&live, &[("version", "1")]).status(), 409));
}

#[test]
fn two_who_claim_at_once_do_not_both_get_it() {
    let app = TestApp::new();
    let claim = format!("{}/claim", path(integration::KESTREL));
    let visitors = [app.as_(RUI), app.as_(HANA)];
    let answers: Vec<u16> = scope(|threads| {
        let each: Vec<_> = visitors
            .iter()
            .map(|visitor| threads.spawn(|| visitor.post(&claim, &[("version", "1"), ("confirmed", "yes")]).status()))
            .collect();
        each.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut sorted = answers.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [303, 409]);
    let winner = if answers[0] == 303 { "Rui Reviewer" } else { "Hana Host" };
    assert_eq!(value(&app, integration::KESTREL, "assignee_name || version"), format!("{winner}2"));
    assert_eq!(events(&app), ["Claimed"]);
}

#[test]
fn nobody_reviews_what_they_submitted() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE integrations SET submitted_by = '{}' WHERE id = '{}'",
        HANA.id,
        integration::SOLHQ
    ));
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    let address = path(integration::SOLHQ);
    let refused = app.assert_unchanged(|| hana.post(&format!("{address}/claim"), &[("version", "1")]));
    assert_eq!(refused.status(), 409);
    assert!(refused.text().contains("You submitted it yourself"));
    let page = hana.get(&review(integration::SOLHQ, ""));
    assert_eq!((page.count("form.verdict"), page.count("form[action$=claim]")), (0, 0));
    // Nor is it handed to them.
    let form = rui.get(&format!("{address}/handover"));
    assert!(!form.attributes("select[name=to] option", "value").contains(&HANA.id.to_owned()));
    let answer =
        app.assert_unchanged(|| rui.post(&format!("{address}/handover"), &[("version", "1"), ("to", HANA.id)]));
    assert_eq!(answer.status(), 422);
    assert!(answer.error_at("to").contains("Choose somebody"));
    assert_eq!(rui.post(&format!("{address}/claim"), &[("version", "1")]).status(), 303);
}

#[test]
fn a_review_is_handed_to_somebody_who_may_and_they_are_told() {
    let app = TestApp::new();
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    let handover = format!("{}/handover", path(integration::KESTREL));
    let people = hana.get(&handover).attributes("select[name=to] option", "value");
    assert_eq!(people.iter().filter(|id| !id.is_empty()).collect::<Vec<_>>(), [HANA.id, RUI.id]);
    for to in [PIA.id, CLEO.id, ALDO.id, UWE.id, HECTOR.id, "nobody", ""] {
        let answer = app.assert_unchanged(|| hana.post(&handover, &[("version", "1"), ("to", to)]));
        assert_eq!(answer.status(), 422, "{to}");
    }
    assert_eq!(hana.post(&handover, &[("version", "1"), ("to", RUI.id)]).status(), 303);
    assert_eq!(value(&app, integration::KESTREL, "assignee_id"), RUI.id);
    assert!(rui.get("/notifications").text().contains("You review Feed of Kestrel Car Rental now"));
    let letters = app.database().values("SELECT kind || ' ' || recipient || ' ' || hosts_only FROM outbox");
    assert_eq!(letters, [format!("ReviewHandedOver {} true", RUI.email)]);
    assert_eq!(events(&app), ["HandedOver"]);
    app.assert_unchanged(|| assert_eq!(rui.post(&handover, &[("version", "1"), ("to", HANA.id)]).status(), 409));
    assert_eq!(app.as_(PIA).get(&handover).status(), 403);
}

#[test]
fn pages_are_viewed_and_change_since_one_s_review() {
    let app = TestApp::new();
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    let standings = |who: &Visitor| -> Vec<String> {
        let page = who.get(&review(integration::KESTREL, "?page=legal"));
        page.texts(".tasks small")
            .iter()
            .map(|text| text.split(char::is_numeric).next().unwrap().trim().to_owned())
            .collect()
    };
    assert_eq!(standings(&rui), ["Not viewed"; 5]);
    let views = format!("{}/views", path(integration::KESTREL));
    let next = rui.post(&views, &[("page", "listing"), ("next", "configure"), ("since", "now")]);
    assert_eq!(next.location(), review(integration::KESTREL, "?page=configure&since=now"));
    rui.post(&views, &[("page", "legal")]);
    rui.post(&views, &[("page", "legal")]);
    assert_eq!(standings(&rui), ["Not viewed", "Viewed", "Not viewed", "Not viewed", "Viewed"]);
    assert_eq!(standings(&hana), ["Not viewed"; 5], "marks are one's own");
    assert_eq!(events(&app), [""; 0], "nobody's act");
    resubmit(&app);
    assert_eq!(standings(&rui), ["Not viewed", "Changed since your review", "Not viewed", "Not viewed", "Viewed"]);
    app.assert_unchanged(|| assert_eq!(rui.post(&views, &[("page", "prices")]).status(), 400));
    let live = format!("{}/views", path(integration::KESTREL_LIVE));
    app.assert_unchanged(|| assert_eq!(rui.post(&live, &[("page", "legal")]).status(), 409));
    // A partner's people have no marks at all.
    assert_eq!(app.as_(PIA).post(&views, &[("page", "legal")]).status(), 403);
    assert_eq!(standings(&app.as_(PIA)), [""; 5]);
}

#[test]
fn what_differs_is_shown_word_by_word_against_each_base() {
    let app = TestApp::new();
    let (rui, hana, pia) = (app.as_(RUI), app.as_(HANA), app.as_(PIA));
    let switch =
        |who: &Visitor| who.get(&review(integration::KESTREL, "?page=listing")).texts("nav[aria-label=Compare] a");
    assert_eq!(switch(&rui), [""; 0], "a first submission differs from nothing");
    resubmit(&app);
    assert_eq!(switch(&rui), ["Now", "Since submission 1", "Since my review"]);
    assert_eq!(switch(&hana), ["Now", "Since submission 1"]);
    assert_eq!(switch(&pia), ["Now", "Since submission 1"]);
    let page = rui.get(&review(integration::KESTREL, "?page=listing&since=submission"));
    assert!(
        page.text().contains("3 of 5 fields differ from submission 1, answered by you on 19 Nov."),
        "{}",
        page.text()
    );
    assert_eq!(page.texts("#f-summary del"), ["removed: Nights"]);
    assert_eq!(page.texts("#f-summary ins"), ["added: Days"]);
    assert_eq!(page.texts("#f-categories del"), ["removed: Travel"]);
    assert_eq!(page.texts("#f-categories ins"), ["added: Earn"]);
    assert_eq!(page.texts("#f-member-terms .state"), ["Added"]);
    assert_eq!(page.texts("details.change > summary"), ["2 unchanged fields: description, links"]);
    assert_eq!(page.texts("#f-summary .small.warn"), ["2 open"]);
    // The item was written about the first submission.
    assert_eq!(page.texts(&format!("#t-{} .state.info", thread::KESTREL)), ["Field changed since"]);
    assert_eq!(
        pia.get(&review(integration::KESTREL, "?page=listing")).texts(&format!("#t-{} .state.info", thread::KESTREL)),
        ["Changed, no answer yet"]
    );
    let now = rui.get(&review(integration::KESTREL, "?page=listing&since=now"));
    assert_eq!((now.count("main ins, main del"), now.count("main section.change")), (0, 5));
    assert!(
        rui.get(&review(integration::KESTREL, "?page=media&since=submission"))
            .text()
            .contains("Nothing on this page differs")
    );
    // Against what is published, for a revision.
    let live = rui.get(&review(integration::KESTREL_LIVE, "?page=general&since=published"));
    assert!(live.text().contains("Nothing on this page differs from the published version 1."), "{}", live.text());
}

#[test]
fn partners_see_the_same_page_without_verdict_and_without_reviewers_tools() {
    let app = TestApp::new();
    let page = app.as_(RUI).get(&review(integration::KESTREL, "?page=listing"));
    assert_eq!(page.count("form.verdict"), 1);
    let verdicts = page.attributes("form.verdict [name=verdict]", "value");
    assert_eq!(verdicts, ["comment", "change-request", "publication"], "rejecting is a hosting admin's");
    assert!(page.text().contains("1 blocking item open: publishing waits for it"));
    let host = app.as_(HANA).get(&review(integration::KESTREL, "?page=listing"));
    assert!(host.attributes("form.verdict [name=verdict]", "value").contains(&"rejection".to_owned()));
    for who in [PIA, UMA, OTTO, CLEO, ALDO] {
        let page = app.as_(who).get(&review(integration::KESTREL, "?page=listing&field=summary"));
        assert_eq!(page.status(), 200, "{}", who.name);
        for tool in [
            "form.verdict",
            "#comment",
            "form[action$=views]",
            "form[action$=claim]",
            "[formaction]",
            "a[href*='field=']",
        ] {
            assert_eq!(page.count(tool), 0, "{}: {tool}", who.name);
        }
        let answers = usize::from(who == PIA || who == UMA);
        assert_eq!(page.count("form[action$=messages]"), answers, "{}", who.name);
    }
    let pia = app.as_(PIA).get(&review(integration::KESTREL, ""));
    assert!(
        pia.text().contains("3rd in the queue")
            || pia.text().contains("2nd in the queue")
            || pia.text().contains("1st in the queue")
    );
    assert!(pia.texts(".meta li").iter().any(|line| line.ends_with(" in the queue")), "{:?}", pia.texts(".meta li"));
    assert_eq!(pia.count("a[href$='/withdrawal']"), 1);
}

#[test]
fn two_reviewers_know_of_each_other_and_partners_of_neither() {
    let app = TestApp::new();
    let (rui, hana, pia) = (app.as_(RUI), app.as_(HANA), app.as_(PIA));
    let beat = |who: &Visitor| who.post(&format!("{}/readers", path(integration::KESTREL)), &[]).status();
    let reading = |who: &Visitor| who.get(&review(integration::KESTREL, "")).first("#readers bdi");
    app.assert_unchanged(|| assert_eq!(reading(&rui), "", "looking alone writes nothing"));
    assert_eq!((beat(&rui), beat(&pia)), (303, 403));
    assert_eq!(reading(&hana), "Rui is reading this too");
    beat(&hana);
    assert_eq!(reading(&rui), "Hana is reading this too");
    assert_eq!(reading(&pia), "");
    assert_eq!(app.as_(PIA).get(&review(integration::KESTREL, "")).count("[hx-post]"), 0);
    app.pass(chrono::TimeDelta::minutes(3));
    assert_eq!(reading(&rui), "");
}

#[test]
fn a_blocking_item_stops_whoever_decides_without_having_seen_it() {
    let app = TestApp::new();
    let rui = app.as_(RUI);
    give(&app, &rui, "advice", "Nice to have");
    assert_eq!(value(&app, integration::KESTREL, "version"), "1");
    let id = give(&app, &rui, "blocking", "Must be");
    assert_eq!(value(&app, integration::KESTREL, "version"), "2", "a verdict on version 1 is too late now");
    rui.post(&thread(&id, "resolution"), &[]);
    rui.post(&thread(&id, "reopening"), &[]);
    assert_eq!(value(&app, integration::KESTREL, "version"), "3");
}

#[test]
fn what_htmx_asks_for_is_the_items_and_the_counts() {
    let app = TestApp::new();
    let rui = app.as_(RUI);
    let page = rui.get(&review(integration::KESTREL, "?page=listing"));
    let poll = page.attributes("#feedback", "hx-get").remove(0);
    let part = rui.get_part(&poll).text();
    assert!(part.starts_with("<section class=\"stack\" id=\"feedback\""), "{part}");
    for target in ["#tasks", "#stops"] {
        assert!(part.contains(&format!("<hx-partial hx-target=\"{target}\"")), "{target}");
    }
    assert!(!part.contains("<h1") && !part.contains("id=\"comment\""));
}
