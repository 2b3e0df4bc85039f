//! Notifications: the letters that somebody was sent, as far as they are more than a key to get in, listed in the
//! portal too. There is no second record of them: a row of the outbox is both, and a letter that was muted or did not
//! arrive is still read here.
//!
//! The rule this module protects: a letter about a partner is shown only to who may act for it, or for its program,
//! at the moment of looking (T09).

pub mod handlers;
pub mod store;
mod views;
