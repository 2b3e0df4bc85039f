//! Correcting the address, the name or the role of an invitation.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use chrono::TimeDelta;

use super::add::{life, not_here_yet, takes_people};
use super::forms::{self, Adding};
use super::handlers::{Address, back, count, kept, renew, seen_waiting, waiting};
use super::model::Invitation;
use super::views::CorrectPage;
use crate::access::{AddUser, Grant, Permission, UpdateUser};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::InvitationId;
use crate::db::{Change, WriteTx};
use crate::partners::handlers::nav;
use crate::partners::store::find;
use crate::people::members::offered;
use crate::roles;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, PageResult};

/// `GET /partners/{code}/invitations/{invitation}/correct`
///
/// # Errors
/// As every page; [`AppError::Refused`] for one that is over.
pub async fn correct(grant: Grant<UpdateUser>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    let body = correct_page(&grant, &app, path.into_inner(), None, None).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).answer(&req))
}

async fn correct_page(
    grant: &Grant<UpdateUser>,
    app: &App,
    (code, id): (String, InvitationId),
    typed: Option<Form>,
    notice: Option<String>,
) -> Result<CorrectPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let partner = find(tx, &code)?;
            takes_people(&partner)?;
            let (invitation, _) = waiting(tx, &partner, id)?;
            let mut form = typed.unwrap_or_else(|| forms::correction_of(&invitation));
            if notice.is_some() {
                form.set("version", &invitation.version.to_string());
            }
            let offers = roles::store::offers(tx, &partner)?;
            Ok(CorrectPage::new(&partner, &invitation, &offers, tx.actor(), form, notice))
        })
        .await
}

/// `POST /partners/{code}/invitations/{invitation}/correct`
///
/// # Errors
/// As [`correct`]; [`AppError::TooMany`] after five letters in a day.
pub async fn save(grant: Grant<UpdateUser>, app: Data<App>, path: Address, form: Form, req: HttpRequest) -> PageResult {
    let (address, seen, life) = (path.into_inner(), form.version()?, life(&app));
    let correction = match forms::adding(&form) {
        Ok(correction) => correction,
        Err(form) => return again(&grant, &app, address, form, None, &req).await,
    };
    let (code, id) = address.clone();
    let saved = match count(&grant, &app, &code, id, seen).await {
        Ok(()) => app.db.write(&grant, move |tx| corrected(tx, &code, id, seen, &correction, life)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(sentence) => back(&req, &address.0, &sentence),
        Err(AppError::Invalid(errors)) => again(&grant, &app, address, form.with_errors(errors), None, &req).await,
        Err(AppError::Conflict(sentence)) => again(&grant, &app, address, form, Some(sentence), &req).await,
        Err(error) => Err(error),
    }
}

async fn again(
    grant: &Grant<UpdateUser>,
    app: &App,
    address: (String, InvitationId),
    form: Form,
    notice: Option<String>,
    req: &HttpRequest,
) -> PageResult {
    let status = if notice.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = correct_page(grant, app, address, Some(form), notice).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).status(status).answer(req))
}

/// The use case: address, name or role are corrected, and a new link goes out.
///
/// # Errors
/// [`AppError::Invalid`] at the field; [`AppError::Conflict`] when somebody was faster.
pub fn corrected(
    tx: &mut WriteTx<'_, UpdateUser>,
    code: &str,
    id: InvitationId,
    seen: i32,
    to: &Adding,
    life: TimeDelta,
) -> Result<Change<String>, AppError> {
    let (partner, before, former) = seen_waiting(tx, code, id, seen)?;
    takes_people(&partner)?;
    let offer = offered(tx, &partner, &to.role)?;
    let mut after = Invitation {
        email: to.email.as_str().to_owned(),
        name: to.name.as_str().to_owned(),
        role: offer.role,
        role_id: offer.custom,
        ..before.clone()
    };
    if after.email != before.email {
        not_here_yet(tx, &partner, &after.email)?;
    }
    let former = former.map_or_else(|| "a role that is gone".to_owned(), |offer| offer.name);
    let changes: Vec<FieldChange> = [
        FieldChange::of("Name", &before.name, &after.name),
        FieldChange::of("E-mail", &before.email, &after.email),
        FieldChange::of("Role", former, &offer.name),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        return Ok(Change::nothing(format!("The invitation of {} is as it was.", before.name)));
    }
    let invites = after.email != before.email || after.role_key() != before.role_key();
    if invites && !tx.actor().may(&AddUser::RULE) {
        return Err(AppError::Forbidden(
            "Another address or role is another invitation, and your role does not include inviting people.".into(),
        ));
    }
    renew(tx, &partner, &offer, &mut after, life)?;
    kept(tx, seen, &after)?;
    let name = after.name;
    let sentence = format!("Corrected. A new link is on its way to {}; the old one no longer works.", after.email);
    Ok(Change::new(sentence, Event::InvitationCorrected { partner: partner.id, invitation: id, name, changes }))
}
