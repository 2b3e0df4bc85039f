//! Removing a tier, once no assignment names it any more.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::model::{Tier, Use};
use super::store;
use super::views::{NamedPage, OffPage, total};
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateTiers};
use crate::activity::{Event, OfferEvent};
use crate::app::App;
use crate::db::ids::TierId;
use crate::db::{Change, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /tiers/{id}/removal`
///
/// # Errors
/// As every page.
pub async fn confirm(grant: Grant<UpdateTiers>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let (tier, uses, below, on) = app
        .db
        .read(&grant, move |tx| {
            let tier = store::find(tx, &id)?;
            let uses = store::uses(tx, &tier)?;
            let below: Vec<Tier> =
                store::list(tx)?.into_iter().filter(|one| one.precedence > tier.precedence).collect();
            Ok((tier, uses, below, super::are_on(tx)?))
        })
        .await?;
    if !on {
        return Ok(Page::new("Tiers", Nav::Tiers, OffPage::new("Tiers", grant.actor())).answer(&req));
    }
    if !uses.is_empty() {
        let title = format!("Remove {}?", tier.name);
        let body = NamedPage { tier, uses };
        return Ok(Page::new(title, Nav::Tiers, body).status(StatusCode::CONFLICT).answer(&req));
    }
    let body = page(&tier, &below);
    Ok(Page::new(body.title.clone(), Nav::Tiers, body).answer(&req))
}

fn page(tier: &Tier, below: &[Tier]) -> ConfirmPage {
    let mut effects = vec!["No assignment names it, so nothing that customers see changes.".to_owned()];
    effects.extend(below.iter().map(|one| {
        format!("{} goes up from precedence {} to {} (1 = highest).", one.name, one.precedence, one.precedence - 1)
    }));
    effects.push("Its history stays in the activity.".into());
    ConfirmPage {
        crumbs: vec![("/tiers".into(), "Tiers".into()), (super::address(tier.id), tier.name.clone())],
        title: format!("Remove {}?", tier.name),
        lead: "It cannot be brought back; you can make one of the same name.".into(),
        effects,
        skipped: Vec::new(),
        action: format!("{}/removal", super::address(tier.id)),
        button: "Remove tier".into(),
        harsh: true,
        cancel: "/tiers".into(),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), tier.version.to_string())],
        form: Form::default(),
    }
}

/// `POST /tiers/{id}/removal`
///
/// # Errors
/// [`AppError::Refused`] while assignments name it, [`AppError::Conflict`] when somebody was faster.
pub async fn remove(
    grant: Grant<UpdateTiers>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let name = app.db.write(&grant, move |tx| removed(tx, &id, seen)).await?;
    leave_flash(&req, "good", &format!("{name} is removed."));
    Ok(see_other("/tiers"))
}

/// The use case: a tier is removed, and those below it go one up.
///
/// # Errors
/// As [`remove`].
pub fn removed(tx: &mut WriteTx<'_, UpdateTiers>, id: &str, seen: i32) -> Result<Change<String>, AppError> {
    let tier = store::find(tx, id)?;
    super::need_to_be_on(tx)?;
    let order = store::lock(tx)?;
    let uses = store::uses(tx, &tier)?;
    if !uses.is_empty() {
        return Err(AppError::Refused(in_use(&tier, &uses)));
    }
    store::remove(tx, tier.id, seen)?;
    let left: Vec<(TierId, i32)> =
        order.iter().filter(|one| one.id != tier.id).map(|one| (one.id, one.precedence)).collect();
    store::place(tx, &left)?;
    let (name, event) = (tier.name.clone(), OfferEvent::TierRemoved { precedence: tier.precedence });
    Ok(Change::new(tier.name, Event::Offer { partner: None, product: None, name, event }))
}

fn in_use(tier: &Tier, uses: &[Use]) -> String {
    let names: Vec<&str> = uses.iter().take(3).map(|one| one.name.as_str()).collect();
    format!("{} is named by {}, in {}. Give them another tier first.", tier.name, total(uses), names.join(", "))
}
