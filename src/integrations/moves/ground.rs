//! What a move stands on: the integration, its partner, and how the program reviews.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::is_partners_own;
use crate::access::{Actor, Permission, Scope, Standing};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::business;
use crate::integrations::model::{Integration, Settings};
use crate::integrations::policy::{ReviewPolicy, publishes_own};
use crate::integrations::stage::{Move, State};
use crate::integrations::store;
use crate::partners::model::{Partner, Status};
use crate::partners::store as partners;
use crate::programs::model::{Model, Program};
use crate::programs::store as programs;
use crate::values::Choice;
use crate::web::error::AppError;

/// Who took a published one away, as it is kept beside the reason.
pub(super) const BY_HOST: &str = "by-host";
/// The partner did.
pub(super) const BY_PARTNER: &str = "by-partner";

/// Everything that decides whether a move can be made.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The integration.
    pub item: Integration,
    /// Whose it is.
    pub partner: Partner,
    /// The program.
    pub program: Program,
    /// How the program reviews.
    pub settings: Settings,
    /// Who publishes what partners of this type build.
    pub policy: ReviewPolicy,
}

impl Ground {
    /// For an integration that was found in scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn of(tx: &mut ReadTx<'_>, item: Integration) -> Result<Ground, AppError> {
        let names = partners::names(tx, &[item.partner_id])?;
        let (code, _) = names.get(&item.partner_id).ok_or(AppError::NotFound)?;
        let partner = partners::find(tx, code)?;
        let policy = store::review_of_type(tx, partner.type_id)?;
        let (program, settings) = (programs::current(tx)?, store::settings(tx)?);
        Ok(Ground { item, partner, program, settings, policy })
    }

    /// For one in an address.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in scope.
    pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Ground, AppError> {
        let item = store::find(tx, id)?;
        Ground::of(tx, item)
    }

    /// At the version that somebody saw, held until the transaction ends.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in scope; [`AppError::Conflict`] when somebody was faster.
    pub(super) fn seen<P: Permission>(tx: &mut WriteTx<'_, P>, id: &str, seen: i32) -> Result<Ground, AppError> {
        let item = store::find_seen(tx, id, seen)?;
        if super::store::hold(tx, &item)? != seen {
            let now = store::find(tx, id)?;
            return Err(store::conflict(&now));
        }
        Ground::of(tx, item)
    }

    /// The program's zone, in which business time runs.
    pub fn zone(&self) -> Tz {
        self.program.time_zone.tz()
    }

    /// Whether its partner publishes what it builds itself.
    pub fn publishes_own(&self) -> bool {
        publishes_own(&self.program, &self.partner, self.policy)
    }

    /// Whether somebody may publish what they submitted themselves: there is nobody else who could look at it.
    fn is_ones_own(&self) -> bool {
        self.program.model == Model::Single || self.partner.is_hosting
    }

    /// When a submission made now should be answered.
    pub fn expected(&self, now: DateTime<Utc>, spent: i32) -> DateTime<Utc> {
        let left = self.settings.target_minutes() - i64::from(spent);
        business::after(now, left, self.zone())
    }

    /// Why somebody cannot make a move now, though their role allows it; what needs a look at the pages, at feedback
    /// or at tenants is asked later.
    fn obstacle(&self, actor: &Actor, wanted: Move) -> Option<AppError> {
        let refused = |text: String| Some(AppError::Refused(text));
        if let Err(refusal) = self.item.stage().after(wanted, false) {
            return refused(refusal.0);
        }
        if self.partner.status != Status::Active && !matches!(wanted, Move::Suspend | Move::TakeDown) {
            return refused(format!(
                "{} is {}, so its integrations stay as they are. {}",
                self.partner.name,
                self.partner.status.label().to_lowercase(),
                if matches!(actor.scope(), Scope::Partner { .. }) {
                    "Ask the program’s hosting partner."
                } else {
                    "Make the partner active first; you can still suspend what is published."
                }
            ));
        }
        match wanted {
            Move::Publish | Move::Schedule => self.not_by(actor),
            Move::PublishOwn if !self.publishes_own() => {
                let words = "This partner’s integrations are published by the program’s hosts. Submit it for review.";
                refused(words.into())
            }
            Move::Republish if matches!(actor.scope(), Scope::Partner { .. }) => self.not_republished_by_partner(),
            Move::RollBack if self.item.live_number.is_none_or(|number| number < 2) => {
                refused("There is no earlier version to go back to.".into())
            }
            _ => None,
        }
    }

    fn not_by(&self, actor: &Actor) -> Option<AppError> {
        let me = actor.user();
        if me.is_some() && self.item.submitted_by == me && !self.is_ones_own() {
            let words = "You submitted this yourself, and nobody publishes what they submitted. Ask another reviewer.";
            return Some(AppError::Refused(words.into()));
        }
        if me.is_some() && self.item.approved_by == me && self.settings.second_approver {
            let words = "You approved this already. Publishing takes a second person here; ask another reviewer.";
            return Some(AppError::Refused(words.into()));
        }
        None
    }

    fn not_republished_by_partner(&self) -> Option<AppError> {
        let words = if !self.settings.partners_republish {
            "In this program a host publishes again what was unpublished. Ask them, or rework it and submit it."
        } else if self.item.reason_code != BY_PARTNER {
            "The host unpublished this, so only the host publishes it again. Ask them, or rework it and submit it."
        } else {
            return None;
        };
        Some(AppError::Refused(words.into()))
    }

    /// Whether somebody can make a move now.
    ///
    /// # Errors
    /// [`AppError::Refused`] with a sentence that says what to do.
    pub(super) fn permits(&self, tx: &ReadTx<'_>, wanted: Move) -> Result<(), AppError> {
        self.obstacle(tx.actor(), wanted).map_or(Ok(()), Err)
    }

    /// The integration after a move, with everything that follows from its stage alone.
    pub(super) fn stepped(&self, now: DateTime<Utc>, wanted: Move, is_changed: bool) -> Result<Integration, AppError> {
        let before = &self.item;
        let stage = before.stage().after(wanted, is_changed).map_err(|refusal| AppError::Refused(refusal.0))?;
        let mut after = Integration { state: stage.state, revision: stage.revision, ..before.clone() };
        let (was, is) = (before.stage().under_work(), stage.under_work());
        if was == State::InReview && is != State::InReview {
            let used = business::minutes(before.state_since, now, self.zone());
            after.spent_minutes = before.spent_minutes.saturating_add(i32::try_from(used).unwrap_or(i32::MAX));
        }
        if is != State::InReview {
            (after.expected_at, after.approved_by) = (None, None);
        }
        if is != State::Approved {
            after.publish_at = None;
        }
        if !matches!(is, State::Draft | State::InReview | State::ChangesRequested | State::Approved) {
            // The review is over; the next submission begins another.
            after.round = 0;
        }
        if !matches!(stage.state, State::Rejected | State::Suspended | State::Unpublished) {
            (after.reason_code, after.reason) = (String::new(), String::new());
        }
        Ok(after)
    }

    /// What a person's role and the rules leave of the moves from here; what depends on the pages, on feedback or on
    /// tenants is offered and may still be refused.
    pub fn offered(&self, actor: &Actor) -> Vec<Move> {
        if actor.standing() != Standing::Full {
            return Vec::new();
        }
        let can = |wanted: &Move| wanted.is_open_to(actor) && self.obstacle(actor, *wanted).is_none();
        self.item.stage().moves().filter(can).collect()
    }
}

/// The moves that a person can make with an integration that they found.
///
/// # Errors
/// When the database does not answer.
pub fn offered(tx: &mut ReadTx<'_>, item: &Integration) -> Result<Vec<Move>, AppError> {
    let ground = Ground::of(tx, item.clone())?;
    Ok(offered_of(tx, &ground))
}

/// The same, where everything about it is at hand.
pub fn offered_of(tx: &ReadTx<'_>, ground: &Ground) -> Vec<Move> {
    ground.offered(tx.actor())
}

/// Which side takes a published one away.
pub(super) fn side(tx: &ReadTx<'_>) -> &'static str {
    if is_partners_own(tx) { BY_PARTNER } else { BY_HOST }
}
