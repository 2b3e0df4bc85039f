//! Lists and counts of partners.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::db::ids::{PartnerId, PartnerTypeId, UserId};
use crate::db::schema::{partners, programs};
use crate::db::{ReadTx, all_counted, count_of, counted, counts_of, walked};
use crate::partners::model::{Category, Kind, Partner, Status};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, Sought, like};

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name, code or support address.
    pub search: String,
    /// What that finds, where somebody looked.
    pub sought: Sought<PartnerId>,
    /// One status.
    pub status: Option<Status>,
    /// One type.
    pub type_id: Option<PartnerTypeId>,
    /// One kind.
    pub kind: Option<Kind>,
    /// One category.
    pub category: Option<Category>,
    /// Hosting partners only.
    pub hosting: bool,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// These only.
    pub ids: Option<Vec<PartnerId>>,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
    /// By code.
    Code,
    /// By code, last first.
    CodeDown,
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
            "code" => Sort::Code,
            "-code" => Sort::CodeDown,
            "updated" => Sort::Updated,
            _ => Sort::UpdatedDown,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::CodeDown | Sort::UpdatedDown)
    }

    fn column(self) -> &'static str {
        match self {
            Sort::Name | Sort::NameDown => "partners.sort_name",
            Sort::Code | Sort::CodeDown => "partners.code",
            Sort::Updated | Sort::UpdatedDown => "partners.updated_at",
        }
    }

    /// A row's place in this order.
    pub fn cursor(self, partner: &Partner) -> Cursor {
        let key = match self {
            Sort::Name | Sort::NameDown => partner.sort_name.clone(),
            Sort::Code | Sort::CodeDown => partner.code.to_string(),
            Sort::Updated | Sort::UpdatedDown => partner.updated_at.to_rfc3339(),
        };
        Cursor { key, id: partner.id.uuid() }
    }
}

/// The condition of a search, by the expression of partners_search_idx, to the letter.
fn searched(rows: partners::BoxedQuery<'static, Pg>, filter: &Filter) -> partners::BoxedQuery<'static, Pg> {
    let expression = "(partners.name || ' ' || partners.code || ' ' || coalesce(partners.support_email, '')) ILIKE ";
    rows.filter(diesel::dsl::sql::<Bool>(expression).bind::<Text, _>(like(&filter.search)))
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> partners::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if !filter.search.is_empty() {
        rows = match &filter.sought {
            Sought::Few(ids) => rows.filter(partners::id.eq_any(ids.clone())),
            _ => searched(rows, filter),
        };
    }
    if let Some(status) = filter.status {
        rows = rows.filter(partners::status.eq(status));
    }
    if let Some(type_id) = filter.type_id {
        rows = rows.filter(partners::type_id.eq(type_id));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(partners::kind.eq(kind));
    }
    if let Some(category) = filter.category {
        rows = rows.filter(partners::category.eq(category));
    }
    if filter.hosting {
        rows = rows.filter(partners::is_hosting);
    }
    if let Some(person) = filter.updated_by {
        rows = rows.filter(partners::updated_by.eq(person));
    }
    if let Some(ids) = &filter.ids {
        rows = rows.filter(partners::id.eq_any(ids.clone()));
    }
    rows
}

/// Looks up what a filter's search finds, for its list and its count.
///
/// # Errors
/// When the database does not answer.
pub fn sought(tx: &mut ReadTx<'_>, mut filter: Filter) -> Result<Filter, AppError> {
    if !filter.search.is_empty() {
        let found: Vec<PartnerId> = filtered(tx, &filter).select(partners::id).limit(CAP + 1).load(tx.conn())?;
        filter.sought = Sought::of(found);
    }
    Ok(filter)
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Partner>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, partners.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort, at.moment()) {
            (Sort::Updated | Sort::UpdatedDown, Some(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (Sort::Updated | Sort::UpdatedDown, None) => rows,
            _ => rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")")),
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows = if down { rows.then_order_by(partners::id.desc()) } else { rows.then_order_by(partners::id.asc()) };
    let rows = rows.limit(page.limit()).select(Partner::as_select());
    Ok(walked(tx.conn(), filter.sought.is_many(), |conn| rows.load(conn))?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(partners::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// Whether there is any.
///
/// # Errors
/// When the database does not answer.
pub fn any(tx: &mut ReadTx<'_>) -> Result<bool, AppError> {
    let first: Option<PartnerId> = visible(tx).select(partners::id).first(tx.conn()).optional()?;
    Ok(first.is_some())
}

/// What the list counts.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Partners that the list has.
    pub total: i64,
    /// Hosting partners.
    pub hosts: i64,
    /// Partners in each status.
    pub statuses: HashMap<Status, i64>,
    /// Hosting partners at the most.
    pub hosting_limit: i32,
}

/// What the list counts, in one statement; each to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn counts(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<Counts, AppError> {
    let ids = |filter: &Filter| filtered(tx, filter).select(partners::id);
    // What a search found was counted when it was looked up.
    let most = if filter.sought.count().is_some() { 0 } else { CAP + 1 };
    let limit = programs::table
        .filter(programs::id.nullable().eq(tx.actor().program_id()))
        .select(programs::hosting_limit)
        .single_value();
    let hosts = Filter { hosting: true, ..Filter::default() };
    let counts = (
        count_of(ids(filter).limit(most)),
        count_of(ids(&hosts).limit(CAP + 1)),
        counts_of(Status::ALL.iter().map(|status| in_status(tx, *status))),
        limit,
    );
    let (total, hosts, statuses, limit): (i64, i64, Vec<i64>, Option<i32>) =
        diesel::select(counts).get_result(tx.conn())?;
    Ok(Counts {
        total: filter.sought.count().unwrap_or(total),
        hosts,
        statuses: Status::ALL.iter().copied().zip(statuses).collect(),
        hosting_limit: limit.unwrap_or(i32::MAX),
    })
}

/// Those in one status, in an order that an index has: else a status that few are in would be sought through the table.
fn in_status(tx: &ReadTx<'_>, status: Status) -> partners::BoxedQuery<'static, Pg, SqlUuid> {
    let rows = visible(tx).filter(partners::status.eq(status));
    rows.order(partners::sort_name).select(partners::id).limit(CAP + 1)
}

/// How many there are in each status, each counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_by_status(tx: &mut ReadTx<'_>) -> Result<HashMap<Status, i64>, AppError> {
    let each: Vec<_> = Status::ALL.iter().map(|status| in_status(tx, *status)).collect();
    Ok(Status::ALL.iter().copied().zip(all_counted(each, tx.conn())?).collect())
}

/// People who changed partners lately, for the filter.
///
/// # Errors
/// When the database does not answer.
pub fn recent_editors(tx: &mut ReadTx<'_>) -> Result<Vec<(UserId, String)>, AppError> {
    let rows: Vec<(Option<UserId>, String)> = visible(tx)
        .order((partners::updated_at.desc(), partners::id.desc()))
        .select((partners::updated_by, partners::updated_by_name))
        .limit(200)
        .load(tx.conn())?;
    let mut editors: Vec<(UserId, String)> = Vec::new();
    for (id, name) in rows {
        if let Some(id) = id.filter(|id| !editors.iter().any(|(known, _)| known == id)) {
            editors.push((id, name));
        }
    }
    editors.truncate(20);
    Ok(editors)
}
