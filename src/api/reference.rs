//! `/api/openapi.json` and `/api/docs`: the document, and the page that shows it. Both are public: they tell what the
//! program is, and nothing of anybody's data.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::answer;
use super::document::DOCUMENT;
use crate::web::error::AppError;

static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// Swagger UI needs no more than any page of the portal has, and posts no form.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// `GET /api/openapi.json`
pub async fn document(req: HttpRequest) -> HttpResponse {
    answer::public(&req, &TEXT)
}

#[derive(Template)]
#[template(path = "api/reference.html")]
struct ReferencePage;

/// `GET /api/docs`
///
/// # Errors
/// When the page cannot be written.
pub async fn page() -> Result<HttpResponse, AppError> {
    let page = ReferencePage.render().map_err(|error| AppError::Internal(error.into()))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(page))
}
