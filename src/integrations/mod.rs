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
pub mod feedback;
pub mod model;
pub mod policy;
pub mod reminders;
pub mod stage;
pub mod store;

use crate::db::ids::IntegrationId;

/// The address of an integration's page.
pub fn address(id: IntegrationId) -> String {
    format!("/integrations/{id}")
}
