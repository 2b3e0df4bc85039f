//! The second step of signing in: a code of the app, or a recovery code.
//!
//! Between the steps there is no session. A cookie that only this portal can make says whose password was right, and
//! until when that counts; it opens nothing but this page.

use actix_session::SessionExt;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Utc};

use super::account_forms as forms;
use super::account_views::SignInCodePage;
use super::proof::{self, Tries};
use super::store::{self, Account};
use super::{UserStatus, device, second_factor};
use crate::access::session::{self, NewSession};
use crate::access::{Anonymous, limits, mac, totp};
use crate::app::App;
use crate::db::ids::UserId;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::metrics;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::{local_address, see_other};

/// Minutes between the two steps at the most.
const MINUTES: i64 = 10;
/// See [`mac::keyed`].
const PURPOSE: &str = "sign-in-code";
const LATE: &str = "/sign-in?done=late";

/// Somebody whose password was right.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Passed {
    user: UserId,
    auth_version: i32,
    until: i64,
    next: String,
}

impl Passed {
    fn signed(&self) -> String {
        format!("{}.{}.{}.{}", self.user, self.auth_version, self.until, BASE64.encode(&self.next))
    }

    fn token(&self, key: &[u8]) -> String {
        let text = self.signed();
        format!("{text}.{}", BASE64.encode(mac::keyed(key, PURPOSE, &text)))
    }

    /// Reads a token that was made with the key and still counts.
    fn read(key: &[u8], token: &str, now: DateTime<Utc>) -> Option<Passed> {
        let (text, proof) = token.rsplit_once('.')?;
        if !mac::is_keyed(key, PURPOSE, text, &BASE64.decode(proof).ok()?) {
            return None;
        }
        let [user, auth_version, until, next] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
        let passed = Passed {
            user: user.parse().ok()?,
            auth_version: auth_version.parse().ok()?,
            until: until.parse().ok()?,
            next: String::from_utf8(BASE64.decode(next).ok()?).ok()?,
        };
        (now.timestamp() < passed.until).then_some(passed)
    }
}

fn name(app: &App) -> &'static str {
    if app.config.http.is_https() { "__Host-portico-code" } else { "portico-code" }
}

fn cookie(app: &App, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(name(app), value)
        .path("/")
        .http_only(true)
        .secure(app.config.http.is_https())
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

/// Leads somebody whose password was right to the second step. Whatever session the browser had ends.
///
/// # Errors
/// When the cookie cannot be set.
pub fn lead(app: &App, req: &HttpRequest, account: &Account, next: &str) -> Result<HttpResponse, AppError> {
    session::end(&req.get_session());
    let until = app.db.now().timestamp() + MINUTES * 60;
    let passed = Passed { user: account.id, auth_version: account.auth_version, until, next: next.to_owned() };
    let mut answer = see_other("/sign-in/code");
    answer
        .add_cookie(&cookie(app, passed.token(&app.key), Duration::minutes(MINUTES)))
        .map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

fn passed(app: &App, req: &HttpRequest) -> Option<Passed> {
    Passed::read(&app.key, req.cookie(name(app))?.value(), app.db.now())
}

/// The form; without a right password before it, the sign-in page.
///
/// # Errors
/// None.
pub async fn form(app: Data<App>, req: HttpRequest) -> PageResult {
    if passed(&app, &req).is_none() {
        return Ok(see_other(LATE));
    }
    Ok(Page::new("Second factor", Nav::None, SignInCodePage { form: Form::default() }).answer(&req))
}

/// Compares the code and starts a session.
///
/// # Errors
/// [`AppError::TooMany`] before any code is compared.
pub async fn sign_in(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let Some(passed) = passed(&app, &req) else { return Ok(see_other(LATE)) };
    let refused = |form| Ok(Page::new("Second factor", Nav::None, SignInCodePage { form }).refused().answer(&req));
    let typed = match forms::code(&form) {
        Ok(typed) => typed,
        Err(form) => return refused(form),
    };
    let user = passed.user;
    let account = app.db.system("look who enters a code", move |tx| store::account(tx, user)).await;
    let account = match account {
        Err(AppError::NotFound) => return Ok(see_other(LATE)),
        other => other?,
    };
    // The password, the sessions or the second factor were changed meanwhile: begin again.
    if account.status != UserStatus::Active
        || account.auth_version != passed.auth_version
        || account.second_factor_at.is_none()
    {
        return Ok(see_other(LATE));
    }
    let known = device::is_known(&app.key, &device::sent(&app, &req), user);
    let tries = Tries::at_code(user, known).and(vec![
        ("sign-in/site".to_owned(), limits::SIGN_IN_SITE),
        (format!("sign-in/address/{}", who.network), limits::SIGN_IN_ADDRESS),
    ]);
    let is_recovery = totp::recovery_hash(&app.key, user, &typed).is_some();
    if !proof::by_code(&app, user, typed, tries).await? {
        tracing::info!(event = "authn_code_fail", %user, address = who.address, "a code was refused");
        return refused(forms::wrong_code());
    }
    if is_recovery {
        app.db.system("tell of a used recovery code", move |tx| second_factor::tell_used(tx, user)).await?;
    }
    metrics::sign_in("succeeded");
    tracing::info!(event = "authn_login_ok", %user, address = who.address, "signed in with a second factor");
    let new = NewSession { user, auth_version: passed.auth_version, address: who.address, agent: who.agent };
    session::start(&req.get_session(), &new)?;
    let mut answer = see_other(local_address(&passed.next));
    for cookie in [device::cookie(&app, user), cookie(&app, String::new(), Duration::ZERO)] {
        answer.add_cookie(&cookie).map_err(|cause| AppError::Internal(cause.into()))?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t24_what_was_passed_cannot_be_forged_and_runs_out() {
        let passed = Passed { user: UserId::new(), auth_version: 3, until: 1000, next: "/partners?q=a.b".into() };
        let token = passed.token(b"key");
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(Passed::read(b"key", &token, at(999)), Some(passed.clone()));
        assert_eq!(Passed::read(b"key", &token, at(1000)), None);
        assert_eq!(Passed::read(b"yek", &token, at(0)), None);
        let other = Passed { user: UserId::new(), ..passed }.signed();
        let proof = token.rsplit_once('.').unwrap().1;
        for forged in ["", ".", "a.b.c.d.e", &format!("{other}.{proof}"), &token[..token.len() - 1]] {
            assert_eq!(Passed::read(b"key", forged, at(0)), None, "{forged}");
        }
    }
}
