//! All SQL about people: accounts (without a scope, in system transactions) and members (in the person's scope).

mod account;
mod factor;
mod links;
mod member;
mod roster;

pub use account::*;
pub use factor::*;
pub use links::*;
pub use member::*;
pub use roster::*;

use member::visible;
