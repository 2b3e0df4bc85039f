//! Moving a campaign through its life, each move confirmed with its effects listed; and a second person's approval.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};

use super::model::{Campaign, Phase, State, Step};
use super::{impact, store};
use crate::access::session::leave_flash;
use crate::access::{Actor, ApproveCampaign, Grant, UpdateCampaign};
use crate::activity::{CampaignEvent, Event};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::counted;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

fn wanted(address: &str) -> Result<Step, AppError> {
    Step::from_key(address).ok_or(AppError::NotFound)
}

/// `GET /campaigns/{id}/status/{step}`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the campaign's state does not allow it.
pub async fn confirm(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, step) = path.into_inner();
    let step = wanted(&step)?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            let (_, approval) = store::tiers_on(tx)?;
            let to = campaign.state.after(step, approval).map_err(AppError::Refused)?;
            let effects = effects(tx, &campaign, step, to)?;
            Ok(page(&campaign, step, to, effects, tx.now()))
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req))
}

fn effects(tx: &mut ReadTx<'_>, campaign: &Campaign, step: Step, to: State) -> Result<Vec<String>, AppError> {
    let partners = store::links(tx, campaign.id)?.len() as i64;
    let mut effects = Vec::new();
    match to {
        State::Awaiting => effects.push(
            "It counts once a hosting admin approved it who neither made nor submitted it. Until then it stays as it is."
                .to_owned(),
        ),
        State::Draft => effects.push("It can be changed again, and has to be submitted anew.".into()),
        _ => effects.extend(impact::of_state(tx, campaign, to)?.words()),
    }
    if to == State::Approved {
        effects.push(format!("It counts {}.", campaign.days().words(campaign.time_zone.tz())));
    }
    if matches!(to, State::Approved | State::Paused | State::Archived) && partners > 0 {
        let own = if partners == 1 { "with" } else { "each with" };
        effects.push(format!("{} can see it, {own} its own assignments.", counted(partners, "partner", "partners")));
    }
    if step == Step::Submit {
        let problems = store::count_problems(tx, campaign.id)?;
        if problems > 0 {
            let problems = counted(problems.into(), "problem", "problems");
            effects.push(format!("The configuration check lists {problems} of it. It can count all the same."));
        }
    }
    if step == Step::Archive {
        effects.push("It stays as it is for good. It can be copied.".into());
    }
    Ok(effects)
}

fn page(campaign: &Campaign, step: Step, to: State, effects: Vec<String>, now: DateTime<Utc>) -> ConfirmPage {
    let (before, after) = (campaign.phase(now), Campaign { state: to, ..campaign.clone() }.phase(now));
    let address = super::address(campaign.id);
    let label = if to == State::Awaiting { "Submit for approval" } else { step.label() };
    ConfirmPage {
        crumbs: crumbs(campaign),
        title: match step {
            Step::Withdraw => format!("Take {} back to draft?", campaign.name),
            Step::Submit if to == State::Awaiting => format!("Submit {} for approval?", campaign.name),
            _ => format!("{label} {}?", campaign.name),
        },
        lead: format!("From {} to {}.", before.label().to_lowercase(), after.label().to_lowercase()),
        effects,
        skipped: Vec::new(),
        action: format!("{address}/status/{}", step.key()),
        button: label.into(),
        harsh: step.is_harsh(),
        cancel: address,
        reason: step.is_harsh().then_some("Reason"),
        tick: None,
        hidden: vec![("version".into(), campaign.version.to_string())],
        form: Form::default(),
    }
}

/// The way back from a page below a campaign.
pub fn crumbs(campaign: &Campaign) -> Vec<(String, String)> {
    vec![("/campaigns".into(), "Campaigns".into()), (super::address(campaign.id), campaign.name.to_string())]
}

/// `POST /campaigns/{id}/status/{step}`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster; [`AppError::Refused`] when its state does not allow it.
pub async fn apply(
    grant: Grant<UpdateCampaign>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, step) = path.into_inner();
    let (step, seen) = (wanted(&step)?, form.version()?);
    let reason = paragraphs(form.value("reason")).map_err(AppError::BadRequest)?;
    let (name, to, address) = app.db.write(&grant, move |tx| moved(tx, &id, seen, step, &reason)).await?;
    leave_flash(&req, "good", &format!("{name} is {} now.", to.label().to_lowercase()));
    Ok(see_other(&address))
}

/// The use case: a campaign is moved. Returns its name, where it stands then and its address.
///
/// # Errors
/// As [`apply`].
pub fn moved(
    tx: &mut WriteTx<'_, UpdateCampaign>,
    id: &str,
    seen: i32,
    step: Step,
    reason: &str,
) -> Result<Change<(String, Phase, String)>, AppError> {
    let campaign = store::find_seen(tx, id, seen)?;
    let (_, approval) = store::tiers_on(tx)?;
    let to = campaign.state.after(step, approval).map_err(AppError::Refused)?;
    store::save_state(tx, &campaign, to, false)?;
    if step == Step::Submit && campaign.set_up_at.is_none() {
        let left_over = store::count_problems(tx, campaign.id)?;
        store::set_up(tx, campaign.id, left_over)?;
    }
    let name = campaign.name.to_string();
    let event = CampaignEvent::Moved {
        did: step.done(approval).into(),
        from: campaign.state.label().into(),
        to: to.label().into(),
        reason: reason.to_owned(),
    };
    let after = Campaign { state: to, ..campaign.clone() }.phase(tx.now());
    let value = (name.clone(), after, super::address(campaign.id));
    Ok(Change::new(value, Event::Campaign { campaign: campaign.id, partner: None, name, event }))
}

/// Who may not approve: whoever made it or submitted it.
///
/// # Errors
/// [`AppError::Refused`] with who has to.
pub fn needs_another(campaign: &Campaign, actor: &Actor) -> Result<(), AppError> {
    if campaign.state != State::Awaiting {
        return Err(AppError::Refused(format!(
            "This campaign is {}, so there is nothing to approve.",
            campaign.state.label().to_lowercase()
        )));
    }
    let own = actor.user();
    if own.is_none() || campaign.owner_id == own || campaign.updated_by == own {
        return Err(AppError::Refused(
            "You made or submitted this campaign yourself. Another hosting admin has to approve it.".into(),
        ));
    }
    Ok(())
}

/// `GET /campaigns/{id}/approval`
///
/// # Errors
/// As every page; [`AppError::Refused`] to who made or submitted it.
pub async fn confirm_approval(
    grant: Grant<ApproveCampaign>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            needs_another(&campaign, tx.actor())?;
            let effects = effects(tx, &campaign, Step::Submit, State::Approved)?;
            let address = super::address(campaign.id);
            let page = page(&campaign, Step::Submit, State::Approved, effects, tx.now());
            Ok(ConfirmPage {
                title: format!("Approve {}?", campaign.name),
                lead: format!("{} submitted it.", campaign.updated_by_name),
                action: format!("{address}/approval"),
                button: "Approve".into(),
                ..page
            })
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req))
}

/// `POST /campaigns/{id}/approval`
///
/// # Errors
/// As [`confirm_approval`]; [`AppError::Conflict`] when somebody was faster.
pub async fn approve(
    grant: Grant<ApproveCampaign>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let address = app
        .db
        .write(&grant, move |tx| {
            let campaign = store::find_seen(tx, &id, seen)?;
            needs_another(&campaign, tx.actor())?;
            store::save_state(tx, &campaign, State::Approved, true)?;
            let event = CampaignEvent::Approved;
            let name = campaign.name.to_string();
            let address = super::address(campaign.id);
            Ok(Change::new(address, Event::Campaign { campaign: campaign.id, partner: None, name, event }))
        })
        .await?;
    leave_flash(&req, "good", "The campaign is approved: it counts from its first day through its last.");
    Ok(see_other(&address))
}
