//! The ordered list; making, changing and moving a tier.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms;
use super::model::{Facts, MOST, Tier};
use super::store;
use super::views::{FormPage, IndexPage, OffPage, Row, can_update, named_by};
use crate::access::session::leave_flash;
use crate::access::{Grant, ReadTiers, Scope, UpdateTiers};
use crate::activity::{Event, OfferEvent};
use crate::app::App;
use crate::db::ids::TierId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// `GET /tiers`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadTiers>, app: Data<App>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, |tx| index_page(tx, Form::default())).await?;
    match body {
        Some(body) => Ok(Page::new("Tiers", Nav::Tiers, body).answer(&req)),
        None => Ok(Page::new("Tiers", Nav::Tiers, OffPage::new("Tiers", grant.actor())).answer(&req)),
    }
}

/// None while tiers are off.
fn index_page(tx: &mut ReadTx<'_>, form: Form) -> Result<Option<IndexPage>, AppError> {
    if tx.scope() == Scope::Everything || !super::are_on(tx)? {
        return Ok(None);
    }
    let tiers = store::list(tx)?;
    let sees_uses = matches!(tx.scope(), Scope::Program(_));
    let counts = if sees_uses { store::counts(tx, &tiers)? } else { Vec::new() };
    let (now, zone, last) = (tx.now(), tx.actor().zone(), tiers.len().saturating_sub(1));
    let rows = tiers.into_iter().enumerate().map(|(at, tier)| Row {
        address: super::address(tier.id),
        uses: named_by(counts.iter().find(|(id, _)| *id == tier.id).map_or(0, |(_, count)| *count)),
        updated: When::new(tier.updated_at, now, zone),
        is_first: at == 0,
        is_last: at == last,
        tier,
    });
    let rows: Vec<Row> = rows.collect();
    let is_full = rows.len() >= MOST;
    Ok(Some(IndexPage { rows, form, can_update: can_update(tx.actor()), sees_uses, is_full }))
}

/// `POST /tiers`
///
/// # Errors
/// As every page; [`AppError::Refused`] while tiers are off.
pub async fn create(grant: Grant<UpdateTiers>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let typed = form.clone();
    let made = app
        .db
        .write(&grant, move |tx| {
            super::need_to_be_on(tx)?;
            let present = store::lock(tx)?;
            match forms::new(&typed, present.len()) {
                Ok((facts, place)) => Ok(created(tx, &present, &facts, place)?.map(Ok)),
                Err(form) => Ok(Change::nothing(Err(form))),
            }
        })
        .await;
    let refused = match made {
        Ok(Ok(label)) => {
            leave_flash(&req, "good", &format!("{label} is created."));
            return Ok(see_other("/tiers"));
        }
        Ok(Err(form)) => form,
        Err(AppError::Invalid(errors)) => form.with_errors(errors),
        Err(other) => return Err(other),
    };
    let body = app.db.read(&grant, |tx| index_page(tx, refused)).await?.ok_or(AppError::NotFound)?;
    Ok(Page::new("Tiers", Nav::Tiers, body).refused().answer(&req))
}

/// The use case: a tier is made at a place of the locked order; those from there on go one down. Gives its label.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken or there are too many.
pub fn created(
    tx: &mut WriteTx<'_, UpdateTiers>,
    present: &[Tier],
    facts: &Facts,
    place: i32,
) -> Result<Change<String>, AppError> {
    if present.len() >= MOST {
        let full = format!("There are {MOST} tiers already, which is the most. Remove one first.");
        return Err(AppError::Invalid(vec![FieldError::new("name", "Name", full)]));
    }
    let mut order: Vec<(TierId, i32)> = present.iter().map(|tier| (tier.id, tier.precedence)).collect();
    let at = usize::try_from(place - 1).unwrap_or_default().min(order.len());
    // Its end is free; from there it goes to its place with all others.
    let last = i32::try_from(order.len()).unwrap_or(i32::MAX - 1) + 1;
    let id = store::insert(tx, facts, last)?;
    if at < order.len() {
        order.insert(at, (id, last));
        store::place(tx, &order)?;
    }
    let name = facts.name.clone();
    let label = super::model::label(place, &name);
    let event = OfferEvent::TierCreated { precedence: place };
    Ok(Change::new(label, Event::Offer { partner: None, product: None, name, event }))
}

/// `GET /tiers/{id}`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateTiers>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| form_page(tx, &id, None)).await?;
    match body {
        Some(body) => Ok(Page::new(body.tier.label(), Nav::Tiers, body).answer(&req)),
        None => Ok(Page::new("Tiers", Nav::Tiers, OffPage::new("Tiers", grant.actor())).answer(&req)),
    }
}

fn form_page(tx: &mut ReadTx<'_>, id: &str, form: Option<Form>) -> Result<Option<FormPage>, AppError> {
    let tier = store::find(tx, id)?;
    if !super::are_on(tx)? {
        return Ok(None);
    }
    let uses = store::uses(tx, &tier)?;
    let saved = When::new(tier.updated_at, tx.now(), tx.actor().zone());
    let form = form.unwrap_or_else(|| forms::filled(&tier));
    Ok(Some(FormPage { tier, form, notice: None, uses, saved }))
}

/// `POST /tiers/{id}`
///
/// # Errors
/// As every page; [`AppError::Refused`] while tiers are off.
pub async fn update(
    grant: Grant<UpdateTiers>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, wanted) = (form.version()?, id.clone());
    let typed = forms::edited(&form);
    let (refused, status, notice) = match typed {
        Err(form) => {
            app.db.read(&grant, move |tx| store::find(tx, &wanted).and_then(|_| super::need_to_be_on(tx))).await?;
            (form, StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Ok(facts) => match app.db.write(&grant, move |tx| saved(tx, &wanted, seen, &facts)).await {
            Ok(changed) => {
                let (tone, said) = match changed {
                    true => ("good", "Your changes are saved."),
                    false => ("info", "Nothing was different, so nothing was saved."),
                };
                leave_flash(&req, tone, said);
                return Ok(see_other("/tiers"));
            }
            Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
            Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some(text)),
            Err(other) => return Err(other),
        },
    };
    let body = app.db.read(&grant, move |tx| form_page(tx, &id, Some(refused))).await?;
    let mut body = body.ok_or(AppError::NotFound)?;
    if let Some(text) = notice {
        body.compare(&text);
    }
    Ok(Page::new(body.tier.label(), Nav::Tiers, body).status(status).answer(&req))
}

/// The use case: a tier is renamed or described. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn saved(tx: &mut WriteTx<'_, UpdateTiers>, id: &str, seen: i32, facts: &Facts) -> Result<Change<bool>, AppError> {
    let tier = store::find(tx, id)?;
    super::need_to_be_on(tx)?;
    let changes = tier.facts().changes(facts);
    store::save(tx, tier.id, seen, facts)?;
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    let event = OfferEvent::TierUpdated { changes };
    Ok(Change::new(true, Event::Offer { partner: None, product: None, name: facts.name.clone(), event }))
}

/// `POST /tiers/{id}/move`
///
/// # Errors
/// [`AppError::Conflict`] when the order is another one than the person saw.
pub async fn reorder(
    grant: Grant<UpdateTiers>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let up = match form.value("to") {
        "up" => true,
        "down" => false,
        _ => return Err(AppError::BadRequest("Say whether it goes up or down.".into())),
    };
    let label = app.db.write(&grant, move |tx| moved(tx, &id, seen, up)).await?;
    match label {
        Some(label) => leave_flash(&req, "good", &format!("The order is saved: {label}.")),
        None => leave_flash(&req, "info", "It is at the end already, so nothing was moved."),
    }
    Ok(see_other("/tiers"))
}

/// The use case: a tier changes places with its neighbour. Gives its new label; none at the end of the order.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn moved(
    tx: &mut WriteTx<'_, UpdateTiers>,
    id: &str,
    seen: i32,
    up: bool,
) -> Result<Change<Option<String>>, AppError> {
    let wanted = store::find(tx, id)?.id;
    super::need_to_be_on(tx)?;
    let mut order = store::lock(tx)?;
    let at = order.iter().position(|tier| tier.id == wanted).ok_or(AppError::NotFound)?;
    if order.get(at).is_some_and(|tier| tier.version != seen) {
        return Err(store::stale(tx, wanted));
    }
    let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next < order.len()) };
    let Some(other) = other else { return Ok(Change::nothing(None)) };
    order.swap(at, other);
    let Some(tier) = order.get(other).cloned() else { return Ok(Change::nothing(None)) };
    let places: Vec<(TierId, i32)> = order.iter().map(|tier| (tier.id, tier.precedence)).collect();
    store::place(tx, &places)?;
    let to = i32::try_from(other).unwrap_or_default() + 1;
    let event = OfferEvent::TierMoved { from: tier.precedence, to };
    let label = super::model::label(to, &tier.name);
    Ok(Change::new(Some(label), Event::Offer { partner: None, product: None, name: tier.name, event }))
}
