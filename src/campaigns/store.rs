//! All SQL of campaigns: here campaigns themselves; the rest in files of its own.

pub mod assigned;
mod assignments;
mod check;
mod links;
mod list;
mod offers;
mod undo;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{Campaign, Display, Facts, State};
use crate::access::{Permission, Scope};
use crate::db::ids::{CampaignId, ProgramId, UserId};
use crate::db::schema::{campaign_partners, campaigns};
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;

pub use assigned::assigned_of;
pub use assignments::{
    Narrowed, NewAssignment, between, by_ids, count_of_campaign, ending, in_other_campaigns,
    insert as insert_assignment, of_campaign, of_partner, one as one_assignment, remove as remove_assignment,
    save as save_assignment, some as some_assignments,
};
pub use check::{Found, Measured, Problem, count_of as count_problems, found, measured};
pub use links::{
    Link, MOST as MOST_LINKS, between as linked, campaigns_of, count as count_links, insert as insert_link, is_linked,
    list as links, remove as remove_link,
};
pub use list::{Filter, Sort, count, count_by_phase, list};
pub use offers::{
    PartnerLine, lines_of_campaign, offered, offered_in, owns, partner_lines, product_names, products_of, skus, tiers,
    tiers_on,
};
pub use undo::{
    Before as AssignmentBefore, Step as UndoStep, Undo, keep as keep_undo, last as last_undo, take as take_undo,
};

/// The campaigns that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> campaigns::BoxedQuery<'static, Pg> {
    let rows = campaigns::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(campaigns::id.ne(campaigns::id)),
        Scope::Program(program) => rows.filter(campaigns::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            let linked = campaign_partners::table
                .filter(campaign_partners::partner_id.eq(partner))
                .select(campaign_partners::campaign_id);
            rows.filter(campaigns::program_id.eq(program).and(campaigns::id.eq_any(linked)))
                .filter(campaigns::state.eq_any([State::Approved, State::Paused, State::Archived]))
        }
    }
}

/// One campaign by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Campaign, AppError> {
    let id: CampaignId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(campaigns::id.eq(id)).select(Campaign::as_select()).first(tx.conn())?)
}

/// One campaign by its code or id, as systems name it.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn named(tx: &mut ReadTx<'_>, name: &str) -> Result<Campaign, AppError> {
    if name.parse::<CampaignId>().is_ok() {
        return find(tx, name);
    }
    // What is no code is nobody's: Postgres could not even be asked for some of it.
    let code = crate::values::Code::parse(name).map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(campaigns::code.eq(code.to_string())).select(Campaign::as_select()).first(tx.conn())?)
}

/// Several campaigns of the scope by id.
///
/// # Errors
/// When the database does not answer.
pub fn some(tx: &mut ReadTx<'_>, ids: &[CampaignId]) -> Result<Vec<Campaign>, AppError> {
    Ok(visible(tx).filter(campaigns::id.eq_any(ids.to_vec())).select(Campaign::as_select()).load(tx.conn())?)
}

/// Several campaigns of the scope by their codes.
///
/// # Errors
/// When the database does not answer.
pub fn coded(tx: &mut ReadTx<'_>, codes: &[String]) -> Result<Vec<Campaign>, AppError> {
    let mut found = Vec::new();
    for chunk in codes.chunks(5000) {
        let rows = visible(tx).filter(campaigns::code.eq_any(chunk.to_vec())).select(Campaign::as_select());
        found.extend(rows.load(tx.conn())?);
    }
    Ok(found)
}

/// One campaign at the version that somebody saw.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope; [`AppError::Conflict`] when somebody was faster.
pub fn find_seen(tx: &mut ReadTx<'_>, id: &str, seen: i32) -> Result<Campaign, AppError> {
    let found = find(tx, id)?;
    if found.version == seen { Ok(found) } else { Err(conflict(&found)) }
}

fn conflict(present: &Campaign) -> AppError {
    AppError::Conflict(format!(
        "{} changed this campaign meanwhile (it is at version {} now), so nothing was saved.",
        present.updated_by_name, present.version
    ))
}

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("campaigns_code_key")
    {
        return AppError::Invalid(vec![FieldError::new("code", "Code", "Another campaign has this code.")]);
    }
    error.into()
}

fn json(facts: &Facts) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(&facts.messages).map_err(|cause| AppError::Internal(cause.into()))
}

#[derive(Insertable)]
#[diesel(table_name = campaigns)]
struct NewRow<'a> {
    id: CampaignId,
    program_id: ProgramId,
    code: &'a str,
    name: &'a str,
    description: &'a str,
    display: Display,
    messages: serde_json::Value,
    state: State,
    time_zone: &'a str,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    owner_id: Option<UserId>,
    owner_name: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: String,
}

/// Stores a new draft.
///
/// # Errors
/// [`AppError::Invalid`] when its code is taken.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, facts: &Facts) -> Result<CampaignId, AppError> {
    let (id, now, span) = (CampaignId::new(), tx.now(), facts.days.span(facts.zone.tz()));
    let (by, by_name) = (tx.actor().user(), tx.actor().name().to_owned());
    let row = NewRow {
        id,
        program_id: tx.actor().program_id().ok_or(AppError::NotFound)?,
        code: &facts.code,
        name: facts.name.as_str(),
        description: &facts.description,
        display: facts.display,
        messages: json(facts)?,
        state: State::Draft,
        time_zone: facts.zone.as_str(),
        starts_at: span.from,
        ends_at: span.until,
        owner_id: by,
        owner_name: by_name.clone(),
        created_at: now,
        updated_at: now,
        updated_by: by,
        updated_by_name: by_name,
    };
    diesel::insert_into(campaigns::table).values(row).execute(tx.conn()).map_err(mapped)?;
    Ok(id)
}

/// Saves an edit, if the campaign is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: CampaignId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let span = facts.days.span(facts.zone.tz());
    let row = campaigns::id.eq(id).and(campaigns::version.eq(seen));
    let saved = diesel::update(campaigns::table.filter(row))
        .set((
            campaigns::code.eq(&facts.code),
            campaigns::name.eq(facts.name.as_str()),
            campaigns::description.eq(&facts.description),
            campaigns::display.eq(facts.display),
            campaigns::messages.eq(json(facts)?),
            campaigns::time_zone.eq(facts.zone.as_str()),
            campaigns::starts_at.eq(span.from),
            campaigns::ends_at.eq(span.until),
            campaigns::version.eq(seen + 1),
            campaigns::updated_at.eq(now),
            campaigns::updated_by.eq(by),
            campaigns::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// Saves a state, if the campaign is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_state<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    campaign: &Campaign,
    to: State,
    approved: bool,
) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = campaigns::id.eq(campaign.id).and(campaigns::version.eq(campaign.version));
    let approval = approved.then(|| (campaigns::approved_by.eq(by), campaigns::approved_by_name.eq(by_name.clone())));
    let saved = diesel::update(campaigns::table.filter(row))
        .set((
            campaigns::state.eq(to),
            campaigns::version.eq(campaign.version + 1),
            campaigns::updated_at.eq(now),
            campaigns::updated_by.eq(by),
            campaigns::updated_by_name.eq(by_name.clone()),
            approval,
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, campaign.id)) }
}

/// Notes that a campaign is set up and with how many problems, if it never was before: it was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn set_up<P: Permission>(tx: &mut WriteTx<'_, P>, id: CampaignId, left_over: i32) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(campaigns::table.filter(campaigns::id.eq(id).and(campaigns::set_up_at.is_null())))
        .set((campaigns::set_up_at.eq(now), campaigns::left_over.eq(left_over)))
        .execute(tx.conn())?;
    Ok(())
}

/// Counts problems that were put right before something of a campaign that was found in scope was saved.
///
/// # Errors
/// When the database does not answer.
pub fn add_caught<P: Permission>(tx: &mut WriteTx<'_, P>, id: CampaignId, caught: i32) -> Result<(), AppError> {
    if caught > 0 {
        diesel::update(campaigns::table.filter(campaigns::id.eq(id)))
            .set(campaigns::caught.eq(campaigns::caught + caught))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The conflict of a stale edit: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: CampaignId) -> AppError {
    match find(tx, &id.to_string()) {
        Ok(present) => conflict(&present),
        Err(cause) => cause,
    }
}
