//! All SQL of campaigns.

pub mod assigned;

pub use assigned::assigned_of;
