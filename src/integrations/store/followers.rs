//! Who wants to hear of an integration.

use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::ids::UserId;
use crate::db::schema::integration_followers as followers;
use crate::db::{ReadTx, WriteTx};
use crate::integrations::model::Integration;
use crate::web::error::AppError;

/// The followers of an integration that was found in scope.
fn visible(tx: &ReadTx<'_>, of: &Integration) -> followers::BoxedQuery<'static, Pg> {
    let own = followers::partner_id.eq(of.partner_id).and(followers::integration_id.eq(of.id));
    let rows = followers::table.into_boxed().filter(own);
    match tx.scope() {
        Scope::Everything => rows.filter(followers::user_id.ne(followers::user_id)),
        Scope::Program(_) => rows,
        Scope::Partner { partner, .. } => rows.filter(followers::partner_id.eq(partner)),
    }
}

/// Whether whoever looks follows it; none when they have no account of their own here.
///
/// # Errors
/// When the database does not answer.
pub fn follows(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Option<bool>, AppError> {
    let Some(user) = tx.actor().user() else { return Ok(None) };
    let found: Option<UserId> =
        visible(tx, of).filter(followers::user_id.eq(user)).select(followers::user_id).first(tx.conn()).optional()?;
    Ok(Some(found.is_some()))
}

/// Begins or stops to follow; says whether that was different.
///
/// # Errors
/// When the database does not answer.
pub fn set_following<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    user: UserId,
    wanted: bool,
) -> Result<bool, AppError> {
    let changed = if wanted {
        diesel::insert_into(followers::table)
            .values((
                followers::partner_id.eq(of.partner_id),
                followers::integration_id.eq(of.id),
                followers::user_id.eq(user),
                followers::since.eq(tx.now()),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn())?
    } else {
        let row = followers::integration_id.eq(of.id).and(followers::user_id.eq(user));
        diesel::delete(followers::table.filter(row)).execute(tx.conn())?
    };
    Ok(changed > 0)
}
