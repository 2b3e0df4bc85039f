//! Tenants: recording, editing and moving them, their lists and their runs, and what partners in other states may do.

use crate::support::client::Visitor;
use crate::support::tokens::ask;
use crate::support::*;
use serde_json::json;

fn path(id: &str) -> String {
    format!("/tenants/{id}")
}

fn field(app: &TestApp, id: &str, column: &str) -> String {
    app.database().value(&format!("SELECT {column} FROM tenants WHERE id = '{id}'"))
}

fn form<'a>(name: &'a str, external: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("integration", integration::KESTREL_LIVE),
        ("name", name),
        ("external_id", external),
        ("schedule", "hourly"),
        ("note", "Connector 2.1"),
    ]
}

/// Records one and gives its id.
#[track_caller]
fn created(visitor: &Visitor, name: &str, external: &str) -> String {
    let answer = visitor.post("/tenants", &form(name, external));
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().strip_prefix("/tenants/").unwrap().to_owned()
}

fn move_to(visitor: &Visitor, id: &str, place: &str) -> Answer {
    let page = visitor.get(&format!("{}/{place}", path(id)));
    if page.status() != 200 {
        return page;
    }
    let form = page.form("form.form");
    visitor.post(&format!("{}/{place}", path(id)), &form.with("reason", "As agreed").pairs())
}

fn events(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT event -> 'event' ->> 'what' FROM activity WHERE kind = 'Tenant' ORDER BY id")
}

#[test]
fn s2_22_a_partner_records_an_install_and_moves_it_through_its_life() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let page = pia.get(&format!("/tenants/new?integration={}", integration::KESTREL_LIVE));
    assert_eq!(page.form("form.form").value("integration"), integration::KESTREL_LIVE);
    let id = created(&pia, "Inn at the Lake", "inn-77");
    let page = pia.get(&path(&id));
    assert_eq!(page.first("h1"), "Inn at the Lake");
    assert!(page.text().contains("Connecting") && page.text().contains("No runs yet"));
    for (place, state) in [
        ("state/activation", "active"),
        ("state/pause", "paused"),
        ("state/resumption", "active"),
        ("state/disconnection", "disconnected"),
        ("state/reconnection", "connecting"),
        ("archival", "archived"),
    ] {
        let answer = move_to(&pia, &id, place);
        assert_eq!((answer.status(), answer.location()), (303, path(&id).as_str()), "{place}: {}", answer.text());
        assert_eq!(field(&app, &id, "state"), state);
    }
    assert_eq!(events(&app), ["Created", "Moved", "Moved", "Moved", "Moved", "Moved", "Moved"]);
    assert_eq!(app.database().value("SELECT bool_or(on_behalf) FROM activity WHERE kind = 'Tenant'"), "false");
    assert_eq!(field(&app, &id, "version"), "7");
    // Archived ones are on their own tab, and their external id is free again.
    assert!(!pia.get("/tenants").texts("tbody th").join(" ").contains("Inn at the Lake"));
    assert!(pia.get("/tenants?state=archived").text().contains("Inn at the Lake"));
    created(&pia, "Inn at the Sea", "inn-77");
    let log = pia.get("/partners/KESTREL/activity?about=tenants").text();
    assert!(
        log.contains("recorded the tenant Inn at the Lake of Live of Kestrel Car Rental") && log.contains("As agreed")
    );
}

#[test]
fn s2_22_what_does_not_follow_is_refused_by_page_and_table() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.assert_unchanged(|| {
        for place in ["state/activation", "state/resumption", "state/reconnection", "archival"] {
            let address = format!("{}/{place}", path(tenant::KESTREL));
            assert_eq!(pia.get(&address).status(), 409, "{place}");
            assert_eq!(pia.post(&address, &[("version", "1")]).status(), 409, "{place}");
        }
        // What only runs do, what another permission does, and what is no move at all.
        for place in ["state/failure", "state/recovery", "state/archival", "state/nothing"] {
            let address = format!("{}/{place}", path(tenant::KESTREL));
            assert_eq!((pia.get(&address).status(), pia.post(&address, &[("version", "1")]).status()), (404, 404));
        }
        let raw =
            app.database().try_run(&format!("UPDATE tenants SET state = 'archived' WHERE id = '{}'", tenant::KESTREL));
        assert!(raw.unwrap_err().contains("does not go from active to archived"));
    });
}

#[test]
fn s2_22_only_a_published_integration_of_an_active_partner_takes_tenants() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let live = integration::KESTREL_LIVE;
    let refused = |who: &Visitor, wanted: &str, word: &str| {
        app.assert_unchanged(|| {
            let page = who.get(&format!("/tenants/new?integration={wanted}"));
            assert_eq!(page.status(), 409, "{}", page.text());
            assert!(page.text().contains(word), "{}", page.text());
            let typed = form("Inn at the Lake", "inn-77")
                .map(|(name, value)| (name, if name == "integration" { wanted } else { value }));
            assert_eq!(who.post("/tenants", &typed).status(), 409);
        });
    };
    refused(&pia, integration::KESTREL, "in review");
    for state in ["unpublished", "suspended"] {
        app.database()
            .run(&format!("UPDATE integrations SET state = 'published' WHERE id = '{live}' AND state = 'suspended'"));
        app.database().run(&format!("ALTER TABLE integrations DISABLE TRIGGER integrations_move; UPDATE integrations SET state = '{state}' WHERE id = '{live}'"));
        refused(&pia, live, state);
        // Those that are there stay, with a notice.
        let page = pia.get(&path(tenant::KESTREL));
        assert!(page.text().contains(&format!("is {state}.")) && page.text().contains("Inn of Kestrel"));
        assert_eq!(pia.get(&format!("{}/edit", path(tenant::KESTREL))).status(), 200);
        assert!(pia.get(&format!("/integrations/{live}/tenants")).text().contains("Those that are here stay."));
    }
    app.database().run(&format!("UPDATE integrations SET state = 'published' WHERE id = '{live}'"));
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    refused(&hana, live, "suspended");
    app.assert_unchanged(|| {
        // A suspended partner freezes what it has, for the hosts too.
        assert_eq!(hana.get(&path(tenant::KESTREL)).status(), 200);
        for place in ["edit", "state/pause"] {
            assert_eq!(hana.get(&format!("{}/{place}", path(tenant::KESTREL))).status(), 409, "{place}");
        }
        let answer = hana.post(&format!("{}/state/pause", path(tenant::KESTREL)), &[("version", "1")]);
        assert!(answer.status() == 409 && answer.text().contains("Reinstate the partner"));
        assert_eq!(pia.post(&format!("{}/state/pause", path(tenant::KESTREL)), &[("version", "1")]).status(), 403);
    });
}

#[test]
fn s2_22_bad_input_is_told_beside_the_field_and_kept() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.assert_unchanged(|| {
        let answer = pia.post(
            "/tenants",
            &[("name", ""), ("external_id", "inn\u{202e}"), ("schedule", "sometimes"), ("note", "kept")],
        );
        assert_eq!(answer.status(), 422);
        for field in ["integration", "name", "external_id", "schedule"] {
            assert!(!answer.error_at(field).is_empty(), "{field}");
        }
        assert_eq!(answer.form("form.form").value("note"), "kept");
        // The id is taken.
        let answer = pia.post("/tenants", &form("Another inn", "inn-kestrel"));
        assert_eq!(answer.status(), 422);
        assert!(answer.error_at("external_id").contains("already"));
        // Another partner's integration is none.
        let typed = form("Inn", "inn-1")
            .map(|(name, value)| (name, if name == "integration" { integration::MERIDIAN_LIVE } else { value }));
        assert_eq!(pia.post("/tenants", &typed).status(), 404);
    });
}

#[test]
fn t58_two_edits_at_once_and_a_move_beside_them() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let address = format!("{}/edit", path(tenant::KESTREL));
    let (mine, theirs) = (pia.get(&address).form("form.form"), hana.get(&address).form("form.form"));
    assert_eq!(hana.post(&address, &theirs.with("schedule", "weekly").pairs()).status(), 303);
    let answer = pia.post(&address, &mine.with("note", "New note").pairs());
    assert_eq!(answer.status(), 409);
    let text = answer.text();
    assert!(
        text.contains("Hana Host changed this tenant meanwhile") && text.contains("Schedule is “weekly” now"),
        "{text}"
    );
    assert_eq!(answer.form("form.form").value("note"), "New note");
    assert_eq!(pia.post(&address, &answer.form("form.form").pairs()).status(), 303, "after comparing it is saved");
    app.assert_unchanged(|| {
        let answer = pia.post(&format!("{}/state/pause", path(tenant::KESTREL)), &[("version", "1")]);
        assert_eq!(answer.status(), 409);
    });
    assert_eq!(
        app.database()
            .value("SELECT bool_and(on_behalf) FROM activity WHERE kind = 'Tenant' AND actor_name = 'Hana Host'"),
        "true"
    );
}

#[test]
fn s2_22_lists_filter_sort_count_and_export() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    for number in 0..30 {
        created(&pia, &format!("Inn {number:02}"), &format!("inn-{number}"));
    }
    let first = pia.get("/tenants");
    assert_eq!(first.count("tbody tr"), 25);
    assert!(first.text().contains("31 tenants"));
    let next = first.attributes("a[rel=next]", "href").remove(0);
    assert_eq!(pia.get(&next).count("tbody tr"), 6);
    for (query, rows) in [
        ("q=Inn+0", 10),
        ("q=inn-29", 1),
        ("state=active", 1),
        ("state=connecting&size=50", 30),
        ("outcome=failed", 1),
        ("outcome=succeeded", 0),
        ("q=%25", 0),
        ("partner=NOBODY", 0),
        ("integration=nonsense", 0),
        ("sort=-run&size=50", 31),
        ("sort=run&after=made-up", 25),
    ] {
        assert_eq!(pia.get(&format!("/tenants?{query}")).count("tbody tr"), rows, "{query}");
    }
    assert!(pia.get("/tenants?sort=-run").first("tbody th").contains("Inn of Kestrel"));
    // By the last run, through two pages.
    let page = pia.get("/tenants?sort=-run");
    let next = page.attributes("a[rel=next]", "href").remove(0);
    assert_eq!(pia.get(&next).count("tbody tr"), 6);
    assert_eq!(hana.get("/tenants?partner=meridian").count("tbody tr"), 1);
    assert_eq!(hana.get(&format!("/integrations/{}/tenants?size=50", integration::KESTREL_LIVE)).count("tbody tr"), 31);
    assert_eq!(hana.get("/partners/KESTREL/tenants?size=50").count("tbody tr"), 31);
    let tabs = hana.get("/partners/KESTREL").texts("nav.tabs a");
    assert!(tabs.iter().any(|tab| tab.starts_with("Tenants") && tab.ends_with("31")), "{tabs:?}");
    for ending in ["csv", "json", "xlsx"] {
        assert_eq!(pia.get(&format!("/tenants/export.{ending}")).status(), 200);
    }
    assert_eq!(pia.get("/tenants/export.pdf").status(), 404);
    let file = pia.get("/tenants/export.csv?state=active").text();
    assert!(file.contains("inn-kestrel") && !file.contains("inn-12") && !file.contains("Meridian"), "{file}");
}

#[test]
fn t03_a_partner_sees_nothing_of_others_tenants() {
    let app = TestApp::new();
    for who in [PIA, OTTO, UMA] {
        let visitor = app.as_(who);
        for address in [
            "/tenants",
            "/tenants?q=inn",
            "/tenants?size=100&sort=-run",
            "/tenants?partner=MERIDIAN",
            "/tenants/export.json",
            "/partners/KESTREL/tenants",
        ] {
            let text = visitor
                .get(address)
                .text()
                .replace("Partner: MERIDIAN", "")
                .replace("partner=MERIDIAN", "")
                .replace("value=\"MERIDIAN\"", "");
            assert!(
                !text.contains("Meridian") && !text.contains("MERIDIAN") && !text.contains("Boreal"),
                "{}: {address}",
                who.name
            );
        }
        let own = format!("/tenants/{}/runs/{}", tenant::KESTREL, run_of(partner::KESTREL));
        assert_eq!(visitor.get(&own).status(), 200);
        // The run of another below one's own tenant.
        assert_eq!(visitor.get(&own.replace(&run_of(partner::KESTREL), &run_of(partner::MERIDIAN))).status(), 404);
        assert_eq!(
            visitor.get(&format!("/tenants/{}/runs/{}", tenant::MERIDIAN, run_of(partner::MERIDIAN))).status(),
            404
        );
    }
}

#[test]
fn s2_22_runs_are_listed_newest_first_with_their_logs_and_the_newest_thousand_kept() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let page = pia.get(&format!("/tenants/{}/runs/{}", tenant::KESTREL, run_of(partner::KESTREL)));
    assert!(page.text().contains("first line of Kestrel Car Rental") && page.text().contains("No rates of Kestrel"));
    app.database().run(&format!(
        "INSERT INTO tenant_runs (id, program_id, partner_id, tenant_id, key, outcome, started_at, finished_at, reported_at, reported_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, id, 'old-' || n, 'succeeded', '2026-10-01Z'::timestamptz + n * interval '1 minute',
             '2026-10-02Z', now(), 'x' FROM tenants, generate_series(1, 1000) n WHERE id = '{}'", tenant::KESTREL
    ));
    let told = json!({ "outcome": "succeeded", "started_at": "2026-11-20T09:00:00Z", "finished_at": "2026-11-20T09:00:30Z", "log": "one\ntwo" });
    let answer = ask(
        &app,
        &token_of(partner::KESTREL),
        "PUT",
        &format!("/api/v1/tenants/{}/runs/new", tenant::KESTREL),
        Some(&told),
    );
    assert_eq!(answer.status(), 201, "{}", answer.text());
    assert_eq!(
        app.database().value(&format!("SELECT count(*) FROM tenant_runs WHERE tenant_id = '{}'", tenant::KESTREL)),
        "1000"
    );
    assert_eq!(app.database().value("SELECT count(*) FROM tenant_runs WHERE key IN ('old-1', 'old-2')"), "0");
    let page = pia.get(&path(tenant::KESTREL));
    let keys = page.texts("#runs tbody th small");
    assert_eq!(keys[..3], ["new", "night-1", "old-1000"]);
    assert!(page.text().contains("The newest 1,000 runs are kept"));
    let next = page.attributes("a[rel=next]", "href").remove(0);
    assert_eq!(pia.get_part(&next).texts("#runs tbody th small")[0], "old-977");
    assert_eq!(pia.get(&format!("{}?outcome=failed", path(tenant::KESTREL))).count("#runs tbody tr"), 1);
}
