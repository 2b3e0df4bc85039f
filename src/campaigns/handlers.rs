//! The list, and the pages of one campaign.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::measures::SetUp;
use super::model::{Campaign, Display, Phase, State};
use super::store::{self, Filter, Narrowed, Sort};
use super::views::{ActivityPage, Allowed, Head, IndexPage, OfPartnerPage, Row, ShowPage, Tab, examples};
use super::{preview, timeline};
use crate::access::{Grant, Permission, ReadActivity, ReadCampaign, Scope};
use crate::activity;
use crate::app::App;
use crate::db::ReadTx;
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, Params, Window, capped, counted};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// The filter of a list's address; a partner's code that nobody in scope has finds nothing.
///
/// # Errors
/// When the database does not answer.
pub fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<Filter, AppError> {
    let mut filter = Filter {
        search: params.get("q").to_owned(),
        phase: Phase::from_key(params.get("state")),
        display: Display::from_key(params.get("display")),
        partner: None,
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

/// `GET /campaigns`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadCampaign>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| index_page(tx, params)).await?;
    Ok(Page::new("Campaigns", Nav::Campaigns, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params) -> Result<IndexPage, AppError> {
    let filter = filter(tx, &params)?;
    let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
    let found = store::list(tx, &filter, sort, &keyset)?;
    let page = rows(tx, keyset.window(found, &params, |campaign| sort.cursor(campaign)))?;
    let (total, counts) = (store::count(tx, &filter)?, store::count_by_phase(tx)?);
    // Above programs there is nothing to be listed.
    let tiers_on = tx.actor().program_id().is_some() && store::tiers_on(tx)?.0;
    Ok(IndexPage { allowed: Allowed::of(tx.actor()), params, page, total, counts, tiers_on })
}

fn rows(tx: &mut ReadTx<'_>, window: Window<Campaign>) -> Result<Window<Row>, AppError> {
    let ids: Vec<_> = window.rows.iter().map(|campaign| campaign.id).collect();
    let partners = store::count_links(tx, &ids)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    Ok(window.map(|one| Row::new(&one, partners.get(&one.id).copied().unwrap_or_default(), now, zone)))
}

/// `GET /partners/{code}/campaigns`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadCampaign>,
    app: Data<App>,
    code: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| of_partner_page(tx, &code)).await?;
    let title = format!("Campaigns of {}", body.header.name);
    let nav = partners::handlers::nav(grant.actor(), "campaigns");
    Ok(Page::new(title, nav, body).answer(&req))
}

fn of_partner_page(tx: &mut ReadTx<'_>, code: &str) -> Result<OfPartnerPage, AppError> {
    let Found { partner, header, .. } = found(tx, code, "campaigns")?;
    let ids = store::campaigns_of(tx, partner.id)?;
    let mut campaigns = store::some(tx, &ids)?;
    campaigns.sort_by_key(|one| std::cmp::Reverse((one.starts_at, one.id)));
    let (now, zone, allowed) = (tx.now(), tx.actor().zone(), Allowed::of(tx.actor()));
    let counts = store::count_links(tx, &ids)?;
    let count = |one: &Campaign| counts.get(&one.id).copied().unwrap_or_default();
    let rows = campaigns.iter().map(|one| Row::new(one, count(one), now, zone)).collect();
    let mut others = Vec::new();
    if allowed.update {
        let all = Keyset { size: 200, at: None, backward: false };
        others = store::list(tx, &Filter::default(), Sort::StartDown, &all)?
            .into_iter()
            .filter(|one| !ids.contains(&one.id) && one.state.needs_open().is_ok())
            .map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.code)))
            .collect();
    }
    let (tiers_on, _) = store::tiers_on(tx)?;
    let assignments = if tiers_on { timeline::lines_of_partner(tx, partner.id, &campaigns)? } else { Vec::new() };
    Ok(OfPartnerPage { header, rows, others, allowed, assignments, tiers_on })
}

/// The head of a campaign's pages, for one person.
///
/// # Errors
/// When the database does not answer.
pub fn head(tx: &mut ReadTx<'_>, campaign: &Campaign, current: &str) -> Result<Head, AppError> {
    let address = super::address(campaign.id);
    let allowed = Allowed::of(tx.actor());
    let (tiers_on, approval) = store::tiers_on(tx)?;
    let partners = store::links(tx, campaign.id)?;
    let products: i64 = store::offered_in(tx, campaign.id)?.values().sum();
    let assignments = if tiers_on { capped(store::count_of_campaign(tx, campaign.id)?) } else { String::new() };
    let tab = |key: &str, label, count| Tab {
        label,
        address: if key.is_empty() { address.clone() } else { format!("{address}/{key}") },
        count,
        is_current: key == current,
    };
    let mut tabs = vec![
        tab("", "Details", String::new()),
        tab("partners", if tiers_on { "Partners & tiers" } else { "Partners" }, assignments),
        tab("products", "Products", capped(products)),
        tab("preview", "Audience preview", String::new()),
    ];
    if may::<ReadActivity>(tx.actor()) {
        tabs.push(tab("activity", "Activity", String::new()));
    }
    let products = counted(products, "product", "products");
    let counts = match tx.scope() {
        // How many others take part is nobody's business but the hosts'.
        Scope::Partner { .. } => products,
        _ => format!("{}, {products}", counted(partners.len() as i64, "partner", "partners")),
    };
    Ok(Head {
        name: campaign.name.to_string(),
        code: campaign.code.clone(),
        phase: campaign.phase(tx.now()),
        days: campaign.days().words(campaign.time_zone.tz()),
        counts,
        owner: campaign.owner_name.clone(),
        steps: if allowed.update { campaign.state.steps() } else { &[] },
        asks_approval: approval,
        is_awaiting: campaign.state == State::Awaiting,
        is_open: campaign.state.needs_open().is_ok(),
        allowed,
        tiers_on,
        tabs,
        address,
    })
}

/// `GET /campaigns/{id}`
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadCampaign>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            let head = head(tx, &campaign, "")?;
            let when = |at| When::new(at, tx.now(), tx.actor().zone());
            Ok(ShowPage {
                head,
                created: when(campaign.created_at),
                updated: when(campaign.updated_at),
                examples: examples(&campaign.messages()),
                set_up: SetUp::of(tx, &campaign),
                campaign,
            })
        })
        .await?;
    Ok(Page::new(body.head.name.clone(), Nav::Campaigns, body).answer(&req))
}

/// `GET /campaigns/{id}/partners`
///
/// # Errors
/// As every page.
pub async fn partners(
    grant: Grant<ReadCampaign>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| timeline::page(tx, &id, params)).await?;
    let title = format!("Partners and tiers of {}", body.head.name);
    Ok(Page::new(title, Nav::Campaigns, body).region(|body| body.as_timeline().render()).answer(&req))
}

/// `GET /campaigns/{id}/products`
///
/// # Errors
/// As every page.
pub async fn products(
    grant: Grant<ReadCampaign>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| preview::products_page(tx, &id, params)).await?;
    let title = format!("Products of {}", body.head.name);
    Ok(Page::new(title, Nav::Campaigns, body).region(|body| body.as_table().render()).answer(&req))
}

/// `GET /campaigns/{id}/preview`
///
/// # Errors
/// As every page.
pub async fn previewed(
    grant: Grant<ReadCampaign>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| preview::page(tx, &id, params)).await?;
    let title = format!("Audience preview of {}", body.head.name);
    Ok(Page::new(title, Nav::Campaigns, body).region(|body| body.as_result().render()).answer(&req))
}

/// `GET /campaigns/{id}/activity`
///
/// # Errors
/// As every page.
pub async fn activity(
    grant: Grant<ReadActivity>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    // Some roles read activity and no campaigns: for them there is none.
    if !grant.actor().may(&ReadCampaign::RULE) {
        return Err(AppError::NotFound);
    }
    let zone = grant.actor().zone();
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            let head = head(tx, &campaign, "activity")?;
            let filter = activity::store::Filter { campaign: Some(campaign.id), ..activity::store::Filter::default() };
            let page = activity::handlers::entries(tx, &filter, &params, zone)?;
            Ok(ActivityPage { head, params, page })
        })
        .await?;
    let title = format!("Activity of {}", body.head.name);
    Ok(Page::new(title, Nav::Campaigns, body).region(|body| body.as_entries().render()).answer(&req))
}

/// All assignments of a campaign that a person may see, for files.
///
/// # Errors
/// When the database does not answer.
pub fn all_assignments(tx: &mut ReadTx<'_>, campaign: &Campaign) -> Result<Vec<super::model::Assignment>, AppError> {
    store::of_campaign(tx, campaign.id, Narrowed { limit: Some(100_000), ..Narrowed::default() })
}
