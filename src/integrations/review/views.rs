//! The review page.

use std::collections::HashMap;

use askama::Template;

use super::diff::Piece;
use super::fields::{FieldView, Shows};
use crate::integrations::checks::views::Checklist;
use crate::integrations::content::PageName;
use crate::integrations::feedback::Weight;
use crate::integrations::feedback::views::Column;
use crate::integrations::list::views::{Waiting, ordinal};
use crate::integrations::model::Integration;
use crate::integrations::stage::Move;
use crate::values::{Choice, choice};
use crate::web::form::Form;
use crate::web::page::{hue, initials};
use crate::web::time::When;

choice! {
    /// What a page is compared with.
    Since {
        /// With nothing: what is there.
        Now = "now" / "Now",
        /// With the submission before.
        Submission = "submission" / "Since the last submission",
        /// With what oneself reviewed last.
        Mine = "mine" / "Since my review",
        /// With what is published.
        Published = "published" / "Since published",
    }
}

/// A page in the list of pages.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Task {
    pub page: PageName,
    pub address: String,
    pub standing: &'static str,
    pub open: usize,
}

/// Somebody else who has it open.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Reader {
    pub name: String,
    pub initials: String,
    pub hue: u8,
}

impl Reader {
    /// Makes one ready.
    pub fn new(id: crate::db::ids::UserId, name: &str) -> Reader {
        Reader { name: name.to_owned(), initials: initials(name), hue: hue(id.uuid()) }
    }
}

/// Who looks at it besides, in a sentence.
pub fn reading(readers: &[Reader]) -> String {
    let names: Vec<&str> = readers.iter().map(|one| one.name.split_whitespace().next().unwrap_or(&one.name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is reading this too"),
        [first, last] => format!("{first} and {last} are reading this too"),
        [first, ..] => format!("{first} and {} others are reading this too", names.len() - 1),
    }
}

/// What the checks said when it was submitted.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Checked {
    pub passed: usize,
    pub total: usize,
    /// The rule, what is wrong, and where to comment on it.
    pub failed: Vec<(String, String, String)>,
}

/// The bar at the foot, for who decides.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Verdict {
    pub version: i32,
    /// Value, words, and the key that chooses it.
    pub choices: Vec<(&'static str, &'static str, &'static str)>,
    pub zone: String,
    pub can_schedule: bool,
    pub can_reject: bool,
    pub form: Form,
}

/// Why something was rejected, as a word and in people's words.
pub const REASONS: [(&str, &str); 6] = [
    ("not-a-fit", "Not a fit for the program"),
    ("quality", "Quality"),
    ("terms", "Terms, privacy or law"),
    ("security", "Security"),
    ("duplicate", "There is one like it already"),
    ("other", "Something else"),
];

impl Verdict {
    fn chosen(&self) -> &str {
        match self.form.value("verdict") {
            "" => "comment",
            other => other,
        }
    }

    fn reasons(&self) -> &'static [(&'static str, &'static str)] {
        &REASONS
    }
}

/// The form that opens an item.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Compose {
    /// "Short summary", or "the whole page".
    pub about: String,
    pub field: String,
    pub criterion: String,
    pub form: Form,
}

impl Compose {
    fn weights(&self) -> Vec<(&'static str, &'static str)> {
        Weight::ALL.iter().map(|weight| (weight.key(), weight.about())).collect()
    }

    fn chosen(&self) -> &str {
        match self.form.value("weight") {
            "" => Weight::Blocking.key(),
            other => other,
        }
    }
}

/// Something that a partner's people can do from here.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Deed {
    pub label: &'static str,
    pub address: String,
    pub icon: &'static str,
}

impl Deed {
    /// A move of an integration.
    pub fn new(of: &Integration, wanted: Move) -> Deed {
        let address = format!("{}/{}", crate::integrations::address(of.id), wanted.key());
        Deed { label: wanted.label(), address, icon: wanted.icon() }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "integrations/review.html", blocks = ["threads", "tasks", "stops"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ReviewPage {
    pub integration: Integration,
    pub address: String,
    pub partner: (String, String),
    pub is_partners: bool,
    pub sees_all: bool,
    pub reviews: bool,
    pub is_own: bool,
    pub is_mine: bool,
    pub waiting: Option<Waiting>,
    pub place: Option<i64>,
    pub readers: Vec<Reader>,
    pub reading: String,
    pub beats: bool,
    pub tasks: Vec<Task>,
    pub viewed: usize,
    pub can_mark: bool,
    pub checked: Option<Checked>,
    /// What only a person judges; for reviewers.
    pub checklist: Option<Checklist>,
    pub page: PageName,
    pub since: Since,
    /// What it can be compared with, with the words and the address of each.
    pub bases: Vec<(Since, String, String)>,
    pub compared: String,
    pub fields: Vec<FieldView>,
    pub unchanged: Vec<FieldView>,
    pub feedback: Column,
    pub compose: Option<Compose>,
    pub note: Option<(String, String)>,
    pub summary: Option<(String, String, When)>,
    pub verdict: Option<Verdict>,
    pub deeds: Vec<Deed>,
    pub blocking: usize,
    pub is_snoozed: bool,
    pub poll: String,
}

impl ReviewPage {
    /// What htmx asks for every few seconds: the items, and the counts that go with them.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn polled(&self) -> askama::Result<String> {
        let part = |target: &str, html: String| {
            format!("<hx-partial hx-target=\"#{target}\" hx-swap=\"outerMorph\">{html}</hx-partial>")
        };
        Ok([
            self.as_threads().render()?,
            part("tasks", self.as_tasks().render()?),
            part("stops", self.as_stops().render()?),
        ]
        .concat())
    }

    fn reviewer_tile(&self) -> (u8, String) {
        (self.integration.assignee_id.map_or(2, |id| hue(id.uuid())), initials(&self.integration.assignee_name))
    }

    fn state_look(&self) -> (&'static str, &'static str) {
        self.integration.stage().under_work().look()
    }

    fn state_words(&self) -> &'static str {
        self.integration.revision.map_or_else(|| self.integration.state.label(), Choice::label)
    }

    fn tab(&self) -> (String, &'static str) {
        use crate::integrations::stage::Tab;
        let stage = self.integration.stage();
        let tab = Tab::ALL.iter().copied().find(|tab| tab.lists(stage)).unwrap_or(Tab::InReview);
        (format!("/integrations?tab={}", tab.key()), tab.label())
    }

    fn place_words(&self) -> String {
        self.place.map(|place| format!("{} in the queue", ordinal(place))).unwrap_or_default()
    }

    fn compose_address(&self, spot: &str) -> String {
        let field = if spot.is_empty() { "page".to_owned() } else { crate::web::encode(spot) };
        format!("{}/review?page={}&since={}&field={field}#comment", self.address, self.page.key(), self.since.key())
    }

    fn next_page(&self) -> Option<PageName> {
        self.page.next()
    }

    fn unchanged_names(&self) -> String {
        let names: Vec<String> = self.unchanged.iter().map(|one| one.label.to_lowercase()).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        format!("{} unchanged field{plural}: {}", names.len(), names.join(", "))
    }
}

/// What is said of a page that was looked at and not changed since.
pub const VIEWED: &str = "Viewed";

/// What a reviewer has seen of each page.
pub fn standing(seen: Option<i32>, present: i32, is_changed: bool) -> &'static str {
    match seen {
        None => "Not viewed",
        Some(submission) if submission < present && is_changed => "Changed since your review",
        Some(_) => VIEWED,
    }
}

/// The latest submission of which a person looked at each page.
pub fn latest(marks: &[(PageName, i32)]) -> HashMap<PageName, i32> {
    let mut found: HashMap<PageName, i32> = HashMap::new();
    for (page, submission) in marks {
        let known = found.entry(*page).or_insert(*submission);
        *known = (*known).max(*submission);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_looked_at_earlier_is_viewed_until_it_changes() {
        assert_eq!(standing(None, 2, true), "Not viewed");
        assert_eq!(standing(Some(1), 2, true), "Changed since your review");
        assert_eq!(standing(Some(1), 2, false), "Viewed");
        assert_eq!(standing(Some(2), 2, true), "Viewed");
        let marks = [(PageName::Legal, 1), (PageName::Legal, 3), (PageName::Media, 2)];
        assert_eq!(latest(&marks)[&PageName::Legal], 3);
    }
}
