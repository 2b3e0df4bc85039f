//! What everybody asks who changes the people of a partner.

use super::store::{self, Member};
use crate::access::{Actor, Permission, Role};
use crate::db::ids::MembershipId;
use crate::db::{ReadTx, WriteTx};
use crate::partners::model::Partner;
use crate::partners::{self, store::find};
use crate::roles::{self, Offer};
use crate::web::error::AppError;
use crate::web::form::FieldError;

/// A member of any partner in scope.
///
/// # Errors
/// [`AppError::NotFound`] out of scope.
pub fn found_member(tx: &mut ReadTx<'_>, id: MembershipId) -> Result<store::Found, AppError> {
    let (member, partner) = store::anywhere(tx, id)?;
    let names = partners::store::names(tx, &[partner])?;
    let (partner_code, partner_name) = names.get(&partner).cloned().ok_or(AppError::NotFound)?;
    Ok(store::Found { member, partner_code, partner_name })
}

/// A partner that no one else changes the members of until the transaction ends.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn held<P: Permission>(tx: &mut WriteTx<'_, P>, code: &str) -> Result<Partner, AppError> {
    let partner = find(tx, code)?;
    store::hold_partner(tx, &partner)?;
    find(tx, code)
}

/// Refuses people who are not system administrators to act on one who is (T08).
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn respect_system(actor: &Actor, member: &Member) -> Result<(), AppError> {
    if member.is_system && actor.role() != Some(Role::SystemAdmin) {
        return Err(AppError::Forbidden(format!(
            "{} is a system administrator. Only another system administrator can do this.",
            member.name
        )));
    }
    Ok(())
}

/// Refuses people to act on somebody whose role holds more than theirs: whoever may change users, and little else,
/// cannot put the admins out.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn respect_powers(actor: &Actor, partner: &Partner, member: &Member) -> Result<(), AppError> {
    if member.powers_at(partner).beyond(actor.may_give()).is_empty() {
        return Ok(());
    }
    Err(AppError::Forbidden(format!(
        "{} holds more than your own role includes. Somebody who holds as much can do this.",
        member.name
    )))
}

/// The role that a form chose, when it can be given at the partner by whoever acts.
///
/// # Errors
/// [`AppError::Invalid`] at the field: there is no such role there, or it holds more than the giver does.
pub fn offered(tx: &mut ReadTx<'_>, partner: &Partner, key: &str) -> Result<Offer, AppError> {
    let refused = |message: String| AppError::Invalid(vec![FieldError::new("role", "Role", message)]);
    let offer = roles::store::offers(tx, partner)?
        .into_iter()
        .find(|offer| offer.key() == key)
        .ok_or_else(|| refused("This is no role at this partner. Choose one of the list.".into()))?;
    let beyond = offer.beyond(tx.actor());
    match beyond.rules().next() {
        None => Ok(offer),
        Some(rule) => Err(refused(format!(
            "{} includes more than your own role does ({}: {}). Choose another, or ask somebody who has it.",
            offer.name, rule.resource, rule.action
        ))),
    }
}
