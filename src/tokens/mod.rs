//! Keys to the JSON API: systems of a partner, or of a whole program, act with them (S2-22, S1-10).
//!
//! The rules this slice protects: a token is shown once, when it is made, and stored as a hash that no page can read; it
//! is good for a year at the most, for what its scopes say, and never for more than an admin of its partner, or of a
//! program's token a hosting admin, may; who revokes it ends it at once. A token opens no page, and a session no address of the API.

pub mod handlers;
pub mod model;
pub mod program;
pub mod store;
pub mod views;
