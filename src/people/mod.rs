//! People: how they sign in, their own account, the first of them, and the members of partners.
//!
//! The rules this module protects: sign-in never tells whether an address is known, and its tries are counted before
//! any password is hashed; nobody raises their own role; a partner keeps an admin who can act; only a system
//! administrator changes what a system administrator is.

pub mod account;
pub mod links;
pub mod members;
pub mod membership;
pub mod set_up;
pub mod sign_in;
pub mod store;

pub mod device;
pub mod forms;
mod model;
mod views;

pub use model::UserStatus;
pub use views::{about, crumbs};
