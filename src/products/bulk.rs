//! Several products at once: what will change and what is skipped is listed before anything is done.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::model::{Move, Owner, Product};
use super::store;
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateProduct};
use crate::app::App;
use crate::db::Change;
use crate::db::ids::{PartnerId, ProductId};
use crate::partners::model::Status as PartnerStatus;
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Products in one go at the most.
const AT_ONCE: usize = 100;

/// `POST /products/bulk`: asks, and with `confirmed` does it. An export is only a way on.
///
/// # Errors
/// As every page.
pub async fn apply(grant: Grant<UpdateProduct>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let ids: Vec<ProductId> = form.values("id").iter().filter_map(|id| id.parse().ok()).take(AT_ONCE).collect();
    if form.is("act", "export") && !ids.is_empty() {
        let query: Vec<String> = ids.iter().map(|id| format!("id={id}")).collect();
        return Ok(see_other(&format!("/products/export.csv?{}", query.join("&"))));
    }
    let wanted = Move::from_key(form.value("act"))
        .ok_or_else(|| AppError::BadRequest("Choose what to do with the products.".into()))?;
    if ids.is_empty() {
        leave_flash(&req, "info", "Tick at least one product first.");
        return Ok(see_other("/products"));
    }
    let (chosen, owners) = app
        .db
        .read(&grant, move |tx| {
            let chosen = store::find_many(tx, &ids)?;
            let owners = store::owners(tx, &chosen)?;
            Ok((chosen, owners))
        })
        .await?;
    let (able, skipped): (Vec<Product>, Vec<Product>) =
        chosen.into_iter().partition(|product| why_not(product, &owners, wanted).is_none());
    if form.is("confirmed", "yes") {
        let listed = form.values("seen");
        let is_listed = |product: &Product| listed.contains(&seen(product).as_str());
        if !skipped.is_empty() || able.is_empty() || !able.iter().all(is_listed) {
            return Err(AppError::Conflict(
                "One of the products was changed after the list was made, so none was touched. Go back and choose again.".into(),
            ));
        }
        return done(&grant, &app, able, wanted, &form, &req).await;
    }
    let body = page(&able, &skipped, &owners, wanted);
    Ok(Page::new(body.title.clone(), Nav::Products, body).answer(&req))
}

/// Why a product is left as it is.
fn why_not(product: &Product, owners: &HashMap<PartnerId, Owner>, wanted: Move) -> Option<String> {
    if product.status != wanted.from() {
        return Some(format!("is {} already", product.status.label().to_lowercase()));
    }
    let owner = owners.get(&product.partner_id)?;
    let is_frozen = matches!(owner.status, PartnerStatus::Suspended | PartnerStatus::Archived);
    is_frozen.then(|| format!("belongs to {}, which is {}", owner.name, owner.status.label().to_lowercase()))
}

/// A product at the version that the list showed.
fn seen(product: &Product) -> String {
    format!("{} {}", product.id, product.version)
}

fn page(able: &[Product], skipped: &[Product], owners: &HashMap<PartnerId, Owner>, wanted: Move) -> ConfirmPage {
    let mut hidden: Vec<(String, String)> = able.iter().map(|product| ("id".into(), product.id.to_string())).collect();
    hidden.extend(able.iter().map(|product| ("seen".into(), seen(product))));
    hidden.push(("act".into(), wanted.key().into()));
    hidden.push(("confirmed".into(), "yes".into()));
    let count = match able.len() {
        1 => "1 product".to_owned(),
        count => format!("{count} products"),
    };
    let called = |product: &Product| format!("{} ({})", product.name, product.sku);
    let effect = match wanted {
        Move::Archive => "is archived: no customer sees or redeems it",
        Move::Restore => "is offered again, as its assignments say",
    };
    ConfirmPage {
        crumbs: vec![("/products".into(), "Products".into())],
        title: format!("{} {count}?", wanted.label()),
        lead: if able.is_empty() {
            "None of the chosen products can be changed this way.".into()
        } else {
            "All of them, or none if one cannot be saved.".into()
        },
        effects: able.iter().map(|product| format!("{} {effect}", called(product))).collect(),
        skipped: skipped
            .iter()
            .map(|product| format!("{} {}", called(product), why_not(product, owners, wanted).unwrap_or_default()))
            .collect(),
        action: if able.is_empty() { String::new() } else { "/products/bulk".into() },
        button: format!("{} {count}", wanted.label()),
        harsh: wanted == Move::Archive,
        cancel: "/products".into(),
        reason: Some("Reason"),
        tick: None,
        hidden,
        form: Form::default(),
    }
}

async fn done(
    grant: &Grant<UpdateProduct>,
    app: &App,
    able: Vec<Product>,
    wanted: Move,
    form: &Form,
    req: &HttpRequest,
) -> PageResult {
    let reason = paragraphs(form.value("reason")).map_err(AppError::BadRequest)?;
    let count = able.len();
    app.db
        .write(grant, move |tx| {
            let mut whole = Change::nothing(());
            for product in &able {
                whole = whole.join(super::status::moved(tx, product, product.version, wanted, &reason)?);
            }
            Ok(whole)
        })
        .await?;
    let products = if count == 1 { "1 product is" } else { &format!("{count} products are") };
    leave_flash(req, "good", &format!("{}: {products} changed.", wanted.label()));
    Ok(see_other("/products"))
}
