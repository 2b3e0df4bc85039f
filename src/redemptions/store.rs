//! All SQL of redemptions.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use super::model::{Once, Redemption, Wanted};
use super::record::Answer;
use crate::access::{Permission, Scope};
use crate::db::ids::{PartnerId, ProductId, RedemptionId};
use crate::db::schema::redemptions;
use crate::db::{ReadTx, WriteTx};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::Cursor;

/// The redemptions that a person may see.
fn visible(tx: &ReadTx<'_>) -> redemptions::BoxedQuery<'static, Pg> {
    let rows = redemptions::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(redemptions::id.ne(redemptions::id)),
        Scope::Program(program) => rows.filter(redemptions::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(redemptions::program_id.eq(program).and(redemptions::partner_id.eq(partner)))
        }
    }
}

/// One redemption by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Redemption, AppError> {
    let id: RedemptionId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(redemptions::id.eq(id)).select(Redemption::as_select()).first(tx.conn())?)
}

/// Whether whoever acts sees one partner alone: keys of partners and of their program do not meet.
fn is_partner(tx: &ReadTx<'_>) -> bool {
    matches!(tx.scope(), Scope::Partner { .. })
}

/// What the same caller recorded under a key.
///
/// # Errors
/// When the database does not answer.
pub fn by_key(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Redemption>, AppError> {
    let row = redemptions::key.eq(key.to_owned()).and(redemptions::by_partner.eq(is_partner(tx)));
    // The expression of redemptions_caller_key, to the letter.
    let caller = crate::db::sql::<SqlUuid>("(CASE WHEN by_partner THEN partner_id ELSE program_id END)");
    let own = match tx.scope() {
        Scope::Everything => return Ok(None),
        Scope::Program(program) => program.uuid(),
        Scope::Partner { partner, .. } => partner.uuid(),
    };
    let rows = visible(tx).filter(row).filter(caller.eq(own));
    Ok(rows.select(Redemption::as_select()).first(tx.conn()).optional()?)
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One partner's products.
    pub partner: Option<PartnerId>,
    /// One product.
    pub product: Option<ProductId>,
}

/// One page, the latest first; `limit` rows behind a cursor.
///
/// # Errors
/// When the database does not answer.
pub fn list(
    tx: &mut ReadTx<'_>,
    filter: &Filter,
    limit: i64,
    after: Option<&Cursor>,
) -> Result<Vec<Redemption>, AppError> {
    let mut rows = visible(tx);
    if let Some(partner) = filter.partner {
        rows = rows.filter(redemptions::partner_id.eq(partner));
    }
    if let Some(product) = filter.product {
        rows = rows.filter(redemptions::product_id.eq(product));
    }
    if let Some(cursor) = after
        && let Some(moment) = cursor.moment()
    {
        rows = rows.filter(
            crate::db::sql::<Bool>("(redemptions.at, redemptions.id) < (")
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(cursor.id)
                .sql(")"),
        );
    }
    let rows = rows.order((redemptions::at.desc(), redemptions::id.desc())).limit(limit);
    Ok(rows.select(Redemption::as_select()).load(tx.conn())?)
}

/// A row's place in that list.
pub fn cursor(one: &Redemption) -> Cursor {
    Cursor { key: one.at.to_rfc3339(), id: one.id.uuid() }
}

/// Locks what decides about a product that was found in scope, until the end of the transaction.
///
/// # Errors
/// [`AppError::Busy`] when somebody is changing it for longer than a request waits.
pub fn hold<P: Permission>(tx: &mut WriteTx<'_, P>, product: ProductId) -> Result<(), AppError> {
    crate::db::statement("SELECT portico_hold_offer($1)").bind::<SqlUuid, _>(product).execute(tx.conn())?;
    Ok(())
}

/// Stores a redemption that was allowed; none when the caller has one under this key already.
///
/// # Errors
/// When the database does not answer.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    wanted: &Wanted,
    once: &Once,
    answer: &Answer,
) -> Result<Option<Redemption>, AppError> {
    let (id, by, by_partner) = (RedemptionId::new(), tx.actor().name().to_owned(), is_partner(tx));
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (precedence, tier) = answer.tier.clone().unzip();
    Ok(diesel::insert_into(redemptions::table)
        .values((
            redemptions::id.eq(id),
            redemptions::program_id.eq(program),
            redemptions::partner_id.eq(answer.product.partner_id),
            redemptions::product_id.eq(answer.product.id),
            redemptions::key.eq(&once.key),
            redemptions::tier_precedence.eq(precedence),
            redemptions::rule.eq(answer.verdict.decision.rule.key()),
            redemptions::quantity.eq(wanted.quantity),
            redemptions::customer.eq(&wanted.customer),
            redemptions::at.eq(answer.at),
            redemptions::recorded_by_name.eq(by),
            redemptions::sku.eq(&answer.product.sku),
            redemptions::tier_name.eq(tier.unwrap_or_default()),
            redemptions::by_partner.eq(by_partner),
            redemptions::request_hash.eq(&once.hash),
        ))
        .on_conflict_do_nothing()
        .returning(Redemption::as_returning())
        .get_result(tx.conn())
        .optional()?)
}
