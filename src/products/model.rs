//! What a product is. No SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::money::{Currency, Price};
use crate::activity::FieldChange;
use crate::db::ids::{PartnerId, ProductId, UserId};
use crate::db::schema::products;
use crate::partners::model::Status as PartnerStatus;
use crate::values::{Choice, choice};

choice! {
    /// What it is.
    Kind {
        /// Something that is handed over.
        Product = "product" / "Product",
        /// Something that is done.
        Service = "service" / "Service",
    }
}

choice! {
    /// Whether customers can have it at all.
    Status {
        /// Who may have it is decided by tiers.
        Active = "active" / "Active",
        /// Nobody has it.
        Archived = "archived" / "Archived",
    }
}

impl Status {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Status::Active => ("good", "circle-check"),
            Status::Archived => ("", "archive"),
        }
    }
}

choice! {
    /// What can be done about a product's status.
    Move {
        /// Take it away from everybody.
        Archive = "archival" / "Archive",
        /// Bring it back.
        Restore = "restoration" / "Restore",
    }
}

impl Move {
    /// The status that it begins from.
    pub fn from(self) -> Status {
        match self {
            Move::Archive => Status::Active,
            Move::Restore => Status::Archived,
        }
    }

    /// The status after it.
    pub fn to(self) -> Status {
        match self {
            Move::Archive => Status::Archived,
            Move::Restore => Status::Active,
        }
    }
}

/// A stored product, without its image.
#[derive(Queryable, QueryableByName, Selectable, Clone, Debug)]
#[diesel(table_name = products)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Product {
    pub id: ProductId,
    pub partner_id: PartnerId,
    pub sku: String,
    pub name: String,
    pub sort_name: String,
    pub kind: Kind,
    pub category: String,
    pub description: String,
    pub currency: String,
    pub price: Option<i64>,
    pub image_sha256: Option<String>,
    pub status: Status,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

impl Product {
    /// What it costs.
    pub fn price(&self) -> Price {
        Price { currency: Currency::of_stored(&self.currency), amount: self.price }
    }

    /// What can be edited of it.
    pub fn facts(&self) -> Facts {
        Facts {
            sku: self.sku.clone(),
            name: self.name.clone(),
            kind: self.kind,
            category: self.category.clone(),
            description: self.description.clone(),
            price: self.price(),
        }
    }

    /// The address of its image; new when the image is.
    pub fn image(&self) -> Option<String> {
        let hash = self.image_sha256.as_ref()?;
        Some(format!("{}/image?v={}", super::address(self.id), hash.get(..12).unwrap_or(hash)))
    }

    /// Whether customers can have it at all: it is active, and so is its partner.
    pub fn is_offered(&self, partner: PartnerStatus) -> bool {
        self.status == Status::Active && partner == PartnerStatus::Active
    }
}

/// What can be edited, but for the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Facts {
    pub sku: String,
    pub name: String,
    pub kind: Kind,
    pub category: String,
    pub description: String,
    pub price: Price,
}

impl Facts {
    /// Fields that differ, by their labels.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        [
            FieldChange::of("SKU", &self.sku, &after.sku),
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Kind", self.kind.label(), after.kind.label()),
            FieldChange::of("Category", &self.category, &after.category),
            FieldChange::of("Description", &self.description, &after.description),
            FieldChange::of("Price", &self.price, &after.price),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// An assignment that decides about a product, as its page lists it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Assignment {
    pub campaign: crate::db::ids::CampaignId,
    pub campaign_name: String,
    pub campaign_state: String,
    pub tier: String,
    pub precedence: i32,
    pub is_own: bool,
    pub is_draft: bool,
    pub ended_early: bool,
    pub time_zone: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
}

/// The partner of a product, as far as lists show it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Owner {
    pub code: String,
    pub name: String,
    pub status: PartnerStatus,
    pub zone: chrono_tz::Tz,
}

/// Longest SKU.
pub const LONGEST_SKU: usize = 64;
/// Longest name.
pub const LONGEST_NAME: usize = 160;
/// Longest category.
pub const LONGEST_CATEGORY: usize = 60;
