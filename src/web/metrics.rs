//! Figures for Prometheus, on a listener of their own: requests by route, the pool, the outbox, the review queue.
//!
//! Labels hold routes as they stand in the table of addresses, never what was asked for: neither a person nor a
//! partner can be read from the figures, and their number stays small.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::app::App;
use crate::audit;
use crate::mail::outbox;
use crate::web::error::AppError;

/// Seconds at which a request counts as slower.
const BUCKETS: &[f64] = &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

struct Figures {
    registry: Registry,
    requests: HistogramVec,
    sign_ins: IntCounterVec,
    pool: IntGaugeVec,
    outbox: IntGaugeVec,
    oldest_letter: IntGauge,
    audit_head: IntGauge,
    audit_waiting: IntGauge,
    audit_oldest: IntGauge,
}

static FIGURES: LazyLock<Option<Figures>> = LazyLock::new(|| Figures::new().ok());

impl Figures {
    fn new() -> prometheus::Result<Figures> {
        let registry = Registry::new();
        let opts = HistogramOpts::new("portico_http_request_duration_seconds", "Requests by route, method and status.");
        let requests = HistogramVec::new(opts.buckets(BUCKETS.to_vec()), &["route", "method", "status"])?;
        let sign_ins = IntCounterVec::new(Opts::new("portico_logins_total", "Sign-ins by result."), &["result"])?;
        let pool = Opts::new("portico_db_pool_connections", "Connections to the database: in use, and at the most.");
        let pool = IntGaugeVec::new(pool, &["state"])?;
        let outbox = IntGaugeVec::new(Opts::new("portico_outbox_letters", "Letters waiting, and failed."), &["state"])?;
        let oldest_letter = IntGauge::new("portico_outbox_oldest_seconds", "Age of the letter that waits longest.")?;
        let audit_head = IntGauge::new("portico_audit_chained_lines", "Lines of the audit log that are chained.")?;
        let audit_waiting =
            IntGauge::new("portico_audit_waiting_lines", "Lines that wait for their place in the chain.")?;
        let audit_oldest = IntGauge::new("portico_audit_waiting_seconds", "Age of the line that waits longest.")?;
        registry.register(Box::new(audit_head.clone()))?;
        registry.register(Box::new(audit_waiting.clone()))?;
        registry.register(Box::new(audit_oldest.clone()))?;
        let build = IntGaugeVec::new(Opts::new("portico_build_info", "Which Portico this is."), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(sign_ins.clone()))?;
        registry.register(Box::new(pool.clone()))?;
        registry.register(Box::new(outbox.clone()))?;
        registry.register(Box::new(oldest_letter.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Figures {
            registry,
            requests,
            sign_ins,
            pool,
            outbox,
            oldest_letter,
            audit_head,
            audit_waiting,
            audit_oldest,
        })
    }
}

/// Counts an answered request.
pub fn answered(route: Option<&str>, method: &str, status: u16, took: Duration) {
    // Methods are whatever clients write: only those that the portal knows become labels.
    let method = match method {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" => method,
        _ => "other",
    };
    if let Some(figures) = FIGURES.as_ref() {
        let labels = [route.unwrap_or("none"), method, &status.to_string()];
        figures.requests.with_label_values(&labels).observe(took.as_secs_f64());
    }
}

/// Counts a sign-in: `succeeded` or `refused`.
pub fn sign_in(result: &'static str) {
    if let Some(figures) = FIGURES.as_ref() {
        figures.sign_ins.with_label_values(&[result]).inc();
    }
}

/// `GET /metrics`, on its own listener.
///
/// # Errors
/// When the database does not answer; then there is no answer rather than half of one.
pub async fn show(app: Data<App>) -> Result<HttpResponse, AppError> {
    let Some(figures) = FIGURES.as_ref() else { return Err(AppError::NotFound) };
    let counting = app.db.system("count for the figures", |tx| {
        Ok((outbox::standing(tx)?, audit::store::head(tx)?, audit::store::waiting(tx)?))
    });
    let (waiting, head, (unchained, since)) = counting.await?;
    figures.audit_head.set(head.seq);
    figures.audit_waiting.set(unchained);
    figures.audit_oldest.set(since.map_or(0, |at| (app.db.now() - at).num_seconds().max(0)));
    let (used, most) = app.db.pool_use();
    figures.pool.with_label_values(&["used"]).set(i64::from(used));
    figures.pool.with_label_values(&["max"]).set(i64::from(most));
    figures.outbox.with_label_values(&["pending"]).set(waiting.pending);
    figures.outbox.with_label_values(&["failed"]).set(waiting.failed);
    let age = waiting.oldest.map_or(0, |at| (app.db.now() - at).num_seconds().max(0));
    figures.oldest_letter.set(age);
    let mut text = Vec::new();
    TextEncoder::new()
        .encode(&figures.registry.gather(), &mut text)
        .map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// What the listener answers.
pub fn configure(config: &mut web::ServiceConfig) {
    config.route("/metrics", web::get().to(show));
}
