//! Making and editing a connection.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms::{self, Typed};
use super::handlers::with_partner;
use super::model::{Auth, Connection, Facts, Kind};
use super::store::{self, NewSecret};
use super::views::{ChoosePage, FormPage};
use super::{needs_partner_to_begin, needs_partner_to_go_on, seal};
use crate::access::seal::Sealer;
use crate::access::session::leave_flash;
use crate::access::{CreateConnection, Grant, Scope, UpdateConnection};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::ConnectionId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// Partners in the list of suggestions.
const SUGGESTED: i64 = 200;

/// `GET /connections/new`: first whose and which kind, then its form.
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateConnection>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let (code, kind) = (params.get("partner").to_owned(), params.get("kind").to_owned());
    let begun = !code.is_empty() && !kind.is_empty();
    let mut form = Form::filled([("partner", code.clone()), ("kind", kind.clone())]);
    let found = app.db.read(&grant, move |tx| chosen(tx, &code, &kind)).await?;
    let errors = match found {
        Ok((partner, kind)) => {
            needs_partner_to_begin(&partner)?;
            let body = FormPage::new(forms::blank(kind), kind, &partner);
            return Ok(Page::new("Create connection", Nav::Connections, body).answer(&req));
        }
        Err(errors) => errors,
    };
    // The first look at the page is no mistake.
    if begun {
        form = form.with_errors(errors);
    }
    choose(&grant, &app, form, &req).await
}

/// The partner and kind that were chosen, or what is wrong with them.
fn chosen(tx: &mut ReadTx<'_>, code: &str, kind: &str) -> Result<Result<(Partner, Kind), Vec<FieldError>>, AppError> {
    let own = match tx.scope() {
        Scope::Partner { .. } => tx.actor().partner().map(|own| own.code.clone()),
        _ => None,
    };
    let code = own.unwrap_or_else(|| code.trim().to_uppercase());
    let mut errors = Vec::new();
    let partner = match partners::store::find(tx, &code) {
        Ok(partner) => Some(partner),
        Err(AppError::NotFound) => {
            errors.push(FieldError::new("partner", "Partner", "Enter the code of one of the partners."));
            None
        }
        Err(other) => return Err(other),
    };
    let kind = Kind::parse(kind).map_err(|why| errors.push(FieldError::new("kind", "Kind", why))).ok();
    Ok(partner.zip(kind).ok_or(errors))
}

async fn choose(grant: &Grant<CreateConnection>, app: &Data<App>, form: Form, req: &HttpRequest) -> PageResult {
    let status = if form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = app.db.read(grant, move |tx| choose_page(tx, form)).await?;
    Ok(Page::new("Create connection", Nav::Connections, body).status(status).answer(req))
}

fn choose_page(tx: &mut ReadTx<'_>, form: Form) -> Result<ChoosePage, AppError> {
    let picks_partner = !matches!(tx.scope(), Scope::Partner { .. });
    let mut partners = Vec::new();
    if picks_partner {
        let all = Keyset { size: SUGGESTED, at: None, backward: false };
        let filter = partners::store::Filter { status: Some(Status::Active), ..Default::default() };
        partners = partners::store::list(tx, &filter, partners::store::Sort::Name, &all)?
            .into_iter()
            .map(|partner| (partner.code.to_string(), partner.name.to_string()))
            .collect();
    }
    Ok(ChoosePage { form, partners, picks_partner })
}

/// `POST /connections`
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateConnection>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let (code, kind) = (form.value("partner").to_owned(), form.value("kind").to_owned());
    let (partner, kind) = match app.db.read(&grant, move |tx| chosen(tx, &code, &kind)).await? {
        Ok(found) => found,
        Err(errors) => {
            let kept = ["partner", "kind"].map(|name| (name, form.value(name).to_owned()));
            return choose(&grant, &app, Form::filled(kept).with_errors(errors), &req).await;
        }
    };
    needs_partner_to_begin(&partner)?;
    let refused = match checked(&app, &form, kind, None).await {
        Ok(typed) => {
            let (shared, code, refused) = (app.clone(), partner.code.to_string(), without_secrets(&form));
            match app.db.write(&grant, move |tx| made(tx, &shared.sealer, &code, typed)).await {
                Ok((id, name)) => {
                    leave_flash(&req, "good", &format!("{name} is created. Test it, to see whether it works."));
                    return Ok(see_other(&super::address(id)));
                }
                Err(AppError::Invalid(errors)) => refused.with_errors(errors),
                Err(other) => return Err(other),
            }
        }
        Err(form) => form,
    };
    let body = FormPage::new(refused, kind, &partner);
    Ok(Page::new("Create connection", Nav::Connections, body).refused().answer(&req))
}

/// The form without what must not come back.
fn without_secrets(form: &Form) -> Form {
    let secret = |name: &str| matches!(name, "password" | "private_key");
    Form::typed(form.pairs().iter().filter(|(name, _)| !secret(name)).cloned().collect())
}

/// Everything that can be known before the transaction, the host's addresses included.
async fn checked(app: &Data<App>, form: &Form, kind: Kind, present: Option<&Connection>) -> Result<Typed, Form> {
    let typed = forms::typed(form, kind, present)?;
    let (field, label) = match kind {
        Kind::Sftp | Kind::Ftps => ("host", "Host"),
        Kind::Https => ("url", "Address"),
        Kind::S3 => ("url", "Endpoint"),
    };
    match app.outbound.refuse_internal(&typed.facts.host, typed.facts.port).await {
        Ok(()) => Ok(typed),
        Err(why) => Err(without_secrets(form).with_errors(vec![FieldError::new(field, label, why)])),
    }
}

/// The use case: a connection is made for a partner.
///
/// # Errors
/// [`AppError::Invalid`] when its name is taken, [`AppError::Refused`] when the partner cannot have any now.
pub fn made(
    tx: &mut WriteTx<'_, CreateConnection>,
    sealer: &Sealer,
    code: &str,
    typed: Typed,
) -> Result<Change<(ConnectionId, String)>, AppError> {
    let partner = partners::store::find(tx, code)?;
    needs_partner_to_begin(&partner)?;
    let (id, facts) = (ConnectionId::new(), typed.facts);
    let sealed = typed.secret.map(|secret| seal::seal(sealer, id, &secret)).transpose()?;
    store::insert(tx, id, &partner, &facts, sealed.as_ref())?;
    let name = facts.name.to_string();
    let what = facts.kind.label().to_owned();
    let event = Event::ConnectionCreated { partner: partner.id, connection: id, name: name.clone(), what };
    Ok(Change::new((id, name), event))
}

/// `GET /connections/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateConnection>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let (connection, partner) = with_partner(tx, &id)?;
            needs_partner_to_go_on(&partner)?;
            let form = forms::filled(&connection);
            Ok(edit_page(tx, form, connection, &partner))
        })
        .await?;
    Ok(Page::new(body.title(), Nav::Connections, body).answer(&req))
}

fn edit_page(tx: &ReadTx<'_>, form: Form, connection: Connection, partner: &Partner) -> FormPage {
    let saved = When::new(connection.updated_at, tx.now(), tx.actor().zone());
    FormPage {
        saved: Some((connection.updated_by_name.clone(), saved)),
        present: Some(connection.clone()),
        ..FormPage::new(form, connection.kind, partner)
    }
}

/// `POST /connections/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateConnection>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, wanted) = (form.version()?, id.clone());
    let (present, partner) = app.db.read(&grant, move |tx| with_partner(tx, &wanted)).await?;
    needs_partner_to_go_on(&partner)?;
    let (refused, status, notice) = match checked(&app, &form, present.kind, Some(&present)).await {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(typed) => {
            let (shared, wanted, kept) = (app.clone(), id.clone(), without_secrets(&form));
            match app.db.write(&grant, move |tx| saved(tx, &shared.sealer, &wanted, seen, typed)).await {
                Ok(changed) => {
                    let (tone, said) = match changed {
                        true => ("good", "Your changes are saved."),
                        false => ("info", "Nothing was different, so nothing was saved."),
                    };
                    leave_flash(&req, tone, said);
                    return Ok(see_other(&super::address(present.id)));
                }
                Err(AppError::Invalid(errors)) => (kept.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
                Err(AppError::Conflict(text)) => (kept, StatusCode::CONFLICT, Some(text)),
                Err(other) => return Err(other),
            }
        }
    };
    let mut body = app
        .db
        .read(&grant, move |tx| {
            let (connection, partner) = with_partner(tx, &id)?;
            Ok(edit_page(tx, refused, connection, &partner))
        })
        .await?;
    if let Some(text) = notice {
        body.compare(&text);
    }
    Ok(Page::new(body.title(), Nav::Connections, body).status(status).answer(&req))
}

/// The use case: a connection is edited. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn saved(
    tx: &mut WriteTx<'_, UpdateConnection>,
    sealer: &Sealer,
    id: &str,
    seen: i32,
    typed: Typed,
) -> Result<Change<bool>, AppError> {
    let (present, partner) = with_partner(tx, id)?;
    needs_partner_to_go_on(&partner)?;
    let (before, after) = (present.facts(), typed.facts);
    keep_only_here(typed.secret.is_some(), &before, &after, present.version == seen)?;
    let mut changes = before.changes(&after);
    let secret = match typed.secret {
        Some(new) => {
            changes.push(FieldChange {
                field: after.auth.secret_label().into(),
                before: "hidden".into(),
                after: "replaced, hidden".into(),
            });
            NewSecret::Put(seal::seal(sealer, present.id, &new)?)
        }
        None if after.auth == Auth::None => NewSecret::Clear,
        None => NewSecret::Keep,
    };
    let forget_test = after.is_other_target(&before) || matches!(secret, NewSecret::Put(_));
    store::save(tx, present.id, seen, &after, &secret, forget_test)?;
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    let name = after.name.to_string();
    Ok(Change::new(true, Event::ConnectionUpdated { partner: partner.id, connection: present.id, name, changes }))
}

/// The form compared with what was stored when it was sent; by now the host may be another one. A stale form is left
/// to the comparison of versions, which tells more.
fn keep_only_here(has_new: bool, before: &Facts, after: &Facts, is_fresh: bool) -> Result<(), AppError> {
    if is_fresh && !has_new && after.auth != Auth::None && after.leads_elsewhere(before) {
        return Err(AppError::Refused("Enter the credentials again: they are not sent to another host.".into()));
    }
    Ok(())
}
