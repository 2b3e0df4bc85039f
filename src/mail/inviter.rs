//! Whoever sent an invitation, for the letters about how it fared.

use diesel::prelude::*;

use super::delivery::may_act_for;
use crate::db::SystemTx;
use crate::db::ids::{InvitationId, PartnerId, ProgramId, UserId};
use crate::db::schema::{invitations, partners, users};
use crate::people::UserStatus;
use crate::web::error::AppError;

/// Somebody who waits for an invitation to be accepted.
pub struct Inviter {
    /// Their account.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they are of that partner; else they are a host.
    pub is_member: bool,
    /// What they call whom they invited.
    pub invited: String,
    /// The program.
    pub program: ProgramId,
    /// The partner to join.
    pub partner: PartnerId,
    /// Its name.
    pub partner_name: String,
    /// Its code.
    pub partner_code: String,
}

/// Whoever waits for an invitation whose newest link has this version; nobody once it was accepted or taken back.
///
/// # Errors
/// When the database does not answer.
pub fn of(tx: &mut SystemTx<'_>, invitation: InvitationId, version: i32) -> Result<Option<Inviter>, AppError> {
    let open: Option<(Option<UserId>, String, ProgramId, PartnerId)> = invitations::table
        .find(invitation)
        .filter(invitations::link_version.eq(version))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .select((invitations::invited_by, invitations::name, invitations::program_id, invitations::partner_id))
        .first(tx.conn())
        .optional()?;
    let Some((Some(user), invited, program, partner)) = open else { return Ok(None) };
    let account: Option<(String, String)> = users::table
        .find(user)
        .filter(users::status.eq(UserStatus::Active))
        .select((users::name, users::email))
        .first(tx.conn())
        .optional()?;
    let Some((name, email)) = account else { return Ok(None) };
    let (partner_name, partner_code) =
        partners::table.find(partner).select((partners::name, partners::code)).first(tx.conn())?;
    let is_member = may_act_for(tx, user, partner)?;
    Ok(Some(Inviter { user, name, email, is_member, invited, program, partner, partner_name, partner_code }))
}
