//! Partners from a file: check first, then write, then perhaps undo.
//!
//! The rules this slice protects:
//!
//! - a check runs the very code of the import ([`run::import`]) and is rolled back, so it cannot promise what the
//!   import does not do;
//! - a partner is matched by its code, and only what the file or the plan says is set: the same file a second time
//!   changes nothing;
//! - a row is taken whole or refused with a reason, and an import is one transaction with its events and its report;
//! - an undo takes back only what nobody touched since.
//!
//! ```text
//! uploaded → (check) → checked → (apply) → applied → (undo, for 30 days) → undone
//! ```
//!
//! Check, apply and undo are jobs ([`job`]): state `running`, with a heartbeat. A job that fell silent wrote nothing.

pub mod apply;
pub mod columns;
pub mod decide;
pub mod handlers;
pub mod job;
pub mod model;
pub mod plan;
pub mod run;
pub mod store;
pub mod undo;
pub mod views;

use crate::db::ids::ImportId;

/// How long an import can be undone, in days.
pub const UNDO_DAYS: i64 = 30;

/// The address of an import's page.
pub fn address(id: ImportId) -> String {
    format!("/partners/import/{id}")
}

/// The address of something below an import's page.
pub fn below(id: ImportId, what: &str) -> String {
    format!("/partners/import/{id}/{what}")
}
