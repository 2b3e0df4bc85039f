//! Looking at the portal as somebody else sees it: kept in the session, and asked for anew at each request.
//!
//! The rules this file protects: whoever looks must hold the permission at each request, and hold whatever the other
//! holds; nobody looks as a system administrator; the view ends by itself.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::SignedIn;
use super::badges::{self, Badges};
use super::load::{Ground, as_member};
use crate::access::actor::{Actor, Scope, Viewer};
use crate::access::grant::verdict;
use crate::access::permission::{Permission, ViewAs};
use crate::activity::{self, Event};
use crate::db::SystemTx;
use crate::db::ids::{MembershipId, PartnerId, SessionId, UserId};
use crate::db::schema::sessions;
use crate::web::error::AppError;

/// A view as the session keeps it.
pub(super) struct Asked {
    /// None once that membership is gone: its removal takes it out of the session too.
    pub membership: Option<MembershipId>,
    pub until: DateTime<Utc>,
    pub reason: String,
}

/// Puts the one who is looked at in the place of the one who looks; when the view is over, ends it.
pub(super) fn seen_through(
    tx: &mut SystemTx<'_>,
    own: SignedIn,
    asked: Asked,
    ground: &Ground,
) -> Result<SignedIn, AppError> {
    let seen = match asked.membership {
        Some(membership) => as_member(tx, membership)?,
        None => None,
    };
    let now = tx.now();
    let is_open = |seen: &Actor| {
        asked.until > now
            && verdict(&own.actor, &ViewAs::RULE).is_ok()
            && reaches(&own.actor, seen)
            && seen.powers.beyond(own.actor.may_give()).is_empty()
    };
    let user = own.actor.user.ok_or(AppError::NotFound)?;
    let viewer = Viewer { user, name: own.actor.name.clone(), until: asked.until, reason: asked.reason };
    match seen {
        Some(seen) if is_open(&seen) => {
            let actor = Actor { session: own.actor.session, viewer: Some(viewer), ..seen };
            let Badges { partners, waiting, .. } = badges::load(tx, &actor, &ground.lately, ground.written)?;
            Ok(SignedIn {
                actor,
                memberships: Vec::new(),
                unread: 0,
                partners,
                waiting,
                viewer: Some(own.actor),
                ..own
            })
        }
        seen => {
            tx.together(|tx| end(tx, &own.actor, seen.as_ref()))?;
            Ok(own)
        }
    }
}

/// The program they look after must be the other's.
fn reaches(own: &Actor, seen: &Actor) -> bool {
    matches!(own.scope, Scope::Program(program) if seen.program_id() == Some(program))
}

/// Looks through the eyes of a member from the next request on.
///
/// # Errors
/// When the database does not answer.
pub fn start_view(
    tx: &mut SystemTx<'_>,
    session: SessionId,
    membership: MembershipId,
    until: DateTime<Utc>,
    reason: &str,
) -> Result<(), AppError> {
    diesel::update(sessions::table.find(session))
        .set((
            sessions::view_membership_id.eq(membership),
            sessions::view_until.eq(until),
            sessions::view_reason.eq(reason),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends the view of a session, when there is one.
///
/// # Errors
/// When the database does not answer.
pub fn end_view(tx: &mut SystemTx<'_>, signed_in: &SignedIn) -> Result<(), AppError> {
    match &signed_in.viewer {
        Some(own) => end(tx, own, Some(&signed_in.actor)),
        None => Ok(()),
    }
}

fn end(tx: &mut SystemTx<'_>, own: &Actor, seen: Option<&Actor>) -> Result<(), AppError> {
    let Some(session) = own.session else { return Ok(()) };
    // Of two requests at once only one finds it, so that the activity tells of it once.
    let row = sessions::table.filter(sessions::id.eq(session).and(sessions::view_until.is_not_null()));
    let ended = diesel::update(row)
        .set((
            sessions::view_membership_id.eq(None::<MembershipId>),
            sessions::view_until.eq(None::<DateTime<Utc>>),
            sessions::view_reason.eq(None::<String>),
        ))
        .execute(tx.conn())?;
    if ended != 1 {
        return Ok(());
    }
    let who = match seen.and_then(|seen| Some((seen.partner.as_ref()?.id, seen.user?, seen.name.clone()))) {
        Some(who) => Some(who),
        // They may not act any more, or are gone: the activity still knows whom the view was of.
        None => begun(tx, own)?,
    };
    match who {
        Some((partner, user, name)) => activity::store::record(tx, own, &Event::ViewEnded { partner, user, name }),
        None => Ok(()),
    }
}

/// Whom somebody began to look as last.
fn begun(tx: &mut SystemTx<'_>, own: &Actor) -> Result<Option<(PartnerId, UserId, String)>, AppError> {
    let Some(user) = own.user else { return Ok(None) };
    Ok(match activity::store::last_by(tx, user, "ViewStarted")? {
        Some(Event::ViewStarted { partner, user, name, .. }) => Some((partner, user, name)),
        _ => None,
    })
}
