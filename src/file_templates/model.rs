//! What a template is; no SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::activity::FieldChange;
use crate::db::ids::{PartnerId, TemplateId, UserId};
use crate::values::{Choice, Name, choice};

/// Fields of a template at the most.
pub const MOST_FIELDS: usize = 100;
/// The longest value that a field may allow, in characters.
pub const LONGEST_VALUE: u32 = 4000;

choice! {
    /// What the files are for.
    Process {
        /// Customers earn.
        Accrual = "accrual" / "Accrual",
        /// Customers spend.
        Redemption = "redemption" / "Redemption",
        /// Customers join.
        Enrolment = "enrolment" / "Enrolment",
        /// Both sides compare what they booked.
        Reconciliation = "reconciliation" / "Reconciliation",
        /// Anything else.
        Other = "other" / "Other",
    }
}

choice! {
    /// How the files are written.
    FileFormat {
        /// Values with a delimiter between them.
        Csv = "csv" / "CSV",
        /// Values at fixed places of the line.
        FixedWidth = "fixed-width" / "Fixed width",
        /// One JSON object a line.
        JsonLines = "json-lines" / "JSON lines",
        /// XML with one element for each record.
        Xml = "xml" / "XML",
    }
}

choice! {
    /// What stands between the values of a line.
    Delimiter {
        /// `,`
        Comma = "comma" / "Comma ,",
        /// `;`
        Semicolon = "semicolon" / "Semicolon ;",
        /// A tab.
        Tab = "tab" / "Tab",
        /// `|`
        Pipe = "pipe" / "Pipe |",
    }
}

impl Delimiter {
    /// The byte in the file.
    pub fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
            Delimiter::Pipe => b'|',
        }
    }
}

choice! {
    /// What stands around values that hold the delimiter.
    Quote {
        /// `"`
        Double = "double" / "Double quote \"",
        /// `'`
        Single = "single" / "Single quote '",
        /// Values are never quoted.
        None = "none" / "None",
    }
}

impl Quote {
    /// The byte in the file.
    pub fn byte(self) -> Option<u8> {
        match self {
            Quote::Double => Some(b'"'),
            Quote::Single => Some(b'\''),
            Quote::None => None,
        }
    }
}

choice! {
    /// How letters are written as bytes.
    Encoding {
        /// UTF-8.
        Utf8 = "utf-8" / "UTF-8",
        /// One byte a letter, as older Windows programs write.
        Windows1252 = "windows-1252" / "Western European (Windows-1252)",
        /// One byte a letter, with the euro sign.
        Latin9 = "iso-8859-15" / "Western European (ISO 8859-15)",
        /// One byte a letter, for the languages of Central Europe.
        Windows1250 = "windows-1250" / "Central European (Windows-1250)",
    }
}

choice! {
    /// What the value of a field is.
    Kind {
        /// Any characters.
        Text = "text" / "Text",
        /// Digits, perhaps with a sign.
        Whole = "whole-number" / "Whole number",
        /// Digits with a decimal point.
        Decimal = "decimal" / "Decimal",
        /// A day.
        Date = "date" / "Date",
        /// A moment.
        DateTime = "date-time" / "Date and time",
        /// One of two words.
        YesNo = "yes-no" / "Yes or no",
        /// One of several codes.
        Code = "code-list" / "Code list",
    }
}

impl Kind {
    /// The format where none is given.
    pub fn usual_format(self) -> &'static str {
        match self {
            Kind::Text | Kind::Whole | Kind::Code => "",
            Kind::Decimal => "2",
            Kind::Date => "YYYY-MM-DD",
            Kind::DateTime => "YYYY-MM-DDThh:mm:ssZ",
            Kind::YesNo => "Y/N",
        }
    }
}

/// One field of a layout. What `format` means depends on the kind: a pattern, decimal places, the form of a date,
/// the two words, or the codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the form's labels and hints say what they mean")]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub required: bool,
    /// Longest value in characters; the width, where values stand at fixed places.
    pub length: Option<u32>,
    pub format: String,
    pub sample: String,
    pub description: String,
}

impl Field {
    /// The format, or the usual one.
    pub fn effective_format(&self) -> &str {
        if self.format.is_empty() { self.kind.usual_format() } else { &self.format }
    }

    /// In a few words, for the record of changes.
    fn told(&self) -> String {
        let mut parts = vec![self.kind.label().to_lowercase()];
        if self.required {
            parts.push("required".into());
        }
        if let Some(length) = self.length {
            parts.push(format!("length {length}"));
        }
        for (word, text) in [
            ("label", &self.label),
            ("format", &self.format),
            ("sample", &self.sample),
            ("description", &self.description),
        ] {
            if !text.is_empty() {
                parts.push(format!("{word} {text}"));
            }
        }
        parts.join(", ")
    }
}

/// What a file looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// CSV only.
    pub delimiter: Delimiter,
    /// CSV only.
    pub quote: Quote,
    /// How letters are written.
    pub encoding: Encoding,
    /// Whether the first line holds the names of the fields; CSV only.
    pub heading: bool,
    /// The element of each record; XML only.
    pub record: String,
    /// In the order of the file.
    pub fields: Vec<Field>,
}

/// What a person or a file says of a template: valid, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Shown.
    pub name: Name,
    /// What the files are for.
    pub process: Process,
    /// How they are written.
    pub format: FileFormat,
    /// What they look like.
    pub layout: Layout,
}

impl Facts {
    /// What differs, in the words of the form.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        let yes = |heading: bool| if heading { "yes" } else { "no" };
        let (old, new) = (&self.layout, &after.layout);
        let mut changes: Vec<FieldChange> = [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Process", self.process.label(), after.process.label()),
            FieldChange::of("Format", self.format.label(), after.format.label()),
            FieldChange::of("Delimiter", old.delimiter.label(), new.delimiter.label()),
            FieldChange::of("Quote", old.quote.label(), new.quote.label()),
            FieldChange::of("Encoding", old.encoding.label(), new.encoding.label()),
            FieldChange::of("Heading", yes(old.heading), yes(new.heading)),
            FieldChange::of("Record element", &old.record, &new.record),
        ]
        .into_iter()
        .flatten()
        .collect();
        changes.extend(field_changes(&old.fields, &new.fields));
        changes
    }
}

/// Fields are known by their names: what came, went and changed, and the order of those that stayed.
fn field_changes(old: &[Field], new: &[Field]) -> Vec<FieldChange> {
    let find = |list: &[Field], name: &str| list.iter().find(|field| field.name == name).map(Field::told);
    let mut changes = Vec::new();
    for field in old {
        let after = find(new, &field.name).unwrap_or_default();
        changes.extend(FieldChange::of(&format!("Field {}", field.name), field.told(), after));
    }
    for field in new.iter().filter(|field| find(old, &field.name).is_none()) {
        changes.extend(FieldChange::of(&format!("Field {}", field.name), "", field.told()));
    }
    let order = |list: &[Field], other: &[Field]| {
        let both = list.iter().filter(|field| find(other, &field.name).is_some());
        both.map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    changes.extend(FieldChange::of("Order of fields", order(old, new), order(new, old)));
    changes
}

/// A stored template.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FileTemplate {
    pub id: TemplateId,
    pub partner_id: PartnerId,
    pub facts: Facts,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

/// Something that uses a template and keeps it from being removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub address: String,
}

/// A name for a copy that nobody has yet: "Stays (copy)", "Stays (copy 2)".
pub fn free_name(name: &str, taken: &[String]) -> String {
    let is_free = |candidate: &String| !taken.contains(&candidate.to_lowercase());
    let with = |end: &str| {
        let kept: String = name.chars().take(120 - end.chars().count()).collect();
        format!("{}{end}", kept.trim_end())
    };
    let numbered = (2..10_000).map(|number| with(&format!(" (copy {number})")));
    std::iter::once(with(" (copy)")).chain(numbered).find(is_free).unwrap_or_else(|| with(" (copy)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> Field {
        Field {
            name: name.into(),
            label: String::new(),
            kind: Kind::Text,
            required: false,
            length: None,
            format: String::new(),
            sample: String::new(),
            description: String::new(),
        }
    }

    #[test]
    fn changes_name_what_came_went_changed_and_moved() {
        let old = [field("a"), field("b"), field("c")];
        let new = [field("c"), Field { required: true, ..field("a") }, field("d")];
        let told: Vec<(String, String, String)> =
            field_changes(&old, &new).into_iter().map(|change| (change.field, change.before, change.after)).collect();
        let line = |field: &str, before: &str, after: &str| (field.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [
                line("Field a", "text", "text, required"),
                line("Field b", "text", ""),
                line("Field d", "", "text"),
                line("Order of fields", "a, c", "c, a"),
            ]
        );
        assert!(field_changes(&old, &old).is_empty());
    }

    #[test]
    fn copies_get_names_that_fit_and_are_free() {
        assert_eq!(free_name("Stays", &[]), "Stays (copy)");
        assert_eq!(free_name("Stays", &["stays (copy)".into()]), "Stays (copy 2)");
        assert_eq!(free_name(&"é".repeat(120), &[]).chars().count(), 120);
    }
}
