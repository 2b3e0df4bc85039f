//! Reviewing an integration: who reviews it, what was looked at, what changed, and the page that shows all of that.
//!
//! The rules this slice protects: nobody reviews what they submitted; taking a review from somebody else is said and
//! confirmed; marks, readers and what is put off are each reviewer's own, and no partner ever learns of them.

pub mod claim;
pub mod diff;
pub mod fields;
pub mod handlers;
pub mod page;
pub mod presence;
pub mod store;
pub mod views;

use crate::access::{Actor, Role};
use crate::db::ReadTx;
use crate::integrations::content::{Content, PageName};
use crate::integrations::model::Integration;
use crate::integrations::stage::State;
use crate::integrations::store as integrations;
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::values::Choice;
use crate::web::error::AppError;
use views::Since;

/// The address of a page in review.
pub fn address(id: &str, page: PageName, since: Option<Since>) -> String {
    let since = since.map(|since| format!("&since={}", since.key())).unwrap_or_default();
    format!("/integrations/{}/review?page={}{since}", crate::web::encode(id), page.key())
}

/// An integration with its partner.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn found(tx: &mut ReadTx<'_>, id: &str) -> Result<(Integration, Partner), AppError> {
    let integration = integrations::find(tx, id)?;
    let names = partners::store::names(tx, &[integration.partner_id])?;
    let (code, _) = names.get(&integration.partner_id).ok_or(AppError::NotFound)?;
    let partner = partners::store::find(tx, code)?;
    Ok((integration, partner))
}

/// The same, to be changed: what a suspended or archived partner has stays as it is.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope; [`AppError::Refused`] with what to do first.
pub fn found_to_go_on(tx: &mut ReadTx<'_>, id: &str) -> Result<(Integration, Partner), AppError> {
    let (integration, partner) = found(tx, id)?;
    let first = match partner.status {
        Status::Suspended => "suspended, so its integrations stay as they are. Reinstate",
        Status::Archived => "archived, so its integrations stay as they are. Restore",
        _ => return Ok((integration, partner)),
    };
    Err(AppError::Refused(format!("{} is {first} the partner first.", partner.name)))
}

/// What a reviewer sees: the last submission, as long as a review is under way; else what is written.
///
/// # Errors
/// When the database does not answer.
pub fn shown(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Content, AppError> {
    if is_submitted(of) { integrations::submission(tx, of, of.submission) } else { integrations::content(tx, of) }
}

/// Whether a review is under way.
pub fn is_submitted(of: &Integration) -> bool {
    let under_way = matches!(of.stage().under_work(), State::InReview | State::ChangesRequested | State::Approved);
    under_way && of.submission > 0
}

/// Refuses whoever submitted it.
///
/// # Errors
/// [`AppError::Refused`] with who has to do it.
pub fn needs_another(actor: &Actor, of: &Integration) -> Result<(), AppError> {
    if of.submitted_by.is_some() && of.submitted_by == actor.user() {
        let who = Role::Reviewer.name().to_lowercase();
        return Err(AppError::Refused(format!("You submitted it yourself, so another {who} has to review it.")));
    }
    Ok(())
}
