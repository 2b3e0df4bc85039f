//! All SQL of checks, and of what reviewers ticked.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

use super::model::{Check, Rule};
use crate::access::{ReviewIntegration, Scope, UpdateChecks};
use crate::db::ids::{CheckId, ProgramId};
use crate::db::schema::{check_marks, integration_checks};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::web::error::AppError;

/// Checks of a program at the most: they are all in one list, and all are run at each submission.
pub const MOST: usize = 100;

/// The checks that a person may see: partners' people only those in use.
fn visible(tx: &ReadTx<'_>) -> integration_checks::BoxedQuery<'static, Pg> {
    let rows = integration_checks::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) => rows.filter(integration_checks::program_id.eq(own)),
        Scope::Partner { program, .. } => {
            rows.filter(integration_checks::program_id.eq(program).and(integration_checks::is_live))
        }
        Scope::Everything => rows.filter(integration_checks::version.lt(0)),
    }
}

/// The ticks in one submission of an integration that was found in scope. They are the hosts' own.
fn visible_marks(tx: &ReadTx<'_>, of: &Integration, submission: i32) -> check_marks::BoxedQuery<'static, Pg> {
    let rows = check_marks::table.into_boxed();
    match tx.scope() {
        Scope::Program(_) => rows.filter(
            check_marks::partner_id
                .eq(of.partner_id)
                .and(check_marks::integration_id.eq(of.id))
                .and(check_marks::submission.eq(submission)),
        ),
        Scope::Partner { .. } | Scope::Everything => rows.filter(check_marks::submission.lt(0)),
    }
}

fn own_program(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    tx.actor().program_id().ok_or(AppError::NotFound)
}

/// All checks, in order.
///
/// # Errors
/// When the database does not answer.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<Check>, AppError> {
    Ok(visible(tx)
        .order((integration_checks::position, integration_checks::id))
        .select(Check::as_select())
        .load(tx.conn())?)
}

/// Those in use, in order.
///
/// # Errors
/// When the database does not answer.
pub fn live(tx: &mut ReadTx<'_>) -> Result<Vec<Check>, AppError> {
    Ok(visible(tx)
        .filter(integration_checks::is_live)
        .order((integration_checks::position, integration_checks::id))
        .select(Check::as_select())
        .load(tx.conn())?)
}

/// One check.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Check, AppError> {
    let id: CheckId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(integration_checks::id.eq(id)).select(Check::as_select()).first(tx.conn())?)
}

fn argument(rule: &Rule) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(&rule.argument).map_err(|cause| AppError::Internal(cause.into()))
}

fn spot(rule: &Rule) -> String {
    rule.spot.map(|spot| spot.to_string()).unwrap_or_default()
}

/// Adds a check at the end.
///
/// # Errors
/// [`AppError::Refused`] when there are too many.
pub fn insert(tx: &mut WriteTx<'_, UpdateChecks>, rule: &Rule, is_live: bool) -> Result<CheckId, AppError> {
    let (id, own, now, by) = (CheckId::new(), own_program(tx)?, tx.now(), tx.actor().name().to_owned());
    let count: i64 = visible(tx).count().get_result(tx.conn())?;
    if count >= MOST as i64 {
        return Err(AppError::Refused(format!(
            "There are {MOST} checks already, which is the most. Remove one first."
        )));
    }
    let last: Option<i32> = visible(tx).select(diesel::dsl::max(integration_checks::position)).first(tx.conn())?;
    diesel::insert_into(integration_checks::table)
        .values((
            integration_checks::id.eq(id),
            integration_checks::program_id.eq(own),
            integration_checks::position.eq(last.unwrap_or(0) + 1),
            integration_checks::page.eq(rule.page),
            integration_checks::spot.eq(spot(rule)),
            integration_checks::kind.eq(rule.kind),
            integration_checks::argument.eq(argument(rule)?),
            integration_checks::words.eq(&rule.words),
            integration_checks::is_blocking.eq(rule.is_blocking),
            integration_checks::is_live.eq(is_live),
            integration_checks::updated_at.eq(now),
            integration_checks::updated_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Somebody was faster: who, and what to do.
fn stale(tx: &mut ReadTx<'_>, before: &Check) -> AppError {
    match find(tx, &before.id.to_string()) {
        Ok(now) => {
            AppError::Conflict(format!("{} changed this check meanwhile. Nothing was saved.", now.updated_by_name))
        }
        Err(AppError::NotFound) => {
            AppError::Conflict("Somebody removed this check meanwhile. Nothing was saved.".into())
        }
        Err(error) => error,
    }
}

/// Saves a check, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save(
    tx: &mut WriteTx<'_, UpdateChecks>,
    before: &Check,
    seen: i32,
    rule: &Rule,
    is_live: bool,
) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let row = integration_checks::id.eq(before.id).and(integration_checks::version.eq(seen));
    let saved = diesel::update(integration_checks::table.filter(row))
        .set((
            integration_checks::page.eq(rule.page),
            integration_checks::spot.eq(spot(rule)),
            integration_checks::argument.eq(argument(rule)?),
            integration_checks::words.eq(&rule.words),
            integration_checks::is_blocking.eq(rule.is_blocking),
            integration_checks::is_live.eq(is_live),
            integration_checks::version.eq(seen + 1),
            integration_checks::updated_at.eq(now),
            integration_checks::updated_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, before)) }
}

/// Puts checks that were found in scope into an order.
///
/// # Errors
/// When the database does not answer.
pub fn reorder(tx: &mut WriteTx<'_, UpdateChecks>, order: &[CheckId]) -> Result<(), AppError> {
    for (position, id) in (1i32..).zip(order) {
        diesel::update(integration_checks::table.filter(integration_checks::id.eq(id)))
            .set(integration_checks::position.eq(position))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Removes a check, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn remove(tx: &mut WriteTx<'_, UpdateChecks>, check: &Check, seen: i32) -> Result<(), AppError> {
    let row = integration_checks::id.eq(check.id).and(integration_checks::version.eq(seen));
    let gone = diesel::delete(integration_checks::table.filter(row)).execute(tx.conn())?;
    if gone == 1 { Ok(()) } else { Err(stale(tx, check)) }
}

/// What a reviewer ticked.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = check_marks)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Mark {
    pub check_id: CheckId,
    pub page: PageName,
    pub spot: String,
    pub words: String,
    pub marked_at: DateTime<Utc>,
    pub marked_by_name: String,
}

/// The ticks in one submission.
///
/// # Errors
/// When the database does not answer.
pub fn marks(tx: &mut ReadTx<'_>, of: &Integration, submission: i32) -> Result<Vec<Mark>, AppError> {
    Ok(visible_marks(tx, of, submission).order(check_marks::marked_at).select(Mark::as_select()).load(tx.conn())?)
}

/// Ticks a check in the submission under review; false when somebody has already.
///
/// # Errors
/// When the database does not answer.
pub fn mark(tx: &mut WriteTx<'_, ReviewIntegration>, of: &Integration, check: &Check) -> Result<bool, AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let made = diesel::insert_into(check_marks::table)
        .values((
            check_marks::partner_id.eq(of.partner_id),
            check_marks::integration_id.eq(of.id),
            check_marks::submission.eq(of.submission),
            check_marks::check_id.eq(check.id),
            check_marks::page.eq(check.page),
            check_marks::spot.eq(&check.spot),
            check_marks::words.eq(&check.words),
            check_marks::marked_at.eq(now),
            check_marks::marked_by.eq(by),
            check_marks::marked_by_name.eq(by_name),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())?;
    Ok(made == 1)
}

/// Takes a tick back; false when there was none.
///
/// # Errors
/// When the database does not answer.
pub fn unmark(tx: &mut WriteTx<'_, ReviewIntegration>, of: &Integration, check: CheckId) -> Result<bool, AppError> {
    let row = check_marks::partner_id
        .eq(of.partner_id)
        .and(check_marks::integration_id.eq(of.id))
        .and(check_marks::submission.eq(of.submission))
        .and(check_marks::check_id.eq(check));
    Ok(diesel::delete(check_marks::table.filter(row)).execute(tx.conn())? == 1)
}
