//! Images of products, encoded anew as logos are (security: uploads).

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::handlers::with_partner;
use super::{needs_partner, store};
use crate::access::session::leave_flash;
use crate::access::{Grant, ReadProduct, UpdateProduct};
use crate::activity::OfferEvent;
use crate::app::App;
use crate::db::Change;
use crate::partners::logo::Frame;
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// An image: 640 pixels a side stay below the 2 MB that the table takes, whatever is on it.
pub const FRAME: Frame = Frame { field: "image", label: "Image", noun: "image", side: 640 };

/// `GET /products/{id}/image`
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub async fn show(grant: Grant<ReadProduct>, app: Data<App>, id: Path<String>) -> Result<HttpResponse, AppError> {
    let png = app
        .db
        .read(&grant, move |tx| {
            let product = store::find(tx, &id)?;
            store::image(tx, &product)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(png))
}

/// `GET /products/{id}/image/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_removal(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let product = app
        .db
        .read(&grant, move |tx| {
            let (product, partner) = with_partner(tx, &id)?;
            needs_partner(&partner)?;
            Ok(product)
        })
        .await?;
    let address = super::address(product.id);
    let body = ConfirmPage {
        crumbs: vec![("/products".into(), "Products".into()), (address.clone(), product.name.clone())],
        title: format!("Remove the image of {}?", product.name),
        lead: "Storefronts show the product without one.".into(),
        effects: Vec::new(),
        skipped: Vec::new(),
        action: format!("{address}/image/removal"),
        button: "Remove image".into(),
        harsh: true,
        cancel: format!("{address}/edit"),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), product.version.to_string())],
        form: Form::default(),
    };
    Ok(Page::new("Remove image", Nav::Products, body).answer(&req))
}

/// `POST /products/{id}/image/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn remove(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let address = app
        .db
        .write(&grant, move |tx| {
            let (product, partner) = with_partner(tx, &id)?;
            needs_partner(&partner)?;
            let address = super::address(product.id);
            if product.image_sha256.is_none() {
                return Ok(Change::nothing(address));
            }
            store::save_image(tx, (partner.id, product.id), seen, None)?;
            Ok(Change::new(address, super::event(&product, &product.name, OfferEvent::ProductImageRemoved)))
        })
        .await?;
    leave_flash(&req, "good", "The image is removed.");
    Ok(see_other(&address))
}
