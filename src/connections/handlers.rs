//! The lists, and one connection.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::model::{Connection, Direction, Kind, TestState};
use super::store::{self, Filter, Sort};
use super::views::{Allowed, IndexPage, Row, ShowPage, TabPage};
use crate::access::{Grant, Permission, ReadActivity, ReadConnection, Scope};
use crate::activity;
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::{PartnerId, UserId};
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Params, Window};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// Lines of history on the page of one connection.
const RECENT: usize = 10;

/// The filter of a list's address; a partner's code that nobody in scope has finds nothing.
///
/// # Errors
/// When the database does not answer.
pub fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<Filter, AppError> {
    let mut filter = Filter {
        search: params.get("q").to_owned(),
        partner: None,
        kind: Kind::from_key(params.get("kind")),
        direction: Direction::from_key(params.get("direction")),
        test: TestState::from_key(params.get("test")),
        updated_by: params.get("updated_by").parse::<UserId>().ok(),
        impossible: false,
    };
    if !params.get("partner").is_empty() {
        match partners::store::find(tx, params.get("partner").to_uppercase().as_str()) {
            Ok(partner) => filter.partner = Some(partner.id),
            Err(AppError::NotFound) => filter.impossible = true,
            Err(other) => return Err(other),
        }
    }
    Ok(filter)
}

/// `GET /connections`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadConnection>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| index_page(tx, params)).await?;
    Ok(Page::new("Connections", Nav::Connections, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params) -> Result<IndexPage, AppError> {
    let filter = filter(tx, &params)?;
    let page = rows(tx, &filter, &params)?;
    let total = store::count(tx, &filter)?;
    let editors = store::recent_editors(tx)?;
    let sees_all = matches!(tx.scope(), Scope::Program(_));
    let has_partners = !sees_all || partners::store::any(tx)?;
    let actor = tx.actor();
    Ok(IndexPage {
        me: actor.user(),
        allowed: Allowed::of(actor),
        picks_partner: sees_all && !actor.is_single(),
        has_partners,
        params,
        page,
        total,
        editors,
    })
}

fn rows(tx: &mut ReadTx<'_>, filter: &Filter, params: &Params) -> Result<Window<Row>, AppError> {
    let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
    let found = store::list(tx, filter, sort, &keyset)?;
    let names = names(tx, &found)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let window = keyset.window(found, params, |connection| sort.cursor(connection));
    Ok(window.map(|connection| Row::new(&connection, names.get(&connection.partner_id), now, zone)))
}

/// Codes and names of the partners of some connections.
///
/// # Errors
/// When the database does not answer.
pub fn names(
    tx: &mut ReadTx<'_>,
    connections: &[Connection],
) -> Result<HashMap<PartnerId, (String, String)>, AppError> {
    let mut ids: Vec<PartnerId> = connections.iter().map(|one| one.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    partners::store::names(tx, &ids)
}

/// `GET /partners/{code}/connections`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadConnection>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "connections")?;
            let filter = Filter { partner: Some(partner.id), ..filter(tx, &params)? };
            let page = rows(tx, &filter, &params)?;
            let refusal = super::needs_partner_to_begin(&partner).err().map(|error| match error {
                AppError::Refused(text) => text,
                other => other.to_string(),
            });
            let allowed = Allowed::of(tx.actor());
            Ok(TabPage { header, params, page, allowed, refusal })
        })
        .await?;
    let title = format!("Connections of {}", body.header.name);
    let nav = partners::handlers::nav(grant.actor(), "connections");
    Ok(Page::new(title, nav, body).region(|body| body.as_table().render()).answer(&req))
}

/// A connection with its partner.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn with_partner(tx: &mut ReadTx<'_>, id: &str) -> Result<(Connection, partners::model::Partner), AppError> {
    let connection = store::find(tx, id)?;
    let names = partners::store::names(tx, &[connection.partner_id])?;
    let (code, _) = names.get(&connection.partner_id).ok_or(AppError::NotFound)?;
    let partner = partners::store::find(tx, code)?;
    Ok((connection, partner))
}

/// `GET /connections/{id}`
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadConnection>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| show_page(tx, &id)).await?;
    Ok(Page::new(body.connection.name.to_string(), Nav::Connections, body).answer(&req))
}

fn show_page(tx: &mut ReadTx<'_>, id: &str) -> Result<ShowPage, AppError> {
    let (connection, partner) = with_partner(tx, id)?;
    let uses = store::uses(tx, &connection)?;
    let sees_activity = tx.actor().may(&ReadActivity::RULE);
    let (now, zone) = (tx.now(), tx.actor().zone());
    let mut history = Vec::new();
    if sees_activity {
        let filter = activity::store::Filter {
            partner: Some(partner.id),
            connection: Some(connection.id),
            ..activity::store::Filter::default()
        };
        history = activity::handlers::entries(tx, &filter, &Params::default(), zone)?.rows;
        history.truncate(RECENT);
    }
    let when = |at| When::new(at, now, zone);
    Ok(ShowPage {
        facts: connection.facts(),
        tested: connection.tested_at.map(when),
        created: when(connection.created_at),
        updated: when(connection.updated_at),
        allowed: Allowed::of(tx.actor()),
        can_go_on: super::needs_partner_to_go_on(&partner).is_ok(),
        partner_address: partners::address(partner.code.as_str()),
        sees_list: matches!(tx.scope(), Scope::Program(_)),
        partner,
        uses,
        history,
        sees_activity,
        connection,
    })
}
