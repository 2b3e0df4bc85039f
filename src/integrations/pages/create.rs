//! Beginning an integration (transition 1): whose it is, what it is called, and where it runs.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::views::{First, NewPage};
use crate::access::session::leave_flash;
use crate::access::{AnswerForms, CreateIntegration, Grant, Scope};
use crate::activity::{Event, IntegrationEvent};
use crate::app::App;
use crate::db::ids::IntegrationId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::forms;
use crate::forms::model::{FormKind, Standing};
use crate::forms::store::answers::{self, Subject};
use crate::integrations::content::{Content, Field, IntegrationKind, PageName};
use crate::integrations::{needs_partner_to_begin, page_address, store};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::partners::views::may;
use crate::values::{Choice, Name};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Partners in the list of suggestions.
const SUGGESTED: i64 = 200;

/// `GET /integrations/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateIntegration>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let kind = IntegrationKind::from_key(params.get("kind")).unwrap_or(IntegrationKind::Internal);
    let form =
        Form::filled([("partner", params.get("partner").to_owned()), (Field::Kind.key(), kind.key().to_owned())]);
    drawn(&grant, &app, form, StatusCode::OK, &req).await
}

async fn drawn(
    grant: &Grant<CreateIntegration>,
    app: &Data<App>,
    form: Form,
    status: StatusCode,
    req: &HttpRequest,
) -> PageResult {
    let body = app.db.read(grant, move |tx| page(tx, form)).await?;
    Ok(Page::new("Create integration", Nav::Integrations, body).status(status).answer(req))
}

fn page(tx: &mut ReadTx<'_>, form: Form) -> Result<NewPage, AppError> {
    let picks_partner = matches!(tx.scope(), Scope::Program(_)) && !tx.actor().is_single();
    let mut suggested = Vec::new();
    if picks_partner {
        let all = Keyset { size: SUGGESTED, at: None, backward: false };
        let filter = partners::store::Filter { status: Some(Status::Active), ..Default::default() };
        suggested = partners::store::list(tx, &filter, partners::store::Sort::Name, &all)?
            .into_iter()
            .map(|partner| (partner.code.to_string(), partner.name.to_string()))
            .collect();
    }
    let first = match whose(tx, form.value("partner"))? {
        Some(partner) => first_step(tx, &partner)?,
        None => None,
    };
    Ok(NewPage { form, partners: suggested, picks_partner, first })
}

/// The partner that is meant: one's own, wherever there is no choice.
fn whose(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<Partner>, AppError> {
    let is_own = matches!(tx.scope(), Scope::Partner { .. }) || tx.actor().is_single();
    let own = tx.actor().partner().filter(|_| is_own).map(|own| own.code.clone());
    match partners::store::find(tx, &own.unwrap_or_else(|| code.trim().to_uppercase())) {
        Ok(partner) => Ok(Some(partner)),
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What a partner has to do before it can begin an integration (S0-28); none when it can.
///
/// # Errors
/// When the database does not answer.
pub fn first_step(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Option<First>, AppError> {
    let (code, name) = (partner.code.as_str(), &partner.name);
    if let Err(AppError::Refused(text)) = needs_partner_to_begin(partner) {
        let (address, label) = (partners::address(code), format!("Open {name}"));
        return Ok(Some(First { text, address, label }));
    }
    let Some(live) = forms::store::live(tx, FormKind::Partner)? else { return Ok(None) };
    let due = answers::facts(tx, Subject::partner(partner), &live)?.due();
    if due.standing != Standing::Missing {
        return Ok(None);
    }
    let text =
        format!("{name} has not answered the program’s form yet. That comes first; then it can build integrations.");
    Ok(Some(match may::<AnswerForms>(tx.actor()) {
        true => First { text, address: partners::tab(code, "profile/answers"), label: "Answer the form".into() },
        false => First { text, address: partners::tab(code, "profile"), label: "Open the profile".into() },
    }))
}

/// `POST /integrations`
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateIntegration>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let mut check = form.check();
    let name = check.field(Field::Name.key(), Field::Name.label(), Name::parse);
    let kind = check.field(Field::Kind.key(), Field::Kind.label(), IntegrationKind::parse);
    let (name, kind) = match check.done(|| Some((name?, kind?))) {
        Ok(typed) => typed,
        Err(form) => return drawn(&grant, &app, form, StatusCode::UNPROCESSABLE_ENTITY, &req).await,
    };
    let code = form.value("partner").to_owned();
    match app.db.write(&grant, move |tx| created(tx, &code, &name, kind)).await {
        Ok((id, name)) => {
            leave_flash(&req, "good", &format!("{name} is created. Fill in its pages, then submit it."));
            Ok(see_other(&page_address(id, PageName::General)))
        }
        Err(AppError::Invalid(errors)) => {
            drawn(&grant, &app, form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, &req).await
        }
        // The page says why, and leads to what comes first.
        Err(AppError::Refused(_)) => drawn(&grant, &app, form, StatusCode::CONFLICT, &req).await,
        Err(other) => Err(other),
    }
}

/// The use case: a partner begins an integration.
///
/// # Errors
/// [`AppError::Invalid`] when there is no such partner or the name is taken, [`AppError::Refused`] when something else
/// comes first.
pub fn created(
    tx: &mut WriteTx<'_, CreateIntegration>,
    code: &str,
    name: &Name,
    kind: IntegrationKind,
) -> Result<Change<(IntegrationId, String)>, AppError> {
    let Some(partner) = whose(tx, code)? else {
        let words = "Enter the code of one of the partners.";
        return Err(AppError::Invalid(vec![FieldError::new("partner", "Partner", words)]));
    };
    if let Some(first) = first_step(tx, &partner)? {
        return Err(AppError::Refused(first.text));
    }
    let content = Content::new(name.to_string(), kind);
    let id = store::insert(tx, &partner, &content)?;
    let event = Event::Integration {
        partner: partner.id,
        integration: id,
        name: name.to_string(),
        event: IntegrationEvent::Created,
    };
    Ok(Change::new((id, name.to_string()), event))
}
