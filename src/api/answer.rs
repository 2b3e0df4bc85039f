//! Answers: JSON with an `ETag`, and the preconditions that a client may ask for.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::web::error::AppError;
use crate::web::listing::Window;

/// The tag of a representation: a hash of it.
fn tag(body: &str) -> String {
    let hash = Sha256::digest(body.as_bytes());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Whether a header that lists tags names this one.
fn names(req: &HttpRequest, name: header::HeaderName, tag: &str) -> Option<bool> {
    let listed = req.headers().get(name)?.to_str().unwrap_or_default();
    // A proxy that compresses makes a tag weak; the content behind it is the same.
    Some(listed.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == "*" || one == tag))
}

/// What was asked for, or 304 when the client has it already.
pub fn found(req: &HttpRequest, body: &Value) -> HttpResponse {
    answered(req, body.to_string(), "private, no-cache")
}

/// The same for what everybody may see.
pub fn public(req: &HttpRequest, text: &str) -> HttpResponse {
    answered(req, text.to_owned(), "public, no-cache")
}

/// The same for a named type.
///
/// # Errors
/// When it cannot be written as JSON, which would be a defect.
pub fn shown<T: Serialize>(req: &HttpRequest, body: &T) -> Result<HttpResponse, Problem> {
    Ok(answered(req, text(body)?, "private, no-cache"))
}

/// A named type as JSON.
///
/// # Errors
/// When it cannot be written, which would be a defect.
pub fn text<T: Serialize>(body: &T) -> Result<String, Problem> {
    serde_json::to_string(body).map_err(|cause| AppError::Internal(cause.into()).into())
}

fn answered(req: &HttpRequest, text: String, cache: &'static str) -> HttpResponse {
    let tag = tag(&text);
    let has_it = names(req, header::IF_NONE_MATCH, &tag).unwrap_or(false);
    let mut answer = HttpResponse::build(if has_it { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, cache));
    if has_it { answer.finish() } else { answer.content_type("application/json").body(text) }
}

/// A picture, or 304 when the client has it already; `hash` is that of its content.
pub fn picture(req: &HttpRequest, hash: &str, png: Vec<u8>) -> HttpResponse {
    let tag = format!("\"{}\"", hash.get(..32).unwrap_or(hash));
    let has_it = names(req, header::IF_NONE_MATCH, &tag).unwrap_or(false);
    let mut answer = HttpResponse::build(if has_it { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"));
    if has_it { answer.finish() } else { answer.content_type("image/png").body(png) }
}

/// Marks an answer that was given before.
pub fn replayed(mut answer: HttpResponse) -> HttpResponse {
    answer
        .headers_mut()
        .insert(header::HeaderName::from_static("idempotency-replayed"), header::HeaderValue::from_static("true"));
    answer
}

/// What was stored, with the tag that a next `If-Match` would name.
pub fn stored(status: StatusCode, text: String, location: Option<&str>) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::ETAG, tag(&text)));
    if let Some(address) = location {
        answer.insert_header((header::LOCATION, address.to_owned()));
    }
    answer.content_type("application/json").body(text)
}

/// Refuses a change of what is no longer as the client saw it.
pub struct Precondition(Option<String>);

impl Precondition {
    /// Reads `If-Match`; without it everything may be changed.
    pub fn of(req: &HttpRequest) -> Precondition {
        let header = req.headers().get(header::IF_MATCH);
        Precondition(header.map(|value| value.to_str().unwrap_or_default().to_owned()))
    }

    /// Compares it with the present representation.
    ///
    /// # Errors
    /// 412 when it is another.
    pub fn check(&self, present: &Value) -> Result<(), Problem> {
        let Some(listed) = &self.0 else { return Ok(()) };
        let tag = tag(&present.to_string());
        if listed.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == "*" || one == tag) {
            return Ok(());
        }
        let detail = "It changed since you read it (If-Match). Nothing was changed; read it again.";
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail))
    }
}

/// One page of a list; `next` is the address of the page after it.
pub fn page<T: Serialize>(window: Window<T>) -> Value {
    serde_json::json!({ "items": window.rows, "next": window.next })
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// The address of the next page; null on the last one.
    pub next: Option<String>,
}

/// A moment as the API writes it.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
