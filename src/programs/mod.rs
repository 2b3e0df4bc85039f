//! Programs: what they are called, how they work, and the partner types they sort partners by.
//!
//! The rules this module protects: names and codes are unique in the portal; a program of a single organisation has
//! exactly one partner; a partner type that partners use cannot be removed, and its word for files never changes.

pub mod forms;
pub mod handlers;
pub mod model;
pub mod store;
pub mod type_handlers;
mod types;
mod views;
