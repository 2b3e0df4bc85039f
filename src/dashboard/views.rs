//! The page and its panels; each panel has a template of its own.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::attention::Attention;
use super::ending::Ending;
use super::review_time::ReviewTime;
use super::setup::Setup;
use super::store::{Builder, Line};
use crate::access::Actor;
use crate::activity::views::Entry;
use crate::integrations::business;
use crate::people::store::Suspended;
use crate::web::page;
use crate::web::time::When;

/// A number at the top.
pub struct Stat {
    pub label: &'static str,
    pub value: String,
    pub note: String,
    /// The class that colours the note.
    pub tone: &'static str,
    pub address: Option<String>,
}

/// The day by which an answer is expected.
pub struct Expected {
    pub iso: String,
    pub text: String,
    /// "Past target", "Due today", or nothing.
    pub note: &'static str,
    pub tone: &'static str,
    pub title: String,
}

impl Expected {
    /// As both sides see it: in the program's zone, since its hours count.
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Expected {
        let local = at.with_timezone(&zone);
        let is_today = local.date_naive() == now.with_timezone(&zone).date_naive();
        let (note, tone) = match (now > at, is_today) {
            (true, _) => ("Past target", "bad"),
            (false, true) => ("Due today", "warn"),
            (false, false) => ("", ""),
        };
        Expected {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: local.format(if is_today { "Today %H:%M" } else { "%a %-d %b" }).to_string(),
            title: format!("{} in {}", local.format("%-d %b %Y, %H:%M"), zone.name()),
            note,
            tone,
        }
    }
}

/// Business minutes that something has waited for the host, in all rounds of this review.
pub fn waited(line: &Line, now: DateTime<Utc>, zone: Tz) -> i64 {
    let now_waiting = line.submitted_at.map_or(0, |since| business::minutes(since, now, zone));
    i64::from(line.spent_minutes) + now_waiting
}

/// A line of the review queue.
pub struct QueueRow {
    pub address: String,
    pub name: String,
    pub partner: String,
    pub hue: u8,
    pub is_built_by_partner: bool,
    /// "Update in review", for a published one.
    pub update: &'static str,
    pub round: i32,
    pub waiting: String,
    pub expected: Option<Expected>,
    /// "You", a name, or nothing.
    pub reviewer: String,
}

impl QueueRow {
    /// Makes a line ready.
    pub fn new(line: &Line, builder: Option<&Builder>, now: DateTime<Utc>, zone: Tz, actor: &Actor) -> QueueRow {
        let reviewer = match line.assignee_id {
            Some(id) if Some(id) == actor.user() => "You".to_owned(),
            _ => line.assignee_name.clone(),
        };
        QueueRow {
            address: format!("{}/review", crate::integrations::address(line.id)),
            name: line.name.clone(),
            partner: builder.map(|one| one.name.clone()).unwrap_or_default(),
            hue: page::hue(line.partner_id.uuid()),
            is_built_by_partner: builder.is_some_and(|one| !one.is_hosting),
            update: if line.revision.is_some() { "Update in review" } else { "" },
            round: line.round,
            waiting: business::words(waited(line, now, zone)),
            expected: line.expected_at.map(|at| Expected::new(at, now, zone)),
            reviewer,
        }
    }
}

/// The review queue.
pub struct Queue {
    pub rows: Vec<QueueRow>,
    /// "All 7 in queue".
    pub all: String,
}

/// A line of one's own integrations.
pub struct OwnRow {
    pub address: String,
    pub name: String,
    /// What it is waiting for, in words.
    pub note: String,
    pub tone: &'static str,
    pub icon: &'static str,
    pub expected: Option<Expected>,
    /// "2nd in the queue".
    pub place: String,
    pub since: When,
}

/// A list of one's own integrations.
pub struct Own {
    pub id: &'static str,
    pub title: &'static str,
    pub rows: Vec<OwnRow>,
    /// What its list is called, and where it is; none when all are shown.
    pub more: Option<(String, String)>,
    /// What is said of none.
    pub empty: &'static str,
    /// Whether the rows are waited for by the program.
    pub has_expected: bool,
}

/// Somebody who was invited.
pub struct Invited {
    pub name: String,
    pub email: String,
    pub hue: u8,
    pub state: &'static str,
    pub look: (&'static str, &'static str),
}

/// Invitations of one's own partner.
pub struct Team {
    pub rows: Vec<Invited>,
    pub address: String,
}

/// What happened last.
pub struct Recent {
    pub entries: Vec<Entry>,
    pub address: String,
    pub with_partner: bool,
    /// What is said of none.
    pub empty: &'static str,
}

/// Whether letters leave, for whoever runs the machine.
pub struct MailHealth {
    pub sentence: String,
    pub is_stuck: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/show.html")]
pub struct DashboardPage {
    pub(super) now_iso: String,
    pub(super) now_text: String,
    pub(super) zone: String,
    /// Label, address, icon of what one can begin here; the last one is the main one.
    pub(super) actions: Vec<(&'static str, String, &'static str)>,
    pub(super) setup: Option<Setup>,
    pub(super) stats: Vec<Stat>,
    pub(super) queue: Option<Queue>,
    pub(super) own: Vec<Own>,
    pub(super) ending: Option<Ending>,
    pub(super) attention: Option<Vec<Attention>>,
    pub(super) review_time: Option<ReviewTime>,
    pub(super) team: Option<Team>,
    pub(super) mail: Option<MailHealth>,
    pub(super) recent: Option<Recent>,
}

impl DashboardPage {
    /// A page with nothing on it yet.
    pub fn new(actor: &Actor, now: DateTime<Utc>) -> DashboardPage {
        let local = now.with_timezone(&actor.zone());
        DashboardPage {
            now_iso: now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            now_text: local.format("%A %-d %B %Y, %H:%M").to_string(),
            zone: actor.zone().name().to_owned(),
            actions: Vec::new(),
            setup: None,
            stats: Vec::new(),
            queue: None,
            own: Vec::new(),
            ending: None,
            attention: None,
            review_time: None,
            team: None,
            mail: None,
            recent: None,
        }
    }

    fn is_empty(&self) -> bool {
        self.stats.is_empty()
            && self.ending.is_none()
            && self.queue.is_none()
            && self.own.is_empty()
            && self.recent.is_none()
    }

    fn has_side(&self) -> bool {
        self.ending.as_ref().is_some_and(|ending| ending.checks)
            || self.attention.is_some()
            || self.review_time.is_some()
            || self.team.is_some()
            || self.mail.is_some()
    }

    fn has_main(&self) -> bool {
        self.queue.is_some() || !self.own.is_empty() || self.ending.is_some()
    }
}

/// What somebody reads who was suspended wherever they were a member.
#[derive(Template)]
#[template(path = "dashboard/suspended.html")]
pub struct SuspendedPage {
    pub(super) rows: Vec<(When, Suspended)>,
}

/// "1st", "2nd", "3rd", "11th".
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
    fn ordinals() {
        let all: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].into_iter().map(ordinal).collect();
        assert_eq!(all, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
    }

    #[test]
    fn an_expected_day_says_when_it_is_past() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let said = |expected: &str| {
            let one = Expected::new(at(expected), at("2026-11-20T09:42:00Z"), chrono_tz::Europe::Lisbon);
            (one.text, one.note)
        };
        assert_eq!(said("2026-11-18T10:00:00Z"), ("Wed 18 Nov".to_owned(), "Past target"));
        assert_eq!(said("2026-11-20T09:00:00Z"), ("Today 09:00".to_owned(), "Past target"));
        assert_eq!(said("2026-11-20T17:00:00Z"), ("Today 17:00".to_owned(), "Due today"));
        assert_eq!(said("2026-11-23T10:00:00Z"), ("Mon 23 Nov".to_owned(), ""));
    }
}
