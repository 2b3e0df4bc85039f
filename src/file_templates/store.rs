//! All SQL of templates: here what is found and written one by one; lists in a file of their own.

mod list;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{Facts, FileFormat, FileTemplate, Layout, Process, Use};
use crate::access::{DeleteTemplate, Permission, Scope};
use crate::db::ids::{PartnerId, ProgramId, TemplateId, UserId};
use crate::db::schema::file_templates;
use crate::db::{ReadTx, WriteTx};
use crate::integrations;
use crate::partners::model::Partner;
use crate::values::Name;
use crate::web::error::AppError;
use crate::web::form::FieldError;

pub use list::{Filter, Line, Sort, count, list, owners, recent_editors};

/// The templates that a person may see. Every read, count and export begins here.
fn visible(tx: &ReadTx<'_>) -> file_templates::BoxedQuery<'static, Pg> {
    let rows = file_templates::table.into_boxed();
    match tx.scope() {
        Scope::Program(program) => rows.filter(file_templates::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(file_templates::program_id.eq(program).and(file_templates::partner_id.eq(partner)))
        }
        // No program is open, so there is none to see.
        Scope::Everything => rows.filter(file_templates::id.ne(file_templates::id)),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = file_templates)]
struct Row {
    id: TemplateId,
    partner_id: PartnerId,
    name: Name,
    process: Process,
    format: FileFormat,
    layout: serde_json::Value,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: String,
}

impl Row {
    fn made(self) -> Result<FileTemplate, AppError> {
        let layout: Layout = serde_json::from_value(self.layout).map_err(|cause| AppError::Internal(cause.into()))?;
        Ok(FileTemplate {
            id: self.id,
            partner_id: self.partner_id,
            facts: Facts { name: self.name, process: self.process, format: self.format, layout },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
            updated_by_name: self.updated_by_name,
        })
    }
}

/// One template.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: TemplateId) -> Result<FileTemplate, AppError> {
    let row: Row = visible(tx).filter(file_templates::id.eq(id)).select(Row::as_select()).first(tx.conn())?;
    row.made()
}

/// Names of a partner's templates in lower case, for finding one that is free.
///
/// # Errors
/// When the database does not answer.
pub fn names(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<String>, AppError> {
    Ok(visible(tx)
        .filter(file_templates::partner_id.eq(partner))
        .select(file_templates::sort_name)
        .limit(10_000)
        .load(tx.conn())?)
}

/// What uses a template and keeps it from being removed: integrations that name it, in what is written or live.
///
/// # Errors
/// When the database does not answer.
pub fn used_by(tx: &mut ReadTx<'_>, template: &FileTemplate) -> Result<Vec<Use>, AppError> {
    let named = integrations::store::uses_of_template(tx, template.id)?;
    Ok(named.into_iter().map(|(id, name)| Use { name, address: integrations::address(id) }).collect())
}

fn mapped(error: DieselError) -> AppError {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
            if info.constraint_name() == Some("file_templates_name_key") =>
        {
            AppError::Invalid(vec![FieldError::new(
                "name",
                "Name",
                "A template of this partner has this name already. Choose another.",
            )])
        }
        _ => error.into(),
    }
}

fn json(layout: &Layout) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(layout).map_err(|cause| AppError::Internal(cause.into()))
}

fn field_count(layout: &Layout) -> i32 {
    i32::try_from(layout.fields.len()).unwrap_or(i32::MAX)
}

#[derive(Insertable)]
#[diesel(table_name = file_templates)]
struct NewRow<'a> {
    id: TemplateId,
    program_id: ProgramId,
    partner_id: PartnerId,
    name: &'a str,
    process: Process,
    format: FileFormat,
    layout: serde_json::Value,
    field_count: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: &'a str,
}

/// Stores a new template of a partner that was found in scope.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken there.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    facts: &Facts,
) -> Result<TemplateId, AppError> {
    let (id, now, by, by_name) = (TemplateId::new(), tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = NewRow {
        id,
        program_id: partner.program_id,
        partner_id: partner.id,
        name: facts.name.as_str(),
        process: facts.process,
        format: facts.format,
        layout: json(&facts.layout)?,
        field_count: field_count(&facts.layout),
        created_at: now,
        updated_at: now,
        updated_by: by,
        updated_by_name: &by_name,
    };
    diesel::insert_into(file_templates::table).values(row).execute(tx.conn()).map_err(mapped)?;
    Ok(id)
}

/// Saves a template that was found in scope, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: TemplateId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = file_templates::table.filter(file_templates::id.eq(id).and(file_templates::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            file_templates::name.eq(facts.name.as_str()),
            file_templates::process.eq(facts.process),
            file_templates::format.eq(facts.format),
            file_templates::layout.eq(json(&facts.layout)?),
            file_templates::field_count.eq(field_count(&facts.layout)),
            file_templates::version.eq(seen + 1),
            file_templates::updated_at.eq(now),
            file_templates::updated_by.eq(by),
            file_templates::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// The conflict of a stale form: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: TemplateId) -> AppError {
    match find(tx, id) {
        Ok(now) => AppError::Conflict(format!(
            "{} changed this template meanwhile (it is at version {} now), so nothing was saved.",
            now.updated_by_name, now.version
        )),
        Err(cause) => cause,
    }
}

/// Removes a template that was found in scope and is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when something began to use it.
pub fn remove(tx: &mut WriteTx<'_, DeleteTemplate>, id: TemplateId, seen: i32) -> Result<(), AppError> {
    let row = file_templates::table.filter(file_templates::id.eq(id).and(file_templates::version.eq(seen)));
    match diesel::delete(row).execute(tx.conn()) {
        Ok(1) => Ok(()),
        Ok(_) => Err(stale(tx, id)),
        // Something got it in this very moment.
        Err(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => {
            Err(AppError::Refused("Something uses this template now. Look at it again.".into()))
        }
        Err(error) => Err(error.into()),
    }
}
