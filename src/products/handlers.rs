//! The lists of products.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::availability::{Asked, Setting, decisions, entered, zones};
use super::model::{Kind, Product, Status};
use super::store::{self, Asks, Filter, Sort};
use super::views::{Allowed, IndexPage, Row, TabPage};
use crate::access::{Grant, ReadProduct, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::partners::model::Partner;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Params, Window};
use crate::web::page::{Nav, Page, PageResult};

/// The filter of a list's address; a partner's code that nobody in scope has finds nothing.
///
/// # Errors
/// When the database does not answer.
pub fn filter(tx: &mut ReadTx<'_>, setting: &Setting, params: &Params) -> Result<Filter, AppError> {
    let mut filter = Filter {
        search: params.get("q").to_owned(),
        partner: None,
        kind: Kind::from_key(params.get("kind")),
        category: params.get("category").to_owned(),
        status: Status::from_key(params.get("status")),
        asks: Asks::read(params.get("tier")).filter(|_| setting.on),
        has_image: match params.get("image") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
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

/// `GET /products`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadProduct>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| index_page(tx, params)).await?;
    Ok(Page::new("Products", Nav::Products, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params) -> Result<IndexPage, AppError> {
    let setting = Setting::load(tx)?;
    let filter = filter(tx, &setting, &params)?;
    let filter = store::sought(tx, filter)?;
    let page = rows(tx, &setting, &filter, &params)?;
    let total = filter.sought.count().map_or_else(|| store::count(tx, &filter), Ok)?;
    let categories = store::categories(tx)?;
    let sees_all = matches!(tx.scope(), Scope::Program(_));
    let has_partners = !sees_all || partners::store::any(tx)?;
    let actor = tx.actor();
    Ok(IndexPage {
        allowed: Allowed::of(actor),
        picks_partner: sees_all && !actor.is_single(),
        has_partners,
        tiers_on: setting.on,
        tiers: setting.tiers,
        categories,
        params,
        page,
        total,
    })
}

fn rows(tx: &mut ReadTx<'_>, setting: &Setting, filter: &Filter, params: &Params) -> Result<Window<Row>, AppError> {
    let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
    let found = store::list(tx, filter, sort, &keyset)?;
    let owners = store::owners(tx, &found)?;
    let decided = decisions(tx, setting, &found, &owners)?;
    let zones = zones(tx, decided.values().copied())?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let window = keyset.window(found, params, |product| sort.cursor(product));
    Ok(window.map(|product| {
        let (owner, decision) = (owners.get(&product.partner_id), decided.get(&product.id));
        let own = owner.map_or(zone, |owner| owner.zone);
        let asked = decision.map(|decision| Asked::of(*decision, &setting.tiers, &entered(*decision, own, &zones)));
        Row::new(&product, owner, asked, (now, zone))
    }))
}

/// `GET /partners/{code}/products`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadProduct>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "products")?;
            let setting = Setting::load(tx)?;
            let filter = Filter { partner: Some(partner.id), impossible: false, ..filter(tx, &setting, &params)? };
            let page = rows(tx, &setting, &filter, &params)?;
            let refusal = super::needs_partner(&partner).err().map(|error| match error {
                AppError::Refused(text) => text,
                other => other.to_string(),
            });
            let allowed = Allowed::of(tx.actor());
            Ok(TabPage { header, params, page, allowed, refusal, tiers_on: setting.on })
        })
        .await?;
    let title = format!("Products of {}", body.header.name);
    let nav = partners::handlers::nav(grant.actor(), "products");
    Ok(Page::new(title, nav, body).region(|body| body.as_table().render()).answer(&req))
}

/// A product with its partner.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn with_partner(tx: &mut ReadTx<'_>, id: &str) -> Result<(Product, Partner), AppError> {
    let product = store::find(tx, id)?;
    let names = partners::store::names(tx, &[product.partner_id])?;
    let (code, _) = names.get(&product.partner_id).ok_or(AppError::NotFound)?;
    let partner = partners::store::find(tx, code)?;
    Ok((product, partner))
}
