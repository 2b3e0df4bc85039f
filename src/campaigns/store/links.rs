//! Which partners take part in which campaigns.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

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
pub fn list(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<Vec<Link>, AppError> {
    Ok(visible(tx)
        .filter(campaign_partners::campaign_id.eq(campaign))
        .order((campaign_partners::linked_at, campaign_partners::partner_id))
        .limit(CAP)
        .select(Link::as_select())
        .load(tx.conn())?)
}

/// How many partners some campaigns have.
///
/// # Errors
/// When the database does not answer.
pub fn count(
    tx: &mut ReadTx<'_>,
    campaigns: &[CampaignId],
) -> Result<std::collections::HashMap<CampaignId, i64>, AppError> {
    let ids: Vec<CampaignId> = visible(tx)
        .filter(campaign_partners::campaign_id.eq_any(campaigns.to_vec()))
        .select(campaign_partners::campaign_id)
        .limit(100_000)
        .load(tx.conn())?;
    let mut counts = std::collections::HashMap::new();
    for id in ids {
        *counts.entry(id).or_insert(0) += 1;
    }
    Ok(counts)
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
