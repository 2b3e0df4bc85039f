//! Making, editing and copying a campaign.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::model::{Campaign, Facts};
use super::views::FormPage;
use super::{forms, measures, store};
use crate::access::session::leave_flash;
use crate::access::{CreateCampaign, Grant, UpdateCampaign};
use crate::activity::{CampaignEvent, Event};
use crate::app::App;
use crate::db::ids::CampaignId;
use crate::db::{Change, WriteTx};
use crate::programs;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /campaigns/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateCampaign>, app: Data<App>, req: HttpRequest) -> PageResult {
    let zone = app.db.read(&grant, |tx| Ok(programs::store::current(tx)?.time_zone)).await?;
    let body = FormPage { form: forms::blank(zone.as_str()), present: None, notice: None };
    Ok(Page::new("Create campaign", Nav::Campaigns, body).answer(&req))
}

/// `POST /campaigns`
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateCampaign>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let caught = measures::caught(&form, 0);
    let refused = match forms::typed(&form, None) {
        Ok(facts) => match app.db.write(&grant, move |tx| made(tx, &facts, caught)).await {
            Ok((id, name)) => {
                leave_flash(&req, "good", &format!("{name} is created, as a draft. Link its partners next."));
                return Ok(see_other(&format!("{}/partners", super::address(id))));
            }
            Err(AppError::Invalid(errors)) => form.with_errors(errors),
            Err(other) => return Err(other),
        },
        Err(form) => form,
    };
    let body = FormPage { form: measures::refused(refused), present: None, notice: None };
    Ok(Page::new("Create campaign", Nav::Campaigns, body).refused().answer(&req))
}

/// The use case: a campaign is made; so many problems were put right before.
///
/// # Errors
/// [`AppError::Invalid`] when its code is taken.
pub fn made(
    tx: &mut WriteTx<'_, CreateCampaign>,
    facts: &Facts,
    caught: i32,
) -> Result<Change<(CampaignId, String)>, AppError> {
    let id = store::insert(tx, facts)?;
    store::add_caught(tx, id, caught)?;
    let name = facts.name.to_string();
    let event = CampaignEvent::Created;
    Ok(Change::new((id, name.clone()), Event::Campaign { campaign: id, partner: None, name, event }))
}

/// `GET /campaigns/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateCampaign>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let campaign = app.db.read(&grant, move |tx| store::find(tx, &id)).await?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    let body = FormPage { form: forms::filled(&campaign), present: Some(campaign), notice: None };
    Ok(Page::new(body.title(), Nav::Campaigns, body).answer(&req))
}

/// `POST /campaigns/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, wanted) = (form.version()?, id.clone());
    let present = app.db.read(&grant, move |tx| store::find(tx, &wanted)).await?;
    present.state.needs_open().map_err(AppError::Refused)?;
    let caught = measures::caught(&form, 0);
    let (refused, status, notice) = match forms::typed(&form, Some(&present)) {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(facts) => {
            let wanted = id.clone();
            match app.db.write(&grant, move |tx| saved(tx, &wanted, seen, (&facts, caught))).await {
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
    let campaign = app.db.read(&grant, move |tx| store::find(tx, &id)).await?;
    let mut body = FormPage { form: measures::refused(refused), present: Some(campaign), notice: None };
    if let Some(text) = notice {
        body.compare(&text);
    }
    Ok(Page::new(body.title(), Nav::Campaigns, body).status(status).answer(&req))
}

/// The use case: a campaign is edited; so many problems were put right before. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the code is taken.
pub fn saved(
    tx: &mut WriteTx<'_, UpdateCampaign>,
    id: &str,
    seen: i32,
    (facts, caught): (&Facts, i32),
) -> Result<Change<bool>, AppError> {
    let present = store::find_seen(tx, id, seen)?;
    present.state.needs_open().map_err(AppError::Refused)?;
    let changes = present.facts().changes(facts);
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    store::save(tx, present.id, seen, facts)?;
    store::add_caught(tx, present.id, caught)?;
    let event = CampaignEvent::Updated { changes };
    Ok(Change::new(true, event_of(&present, event)))
}

/// What happened to a campaign as a whole.
pub fn event_of(campaign: &Campaign, event: CampaignEvent) -> Event {
    Event::Campaign { campaign: campaign.id, partner: None, name: campaign.name.to_string(), event }
}
