//! Tenants: customers' installs of published integrations, and the runs they report (S2-22). The word never means
//! isolation: that is the partner scope.
//!
//! The rules this slice protects: a tenant belongs to one partner's integration for ever, and begins only while that is
//! published and its partner active; later the integration may be unpublished, and its tenants stay, with a notice. A
//! run that failed makes an active tenant failing, and the next good one makes it active again. A report of a run is
//! idempotent: the same one twice changes nothing, and what has finished is never told otherwise.
//!
//! ```text
//! connecting → active ⇄ paused        failing → paused
//!              active ⇄ failing       any of them → disconnected → connecting
//!                                     connecting, disconnected → archived
//! ```

pub mod edit;
pub mod export;
pub mod forms;
pub mod handlers;
pub mod model;
pub mod moves;
pub mod runs;
pub mod stage;
pub mod store;
pub mod views;

use crate::db::ids::{RunId, TenantId};
use crate::integrations::model::Integration;
use crate::integrations::stage::State as Published;
use crate::partners::model::{Partner, Status};
use crate::values::Choice;
use crate::web::error::AppError;

/// The address of a tenant's page.
pub fn address(id: TenantId) -> String {
    format!("/tenants/{id}")
}

/// The address of the page of one of its runs.
pub fn run_address(id: TenantId, run: RunId) -> String {
    format!("/tenants/{id}/runs/{run}")
}

/// New installs are of what is live, at a partner that is.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_live(integration: &Integration, partner: &Partner) -> Result<(), AppError> {
    if partner.status != Status::Active {
        return Err(AppError::Refused(format!(
            "{} is {}, so it takes no new tenants. It has to be active first.",
            partner.name,
            partner.status.label().to_lowercase()
        )));
    }
    match integration.state {
        Published::Published => Ok(()),
        other => Err(AppError::Refused(format!(
            "{} is {}: only a published integration takes new tenants. Publish it first.",
            integration.name,
            other.label().to_lowercase()
        ))),
    }
}

/// A suspended or archived partner's tenants stay as they are.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner_to_go_on(partner: &Partner) -> Result<(), AppError> {
    match partner.status {
        Status::Suspended => Err(AppError::Refused(format!(
            "{} is suspended, so its tenants stay as they are. Reinstate the partner first.",
            partner.name
        ))),
        Status::Archived => Err(AppError::Refused(format!(
            "{} is archived, so its tenants stay as they are. Restore the partner first.",
            partner.name
        ))),
        _ => Ok(()),
    }
}
