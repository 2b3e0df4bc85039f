//! The list as a file, in the present filter.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::handlers::filter;
use super::store::{self, Sort};
use crate::access::{ExportTenants, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::integrations;
use crate::partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Tenants in a file at the most.
const LARGEST: i64 = 100_000;

/// `GET /tenants/export.{ending}`
///
/// # Errors
/// [`AppError::NotFound`] for an ending that is none; when the database does not answer.
pub async fn file(
    grant: Grant<ExportTenants>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("tenants", format).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let filter = filter(tx, params)?;
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let mut ids: Vec<_> = rows.iter().map(|one| one.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let partners = partners::store::names(tx, &ids)?;
    let mut ids: Vec<_> = rows.iter().map(|one| one.integration_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let integrations = integrations::store::names_of(tx, &ids)?;
    let mut table = Table::new(&[
        "partner",
        "integration",
        "name",
        "external_id",
        "state",
        "state_since",
        "schedule",
        "last_run_at",
        "last_outcome",
        "note",
        "updated_at",
        "updated_by",
    ]);
    for one in rows {
        table.push(vec![
            partners.get(&one.partner_id).map(|(code, _)| code.clone()).unwrap_or_default(),
            integrations.get(&one.integration_id).cloned().unwrap_or_default(),
            one.name.to_string(),
            one.external_id,
            one.state.key().into(),
            one.state_since.to_rfc3339(),
            one.schedule.key().into(),
            one.last_run_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            one.last_outcome.map(|outcome| outcome.key().to_owned()).unwrap_or_default(),
            one.note,
            one.updated_at.to_rfc3339(),
            one.updated_by_name,
        ]);
    }
    Ok(table)
}
