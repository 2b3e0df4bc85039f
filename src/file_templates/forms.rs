//! From what was typed to a valid template.

use std::collections::HashSet;

use super::model::{
    Delimiter, Encoding, Facts, Field, FileFormat, Kind, LONGEST_VALUE, Layout, MOST_FIELDS, Process, Quote,
};
use super::rows::{self, Part, Row};
use super::rule::Rule;
use crate::values::{Choice, Name, Refused, line};
use crate::web::form::{Check, Form};

/// The longest names of fields and elements.
const LONGEST_NAME: usize = 64;

/// The form as a template, when nothing in it is wrong.
///
/// # Errors
/// The form with every error; rows that nobody typed anything into are gone from it.
pub fn layout(form: &Form) -> Result<Facts, Form> {
    let form = rows::without_blanks(form);
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let process = check.field("process", "Process", Process::parse);
    let format = check.field("format", "Format", FileFormat::parse);
    let delimiter = check.optional("delimiter", "Delimiter", Delimiter::parse);
    let quote = check.optional("quote", "Quote", Quote::parse);
    let encoding = check.optional("encoding", "Encoding", Encoding::parse);
    let heading = check.optional("heading", "Heading", ticked);
    // What other formats have no use for is dropped, whatever stands there.
    let record = match format {
        Some(FileFormat::Xml) => check.field("record", "Record element", xml_name),
        _ => Some(String::new()),
    };
    let is_csv = format == Some(FileFormat::Csv);
    let settings = Settings {
        format,
        delimiter: delimiter.flatten().filter(|_| is_csv).unwrap_or(Delimiter::Comma),
        quote: quote.flatten().filter(|_| is_csv).unwrap_or(Quote::Double),
        heading: is_csv && heading.flatten().is_some(),
    };
    let fields = fields(&form, &mut check, &settings);
    check.done(|| {
        Some(Facts {
            name: name?,
            process: process?,
            format: format?,
            layout: Layout {
                delimiter: settings.delimiter,
                quote: settings.quote,
                encoding: encoding?.filter(|_| format != Some(FileFormat::JsonLines)).unwrap_or(Encoding::Utf8),
                heading: settings.heading,
                record: record?,
                fields: fields?,
            },
        })
    })
}

/// What the rows are judged by.
struct Settings {
    format: Option<FileFormat>,
    delimiter: Delimiter,
    quote: Quote,
    heading: bool,
}

impl Settings {
    /// A value that the file could not hold.
    fn refuse_delimiter(&self, value: &str) -> Result<(), Refused> {
        let delimiter = char::from(self.delimiter.byte());
        if self.format == Some(FileFormat::Csv) && self.quote == Quote::None && value.contains(delimiter) {
            return Err(
                "Holds the delimiter, and values are never quoted. Choose a quote, or another delimiter.".into()
            );
        }
        Ok(())
    }
}

fn fields(form: &Form, check: &mut Check<'_>, settings: &Settings) -> Option<Vec<Field>> {
    if rows::are_too_many(form) {
        check.refuse("fields", "Fields", format!("A template has at most {MOST_FIELDS} fields. Take some away."));
        return None;
    }
    let count = rows::read(form).len();
    if count == 0 {
        check.refuse("fields", "Fields", "Add at least one field.");
        return None;
    }
    let mut names = HashSet::new();
    // All of them, so that every error is found at once.
    let read: Vec<Option<Field>> = (0..count)
        .map(|row| {
            let field = field(check, row, settings)?;
            if !names.insert(field.name.to_lowercase()) {
                let (id, label) = rows::input(row, Part::Name);
                check.refuse(id, label, "Another field has this name already. Names differ by more than capitals.");
            }
            Some(field)
        })
        .collect();
    read.into_iter().collect()
}

fn field(check: &mut Check<'_>, row: usize, settings: &Settings) -> Option<Field> {
    let at = |part| rows::input(row, part);
    let is_xml = settings.format == Some(FileFormat::Xml);
    let name = check.field(at(Part::Name).0, at(Part::Name).1, |typed| {
        let name = if is_xml { xml_name(typed)? } else { line(typed, LONGEST_NAME)? };
        if settings.heading { settings.refuse_delimiter(&name).map(|()| name) } else { Ok(name) }
    });
    let label = check.optional(at(Part::Label).0, at(Part::Label).1, |typed| line(typed, 120));
    let kind = check.field(at(Part::Kind).0, at(Part::Kind).1, Kind::parse);
    let required = check.optional(at(Part::Required).0, at(Part::Required).1, ticked);
    let length = if settings.format == Some(FileFormat::FixedWidth) {
        check.field(at(Part::Length).0, at(Part::Length).1, width).map(Some)
    } else {
        check.optional(at(Part::Length).0, at(Part::Length).1, width)
    };
    let format = check.optional(at(Part::Format).0, at(Part::Format).1, |typed| line(typed, 1000));
    let sample = check.optional(at(Part::Sample).0, at(Part::Sample).1, |typed| line(typed, 200));
    let description = check.optional(at(Part::Description).0, at(Part::Description).1, |typed| line(typed, 300));
    let field = Field {
        name: name?,
        label: label?.unwrap_or_default(),
        kind: kind?,
        required: required?.is_some(),
        length: length?,
        format: format?.unwrap_or_default(),
        sample: sample?.unwrap_or_default(),
        description: description?.unwrap_or_default(),
    };
    match fitting(&field, settings) {
        Ok(()) => Some(field),
        Err((part, message)) => {
            check.refuse(at(part).0, at(part).1, message);
            None
        }
    }
}

/// Whether a field's format can be read, and its sample obeys it.
fn fitting(field: &Field, settings: &Settings) -> Result<(), (Part, Refused)> {
    let rule = Rule::new(field).map_err(|message| (Part::Format, message))?;
    if field.sample.is_empty() {
        return Ok(());
    }
    settings.refuse_delimiter(&field.sample).map_err(|message| (Part::Sample, message))?;
    match rule.fault(&field.sample) {
        None => Ok(()),
        Some(fault) => Err((Part::Sample, format!("The sample {fault}. Change it, or what the field asks."))),
    }
}

fn ticked(typed: &str) -> Result<(), Refused> {
    if typed == "yes" { Ok(()) } else { Err("Tick the box, or leave it.".into()) }
}

fn width(typed: &str) -> Result<u32, Refused> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Enter how many characters wide the field is.".into());
    }
    let is_plain = typed.bytes().all(|byte| byte.is_ascii_digit());
    let length = typed.parse().ok().filter(|length| is_plain && (1..=LONGEST_VALUE).contains(length));
    length.ok_or_else(|| "Enter a number of characters from 1 to 4,000.".into())
}

/// A name that an XML element can have.
fn xml_name(typed: &str) -> Result<String, Refused> {
    let name = line(typed, LONGEST_NAME)?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if begins && goes_on {
        return Ok(name);
    }
    Err("An XML element begins with a letter and goes on with letters, digits, - _ and dots, without blanks.".into())
}

/// The form of a template as stored.
pub fn filled(facts: &Facts, version: i32) -> Form {
    let layout = &facts.layout;
    let form = Form::filled([
        ("version", version.to_string()),
        ("name", facts.name.to_string()),
        ("process", facts.process.key().into()),
        ("format", facts.format.key().into()),
        ("delimiter", layout.delimiter.key().into()),
        ("quote", layout.quote.key().into()),
        ("encoding", layout.encoding.key().into()),
        ("heading", if layout.heading { "yes".into() } else { String::new() }),
        ("record", layout.record.clone()),
    ]);
    let rows: Vec<Row> = layout.fields.iter().map(Row::of).collect();
    rows::write(&form, &rows)
}

/// The form of a new template.
pub fn blank(partner: &str) -> Form {
    let form = Form::filled([
        ("partner", partner.to_owned()),
        ("format", FileFormat::Csv.key().into()),
        ("delimiter", Delimiter::Comma.key().into()),
        ("quote", Quote::Double.key().into()),
        ("encoding", Encoding::Utf8.key().into()),
        ("heading", "yes".into()),
    ]);
    rows::write(&form, &[Row::blank(), Row::blank(), Row::blank()])
}
