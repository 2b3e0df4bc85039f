//! `/integrations/{id}/threads`: giving feedback, answering it, settling it and opening it again.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::model::{New, Thread, Weight};
use super::views::Back;
use super::{answers, event, open_thread, stop_publishing, store};
use crate::access::session::leave_flash;
use crate::access::{CommentIntegration, Grant, ReviewIntegration};
use crate::activity::IntegrationEvent;
use crate::app::App;
use crate::db::ids::ThreadId;
use crate::db::{Change, WriteTx};
use crate::integrations::content::{PageName, Spot};
use crate::integrations::review::handlers::{Look, Refused, again};
use crate::integrations::review::{address, found_to_go_on, shown};
use crate::integrations::stage::State;
use crate::values::{self, Choice};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::PageResult;
use crate::web::see_other;

/// What is wrong with feedback that says nothing.
const EMPTY: &str = "Write something first.";

fn words(typed: &str) -> Result<String, String> {
    let text = values::paragraphs(typed)?;
    if text.is_empty() { Err(EMPTY.into()) } else { Ok(text) }
}

/// Feedback as somebody typed it.
fn read_new(form: &Form) -> Result<New, Form> {
    let mut check = form.check();
    let page = check.field("page", "Page", |typed| {
        PageName::from_key(typed).ok_or_else(|| "Choose one of the integration’s pages.".to_owned())
    });
    let spot = check.optional("field", "Field", |typed| {
        typed.parse::<Spot>().map_err(|()| "This page has no such field. Comment on the whole page.".to_owned())
    });
    let weight = check.field("weight", "Weight", |typed| {
        Weight::from_key(typed).ok_or_else(|| "Choose what it asks for.".to_owned())
    });
    let criterion = check.optional("criterion", "Check", |typed| values::line(typed, 300));
    let body = check.field("body", "Feedback", words);
    if let (Some(page), Some(Some(spot))) = (page, spot)
        && spot.page() != page
    {
        check.refuse("field", "Field", "This field is on another page. Comment there.");
    }
    check.done(|| {
        Some(New { page: page?, spot: spot?, weight: weight?, criterion: criterion?.unwrap_or_default(), body: body? })
    })
}

/// Where an answer leads: one of two pages, never a free address.
fn back(form: &Form, id: &str, page: PageName, thread: ThreadId) -> HttpResponse {
    let here = match Back::from_key(form.value("back")) {
        Some(Back::Edit) => format!("/integrations/{}/pages/{}", crate::web::encode(id), page.key()),
        _ => address(id, page, Look::since(form)),
    };
    see_other(&format!("{here}#t-{thread}"))
}

/// `POST /integrations/{id}/threads`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the integration is archived or its partner stopped.
pub async fn open(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let new = match read_new(&form) {
        Ok(new) => new,
        Err(form) => return again(&grant, &app, &id, Refused::New(form), &req).await,
    };
    let (page, asked) = (new.page, id.clone());
    let thread = app.db.write(&grant, move |tx| opened(tx, &asked, &new)).await?;
    leave_flash(&req, "good", "Your feedback is stored.");
    Ok(back(&form, &id, page, thread))
}

/// The use case: feedback is given, without any verdict.
///
/// # Errors
/// As [`open`].
pub fn opened(tx: &mut WriteTx<'_, ReviewIntegration>, id: &str, new: &New) -> Result<Change<ThreadId>, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    if integration.state == State::Archived {
        return Err(AppError::Refused("It is archived, so nobody would answer. Restore it first.".into()));
    }
    if let Some(spot) = new.spot
        && !shown(tx, &integration)?.all_spots().contains(&spot)
    {
        return Err(AppError::Refused("The integration has no such field. Comment on the whole page.".into()));
    }
    open_thread(tx, &integration, new)
}

/// `POST /integrations/{id}/threads/{thread}/messages`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the item is resolved.
pub async fn reply(
    grant: Grant<CommentIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, thread) = path.into_inner();
    let mut check = form.check();
    let body = check.field("body", "Answer", words);
    let body = match check.done(|| body) {
        Ok(body) => body,
        Err(form) => return again(&grant, &app, &id, Refused::Reply(thread, form), &req).await,
    };
    let asked = id.clone();
    let found = app.db.write(&grant, move |tx| replied(tx, &asked, &thread, &body)).await?;
    Ok(back(&form, &id, found.page, found.id))
}

/// The use case: somebody writes in an item. The partner's words answer it; a host's make it the partner's move again.
///
/// # Errors
/// As [`reply`].
pub fn replied(
    tx: &mut WriteTx<'_, CommentIntegration>,
    id: &str,
    thread: &str,
    body: &str,
) -> Result<Change<Thread>, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    let thread = store::find(tx, &integration, thread)?;
    let is_answer = answers(tx, &integration, &thread);
    store::reply(tx, &integration, &thread, body, is_answer)?;
    let page = thread.page.label().to_owned();
    let what = match thread.weight {
        Weight::Internal => IntegrationEvent::NoteWritten { page },
        _ => IntegrationEvent::FeedbackAnswered { page },
    };
    Ok(Change::new(thread, event(&integration, what)))
}

/// `POST /integrations/{id}/threads/{thread}/resolution`, with last words where there are some.
///
/// # Errors
/// As every page; [`AppError::Conflict`] when somebody was faster.
pub async fn resolve(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, thread) = path.into_inner();
    let mut check = form.check();
    let body = check.optional("body", "Reply", values::paragraphs);
    let body = match check.done(|| body) {
        Ok(body) => body.unwrap_or_default(),
        Err(form) => return again(&grant, &app, &id, Refused::Reply(thread, form), &req).await,
    };
    let asked = id.clone();
    let found = app.db.write(&grant, move |tx| settled(tx, &asked, &thread, &body)).await?;
    leave_flash(&req, "good", "The item is resolved.");
    Ok(see_other(&address(&id, found.page, Look::since(&form))))
}

/// The use case: an item is settled.
///
/// # Errors
/// As [`resolve`].
pub fn settled(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    id: &str,
    thread: &str,
    body: &str,
) -> Result<Change<Thread>, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    let thread = store::find(tx, &integration, thread)?;
    if !body.is_empty() {
        store::reply(tx, &integration, &thread, body, false)?;
    }
    store::settle(tx, &thread, true)?;
    let page = thread.page.label().to_owned();
    let what = match thread.weight {
        Weight::Internal => IntegrationEvent::NoteSettled { page },
        _ => IntegrationEvent::FeedbackSettled { page },
    };
    Ok(Change::new(thread, event(&integration, what)))
}

/// `POST /integrations/{id}/threads/{thread}/reopening`
///
/// # Errors
/// As every page; [`AppError::Conflict`] when somebody was faster.
pub async fn reopen(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, thread) = path.into_inner();
    let asked = id.clone();
    let found = app.db.write(&grant, move |tx| reopened(tx, &asked, &thread)).await?;
    leave_flash(&req, "good", "The item is open again.");
    Ok(back(&form, &id, found.page, found.id))
}

/// The use case: an item is opened again.
///
/// # Errors
/// As [`reopen`].
pub fn reopened(tx: &mut WriteTx<'_, ReviewIntegration>, id: &str, thread: &str) -> Result<Change<Thread>, AppError> {
    let (integration, _) = found_to_go_on(tx, id)?;
    let thread = store::find(tx, &integration, thread)?;
    if thread.weight == Weight::Blocking {
        stop_publishing(tx, &integration)?;
    }
    store::settle(tx, &thread, false)?;
    let page = thread.page.label().to_owned();
    let what = match thread.weight {
        Weight::Internal => IntegrationEvent::NoteReopened { page },
        _ => IntegrationEvent::FeedbackReopened { page },
    };
    Ok(Change::new(thread, event(&integration, what)))
}
