//! `/api/v1/tenants/{id}/runs`: reports are idempotent by the run's key.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::ApiResult;
use super::answer;
use super::body::{Body, Member, Members, moment};
use super::document::Conflict;
use super::filters::{Filters, Known, List};
use super::grant::{ApiGrant, RunsWrite, TenantsRead};
use super::problem::Problem;
use super::shape::{Key, Moment, Page};
use super::tenants::TenantPath;
use crate::access::{ReadTenant, UpdateTenant};
use crate::app::App;
use crate::tenants::handlers::run_cursor;
use crate::tenants::model::{LONGEST_MESSAGE, Outcome, Report, Run, log, run_key};
use crate::tenants::runs::reported;
use crate::tenants::store::{self, RunFilter};
use crate::values::{Choice, line};

/// A run as lists show it, without its log.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub struct Shown {
    /// What the system that reports it calls it.
    #[schema(example = "2026-11-20T04:00")]
    key: String,
    #[schema(value_type = Outcome, inline)]
    outcome: Key<Outcome>,
    #[schema(inline)]
    started_at: Moment,
    /// Null while it runs.
    #[schema(required = true, inline)]
    finished_at: Option<Moment>,
    #[schema(minimum = 0)]
    records_read: i64,
    #[schema(minimum = 0)]
    records_written: i64,
    #[schema(minimum = 0)]
    records_failed: i64,
    message: String,
    #[schema(inline)]
    reported_at: Moment,
}

/// A run with its log.
#[derive(Serialize, ToSchema)]
#[schema(as = RunWithLog)]
pub struct WithLog {
    #[serde(flatten)]
    run: Shown,
    /// As it was told, without characters that cannot be shown.
    log: String,
}

impl Shown {
    fn of(run: Run) -> Shown {
        Shown {
            key: run.key,
            outcome: Key(run.outcome),
            started_at: Moment(run.started_at),
            finished_at: run.finished_at.map(Moment),
            records_read: run.records_read,
            records_written: run.records_written,
            records_failed: run.records_failed,
            message: run.message,
            reported_at: Moment(run.reported_at),
        }
    }
}

/// Runs of a tenant, the newest first.
pub struct Runs;

impl List for Runs {
    const KNOWN: &'static [Known] =
        &[Known::choice::<Outcome>("outcome", "Runs that ended so."), Known::SIZE, Known::AFTER];
}

/// `GET /api/v1/tenants/{id}/runs`: the newest first, without their logs.
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/tenants/{id}/runs",
    tag = "Runs",
    operation_id = "listRuns",
    summary = "List runs of a tenant",
    description = "The newest first, without their logs. The newest 1,000 are kept.",
    params(TenantPath, Filters<Runs>),
    responses((status = 200, description = "One page of runs.", body = Page<Shown>)),
    security(("token" = ["tenants:read"])),
)]
pub async fn list(
    grant: ApiGrant<TenantsRead, ReadTenant>,
    app: Data<App>,
    id: Path<String>,
    filters: Filters<Runs>,
    req: HttpRequest,
) -> ApiResult {
    let params = filters.read()?;
    let page = app
        .db
        .read(&grant, move |tx| {
            let tenant = store::find(tx, &id)?;
            let filter = RunFilter { tenant: tenant.id, outcome: Outcome::from_key(params.get("outcome")) };
            let keyset = params.keyset();
            let rows = store::runs(tx, &filter, &keyset)?;
            Ok(answer::page(keyset.window(rows, &params, run_cursor).map(Shown::of)))
        })
        .await?;
    Ok(answer::found(&req, &page))
}

/// What a client says of a run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunReport, example = json!({
    "outcome": "succeeded", "started_at": "2026-11-20T04:00:00Z", "finished_at": "2026-11-20T04:01:10Z",
    "records_read": 812, "records_written": 812, "message": "All rates taken"
}))]
struct Told {
    #[schema(value_type = Outcome, inline)]
    outcome: Member,
    /// From the year 2000 on, and not in the future.
    #[schema(value_type = String, format = DateTime)]
    started_at: Member,
    /// Needed unless it is running. Not before `started_at`.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Member,
    #[schema(value_type = Option<i64>, minimum = 0)]
    records_read: Member,
    #[schema(value_type = Option<i64>, minimum = 0)]
    records_written: Member,
    #[schema(value_type = Option<i64>, minimum = 0)]
    records_failed: Member,
    /// One line.
    #[schema(value_type = Option<String>, max_length = 1000)]
    message: Member,
    /// At most 64 KiB.
    #[schema(value_type = Option<String>, max_length = 65536)]
    log: Member,
}

impl Told {
    fn checked(&self, now: DateTime<Utc>) -> Result<Report, Problem> {
        let mut members = Members::default();
        let outcome = members.text("outcome", &self.outcome, Outcome::parse);
        // A client's clock may be a little ahead of ours.
        let past = |text: &str| match moment(text)? {
            at if at > now + TimeDelta::minutes(5) => Err("Lies in the future.".to_owned()),
            at => Ok(at),
        };
        let started_at = members.text("started_at", &self.started_at, past);
        let finished_at = members.optional("finished_at", &self.finished_at, past);
        let records_read = members.count("records_read", &self.records_read);
        let records_written = members.count("records_written", &self.records_written);
        let records_failed = members.count("records_failed", &self.records_failed);
        let text = |text: &str| if text.trim().is_empty() { Ok(String::new()) } else { line(text, LONGEST_MESSAGE) };
        let message = members.optional("message", &self.message, text);
        let log = members.optional("log", &self.log, log);
        match (outcome, finished_at) {
            (Some(Outcome::Running), Some(Some(_))) => {
                members.wrong("finished_at", "A run that is running has not finished: leave it out.");
            }
            (Some(outcome), Some(None)) if outcome != Outcome::Running => {
                members.wrong("finished_at", "Is missing: say when the run ended.");
            }
            (_, Some(Some(end))) if started_at.is_some_and(|start| end < start) => {
                members.wrong("finished_at", "Comes before started_at.");
            }
            _ => {}
        }
        members.done(|| {
            Some(Report {
                outcome: outcome?,
                started_at: started_at?,
                finished_at: finished_at?,
                records_read: records_read?,
                records_written: records_written?,
                records_failed: records_failed?,
                message: message?.unwrap_or_default(),
                log: log?.unwrap_or_default(),
            })
        })
    }
}

/// `PUT /api/v1/tenants/{id}/runs/{key}`
///
/// # Errors
/// As every address of the API; 409 for another report of a run that has finished.
#[utoipa::path(
    put,
    path = "/tenants/{id}/runs/{key}",
    tag = "Runs",
    operation_id = "reportRun",
    summary = "Report a run",
    description = "A run may be told again while it is running. Once it has finished the same report changes nothing and is \
        answered the same, and another one is 409. When the latest run failed, an active tenant is `failing`; the next that \
        succeeded makes it `active` again.",
    params(
        TenantPath,
        ("key" = String, Path, description = "Your name of the run, such as the moment it was due.", pattern = "^[A-Za-z0-9._:-]{1,100}$", example = "2026-11-20T04:00"),
    ),
    request_body = Told,
    responses(
        (status = 200, description = "It is known already, and is now as told.", body = WithLog, headers(("ETag" = String, description = "The tag of this answer."))),
        (status = 201, description = "It was not known before.", body = WithLog, headers(("ETag" = String, description = "The tag of this answer."))),
        (status = 409, response = Conflict),
    ),
    security(("token" = ["runs:write"])),
)]
pub async fn put(
    grant: ApiGrant<RunsWrite, UpdateTenant>,
    app: Data<App>,
    path: Path<(String, String)>,
    body: Body,
) -> ApiResult {
    let (id, key) = path.into_inner();
    let key = run_key(&key).map_err(Problem::bad)?;
    let (_, told) = body.read::<Told>()?;
    let report = told.checked(app.db.now())?;
    let told = app.db.write(&grant, move |tx| reported(tx, &id, &key, &report)).await?;
    let status = if told.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let shown = json!(WithLog { run: Shown::of(told.run), log: told.log });
    Ok(answer::stored(status, shown.to_string(), None))
}
