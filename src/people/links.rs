//! `/link/{token}`: where every link of a letter leads first. It takes the token out of the address and goes on; it
//! uses nothing up, because programs that look for malware in letters open links too.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::account_views::DeadLinkPage;
use super::store;
use crate::access::link::{self, Claim, Purpose};
use crate::access::{Anonymous, limits};
use crate::app::App;
use crate::db::SystemTx;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Opens a link.
///
/// # Errors
/// [`AppError::TooMany`] after too many that are none.
pub async fn open(who: Anonymous, app: Data<App>, token: Path<String>) -> PageResult {
    let token = token.into_inner();
    let (claim, key) = (Claim::read(&token), app.key.clone());
    let real = app.db.system("open a link", move |tx| is_real(tx, &key, claim, &who.network)).await?;
    let Some(purpose) = real else { return Ok(see_other("/link")) };
    let mut answer = see_other(purpose.page());
    answer.add_cookie(&link::cookie(&app, &token)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

/// The purpose of a link that was made here, though perhaps long ago; anything else counts as a guess.
fn is_real(
    tx: &mut SystemTx<'_>,
    key: &[u8],
    claim: Option<Claim>,
    network: &str,
) -> Result<Option<Purpose>, AppError> {
    let email = match &claim {
        Some(claim) => store::address_of(tx, claim.purpose, claim.id)?,
        None => None,
    };
    let real =
        claim.zip(email).filter(|(claim, email)| claim.is_of(key, claim.purpose, claim.id, claim.version, email));
    if real.is_none() {
        limits::spend(tx, &format!("link/{network}"), limits::LINK_GUESSES)?;
    }
    Ok(real.map(|(claim, _)| claim.purpose))
}

/// Says that a link does not work, and what to do.
///
/// # Errors
/// None.
pub async fn dead(req: HttpRequest) -> PageResult {
    Ok(dead_page(&req))
}

/// One page for every link that does not work, whatever the reason.
pub fn dead_page(req: &HttpRequest) -> HttpResponse {
    Page::new("This link does not work", Nav::None, DeadLinkPage {}).status(StatusCode::GONE).answer(req)
}
