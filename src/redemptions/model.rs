//! What a redemption is. No SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::ids::{PartnerId, ProductId, RedemptionId};
use crate::db::schema::redemptions;

/// How many at once, at the most.
pub const MOST: i64 = 1_000_000;
/// Characters of the caller's word for a customer.
pub const LONGEST_CUSTOMER: usize = 200;

/// A recorded redemption.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = redemptions)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Redemption {
    pub id: RedemptionId,
    pub partner_id: PartnerId,
    pub product_id: ProductId,
    pub sku: String,
    pub tier_precedence: Option<i32>,
    pub tier_name: String,
    pub rule: String,
    pub quantity: i32,
    pub customer: String,
    pub at: DateTime<Utc>,
    pub recorded_by_name: String,
    pub request_hash: Vec<u8>,
}

/// How a caller names a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(String),
    /// By its SKU, with its partner's code; a partner's own caller may leave that out.
    Sku {
        /// The SKU.
        sku: String,
        /// The partner's code.
        partner: Option<String>,
    },
}

/// How a caller names a customer's tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rank {
    /// By its precedence; 1 is the highest.
    Precedence(i32),
    /// By its name, ignoring case.
    Name(String),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The product.
    pub product: Named,
    /// The customer's tier; none for a customer without one.
    pub tier: Option<Rank>,
    /// How many.
    pub quantity: i32,
    /// The caller's own word for the customer; may be empty.
    pub customer: String,
}

/// A request that shall not be carried out twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key that the caller chose.
    pub key: String,
    /// SHA-256 of the request.
    pub hash: Vec<u8>,
}
