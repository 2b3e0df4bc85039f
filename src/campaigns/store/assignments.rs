//! Tier assignments. That two of them never overlap is the database's own rule, `tier_assignments_overlap`.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use crate::access::{Permission, Scope};
use crate::campaigns::decision::Span;
use crate::campaigns::model::{Assignment, AssignmentState, State};
use crate::db::ids::{AssignmentId, CampaignId, PartnerId, ProductId, ProgramId, TierId};
use crate::db::schema::{campaigns, tier_assignments};
use crate::db::{ReadTx, WriteTx, counted};
use crate::values::Zone;
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::CAP;

/// The assignments that a person may see: a partner's own people only live ones.
fn visible(tx: &ReadTx<'_>) -> tier_assignments::BoxedQuery<'static, Pg> {
    let rows = tier_assignments::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(tier_assignments::id.ne(tier_assignments::id)),
        Scope::Program(program) => rows.filter(tier_assignments::program_id.eq(program)),
        Scope::Partner { program, partner } => rows
            .filter(tier_assignments::program_id.eq(program).and(tier_assignments::partner_id.eq(partner)))
            .filter(tier_assignments::state.eq(AssignmentState::Live)),
    }
}

/// What assignments of a campaign are narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrowed {
    /// One partner.
    pub partner: Option<PartnerId>,
    /// One tier.
    pub tier: Option<TierId>,
    /// At most so many; none is [`CAP`].
    pub limit: Option<i64>,
}

/// The assignments of a campaign, partner by partner.
///
/// # Errors
/// When the database does not answer.
pub fn of_campaign(tx: &mut ReadTx<'_>, campaign: CampaignId, by: Narrowed) -> Result<Vec<Assignment>, AppError> {
    let mut rows = visible(tx).filter(tier_assignments::campaign_id.eq(campaign));
    if let Some(partner) = by.partner {
        rows = rows.filter(tier_assignments::partner_id.eq(partner));
    }
    if let Some(tier) = by.tier {
        rows = rows.filter(tier_assignments::tier_id.eq(tier));
    }
    Ok(rows
        .order((tier_assignments::partner_id, tier_assignments::starts_at, tier_assignments::id))
        .limit(by.limit.unwrap_or(CAP))
        .select(Assignment::as_select())
        .load(tx.conn())?)
}

/// How many a campaign has, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_of_campaign(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<i64, AppError> {
    let some =
        visible(tx).filter(tier_assignments::campaign_id.eq(campaign)).select(tier_assignments::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// The assignments of a partner in all campaigns.
///
/// # Errors
/// When the database does not answer.
pub fn of_partner(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<Assignment>, AppError> {
    Ok(visible(tx)
        .filter(tier_assignments::partner_id.eq(partner))
        .order((tier_assignments::starts_at, tier_assignments::id))
        .limit(CAP)
        .select(Assignment::as_select())
        .load(tx.conn())?)
}

/// Live assignments of a partner in other campaigns that touch a span.
///
/// # Errors
/// When the database does not answer.
pub fn in_other_campaigns(
    tx: &mut ReadTx<'_>,
    campaign: CampaignId,
    partner: PartnerId,
    span: Span,
) -> Result<Vec<Assignment>, AppError> {
    let mut rows = visible(tx)
        .filter(tier_assignments::partner_id.eq(partner).and(tier_assignments::campaign_id.ne(campaign)))
        .filter(tier_assignments::state.eq(AssignmentState::Live))
        .filter(tier_assignments::ends_at.is_null().or(tier_assignments::ends_at.gt(span.from).assume_not_null()));
    if let Some(until) = span.until {
        rows = rows.filter(tier_assignments::starts_at.lt(until));
    }
    Ok(rows
        .order((tier_assignments::starts_at, tier_assignments::id))
        .limit(20)
        .select(Assignment::as_select())
        .load(tx.conn())?)
}

/// Live assignments of campaigns that count or may again, that end within a time from now; the soonest first.
///
/// # Errors
/// When the database does not answer.
pub fn ending(tx: &mut ReadTx<'_>, within: TimeDelta, most: i64) -> Result<Vec<Assignment>, AppError> {
    let now = tx.now();
    let campaigns = super::visible(tx)
        .filter(campaigns::state.eq_any([State::Approved, State::Paused]))
        .filter(campaigns::ends_at.is_null().or(campaigns::ends_at.gt(now).assume_not_null()))
        .select(campaigns::id);
    Ok(visible(tx)
        .filter(tier_assignments::state.eq(AssignmentState::Live))
        .filter(tier_assignments::ends_at.gt(now).and(tier_assignments::ends_at.le(now + within)))
        .filter(tier_assignments::campaign_id.eq_any(campaigns))
        .order((tier_assignments::ends_at, tier_assignments::id))
        .limit(most)
        .select(Assignment::as_select())
        .load(tx.conn())?)
}

/// One assignment of a campaign by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn one(tx: &mut ReadTx<'_>, campaign: CampaignId, id: &str) -> Result<Assignment, AppError> {
    let id: AssignmentId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx)
        .filter(tier_assignments::campaign_id.eq(campaign).and(tier_assignments::id.eq(id)))
        .select(Assignment::as_select())
        .first(tx.conn())?)
}

/// Several assignments of a campaign; those that are gone are left out.
///
/// # Errors
/// When the database does not answer.
pub fn some(tx: &mut ReadTx<'_>, campaign: CampaignId, ids: &[AssignmentId]) -> Result<Vec<Assignment>, AppError> {
    Ok(visible(tx)
        .filter(tier_assignments::campaign_id.eq(campaign).and(tier_assignments::id.eq_any(ids.to_vec())))
        .order((tier_assignments::starts_at, tier_assignments::id))
        .limit(CAP)
        .select(Assignment::as_select())
        .load(tx.conn())?)
}

/// The assignments of some partners in some campaigns.
///
/// # Errors
/// When the database does not answer.
pub fn between(
    tx: &mut ReadTx<'_>,
    campaigns: &[CampaignId],
    partners: &[PartnerId],
) -> Result<Vec<Assignment>, AppError> {
    let both = tier_assignments::campaign_id
        .eq_any(campaigns.to_vec())
        .and(tier_assignments::partner_id.eq_any(partners.to_vec()));
    Ok(visible(tx).filter(both).select(Assignment::as_select()).load(tx.conn())?)
}

/// Assignments by their ids, of whichever campaign; those that are gone are left out.
///
/// # Errors
/// When the database does not answer.
pub fn by_ids(tx: &mut ReadTx<'_>, ids: &[AssignmentId]) -> Result<Vec<Assignment>, AppError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(5000) {
        let rows = visible(tx).filter(tier_assignments::id.eq_any(chunk.to_vec())).select(Assignment::as_select());
        found.extend(rows.load(tx.conn())?);
    }
    Ok(found)
}

/// An assignment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the table")]
pub struct NewAssignment {
    pub partner: PartnerId,
    pub campaign: CampaignId,
    pub product: Option<ProductId>,
    pub tier: TierId,
    pub state: AssignmentState,
    pub zone: Zone,
    pub span: Span,
    pub ended_early: bool,
}

impl NewAssignment {
    /// As it stands once it is stored for the first time.
    pub fn as_stored(&self, id: AssignmentId) -> Assignment {
        Assignment {
            id,
            partner_id: self.partner,
            campaign_id: self.campaign,
            product_id: self.product,
            tier_id: self.tier,
            state: self.state,
            time_zone: self.zone.clone(),
            starts_at: self.span.from,
            ends_at: self.span.until,
            ended_early: self.ended_early,
            version: 1,
            updated_by_name: String::new(),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = tier_assignments)]
struct NewRow {
    id: AssignmentId,
    program_id: ProgramId,
    partner_id: PartnerId,
    campaign_id: CampaignId,
    product_id: Option<ProductId>,
    tier_id: TierId,
    state: AssignmentState,
    time_zone: Zone,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    ended_early: bool,
    version: i32,
    created_at: DateTime<Utc>,
    created_by_name: String,
    updated_at: DateTime<Utc>,
    updated_by_name: String,
}

/// The database's own rules, as errors of the form.
fn mapped(error: DieselError) -> AppError {
    let DieselError::DatabaseError(_, info) = &error else { return error.into() };
    let refused = match info.constraint_name() {
        Some("tier_assignments_overlap") => FieldError::new(
            "first_day",
            "First day",
            "Another live assignment of the same partner or product in this campaign covers some of these days. \
             Choose other days, or end that one first.",
        ),
        Some("tier_assignments_tier_fkey") => {
            FieldError::new("tier", "Tier", "This tier was removed meanwhile. Choose another.")
        }
        Some("tier_assignments_link_fkey") => {
            FieldError::new("whose", "Partner or product", "This partner was unlinked meanwhile. Link it again first.")
        }
        _ => return error.into(),
    };
    AppError::Invalid(vec![refused])
}

/// Stores a new assignment; a given id is one that was there before.
///
/// # Errors
/// [`AppError::Invalid`] when it overlaps another.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: Option<(AssignmentId, i32)>,
    new: &NewAssignment,
) -> Result<AssignmentId, AppError> {
    let (id, version) = id.unwrap_or((AssignmentId::new(), 1));
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let row = NewRow {
        id,
        program_id: tx.actor().program_id().ok_or(AppError::NotFound)?,
        partner_id: new.partner,
        campaign_id: new.campaign,
        product_id: new.product,
        tier_id: new.tier,
        state: new.state,
        time_zone: new.zone.clone(),
        starts_at: new.span.from,
        ends_at: new.span.until,
        ended_early: new.ended_early,
        version,
        created_at: now,
        created_by_name: by.clone(),
        updated_at: now,
        updated_by_name: by,
    };
    diesel::insert_into(tier_assignments::table).values(row).execute(tx.conn()).map_err(mapped)?;
    Ok(id)
}

/// Saves an assignment as it shall be, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster; [`AppError::Invalid`] when it overlaps another.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, seen: &Assignment, to: &NewAssignment) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let row = tier_assignments::id.eq(seen.id).and(tier_assignments::version.eq(seen.version));
    let saved = diesel::update(tier_assignments::table.filter(row))
        .set((
            tier_assignments::tier_id.eq(to.tier),
            tier_assignments::state.eq(to.state),
            tier_assignments::time_zone.eq(&to.zone),
            tier_assignments::starts_at.eq(to.span.from),
            tier_assignments::ends_at.eq(to.span.until),
            tier_assignments::ended_early.eq(to.ended_early),
            tier_assignments::version.eq(seen.version + 1),
            tier_assignments::updated_at.eq(now),
            tier_assignments::updated_by_name.eq(by),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, seen)) }
}

/// Removes an assignment, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn remove<P: Permission>(tx: &mut WriteTx<'_, P>, seen: &Assignment) -> Result<(), AppError> {
    let row = tier_assignments::id.eq(seen.id).and(tier_assignments::version.eq(seen.version));
    let removed = diesel::delete(tier_assignments::table.filter(row)).execute(tx.conn())?;
    if removed == 1 { Ok(()) } else { Err(stale(tx, seen)) }
}

fn stale(tx: &mut ReadTx<'_>, seen: &Assignment) -> AppError {
    match one(tx, seen.campaign_id, &seen.id.to_string()) {
        Ok(present) => AppError::Conflict(format!(
            "{} changed this assignment meanwhile (it is {} now), so nothing was saved.",
            present.updated_by_name,
            present.days().words(present.time_zone.tz())
        )),
        Err(AppError::NotFound) => AppError::Conflict("Somebody removed this assignment meanwhile.".into()),
        Err(cause) => cause,
    }
}
