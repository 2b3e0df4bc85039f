//! Connections: where a partner's files and messages are fetched from or sent to (S0-2, S0-7, S0-34).
//!
//! The rules this slice protects: a connection belongs to one partner for ever, and its name is unique there. Its
//! credentials are encrypted, bound to it, and never given back: not to a page, an export, the activity log or the
//! ordinary logs; pages may write the column and not read it. Whoever leads a connection to another host has to enter
//! the credentials again, so that nobody can have them sent to a server of their own. Testing one really connects,
//! through [`crate::web::outbound`], which keeps the portal out of internal networks.

pub mod edit;
pub mod export;
pub mod forms;
pub mod handlers;
pub mod model;
pub mod probe;
pub mod removal;
pub mod seal;
pub mod store;
pub mod testing;
pub mod views;

use crate::db::ids::ConnectionId;
use crate::partners::model::{Partner, Status};
use crate::web::error::AppError;

/// The address of a connection's page.
pub fn address(id: ConnectionId) -> String {
    format!("/connections/{id}")
}

/// A partner that is not there yet, or no longer, gets no connections (S0-17).
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner_to_begin(partner: &Partner) -> Result<(), AppError> {
    let name = &partner.name;
    match partner.status {
        Status::Pending | Status::Active | Status::Offboarding => Ok(()),
        Status::Planned => Err(AppError::Refused(format!(
            "{name} is only planned. A hosting admin can prepare or activate it; then it can have connections."
        ))),
        Status::Suspended => {
            Err(AppError::Refused(format!("{name} is suspended. Reinstate it first; then it can have connections.")))
        }
        Status::Archived => {
            Err(AppError::Refused(format!("{name} is archived. Restore it first; then it can have connections.")))
        }
    }
}

/// What an archived partner has stays as it is.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner_to_go_on(partner: &Partner) -> Result<(), AppError> {
    match partner.status {
        Status::Archived => Err(AppError::Refused(format!(
            "{} is archived, so its connections stay as they are. Restore the partner first.",
            partner.name
        ))),
        _ => Ok(()),
    }
}
