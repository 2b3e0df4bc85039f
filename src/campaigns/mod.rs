//! Campaigns: what links partners, products and tiers for a time, and so decides what a customer sees and may redeem
//! (S1-2 to S1-18).
//!
//! The rules this slice protects: 1 is the highest tier, and a customer in tier *n* is entitled to whatever asks for
//! tier *n* or one below it (a number ≥ *n*); dates are moments, half-open, entered as days of a named zone with the
//! last day included; two assignments of a partner, or of one of its products, never overlap in a campaign; screens,
//! API and redemptions ask one function, [`decision::decide`].
//!
//! ```text
//! campaign:   draft → (awaiting approval →) approved ⇄ paused → archived; scheduled, active, ended follow from dates
//! assignment: draft → live; scheduled, active, expired follow from dates; ended early
//! ```

pub mod dates;
pub mod decision;
pub mod store;
