//! How the program reviews.

use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::{Scope, UpdateChecks};
use crate::db::ids::PartnerTypeId;
use crate::db::schema::{partner_types, review_settings};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::model::Settings;
use crate::integrations::policy::ReviewPolicy;
use crate::web::error::AppError;

/// The settings of the program that the transaction is in.
fn visible(tx: &ReadTx<'_>) -> review_settings::BoxedQuery<'static, Pg> {
    let rows = review_settings::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(review_settings::version.lt(0)),
        Scope::Program(program) | Scope::Partner { program, .. } => {
            rows.filter(review_settings::program_id.eq(program))
        }
    }
}

/// Its partner types.
fn visible_types(tx: &ReadTx<'_>) -> partner_types::BoxedQuery<'static, Pg> {
    let rows = partner_types::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(partner_types::id.ne(partner_types::id)),
        Scope::Program(program) | Scope::Partner { program, .. } => rows.filter(partner_types::program_id.eq(program)),
    }
}

/// The program's settings; the first ones when nobody chose any.
///
/// # Errors
/// When the database does not answer.
pub fn settings(tx: &mut ReadTx<'_>) -> Result<Settings, AppError> {
    let found = tx.once("review settings", tx.actor().program_id().map_or_else(Uuid::nil, |id| id.uuid()), |tx| {
        Ok(visible(tx).select(Settings::as_select()).first(tx.conn()).optional()?)
    })?;
    Ok(Option::clone(&found).unwrap_or_else(|| Settings::unset(tx.now())))
}

/// Who publishes what partners of a type build.
///
/// # Errors
/// [`AppError::NotFound`] when the program has no such type.
pub fn review_of_type(tx: &mut ReadTx<'_>, id: PartnerTypeId) -> Result<ReviewPolicy, AppError> {
    Ok(visible_types(tx).filter(partner_types::id.eq(id)).select(partner_types::review).first(tx.conn())?)
}

fn faster(by: &str) -> AppError {
    let by = if by.is_empty() { "Somebody" } else { by };
    AppError::Conflict(format!("{by} changed these settings meanwhile, so nothing was saved."))
}

/// Saves how the program reviews, if it is still at the version that was seen; 0 before anything was chosen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_settings(tx: &mut WriteTx<'_, UpdateChecks>, seen: i32, to: &Settings) -> Result<(), AppError> {
    let own = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let values = (
        review_settings::target_days.eq(to.target_days),
        review_settings::second_approver.eq(to.second_approver),
        review_settings::partners_republish.eq(to.partners_republish),
        review_settings::reviewed_fields.eq(&to.reviewed_fields),
        review_settings::categories.eq(&to.categories),
        review_settings::version.eq(seen + 1),
        review_settings::updated_at.eq(now),
        review_settings::updated_by_name.eq(by),
    );
    let saved = if seen == 0 {
        diesel::insert_into(review_settings::table)
            .values((review_settings::program_id.eq(own), values))
            .on_conflict_do_nothing()
            .execute(tx.conn())?
    } else {
        let row = review_settings::program_id.eq(own).and(review_settings::version.eq(seen));
        diesel::update(review_settings::table.filter(row)).set(values).execute(tx.conn())?
    };
    if saved == 1 { Ok(()) } else { Err(faster(&settings(tx)?.updated_by_name)) }
}

/// Says who publishes what partners of a type build, if that is still what was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn set_review_of_type(
    tx: &mut WriteTx<'_, UpdateChecks>,
    id: PartnerTypeId,
    seen: ReviewPolicy,
    to: ReviewPolicy,
) -> Result<(), AppError> {
    let own = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let row = partner_types::id.eq(id).and(partner_types::program_id.eq(own)).and(partner_types::review.eq(seen));
    let saved =
        diesel::update(partner_types::table.filter(row)).set(partner_types::review.eq(to)).execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(faster("")) }
}
