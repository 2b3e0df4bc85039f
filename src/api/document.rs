//! The OpenAPI document: operations and bodies come from the handlers, what all of them share is added here. A test
//! compares it with the routes table, and every answer of the API's tests with its schema.

use std::sync::LazyLock;

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Ref, RefOr};
use utoipa::{Modify, OpenApi, ToResponse};

use super::problem::Written;
use super::{campaigns, integrations, partners, products, redemptions, runs, tenants, tiers};
use crate::access::limits::API;

/// What is said of `Idempotency-Key`.
pub const ONCE: &str =
    "The same request with the same key within 24 hours is answered the same, and does nothing twice.";
/// What is said of `If-Match`.
pub const MATCH: &str = "The `ETag` of what you read: 412 when it changed since.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Portico API", description = include_str!("document.md"), license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    servers((url = "/api/v1", description = "This portal")),
    paths(
        products::list,
        products::show,
        products::image,
        redemptions::check,
        redemptions::record,
        redemptions::list,
        redemptions::show,
        campaigns::list,
        campaigns::show,
        tiers::list,
        partners::list,
        partners::show,
        integrations::index,
        tenants::list,
        tenants::create,
        tenants::show,
        tenants::update,
        runs::list,
        runs::put,
    ),
    components(schemas(Written)),
    tags(
        (name = "Products", description = "What there is, and whether a customer may have it."),
        (name = "Redemptions", description = "Whether a customer may, and that they did."),
        (name = "Campaigns", description = "What links partners and tiers for a time."),
        (name = "Tiers", description = "Ranks of customers; 1 is the highest."),
        (name = "Partners", description = "Who takes part."),
        (name = "Integrations", description = "What the partner has made, and its customers install."),
        (name = "Tenants", description = "Customers’ installs of integrations."),
        (name = "Runs", description = "What an install did, and how that ended."),
    ),
    modifiers(&Everywhere),
)]
struct Document;

/// The document, as it is served and printed.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = json!(Document::openapi());
    tidy(&mut document);
    let pages: Vec<String> = document["components"]["schemas"]
        .as_object()
        .map(|all| all.keys().filter(|name| name.starts_with("Page_")).cloned().collect())
        .unwrap_or_default();
    for name in pages {
        let of = format!("#/components/schemas/{}", name.trim_start_matches("Page_"));
        document["components"]["schemas"][&name]["properties"]["items"]["items"] = json!({ "$ref": of });
    }
    document
});

/// Puts right what the derived parts say awkwardly: a description beside an inlined schema as a second schema, which
/// would have to be an object; parameters that might be null; and headings of this program's own documentation.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(tidy),
        Value::Object(all) => {
            all.values_mut().for_each(tidy);
            if let Some(Value::Array(parts)) = all.get("allOf")
                && let [Value::Object(first), Value::Object(second)] = parts.as_slice()
                && second.keys().all(|name| matches!(name.as_str(), "type" | "description" | "example"))
                && !first.contains_key("$ref")
            {
                let (first, second) = (first.clone(), second.clone());
                all.remove("allOf");
                all.extend(second.into_iter().filter(|(name, _)| name != "type"));
                all.extend(first);
            }
            if all.contains_key("in")
                && let Some(Value::Array(kinds)) = all.get("schema").and_then(|schema| schema.get("type"))
                && let Some(kind) = kinds.iter().find(|kind| *kind != "null").cloned()
            {
                all["schema"]["type"] = kind;
            }
            if all.get("description").and_then(Value::as_str).is_some_and(|text| text.starts_with("# Errors")) {
                all.remove("description");
            }
        }
        _ => {}
    }
}

/// A refusal that only some operations have.
macro_rules! refusals {
    ($($name:ident = $about:literal;)*) => {$(
        #[doc = $about]
        pub struct $name;
        impl<'r> ToResponse<'r> for $name {
            fn response() -> (&'r str, RefOr<Response>) {
                (stringify!($name), problem($about).build().into())
            }
        }
    )*};
}
refusals! {
    Conflict = "The rules refuse it now, or somebody was faster; `detail` says which. Nothing was changed.";
    NotNamed = "The address names a partner or campaign that is not there, or that this token cannot see; `errors` says which.";
    Changed = "`If-Match` names what is no longer so. Nothing was changed.";
}

/// An answer that is a problem.
fn problem(about: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(about).content("application/problem+json", content)
}

/// The refusals that follow from what an operation takes, by status and name.
const SHARED: [(&str, &str, &str); 10] = [
    ("400", "BadRequest", "The request cannot be read: no JSON object, or something that is unknown or there twice."),
    ("401", "Unauthorized", "No token came in the header, or one that opens nothing."),
    ("403", "Forbidden", "The token lacks the scope, or the partner is suspended and its token reads only."),
    ("404", "NotFound", "There is no such thing, or it is another partner’s."),
    ("413", "TooLarge", "The body has more than 256 KiB."),
    ("415", "UnsupportedMediaType", "The body is not `application/json`."),
    ("422", "Unprocessable", "A value cannot be used; `errors` says which. Nothing was changed."),
    ("429", "TooManyRequests", "More requests than a token has in a minute; wait `Retry-After` seconds."),
    ("500", "Broken", "A defect of the portal. Nothing was changed."),
    ("503", "Busy", "The database does not answer just now; try again after `Retry-After` seconds."),
];

/// Adds what all operations share.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        describe_token(components);
        describe_headers(components);
        describe_refusals(components);
        let none_match = parameter("If-None-Match", "The `ETag` of an earlier answer: 304 when it is still the same.");
        components.parameters.insert("IfNoneMatch".into(), none_match.into());
        for (path, item) in &mut document.paths.paths {
            let operations = [
                (HttpMethod::Get, &mut item.get),
                (HttpMethod::Post, &mut item.post),
                (HttpMethod::Put, &mut item.put),
                (HttpMethod::Patch, &mut item.patch),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    complete(&method, path, operation);
                }
            }
        }
    }
}

fn describe_token(components: &mut Components) {
    let about = "A token of the portal, from *Partner → API tokens* or *Settings → API tokens*; each operation names the scope that it has to have.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("portico_…").description(Some(about));
    components.add_security_scheme("token", SecurityScheme::Http(scheme.build()));
}

fn header(kind: Type, about: &str, example: Value) -> RefOr<Header> {
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).example(Some(example)).build().into()
}

fn describe_headers(components: &mut Components) {
    let lines = [
        (
            "RequestId",
            header(
                Type::String,
                "The request’s number, as the portal’s log has it.",
                json!("0199e4a0-7d11-7000-8000-000000000001"),
            ),
        ),
        ("RateLimitLimit", header(Type::Integer, "Requests that a token has in a minute.", json!(API.tries))),
        ("RateLimitRemaining", header(Type::Integer, "Those that are left in this one.", json!(599))),
        ("RateLimitReset", header(Type::Integer, "Seconds until it ends.", json!(60))),
        ("RetryAfter", header(Type::Integer, "Seconds to wait.", json!(5))),
        (
            "ETag",
            header(Type::String, "The tag of this answer, for `If-None-Match` and `If-Match`.", json!("\"f1d2…\"")),
        ),
        ("WwwAuthenticate", header(Type::String, "The challenge.", json!("Bearer realm=\"Portico\""))),
    ];
    components.headers.extend(lines.map(|(name, header)| (name.to_owned(), header)));
}

fn describe_refusals(components: &mut Components) {
    for (status, name, about) in SHARED {
        let mut one = problem(about).build();
        match status {
            "401" => add(&mut one, "WWW-Authenticate", "WwwAuthenticate"),
            "429" | "503" => add(&mut one, "Retry-After", "RetryAfter"),
            _ => {}
        }
        add_common(&mut one, status);
        components.responses.insert(name.into(), one.into());
    }
    for (name, one) in [Conflict::response(), NotNamed::response(), Changed::response()] {
        let RefOr::T(mut one) = one else { continue };
        add_common(&mut one, "409");
        components.responses.insert(name.into(), one.into());
    }
    let mut unchanged =
        ResponseBuilder::new().description("It is as `If-None-Match` has it; there is no body.").build();
    add(&mut unchanged, "ETag", "ETag");
    add_common(&mut unchanged, "304");
    components.responses.insert("Unchanged".into(), unchanged.into());
}

fn add(response: &mut Response, name: &str, component: &str) {
    response.headers.insert(name.into(), RefOr::Ref(Ref::new(format!("#/components/headers/{component}"))));
}

/// The headers of every answer; who is not known has no limit to be told of.
fn add_common(response: &mut Response, status: &str) {
    add(response, "X-Request-Id", "RequestId");
    if status != "401" {
        add(response, "RateLimit-Limit", "RateLimitLimit");
        add(response, "RateLimit-Remaining", "RateLimitRemaining");
        add(response, "RateLimit-Reset", "RateLimitReset");
    }
}

fn parameter(name: &str, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// Says which scope an operation asks for, since pages that show the document leave it out.
fn tell_scope(operation: &mut Operation) {
    let told = json!(operation.security);
    let scope = told.pointer("/0/token/0").and_then(Value::as_str).unwrap_or_default();
    let own = operation.description.take().filter(|text| !text.starts_with("# Errors")).unwrap_or_default();
    operation.description = Some(format!("{own}\n\nScope: `{scope}`.").trim().to_owned());
}

/// Adds to an operation what follows from its method and from what it takes.
fn complete(method: &HttpMethod, path: &str, operation: &mut Operation) {
    tell_scope(operation);
    let takes_body = operation.request_body.is_some();
    let parameters = operation.parameters.get_or_insert_default();
    let has_query = parameters.iter().any(|one| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query));
    let is_read = matches!(method, HttpMethod::Get);
    if is_read {
        parameters.push(RefOr::Ref(Ref::new("#/components/parameters/IfNoneMatch")));
    }
    let responses = &mut operation.responses.responses;
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            add_common(response, "200");
            if is_read {
                add(response, "ETag", "ETag");
            }
        }
    }
    let mut shared = |status: &str, name: &str| {
        let one = || Ref::from_response_name(name).into();
        responses.entry(status.to_owned()).or_insert_with(one);
    };
    for (status, name, _) in SHARED {
        let occurs = match status {
            "400" => takes_body || has_query,
            "404" => path.contains('{'),
            "413" | "415" | "422" => takes_body,
            _ => true,
        };
        if occurs {
            shared(status, name);
        }
    }
    if is_read {
        shared("304", "Unchanged");
    }
}
