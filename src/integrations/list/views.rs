//! The list.

use askama::Template;

use super::store::Order;
use crate::access::{Actor, ExportIntegrations, ReviewIntegration};
use crate::db::ids::UserId;
use crate::integrations::content::IntegrationKind;
use crate::integrations::stage::{State, Tab};
use crate::partners::views::{Chip, may};
use crate::values::Choice;
use crate::web::listing::{Params, Window, capped};

pub use super::row::{Clock, Row, Waiting, ordinal};

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
