//! Moving a tenant, each move confirmed with its effects listed.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::edit::about;
use super::handlers::with_owners;
use super::model::Tenant;
use super::stage::{Move, State};
use super::{needs_partner_to_go_on, store};
use crate::access::session::leave_flash;
use crate::access::{DeleteTenant, Grant, Permission, UpdateTenant};
use crate::activity::TenantEvent;
use crate::app::App;
use crate::db::{Change, WriteTx};
use crate::integrations::model::Integration;
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// A move of an address, if it is one that this permission makes.
fn wanted<P: Permission>(address: &str) -> Result<Move, AppError> {
    let named = Move::from_key(address).ok_or(AppError::NotFound)?;
    named.rule().filter(|rule| rule.name == P::RULE.name).map(|_| named).ok_or(AppError::NotFound)
}

/// `GET /tenants/{id}/state/{move}`
///
/// # Errors
/// As every page; [`AppError::Refused`] when its state does not allow the move.
pub async fn confirm(
    grant: Grant<UpdateTenant>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, address) = path.into_inner();
    asked(&grant, &app, id, wanted::<UpdateTenant>(&address)?, Form::default(), &req).await
}

/// `POST /tenants/{id}/state/{move}`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when its state does not allow the move.
pub async fn apply(
    grant: Grant<UpdateTenant>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, address) = path.into_inner();
    applied(&grant, &app, id, wanted::<UpdateTenant>(&address)?, form, &req).await
}

/// `GET /tenants/{id}/archival`
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_archival(
    grant: Grant<DeleteTenant>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    asked(&grant, &app, id.into_inner(), Move::Archive, Form::default(), &req).await
}

/// `POST /tenants/{id}/archival`
///
/// # Errors
/// As [`apply`].
pub async fn archive(
    grant: Grant<DeleteTenant>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    applied(&grant, &app, id.into_inner(), Move::Archive, form, &req).await
}

async fn asked<P: Permission>(
    grant: &Grant<P>,
    app: &Data<App>,
    id: String,
    wanted: Move,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    let refused = !form.errors().is_empty();
    let body = app
        .db
        .read(grant, move |tx| {
            let (tenant, partner, integration) = with_owners(tx, &id)?;
            needs_partner_to_go_on(&partner)?;
            tenant.state.after(wanted).map_err(AppError::Refused)?;
            Ok(page(&tenant, &integration, wanted, form))
        })
        .await?;
    let page = Page::new(body.title.clone(), Nav::Tenants, body);
    Ok(if refused { page.refused() } else { page }.answer(req))
}

async fn applied<P: Permission>(
    grant: &Grant<P>,
    app: &Data<App>,
    id: String,
    wanted: Move,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let mut check = form.check();
    let reason = check.optional("reason", "Reason", paragraphs);
    let reason = match check.done(|| reason.map(Option::unwrap_or_default)) {
        Ok(reason) => reason,
        Err(form) => return asked(grant, app, id, wanted, form, req).await,
    };
    let tenant = app.db.write(grant, move |tx| moved(tx, &id, seen, wanted, &reason)).await?;
    leave_flash(req, "good", &format!("{} is {} now.", tenant.name, tenant.state.label().to_lowercase()));
    Ok(see_other(&super::address(tenant.id)))
}

/// The use case: somebody moves a tenant.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when its state or its partner's forbids it.
pub fn moved<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: &str,
    seen: i32,
    wanted: Move,
    reason: &str,
) -> Result<Change<Tenant>, AppError> {
    let (tenant, partner, _) = with_owners(tx, id)?;
    needs_partner_to_go_on(&partner)?;
    if tenant.version != seen {
        return Err(store::conflict(&tenant));
    }
    step(tx, &tenant, wanted, reason)
}

/// The move itself, of a tenant as it is stored now.
///
/// # Errors
/// As [`moved`].
pub fn step<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    tenant: &Tenant,
    wanted: Move,
    reason: &str,
) -> Result<Change<Tenant>, AppError> {
    let state = tenant.state.after(wanted).map_err(AppError::Refused)?;
    let after = store::save(tx, tenant, tenant.version, &tenant.facts(), state)?;
    let event =
        TenantEvent::Moved { from: tenant.state.label().into(), to: state.label().into(), reason: reason.to_owned() };
    let event = about(&after, event);
    Ok(Change::new(after, event))
}

fn page(tenant: &Tenant, integration: &Integration, wanted: Move, form: Form) -> ConfirmPage {
    let address = super::address(tenant.id);
    let action = format!("{address}/{}", wanted.place());
    ConfirmPage {
        crumbs: vec![("/tenants".into(), "Tenants".into()), (address.clone(), tenant.name.to_string())],
        title: format!("{}: {}?", wanted.label(), tenant.name),
        lead: format!("An install of {}.", integration.name),
        effects: effects(tenant.state, wanted),
        skipped: Vec::new(),
        action,
        button: wanted.label().into(),
        harsh: wanted.is_harsh(),
        cancel: address,
        reason: Some("Reason"),
        tick: None,
        hidden: vec![("version".into(), tenant.version.to_string())],
        form,
    }
}

fn effects(from: State, wanted: Move) -> Vec<String> {
    let first = match wanted {
        Move::Activate => "It counts as running from now on.",
        Move::Pause if from == State::Failing => "It counts as paused, and no longer as failing.",
        Move::Pause => "It counts as paused. Portico does not stop the connector: its operator does.",
        Move::Resume => "It counts as running again. If its next run fails, it is failing.",
        Move::Disconnect => "It counts as disconnected, and reports of its runs are refused.",
        Move::Reconnect => "It counts as connecting, and its runs can be reported again.",
        Move::Archive => "It leaves all lists but that of archived tenants, and cannot come back. Its runs stay.",
        Move::Fail | Move::Recover => "Its runs decide that.",
    };
    vec![first.into(), "Everybody who can see its activity sees that you did this.".into()]
}
