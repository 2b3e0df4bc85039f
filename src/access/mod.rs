//! Who acts, what they may do, and how they prove it.
//!
//! The rule: possession of a [`Grant`] shows that the check was made. A grant comes only from a live session (or
//! from the command line, [`Actor::operator`]) and names one permission; every transaction of a page asks for one.

mod actor;
pub mod client;
pub mod grant;
pub mod limits;
pub mod link;
pub mod mac;
pub mod origin;
pub mod password;
pub(crate) mod permission;
pub mod seal;
pub mod session;
pub mod totp;

pub use actor::{Actor, MemberRole, Place, Role, Scope, Standing, Viewer};
pub use grant::{Anonymous, Grant};
pub use permission::*;
