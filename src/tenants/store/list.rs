//! Lists of tenants.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::db::ids::{IntegrationId, PartnerId, TenantId};
use crate::db::schema::tenants;
use crate::db::{ReadTx, all_counted, counted, walked};
use crate::tenants::model::{Outcome, Tenant};
use crate::tenants::stage::State;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, Sought, like};

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name or an external id.
    pub search: String,
    /// What that finds, where somebody looked.
    pub sought: Sought<TenantId>,
    /// One partner.
    pub partner: Option<PartnerId>,
    /// One integration.
    pub integration: Option<IntegrationId>,
    /// One state; without one, archived tenants are left out.
    pub state: Option<State>,
    /// Archived ones too.
    pub with_archived: bool,
    /// How the latest run ended.
    pub outcome: Option<Outcome>,
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
    /// Longest without a run first.
    Run,
    /// Latest run first.
    RunDown,
}

/// The expression of tenants_program_run_idx, to the letter.
const RUN: &str = "coalesce(tenants.last_run_at, '1970-01-01 00:00:00+00'::timestamptz)";

impl Sort {
    /// Reads the word of an address; anything else is the default.
    pub fn read(word: &str) -> Sort {
        match word {
            "-name" => Sort::NameDown,
            "run" => Sort::Run,
            "-run" => Sort::RunDown,
            _ => Sort::Name,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::RunDown)
    }

    fn is_by_name(self) -> bool {
        matches!(self, Sort::Name | Sort::NameDown)
    }

    fn column(self) -> &'static str {
        if self.is_by_name() { "tenants.sort_name" } else { RUN }
    }

    /// A row's place in this order.
    pub fn cursor(self, tenant: &Tenant) -> Cursor {
        let run = || tenant.last_run_at.unwrap_or(DateTime::UNIX_EPOCH).to_rfc3339();
        Cursor { key: if self.is_by_name() { tenant.sort_name.clone() } else { run() }, id: tenant.id.uuid() }
    }
}

/// The condition of a search, by the expression of tenants_search_idx, to the letter.
fn searched(rows: tenants::BoxedQuery<'static, Pg>, filter: &Filter) -> tenants::BoxedQuery<'static, Pg> {
    let expression = "(tenants.name || ' ' || tenants.external_id) ILIKE ";
    rows.filter(diesel::dsl::sql::<Bool>(expression).bind::<Text, _>(like(&filter.search)))
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> tenants::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if filter.impossible {
        rows = rows.filter(tenants::id.ne(tenants::id));
    }
    if !filter.search.is_empty() {
        rows = match &filter.sought {
            Sought::Few(ids) => rows.filter(tenants::id.eq_any(ids.clone())),
            _ => searched(rows, filter),
        };
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(tenants::partner_id.eq(partner));
    }
    if let Some(integration) = filter.integration {
        rows = rows.filter(tenants::integration_id.eq(integration));
    }
    if let Some(outcome) = filter.outcome {
        rows = rows.filter(tenants::last_outcome.eq(outcome));
    }
    match filter.state {
        Some(state) => rows.filter(tenants::state.eq(state)),
        None if filter.with_archived => rows,
        None => rows.filter(tenants::state.ne(State::Archived)),
    }
}

/// Looks up what a filter's search finds, for its list and its count.
///
/// # Errors
/// When the database does not answer.
pub fn sought(tx: &mut ReadTx<'_>, mut filter: Filter) -> Result<Filter, AppError> {
    if !filter.search.is_empty() {
        let found: Vec<TenantId> = filtered(tx, &filter).select(tenants::id).limit(CAP + 1).load(tx.conn())?;
        filter.sought = Sought::of(found);
    }
    Ok(filter)
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Tenant>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, tenants.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort.is_by_name(), at.moment()) {
            (true, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (false, Some(moment)) => rows.filter(
                compare.bind::<Timestamptz, DateTime<Utc>>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"),
            ),
            // A cursor of another order: begin again.
            (false, None) => rows,
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows = if down { rows.then_order_by(tenants::id.desc()) } else { rows.then_order_by(tenants::id.asc()) };
    let rows = rows.limit(page.limit()).select(Tenant::as_select());
    Ok(walked(tx.conn(), filter.sought.is_many(), |conn| rows.load(conn))?)
}

/// Those that a list has, one more than [`CAP`] at the most; to be counted.
pub fn ids(tx: &ReadTx<'_>, filter: &Filter) -> tenants::BoxedQuery<'static, Pg, SqlUuid> {
    filtered(tx, filter).select(tenants::id).limit(CAP + 1)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    Ok(counted(ids(tx, filter), tx.conn())?)
}

/// How many there are in each state, whatever else a list is narrowed to.
///
/// # Errors
/// When the database does not answer.
pub fn count_by_state(tx: &mut ReadTx<'_>) -> Result<HashMap<State, i64>, AppError> {
    // In an order that an index has: else Postgres reads the table through for a state that few are in.
    let some = |state: &State| visible(tx).filter(tenants::state.eq(*state)).order(tenants::sort_name);
    let each: Vec<_> = State::ALL.iter().map(|state| some(state).select(tenants::id).limit(CAP + 1)).collect();
    Ok(State::ALL.iter().copied().zip(all_counted(each, tx.conn())?).collect())
}

impl Filter {
    /// Reads the words of an address that need no look into the database.
    pub fn read(params: &crate::web::listing::Params) -> Filter {
        Filter {
            search: params.get("q").to_owned(),
            state: State::from_key(params.get("state")),
            outcome: Outcome::from_key(params.get("outcome")),
            ..Filter::default()
        }
    }
}
