//! The list as a file, in the present filter. There are no credentials in it, nor anything made of them.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::handlers::{filter, names};
use super::store::{self, Sort};
use crate::access::{ExportConnections, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Connections in a file at the most.
const LARGEST: i64 = 100_000;

/// `GET /connections/export.csv`
///
/// # Errors
/// When the database does not answer.
pub async fn file(grant: Grant<ExportConnections>, app: Data<App>, params: Params) -> Result<HttpResponse, AppError> {
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("connections", Format::Csv).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let filter = filter(tx, params)?;
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let names = names(tx, &rows)?;
    let mut table = Table::new(&[
        "partner",
        "name",
        "kind",
        "direction",
        "host",
        "port",
        "path",
        "region",
        "bucket",
        "prefix",
        "sign_in",
        "username",
        "test",
        "tested_at",
        "updated_at",
        "updated_by",
    ]);
    for one in rows {
        table.push(vec![
            names.get(&one.partner_id).map(|(code, _)| code.clone()).unwrap_or_default(),
            one.name.to_string(),
            one.kind.key().into(),
            one.direction.key().into(),
            one.host,
            one.port.to_string(),
            one.path,
            one.region,
            one.bucket,
            one.prefix,
            one.auth.key().into(),
            one.username,
            one.test_state.key().into(),
            one.tested_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            one.updated_at.to_rfc3339(),
            one.updated_by_name,
        ]);
    }
    Ok(table)
}
