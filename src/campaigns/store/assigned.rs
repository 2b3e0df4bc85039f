//! What decides about products: the assignments of each and of its partner, for many products by one statement.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::Scope;
use crate::campaigns::decision::{Assigned, CampaignEffect, Span};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, ProductId};
use crate::db::schema::{campaigns, products, tier_assignments, tiers};
use crate::web::error::AppError;

/// The states of a campaign in which its assignments count, or once did.
const COUNTED: [&str; 3] = ["approved", "paused", "archived"];

/// The live assignments that a person may see.
fn visible(tx: &ReadTx<'_>) -> tier_assignments::BoxedQuery<'static, Pg> {
    let rows = tier_assignments::table.filter(tier_assignments::state.eq("live")).into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(tier_assignments::id.ne(tier_assignments::id)),
        Scope::Program(program) => rows.filter(tier_assignments::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(tier_assignments::program_id.eq(program).and(tier_assignments::partner_id.eq(partner)))
        }
    }
}

/// Product, whether it is its own, campaign with state and dates, dates, precedence.
type Line = (
    ProductId,
    bool,
    CampaignId,
    String,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    i32,
);

/// The live assignments of some products and of their partners, as [`crate::campaigns::decision::decide`] takes
/// them; a product without any is not in the map. One statement, whatever the number of products. Campaigns that
/// never counted are left out.
///
/// # Errors
/// When the database does not answer.
pub fn assigned_of(tx: &mut ReadTx<'_>, products: &[ProductId]) -> Result<HashMap<ProductId, Vec<Assigned>>, AppError> {
    let mut found: HashMap<ProductId, Vec<Assigned>> = HashMap::new();
    if products.is_empty() {
        return Ok(found);
    }
    let own = visible(tx)
        .inner_join(products::table.on(products::id.nullable().eq(tier_assignments::product_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(tier_assignments::campaign_id)))
        .inner_join(tiers::table.on(tiers::id.eq(tier_assignments::tier_id)))
        .filter(tier_assignments::product_id.eq_any(products.to_vec()))
        .filter(campaigns::state.eq_any(COUNTED))
        .select((
            products::id,
            tier_assignments::product_id.is_not_null(),
            campaigns::id,
            campaigns::state,
            campaigns::starts_at,
            campaigns::ends_at,
            tier_assignments::starts_at,
            tier_assignments::ends_at,
            tiers::precedence,
        ));
    let partners = visible(tx)
        .inner_join(products::table.on(products::partner_id.eq(tier_assignments::partner_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(tier_assignments::campaign_id)))
        .inner_join(tiers::table.on(tiers::id.eq(tier_assignments::tier_id)))
        .filter(tier_assignments::product_id.is_null().and(products::id.eq_any(products.to_vec())))
        .filter(campaigns::state.eq_any(COUNTED))
        .select((
            products::id,
            tier_assignments::product_id.is_not_null(),
            campaigns::id,
            campaigns::state,
            campaigns::starts_at,
            campaigns::ends_at,
            tier_assignments::starts_at,
            tier_assignments::ends_at,
            tiers::precedence,
        ));
    let lines: Vec<Line> = own.union_all(partners).load(tx.conn())?;
    for (product, is_own, campaign, state, begins, ends, from, until, precedence) in lines {
        let effect = match state.as_str() {
            "approved" => CampaignEffect::Runs,
            "paused" => CampaignEffect::Paused,
            _ => CampaignEffect::Over,
        };
        found.entry(product).or_default().push(Assigned {
            campaign,
            effect,
            campaign_span: Span { from: begins, until: ends },
            is_own,
            span: Span { from, until },
            precedence,
        });
    }
    Ok(found)
}
