//! Campaigns: what links partners, products and tiers for a time, and so decides what a customer sees and may redeem
//! (S1-2 to S1-18).
//!
//! The rules this slice protects: 1 is the highest tier, and a customer in tier *n* is entitled to whatever asks for
//! tier *n* or one below it (a number ≥ *n*); dates are moments, half-open, entered as days of a named zone with the
//! last day included; two assignments of a partner, or of one of its products, never overlap in a campaign; screens,
//! API and redemptions ask one function, [`decision::decide`].
//!
//! ```text
//! campaign:   draft → (awaiting approval →) approved ⇄ paused → archived; scheduled, active, ended follow from dates
//! assignment: draft → live; scheduled, active, expired follow from dates; ended early
//! ```

pub mod assign;
pub mod bulk;
pub mod calendar;
pub mod check;
pub mod copy;
pub mod dates;
pub mod decision;
pub mod edit;
pub mod export;
pub mod findings;
pub mod forms;
pub mod gaps;
pub mod handlers;
pub mod impact;
pub mod import;
pub mod links;
pub mod measures;
pub mod messages;
pub mod model;
pub mod moves;
pub mod preview;
pub mod several;
pub mod store;
pub mod timeline;
pub mod undo;
pub mod views;

use crate::db::ReadTx;
use crate::db::ids::CampaignId;
use crate::web::error::AppError;

/// The address of a campaign's page.
pub fn address(id: CampaignId) -> String {
    format!("/campaigns/{id}")
}

/// Tier assignments are there only while the program has tiers (S1-7, S1-8).
///
/// # Errors
/// [`AppError::Refused`] with who can switch them on.
pub fn needs_tiers(tx: &mut ReadTx<'_>) -> Result<(), AppError> {
    let (tiers, _) = store::tiers_on(tx)?;
    if tiers {
        return Ok(());
    }
    Err(AppError::Refused(
        "Tiers are off in this program, so there are no tier assignments, and every product is open to all. A hosting \
         admin can switch them on in Settings."
            .into(),
    ))
}
