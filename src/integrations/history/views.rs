//! Pages of rounds and versions, and the sheet on which content is read.

use askama::Template;

use crate::integrations::content::{Content, PageName, Value};
use crate::integrations::model::{Integration, Origin, Outcome};
use crate::integrations::stage::{Stage, State};
use crate::values::Choice;
use crate::web::time::When;

/// Content to be read, page by page.
#[expect(missing_docs, reason = "shown as named")]
pub struct Sheet {
    pub pages: Vec<Leaf>,
    /// The labels of what differs from what it is compared with.
    pub changed: Vec<String>,
    pub images: String,
}

/// One page of it.
#[expect(missing_docs, reason = "shown as named")]
pub struct Leaf {
    pub label: &'static str,
    pub key: &'static str,
    /// Where to change it.
    pub edit: Option<String>,
    pub lines: Vec<Line>,
}

/// One field.
#[expect(missing_docs, reason = "shown as named")]
pub struct Line {
    pub label: String,
    pub value: Value,
    pub is_changed: bool,
}

/// Content to be read; what differs from `before` is marked.
pub fn sheet(item: &Integration, content: &Content, before: Option<&Content>, can_edit: bool) -> Sheet {
    let address = crate::integrations::address(item.id);
    let changed = before.map(|before| content.changed_from(before)).unwrap_or_default();
    let leaf = |page: &PageName| Leaf {
        label: page.label(),
        key: page.key(),
        edit: can_edit.then(|| format!("{address}/pages/{}", page.key())),
        lines: content
            .spots(*page)
            .into_iter()
            .map(|spot| Line {
                label: content.label(spot),
                value: content.value(spot),
                is_changed: changed.contains(&spot),
            })
            .collect(),
    };
    let label = |spot: &crate::integrations::content::Spot| match before {
        Some(before) if !content.all_spots().contains(spot) => before.label(*spot),
        _ => content.label(*spot),
    };
    Sheet {
        pages: PageName::ALL.iter().map(leaf).collect(),
        changed: changed.iter().map(label).collect(),
        images: format!("{address}/images"),
    }
}

/// Rounds and versions.
#[derive(Template)]
#[template(path = "integrations/history/index.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct HistoryPage {
    pub name: String,
    pub address: String,
    pub stage: Stage,
    pub cycles: Vec<Cycle>,
    pub versions: Vec<VersionLine>,
}

/// One review, from its first submission to its end.
#[expect(missing_docs, reason = "shown as named")]
pub struct Cycle {
    pub number: i32,
    pub rounds: Vec<Round>,
}

/// One submission and what came of it.
#[expect(missing_docs, reason = "shown as named")]
pub struct Round {
    pub number: i32,
    pub round: i32,
    pub address: String,
    pub by: String,
    pub when: When,
    pub note: String,
    pub outcome: Option<Outcome>,
    pub summary: String,
    pub answered: Option<(String, When)>,
}

impl Round {
    fn look(&self) -> (&'static str, &'static str, &'static str) {
        match self.outcome {
            None => ("info", "clock", "Waits for an answer"),
            Some(one @ Outcome::Published) => ("good", "circle-check", one.label()),
            Some(one @ Outcome::Approved) => ("good", "calendar", one.label()),
            Some(one @ Outcome::ChangesRequested) => ("warn", "message", one.label()),
            Some(one @ Outcome::Rejected) => ("bad", "x", one.label()),
            Some(one @ Outcome::Withdrawn) => ("", "arrow-back-up", one.label()),
        }
    }
}

/// One version.
#[expect(missing_docs, reason = "shown as named")]
pub struct VersionLine {
    pub number: i32,
    pub address: String,
    pub origin: Origin,
    pub source: Option<i32>,
    pub when: When,
    pub by: String,
    pub is_live: bool,
    pub roll_back: Option<String>,
}

impl VersionLine {
    fn how(&self) -> String {
        match (self.origin, self.source) {
            (Origin::Review, Some(number)) => format!("{} as submission {number}", self.origin.label()),
            (Origin::Rollback, Some(number)) => format!("{} to version {number}", self.origin.label()),
            (Origin::HostEdit, Some(number)) => format!("{}, from version {number}", self.origin.label()),
            (origin, _) => origin.label().to_owned(),
        }
    }
}

/// A submission or a version, as it was.
#[derive(Template)]
#[template(path = "integrations/history/sheet.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct SheetPage {
    pub name: String,
    pub address: String,
    pub title: String,
    pub said: Option<(String, When)>,
    pub is_first: bool,
    pub sheet: Sheet,
}
