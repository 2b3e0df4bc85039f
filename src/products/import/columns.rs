//! Which column means what: guessed by the headings, corrected by the person, checked before the first row is read.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::handlers::check;
use super::model::{Import, State};
use super::plan::{Field, Plan, samples};
use super::store;
use super::views::{ColumnsPage, FieldRow};
use crate::access::session::leave_flash;
use crate::access::{CreateProduct, Grant};
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::ProductImportId;
use crate::partners::import::file::{self, Table};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

async fn found(grant: &Grant<CreateProduct>, app: &App, id: ProductImportId) -> Result<(Import, Table), AppError> {
    let (import, content) = app.db.read(grant, move |tx| store::with_content(tx, id)).await?;
    let table = blocking(move || file::read(&content).map_err(AppError::Refused)).await?;
    Ok((import, table))
}

fn can_change(import: &Import) -> bool {
    matches!(import.state, State::Uploaded | State::Checked)
}

/// `GET /products/import/{id}/columns`
///
/// # Errors
/// As every page.
pub async fn form(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    id: Path<ProductImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, table) = found(&grant, &app, id).await?;
    if !can_change(&import) {
        return Ok(see_other(&super::address(id)));
    }
    let plan = import.plan();
    let body = page(import, &table, &plan, grant.actor().is_single(), Vec::new());
    Ok(Page::new("Map columns", Nav::Products, body).answer(&req))
}

/// `POST /products/import/{id}/columns`: keeps the plan and checks the file.
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    id: Path<ProductImportId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, table) = found(&grant, &app, id).await?;
    if !can_change(&import) {
        leave_flash(&req, "info", "This import was applied already; its columns stay as they are.");
        return Ok(see_other(&super::address(id)));
    }
    let chosen = |field: &Field| {
        let column = form.value(&format!("column-{}", field.key())).trim().to_owned();
        (!column.is_empty()).then_some((*field, column))
    };
    let plan = Plan(Field::ALL.iter().filter_map(chosen).collect());
    let is_single = grant.actor().is_single();
    if let Err(problems) = plan.places(&table.header, is_single) {
        let body = page(import, &table, &plan, is_single, problems);
        return Ok(Page::new("Map columns", Nav::Products, body).refused().answer(&req));
    }
    check(&app, &grant, id, import.file_name, plan, table).await?;
    Ok(see_other(&super::address(id)))
}

fn page(import: Import, table: &Table, plan: &Plan, is_single: bool, problems: Vec<FieldError>) -> ColumnsPage {
    let row = |field: &Field| FieldRow {
        key: field.key(),
        label: field.label(),
        required: matches!(field, Field::Partner | Field::Sku),
        hint: field.hint(),
        column: plan.0.get(field).cloned().unwrap_or_default(),
    };
    ColumnsPage {
        address: format!("{}/columns", super::address(import.id)),
        file: import.file_name,
        total: table.rows.len() as i64,
        samples: samples(table),
        header: table.header.clone(),
        fields: Field::ALL.iter().filter(|field| !(is_single && **field == Field::Partner)).map(row).collect(),
        form: Form::default().with_errors(problems),
    }
}
