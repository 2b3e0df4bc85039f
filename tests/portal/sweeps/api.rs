//! Every address of the API × every kind of caller (T06, T11): `api.txt` says what is answered.

use portico::api::document::DOCUMENT;
use portico::routes::{ROUTES, Route};
use serde_json::{Value, json};

use super::requests::is_api;
use super::reviewed;
use crate::support::contract::{check, escaped};
use crate::support::tokens::{ask, ask_with, plant};
use crate::support::*;

const SCOPES: [&str; 11] = [
    "products:read",
    "campaigns:read",
    "tiers:read",
    "partners:read",
    "redemptions:check",
    "redemptions:read",
    "redemptions:write",
    "integrations:read",
    "tenants:read",
    "tenants:write",
    "runs:write",
];

/// The columns of the table. All ask for what is Kestrel's; `program` is its program, `altura` the other one.
const CALLERS: [&str; 13] = [
    "none",
    "cookie",
    "query",
    "basic",
    "own",
    "narrow",
    "other",
    "foreign",
    "suspended",
    "revoked",
    "expired",
    "program",
    "altura",
];

/// A redemption of Kestrel's.
const REDEMPTION: &str = "e5000000-0000-7000-8000-000000000002";

fn body(route: &Route) -> Option<Value> {
    match (route.method, route.path) {
        ("POST", "/api/v1/tenants") => Some(json!({
            "integration": integration::KESTREL_LIVE, "name": "Inn at the Lake", "external_id": "inn-77"
        })),
        ("POST", _) => Some(json!({ "product": product::KESTREL, "tier": "Silver" })),
        ("PATCH", _) => Some(json!({ "name": "Inn at the Sea" })),
        ("PUT", _) => Some(json!({
            "outcome": "succeeded", "started_at": "2026-11-20T09:00:00Z", "finished_at": "2026-11-20T09:01:00Z"
        })),
        _ => None,
    }
}

fn path(route: &Route) -> String {
    let id = match route.path {
        path if path.starts_with("/api/v1/products/") => product::KESTREL,
        path if path.starts_with("/api/v1/redemptions/") => REDEMPTION,
        _ => tenant::KESTREL,
    };
    let code = if route.path.starts_with("/api/v1/campaigns/") { campaign::KESTREL } else { "KESTREL" };
    let path = route.path.replace("{id}", id).replace("{key}", "night-2").replace("{code}", code);
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
        request = request.header("Idempotency-Key", "sweep");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        if let Some(body) = &body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        visitor.send(request)
    };
    let all = json!(SCOPES).to_string();
    let ask = |token: &str, body: Option<&Value>| {
        ask_with(app, token, route.method, &path, body, &[("Idempotency-Key", "sweep")])
    };
    match caller {
        "none" | "cookie" => bare(&path, None),
        "query" => bare(&format!("{path}?access_token={own}&token={own}"), None),
        "basic" => bare(&path, Some(("Authorization", format!("Basic {own}")))),
        "narrow" => {
            let scopes: Vec<&str> = SCOPES.into_iter().filter(|one| *one != scope(route)).collect();
            let token = plant(app, partner::KESTREL, "narrow", &json!(scopes).to_string(), "2027-01-01Z", false);
            ask(&token, body.as_ref())
        }
        "revoked" => {
            let token = plant(app, partner::KESTREL, "revoked", &all, "2027-01-01Z", true);
            ask(&token, body.as_ref())
        }
        "expired" => {
            // It ends in this very moment.
            let token = plant(app, partner::KESTREL, "expired", &all, "2026-11-20 09:42:00Z", false);
            ask(&token, body.as_ref())
        }
        "suspended" => {
            app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
            ask(&own, body.as_ref())
        }
        "program" => ask(&token_of(program::SOLSTICE), body.as_ref()),
        "altura" => ask(&token_of(program::ALTURA), body.as_ref()),
        "other" => ask(&token_of(partner::MERIDIAN), body.as_ref()),
        "foreign" => ask(&token_of(partner::BOREAL), body.as_ref()),
        _ => ask(&own, body.as_ref()),
    }
}

#[test]
fn t06_t11_every_address_of_the_api_answers_every_caller_as_reviewed() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO redemptions (id, program_id, partner_id, product_id, key, rule, quantity, at, recorded_by_name, sku)
           VALUES ('{REDEMPTION}', '{}', '{}', '{}', 'planted', 'open-to-all', 1, '2026-11-19Z', 'Engine of Kestrel Car Rental', 'SKU-KESTREL')",
        program::SOLSTICE, partner::KESTREL, product::KESTREL
    ));
    app.database().save();
    let mut table = format!("{:44} {}\n", "", CALLERS.map(|one| format!("{one:9}")).join(" ").trim_end());
    let rows = |app: &TestApp| {
        app.database().value("SELECT count(*)::text || max(version) FROM tenants")
            + &app.database().value("SELECT count(*)::text FROM tenant_runs")
            + &app.database().value("SELECT count(*)::text FROM redemptions")
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
            } else if matches!(caller, "other" | "foreign" | "altura") {
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
        // To ask changes nothing, whatever the method.
        let asks = words[0] == "GET" || words[1].ends_with("/check");
        assert_eq!(cell("suspended"), if asks { "200" } else { "403" }, "{line}");
        let is_list = words[0] == "GET" && !words[1].contains('{');
        // A program's token has no scope to write tenants and runs.
        let writes_tenants = words[0] != "GET" && words[1].starts_with("/api/v1/tenants");
        for caller in ["other", "foreign", "altura"] {
            // Both programs have a partner of the code KESTREL, and see their own.
            let own_namesake = caller == "altura" && words[1] == "/api/v1/partners/{code}";
            let refused = matches!(cell(caller), "404" | "422") || caller == "altura" && writes_tenants;
            assert!(is_list || own_namesake || refused, "{caller}: {line}");
        }
        assert_eq!(cell("program") == "403", writes_tenants, "{line}");
        assert!(writes_tenants || cell("program").starts_with('2'), "{line}");
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
