//! What a link reaches: it belongs to nobody who is signed in, so everything here is a system transaction, and finds
//! one invitation by its id.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::access::{MemberRole, Place, Powers};
use crate::db::SystemTx;
use crate::db::ids::{InvitationId, MembershipId, PartnerId, ProgramId, RoleId, UserId};
use crate::db::schema::{invitations, memberships, partners, programs, roles};
use crate::invitations::model::Invitation;
use crate::partners::model::Partner;
use crate::roles::Offer;
use crate::web::error::AppError;

/// The invitation that a link claims to be of, with its partner.
///
/// # Errors
/// When the database does not answer.
pub fn by_link(tx: &mut SystemTx<'_>, id: InvitationId) -> Result<Option<(Invitation, Partner)>, AppError> {
    Ok(invitations::table
        .inner_join(partners::table.on(partners::id.eq(invitations::partner_id)))
        .filter(invitations::id.eq(id))
        .select((Invitation::as_select(), Partner::as_select()))
        .first(tx.conn())
        .optional()?)
}

/// The program of a partner.
///
/// # Errors
/// When the database does not answer.
pub fn place(tx: &mut SystemTx<'_>, program: ProgramId) -> Result<Place<ProgramId>, AppError> {
    let (id, code, name) = programs::table
        .find(program)
        .select((programs::id, programs::code, programs::name))
        .first::<(ProgramId, String, String)>(tx.conn())?;
    Ok(Place { id, code, name })
}

/// One of the program's own roles, as it can be given at a partner; none when it cannot.
///
/// # Errors
/// When the database does not answer.
pub fn custom_offer(tx: &mut SystemTx<'_>, partner: &Partner, role: RoleId) -> Result<Option<Offer>, AppError> {
    let found: Option<(String, bool, serde_json::Value)> = roles::table
        .filter(roles::id.eq(role).and(roles::program_id.eq(partner.program_id)))
        .select((roles::name, roles::program_wide, roles::permissions))
        .first(tx.conn())
        .optional()?;
    let found = found.filter(|(_, program_wide, _)| partner.is_hosting || !program_wide);
    Ok(found.map(|(name, program_wide, keys)| {
        let powers = Powers::of_keys(&serde_json::from_value::<Vec<String>>(keys).unwrap_or_default());
        let powers = if program_wide { powers } else { powers.at_one_partner() };
        Offer { role: MemberRole::Custom, custom: Some(role), name, program_wide, powers }
    }))
}

/// Holds a partner until the transaction ends, as everybody does who changes its people.
///
/// # Errors
/// When the database does not answer.
pub fn hold_partner(tx: &mut SystemTx<'_>, partner: PartnerId) -> Result<(), AppError> {
    partners::table.find(partner).select(partners::id).for_no_key_update().first::<PartnerId>(tx.conn())?;
    Ok(())
}

/// Whether somebody is a member of a partner.
///
/// # Errors
/// When the database does not answer.
pub fn is_member(tx: &mut SystemTx<'_>, partner: PartnerId, user: UserId) -> Result<bool, AppError> {
    let found = memberships::table.filter(memberships::partner_id.eq(partner).and(memberships::user_id.eq(user)));
    Ok(diesel::select(exists(found)).get_result(tx.conn())?)
}

/// Notes that the newest link was opened.
///
/// # Errors
/// When the database does not answer.
pub fn mark_opened(tx: &mut SystemTx<'_>, invitation: &Invitation) -> Result<(), AppError> {
    let now = tx.now();
    let row = invitations::table
        .filter(invitations::id.eq(invitation.id).and(invitations::link_version.eq(invitation.link_version)))
        .filter(invitations::opened_at.is_null());
    diesel::update(row).set(invitations::opened_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Uses a link up: one statement that finds it only while it works, so that of many at once one wins.
///
/// # Errors
/// When the database does not answer.
pub fn consume(tx: &mut SystemTx<'_>, invitation: &Invitation) -> Result<bool, AppError> {
    let now = tx.now();
    let open = invitations::table
        .filter(invitations::id.eq(invitation.id).and(invitations::link_version.eq(invitation.link_version)))
        .filter(invitations::email.eq(&invitation.email).and(invitations::expires_at.gt(now)))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()));
    let used = diesel::update(open)
        .set((invitations::accepted_at.eq(now), invitations::version.eq(invitations::version + 1)))
        .execute(tx.conn())?;
    Ok(used == 1)
}

/// Makes the person of a used link a member.
///
/// # Errors
/// [`AppError::NotFound`] when they are one already.
pub fn join(
    tx: &mut SystemTx<'_>,
    invitation: &Invitation,
    offer: &Offer,
    user: UserId,
) -> Result<MembershipId, AppError> {
    let (id, now) = (MembershipId::new(), tx.now());
    let made = diesel::insert_into(memberships::table)
        .values((
            memberships::id.eq(id),
            memberships::program_id.eq(invitation.program_id),
            memberships::partner_id.eq(invitation.partner_id),
            memberships::user_id.eq(user),
            memberships::role.eq(offer.role),
            memberships::role_id.eq(offer.custom),
            memberships::created_at.eq(now),
        ))
        .on_conflict((memberships::partner_id, memberships::user_id))
        .do_nothing()
        .execute(tx.conn())?;
    if made == 0 {
        return Err(AppError::NotFound);
    }
    diesel::update(invitations::table.find(invitation.id)).set(invitations::accepted_by.eq(user)).execute(tx.conn())?;
    Ok(id)
}

/// Notes that somebody asks for a new link, whose own ran out; at most once an hour. False when nothing was noted.
///
/// # Errors
/// When the database does not answer.
pub fn ask(tx: &mut SystemTx<'_>, invitation: &Invitation) -> Result<bool, AppError> {
    let now = tx.now();
    let before = now - chrono::TimeDelta::hours(1);
    let expired = invitations::table
        .filter(invitations::id.eq(invitation.id).and(invitations::link_version.eq(invitation.link_version)))
        .filter(invitations::expires_at.le(now))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .filter(invitations::asked_at.is_null().or(invitations::asked_at.le(before)));
    Ok(diesel::update(expired).set(invitations::asked_at.eq(now)).execute(tx.conn())? == 1)
}
