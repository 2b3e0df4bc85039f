//! Which column means what: guessed by the headings, corrected by the person, checked before the first row is read.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::file::{self, Table};
use super::handlers::check;
use super::model::{Import, State};
use super::plan::{Column, Plan, samples};
use super::store;
use super::views::{ColumnsPage, FieldRow};
use super::{Subject, address};
use crate::access::Grant;
use crate::access::session::leave_flash;
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::FileImportId;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

async fn found<S: Subject>(grant: &Grant<S::May>, app: &App, id: FileImportId) -> Result<(Import, Table), AppError> {
    let (import, content) = app.db.read(grant, move |tx| store::with_content::<S>(tx, id)).await?;
    let table = blocking(move || file::read(&content).map_err(AppError::Refused)).await?;
    Ok((import, table))
}

fn can_change(import: &Import) -> bool {
    matches!(import.state, State::Uploaded | State::Checked)
}

/// `GET …/import/{id}/columns`
///
/// # Errors
/// As every page.
pub async fn form<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, table) = found::<S>(&grant, &app, id).await?;
    if !can_change(&import) {
        return Ok(see_other(&address::<S>(id)));
    }
    let plan = import.plan::<S>();
    let body = page::<S>(import, &table, &plan, grant.actor().is_single(), Vec::new());
    Ok(Page::new("Map columns", S::WORDS.nav, body).answer(&req))
}

/// `POST …/import/{id}/columns`: keeps the plan and checks the file.
///
/// # Errors
/// As every page.
pub async fn save<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, table) = found::<S>(&grant, &app, id).await?;
    if !can_change(&import) {
        leave_flash(&req, "info", "This import was applied already; its columns stay as they are.");
        return Ok(see_other(&address::<S>(id)));
    }
    let chosen = |field: &S::Field| {
        let column = form.value(&format!("column-{}", field.key())).trim().to_owned();
        (!column.is_empty()).then_some((*field, column))
    };
    let plan = Plan(<S::Field as Choice>::ALL.iter().filter_map(chosen).collect());
    let is_single = grant.actor().is_single();
    if let Err(problems) = plan.places(&table.header, is_single) {
        let body = page::<S>(import, &table, &plan, is_single, problems);
        return Ok(Page::new("Map columns", S::WORDS.nav, body).refused().answer(&req));
    }
    check::<S>(&app, &grant, id, import.file_name, plan, table).await?;
    Ok(see_other(&address::<S>(id)))
}

fn page<S: Subject>(
    import: Import,
    table: &Table,
    plan: &Plan<S::Field>,
    is_single: bool,
    problems: Vec<FieldError>,
) -> ColumnsPage {
    let row = |field: &S::Field| FieldRow {
        key: field.key(),
        label: field.label(),
        required: S::Field::needed().contains(field),
        hint: field.hint(),
        column: plan.0.get(field).cloned().unwrap_or_default(),
    };
    ColumnsPage {
        words: S::WORDS,
        address: format!("{}/columns", address::<S>(import.id)),
        file: import.file_name,
        total: table.rows.len() as i64,
        samples: samples(table),
        header: table.header.clone(),
        fields: S::Field::asked(is_single).iter().map(row).collect(),
        form: Form::default().with_errors(problems),
    }
}
