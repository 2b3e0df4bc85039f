//! Integrations: what partners build for the program, from a draft through review to what members see.
//!
//! The rules this slice protects: partners never publish their own work, unless the program says so for their type,
//! or has one organisation only, or the item is the host's own; while it is in review nobody edits it, so reviewer and
//! partner see one frozen submission; what is published stays as it is until its revision is published; each move
//! compares the version that was seen, and is one line of activity.
//!
//! ```text
//! draft ⇄ in review ⇄ changes requested        published ⇄ unpublished → draft | archived
//!           ├→ published ←──────────┐          published ⇄ suspended → unpublished
//!           ├→ approved (a date) ───┘          archived → draft
//!           └→ rejected → draft | archived     published + revision: draft → in review → … → published
//! ```
//!
//! [`stage`] is that table; [`content`] is what stands on the pages; [`business`] counts working time.

pub mod business;
pub mod checks;
pub mod content;
pub mod credentials;
pub mod feedback;
pub mod history;
pub mod images;
pub mod list;
pub mod model;
pub mod moves;
pub mod pages;
pub mod policy;
pub mod reminders;
pub mod review;
pub mod review_settings;
pub mod shown;
pub mod stage;
pub mod store;
pub mod views;

use crate::db::ids::IntegrationId;
use crate::partners::model::{Partner, Status};
use crate::values::Choice;
use crate::web::error::AppError;
use content::PageName;

/// The address of an integration's page.
pub fn address(id: IntegrationId) -> String {
    format!("/integrations/{id}")
}

/// The address of one of its pages, where that is written.
pub fn page_address(id: IntegrationId, page: PageName) -> String {
    format!("/integrations/{id}/pages/{}", page.key())
}

/// Only an active partner begins an integration.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner_to_begin(partner: &Partner) -> Result<(), AppError> {
    let first = match partner.status {
        Status::Active => return Ok(()),
        Status::Planned => "is only planned. Activate it first",
        Status::Pending => "is not active yet. Its next step is on its page",
        Status::Suspended => "is suspended. Reinstate it first",
        Status::Offboarding => "is being offboarded, so it begins nothing new. Activate it again first",
        Status::Archived => "is archived. Restore it first",
    };
    Err(AppError::Refused(format!("{} {first}; then it can build integrations.", partner.name)))
}

/// What a suspended or archived partner has stays as it is.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner_to_go_on(partner: &Partner) -> Result<(), AppError> {
    let first = match partner.status {
        Status::Suspended => "suspended, so its integrations stay as they are. Reinstate",
        Status::Archived => "archived, so its integrations stay as they are. Restore",
        _ => return Ok(()),
    };
    Err(AppError::Refused(format!("{} is {first} the partner first.", partner.name)))
}
