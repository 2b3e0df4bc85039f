//! The fields of a template in a form: rows that are added, moved and removed by buttons, without a script. Each press
//! sends the whole form and gets it back rearranged, so nothing that was typed is lost.

use std::sync::LazyLock;

use super::model::{Field, Kind, MOST_FIELDS};
use crate::values::Choice;
use crate::web::form::Form;

/// What a row holds: the end of the element's id, and the word for it.
const PARTS: [(&str, &str); 8] = [
    ("name", "name"),
    ("label", "label"),
    ("kind", "type"),
    ("required", "required"),
    ("length", "length"),
    ("format", "format"),
    ("sample", "sample"),
    ("description", "description"),
];

/// A part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the form")]
pub enum Part {
    Name,
    Label,
    Kind,
    Required,
    Length,
    Format,
    Sample,
    Description,
}

impl Part {
    /// In the order of [`PARTS`].
    pub const ALL: [Part; 8] = [
        Part::Name,
        Part::Label,
        Part::Kind,
        Part::Required,
        Part::Length,
        Part::Format,
        Part::Sample,
        Part::Description,
    ];

    /// The word for it in an exported template.
    pub fn word(self) -> &'static str {
        PARTS.get(self as usize).map_or("", |(_, word)| word)
    }
}

/// Ids and labels of all inputs that there can be: errors of forms carry both.
static INPUTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let input =
        |row: usize, (end, word): &(&str, &str)| (format!("f{row}_{end}"), format!("Field {}, {word}", row + 1));
    (0..MOST_FIELDS).flat_map(|row| PARTS.iter().map(move |part| input(row, part))).collect()
});

/// Id and label of an input.
pub fn input(row: usize, part: Part) -> (&'static str, &'static str) {
    let found = INPUTS.get(row * PARTS.len() + part as usize);
    found.map_or(("fields", "Fields"), |(id, label)| (id.as_str(), label.as_str()))
}

/// The row and part of an input's id.
pub fn place(id: &str) -> Option<(usize, Part)> {
    let at = INPUTS.iter().position(|(known, _)| known == id)?;
    Part::ALL.get(at % PARTS.len()).map(|part| (at / PARTS.len(), *part))
}

/// A row as it was typed, in the order of [`Part::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub [String; 8]);

impl Row {
    /// An empty row.
    pub fn blank() -> Row {
        let mut row = Row::default();
        row.set(Part::Kind, Kind::Text.key());
        row
    }

    /// A row of a field as stored.
    pub fn of(field: &Field) -> Row {
        Row([
            field.name.clone(),
            field.label.clone(),
            field.kind.key().to_owned(),
            if field.required { "yes".to_owned() } else { String::new() },
            field.length.map(|length| length.to_string()).unwrap_or_default(),
            field.format.clone(),
            field.sample.clone(),
            field.description.clone(),
        ])
    }

    /// Changes a part.
    pub fn set(&mut self, part: Part, value: &str) {
        if let Some(slot) = self.0.get_mut(part as usize) {
            value.clone_into(slot);
        }
    }

    /// Whether nothing was typed; a type is always chosen.
    fn is_blank(&self) -> bool {
        Part::ALL.iter().zip(&self.0).all(|(part, value)| *part == Part::Kind || value.trim().is_empty())
    }
}

/// The rows of a form; its last is followed by none.
pub fn read(form: &Form) -> Vec<Row> {
    let sent = |id: &str| form.pairs().iter().any(|(name, _)| name == id);
    let is_there = |row: &usize| Part::ALL.iter().any(|part| sent(input(*row, *part).0));
    (0..MOST_FIELDS)
        .take_while(is_there)
        .map(|row| Row(Part::ALL.map(|part| form.value(input(row, part).0).to_owned())))
        .collect()
}

/// Whether more rows were sent than a template may have.
pub fn are_too_many(form: &Form) -> bool {
    form.pairs().iter().any(|(name, _)| name.starts_with(&format!("f{MOST_FIELDS}_")))
}

/// The same form with other rows.
pub fn write(form: &Form, rows: &[Row]) -> Form {
    let mut pairs: Vec<(String, String)> =
        form.pairs().iter().filter(|(name, _)| place(name).is_none()).cloned().collect();
    for (number, row) in rows.iter().take(MOST_FIELDS).enumerate() {
        for (part, value) in Part::ALL.iter().zip(&row.0) {
            // A box that is not ticked is not sent.
            if *part != Part::Required || !value.is_empty() {
                pairs.push((input(number, *part).0.to_owned(), value.clone()));
            }
        }
    }
    Form::typed(pairs)
}

/// The same form without the rows that nobody typed anything into; one stays.
pub fn without_blanks(form: &Form) -> Form {
    // What was sent twice or is too much is for the check to refuse: leave it as it is.
    let rows = read(form);
    let kept: Vec<Row> = rows.iter().filter(|row| !row.is_blank()).cloned().collect();
    if kept.len() == rows.len() || are_too_many(form) {
        return form.clone();
    }
    write(form, if kept.is_empty() { rows.get(..1).unwrap_or_default() } else { &kept })
}

/// What a button of the form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Check and store.
    Save,
    /// One more row at the end.
    Add,
    /// One row up.
    Up(usize),
    /// One row down.
    Down(usize),
    /// A row away.
    Remove(usize),
}

impl Act {
    /// Reads the button's value; what is no button's is "save", as when Enter is pressed.
    pub fn read(form: &Form) -> Act {
        let typed = form.value("act");
        let row = |word: &str| typed.strip_prefix(word).and_then(|row| row.parse().ok());
        match (typed, row("up-"), row("down-"), row("remove-")) {
            ("add", ..) => Act::Add,
            (_, Some(row), ..) => Act::Up(row),
            (_, _, Some(row), _) => Act::Down(row),
            (.., Some(row)) => Act::Remove(row),
            _ => Act::Save,
        }
    }
}

/// The form after a button that only rearranges it; none when it is to be saved.
pub fn rearranged(form: &Form) -> Option<Form> {
    let mut rows = read(form);
    match Act::read(form) {
        Act::Save => return None,
        Act::Add if rows.len() < MOST_FIELDS => rows.push(Row::blank()),
        Act::Up(row) if row > 0 && row < rows.len() => rows.swap(row, row - 1),
        Act::Down(row) if row.saturating_add(1) < rows.len() => rows.swap(row, row + 1),
        Act::Remove(row) if row < rows.len() => {
            rows.remove(row);
        }
        Act::Add | Act::Up(_) | Act::Down(_) | Act::Remove(_) => {}
    }
    if rows.is_empty() {
        rows.push(Row::blank());
    }
    Some(write(form, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(names: &[&str], act: &str) -> Form {
        let mut form = Form::filled([("name", "Stays".to_owned()), ("act", act.to_owned())]);
        let rows: Vec<Row> = names
            .iter()
            .map(|name| {
                let mut row = Row::blank();
                row.set(Part::Name, name);
                row
            })
            .collect();
        form = write(&form, &rows);
        form
    }

    fn names(form: &Form) -> Vec<String> {
        read(form).into_iter().map(|row| row.0[0].clone()).collect()
    }

    #[test]
    fn buttons_rearrange_and_keep_everything_else() {
        let after = |act: &str| names(&rearranged(&typed(&["a", "b", "c"], act)).unwrap());
        assert_eq!(after("add"), ["a", "b", "c", ""]);
        assert_eq!(after("up-2"), ["a", "c", "b"]);
        assert_eq!(after("down-0"), ["b", "a", "c"]);
        assert_eq!(after("remove-1"), ["a", "c"]);
        for nothing in ["up-0", "down-2", "up-99", "down-18446744073709551615", "remove-3"] {
            assert_eq!(after(nothing), ["a", "b", "c"], "{nothing}");
        }
        assert_eq!(names(&rearranged(&typed(&["a"], "remove-0")).unwrap()), [""]);
        assert!(rearranged(&typed(&["a"], "save")).is_none() && rearranged(&typed(&["a"], "up-x")).is_none());
        assert_eq!(rearranged(&typed(&["a"], "add")).unwrap().value("name"), "Stays");
    }

    #[test]
    fn blank_rows_are_left_out_and_ids_lead_back() {
        assert_eq!(names(&without_blanks(&typed(&["", "b", " "], "save"))), ["b"]);
        assert_eq!(names(&without_blanks(&typed(&["", ""], "save"))), [""]);
        assert_eq!(place(input(7, Part::Sample).0), Some((7, Part::Sample)));
        assert_eq!(place("f100_name"), None);
    }
}
