//! Letters. A use case writes one into the outbox in its own transaction; a worker sends it after the commit, so a
//! letter is never sent for something that did not happen, and never lost for something that did.

pub mod delivery;
pub mod integration_letter;
mod inviter;
pub mod letter;
pub mod outbox;
pub mod transport;
pub mod words;
pub mod worker;

pub use letter::Letter;
pub use outbox::Post;
