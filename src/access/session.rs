//! Sessions: actix-session's middleware over our own table.
//!
//! The rules this file protects: the table holds only hashes of tokens; loading a session is one statement that also
//! asks whether the user is still active and reads their memberships, so a change of rights counts at the next
//! request; an ended session is never written back, whatever a request in flight still has in hand.

mod badges;
mod load;
mod own;
mod store;
mod view;

use actix_session::{Session, SessionExt};
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use crate::db::ids::{MembershipId, UserId};
use crate::values::Theme;
use crate::web::error::AppError;

pub use load::{acting_with, actors_of, as_member};
pub use own::{SessionLine, end_all, end_one, list, sweep, switch_membership, switch_program};
pub use store::{PgSessions, acting_as};
pub use view::{end_view, start_view};

/// Keys of the session's state that never reach the table.
const SIGNED_IN: &str = "signed_in";
const OUTAGE: &str = "outage";
const NEW: &str = "new";
const ROTATE: &str = "rotate";
/// The key that does: a notice for the next page.
const FLASH: &str = "flash";

/// How long a session lives.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Minutes without a request.
    pub idle_minutes: i64,
    /// Hours since sign-in.
    pub absolute_hours: i64,
    /// Whether system administrators must have a second factor.
    pub system_second_factor: bool,
}

/// What loading a session found out; lives only in memory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who acts.
    pub actor: Actor,
    /// All of the person's memberships, for the switcher.
    pub memberships: Vec<MembershipChoice>,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Whether single-key shortcuts are on.
    pub single_keys: bool,
    /// Notifications they did not read; counted to 100 at the most.
    pub unread: i64,
    /// Partners in scope, for the sidebar; counted to 1,000 at the most.
    pub partners: Option<i64>,
    /// Letters of the last seven days that failed, for the sidebar; counted to 1,000 at the most.
    pub failed_letters: Option<i64>,
    /// Integrations that wait for whoever reads them here, for the sidebar.
    pub waiting: Option<Waiting>,
    /// Who is really signed in, while they look at the portal as `actor` sees it.
    pub viewer: Option<Actor>,
}

/// Integrations that wait: those in review for who sees the program, those with changes requested for a partner's people.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// How many; counted to 1,000 at the most.
    pub count: i64,
    /// How many of them are past the day on which an answer was expected.
    pub late: i64,
}

/// A membership to switch to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MembershipChoice {
    /// Its id.
    pub id: MembershipId,
    /// The partner's name.
    pub partner: String,
    /// The program's name.
    pub program: String,
    /// The role's name there.
    pub role: String,
}

impl MembershipChoice {
    /// Whether the person acts with it now.
    pub fn is_current(&self, actor: &Actor) -> bool {
        actor.membership() == Some(self.id)
    }
}

/// Who just proved who they are; becomes a row when the answer goes out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewSession {
    /// The user.
    pub user: UserId,
    /// `users.auth_version` as it was when the password was compared.
    pub auth_version: i32,
    /// Network address.
    pub address: String,
    /// Browser.
    pub agent: String,
}

/// Starts a session under a new token; whatever session the browser had ends.
///
/// # Errors
/// When the state cannot be written as JSON.
pub fn start(session: &Session, new: &NewSession) -> Result<(), AppError> {
    session.clear();
    session.insert(NEW, new).map_err(|cause| AppError::Internal(cause.into()))?;
    session.renew();
    Ok(())
}

/// Ends the session of this browser.
pub fn end(session: &Session) {
    session.purge();
}

/// Gives the session a new token, in one statement that touches only a live row.
///
/// # Errors
/// When the state cannot be written as JSON.
pub fn rotate(session: &Session) -> Result<(), AppError> {
    session.insert(ROTATE, true).map_err(|cause| AppError::Internal(cause.into()))
}

/// What loading found, when somebody is signed in.
///
/// # Errors
/// When the state cannot be read.
pub fn signed_in(session: &Session) -> Result<Option<SignedIn>, AppError> {
    if session.get::<bool>(OUTAGE).is_ok_and(|outage| outage.is_some()) {
        return Err(AppError::Busy("the session could not be loaded".into()));
    }
    session.get(SIGNED_IN).map_err(|cause| AppError::Internal(cause.into()))
}

/// A notice for the next page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// `good`, `info`, `warn` or `bad`.
    pub tone: String,
    /// One or two sentences.
    pub text: String,
    /// Words and address of a link after them, such as one that leads back.
    #[serde(default)]
    pub link: Option<(String, String)>,
}

/// Leaves a notice for the next page; without a session there is nowhere to leave it.
pub fn leave_flash(req: &HttpRequest, tone: &str, text: &str) {
    leave_flash_with(req, tone, text, None);
}

/// The same, with a link after it: its words and its address.
pub fn leave_flash_with(req: &HttpRequest, tone: &str, text: &str, link: Option<(String, String)>) {
    let session = req.get_session();
    if matches!(signed_in(&session), Ok(Some(_))) {
        let flash = Flash { tone: tone.into(), text: text.into(), link };
        if let Err(cause) = session.insert(FLASH, flash) {
            tracing::warn!(%cause, "a notice could not be left");
        }
    }
}

/// Takes the notice away.
pub fn take_flash(req: &HttpRequest) -> Option<Flash> {
    let session = req.get_session();
    let flash = session.get::<Flash>(FLASH).ok().flatten()?;
    session.remove(FLASH);
    Some(flash)
}
