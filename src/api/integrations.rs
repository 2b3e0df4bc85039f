//! `GET /api/v1/integrations`: what the partner has, so that a system finds the ids of what it installs.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::filters::{Filters, Known, List};
use super::grant::{ApiGrant, IntegrationsRead};
use super::shape::{Key, Moment, Page};
use super::{ApiResult, answer};
use crate::access::ReadIntegration;
use crate::app::App;
use crate::db::ids::IntegrationId;
use crate::integrations::content::IntegrationKind;
use crate::integrations::model::Integration;
use crate::integrations::stage::State;
use crate::integrations::store;
use crate::partners;

/// An integration. Tenants are recorded of published ones only.
#[derive(Serialize, ToSchema)]
#[schema(as = Integration)]
pub struct Shown {
    #[schema(value_type = String, format = "uuid")]
    id: IntegrationId,
    /// The code of its partner.
    partner: String,
    #[schema(example = "Fare feed")]
    name: String,
    #[schema(value_type = IntegrationKind, inline)]
    kind: Key<IntegrationKind>,
    #[schema(value_type = State, inline)]
    state: Key<State>,
    /// The number of the published version; null before the first.
    #[schema(required = true, minimum = 1)]
    version: Option<i32>,
    #[schema(inline)]
    updated_at: Moment,
}

impl Shown {
    fn of(one: Integration, partner: String) -> Shown {
        Shown {
            id: one.id,
            partner,
            name: one.name,
            kind: Key(one.kind),
            state: Key(one.state),
            version: one.live_number,
            updated_at: Moment(one.updated_at),
        }
    }
}

/// Integrations, by name.
pub struct Integrations;

impl List for Integrations {
    const KNOWN: &'static [Known] = &[Known::SIZE, Known::AFTER];
}

/// `GET /api/v1/integrations`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/integrations",
    tag = "Integrations",
    operation_id = "listIntegrations",
    summary = "List integrations",
    description = "What the partner has, or every partner for a token of the program; by name, archived ones left out.",
    params(Filters<Integrations>),
    responses((status = 200, description = "One page of integrations.", body = Page<Shown>)),
    security(("token" = ["integrations:read"])),
)]
pub async fn index(
    grant: ApiGrant<IntegrationsRead, ReadIntegration>,
    app: Data<App>,
    filters: Filters<Integrations>,
    req: HttpRequest,
) -> ApiResult {
    let params = filters.read()?;
    let page = app
        .db
        .read(&grant, move |tx| {
            let keyset = params.keyset();
            let rows = store::by_name(tx, &keyset)?;
            let mut owners: Vec<_> = rows.iter().map(|one| one.partner_id).collect();
            owners.sort_unstable();
            owners.dedup();
            let names = partners::store::names(tx, &owners)?;
            let code = |one: &Integration| names.get(&one.partner_id).map(|(code, _)| code.clone()).unwrap_or_default();
            let page = keyset.window(rows, &params, store::name_cursor);
            Ok(answer::page(page.map(|one| (code(&one), one)).map(|(code, one)| Shown::of(one, code))))
        })
        .await?;
    Ok(answer::found(&req, &page))
}
