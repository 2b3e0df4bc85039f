//! Writing the pages: each is a form of its own, saved by itself.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::options::{self, configured, invalid, known_categories};
use super::typed::{self, General, Typed};
use super::views::EditPage;
use super::{form, media};
use crate::access::session::leave_flash;
use crate::access::{Grant, Permission, ReadIntegration, UpdateIntegration};
use crate::activity::{FieldChange, IntegrationEvent};
use crate::app::App;
use crate::db::ids::IntegrationId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::content::{Content, Field, IntegrationKind, PageName, Spot};
use crate::integrations::credentials::about;
use crate::integrations::model::Integration;
use crate::integrations::stage::State;
use crate::integrations::views::owner;
use crate::integrations::{images, needs_partner_to_go_on, page_address, store};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::upload::Uploads;

/// Longest text of a line of activity, in characters.
const LONGEST_CHANGE: usize = 200;

/// A page's form: text, and pictures on one of them.
pub type Sent = Uploads<{ images::LARGEST_FORM }>;

/// Why the pages cannot be edited now, as a sentence; none when they can.
pub fn reason_to_wait(integration: &Integration) -> Option<&'static str> {
    if integration.stage().is_editable() {
        return None;
    }
    Some(match integration.stage().under_work() {
        State::InReview => "It is in review, so its pages stay as they were submitted. Withdraw it first.",
        State::Approved => "It is approved and waits for its date, so its pages stay as they were approved.",
        State::Published => "It is published. Changes are made in a revision, while what is live stays as it is.",
        State::Unpublished => "It is unpublished. Rework it first; then its pages can be edited.",
        State::Suspended => "The host suspended it, so its pages stay as they are.",
        State::Rejected => "It was rejected. A hosting admin can reopen it; then its pages can be edited.",
        State::Archived => "It is archived. A hosting admin can restore it; then its pages can be edited.",
        State::Draft | State::ChangesRequested => return None,
    })
}

/// Refuses to change what cannot be edited now.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn needs_editable(integration: &Integration) -> Result<(), AppError> {
    reason_to_wait(integration).map_or(Ok(()), |words| Err(AppError::Refused(words.into())))
}

/// The page that an address names.
///
/// # Errors
/// [`AppError::NotFound`] for any other word.
pub fn page_of(word: &str) -> Result<PageName, AppError> {
    PageName::from_key(word).ok_or(AppError::NotFound)
}

/// `GET /integrations/{id}/pages/{page}`: to edit, or to read with the reason.
///
/// # Errors
/// As every page.
pub async fn show(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, page) = path.into_inner();
    let page = page_of(&page)?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let integration = store::find(tx, &id)?;
            let content = store::content(tx, &integration)?;
            let form = form::filled(&content, page, integration.version);
            EditPage::load(tx, integration, content, page, form)
        })
        .await?;
    Ok(Page::new(body.title(), Nav::Integrations, body).answer(&req))
}

/// `POST /integrations/{id}/pages/{page}`
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<UpdateIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    sent: Sent,
    req: HttpRequest,
) -> PageResult {
    let (id, page) = path.into_inner();
    let (page, seen) = (page_of(&page)?, sent.form.version()?);
    let wanted = id.clone();
    let present = app
        .db
        .read(&grant, move |tx| {
            let integration = store::find(tx, &wanted)?;
            store::content(tx, &integration)
        })
        .await?;
    let files = if page == PageName::Media { sent.files } else { Vec::new() };
    let files = media::decoded(&app, grant.actor(), files).await?;
    let (refused, status, notice) = match typed::read(&sent.form, page, &present, files) {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(typed) => {
            let (wanted, form) = (id.clone(), sent.form);
            match app.db.write(&grant, move |tx| saved(tx, &wanted, seen, page, typed)).await {
                Ok((id, changed)) => return Ok(done(&req, id, page, changed)),
                Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
                Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some(text)),
                Err(other) => return Err(other),
            }
        }
    };
    again(&grant, &app, &id, (page, refused, status, notice), &req).await
}

fn done(req: &HttpRequest, id: IntegrationId, page: PageName, changed: bool) -> actix_web::HttpResponse {
    let (tone, said) = match changed {
        true => ("good", format!("{} is saved.", page.label())),
        false => ("info", "Nothing was different, so nothing was saved.".to_owned()),
    };
    leave_flash(req, tone, &said);
    see_other(&page_address(id, page))
}

/// The page again, with what was typed and what is wrong with it.
///
/// # Errors
/// As every page.
pub async fn refused<P: Permission>(
    grant: &Grant<P>,
    app: &Data<App>,
    id: &str,
    page: PageName,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    again(grant, app, id, (page, form, StatusCode::UNPROCESSABLE_ENTITY, None), req).await
}

async fn again<P: Permission>(
    grant: &Grant<P>,
    app: &Data<App>,
    id: &str,
    (page, typed, status, notice): (PageName, Form, StatusCode, Option<String>),
    req: &HttpRequest,
) -> PageResult {
    let id = id.to_owned();
    let body = app
        .db
        .read(grant, move |tx| {
            let integration = store::find(tx, &id)?;
            let content = store::content(tx, &integration)?;
            let stored = form::filled(&content, page, integration.version);
            let mut body = EditPage::load(tx, integration, content, page, typed)?;
            if let Some(text) = notice {
                body.compare(&text, &stored);
            }
            Ok(body)
        })
        .await?;
    Ok(Page::new(body.title(), Nav::Integrations, body).status(status).answer(req))
}

/// The use case: a page is saved. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] while it cannot be edited,
/// [`AppError::Invalid`] when a name is taken, or something was chosen that is not in the lists.
pub fn saved(
    tx: &mut WriteTx<'_, UpdateIntegration>,
    id: &str,
    seen: i32,
    page: PageName,
    typed: Typed,
) -> Result<Change<(IntegrationId, bool)>, AppError> {
    let integration = store::find_seen(tx, id, seen)?;
    needs_partner_to_go_on(&owner(tx, &integration)?)?;
    needs_editable(&integration)?;
    let before = store::content(tx, &integration)?;
    let after = applied(tx, &integration, &before, typed)?;
    let changes = changes(&before, &after);
    if changes.is_empty() && before == after {
        return Ok(Change::nothing((integration.id, false)));
    }
    let mut row = integration.clone();
    // What was ever live keeps its name and kind until other ones are published.
    if integration.live_number.is_none() {
        row.name.clone_from(&after.name);
        row.kind = after.kind;
    }
    let row = store::save(tx, &integration, row, Some(&after))?;
    let event = IntegrationEvent::PageSaved { page: page.label().to_owned(), changes };
    Ok(Change::new((row.id, true), about(&row, event)))
}

/// The fields that differ, cut to what a line of activity can carry.
pub fn changes(before: &Content, after: &Content) -> Vec<FieldChange> {
    let cut = |text: String| match text.char_indices().nth(LONGEST_CHANGE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    };
    after
        .changed_from(before)
        .into_iter()
        .map(|spot| FieldChange {
            field: after.label(spot),
            before: cut(before.value(spot).text()),
            after: cut(after.value(spot).text()),
        })
        .collect()
}

fn applied(
    tx: &mut WriteTx<'_, UpdateIntegration>,
    integration: &Integration,
    before: &Content,
    typed: Typed,
) -> Result<Content, AppError> {
    match typed {
        Typed::General(typed) => general(tx, integration, before, *typed),
        Typed::Listing(typed) => {
            let settings = store::settings(tx)?;
            known_categories(&settings, before, &typed.categories)?;
            Ok(Content {
                summary: typed.summary,
                description: typed.description,
                categories: in_order(options::categories(&settings, before), &typed.categories),
                links: typed.links,
                member_terms: typed.member_terms,
                ..before.clone()
            })
        }
        // An external one has neither template nor connections.
        Typed::Configure(_) if before.kind == IntegrationKind::External => Ok(before.clone()),
        Typed::Configure(typed) => configured(tx, integration, before, typed),
        Typed::Media(typed) => media::applied(tx, integration, before, *typed),
        Typed::Legal(typed) => Ok(Content {
            terms_link: typed.terms_link,
            privacy_link: typed.privacy_link,
            data_use: typed.data_use,
            ..before.clone()
        }),
    }
}

/// The order of the program's list, whatever the form's.
fn in_order(all: Vec<String>, chosen: &[String]) -> Vec<String> {
    all.into_iter().filter(|one| chosen.contains(one)).collect()
}

fn general(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
    before: &Content,
    typed: General,
) -> Result<Content, AppError> {
    // A revision's name is compared too, so that publishing it does not fail.
    let is_other = typed.name.to_lowercase() != integration.name.to_lowercase();
    if is_other && store::names(tx, integration.partner_id)?.contains(&typed.name.to_lowercase()) {
        let words = "This partner has an integration of this name already. Choose another.";
        return Err(invalid(Field::Name, words));
    }
    let mut after = Content {
        name: typed.name,
        kind: typed.kind,
        link: typed.link,
        support_email: typed.support_email,
        support_link: typed.support_link,
        documentation: typed.documentation,
        ..before.clone()
    };
    // What means nothing for its kind is not kept: nobody would see that it still uses a connection.
    match after.kind {
        IntegrationKind::External => (after.template, after.source, after.target) = (None, None, None),
        IntegrationKind::Internal => after.link.clear(),
    }
    Ok(after)
}

/// The pages where two contents differ.
pub fn changed_pages(spots: &[Spot]) -> Vec<PageName> {
    PageName::ALL.iter().copied().filter(|page| spots.iter().any(|spot| spot.page() == *page)).collect()
}
