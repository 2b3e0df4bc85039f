//! `GET /api/v1/tiers`: the program's tiers, the highest first.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiResult;
use super::answer;
use super::filters::{self, Filters, Known, List};
use super::grant::{ApiGrant, TiersRead};
use super::query::Query;
use crate::access::ReadTiers;
use crate::app::App;
use crate::db::ids::TierId;
use crate::products::availability::Setting;

/// A tier.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tier)]
pub struct TierShown {
    /// The tier's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: TierId,
    /// Unique in the program.
    pub name: String,
    /// Its place: 1 is the highest.
    #[schema(minimum = 1)]
    pub precedence: i32,
    /// What it takes and brings; may be empty.
    pub description: String,
}

/// All tiers: there are 50 at the most, so they are on one page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tiers)]
pub struct TiersShown {
    /// Whether the program uses tiers now. While it does not, there are none here, and every product is open to all.
    pub tiers_enabled: bool,
    /// The tiers, the highest first.
    pub items: Vec<TierShown>,
    /// Always null: there is one page.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// What the address of the tiers says, as that of any list.
pub struct TierList;

impl List for TierList {
    const KNOWN: &'static [Known] = &[Known::LIMIT, Known::CURSOR];
}

/// `GET /api/v1/tiers`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/tiers",
    tag = "Tiers",
    operation_id = "listTiers",
    summary = "List tiers",
    params(Filters<TierList>),
    responses((status = 200, description = "The tiers, the highest first.", body = TiersShown)),
    security(("token" = ["tiers:read"])),
)]
pub async fn list(grant: ApiGrant<TiersRead, ReadTiers>, app: Data<App>, query: Query, req: HttpRequest) -> ApiResult {
    let mut query = query.only(&filters::names::<TierList>());
    query.page();
    query.check()?;
    let setting = app.db.read(&grant, Setting::load).await?;
    let items = setting.tiers.into_iter().map(|tier| TierShown {
        id: tier.id,
        name: tier.name,
        precedence: tier.precedence,
        description: tier.description,
    });
    answer::shown(&req, &TiersShown { tiers_enabled: setting.on, items: items.collect(), next: None })
}
