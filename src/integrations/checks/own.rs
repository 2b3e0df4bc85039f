//! `/integrations/{id}/checks`: everything that an integration is checked by, for the partner before it submits and for
//! the host; and the ticks of a reviewer's checklist.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Check, CheckKind};
use super::views::{OwnLine, OwnPage};
use super::{Finding, Findings, store};
use crate::access::limits::{self, LINK_CHECKS};
use crate::access::session::leave_flash;
use crate::access::{AnswerForms, Grant, Permission, ReadIntegration, ReviewIntegration, UpdateIntegration};
use crate::activity::{Event, IntegrationEvent};
use crate::app::App;
use crate::db::{Change, ReadTx, SystemTx, WriteTx};
use crate::integrations::content::{PageName, Spot};
use crate::integrations::model::Integration;
use crate::integrations::stage::{Revision, State};
use crate::integrations::store as integrations;
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /integrations/{id}/checks`
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadIntegration>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let of = integrations::find(tx, &id)?;
            page(tx, &of, None)
        })
        .await?;
    Ok(Page::new(format!("Checks of {}", body.name), Nav::Integrations, body).answer(&req))
}

/// `POST /integrations/{id}/checks`: asks the links now. Nothing is kept: the answer is the page itself.
///
/// # Errors
/// [`AppError::TooMany`] after thirty in an hour.
pub async fn ask_links(
    grant: Grant<UpdateIntegration>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let (of, found) = found_of_links(&app, &grant, id.into_inner()).await?;
    let body = app.db.read(&grant, move |tx| page(tx, &of, Some(found))).await?;
    Ok(Page::new(format!("Checks of {}", body.name), Nav::Integrations, body).answer(&req))
}

/// What the checks of links say about the pages as they are being written; counted, since it asks others' servers.
///
/// # Errors
/// [`AppError::TooMany`] after thirty in an hour.
pub async fn found_of_links<P: Permission>(
    app: &App,
    grant: &Grant<P>,
    id: String,
) -> Result<(Integration, Findings), AppError> {
    let (of, rules, content) = app
        .db
        .read(grant, move |tx| {
            let of = integrations::find(tx, &id)?;
            let (rules, content) = super::prepared(tx, &of)?;
            Ok((of, rules, content))
        })
        .await?;
    let is_asking = rules.iter().any(|rule| !rule.addresses(&content).is_empty());
    if let Some(user) = grant.actor().user().filter(|_| is_asking) {
        let count = move |tx: &mut SystemTx<'_>| limits::spend(tx, &format!("link check {user}"), LINK_CHECKS);
        app.db.system("count a check of links", count).await?;
    }
    let found = super::links(&app.outbound, &rules, &content).await;
    Ok((of, found))
}

fn page(tx: &mut ReadTx<'_>, of: &Integration, asked: Option<Findings>) -> Result<OwnPage, AppError> {
    let content = integrations::content(tx, of)?;
    let (was_asked, findings) = (asked.is_some(), super::run(tx, of, &content)?);
    let findings = findings.with(asked.unwrap_or_default());
    let checks = store::live(tx)?;
    let actor = tx.actor().clone();
    let is_open = of.stage().is_editable();
    let fix = |one: &Finding| {
        let is_question = matches!(one.spot.parse(), Ok(Spot::Question(_)));
        let may_fix = if is_question { may::<AnswerForms>(&actor) } else { may::<UpdateIntegration>(&actor) };
        (is_open && may_fix).then(|| fix_address(of, one))
    };
    let pages = PageName::ALL.iter().map(|page| {
        let own = findings.0.iter().filter(|one| one.page == page.key());
        let mut lines: Vec<OwnLine> = own.map(|one| OwnLine::of(one, fix(one))).collect();
        lines.extend(checks.iter().filter(|check| check.page == *page).filter_map(|check| later(check, was_asked)));
        (*page, lines)
    });
    let has_links = checks.iter().any(|check| check.kind == CheckKind::Link);
    Ok(OwnPage {
        name: of.name.clone(),
        address: crate::integrations::address(of.id),
        state: of.stage().words(),
        blocking: findings.blocking().count(),
        advice: findings.failed().count() - findings.blocking().count(),
        passed: findings.passed(),
        pages: pages.filter(|(_, lines)| !lines.is_empty()).collect(),
        links: has_links.then_some(was_asked),
        may_ask: may::<UpdateIntegration>(&actor),
    })
}

/// What is not found out by this page.
fn later(check: &Check, was_asked: bool) -> Option<OwnLine> {
    let line = |icon, state, note: &str| Some(OwnLine::later(check.words.clone(), icon, state, note.into()));
    match check.kind {
        CheckKind::LookAt => line("eye", "Reviewer", "A reviewer looks at this."),
        CheckKind::Link if !was_asked => {
            line("circle-dashed", "When submitting", "Links are asked when it is submitted.")
        }
        _ => None,
    }
}

/// Where it can be mended.
fn fix_address(of: &Integration, one: &Finding) -> String {
    let own = crate::integrations::address(of.id);
    match one.spot.parse::<Spot>() {
        Ok(Spot::Question(id)) => format!("{own}/answers#{}", crate::forms::sheet::field(id)),
        Ok(spot) => format!("{own}/pages/{}#{spot}", spot.page().key()),
        // The program's questions as a whole.
        Err(()) => format!("{own}/answers"),
    }
}

/// `POST /integrations/{id}/checklist/{check}`: ticks what only a person judges, or takes the tick back.
///
/// # Errors
/// [`AppError::Conflict`] when another submission is under review now.
pub async fn tick(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, check) = path.into_inner();
    let wrong =
        || AppError::BadRequest("The form does not say which submission it is about. Load the page again.".into());
    let submission: i32 = form.value("submission").parse().map_err(|_| wrong())?;
    let is_ticked = form.is_ticked("ticked");
    let address = app.db.write(&grant, move |tx| ticked(tx, &id, &check, submission, is_ticked)).await?;
    leave_flash(&req, "good", if is_ticked { "Ticked." } else { "The tick is taken back." });
    Ok(see_other(&format!("{address}/review#checklist")))
}

/// The use case: a check of the submission under review is ticked, or no longer.
///
/// # Errors
/// [`AppError::Refused`] when nothing is under review, [`AppError::Conflict`] when it is another submission.
pub fn ticked(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    id: &str,
    check: &str,
    submission: i32,
    is_ticked: bool,
) -> Result<Change<String>, AppError> {
    let of = integrations::find(tx, id)?;
    let check = store::find(tx, check)?;
    if check.kind != CheckKind::LookAt {
        return Err(AppError::Refused("The portal finds this out by itself: there is nothing to tick.".into()));
    }
    if of.state != State::InReview && of.revision != Some(Revision::InReview) {
        return Err(AppError::Refused(format!("It is {}, so nothing of it is under review.", of.stage().words())));
    }
    if of.submission != submission {
        return Err(AppError::Conflict("Another submission is under review now. Look at that one.".into()));
    }
    let address = crate::integrations::address(of.id);
    let is_done = if is_ticked { store::mark(tx, &of, &check)? } else { store::unmark(tx, &of, check.id)? };
    if !is_done {
        return Ok(Change::nothing(address));
    }
    let event = Event::Integration {
        partner: of.partner_id,
        integration: of.id,
        name: of.name.clone(),
        event: IntegrationEvent::LookedAt { words: check.words, ticked: is_ticked },
    };
    Ok(Change::new(address, event))
}
