//! `GET /products/{id}`: what it is, who may have it and why, and what changes soon.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::availability::{self, Setting};
use super::handlers::with_partner;
use super::model::Product;
use super::store;
use super::views::{Allowed, AssignmentRow, ShowPage};
use crate::access::{Grant, Permission, ReadActivity, ReadCampaign, ReadProduct, Scope};
use crate::activity;
use crate::activity::views::Entry;
use crate::app::App;
use crate::campaigns::decision::{Offer, decide};
use crate::db::ReadTx;
use crate::partners;
use crate::web::error::AppError;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// Lines of history on the page.
const RECENT: usize = 10;

/// The page.
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadProduct>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| page(tx, &id)).await?;
    Ok(Page::new(body.product.name.clone(), Nav::Products, body).answer(&req))
}

fn page(tx: &mut ReadTx<'_>, id: &str) -> Result<ShowPage, AppError> {
    let (product, partner) = with_partner(tx, id)?;
    let setting = Setting::load(tx)?;
    let (now, zone) = (tx.now(), partner.time_zone.tz());
    let assigned = availability::assigned(tx, &setting, &product)?;
    let offer = Offer { tiers_on: setting.on, is_offered: product.is_offered(partner.status), assigned: &assigned };
    let everybody = setting.tiers.iter().map(|tier| Some(tier.precedence)).chain([None]);
    let zones = availability::zones(tx, everybody.map(|tier| decide(offer, tier, now)))?;
    let verdicts = availability::verdicts(offer, &setting.tiers, now, (zone, &zones));
    let upcoming = if setting.on { availability::upcoming(offer, &setting.tiers, now, zone) } else { Vec::new() };
    let sees_campaigns = setting.on && tx.actor().may(&ReadCampaign::RULE);
    let assignments = match sees_campaigns {
        true => store::assignments(tx, &product)?.iter().map(|one| AssignmentRow::new(one, now)).collect(),
        false => Vec::new(),
    };
    let sees_activity = tx.actor().may(&ReadActivity::RULE);
    let history = if sees_activity { history(tx, &product)? } else { Vec::new() };
    let own_zone = tx.actor().zone();
    let when = |at| When::new(at, now, own_zone);
    Ok(ShowPage {
        price: product.price().to_string(),
        created: when(product.created_at),
        updated: when(product.updated_at),
        allowed: Allowed::of(tx.actor()),
        can_go_on: super::needs_partner(&partner).is_ok(),
        partner_address: partners::address(partner.code.as_str()),
        sees_list: matches!(tx.scope(), Scope::Program(_)),
        who_switches: crate::tiers::who_switches(tx.actor()),
        tiers_on: setting.on,
        zone: zone.name(),
        verdicts,
        upcoming,
        sees_campaigns,
        assignments,
        history,
        sees_activity,
        partner,
        product,
    })
}

fn history(tx: &mut ReadTx<'_>, product: &Product) -> Result<Vec<Entry>, AppError> {
    let filter = activity::store::Filter {
        partner: Some(product.partner_id),
        product: Some(product.id),
        ..activity::store::Filter::default()
    };
    let zone = tx.actor().zone();
    let mut rows = activity::handlers::entries(tx, &filter, &Params::default(), zone)?.rows;
    rows.truncate(RECENT);
    Ok(rows)
}
