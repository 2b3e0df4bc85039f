//! `/settings/types`: the partner types of a program.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::forms;
use super::handlers::{Shown, said, shown};
use super::store;
use super::views::{TypePage, TypeRow};
use crate::access::{Grant, UpdateChecks, UpdateProgram};
use crate::app::App;
use crate::db::ids::PartnerTypeId;
use crate::integrations::policy::ReviewPolicy;
use crate::integrations::store::review_of_type;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Adds a partner type.
///
/// # Errors
/// As every page.
pub async fn add(grant: Grant<UpdateProgram>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let name = match forms::type_name(&form) {
        Ok(name) => name,
        Err(form) => return shown(&grant, &app, &req, Shown::refused_type(form)).await,
    };
    let wanted = name.clone();
    match app.db.write(&grant, move |tx| store::add_type(tx, &wanted)).await {
        Ok(()) => Ok(said(&req, "good", &format!("Partner type {name} added."))),
        Err(AppError::Invalid(errors)) => {
            shown(&grant, &app, &req, Shown::refused_type(form.with_errors(errors))).await
        }
        Err(error) => Err(error),
    }
}

/// One partner type: to rename or remove it.
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<UpdateProgram>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let (line, review) = with_review(&grant, &app, &id).await?;
    let form = Form::filled([("type_name", line.kind.name.clone())]);
    Ok(page(&grant, line, review, form).answer(&req))
}

/// Renames a partner type.
///
/// # Errors
/// As every page.
pub async fn rename(
    grant: Grant<UpdateProgram>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (line, review) = with_review(&grant, &app, &id).await?;
    let (type_id, before) = (line.kind.id, line.kind.name.clone());
    let name = match forms::type_name(&form) {
        Ok(name) => name,
        Err(form) => return Ok(page(&grant, line, review, form).refused().answer(&req)),
    };
    let wanted = name.clone();
    match app.db.write(&grant, move |tx| store::rename_type(tx, type_id, &wanted)).await {
        Ok(true) => Ok(said(&req, "good", &format!("Partner type {before} is called {name} now."))),
        Ok(false) => Ok(said(&req, "info", "Nothing was changed: the partner type is called that already.")),
        Err(AppError::Invalid(errors)) => {
            Ok(page(&grant, line, review, form.with_errors(errors)).refused().answer(&req))
        }
        Err(error) => Err(error),
    }
}

/// Removes a partner type that no partner uses.
///
/// # Errors
/// As every page.
pub async fn remove(grant: Grant<UpdateProgram>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let id = parse(&id)?;
    let name = app.db.write(&grant, move |tx| store::remove_type(tx, id)).await?;
    Ok(said(&req, "good", &format!("Partner type {name} removed.")))
}

/// Moves a partner type one place up or down.
///
/// # Errors
/// As every page.
pub async fn reorder(grant: Grant<UpdateProgram>, app: Data<App>, id: Path<String>, form: Form) -> PageResult {
    let id = parse(&id)?;
    let up = match form.value("to") {
        "up" => true,
        "down" => false,
        _ => return Err(AppError::BadRequest("A partner type moves up or down. Load the page again.".into())),
    };
    app.db.write(&grant, move |tx| store::move_type(tx, id, up)).await?;
    Ok(see_other("/settings#types"))
}

fn parse(id: &str) -> Result<PartnerTypeId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

async fn with_review(
    grant: &Grant<UpdateProgram>,
    app: &App,
    id: &str,
) -> Result<(store::TypeLine, ReviewPolicy), AppError> {
    let id = parse(id)?;
    app.db.read(grant, move |tx| Ok((store::one_type(tx, id)?, review_of_type(tx, id)?))).await
}

fn page(grant: &Grant<UpdateProgram>, line: store::TypeLine, review: ReviewPolicy, form: Form) -> Page<TypePage> {
    let title = format!("Partner type {}", line.kind.name);
    let may_review = grant.also::<UpdateChecks>().is_some();
    Page::new(title, Nav::Settings, TypePage { row: TypeRow::new(line, false, false), form, review, may_review })
}
