//! All SQL of imports: the files with their state, and what became of each row.

use chrono::{DateTime, Utc};
use diesel::dsl::{And, Eq, Filter};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Jsonb, Uuid as SqlUuid};

use super::model::{Import, Outcome, State, StoredLine, Task};
use super::plan::Plan;
use super::run::Report;
use crate::access::{ImportPartners, Place, Scope};
use crate::db::ids::{ImportId, ProgramId};
use crate::db::schema::{import_rows, imports, programs};
use crate::db::{ReadTx, SystemTx, WriteTx};
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// The imports that a person may see: their program's.
fn visible(tx: &ReadTx<'_>) -> imports::BoxedQuery<'static, Pg> {
    let rows = imports::table.into_boxed();
    match tx.scope() {
        Scope::Program(program) => rows.filter(imports::program_id.eq(program)),
        // Without a program there is nothing to import into, and a partner's people import nothing.
        Scope::Everything | Scope::Partner { .. } => rows.filter(imports::id.ne(imports::id)),
    }
}

/// One page of imports, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, page: &Keyset) -> Result<Vec<Import>, AppError> {
    let mut rows = visible(tx);
    if let Some(at) = &page.at
        && let Some(moment) = at.moment()
    {
        let sign = if page.backward { ">" } else { "<" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(imports.created_at, imports.id) {sign} ("))
                .bind::<diesel::sql_types::Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((imports::created_at.asc(), imports::id.asc()))
    } else {
        rows.order((imports::created_at.desc(), imports::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Import::as_select()).load(tx.conn())?)
}

/// One import.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub fn find(tx: &mut ReadTx<'_>, id: ImportId) -> Result<Import, AppError> {
    Ok(visible(tx).filter(imports::id.eq(id)).select(Import::as_select()).first(tx.conn())?)
}

/// An import with its file.
///
/// # Errors
/// As [`find`].
pub fn with_content(tx: &mut ReadTx<'_>, id: ImportId) -> Result<(Import, Vec<u8>), AppError> {
    Ok(visible(tx).filter(imports::id.eq(id)).select((Import::as_select(), imports::content)).first(tx.conn())?)
}

/// Stores a file; with a plan it is one that is being applied in this transaction.
///
/// # Errors
/// When the database does not answer.
pub fn create(
    tx: &mut WriteTx<'_, ImportPartners>,
    file_name: &str,
    content: &[u8],
    total: usize,
    plan: Option<&Plan>,
) -> Result<ImportId, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (id, now) = (ImportId::new(), tx.now());
    let (by, by_name) = (tx.actor().user(), tx.actor().name().to_owned());
    let state = if plan.is_some() { State::Running } else { State::Uploaded };
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(id),
            imports::program_id.eq(program),
            imports::file_name.eq(file_name),
            imports::content.eq(content),
            imports::plan.eq(plan.map(json).transpose()?),
            imports::state.eq(state),
            imports::total.eq(i32::try_from(total).unwrap_or(i32::MAX)),
            imports::uploaded_by.eq(by.map(|id| id.uuid())),
            imports::uploaded_by_name.eq(by_name),
            imports::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(value).map_err(|cause| AppError::Internal(cause.into()))
}

/// Takes an import that was found in scope for a job. Of two people (or clicks) one gets it.
///
/// # Errors
/// When the database does not answer.
pub fn begin(tx: &mut SystemTx<'_>, id: ImportId, task: Task, plan: Option<&Plan>) -> Result<Option<i32>, AppError> {
    // A check may be made again with other columns.
    let from: &[State] = match task {
        Task::Check => &[State::Uploaded, State::Checked],
        Task::Apply => &[State::Checked],
        Task::Undo => &[State::Applied],
    };
    let row = imports::table.filter(imports::id.eq(id).and(imports::state.eq_any(from)));
    let now = tx.now();
    let run: Option<i32> = diesel::update(row)
        .set((
            imports::state.eq(State::Running),
            imports::task.eq(task),
            imports::run.eq(imports::run + 1),
            imports::done.eq(0),
            imports::problem.eq(None::<String>),
            imports::heartbeat_at.eq(now),
        ))
        .returning(imports::run)
        .get_result(tx.conn())
        .optional()?;
    if let (Some(_), Some(plan)) = (run, plan) {
        diesel::update(imports::table.find(id)).set(imports::plan.eq(json(plan)?)).execute(tx.conn())?;
    }
    Ok(run)
}

/// A sign of life of a job.
///
/// # Errors
/// When the database does not answer.
pub fn beat(tx: &mut SystemTx<'_>, id: ImportId, run: i32, done: usize) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(running(id, run))
        .set((imports::done.eq(i32::try_from(done).unwrap_or(i32::MAX)), imports::heartbeat_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

type Running =
    Filter<imports::table, And<And<Eq<imports::id, ImportId>, Eq<imports::run, i32>>, Eq<imports::state, State>>>;

/// The import while this very job works on it.
fn running(id: ImportId, run: i32) -> Running {
    imports::table.filter(imports::id.eq(id).and(imports::run.eq(run)).and(imports::state.eq(State::Running)))
}

fn still_ours(changed: usize) -> Result<(), AppError> {
    if changed == 1 {
        return Ok(());
    }
    Err(AppError::Conflict("This import was given up and begun again meanwhile.".into()))
}

/// Gives an import back after a job that wrote nothing.
///
/// # Errors
/// [`AppError::Conflict`] when another job has it by now.
pub fn give_back(tx: &mut SystemTx<'_>, id: ImportId, run: i32, to: State, problem: &str) -> Result<(), AppError> {
    let changed = diesel::update(running(id, run))
        .set((imports::state.eq(to), imports::problem.eq(problem)))
        .execute(tx.conn())?;
    still_ours(changed)
}

/// Stores the report of an import with what it wrote, in place of the check's.
///
/// # Errors
/// [`AppError::Conflict`] when another job has the import by now.
pub fn finish(tx: &mut WriteTx<'_, ImportPartners>, id: ImportId, run: i32, report: &Report) -> Result<(), AppError> {
    let now = tx.now();
    finished(tx.conn(), id, run, State::Applied, report, now)
}

/// Stores the report of a job that wrote nothing, in place of the last one.
///
/// # Errors
/// [`AppError::Conflict`] when another job has the import by now.
pub fn finish_alone(
    tx: &mut SystemTx<'_>,
    id: ImportId,
    run: i32,
    state: State,
    report: &Report,
) -> Result<(), AppError> {
    let now = tx.now();
    finished(tx.conn(), id, run, state, report, now)
}

fn finished(
    conn: &mut PgConnection,
    id: ImportId,
    run: i32,
    state: State,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let total = report.created + report.updated + report.unchanged + report.refused;
    let changed = diesel::update(running(id, run))
        .set((
            imports::state.eq(state),
            imports::done.eq(total),
            imports::total.eq(total),
            imports::created.eq(report.created),
            imports::updated.eq(report.updated),
            imports::unchanged.eq(report.unchanged),
            imports::refused.eq(report.refused),
            imports::problem.eq(None::<String>),
            imports::finished_at.eq((state == State::Applied).then_some(now)),
        ))
        .execute(conn)?;
    still_ours(changed)?;
    diesel::delete(import_rows::table.filter(import_rows::import_id.eq(id))).execute(conn)?;
    // As JSON: one value for thousands of rows of a dozen columns each.
    for chunk in report.rows.chunks(2000) {
        diesel::sql_query(
            "INSERT INTO import_rows (import_id, line, outcome, rank, code, name, field, reason, hint, warning, changes,
               target_id, before, target_version)
             SELECT $1, line, outcome, CASE outcome WHEN 'refused' THEN 0 ELSE 1 END, code, name, field, reason, hint,
               warning, changes, target_id, before, target_version
             FROM jsonb_populate_recordset(NULL::import_rows, $2)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Jsonb, _>(json(&chunk)?)
        .execute(conn)?;
    }
    Ok(())
}

/// Which rows of a report are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// All.
    All,
    /// Those with one outcome.
    Only(Outcome),
    /// Those that an undo left as they are.
    Kept,
}

/// One page of the report of an import that was found in scope, refused rows first.
///
/// # Errors
/// When the database does not answer.
pub fn lines(tx: &mut ReadTx<'_>, import: &Import, show: Show, page: &Keyset) -> Result<Vec<StoredLine>, AppError> {
    let mut rows = import_rows::table.filter(import_rows::import_id.eq(import.id)).into_boxed();
    rows = match show {
        Show::All => rows,
        Show::Only(outcome) => rows.filter(import_rows::outcome.eq(outcome)),
        Show::Kept => rows.filter(import_rows::undo_note.is_not_null()),
    };
    let place = page.at.as_ref().and_then(|at| at.key.split_once(':'));
    if let Some((rank, line)) =
        place.and_then(|(rank, line)| Some((rank.parse::<i32>().ok()?, line.parse::<i32>().ok()?)))
    {
        let sign = if page.backward { "<" } else { ">" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(import_rows.rank, import_rows.line) {sign} ("))
                .bind::<Integer, _>(rank)
                .sql(", ")
                .bind::<Integer, _>(line)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((import_rows::rank.desc(), import_rows::line.desc()))
    } else {
        rows.order((import_rows::rank.asc(), import_rows::line.asc()))
    };
    Ok(rows.limit(page.limit()).select(StoredLine::as_select()).load(tx.conn())?)
}

/// How many rows an undo left as they are, for an import that was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn count_kept(tx: &mut ReadTx<'_>, import: &Import) -> Result<i64, AppError> {
    let rows =
        import_rows::table.filter(import_rows::import_id.eq(import.id).and(import_rows::undo_note.is_not_null()));
    Ok(rows.count().get_result(tx.conn())?)
}

/// Stores why an undo left rows alone, and that it is done.
///
/// # Errors
/// [`AppError::Conflict`] when another job has the import by now.
pub fn finish_undo(
    tx: &mut WriteTx<'_, ImportPartners>,
    id: ImportId,
    run: i32,
    kept: &[(i32, String)],
) -> Result<(), AppError> {
    let now = tx.now();
    let changed = diesel::update(running(id, run))
        .set((
            imports::state.eq(State::Undone),
            imports::done.eq(imports::total),
            imports::problem.eq(None::<String>),
            imports::finished_at.eq(now),
        ))
        .execute(tx.conn())?;
    still_ours(changed)?;
    let notes: Vec<serde_json::Value> =
        kept.iter().map(|(line, note)| serde_json::json!({ "line": line, "note": note })).collect();
    diesel::sql_query(
        "UPDATE import_rows r SET undo_note = v.note FROM jsonb_to_recordset($2) AS v (line integer, note text)
         WHERE r.import_id = $1 AND r.line = v.line",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Jsonb, _>(serde_json::Value::from(notes))
    .execute(tx.conn())?;
    Ok(())
}

/// A program by its code, for the command line; and whether it has a single organisation only.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub fn program(tx: &mut SystemTx<'_>, code: &str) -> Result<(Place<ProgramId>, bool), AppError> {
    let (id, code, name, model): (ProgramId, String, String, String) = programs::table
        .filter(programs::code.eq(code))
        .select((programs::id, programs::code, programs::name, programs::model))
        .first(tx.conn())?;
    Ok((Place { id, code, name }, model == "single"))
}
