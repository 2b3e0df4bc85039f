//! Which partners take part in a campaign, from either side (S1-2).

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Assignment, Campaign};
use super::moves::crumbs;
use super::store::{self, Narrowed};
use super::views::LinkPage;
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateCampaign};
use crate::activity::{CampaignEvent, Event};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, shown};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Keyset, counted};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Partners in the list to tick.
const LISTED: i64 = 100;
/// Partners in one go at the most.
const AT_ONCE: usize = 200;

/// `GET /campaigns/{id}/partners/link`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<UpdateCampaign>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| form_page(tx, &id, Form::default())).await?;
    Ok(Page::new(format!("Link partners to {}", body.campaign.name), Nav::Campaigns, body).answer(&req))
}

fn form_page(tx: &mut ReadTx<'_>, id: &str, form: Form) -> Result<LinkPage, AppError> {
    let campaign = store::find(tx, id)?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    let linked: Vec<_> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let page = Keyset { size: LISTED + linked.len() as i64, at: None, backward: false };
    let filter = partners::store::Filter { status: Some(Status::Active), ..Default::default() };
    let mut choices: Vec<(String, String)> = partners::store::list(tx, &filter, partners::store::Sort::Name, &page)?
        .into_iter()
        .filter(|partner| !linked.contains(&partner.id))
        .map(|partner| (partner.code.to_string(), partner.name.to_string()))
        .collect();
    let more = choices.len() as i64 > LISTED;
    choices.truncate(LISTED as usize);
    Ok(LinkPage { campaign, form, choices, more })
}

/// Partners to be linked, and those that are left as they are, with why.
struct Chosen {
    able: Vec<Partner>,
    skipped: Vec<String>,
}

fn chosen(tx: &mut ReadTx<'_>, campaign: &Campaign, codes: &[String]) -> Result<Chosen, AppError> {
    let mut found = Chosen { able: Vec::new(), skipped: Vec::new() };
    for code in codes {
        let partner = match partners::store::find(tx, code) {
            Ok(partner) => partner,
            Err(AppError::NotFound) => {
                found.skipped.push(format!("{}: no partner has this code", shown(code)));
                continue;
            }
            Err(other) => return Err(other),
        };
        let why = if store::is_linked(tx, campaign.id, partner.id)? {
            Some("takes part already".to_owned())
        } else if matches!(partner.status, Status::Archived | Status::Suspended) {
            Some(format!("is {}", partner.status.label().to_lowercase()))
        } else {
            None
        };
        match why {
            Some(why) => found.skipped.push(format!("{} ({}) {why}", partner.name, partner.code)),
            None if found.able.iter().any(|one| one.id == partner.id) => {}
            None => found.able.push(partner),
        }
    }
    Ok(found)
}

/// The codes of ticked boxes and of the text field.
fn codes(form: &Form) -> Vec<String> {
    let typed = form.value("codes").split([',', ';', '\n', '\r', ' ', '\t']).map(str::trim);
    let mut codes: Vec<String> = Vec::new();
    for code in form.values("code").into_iter().chain(typed).filter(|code| !code.is_empty()) {
        let code = code.to_uppercase();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// `POST /campaigns/{id}/partners/link`: asks, and with `confirmed` does it.
///
/// # Errors
/// As every page.
pub async fn link(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let codes = codes(&form);
    let refused = match codes.len() {
        0 => Some("Tick at least one partner, or enter a code."),
        many if many > AT_ONCE => Some("At most 200 partners can be linked at once. Take fewer."),
        _ => None,
    };
    if let Some(why) = refused {
        let form = form.with_errors(vec![FieldError::new("codes", "Codes", why)]);
        let body = app.db.read(&grant, move |tx| form_page(tx, &id, form)).await?;
        let title = format!("Link partners to {}", body.campaign.name);
        return Ok(Page::new(title, Nav::Campaigns, body).refused().answer(&req));
    }
    if form.is("confirmed", "yes") {
        let (count, address) = app.db.write(&grant, move |tx| linked(tx, &id, &codes)).await?;
        leave_flash(&req, "good", &format!("{} linked.", counted(count, "partner is", "partners are")));
        return Ok(see_other(&address));
    }
    let body = app.db.read(&grant, move |tx| confirm_page(tx, &id, &codes)).await?;
    Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req))
}

fn confirm_page(tx: &mut ReadTx<'_>, id: &str, codes: &[String]) -> Result<ConfirmPage, AppError> {
    let campaign = store::find(tx, id)?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    let Chosen { able, skipped } = chosen(tx, &campaign, codes)?;
    let address = format!("{}/partners", super::address(campaign.id));
    let count = counted(able.len() as i64, "partner", "partners");
    let mut hidden: Vec<(String, String)> = able.iter().map(|one| ("code".into(), one.code.to_string())).collect();
    hidden.push(("confirmed".into(), "yes".into()));
    Ok(ConfirmPage {
        crumbs: crumbs(&campaign),
        title: format!("Link {count} to {}?", campaign.name),
        lead: if able.is_empty() {
            "None of them can be linked.".into()
        } else {
            "They get no tier by it: assign tiers next. Until then their products stay as they are.".into()
        },
        effects: able.iter().map(|one| format!("{} ({}) takes part", one.name, one.code)).collect(),
        skipped,
        action: if able.is_empty() { String::new() } else { format!("{address}/link") },
        button: format!("Link {count}"),
        harsh: false,
        cancel: format!("{address}/link"),
        reason: None,
        tick: None,
        hidden,
        form: Form::default(),
    })
}

/// The use case: partners are linked to a campaign. Returns how many, and where the campaign's partners are.
///
/// # Errors
/// [`AppError::Conflict`] when one of them cannot be any more.
pub fn linked(
    tx: &mut WriteTx<'_, UpdateCampaign>,
    id: &str,
    codes: &[String],
) -> Result<Change<(i64, String)>, AppError> {
    let campaign = store::find(tx, id)?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    let Chosen { able, skipped } = chosen(tx, &campaign, codes)?;
    if let Some(one) = skipped.first() {
        return Err(AppError::Conflict(format!("None was linked: {one}. Go back and choose again.")));
    }
    let mut events = Vec::new();
    for partner in &able {
        if store::insert_link(tx, &campaign, partner.id)? {
            let event = CampaignEvent::Linked { partner: partner.name.to_string(), hidden: !campaign.state.is_known() };
            events.push(event_of(&campaign, partner, event));
        }
    }
    let address = format!("{}/partners", super::address(campaign.id));
    Ok(Change::of((able.len() as i64, address), events))
}

fn event_of(campaign: &Campaign, partner: &Partner, event: CampaignEvent) -> Event {
    let name = campaign.name.to_string();
    Event::Campaign { campaign: campaign.id, partner: Some(partner.id), name, event }
}

/// `POST /partners/{code}/campaigns`: the same from the partner's side, one campaign at a time.
///
/// # Errors
/// As every page.
pub async fn link_from_partner(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (code, id) = (code.into_inner(), form.value("campaign").to_owned());
    let back = partners::tab(&code, "campaigns");
    if id.is_empty() {
        leave_flash(&req, "info", "Choose a campaign first.");
        return Ok(see_other(&back));
    }
    let codes = vec![code];
    app.db
        .write(&grant, move |tx| {
            // The partner's page is the partner's: what is foreign is not there.
            for code in &codes {
                partners::store::find(tx, code)?;
            }
            linked(tx, &id, &codes)
        })
        .await?;
    leave_flash(&req, "good", "The partner takes part now. Assign it a tier next.");
    Ok(see_other(&back))
}

/// `GET /campaigns/{id}/partners/{code}/unlink`
///
/// # Errors
/// As every page; [`AppError::Refused`] while something of it counts or counted.
pub async fn confirm_unlink(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, code) = path.into_inner();
    let body = app
        .db
        .read(&grant, move |tx| {
            let (campaign, partner, plans) = removable(tx, &id, &code)?;
            let address = format!("{}/partners", super::address(campaign.id));
            let mut effects = vec![format!("{} no longer takes part, and no longer sees the campaign", partner.name)];
            let days = |one: &Assignment| one.days().words(one.time_zone.tz());
            effects.extend(plans.iter().map(|one| format!("Its assignment {} is removed", days(one))));
            Ok(ConfirmPage {
                crumbs: crumbs(&campaign),
                title: format!("Unlink {}?", partner.name),
                lead: "It can be linked again.".into(),
                effects,
                skipped: Vec::new(),
                action: format!("{address}/{}/unlink", crate::web::encode(partner.code.as_str())),
                button: "Unlink partner".into(),
                harsh: true,
                cancel: address,
                reason: None,
                tick: None,
                hidden: vec![("assignments".into(), plans.len().to_string())],
                form: Form::default(),
            })
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req))
}

/// A linked partner of whom nothing counts or counted, with what is planned for it.
fn removable(tx: &mut ReadTx<'_>, id: &str, code: &str) -> Result<(Campaign, Partner, Vec<Assignment>), AppError> {
    let campaign = store::find(tx, id)?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    let partner = partners::store::find(tx, code)?;
    if !store::is_linked(tx, campaign.id, partner.id)? {
        return Err(AppError::NotFound);
    }
    let narrowed = Narrowed { partner: Some(partner.id), ..Narrowed::default() };
    let plans = store::of_campaign(tx, campaign.id, narrowed)?;
    let now = tx.now();
    let is_open = campaign.state.is_known() && plans.iter().any(|one| !one.is_removable(now));
    if is_open {
        return Err(AppError::Refused(format!(
            "{} has assignments in this campaign that count or counted: without them its products would be open to \
             all. End them early instead; the link stays as the record of them.",
            partner.name
        )));
    }
    Ok((campaign, partner, plans))
}

/// `POST /campaigns/{id}/partners/{code}/unlink`
///
/// # Errors
/// As [`confirm_unlink`]; [`AppError::Conflict`] when something was assigned since.
pub async fn unlink(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, code) = path.into_inner();
    let seen = form.value("assignments").to_owned();
    let (name, address) = app.db.write(&grant, move |tx| unlinked(tx, &id, &code, &seen)).await?;
    leave_flash(&req, "good", &format!("{name} is unlinked."));
    Ok(see_other(&address))
}

/// The use case: a partner is unlinked. `seen` is how many assignments were listed.
///
/// # Errors
/// As [`unlink`].
pub fn unlinked(
    tx: &mut WriteTx<'_, UpdateCampaign>,
    id: &str,
    code: &str,
    seen: &str,
) -> Result<Change<(String, String)>, AppError> {
    let (campaign, partner, plans) = removable(tx, id, code)?;
    if plans.len().to_string() != seen {
        return Err(AppError::Conflict("Its assignments were changed meanwhile, so nothing was done.".into()));
    }
    for one in &plans {
        store::remove_assignment(tx, one)?;
    }
    store::remove_link(tx, campaign.id, partner.id)?;
    let (name, hidden) = (partner.name.to_string(), !campaign.state.is_known());
    let event = event_of(&campaign, &partner, CampaignEvent::Unlinked { partner: name.clone(), hidden });
    Ok(Change::new((name, format!("{}/partners", super::address(campaign.id))), event))
}
