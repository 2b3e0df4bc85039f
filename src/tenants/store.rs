//! All SQL of tenants; lists and runs in files of their own.

mod list;
mod runs;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{Facts, Outcome, Tenant};
use super::stage::State;
use crate::access::{Permission, Scope};
use crate::db::ids::TenantId;
use crate::db::schema::tenants;
use crate::db::{ReadTx, WriteTx};
use crate::integrations::model::Integration;
use crate::web::error::AppError;
use crate::web::form::FieldError;

pub use list::{Filter, Sort, count, count_by_state, ids, list, sought};
pub use runs::{RunFilter, count_runs, find_run, insert_run, log, run_by_key, runs, save_run, trim};

/// The tenants that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> tenants::BoxedQuery<'static, Pg> {
    let rows = tenants::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(tenants::id.ne(tenants::id)),
        Scope::Program(program) => rows.filter(tenants::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(tenants::program_id.eq(program).and(tenants::partner_id.eq(partner)))
        }
    }
}

/// One tenant by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Tenant, AppError> {
    let id: TenantId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(tenants::id.eq(id)).select(Tenant::as_select()).first(tx.conn())?)
}

/// One tenant, locked: reports of its runs come one after another.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn hold<P: Permission>(tx: &mut WriteTx<'_, P>, id: &str) -> Result<Tenant, AppError> {
    let found = find(tx, id)?;
    let row = tenants::table.find(found.id).select(Tenant::as_select()).for_update();
    Ok(row.first(tx.conn())?)
}

/// Tenants of an integration that are in use: connecting, active, paused or failing.
///
/// # Errors
/// When the database does not answer.
pub fn live_count(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<i64, AppError> {
    Ok(visible(tx)
        .filter(tenants::integration_id.eq(integration.id).and(tenants::state.eq_any(State::LIVE)))
        .count()
        .get_result(tx.conn())?)
}

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("tenants_external_key")
    {
        let words = "This integration has a tenant of this id already. Use that one, or archive it first.";
        return AppError::Invalid(vec![FieldError::new("external_id", "External id", words)]);
    }
    error.into()
}

/// Stores a new tenant of an integration that was found in scope.
///
/// # Errors
/// [`AppError::Invalid`] when its external id is taken.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    integration: &Integration,
    facts: &Facts,
) -> Result<TenantId, AppError> {
    let (id, now, by, by_name) = (TenantId::new(), tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(tenants::table)
        .values((
            tenants::id.eq(id),
            tenants::program_id.eq(integration.program_id),
            tenants::partner_id.eq(integration.partner_id),
            tenants::integration_id.eq(integration.id),
            tenants::name.eq(&facts.name),
            tenants::external_id.eq(&facts.external_id),
            tenants::state_since.eq(now),
            tenants::schedule.eq(facts.schedule),
            tenants::note.eq(&facts.note),
            tenants::created_at.eq(now),
            tenants::created_by_name.eq(&by_name),
            tenants::updated_at.eq(now),
            tenants::updated_by.eq(by),
            tenants::updated_by_name.eq(&by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    Ok(id)
}

/// Saves an edit or a move, if the tenant is still at the version that was seen. Gives the tenant as it is then.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the external id is taken.
pub fn save<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    before: &Tenant,
    seen: i32,
    facts: &Facts,
    state: State,
) -> Result<Tenant, AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let since = if state == before.state { before.state_since } else { now };
    let row = tenants::id.eq(before.id).and(tenants::version.eq(seen));
    let saved = diesel::update(tenants::table.filter(row))
        .set((
            tenants::name.eq(&facts.name),
            tenants::external_id.eq(&facts.external_id),
            tenants::schedule.eq(facts.schedule),
            tenants::note.eq(&facts.note),
            tenants::state.eq(state),
            tenants::state_since.eq(since),
            tenants::version.eq(seen + 1),
            tenants::updated_at.eq(now),
            tenants::updated_by.eq(by),
            tenants::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    let present = find(tx, &before.id.to_string())?;
    if saved == 1 { Ok(present) } else { Err(conflict(&present)) }
}

/// Notes the latest run.
///
/// # Errors
/// When the database does not answer.
pub fn save_last_run<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    tenant: &Tenant,
    at: chrono::DateTime<chrono::Utc>,
    outcome: Outcome,
) -> Result<(), AppError> {
    diesel::update(tenants::table.filter(tenants::id.eq(tenant.id)))
        .set((tenants::last_run_at.eq(at), tenants::last_outcome.eq(outcome)))
        .execute(tx.conn())?;
    Ok(())
}

/// What to say when somebody was faster: who, and where it stands now.
pub fn conflict(now: &Tenant) -> AppError {
    use crate::values::Choice;
    AppError::Conflict(format!(
        "{} changed this tenant meanwhile: it is {} now. Nothing of yours was saved. Look at it again.",
        now.updated_by_name,
        now.state.label().to_lowercase()
    ))
}
