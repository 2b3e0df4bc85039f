//! `/me`: one's own account, password, sessions and memberships. Nothing here takes a user's id from the request.

use actix_session::SessionExt;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::forms::{self, NewPassword};
use super::store::{self, Account, Profile};
use super::views::{AccountPage, SessionRow};
use super::{account_forms, proof};
use crate::access::grant::own_account as own;
use crate::access::session::{self, SignedIn};
use crate::access::{Actor, Grant, ManageSelf};
use crate::activity::{self, Event, FieldChange};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::{MembershipId, SessionId};
use crate::mail::{Letter, Post, outbox};
use crate::values::{Choice, Theme, Zone};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use crate::web::{local_address, see_other};

const STALE: &str = "Your account was changed in another window after you opened this form. Nothing was saved yet: \
     look at what you typed, and save again to replace the other change.";

/// The page.
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ManageSelf>, app: Data<App>, req: HttpRequest) -> PageResult {
    page(&grant, &app, &req, Typed::default()).await
}

/// A form that is shown again.
#[derive(Default)]
struct Typed {
    profile: Option<Form>,
    password: Option<Form>,
    email: Option<Form>,
    stale: bool,
}

async fn page(grant: &Grant<ManageSelf>, app: &App, req: &HttpRequest, typed: Typed) -> PageResult {
    let actor = grant.actor().clone();
    let (user, lifetimes) = (own(&actor)?, app.config.lifetimes());
    let (account, lines, now) = app
        .db
        .system("show one's own account", move |tx| {
            Ok((store::account(tx, user)?, session::list(tx, user, lifetimes)?, tx.now()))
        })
        .await?;
    let status = match (&typed, typed.stale) {
        (_, true) => StatusCode::CONFLICT,
        (Typed { profile: None, password: None, email: None, .. }, _) => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut profile = typed.profile.unwrap_or_else(|| forms::profile_of(&account));
    if typed.stale {
        profile.set("version", &account.version.to_string());
    }
    let body = AccountPage {
        profile,
        password: typed.password.unwrap_or_default(),
        email_form: typed.email.unwrap_or_default(),
        second_factor: account.second_factor_at.map(|at| When::new(at, now, actor.zone())),
        stale: typed.stale.then_some(STALE),
        email: account.email,
        memberships: session::signed_in(&req.get_session())?.map(|SignedIn { memberships, .. }| memberships),
        sessions: lines.into_iter().map(|line| SessionRow::new(line, &actor, now)).collect(),
        actor,
    };
    Ok(Page::new("Profile and security", Nav::None, body).status(status).answer(req))
}

/// The page again, with what is wrong about a change of address.
///
/// # Errors
/// As every page.
pub(super) async fn refused_email(grant: &Grant<ManageSelf>, app: &App, req: &HttpRequest, form: Form) -> PageResult {
    page(grant, app, req, Typed { email: Some(form), ..Typed::default() }).await
}

/// Saves name, zone and shortcuts.
///
/// # Errors
/// As every page.
pub async fn update(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let (actor, version) = (grant.actor().clone(), form.version()?);
    let profile = match forms::profile(&form) {
        Ok(profile) => profile,
        Err(form) => return page(&grant, &app, &req, Typed { profile: Some(form), ..Typed::default() }).await,
    };
    let saved = app.db.system("change one's own account", move |tx| save_profile(tx, &actor, &profile, version)).await;
    match saved {
        Ok(()) => {
            session::leave_flash(&req, "good", "Saved.");
            Ok(see_other("/me"))
        }
        Err(AppError::Conflict(_)) => {
            page(&grant, &app, &req, Typed { profile: Some(form), stale: true, ..Typed::default() }).await
        }
        Err(error) => Err(error),
    }
}

fn save_profile(tx: &mut SystemTx<'_>, actor: &Actor, profile: &Profile, version: i32) -> Result<(), AppError> {
    let before = store::account(tx, own(actor)?)?;
    if before.version != version {
        return Err(AppError::Conflict(STALE.into()));
    }
    let changes = changes(&before, profile);
    if changes.is_empty() {
        return Ok(());
    }
    if !store::update_profile(tx, before.id, profile, version)? {
        return Err(AppError::Conflict(STALE.into()));
    }
    activity::store::record(tx, actor, &Event::AccountUpdated { user: before.id, changes })
}

fn changes(before: &Account, after: &Profile) -> Vec<FieldChange> {
    let switch = |on| if on { "on" } else { "off" };
    let zone = after.zone.as_ref().map_or("", Zone::as_str);
    [
        FieldChange::of("Name", &before.name, after.name.as_str()),
        FieldChange::of("Time zone", before.time_zone.as_deref().unwrap_or(""), zone),
        FieldChange::of("Single-key shortcuts", switch(before.single_keys), switch(after.single_keys)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Changes the password, which ends all other sessions.
///
/// # Errors
/// As every page; [`AppError::TooMany`] before the present password is compared.
pub async fn change_password(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let actor = grant.actor().clone();
    let user = own(&actor)?;
    let wanted = match forms::new_password(&form, &actor) {
        Ok(wanted) => wanted,
        Err(form) => return page(&grant, &app, &req, Typed { password: Some(form), ..Typed::default() }).await,
    };
    let NewPassword { current, password } = wanted;
    let Some(account) = proof::by_password(&app, user, current).await? else {
        let form = account_forms::wrong_password();
        return page(&grant, &app, &req, Typed { password: Some(form), ..Typed::default() }).await;
    };
    let hash = app.hasher.hash(password).await?;
    app.db.system("change one's own password", move |tx| save_password(tx, &actor, &account, &hash)).await?;
    // A token that somebody may have copied is of no use from now on.
    session::rotate(&req.get_session())?;
    session::leave_flash(&req, "good", "Your password was changed, and all your other sessions were signed out.");
    Ok(see_other("/me"))
}

fn save_password(tx: &mut SystemTx<'_>, actor: &Actor, account: &Account, hash: &str) -> Result<(), AppError> {
    if !store::set_password(tx, account.id, hash, account.auth_version)? {
        return Err(AppError::Conflict(
            "Your password or your sessions were changed elsewhere at the same moment. Nothing was saved here.".into(),
        ));
    }
    session::end_all(tx, account.id, actor.session())?;
    activity::store::record(tx, actor, &Event::PasswordChanged { user: account.id })?;
    let when = When::new(tx.now(), tx.now(), actor.zone()).title;
    let letter = Letter::PasswordChanged { name: account.name.clone(), when };
    outbox::queue(tx, &Post::to_account(letter, account.id, &account.email, &account.name)).map(|_| ())
}

/// Chooses the colours; a script needs no page back.
///
/// # Errors
/// As every page.
pub async fn set_theme(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let user = own(grant.actor())?;
    let theme = Theme::parse(form.value("theme")).map_err(AppError::BadRequest)?;
    app.db.system("choose one's colours", move |tx| store::set_theme(tx, user, theme)).await?;
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    if header("sec-fetch-dest") == Some("empty") || header("hx-request").is_some() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let back = url::Url::parse(header(header::REFERER.as_str()).unwrap_or_default())
        .map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
    Ok(see_other(local_address(back.as_deref().unwrap_or("/me"))))
}

/// Ends one of one's own sessions.
///
/// # Errors
/// As every page; [`AppError::NotFound`] also for sessions of others.
pub async fn end_session(
    grant: Grant<ManageSelf>,
    app: Data<App>,
    path: Path<SessionId>,
    req: HttpRequest,
) -> PageResult {
    let (actor, ending) = (grant.actor().clone(), path.into_inner());
    let is_this = actor.session() == Some(ending);
    app.db
        .system("end one of one's own sessions", move |tx| {
            let user = own(&actor)?;
            if !session::end_one(tx, user, ending)? {
                return Err(AppError::NotFound);
            }
            activity::store::record(tx, &actor, &Event::SessionsEnded { user, count: 1 })
        })
        .await?;
    if is_this {
        session::end(&req.get_session());
        return Ok(see_other("/sign-in?out=1"));
    }
    session::leave_flash(&req, "good", "That session was signed out.");
    Ok(see_other("/me#sessions"))
}

/// Ends all of one's own sessions but this one.
///
/// # Errors
/// As every page.
pub async fn end_others(grant: Grant<ManageSelf>, app: Data<App>, req: HttpRequest) -> PageResult {
    let actor = grant.actor().clone();
    app.db
        .system("end one's own other sessions", move |tx| {
            let user = own(&actor)?;
            match session::end_all(tx, user, actor.session())? {
                0 => Ok(()),
                count => {
                    let count = i32::try_from(count).unwrap_or(i32::MAX);
                    activity::store::record(tx, &actor, &Event::SessionsEnded { user, count })
                }
            }
        })
        .await?;
    session::leave_flash(&req, "good", "You are signed in here only.");
    Ok(see_other("/me#sessions"))
}

/// Acts with another of one's own memberships from now on.
///
/// # Errors
/// As every page; [`AppError::NotFound`] also for memberships of others.
pub async fn switch_membership(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let actor = grant.actor().clone();
    let to: MembershipId = form.value("membership").parse().map_err(|_| AppError::NotFound)?;
    let is_own = app.db.system("switch membership", move |tx| session::switch_membership(tx, &actor, to)).await?;
    if !is_own {
        return Err(AppError::NotFound);
    }
    // Other rights, another token.
    session::rotate(&req.get_session())?;
    Ok(see_other("/"))
}
