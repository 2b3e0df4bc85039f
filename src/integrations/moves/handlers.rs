//! Each move has an address of its own: GET says what it does, POST does it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;

use super::verdict::WORDS;
use super::views::{self, ConflictPage};
use super::{Asked, Ground, Made, RejectReason, made};
use crate::access::session::{leave_flash, leave_flash_with};
use crate::access::{Actor, DecideIntegration, Grant, Permission, PublishIntegration, ReviewIntegration};
use crate::app::App;
use crate::integrations::checks::{self, Findings};
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::values::{Choice, Refused, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The move of an address, where it takes the permission that was proved.
fn wanted<P: Permission>(req: &HttpRequest) -> Result<Move, AppError> {
    let noun = req.path().rsplit('/').next().unwrap_or_default();
    let allowed = |one: &Move| one.rule().is_some_and(|rule| rule.index == P::RULE.index);
    Move::from_key(noun).filter(allowed).ok_or(AppError::NotFound)
}

/// `GET /integrations/{id}/{move}`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the move cannot be made now.
pub async fn confirm<P: Permission>(grant: Grant<P>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let wanted = wanted::<P>(&req)?;
    let number = req.query_string().strip_prefix("number=").unwrap_or_default().to_owned();
    let form = Form::filled([("number", number)]);
    show(&grant, &app, id.into_inner(), wanted, form, &req).await
}

async fn show<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: String,
    wanted: Move,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    let status = if form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = app
        .db
        .read(grant, move |tx| {
            let ground = Ground::find(tx, &id)?;
            ground.permits(tx, wanted)?;
            views::page(tx, &ground, wanted, form)
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Integrations, body).status(status).answer(req))
}

/// `POST /integrations/{id}/{move}`
///
/// # Errors
/// As [`made`]; a conflict is a page of its own.
pub async fn apply<P: Permission>(
    grant: Grant<P>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let wanted = wanted::<P>(&req)?;
    run(&grant, &app, id.into_inner(), wanted, form, true, &req).await
}

/// What the form says; `asks_tick`: whether the page had a box to be ticked.
fn asked(form: &Form, wanted: Move, seen: i32, asks_tick: bool) -> Result<Asked, Form> {
    let mut check = form.check();
    let label = views::words(wanted).map_or("Note", |(label, _)| label);
    let words = check.optional(WORDS, label, paragraphs);
    let reason = match wanted {
        Move::Reject => check.field("reason_code", "Reason", RejectReason::parse).map(Some),
        _ => Some(None),
    };
    let publish_on = match wanted {
        Move::Schedule => check.field("publish_on", "Publish on", day).map(Some),
        _ => Some(None),
    };
    let number = match wanted {
        Move::RollBack => check.field("number", "Version", version).map(Some),
        _ => Some(None),
    };
    if let Some(label) = views::tick(wanted).filter(|_| asks_tick && !form.is_ticked("confirmed")) {
        check.refuse("confirmed", label, "Tick this to go on.");
    }
    check.done(|| {
        let words = words?.unwrap_or_default();
        Some(Asked {
            seen,
            words,
            reason: reason?,
            publish_on: publish_on?,
            number: number?,
            links: Findings::default(),
        })
    })
}

fn day(typed: &str) -> Result<NaiveDate, Refused> {
    let wrong = |_| "Enter a day like 2026-12-01.".to_owned();
    match typed.trim() {
        "" => Err("Choose the day to publish it on.".into()),
        typed => NaiveDate::parse_from_str(typed, "%Y-%m-%d").map_err(wrong),
    }
}

fn version(typed: &str) -> Result<i32, Refused> {
    typed.trim().parse().ok().filter(|number| *number > 0).ok_or_else(|| "Choose the version to go back to.".into())
}

/// What is to be found out of the pages’ links before the transaction: the one place where moves ask for it.
async fn links_of<P: Permission>(app: &App, grant: &Grant<P>, id: &str, wanted: Move) -> Result<Findings, AppError> {
    match wanted {
        Move::Submit | Move::Resubmit | Move::PublishOwn => {
            Ok(checks::own::found_of_links(app, grant, id.to_owned()).await?.1)
        }
        _ => Ok(Findings::default()),
    }
}

async fn run<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: String,
    wanted: Move,
    form: Form,
    asks_tick: bool,
    req: &HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let refused = match asked(&form, wanted, seen, asks_tick) {
        Err(form) => form,
        Ok(asked) => {
            let asked = Asked { links: links_of(app, grant, &id, wanted).await?, ..asked };
            let of = id.clone();
            match app.db.write(grant, move |tx| made(tx, &of, wanted, &asked)).await {
                Ok(made) => return Ok(done(grant.actor(), &made, wanted, req)),
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(AppError::Conflict(why)) => {
                    return conflict(grant, app, id, (wanted.label(), typed(&form, wanted)), why, req).await;
                }
                Err(other) => return Err(other),
            }
        }
    };
    show(grant, app, id, wanted, refused, req).await
}

/// The move that takes another one back.
fn undoing(wanted: Move) -> Option<Move> {
    match wanted {
        Move::Submit | Move::Resubmit => Some(Move::Withdraw),
        Move::Schedule => Some(Move::Unschedule),
        Move::Archive => Some(Move::Restore),
        Move::Reject => Some(Move::Reopen),
        Move::Suspend => Some(Move::Reinstate),
        Move::Revise => Some(Move::Discard),
        _ => None,
    }
}

fn done(actor: &Actor, made: &Made, wanted: Move, req: &HttpRequest) -> actix_web::HttpResponse {
    let address = crate::integrations::address(made.item.id);
    let back = undoing(wanted).filter(|one| one.is_open_to(actor) && made.item.stage().after(*one, false).is_ok());
    let link = back.map(|one| (format!("{}…", one.label()), format!("{address}/{}", one.key())));
    leave_flash_with(req, "good", &made.said, link);
    see_other(&address)
}

/// What somebody typed, with its labels.
fn typed(form: &Form, wanted: Move) -> Vec<(&'static str, String)> {
    let label = views::words(wanted).map_or("Note", |(label, _)| label);
    let reason = RejectReason::from_key(form.value("reason_code")).map_or("", Choice::label).to_owned();
    let all = [
        (label, form.value(WORDS).to_owned()),
        ("Reason", reason),
        ("Publish on", form.value("publish_on").to_owned()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// Somebody was faster: both are shown.
pub(super) async fn conflict<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: String,
    (chosen, typed): (&'static str, Vec<(&'static str, String)>),
    why: String,
    req: &HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(grant, move |tx| {
            let item = store::find(tx, &id)?;
            let last = store::last_submission(tx, &item)?;
            let decided = last.and_then(|last| {
                let outcome = last.outcome?;
                Some((format!("{} decided: {}", last.answered_by_name, outcome.label().to_lowercase()), last.summary))
            });
            Ok(ConflictPage {
                address: crate::integrations::address(item.id),
                name: item.name,
                why,
                decided,
                chosen,
                typed,
            })
        })
        .await?;
    Ok(Page::new("Somebody was faster", Nav::Integrations, body).status(StatusCode::CONFLICT).answer(req))
}

/// The same person with a stronger permission.
///
/// # Errors
/// [`AppError::Forbidden`] with a sentence for the person.
fn stronger<P: Permission>(grant: &Grant<ReviewIntegration>) -> Result<Grant<P>, AppError> {
    Grant::check(grant.actor().clone())
}

/// `POST /integrations/{id}/verdict`: what the review page sends. A publication with a date is one for that date.
///
/// # Errors
/// As [`made`]; [`AppError::Forbidden`] when the verdict takes a permission that the person lacks.
pub async fn verdict(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let wanted = match form.value("verdict") {
        "comment" => return comment(&grant, &app, id, form, &req).await,
        "publication" if !form.value("publish_on").is_empty() => Move::Schedule,
        other => Move::from_key(other).ok_or_else(|| AppError::BadRequest("Choose a verdict.".into()))?,
    };
    match wanted {
        Move::RequestChanges => run(&grant, &app, id, wanted, form, false, &req).await,
        Move::Publish | Move::Schedule => {
            run(&stronger::<PublishIntegration>(&grant)?, &app, id, wanted, form, false, &req).await
        }
        Move::Reject => run(&stronger::<DecideIntegration>(&grant)?, &app, id, wanted, form, false, &req).await,
        _ => Err(AppError::BadRequest("Choose a verdict.".into())),
    }
}

async fn comment(grant: &Grant<ReviewIntegration>, app: &App, id: String, form: Form, req: &HttpRequest) -> PageResult {
    let seen = form.version()?;
    let mut check = form.check();
    let words = check.field(WORDS, "Summary", paragraphs);
    let words = check.done(|| words).map_err(|form| AppError::Invalid(form.errors().to_vec()))?;
    let (of, shown) = (id.clone(), words.clone());
    match app.db.write(grant, move |tx| super::commented(tx, &of, seen, &words)).await {
        Ok(made) => {
            leave_flash(req, "good", &made.said);
            Ok(see_other(&format!("{}/review", crate::integrations::address(made.item.id))))
        }
        Err(AppError::Conflict(why)) => conflict(grant, app, id, ("Comment", vec![("Summary", shown)]), why, req).await,
        Err(other) => Err(other),
    }
}
