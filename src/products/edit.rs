//! Making and editing a product.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms;
use super::handlers::with_partner;
use super::image::FRAME;
use super::model::{Facts, Product};
use super::store;
use super::views::FormPage;
use super::{event, needs_partner};
use crate::access::session::leave_flash;
use crate::access::{CreateProduct, Grant, Permission, UpdateProduct};
use crate::activity::{Event, OfferEvent};
use crate::app::App;
use crate::db::ids::ProductId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::edit::LARGEST_BODY;
use crate::partners::logo;
use crate::partners::model::{Partner, Status};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;
use crate::web::upload::Upload;

/// Partners in the list of suggestions.
const SUGGESTED: i64 = 200;

/// `GET /products/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateProduct>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let code = params.get("partner").to_uppercase();
    let body = app.db.read(&grant, move |tx| new_page(tx, forms::blank(&code))).await?;
    Ok(Page::new("Create product", Nav::Products, body).answer(&req))
}

fn new_page(tx: &mut ReadTx<'_>, mut form: Form) -> Result<FormPage, AppError> {
    let picks_partner = !tx.actor().is_single();
    let mut partners = Vec::new();
    if picks_partner {
        let all = Keyset { size: SUGGESTED, at: None, backward: false };
        let filter = partners::store::Filter { status: Some(Status::Active), ..Default::default() };
        partners = partners::store::list(tx, &filter, partners::store::Sort::Name, &all)?
            .into_iter()
            .map(|partner| (partner.code.to_string(), partner.name.to_string()))
            .collect();
    } else if let Some(own) = tx.actor().partner() {
        form.set("partner", &own.code);
    }
    let categories = store::categories(tx)?;
    Ok(FormPage { form, partners, picks_partner, categories, present: None, saved: None, notice: None })
}

/// The partner that was typed.
fn chosen(tx: &mut ReadTx<'_>, code: &str) -> Result<Result<Partner, FieldError>, AppError> {
    let own = tx.actor().is_single().then(|| tx.actor().partner().map(|own| own.code.clone())).flatten();
    let code = own.unwrap_or_else(|| code.trim().to_uppercase());
    match partners::store::find(tx, &code) {
        Ok(partner) => Ok(Ok(partner)),
        Err(AppError::NotFound) => {
            Ok(Err(FieldError::new("partner", "Partner", "Enter the code of one of the partners.")))
        }
        Err(other) => Err(other),
    }
}

/// `POST /products`
///
/// # Errors
/// As every page.
pub async fn create(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let png = logo::read_in(&app, grant.actor(), file, FRAME).await?;
    let code = form.value("partner").to_owned();
    let partner = app.db.read(&grant, move |tx| chosen(tx, &code)).await?;
    let refused = match whole(&form, Some(partner), png) {
        Err(form) => form,
        Ok((partner, facts, png)) => {
            let Some(partner) = partner else { return Err(AppError::NotFound) };
            needs_partner(&partner)?;
            match app.db.write(&grant, move |tx| made(tx, &partner, &facts, png.as_deref())).await {
                Ok((id, name)) => {
                    leave_flash(&req, "good", &format!("{name} is created."));
                    return Ok(see_other(&super::address(id)));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(other) => return Err(other),
            }
        }
    };
    let body = app.db.read(&grant, move |tx| new_page(tx, refused)).await?;
    Ok(Page::new("Create product", Nav::Products, body).refused().answer(&req))
}

type Whole = (Option<Partner>, Facts, Option<Vec<u8>>);

/// All errors at once: of the partner, the fields and the file.
fn whole(
    form: &Form,
    partner: Option<Result<Partner, FieldError>>,
    png: Result<Option<Vec<u8>>, FieldError>,
) -> Result<Whole, Form> {
    let facts = forms::typed(form);
    let mut errors = Vec::new();
    let partner = partner.transpose().map_err(|error| errors.push(error));
    let (refused, facts) = match facts {
        Ok(facts) => (form.clone(), Some(facts)),
        Err(refused) => (refused, None),
    };
    let own: Vec<FieldError> = refused.errors().to_vec();
    let png = png.map_err(|error| errors.push(error));
    match (partner, facts, png) {
        (Ok(partner), Some(facts), Ok(png)) => Ok((partner, facts, png)),
        _ => {
            // The partner's field is the first of the form, the file's the last.
            let (first, last): (Vec<_>, Vec<_>) = errors.into_iter().partition(|error| error.field == "partner");
            Err(form.clone().with_errors(first.into_iter().chain(own).chain(last).collect()))
        }
    }
}

/// The use case: a product is made for a partner that was found in scope.
///
/// # Errors
/// [`AppError::Invalid`] when its SKU is taken, [`AppError::Refused`] when the partner is suspended or archived.
pub fn made<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    facts: &Facts,
    png: Option<&[u8]>,
) -> Result<Change<(ProductId, String)>, AppError> {
    let partner = partners::store::find(tx, partner.code.as_str())?;
    needs_partner(&partner)?;
    let made = store::insert(tx, &[(partner.id, facts)])?;
    let id = made.into_iter().next().ok_or_else(|| AppError::Internal(anyhow::anyhow!("no product was made")))?;
    let name = facts.name.clone();
    let happened =
        |event: OfferEvent| Event::Offer { partner: Some(partner.id), product: Some(id), name: name.clone(), event };
    let change = Change::new((id, name.clone()), happened(OfferEvent::ProductCreated { sku: facts.sku.clone() }));
    let Some(png) = png else { return Ok(change) };
    store::save_image(tx, (partner.id, id), 1, Some(png))?;
    Ok(change.with(happened(OfferEvent::ProductImageChanged)))
}

/// `GET /products/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateProduct>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let (product, partner) = with_partner(tx, &id)?;
            needs_partner(&partner)?;
            edit_page(tx, forms::filled(&product), product, &partner)
        })
        .await?;
    Ok(Page::new(body.title(), Nav::Products, body).answer(&req))
}

fn edit_page(tx: &mut ReadTx<'_>, form: Form, product: Product, partner: &Partner) -> Result<FormPage, AppError> {
    let saved = When::new(product.updated_at, tx.now(), tx.actor().zone());
    let categories = store::categories(tx)?;
    Ok(FormPage {
        form,
        partners: vec![(partner.code.to_string(), partner.name.to_string())],
        picks_partner: !tx.actor().is_single(),
        categories,
        saved: Some((product.updated_by_name.clone(), saved)),
        present: Some(product),
        notice: None,
    })
}

/// `POST /products/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let (seen, wanted) = (form.version()?, id.clone());
    let (present, partner) = app.db.read(&grant, move |tx| with_partner(tx, &wanted)).await?;
    needs_partner(&partner)?;
    let png = logo::read_in(&app, grant.actor(), file, FRAME).await?;
    let (refused, status, notice) = match whole(&form, None, png) {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok((_, facts, png)) => {
            let wanted = id.clone();
            match app.db.write(&grant, move |tx| saved(tx, &wanted, seen, &facts, png.as_deref())).await {
                Ok(changed) => {
                    let (tone, said) = match changed {
                        true => ("good", "Your changes are saved."),
                        false => ("info", "Nothing was different, so nothing was saved."),
                    };
                    leave_flash(&req, tone, said);
                    return Ok(see_other(&super::address(present.id)));
                }
                Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
                Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some(text)),
                Err(other) => return Err(other),
            }
        }
    };
    let mut body = app
        .db
        .read(&grant, move |tx| {
            let (product, partner) = with_partner(tx, &id)?;
            edit_page(tx, refused, product, &partner)
        })
        .await?;
    if let Some(text) = notice {
        body.compare(&text);
    }
    Ok(Page::new(body.title(), Nav::Products, body).status(status).answer(&req))
}

/// The use case: a product is edited. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the SKU is taken.
pub fn saved<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: &str,
    seen: i32,
    facts: &Facts,
    png: Option<&[u8]>,
) -> Result<Change<bool>, AppError> {
    let (present, partner) = with_partner(tx, id)?;
    needs_partner(&partner)?;
    let changes = present.facts().changes(facts);
    let (mut events, mut seen) = (Vec::new(), seen);
    store::save(tx, present.id, seen, facts)?;
    seen += 1;
    if !changes.is_empty() {
        events.push(event(&present, &facts.name, OfferEvent::ProductUpdated { changes }));
    }
    if let Some(png) = png {
        store::save_image(tx, (partner.id, present.id), seen, Some(png))?;
        events.push(event(&present, &facts.name, OfferEvent::ProductImageChanged));
    }
    Ok(Change::of(!events.is_empty(), events))
}
