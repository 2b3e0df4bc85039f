//! The list of integrations by state (S2-10, S2-20): what waits comes with its age and the date by which it should be
//! answered, which both sides see alike; a partner learns its place in the queue, and nothing of what stands before it.

pub mod export;
pub mod handlers;
pub mod queue;
mod row;
pub mod store;
pub mod views;
