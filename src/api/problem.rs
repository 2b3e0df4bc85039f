//! Errors as RFC 9457 problems.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::campaigns::decision::{Availability, DecisionRule};
use crate::web::error::AppError;

/// Why a request to the API was not carried out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    /// Pointers into the body, or parameters of the address, and what is wrong there.
    errors: Vec<(String, String)>,
    in_query: bool,
    /// What kind of problem it is, where the status alone does not say it, with the members that go with it.
    kind: Option<Box<(&'static str, Value)>>,
    retry_after: Option<i64>,
    invalid_token: bool,
    /// The methods that the address takes.
    allow: String,
}

/// An error, as RFC 9457 writes it.
#[derive(ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "about:blank", "title": "Conflict", "status": 409,
    "detail": "A tenant does not go from archived to active by request."
}))]
#[expect(dead_code, reason = "the document reads it")]
pub struct Written {
    /// `urn:portico:problem:not-redeemable` where the rules refuse a redemption; else `about:blank`, and `status` says
    /// what kind it is.
    r#type: String,
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for whoever reads the client's log.
    detail: String,
    /// The number of the request, where no address of the API answered.
    #[schema(nullable = false)]
    instance: Option<String>,
    /// With 422, and with 400 and 404 for a parameter: what is wrong, and where.
    #[schema(inline, nullable = false)]
    errors: Option<Vec<Wrong>>,
    /// Of a redemption that is refused.
    #[schema(value_type = Option<Availability>, inline, nullable = false)]
    availability: Option<Availability>,
    /// Of a redemption that is refused: the rule that decided.
    #[schema(value_type = Option<DecisionRule>, inline, nullable = false)]
    rule: Option<DecisionRule>,
    /// Of a redemption that is refused: what to tell the customer.
    #[schema(nullable = false)]
    message: Option<String>,
    /// Of a redemption that is refused: the precedence of the tier that is asked for. 1 is the highest.
    #[schema(rename = "tierPrecedence", minimum = 1)]
    tier_precedence: Option<i32>,
}

/// One thing that is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document reads it")]
pub struct Wrong {
    /// A JSON pointer into the body.
    #[schema(example = "/started_at", nullable = false)]
    pointer: Option<String>,
    /// A parameter of the address.
    #[schema(example = "tier", nullable = false)]
    parameter: Option<String>,
    #[schema(example = "Lies in the future.")]
    detail: String,
}

impl Problem {
    /// A problem with a sentence for whoever reads the client's log.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            in_query: false,
            kind: None,
            retry_after: None,
            invalid_token: false,
            allow: String::new(),
        }
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
            false => "Send a token in the header Authorization: Bearer.",
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

    /// Parameters of the address cannot be used.
    pub fn parameters(errors: Vec<(String, String)>) -> Problem {
        let detail = "Something in the address cannot be used; see errors.";
        Problem { errors, in_query: true, ..Problem::bad(detail) }
    }

    /// A parameter names what is not there, or what this token cannot see.
    pub fn nothing_named(parameter: &str) -> Problem {
        let errors = vec![(parameter.to_owned(), "There is no such one here, or this token cannot see it.".to_owned())];
        let detail = "The address names what is not there, or what this token cannot see; see errors.";
        Problem { errors, in_query: true, ..Problem::new(StatusCode::NOT_FOUND, detail) }
    }

    /// The same with a type of its own, and members that go with it.
    pub fn of_kind(self, kind: &'static str, members: Value) -> Problem {
        Problem { kind: Some(Box::new((kind, members))), ..self }
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
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            let place = if self.in_query { "parameter" } else { "pointer" };
            let errors = self.errors.iter().map(|(at, detail)| json!({ place: at, "detail": detail }));
            body["errors"] = errors.collect();
        }
        if let Some((kind, members)) = self.kind.as_deref() {
            body["type"] = (*kind).into();
            for (name, value) in members.as_object().into_iter().flatten() {
                body[name.as_str()] = value.clone();
            }
        }
        answer.content_type("application/problem+json").body(body.to_string())
    }
}
