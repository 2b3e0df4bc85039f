//! Help: what Portico is, its words, who may do what, and its keys.
//!
//! Also for the signed-out. The table of permissions is made from [`crate::access::POLICY`], so it cannot tell
//! anything else than what is checked.

pub mod handlers;
mod views;
