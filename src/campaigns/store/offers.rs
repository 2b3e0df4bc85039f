//! Tiers, partners and products, as far as campaigns show them.

use std::collections::HashMap;
use std::rc::Rc;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};

use super::links;
use crate::access::Scope;
use crate::campaigns::model::{ProductLine, TierLine};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId, ProductId};
use crate::db::schema::{partners, products, programs, tiers};
use crate::values::Zone;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Keyset};

/// The products that a person may see.
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

/// The tiers of the actor's program, highest first.
///
/// # Errors
/// When the database does not answer.
pub fn tiers(tx: &mut ReadTx<'_>) -> Result<Vec<TierLine>, AppError> {
    let Some(program) = tx.actor().program_id() else { return Ok(Vec::new()) };
    let own = tiers::table.filter(tiers::program_id.eq(program)).order(tiers::precedence);
    let found = tx.once("tiers", program.uuid(), |tx| Ok(own.select(TierLine::as_select()).load(tx.conn())?))?;
    Ok(found.to_vec())
}

/// Whether the actor's program has tiers now, and whether its campaigns take a second person's approval.
///
/// # Errors
/// When the database does not answer.
pub fn tiers_on(tx: &mut ReadTx<'_>) -> Result<(bool, bool), AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let own = programs::table.filter(programs::id.eq(program));
    let own = own.select((programs::tiers_enabled, programs::campaign_approval));
    Ok(*tx.once("tiers on", program.uuid(), |tx| Ok(own.first(tx.conn())?))?)
}

/// A partner, as far as campaigns need it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = partners)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct PartnerLine {
    pub id: PartnerId,
    pub code: String,
    pub name: String,
    pub sort_name: String,
    pub status: crate::partners::model::Status,
    pub time_zone: Zone,
}

/// Partners of the scope by id, in order of their names.
///
/// # Errors
/// When the database does not answer.
pub fn partner_lines(tx: &mut ReadTx<'_>, ids: &[PartnerId]) -> Result<Vec<PartnerLine>, AppError> {
    let rows = partners::table.filter(partners::id.eq_any(ids.to_vec())).into_boxed();
    let rows = match tx.scope() {
        Scope::Everything => rows.filter(partners::id.ne(partners::id)),
        Scope::Program(program) => rows.filter(partners::program_id.eq(program)),
        Scope::Partner { partner, .. } => rows.filter(partners::id.eq(partner)),
    };
    Ok(rows.order((partners::sort_name, partners::id)).select(PartnerLine::as_select()).load(tx.conn())?)
}

/// The partners of a campaign that was found in scope, by name.
///
/// # Errors
/// When the database does not answer.
pub fn lines_of_campaign(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<Rc<Vec<PartnerLine>>, AppError> {
    tx.once("partners of a campaign", campaign.uuid(), |tx| {
        let ids: Vec<PartnerId> = links::list(tx, campaign)?.iter().map(|link| link.partner_id).collect();
        partner_lines(tx, &ids)
    })
}

/// Active products of the partners of a campaign that was found in scope, counted by partner.
///
/// # Errors
/// When the database does not answer.
pub fn offered_in(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<Rc<HashMap<PartnerId, i64>>, AppError> {
    tx.once("products of a campaign", campaign.uuid(), |tx| {
        let ids: Vec<PartnerId> = links::list(tx, campaign)?.iter().map(|link| link.partner_id).collect();
        offered(tx, &ids)
    })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = SqlUuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Active products of some partners, counted by partner, in the same scope as `visible`.
///
/// # Errors
/// When the database does not answer.
pub fn offered(tx: &mut ReadTx<'_>, partners: &[PartnerId]) -> Result<HashMap<PartnerId, i64>, AppError> {
    let (program, own) = match tx.scope() {
        Scope::Everything => return Ok(HashMap::new()),
        Scope::Program(program) => (program, None),
        Scope::Partner { program, partner } => (program, Some(partner)),
    };
    let counts: Vec<Count> = crate::db::statement(
        "SELECT partner_id, count(*) AS count FROM products
         WHERE program_id = $1 AND ($2 IS NULL OR partner_id = $2) AND partner_id = ANY ($3) AND status = 'active'
         GROUP BY partner_id",
    )
    .bind::<SqlUuid, _>(program)
    .bind::<Nullable<SqlUuid>, _>(own)
    .bind::<Array<SqlUuid>, _>(partners.to_vec())
    .load(tx.conn())?;
    Ok(counts.into_iter().map(|one| (one.partner_id, one.count)).collect())
}

/// One page of the products of some partners, by name.
///
/// # Errors
/// When the database does not answer.
pub fn products_of(tx: &mut ReadTx<'_>, partners: &[PartnerId], page: &Keyset) -> Result<Vec<ProductLine>, AppError> {
    let mut rows =
        visible(tx).filter(products::partner_id.eq_any(partners.to_vec()).and(products::status.eq("active")));
    if let Some(at) = &page.at {
        let sign = if page.backward { "<" } else { ">" };
        let compare = format!("(products.sort_name, products.id) {sign} (");
        rows = rows.filter(
            crate::db::sql::<Bool>(&compare)
                .bind::<Text, _>(at.key.clone())
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((products::sort_name.desc(), products::id.desc()))
    } else {
        rows.order((products::sort_name.asc(), products::id.asc()))
    };
    Ok(rows.limit(page.limit()).select(ProductLine::as_select()).load(tx.conn())?)
}

/// Names of products of the scope by id.
///
/// # Errors
/// When the database does not answer.
pub fn product_names(tx: &mut ReadTx<'_>, ids: &[ProductId]) -> Result<HashMap<ProductId, String>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(ProductId, String)> = visible(tx)
        .filter(products::id.eq_any(ids.to_vec()))
        .select((products::id, products::name))
        .limit(CAP * 10)
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// SKUs of products of the scope by id.
///
/// # Errors
/// When the database does not answer.
pub fn skus(tx: &mut ReadTx<'_>, ids: &[ProductId]) -> Result<HashMap<ProductId, String>, AppError> {
    let rows = visible(tx).filter(products::id.eq_any(ids.to_vec())).select((products::id, products::sku));
    Ok(rows.load::<(ProductId, String)>(tx.conn())?.into_iter().collect())
}

/// Whether a product is a partner's.
///
/// # Errors
/// When the database does not answer.
pub fn owns(tx: &mut ReadTx<'_>, partner: PartnerId, product: ProductId) -> Result<bool, AppError> {
    let row = products::partner_id.eq(partner).and(products::id.eq(product));
    let found: Option<ProductId> = visible(tx).filter(row).select(products::id).first(tx.conn()).optional()?;
    Ok(found.is_some())
}
