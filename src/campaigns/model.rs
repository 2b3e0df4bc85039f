//! What a campaign and a tier assignment are; no SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::dates::DayRange;
use super::decision::Span;
use super::messages::Messages;
use crate::activity::FieldChange;
use crate::db::ids::{AssignmentId, CampaignId, PartnerId, ProductId, TierId, UserId};
use crate::db::schema::{campaigns, products, tier_assignments, tiers};
use crate::values::{Choice, Name, Zone, choice};

choice! {
    /// What is stored of where a campaign stands.
    State {
        /// Being set up.
        Draft = "draft" / "Draft",
        /// Set up; a second person has to let it count.
        Awaiting = "awaiting_approval" / "Awaiting approval",
        /// It counts while its dates say so.
        Approved = "approved" / "Approved",
        /// It does not count for now.
        Paused = "paused" / "Paused",
        /// Over for good.
        Archived = "archived" / "Archived",
    }
}

choice! {
    /// Where a campaign stands now: its state, and of an approved one what follows from its dates.
    Phase {
        /// Being set up.
        Draft = "draft" / "Draft",
        /// Waits for a second person.
        Awaiting = "awaiting" / "Awaiting approval",
        /// Begins later.
        Scheduled = "scheduled" / "Scheduled",
        /// Counts now.
        Active = "active" / "Active",
        /// Stopped for now.
        Paused = "paused" / "Paused",
        /// Its last day is over.
        Ended = "ended" / "Ended",
        /// Over for good.
        Archived = "archived" / "Archived",
    }
}

choice! {
    /// What storefronts do with products that a customer may not have (S1-12).
    Display {
        /// They are left out.
        Filter = "filter" / "Show a customer only what they may have",
        /// They are shown, with a message.
        ShowAll = "show-all" / "Show everything, with a message where it is not available",
    }
}

choice! {
    /// What can be done about a campaign's state.
    Step {
        /// Let it count, or ask a second person to.
        Submit = "submission" / "Start",
        /// Take it back from approval.
        Withdraw = "withdrawal" / "Take back to draft",
        /// Stop it for now.
        Pause = "pausing" / "Pause",
        /// Go on.
        Resume = "resumption" / "Resume",
        /// End it for good.
        Archive = "archival" / "Archive",
    }
}

impl State {
    /// What can be done now, mildest first; to approve is another person's, and not among them.
    pub fn steps(self) -> &'static [Step] {
        match self {
            State::Draft => &[Step::Submit, Step::Archive],
            State::Awaiting => &[Step::Withdraw, Step::Archive],
            State::Approved => &[Step::Pause, Step::Archive],
            State::Paused => &[Step::Resume, Step::Archive],
            State::Archived => &[],
        }
    }

    /// The state after a step; `approval` is whether the program asks for a second person.
    ///
    /// # Errors
    /// When it is not one of [`State::steps`]; with a sentence for the person.
    pub fn after(self, step: Step, approval: bool) -> Result<State, String> {
        if !self.steps().contains(&step) {
            return Err(format!(
                "This campaign is {}, so it cannot be changed this way. Look at it again.",
                self.label().to_lowercase()
            ));
        }
        Ok(match step {
            Step::Submit if approval => State::Awaiting,
            Step::Submit | Step::Resume => State::Approved,
            Step::Withdraw => State::Draft,
            Step::Pause => State::Paused,
            Step::Archive => State::Archived,
        })
    }

    /// Whether partners see it, and its live assignments count or once did.
    pub fn is_known(self) -> bool {
        matches!(self, State::Approved | State::Paused | State::Archived)
    }

    /// Whether what it is can be edited now.
    ///
    /// # Errors
    /// With a sentence that says what to do.
    pub fn needs_open(self) -> Result<(), String> {
        match self {
            State::Draft | State::Approved | State::Paused => Ok(()),
            State::Awaiting => {
                Err("This campaign waits for approval, and is approved as it is. Take it back to draft to change it."
                    .into())
            }
            State::Archived => Err("This campaign is archived and stays as it is. Copy it to go on from it.".into()),
        }
    }
}

impl Step {
    /// Whether it takes something away from customers.
    pub fn is_harsh(self) -> bool {
        matches!(self, Step::Pause | Step::Archive)
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Step::Submit => "send",
            Step::Withdraw => "arrow-back-up",
            Step::Pause => "player-pause",
            Step::Resume => "player-play",
            Step::Archive => "archive",
        }
    }

    /// What was done, as the beginning of a sentence.
    pub fn done(self, approval: bool) -> &'static str {
        match self {
            Step::Submit if approval => "submitted",
            Step::Submit => "started",
            Step::Withdraw => "took back to draft",
            Step::Pause => "paused",
            Step::Resume => "resumed",
            Step::Archive => "archived",
        }
    }
}

impl Phase {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Phase::Draft => ("", "circle-dashed"),
            Phase::Awaiting => ("info", "clock"),
            Phase::Scheduled => ("info", "calendar"),
            Phase::Active => ("good", "circle-check"),
            Phase::Paused => ("warn", "player-pause"),
            Phase::Ended => ("", "history"),
            Phase::Archived => ("", "archive"),
        }
    }
}

impl Display {
    /// In a few words.
    pub fn short(self) -> &'static str {
        match self {
            Display::Filter => "Tier filter on",
            Display::ShowAll => "Show all",
        }
    }
}

/// A campaign.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaigns)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Campaign {
    pub id: CampaignId,
    pub code: String,
    pub name: Name,
    pub sort_name: String,
    pub description: String,
    pub display: Display,
    pub messages: serde_json::Value,
    pub state: State,
    pub time_zone: Zone,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub owner_id: Option<UserId>,
    pub owner_name: String,
    pub approved_by_name: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
    pub set_up_at: Option<DateTime<Utc>>,
    pub caught: i32,
    pub left_over: Option<i32>,
}

impl Campaign {
    /// When it runs.
    pub fn span(&self) -> Span {
        Span { from: self.starts_at, until: self.ends_at }
    }

    /// Its days.
    pub fn days(&self) -> DayRange {
        DayRange::of(self.span(), self.time_zone.tz())
    }

    /// Where it stands now.
    pub fn phase(&self, now: DateTime<Utc>) -> Phase {
        match self.state {
            State::Draft => Phase::Draft,
            State::Awaiting => Phase::Awaiting,
            State::Paused => Phase::Paused,
            State::Archived => Phase::Archived,
            State::Approved if now < self.starts_at => Phase::Scheduled,
            State::Approved if self.ends_at.is_some_and(|end| end <= now) => Phase::Ended,
            State::Approved => Phase::Active,
        }
    }

    /// What to tell customers.
    pub fn messages(&self) -> Messages {
        serde_json::from_value(self.messages.clone()).unwrap_or_default()
    }

    /// What can be edited of it.
    pub fn facts(&self) -> Facts {
        Facts {
            code: self.code.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            zone: self.time_zone.clone(),
            days: self.days(),
            display: self.display,
            messages: self.messages(),
        }
    }
}

/// What can be edited of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Facts {
    pub code: String,
    pub name: Name,
    pub description: String,
    pub zone: Zone,
    pub days: DayRange,
    pub display: Display,
    pub messages: Messages,
}

impl Facts {
    /// Fields that differ, by their labels.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        let last = |facts: &Facts| facts.days.last.map(|day| day.to_string()).unwrap_or_default();
        [
            FieldChange::of("Code", &self.code, &after.code),
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Description", &self.description, &after.description),
            FieldChange::of("First day", self.days.first, after.days.first),
            FieldChange::of("Last day", last(self), last(after)),
            FieldChange::of("Time zone", &self.zone, &after.zone),
            FieldChange::of("Display", self.display.label(), after.display.label()),
            FieldChange::of("Message before it begins", &self.messages.not_yet, &after.messages.not_yet),
            FieldChange::of("Message after it ended", &self.messages.expired, &after.messages.expired),
            FieldChange::of("Message to other tiers", &self.messages.wrong_tier, &after.messages.wrong_tier),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

choice! {
    /// Whether an assignment has an effect.
    AssignmentState {
        /// None yet.
        Draft = "draft" / "Draft: has no effect yet",
        /// While its dates and its campaign say so.
        Live = "live" / "Live",
    }
}

choice! {
    /// Where an assignment stands now.
    Standing {
        /// Has no effect yet.
        Draft = "draft" / "Draft",
        /// Begins later.
        Scheduled = "scheduled" / "Scheduled",
        /// Counts now.
        Active = "active" / "Active",
        /// Counts now, for 30 days more at the most.
        EndsSoon = "ends-soon" / "Ends soon",
        /// Its last day is over.
        Expired = "expired" / "Expired",
        /// Somebody ended it before its last day.
        EndedEarly = "ended-early" / "Ended early",
    }
}

impl Standing {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Standing::Draft => ("", "circle-dashed"),
            Standing::Scheduled => ("info", "calendar"),
            Standing::Active => ("good", "circle-check"),
            Standing::EndsSoon => ("warn", "hourglass"),
            Standing::Expired | Standing::EndedEarly => ("", "history"),
        }
    }

    /// Whether it is over.
    pub fn is_past(self) -> bool {
        matches!(self, Standing::Expired | Standing::EndedEarly)
    }
}

/// How long before its end an assignment is said to end soon.
pub const SOON: TimeDelta = TimeDelta::days(30);

/// A tier assignment.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = tier_assignments)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Assignment {
    pub id: AssignmentId,
    pub partner_id: PartnerId,
    pub campaign_id: CampaignId,
    pub product_id: Option<ProductId>,
    pub tier_id: TierId,
    pub state: AssignmentState,
    pub time_zone: Zone,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub ended_early: bool,
    pub version: i32,
    pub updated_by_name: String,
}

impl Assignment {
    /// When it counts.
    pub fn span(&self) -> Span {
        Span { from: self.starts_at, until: self.ends_at }
    }

    /// Its days in its zone.
    pub fn days(&self) -> DayRange {
        DayRange::of(self.span(), self.time_zone.tz())
    }

    /// Where it stands now.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match (self.state, self.ends_at) {
            (AssignmentState::Draft, _) => Standing::Draft,
            (_, Some(end)) if end <= now && self.ended_early => Standing::EndedEarly,
            (_, Some(end)) if end <= now => Standing::Expired,
            _ if now < self.starts_at => Standing::Scheduled,
            (_, Some(end)) if end - now <= SOON => Standing::EndsSoon,
            _ => Standing::Active,
        }
    }

    /// Whether nobody can have relied on it yet, so that it may go without a trace of its dates.
    pub fn is_removable(&self, now: DateTime<Utc>) -> bool {
        matches!(self.standing(now), Standing::Draft | Standing::Scheduled)
    }

    /// Whether another one is about the same partner or product in the same campaign.
    pub fn is_of_same(&self, other: &Assignment) -> bool {
        (self.campaign_id, self.partner_id, self.product_id) == (other.campaign_id, other.partner_id, other.product_id)
    }
}

/// A tier, as far as campaigns need it.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = tiers)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct TierLine {
    pub id: TierId,
    pub name: String,
    pub precedence: i32,
}

impl TierLine {
    /// "Gold (1)".
    pub fn words(&self) -> String {
        format!("{} ({})", self.name, self.precedence)
    }
}

/// A product, as far as campaigns need it.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = products)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct ProductLine {
    pub id: ProductId,
    pub partner_id: PartnerId,
    pub sku: String,
    pub name: String,
    pub sort_name: String,
    pub status: String,
}

#[cfg(test)]
mod tests;
