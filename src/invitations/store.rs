//! All SQL of invitations: here those of a person's scope; lists, and what a link reaches, in files of their own.

mod link;
mod people;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::Invitation;
use crate::access::{Permission, Scope};
use crate::db::ids::{InvitationId, LetterId, PartnerId};
use crate::db::schema::{invitations, outbox};
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::CAP;

pub use link::{ask, by_link, consume, custom_offer, hold_partner, is_member, join, mark_opened, place};
pub use people::{PeopleFilter, Source, count_people, people};

/// The invitations that a person may see. Every read of them begins here.
fn visible(tx: &ReadTx<'_>) -> invitations::BoxedQuery<'static, Pg> {
    let rows = invitations::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) => rows.filter(invitations::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(invitations::program_id.eq(program).and(invitations::partner_id.eq(partner)))
        }
    }
}

/// One invitation of a partner.
///
/// # Errors
/// [`AppError::NotFound`] when it is none of that partner, or out of scope.
pub fn find(tx: &mut ReadTx<'_>, partner: PartnerId, id: InvitationId) -> Result<Invitation, AppError> {
    Ok(visible(tx)
        .filter(invitations::partner_id.eq(partner).and(invitations::id.eq(id)))
        .select(Invitation::as_select())
        .first(tx.conn())?)
}

/// The open invitation of an address at a partner.
///
/// # Errors
/// When the database does not answer.
pub fn open_for(tx: &mut ReadTx<'_>, partner: PartnerId, email: &str) -> Result<Option<Invitation>, AppError> {
    Ok(visible(tx)
        .filter(invitations::partner_id.eq(partner).and(invitations::email.eq(email.to_owned())))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .select(Invitation::as_select())
        .first(tx.conn())
        .optional()?)
}

/// How many people a partner invited since a moment.
///
/// # Errors
/// When the database does not answer.
pub fn count_since(tx: &mut ReadTx<'_>, partner: PartnerId, since: DateTime<Utc>) -> Result<usize, AppError> {
    let some: Vec<InvitationId> = visible(tx)
        .filter(invitations::partner_id.eq(partner).and(invitations::created_at.gt(since)))
        .select(invitations::id)
        .limit(CAP)
        .load(tx.conn())?;
    Ok(some.len())
}

/// How many invitations wait for their people, to one more than [`CAP`], and when the next of them runs out.
///
/// # Errors
/// When the database does not answer.
pub fn open_now(tx: &mut ReadTx<'_>) -> Result<(i64, Option<DateTime<Utc>>), AppError> {
    let open: Vec<DateTime<Utc>> = visible(tx)
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .order(invitations::expires_at.desc())
        .limit(CAP + 1)
        .select(invitations::expires_at)
        .load(tx.conn())?;
    let now = tx.now();
    Ok((open.len() as i64, open.into_iter().filter(|at| *at > now).min()))
}

/// How the letter of an invitation that was found in scope fared.
///
/// # Errors
/// When the database does not answer.
pub fn letter_state(tx: &mut ReadTx<'_>, letter: Option<LetterId>) -> Result<String, AppError> {
    let Some(letter) = letter else { return Ok(String::new()) };
    Ok(outbox::table.find(letter).select(outbox::state).first(tx.conn()).optional()?.unwrap_or_default())
}

/// Stores a new invitation.
///
/// # Errors
/// [`AppError::Invalid`] when the address has an open one.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, new: &Invitation) -> Result<(), AppError> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(new.id),
            invitations::program_id.eq(new.program_id),
            invitations::partner_id.eq(new.partner_id),
            invitations::email.eq(&new.email),
            invitations::name.eq(&new.name),
            invitations::role.eq(new.role),
            invitations::role_id.eq(new.role_id),
            invitations::expires_at.eq(new.expires_at),
            invitations::letter_id.eq(new.letter_id),
            invitations::invited_by.eq(new.invited_by),
            invitations::invited_by_name.eq(&new.invited_by_name),
            invitations::created_at.eq(new.created_at),
            invitations::sent_at.eq(new.sent_at),
        ))
        .execute(tx.conn())
        .map_err(once)?;
    Ok(())
}

/// The error at the field, when the address has an open invitation.
fn once(error: DieselError) -> AppError {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
            if info.constraint_name() == Some("invitations_open_key") =>
        {
            AppError::Invalid(vec![already_invited()])
        }
        _ => crate::roles::store::given(error),
    }
}

/// What is said at the field when an address is invited already.
pub fn already_invited() -> FieldError {
    let message = "This address has an open invitation. Send it again instead; the list of users has a button for it.";
    FieldError::new("email", "E-mail", message)
}

/// Saves what can change of an invitation, if it is still open and at the version that was seen; else false.
///
/// # Errors
/// [`AppError::Invalid`] when the new address has an open invitation.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, seen: i32, invitation: &Invitation) -> Result<bool, AppError> {
    let open = invitations::table
        .filter(invitations::id.eq(invitation.id).and(invitations::version.eq(seen)))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()));
    let saved = diesel::update(open)
        .set((
            (
                invitations::email.eq(&invitation.email),
                invitations::name.eq(&invitation.name),
                invitations::role.eq(invitation.role),
                invitations::role_id.eq(invitation.role_id),
                invitations::link_version.eq(invitation.link_version),
                invitations::expires_at.eq(invitation.expires_at),
                invitations::letter_id.eq(invitation.letter_id),
            ),
            invitations::opened_at.eq(invitation.opened_at),
            invitations::asked_at.eq(invitation.asked_at),
            invitations::revoked_at.eq(invitation.revoked_at),
            invitations::invited_by.eq(invitation.invited_by),
            invitations::invited_by_name.eq(&invitation.invited_by_name),
            invitations::sent_at.eq(invitation.sent_at),
            invitations::version.eq(seen + 1),
        ))
        .execute(tx.conn())
        .map_err(once)?;
    Ok(saved == 1)
}
