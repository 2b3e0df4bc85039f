//! Bodies: JSON objects whose members are read one by one, so that every error is found and says where it is.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Datelike, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use super::problem::Problem;
use crate::values::Refused;
use crate::web::error::AppError;
use crate::web::is_compressed;

/// The largest body, in bytes: a log of 64 KiB with everything escaped that may be.
const LARGEST: usize = 256 * 1024;

/// What came with a request; a handler asks for it once it knows who sent it.
pub struct Body(Result<Bytes, Problem>);

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Body, Infallible>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = (is_json && !is_compressed(req)).then(|| Bytes::from_request(req, payload));
        Box::pin(async move {
            let Some(bytes) = bytes else { return Ok(Body(Err(AppError::Unsupported.into()))) };
            Ok(Body(match bytes.await {
                Ok(bytes) if bytes.len() <= LARGEST => Ok(bytes),
                Ok(_) => Err(too_large()),
                Err(error) => Err(match error.as_response_error().status_code() {
                    StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                    _ => Problem::bad("The body did not arrive whole."),
                }),
            }))
        })
    }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("A body may have {LARGEST} bytes at the most."))
}

impl Body {
    /// The bytes, and the object that they are.
    ///
    /// # Errors
    /// 400 for what is no JSON object, or has a member that nobody knows or twice; 413, 415.
    pub fn read<T: DeserializeOwned>(self) -> Result<(Bytes, T), Problem> {
        let bytes = self.0?;
        // What is no object would be refused with words about the program's own types.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Problem::bad("The body has to be a JSON object."));
        }
        let read = serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
            // "unknown field `x`, expected …" or "duplicate field `x`": every value is taken as it is.
            Category::Data => Problem::bad(format!("The body cannot be used: {error}.")),
            _ => {
                let (line, column) = (error.line(), error.column());
                Problem::bad(format!("The body is not valid JSON, at line {line}, column {column}."))
            }
        })?;
        Ok((bytes, read))
    }
}

/// A member of a body: null is as if it were not there.
pub type Member = Option<Value>;

/// Reads members and gathers what is wrong.
#[derive(Default)]
pub struct Members(Vec<(String, String)>);

impl Members {
    fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.0.push((format!("/{name}"), why.into()));
    }

    /// A text that has to be there.
    pub fn text<T>(
        &mut self,
        name: &str,
        member: &Member,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        match member {
            None => {
                self.refuse(name, "Is missing.");
                None
            }
            some => self.optional(name, some, parse).flatten(),
        }
    }

    /// A text that may be missing; outside none when it is wrong.
    pub fn optional<T>(
        &mut self,
        name: &str,
        member: &Member,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<Option<T>> {
        match member {
            None => Some(None),
            Some(Value::String(text)) => match parse(text) {
                Ok(value) => Some(Some(value)),
                Err(why) => {
                    self.refuse(name, why);
                    None
                }
            },
            Some(_) => {
                self.refuse(name, "Has to be a text.");
                None
            }
        }
    }

    /// A count; 0 when it is missing.
    pub fn count(&mut self, name: &str, member: &Member) -> Option<i64> {
        match member {
            None => Some(0),
            Some(value) => match value.as_i64().filter(|count| *count >= 0) {
                Some(count) => Some(count),
                None => {
                    self.refuse(name, "Has to be a whole number, 0 or more.");
                    None
                }
            },
        }
    }

    /// One more error.
    pub fn wrong(&mut self, name: &str, why: impl Into<String>) {
        self.refuse(name, why);
    }

    /// The value when nothing was wrong.
    ///
    /// # Errors
    /// 422 with every error.
    pub fn done<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, Problem> {
        match make() {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

/// A moment of RFC 3339, cut to microseconds as Postgres stores it.
///
/// # Errors
/// Not one.
pub fn moment(text: &str) -> Result<DateTime<Utc>, Refused> {
    let read = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
    match read {
        Ok(at) if (2000..=2100).contains(&at.year()) => Ok(chrono::SubsecRound::trunc_subsecs(at, 6)),
        _ => Err("Write it as 2026-11-20T09:42:00Z (RFC 3339), between 2000 and 2100.".into()),
    }
}
