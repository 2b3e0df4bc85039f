//! Writing integrations: beginning one, its five pages, and how it looks when it is read.

pub mod create;
pub mod edit;
pub mod form;
pub mod media;
pub mod options;
pub mod show;
pub mod tab;
pub mod typed;
pub mod views;
