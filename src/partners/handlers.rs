//! The list, and the tabs of one partner.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::model::{Category, Kind, Partner, Status};
use super::store::{self, Counts, Crew, Filter, Sort};
use super::views::{ActivityPage, Allowed, Header, IndexPage, Person, ProfilePage, Row, ShowPage, may};
use crate::access::*;
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::UserId;
use crate::programs::store::PartnerType;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Params, counted};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use crate::{activity, forms, programs};

/// The filter of a list's address.
pub fn filter(params: &Params, types: &[PartnerType]) -> Filter {
    Filter {
        search: params.get("q").to_owned(),
        status: Status::from_key(params.get("status")),
        type_id: types.iter().find(|one| one.key == params.get("type")).map(|one| one.id),
        kind: Kind::from_key(params.get("kind")),
        category: Category::from_key(params.get("category")),
        hosting: params.get("hosting") == "yes",
        updated_by: params.get("updated_by").parse::<UserId>().ok(),
        ids: None,
        ..Filter::default()
    }
}

/// `GET /partners`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadPartner>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let actor = grant.actor();
    let allowed = Allowed {
        create: may::<CreatePartner>(actor) && !actor.is_single(),
        import: may::<ImportPartners>(actor) && !actor.is_single(),
        export: may::<ExportPartners>(actor),
        hosting: may::<ReadHosting>(actor),
        bulk: may::<ManagePartnerStatus>(actor),
        users: may::<AddUser>(actor),
        edit: may::<UpdatePartner>(actor),
    };
    let body = app.db.read(&grant, move |tx| index_page(tx, params, allowed)).await?;
    Ok(Page::new("Partners", Nav::Partners, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params, allowed: Allowed) -> Result<IndexPage, AppError> {
    let types = programs::store::types(tx)?;
    let (filter, sort, keyset) = (filter(&params, &types), Sort::read(params.get("sort")), params.keyset());
    let filter = store::sought(tx, filter)?;
    let rows = store::list(tx, &filter, sort, &keyset)?;
    let Counts { total, hosts, statuses: counts, hosting_limit } = store::counts(tx, &filter)?;
    let contacts = store::contact_names(tx, &rows)?;
    let editors = store::recent_editors(tx)?;
    let names: HashMap<_, _> = types.iter().map(|one| (one.id, one.name.clone())).collect();
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset.window(rows, &params, |partner| sort.cursor(partner));
    let page = page.map(|partner| Row::new(&partner, &names, &contacts, now, &actor));
    Ok(IndexPage { me: actor.user(), params, page, counts, total, types, editors, allowed, hosts, hosting_limit })
}

/// A partner with what its head shows.
pub struct Found {
    /// The partner.
    pub partner: Partner,
    /// Its people.
    pub crew: Vec<Crew>,
    /// Its type's name.
    pub type_name: String,
    /// The head of its pages.
    pub header: Header,
}

/// Finds a partner by its code, with its head.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn found(tx: &mut ReadTx<'_>, code: &str, tab: &str) -> Result<Found, AppError> {
    let (partner, type_name) = store::find_typed(tx, code)?;
    let crew = store::crew(tx, &partner)?;
    let counts = store::tab_counts(tx, partner.id)?;
    let header = Header::new(&partner, &crew, &type_name, tab, tx.actor(), tx.now()).with_counts(counts);
    let header = if forms::profile::is_open(tx, &partner)? { header.with_open_form() } else { header };
    Ok(Found { partner, crew, type_name, header })
}

/// Which entry of the sidebar a partner's page belongs to: a partner's own people have one for each tab.
pub fn nav(actor: &Actor, tab: &str) -> Nav {
    match (actor.scope(), tab) {
        (Scope::Partner { .. }, "users") => Nav::Team,
        (Scope::Partner { .. }, "connections") => Nav::Connections,
        (Scope::Partner { .. }, "integrations") => Nav::Integrations,
        (Scope::Partner { .. }, "products") => Nav::Products,
        (Scope::Partner { .. }, "campaigns") => Nav::Campaigns,
        (Scope::Partner { .. }, "activity") => Nav::Activity,
        (Scope::Partner { .. }, "templates") => Nav::Templates,
        (Scope::Partner { .. }, "tenants") => Nav::Tenants,
        (Scope::Partner { .. }, "profile") => Nav::Profile,
        _ => Nav::Partners,
    }
}

/// `GET /partners/{code}`
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadPartner>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let sees_users = may::<ReadUsers>(grant.actor());
    let sees_activity = may::<ReadActivity>(grant.actor());
    let sees_notes = sees_notes(grant.actor());
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, crew, type_name, header } = found(tx, &code, "")?;
            let recent = if sees_activity { recent(tx, &partner)? } else { Vec::new() };
            let (now, zone) = (tx.now(), tx.actor().zone());
            Ok(ShowPage {
                header,
                members: counted(crew.len() as i64, "user", "users"),
                admins: admins(&partner, crew),
                created: When::new(partner.created_at, now, zone),
                updated: When::new(partner.updated_at, now, zone),
                partner,
                type_name,
                recent,
                sees_users,
                sees_activity,
                sees_notes,
            })
        })
        .await?;
    let title = body.partner.name.to_string();
    Ok(Page::new(title, nav(grant.actor(), ""), body).region(|body| body.as_tab().render()).answer(&req))
}

fn admins(partner: &Partner, crew: Vec<Crew>) -> Vec<Person> {
    let admins = crew.into_iter().filter(|one| one.role == MemberRole::Admin);
    admins
        .map(|one| Person {
            is_contact: Some(one.user) == partner.primary_contact_id,
            name: one.name,
            email: one.email,
        })
        .collect()
}

/// Notes are the hosts' own plans for a partner, and not for its people.
fn sees_notes(actor: &Actor) -> bool {
    !matches!(actor.scope(), Scope::Partner { .. })
}

fn recent(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<activity::views::Entry>, AppError> {
    let filter = activity::store::Filter { partner: Some(partner.id), ..Default::default() };
    let zone = tx.actor().zone();
    let mut page = activity::handlers::entries(tx, &filter, &Params::default(), zone)?;
    page.rows.truncate(6);
    Ok(page.rows)
}

/// `GET /partners/{code}/activity`
///
/// # Errors
/// As every page.
pub async fn activity(
    grant: Grant<ReadActivity>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let zone = grant.actor().zone();
    let (mut filter, problem) = activity::handlers::filter(&params, zone);
    let body = app
        .db
        .read(&grant, move |tx| {
            let found = found(tx, &code, "activity")?;
            filter.partner = Some(found.partner.id);
            let page = activity::handlers::entries(tx, &filter, &params, zone)?;
            Ok(ActivityPage { header: found.header, params, page, zone: zone.name().to_owned(), problem })
        })
        .await?;
    let title = format!("Activity of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "activity"), body).region(|body| body.as_entries().render()).answer(&req))
}

/// `GET /partners/{code}/profile`
///
/// # Errors
/// As every page.
pub async fn profile(grant: Grant<ReadPartner>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let program = grant.actor().program().map(|program| program.name.clone()).unwrap_or_default();
    let (sees_notes, sees_users) = (sees_notes(grant.actor()), may::<ReadUsers>(grant.actor()));
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, crew, type_name, header } = found(tx, &code, "profile")?;
            let contact = crew.into_iter().find(|one| sees_users && Some(one.user) == partner.primary_contact_id);
            let answers = forms::profile::section(tx, &partner)?;
            Ok(ProfilePage { header, partner, type_name, contact, program, sees_notes, answers })
        })
        .await?;
    let title = format!("Profile of {}", body.partner.name);
    Ok(Page::new(title, nav(grant.actor(), "profile"), body).answer(&req))
}
