//! The list as a file, in the present filter.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::store::{self, Sort};
use crate::access::{ExportPartners, Grant};
use crate::app::App;
use crate::db::ReadTx;
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Partners in a file at the most.
const LARGEST: i64 = 100_000;

/// `GET /partners/export.{csv|xlsx|json}`
///
/// # Errors
/// [`AppError::NotFound`] for other endings.
pub async fn file(
    grant: Grant<ExportPartners>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let table = app
        .db
        .read(&grant, move |tx| {
            let ids = params
                .pairs()
                .iter()
                .filter(|(name, _)| name == "id")
                .filter_map(|(_, id)| id.parse().ok())
                .collect::<Vec<_>>();
            table(tx, &params, (!ids.is_empty()).then_some(ids))
        })
        .await?;
    table.answer("partners", format).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params, ids: Option<Vec<crate::db::ids::PartnerId>>) -> Result<Table, AppError> {
    let types = programs::store::types(tx)?;
    let filter = store::Filter { ids, ..super::handlers::filter(params, &types) };
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let contacts = store::contact_names(tx, &rows)?;
    let mut table = Table::new(&[
        "code",
        "name",
        "type",
        "kind",
        "category",
        "status",
        "hosting",
        "support_phone",
        "support_email",
        "time_zone",
        "primary_contact",
        "updated_at",
        "updated_by",
    ]);
    for partner in rows {
        let optional = |value: Option<String>| value.unwrap_or_default();
        table.push(vec![
            partner.code.to_string(),
            partner.name.to_string(),
            types.iter().find(|one| one.id == partner.type_id).map(|one| one.key.clone()).unwrap_or_default(),
            partner.kind.key().into(),
            partner.category.key().into(),
            partner.status.key().into(),
            if partner.is_hosting { "yes" } else { "no" }.into(),
            optional(partner.support_phone.map(|phone| phone.to_string())),
            optional(partner.support_email.map(|email| email.to_string())),
            partner.time_zone.to_string(),
            optional(partner.primary_contact_id.and_then(|id| contacts.get(&id).cloned())),
            partner.updated_at.to_rfc3339(),
            partner.updated_by_name,
        ]);
    }
    Ok(table)
}
