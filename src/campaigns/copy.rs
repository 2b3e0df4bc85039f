//! Copies: a whole campaign, or the assignments of another one; all dates move by the same number of days.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};

use super::assign::{event_of, is_hidden, open};
use super::dates::DayRange;
use super::forms::{self, Copying};
use super::model::{Assignment, AssignmentState, Campaign, Facts};
use super::moves::crumbs;
use super::several::one_error;
use super::store::{self, Filter, Narrowed, NewAssignment, Sort, UndoStep};
use super::timeline::Names;
use super::views::CopyPage;
use crate::access::session::leave_flash;
use crate::access::{AssignTier, CreateCampaign, Grant, Permission};
use crate::activity::{CampaignEvent, Event};
use crate::app::App;
use crate::db::ids::{CampaignId, PartnerId};
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::{Keyset, counted};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// A day moved by a distance.
fn moved(day: NaiveDate, by: TimeDelta) -> NaiveDate {
    day.checked_add_signed(by).unwrap_or(day)
}

fn moved_days(days: DayRange, by: TimeDelta) -> DayRange {
    DayRange { first: moved(days.first, by), last: days.last.map(|last| moved(last, by)) }
}

/// Another campaign's assignment in a campaign, moved. An early end is an end like others there.
fn copied(one: &Assignment, to: CampaignId, by: TimeDelta, state: AssignmentState) -> NewAssignment {
    NewAssignment {
        partner: one.partner_id,
        campaign: to,
        product: one.product_id,
        tier: one.tier_id,
        state,
        zone: one.time_zone.clone(),
        span: moved_days(one.days(), by).span(one.time_zone.tz()),
        ended_early: false,
    }
}

/// `GET /campaigns/{id}/copy`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<CreateCampaign>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            let name: String = format!("{} (copy)", campaign.name).chars().take(120).collect();
            let form = Form::filled([
                ("name", name),
                ("first_day", campaign.days().first.to_string()),
                ("with_assignments", "yes".into()),
            ]);
            page(tx, campaign, form)
        })
        .await?;
    Ok(Page::new(format!("Copy {}", body.campaign.name), Nav::Campaigns, body).answer(&req))
}

fn page(tx: &mut ReadTx<'_>, campaign: Campaign, form: Form) -> Result<CopyPage, AppError> {
    let (tiers_on, _) = store::tiers_on(tx)?;
    let days = campaign.days().words(campaign.time_zone.tz());
    Ok(CopyPage { form, campaign, days, tiers_on })
}

/// `POST /campaigns/{id}/copy`
///
/// # Errors
/// As every page.
pub async fn copy(
    grant: Grant<CreateCampaign>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let wanted = id.clone();
    let refused = match forms::copying(&form) {
        Ok(copying) => match app.db.write(&grant, move |tx| made(tx, &wanted, &copying)).await {
            Ok((id, name)) => {
                leave_flash(
                    &req,
                    "good",
                    &format!("{name} is a draft with the dates moved. Look it over, then start it."),
                );
                return Ok(see_other(&format!("{}/partners", super::address(id))));
            }
            Err(AppError::Invalid(errors)) => form.with_errors(errors),
            Err(other) => return Err(other),
        },
        Err(form) => form,
    };
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            page(tx, campaign, refused)
        })
        .await?;
    Ok(Page::new(format!("Copy {}", body.campaign.name), Nav::Campaigns, body).refused().answer(&req))
}

/// The use case: a campaign is copied, as a draft.
///
/// # Errors
/// [`AppError::Invalid`] when the code is taken.
pub fn made(
    tx: &mut WriteTx<'_, CreateCampaign>,
    id: &str,
    copying: &Copying,
) -> Result<Change<(CampaignId, String)>, AppError> {
    let source = store::find(tx, id)?;
    let by = copying.first - source.days().first;
    let facts = Facts {
        code: copying.code.clone(),
        name: copying.name.clone(),
        days: moved_days(source.days(), by),
        ..source.facts()
    };
    let new = store::insert(tx, &facts)?;
    let target = store::find(tx, &new.to_string())?;
    let name = facts.name.to_string();
    let event = CampaignEvent::Copied { from: source.name.to_string() };
    let mut events = vec![Event::Campaign { campaign: new, partner: None, name: name.clone(), event }];
    if copying.with_assignments {
        let ids: Vec<PartnerId> = store::links(tx, source.id)?.iter().map(|link| link.partner_id).collect();
        for line in store::partner_lines(tx, &ids)? {
            store::insert_link(tx, &target, line.id)?;
            events.push(event_of(&target, line.id, CampaignEvent::Linked { partner: line.name, hidden: true }));
        }
        let (tiers_on, _) = store::tiers_on(tx)?;
        let all = if tiers_on { store::of_campaign(tx, source.id, Narrowed::default())? } else { Vec::new() };
        let names = Names::of(tx, &all)?;
        for one in &all {
            let new = copied(one, target.id, by, one.state);
            store::insert_assignment(tx, None, &new)?;
            events.push(assigned(&target, &names, one, &new));
        }
    }
    Ok(Change::of((new, name), events))
}

fn assigned(target: &Campaign, names: &Names, one: &Assignment, new: &NewAssignment) -> Event {
    let zone = new.zone.tz();
    let event = CampaignEvent::Assigned {
        whose: names.whose(one),
        tier: names.tier(one),
        days: DayRange::of(new.span, zone).words(zone),
        hidden: is_hidden(target, new.state),
    };
    event_of(target, new.partner, event)
}

/// Which campaign to copy from.
#[derive(Template)]
#[template(path = "campaigns/copy_from.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct CopyFromPage {
    pub campaign: Campaign,
    pub form: Form,
    pub sources: Vec<(String, String)>,
}

impl CopyFromPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }
}

fn from_page(tx: &mut ReadTx<'_>, id: &str, form: Form) -> Result<CopyFromPage, AppError> {
    let campaign = open(tx, id)?;
    let all = Keyset { size: 200, at: None, backward: false };
    let sources = store::list(tx, &Filter::default(), Sort::StartDown, &all)?
        .into_iter()
        .filter(|one| one.id != campaign.id)
        .map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.code)))
        .collect();
    Ok(CopyFromPage { campaign, form, sources })
}

/// `GET /campaigns/{id}/assignments/copy`
///
/// # Errors
/// As every page.
pub async fn from_form(grant: Grant<AssignTier>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| from_page(tx, &id, Form::default())).await?;
    Ok(Page::new("Copy assignments", Nav::Campaigns, body).answer(&req))
}

/// What is copied as drafts, and what is left.
struct Sorted {
    campaign: Campaign,
    source: Campaign,
    able: Vec<(Assignment, NewAssignment)>,
    skipped: Vec<String>,
    names: Names,
}

fn sorted(tx: &mut ReadTx<'_>, id: &str, source: &str) -> Result<Option<Sorted>, AppError> {
    let campaign = open(tx, id)?;
    let source = match store::find(tx, source) {
        Ok(source) if source.id != campaign.id => source,
        Ok(_) | Err(AppError::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    let by = campaign.days().first - source.days().first;
    let linked: Vec<PartnerId> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let all = store::of_campaign(tx, source.id, Narrowed::default())?;
    let present = store::of_campaign(tx, campaign.id, Narrowed::default())?;
    let names = Names::of(tx, &all)?;
    let mut found = Sorted { campaign, source, able: Vec::new(), skipped: Vec::new(), names };
    for one in all {
        let new = copied(&one, found.campaign.id, by, AssignmentState::Draft);
        let is_there = |other: &Assignment| {
            (other.partner_id, other.product_id, other.span()) == (new.partner, new.product, new.span)
        };
        let why = match &one {
            one if !linked.contains(&one.partner_id) => Some("its partner does not take part here; link it first"),
            _ if new.span.within(found.campaign.span()).is_none() => Some("it would lie outside this campaign"),
            _ if present.iter().any(is_there) => Some("there is one of the same days already"),
            _ => None,
        };
        match why {
            Some(why) => found.skipped.push(format!("{}: {why}", found.names.sentence(&one))),
            None => found.able.push((one, new)),
        }
    }
    Ok(Some(found))
}

/// `POST /campaigns/{id}/assignments/copy`: asks, and with `confirmed` does it.
///
/// # Errors
/// As every page; [`AppError::Conflict`] when what was listed is no longer so.
pub async fn copy_from(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let source = form.value("from").to_owned();
    if form.is("confirmed", "yes") {
        let seen = form.value("count").to_owned();
        let (count, address) = app.db.write(&grant, move |tx| copied_from(tx, &id, &source, &seen)).await?;
        let copied = counted(count, "assignment is copied as a draft", "assignments are copied as drafts");
        leave_flash(&req, "good", &format!("{copied}. You can undo it here."));
        return Ok(see_other(&address));
    }
    let wanted = id.clone();
    match app.db.read(&grant, move |tx| sorted(tx, &wanted, &source)).await? {
        Some(found) => {
            let body = confirm_page(&found);
            Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req))
        }
        None => {
            let form = form.with_errors(one_error("from", "Campaign", "Choose one of the other campaigns."));
            let body = app.db.read(&grant, move |tx| from_page(tx, &id, form)).await?;
            Ok(Page::new("Copy assignments", Nav::Campaigns, body).refused().answer(&req))
        }
    }
}

fn confirm_page(found: &Sorted) -> ConfirmPage {
    let address = super::address(found.campaign.id);
    let count = counted(found.able.len() as i64, "assignment", "assignments");
    let effect = |(one, new): &(Assignment, NewAssignment)| {
        let days = DayRange::of(new.span, new.zone.tz()).words(new.zone.tz());
        format!("{} for {}, {days}, as a draft", found.names.tier(one), found.names.whose(one))
    };
    ConfirmPage {
        crumbs: crumbs(&found.campaign),
        title: format!("Copy {count} from {}?", found.source.name),
        lead: "They come as drafts, their dates moved from that campaign’s first day to this one’s.".into(),
        effects: found.able.iter().map(effect).collect(),
        skipped: found.skipped.clone(),
        action: if found.able.is_empty() { String::new() } else { format!("{address}/assignments/copy") },
        button: format!("Copy {count}"),
        harsh: false,
        cancel: format!("{address}/assignments/copy"),
        reason: None,
        tick: None,
        hidden: vec![
            ("from".into(), found.source.id.to_string()),
            ("count".into(), found.able.len().to_string()),
            ("confirmed".into(), "yes".into()),
        ],
        form: Form::default(),
    }
}

/// The use case: the assignments of another campaign are copied as drafts.
///
/// # Errors
/// [`AppError::Conflict`] when there are more or fewer than were listed.
pub fn copied_from<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: &str,
    source: &str,
    seen: &str,
) -> Result<Change<(i64, String)>, AppError> {
    let found = sorted(tx, id, source)?.ok_or(AppError::NotFound)?;
    if found.able.len().to_string() != seen {
        return Err(AppError::Conflict(
            "The assignments were changed after the list was made, so none was copied. Go back and look again.".into(),
        ));
    }
    let (mut events, mut steps) = (Vec::new(), Vec::new());
    for (one, new) in &found.able {
        steps.push(UndoStep::made(store::insert_assignment(tx, None, new)?));
        events.push(assigned(&found.campaign, &found.names, one, new));
    }
    let count = found.able.len() as i64;
    let words = format!("copied {} from {}", counted(count, "assignment", "assignments"), found.source.name);
    store::keep_undo(tx, &found.campaign, &words, &steps)?;
    Ok(Change::of((count, format!("{}/partners", super::address(found.campaign.id))), events))
}
