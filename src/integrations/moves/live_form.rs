//! The form with which a host changes what is live: the texts of General and Listing. What the program wants reviewed
//! is shown and cannot be typed over.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::handlers::conflict;
use super::live_edit::edit_live;
use super::{Asked, Ground};
use crate::access::session::leave_flash;
use crate::access::{DecideIntegration, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::integrations::content::{Content, Field, IntegrationKind, Spot};
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::values::{Choice, Email, Refused, line, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The fields of the form, in order.
const FIELDS: [Field; 8] = [
    Field::Name,
    Field::Link,
    Field::SupportEmail,
    Field::SupportLink,
    Field::Documentation,
    Field::Summary,
    Field::Description,
    Field::MemberTerms,
];

/// The form.
#[derive(Template)]
#[template(path = "integrations/moves/live_edit.html")]
struct LivePage {
    name: String,
    address: String,
    number: i32,
    has_revision: bool,
    fields: Vec<Input>,
    form: Form,
}

/// One field of it.
struct Input {
    key: &'static str,
    label: &'static str,
    is_long: bool,
    /// What stands there, where it changes only by a revision.
    fixed: Option<String>,
}

fn text(content: &Content, field: Field) -> String {
    content.value(Spot::Field(field)).text()
}

fn fits(content: &Content, field: Field) -> bool {
    field != Field::Link || content.kind == IntegrationKind::External
}

fn page(tx: &mut ReadTx<'_>, id: &str, typed: Option<Form>) -> Result<LivePage, AppError> {
    let ground = Ground::find(tx, id)?;
    ground.permits(tx, Move::EditLive)?;
    let item = &ground.item;
    let live = store::live(tx, item)?.ok_or(AppError::NotFound)?;
    let reviewed = ground.settings.reviewed_fields();
    let shown = || FIELDS.into_iter().filter(|field| fits(&live, *field));
    let form = typed.unwrap_or_else(|| {
        let values = shown().map(|field| (field.key(), text(&live, field)));
        Form::filled(values.chain([("version", item.version.to_string())]))
    });
    let input = |field: Field| Input {
        key: field.key(),
        label: field.label(),
        is_long: matches!(field, Field::Summary | Field::Description | Field::MemberTerms),
        fixed: reviewed.contains(&field).then(|| text(&live, field)),
    };
    Ok(LivePage {
        name: item.name.clone(),
        address: crate::integrations::address(item.id),
        number: item.live_number.unwrap_or(1),
        has_revision: item.revision.is_some(),
        fields: shown().map(input).collect(),
        form,
    })
}

/// `GET /integrations/{id}/live-edit`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is not live.
pub async fn form(grant: Grant<DecideIntegration>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| page(tx, &id, None)).await?;
    Ok(Page::new(format!("Edit the published {}", body.name), Nav::Integrations, body).answer(&req))
}

fn https(typed: &str) -> Result<String, Refused> {
    let typed = line(typed, 500)?;
    match url::Url::parse(&typed) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => Ok(typed),
        _ => Err("Enter an address that begins with https://.".into()),
    }
}

/// The live pages with what was typed; fields that the form did not send stay.
fn edited(form: &Form, live: &Content) -> Result<Content, Form> {
    let mut check = form.check();
    let mut content = live.clone();
    let sent = |field: Field| !form.values(field.key()).is_empty() && fits(live, field);
    for field in FIELDS.into_iter().filter(|field| sent(*field)) {
        let (key, label) = (field.key(), field.label());
        let value = match field {
            Field::Name => check.field(key, label, |typed| line(typed, 120)),
            Field::SupportEmail => check.field(key, label, |typed| Email::parse(typed).map(|email| email.to_string())),
            Field::Link => check.field(key, label, https),
            Field::SupportLink | Field::Documentation => {
                check.optional(key, label, https).map(Option::unwrap_or_default)
            }
            Field::Summary => check.field(key, label, |typed| line(&typed.replace(['\r', '\n'], " "), 240)),
            _ => check.optional(key, label, paragraphs).map(Option::unwrap_or_default),
        };
        let Some(value) = value else { continue };
        match field {
            Field::Name => content.name = value,
            Field::Link => content.link = value,
            Field::SupportEmail => content.support_email = value,
            Field::SupportLink => content.support_link = value,
            Field::Documentation => content.documentation = value,
            Field::Summary => content.summary = value,
            Field::Description => content.description = value,
            _ => content.member_terms = value,
        }
    }
    check.done(|| Some(content))
}

/// `POST /integrations/{id}/live-edit`
///
/// # Errors
/// As [`edit_live`].
pub async fn save(
    grant: Grant<DecideIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, seen) = (id.into_inner(), form.version()?);
    let (of, typed) = (id.clone(), form.clone());
    let live = app
        .db
        .read(&grant, move |tx| {
            let item = store::find(tx, &of)?;
            store::live(tx, &item)?.ok_or_else(|| AppError::Refused("It was never published.".into()))
        })
        .await?;
    let refused = match edited(&typed, &live) {
        Err(form) => form,
        Ok(content) => {
            let (of, asked) = (id.clone(), Asked { seen, ..Asked::default() });
            match app.db.write(&grant, move |tx| edit_live(tx, &of, &asked, &content)).await {
                Ok(made) => {
                    leave_flash(&req, "good", &made.said);
                    return Ok(see_other(&crate::integrations::address(made.item.id)));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(AppError::Conflict(why)) => {
                    let typed = FIELDS.map(|field| (field.label(), form.value(field.key()).to_owned()));
                    let typed = typed.into_iter().filter(|(_, value)| !value.is_empty()).collect();
                    return conflict(&grant, &app, id, (Move::EditLive.label(), typed), why, &req).await;
                }
                Err(other) => return Err(other),
            }
        }
    };
    let body = app.db.read(&grant, move |tx| page(tx, &id, Some(refused))).await?;
    let title = format!("Edit the published {}", body.name);
    Ok(Page::new(title, Nav::Integrations, body).status(StatusCode::UNPROCESSABLE_ENTITY).answer(&req))
}
