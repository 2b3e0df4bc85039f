//! Whether an answer of the API is one that the OpenAPI document tells of.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use portico::api::document::DOCUMENT;
use serde_json::{Value, json};

use super::Answer;

/// A validator for each schema, by the pointer to it.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Validates a value against the schema at a pointer of the document.
pub fn fits(pointer: &str, value: &Value) -> Result<(), String> {
    let validator = {
        let mut all = VALIDATORS.lock().unwrap();
        let made = all.entry(pointer.to_owned()).or_insert_with(|| {
            let schema = DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
            let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
            Arc::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap())
        });
        Arc::clone(made)
    };
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// A segment of an address, or a part of one, as a pointer has it.
pub fn escaped(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// Where a reference leads, or the place itself.
pub fn followed(pointer: &str) -> String {
    match DOCUMENT.pointer(pointer).and_then(|there| there.get("$ref")).and_then(Value::as_str) {
        Some(reference) => reference.trim_start_matches('#').to_owned(),
        None => pointer.to_owned(),
    }
}

/// The operation of an address, as a pointer.
fn operation(method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next()?.strip_prefix("/api/v1")?;
    let is = |template: &str| {
        let (known, asked): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        known.len() == asked.len() && known.iter().zip(&asked).all(|(a, b)| a == b || a.starts_with('{'))
    };
    // What is spelled out stands before what varies, as in the router.
    let mut templates: Vec<&String> = DOCUMENT["paths"].as_object()?.keys().filter(|template| is(template)).collect();
    templates.sort_by_key(|template| template.matches('{').count());
    let pointer = format!("/paths/{}/{}", escaped(templates.first()?), method.to_lowercase());
    DOCUMENT.pointer(&pointer).map(|_| pointer)
}

/// The answer has a status, a type, headers and a body that the document tells of.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let what = format!("{method} {path}: {}", answer.status());
    let response = followed(&format!("{operation}/responses/{}", answer.status()));
    let Some(told) = DOCUMENT.pointer(&response) else {
        panic!("{what} is not in the OpenAPI document: {}", answer.text());
    };
    let is_of_server = answer.status() >= 500;
    for name in told["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
        let may_lack = name == "Idempotency-Replayed" || (is_of_server && name != "Retry-After");
        assert!(may_lack || !answer.header(&name.to_lowercase()).is_empty(), "{what} has no {name}");
    }
    let Some(content) = told.get("content").and_then(Value::as_object) else {
        assert!(answer.bytes().is_empty(), "{what} has a body that the OpenAPI document does not tell of");
        return;
    };
    let kind = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
    assert!(content.contains_key(&kind), "{what} is {kind}, which is not in the OpenAPI document");
    if kind.ends_with("json") {
        let body: Value = serde_json::from_slice(answer.bytes()).unwrap();
        let schema = format!("{response}/content/{}/schema", escaped(&kind));
        if let Err(errors) = fits(&schema, &body) {
            panic!("{what} does not fit the OpenAPI document:\n{errors}\n{body}");
        }
    }
}
