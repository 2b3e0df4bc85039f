//! The page, and hiding the list of first steps.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Data;

use super::setup::Hidden;
use crate::access::grant::acting;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManageSelf, Role, Scope, Standing, UpdateProgram};
use crate::app::App;
use crate::config::MailTransport;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

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
