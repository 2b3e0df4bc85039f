//! `/api/v1/redemptions`: whether a customer may, and that they did (S1-16).

mod shown;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::answer::{self, Listed};
use super::body::{Body, Member, Members, moment as read_moment};
use super::document::{Conflict, NotNamed, ONCE};
use super::filters::{self, Filters, Known, List};
use super::grant::{ApiGrant, RedemptionsCheck, RedemptionsRead, RedemptionsWrite};
use super::products::rank;
use super::query::Query;
use super::shape::{self, Ranked};
use super::tenants::idempotency_key;
use super::{ApiResult, Problem};
use crate::access::{ReadProduct, ReadRedemptions, RecordRedemption};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::ProductId;
use crate::partners;
use crate::products;
use crate::redemptions::model::{LONGEST_CUSTOMER, MOST, Named, Once, Rank, Redemption, Wanted};
use crate::redemptions::record::{self, Answer, Outcome};
use crate::redemptions::store::{self, Filter};
use crate::values::{Choice, line};
use crate::web::error::AppError;

pub use shown::{CheckShown, RedemptionShown};

/// The type of the problem that refuses a redemption.
const NOT_REDEEMABLE: &str = "urn:portico:problem:not-redeemable";

/// What is asked for, or to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = RedemptionRequest, example = json!({ "sku": "SH-BRK", "partner": "SHINONOME", "tier": "Gold", "quantity": 2, "customer": "member 4711" }))]
pub struct Told {
    /// The product's id; or else `sku` with `partner`.
    #[schema(value_type = Option<String>, format = "uuid")]
    product: Member,
    /// The product's SKU.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    sku: Member,
    /// The code of the partner whose SKU it is; a partner's own token may leave it out.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    partner: Member,
    /// The customer's tier, by its name or precedence; without it a customer who has none.
    #[schema(value_type = Ranked, inline, required = false)]
    tier: Member,
    /// How many; 1 when it is left out.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000000)]
    quantity: Member,
    /// The caller's own word for the customer, never looked into.
    #[schema(value_type = Option<String>, max_length = 200)]
    customer: Member,
    /// The moment that is asked about; now when it is left out. What is recorded is always of now.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Member,
}

impl Told {
    fn named(&self, members: &mut Members) -> Option<Named> {
        let id = members.optional("product", &self.product, |text| line(text, 40))?;
        let sku = members.optional("sku", &self.sku, |text| line(text, products::model::LONGEST_SKU))?;
        let partner = members.optional("partner", &self.partner, |text| line(text, 40))?;
        match (id, sku) {
            (Some(_), Some(_)) => members.wrong("sku", "Say product, or sku with partner; not both."),
            (None, None) => members.wrong("product", "Is missing: say the product’s id, or its sku with partner."),
            (Some(_), None) if partner.is_some() => members.wrong("partner", "Goes with sku; the id says it all."),
            (Some(id), None) => return Some(Named::Id(id)),
            (None, Some(sku)) => return Some(Named::Sku { sku, partner }),
        }
        None
    }

    fn tier(&self, members: &mut Members) -> Option<Option<Rank>> {
        match &self.tier {
            Some(Value::Number(number)) => {
                let read = rank(&number.to_string()).ok().filter(|rank| matches!(rank, Rank::Precedence(_)));
                if read.is_none() {
                    members.wrong("tier", "A precedence is a whole number, 1 or more; 1 is the highest.");
                }
                read.map(Some)
            }
            other => members.optional("tier", other, |text| rank(text.trim())),
        }
    }

    fn quantity(&self, members: &mut Members) -> Option<i32> {
        let Some(value) = &self.quantity else { return Some(1) };
        let read =
            value.as_i64().filter(|count| (1..=MOST).contains(count)).and_then(|count| i32::try_from(count).ok());
        if read.is_none() {
            members.wrong("quantity", format!("Has to be a whole number from 1 to {MOST}."));
        }
        read
    }

    fn checked(&self, records: bool) -> Result<(Wanted, Option<DateTime<Utc>>), Problem> {
        let mut members = Members::default();
        let product = self.named(&mut members);
        let tier = self.tier(&mut members);
        let quantity = self.quantity(&mut members);
        let customer = |text: &str| match text.trim() {
            "" => Ok(String::new()),
            text => line(text, LONGEST_CUSTOMER),
        };
        let customer = members.optional("customer", &self.customer, customer);
        let at = members.optional("at", &self.at, read_moment);
        if records && self.at.is_some() {
            members.wrong("at", "A redemption is recorded as of now: leave it out.");
        }
        members.done(|| {
            let customer = customer?.unwrap_or_default();
            Some((Wanted { product: product?, tier: tier?, quantity: quantity?, customer }, at?))
        })
    }
}

/// What the address of a list of redemptions says.
pub struct Redemptions;

impl List for Redemptions {
    const KNOWN: &'static [Known] = &[
        Known::some("partner", "The code of a partner: redemptions of its products.", 40),
        Known::id("product", "Redemptions of this product."),
        Known::LIMIT,
        Known::CURSOR,
    ];
}

/// The address of a redemption.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the document reads it")]
pub struct RedemptionPath {
    /// The redemption's id.
    #[param(format = "uuid")]
    id: String,
}

fn shown(tx: &mut ReadTx<'_>, rows: Vec<Redemption>) -> Result<Vec<RedemptionShown>, AppError> {
    let mut ids: Vec<_> = rows.iter().map(|one| one.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = partners::store::names(tx, &ids)?;
    let code = |one: &Redemption| names.get(&one.partner_id).map(|(code, _)| code.as_str()).unwrap_or_default();
    Ok(rows.into_iter().map(|one| (code(&one), one)).map(|(code, one)| RedemptionShown::new(one, code)).collect())
}

/// `POST /api/v1/redemptions/check`
///
/// # Errors
/// As every address of the API. What the rules refuse is no error here.
#[utoipa::path(
    post,
    path = "/redemptions/check",
    tag = "Redemptions",
    operation_id = "checkRedemption",
    summary = "Ask about a redemption",
    description = "May a customer of this tier have this product now, or at the moment that is named? Say `product`, or `sku` with `partner`. Nothing is recorded.",
    request_body = Told,
    responses((status = 200, description = "Whether the customer may. What the rules refuse is no error here.", body = CheckShown)),
    security(("token" = ["redemptions:check"])),
)]
pub async fn check(grant: ApiGrant<RedemptionsCheck, ReadProduct>, app: Data<App>, body: Body) -> ApiResult {
    let (_, told) = body.read::<Told>()?;
    let (wanted, at) = told.checked(false)?;
    let quantity = wanted.quantity;
    let answer = app.db.read(&grant, move |tx| record::asked(tx, &wanted, at)).await?;
    let text = answer::text(&CheckShown::new(&answer, quantity))?;
    Ok(HttpResponse::Ok()
        .insert_header((actix_web::http::header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(text))
}

/// The problem of a redemption that the rules refuse.
fn refused(answer: &Answer) -> Problem {
    let decision = &answer.verdict.decision;
    let detail = format!(
        "The rule {} refuses it: {}. Nothing was recorded.",
        decision.rule.key(),
        decision.rule.label().to_lowercase()
    );
    let members = json!({
        "availability": decision.availability.key(),
        "rule": decision.rule.key(),
        "message": answer.verdict.message,
        "tierPrecedence": decision.tier_precedence,
    });
    Problem::new(StatusCode::CONFLICT, detail).of_kind(NOT_REDEEMABLE, members)
}

/// `POST /api/v1/redemptions`
///
/// # Errors
/// As every address of the API; 400 without an `Idempotency-Key`, 409 when the rules refuse it, 422 for a key that came with
/// another body.
#[utoipa::path(
    post,
    path = "/redemptions",
    tag = "Redemptions",
    operation_id = "recordRedemption",
    summary = "Record a redemption",
    description = "Asks the same decision and records it, or refuses with the rule’s name. `at` is left out: what is recorded is of now.",
    params(("Idempotency-Key" = String, Header, description = ONCE, min_length = 1, max_length = 255, pattern = "^[!-~]+$", example = "basket-4711")),
    request_body = Told,
    responses(
        (status = 201, description = "It is recorded.", body = RedemptionShown, headers(
            ("Location" = String, description = "Its address."),
            ("ETag" = String, description = "The tag of this answer."),
            ("Idempotency-Replayed" = String, description = "`true` when this key was answered before."),
        )),
        (status = 409, response = Conflict),
    ),
    security(("token" = ["redemptions:write"])),
)]
pub async fn record(
    grant: ApiGrant<RedemptionsWrite, RecordRedemption>,
    app: Data<App>,
    body: Body,
    req: HttpRequest,
) -> ApiResult {
    let (bytes, told) = body.read::<Told>()?;
    let (wanted, _) = told.checked(true)?;
    let Some(key) = idempotency_key(&req)? else {
        let detail = "Send an Idempotency-Key, so that a request that is sent twice is redeemed once.";
        return Err(Problem::bad(detail));
    };
    let once = Once { key, hash: Sha256::digest(&bytes).to_vec() };
    let outcome = app.db.write(&grant, move |tx| record::recorded(tx, &wanted, &once)).await?;
    let (one, is_replayed) = match outcome {
        Outcome::Recorded(one) => (one, false),
        Outcome::Again(one) => (one, true),
        Outcome::Refused(answer) => return Err(refused(&answer)),
        Outcome::OtherRequest => {
            let detail = "This Idempotency-Key came with another body. Use another key for another redemption.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        }
    };
    let location = format!("/api/v1/redemptions/{}", one.id);
    let mut lines = app.db.read(&grant, move |tx| shown(tx, vec![one])).await?;
    let text = answer::text(&lines.pop().ok_or(AppError::NotFound)?)?;
    let answer = answer::stored(StatusCode::CREATED, text, Some(&location));
    Ok(if is_replayed { answer::replayed(answer) } else { answer })
}

/// `GET /api/v1/redemptions`: the latest first.
///
/// # Errors
/// As every address of the API; 400 that names a parameter which cannot be used.
#[utoipa::path(
    get,
    path = "/redemptions",
    tag = "Redemptions",
    operation_id = "listRedemptions",
    summary = "List redemptions",
    params(Filters<Redemptions>),
    responses(
        (status = 200, description = "One page of redemptions, the latest first.", body = shape::Page<RedemptionShown>),
        (status = 404, response = NotNamed),
    ),
    security(("token" = ["redemptions:read"])),
)]
pub async fn list(
    grant: ApiGrant<RedemptionsRead, ReadRedemptions>,
    app: Data<App>,
    query: Query,
    req: HttpRequest,
) -> ApiResult {
    let mut query = query.only(&filters::names::<Redemptions>());
    let product = query.value("product", |text| text.parse::<ProductId>().map_err(|_| "Is no id.".to_owned()));
    let partner = query.text("partner", 40);
    let page = query.page();
    query.check()?;
    let found = app
        .db
        .read(&grant, move |tx| {
            let partner = match partner.as_deref().map(|code| partners::store::find(tx, code)).transpose() {
                Err(AppError::NotFound) => return Ok(Err(Problem::nothing_named("partner"))),
                found => found?.map(|partner| partner.id),
            };
            let filter = Filter { partner, product };
            let mut rows = store::list(tx, &filter, page.size + 1, page.after.as_ref())?;
            let next = page.cut(&mut rows, store::cursor);
            Ok(Ok(Listed { items: shown(tx, rows)?, next: query.next(next.as_ref()) }))
        })
        .await??;
    answer::shown(&req, &found)
}

/// `GET /api/v1/redemptions/{id}`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/redemptions/{id}",
    tag = "Redemptions",
    operation_id = "getRedemption",
    summary = "Get a redemption",
    params(RedemptionPath),
    responses((status = 200, description = "The redemption.", body = RedemptionShown)),
    security(("token" = ["redemptions:read"])),
)]
pub async fn show(
    grant: ApiGrant<RedemptionsRead, ReadRedemptions>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> ApiResult {
    let found = app
        .db
        .read(&grant, move |tx| {
            let one = store::find(tx, &id)?;
            shown(tx, vec![one])?.pop().ok_or(AppError::NotFound)
        })
        .await?;
    answer::shown(&req, &found)
}
