//! Asking people to join a partner, and the lists of who works for one.
//!
//! The rules this module protects: a link works once, for the address it was sent to, until it runs out; sending a
//! new one, correcting and revoking kill the older ones at once; only POST consumes a link, so that mail scanners may
//! open it; nobody invites into a role that holds more than they do, and an invitation whose inviter lost that right
//! is dead; nobody learns whether an address has an account elsewhere; no page ever shows a link.

pub mod accept;
pub mod add;
pub mod correct;
pub mod forms;
pub mod handlers;
pub mod list;
pub mod model;
pub mod program;
pub mod store;
pub mod views;
