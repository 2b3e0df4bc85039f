//! `/api/v1/tenants/{id}/runs`: reports are idempotent by the run's key.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ApiResult;
use super::answer;
use super::body::{Body, Member, Members, moment};
use super::grant::{ApiGrant, RunsWrite, TenantsRead};
use super::problem::Problem;
use crate::access::{ReadTenant, UpdateTenant};
use crate::app::App;
use crate::tenants::handlers::run_cursor;
use crate::tenants::model::{LONGEST_MESSAGE, Outcome, Report, Run, log, run_key};
use crate::tenants::runs::reported;
use crate::tenants::store::{self, RunFilter};
use crate::values::{Choice, line};
use crate::web::listing::Params;

fn shown(run: &Run) -> Value {
    json!({
        "key": run.key,
        "outcome": run.outcome.key(),
        "started_at": answer::moment(run.started_at),
        "finished_at": run.finished_at.map(answer::moment),
        "records_read": run.records_read,
        "records_written": run.records_written,
        "records_failed": run.records_failed,
        "message": run.message,
        "reported_at": answer::moment(run.reported_at),
    })
}

/// `GET /api/v1/tenants/{id}/runs`: the newest first, without their logs.
///
/// # Errors
/// As every address of the API.
pub async fn list(
    grant: ApiGrant<TenantsRead, ReadTenant>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> ApiResult {
    let page = app
        .db
        .read(&grant, move |tx| {
            let tenant = store::find(tx, &id)?;
            let filter = RunFilter { tenant: tenant.id, outcome: Outcome::from_key(params.get("outcome")) };
            let keyset = params.keyset();
            let rows = store::runs(tx, &filter, &keyset)?;
            Ok(answer::page(keyset.window(rows, &params, run_cursor).map(|run| shown(&run))))
        })
        .await?;
    Ok(answer::found(&req, &page))
}

/// What a client says of a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    outcome: Member,
    started_at: Member,
    finished_at: Member,
    records_read: Member,
    records_written: Member,
    records_failed: Member,
    message: Member,
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
    let mut shown = shown(&told.run);
    shown["log"] = told.log.into();
    let status = if told.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer::stored(status, shown.to_string(), None))
}
