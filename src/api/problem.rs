//! Errors as RFC 9457 problems.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::web::error::AppError;

/// Why a request to the API was not carried out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    /// Pointers into the body, and what is wrong there.
    errors: Vec<(String, String)>,
    retry_after: Option<i64>,
    invalid_token: bool,
    /// The methods that the address takes.
    allow: String,
}

/// An error, as RFC 9457 writes it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "about:blank", "title": "Conflict", "status": 409,
    "detail": "A tenant does not go from archived to active by request."
}))]
pub struct Written<'a> {
    /// Always `about:blank`: `status` says what kind it is.
    r#type: &'a str,
    title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for whoever reads the client's log.
    detail: &'a str,
    /// The number of the request, where no address of the API answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    /// With 422: what is wrong, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    errors: Option<Vec<Wrong<'a>>>,
}

/// One thing that is wrong.
#[derive(Serialize, ToSchema)]
pub struct Wrong<'a> {
    /// A JSON pointer into the body.
    #[schema(example = "/started_at")]
    pointer: &'a str,
    #[schema(example = "Lies in the future.")]
    detail: &'a str,
}

impl Problem {
    /// A problem with a sentence for whoever reads the client's log.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), errors: Vec::new(), retry_after: None, invalid_token: false, allow: String::new() }
    }

    /// The address takes other methods.
    pub fn other_method(allow: String) -> Problem {
        let detail = format!("This address takes {allow} only.");
        Problem { allow, ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail) }
    }

    /// No token, or one that opens nothing.
    pub fn unauthorized(was_given: bool) -> Problem {
        let detail = match was_given {
            true => "This token opens nothing: it is unknown, revoked or expired, or its partner is archived.",
            false => "Send a token of your partner in the header Authorization: Bearer.",
        };
        Problem { invalid_token: was_given, ..Problem::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// The request cannot be read.
    pub fn bad(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    /// What was sent is well-formed, and yet cannot be stored.
    pub fn invalid(errors: Vec<(String, String)>) -> Problem {
        let detail = "Something in the body cannot be used; see errors. Nothing was changed.";
        Problem { errors, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Problem {
        error.note();
        let (status, detail) = error.told();
        match error {
            AppError::SignIn => Problem::unauthorized(false),
            AppError::NotFound => Problem::new(status, "There is no such thing here, or this token cannot see it."),
            AppError::Unsupported => Problem::new(status, "This address takes application/json only."),
            AppError::Invalid(errors) => {
                Problem::invalid(errors.into_iter().map(|one| (format!("/{}", one.field), one.message)).collect())
            }
            AppError::TooMany { seconds } => Problem { retry_after: Some(seconds), ..Problem::new(status, detail) },
            AppError::Busy(_) | AppError::Deadline => Problem { retry_after: Some(5), ..Problem::new(status, detail) },
            _ => Problem::new(status, detail),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = match self.invalid_token {
                true => "Bearer realm=\"Portico\", error=\"invalid_token\"",
                false => "Bearer realm=\"Portico\"",
            };
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if !self.allow.is_empty() {
            answer.insert_header((header::ALLOW, self.allow.as_str()));
        }
        let errors: Vec<Wrong<'_>> =
            self.errors.iter().map(|(pointer, detail)| Wrong { pointer, detail }).collect();
        let body = json!(Written {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: None,
            errors: (!errors.is_empty()).then_some(errors),
        });
        answer.content_type("application/problem+json").body(body.to_string())
    }
}
