//! Change of address: asked for on one's own page, confirmed by a link that goes to the new address.
//!
//! The rules this file protects: an address counts once its owner confirmed it, and not before; whether somebody else
//! has it is told only to who reads its mail; the old address learns of the change.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::TimeDelta;

use super::account_forms as forms;
use super::account_views::EmailPage;
use super::links::dead_page;
use super::store::{self, Account, held_account};
use super::{UserStatus, account, proof};
use crate::access::grant::{acting, own_account};
use crate::access::link::{self, Claim, Purpose};
use crate::access::{Actor, Anonymous, Grant, ManageSelf, limits, session};
use crate::activity::{self, Event, FieldChange};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::mail::{Letter, Post, outbox};
use crate::values::Email;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use crate::web::{request_id, see_other};

/// Sends a link to a new address.
///
/// # Errors
/// As every page; [`AppError::TooMany`] before the password is compared, and after five letters in a day.
pub async fn ask(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let user = own_account(grant.actor())?;
    let wanted = match forms::new_email(&form, grant.actor().email()) {
        Ok(wanted) => wanted,
        Err(form) => return account::refused_email(&grant, &app, &req, form).await,
    };
    if proof::by_password(&app, user, wanted.current).await?.is_none() {
        let wrong = FieldError::new("email_password", "Current password", "This is not your current password.");
        let form = Form::filled([("new_email", wanted.email.as_str().to_owned())]).with_errors(vec![wrong]);
        return account::refused_email(&grant, &app, &req, form).await;
    }
    let (email, minutes) = (wanted.email.clone(), app.config.links.reset_minutes);
    app.db.system("ask to change one's own address", move |tx| asked(tx, user, &email, minutes)).await?;
    session::rotate(&req.get_session())?;
    let text = format!("A letter is on its way to {}. Open its link to sign in with that address.", wanted.email);
    session::leave_flash(&req, "info", &text);
    Ok(see_other("/me#email"))
}

fn asked(tx: &mut SystemTx<'_>, user: UserId, email: &Email, minutes: i64) -> Result<(), AppError> {
    limits::spend(tx, &format!("email/{user}"), limits::LINKS)?;
    let account = store::account(tx, user)?;
    let until = tx.now() + TimeDelta::minutes(minutes);
    let version = store::ask_email(tx, user, email.as_str(), until)?;
    let letter = Letter::EmailConfirmation {
        user,
        version,
        email: email.as_str().to_owned(),
        name: account.name.clone(),
        until: When::new(until, tx.now(), store::zone(tx, account.id)?).title,
    };
    let post = Post::to_account(letter, user, email.as_str(), &account.name);
    outbox::queue(tx, &Post { expires_at: Some(until), ..post }).map(|_| ())
}

/// Whose address an opened link changes, and to what; none when the link is dead.
fn holder(tx: &mut SystemTx<'_>, key: &[u8], claim: &Claim, hold: bool) -> Result<Option<(Account, String)>, AppError> {
    let user: UserId = claim.id.to_string().parse().map_err(|_| AppError::NotFound)?;
    let found = if hold { held_account(tx, user) } else { store::account(tx, user) };
    let account = match found {
        Err(AppError::NotFound) => return Ok(None),
        other => other?,
    };
    let now = tx.now();
    let newest = store::email_change(tx, user)?.filter(|(email, sent)| {
        sent.version == claim.version
            && sent.is_live(now)
            && claim.is_of(key, Purpose::Email, claim.id, claim.version, email)
    });
    Ok(newest.filter(|_| account.status == UserStatus::Active).map(|(email, _)| (account, email)))
}

/// Whether the owner of the account is signed in here; false when nobody is. The link shows that the mailbox is
/// theirs, and only the session that the account is: an address that was mistyped is somebody else's mailbox.
fn is_holder(req: &HttpRequest, claim: &Claim) -> Result<bool, AppError> {
    let Some(actor) = acting(req)? else { return Ok(false) };
    if own_account(&actor)?.uuid() == claim.id {
        return Ok(true);
    }
    Err(AppError::Forbidden(
        "This link changes the address of another account. Sign out, and sign in with that account first.".into(),
    ))
}

/// The page behind the link.
///
/// # Errors
/// When the database does not answer; a dead link gets a page that says what to do.
pub async fn form(app: Data<App>, req: HttpRequest) -> PageResult {
    let Some(claim) = Claim::of_cookie(&app, &req, Purpose::Email) else { return Ok(dead_page(&req)) };
    if !is_holder(&req, &claim)? {
        return Ok(see_other("/sign-in?next=%2Femail"));
    }
    let key = app.key.clone();
    let found =
        app.db.system("look at a link to confirm an address", move |tx| holder(tx, &key, &claim, false)).await?;
    let Some((account, email)) = found else { return Ok(dead_page(&req)) };
    Ok(Page::new("Confirm your address", Nav::None, EmailPage { present: account.email, email }).answer(&req))
}

/// Makes the new address count, and ends every session.
///
/// # Errors
/// As [`form`]; [`AppError::Refused`] when another account has the address.
pub async fn confirm(who: Anonymous, app: Data<App>, req: HttpRequest) -> PageResult {
    let Some(claim) = Claim::of_cookie(&app, &req, Purpose::Email) else { return Ok(dead_page(&req)) };
    if !is_holder(&req, &claim)? {
        return Ok(see_other("/sign-in?next=%2Femail"));
    }
    let (key, request) = (app.key.clone(), request_id(&req));
    let done = app
        .db
        .system("confirm an address by a link", move |tx| confirmed(tx, &key, &claim, request, who.address))
        .await?;
    if !done {
        return Ok(dead_page(&req));
    }
    session::end(&req.get_session());
    let mut answer = see_other("/sign-in?done=email");
    answer.add_cookie(&link::spent(&app)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

fn confirmed(
    tx: &mut SystemTx<'_>,
    key: &[u8],
    claim: &Claim,
    request: String,
    address: String,
) -> Result<bool, AppError> {
    let Some((account, _)) = holder(tx, key, claim, true)? else { return Ok(false) };
    let user = account.id;
    let Some(email) = store::use_email_change(tx, user, claim.version)? else { return Ok(false) };
    store::set_email(tx, user, &email)?;
    store::void_links(tx, user)?;
    session::end_all(tx, user, None)?;
    let actor = Actor::by_link(user, &account.name, &email, store::home(tx, user)?, request, address);
    let changes = FieldChange::of("Address", &account.email, &email).into_iter().collect();
    activity::store::record(tx, &actor, &Event::EmailChanged { user, changes })?;
    let when = When::new(tx.now(), tx.now(), store::zone(tx, account.id)?).title;
    let letter = Letter::EmailChanged { name: account.name.clone(), email, when };
    outbox::queue(tx, &Post::to_account(letter, user, &account.email, &account.name))?;
    Ok(true)
}
