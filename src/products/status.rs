//! Archiving a product, and bringing it back, each confirmed with its effects listed.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::availability::{self, Setting};
use super::handlers::with_partner;
use super::model::{Move, Product};
use super::{event, needs_partner, store};
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateProduct};
use crate::activity::OfferEvent;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /products/{id}/archival`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is archived already.
pub async fn confirm_archival(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    confirm(&grant, &app, id.into_inner(), Move::Archive, &req).await
}

/// `GET /products/{id}/restoration`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is not archived.
pub async fn confirm_restoration(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    confirm(&grant, &app, id.into_inner(), Move::Restore, &req).await
}

/// `POST /products/{id}/archival`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn archive(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    apply(&grant, &app, id.into_inner(), Move::Archive, &form, &req).await
}

/// `POST /products/{id}/restoration`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn restore(
    grant: Grant<UpdateProduct>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    apply(&grant, &app, id.into_inner(), Move::Restore, &form, &req).await
}

async fn confirm(grant: &Grant<UpdateProduct>, app: &App, id: String, wanted: Move, req: &HttpRequest) -> PageResult {
    let body = app
        .db
        .read(grant, move |tx| {
            let (product, partner) = with_partner(tx, &id)?;
            needs_partner(&partner)?;
            can_be(&product, wanted)?;
            page(tx, &product, wanted)
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Products, body).answer(req))
}

fn can_be(product: &Product, wanted: Move) -> Result<(), AppError> {
    if product.status == wanted.from() {
        return Ok(());
    }
    let is = product.status.label().to_lowercase();
    Err(AppError::Refused(format!("{} is {is} already. Look at it again.", product.name)))
}

fn page(tx: &mut ReadTx<'_>, product: &Product, wanted: Move) -> Result<ConfirmPage, AppError> {
    let setting = Setting::load(tx)?;
    let assigned = availability::assigned(tx, &setting, product)?.len();
    let (title, lead) = match wanted {
        Move::Archive => ("Archive", "Nothing is deleted, and you can restore it."),
        Move::Restore => ("Restore", "It is offered again as before."),
    };
    let address = super::address(product.id);
    Ok(ConfirmPage {
        crumbs: vec![("/products".into(), "Products".into()), (address.clone(), product.name.clone())],
        title: format!("{title} {}?", product.name),
        lead: lead.into(),
        effects: effects(wanted, assigned, setting.on),
        skipped: Vec::new(),
        action: format!("{address}/{}", wanted.key()),
        button: wanted.label().into(),
        harsh: wanted == Move::Archive,
        cancel: address,
        reason: Some("Reason"),
        tick: None,
        hidden: vec![("version".into(), product.version.to_string())],
        form: Form::default(),
    })
}

/// What a move does, in sentences.
fn effects(wanted: Move, assigned: usize, tiers_on: bool) -> Vec<String> {
    let count = match assigned {
        1 => "One live assignment".to_owned(),
        count => format!("{count} live assignments"),
    };
    let mut effects = match wanted {
        Move::Archive => vec![
            "No customer sees or redeems it from now on, whatever their tier.".to_owned(),
            "What was redeemed already stays as it is.".to_owned(),
            "Its SKU stays taken.".to_owned(),
        ],
        Move::Restore => vec!["Customers may have it from now on, as its assignments say.".to_owned()],
    };
    if tiers_on && assigned > 0 {
        effects.push(match wanted {
            Move::Archive => format!("{count} that concern it stay, and have no effect on it while it is archived."),
            Move::Restore => format!("{count} that concern it have an effect on it again."),
        });
    } else if wanted == Move::Restore {
        effects.push("No assignment concerns it, so it is open to all.".into());
    }
    effects
}

async fn apply(
    grant: &Grant<UpdateProduct>,
    app: &App,
    id: String,
    wanted: Move,
    form: &Form,
    req: &HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let reason = paragraphs(form.value("reason")).map_err(AppError::BadRequest)?;
    let (address, name) = app
        .db
        .write(grant, move |tx| {
            let product = store::find(tx, &id)?;
            let done = (super::address(product.id), product.name.clone());
            Ok(moved(tx, &product, seen, wanted, &reason)?.map(|()| done))
        })
        .await?;
    let done = match wanted {
        Move::Archive => "archived",
        Move::Restore => "restored",
    };
    leave_flash(req, "good", &format!("{name} is {done}."));
    Ok(see_other(&address))
}

/// The use case: a product that was found in scope is archived or restored.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when its status or its partner's forbids it.
pub fn moved(
    tx: &mut WriteTx<'_, UpdateProduct>,
    product: &Product,
    seen: i32,
    wanted: Move,
    reason: &str,
) -> Result<Change<()>, AppError> {
    let (present, partner) = with_partner(tx, &product.id.to_string())?;
    needs_partner(&partner)?;
    can_be(&present, wanted)?;
    store::move_to(tx, present.id, seen, wanted.to())?;
    let reason = reason.to_owned();
    let happened = match wanted {
        Move::Archive => OfferEvent::ProductArchived { reason },
        Move::Restore => OfferEvent::ProductRestored { reason },
    };
    Ok(Change::new((), event(&present, &present.name, happened)))
}
