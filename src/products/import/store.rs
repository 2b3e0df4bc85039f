//! All SQL of imports of products.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use super::model::{Import, Report, State};
use super::plan::Plan;
use crate::access::{CreateProduct, Scope};
use crate::db::ids::ProductImportId;
use crate::db::schema::product_imports;
use crate::db::{ReadTx, SystemTx, WriteTx};
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// The imports that a person may see: their program's.
fn visible(tx: &ReadTx<'_>) -> product_imports::BoxedQuery<'static, Pg> {
    let rows = product_imports::table.into_boxed();
    match tx.scope() {
        Scope::Program(program) => rows.filter(product_imports::program_id.eq(program)),
        // Without a program there is nothing to import into, and a partner's people import nothing.
        Scope::Everything | Scope::Partner { .. } => rows.filter(product_imports::id.ne(product_imports::id)),
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
            diesel::dsl::sql::<Bool>(&format!("(product_imports.created_at, product_imports.id) {sign} ("))
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((product_imports::created_at.asc(), product_imports::id.asc()))
    } else {
        rows.order((product_imports::created_at.desc(), product_imports::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Import::as_select()).load(tx.conn())?)
}

/// An import with its file.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub fn with_content(tx: &mut ReadTx<'_>, id: ProductImportId) -> Result<(Import, Vec<u8>), AppError> {
    Ok(visible(tx)
        .filter(product_imports::id.eq(id))
        .select((Import::as_select(), product_imports::content))
        .first(tx.conn())?)
}

/// One import.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub fn find(tx: &mut ReadTx<'_>, id: ProductImportId) -> Result<Import, AppError> {
    Ok(visible(tx).filter(product_imports::id.eq(id)).select(Import::as_select()).first(tx.conn())?)
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(value).map_err(|cause| AppError::Internal(cause.into()))
}

/// Stores a file.
///
/// # Errors
/// When the database does not answer.
pub fn create(
    tx: &mut WriteTx<'_, CreateProduct>,
    file_name: &str,
    content: &[u8],
    plan: &Plan,
) -> Result<ProductImportId, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (id, now, by) = (ProductImportId::new(), tx.now(), tx.actor().name().to_owned());
    diesel::insert_into(product_imports::table)
        .values((
            product_imports::id.eq(id),
            product_imports::program_id.eq(program),
            product_imports::file_name.eq(file_name),
            product_imports::content.eq(content),
            product_imports::plan.eq(json(plan)?),
            product_imports::state.eq(State::Uploaded),
            product_imports::uploaded_by_name.eq(by),
            product_imports::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Keeps the plan and the report of a check, of an import that was found in scope and not applied meanwhile. What is
/// checked is no change of anything, so it needs no event.
///
/// # Errors
/// When the database does not answer.
pub fn checked(tx: &mut SystemTx<'_>, id: ProductImportId, plan: &Plan, report: &Report) -> Result<(), AppError> {
    let open = product_imports::state.eq_any([State::Uploaded, State::Checked]);
    diesel::update(product_imports::table.filter(product_imports::id.eq(id).and(open)))
        .set((
            product_imports::plan.eq(json(plan)?),
            product_imports::report.eq(json(report)?),
            product_imports::state.eq(State::Checked),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Marks an import that was found in scope as applied, in the transaction that applies it: of two people (or clicks)
/// one is let through.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn finish(tx: &mut WriteTx<'_, CreateProduct>, id: ProductImportId, report: &Report) -> Result<(), AppError> {
    moved(tx, id, State::Checked, State::Applied, report)
}

/// Marks an import as undone, with what was left alone.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn finish_undo(tx: &mut WriteTx<'_, CreateProduct>, id: ProductImportId, report: &Report) -> Result<(), AppError> {
    moved(tx, id, State::Applied, State::Undone, report)
}

fn moved(
    tx: &mut WriteTx<'_, CreateProduct>,
    id: ProductImportId,
    from: State,
    to: State,
    report: &Report,
) -> Result<(), AppError> {
    let now = tx.now();
    let row = product_imports::id.eq(id).and(product_imports::state.eq(from));
    let saved = diesel::update(product_imports::table.filter(row))
        .set((
            product_imports::state.eq(to),
            product_imports::report.eq(json(report)?),
            product_imports::finished_at.eq(now),
        ))
        .execute(tx.conn())?;
    if saved == 1 {
        return Ok(());
    }
    Err(AppError::Conflict("This import was applied or undone a moment ago. Look at how it stands.".into()))
}
