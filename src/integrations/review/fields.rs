//! The fields of a page: as they are, or beside what they were.

use super::diff::{Piece, words};
use crate::integrations::content::{Content, Field, ImageRef, PageName, Spot, Value};
use crate::integrations::model::Integration;

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

    #[test]
    fn values_of_one_line_are_lists_of_one() {
        let choices = Value::Choices(vec!["Travel".into(), "Stay".into()]);
        assert_eq!(list(&choices), ["Travel", "Stay"]);
        assert_eq!(list(&Value::Link("https://a.example".into())), ["https://a.example"]);
        assert_eq!(list(&Value::Text(String::new())), Vec::<String>::new());
    }
}
