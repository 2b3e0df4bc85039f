//! Who reviews: taking a review, and handing it over (transition 4).

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::{address, found_to_go_on, needs_another};
use crate::access::session::leave_flash;
use crate::access::{Grant, Permission, ReviewIntegration};
use crate::activity::IntegrationEvent;
use crate::app::App;
use crate::db::ids::UserId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations;
use crate::integrations::content::PageName;
use crate::integrations::feedback::event;
use crate::integrations::model::Integration;
use crate::integrations::stage::Move;
use crate::mail::{Letter, Post, outbox};
use crate::partners::model::{Partner, Status};
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::Keyset;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::{partners, people};

/// What a claim comes to.
pub enum Claimed {
    /// It is the actor's now; its name.
    Done(String),
    /// Somebody else has it, and that was not confirmed.
    Asks(Box<Integration>),
}

/// `POST /integrations/{id}/claim`
///
/// # Errors
/// As every page; [`AppError::Refused`] for one's own submission, [`AppError::Conflict`] when somebody was faster.
pub async fn claim(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, is_confirmed) = (form.version()?, form.is_ticked("confirmed"));
    let asked = id.clone();
    match app.db.write(&grant, move |tx| claimed(tx, &asked, seen, is_confirmed)).await? {
        Claimed::Done(name) => {
            leave_flash(&req, "good", &format!("You review {name} now."));
            let back = if form.is("back", "list") { "/integrations?tab=in-review".to_owned() } else { start(&id) };
            Ok(see_other(&back))
        }
        Claimed::Asks(integration) => {
            let body = take_over(&integration);
            Ok(Page::new(body.title.clone(), Nav::Integrations, body).answer(&req))
        }
    }
}

fn start(id: &str) -> String {
    address(id, PageName::General, None)
}

fn take_over(integration: &Integration) -> ConfirmPage {
    let address = integrations::address(integration.id);
    let other = &integration.assignee_name;
    ConfirmPage {
        crumbs: vec![
            ("/integrations?tab=in-review".into(), "Integrations".into()),
            (format!("{address}/review"), integration.name.clone()),
        ],
        title: format!("Take over the review of {}?", integration.name),
        lead: format!("{other} is reviewing it."),
        effects: vec![
            format!("You are the reviewer instead of {other}; the partner sees your name."),
            "Feedback, marks and the expected date stay as they are.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{address}/claim"),
        button: "Take over".into(),
        harsh: false,
        cancel: format!("{address}/review"),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), integration.version.to_string()), ("confirmed".into(), "yes".into())],
        form: Form::default(),
    }
}

/// The use case: somebody reviews an integration from now on.
///
/// # Errors
/// As [`claim`].
pub fn claimed(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    id: &str,
    seen: i32,
    is_confirmed: bool,
) -> Result<Change<Claimed>, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    let me = tx.actor().user().ok_or(AppError::NotFound)?;
    needs_another(tx.actor(), &integration)?;
    claimable(&integration)?;
    if integration.assignee_id == Some(me) {
        return Ok(Change::nothing(Claimed::Done(integration.name)));
    }
    if integration.version != seen {
        return Err(integrations::store::conflict(&integration));
    }
    if integration.assignee_id.is_some() && !is_confirmed {
        return Ok(Change::nothing(Claimed::Asks(Box::new(integration))));
    }
    let what = match integration.assignee_name.as_str() {
        "" => IntegrationEvent::Claimed,
        from => IntegrationEvent::HandedOver { from: from.to_owned(), to: tx.actor().name().to_owned() },
    };
    let after =
        Integration { assignee_id: Some(me), assignee_name: tx.actor().name().to_owned(), ..integration.clone() };
    let after = integrations::store::save(tx, &integration, after, None)?;
    Ok(Change::new(Claimed::Done(after.name.clone()), event(&after, what)))
}

fn claimable(integration: &Integration) -> Result<(), AppError> {
    integration.stage().after(Move::Claim, false).map(|_| ()).map_err(|refusal| AppError::Refused(refusal.to_string()))
}

/// Somebody who could review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// Everybody who may review in the program, by name.
///
/// # Errors
/// When the database does not answer.
pub fn reviewers(tx: &mut ReadTx<'_>) -> Result<Vec<Candidate>, AppError> {
    let filter = partners::store::Filter { hosting: true, ..partners::store::Filter::default() };
    let all = Keyset { size: 1000, at: None, backward: false };
    let hosts = partners::store::list(tx, &filter, partners::store::Sort::read("name"), &all)?;
    let acts = |host: &&Partner| matches!(host.status, Status::Active | Status::Offboarding);
    let mut found: Vec<Candidate> = Vec::new();
    for host in hosts.iter().filter(acts) {
        for member in people::store::everybody(tx, host.id)? {
            let reviews = member.can_act()
                && member.is_program_wide(host)
                && member.powers_at(host).include(&ReviewIntegration::RULE);
            if reviews && !found.iter().any(|known| known.user == member.user) {
                found.push(Candidate { user: member.user, name: member.name, email: member.email });
            }
        }
    }
    found.sort_by_key(|one| (one.name.to_lowercase(), one.user));
    Ok(found)
}

/// The form that asks to whom.
#[derive(Template)]
#[template(path = "integrations/handover.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct HandoverPage {
    pub integration: Integration,
    pub address: String,
    pub people: Vec<(String, String)>,
    pub form: Form,
}

/// `GET /integrations/{id}/handover`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is not in review.
pub async fn ask(grant: Grant<ReviewIntegration>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| handover_page(tx, &id, Form::default())).await?;
    Ok(Page::new(format!("Hand over {}", body.integration.name), Nav::Integrations, body).answer(&req))
}

fn handover_page(tx: &mut ReadTx<'_>, id: &str, mut form: Form) -> Result<HandoverPage, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    claimable(&integration)?;
    let people = candidates(tx, &integration)?;
    if form.value("version").is_empty() {
        form.set("version", &integration.version.to_string());
    }
    Ok(HandoverPage {
        address: integrations::address(integration.id),
        people: people.into_iter().map(|one| (one.user.to_string(), one.name)).collect(),
        integration,
        form,
    })
}

/// Neither who has it nor who submitted it.
fn candidates(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Candidate>, AppError> {
    let mut people = reviewers(tx)?;
    people.retain(|one| Some(one.user) != of.assignee_id && Some(one.user) != of.submitted_by);
    Ok(people)
}

/// `POST /integrations/{id}/handover`
///
/// # Errors
/// As [`ask`]; [`AppError::Conflict`] when somebody was faster.
pub async fn hand_over(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, to, asked) = (form.version()?, form.value("to").parse::<UserId>().ok(), id.clone());
    match app.db.write(&grant, move |tx| handed_over(tx, &asked, seen, to)).await {
        Ok((name, to)) => {
            leave_flash(&req, "good", &format!("{to} reviews {name} now, and is told."));
            Ok(see_other(&start(&id)))
        }
        Err(AppError::Invalid(errors)) => {
            let form = form.with_errors(errors);
            let body = app.db.read(&grant, move |tx| handover_page(tx, &id, form)).await?;
            let title = format!("Hand over {}", body.integration.name);
            Ok(Page::new(title, Nav::Integrations, body).refused().answer(&req))
        }
        Err(other) => Err(other),
    }
}

/// The use case: somebody else reviews an integration from now on, and is told.
///
/// # Errors
/// As [`hand_over`]; [`AppError::Invalid`] for somebody who cannot review it.
pub fn handed_over(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    id: &str,
    seen: i32,
    to: Option<UserId>,
) -> Result<Change<(String, String)>, AppError> {
    let (integration, partner) = found_to_go_on(tx, id)?;
    claimable(&integration)?;
    if integration.version != seen {
        return Err(integrations::store::conflict(&integration));
    }
    let chosen = candidates(tx, &integration)?.into_iter().find(|one| Some(one.user) == to);
    let Some(chosen) = chosen else {
        let words = "Choose somebody who may review it: neither its submitter nor its present reviewer.";
        return Err(AppError::Invalid(vec![FieldError::new("to", "New reviewer", words)]));
    };
    let from = integration.assignee_name.clone();
    let after =
        Integration { assignee_id: Some(chosen.user), assignee_name: chosen.name.clone(), ..integration.clone() };
    let after = integrations::store::save(tx, &integration, after, None)?;
    if tx.actor().user() != Some(chosen.user) {
        tell(tx, &after, &partner, &chosen)?;
    }
    let what = IntegrationEvent::HandedOver { from, to: chosen.name.clone() };
    let change = Change::new((after.name.clone(), chosen.name), event(&after, what));
    Ok(change)
}

fn tell(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    of: &Integration,
    partner: &Partner,
    to: &Candidate,
) -> Result<(), AppError> {
    let letter = Letter::ReviewHandedOver {
        name: to.name.clone(),
        integration: of.name.clone(),
        partner: partner.name.to_string(),
        by: tx.actor().name().to_owned(),
        page: format!("{}/review", integrations::address(of.id)),
    };
    let post = Post { hosts_only: true, ..Post::to_account(letter, to.user, &to.email, &to.name) };
    outbox::queue_in(tx, &post.about_partner(of.program_id, of.partner_id))?;
    Ok(())
}
