//! Templates: what a partner's files look like, field by field (S0-2, S0-7, S0-28, S0-34).
//!
//! The product says "template", which HTML has taken: in code it is a `FileTemplate` with a [`model::Layout`], on
//! screens and in addresses "templates". The rules this slice protects:
//!
//! - a template belongs to one partner for good, and its name is unique there, whatever the case;
//! - a layout comes into being by one road only, [`forms::layout`]: a person's form, a guess from a sample file and an
//!   imported template are all typed text first;
//! - a sample of a field obeys the field, so the example that is shown passes the check;
//! - a checked file is never stored, and the checker ([`check`]) is pure: bytes in, report out.

pub mod check;
pub mod checks;
pub mod date;
pub mod edit;
pub mod example;
pub mod exchange;
pub mod forms;
pub mod guess;
pub mod handlers;
pub mod imports;
mod json;
pub mod model;
mod read;
pub mod rows;
pub mod rule;
pub mod store;
pub mod views;
mod xml;

use crate::db::ids::TemplateId;

/// The address of a template's page.
pub fn address(id: TemplateId) -> String {
    format!("/templates/{id}")
}

/// The address of something below a template's page.
pub fn below(id: TemplateId, what: &str) -> String {
    format!("/templates/{id}/{what}")
}

#[cfg(test)]
mod tests;
