//! What became of letters, the words of the welcome letter, and which letters a person wants. Letters are written and
//! sent by [`crate::mail`]; these are the pages about them.

pub mod choices;
mod examples;
pub mod handlers;
pub mod model;
pub mod one;
pub mod store;
mod views;
pub mod words;
