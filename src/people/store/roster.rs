//! Members as others take over from them, as they are suspended, and as they are looked up across partners.

use diesel::prelude::*;

use super::member::{Member, columns, lower};
use super::visible;
use crate::access::Permission;
use crate::db::ids::{MembershipId, PartnerId, UserId};
use crate::db::schema::{memberships, users};
use crate::db::{ReadTx, WriteTx};
use crate::people::UserStatus;
use crate::web::error::AppError;
use crate::web::listing::like;

/// Those of a partner who can act for it, but one; by name, at most 500: one of them can become its primary contact.
///
/// # Errors
/// When the database does not answer.
pub fn successors(tx: &mut ReadTx<'_>, partner: PartnerId, but: UserId) -> Result<Vec<Member>, AppError> {
    Ok(visible(tx)
        .filter(memberships::partner_id.eq(partner).and(memberships::user_id.ne(but)))
        .filter(users::status.eq(UserStatus::Active).and(memberships::suspended_at.is_null()))
        .order((lower(users::name), memberships::id))
        .limit(500)
        .select(columns())
        .load(tx.conn())?)
}

/// Since when and why a member is suspended.
///
/// # Errors
/// When the database does not answer.
pub fn suspension(tx: &mut ReadTx<'_>, member: &Member) -> Result<String, AppError> {
    Ok(visible(tx).filter(memberships::id.eq(member.id)).select(memberships::suspended_reason).first(tx.conn())?)
}

/// Suspends a member for a reason, or lets them act again, if the membership is still at the version that was seen;
/// else false.
///
/// # Errors
/// When the database does not answer.
pub fn save_suspension<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    member: &Member,
    seen: i32,
    reason: Option<&str>,
) -> Result<bool, AppError> {
    let since = reason.map(|_| tx.now());
    let row = memberships::table.filter(memberships::id.eq(member.id).and(memberships::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            memberships::suspended_at.eq(since),
            memberships::suspended_reason.eq(reason.unwrap_or_default()),
            memberships::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    Ok(saved == 1)
}

/// Everybody of a partner with their role, for its offboarding; by name, at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub fn everybody(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<Member>, AppError> {
    Ok(visible(tx)
        .filter(memberships::partner_id.eq(partner))
        .order((lower(users::name), memberships::id))
        .limit(1000)
        .select(columns())
        .load(tx.conn())?)
}

/// Where else in scope people are members: the person and the partner's name.
///
/// # Errors
/// When the database does not answer.
pub fn elsewhere(tx: &mut ReadTx<'_>, people: &[UserId], but: PartnerId) -> Result<Vec<(UserId, PartnerId)>, AppError> {
    Ok(visible(tx)
        .filter(memberships::user_id.eq_any(people.to_vec()).and(memberships::partner_id.ne(but)))
        .order(memberships::id)
        .limit(2000)
        .select((memberships::user_id, memberships::partner_id))
        .load(tx.conn())?)
}

/// A member with the partner.
#[derive(Clone, Debug)]
pub struct Found {
    /// The member.
    pub member: Member,
    /// The partner's code.
    pub partner_code: String,
    /// The partner's name.
    pub partner_name: String,
}

/// A member of any partner in scope, with the partner's id.
///
/// # Errors
/// [`AppError::NotFound`] out of scope.
pub fn anywhere(tx: &mut ReadTx<'_>, id: MembershipId) -> Result<(Member, PartnerId), AppError> {
    Ok(visible(tx).filter(memberships::id.eq(id)).select((columns(), memberships::partner_id)).first(tx.conn())?)
}

/// Members of all partners in scope by name, without system administrators.
///
/// # Errors
/// When the database does not answer.
pub fn anybody(tx: &mut ReadTx<'_>, search: &str, most: i64) -> Result<Vec<Found>, AppError> {
    let mut rows = visible(tx).filter(users::is_system.eq(false));
    if !search.is_empty() {
        let pattern = like(search);
        rows = rows.filter(users::name.ilike(pattern.clone()).or(users::email.ilike(pattern)));
    }
    let rows: Vec<(Member, PartnerId)> = rows
        .order((lower(users::name), memberships::id))
        .limit(most)
        .select((columns(), memberships::partner_id))
        .load(tx.conn())?;
    let ids: Vec<PartnerId> = rows.iter().map(|(_, partner)| *partner).collect();
    let names = crate::partners::store::names(tx, &ids)?;
    let found = rows.into_iter().filter_map(|(member, partner)| {
        let (partner_code, partner_name) = names.get(&partner).cloned()?;
        Some(Found { member, partner_code, partner_name })
    });
    Ok(found.collect())
}
