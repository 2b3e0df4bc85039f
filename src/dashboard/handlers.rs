//! The page, and hiding the list of first steps.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::setup::Hidden;
use super::views::SuspendedPage;
use crate::access::grant::acting;
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ManageSelf, Role, Scope, Standing, UpdateProgram};
use crate::app::App;
use crate::config::MailTransport;
use crate::db::SystemTx;
use crate::people;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// Hides the first steps in this browser.
const HIDDEN: &str = "portico-setup";
const DAYS: i64 = 365;

/// `GET /`: the dashboard. Who is nobody's member, or has no program open, is led on to where they can do something.
///
/// # Errors
/// As every page.
pub async fn show(app: Data<App>, req: HttpRequest) -> PageResult {
    let Some(actor) = acting(&req)? else { return Ok(see_other("/sign-in")) };
    match (actor.role(), actor.scope()) {
        (None, _) => {
            if let Some(page) = suspended(&app, &actor, &req).await? {
                return Ok(page);
            }
            let text = "You are not a member of any partner now. Ask the administrator of your program to add you.";
            leave_flash(&req, "info", text);
            return Ok(see_other("/me"));
        }
        (Some(Role::SystemAdmin), Scope::Everything) => return Ok(see_other("/programs")),
        _ if actor.standing() == Standing::NeedsSecondFactor => return Err(AppError::SecondFactor),
        _ => {}
    }
    let grant = Grant::<ManageSelf>::check(actor)?;
    let has_mail_server = matches!(app.config.mail.transport, MailTransport::Smtp);
    let hidden = if req.cookie(HIDDEN).is_some() { Hidden::Yes } else { Hidden::No };
    let body = app.db.read(&grant, move |tx| super::page(tx, has_mail_server, hidden)).await?;
    Ok(Page::new("Dashboard", Nav::Dashboard, body).answer(&req))
}

/// The page of somebody who may act nowhere now, where that is so because they were suspended.
async fn suspended(app: &App, actor: &Actor, req: &HttpRequest) -> Result<Option<HttpResponse>, AppError> {
    let Some(user) = actor.user().filter(|_| actor.viewer().is_none()) else { return Ok(None) };
    let read = move |tx: &mut SystemTx<'_>| Ok((people::store::suspended(tx, user)?, tx.now()));
    let (found, now) = app.db.system("tell somebody why they may not act", read).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let rows = found.into_iter().map(|one| (When::new(one.since, now, actor.zone()), one)).collect();
    Ok(Some(Page::new("Suspended", Nav::None, SuspendedPage { rows }).answer(req)))
}

/// `POST /setup/hide`: the list of first steps is not shown in this browser any more.
///
/// # Errors
/// As every page.
pub async fn hide_setup(_grant: Grant<UpdateProgram>, app: Data<App>) -> PageResult {
    let cookie = Cookie::build(HIDDEN, "hidden")
        .path("/")
        .http_only(true)
        .secure(app.config.http.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(DAYS))
        .finish();
    let mut answer = see_other("/");
    answer.add_cookie(&cookie).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}
