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

/// The check itself: whether somebody may do what a rule allows, where they are and now.
///
/// # Errors
/// [`AppError::Forbidden`] with a sentence for the person; [`AppError::SecondFactor`] when their role asks for one.
pub fn verdict(actor: &Actor, rule: &Rule) -> Result<(), AppError> {
    if !actor.may(rule) {
        return Err(AppError::Forbidden(format!(
            "Your role, {}, does not include this ({}: {}). {}",
            actor.role_name(),
            rule.resource,
            rule.action,
            remedy(rule)
        )));
    }
    match actor.standing() {
        Standing::ReadOnly if !rule.is_read() && !rule.everyone => Err(AppError::Forbidden(
            "Your partner is suspended: you can look, but change nothing until a hosting admin reinstates it.".into(),
        )),
        Standing::NeedsSecondFactor if !rule.everyone => Err(AppError::SecondFactor),
        _ => Ok(()),
    }
}

/// The account of whoever acts; nobody sees or changes it through their eyes.
///
/// # Errors
/// [`AppError::Forbidden`] for who looks as somebody else; [`AppError::NotFound`] for the command line.
pub fn own_account(actor: &Actor) -> Result<UserId, AppError> {
    if actor.viewer().is_some() {
        return Err(AppError::Forbidden(format!(
            "This is {}’s own account, which nobody else sees. Stop looking as they do to see yours.",
            actor.name()
        )));
    }
    actor.user().ok_or(AppError::NotFound)
}

/// Refuses whoever looks through another's eyes to change anything.
///
/// # Errors
/// [`AppError::Forbidden`] with a sentence for the person.
pub fn only_looking(actor: &Actor) -> Result<(), AppError> {
    match actor.viewer() {
        None => Ok(()),
        Some(_) => Err(AppError::Forbidden(format!(
            "You look at Portico as {} sees it, reading only. Stop that first, at the top of the page.",
            actor.name()
        ))),
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
        verdict(&actor, &P::RULE)?;
        Ok(Grant { actor, permission: PhantomData })
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
        let changes = !req.method().is_safe();
        let granted = acting(req).and_then(|actor| actor.ok_or(AppError::SignIn)).and_then(|actor| {
            if changes {
                only_looking(&actor)?;
            }
            Grant::check(actor)
        });
        ready(granted)
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
    if let Some(user) = actor.viewer().map(|viewer| viewer.user).or(actor.user()) {
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
