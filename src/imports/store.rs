//! All SQL of imports from files.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use super::Subject;
use super::model::{Import, Report, State};
use super::plan::Plan;
use crate::access::Scope;
use crate::db::ids::FileImportId;
use crate::db::schema::file_imports;
use crate::db::{ReadTx, SystemTx, WriteTx};
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// The imports of a kind that a person may see: their program's.
fn visible(tx: &ReadTx<'_>, kind: &'static str) -> file_imports::BoxedQuery<'static, Pg> {
    let rows = file_imports::table.filter(file_imports::kind.eq(kind)).into_boxed();
    match tx.scope() {
        Scope::Program(program) => rows.filter(file_imports::program_id.eq(program)),
        // Without a program there is nothing to import into, and a partner's people import nothing.
        Scope::Everything | Scope::Partner { .. } => rows.filter(file_imports::id.ne(file_imports::id)),
    }
}

/// One page of imports, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list<S: Subject>(tx: &mut ReadTx<'_>, page: &Keyset) -> Result<Vec<Import>, AppError> {
    let mut rows = visible(tx, S::WORDS.kind);
    if let Some(at) = &page.at
        && let Some(moment) = at.moment()
    {
        let sign = if page.backward { ">" } else { "<" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(file_imports.created_at, file_imports.id) {sign} ("))
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((file_imports::created_at.asc(), file_imports::id.asc()))
    } else {
        rows.order((file_imports::created_at.desc(), file_imports::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Import::as_select()).load(tx.conn())?)
}

/// An import with its file.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub fn with_content<S: Subject>(tx: &mut ReadTx<'_>, id: FileImportId) -> Result<(Import, Vec<u8>), AppError> {
    Ok(visible(tx, S::WORDS.kind)
        .filter(file_imports::id.eq(id))
        .select((Import::as_select(), file_imports::content))
        .first(tx.conn())?)
}

/// One import.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub fn find<S: Subject>(tx: &mut ReadTx<'_>, id: FileImportId) -> Result<Import, AppError> {
    Ok(visible(tx, S::WORDS.kind).filter(file_imports::id.eq(id)).select(Import::as_select()).first(tx.conn())?)
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(value).map_err(|cause| AppError::Internal(cause.into()))
}

/// Stores a file.
///
/// # Errors
/// When the database does not answer.
pub fn create<S: Subject>(
    tx: &mut WriteTx<'_, S::May>,
    file_name: &str,
    content: &[u8],
    plan: &Plan<S::Field>,
) -> Result<FileImportId, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (id, now, by) = (FileImportId::new(), tx.now(), tx.actor().name().to_owned());
    diesel::insert_into(file_imports::table)
        .values((
            file_imports::id.eq(id),
            file_imports::program_id.eq(program),
            file_imports::kind.eq(S::WORDS.kind),
            file_imports::file_name.eq(file_name),
            file_imports::content.eq(content),
            file_imports::plan.eq(json(plan)?),
            file_imports::state.eq(State::Uploaded),
            file_imports::uploaded_by_name.eq(by),
            file_imports::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Keeps the plan and the report of a check, of an import that was found in scope and not applied meanwhile. What is
/// checked is no change of anything, so it needs no event.
///
/// # Errors
/// When the database does not answer.
pub fn checked<S: Subject>(
    tx: &mut SystemTx<'_>,
    id: FileImportId,
    plan: &Plan<S::Field>,
    report: &Report<S>,
) -> Result<(), AppError> {
    let open = file_imports::state.eq_any([State::Uploaded, State::Checked]);
    diesel::update(file_imports::table.filter(file_imports::id.eq(id).and(open)))
        .set((
            file_imports::plan.eq(json(plan)?),
            file_imports::report.eq(json(report)?),
            file_imports::state.eq(State::Checked),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Marks an import that was found in scope as applied, in the transaction that applies it: of two people (or clicks)
/// one is let through.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn finish<S: Subject>(tx: &mut WriteTx<'_, S::May>, id: FileImportId, report: &Report<S>) -> Result<(), AppError> {
    moved(tx, id, State::Checked, State::Applied, report)
}

/// Marks an import as undone, with what was left alone.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn finish_undo<S: Subject>(
    tx: &mut WriteTx<'_, S::May>,
    id: FileImportId,
    report: &Report<S>,
) -> Result<(), AppError> {
    moved(tx, id, State::Applied, State::Undone, report)
}

fn moved<S: Subject>(
    tx: &mut WriteTx<'_, S::May>,
    id: FileImportId,
    from: State,
    to: State,
    report: &Report<S>,
) -> Result<(), AppError> {
    let now = tx.now();
    let row = file_imports::id.eq(id).and(file_imports::state.eq(from));
    let saved = diesel::update(file_imports::table.filter(row))
        .set((file_imports::state.eq(to), file_imports::report.eq(json(report)?), file_imports::finished_at.eq(now)))
        .execute(tx.conn())?;
    if saved == 1 {
        return Ok(());
    }
    Err(AppError::Conflict("This import was applied or undone a moment ago. Look at how it stands.".into()))
}
