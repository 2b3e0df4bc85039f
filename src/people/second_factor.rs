//! `/me/second-factor`: setting an authenticator app up, its recovery codes, and switching it off.
//!
//! The rules this file protects: every change asks for the current password, and for a code where there is one already;
//! it ends the person's other sessions and is told to their address; recovery codes are shown once.

use actix_session::SessionExt;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::TimeDelta;

use super::account_forms as forms;
use super::account_views::{Begun, RecoveryCodesPage, SecondFactorPage, Stage};
use super::proof::{self, Tries};
use super::store;
use crate::access::grant::own_account as own;
use crate::access::totp::{self, AppSecret};
use crate::access::{Actor, Grant, ManageSelf, Standing, session};
use crate::activity::{self, Event};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::mail::{Letter, Post, outbox};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// How long an app can be set up after it was begun.
const BEGUN: TimeDelta = TimeDelta::minutes(30);
const HERE: &str = "/me/second-factor";

/// The page.
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ManageSelf>, app: Data<App>, req: HttpRequest) -> PageResult {
    let page = page(&grant, &app, Form::default()).await?;
    Ok(Page::new("Second factor", Nav::None, page).answer(&req))
}

async fn page(grant: &Grant<ManageSelf>, app: &App, form: Form) -> Result<SecondFactorPage, AppError> {
    let (actor, key) = (grant.actor().clone(), app.key.clone());
    let stage = app.db.system("show one's own second factor", move |tx| stage(tx, &key, &actor)).await?;
    let actor = grant.actor();
    let asked_by = (actor.standing() == Standing::NeedsSecondFactor).then(|| actor.role_name().to_owned());
    Ok(SecondFactorPage { stage, asked_by, email: actor.email().to_owned(), form })
}

fn stage(tx: &mut SystemTx<'_>, key: &[u8], actor: &Actor) -> Result<Stage, AppError> {
    let (user, now) = (own(actor)?, tx.now());
    let Some(factor) = store::factor(tx, user)? else { return Ok(Stage::Off) };
    if let Some(at) = factor.confirmed_at {
        return Ok(Stage::On { since: When::new(at, now, actor.zone()), left: store::codes_left(tx, user)? });
    }
    match AppSecret::open(key, user, &factor.secret) {
        Some(secret) if now < factor.created_at + BEGUN => {
            Ok(Stage::Begun(Begun { qr: secret.qr(actor.email())?, secret: secret.as_text() }))
        }
        _ => Ok(Stage::Off),
    }
}

async fn refused(grant: &Grant<ManageSelf>, app: &App, req: &HttpRequest, form: Form) -> PageResult {
    let page = page(grant, app, form).await?;
    Ok(Page::new("Second factor", Nav::None, page).refused().answer(req))
}

/// Begins to set an app up.
///
/// # Errors
/// As every page; [`AppError::Refused`] when one is in use.
pub async fn begin(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let user = own(grant.actor())?;
    let current = match forms::current(&form) {
        Ok(current) => current,
        Err(form) => return refused(&grant, &app, &req, form).await,
    };
    if proof::by_password(&app, user, current).await?.is_none() {
        return refused(&grant, &app, &req, forms::wrong_password()).await;
    }
    let secret = AppSecret::generate().seal(&app.key, user)?;
    let begun = app.db.system("begin a second factor", move |tx| store::begin_factor(tx, user, &secret)).await?;
    if !begun {
        return Err(AppError::Refused("You have a second factor already. Switch it off to set up another.".into()));
    }
    session::rotate(&req.get_session())?;
    Ok(see_other(HERE))
}

/// Puts an app into use with its first code, and shows the recovery codes.
///
/// # Errors
/// As every page; [`AppError::TooMany`] before a code is compared.
pub async fn confirm(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let (actor, key) = (grant.actor().clone(), app.key.clone());
    let user = own(&actor)?;
    let tries = Tries::at_code(user, true);
    let typed = match forms::code(&form) {
        Ok(typed) => typed,
        Err(form) => return refused(&grant, &app, &req, form).await,
    };
    let tries = app
        .db
        .system("count a code", move |tx| {
            let is_on = store::account(tx, user)?.second_factor_at.is_some();
            if is_on { Ok(None) } else { tries.spend(tx).map(|()| Some(tries)) }
        })
        .await?;
    // The page with the codes was loaded anew: they are not there any more.
    let Some(tries) = tries else {
        let body = RecoveryCodesPage { codes: Vec::new(), is_new: true };
        return Ok(Page::new("Recovery codes", Nav::None, body).answer(&req));
    };
    let confirmed = app
        .db
        .system("confirm a second factor", move |tx| {
            let codes = confirmed(tx, &key, &actor, &typed)?;
            if codes.is_some() {
                tries.refund(tx)?;
            }
            Ok(codes)
        })
        .await?;
    match confirmed {
        Some(codes) => shown_once(&req, codes, true),
        None => refused(&grant, &app, &req, forms::wrong_code()).await,
    }
}

fn confirmed(tx: &mut SystemTx<'_>, key: &[u8], actor: &Actor, typed: &str) -> Result<Option<Vec<String>>, AppError> {
    let (user, now) = (own(actor)?, tx.now());
    let waiting = store::factor(tx, user)?
        .filter(|factor| factor.confirmed_at.is_none() && now < factor.created_at + BEGUN)
        .ok_or_else(|| AppError::Refused("Begin to set the app up again: this try is over.".into()))?;
    let step = AppSecret::open(key, user, &waiting.secret).and_then(|secret| secret.step_of(typed, now));
    let Some(step) = step else { return Ok(None) };
    if !store::confirm_factor(tx, user, &waiting.secret, step)? {
        return Err(AppError::Refused("You have a second factor already. Switch it off to set up another.".into()));
    }
    let codes = new_codes(tx, key, user)?;
    changed(tx, actor, "switched on", &Event::SecondFactorOn { user })?;
    Ok(Some(codes))
}

fn new_codes(tx: &mut SystemTx<'_>, key: &[u8], user: UserId) -> Result<Vec<String>, AppError> {
    let codes = totp::recovery_codes();
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| totp::recovery_hash(key, user, code)).collect();
    store::replace_codes(tx, user, &hashes)?;
    Ok(codes)
}

/// What follows every change of one's own second factor.
fn changed(tx: &mut SystemTx<'_>, actor: &Actor, what: &str, event: &Event) -> Result<(), AppError> {
    let user = own(actor)?;
    session::end_all(tx, user, actor.session())?;
    activity::store::record(tx, actor, event)?;
    tell(tx, user, what)
}

/// Tells a person that their second factor was changed.
///
/// # Errors
/// When the database does not answer.
pub fn tell(tx: &mut SystemTx<'_>, user: UserId, what: &str) -> Result<(), AppError> {
    let account = store::account(tx, user)?;
    let when = When::new(tx.now(), tx.now(), store::zone(tx, account.id)?).title;
    let letter = Letter::SecondFactorChanged { name: account.name.clone(), what: what.to_owned(), when };
    outbox::queue(tx, &Post::to_account(letter, user, &account.email, &account.name)).map(|_| ())
}

/// Tells a person that a recovery code signed them in.
///
/// # Errors
/// When the database does not answer.
pub fn tell_used(tx: &mut SystemTx<'_>, user: UserId) -> Result<(), AppError> {
    let (account, left) = (store::account(tx, user)?, store::codes_left(tx, user)?);
    let when = When::new(tx.now(), tx.now(), store::zone(tx, account.id)?).title;
    let letter = Letter::RecoveryCodeUsed { name: account.name.clone(), left, when };
    outbox::queue(tx, &Post::to_account(letter, user, &account.email, &account.name)).map(|_| ())
}

fn shown_once(req: &HttpRequest, codes: Vec<String>, is_new: bool) -> Result<HttpResponse, AppError> {
    session::rotate(&req.get_session())?;
    Ok(Page::new("Recovery codes", Nav::None, RecoveryCodesPage { codes, is_new }).answer(req))
}

/// Whether the current password and a code were typed; else the form with its error.
async fn proved(app: &App, user: UserId, form: &Form) -> Result<Result<(), Form>, AppError> {
    let (current, code) = match forms::password_and_code(form) {
        Ok(typed) => typed,
        Err(form) => return Ok(Err(form)),
    };
    if proof::by_password(app, user, current).await?.is_none() {
        return Ok(Err(forms::wrong_password()));
    }
    let fits = proof::by_code(app, user, code, Tries::at_code(user, true)).await?;
    Ok(if fits { Ok(()) } else { Err(forms::wrong_code()) })
}

/// Makes new recovery codes; the old ones are dead.
///
/// # Errors
/// As every page; [`AppError::TooMany`] before anything is compared.
pub async fn renew(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let (actor, key) = (grant.actor().clone(), app.key.clone());
    let user = own(&actor)?;
    if let Err(form) = proved(&app, user, &form).await? {
        return refused(&grant, &app, &req, form).await;
    }
    let codes = app
        .db
        .system("renew recovery codes", move |tx| {
            in_use(tx, user)?;
            let codes = new_codes(tx, &key, user)?;
            changed(tx, &actor, "given new recovery codes", &Event::RecoveryCodesRenewed { user })?;
            Ok(codes)
        })
        .await?;
    shown_once(&req, codes, false)
}

fn in_use(tx: &mut SystemTx<'_>, user: UserId) -> Result<(), AppError> {
    match store::held_account(tx, user)?.second_factor_at {
        Some(_) => Ok(()),
        None => Err(AppError::Refused("You have no second factor now. Set one up first.".into())),
    }
}

/// Switches the second factor off.
///
/// # Errors
/// As [`renew`].
pub async fn switch_off(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let actor = grant.actor().clone();
    let user = own(&actor)?;
    if let Err(form) = proved(&app, user, &form).await? {
        return refused(&grant, &app, &req, form).await;
    }
    app.db
        .system("switch one's own second factor off", move |tx| {
            in_use(tx, user)?;
            store::remove_factor(tx, user)?;
            changed(tx, &actor, "switched off", &Event::SecondFactorOff { user })
        })
        .await?;
    session::rotate(&req.get_session())?;
    session::leave_flash(
        &req,
        "good",
        "Your second factor is switched off, and all your other sessions were signed out.",
    );
    Ok(see_other(HERE))
}
