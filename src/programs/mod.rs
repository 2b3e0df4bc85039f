//! Programs.
pub mod store;
