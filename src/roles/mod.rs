//! Roles: the seven built-in ones, and those that a program makes for itself.
//!
//! The rules this module protects: nobody gives a role that holds more than they hold themselves, and nobody changes
//! what somebody holds who holds more than they do; a role that sees all partners is given at hosting partners only;
//! a role that somebody has, or is invited to, is not removed.

pub mod edit;
pub mod handlers;
pub mod model;
pub mod store;

mod forms;
mod grid;
mod views;

pub use model::Offer;
