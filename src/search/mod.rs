//! Search over partners, integrations, people, connections, products, tiers and campaigns.
//!
//! The rule this module protects: it finds nothing that the person could not come to through the lists. Each kind
//! needs the permission to read it, and all are cut to the person's scope.

pub mod handlers;
pub mod store;
mod views;
