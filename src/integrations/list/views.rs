//! The list.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::store::Order;
use crate::access::{Actor, ExportIntegrations, ReviewIntegration};
use crate::db::ids::{IntegrationId, UserId};
use crate::integrations::business;
use crate::integrations::content::IntegrationKind;
use crate::integrations::model::Integration;
use crate::integrations::stage::{Stage, State, Tab};
use crate::partners;
use crate::partners::views::{Chip, may};
use crate::values::Choice;
use crate::web::listing::{Params, Window, capped};
use crate::web::page::{hue, initials};
use crate::web::time::When;

/// What a person may do.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub export: bool,
    pub review: bool,
}

impl Allowed {
    /// The page asks the same table as the handlers.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed { export: may::<ExportIntegrations>(actor), review: may::<ReviewIntegration>(actor) }
    }
}

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

    fn reviewer_initials(&self) -> String {
        initials(&self.reviewer)
    }

    fn partner_address(&self) -> String {
        partners::address(&self.partner.0)
    }

    /// "1 open, 6 resolved".
    fn feedback_words(&self) -> String {
        match self.feedback {
            (0, 0) => String::new(),
            (open, 0) => format!("{open} open"),
            (0, resolved) => format!("{resolved} resolved"),
            (open, resolved) => format!("{open} open, {resolved} resolved"),
        }
    }

    fn update_words(&self) -> Option<&'static str> {
        self.stage.revision.map(Choice::label)
    }

    fn look(&self) -> (&'static str, &'static str) {
        self.stage.state.look()
    }

    /// What is claimed or handed over: it waits, and one did not submit it.
    fn can_claim(&self) -> bool {
        self.waiting.is_some() && self.reviewer.is_empty() && !self.is_own_submission
    }

    /// "3rd in the queue".
    fn place_words(&self) -> String {
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

/// The tab that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tabbed {
    /// By state.
    Tab(Tab),
    /// One's own reviews.
    Mine,
}

impl Tabbed {
    fn key(&self) -> &'static str {
        match self {
            Tabbed::Tab(tab) => tab.key(),
            Tabbed::Mine => "mine",
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Tabbed::Tab(tab) => tab.label(),
            Tabbed::Mine => "Mine",
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "integrations/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub counts: Vec<(Tabbed, i64)>,
    pub tab: Tabbed,
    pub order: Order,
    /// Past target, due today, later; when it is sorted by that.
    pub groups: Option<[i64; 3]>,
    pub editors: Vec<(UserId, String)>,
    pub reviewers: Vec<(UserId, String)>,
    pub partners: Vec<(String, String)>,
    pub me: Option<UserId>,
    pub allowed: Allowed,
    pub can_create: bool,
    pub sees_all: bool,
    pub picks_partner: bool,
    pub has_partners: bool,
    pub target_days: i32,
    pub program: String,
}

const FILTERS: [&str; 7] = ["q", "partner", "kind", "reviewer", "round", "built", "updated_by"];

impl IndexPage {
    fn waits(&self) -> bool {
        self.tab == Tabbed::Tab(Tab::InReview)
    }

    /// Where a line leads: what is in review to the review, the rest to its page.
    fn leads_to<'a>(&self, row: &'a Row) -> &'a str {
        let in_review = matches!(row.stage.under_work(), State::InReview | State::ChangesRequested);
        if in_review && self.allowed.review { &row.review } else { &row.address }
    }

    fn tab_address(&self, tab: &Tabbed) -> String {
        format!("/integrations?tab={}", tab.key())
    }

    fn own_address(&self) -> String {
        self.tab_address(&self.tab)
    }

    fn count_words(&self, count: &i64) -> String {
        capped(*count)
    }

    /// What the list counts, in words.
    fn status(&self) -> String {
        let what = match self.tab {
            Tabbed::Tab(Tab::InReview) => "in review",
            Tabbed::Tab(Tab::ChangesRequested) => "with changes requested",
            Tabbed::Tab(Tab::Published) => "published",
            Tabbed::Tab(Tab::Drafts) => "being written",
            Tabbed::Tab(Tab::Unpublished) => "unpublished",
            Tabbed::Tab(Tab::Archived) => "archived or rejected",
            Tabbed::Mine => "of yours",
        };
        let days =
            if self.target_days == 1 { "1 business day".into() } else { format!("{} business days", self.target_days) };
        let target = if self.waits() { format!("; target {days}") } else { String::new() };
        format!("{} {what}{target}", capped(self.total))
    }

    /// The lines in their groups, with the tone and the count of each.
    fn grouped(&self) -> Vec<(&'static str, &'static str, i64, Vec<&Row>)> {
        let Some(counts) = self.groups else { return vec![("", "", 0, self.page.rows.iter().collect())] };
        let mut order = vec![("Past target", "bad", 0), ("Due today", "warn", 1), ("Later", "", 2)];
        if self.order.down {
            order.reverse();
        }
        let rows = |group: usize| -> Vec<&Row> {
            self.page.rows.iter().filter(|row| row.waiting.as_ref().is_some_and(|one| one.group == group)).collect()
        };
        order
            .into_iter()
            .map(|(label, tone, group)| (label, tone, counts.get(group).copied().unwrap_or_default(), rows(group)))
            .filter(|(.., rows)| !rows.is_empty())
            .collect()
    }

    fn columns(&self) -> usize {
        if self.waits() { 7 + usize::from(self.allowed.review) } else { 6 }
    }

    /// Which arrow a heading shows, and where its link leads.
    fn sorted(&self, key: &str) -> (&'static str, &'static str, String) {
        let (present, down) = (self.order.word(), format!("-{key}"));
        if present == key {
            ("ascending", "chevron-up", self.params.with("sort", &down))
        } else if present == down {
            ("descending", "chevron-down", self.params.with("sort", key))
        } else {
            ("", "selector", self.params.with("sort", if key == "updated" { "-updated" } else { key }))
        }
    }

    fn is_filtered(&self) -> bool {
        FILTERS.iter().any(|name| !self.params.get(name).is_empty())
    }

    fn has_more_filters(&self) -> bool {
        ["kind", "built", "updated_by"].iter().any(|name| !self.params.get(name).is_empty())
    }

    fn chips(&self) -> Vec<Chip> {
        FILTERS
            .iter()
            .filter(|name| !self.params.get(name).is_empty())
            .map(|name| Chip { label: self.chip(name, self.params.get(name)), address: self.params.with(name, "") })
            .collect()
    }

    fn chip(&self, name: &str, value: &str) -> String {
        let named = |people: &[(UserId, String)]| {
            let found = people.iter().find(|(id, _)| id.to_string() == value).map(|(_, name)| name.clone());
            found.unwrap_or_else(|| "somebody else".into())
        };
        match (name, value) {
            ("q", typed) => format!("“{typed}”"),
            ("partner", code) => format!("Partner: {}", code.to_uppercase()),
            ("kind", key) => format!("Kind: {}", IntegrationKind::from_key(key).map_or("unknown", Choice::label)),
            ("reviewer", "me") => "Reviewer: you".into(),
            ("reviewer", "nobody") => "Reviewer: nobody".into(),
            ("reviewer", _) => format!("Reviewer: {}", named(&self.reviewers)),
            ("round", "first") => "First round".into(),
            ("round", _) => "Second round or later".into(),
            ("built", "host") => "Built by the host".into(),
            ("built", _) => "Built by partners".into(),
            _ if self.me.is_some_and(|me| me.to_string() == value) => "Updated by me".into(),
            _ => format!("Updated by {}", named(&self.editors)),
        }
    }

    fn kinds(&self) -> &'static [IntegrationKind] {
        IntegrationKind::ALL
    }

    fn others<'a>(&self, people: &'a [(UserId, String)]) -> Vec<(String, &'a str)> {
        people.iter().filter(|(id, _)| Some(*id) != self.me).map(|(id, name)| (id.to_string(), name.as_str())).collect()
    }

    fn my_id(&self) -> String {
        self.me.map(|id| id.to_string()).unwrap_or_default()
    }

    /// What an empty tab says: heading, and what would be there.
    fn empty(&self) -> (&'static str, &'static str) {
        match self.tab {
            Tabbed::Tab(Tab::InReview) if self.sees_all => {
                ("Nothing waits for a review", "What partners submit is listed here, oldest first.")
            }
            Tabbed::Tab(Tab::InReview) => (
                "Nothing is in review",
                "What you submit is listed here, with the date by which you hear from the host.",
            ),
            Tabbed::Tab(Tab::ChangesRequested) => {
                ("No changes are requested", "What the host wants changed before it is published is listed here.")
            }
            Tabbed::Tab(Tab::Published) => (
                "Nothing is published yet",
                "An integration is written, submitted for review, and published by the host. Published ones are listed here.",
            ),
            Tabbed::Tab(Tab::Drafts) => {
                ("No drafts", "What is being written and was not submitted yet is listed here.")
            }
            Tabbed::Tab(Tab::Unpublished) => {
                ("Nothing is unpublished", "What was live and no longer is, is listed here; suspended ones too.")
            }
            Tabbed::Tab(Tab::Archived) => {
                ("The archive is empty", "Archived and rejected integrations are listed here.")
            }
            Tabbed::Mine => (
                "You review nothing now",
                "Claim something that is in review, and it is listed here until it is published.",
            ),
        }
    }
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
