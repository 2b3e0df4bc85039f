//! The world that tests play in.
//!
//! One scratch Postgres serves every test of this machine; each test gets a database of its own, copied from a
//! template that is migrated and filled once ([`postgres`]). [`TestApp`] is a portal on such a database, with a
//! clock that stands still; [`Visitor`] is a person with a browser; [`MailServer`] takes the letters.

pub mod app;
pub mod client;
pub mod contract;
pub mod html;
pub mod letters;
pub mod postgres;
pub mod servers;
pub mod smtp;
pub mod tokens;
pub mod world;

pub use app::TestApp;
pub use client::{Answer, Visitor};
pub use smtp::MailServer;
pub use world::*;
