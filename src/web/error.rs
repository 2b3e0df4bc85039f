//! What can go wrong with a request, in few variants, and the one place that turns them into HTML or JSON.
//!
//! A handler returns [`AppError`]; it becomes a status with the error attached, and [`render`] (a middleware, which
//! can see the request) writes the page. The cause of an internal error goes to the log, never to a page.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::form::FieldError;
use super::page;

/// Why a request was not carried out. Redirects and invalid forms are not errors, except [`AppError::Invalid`]
/// from inside a transaction, which handlers turn back into the form.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignIn,
    /// The person's role asks for a second factor, which they have to set up first.
    #[error("second factor first")]
    SecondFactor,
    /// The person's role does not include it; with a sentence for them.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// It does not exist, or lies outside the person's scope: the two look alike.
    #[error("not found")]
    NotFound,
    /// Somebody else changed it meanwhile; with a sentence for the person.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The rules of the product refuse it; with a sentence for the person.
    #[error("refused: {0}")]
    Refused(String),
    /// What was typed cannot be stored; found only in the transaction (a code that is taken).
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The request cannot be read; with a sentence.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The body is larger than allowed.
    #[error("too large")]
    TooLarge,
    /// The body is of a kind that this address does not take.
    #[error("unsupported content type")]
    Unsupported,
    /// Too many tries.
    #[error("too many tries; wait {seconds} s")]
    TooMany {
        /// How long to wait.
        seconds: i64,
    },
    /// No free connection, or the database is away; the text is for the log.
    #[error("busy: {0}")]
    Busy(String),
    /// It took too long.
    #[error("deadline")]
    Deadline,
    /// A defect; the cause is for the log.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as D};
        // What could not be rolled back went wrong when it was to be committed.
        if let D::RollbackErrorOnCommit { commit_error, .. } = error {
            return AppError::from(*commit_error);
        }
        match &error {
            D::NotFound => AppError::NotFound,
            // The connection ended in the middle of the transaction, and so did the transaction.
            D::BrokenTransactionManager | D::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => {
                AppError::Busy(error.to_string())
            }
            D::DatabaseError(Kind::SerializationFailure, _) => {
                AppError::Conflict("Somebody else changed the same thing at the same moment. Look at it again.".into())
            }
            D::DatabaseError(_, info) if info.message().contains("deadlock detected") => AppError::Conflict(
                "Somebody else changed the same things at the same moment. Nothing was saved; try again.".into(),
            ),
            D::DatabaseError(_, info) if is_outage(info.message()) => AppError::Busy(info.message().to_owned()),
            _ => AppError::Internal(error.into()),
        }
    }
}

/// Messages of a server that goes away, or of a limit that was reached, which Diesel does not tell apart.
fn is_outage(message: &str) -> bool {
    const SIGNS: [&str; 10] = [
        "terminating connection",
        "server closed the connection",
        "statement timeout",
        "lock timeout",
        "connection to server",
        "shutting down",
        "starting up",
        // A full disk.
        "could not extend file",
        "could not write",
        "No space left on device",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            AppError::SignIn => StatusCode::UNAUTHORIZED,
            AppError::Forbidden(_) | AppError::SecondFactor => StatusCode::FORBIDDEN,
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::Conflict(_) | AppError::Refused(_) => StatusCode::CONFLICT,
            AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::BadRequest(_) => StatusCode::BAD_REQUEST,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            AppError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            AppError::Busy(_) | AppError::Deadline => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Status and sentence, for the API.
    pub(crate) fn told(&self) -> (StatusCode, String) {
        (self.status(), self.said().text)
    }

    /// Writes to the log what only the log may know.
    pub(crate) fn note(&self) {
        match self {
            AppError::Internal(cause) => tracing::error!(cause = format!("{cause:#}"), "internal error"),
            AppError::Busy(cause) => tracing::warn!(cause, "busy"),
            AppError::Deadline => tracing::warn!("deadline passed"),
            _ => {}
        }
    }

    fn said(&self) -> Said {
        let said = |title: &str, text: &str| Said { title: title.into(), text: text.into() };
        match self {
            AppError::SignIn => said("Sign in first", "This page needs to know who you are."),
            AppError::SecondFactor => said(
                "Set up your second factor first",
                "Your role asks for one. Open “Profile and security” and set up an authenticator app; then come back.",
            ),
            AppError::Forbidden(text) => said("You may not do this", text),
            AppError::NotFound => said(
                "There is no such page here",
                "The address may be mistyped, the record may have been archived, or it belongs to a partner you cannot see.",
            ),
            AppError::Conflict(text) => said("Somebody was faster", text),
            AppError::Refused(text) => said("This cannot be done now", text),
            AppError::Invalid(errors) => Said {
                title: "Something typed cannot be used".into(),
                text: errors.iter().map(|error| error.summary()).collect::<Vec<_>>().join(" "),
            },
            AppError::BadRequest(text) => said("The request could not be read", text),
            AppError::TooLarge => {
                said("That is too large", "What you sent is larger than this page takes. Nothing was changed.")
            }
            AppError::Unsupported => said("The request could not be read", "This address takes forms only."),
            AppError::TooMany { seconds } => Said {
                title: "Too many tries".into(),
                text: format!(
                    "For safety this is closed for you for the next {}. Nothing was changed.",
                    minutes(*seconds)
                ),
            },
            AppError::Busy(_) => said(
                "Portico is busy",
                "The database does not answer just now. Nothing was changed; try again in a few seconds.",
            ),
            AppError::Deadline => {
                said("That took too long", "Portico stopped waiting. Look whether it was done before you try again.")
            }
            AppError::Internal(_) => said(
                "Something broke here",
                "That is our fault, not yours. Nothing was changed. If it happens again, tell your administrator the request number.",
            ),
        }
    }
}

fn minutes(seconds: i64) -> String {
    match seconds {
        ..=1 => "second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

/// Title and sentence of an error page.
#[derive(Clone)]
struct Said {
    title: String,
    text: String,
}

/// Rides on the response until [`render`] writes the page.
#[derive(Clone)]
struct ToRender {
    said: Said,
    leads: Leads,
}

/// Where an error leads instead of to a page of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    Nowhere,
    SignIn,
    SecondFactor,
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.note();
        let mut response = HttpResponse::build(self.status());
        match self {
            AppError::TooMany { seconds } => response.insert_header((header::RETRY_AFTER, seconds.to_string())),
            AppError::Busy(_) | AppError::Deadline => response.insert_header((header::RETRY_AFTER, "5")),
            _ => &mut response,
        };
        let mut response = response.finish();
        let leads = match self {
            AppError::SignIn => Leads::SignIn,
            AppError::SecondFactor => Leads::SecondFactor,
            _ => Leads::Nowhere,
        };
        response.extensions_mut().insert(ToRender { said: self.said(), leads });
        response
    }
}

#[derive(Template)]
#[template(path = "errors/page.html")]
struct ErrorPage<'a> {
    icon: &'static str,
    title: &'a str,
    text: &'a str,
    request: &'a str,
    signed_in: bool,
    search: bool,
}

#[derive(Template)]
#[template(path = "errors/_fragment.html")]
struct ErrorFragment<'a> {
    title: &'a str,
    text: &'a str,
    request: &'a str,
}

/// Middleware that writes error pages: whole with the navigation, a notice for htmx, JSON under `/api`.
///
/// # Errors
/// Those of the services inside.
pub async fn render(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(req).await?;
    let status = response.status();
    let found = response.response().extensions().get::<ToRender>().cloned();
    let found = match found {
        Some(found) => found,
        // What the framework refused itself has no page yet either.
        None if (status.is_client_error() || status.is_server_error()) && !has_page(&response) => {
            ToRender { said: framework(status), leads: Leads::Nowhere }
        }
        None => return Ok(response),
    };
    let (req, old) = response.into_parts();
    let mut answer = match found.leads {
        Leads::SignIn => to_sign_in(&req),
        // A form is not lost without a word: it gets the page that says why.
        Leads::SecondFactor if req.method().is_safe() => to_second_factor(&req),
        _ => written(&req, status, &found.said),
    };
    for (name, value) in old.headers() {
        if name == header::RETRY_AFTER || name == header::SET_COOKIE || name == header::ALLOW {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(req, answer))
}

fn has_page(response: &ServiceResponse<BoxBody>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_on_its_way = response.headers().contains_key("hx-redirect");
    is_on_its_way || kind.starts_with("text/html") || kind.starts_with("application/")
}

fn framework(status: StatusCode) -> Said {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            AppError::BadRequest("This address does not take requests of that kind.".into()).said()
        }
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge.said(),
        status if status.is_client_error() && status != StatusCode::NOT_FOUND => {
            AppError::BadRequest("The browser sent something that this page does not understand.".into()).said()
        }
        StatusCode::NOT_FOUND => AppError::NotFound.said(),
        _ => AppError::Internal(anyhow::anyhow!("")).said(),
    }
}

fn to_sign_in(req: &HttpRequest) -> HttpResponse {
    // After a form the page with the form is where the person wants to be again.
    let back = if req.method().is_safe() {
        req.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned()
    } else {
        let referer = req.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or("");
        url::Url::parse(referer)
            .map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
            .unwrap_or_default()
    };
    let lost = if req.method().is_safe() { "" } else { "&lost=1" };
    let address = format!("/sign-in?next={}{lost}", super::encode(super::local_address(&back)));
    if req.headers().contains_key("hx-request") {
        return HttpResponse::Unauthorized().insert_header(("hx-redirect", address)).finish();
    }
    super::see_other(&address)
}

/// The page there says why.
fn to_second_factor(req: &HttpRequest) -> HttpResponse {
    let address = "/me/second-factor";
    if req.headers().contains_key("hx-request") {
        return HttpResponse::Forbidden().insert_header(("hx-redirect", address)).finish();
    }
    super::see_other(address)
}

fn written(req: &HttpRequest, status: StatusCode, said: &Said) -> HttpResponse {
    let request = super::request_id(req);
    if req.path() == "/api" || req.path().starts_with("/api/") {
        return HttpResponse::build(status).content_type("application/problem+json").json(serde_json::json!({
            "type": "about:blank", "title": said.title, "detail": said.text, "status": status.as_u16(), "instance": request,
        }));
    }
    if req.headers().contains_key("hx-request") {
        let fragment = ErrorFragment { title: &said.title, text: &said.text, request: &request };
        return HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("hx-retarget", "#toasts"))
            .insert_header(("hx-reswap", "innerHTML"))
            .body(fragment.render().unwrap_or_default());
    }
    let signed_in = matches!(crate::access::grant::acting(req), Ok(Some(_)));
    let body = ErrorPage {
        icon: match status {
            StatusCode::NOT_FOUND => "map-search",
            StatusCode::FORBIDDEN => "lock",
            StatusCode::TOO_MANY_REQUESTS => "hourglass",
            _ => "alert-triangle",
        },
        title: &said.title,
        text: &said.text,
        request: &request,
        signed_in,
        search: signed_in && status == StatusCode::NOT_FOUND,
    };
    page::respond(req, status, &said.title, page::Nav::None, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t64_a_connection_that_ends_in_a_transaction_is_an_outage_and_no_defect() {
        use diesel::result::Error as D;
        let broken = || D::BrokenTransactionManager;
        assert!(matches!(AppError::from(broken()), AppError::Busy(_)));
        let twice = D::RollbackErrorOnCommit { rollback_error: Box::new(broken()), commit_error: Box::new(broken()) };
        assert!(matches!(AppError::from(twice), AppError::Busy(_)));
    }

    #[test]
    fn t68_a_full_disk_is_an_outage_and_no_defect() {
        for said in [
            "could not extend file \"base/16384/16409\": No space left on device",
            "could not write to file \"base/pgsql_tmp/pgsql_tmp1.0\": No space left on device",
            "terminating connection due to administrator command",
        ] {
            assert!(is_outage(said), "{said}");
        }
        assert!(!is_outage("duplicate key value violates unique constraint \"users_email_key\""));
    }
}
