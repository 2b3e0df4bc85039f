//! Writes of products.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use sha2::{Digest, Sha256};

use super::visible;
use crate::access::Permission;
use crate::db::ids::{PartnerId, ProductId, ProgramId, UserId};
use crate::db::schema::{product_images, products, redemptions, tier_assignments};
use crate::db::{ReadTx, WriteTx};
use crate::products::model::{Facts, Kind, Status};
use crate::web::error::AppError;
use crate::web::form::FieldError;

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("products_sku_key")
    {
        return AppError::Invalid(vec![FieldError::new(
            "sku",
            "SKU",
            "This partner has a product with this SKU, perhaps an archived one. Choose another.",
        )]);
    }
    error.into()
}

#[derive(Insertable)]
#[diesel(table_name = products)]
struct NewRow<'a> {
    id: ProductId,
    program_id: ProgramId,
    partner_id: PartnerId,
    sku: &'a str,
    name: &'a str,
    kind: Kind,
    category: &'a str,
    description: &'a str,
    currency: &'a str,
    price: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: &'a str,
}

/// Stores new products of partners that were found in scope; gives their ids in order.
///
/// # Errors
/// [`AppError::Invalid`] when a SKU is taken.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, new: &[(PartnerId, &Facts)]) -> Result<Vec<ProductId>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let rows: Vec<NewRow<'_>> = new
        .iter()
        .map(|(partner, facts)| NewRow {
            id: ProductId::new(),
            program_id: program,
            partner_id: *partner,
            sku: &facts.sku,
            name: &facts.name,
            kind: facts.kind,
            category: &facts.category,
            description: &facts.description,
            currency: facts.price.currency.as_str(),
            price: facts.price.amount,
            created_at: now,
            updated_at: now,
            updated_by: by,
            updated_by_name: &by_name,
        })
        .collect();
    // Fourteen values a row stay below Postgres's 65,535.
    for chunk in rows.chunks(2000) {
        diesel::insert_into(products::table).values(chunk).execute(tx.conn()).map_err(mapped)?;
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Version, moment, and who it was.
type Stamp = (
    diesel::dsl::Eq<products::version, i32>,
    diesel::dsl::Eq<products::updated_at, DateTime<Utc>>,
    diesel::dsl::Eq<products::updated_by, Option<UserId>>,
    diesel::dsl::Eq<products::updated_by_name, String>,
);

/// What every edit changes.
fn stamp(tx: &ReadTx<'_>, seen: i32) -> Stamp {
    (
        products::version.eq(seen + 1),
        products::updated_at.eq(tx.now()),
        products::updated_by.eq(tx.actor().user()),
        products::updated_by_name.eq(tx.actor().name().to_owned()),
    )
}

/// Saves an edit, if the product is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the SKU is taken.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: ProductId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let stamp = stamp(tx, seen);
    let saved = diesel::update(products::table.filter(products::id.eq(id).and(products::version.eq(seen))))
        .set((
            products::sku.eq(&facts.sku),
            products::name.eq(&facts.name),
            products::kind.eq(facts.kind),
            products::category.eq(&facts.category),
            products::description.eq(&facts.description),
            products::currency.eq(facts.price.currency.as_str()),
            products::price.eq(facts.price.amount),
            stamp,
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    one(tx, saved, id)
}

/// Archives or restores a product, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn move_to<P: Permission>(tx: &mut WriteTx<'_, P>, id: ProductId, seen: i32, to: Status) -> Result<(), AppError> {
    let stamp = stamp(tx, seen);
    let saved = diesel::update(products::table.filter(products::id.eq(id).and(products::version.eq(seen))))
        .set((products::status.eq(to), stamp))
        .execute(tx.conn())?;
    one(tx, saved, id)
}

/// Stores, replaces or removes an image, if the product is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_image<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    (partner, id): (PartnerId, ProductId),
    seen: i32,
    png: Option<&[u8]>,
) -> Result<(), AppError> {
    let hash = png.map(|png| Sha256::digest(png).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let stamp = stamp(tx, seen);
    let saved = diesel::update(products::table.filter(products::id.eq(id).and(products::version.eq(seen))))
        .set((products::image_sha256.eq(hash), stamp))
        .execute(tx.conn())?;
    one(tx, saved, id)?;
    match png {
        Some(png) => diesel::insert_into(product_images::table)
            .values((
                product_images::product_id.eq(id),
                product_images::partner_id.eq(partner),
                product_images::png.eq(png),
            ))
            .on_conflict(product_images::product_id)
            .do_update()
            .set(product_images::png.eq(png))
            .execute(tx.conn())?,
        None => diesel::delete(product_images::table.find(id)).execute(tx.conn())?,
    };
    Ok(())
}

fn one(tx: &mut ReadTx<'_>, saved: usize, id: ProductId) -> Result<(), AppError> {
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// The conflict of a stale edit: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: ProductId) -> AppError {
    let found: Result<(String, i32), DieselError> =
        visible(tx).filter(products::id.eq(id)).select((products::updated_by_name, products::version)).first(tx.conn());
    match found {
        Ok((by, version)) => AppError::Conflict(format!(
            "{by} changed this product meanwhile (it is at version {version} now), so nothing was saved."
        )),
        Err(cause) => cause.into(),
    }
}

/// Removes a product that an import made, if nothing changed or names it since; says whether it did.
///
/// # Errors
/// When the database does not answer.
pub fn remove_untouched<P: Permission>(tx: &mut WriteTx<'_, P>, id: ProductId, version: i32) -> Result<bool, AppError> {
    let assigned = tier_assignments::table.filter(tier_assignments::product_id.eq(id));
    let redeemed = redemptions::table.filter(redemptions::product_id.eq(id));
    let named = diesel::select(diesel::dsl::exists(assigned)).get_result::<bool>(tx.conn())?
        || diesel::select(diesel::dsl::exists(redeemed)).get_result::<bool>(tx.conn())?;
    if named {
        return Ok(false);
    }
    let row = products::table.filter(products::id.eq(id).and(products::version.eq(version)));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}
