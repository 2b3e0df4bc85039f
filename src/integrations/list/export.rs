//! The list as a file, in the present filter.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::handlers::{filter, shown};
use super::store::{self, Order};
use crate::access::{ExportIntegrations, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::IntegrationId;
use crate::integrations::feedback;
use crate::partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Integrations in a file at the most.
const LARGEST: i64 = 100_000;

const HEAD: [&str; 19] = [
    "partner",
    "partner_name",
    "name",
    "id",
    "kind",
    "state",
    "revision",
    "built_by",
    "round",
    "submission",
    "submitted_at",
    "submitted_by",
    "expected_at",
    "reviewer",
    "open_feedback",
    "resolved_feedback",
    "published_version",
    "updated_at",
    "updated_by",
];

/// `GET /integrations/export.{csv|xlsx|json}`
///
/// # Errors
/// [`AppError::NotFound`] for other endings.
pub async fn file(
    grant: Grant<ExportIntegrations>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("integrations", format).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let filter = filter(tx, params)?;
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Order::read(params.get("sort"), shown(tx, params)), &all)?;
    let mut owners: Vec<_> = rows.iter().map(|one| one.partner_id).collect();
    owners.sort_unstable();
    owners.dedup();
    let names = partners::store::names(tx, &owners)?;
    let hosts = super::handlers::hosts(tx)?;
    let ids: Vec<IntegrationId> = rows.iter().map(|one| one.id).collect();
    let counts = feedback::store::counts(tx, &ids)?;
    let mut table = Table::new(&HEAD);
    let moment = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    for one in rows {
        let (code, name) = names.get(&one.partner_id).cloned().unwrap_or_default();
        let (open, resolved) = counts.get(&one.id).copied().unwrap_or_default();
        table.push(vec![
            code,
            name,
            one.name,
            one.id.to_string(),
            one.kind.key().into(),
            one.state.key().into(),
            one.revision.map(|revision| revision.key().to_owned()).unwrap_or_default(),
            if hosts.contains(&one.partner_id) { "host" } else { "partner" }.into(),
            one.round.to_string(),
            one.submission.to_string(),
            moment(one.submitted_at),
            one.submitted_by_name,
            moment(one.expected_at),
            one.assignee_name,
            open.to_string(),
            resolved.to_string(),
            one.live_number.map(|number| number.to_string()).unwrap_or_default(),
            one.updated_at.to_rfc3339(),
            one.updated_by_name,
        ]);
    }
    Ok(table)
}
