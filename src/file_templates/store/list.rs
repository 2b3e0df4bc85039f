//! Lists and counts of templates.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::db::ids::{PartnerId, TemplateId, UserId};
use crate::db::schema::file_templates;
use crate::db::{ReadTx, counted};
use crate::file_templates::model::{FileFormat, Process};
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, like};

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name.
    pub search: String,
    /// One partner's.
    pub partner: Option<PartnerId>,
    /// One process.
    pub process: Option<Process>,
    /// One format.
    pub format: Option<FileFormat>,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
}

/// A template of a list: without its fields.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = file_templates)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub id: TemplateId,
    pub partner_id: PartnerId,
    pub name: String,
    pub sort_name: String,
    pub process: Process,
    pub format: FileFormat,
    pub field_count: i32,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub updated_by_name: String,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
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
            "updated" => Sort::Updated,
            _ => Sort::UpdatedDown,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::UpdatedDown)
    }

    fn is_by_name(self) -> bool {
        matches!(self, Sort::Name | Sort::NameDown)
    }

    fn column(self) -> &'static str {
        if self.is_by_name() { "file_templates.sort_name" } else { "file_templates.updated_at" }
    }

    /// A row's place in this order.
    pub fn cursor(self, line: &Line) -> Cursor {
        let key = if self.is_by_name() { line.sort_name.clone() } else { line.updated_at.to_rfc3339() };
        Cursor { key, id: line.id.uuid() }
    }
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> file_templates::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if !filter.search.is_empty() {
        rows = rows.filter(file_templates::name.ilike(like(&filter.search)));
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(file_templates::partner_id.eq(partner));
    }
    if let Some(process) = filter.process {
        rows = rows.filter(file_templates::process.eq(process));
    }
    if let Some(format) = filter.format {
        rows = rows.filter(file_templates::format.eq(format));
    }
    if let Some(person) = filter.updated_by {
        rows = rows.filter(file_templates::updated_by.eq(person));
    }
    rows
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Line>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, file_templates.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort.is_by_name(), at.key.parse::<DateTime<Utc>>()) {
            (true, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (false, Ok(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (false, Err(_)) => rows,
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows =
        if down { rows.then_order_by(file_templates::id.desc()) } else { rows.then_order_by(file_templates::id.asc()) };
    Ok(rows.limit(page.limit()).select(Line::as_select()).load(tx.conn())?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(file_templates::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// Partners that have templates, for the filter; a few hundred.
///
/// # Errors
/// When the database does not answer.
pub fn owners(tx: &mut ReadTx<'_>) -> Result<Vec<PartnerId>, AppError> {
    Ok(visible(tx).select(file_templates::partner_id).distinct().limit(300).load(tx.conn())?)
}

/// People who changed templates lately, for the filter.
///
/// # Errors
/// When the database does not answer.
pub fn recent_editors(tx: &mut ReadTx<'_>) -> Result<Vec<(UserId, String)>, AppError> {
    let rows: Vec<(Option<UserId>, String)> = visible(tx)
        .order((file_templates::updated_at.desc(), file_templates::id.desc()))
        .select((file_templates::updated_by, file_templates::updated_by_name))
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
