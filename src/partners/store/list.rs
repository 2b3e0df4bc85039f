//! Lists and counts of partners.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::access::Scope;
use crate::db::ids::{PartnerId, PartnerTypeId, UserId};
use crate::db::schema::partners;
use crate::db::{ReadTx, counted, walked};
use crate::partners::model::{Category, Kind, Partner, Status};
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
        let compare = diesel::dsl::sql::<Bool>(&compare);
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
    let rows = rows.order(diesel::dsl::sql::<Text>(&order));
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

#[derive(QueryableByName)]
struct StatusCount {
    #[diesel(sql_type = Text)]
    status: Status,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many there are in each status, each counted to one more than [`CAP`] and along an index: their order is asked
/// for so that no status makes Postgres read the table through. The only count that does not begin
/// with `visible`, since each status is cut by itself: it takes the same scope as values.
///
/// # Errors
/// When the database does not answer.
pub fn count_by_status(tx: &mut ReadTx<'_>) -> Result<HashMap<Status, i64>, AppError> {
    let (program, partner) = match tx.scope() {
        Scope::Everything => return Ok(HashMap::new()),
        Scope::Program(program) => (program, None),
        Scope::Partner { program, partner } => (program, Some(partner)),
    };
    let counts: Vec<StatusCount> = diesel::sql_query(
        "SELECT s.status, (SELECT count(*) FROM (SELECT 1 FROM partners p WHERE p.program_id = $1 AND p.status = s.status
           AND ($2 IS NULL OR p.id = $2) ORDER BY p.sort_name LIMIT $3) AS capped) AS count
         FROM unnest(ARRAY['planned', 'pending', 'active', 'suspended', 'offboarding', 'archived']) AS s (status)",
    )
    .bind::<SqlUuid, _>(program)
    .bind::<Nullable<SqlUuid>, _>(partner)
    .bind::<BigInt, _>(CAP + 1)
    .load(tx.conn())?;
    Ok(counts.into_iter().map(|line| (line.status, line.count)).collect())
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
