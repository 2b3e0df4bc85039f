//! Signing in and out.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;

use super::proof::Tries;
use super::store::{self, Account};
use super::views::SignInPage;
use super::{UserStatus, device, sign_in_code};
use crate::access::grant::{Anonymous, acting};
use crate::access::limits;
use crate::access::mac;
use crate::access::password;
use crate::access::session::{self, NewSession};
use crate::app::App;
use crate::values::Email;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::metrics;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::{local_address, see_other};

/// One sentence for every reason: it must not tell which addresses are known.
const REFUSED: &str = "The e-mail address and password do not fit together, or the account is not active.";

/// The form; somebody who is signed in goes on at once.
///
/// # Errors
/// When the session could not be loaded.
pub async fn form(params: Params, req: HttpRequest) -> PageResult {
    let next = local_address(params.get("next"));
    if acting(&req)?.is_some() {
        return Ok(see_other(next));
    }
    let notice = match (params.get("lost"), params.get("out"), params.get("done")) {
        ("1", ..) => Some("You were signed out, so what you typed was not saved."),
        (_, "1", _) => Some("You are signed out."),
        (.., "password") => Some("Your new password counts now. All your sessions were signed out: sign in with it."),
        (.., "email") => Some("Your new address counts now. All your sessions were signed out: sign in with it."),
        (.., "late") => Some("That took too long, or something changed meanwhile. Begin with your password again."),
        _ => None,
    };
    Ok(Page::new("Sign in", Nav::None, SignInPage { email: "", next, notice, problem: None }).answer(&req))
}

/// Compares the password and starts a session.
///
/// # Errors
/// [`AppError::TooMany`] before any password is hashed; [`AppError::Busy`] when too many are.
pub async fn sign_in(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let (typed, password) = (form.value("email"), form.value("password"));
    let next = local_address(form.value("next"));
    let sent = device::sent(&app, &req);
    let attempt = Attempt::new(&app.key, &who.network, typed, sent);
    let (found, tries) = app.db.system("count a sign-in", move |tx| attempt.begin(tx)).await?;
    let known = found.filter(|account| account.status == UserStatus::Active);
    // A password that cannot be anybody's still takes the time of one that could.
    let (password, hash) = match &known {
        Some(account) if password::fits(password) => (password, account.password_hash.clone()),
        _ => ("", None),
    };
    let fits = app.hasher.verify(password.to_owned(), hash).await?;
    let Some(account) = known.filter(|_| fits) else {
        metrics::sign_in("refused");
        tracing::info!(event = "authn_login_fail", address = who.address, "a sign-in was refused");
        let body = SignInPage { email: typed, next, notice: None, problem: Some(REFUSED) };
        return Ok(Page::new("Sign in", Nav::None, body).refused().answer(&req));
    };
    app.db.system("give back the tries of a sign-in", move |tx| tries.refund(tx)).await?;
    if account.second_factor_at.is_some() {
        return sign_in_code::lead(&app, &req, &account, next);
    }
    metrics::sign_in("succeeded");
    tracing::info!(event = "authn_login_ok", user = %account.id, address = who.address, "signed in");
    let session =
        NewSession { user: account.id, auth_version: account.auth_version, address: who.address, agent: who.agent };
    session::start(&req.get_session(), &session)?;
    let mut answer = see_other(next);
    answer.add_cookie(&device::cookie(&app, account.id)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

/// One try at signing in: what is counted, and for whom.
struct Attempt {
    key: Vec<u8>,
    address: String,
    email: Option<Email>,
    account: String,
    device: String,
}

impl Attempt {
    fn new(key: &[u8], network: &str, typed: &str, device: String) -> Attempt {
        Attempt {
            key: key.to_owned(),
            address: format!("sign-in/address/{network}"),
            email: Email::parse(typed).ok(),
            // The table of tries holds no address of a person, also not of one who only was guessed at.
            account: mac::keyed_hex(key, "sign-in", &typed.trim().to_ascii_lowercase()),
            device,
        }
    }

    /// Looks the account up and counts the try; always in the same order, so that tries wait for one another rather
    /// than block one another.
    fn begin(self, tx: &mut crate::db::SystemTx<'_>) -> Result<(Option<Account>, Tries), AppError> {
        let account = match &self.email {
            Some(email) => store::by_email(tx, email)?,
            None => None,
        };
        let known = account.as_ref().is_some_and(|account| device::is_known(&self.key, &self.device, account.id));
        // Browsers that signed in to the account before are counted apart: strangers cannot lock them out.
        let whose = if known { "known" } else { "account" };
        let tries = Tries::new(vec![
            ("sign-in/site".to_owned(), limits::SIGN_IN_SITE),
            (self.address, limits::SIGN_IN_ADDRESS),
            (format!("sign-in/{whose}/{}", self.account), limits::SIGN_IN_ACCOUNT),
        ]);
        tries.spend(tx)?;
        Ok((account, tries))
    }
}

/// Ends the session of this browser, whoever it is.
///
/// # Errors
/// When the session could not be loaded or ended: nobody is told they are signed out who is not.
pub async fn sign_out(app: Data<App>, req: HttpRequest) -> PageResult {
    if let Some(mut signed_in) = session::signed_in(&req.get_session())? {
        app.db
            .system("sign out", move |tx| {
                session::end_view(tx, &signed_in)?;
                let actor = signed_in.viewer.take().unwrap_or(signed_in.actor);
                match (actor.user(), actor.session()) {
                    (Some(user), Some(own)) => session::end_one(tx, user, own),
                    _ => Ok(false),
                }
            })
            .await?;
    }
    session::end(&req.get_session());
    let mut answer = see_other("/sign-in?out=1");
    // Logos and pictures are kept for a day, and the next person at this browser may not be one who may see them.
    answer.headers_mut().insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    Ok(answer)
}
