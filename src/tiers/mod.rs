//! Tiers: the ranks of a program's customers, in order (S1-3, S1-7, S1-9).
//!
//! The rules this slice protects: precedences are 1, 2, 3 … without a gap, 1 is the highest, and every screen says so;
//! a tier that an assignment names is not removed; and while the program's switch is off, no page shows or changes
//! tiers, and each says who can switch it on.

pub mod forms;
pub mod handlers;
pub mod model;
pub mod removal;
pub mod store;
pub mod views;

use crate::access::{Actor, UpdateProgram};
use crate::db::ReadTx;
use crate::db::ids::TierId;
use crate::partners::views::may;
use crate::programs;
use crate::web::error::AppError;

/// The address of a tier's page.
pub fn address(id: TierId) -> String {
    format!("/tiers/{id}")
}

/// Whether the program uses tiers.
///
/// # Errors
/// [`AppError::NotFound`] when no program is open.
pub fn are_on(tx: &mut ReadTx<'_>) -> Result<bool, AppError> {
    Ok(programs::store::current(tx)?.tiers_enabled)
}

/// Who can switch tiers on, for a page that has nothing to show while they are off.
pub fn who_switches(actor: &Actor) -> &'static str {
    if may::<UpdateProgram>(actor) {
        "You can switch them on in the settings."
    } else {
        "A hosting admin can switch them on in the settings."
    }
}

/// Nothing about tiers is changed while they are off (S1-8).
///
/// # Errors
/// [`AppError::Refused`] with who can switch them on.
pub fn need_to_be_on(tx: &mut ReadTx<'_>) -> Result<(), AppError> {
    if are_on(tx)? {
        return Ok(());
    }
    Err(AppError::Refused(format!("Your program does not use tiers now. {}", who_switches(tx.actor()))))
}
