//! Middlewares around everything: request id, deadline, panics, headers.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use futures_util::FutureExt;
use tracing::Instrument;

use super::RequestId;
use super::error::AppError;
use super::metrics;
use crate::access::grant::LoggedUser;
use crate::app::App;

/// Reading the body and answering, for a form.
const FORM_SECONDS: u64 = 10;
/// The same where a file is uploaded.
const UPLOAD_SECONDS: u64 = 60;

/// Nothing may be loaded from elsewhere, run inline, framed, or posted elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// Gives the request an id, and logs one line when it is answered.
///
/// # Errors
/// Those of the services inside.
pub async fn log(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = uuid::Uuid::now_v7().to_string();
    req.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id, method = %req.method(), path = %shown(req.path()));
    let began = Instant::now();
    let mut response = next.call(req).instrument(span.clone()).await?;
    let user = response.request().extensions().get::<LoggedUser>().map(|user| user.0);
    span.in_scope(|| {
        tracing::info!(
            status = response.status().as_u16(),
            ms = began.elapsed().as_millis() as u64,
            route = response.request().match_pattern().unwrap_or_default(),
            user = user.map(tracing::field::display),
            "answered"
        );
    });
    let (route, status) = (response.request().match_pattern(), response.status().as_u16());
    metrics::answered(route.as_deref(), response.request().method().as_str(), status, began.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

/// What can be looked at can be asked for without its body, as programs that look for malware in letters do: the same
/// handler answers, and the server leaves the body out.
///
/// # Errors
/// Those of the services inside.
pub async fn head(mut req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    if req.method() == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    next.call(req).await
}

/// A path as the log may have it: what follows `/link/` is a secret.
fn shown(path: &str) -> Cow<'_, str> {
    let mut parts = path.split('/');
    match parts.by_ref().position(|part| part.eq_ignore_ascii_case("link")) {
        Some(at) if parts.next().is_some() => {
            let open: Vec<&str> = path.split('/').take(at + 1).collect();
            Cow::Owned(format!("{}/…", open.join("/")))
        }
        _ => Cow::Borrowed(path),
    }
}

/// Cuts a request that takes too long, its body included, and turns a panic into an answer: without this the
/// connection would be held, or close with no answer at all.
///
/// Wraps each route by itself, inside all routing: only there may the request be kept beside the call.
///
/// # Errors
/// Those of the framework.
pub async fn deadline(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let multipart =
        req.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    let seconds = if multipart { UPLOAD_SECONDS } else { FORM_SECONDS };
    let request = req.request().clone();
    let answering = AssertUnwindSafe(next.call(req)).catch_unwind();
    let failed = match tokio::time::timeout(Duration::from_secs(seconds), answering).await {
        Ok(Ok(answer)) => return answer,
        Ok(Err(panic)) => AppError::Internal(anyhow::anyhow!("panic: {}", panic_text(panic.as_ref()))),
        Err(_) => AppError::Deadline,
    };
    Ok(ServiceResponse::new(request, failed.error_response()))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown")
}

/// Security headers on every answer.
///
/// # Errors
/// Those of the services inside.
pub async fn headers(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let https = req.app_data::<Data<App>>().is_some_and(|app| app.config.http.is_https());
    let mut response = next.call(req).await?;
    let headers = response.headers_mut();
    set(headers, "content-security-policy", POLICY);
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "x-frame-options", "DENY");
    // Not no-referrer: a same-origin form would then say `Origin: null`.
    set(headers, "referrer-policy", "same-origin");
    set(headers, "cross-origin-opener-policy", "same-origin");
    set(headers, "cross-origin-resource-policy", "same-origin");
    set(headers, "permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    set(headers, "cache-control", "no-store");
    if https {
        set(headers, "strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    Ok(response)
}

/// Sets a header unless a handler chose its own.
fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    let name = HeaderName::from_static(name);
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t41_the_log_has_no_token_of_a_link() {
        for path in ["/link/SECRET", "/link/SECRET/", "/LINK/SECRET", "//link//SECRET", "/x/link/SECRET"] {
            assert!(!shown(path).contains("SECRET"), "{path}");
        }
        for path in ["/", "/link", "/partners/LINKS", "/partners/KESTREL"] {
            assert_eq!(shown(path), path);
        }
    }
}
