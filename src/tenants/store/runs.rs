//! Runs of tenants.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use crate::access::{Permission, Scope};
use crate::db::ids::{RunId, TenantId};
use crate::db::schema::tenant_runs;
use crate::db::{ReadTx, WriteTx, counted};
use crate::tenants::model::{KEPT, Outcome, Report, Run, Tenant};
use crate::web::error::AppError;
use crate::web::listing::{CAP, Keyset};

/// The runs that a person may see.
fn visible(tx: &ReadTx<'_>) -> tenant_runs::BoxedQuery<'static, Pg> {
    let rows = tenant_runs::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(tenant_runs::id.ne(tenant_runs::id)),
        Scope::Program(program) => rows.filter(tenant_runs::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(tenant_runs::program_id.eq(program).and(tenant_runs::partner_id.eq(partner)))
        }
    }
}

/// What a list of runs is narrowed to.
#[derive(Clone, Debug)]
pub struct RunFilter {
    /// Whose they are.
    pub tenant: TenantId,
    /// How they ended.
    pub outcome: Option<Outcome>,
}

fn filtered(tx: &ReadTx<'_>, filter: &RunFilter) -> tenant_runs::BoxedQuery<'static, Pg> {
    let rows = visible(tx).filter(tenant_runs::tenant_id.eq(filter.tenant));
    match filter.outcome {
        Some(outcome) => rows.filter(tenant_runs::outcome.eq(outcome)),
        None => rows,
    }
}

/// One page of a tenant's runs, the latest first.
///
/// # Errors
/// When the database does not answer.
pub fn runs(tx: &mut ReadTx<'_>, filter: &RunFilter, page: &Keyset) -> Result<Vec<Run>, AppError> {
    let mut rows = filtered(tx, filter);
    if let Some(at) = &page.at
        && let Some(moment) = at.moment()
    {
        let sign = if page.backward { ">" } else { "<" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(tenant_runs.started_at, tenant_runs.id) {sign} ("))
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((tenant_runs::started_at.asc(), tenant_runs::id.asc()))
    } else {
        rows.order((tenant_runs::started_at.desc(), tenant_runs::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Run::as_select()).load(tx.conn())?)
}

/// How many a tenant has.
///
/// # Errors
/// When the database does not answer.
pub fn count_runs(tx: &mut ReadTx<'_>, filter: &RunFilter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(tenant_runs::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// One run of a tenant, by its id as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub fn find_run(tx: &mut ReadTx<'_>, tenant: &Tenant, id: &str) -> Result<Run, AppError> {
    let id: RunId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx)
        .filter(tenant_runs::tenant_id.eq(tenant.id).and(tenant_runs::id.eq(id)))
        .select(Run::as_select())
        .first(tx.conn())?)
}

/// The run of a key, if it was reported.
///
/// # Errors
/// When the database does not answer.
pub fn run_by_key(tx: &mut ReadTx<'_>, tenant: &Tenant, key: &str) -> Result<Option<Run>, AppError> {
    let row = tenant_runs::tenant_id.eq(tenant.id).and(tenant_runs::key.eq(key.to_owned()));
    Ok(visible(tx).filter(row).select(Run::as_select()).first(tx.conn()).optional()?)
}

/// Its log.
///
/// # Errors
/// When the database does not answer.
pub fn log(tx: &mut ReadTx<'_>, run: &Run) -> Result<String, AppError> {
    Ok(visible(tx).filter(tenant_runs::id.eq(run.id)).select(tenant_runs::log).first(tx.conn())?)
}

/// The columns of a report.
macro_rules! report_columns {
    ($report:expr) => {
        (
            tenant_runs::outcome.eq($report.outcome),
            tenant_runs::started_at.eq($report.started_at),
            tenant_runs::finished_at.eq($report.finished_at),
            tenant_runs::records_read.eq($report.records_read),
            tenant_runs::records_written.eq($report.records_written),
            tenant_runs::records_failed.eq($report.records_failed),
            tenant_runs::message.eq(&$report.message),
            tenant_runs::log.eq(&$report.log),
        )
    };
}

/// Stores the first report of a run.
///
/// # Errors
/// When the database does not answer.
pub fn insert_run<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    tenant: &Tenant,
    key: &str,
    report: &Report,
) -> Result<RunId, AppError> {
    let (id, now, by) = (RunId::new(), tx.now(), tx.actor().name().to_owned());
    diesel::insert_into(tenant_runs::table)
        .values((
            tenant_runs::id.eq(id),
            tenant_runs::program_id.eq(tenant.program_id),
            tenant_runs::partner_id.eq(tenant.partner_id),
            tenant_runs::tenant_id.eq(tenant.id),
            tenant_runs::key.eq(key),
            report_columns!(report),
            tenant_runs::reported_at.eq(now),
            tenant_runs::reported_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Stores a later report of a run that has not finished.
///
/// # Errors
/// When the database does not answer.
pub fn save_run<P: Permission>(tx: &mut WriteTx<'_, P>, run: &Run, report: &Report) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    diesel::update(tenant_runs::table.filter(tenant_runs::id.eq(run.id)))
        .set((report_columns!(report), tenant_runs::reported_at.eq(now), tenant_runs::reported_by_name.eq(by)))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets a tenant's runs beyond the newest [`KEPT`].
///
/// # Errors
/// When the database does not answer.
pub fn trim<P: Permission>(tx: &mut WriteTx<'_, P>, tenant: &Tenant) -> Result<(), AppError> {
    let last = filtered(tx, &RunFilter { tenant: tenant.id, outcome: None })
        .order((tenant_runs::started_at.desc(), tenant_runs::id.desc()))
        .offset(KEPT)
        .select(tenant_runs::id)
        .limit(CAP)
        .load::<RunId>(tx.conn())?;
    if !last.is_empty() {
        diesel::delete(tenant_runs::table.filter(tenant_runs::id.eq_any(last))).execute(tx.conn())?;
    }
    Ok(())
}
