//! The JSON API: what systems do with a token, and how it answers what they get wrong.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::tokens::{ask, ask_with, json as read};
use crate::support::*;

const TENANTS: &str = "/api/v1/tenants";

fn own(path: &str) -> String {
    format!("{TENANTS}/{}{path}", tenant::KESTREL)
}

fn kestrel() -> String {
    token_of(partner::KESTREL)
}

fn get(app: &TestApp, path: &str) -> Answer {
    ask(app, &kestrel(), "GET", path, None)
}

fn put(app: &TestApp, key: &str, body: &Value) -> Answer {
    ask(app, &kestrel(), "PUT", &own(&format!("/runs/{key}")), Some(body))
}

fn run(outcome: &str, minute: u32) -> Value {
    let at = |second: u32| format!("2026-11-20T08:{minute:02}:{second:02}Z");
    let mut run =
        json!({ "outcome": outcome, "started_at": at(0), "records_read": 10, "message": "Said", "log": "one\ntwo" });
    if outcome != "running" {
        run["finished_at"] = at(30).into();
    }
    run
}

fn state(app: &TestApp) -> String {
    app.database().value(&format!(
        "SELECT state || ' ' || last_outcome || ' ' || version FROM tenants WHERE id = '{}'",
        tenant::KESTREL
    ))
}

fn pointers(answer: &Answer) -> Vec<String> {
    let body = read(answer);
    body["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn s2_22_a_system_records_changes_and_moves_a_tenant() {
    let app = TestApp::new();
    let listed = read(&get(&app, "/api/v1/integrations"));
    let names: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Feed of Kestrel Car Rental", "Live of Kestrel Car Rental"]);
    assert_eq!((&listed["items"][1]["state"], &listed["items"][1]["version"]), (&json!("published"), &json!(1)));
    let new = json!({ "integration": integration::KESTREL_LIVE, "name": "Inn at the Lake", "external_id": "inn-77", "schedule": "hourly" });
    let made = ask(&app, &kestrel(), "POST", TENANTS, Some(&new));
    assert_eq!(made.status(), 201, "{}", made.text());
    let tenant = read(&made);
    assert_eq!(
        (&tenant["state"], &tenant["schedule"], &tenant["last_run"]),
        (&json!("connecting"), &json!("hourly"), &Value::Null)
    );
    let address = made.location().to_owned();
    assert_eq!(address, format!("{TENANTS}/{}", tenant["id"].as_str().unwrap()));
    assert_eq!(read(&get(&app, &address)), tenant);
    let patch = |body: Value| ask(&app, &kestrel(), "PATCH", &address, Some(&body));
    let changed = patch(json!({ "name": "Inn at the Sea", "state": "active", "note": null }));
    assert_eq!(changed.status(), 200, "{}", changed.text());
    assert_eq!((&read(&changed)["name"], &read(&changed)["state"]), (&json!("Inn at the Sea"), &json!("active")));
    for (wanted, status) in [
        ("active", 200),
        ("paused", 200),
        ("failing", 409),
        ("archived", 409),
        ("disconnected", 200),
        ("archived", 200),
        ("active", 409),
    ] {
        assert_eq!(patch(json!({ "state": wanted })).status(), status, "{wanted}");
    }
    let log = app.as_(PIA).get("/partners/KESTREL/activity").text();
    assert!(
        log.contains("API token Engine of Kestrel Car Rental") && log.contains("recorded the tenant Inn at the Lake"),
        "{log}"
    );
    assert_eq!(app.database().value("SELECT string_agg(DISTINCT actor_role || on_behalf || coalesce(actor_id::text, ''), ',') FROM activity WHERE kind = 'Tenant'"), "API tokenfalse");
}

#[test]
fn s2_22_runs_are_reported_once_and_move_their_tenant() {
    let app = TestApp::new();
    let began = put(&app, "r1", &run("running", 1));
    assert_eq!(began.status(), 201, "{}", began.text());
    // It began after the one that the world has.
    assert_eq!(state(&app), "active running 1");
    let early: Value =
        serde_json::from_str(&run("failed", 1).to_string().replace("2026-11-20T08", "2026-11-19T08")).unwrap();
    assert_eq!(put(&app, "r0", &early).status(), 201);
    assert_eq!(state(&app), "active running 1", "an older one that is told late says nothing of now");
    app.pass(TimeDelta::hours(1));
    let late = |outcome: &str, minute: u32| {
        let text = run(outcome, minute).to_string().replace("2026-11-20T08", "2026-11-20T10");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let failed = put(&app, "r2", &late("failed", 2));
    assert_eq!((failed.status(), state(&app).as_str()), (201, "failing failed 2"));
    // T60: the same again changes nothing and is answered the same.
    app.assert_unchanged(|| {
        let again = put(&app, "r2", &late("failed", 2));
        assert_eq!((again.status(), again.text()), (200, failed.text()));
        let other = put(&app, "r2", &late("succeeded", 2));
        assert_eq!(other.status(), 409, "what has finished has finished");
        assert!(read(&other)["detail"].as_str().unwrap().contains("Use another key"));
    });
    assert_eq!(put(&app, "r3", &late("running", 3)).status(), 201);
    assert_eq!(state(&app), "failing running 2");
    assert_eq!(put(&app, "r3", &late("partly", 3)).status(), 200);
    assert_eq!(state(&app), "failing partly 2");
    assert_eq!(put(&app, "r4", &late("succeeded", 4)).status(), 201);
    assert_eq!(state(&app), "active succeeded 3");
    let list = read(&get(&app, &own("/runs")));
    let keys: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["r4", "r3", "r2", "r1", "night-1", "r0"]);
    let page = app.as_(PIA).get(&format!("/tenants/{}", tenant::KESTREL));
    assert!(page.text().contains("moved the tenant Inn of Kestrel Car Rental to failing: the run r2 failed"));
    // A disconnected tenant takes no more.
    app.database().run(&format!("UPDATE tenants SET state = 'disconnected' WHERE id = '{}'", tenant::KESTREL));
    app.assert_unchanged(|| assert_eq!(put(&app, "r5", &late("succeeded", 5)).status(), 409));
}

#[test]
fn t30_the_same_report_ten_times_at_once_is_one_run() {
    let app = TestApp::new();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..10).map(|_| scope.spawn(|| put(&app, "r1", &run("failed", 5)).status())).collect();
        senders.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 200 | 201)), "{answers:?}");
    assert_eq!(app.database().value("SELECT count(*) FROM tenant_runs WHERE key = 'r1'"), "1");
    assert_eq!(
        app.database().value("SELECT count(*) FROM activity WHERE kind = 'Tenant'"),
        "2",
        "the run, and failing"
    );
}

#[test]
fn t51_every_error_of_a_body_is_told_with_its_place() {
    let app = TestApp::new();
    // When the token was used last is noted once a minute.
    assert_eq!(get(&app, TENANTS).status(), 200);
    app.assert_unchanged(|| {
        let answer = put(&app, "r1", &json!({ "outcome": "great", "started_at": "yesterday", "records_read": -1, "records_failed": 1.5, "message": 7, "log": "x".repeat(70_000) }));
        assert_eq!(answer.status(), 422);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(pointers(&answer), ["/outcome", "/started_at", "/records_read", "/records_failed", "/message", "/log"]);
        let body = read(&answer);
        assert_eq!((&body["type"], &body["title"], &body["status"]), (&json!("about:blank"), &json!("Unprocessable Entity"), &json!(422)));
        for (change, pointer) in [
            (json!({ "finished_at": "2026-11-20T07:00:00Z" }), "/finished_at"),
            (json!({ "finished_at": null }), "/finished_at"),
            (json!({ "started_at": "2026-11-20T10:00:00Z" }), "/started_at"),
            (json!({ "started_at": "1970-01-01T00:00:00Z" }), "/started_at"),
            (json!({ "message": "x".repeat(1001) }), "/message"),
            (json!({ "outcome": null }), "/outcome"),
        ] {
            let mut sent = run("failed", 1);
            sent.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(pointers(&put(&app, "r1", &sent)), [pointer], "{change}");
        }
        let new = json!({ "integration": integration::MERIDIAN_LIVE, "name": "Inn", "external_id": "inn-1" });
        assert_eq!(pointers(&ask(&app, &kestrel(), "POST", TENANTS, Some(&new))), ["/integration"]);
        let new = json!({ "integration": integration::KESTREL_LIVE, "name": "Inn", "external_id": "inn-kestrel" });
        assert_eq!(pointers(&ask(&app, &kestrel(), "POST", TENANTS, Some(&new))), ["/external_id"]);
        let new = json!({ "integration": integration::KESTREL, "name": "Inn", "external_id": "inn-1" });
        assert_eq!(ask(&app, &kestrel(), "POST", TENANTS, Some(&new)).status(), 409, "in review");
        for key in ["a%2Fb", "a%20b", "%00", &"x".repeat(101)] {
            assert!(matches!(put(&app, key, &run("failed", 1)).status(), 400 | 404), "{key}");
        }
    });
}

#[test]
fn t10_bodies_that_are_no_objects_of_ours_are_refused_without_internals() {
    let app = TestApp::new();
    let visitor = app.anonymous();
    let send = |kind: &str, body: &str| {
        let request = visitor.bare("POST", TENANTS).header("Authorization", format!("Bearer {}", kestrel()));
        let request = if kind.is_empty() { request } else { request.header("Content-Type", kind) };
        visitor.send(request.body(body.to_owned()))
    };
    // When the token was used last is noted once a minute.
    assert_eq!(get(&app, TENANTS).status(), 200);
    app.assert_unchanged(|| {
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        for body in [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            "{\"name\":}",
            "{\"name\": \"a\", \"name\": \"b\"}",
            "{\"state\": \"active\"}",
            "{\"name\":\"\\ud800\"}",
            &deep,
            "{}x",
            "\u{feff}{}",
        ] {
            let answer = send("application/json", body);
            assert_eq!(answer.status(), 400, "{} {}", &body[..body.len().min(30)], answer.text());
            let text = answer.text();
            assert!(!text.contains("struct") && !text.contains("src/") && !text.contains("serde"), "{text}");
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
            assert_eq!(send(kind, "{}").status(), 415, "{kind}");
        }
        assert_eq!(send("application/json; charset=utf-8", "{}").status(), 422);
        let large = send("application/json", &format!("{{\"name\":\"{}\"}}", "x".repeat(300_000)));
        assert_eq!(large.status(), 413);
    });
    for (method, path) in [
        ("DELETE", own("")),
        ("PUT", own("")),
        ("GET", "/api/v1/nothing".into()),
        ("GET", "/api".into()),
        ("GET", "/api/v1/tenants/1".into()),
    ] {
        let answer = ask(&app, &kestrel(), method, &path, None);
        assert!(matches!(answer.status(), 404 | 405), "{method} {path}: {}", answer.status());
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
    }
}

#[test]
fn t60_an_idempotency_key_is_one_request() {
    let app = TestApp::new();
    let new = |name: &str| json!({ "integration": integration::KESTREL_LIVE, "name": name, "external_id": "inn-77" });
    let post = |name: &str, key: &str| {
        ask_with(&app, &kestrel(), "POST", TENANTS, Some(&new(name)), &[("Idempotency-Key", key)])
    };
    let made = post("Inn at the Lake", "k-1");
    assert_eq!(made.status(), 201, "{}", made.text());
    app.assert_unchanged(|| {
        let again = post("Inn at the Lake", "k-1");
        assert_eq!((again.status(), again.text(), again.location()), (201, made.text(), made.location()));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = post("Inn at the Sea", "k-1");
        assert_eq!(other.status(), 422);
        assert!(read(&other)["detail"].as_str().unwrap().contains("Idempotency-Key"));
        assert_eq!(post("Inn at the Lake", "").status(), 400);
        assert_eq!(post("Inn at the Lake", &"x".repeat(256)).status(), 400);
        assert_eq!(post("Inn at the Lake", "k-2").status(), 422, "another key is another request, and the id is taken");
    });
    // Another token's key is its own.
    let theirs = json!({ "integration": integration::MERIDIAN_LIVE, "name": "Inn", "external_id": "inn-77" });
    let answer =
        ask_with(&app, &token_of(partner::MERIDIAN), "POST", TENANTS, Some(&theirs), &[("Idempotency-Key", "k-1")]);
    assert_eq!(answer.status(), 201);
    app.pass(TimeDelta::hours(25));
    assert_eq!(post("Inn at the Sea", "k-1").status(), 422, "forgotten after a day: the id is taken");
    let body = json!({ "integration": integration::KESTREL_LIVE, "name": "Twice", "external_id": "inn-88" });
    let send = || ask_with(&app, &kestrel(), "POST", TENANTS, Some(&body), &[("Idempotency-Key", "k-9")]).status();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers.contains(&201) && answers.iter().all(|one| matches!(one, 201 | 409 | 422)), "{answers:?}");
}

#[test]
fn s2_22_etags_preconditions_and_pages() {
    let app = TestApp::new();
    let answer = get(&app, &own(""));
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with('"') && answer.header("cache-control") == "private, no-cache");
    let with = |method: &str, name: &str, value: &str, body: Option<&Value>| {
        ask_with(&app, &kestrel(), method, &own(""), body, &[(name, value)])
    };
    let same = with("GET", "If-None-Match", &tag, None);
    assert_eq!((same.status(), same.bytes().len()), (304, 0));
    assert_eq!(with("GET", "If-None-Match", "\"other\"", None).status(), 200);
    let patch = json!({ "note": "changed" });
    app.assert_unchanged(|| assert_eq!(with("PATCH", "If-Match", "\"other\"", Some(&patch)).status(), 412));
    let changed = with("PATCH", "If-Match", &tag, Some(&patch));
    assert_eq!(changed.status(), 200);
    assert_eq!(get(&app, &own("")).header("etag"), changed.header("etag"));
    assert_eq!(with("PATCH", "If-Match", &tag, Some(&patch)).status(), 412, "it is another now");
    for minute in 0..30 {
        assert_eq!(put(&app, &format!("r{minute}"), &run("succeeded", minute)).status(), 201);
    }
    let first = read(&get(&app, &own("/runs")));
    assert_eq!(first["items"].as_array().unwrap().len(), 25);
    let second = read(&get(&app, first["next"].as_str().unwrap()));
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (6, &Value::Null));
    assert_eq!(read(&get(&app, &own("/runs?outcome=failed")))["items"].as_array().unwrap().len(), 1);
    assert_eq!(read(&get(&app, "/api/v1/tenants?state=paused"))["items"].as_array().unwrap().len(), 0);
}

#[test]
fn t64_a_token_has_so_many_requests_a_minute() {
    let app = TestApp::new();
    let first = get(&app, TENANTS);
    assert_eq!(
        (first.header("ratelimit-limit"), first.header("ratelimit-remaining"), first.header("ratelimit-reset")),
        ("600", "599", "60")
    );
    app.database().run("UPDATE attempts SET count = 600 WHERE key LIKE 'api %'");
    app.pass(TimeDelta::seconds(20));
    let refused = get(&app, TENANTS);
    assert_eq!(
        (refused.status(), refused.header("retry-after"), refused.header("ratelimit-remaining")),
        (429, "40", "0")
    );
    assert_eq!(ask(&app, &token_of(partner::MERIDIAN), "GET", TENANTS, None).status(), 200, "each token has its own");
    app.pass(TimeDelta::seconds(41));
    assert_eq!(get(&app, TENANTS).status(), 200);
    // T41: the token is in no header, and in no row.
    assert!(!format!("{:?}", app.database().snapshot()).contains(&kestrel()));
}
