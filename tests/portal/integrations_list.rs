//! The list of integrations: what stands on which tab, what it is narrowed to, what a file of it holds, and the queue.

use crate::support::*;

/// The names in the list.
fn names(visitor: &Visitor, path: &str) -> Vec<String> {
    let page = visitor.get(path);
    assert_eq!(page.status(), 200, "{path}: {}", page.text());
    page.texts("tbody tr:not(.group) th[scope=row] .cell > div > a:first-child")
}

/// The tabs with their counts.
fn tabs(visitor: &Visitor) -> Vec<String> {
    visitor
        .get("/integrations")
        .texts("nav.tabs a")
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn set(app: &TestApp, id: &str, columns: &str) {
    app.database().run(&format!("UPDATE integrations SET {columns} WHERE id = '{id}'"));
}

#[test]
fn s2_10_hosts_begin_with_what_is_in_review_and_partners_with_what_is_published() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let all = ["Feed of Kestrel Car Rental", "Feed of Meridian Air", "Feed of Solstice Operations"];
    let mut found = names(&hana, "/integrations");
    found.sort();
    assert_eq!(found.len(), all.len(), "{found:?}");
    assert_eq!(names(&pia, "/integrations"), ["Live of Kestrel Car Rental"]);
    assert_eq!(names(&pia, "/integrations?tab=in-review"), ["Feed of Kestrel Car Rental"]);
    assert_eq!(
        tabs(&hana),
        ["In review 3", "Changes requested 0", "Published 3", "Drafts 0", "Unpublished 0", "Archived 0", "Mine 0"]
    );
    assert_eq!(
        tabs(&pia),
        ["In review 1", "Changes requested 0", "Published 1", "Drafts 0", "Unpublished 0", "Archived 0"]
    );
    // A published one with an update in review stands in two tabs, and says so.
    set(&app, integration::KESTREL_LIVE, "revision = 'draft'");
    set(
        &app,
        integration::KESTREL_LIVE,
        "revision = 'in_review', expected_at = '2026-11-25Z', submitted_at = '2026-11-20Z', round = 1, submission = 1",
    );
    assert!(names(&hana, "/integrations").contains(&"Live of Kestrel Car Rental".to_owned()));
    assert!(hana.get("/integrations?tab=published").text().contains("Update in review"));
    assert_eq!(pia.get("/integrations?tab=nonsense").status(), 200);
}

#[test]
fn what_waits_is_grouped_by_its_expected_date_in_the_program_s_zone() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    set(&app, integration::KESTREL, "expected_at = '2026-11-19 10:00Z', submitted_at = '2026-11-16 10:00Z'");
    set(&app, integration::MERIDIAN, "expected_at = '2026-11-20 17:00Z'");
    let page = hana.get("/integrations");
    let groups: Vec<String> =
        page.texts("tr.group").iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(groups, ["Past target 1", "Due today 1", "Later 1"]);
    let text = page.text();
    assert!(text.contains("Thu 19 Nov") && text.contains("Today 17:00") && text.contains("Tue 24 Nov"), "{text}");
    // Monday ten o'clock to Friday a quarter to ten: four business days but a quarter of an hour.
    assert!(text.contains("3 days 7 h"), "{text}");
    assert_eq!(page.count("svg.meter.bad"), 1);
    // The same date for the partner, and its place in a queue of which it sees nothing else.
    let pia = app.as_(PIA).get("/integrations?tab=in-review");
    assert!(pia.text().contains("Thu 19 Nov") && pia.text().contains("1st in the queue"));
    set(&app, integration::KESTREL, "expected_at = '2026-12-01 10:00Z'");
    assert!(app.as_(PIA).get("/integrations?tab=in-review").text().contains("3rd in the queue"));
}

#[test]
fn s0_11_each_filter_narrows_the_list() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    set(&app, integration::KESTREL, &format!("assignee_id = '{}', assignee_name = 'Rui Reviewer', round = 2", RUI.id));
    set(&app, integration::MERIDIAN, "kind = 'external'");
    let kestrel = ["Feed of Kestrel Car Rental"];
    for query in [
        "q=kestrel".to_owned(),
        "q=feed+of+kes".into(),
        "partner=kestrel".into(),
        format!("reviewer={}", RUI.id),
        "round=later".into(),
    ] {
        assert_eq!(names(&hana, &format!("/integrations?{query}")), kestrel, "{query}");
    }
    assert_eq!(names(&app.as_(RUI), "/integrations?reviewer=me"), kestrel);
    assert_eq!(names(&app.as_(RUI), "/integrations?tab=mine"), kestrel);
    assert_eq!(names(&hana, "/integrations?reviewer=nobody").len(), 2);
    assert_eq!(names(&hana, "/integrations?round=first").len(), 2);
    assert_eq!(names(&hana, "/integrations?kind=external").len(), 1);
    // S2-18: what partners build is flagged, and can be filtered.
    assert_eq!(names(&hana, "/integrations?built=partner").len(), 2);
    assert_eq!(names(&hana, "/integrations?built=host"), ["Feed of Solstice Operations"]);
    assert_eq!(hana.get("/integrations").count("[title='Built by a partner']"), 2);
    for nothing in ["q=zzzz", "partner=NOBODY", "partner=BOREAL", "updated_by=40000000-0000-7000-8000-000000000001"] {
        let page = hana.get(&format!("/integrations?{nothing}"));
        assert!(page.text().contains("Nothing matches these filters"), "{nothing}");
    }
    assert_eq!(names(&hana, "/integrations?q=%25").len(), 0, "wildcards are literal");
}

#[test]
fn paging_by_key_reaches_every_row_once() {
    let app = TestApp::new();
    app.database().run(
        "INSERT INTO integrations (id, program_id, partner_id, name, kind, state, state_since, content, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, 'Draft ' || n, kind, 'draft', state_since, content, created_at, '', '2026-11-01Z', ''
           FROM integrations, generate_series(1, 60) n WHERE id = 'd1000000-0000-7000-8000-000000000002'",
    );
    for sort in ["name", "-name", "updated", "-updated", "expected"] {
        let pia = app.as_(PIA);
        let (mut found, mut path) = (Vec::new(), format!("/integrations?tab=drafts&sort={sort}"));
        loop {
            found.extend(names(&pia, &path));
            let Some(next) = pia.get(&path).attributes("a[rel=next]", "href").pop() else { break };
            path = next;
        }
        assert_eq!(found.len(), 60, "{sort}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 60, "{sort}");
    }
}

#[test]
fn s0_28_without_a_partner_the_page_says_what_comes_first() {
    let app = TestApp::new();
    app.database().run("TRUNCATE integrations CASCADE");
    let page = app.as_(PIA).get("/integrations");
    assert!(
        page.text().contains("Nothing is published yet")
            && page.text().contains("Connections and a template come first")
    );
    assert!(app.as_(HANA).get("/integrations").text().contains("Nothing waits for a review"));
}

#[test]
fn t03_a_file_of_the_list_holds_the_filter_and_nothing_foreign() {
    let app = TestApp::new();
    for (who, all) in [(PIA, 1), (OTTO, 1), (HANA, 3), (ALDO, 3)] {
        let visitor = app.as_(who);
        for ending in ["csv", "json", "xlsx"] {
            let answer = visitor.get(&format!("/integrations/export.{ending}?tab=in-review"));
            assert_eq!(answer.status(), 200, "{} {ending}", who.name);
            let text = String::from_utf8_lossy(answer.bytes()).into_owned();
            for foreign in ["Boreal", "internal words"] {
                assert!(!text.contains(foreign), "{} {ending}: {foreign}", who.name);
            }
        }
        let rows: serde_json::Value =
            serde_json::from_slice(visitor.get("/integrations/export.json?tab=in-review").bytes()).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), all, "{}", who.name);
        // One blocking item and one internal note: the note is not counted for anybody.
        assert!(rows.as_array().unwrap().iter().all(|row| row["open_feedback"] == "1"), "{rows}");
    }
    assert_eq!(app.as_(RUI).get("/integrations/export.csv").status(), 403);
    assert_eq!(app.as_(HANA).get("/integrations/export.doc").status(), 404);
}

#[test]
fn the_queue_leads_to_the_oldest_that_is_free_or_mine() {
    let app = TestApp::new();
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    set(&app, integration::SOLHQ, "expected_at = '2026-11-23Z'");
    set(&app, integration::KESTREL, "expected_at = '2026-11-24Z'");
    set(&app, integration::MERIDIAN, "expected_at = '2026-11-25Z'");
    let review = |id: &str| format!("/integrations/{id}/review");
    let next = |who: &Visitor, after: &str| who.get(&format!("/integrations/queue{after}")).location().to_owned();
    assert_eq!(next(&rui, ""), review(integration::SOLHQ));
    // What somebody else reviews is left out, and so is what one submitted.
    set(&app, integration::SOLHQ, &format!("assignee_id = '{}', assignee_name = 'Hana Host'", HANA.id));
    assert_eq!(next(&rui, ""), review(integration::KESTREL));
    assert_eq!(next(&hana, ""), review(integration::SOLHQ));
    assert_eq!(next(&rui, &format!("?after={}", integration::KESTREL)), review(integration::MERIDIAN));
    assert_eq!(next(&rui, &format!("?before={}", integration::MERIDIAN)), review(integration::KESTREL));
    // Round again after the last one.
    assert_eq!(next(&rui, &format!("?after={}", integration::MERIDIAN)), review(integration::KESTREL));
    set(&app, integration::KESTREL, &format!("submitted_by = '{}'", RUI.id));
    assert_eq!(next(&rui, ""), review(integration::MERIDIAN));
    assert_eq!(next(&rui, &format!("?after={}", integration::MERIDIAN)), "/integrations?tab=in-review");
    assert_eq!(rui.get(&format!("/integrations/queue?after={}", integration::BOREAL)).status(), 404);
    for who in [PIA, CLEO, ALDO] {
        assert_eq!(app.as_(who).get("/integrations/queue").status(), 403);
    }
}

#[test]
fn what_is_snoozed_comes_back_tomorrow_and_for_others_at_once() {
    let app = TestApp::new();
    let (rui, hana) = (app.as_(RUI), app.as_(HANA));
    set(&app, integration::KESTREL, "expected_at = '2026-11-20 12:00Z'");
    let first = |who: &Visitor| who.get("/integrations/queue").location().to_owned();
    let path = format!("/integrations/{}", integration::KESTREL);
    assert_eq!(first(&rui), format!("{path}/review"));
    let answer = rui.post(&format!("{path}/snooze"), &[("back", "queue")]);
    assert_eq!(answer.location(), format!("/integrations/queue?after={}", integration::KESTREL));
    assert_ne!(first(&rui), format!("{path}/review"));
    assert_eq!(first(&hana), format!("{path}/review"));
    assert!(rui.get("/integrations").text().contains("Snoozed until tomorrow"));
    assert!(!hana.get("/integrations").text().contains("Snoozed until tomorrow"));
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'Integration'"), "0", "nobody's act");
    rui.post(&format!("{path}/snooze"), &[("wake", "yes")]);
    assert_eq!(first(&rui), format!("{path}/review"));
    rui.post(&format!("{path}/snooze"), &[]);
    app.pass(chrono::TimeDelta::hours(15));
    let rui = app.as_(RUI);
    assert_eq!(first(&rui), format!("{path}/review"), "it is tomorrow");
    let live = format!("/integrations/{}/snooze", integration::KESTREL_LIVE);
    app.assert_unchanged(|| assert_eq!(rui.post(&live, &[]).status(), 409));
}

#[test]
fn what_is_in_review_is_found_by_the_index_of_the_queue() {
    let app = TestApp::new();
    app.database().run(
        "INSERT INTO integrations (id, program_id, partner_id, name, kind, state, state_since, content, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, 'Draft ' || n, kind, 'draft', state_since, '{}', created_at, '', updated_at, ''
           FROM integrations, generate_series(1, 3000) n WHERE id = 'd1000000-0000-7000-8000-000000000002';
         ANALYZE integrations;",
    );
    let query = format!(
        "SELECT * FROM integrations WHERE program_id = ''{}'' AND expected_at IS NOT NULL \
           ORDER BY integrations.expected_at ASC, id ASC LIMIT 26",
        program::SOLSTICE
    );
    app.database().run(&format!(
        "DO $$ DECLARE line text; plan text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN {query}' LOOP plan := plan || line || chr(10); END LOOP; \
           IF plan NOT LIKE '%integrations_queue_idx%' OR plan LIKE '%Sort%' THEN RAISE EXCEPTION '%', plan; END IF; END $$"
    ));
}
