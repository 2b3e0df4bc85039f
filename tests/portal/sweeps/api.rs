//! Every address of the API × every kind of caller (T06, T11): `api.txt` says what is answered.

use portico::api::document::DOCUMENT;
use portico::routes::{ROUTES, Route};
use serde_json::{Value, json};

use super::requests::is_api;
use super::reviewed;
use crate::support::contract::{check, escaped};
use crate::support::tokens::{ask, plant};
use crate::support::*;

const ALL: &str = r#"["integrations:read", "tenants:read", "tenants:write", "runs:write"]"#;

/// The columns of the table. All ask for what is Kestrel's.
const CALLERS: [&str; 11] =
    ["none", "cookie", "query", "basic", "own", "narrow", "other", "foreign", "suspended", "revoked", "expired"];

fn body(route: &Route) -> Option<Value> {
    match (route.method, route.path) {
        ("POST", "/api/v1/tenants") => Some(json!({
            "integration": integration::KESTREL_LIVE, "name": "Inn at the Lake", "external_id": "inn-77"
        })),
        ("PATCH", _) => Some(json!({ "name": "Inn at the Sea" })),
        ("PUT", _) => Some(json!({
            "outcome": "succeeded", "started_at": "2026-11-20T09:00:00Z", "finished_at": "2026-11-20T09:01:00Z"
        })),
        _ => None,
    }
}

fn path(route: &Route) -> String {
    let path = route.path.replace("{id}", tenant::KESTREL).replace("{key}", "night-2");
    assert!(!path.contains('{'), "say in sweeps/api.rs what is in {path}");
    path
}

/// The scope that an address asks for, as its OpenAPI document says.
fn scope(route: &Route) -> &'static str {
    let path = escaped(route.path.trim_start_matches("/api/v1"));
    let pointer = format!("/paths/{path}/{}/security/0/token/0", route.method.to_lowercase());
    DOCUMENT.pointer(&pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no scope at {pointer}"))
}

fn answer(app: &TestApp, route: &Route, caller: &str) -> Answer {
    let (path, body) = (path(route), body(route));
    let own = token_of(partner::KESTREL);
    let bare = |path: &str, header: Option<(&str, String)>| {
        let pia = app.as_(PIA);
        let visitor = if caller == "cookie" { pia } else { app.anonymous() };
        let mut request = visitor.bare(route.method, path).header("Sec-Fetch-Site", "same-origin");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        if let Some(body) = &body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        visitor.send(request)
    };
    match caller {
        "none" | "cookie" => bare(&path, None),
        "query" => bare(&format!("{path}?access_token={own}&token={own}"), None),
        "basic" => bare(&path, Some(("Authorization", format!("Basic {own}")))),
        "narrow" => {
            let scopes: Vec<&str> = ["integrations:read", "tenants:read", "tenants:write", "runs:write"]
                .into_iter()
                .filter(|one| *one != scope(route))
                .collect();
            let token = plant(app, partner::KESTREL, "narrow", &json!(scopes).to_string(), "2027-01-01Z", false);
            ask(app, &token, route.method, &path, body.as_ref())
        }
        "revoked" => {
            let token = plant(app, partner::KESTREL, "revoked", ALL, "2027-01-01Z", true);
            ask(app, &token, route.method, &path, body.as_ref())
        }
        "expired" => {
            // It ends in this very moment.
            let token = plant(app, partner::KESTREL, "expired", ALL, "2026-11-20 09:42:00Z", false);
            ask(app, &token, route.method, &path, body.as_ref())
        }
        "suspended" => {
            app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
            ask(app, &own, route.method, &path, body.as_ref())
        }
        "other" => ask(app, &token_of(partner::MERIDIAN), route.method, &path, body.as_ref()),
        "foreign" => ask(app, &token_of(partner::BOREAL), route.method, &path, body.as_ref()),
        _ => ask(app, &own, route.method, &path, body.as_ref()),
    }
}

#[test]
fn t06_t11_every_address_of_the_api_answers_every_caller_as_reviewed() {
    let app = TestApp::new();
    app.database().save();
    let mut table = format!("{:44} {}\n", "", CALLERS.map(|one| format!("{one:9}")).join(" ").trim_end());
    let rows = |app: &TestApp| {
        app.database().value("SELECT count(*)::text || max(version) FROM tenants")
            + &app.database().value("SELECT count(*)::text FROM tenant_runs")
    };
    let before = rows(&app);
    for route in ROUTES.iter().filter(|route| is_api(route)) {
        let mut cells = Vec::new();
        for caller in CALLERS {
            let answer = answer(&app, route, caller);
            let what = format!("{caller}: {} {}", route.method, route.path);
            assert!(answer.status() < 500, "{what}: {}", answer.text());
            check(route.method, route.path, &answer);
            if answer.status() >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
                assert_eq!(rows(&app), before, "{what}");
            } else if matches!(caller, "other" | "foreign") {
                assert!(!answer.text().contains("Kestrel Car") && rows(&app) == before, "{what}: {}", answer.text());
            }
            assert!(!answer.text().contains("portico_") && answer.header("set-cookie").is_empty(), "{what}");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
            assert_eq!(answer.status() == 401, answer.header("www-authenticate").starts_with("Bearer"), "{what}");
            cells.push(format!("{:9}", answer.status()));
            app.database().restore();
        }
        table.push_str(format!("{:5} {:38} {}", route.method, route.path, cells.join(" ")).trim_end());
        table.push('\n');
    }
    reviewed("api.txt", include_str!("api.txt"), &table);
}

#[test]
fn t06_t11_the_reviewed_table_of_the_api_keeps_the_rules() {
    for line in include_str!("api.txt").lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let cell = |caller: &str| words[2 + CALLERS.iter().position(|one| *one == caller).unwrap()];
        for caller in ["none", "cookie", "query", "basic", "revoked", "expired"] {
            assert_eq!(cell(caller), "401", "{caller}: {line}");
        }
        assert!(cell("own").starts_with('2') && cell("narrow") == "403", "{line}");
        assert_eq!(cell("suspended"), if words[0] == "GET" { "200" } else { "403" }, "{line}");
        for caller in ["other", "foreign"] {
            let is_list = words[0] == "GET" && !words[1].contains('{');
            assert!(is_list || matches!(cell(caller), "404" | "422"), "{caller}: {line}");
        }
    }
}

#[test]
fn t11_a_token_opens_no_page() {
    let app = TestApp::new();
    let token = token_of(partner::KESTREL);
    for path in ["/tenants", "/partners/KESTREL", "/me", "/partners/KESTREL/tokens"] {
        assert!(ask(&app, &token, "GET", path, None).asks_to_sign_in(), "{path}");
    }
    app.assert_unchanged(|| {
        let answer = ask(&app, &token, "POST", "/tenants", None);
        assert!(matches!(answer.status(), 403 | 303), "{}", answer.status());
    });
}
