//! Lists as files, in the present filter.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::handlers::{all_assignments, filter};
use super::store::{self, Sort};
use super::timeline::Names;
use crate::access::{ExportCampaigns, Grant, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::ProductId;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params};

/// Campaigns in a file at the most.
const LARGEST: i64 = 100_000;

/// `GET /campaigns/export.{ending}`
///
/// # Errors
/// [`AppError::NotFound`] for another ending.
pub async fn campaigns(
    grant: Grant<ExportCampaigns>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("campaigns", format).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let filter = filter(tx, params)?;
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let rows = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let mut table = Table::new(&[
        "code",
        "name",
        "state",
        "first_day",
        "last_day",
        "time_zone",
        "display",
        "owner",
        "updated_at",
        "updated_by",
        "created_at",
        "set_up_at",
        "put_right_before_saving",
        "left_for_the_check",
    ]);
    let now = tx.now();
    // How the program's own people work is nobody else's business.
    let measured = matches!(tx.scope(), Scope::Program(_));
    let of = |value: Option<String>| value.filter(|_| measured).unwrap_or_default();
    for one in rows {
        let days = one.days();
        table.push(vec![
            one.code.clone(),
            one.name.to_string(),
            one.phase(now).key().into(),
            days.first.to_string(),
            days.last.map(|day| day.to_string()).unwrap_or_default(),
            one.time_zone.to_string(),
            one.display.key().into(),
            one.owner_name,
            one.updated_at.to_rfc3339(),
            one.updated_by_name,
            one.created_at.to_rfc3339(),
            of(one.set_up_at.map(|at| at.to_rfc3339())),
            of(Some(one.caught.to_string())),
            of(one.left_over.map(|count| count.to_string())),
        ]);
    }
    Ok(table)
}

/// `GET /campaigns/{id}/assignments.{ending}`
///
/// # Errors
/// [`AppError::NotFound`] outside the scope, and for another ending.
pub async fn assignments(
    grant: Grant<ExportCampaigns>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, ending) = path.into_inner();
    let format = Format::of_ending(&ending).ok_or(AppError::NotFound)?;
    let (code, table) = app.db.read(&grant, move |tx| assignments_table(tx, &id)).await?;
    table.answer(&format!("assignments-{}", code.to_lowercase()), format).await
}

fn assignments_table(tx: &mut ReadTx<'_>, id: &str) -> Result<(String, Table), AppError> {
    let campaign = store::find(tx, id)?;
    super::needs_tiers(tx)?;
    let all = all_assignments(tx, &campaign)?;
    let names = Names::of(tx, &all)?;
    let products: Vec<ProductId> = all.iter().filter_map(|one| one.product_id).collect();
    let skus = store::skus(tx, &products)?;
    let mut table = Table::new(&[
        "campaign",
        "partner",
        "sku",
        "product",
        "tier",
        "tier_precedence",
        "first_day",
        "last_day",
        "time_zone",
        "from",
        "until",
        "state",
    ]);
    let now = tx.now();
    for one in &all {
        let days = one.days();
        let tier = names.tiers.iter().find(|tier| tier.id == one.tier_id);
        table.push(vec![
            campaign.code.clone(),
            names.partners.get(&one.partner_id).map(|line| line.code.clone()).unwrap_or_default(),
            one.product_id.and_then(|id| skus.get(&id).cloned()).unwrap_or_default(),
            one.product_id.and_then(|id| names.products.get(&id).cloned()).unwrap_or_default(),
            tier.map(|tier| tier.name.clone()).unwrap_or_default(),
            tier.map(|tier| tier.precedence.to_string()).unwrap_or_default(),
            days.first.to_string(),
            days.last.map(|day| day.to_string()).unwrap_or_default(),
            one.time_zone.to_string(),
            one.starts_at.to_rfc3339(),
            one.ends_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            one.standing(now).key().into(),
        ]);
    }
    Ok((campaign.code, table))
}
