//! Templates that come in: from a JSON file, or guessed from a sample of the partner's files.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::edit::{choices, chosen, new_page, owner};
use super::exchange::{self, Wrong};
use super::forms;
use super::guess;
use super::model::Facts;
use super::store;
use super::views::{ImportPage, SamplePage};
use crate::access::session::leave_flash;
use crate::access::{CreateTemplate, Grant, limits};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::TemplateId;
use crate::db::{Change, ReadTx, WriteTx, blocking};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::upload::{File, Upload};

/// The body that is refused unread.
const LARGEST_BODY: usize = 12 * 1024 * 1024;
/// The largest sample, in bytes.
const LARGEST_SAMPLE: usize = super::check::LARGEST;

/// The form as it was typed, with what is wrong in the file.
#[derive(Default)]
struct Typed {
    form: Form,
    wrong: Vec<Wrong>,
    file: String,
}

fn page(tx: &mut ReadTx<'_>, typed: Typed) -> Result<ImportPage, AppError> {
    let Typed { form, wrong, file } = typed;
    Ok(ImportPage { partner: chosen(tx, form.value("partner"))?, partners: choices(tx)?, form, wrong, file })
}

/// `GET /templates/import`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<CreateTemplate>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let form = Form::filled([("partner", params.get("partner").to_owned())]);
    let body = app.db.read(&grant, move |tx| page(tx, Typed { form, ..Typed::default() })).await?;
    Ok(Page::new("Import template", Nav::Templates, body).answer(&req))
}

async fn refused(grant: &Grant<CreateTemplate>, app: &App, typed: Typed, req: &HttpRequest) -> PageResult {
    let body = app.db.read(grant, move |tx| page(tx, typed)).await?;
    Ok(Page::new("Import template", Nav::Templates, body).refused().answer(req))
}

/// The file that had to be chosen.
fn required(file: Option<File>, field: &'static str) -> Result<File, FieldError> {
    file.ok_or_else(|| FieldError::new(field, "File", "Choose a file first."))
}

/// `POST /templates/import`
///
/// # Errors
/// As every page.
pub async fn import(
    grant: Grant<CreateTemplate>,
    app: Data<App>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let file = match required(file, "file") {
        Ok(file) => file,
        Err(error) => {
            let form = form.with_errors(vec![error]);
            return refused(&grant, &app, Typed { form, ..Typed::default() }, &req).await;
        }
    };
    limits::spend_upload(&app.db, grant.actor()).await?;
    let (name, file_name) = (form.value("name").to_owned(), file.name.clone());
    let facts = match blocking(move || Ok(exchange::read(&file.bytes, &name))).await? {
        Ok(facts) => facts,
        Err(wrong) => {
            return refused(&grant, &app, Typed { form, wrong, file: file_name }, &req).await;
        }
    };
    let (partner, from) = (form.value("partner").to_owned(), file_name.clone());
    match app.db.write(&grant, move |tx| imported(tx, &partner, &facts, from)).await {
        Ok((id, name)) => {
            leave_flash(&req, "good", &format!("{name} is imported."));
            Ok(see_other(&super::address(id)))
        }
        Err(AppError::Invalid(errors)) => {
            let form = form.with_errors(errors);
            refused(&grant, &app, Typed { form, file: file_name, ..Typed::default() }, &req).await
        }
        Err(other) => Err(other),
    }
}

/// The use case: a template is taken in from a file.
///
/// # Errors
/// [`AppError::Invalid`] when the partner or the name cannot be used.
pub fn imported(
    tx: &mut WriteTx<'_, CreateTemplate>,
    partner: &str,
    facts: &Facts,
    file: String,
) -> Result<Change<(TemplateId, String)>, AppError> {
    let partner = owner(tx, partner)?;
    let template = store::insert(tx, &partner, facts)?;
    let name = facts.name.to_string();
    let event = Event::TemplateImported { partner: partner.id, template, name: name.clone(), file };
    Ok(Change::new((template, name), event))
}

/// `GET /templates/sample`
///
/// # Errors
/// As every page.
pub async fn sample_form(grant: Grant<CreateTemplate>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let form = Form::filled([("partner", params.get("partner").to_owned())]);
    Ok(sample_page(&grant, &app, form).await?.answer(&req))
}

async fn sample_page(grant: &Grant<CreateTemplate>, app: &App, form: Form) -> Result<Page<SamplePage>, AppError> {
    let body = app
        .db
        .read(grant, move |tx| {
            Ok(SamplePage { partner: chosen(tx, form.value("partner"))?, partners: choices(tx)?, form })
        })
        .await?;
    Ok(Page::new("Start from a sample file", Nav::Templates, body))
}

/// `POST /templates/sample`: the form of a new template, filled as well as a sample file tells.
///
/// # Errors
/// As every page.
pub async fn sample(
    grant: Grant<CreateTemplate>,
    app: Data<App>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let file = required(file, "file").and_then(|file| {
        let too_large = "The file is larger than 10 MB. The first lines of it are enough.";
        if file.bytes.len() > LARGEST_SAMPLE { Err(FieldError::new("file", "File", too_large)) } else { Ok(file) }
    });
    let refused = match file {
        Err(error) => error,
        Ok(file) => {
            limits::spend_upload(&app.db, grant.actor()).await?;
            let (name, partner) = (file.name.clone(), form.value("partner").to_owned());
            match blocking(move || Ok(guess::from_sample(&forms::blank(&partner), &file.bytes))).await? {
                Ok(filled) => {
                    let body = app.db.read(&grant, move |tx| new_page(tx, filled, Some(name))).await?;
                    return Ok(Page::new("Create template", Nav::Templates, body).answer(&req));
                }
                Err(message) => FieldError::new("file", "File", message),
            }
        }
    };
    Ok(sample_page(&grant, &app, form.with_errors(vec![refused])).await?.refused().answer(&req))
}
