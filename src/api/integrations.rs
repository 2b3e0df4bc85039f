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
            Ok(answer::page(keyset.window(rows, &params, store::name_cursor).map(|one| shown(&one))))
        })
        .await?;
    Ok(answer::found(&req, &page))
}

fn shown(one: &Integration) -> Value {
    json!({
        "id": one.id,
        "name": one.name,
        "kind": one.kind.key(),
        "state": one.state.key(),
        "version": one.live_number,
        "updated_at": answer::moment(one.updated_at),
    })
}
