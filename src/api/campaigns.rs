//! `/api/v1/campaigns`

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{self, Listed, moment};
use super::document::NotNamed;
use super::filters::{self, Filters, Known, List};
use super::grant::{ApiGrant, CampaignsRead};
use super::products::PartnerName;
use super::query::Query;
use super::shape;
use super::{ApiResult, Problem};
use crate::access::ReadCampaign;
use crate::app::App;
use crate::campaigns::model::{Campaign, Display, Phase};
use crate::campaigns::store::{self, Filter, Sort};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId};
use crate::partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// What a campaign tells customers of what they may not have; empty where it uses the usual words. `{product}`, `{tier}`
/// and `{date}` stand for what is meant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignMessages)]
pub struct MessagesShown {
    /// Before it begins.
    pub not_yet: String,
    /// After it ended.
    pub expired: String,
    /// To customers of other tiers.
    pub wrong_tier: String,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Campaign)]
pub struct CampaignShown {
    /// The campaign's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CampaignId,
    /// Unique in the program.
    pub code: String,
    /// To be shown.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// `draft`, `awaiting`, `scheduled`, `active`, `paused`, `ended` or `archived`.
    #[schema(value_type = Phase, inline)]
    pub state: &'static str,
    /// `filter`: show a customer only what they may have; `show-all`: everything, with a message.
    #[schema(value_type = Display, inline)]
    pub display: &'static str,
    /// What to tell customers.
    pub messages: MessagesShown,
    /// The zone of its days.
    pub time_zone: String,
    /// Its first day.
    #[schema(format = Date)]
    pub first_day: String,
    /// Its last day, included; null when it has none.
    #[schema(required = true, format = Date)]
    pub last_day: Option<String>,
    /// The first moment of the first day.
    #[schema(format = DateTime)]
    pub starts_at: String,
    /// The first moment after the last day; null when it has none.
    #[schema(required = true, format = DateTime)]
    pub ends_at: Option<String>,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// A campaign with its partners.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignWithPartners)]
pub struct CampaignWithPartners {
    /// The campaign.
    #[serde(flatten)]
    pub campaign: CampaignShown,
    /// The partners that take part; for a partner's token that one alone.
    pub partners: Vec<PartnerName>,
}

/// What the address of a list of campaigns says.
pub struct Campaigns;

impl List for Campaigns {
    const KNOWN: &'static [Known] = &[
        Known::choice::<Phase>("state", "Campaigns that stand there now."),
        Known::some("partner", "The code of a partner: campaigns that it takes part in.", 40),
        Known::some("q", "Part of the name or of the code.", 200),
        Known::LIMIT,
        Known::CURSOR,
    ];
}

impl CampaignShown {
    fn new(one: &Campaign, now: DateTime<Utc>) -> CampaignShown {
        let (messages, days) = (one.messages(), one.days());
        CampaignShown {
            id: one.id,
            code: one.code.clone(),
            name: one.name.to_string(),
            description: one.description.clone(),
            state: one.phase(now).key(),
            display: one.display.key(),
            messages: MessagesShown {
                not_yet: messages.not_yet,
                expired: messages.expired,
                wrong_tier: messages.wrong_tier,
            },
            time_zone: one.time_zone.to_string(),
            first_day: days.first.to_string(),
            last_day: days.last.map(|day| day.to_string()),
            starts_at: moment(one.starts_at),
            ends_at: one.ends_at.map(moment),
            updated_at: moment(one.updated_at),
        }
    }
}

/// `GET /api/v1/campaigns`
///
/// # Errors
/// As every address of the API; 400 that names a parameter which cannot be used.
#[utoipa::path(
    get,
    path = "/campaigns",
    tag = "Campaigns",
    operation_id = "listCampaigns",
    summary = "List campaigns",
    params(Filters<Campaigns>),
    responses(
        (status = 200, description = "One page of campaigns, by name.", body = shape::Page<CampaignShown>),
        (status = 404, response = NotNamed),
    ),
    security(("token" = ["campaigns:read"])),
)]
pub async fn list(
    grant: ApiGrant<CampaignsRead, ReadCampaign>,
    app: Data<App>,
    query: Query,
    req: HttpRequest,
) -> ApiResult {
    let mut query = query.only(&filters::names::<Campaigns>());
    let phase = query.value("state", Phase::parse);
    let (partner, search) = (query.text("partner", 40), query.text("q", 200).unwrap_or_default());
    let page = query.page();
    query.check()?;
    let found = app
        .db
        .read(&grant, move |tx| {
            let partner = match partner.as_deref().map(|code| partners::store::find(tx, code)).transpose() {
                Err(AppError::NotFound) => return Ok(Err(Problem::nothing_named("partner"))),
                found => found?.map(|partner| partner.id),
            };
            let filter = Filter { search, phase, partner, ..Filter::default() };
            let keyset = Keyset { size: page.size, at: page.after.clone(), backward: false };
            let (mut rows, now) = (store::list(tx, &filter, Sort::Name, &keyset)?, tx.now());
            let next = page.cut(&mut rows, |one| Sort::Name.cursor(one));
            let items = rows.iter().map(|one| CampaignShown::new(one, now)).collect();
            Ok(Ok(Listed { items, next: query.next(next.as_ref()) }))
        })
        .await??;
    answer::shown(&req, &found)
}

/// `GET /api/v1/campaigns/{code}`: by its code or id.
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/campaigns/{code}",
    tag = "Campaigns",
    operation_id = "getCampaign",
    summary = "Get a campaign",
    params(("code" = String, Path, description = "Its code or id.", example = "SPRING-27")),
    responses((status = 200, description = "The campaign, with its partners.", body = CampaignWithPartners)),
    security(("token" = ["campaigns:read"])),
)]
pub async fn show(
    grant: ApiGrant<CampaignsRead, ReadCampaign>,
    app: Data<App>,
    name: Path<String>,
    req: HttpRequest,
) -> ApiResult {
    let found = app.db.read(&grant, move |tx| with_partners(tx, &name)).await?;
    answer::shown(&req, &found)
}

fn with_partners(tx: &mut ReadTx<'_>, name: &str) -> Result<CampaignWithPartners, AppError> {
    let campaign = store::named(tx, name)?;
    let linked: Vec<PartnerId> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let lines = store::partner_lines(tx, &linked)?;
    let partners = lines.into_iter().map(|line| PartnerName { code: line.code, name: line.name }).collect();
    Ok(CampaignWithPartners { campaign: CampaignShown::new(&campaign, tx.now()), partners })
}
