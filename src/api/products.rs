//! `/api/v1/products`: what there is, and whether a customer may have it (S1-9 to S1-13).

mod shown;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use utoipa::IntoParams;

use super::answer::{self, Listed};
use super::body::moment as read_moment;
use super::document::NotNamed;
use super::filters::{self, Filters, Known, List};
use super::grant::{ApiGrant, ProductsRead};
use super::query::{Page, Query};
use super::shape::{self, Picture};
use super::{ApiResult, Problem};
use crate::access::ReadProduct;
use crate::app::App;
use crate::campaigns;
use crate::campaigns::model::{Campaign, Display};
use crate::db::ReadTx;
use crate::partners;
use crate::products::availability::{self, Setting};
use crate::products::model::{LONGEST_CATEGORY, Product};
use crate::products::store;
use crate::products::store::storefront::{Customer, Shelf, eligible, everything};
use crate::redemptions::model::Rank;
use crate::redemptions::verdict::{Question, Verdict, status, tier, verdicts};
use crate::values::{Choice, Refused, choice};
use crate::web::error::AppError;

pub use shown::{PartnerName, PriceShown, ProductShown};

choice! {
    /// Which products a list has.
    Show {
        /// All that are not archived.
        All = "all" / "All",
        /// Only what the customer may have.
        Eligible = "eligible" / "Eligible",
    }
}

/// What the address of a list of products says.
pub struct Products;

impl List for Products {
    const KNOWN: &'static [Known] = &[
        TIER,
        CAMPAIGN,
        Known::some("partner", "The code of a partner: its products only.", 40),
        Known::some("category", "Products of this category only.", LONGEST_CATEGORY),
        Known::some("q", "Part of the name or of the SKU.", 200),
        AS_OF,
        Known::choice::<Show>(
            "show",
            "`all`, or what the customer may have. Without it as the campaign says; without that `eligible` where a tier is \
             named, else `all`.",
        ),
        Known::LIMIT,
        Known::CURSOR,
    ];
}

/// What the address of one product says.
pub struct OneProduct;

impl List for OneProduct {
    const KNOWN: &'static [Known] = &[TIER, CAMPAIGN, AS_OF];
}

const TIER: Known =
    Known::some("tier", "The customer’s tier, by its name or precedence (1 is the highest). Without it, none.", 40);
const CAMPAIGN: Known = Known::some("campaign", "A campaign, by its code or id: its partners only, in its words.", 40);
const AS_OF: Known = Known::moment("asOf", "The moment that is asked about; without it now.");

/// The address of a product.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the document reads it")]
pub struct ProductPath {
    /// The product's id.
    #[param(format = "uuid")]
    id: String,
}

/// Who asks about what, as the address says it.
#[derive(Clone, Debug, Default)]
struct Asked {
    tier: Option<Rank>,
    campaign: Option<String>,
    at: Option<DateTime<Utc>>,
}

/// A tier by its name or precedence.
///
/// # Errors
/// What is neither.
pub fn rank(text: &str) -> Result<Rank, Refused> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let precedence = text.parse().ok().filter(|number| *number >= 1);
        return precedence.map(Rank::Precedence).ok_or_else(|| "A precedence is 1 or more; 1 is the highest.".into());
    }
    match text.chars().count() {
        1..=40 => Ok(Rank::Name(text.to_owned())),
        _ => Err("Has to be the name of a tier, or its precedence.".into()),
    }
}

impl Asked {
    fn read(query: &mut Query) -> Asked {
        Asked {
            tier: query.value("tier", rank),
            campaign: query.text("campaign", 40),
            at: query.value("asOf", read_moment),
        }
    }
}

/// What both addresses find out first; `Err` inside names the parameter that cannot be used.
struct Ground {
    setting: Setting,
    tier: Option<i32>,
    campaign: Option<Campaign>,
    at: DateTime<Utc>,
}

/// A value, or the problem of the request, inside a transaction.
type Told<T> = Result<Result<T, Problem>, AppError>;

fn ground(tx: &mut ReadTx<'_>, asked: &Asked) -> Told<Ground> {
    let setting = Setting::load(tx)?;
    let Ok(rank) = tier(&setting, asked.tier.as_ref()).map(|tier| tier.map(|tier| tier.precedence)) else {
        let words = "The program has no tier of this name or precedence.".to_owned();
        return Ok(Err(Problem::parameters(vec![("tier".into(), words)])));
    };
    let campaign = match asked.campaign.as_deref().map(|name| campaigns::store::named(tx, name)).transpose() {
        Err(AppError::NotFound) => return Ok(Err(Problem::nothing_named("campaign"))),
        found => found?,
    };
    Ok(Ok(Ground { setting, tier: rank, campaign, at: asked.at.unwrap_or(tx.now()) }))
}

impl Ground {
    fn question(&self) -> Question<'_> {
        Question { setting: &self.setting, tier: self.tier, at: self.at, campaign: self.campaign.as_ref() }
    }
}

/// What a list is narrowed to, besides.
#[derive(Clone, Debug, Default)]
struct Narrowed {
    partner: Option<String>,
    category: String,
    search: String,
    show: Option<Show>,
}

/// `GET /api/v1/products`
///
/// # Errors
/// As every address of the API; 400 that names a parameter which cannot be used.
#[utoipa::path(
    get,
    path = "/products",
    tag = "Products",
    operation_id = "listProducts",
    summary = "List products",
    description = "What there is, and whether a customer of the named tier may have it at that moment. `tierPrecedence` is the tier that a product asks for: a customer may have what asks for their own precedence or a larger number. `availability` and `rule` say what was decided, `message` what to tell the customer.",
    params(Filters<Products>),
    responses(
        (status = 200, description = "One page of products, by name, with what was decided about each for the customer who is asked about.", body = shape::Page<ProductShown>),
        (status = 404, response = NotNamed),
    ),
    security(("token" = ["products:read"])),
)]
pub async fn list(
    grant: ApiGrant<ProductsRead, ReadProduct>,
    app: Data<App>,
    query: Query,
    req: HttpRequest,
) -> ApiResult {
    let mut query = query.only(&filters::names::<Products>());
    let asked = Asked::read(&mut query);
    let narrowed = Narrowed {
        partner: query.text("partner", 40),
        category: query.text("category", LONGEST_CATEGORY).unwrap_or_default(),
        search: query.text("q", 200).unwrap_or_default(),
        show: query.value("show", Show::parse),
    };
    let page = query.page();
    query.check()?;
    let found = app.db.read(&grant, move |tx| listed(tx, &asked, &narrowed, &page, &query)).await??;
    answer::shown(&req, &found)
}

/// The default: what the campaign displays; without one what a customer of the named tier may have.
fn usual(ground: &Ground, asked: &Asked) -> Show {
    match ground.campaign.as_ref().map(|campaign| campaign.display) {
        Some(Display::Filter) => Show::Eligible,
        Some(Display::ShowAll) => Show::All,
        None if asked.tier.is_some() => Show::Eligible,
        None => Show::All,
    }
}

fn listed(
    tx: &mut ReadTx<'_>,
    asked: &Asked,
    narrowed: &Narrowed,
    page: &Page,
    query: &Query,
) -> Told<Listed<ProductShown>> {
    let ground = match ground(tx, asked)? {
        Ok(ground) => ground,
        Err(problem) => return Ok(Err(problem)),
    };
    let partner = match narrowed.partner.as_deref().map(|code| partners::store::find(tx, code)).transpose() {
        Err(AppError::NotFound) => return Ok(Err(Problem::nothing_named("partner"))),
        found => found?.map(|partner| partner.id),
    };
    let shelf = Shelf {
        search: narrowed.search.clone(),
        partner,
        campaign: ground.campaign.as_ref().map(|campaign| campaign.id),
        category: narrowed.category.clone(),
    };
    let show = narrowed.show.unwrap_or_else(|| usual(&ground, asked));
    let customer = Customer { tiers_on: ground.setting.on, tier: ground.tier, at: ground.at };
    let found = match show {
        Show::All => everything(tx, &shelf, page.size, page.after.as_ref())?,
        Show::Eligible => eligible(tx, &shelf, customer, page.size, page.after.as_ref())?,
    };
    let items = decided(tx, &ground, &found.rows)?;
    // What the decision itself does not let through, since something changed between two statements, is left out.
    let items = items.into_iter().filter(|(_, is_open)| show == Show::All || *is_open).map(|(item, _)| item).collect();
    Ok(Ok(Listed { items, next: query.next(found.next.as_ref()) }))
}

/// Products with what was decided about each, and whether it may be had.
fn decided(tx: &mut ReadTx<'_>, ground: &Ground, found: &[Product]) -> Result<Vec<(ProductShown, bool)>, AppError> {
    let owners = store::owners(tx, found)?;
    let owner = |product: &Product| owners.get(&product.partner_id);
    let offered: Vec<_> = found.iter().map(|product| (product, status(owner(product)))).collect();
    let verdicts = verdicts(tx, &ground.question(), &offered)?;
    let shown = |(product, verdict): (&Product, &Verdict)| {
        let shown = ProductShown::new(product, owner(product), verdict, &ground.setting.tiers);
        (shown, verdict.decision.availability.is_open())
    };
    Ok(found.iter().zip(&verdicts).map(shown).collect())
}

/// `GET /api/v1/products/{id}`
///
/// # Errors
/// As every address of the API; 404 for a product whose partner is not in the campaign that is named.
#[utoipa::path(
    get,
    path = "/products/{id}",
    tag = "Products",
    operation_id = "getProduct",
    summary = "Get a product",
    params(ProductPath, Filters<OneProduct>),
    responses((status = 200, description = "The product, with what was decided about it.", body = ProductShown)),
    security(("token" = ["products:read"])),
)]
pub async fn show(
    grant: ApiGrant<ProductsRead, ReadProduct>,
    app: Data<App>,
    id: Path<String>,
    query: Query,
    req: HttpRequest,
) -> ApiResult {
    let mut query = query.only(&filters::names::<OneProduct>());
    let asked = Asked::read(&mut query);
    query.check()?;
    let found = app.db.read(&grant, move |tx| one(tx, &id, &asked)).await??;
    answer::shown(&req, &found)
}

fn one(tx: &mut ReadTx<'_>, id: &str, asked: &Asked) -> Told<ProductShown> {
    let product = store::find(tx, id)?;
    let ground = match ground(tx, asked)? {
        Ok(ground) => ground,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(campaign) = &ground.campaign
        && !campaigns::store::is_linked(tx, campaign.id, product.partner_id)?
    {
        return Err(AppError::NotFound);
    }
    let owner = availability::owner(tx, &product)?;
    let mut verdict = verdicts(tx, &ground.question(), &[(&product, status(Some(&owner)))])?;
    let verdict = verdict.pop().ok_or(AppError::NotFound)?;
    Ok(Ok(ProductShown::new(&product, Some(&owner), &verdict, &ground.setting.tiers)))
}

/// `GET /api/v1/products/{id}/image`
///
/// # Errors
/// As every address of the API; 404 when it has none.
#[utoipa::path(
    get,
    path = "/products/{id}/image",
    tag = "Products",
    operation_id = "getProductImage",
    summary = "Get the picture of a product",
    params(ProductPath),
    responses((status = 200, description = "A PNG.", body = Picture, content_type = "image/png")),
    security(("token" = ["products:read"])),
)]
pub async fn image(
    grant: ApiGrant<ProductsRead, ReadProduct>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> ApiResult {
    let (hash, png) = app
        .db
        .read(&grant, move |tx| {
            let product = store::find(tx, &id)?;
            let png = store::image(tx, &product)?;
            Ok((product.image_sha256.unwrap_or_default(), png))
        })
        .await?;
    Ok(answer::picture(&req, &hash, png))
}
