//! Search over partners and people.
//!
//! The rule this module protects: it finds nothing that the person could not come to through the lists. Partners and
//! people each need the permission to read them, and both are cut to the person's scope.

pub mod handlers;
pub mod store;
mod views;
