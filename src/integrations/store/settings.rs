//! How the program reviews.

use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::Scope;
use crate::db::ReadTx;
use crate::db::ids::PartnerTypeId;
use crate::db::schema::{partner_types, review_settings};
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
    let found = visible(tx).select(Settings::as_select()).first(tx.conn()).optional()?;
    Ok(found.unwrap_or_else(|| Settings::unset(tx.now())))
}

/// Who publishes what partners of a type build.
///
/// # Errors
/// [`AppError::NotFound`] when the program has no such type.
pub fn review_of_type(tx: &mut ReadTx<'_>, id: PartnerTypeId) -> Result<ReviewPolicy, AppError> {
    Ok(visible_types(tx).filter(partner_types::id.eq(id)).select(partner_types::review).first(tx.conn())?)
}
