//! People: how they sign in, their own account, the first of them, and the members of partners.
//!
//! The rules this module protects: sign-in never tells whether an address is known, and its tries are counted before
//! any password is hashed; how an account is opened is changed only by who proves once more that it is theirs, or reads
//! its mail; nobody raises their own role; a partner keeps an admin who can act; only a system administrator changes
//! what a system administrator is.

pub mod account;
pub mod email;
pub mod explain;
pub mod leaving;
pub mod links;
pub mod members;
pub mod membership;
pub mod rescue;
pub mod resets;
pub mod rotate;
pub mod second_factor;
pub mod set_up;
pub mod sign_in;
pub mod sign_in_code;
pub mod store;
pub mod view_as;

mod account_forms;
mod account_views;
pub mod device;
pub mod forms;
mod model;
mod proof;
mod views;

pub use model::UserStatus;
pub use views::{about, crumbs};
