//! The OpenAPI document and the page that shows it. That answers fit the document is looked at wherever a test asks the
//! API: `support/contract.rs`.

use std::collections::BTreeSet;
use std::process::Command;

use portico::api::document::DOCUMENT;
use portico::routes::ROUTES;
use portico::tokens::model::TokenScope;
use portico::values::Choice;
use serde_json::Value;

use crate::support::contract::{escaped, fits, followed};
use crate::support::tokens::{ask, json as read};
use crate::support::*;

/// Every operation: its method, its path with the server's, and a pointer to it.
fn operations() -> Vec<(String, String, String)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            let pointer = format!("/paths/{}/{method}", escaped(path));
            found.push((method.to_uppercase(), format!("/api/v1{path}"), pointer));
        }
    }
    found
}

#[test]
fn the_document_has_every_address_of_the_api_and_no_other() {
    let told: BTreeSet<String> = operations().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let there: BTreeSet<String> = ROUTES
        .iter()
        .filter(|route| route.path.starts_with("/api/v1/"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(told, there);
    assert!(DOCUMENT["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(DOCUMENT["servers"][0]["url"], "/api/v1");
    assert_eq!(DOCUMENT["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_operation_names_a_scope_that_holds_the_permission_of_its_address() {
    for (method, path, pointer) in operations() {
        let what = format!("{method} {path}");
        let scopes = DOCUMENT.pointer(&format!("{pointer}/security/0/token")).unwrap().as_array().unwrap();
        assert_eq!(scopes.len(), 1, "{what}");
        let scope =
            TokenScope::from_key(scopes[0].as_str().unwrap()).unwrap_or_else(|| panic!("{what}: no such scope"));
        let route = ROUTES.iter().find(|route| route.method == method && route.path == path).unwrap();
        assert!(scope.powers(false).include(&route.permission.unwrap()), "{what}: {} does not do", scope.key());
    }
}

#[test]
fn every_operation_is_described_and_every_name_is_there_once() {
    let mut ids = BTreeSet::new();
    let tags: BTreeSet<&str> =
        DOCUMENT["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for (method, path, pointer) in operations() {
        let (what, operation) = (format!("{method} {path}"), DOCUMENT.pointer(&pointer).unwrap());
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{what}: its name is there twice");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty() && !text.contains('`')), "{what}");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{what}: its tag is not described");
        // Every part of the path that varies is a parameter.
        let names: Vec<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["in"] == "path")
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let varying: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(names, varying, "{what}");
        let responses = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{what}: {status}");
        }
        for status in responses.keys() {
            let there = followed(&format!("{pointer}/responses/{status}"));
            let response = DOCUMENT.pointer(&there).unwrap_or_else(|| panic!("{what}: {status} leads nowhere"));
            assert!(!response["description"].as_str().unwrap().is_empty(), "{what}: {status}");
            if status.starts_with(['4', '5']) {
                assert!(response["content"]["application/problem+json"]["schema"].is_object(), "{what}: {status}");
            }
        }
    }
}

/// Every reference of a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| references(one, found)),
        Value::Object(all) => {
            found.extend(all.get("$ref").and_then(Value::as_str).map(str::to_owned));
            all.values().for_each(|one| references(one, found));
        }
        _ => {}
    }
}

#[test]
fn references_lead_somewhere_and_examples_fit_their_schemas() {
    let mut found = Vec::new();
    references(&DOCUMENT, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        let pointer = format!("/components/schemas/{}", escaped(name));
        let own = schema.get("example").into_iter().chain(schema["examples"].as_array().into_iter().flatten());
        for example in own {
            fits(&pointer, example).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        for (member, told) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(example) = told.get("example") {
                let pointer = format!("{pointer}/properties/{}", escaped(member));
                fits(&pointer, example).unwrap_or_else(|why| panic!("{name}.{member}: {why}"));
            }
        }
    }
}

#[test]
fn the_document_is_public_tagged_and_printed_too() {
    let app = TestApp::new();
    let visitor = app.anonymous();
    let answer = visitor.get("/api/openapi.json");
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
    assert_eq!((&read(&answer), answer.header("cache-control")), (&*DOCUMENT, "public, no-cache"));
    let tag = answer.header("etag").to_owned();
    let again = visitor.send(visitor.bare("GET", "/api/openapi.json").header("If-None-Match", tag));
    assert_eq!((again.status(), again.bytes().len()), (304, 0));
    let printed = Command::new(env!("CARGO_BIN_EXE_portico")).arg("openapi").output().unwrap();
    assert!(printed.status.success());
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), *DOCUMENT);
}

#[test]
fn the_reference_page_is_public_and_loads_nothing_from_elsewhere() {
    let app = TestApp::new();
    let page = app.anonymous().get("/api/docs");
    assert_eq!(page.status(), 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
    assert!(
        !policy.contains("http") && !policy.contains("eval") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!page.text().contains("http"), "{}", page.text());
    let scripts = page.attributes("script", "src");
    assert_eq!(scripts.len(), 2);
    for place in scripts.into_iter().chain(page.attributes("link", "href")) {
        assert_eq!(app.anonymous().get(&place).status(), 200, "{place}");
    }
    for (who, path) in [
        (None, "/help"),
        (Some(HANA), "/settings/tokens"),
        (Some(PIA), "/partners/KESTREL/tokens"),
        (Some(PIA), "/partners/KESTREL/tokens/new"),
    ] {
        let visitor = who.map_or_else(|| app.anonymous(), |who| app.as_(who));
        assert!(visitor.get(path).text().contains("href=\"/api/docs\""), "{path}");
    }
}

#[test]
fn t51_a_query_that_is_not_known_is_refused_and_not_passed_over() {
    let app = TestApp::new();
    let token = token_of(partner::KESTREL);
    let get = |path: &str| ask(&app, &token, "GET", path, None);
    for path in [
        "/api/v1/tenants?stat=active",
        "/api/v1/tenants?state=asleep",
        "/api/v1/tenants?state=active&state=paused",
        "/api/v1/tenants?integration=1",
        "/api/v1/tenants?sort=id",
        "/api/v1/tenants?size=26",
        "/api/v1/tenants?after=abc",
        "/api/v1/tenants?q=%00",
        "/api/v1/integrations?state=draft",
    ] {
        let answer = get(path);
        assert_eq!((answer.status(), answer.header("content-type")), (400, "application/problem+json"), "{path}");
    }
    let named = read(&get("/api/v1/tenants?state=asleep"));
    assert!(named["errors"][0]["detail"].as_str().unwrap().contains("connecting, active"), "{named}");
    assert_eq!(get("/api/v1/tenants?state=active&outcome=succeeded&sort=-run&size=100&q=inn").status(), 200);
    // Who is not known is told that first.
    assert_eq!(ask(&app, "portico_x", "GET", "/api/v1/tenants?stat=active", None).status(), 401);
}

#[test]
fn t10_another_method_is_405_with_those_that_are_taken() {
    let app = TestApp::new();
    let token = token_of(partner::KESTREL);
    for (method, path, allow) in [
        ("DELETE", "/api/v1/tenants", "GET, POST, HEAD"),
        ("PUT", "/api/v1/integrations", "GET, HEAD"),
        ("POST", "/api/openapi.json", "GET, HEAD"),
        ("OPTIONS", "/api/docs", "GET, HEAD"),
        ("OPTIONS", "/api/v1/redemptions/check", "POST"),
    ] {
        let answer = ask(&app, &token, method, path, None);
        assert_eq!((answer.status(), answer.header("allow")), (405, allow), "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
    }
    let run = format!("/api/v1/tenants/{}/runs/r1", tenant::KESTREL);
    assert_eq!(ask(&app, &token, "GET", &run, None).header("allow"), "PUT");
    assert_eq!(ask(&app, &token, "GET", "/api/v1/nothing", None).status(), 404);
}
