//! Redemptions: what storefronts may let a customer have, and what they had (S1-15, S1-16; beyond.md, 1).
//!
//! The rules this slice protects: whether somebody may redeem something is [`crate::campaigns::decision::decide`]'s to
//! say, and nobody else's, for a question as for a record; what decides is locked until the redemption is recorded, so
//! that nothing is recorded which an assignment that ended, a campaign that paused or a product that went no longer allows;
//! a redemption is always of now; and the same key of the same caller is the same redemption, however often it is sent.

pub mod model;
pub mod record;
pub mod store;
pub mod verdict;
