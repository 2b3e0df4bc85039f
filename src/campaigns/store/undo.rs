//! What somebody did last to the assignments of a campaign, so that they can take it back.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::access::{Permission, Scope};
use crate::campaigns::decision::Span;
use crate::campaigns::model::{Assignment, AssignmentState, Campaign};
use crate::db::ids::{AssignmentId, CampaignId, PartnerId, ProductId, TierId, UndoId};
use crate::db::schema::campaign_undos;
use crate::db::{ReadTx, WriteTx};
use crate::values::Zone;
use crate::web::error::AppError;

/// How long it is offered.
const OFFERED: TimeDelta = TimeDelta::hours(1);

/// One assignment: as it was, and at which version it is since. Before is none for what was made, after for what was
/// removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Which one.
    pub id: AssignmentId,
    /// As it was.
    pub before: Option<Before>,
    /// The version since.
    pub after: Option<i32>,
}

/// An assignment as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Before {
    pub partner: PartnerId,
    pub product: Option<ProductId>,
    pub tier: TierId,
    pub state: AssignmentState,
    pub zone: Zone,
    pub span: Span,
    pub ended_early: bool,
    pub version: i32,
}

impl Step {
    /// It was made.
    pub fn made(id: AssignmentId) -> Step {
        Step { id, before: None, after: Some(1) }
    }

    /// It was changed.
    pub fn changed(before: &Assignment) -> Step {
        Step { id: before.id, before: Some(Before::of(before)), after: Some(before.version + 1) }
    }

    /// It was removed.
    pub fn removed(before: &Assignment) -> Step {
        Step { id: before.id, before: Some(Before::of(before)), after: None }
    }
}

impl Before {
    /// It is this now.
    pub fn of(one: &Assignment) -> Before {
        Before {
            partner: one.partner_id,
            product: one.product_id,
            tier: one.tier_id,
            state: one.state,
            zone: one.time_zone.clone(),
            span: one.span(),
            ended_early: one.ended_early,
            version: one.version,
        }
    }
}

/// What can be taken back.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaign_undos)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Undo {
    pub id: UndoId,
    pub words: String,
    pub steps: serde_json::Value,
    pub made_at: DateTime<Utc>,
}

/// What the actor may take back: their own acts.
fn visible(tx: &ReadTx<'_>) -> campaign_undos::BoxedQuery<'static, Pg> {
    let rows = campaign_undos::table.into_boxed();
    match (tx.scope(), tx.actor().user()) {
        (Scope::Program(program), Some(own)) => {
            rows.filter(campaign_undos::program_id.eq(program).and(campaign_undos::made_by.eq(own)))
        }
        _ => rows.filter(campaign_undos::id.ne(campaign_undos::id)),
    }
}

/// The last one of the actor in a campaign, while it is offered.
///
/// # Errors
/// When the database does not answer.
pub fn last(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<Option<Undo>, AppError> {
    // Partners have no right to the table at all.
    if !matches!(tx.scope(), Scope::Program(_)) {
        return Ok(None);
    }
    let since = tx.now() - OFFERED;
    Ok(visible(tx)
        .filter(campaign_undos::campaign_id.eq(campaign).and(campaign_undos::made_at.gt(since)))
        .select(Undo::as_select())
        .first(tx.conn())
        .optional()?)
}

/// Keeps what was done, in place of what the actor did before it in the campaign.
///
/// # Errors
/// When the database does not answer.
pub fn keep<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    campaign: &Campaign,
    words: &str,
    steps: &[Step],
) -> Result<(), AppError> {
    let (Some(own), Some(program), now) = (tx.actor().user(), tx.actor().program_id(), tx.now()) else {
        return Ok(());
    };
    forget(tx, campaign.id)?;
    let steps = serde_json::to_value(steps).map_err(|cause| AppError::Internal(cause.into()))?;
    let words: String = words.chars().take(500).collect();
    diesel::insert_into(campaign_undos::table)
        .values((
            campaign_undos::id.eq(UndoId::new()),
            campaign_undos::program_id.eq(program),
            campaign_undos::campaign_id.eq(campaign.id),
            campaign_undos::made_by.eq(own),
            campaign_undos::words.eq(words),
            campaign_undos::steps.eq(steps),
            campaign_undos::made_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn forget<P: Permission>(tx: &mut WriteTx<'_, P>, campaign: CampaignId) -> Result<(), AppError> {
    let Some(own) = tx.actor().user() else { return Ok(()) };
    let row = campaign_undos::campaign_id.eq(campaign).and(campaign_undos::made_by.eq(own));
    diesel::delete(campaign_undos::table.filter(row)).execute(tx.conn())?;
    Ok(())
}

/// Takes it out, to be carried out: its words and steps.
///
/// # Errors
/// [`AppError::Conflict`] when there is nothing to take back any more.
pub fn take<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    campaign: CampaignId,
    id: &str,
) -> Result<(String, Vec<Step>), AppError> {
    let found = last(tx, campaign)?.filter(|undo| undo.id.to_string() == id);
    let Some(undo) = found else {
        return Err(AppError::Conflict(
            "This cannot be taken back any more: it was already, or you did something else since.".into(),
        ));
    };
    forget(tx, campaign)?;
    let steps = serde_json::from_value(undo.steps).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok((undo.words, steps))
}
