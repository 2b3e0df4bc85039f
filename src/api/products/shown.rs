//! Products as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer::moment;
use crate::campaigns::decision::{Availability, DecisionRule};
use crate::db::ids::ProductId;
use crate::products::model::{Kind, Owner, Product};
use crate::products::money::Price;
use crate::redemptions::verdict::Verdict;
use crate::tiers::model::Tier;
use crate::values::Choice;

/// What a product costs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Price)]
pub struct PriceShown {
    /// In the smallest unit of the currency: 1250 is 12.50 EUR, or 1,250 points.
    pub amount: i64,
    /// `points`, or a currency of ISO 4217.
    pub currency: String,
    /// How many of the amount's digits stand behind the point.
    pub decimals: usize,
}

/// A partner, by its code and name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerName)]
pub struct PartnerName {
    /// Unique in the program.
    pub code: String,
    /// To be shown.
    pub name: String,
}

/// A product or service, with what was decided about it for the customer who is asked about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Product)]
pub struct ProductShown {
    /// The product's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: ProductId,
    /// The partner's own key for it; unique there.
    pub sku: String,
    /// To be shown.
    pub name: String,
    /// `product` or `service`.
    #[schema(value_type = Kind, inline)]
    pub kind: &'static str,
    /// To be shown; may be empty.
    pub description: String,
    /// A word to group by; may be empty.
    pub category: String,
    /// What it costs; null where nothing is said.
    #[schema(required = true)]
    pub price: Option<PriceShown>,
    /// The address of its picture, to be asked for with a token; null where there is none.
    #[schema(required = true, example = "/api/v1/products/0199e4a0-7d11-7000-8000-000000000001/image?v=9f86d081884c")]
    pub image: Option<String>,
    /// Whose it is.
    pub partner: PartnerName,
    /// The precedence of the tier that is asked for now, or next, or last: 1 is the highest. Null: no tier is asked for.
    #[schema(required = true, minimum = 1, example = 2)]
    pub tier_precedence: Option<i32>,
    /// That tier's name.
    #[schema(required = true, example = "Gold")]
    pub tier: Option<String>,
    /// `available`, `not_yet`, `expired`, `wrong_tier`, `tiers_off`, `paused` or `withdrawn`.
    #[schema(value_type = Availability, inline)]
    pub availability: &'static str,
    /// The rule that decided.
    #[schema(value_type = DecisionRule, inline)]
    pub rule: &'static str,
    /// What to tell the customer; null where the product is available.
    #[schema(required = true)]
    pub message: Option<String>,
    /// From when on it may be had, where that is still to come.
    #[schema(required = true, format = DateTime)]
    pub available_from: Option<String>,
    /// Until when it may be, or could be, had: the first moment at which it may no longer.
    #[schema(required = true, format = DateTime)]
    pub available_until: Option<String>,
}

impl ProductShown {
    pub(super) fn new(product: &Product, owner: Option<&Owner>, verdict: &Verdict, tiers: &[Tier]) -> ProductShown {
        let Price { currency, amount } = product.price();
        let decision = &verdict.decision;
        let asked = tiers.iter().find(|tier| Some(tier.precedence) == decision.tier_precedence);
        let hash = product.image_sha256.as_ref().map(|hash| hash.get(..12).unwrap_or(hash));
        ProductShown {
            id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            kind: product.kind.key(),
            description: product.description.clone(),
            category: product.category.clone(),
            price: amount.map(|amount| PriceShown {
                amount,
                currency: currency.to_string(),
                decimals: currency.decimals(),
            }),
            image: hash.map(|hash| format!("/api/v1/products/{}/image?v={hash}", product.id)),
            partner: PartnerName {
                code: owner.map(|owner| owner.code.clone()).unwrap_or_default(),
                name: owner.map(|owner| owner.name.clone()).unwrap_or_default(),
            },
            tier_precedence: decision.tier_precedence,
            tier: asked.map(|tier| tier.name.clone()),
            availability: decision.availability.key(),
            rule: decision.rule.key(),
            message: Some(verdict.message.clone()).filter(|text| !text.is_empty()),
            available_from: decision.from.map(moment),
            available_until: verdict.until.map(moment),
        }
    }
}
