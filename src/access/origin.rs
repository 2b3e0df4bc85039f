//! Cross-site requests: a browser says where a request comes from, and a page elsewhere cannot change what it says.
//!
//! An unsafe method needs `Sec-Fetch-Site: same-origin` (or `none`: typed by the person), or, from a browser too old
//! to send that, an `Origin` that is the configured base address. Anything else is refused before a handler runs.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ORIGIN;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};

use crate::app::App;
use crate::web::error::AppError;

/// Middleware that refuses what another site made the browser send.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn check(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    if req.method().is_safe() || came_from_us(req.request()) {
        return next.call(req).await;
    }
    let refusal = AppError::Forbidden(
        "This request came from another site, so nothing was done. Open the page here and try again.".into(),
    );
    Ok(req.error_response(refusal))
}

fn came_from_us(req: &HttpRequest) -> bool {
    let header = |name: &str| req.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    match header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (header(ORIGIN.as_str()), req.app_data::<Data<App>>()) {
            (Some(origin), Some(app)) => origin == app.config.http.origin(),
            _ => false,
        },
    }
}
