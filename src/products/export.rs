//! The list as a file, in the present filter. Its first columns are those that an import reads.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::availability::{Setting, decisions, words};
use super::handlers::filter;
use super::store::{self, Filter, Sort};
use crate::access::{ExportProducts, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::ProductId;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Products in a file at the most.
const LARGEST: i64 = 100_000;

/// `GET /products/export.{csv|xlsx|json}`
///
/// # Errors
/// [`AppError::NotFound`] for other endings.
pub async fn file(
    grant: Grant<ExportProducts>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("products", format).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let setting = Setting::load(tx)?;
    let chosen = params.pairs().iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok());
    let ids: Vec<ProductId> = chosen.collect();
    let filter = Filter { ids: (!ids.is_empty()).then_some(ids), ..filter(tx, &setting, params)? };
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let owners = store::owners(tx, &rows)?;
    let decided = decisions(tx, &setting, &rows, &owners)?;
    let mut table = Table::new(&[
        "partner",
        "sku",
        "name",
        "kind",
        "category",
        "description",
        "price",
        "currency",
        "status",
        "tier_precedence",
        "availability_without_tier",
        "updated_at",
        "updated_by",
    ]);
    for product in rows {
        let (precedence, availability) = decided.get(&product.id).map(words).unwrap_or_default();
        let price = product.price();
        table.push(vec![
            owners.get(&product.partner_id).map(|owner| owner.code.clone()).unwrap_or_default(),
            product.sku,
            product.name,
            product.kind.key().into(),
            product.category,
            product.description,
            price.typed(),
            price.currency.to_string(),
            product.status.key().into(),
            precedence,
            availability.into(),
            product.updated_at.to_rfc3339(),
            product.updated_by_name,
        ]);
    }
    Ok(table)
}
