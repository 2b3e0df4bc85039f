//! A line of the list, and how long it waits.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::access::Actor;
use crate::db::ids::IntegrationId;
use crate::integrations::business;
use crate::integrations::content::IntegrationKind;
use crate::integrations::model::Integration;
use crate::integrations::stage::Stage;
use crate::values::Choice;
use crate::web::page::{hue, initials};
use crate::web::time::When;

/// By which clock waiting is counted: the program's.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Clock {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// In business minutes.
    pub target: i64,
}

/// How long something waits, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Waiting {
    /// "4 days 2 h".
    pub words: String,
    /// Hundredths of the target.
    pub share: i64,
    /// "Wed 18 Nov", or "Today 17:00".
    pub expected: String,
    pub expected_iso: String,
    /// The exact moment and its zone.
    pub title: String,
    /// 0 past target, 1 due today, 2 later.
    pub group: usize,
}

impl Waiting {
    /// Of what waits for the host; the earlier rounds of this review count too.
    pub fn of(one: &Integration, clock: Clock) -> Option<Waiting> {
        let expected = one.expected_at?;
        let here = one.submitted_at.map_or(0, |at| business::minutes(at, clock.now, clock.zone));
        let spent = here + i64::from(one.spent_minutes);
        let (local, today) = (expected.with_timezone(&clock.zone), clock.now.with_timezone(&clock.zone).date_naive());
        let is_today = local.date_naive() == today;
        Some(Waiting {
            words: business::words(spent),
            share: (spent * 100 / clock.target.max(1)).clamp(1, 100),
            expected: local.format(if is_today { "Today %H:%M" } else { "%a %-d %b" }).to_string(),
            expected_iso: expected.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            title: format!("{} in {}", local.format("%-d %b %Y, %H:%M"), clock.zone.name()),
            group: if expected < clock.now { 0 } else { 2 - usize::from(is_today) },
        })
    }

    /// The tone of its words and its bar.
    pub fn tone(&self) -> &'static str {
        ["bad", "warn", ""].get(self.group).copied().unwrap_or_default()
    }
}

/// A line of the list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub id: IntegrationId,
    pub version: i32,
    pub address: String,
    pub review: String,
    pub name: String,
    /// Code and name.
    pub partner: (String, String),
    pub tile: (u8, String),
    pub kind: IntegrationKind,
    pub stage: Stage,
    pub is_partners: bool,
    pub round: i32,
    pub submitted: Option<When>,
    pub waiting: Option<Waiting>,
    pub reviewer: String,
    pub reviewer_hue: u8,
    pub is_mine: bool,
    pub is_own_submission: bool,
    pub is_snoozed: bool,
    pub feedback: (usize, usize),
    pub place: Option<i64>,
    pub live_number: Option<i32>,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    /// Makes a line ready; what is not in its row is filled in by who asks.
    pub fn new(one: &Integration, partner: Option<&(String, String)>, clock: Clock, actor: &Actor) -> Row {
        let when = |at| When::new(at, clock.now, actor.zone());
        let partner = partner.cloned().unwrap_or_default();
        let me = actor.user();
        Row {
            submitted: one.submitted_at.map(when),
            waiting: Waiting::of(one, clock),
            is_mine: one.assignee_id.is_some() && one.assignee_id == me,
            is_own_submission: one.submitted_by.is_some() && one.submitted_by == me,
            updated: when(one.updated_at),
            tile: (hue(one.partner_id.uuid()), initials(&partner.1)),
            partner,
            ..Row::bare(one)
        }
    }

    /// Only what is in the row itself.
    pub fn bare(one: &Integration) -> Row {
        Row {
            id: one.id,
            version: one.version,
            address: crate::integrations::address(one.id),
            review: format!("{}/review", crate::integrations::address(one.id)),
            name: one.name.clone(),
            partner: (String::new(), String::new()),
            tile: (1, String::new()),
            kind: one.kind,
            stage: one.stage(),
            is_partners: true,
            round: one.round,
            submitted: None,
            waiting: None,
            reviewer: one.assignee_name.clone(),
            reviewer_hue: one.assignee_id.map_or(2, |id| hue(id.uuid())),
            is_mine: false,
            is_own_submission: false,
            is_snoozed: false,
            feedback: (0, 0),
            place: None,
            live_number: one.live_number,
            updated: When::new(one.updated_at, one.updated_at, Tz::UTC),
            updated_by: one.updated_by_name.clone(),
        }
    }

    pub(super) fn reviewer_initials(&self) -> String {
        initials(&self.reviewer)
    }

    /// "1 open, 6 resolved".
    pub(super) fn feedback_words(&self) -> String {
        match self.feedback {
            (0, 0) => String::new(),
            (open, 0) => format!("{open} open"),
            (0, resolved) => format!("{resolved} resolved"),
            (open, resolved) => format!("{open} open, {resolved} resolved"),
        }
    }

    pub(super) fn update_words(&self) -> Option<&'static str> {
        self.stage.revision.map(Choice::label)
    }

    pub(super) fn look(&self) -> (&'static str, &'static str) {
        self.stage.state.look()
    }

    /// What is claimed or handed over: it waits, and one did not submit it.
    pub(super) fn can_claim(&self) -> bool {
        self.waiting.is_some() && self.reviewer.is_empty() && !self.is_own_submission
    }

    /// "3rd in the queue".
    pub(super) fn place_words(&self) -> String {
        self.place.map(|place| format!("{} in the queue", ordinal(place))).unwrap_or_default()
    }
}

/// "1st", "12th", "23rd".
pub fn ordinal(number: i64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_words() {
        let all: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 102, 113].iter().map(|one| ordinal(*one)).collect();
        assert_eq!(all, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "113th"]);
    }
}
