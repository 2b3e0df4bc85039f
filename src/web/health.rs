//! Addresses for machines: alive, ready, version, robots.

use std::sync::atomic::Ordering;

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::app::App;
use crate::web::see_other;

/// The process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "alive" }))
}

/// The process can do its work: the database answers, and it is not on its way out. 503 with reasons otherwise.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let mut reasons = Vec::new();
    if app.stopping.load(Ordering::Relaxed) {
        reasons.push("stopping");
    }
    if !app.db.answers().await {
        reasons.push("database");
    }
    if reasons.is_empty() {
        return HttpResponse::Ok().json(serde_json::json!({ "status": "ready" }));
    }
    HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "not ready", "reasons": reasons }))
}

/// Which Portico this is.
pub async fn version() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "name": "portico", "version": env!("CARGO_PKG_VERSION") }))
}

/// A portal is nothing for search engines.
pub async fn robots() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("User-agent: *\nDisallow: /\n")
}

/// Where a password manager finds the page for changing a password.
pub async fn change_password() -> HttpResponse {
    see_other("/me#password")
}

/// Whom to tell about a weakness.
pub async fn security_txt(app: Data<App>) -> HttpResponse {
    let contact = &app.config.security_contact;
    let expires = (app.db.now() + chrono::TimeDelta::days(180)).format("%Y-%m-%dT00:00:00Z");
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n"))
}

/// The icon, for browsers that ask without looking at the page.
pub async fn favicon() -> HttpResponse {
    see_other(&crate::web::assets::asset("favicon.svg"))
}
