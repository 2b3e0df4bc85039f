//! Making and editing a tenant.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::handlers::{CHOICES, choices, partner_of, with_owners};
use super::model::{Facts, Tenant};
use super::views::FormPage;
use super::{forms, needs_live, needs_partner_to_go_on, store};
use crate::access::session::leave_flash;
use crate::access::{CreateTenant, Grant, UpdateTenant};
use crate::activity::{Event, TenantEvent};
use crate::app::App;
use crate::db::ids::IntegrationId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// `GET /tenants/new?integration=…`
///
/// # Errors
/// As every page; [`AppError::Refused`] when that integration takes none.
pub async fn new(grant: Grant<CreateTenant>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let wanted = params.get("integration").to_owned();
    let body = app
        .db
        .read(&grant, move |tx| {
            if !wanted.is_empty() {
                let integration = integrations::store::find(tx, &wanted)?;
                needs_live(&integration, &partner_of(tx, integration.partner_id)?)?;
            }
            new_page(tx, forms::blank(&wanted))
        })
        .await?;
    Ok(Page::new("Create tenant", Nav::Tenants, body).answer(&req))
}

fn new_page(tx: &mut ReadTx<'_>, form: Form) -> Result<FormPage, AppError> {
    let mut integrations = choices(tx, CHOICES)?;
    let wanted = form.value("integration");
    // More are published than the list shows.
    if let Ok(id) = wanted.parse::<IntegrationId>()
        && !integrations.iter().any(|(known, _)| known == wanted)
        && let Some(name) = integrations::store::names_of(tx, &[id])?.remove(&id)
    {
        integrations.push((id.to_string(), name));
    }
    Ok(FormPage { form, integrations, present: None, saved: None, notice: None })
}

/// `POST /tenants`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the integration takes none.
pub async fn create(grant: Grant<CreateTenant>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let wanted = form.value("integration").trim().to_owned();
    let refused = match forms::facts(&form) {
        Err(form) if wanted.is_empty() => form.with_errors(vec![choose_one()]),
        Err(form) => form,
        Ok(_) if wanted.is_empty() => form.with_errors(vec![choose_one()]),
        Ok(facts) => match app.db.write(&grant, move |tx| made(tx, &wanted, &facts)).await {
            Ok(tenant) => {
                leave_flash(&req, "good", &format!("{} is recorded. Activate it once it is connected.", tenant.name));
                return Ok(see_other(&super::address(tenant.id)));
            }
            Err(AppError::Invalid(errors)) => form.with_errors(errors),
            Err(other) => return Err(other),
        },
    };
    let body = app.db.read(&grant, move |tx| new_page(tx, refused)).await?;
    Ok(Page::new("Create tenant", Nav::Tenants, body).refused().answer(&req))
}

fn choose_one() -> FieldError {
    FieldError::new("integration", "Integration", "Choose one.")
}

/// The use case: a customer's install is recorded.
///
/// # Errors
/// [`AppError::Refused`] when the integration takes none now, [`AppError::Invalid`] when the external id is taken.
pub fn made(tx: &mut WriteTx<'_, CreateTenant>, integration: &str, facts: &Facts) -> Result<Change<Tenant>, AppError> {
    let integration = integrations::store::find(tx, integration)?;
    let partner = partner_of(tx, integration.partner_id)?;
    needs_live(&integration, &partner)?;
    let id = store::insert(tx, &integration, facts)?;
    let tenant = store::find(tx, &id.to_string())?;
    let event = TenantEvent::Created { integration: integration.name };
    Ok(Change::new(tenant.clone(), about(&tenant, event)))
}

/// An event of a tenant.
pub fn about(tenant: &Tenant, event: TenantEvent) -> Event {
    Event::Tenant { partner: tenant.partner_id, tenant: tenant.id, name: tenant.name.to_string(), event }
}

/// `GET /tenants/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateTenant>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let (tenant, partner, integration) = with_owners(tx, &id)?;
            needs_partner_to_go_on(&partner)?;
            let form = forms::filled(&tenant);
            Ok(edit_page(tx, form, tenant, integration.name))
        })
        .await?;
    Ok(Page::new(body.title(), Nav::Tenants, body).answer(&req))
}

fn edit_page(tx: &ReadTx<'_>, form: Form, tenant: Tenant, integration: String) -> FormPage {
    let saved = When::new(tenant.updated_at, tx.now(), tx.actor().zone());
    FormPage {
        form,
        integrations: Vec::new(),
        saved: Some((tenant.updated_by_name.clone(), saved)),
        present: Some((tenant, integration)),
        notice: None,
    }
}

/// `POST /tenants/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateTenant>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, wanted) = (form.version()?, id.clone());
    let (refused, status, notice) = match forms::facts(&form) {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(facts) => match app.db.write(&grant, move |tx| saved(tx, &wanted, seen, &facts)).await {
            Ok(changed) => {
                let (tone, said) = match changed {
                    true => ("good", "Your changes are saved."),
                    false => ("info", "Nothing was different, so nothing was saved."),
                };
                leave_flash(&req, tone, said);
                return Ok(see_other(&format!("/tenants/{id}")));
            }
            Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
            Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some(text)),
            Err(other) => return Err(other),
        },
    };
    let mut body = app
        .db
        .read(&grant, move |tx| {
            let (tenant, partner, integration) = with_owners(tx, &id)?;
            needs_partner_to_go_on(&partner)?;
            Ok(edit_page(tx, refused, tenant, integration.name))
        })
        .await?;
    if let Some(text) = notice {
        body.compare(&text);
    }
    Ok(Page::new(body.title(), Nav::Tenants, body).status(status).answer(&req))
}

/// The use case: a tenant is edited. Says whether anything was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the external id is taken.
pub fn saved(tx: &mut WriteTx<'_, UpdateTenant>, id: &str, seen: i32, facts: &Facts) -> Result<Change<bool>, AppError> {
    let (tenant, partner, _) = with_owners(tx, id)?;
    needs_partner_to_go_on(&partner)?;
    let changes = tenant.facts().changes(facts);
    if tenant.version != seen {
        return Err(store::conflict(&tenant));
    }
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    let tenant = store::save(tx, &tenant, seen, facts, tenant.state)?;
    Ok(Change::new(true, about(&tenant, TenantEvent::Updated { changes })))
}
