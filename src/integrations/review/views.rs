//! The review page.

use std::collections::HashMap;

use askama::Template;

use super::diff::{Piece, words};
use crate::integrations::content::{Content, Field, ImageRef, PageName, Spot, Value};
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

/// A picture, ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Image {
    pub address: String,
    pub alt: String,
    pub about: String,
    pub width: u32,
    pub height: u32,
}

impl Image {
    fn new(of: &Integration, image: &ImageRef) -> Image {
        let size = match image.size {
            bytes if bytes < 1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
            bytes => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        };
        Image {
            address: format!("{}/images/{}", crate::integrations::address(of.id), image.id),
            alt: image.alt.clone(),
            about: format!("{}, {} × {}, {size}", image.name, image.width, image.height),
            width: image.width,
            height: image.height,
        }
    }
}

/// One word of a list, and whether only this side has it.
pub type Marked = (String, bool);

/// How a field is shown.
#[derive(Clone, Debug)]
pub enum Shows {
    /// Nothing is in it.
    Nothing,
    /// Plain text.
    Text(String),
    /// Markdown.
    Markdown(String),
    /// An address.
    Link(String),
    /// Words of a list.
    Choices(Vec<String>),
    /// Addresses with their words.
    Links(Vec<(String, String)>),
    /// Pictures.
    Images(Vec<Image>),
    /// Text with what was removed and added.
    Words(Vec<Piece>),
    /// Lists before and after.
    Lists(Vec<Marked>, Vec<Marked>),
    /// Pictures before and after.
    Pictures(Vec<Image>, Vec<Image>),
}

impl Shows {
    fn now(of: &Integration, value: Value) -> Shows {
        if value.is_empty() {
            return Shows::Nothing;
        }
        match value {
            Value::Text(text) => Shows::Text(text),
            Value::Markdown(text) => Shows::Markdown(text),
            Value::Link(address) => Shows::Link(address),
            Value::Choices(list) => Shows::Choices(list),
            Value::Links(list) => Shows::Links(list.into_iter().map(|one| (one.label, one.url)).collect()),
            Value::Images(list) => Shows::Images(list.iter().map(|one| Image::new(of, one)).collect()),
        }
    }

    fn between(of: &Integration, spot: Spot, before: &Value, after: &Value) -> Shows {
        match (before, after) {
            (Value::Images(old), Value::Images(new)) => {
                let all = |list: &[ImageRef]| list.iter().map(|one| Image::new(of, one)).collect();
                Shows::Pictures(all(old), all(new))
            }
            (Value::Text(old) | Value::Markdown(old), Value::Text(new) | Value::Markdown(new)) if !is_choice(spot) => {
                Shows::Words(words(old, new))
            }
            _ => {
                let (old, new) = (list(before), list(after));
                let marked = |own: &[String], other: &[String]| {
                    own.iter().map(|one| (one.clone(), !other.contains(one))).collect::<Vec<Marked>>()
                };
                Shows::Lists(marked(&old, &new), marked(&new, &old))
            }
        }
    }
}

/// Fields whose text was chosen and not written: word by word they would not be understood.
fn is_choice(spot: Spot) -> bool {
    use Field as F;
    matches!(
        spot,
        Spot::Field(F::Kind | F::Template | F::Source | F::Target | F::Credentials | F::Name | F::SupportEmail)
    )
}

fn list(value: &Value) -> Vec<String> {
    match value {
        value if value.is_empty() => Vec::new(),
        Value::Choices(list) => list.clone(),
        Value::Links(list) => list.iter().map(|one| format!("{} ({})", one.label, one.url)).collect(),
        other => vec![other.text()],
    }
}

/// What became of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is shown as it is.
    Same,
    /// Something was there and is not any more.
    Removed,
    /// Nothing was there.
    Added,
    /// It was something else.
    Changed,
}

impl Fate {
    /// Tone, icon and word of its mark.
    pub fn look(&self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Fate::Same => None,
            Fate::Removed => Some(("bad", "x", "Removed")),
            Fate::Added => Some(("good", "plus", "Added")),
            Fate::Changed => Some(("info", "pencil", "Changed")),
        }
    }
}

/// A field, ready to show.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct FieldView {
    pub spot: String,
    pub label: String,
    pub fate: Fate,
    pub shows: Shows,
    /// Open items on it.
    pub threads: usize,
}

impl FieldView {
    /// The field as it is, or how it came to be so.
    pub fn new(of: &Integration, now: &Content, base: Option<&Content>, spot: Spot) -> FieldView {
        let value = now.value(spot);
        let (fate, shows) = match base.map(|base| base.value(spot)) {
            None => (Fate::Same, Shows::now(of, value)),
            Some(before) => {
                let fate = match (before.is_empty(), value.is_empty()) {
                    (true, false) => Fate::Added,
                    (false, true) => Fate::Removed,
                    _ => Fate::Changed,
                };
                (fate, Shows::between(of, spot, &before, &value))
            }
        };
        let label = if now.all_spots().contains(&spot) {
            now.label(spot)
        } else {
            base.map_or_else(|| now.label(spot), |base| base.label(spot))
        };
        FieldView { spot: spot.to_string(), label, fate, shows, threads: 0 }
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
    pub blocking: usize,
    pub zone: String,
    pub can_schedule: bool,
    pub can_reject: bool,
    pub form: Form,
}

/// Why something was rejected, as a word and in people's words.
pub const REASONS: [(&str, &str); 5] = [
    ("does-not-fit", "It does not fit the program"),
    ("quality", "Its quality is not sufficient"),
    ("duplicate", "There is one like it already"),
    ("terms", "It is against the program’s terms"),
    ("other", "Another reason"),
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
#[template(path = "integrations/review.html", blocks = ["threads", "tasks", "readers", "stops"])]
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
    pub tasks: Vec<Task>,
    pub viewed: usize,
    pub can_mark: bool,
    pub checked: Option<Checked>,
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
            part("readers", self.as_readers().render()?),
            part("stops", self.as_stops().render()?),
        ]
        .concat())
    }

    /// Who looks at it besides, in a sentence.
    fn reading(&self) -> String {
        let names: Vec<&str> =
            self.readers.iter().map(|one| one.name.split_whitespace().next().unwrap_or(&one.name)).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => format!("{one} is reading this too"),
            [first, .., last] if names.len() == 2 => format!("{first} and {last} are reading this too"),
            [first, ..] => format!("{first} and {} others are reading this too", names.len() - 1),
        }
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

/// What a reviewer has seen of each page.
pub fn standing(seen: Option<i32>, present: i32, is_changed: bool) -> &'static str {
    match seen {
        None => "Not viewed",
        Some(submission) if submission < present && is_changed => "Changed since your review",
        Some(_) => "Viewed",
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

/// Fields that differ first, and those that do not; all in the order of the page.
pub fn fields(
    of: &Integration,
    now: &Content,
    base: Option<&Content>,
    page: PageName,
    open: impl Fn(Spot) -> usize,
) -> (Vec<FieldView>, Vec<FieldView>) {
    let counted = |view: FieldView, spot: Spot| FieldView { threads: open(spot), ..view };
    let Some(base) = base else {
        let all = now.spots(page).into_iter().map(|spot| counted(FieldView::new(of, now, None, spot), spot));
        return (all.collect(), Vec::new());
    };
    let changed: Vec<Spot> = now.changed_from(base).into_iter().filter(|spot| spot.page() == page).collect();
    let same = now.spots(page).into_iter().filter(|spot| !changed.contains(spot));
    let differing = changed.iter().map(|spot| counted(FieldView::new(of, now, Some(base), *spot), *spot));
    (differing.collect(), same.map(|spot| counted(FieldView::new(of, now, None, spot), spot)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::ids::ImageId;
    use crate::integrations::content::IntegrationKind;

    fn content() -> Content {
        Content { summary: "Earn double miles".into(), ..Content::new("Stay Sync".into(), IntegrationKind::Internal) }
    }

    #[test]
    fn a_page_looked_at_earlier_is_viewed_until_it_changes() {
        assert_eq!(standing(None, 2, true), "Not viewed");
        assert_eq!(standing(Some(1), 2, true), "Changed since your review");
        assert_eq!(standing(Some(1), 2, false), "Viewed");
        assert_eq!(standing(Some(2), 2, true), "Viewed");
        let marks = [(PageName::Legal, 1), (PageName::Legal, 3), (PageName::Media, 2)];
        assert_eq!(latest(&marks)[&PageName::Legal], 3);
    }

    #[test]
    fn lists_are_marked_on_both_sides() {
        let (old, new) =
            (Value::Choices(vec!["Travel".into(), "Stay".into()]), Value::Choices(vec!["Stay".into(), "Earn".into()]));
        let shows = list(&old);
        assert_eq!(shows, ["Travel", "Stay"]);
        assert_eq!(list(&Value::Text(String::new())), Vec::<String>::new());
        assert_ne!(list(&new), shows);
    }

    #[test]
    fn sizes_of_pictures_are_told() {
        let image = ImageRef {
            id: ImageId::new(),
            name: "a.webp".into(),
            alt: "A".into(),
            width: 640,
            height: 360,
            size: 47_900,
        };
        assert!(content().changed_from(&content()).is_empty());
        assert_eq!(image.size.div_ceil(1000), 48);
    }
}
