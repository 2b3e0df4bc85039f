//! Feedback on an integration's pages: items on a page or a field, blocking or advice or internal, that are answered,
//! settled and opened again (beyond.md, 3). Partner and host see the same list; internal notes only hosts.
//!
//! The rule this slice protects: nothing tells a partner's people that there is an internal note: no list, count,
//! activity or error, and no row that their database role could read.

pub mod handlers;
pub mod model;
pub mod store;
pub mod views;

use crate::access::{Permission, Scope};
use crate::activity::{Event, IntegrationEvent};
use crate::db::ids::ThreadId;
use crate::db::{Change, WriteTx};
use crate::integrations::model::Integration;
use crate::web::error::AppError;

pub use model::{New, Weight};

/// The event of something that happened to an integration.
pub(crate) fn event(of: &Integration, event: IntegrationEvent) -> Event {
    Event::Integration { partner: of.partner_id, integration: of.id, name: of.name.clone(), event }
}

/// The use case: an item of feedback is opened. What blocks a submission that waits counts as a change of it, so that
/// nobody publishes at the same moment without having seen it.
///
/// # Errors
/// [`AppError::Conflict`] when the integration was moved at the same moment.
pub fn open_thread<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    new: &New,
) -> Result<Change<ThreadId>, AppError> {
    if new.weight == Weight::Blocking {
        stop_publishing(tx, of)?;
    }
    let id = store::insert(tx, of, new)?;
    let page = crate::values::Choice::label(new.page).to_owned();
    let what = match new.weight {
        Weight::Internal => IntegrationEvent::NoteWritten { page },
        weight => IntegrationEvent::FeedbackGiven { page, weight: crate::values::Choice::label(weight).to_lowercase() },
    };
    Ok(Change::new(id, event(of, what)))
}

/// While it waits for the host nobody edits it, so a new version disturbs only who decides without having looked.
pub(crate) fn stop_publishing<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<(), AppError> {
    if of.expected_at.is_some() {
        super::store::save(tx, of, of.clone(), None)?;
    }
    Ok(())
}

/// Whether what somebody writes is the partner's answer: they are of it, and did not ask themselves.
pub(crate) fn answers<P: Permission>(tx: &WriteTx<'_, P>, of: &Integration, thread: &model::Thread) -> bool {
    let actor = tx.actor();
    let is_theirs = match actor.scope() {
        Scope::Partner { .. } => true,
        _ => actor.partner().is_some_and(|own| own.id == of.partner_id),
    };
    is_theirs && (thread.opened_by.is_none() || thread.opened_by != actor.user())
}
