//! Search over partners, integrations, people and connections.
//!
//! The rule this module protects: it finds nothing that the person could not come to through the lists. Partners,
//! integrations, people and connections each need the permission to read them, and all are cut to the person's scope.

pub mod handlers;
pub mod store;
mod views;
