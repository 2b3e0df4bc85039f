//! Help: what Portico is, its words, who may do what, its keys, and what is new.
//!
//! Also for the signed-out. The table of permissions is made from [`crate::access::POLICY`], so it cannot tell
//! anything else than what is checked.

pub mod handlers;
mod news;
mod views;
