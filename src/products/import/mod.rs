//! Products from a file: check first, then write, then perhaps undo (beyond.md, 14).
//!
//! The rules are those of the import of partners: a check runs the very code of the import ([`run::import`]) and is
//! rolled back; a product is matched by its partner and SKU, and only what the file says is set, so the same file a
//! second time changes nothing; a row is taken whole or refused with a reason; an import is one transaction; an undo
//! takes back only what nobody touched since.
//!
//! ```text
//! uploaded → (check) → checked → (apply) → applied → (undo, for 30 days) → undone
//! ```

pub mod apply;
pub mod columns;
pub mod handlers;
pub mod model;
pub mod plan;
pub mod run;
pub mod store;
pub mod undo;
pub mod views;

use crate::db::ids::ProductImportId;

/// How long an import can be undone, in days.
pub const UNDO_DAYS: i64 = 30;

/// Most rows of a file that is uploaded; the command line takes more.
pub const MOST_ROWS: usize = 5000;

/// The address of an import's page.
pub fn address(id: ProductImportId) -> String {
    format!("/products/import/{id}")
}
