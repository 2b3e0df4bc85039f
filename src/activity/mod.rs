//! Everything that happened: who, on whose behalf, when, before and after (S2-23, S0-19).
//!
//! The rule this module protects: an [`Event`] is stored in the transaction that did it ([`crate::db::Change`]), and
//! nobody, also not the owner of the tables, changes or deletes one. Names are kept as they were at that moment.

mod campaign;
mod event;
pub mod export;
pub mod handlers;
mod integration;
mod offer;
pub mod store;
mod tenant;
pub mod views;

pub use campaign::CampaignEvent;
pub use event::{Event, FieldChange, Group, NOTES};
pub use integration::IntegrationEvent;
pub use offer::OfferEvent;
pub use tenant::TenantEvent;
