//! Products and services: what partners offer to a program's customers (S1-6, S1-9, S1-11).
//!
//! The rules this slice protects: a product belongs to one partner for ever, and its SKU is unique there ignoring
//! case; hosts and CSRs make and change products, and a partner's people read their own; nothing is deleted but what
//! an undone import made and nothing names: a product is archived instead, and then nobody has it; whoever may have a
//! product is said by [`crate::campaigns::decision::decide`] alone.

pub mod availability;
pub mod bulk;
pub mod edit;
pub mod export;
pub mod forms;
pub mod handlers;
pub mod image;
pub mod import;
pub mod model;
pub mod money;
pub mod show;
pub mod status;
pub mod store;
pub mod views;

use crate::activity::{Event, OfferEvent};
use crate::db::ids::ProductId;
use crate::partners::model::{Partner, Status};
use crate::web::error::AppError;

/// The address of a product's page.
pub fn address(id: ProductId) -> String {
    format!("/products/{id}")
}

/// What a suspended or archived partner has stays as it is, and it gets nothing new.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_partner(partner: &Partner) -> Result<(), AppError> {
    let name = &partner.name;
    match partner.status {
        Status::Suspended => Err(AppError::Refused(format!(
            "{name} is suspended, so its products stay as they are. Reinstate the partner first."
        ))),
        Status::Archived => Err(AppError::Refused(format!(
            "{name} is archived, so its products stay as they are. Restore the partner first."
        ))),
        Status::Planned | Status::Pending | Status::Active | Status::Offboarding => Ok(()),
    }
}

/// Something that happened to a product, called by the name it has now.
fn event(product: &model::Product, name: &str, event: OfferEvent) -> Event {
    Event::Offer { partner: Some(product.partner_id), product: Some(product.id), name: name.to_owned(), event }
}
