//! The activity log cannot be quietly changed (T60; docs/audit.md).
//!
//! The rule this module protects: every line of the log has one place in a chain of hashes, each of which covers the
//! line and everything before it. Writers do not wait for that: a trigger of the database queues what they write, and
//! [`job`] takes it from there, one instance at a time. Each piece of the chain is
//! sealed with the portal's key ([`seal`]). [`verify`] reads everything again and names what does not fit.

pub mod chain;
pub mod export;
pub mod job;
pub mod seal;
pub mod store;
pub mod verify;

pub use chain::{Hash, Head};
pub use seal::Seals;
