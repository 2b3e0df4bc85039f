//! Partners: the organisations of a program, and departments of one's own (S0-1 to S0-6, S0-15 to S0-18).
//!
//! The rules this slice protects: a partner is reached by its code, within the scope of whoever asks; the code is
//! the key, unique in its program and fixed once the partner was active; names may repeat. Its life:
//!
//! ```text
//! planned → pending → active ⇄ suspended → offboarding → archived → (restored) pending
//! ```

pub mod announce;
pub mod bulk;
pub mod edit;
pub mod export;
pub mod forms;
pub mod handlers;
pub mod hosting;
pub mod import;
pub mod logo;
pub mod model;
pub mod offboard;
pub mod status;
pub mod store;
pub mod views;

use crate::web::encode;

/// The address of a partner's page.
pub fn address(code: &str) -> String {
    format!("/partners/{}", encode(code))
}

/// The address of something below a partner's page.
pub fn tab(code: &str, tab: &str) -> String {
    format!("/partners/{}/{tab}", encode(code))
}
