//! Lists of campaigns.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::campaigns::model::{Campaign, Display, Phase, State};
use crate::db::ids::PartnerId;
use crate::db::schema::{campaign_partners, campaigns};
use crate::db::{ReadTx, counted};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, like};

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name or code.
    pub search: String,
    /// Where they stand now.
    pub phase: Option<Phase>,
    /// How they are shown.
    pub display: Option<Display>,
    /// One partner takes part.
    pub partner: Option<PartnerId>,
    /// Nothing at all: a filter that nobody can fulfil.
    pub impossible: bool,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
    /// Earliest first day first.
    Start,
    /// Latest first day first.
    StartDown,
    /// Longest unchanged first.
    Updated,
    /// Latest change first.
    UpdatedDown,
}

impl Sort {
    /// Reads the word of an address; anything else is the default.
    pub fn read(word: &str) -> Sort {
        match word {
            "name" => Sort::Name,
            "-name" => Sort::NameDown,
            "start" => Sort::Start,
            "updated" => Sort::Updated,
            "-updated" => Sort::UpdatedDown,
            _ => Sort::StartDown,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::StartDown | Sort::UpdatedDown)
    }

    fn is_by_name(self) -> bool {
        matches!(self, Sort::Name | Sort::NameDown)
    }

    fn column(self) -> &'static str {
        match self {
            Sort::Name | Sort::NameDown => "campaigns.sort_name",
            Sort::Start | Sort::StartDown => "campaigns.starts_at",
            Sort::Updated | Sort::UpdatedDown => "campaigns.updated_at",
        }
    }

    /// A row's place in this order.
    pub fn cursor(self, campaign: &Campaign) -> Cursor {
        let key = match self {
            Sort::Name | Sort::NameDown => campaign.sort_name.clone(),
            Sort::Start | Sort::StartDown => campaign.starts_at.to_rfc3339(),
            Sort::Updated | Sort::UpdatedDown => campaign.updated_at.to_rfc3339(),
        };
        Cursor { key, id: campaign.id.uuid() }
    }
}

fn of_phase(
    rows: campaigns::BoxedQuery<'static, Pg>,
    phase: Phase,
    now: DateTime<Utc>,
) -> campaigns::BoxedQuery<'static, Pg> {
    let approved = campaigns::state.eq(State::Approved);
    match phase {
        Phase::Draft => rows.filter(campaigns::state.eq(State::Draft)),
        Phase::Awaiting => rows.filter(campaigns::state.eq(State::Awaiting)),
        Phase::Paused => rows.filter(campaigns::state.eq(State::Paused)),
        Phase::Archived => rows.filter(campaigns::state.eq(State::Archived)),
        Phase::Scheduled => rows.filter(approved.and(campaigns::starts_at.gt(now))),
        Phase::Ended => rows.filter(approved.and(campaigns::ends_at.le(now))),
        Phase::Active => rows.filter(
            approved
                .and(campaigns::starts_at.le(now))
                .and(campaigns::ends_at.is_null().or(campaigns::ends_at.gt(now).assume_not_null())),
        ),
    }
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> campaigns::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if filter.impossible {
        rows = rows.filter(campaigns::id.ne(campaigns::id));
    }
    if !filter.search.is_empty() {
        // The expression of campaigns_search_idx, to the letter.
        let searched = "(campaigns.code || ' ' || campaigns.name) ILIKE ";
        rows = rows.filter(diesel::dsl::sql::<Bool>(searched).bind::<Text, _>(like(&filter.search)));
    }
    if let Some(phase) = filter.phase {
        rows = of_phase(rows, phase, tx.now());
    }
    if let Some(display) = filter.display {
        rows = rows.filter(campaigns::display.eq(display));
    }
    if let Some(partner) = filter.partner {
        let linked = campaign_partners::table
            .filter(campaign_partners::partner_id.eq(partner))
            .select(campaign_partners::campaign_id);
        rows = rows.filter(campaigns::id.eq_any(linked));
    }
    rows
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Campaign>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, campaigns.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort.is_by_name(), at.moment()) {
            (true, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (false, Some(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (false, None) => rows,
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows = if down { rows.then_order_by(campaigns::id.desc()) } else { rows.then_order_by(campaigns::id.asc()) };
    Ok(rows.limit(page.limit()).select(Campaign::as_select()).load(tx.conn())?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(campaigns::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// How many of the scope stand where, each counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_by_phase(tx: &mut ReadTx<'_>) -> Result<Vec<(Phase, i64)>, AppError> {
    let mut counts = Vec::new();
    for phase in Phase::ALL {
        counts.push((*phase, count(tx, &Filter { phase: Some(*phase), ..Filter::default() })?));
    }
    Ok(counts)
}
