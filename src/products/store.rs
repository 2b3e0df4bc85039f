//! All SQL of products: here what is found one by one; lists and writes in files of their own.

mod list;
pub mod storefront;
mod write;

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;

use super::model::{Assignment, Owner, Product};
use crate::access::Scope;
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId, ProductId};
use crate::db::schema::{campaigns, partners, product_images, products, tier_assignments, tiers};
use crate::partners::model::Status as PartnerStatus;
use crate::values::Zone;
use crate::web::error::AppError;
use crate::web::listing::CAP;

pub use list::{Asks, Filter, Sort, categories, count, list, sought};
pub use write::{insert, move_to, remove_untouched, save, save_image};

/// The products that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> products::BoxedQuery<'static, Pg> {
    let rows = products::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(products::id.ne(products::id)),
        Scope::Program(program) => rows.filter(products::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(products::program_id.eq(program).and(products::partner_id.eq(partner)))
        }
    }
}

/// One product by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Product, AppError> {
    let id: ProductId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(products::id.eq(id)).select(Product::as_select()).first(tx.conn())?)
}

/// One product of a partner that was found in scope, by its SKU, ignoring case.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub fn find_sku(tx: &mut ReadTx<'_>, partner: PartnerId, sku: &str) -> Result<Product, AppError> {
    let is_it = crate::db::sql::<diesel::sql_types::Bool>("lower(products.sku) = lower(")
        .bind::<diesel::sql_types::Text, _>(sku.to_owned())
        .sql(")");
    Ok(visible(tx)
        .filter(products::partner_id.eq(partner))
        .filter(is_it)
        .select(Product::as_select())
        .first(tx.conn())?)
}

/// Several products by their ids; those that are not in scope are left out.
///
/// # Errors
/// When the database does not answer.
pub fn find_many(tx: &mut ReadTx<'_>, ids: &[ProductId]) -> Result<Vec<Product>, AppError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(5000) {
        let rows: Vec<Product> = visible(tx)
            .filter(products::id.eq_any(chunk.to_vec()))
            .order((products::sort_name, products::id))
            .select(Product::as_select())
            .load(tx.conn())?;
        found.extend(rows);
    }
    Ok(found)
}

/// The products of some partners, for an import; the key is the partner with the SKU in small letters.
///
/// # Errors
/// When the database does not answer.
pub fn by_sku(tx: &mut ReadTx<'_>, owners: &[PartnerId]) -> Result<HashMap<(PartnerId, String), Product>, AppError> {
    let rows: Vec<Product> = visible(tx)
        .filter(products::partner_id.eq_any(owners.to_vec()))
        .select(Product::as_select())
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|product| ((product.partner_id, product.sku.to_lowercase()), product)).collect())
}

/// The products of a partner that was found in scope, one more than [`CAP`] at the most; to be counted.
pub fn ids_of_partner(tx: &ReadTx<'_>, partner: PartnerId) -> products::BoxedQuery<'static, Pg, SqlUuid> {
    visible(tx).filter(products::partner_id.eq(partner)).select(products::id).limit(CAP + 1)
}

/// The partners of products that were found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn owners(tx: &mut ReadTx<'_>, found: &[Product]) -> Result<HashMap<PartnerId, Owner>, AppError> {
    let mut ids: Vec<PartnerId> = found.iter().map(|one| one.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<(PartnerId, String, String, PartnerStatus, Zone)> = partners::table
        .filter(partners::id.eq_any(ids))
        .select((partners::id, partners::code, partners::name, partners::status, partners::time_zone))
        .load(tx.conn())?;
    Ok(rows
        .into_iter()
        .map(|(id, code, name, status, zone)| (id, Owner { code, name, status, zone: zone.tz() }))
        .collect())
}

/// The image of a product that was found in scope, as PNG.
///
/// # Errors
/// [`AppError::NotFound`] when it has none.
pub fn image(tx: &mut ReadTx<'_>, product: &Product) -> Result<Vec<u8>, AppError> {
    Ok(product_images::table.find(product.id).select(product_images::png).first(tx.conn())?)
}

/// The assignments of a product that was found in scope and of its partner, by their beginning; at most 100.
///
/// # Errors
/// When the database does not answer.
pub fn assignments(tx: &mut ReadTx<'_>, product: &Product) -> Result<Vec<Assignment>, AppError> {
    let of_product = tier_assignments::product_id.eq(product.id);
    let of_partner = tier_assignments::partner_id.eq(product.partner_id).and(tier_assignments::product_id.is_null());
    type Row = (
        (CampaignId, String, String),
        (String, i32),
        (bool, String, bool),
        (String, chrono::DateTime<chrono::Utc>, Option<chrono::DateTime<chrono::Utc>>),
    );
    let rows: Vec<Row> = tier_assignments::table
        .inner_join(campaigns::table.on(campaigns::id.eq(tier_assignments::campaign_id)))
        .inner_join(tiers::table.on(tiers::id.eq(tier_assignments::tier_id)))
        .filter(of_product.assume_not_null().or(of_partner))
        .order((tier_assignments::starts_at, tier_assignments::id))
        .limit(100)
        .select((
            (campaigns::id, campaigns::name, campaigns::state),
            (tiers::name, tiers::precedence),
            (tier_assignments::product_id.is_not_null(), tier_assignments::state, tier_assignments::ended_early),
            (tier_assignments::time_zone, tier_assignments::starts_at, tier_assignments::ends_at),
        ))
        .load(tx.conn())?;
    let made =
        |((campaign, campaign_name, campaign_state), (tier, precedence), (is_own, state, ended_early), dates): Row| {
            let (time_zone, starts_at, ends_at) = dates;
            Assignment {
                campaign,
                campaign_name,
                campaign_state,
                tier,
                precedence,
                is_own,
                is_draft: state == "draft",
                ended_early,
                time_zone,
                starts_at,
                ends_at,
            }
        };
    Ok(rows.into_iter().map(made).collect())
}
