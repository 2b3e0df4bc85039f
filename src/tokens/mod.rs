//! Keys to the JSON API: a partner's systems act with them (S2-22).
//!
//! The rules this slice protects: a token is shown once, when it is made, and stored as a hash that no page can read; it
//! is good for a year at the most, for what its scopes say, and never for more than an admin of its partner may; who
//! revokes it ends it at once. A token opens no page, and a session no address of the API.

pub mod handlers;
pub mod model;
pub mod store;
pub mod views;
