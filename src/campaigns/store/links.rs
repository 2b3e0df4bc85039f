//! Which partners take part in which campaigns.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};

use crate::access::{Permission, Scope};
use crate::campaigns::model::Campaign;
use crate::db::ids::{CampaignId, PartnerId};
use crate::db::schema::campaign_partners;
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::listing::CAP;

/// The links that a person may see.
fn visible(tx: &ReadTx<'_>) -> campaign_partners::BoxedQuery<'static, Pg> {
    let rows = campaign_partners::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(campaign_partners::partner_id.ne(campaign_partners::partner_id)),
        Scope::Program(program) => rows.filter(campaign_partners::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(campaign_partners::program_id.eq(program).and(campaign_partners::partner_id.eq(partner)))
        }
    }
}

/// A partner in a campaign.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaign_partners)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Link {
    pub campaign_id: CampaignId,
    pub partner_id: PartnerId,
    pub linked_at: DateTime<Utc>,
    pub linked_by_name: String,
}

/// The partners of a campaign, at most [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<Rc<Vec<Link>>, AppError> {
    tx.once("links of a campaign", campaign.uuid(), |tx| {
        Ok(visible(tx)
            .filter(campaign_partners::campaign_id.eq(campaign))
            .order((campaign_partners::linked_at, campaign_partners::partner_id))
            .limit(CAP)
            .select(Link::as_select())
            .load(tx.conn())?)
    })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = SqlUuid)]
    campaign: CampaignId,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Where the count of one campaign among many ends: a list of fifty would count fifty thousand else.
pub const MOST: i64 = 100;

/// How many partners some campaigns have, each counted to one more than [`MOST`]. Each is cut by itself, so it cannot
/// begin with `visible`: it takes the same scope as values.
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, campaigns: &[CampaignId]) -> Result<HashMap<CampaignId, i64>, AppError> {
    let (program, own) = match tx.scope() {
        Scope::Everything => return Ok(HashMap::new()),
        Scope::Program(program) => (program, None),
        Scope::Partner { program, partner } => (program, Some(partner)),
    };
    let counts: Vec<Count> = crate::db::statement(
        "SELECT c.id AS campaign, (SELECT count(*) FROM (SELECT FROM campaign_partners l WHERE l.campaign_id = c.id
           AND l.program_id = $2 AND ($3 IS NULL OR l.partner_id = $3) ORDER BY l.partner_id LIMIT $4) AS capped) AS count
         FROM unnest($1) AS c (id)",
    )
    .bind::<Array<SqlUuid>, _>(campaigns.to_vec())
    .bind::<SqlUuid, _>(program)
    .bind::<Nullable<SqlUuid>, _>(own)
    .bind::<BigInt, _>(MOST + 1)
    .load(tx.conn())?;
    Ok(counts.into_iter().filter(|one| one.count > 0).map(|one| (one.campaign, one.count)).collect())
}

/// The campaigns of a partner.
///
/// # Errors
/// When the database does not answer.
pub fn campaigns_of(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<CampaignId>, AppError> {
    Ok(visible(tx)
        .filter(campaign_partners::partner_id.eq(partner))
        .order(campaign_partners::linked_at.desc())
        .select(campaign_partners::campaign_id)
        .limit(CAP)
        .load(tx.conn())?)
}

/// Whether a partner takes part.
///
/// # Errors
/// When the database does not answer.
pub fn is_linked(tx: &mut ReadTx<'_>, campaign: CampaignId, partner: PartnerId) -> Result<bool, AppError> {
    let row = campaign_partners::campaign_id.eq(campaign).and(campaign_partners::partner_id.eq(partner));
    let found: Option<PartnerId> =
        visible(tx).filter(row).select(campaign_partners::partner_id).first(tx.conn()).optional()?;
    Ok(found.is_some())
}

/// Which of some partners take part in which of some campaigns.
///
/// # Errors
/// When the database does not answer.
pub fn between(
    tx: &mut ReadTx<'_>,
    campaigns: &[CampaignId],
    partners: &[PartnerId],
) -> Result<Vec<(CampaignId, PartnerId)>, AppError> {
    let both = campaign_partners::campaign_id
        .eq_any(campaigns.to_vec())
        .and(campaign_partners::partner_id.eq_any(partners.to_vec()));
    let columns = (campaign_partners::campaign_id, campaign_partners::partner_id);
    Ok(visible(tx).filter(both).select(columns).load(tx.conn())?)
}

/// Links a partner that was found in scope; false when it was already.
///
/// # Errors
/// When the database does not answer.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    campaign: &Campaign,
    partner: PartnerId,
) -> Result<bool, AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let added = diesel::insert_into(campaign_partners::table)
        .values((
            campaign_partners::program_id.eq(program),
            campaign_partners::partner_id.eq(partner),
            campaign_partners::campaign_id.eq(campaign.id),
            campaign_partners::linked_at.eq(now),
            campaign_partners::linked_by_name.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())?;
    Ok(added == 1)
}

/// Takes a link away.
///
/// # Errors
/// [`AppError::Conflict`] when it was gone already.
pub fn remove<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    campaign: CampaignId,
    partner: PartnerId,
) -> Result<(), AppError> {
    let row = campaign_partners::campaign_id.eq(campaign).and(campaign_partners::partner_id.eq(partner));
    let removed = diesel::delete(campaign_partners::table.filter(row)).execute(tx.conn())?;
    if removed == 1 {
        return Ok(());
    }
    Err(AppError::Conflict("Somebody unlinked this partner meanwhile.".into()))
}
