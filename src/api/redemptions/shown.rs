//! Redemptions, and what was asked about them, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer::moment;
use crate::campaigns::decision::{Availability, DecisionRule};
use crate::db::ids::{ProductId, RedemptionId};
use crate::redemptions::model::Redemption;
use crate::redemptions::record::Answer;
use crate::values::Choice;

/// Whether a customer may redeem a product.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RedemptionCheck)]
pub struct CheckShown {
    /// Whether they may.
    pub allowed: bool,
    /// `available`, `not_yet`, `expired`, `wrong_tier`, `tiers_off`, `paused` or `withdrawn`.
    #[schema(value_type = Availability, inline)]
    pub availability: &'static str,
    /// The rule that decided.
    #[schema(value_type = DecisionRule, inline)]
    pub rule: &'static str,
    /// What to tell the customer; null where they may.
    #[schema(required = true)]
    pub message: Option<String>,
    /// The precedence of the tier that is asked for: 1 is the highest. Null: no tier is asked for.
    #[schema(required = true, minimum = 1)]
    pub tier_precedence: Option<i32>,
    /// From when on it may be had, where that is still to come.
    #[schema(required = true, format = DateTime)]
    pub available_from: Option<String>,
    /// Until when it may be, or could be, had.
    #[schema(required = true, format = DateTime)]
    pub available_until: Option<String>,
    /// The product's id.
    #[schema(value_type = String, format = "uuid")]
    pub product: ProductId,
    /// Its SKU.
    pub sku: String,
    /// The code of its partner.
    pub partner: String,
    /// The name of the customer's tier; null for none, and while tiers are off.
    #[schema(required = true)]
    pub customer_tier: Option<String>,
    /// How many.
    pub quantity: i32,
    /// The moment that was asked about.
    #[schema(format = DateTime)]
    pub at: String,
}

impl CheckShown {
    pub(super) fn new(answer: &Answer, quantity: i32) -> CheckShown {
        let decision = &answer.verdict.decision;
        CheckShown {
            allowed: decision.availability.is_open(),
            availability: decision.availability.key(),
            rule: decision.rule.key(),
            message: Some(answer.verdict.message.clone()).filter(|text| !text.is_empty()),
            tier_precedence: decision.tier_precedence,
            available_from: decision.from.map(moment),
            available_until: answer.verdict.until.map(moment),
            product: answer.product.id,
            sku: answer.product.sku.clone(),
            partner: answer.owner.code.clone(),
            customer_tier: answer.tier.as_ref().map(|(_, name)| name.clone()),
            quantity,
            at: moment(answer.at),
        }
    }
}

/// A redemption that was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redemption)]
pub struct RedemptionShown {
    /// The redemption's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: RedemptionId,
    /// The product's id.
    #[schema(value_type = String, format = "uuid")]
    pub product: ProductId,
    /// Its SKU at that moment.
    pub sku: String,
    /// The code of its partner.
    pub partner: String,
    /// The name of the customer's tier at that moment; null for none.
    #[schema(required = true)]
    pub customer_tier: Option<String>,
    /// That tier's precedence at that moment.
    #[schema(required = true, minimum = 1)]
    pub customer_tier_precedence: Option<i32>,
    /// How many.
    pub quantity: i32,
    /// The caller's own word for the customer; may be empty.
    pub customer: String,
    /// The rule that allowed it.
    pub rule: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The token that recorded it.
    pub recorded_by: String,
}

impl RedemptionShown {
    pub(super) fn new(one: Redemption, partner: &str) -> RedemptionShown {
        RedemptionShown {
            id: one.id,
            product: one.product_id,
            sku: one.sku,
            partner: partner.to_owned(),
            customer_tier: one.tier_precedence.map(|_| one.tier_name),
            customer_tier_precedence: one.tier_precedence,
            quantity: one.quantity,
            customer: one.customer,
            rule: one.rule,
            at: moment(one.at),
            recorded_by: one.recorded_by_name,
        }
    }
}
