//! The lists, one tenant, and one of its runs.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::model::{Outcome, Run, Tenant};
use super::store::{self, Filter, RunFilter, Sort};
use super::views::{Allowed, IndexPage, List, OfIntegrationPage, Row, RunPage, RunRow, ShowPage, TabPage};
use crate::access::{Grant, Permission, ReadActivity, ReadTenant, Scope, Standing, UpdateTenant};
use crate::activity;
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::IntegrationId;
use crate::integrations;
use crate::integrations::model::Integration;
use crate::integrations::stage::State as Published;
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::partners::model::{Partner, Status};
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Params, Window};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// Lines of history on the page of one tenant.
const RECENT: usize = 8;
/// Integrations in the form.
pub const CHOICES: i64 = 500;
/// Integrations in the filter; where there are more, each has its own list of tenants.
const FILTERED: usize = 100;

/// The filter of a list's address; a partner's code or an integration that nobody in scope has finds nothing.
///
/// # Errors
/// When the database does not answer.
pub fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<Filter, AppError> {
    let mut filter = Filter::read(params);
    if !params.get("partner").is_empty() {
        match partners::store::find(tx, params.get("partner").to_uppercase().as_str()) {
            Ok(partner) => filter.partner = Some(partner.id),
            Err(AppError::NotFound) => filter.impossible = true,
            Err(other) => return Err(other),
        }
    }
    if !params.get("integration").is_empty() {
        match params.get("integration").parse::<IntegrationId>() {
            Ok(id) => filter.integration = Some(id),
            Err(_) => filter.impossible = true,
        }
    }
    Ok(filter)
}

/// One page of a list, ready to show.
///
/// # Errors
/// When the database does not answer.
pub fn rows(tx: &mut ReadTx<'_>, filter: &Filter, params: &Params) -> Result<Window<Row>, AppError> {
    let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
    let found = store::list(tx, filter, sort, &keyset)?;
    let mut ids: Vec<_> = found.iter().map(|one| one.partner_id).collect();
    ids.dedup();
    let partners = partners::store::names(tx, &ids)?;
    let ids: Vec<_> = found.iter().map(|one| one.integration_id).collect();
    let integrations = integrations::store::names_of(tx, &ids)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let window = keyset.window(found, params, |tenant| sort.cursor(tenant));
    Ok(window
        .map(|one| Row::new(&one, partners.get(&one.partner_id), integrations.get(&one.integration_id), now, zone)))
}

/// The list with everything around it.
fn listed(tx: &mut ReadTx<'_>, filter: &Filter, params: Params) -> Result<List, AppError> {
    let filter = store::sought(tx, filter.clone())?;
    let page = rows(tx, &filter, &params)?;
    let total = filter.sought.count().map_or_else(|| store::count(tx, &filter), Ok)?;
    let actor = tx.actor();
    Ok(List {
        allowed: Allowed::of(actor),
        picks_partner: false,
        shows_integration: true,
        counts: None,
        integrations: Vec::new(),
        new_address: "/tenants/new".into(),
        refusal: None,
        params,
        page,
        total,
    })
}

/// `GET /tenants`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadTenant>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let filter = filter(tx, &params)?;
            let counts = Some(store::count_by_state(tx)?);
            let live = choices(tx, FILTERED as i64 + 1)?;
            let picks_partner = matches!(tx.scope(), Scope::Program(_)) && !tx.actor().is_single();
            let refusal = live.is_empty().then(|| NOTHING_LIVE.to_owned());
            let integrations = if live.len() > FILTERED { Vec::new() } else { live };
            let list = listed(tx, &filter, params)?;
            Ok(IndexPage { list: List { counts, integrations, picks_partner, refusal, ..list } })
        })
        .await?;
    Ok(Page::new("Tenants", Nav::Tenants, body).region(|body| body.as_table().render()).answer(&req))
}

/// What is said where no integration is published.
const NOTHING_LIVE: &str = "A tenant is a customer’s install of a published integration, and none is published yet. Publish one; then come back.";

/// Published integrations, so many at the most, with their partner's name where there are several.
///
/// # Errors
/// When the database does not answer.
pub fn choices(tx: &mut ReadTx<'_>, most: i64) -> Result<Vec<(String, String)>, AppError> {
    let live = integrations::store::published_names(tx, most)?;
    let ids: Vec<_> = live.iter().map(|(_, partner, _)| *partner).collect();
    let names = partners::store::names(tx, &ids)?;
    let alone = matches!(tx.scope(), Scope::Partner { .. });
    let label = |partner: &crate::db::ids::PartnerId, name: String| match names.get(partner) {
        Some((_, whose)) if !alone => format!("{name} · {whose}"),
        _ => name,
    };
    Ok(live.into_iter().map(|(id, partner, name)| (id.to_string(), label(&partner, name))).collect())
}

/// `GET /partners/{code}/tenants`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadTenant>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "tenants")?;
            let filter = Filter { partner: Some(partner.id), ..filter(tx, &params)? };
            let refusal = (partner.status != Status::Active)
                .then(|| format!("{} is {}.", partner.name, partner.status.label().to_lowercase()));
            Ok(TabPage { header, list: List { refusal, ..listed(tx, &filter, params)? } })
        })
        .await?;
    let title = format!("Tenants of {}", body.header.name);
    let nav = partners::handlers::nav(grant.actor(), "tenants");
    Ok(Page::new(title, nav, body).region(|body| body.as_table().render()).answer(&req))
}

/// `GET /integrations/{id}/tenants`
///
/// # Errors
/// As every page.
pub async fn of_integration(
    grant: Grant<ReadTenant>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let integration = integrations::store::find(tx, &id)?;
            let partner = partner_of(tx, integration.partner_id)?;
            let filter = Filter { integration: Some(integration.id), ..filter(tx, &params)? };
            let refusal = super::needs_live(&integration, &partner).err().map(|error| match error {
                AppError::Refused(text) => text,
                other => other.to_string(),
            });
            let list = listed(tx, &filter, params)?;
            let new_address = format!("/tenants/new?integration={}", integration.id);
            Ok(OfIntegrationPage {
                address: integrations::address(integration.id),
                name: integration.name,
                partner_name: partner.name.to_string(),
                list: List { refusal, new_address, shows_integration: false, ..list },
            })
        })
        .await?;
    let title = format!("Tenants of {}", body.name);
    Ok(Page::new(title, Nav::Tenants, body).region(|body| body.as_table().render()).answer(&req))
}

/// A partner by the id that one of its records names.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn partner_of(tx: &mut ReadTx<'_>, id: crate::db::ids::PartnerId) -> Result<Partner, AppError> {
    let names = partners::store::names(tx, &[id])?;
    let (code, _) = names.get(&id).ok_or(AppError::NotFound)?;
    partners::store::find(tx, code)
}

/// A tenant with its partner and integration.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn with_owners(tx: &mut ReadTx<'_>, id: &str) -> Result<(Tenant, Partner, Integration), AppError> {
    let tenant = store::find(tx, id)?;
    let partner = partner_of(tx, tenant.partner_id)?;
    let integration = integrations::store::find(tx, &tenant.integration_id.to_string())?;
    Ok((tenant, partner, integration))
}

/// `GET /tenants/{id}`
///
/// # Errors
/// As every page.
pub async fn show(
    grant: Grant<ReadTenant>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| show_page(tx, &id, params)).await?;
    let title = body.tenant.name.to_string();
    Ok(Page::new(title, Nav::Tenants, body).region(|body| body.as_runs().render()).answer(&req))
}

fn show_page(tx: &mut ReadTx<'_>, id: &str, params: Params) -> Result<ShowPage, AppError> {
    let (tenant, partner, integration) = with_owners(tx, id)?;
    let actor = tx.actor().clone();
    let goes_on = super::needs_partner_to_go_on(&partner).is_ok() && actor.standing() == Standing::Full;
    let sees_activity = actor.may(&ReadActivity::RULE);
    let history = if sees_activity { history(tx, &tenant)? } else { Vec::new() };
    let filter = RunFilter { tenant: tenant.id, outcome: Outcome::from_key(params.get("outcome")) };
    let run_count = store::count_runs(tx, &filter)?;
    let runs = run_rows(tx, &filter, &params)?;
    let (now, zone) = (tx.now(), actor.zone());
    let when = |at| When::new(at, now, zone);
    Ok(ShowPage {
        partner_address: partners::address(partner.code.as_str()),
        integration_address: integrations::address(integration.id),
        is_live: integration.state == Published::Published,
        can_edit: may::<UpdateTenant>(&actor) && goes_on,
        moves: tenant.state.moves().filter(|one| goes_on && one.is_open_to(&actor)).collect(),
        since: when(tenant.state_since),
        last: tenant.last_run_at.map(when),
        created: when(tenant.created_at),
        updated: when(tenant.updated_at),
        sees_list: matches!(tx.scope(), Scope::Program(_)),
        tenant,
        partner,
        integration,
        params,
        runs,
        run_count,
        history,
        sees_activity,
    })
}

fn run_rows(tx: &mut ReadTx<'_>, filter: &RunFilter, params: &Params) -> Result<Window<RunRow>, AppError> {
    let keyset = params.keyset();
    let found = store::runs(tx, filter, &keyset)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    Ok(keyset.window(found, params, run_cursor).map(|run| RunRow::new(run, now, zone)))
}

/// A run's place in the list.
pub fn run_cursor(run: &Run) -> Cursor {
    Cursor { key: run.started_at.to_rfc3339(), id: run.id.uuid() }
}

fn history(tx: &mut ReadTx<'_>, tenant: &Tenant) -> Result<Vec<activity::views::Entry>, AppError> {
    let filter = activity::store::Filter {
        partner: Some(tenant.partner_id),
        tenant: Some(tenant.id),
        ..activity::store::Filter::default()
    };
    let zone = tx.actor().zone();
    let mut history = activity::handlers::entries(tx, &filter, &Params::default(), zone)?.rows;
    history.truncate(RECENT);
    Ok(history)
}

/// `GET /tenants/{id}/runs/{run}`
///
/// # Errors
/// As every page.
pub async fn run(
    grant: Grant<ReadTenant>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, run) = path.into_inner();
    let body = app
        .db
        .read(&grant, move |tx| {
            let (tenant, _, integration) = with_owners(tx, &id)?;
            let run = store::find_run(tx, &tenant, &run)?;
            let log = store::log(tx, &run)?;
            let (now, zone) = (tx.now(), tx.actor().zone());
            let when = |at| When::new(at, now, zone);
            Ok(RunPage {
                tenant_name: tenant.name.to_string(),
                tenant_address: super::address(tenant.id),
                integration_name: integration.name,
                integration_address: integrations::address(integration.id),
                started: when(run.started_at),
                finished: run.finished_at.map(when),
                reported: when(run.reported_at),
                run,
                log,
            })
        })
        .await?;
    Ok(Page::new(format!("Run of {}", body.tenant_name), Nav::Tenants, body).answer(&req))
}
