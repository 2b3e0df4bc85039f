//! Every move of an integration: who may make it, what it asks for, what it changes, and whom it is told to.
//!
//! The rules this module protects: a move is made from the version that somebody saw, or not at all; it is one event,
//! and its letters are written with it; what is live changes only by publishing, rolling back or a host's direct edit;
//! a partner that is not active freezes its items, but a host may always stop one; nobody publishes what they submitted
//! themselves; where the program wants two approvers, they are two people.

pub mod clock;
mod ground;
pub mod handlers;
mod letters;
pub mod live_edit;
pub mod live_form;
mod own;
mod publish;
mod retire;
pub mod store;
mod submit;
mod verdict;
mod views;

use crate::forms::integration as answers;
use crate::integrations::checks;
use crate::tenants;
use chrono::NaiveDate;

use super::checks::Findings;
use super::content::Content;
use super::model::Integration;
use super::stage::Move;
use crate::access::{Permission, Scope};
use crate::activity::{Event, IntegrationEvent};
use crate::db::{Change, ReadTx, WriteTx};
use crate::values::{Choice, choice};
use crate::web::error::AppError;

pub use ground::{Ground, offered, offered_of};
pub use verdict::commented;

choice! {
    /// Why a host does not want an integration.
    RejectReason {
        /// Not what the program is for.
        NotAFit = "not-a-fit" / "Not a fit for the program",
        /// Not good enough, after several rounds.
        Quality = "quality" / "Quality",
        /// Terms, privacy or law.
        Terms = "terms" / "Terms, privacy or law",
        /// Not safe enough.
        Security = "security" / "Security",
        /// There is one like it.
        Duplicate = "duplicate" / "There is one like it already",
        /// Something else.
        Other = "other" / "Something else",
    }
}

/// What somebody asks for when they make a move; each move reads only what is its own.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The version that they saw.
    pub seen: i32,
    /// What they write: a note to the reviewer, a summary to the partner, or a reason.
    pub words: String,
    /// Why it is rejected.
    pub reason: Option<RejectReason>,
    /// The day to publish it on, in the partner's zone.
    pub publish_on: Option<NaiveDate>,
    /// The version to go back to.
    pub number: Option<i32>,
    /// What was found before the transaction: whether its links lead anywhere.
    pub links: Findings,
}

/// What came of a move.
#[derive(Clone, Debug)]
pub struct Made {
    /// The integration after it.
    pub item: Integration,
    /// A sentence for whoever made it.
    pub said: String,
}

/// The use case: an integration is moved. Claiming and editing directly are use cases of their own.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster; [`AppError::Refused`] or [`AppError::Forbidden`] when the state
/// machine, the partner's status or the program's rules forbid it; [`AppError::Invalid`] when something is missing.
pub fn made<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: &str,
    wanted: Move,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let ground = Ground::seen(tx, id, asked.seen)?;
    ground.permits(tx, wanted)?;
    match wanted {
        Move::Submit | Move::Resubmit => submit::submitted(tx, &ground, wanted, asked),
        Move::Withdraw => submit::withdrawn(tx, &ground, asked),
        Move::RequestChanges => verdict::changes_requested(tx, &ground, asked),
        Move::Reject => verdict::rejected(tx, &ground, asked),
        Move::Publish => publish::published(tx, &ground, asked),
        Move::Schedule => publish::scheduled(tx, &ground, asked),
        Move::Unschedule => publish::unscheduled(tx, &ground, asked),
        Move::Republish | Move::Reinstate => publish::live_again(tx, &ground, wanted, asked),
        Move::PublishOwn => own::published(tx, &ground, asked),
        Move::RollBack => own::rolled_back(tx, &ground, asked),
        Move::Unpublish | Move::Suspend | Move::TakeDown => retire::taken_away(tx, &ground, wanted, asked),
        Move::Archive | Move::Reopen | Move::Restore | Move::Rework | Move::Revise | Move::Discard => {
            retire::moved(tx, &ground, wanted, asked)
        }
        Move::GoLive | Move::Claim | Move::EditLive => Err(AppError::NotFound),
    }
}

/// Tenants that use what is published. The one place where moves ask for them.
///
/// # Errors
/// When the database does not answer.
pub(super) fn live_tenants(tx: &mut ReadTx<'_>, of: &Integration) -> Result<i64, AppError> {
    tenants::store::live_count(tx, of)
}

/// The pages with the answers to the program's questions as they stand, right or wrong.
fn frozen(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Content, AppError> {
    let written = super::store::content(tx, of)?;
    checks::with_answers(tx, of, &written)
}

/// The same, with the answers sent: from here on they keep the wording that they answer.
fn sent<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<Content, AppError> {
    let answers = answers::freeze_for(tx, of)?;
    Ok(Content { answers, ..super::store::content(tx, of)? })
}

/// Whether a person's own partner is the one that an integration belongs to, and no host's.
fn is_partners_own(tx: &ReadTx<'_>) -> bool {
    matches!(tx.scope(), Scope::Partner { .. })
}

fn event(of: &Integration, event: IntegrationEvent) -> Event {
    Event::Integration { partner: of.partner_id, integration: of.id, name: of.name.clone(), event }
}

/// The event of a move from one stage to another.
fn moved(before: &Integration, after: &Integration, did: &str, detail: &str, reason: &str) -> Event {
    let happened = IntegrationEvent::Moved {
        did: did.to_owned(),
        detail: detail.to_owned(),
        from: before.stage().words(),
        to: after.stage().words(),
        reason: reason.to_owned(),
    };
    event(after, happened)
}

/// A name that another one has meanwhile is told as a sentence: the page of a move has no field for it.
fn nameable<T>(result: Result<T, AppError>, name: &str) -> Result<T, AppError> {
    match result {
        Err(AppError::Invalid(_)) => Err(AppError::Refused(format!(
            "This partner has another integration called {name}. Rename one of the two first."
        ))),
        other => other,
    }
}

/// The labels of the places that differ, for letters and pages.
fn changed_fields(now: &Content, before: &Content) -> Vec<String> {
    now.changed_from(before)
        .into_iter()
        .map(|spot| if now.all_spots().contains(&spot) { now.label(spot) } else { before.label(spot) })
        .collect()
}

/// The stored word of a reason.
fn code(reason: Option<RejectReason>) -> &'static str {
    reason.map_or("", Choice::key)
}
