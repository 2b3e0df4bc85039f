//! Where an integration stands, and every move from there: the state machine of the domain description, as one table.

use crate::access::{
    Actor, DecideIntegration, Permission, PublishIntegration, PublishOwn, RetireIntegration, ReviewIntegration, Rule,
    SubmitIntegration, UpdateIntegration,
};
use crate::values::{Choice, choice};

choice! {
    /// The state of an integration.
    State {
        /// Being written.
        Draft = "draft" / "Draft",
        /// Waits for the host.
        InReview = "in_review" / "In review",
        /// Waits for the partner.
        ChangesRequested = "changes_requested" / "Changes requested",
        /// Will be published on a date.
        Approved = "approved" / "Approved",
        /// Live.
        Published = "published" / "Published",
        /// Was live; the partner or the host took it away.
        Unpublished = "unpublished" / "Unpublished",
        /// Was live; the host stopped it, and the partner cannot undo that.
        Suspended = "suspended" / "Suspended",
        /// The host does not want it.
        Rejected = "rejected" / "Rejected",
        /// Over.
        Archived = "archived" / "Archived",
    }
}

choice! {
    /// The state of the unpublished changes of a published integration.
    Revision {
        /// Being written.
        Draft = "draft" / "Update in draft",
        /// Waits for the host.
        InReview = "in_review" / "Update in review",
        /// Waits for the partner.
        ChangesRequested = "changes_requested" / "Update: changes requested",
        /// Will be published on a date.
        Approved = "approved" / "Update approved",
    }
}

choice! {
    /// What can be done to one, by the noun of its address. The numbers are those of the domain description's table.
    Move {
        /// 2: to the reviewers.
        Submit = "submission" / "Submit for review",
        /// 6: to the reviewers again.
        Resubmit = "resubmission" / "Submit fixes",
        /// 3: back from them.
        Withdraw = "withdrawal" / "Withdraw",
        /// 4: a reviewer takes it, or gets it from another.
        Claim = "claim" / "Claim",
        /// 5: back to the partner.
        RequestChanges = "change-request" / "Request changes",
        /// 7: live.
        Publish = "publication" / "Approve and publish",
        /// 8: live on a date.
        Schedule = "schedule" / "Approve for a date",
        /// 8: the date came.
        GoLive = "going-live" / "Publish as scheduled",
        /// The date is called off; back in review.
        Unschedule = "unscheduling" / "Call off the date",
        /// 9: not wanted.
        Reject = "rejection" / "Reject",
        /// 10: after an appeal.
        Reopen = "reopening" / "Reopen",
        /// 11: begins a revision.
        Revise = "revision" / "Edit in a revision",
        /// Drops the revision; what is live was never touched.
        Discard = "discarding" / "Discard the revision",
        /// 12: the host changes what is live.
        EditLive = "live-edit" / "Edit directly",
        /// 13: no longer live.
        Unpublish = "unpublication" / "Unpublish",
        /// 14: live again.
        Republish = "republication" / "Publish again",
        /// 15: back to a draft.
        Rework = "rework" / "Rework",
        /// 16: stopped by the host.
        Suspend = "suspension" / "Suspend",
        /// 17: live again.
        Reinstate = "reinstatement" / "Reinstate",
        /// 17: a suspension that ends otherwise.
        TakeDown = "take-down" / "Take down",
        /// 18: over.
        Archive = "archival" / "Archive",
        /// 19: back to a draft.
        Restore = "restoration" / "Restore",
        /// Without a second party, where the program allows it.
        PublishOwn = "own-publication" / "Publish",
        /// An earlier version is live again, under a new number.
        RollBack = "rollback" / "Roll back",
    }
}

/// State and revision together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    /// The state.
    pub state: State,
    /// Of a published one: where its unpublished changes stand.
    pub revision: Option<Revision>,
}

/// Why a move is not made, as a sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Stage {
    /// Just created.
    pub const NEW: Stage = Stage { state: State::Draft, revision: None };

    /// A state without a revision.
    pub fn plain(state: State) -> Stage {
        Stage { state, revision: None }
    }

    fn revised(revision: Revision) -> Stage {
        Stage { state: State::Published, revision: Some(revision) }
    }

    /// Every stage that can be.
    pub fn all() -> impl Iterator<Item = Stage> {
        State::ALL
            .iter()
            .map(|state| Stage::plain(*state))
            .chain(Revision::ALL.iter().map(|revision| Stage::revised(*revision)))
    }

    /// The part of it that is under review: the revision, if there is one.
    pub fn under_work(self) -> State {
        match self.revision {
            None => self.state,
            Some(Revision::Draft) => State::Draft,
            Some(Revision::InReview) => State::InReview,
            Some(Revision::ChangesRequested) => State::ChangesRequested,
            Some(Revision::Approved) => State::Approved,
        }
    }

    /// Whether its pages can be edited now.
    pub fn is_editable(self) -> bool {
        matches!(self.under_work(), State::Draft | State::ChangesRequested)
    }

    /// The stage after a move. `is_changed`: whether what is written differs from what was published last, so that a
    /// publication brought back has a revision at once.
    ///
    /// # Errors
    /// When there is no such move from here.
    pub fn after(self, wanted: Move, is_changed: bool) -> Result<Stage, Refusal> {
        use Move as M;
        use State as S;
        let under_review = |state: State| match self.state {
            S::Published => Stage {
                state: S::Published,
                revision: match state {
                    S::Draft => Some(Revision::Draft),
                    S::InReview => Some(Revision::InReview),
                    S::ChangesRequested => Some(Revision::ChangesRequested),
                    S::Approved => Some(Revision::Approved),
                    _ => None,
                },
            },
            _ => Stage::plain(state),
        };
        let back_live = if is_changed { Stage::revised(Revision::Draft) } else { Stage::plain(S::Published) };
        let work = self.under_work();
        let next = match (wanted, self.state, work) {
            (M::Submit, _, S::Draft) | (M::Resubmit, _, S::ChangesRequested) | (M::Unschedule, _, S::Approved) => {
                under_review(S::InReview)
            }
            (M::Withdraw, _, S::InReview) => under_review(S::Draft),
            (M::Claim, _, S::InReview) => self,
            (M::RequestChanges, _, S::InReview) => under_review(S::ChangesRequested),
            (M::Publish, _, S::InReview) | (M::GoLive, _, S::Approved) | (M::PublishOwn, _, S::Draft) => {
                Stage::plain(S::Published)
            }
            (M::Schedule, _, S::InReview) => under_review(S::Approved),
            (M::Reject, S::InReview, _) => Stage::plain(S::Rejected),
            (M::Reopen, S::Rejected, _) | (M::Rework, S::Unpublished, _) | (M::Restore, S::Archived, _) => Stage::NEW,
            (M::Revise, S::Published, S::Published) => Stage::revised(Revision::Draft),
            (M::Discard, S::Published, S::Draft | S::ChangesRequested) => Stage::plain(S::Published),
            (M::EditLive | M::RollBack, S::Published, _) => self,
            (M::Unpublish, S::Published, _) | (M::TakeDown, S::Suspended, _) => Stage::plain(S::Unpublished),
            (M::Republish, S::Unpublished, _) | (M::Reinstate, S::Suspended, _) => back_live,
            (M::Suspend, S::Published, _) => Stage::plain(S::Suspended),
            (M::Archive, S::Draft | S::Rejected | S::Unpublished, _) => Stage::plain(S::Archived),
            _ => return Err(self.refusal(wanted)),
        };
        Ok(next)
    }

    fn refusal(self, wanted: Move) -> Refusal {
        let now = self.words().to_lowercase();
        Refusal(format!("“{}” is not possible now: it is {now}. Look at it again.", wanted.label()))
    }

    /// What can be done from here, in the order of the table.
    pub fn moves(self) -> impl Iterator<Item = Move> {
        Move::ALL.iter().copied().filter(move |one| self.after(*one, false).is_ok())
    }

    /// As lists show it: "Published · update in review".
    pub fn words(self) -> String {
        match self.revision {
            None => self.state.label().to_owned(),
            Some(revision) => format!("{} · {}", self.state.label(), revision.label().to_lowercase()),
        }
    }
}

impl Move {
    /// The permission it takes; the clock alone makes what takes none.
    pub fn rule(self) -> Option<Rule> {
        Some(match self {
            Move::Submit | Move::Resubmit | Move::Withdraw => SubmitIntegration::RULE,
            Move::Claim | Move::RequestChanges => ReviewIntegration::RULE,
            Move::Publish | Move::Schedule | Move::Unschedule => PublishIntegration::RULE,
            Move::GoLive => return None,
            Move::Revise | Move::Discard => UpdateIntegration::RULE,
            Move::Unpublish | Move::Republish | Move::Rework | Move::Archive => RetireIntegration::RULE,
            Move::PublishOwn => PublishOwn::RULE,
            Move::Reject
            | Move::Reopen
            | Move::EditLive
            | Move::Suspend
            | Move::Reinstate
            | Move::TakeDown
            | Move::Restore
            | Move::RollBack => DecideIntegration::RULE,
        })
    }

    /// Whether somebody's role allows it at all.
    pub fn is_open_to(self, actor: &Actor) -> bool {
        self.rule().is_some_and(|rule| actor.may(&rule))
    }

    /// Whether it takes something away from people.
    pub fn is_harsh(self) -> bool {
        matches!(self, Move::Reject | Move::Discard | Move::Unpublish | Move::Suspend | Move::TakeDown | Move::Archive)
    }

    /// The icon of its button or menu entry.
    pub fn icon(self) -> &'static str {
        match self {
            Move::Submit | Move::Resubmit => "send",
            Move::Withdraw | Move::Unschedule | Move::RollBack | Move::Reopen | Move::Restore => "arrow-back-up",
            Move::Claim => "user-check",
            Move::RequestChanges => "message",
            Move::Publish | Move::PublishOwn | Move::GoLive => "circle-check",
            Move::Schedule => "calendar",
            Move::Reject | Move::Discard => "x",
            Move::Revise | Move::EditLive | Move::Rework => "pencil",
            Move::Unpublish | Move::TakeDown | Move::Suspend => "player-pause",
            Move::Republish | Move::Reinstate => "player-play",
            Move::Archive => "archive",
        }
    }
}

impl State {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Draft => ("", "circle-dashed"),
            State::InReview => ("info", "clock"),
            State::ChangesRequested => ("warn", "message"),
            State::Approved => ("good", "calendar"),
            State::Published => ("good", "circle-check"),
            State::Unpublished => ("", "player-pause"),
            State::Suspended => ("bad", "player-pause"),
            State::Rejected => ("bad", "x"),
            State::Archived => ("", "archive"),
        }
    }
}

choice! {
    /// The tabs of the list of integrations.
    Tab {
        /// Waits for the host, revisions too.
        InReview = "in-review" / "In review",
        /// Waits for the partner, revisions too.
        ChangesRequested = "changes-requested" / "Changes requested",
        /// Live; with what is approved for a date.
        Published = "published" / "Published",
        /// Being written.
        Drafts = "drafts" / "Drafts",
        /// Was live; with suspended ones.
        Unpublished = "unpublished" / "Unpublished",
        /// Over; with rejected ones.
        Archived = "archived" / "Archived",
    }
}

impl Tab {
    /// Whether a stage is listed there. A published one with a revision in review is in two tabs.
    pub fn lists(self, stage: Stage) -> bool {
        match self {
            Tab::InReview => stage.under_work() == State::InReview,
            Tab::ChangesRequested => stage.under_work() == State::ChangesRequested,
            Tab::Published => matches!(stage.state, State::Published | State::Approved),
            Tab::Drafts => stage.state == State::Draft,
            Tab::Unpublished => matches!(stage.state, State::Unpublished | State::Suspended),
            Tab::Archived => matches!(stage.state, State::Archived | State::Rejected),
        }
    }
}

#[cfg(test)]
mod tests;
