//! `GET /integrations`.

use std::collections::{HashMap, HashSet};

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use chrono::{Days, NaiveTime, TimeZone, Utc};

use super::store::{self, Filter, Order, Reviewer, Shown, Sort};
use super::views::{Allowed, Clock, IndexPage, Row, Tabbed};
use crate::access::{CreateIntegration, Grant, ReadIntegration, ReviewIntegration, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::{IntegrationId, PartnerId, UserId};
use crate::integrations::content::IntegrationKind;
use crate::integrations::feedback;
use crate::integrations::model::Integration;
use crate::integrations::stage::Tab;
use crate::integrations::store as integrations;
use crate::partners;
use crate::partners::views::may;
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};

/// What the address shows: what waits, for hosts; what is live, for a partner's people.
pub fn shown(tx: &ReadTx<'_>, params: &Params) -> Shown {
    match (params.get("tab"), tx.actor().user()) {
        ("mine", Some(me)) if may::<ReviewIntegration>(tx.actor()) => Shown::Mine(me),
        (word, _) => Shown::Tab(Tab::from_key(word).unwrap_or(match tx.scope() {
            Scope::Partner { .. } => Tab::Published,
            Scope::Program(_) | Scope::Everything => Tab::InReview,
        })),
    }
}

/// The filter of a list's address; a partner that nobody in scope is finds nothing.
///
/// # Errors
/// When the database does not answer.
pub fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<Filter, AppError> {
    let reviewer = match params.get("reviewer") {
        "me" => tx.actor().user().map(Reviewer::One),
        "nobody" => Some(Reviewer::Nobody),
        word => word.parse::<UserId>().ok().map(Reviewer::One),
    };
    let mut filter = Filter {
        shown: Some(shown(tx, params)),
        search: params.get("q").to_owned(),
        kind: IntegrationKind::from_key(params.get("kind")),
        reviewer,
        first_round: match params.get("round") {
            "first" => Some(true),
            "later" => Some(false),
            _ => None,
        },
        partner_built: match params.get("built") {
            "partner" => Some(true),
            "host" => Some(false),
            _ => None,
        },
        updated_by: params.get("updated_by").parse::<UserId>().ok(),
        ..Filter::default()
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

/// The hosting partners in scope: what they build needs no flag (S2-18).
///
/// # Errors
/// When the database does not answer.
pub fn hosts(tx: &mut ReadTx<'_>) -> Result<HashSet<PartnerId>, AppError> {
    Ok(partners::store::hosts(tx)?.into_iter().collect())
}

/// `GET /integrations`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadIntegration>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let mut body = app.db.read(&grant, move |tx| index_page(tx, params)).await?;
    if let Scope::Partner { program, .. } = grant.actor().scope()
        && body.tab == Tabbed::Tab(Tab::InReview)
    {
        let ids: Vec<IntegrationId> = body.page.rows.iter().map(|row| row.id).collect();
        // The queue is the whole program's: its length before one is told, and nothing else of it.
        let places = app.db.system("tell a partner its place in the queue", move |tx| store::places(tx, program, &ids));
        let places = places.await?;
        for row in &mut body.page.rows {
            row.place = places.get(&row.id).copied();
        }
    }
    Ok(Page::new("Integrations", Nav::Integrations, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params) -> Result<IndexPage, AppError> {
    let (filter, shown) = (filter(tx, &params)?, shown(tx, &params));
    let (order, keyset) = (Order::read(params.get("sort"), shown), params.keyset());
    let program = programs::store::current(tx)?;
    let settings = integrations::settings(tx)?;
    let clock = Clock { now: tx.now(), zone: program.time_zone.tz(), target: settings.target_minutes() };
    let filter = store::sought(tx, filter)?;
    let found = store::list(tx, &filter, order, &keyset)?;
    let total = filter.sought.count().map_or_else(|| store::count(tx, &filter), Ok)?;
    let rows = rows(tx, &found, clock)?;
    let window = keyset.window(found, &params, |one| order.cursor(one));
    let page = window.map(|one| rows.get(&one.id).cloned().unwrap_or_else(|| Row::bare(&one)));
    let sees_all = matches!(tx.scope(), Scope::Program(_));
    // Who sees one integration knows of its partner.
    let has_partners = !sees_all || !page.rows.is_empty() || partners::store::any(tx)?;
    let allowed = Allowed::of(tx.actor());
    let [editors, reviewers] = store::people(tx)?;
    let groups = if order.by == Sort::Expected { groups(tx, &filter, clock)? } else { None };
    let is_waiting = order.by == Sort::Expected;
    Ok(IndexPage {
        counts: counts(tx)?,
        tab: match shown {
            Shown::Tab(tab) => Tabbed::Tab(tab),
            Shown::Mine(_) => Tabbed::Mine,
        },
        partners: if sees_all && !tx.actor().is_single() { choices(tx)? } else { Vec::new() },
        picks_partner: sees_all && !tx.actor().is_single(),
        can_create: may::<CreateIntegration>(tx.actor()),
        me: tx.actor().user(),
        target_days: settings.target_days,
        program: program.name.to_string(),
        groups: groups.filter(|_| is_waiting),
        order,
        allowed,
        sees_all,
        has_partners,
        editors,
        reviewers,
        params,
        page,
        total,
    })
}

/// Makes some lines ready.
fn rows(tx: &mut ReadTx<'_>, found: &[Integration], clock: Clock) -> Result<HashMap<IntegrationId, Row>, AppError> {
    let mut owners: Vec<PartnerId> = found.iter().map(|one| one.partner_id).collect();
    owners.sort_unstable();
    owners.dedup();
    let names = partners::store::names(tx, &owners)?;
    let hosts = hosts(tx)?;
    let ids: Vec<IntegrationId> = found.iter().map(|one| one.id).collect();
    let feedback = feedback::store::counts(tx, &ids)?;
    let snoozed = match tx.actor().user() {
        Some(me) if may::<ReviewIntegration>(tx.actor()) => store::snoozed(tx, me)?,
        _ => HashMap::new(),
    };
    let actor = tx.actor();
    let row = |one: &Integration| Row {
        feedback: feedback.get(&one.id).copied().unwrap_or_default(),
        is_snoozed: snoozed.contains_key(&one.id),
        is_partners: !hosts.contains(&one.partner_id),
        ..Row::new(one, names.get(&one.partner_id), clock, actor)
    };
    Ok(found.iter().map(|one| (one.id, row(one))).collect())
}

/// How many there are in each tab, without any filter.
fn counts(tx: &mut ReadTx<'_>) -> Result<Vec<(Tabbed, i64)>, AppError> {
    let mut all: Vec<(Tabbed, Shown)> = Tab::ALL.iter().map(|tab| (Tabbed::Tab(*tab), Shown::Tab(*tab))).collect();
    if let Some(me) = tx.actor().user().filter(|_| may::<ReviewIntegration>(tx.actor())) {
        all.push((Tabbed::Mine, Shown::Mine(me)));
    }
    let filters: Vec<Filter> =
        all.iter().map(|(_, shown)| Filter { shown: Some(*shown), ..Filter::default() }).collect();
    Ok(all.into_iter().map(|(tab, _)| tab).zip(store::counts(tx, &filters)?).collect())
}

/// How many are past their target, due today and later; the day is the program's.
fn groups(tx: &mut ReadTx<'_>, filter: &Filter, clock: Clock) -> Result<Option<[i64; 3]>, AppError> {
    let ends = clock
        .now
        .with_timezone(&clock.zone)
        .date_naive()
        .checked_add_days(Days::new(1))
        .and_then(|day| clock.zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest());
    let Some(ends) = ends.map(|at| at.with_timezone(&Utc)) else { return Ok(None) };
    let part = |from, before| Filter { due_from: from, due_before: before, ..filter.clone() };
    let parts = [part(None, Some(clock.now)), part(Some(clock.now), Some(ends)), part(Some(ends), None)];
    Ok(<[i64; 3]>::try_from(store::counts(tx, &parts)?).ok())
}

/// Partners to choose from, by name; a program with more of them asks for the code.
fn choices(tx: &mut ReadTx<'_>) -> Result<Vec<(String, String)>, AppError> {
    let some = Keyset { size: 100, at: None, backward: false };
    let filter = partners::store::Filter::default();
    let found = partners::store::list(tx, &filter, partners::store::Sort::read("name"), &some)?;
    if found.len() > 100 {
        return Ok(Vec::new());
    }
    Ok(found.into_iter().map(|one| (one.code.to_string(), one.name.to_string())).collect())
}
