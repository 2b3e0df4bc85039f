//! `/help`, `/help/keys` and `/help/whats-new`.

use actix_session::SessionExt;
use actix_web::HttpRequest;

use super::news::NewsPage;
use super::views::{IndexPage, KeysPage};
use crate::access::session;
use crate::web::page::{Nav, Page, PageResult};

/// What Portico is, its words, and who may do what.
///
/// # Errors
/// When the session cannot be read.
pub async fn index(req: HttpRequest) -> PageResult {
    let signed_in = session::signed_in(&req.get_session())?;
    let body = IndexPage::new(signed_in.as_ref().map(|person| &person.actor));
    Ok(Page::new("Help", Nav::Help, body).answer(&req))
}

/// The keyboard shortcuts.
///
/// # Errors
/// When the session cannot be read.
pub async fn keys(req: HttpRequest) -> PageResult {
    let signed_in = session::signed_in(&req.get_session())?;
    let body = KeysPage { single_keys: signed_in.map(|person| person.single_keys) };
    Ok(Page::new("Keyboard shortcuts", Nav::Help, body).answer(&req))
}

/// What is new for the person who asks; without one, what is new for anybody (S1-21).
///
/// # Errors
/// When the session cannot be read.
pub async fn whats_new(req: HttpRequest) -> PageResult {
    let signed_in = session::signed_in(&req.get_session())?;
    let body = NewsPage::new(signed_in.as_ref().map(|person| &person.actor));
    Ok(Page::new("What’s new", Nav::Help, body).answer(&req))
}
