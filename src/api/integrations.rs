//! `GET /api/v1/integrations`: what the partner has, so that a system finds the ids of what it installs.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::{Value, json};

use super::grant::{ApiGrant, IntegrationsRead};
use super::{ApiResult, answer};
use crate::access::ReadIntegration;
use crate::app::App;
use crate::integrations::model::Integration;
use crate::integrations::store;
use crate::partners;
use crate::values::Choice;
use crate::web::listing::Params;

/// `GET /api/v1/integrations`
///
/// # Errors
/// As every address of the API.
pub async fn index(
    grant: ApiGrant<IntegrationsRead, ReadIntegration>,
    app: Data<App>,
    params: Params,
    req: HttpRequest,
) -> ApiResult {
    let page = app
        .db
        .read(&grant, move |tx| {
            let keyset = params.keyset();
            let rows = store::by_name(tx, &keyset)?;
            let mut owners: Vec<_> = rows.iter().map(|one| one.partner_id).collect();
            owners.sort_unstable();
            owners.dedup();
            let names = partners::store::names(tx, &owners)?;
            let code = |one: &Integration| names.get(&one.partner_id).map(|(code, _)| code.clone());
            let page = keyset.window(rows, &params, store::name_cursor);
            Ok(answer::page(page.map(|one| shown(&one, code(&one)))))
        })
        .await?;
    Ok(answer::found(&req, &page))
}

fn shown(one: &Integration, partner: Option<String>) -> Value {
    json!({
        "id": one.id,
        "partner": partner,
        "name": one.name,
        "kind": one.kind.key(),
        "state": one.state.key(),
        "version": one.live_number,
        "updated_at": answer::moment(one.updated_at),
    })
}
