//! [`Grant`]: the proof that a check was made. Without one there is no transaction.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::actor::{Actor, Role, Standing};
use super::client;
use super::permission::{Permission, Rule};
use super::session::{self, SignedIn};
use crate::db::ids::UserId;
use crate::web::error::AppError;

/// Whom to ask, after a refusal.
fn remedy(rule: &Rule) -> &'static str {
    if rule.allows(Some(Role::HostingAdmin)) {
        "Ask a hosting admin to do it, or to give you another role."
    } else {
        "Only a system administrator may do it."
    }
}

/// Shows that its holder has the permission `P`. A handler's first argument.
pub struct Grant<P> {
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Grant<P> {
    /// Makes the check: the only way to a grant.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] with a sentence for the person.
    pub fn check(actor: Actor) -> Result<Grant<P>, AppError> {
        let rule = P::RULE;
        if !actor.may(&rule) {
            return Err(AppError::Forbidden(format!(
                "Your role, {}, does not include this ({}: {}). {}",
                actor.role_name(),
                rule.resource,
                rule.action,
                remedy(&rule)
            )));
        }
        match actor.standing() {
            Standing::ReadOnly if !rule.is_read() && !rule.everyone => Err(AppError::Forbidden(
                "Your partner is suspended: you can look, but change nothing until a hosting admin reinstates it."
                    .into(),
            )),
            Standing::NeedsSecondFactor if !rule.everyone => Err(AppError::SecondFactor),
            _ => Ok(Grant { actor, permission: PhantomData }),
        }
    }

    /// Who holds it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Another permission of the same person, when they have it too.
    pub fn also<Q: Permission>(&self) -> Option<Grant<Q>> {
        Grant::check(self.actor.clone()).ok()
    }
}

impl<P: Permission> FromRequest for Grant<P> {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(acting(req).and_then(|actor| actor.ok_or(AppError::SignIn)).and_then(Grant::check))
    }
}

/// The person behind a request, when they are signed in.
///
/// # Errors
/// When the session's content cannot be read.
pub fn acting(req: &HttpRequest) -> Result<Option<Actor>, AppError> {
    let Some(SignedIn { mut actor, .. }) = session::signed_in(&req.get_session())? else { return Ok(None) };
    actor.request_id = crate::web::request_id(req);
    actor.address = client::address(req);
    if let Some(user) = actor.user() {
        req.extensions_mut().insert(LoggedUser(user));
    }
    Ok(Some(actor))
}

/// Who is signed in, for the log line: the session itself is closed when that is written.
#[derive(Clone, Copy)]
pub struct LoggedUser(pub UserId);

/// For pages that the signed-out use: sign-in, set-up, help about them. Opens no transaction.
pub struct Anonymous {
    /// Where the request came from.
    pub address: String,
    /// The network that its tries are counted for.
    pub network: String,
    /// The browser, as it calls itself.
    pub agent: String,
}

impl FromRequest for Anonymous {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let address = client::address(req);
        ready(Ok(Anonymous { network: client::network(&address), address, agent: client::agent(req) }))
    }
}
