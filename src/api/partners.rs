//! `/api/v1/partners`: who takes part; not how to reach them, nor what the hosts noted about them.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiResult;
use super::answer::{self, Listed, moment};
use super::filters::{self, Filters, Known, List};
use super::grant::{ApiGrant, PartnersRead};
use super::query::Query;
use super::shape;
use crate::access::ReadPartner;
use crate::app::App;
use crate::partners::model::{Category, Kind, Partner, Status};
use crate::partners::store::{self, Filter, Sort};
use crate::values::Choice;
use crate::web::listing::Keyset;

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Partner)]
pub struct PartnerShown {
    /// Unique in the program; stable once the partner was active.
    pub code: String,
    /// To be shown; may repeat.
    pub name: String,
    /// `external`, `own` or `department`.
    #[schema(value_type = Kind, inline)]
    pub kind: &'static str,
    /// Its part in loyalty: `accrual`, `redemption` or `both`.
    #[schema(value_type = Category, inline)]
    pub category: &'static str,
    /// `planned`, `pending`, `active`, `suspended`, `offboarding` or `archived`. Only an active one's products can be had.
    #[schema(value_type = Status, inline)]
    pub status: &'static str,
    /// The zone of its days.
    pub time_zone: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// What the address of a list of partners says.
pub struct Partners;

impl List for Partners {
    const KNOWN: &'static [Known] = &[
        Known::choice::<Status>("status", "Partners that stand there."),
        Known::choice::<Category>("category", "Partners with this part in loyalty."),
        Known::some("q", "Part of the name or of the code.", 200),
        Known::LIMIT,
        Known::CURSOR,
    ];
}

impl PartnerShown {
    fn new(one: &Partner) -> PartnerShown {
        PartnerShown {
            code: one.code.to_string(),
            name: one.name.to_string(),
            kind: one.kind.key(),
            category: one.category.key(),
            status: one.status.key(),
            time_zone: one.time_zone.to_string(),
            updated_at: moment(one.updated_at),
        }
    }
}

/// `GET /api/v1/partners`
///
/// # Errors
/// As every address of the API; 400 that names a parameter which cannot be used.
#[utoipa::path(
    get,
    path = "/partners",
    tag = "Partners",
    operation_id = "listPartners",
    summary = "List partners",
    params(Filters<Partners>),
    responses((status = 200, description = "One page of partners, by name.", body = shape::Page<PartnerShown>)),
    security(("token" = ["partners:read"])),
)]
pub async fn list(
    grant: ApiGrant<PartnersRead, ReadPartner>,
    app: Data<App>,
    query: Query,
    req: HttpRequest,
) -> ApiResult {
    let mut query = query.only(&filters::names::<Partners>());
    let (status, category) = (query.value("status", Status::parse), query.value("category", Category::parse));
    let filter = Filter { search: query.text("q", 200).unwrap_or_default(), status, category, ..Filter::default() };
    let page = query.page();
    query.check()?;
    let found = app
        .db
        .read(&grant, move |tx| {
            let keyset = Keyset { size: page.size, at: page.after.clone(), backward: false };
            let mut rows = store::list(tx, &filter, Sort::Name, &keyset)?;
            let next = page.cut(&mut rows, |one| Sort::Name.cursor(one));
            Ok(Listed { items: rows.iter().map(PartnerShown::new).collect(), next: query.next(next.as_ref()) })
        })
        .await?;
    answer::shown(&req, &found)
}

/// `GET /api/v1/partners/{code}`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/partners/{code}",
    tag = "Partners",
    operation_id = "getPartner",
    summary = "Get a partner",
    params(("code" = String, Path, description = "Its code.", example = "KESTREL")),
    responses((status = 200, description = "The partner.", body = PartnerShown)),
    security(("token" = ["partners:read"])),
)]
pub async fn show(
    grant: ApiGrant<PartnersRead, ReadPartner>,
    app: Data<App>,
    code: Path<String>,
    req: HttpRequest,
) -> ApiResult {
    let found = app.db.read(&grant, move |tx| store::find(tx, &code)).await?;
    answer::shown(&req, &PartnerShown::new(&found))
}
