//! All SQL of the list and the queue.

mod queue;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use crate::access::Scope;
use crate::db::ids::{IntegrationId, PartnerId, UserId};
use crate::db::schema::{integrations, partners};
use crate::db::{ReadTx, all_counted, walked};
use crate::integrations::content::IntegrationKind;
use crate::integrations::model::Integration;
use crate::integrations::stage::{Revision, State, Tab};
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, Sought, like};

pub use queue::{next, places, snooze, snoozed};

/// The integrations that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> integrations::BoxedQuery<'static, Pg> {
    let rows = integrations::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(integrations::id.ne(integrations::id)),
        Scope::Program(program) => rows.filter(integrations::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(integrations::program_id.eq(program).and(integrations::partner_id.eq(partner)))
        }
    }
}

/// What is listed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By state.
    Tab(Tab),
    /// What somebody reviews: it waits for them or for the partner.
    Mine(UserId),
}

/// Who reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviewer {
    /// One person.
    One(UserId),
    /// Nobody yet.
    Nobody,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One tab.
    pub shown: Option<Shown>,
    /// Part of its name, or of its partner's name or code.
    pub search: String,
    /// What that finds, where somebody looked.
    pub sought: Sought<IntegrationId>,
    /// One partner.
    pub partner: Option<PartnerId>,
    /// Internal or external.
    pub kind: Option<IntegrationKind>,
    /// Who reviews it.
    pub reviewer: Option<Reviewer>,
    /// Whether it is in its first round.
    pub first_round: Option<bool>,
    /// Whether a partner built it, and not a host.
    pub partner_built: Option<bool>,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// Expected from this moment on.
    pub due_from: Option<DateTime<Utc>>,
    /// Expected before this moment.
    pub due_before: Option<DateTime<Utc>>,
    /// Nothing at all: a filter that nobody can fulfil.
    pub impossible: bool,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// Longest unchanged first, by the date of the last change.
    Updated,
    /// What was submitted longest ago first.
    Submitted,
    /// What is expected soonest first.
    Expected,
}

/// An order and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: Sort,
    /// Whether the other way round.
    pub down: bool,
}

impl Order {
    /// Reads the word of an address; what a tab cannot be sorted by is its default.
    pub fn read(word: &str, shown: Shown) -> Order {
        let (down, key) = word.strip_prefix('-').map_or((false, word), |key| (true, key));
        let waits = matches!(shown, Shown::Mine(_) | Shown::Tab(Tab::InReview | Tab::ChangesRequested));
        let by = match key {
            "name" => Sort::Name,
            "updated" => Sort::Updated,
            "submitted" if waits => Sort::Submitted,
            "expected" if shown == Shown::Tab(Tab::InReview) => Sort::Expected,
            _ => return Order::first(shown),
        };
        Order { by, down }
    }

    /// The order of a tab that nobody sorted.
    fn first(shown: Shown) -> Order {
        match shown {
            Shown::Tab(Tab::InReview) => Order { by: Sort::Expected, down: false },
            Shown::Mine(_) => Order { by: Sort::Submitted, down: false },
            Shown::Tab(_) => Order { by: Sort::Updated, down: true },
        }
    }

    /// Its word in an address.
    pub fn word(self) -> String {
        let key = match self.by {
            Sort::Name => "name",
            Sort::Updated => "updated",
            Sort::Submitted => "submitted",
            Sort::Expected => "expected",
        };
        format!("{}{key}", if self.down { "-" } else { "" })
    }

    fn column(self) -> &'static str {
        match self.by {
            Sort::Name => "integrations.sort_name",
            Sort::Updated => "integrations.updated_at",
            Sort::Submitted => "integrations.submitted_at",
            Sort::Expected => "integrations.expected_at",
        }
    }

    /// A row's place in this order.
    pub fn cursor(self, row: &Integration) -> Cursor {
        let moment = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
        let key = match self.by {
            Sort::Name => row.name.to_lowercase(),
            Sort::Updated => row.updated_at.to_rfc3339(),
            Sort::Submitted => moment(row.submitted_at),
            Sort::Expected => moment(row.expected_at),
        };
        Cursor { key, id: row.id.uuid() }
    }
}

type Rows = integrations::BoxedQuery<'static, Pg>;

fn in_tab(rows: Rows, tab: Tab) -> Rows {
    use integrations::state;
    match tab {
        // The condition of integrations_queue_idx: what has such a date waits for the host.
        Tab::InReview => rows.filter(integrations::expected_at.is_not_null()),
        // The condition of integrations_changes_idx, to the letter: values that are bound would not be known to be it.
        Tab::ChangesRequested => rows.filter(crate::db::sql::<Bool>(
            "(integrations.state = 'changes_requested' OR integrations.revision = 'changes_requested')",
        )),
        Tab::Published => rows.filter(state.eq_any([State::Published, State::Approved])),
        Tab::Drafts => rows.filter(state.eq(State::Draft)),
        Tab::Unpublished => rows.filter(state.eq_any([State::Unpublished, State::Suspended])),
        Tab::Archived => rows.filter(state.eq_any([State::Archived, State::Rejected])),
    }
}

fn of_reviewer(rows: Rows, person: UserId) -> Rows {
    let waits = integrations::state
        .eq_any([State::InReview, State::ChangesRequested])
        .or(integrations::revision.eq_any([Revision::InReview, Revision::ChangesRequested]));
    rows.filter(integrations::assignee_id.eq(person)).filter(waits)
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> Rows {
    let mut rows = visible(tx);
    if filter.impossible {
        rows = rows.filter(integrations::id.ne(integrations::id));
    }
    rows = match filter.shown {
        Some(Shown::Tab(tab)) => in_tab(rows, tab),
        Some(Shown::Mine(person)) => of_reviewer(rows, person),
        None => rows,
    };
    if !filter.search.is_empty() {
        rows = match &filter.sought {
            Sought::Few(ids) => rows.filter(integrations::id.eq_any(ids.clone())),
            _ => along(rows, filter),
        };
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(integrations::partner_id.eq(partner));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(integrations::kind.eq(kind));
    }
    rows = match filter.reviewer {
        Some(Reviewer::One(person)) => rows.filter(integrations::assignee_id.eq(person)),
        Some(Reviewer::Nobody) => rows.filter(integrations::assignee_id.is_null()),
        None => rows,
    };
    rows = match filter.first_round {
        Some(true) => rows.filter(integrations::round.eq(1)),
        Some(false) => rows.filter(integrations::round.gt(1)),
        None => rows,
    };
    narrowed(rows, filter)
}

/// The condition of a search, row by row along the order of the list.
fn along(rows: Rows, filter: &Filter) -> Rows {
    let pattern = like(&filter.search);
    let of_partner =
        " OR EXISTS (SELECT FROM partners theirs WHERE theirs.id = integrations.partner_id AND (theirs.name ILIKE ";
    rows.filter(
        diesel::dsl::sql::<Bool>("(integrations.name ILIKE ")
            .bind::<Text, _>(pattern.clone())
            .sql(of_partner)
            .bind::<Text, _>(pattern.clone())
            .sql(" OR theirs.code ILIKE ")
            .bind::<Text, _>(pattern)
            .sql(")))"),
    )
}

/// Partners whose name or code has the words, to one more than [`CAP`]; by the expression of partners_search_idx.
fn named(tx: &mut ReadTx<'_>, pattern: &str) -> Result<Vec<PartnerId>, AppError> {
    let program = match tx.scope() {
        Scope::Everything => return Ok(Vec::new()),
        Scope::Program(program) | Scope::Partner { program, .. } => program,
    };
    let indexed = "(partners.name || ' ' || partners.code || ' ' || coalesce(partners.support_email, '')) ILIKE ";
    Ok(partners::table
        .filter(partners::program_id.eq(program))
        .filter(diesel::dsl::sql::<Bool>(indexed).bind::<Text, _>(pattern.to_owned()))
        .filter(partners::name.ilike(pattern.to_owned()).or(partners::code.ilike(pattern.to_owned())))
        .select(partners::id)
        .limit(CAP + 1)
        .load(tx.conn())?)
}

/// Looks up what a filter's search finds, for its list and its count: by the integrations' names, and by their
/// partners', each by its own index.
///
/// # Errors
/// When the database does not answer.
pub fn sought(tx: &mut ReadTx<'_>, mut filter: Filter) -> Result<Filter, AppError> {
    if filter.search.is_empty() {
        return Ok(filter);
    }
    let pattern = like(&filter.search);
    let whole = Filter { search: String::new(), ..filter.clone() };
    let rows = filtered(tx, &whole).filter(integrations::name.ilike(pattern.clone()));
    let mut found: Vec<IntegrationId> = rows.select(integrations::id).limit(CAP + 1).load(tx.conn())?;
    let theirs = named(tx, &pattern)?;
    if theirs.len() as i64 > CAP {
        // Not all of them are known here.
        filter.sought = Sought::Many;
        return Ok(filter);
    }
    if found.len() as i64 <= CAP && !theirs.is_empty() {
        let rows = filtered(tx, &whole).filter(integrations::partner_id.eq_any(theirs));
        let more: Vec<IntegrationId> = rows.select(integrations::id).limit(CAP + 1).load(tx.conn())?;
        found.extend(more);
        found.sort_unstable();
        found.dedup();
    }
    filter.sought = Sought::of(found);
    Ok(filter)
}

fn narrowed(mut rows: Rows, filter: &Filter) -> Rows {
    if let Some(partner_built) = filter.partner_built {
        let hosts = partners::table
            .filter(partners::program_id.eq(integrations::program_id).and(partners::is_hosting))
            .select(partners::id);
        rows = if partner_built {
            rows.filter(integrations::partner_id.ne_all(hosts))
        } else {
            rows.filter(integrations::partner_id.eq_any(hosts))
        };
    }
    if let Some(person) = filter.updated_by {
        rows = rows.filter(integrations::updated_by.eq(person));
    }
    if let Some(from) = filter.due_from {
        rows = rows.filter(integrations::expected_at.ge(from));
    }
    if let Some(before) = filter.due_before {
        rows = rows.filter(integrations::expected_at.lt(before));
    }
    rows
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, order: Order, page: &Keyset) -> Result<Vec<Integration>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = order.down != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, integrations.id) {} (", order.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (order.by, at.moment()) {
            (Sort::Name, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (_, Some(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (_, None) => rows,
        };
    }
    let rows = rows.order(crate::db::sql::<Text>(&format!("{} {}", order.column(), if down { "DESC" } else { "ASC" })));
    let rows =
        if down { rows.then_order_by(integrations::id.desc()) } else { rows.then_order_by(integrations::id.asc()) };
    let rows = rows.limit(page.limit()).select(Integration::as_select());
    Ok(walked(tx.conn(), filter.sought.is_many(), |conn| rows.load(conn))?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    Ok(counts(tx, std::slice::from_ref(filter))?.into_iter().sum())
}

/// How many there are for each of several filters, in one statement; each counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn counts(tx: &mut ReadTx<'_>, filters: &[Filter]) -> Result<Vec<i64>, AppError> {
    let some = |filter: &Filter| filtered(tx, filter).select(integrations::id).limit(CAP + 1);
    let each: Vec<_> = filters.iter().map(some).collect();
    Ok(all_counted(each, tx.conn())?)
}

/// People who changed integrations lately, and people who review some, for the filters.
///
/// # Errors
/// When the database does not answer.
pub fn people(tx: &mut ReadTx<'_>) -> Result<[Vec<(UserId, String)>; 2], AppError> {
    type Line = (Option<UserId>, String, Option<UserId>, String);
    let rows: Vec<Line> = visible(tx)
        .order((integrations::updated_at.desc(), integrations::id.desc()))
        .select((
            integrations::updated_by,
            integrations::updated_by_name,
            integrations::assignee_id,
            integrations::assignee_name,
        ))
        .limit(200)
        .load(tx.conn())?;
    let mut found: [Vec<(UserId, String)>; 2] = [Vec::new(), Vec::new()];
    for (editor, editor_name, reviewer, reviewer_name) in rows {
        for (list, id, name) in [(0, editor, editor_name), (1, reviewer, reviewer_name)] {
            let Some(list) = found.get_mut(list) else { continue };
            if let Some(id) = id.filter(|id| list.len() < 20 && !list.iter().any(|(known, _)| known == id)) {
                list.push((id, name));
            }
        }
    }
    Ok(found)
}
