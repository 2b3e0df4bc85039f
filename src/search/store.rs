//! All SQL of the search.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::access::{MemberRole, Scope};
use crate::db::ReadTx;
use crate::db::ids::{ConnectionId, IntegrationId, MembershipId, PartnerId, ProductId, UserId};
use crate::db::schema::{connections, integrations, memberships, partners, products, users};
use crate::integrations::stage::{Revision, Stage, State};
use crate::web::error::AppError;
use crate::web::listing::{CAP, like};

/// Results of each kind on the page.
pub const SHOWN: usize = 10;

// Each kind is first found, a thousand at the most, and then put in order: a word that half of a program's names have
// costs no more than a rare one.

/// One more than is shown tells whether there are more.
const FETCHED: i64 = 11;

/// The expression of `partners_search_idx`, letter by letter, so that the index is used.
const SEARCHED: &str = "(partners.name || ' ' || partners.code || ' ' || coalesce(partners.support_email, '')) ILIKE ";

/// The partners a person may find.
fn visible(tx: &ReadTx<'_>) -> partners::BoxedQuery<'static, Pg> {
    let rows = partners::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) => rows.filter(partners::program_id.eq(own)),
        Scope::Partner { partner, .. } => rows.filter(partners::id.eq(partner)),
        // No program is open, or somebody has no membership: there is nothing for them to find.
        Scope::Everything => rows.filter(partners::id.ne(partners::id)),
    }
}

/// A partner that was found.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = partners)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FoundPartner {
    pub id: PartnerId,
    pub code: String,
    pub name: String,
    pub status: String,
}

/// The first partners whose name, code or support address has the words; the one with just this code first.
///
/// # Errors
/// When the database does not answer.
pub fn partners(tx: &mut ReadTx<'_>, words: &str) -> Result<Vec<FoundPartner>, AppError> {
    let code = words.to_uppercase();
    let mut found: Vec<PartnerId> = visible(tx)
        .filter(diesel::dsl::sql::<Bool>(SEARCHED).bind::<Text, _>(like(words)))
        .select(partners::id)
        .limit(CAP)
        .load(tx.conn())?;
    found.extend(visible(tx).filter(partners::code.eq(&code)).select(partners::id).load::<PartnerId>(tx.conn())?);
    let is_other = partners::code.ne(code.clone());
    Ok(visible(tx)
        .filter(partners::id.eq_any(found))
        .order((is_other, partners::sort_name, partners::id))
        .limit(FETCHED)
        .select(FoundPartner::as_select())
        .load(tx.conn())?)
}

/// A member that was found: a person with one of their partners.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FoundPerson {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub status: String,
    pub role: MemberRole,
    pub partner_code: String,
    pub partner_name: String,
    pub is_hosting: bool,
}

/// The first members whose name or address has the words; a person once for each of their partners in scope.
///
/// # Errors
/// When the database does not answer.
pub fn people(tx: &mut ReadTx<'_>, words: &str) -> Result<Vec<FoundPerson>, AppError> {
    let pattern = like(words);
    let theirs = visible(tx).select(partners::id);
    let found: Vec<MembershipId> = memberships::table
        .inner_join(users::table)
        .filter(memberships::partner_id.eq_any(theirs))
        .filter(users::name.ilike(pattern.clone()).or(users::email.ilike(pattern)))
        .select(memberships::id)
        .limit(CAP)
        .load(tx.conn())?;
    Ok(memberships::table
        .inner_join(users::table)
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::id.eq_any(found))
        .order((users::name, users::id, partners::sort_name, partners::id))
        .limit(FETCHED)
        .select((
            users::id,
            users::name,
            users::email,
            users::status,
            memberships::role,
            partners::code,
            partners::name,
            partners::is_hosting,
        ))
        .load(tx.conn())?)
}

/// A connection that was found, with its partner.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FoundConnection {
    pub id: ConnectionId,
    pub name: String,
    pub host: String,
    pub partner_name: String,
}

/// The expression of `connections_search_idx`, letter by letter.
const CONNECTION: &str = "(connections.name || ' ' || connections.host || ' ' || connections.bucket) ILIKE ";

/// The first connections whose name, host or bucket has the words.
///
/// # Errors
/// When the database does not answer.
pub fn connections(tx: &mut ReadTx<'_>, words: &str) -> Result<Vec<FoundConnection>, AppError> {
    let theirs = visible(tx).select(partners::id);
    Ok(connections::table
        .inner_join(partners::table.on(partners::id.eq(connections::partner_id)))
        .filter(connections::partner_id.eq_any(theirs))
        .filter(diesel::dsl::sql::<Bool>(CONNECTION).bind::<Text, _>(like(words)))
        .order((connections::sort_name, connections::id))
        .limit(FETCHED)
        .select((connections::id, connections::name, connections::host, partners::name))
        .load(tx.conn())?)
}

/// An integration that was found, with its partner.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FoundIntegration {
    pub id: IntegrationId,
    pub name: String,
    pub state: State,
    pub revision: Option<Revision>,
    pub partner_name: String,
}

impl FoundIntegration {
    /// State and revision together.
    pub fn stage(&self) -> Stage {
        Stage { state: self.state, revision: self.revision }
    }
}

/// The first integrations whose name has the words, or that are of partners that were found by them.
///
/// # Errors
/// When the database does not answer.
pub fn integrations(tx: &mut ReadTx<'_>, words: &str, of: &[PartnerId]) -> Result<Vec<FoundIntegration>, AppError> {
    let theirs = visible(tx).select(partners::id);
    let found: Vec<IntegrationId> = integrations::table
        .filter(integrations::partner_id.eq_any(theirs))
        .filter(integrations::name.ilike(like(words)).or(integrations::partner_id.eq_any(of)))
        .select(integrations::id)
        .limit(CAP)
        .load(tx.conn())?;
    Ok(integrations::table
        .inner_join(partners::table.on(partners::id.eq(integrations::partner_id)))
        .filter(integrations::id.eq_any(found))
        .order((integrations::sort_name, integrations::id))
        .limit(FETCHED)
        .select((integrations::id, integrations::name, integrations::state, integrations::revision, partners::name))
        .load(tx.conn())?)
}

/// A product that was found, with its partner.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FoundProduct {
    pub id: ProductId,
    pub name: String,
    pub sku: String,
    pub partner_name: String,
    pub status: String,
}

/// The expression of `products_search_idx`, letter by letter.
const PRODUCT: &str = "(products.sku || ' ' || products.name) ILIKE ";

/// The first products whose name or SKU has the words; active ones first.
///
/// # Errors
/// When the database does not answer.
pub fn products(tx: &mut ReadTx<'_>, words: &str) -> Result<Vec<FoundProduct>, AppError> {
    let theirs = visible(tx).select(partners::id);
    let found: Vec<ProductId> = products::table
        .filter(products::partner_id.eq_any(theirs))
        .filter(diesel::dsl::sql::<Bool>(PRODUCT).bind::<Text, _>(like(words)))
        .select(products::id)
        .limit(CAP)
        .load(tx.conn())?;
    Ok(products::table
        .inner_join(partners::table.on(partners::id.eq(products::partner_id)))
        .filter(products::id.eq_any(found))
        .order((products::status, products::sort_name, products::id))
        .limit(FETCHED)
        .select((products::id, products::name, products::sku, partners::name, products::status))
        .load(tx.conn())?)
}
