//! Forgotten passwords: `/forgotten` asks for a letter with a link, `/reset` is the page behind it.
//!
//! The rules this file protects: nobody learns which addresses are known, neither from the answer nor from the time it
//! takes; only the newest link works, once, and signs nobody in; a new password ends every session and other link.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};

use super::UserStatus;
use super::account_forms as forms;
use super::account_views::{AskedPage, ForgottenPage, ResetPage};
use super::links::dead_page;
use super::store::{self, Account, held_account};
use crate::access::link::{self, Claim, Purpose};
use crate::access::{Actor, Anonymous, limits, mac, session};
use crate::activity::{self, Event};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::{PartnerId, ProgramId, UserId};
use crate::mail::{Letter, Post, outbox};
use crate::values::Email;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use crate::web::{request_id, see_other};

/// The form that asks for the address.
///
/// # Errors
/// None.
pub async fn forgotten(req: HttpRequest) -> PageResult {
    Ok(Page::new("Forgotten password", Nav::None, ForgottenPage { form: Form::default() }).answer(&req))
}

/// Sends a letter to the account of an address, if it can sign in by password; says the same whoever it is.
///
/// # Errors
/// [`AppError::TooMany`] by network and by address, known or not.
pub async fn ask(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let email = match forms::forgotten(&form) {
        Ok(email) => email,
        Err(form) => {
            return Ok(Page::new("Forgotten password", Nav::None, ForgottenPage { form }).refused().answer(&req));
        }
    };
    let (key, typed, minutes) = (app.key.clone(), email.clone(), app.config.links.reset_minutes);
    app.db.system("ask for a link to choose a password", move |tx| asked(tx, &key, &who, &typed, minutes)).await?;
    let body = AskedPage { email: email.as_str().to_owned(), minutes };
    Ok(Page::new("Look into your mail", Nav::None, body).answer(&req))
}

fn asked(tx: &mut SystemTx<'_>, key: &[u8], who: &Anonymous, email: &Email, minutes: i64) -> Result<(), AppError> {
    limits::spend_drip(tx, &format!("reset/network/{}", who.network), limits::RESETS)?;
    // The table of tries holds no address of a person, also not of one who only was guessed at.
    let hidden = mac::keyed_hex(key, "reset", email.as_str());
    limits::spend(tx, &format!("reset/address/{hidden}"), limits::LINKS)?;
    let until = tx.now() + TimeDelta::minutes(minutes);
    let account = store::by_email(tx, email)?;
    let version = store::reset_of_address(tx, email.as_str(), until)?;
    // A letter is written to the outbox also where there is nobody to write to, and taken back: the same work.
    let nobody = UserId::new();
    let zone = store::zone(tx, account.as_ref().map_or(nobody, |account| account.id))?;
    let until_words = When::new(until, tx.now(), zone).title;
    let post = letter(account.as_ref(), email.as_str(), version.unwrap_or(1), (until, until_words), None);
    store::kept_or_not(tx, version.is_some(), |tx| outbox::queue(tx, &post)).map(|_| ())
}

fn letter(
    account: Option<&Account>,
    email: &str,
    version: i32,
    (until, until_words): (DateTime<Utc>, String),
    by: Option<&str>,
) -> Post {
    let user = account.map_or_else(UserId::new, |account| account.id);
    let name = account.map_or("", |account| account.name.as_str());
    let letter = Letter::PasswordReset {
        user,
        version,
        email: email.to_owned(),
        name: name.to_owned(),
        until: until_words,
        by: by.map(str::to_owned),
    };
    let post = Post::to_account(letter, user, email, name);
    Post { user: account.map(|account| account.id), expires_at: Some(until), ..post }
}

/// Sends somebody a link to choose a password, on behalf of whoever asks for it by name; also to an account that never
/// had a password. `about` is the partner in whose delivery log the letter is.
///
/// # Errors
/// [`AppError::Refused`] for an account that is closed; [`AppError::TooMany`] after five in a day.
pub fn send(
    tx: &mut SystemTx<'_>,
    user: UserId,
    by: Option<&str>,
    minutes: i64,
    about: Option<(ProgramId, PartnerId)>,
) -> Result<Account, AppError> {
    let account = held_account(tx, user)?;
    can_choose(&account)?;
    limits::spend(tx, &format!("reset/sent/{user}"), limits::LINKS)?;
    let until = tx.now() + TimeDelta::minutes(minutes);
    let version = store::reset_of(tx, user, until)?;
    let until_words = When::new(until, tx.now(), store::zone(tx, account.id)?).title;
    let post = letter(Some(&account), &account.email, version, (until, until_words), by);
    let post = match about {
        Some((program, partner)) => post.about_partner(program, partner),
        None => post,
    };
    outbox::queue(tx, &post)?;
    Ok(account)
}

/// Whether a link to choose a password is of any use to an account.
///
/// # Errors
/// [`AppError::Refused`] with how the account stands.
pub fn can_choose(account: &Account) -> Result<(), AppError> {
    use crate::values::Choice;
    match account.status {
        UserStatus::Active | UserStatus::Invited => Ok(()),
        status => Err(AppError::Refused(format!(
            "The account of {} is {}, so a password would let nobody in. Enable the account first.",
            account.name,
            status.label().to_lowercase()
        ))),
    }
}

/// Whom an opened link lets choose a password, with the words that it must not have; none when the link is dead.
fn holder(
    tx: &mut SystemTx<'_>,
    key: &[u8],
    claim: &Claim,
    hold: bool,
) -> Result<Option<(Account, Vec<String>)>, AppError> {
    let user: UserId = claim.id.to_string().parse().map_err(|_| AppError::NotFound)?;
    let found = if hold { held_account(tx, user) } else { store::account(tx, user) };
    let account = match found {
        Err(AppError::NotFound) => return Ok(None),
        other => other?,
    };
    let is_real = claim.is_of(key, Purpose::Reset, claim.id, claim.version, &account.email);
    let now = tx.now();
    let newest = store::reset(tx, user)?.filter(|sent| sent.version == claim.version && sent.is_live(now));
    if !is_real || newest.is_none() || can_choose(&account).is_err() {
        return Ok(None);
    }
    let words = store::surroundings(tx, user)?;
    Ok(Some((account, words)))
}

async fn look(app: &App, claim: Option<Claim>) -> Result<Option<(Claim, Account, Vec<String>)>, AppError> {
    let Some(claim) = claim else { return Ok(None) };
    let key = app.key.clone();
    app.db
        .system("look at a link to choose a password", move |tx| {
            Ok(holder(tx, &key, &claim, false)?.map(|(account, words)| (claim, account, words)))
        })
        .await
}

/// The form behind the link.
///
/// # Errors
/// When the database does not answer; a dead link gets a page that says what to do.
pub async fn form(app: Data<App>, req: HttpRequest) -> PageResult {
    match look(&app, Claim::of_cookie(&app, &req, Purpose::Reset)).await? {
        None => Ok(dead_page(&req)),
        Some((_, account, _)) => {
            let body = ResetPage { email: account.email, form: Form::default() };
            Ok(Page::new("Choose a new password", Nav::None, body).answer(&req))
        }
    }
}

/// Sets the password, ends every session, and leads to the sign-in page: who opened the link may not be who signs in.
///
/// # Errors
/// As [`form`]; [`AppError::Busy`] when too many passwords are hashed.
pub async fn choose(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let Some((claim, account, words)) = look(&app, Claim::of_cookie(&app, &req, Purpose::Reset)).await? else {
        return Ok(dead_page(&req));
    };
    let context: Vec<&str> =
        [account.name.as_str(), &account.email].into_iter().chain(words.iter().map(String::as_str)).collect();
    let password = match forms::chosen(&form, &context) {
        Ok(password) => password,
        Err(form) => {
            let body = ResetPage { email: account.email, form };
            return Ok(Page::new("Choose a new password", Nav::None, body).refused().answer(&req));
        }
    };
    let hash = app.hasher.hash(password).await?;
    let (key, request) = (app.key.clone(), request_id(&req));
    let done = app
        .db
        .system("choose a password by a link", move |tx| chosen(tx, &key, &claim, &hash, request, who.address))
        .await?;
    if !done {
        return Ok(dead_page(&req));
    }
    session::end(&req.get_session());
    let mut answer = see_other("/sign-in?done=password");
    answer.add_cookie(&link::spent(&app)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

fn chosen(
    tx: &mut SystemTx<'_>,
    key: &[u8],
    claim: &Claim,
    hash: &str,
    request: String,
    address: String,
) -> Result<bool, AppError> {
    let Some((account, _)) = holder(tx, key, claim, true)? else { return Ok(false) };
    if !store::use_reset(tx, account.id, claim.version)?
        || !store::set_password(tx, account.id, hash, account.auth_version)?
    {
        return Ok(false);
    }
    if account.status == UserStatus::Invited {
        store::set_status(tx, account.id, UserStatus::Active)?;
    }
    session::end_all(tx, account.id, None)?;
    let home = store::home(tx, account.id)?;
    let actor = Actor::by_link(account.id, &account.name, &account.email, home, request, address);
    activity::store::record(tx, &actor, &Event::PasswordRecovered { user: account.id })?;
    let when = When::new(tx.now(), tx.now(), store::zone(tx, account.id)?).title;
    let letter = Letter::PasswordChanged { name: account.name.clone(), when };
    outbox::queue(tx, &Post::to_account(letter, account.id, &account.email, &account.name))?;
    Ok(true)
}
