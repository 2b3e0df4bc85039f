//! The first shot at a template from a sample file: its format and its fields, guessed from what stands in the first
//! lines. It is only a form that somebody looks at before it is saved.

use serde_json::Value;

use super::date::DateForm;
use super::model::{Delimiter, FileFormat, Kind, MOST_FIELDS, Quote};
use super::read::Records;
use super::rows::{self, Part, Row};
use super::{json, read};
use crate::values::{Choice, line};
use crate::web::form::Form;

/// Lines that a guess looks at.
const LOOKED_AT: usize = 500;

/// Forms of dates that are tried, the plainest first.
const DATES: [&str; 5] = ["YYYY-MM-DD", "YYYY/MM/DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"];
const MOMENTS: [&str; 5] = [
    "YYYY-MM-DDThh:mm:ssZ",
    "YYYY-MM-DDThh:mm:ss.sssZ",
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY-MM-DD hh:mm",
];
const WORDS: [&str; 4] = ["Y/N", "yes/no", "true/false", "Yes/No"];

/// Fills a form from a sample file.
///
/// # Errors
/// A sentence, when nothing can be made of it.
pub fn from_sample(form: &Form, bytes: &[u8]) -> Result<Form, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if std::str::from_utf8(bytes).is_err() {
        return Err("The file is not written in UTF-8. Save it as UTF-8 and choose it again.".into());
    }
    if bytes.contains(&0) {
        return Err("The file is not text. Choose a CSV file, or one with a JSON object on each line.".into());
    }
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    let (columns, settings) = if is_json { from_json(bytes)? } else { from_csv(bytes)? };
    if columns.is_empty() {
        return Err("The file holds nothing that a field could be made of.".into());
    }
    if columns.len() > MOST_FIELDS {
        return Err(format!("The file has {} columns; a template has at most {MOST_FIELDS}.", columns.len()));
    }
    let mut form = form.clone();
    for (name, value) in settings {
        form.set(name, value);
    }
    let rows: Vec<Row> = columns.iter().map(Column::row).collect();
    Ok(rows::write(&form, &rows))
}

/// One column with the values that were seen.
struct Column {
    name: String,
    values: Vec<String>,
}

type Guess = (Vec<Column>, Vec<(&'static str, &'static str)>);

fn from_csv(bytes: &[u8]) -> Result<Guess, String> {
    let delimiter = delimiter(bytes);
    let mut records = Records::new(bytes, delimiter.byte(), Quote::Double);
    let mut lines: Vec<Vec<String>> = Vec::new();
    let text = |cell: &&[u8]| String::from_utf8_lossy(cell).into_owned();
    while lines.len() < LOOKED_AT {
        match records.next(|_, cells| cells.iter().map(text).collect()) {
            Ok(Some(cells)) => lines.push(cells),
            Ok(None) => break,
            Err(reason) if lines.is_empty() => return Err(reason),
            Err(_) => break,
        }
    }
    let Some(first) = lines.first().cloned() else { return Err("The file is empty.".into()) };
    let heading = is_heading(&first);
    let rest = if heading { lines.get(1..).unwrap_or_default() } else { &lines };
    let columns = first
        .iter()
        .enumerate()
        .map(|(at, cell)| Column {
            name: if heading { line(cell, 64).unwrap_or_default() } else { format!("column_{}", at + 1) },
            values: rest.iter().map(|cells| cells.get(at).cloned().unwrap_or_default()).collect(),
        })
        .collect();
    let settings = vec![
        ("format", FileFormat::Csv.key()),
        ("delimiter", delimiter.key()),
        ("quote", Quote::Double.key()),
        ("encoding", "utf-8"),
        ("heading", if heading { "yes" } else { "" }),
    ];
    Ok((columns, settings))
}

/// The delimiter that the first line has most of.
fn delimiter(bytes: &[u8]) -> Delimiter {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |one: &&Delimiter| first.iter().filter(|byte| **byte == one.byte()).count();
    // Of several with the same count the earlier is meant; `max_by_key` would take the last.
    Delimiter::ALL.iter().rev().max_by_key(count).copied().unwrap_or(Delimiter::Comma)
}

/// Headings are words, and none is there twice.
fn is_heading(cells: &[String]) -> bool {
    let mut seen: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let are_words = seen.iter().all(|cell| cell.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    seen.sort_unstable();
    seen.dedup();
    are_words && seen.len() == cells.len()
}

fn from_json(bytes: &[u8]) -> Result<Guess, String> {
    let mut columns: Vec<Column> = Vec::new();
    let mut count = 0;
    for (number, line) in read::lines(bytes).filter(|(_, line)| !line.trim_ascii().is_empty()).take(LOOKED_AT) {
        let pairs = json::object(line).map_err(|wrong| format!("Line {number} {wrong}."))?;
        for (name, value) in pairs {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    return Err(format!("Line {number} holds a list or an object; fields are single values."));
                }
            };
            let has_room = columns.len() <= MOST_FIELDS;
            let known = columns.iter().position(|column| column.name == name);
            match known.and_then(|at| columns.get_mut(at)) {
                Some(column) => column.values.push(text),
                // It was not there in the lines before.
                None if has_room => {
                    let mut values = vec![String::new(); count];
                    values.push(text);
                    columns.push(Column { name, values });
                }
                None => {}
            }
        }
        count += 1;
        for column in &mut columns {
            column.values.resize(count, String::new());
        }
    }
    Ok((columns, vec![("format", FileFormat::JsonLines.key()), ("encoding", "utf-8")]))
}

impl Column {
    fn row(&self) -> Row {
        let mut row = Row::blank();
        let filled: Vec<&str> =
            self.values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
        let (kind, format) = kind(&filled);
        row.set(Part::Name, &self.name);
        row.set(Part::Kind, kind.key());
        row.set(Part::Format, &format);
        if !filled.is_empty() && filled.len() == self.values.len() {
            row.set(Part::Required, "yes");
        }
        let sample = filled.iter().find_map(|value| line(value, 200).ok().filter(|clean| clean == value));
        row.set(Part::Sample, &sample.unwrap_or_default());
        row
    }
}

/// What all values are, and in which form.
fn kind(values: &[&str]) -> (Kind, String) {
    let all = |fits: &dyn Fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| fits(value));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // 007 is a code, and no number.
    let is_whole = |text: &str| {
        let text = text.strip_prefix('-').unwrap_or(text);
        digits(text) && (text == "0" || !text.starts_with('0'))
    };
    for words in WORDS {
        let known: Vec<&str> = words.split('/').collect();
        if all(&|value| known.contains(&value)) {
            return (Kind::YesNo, words.to_owned());
        }
    }
    if all(&is_whole) {
        return (Kind::Whole, String::new());
    }
    let places = |text: &str| {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        (digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(rest) && rest.len() <= 9).then_some(rest.len())
    };
    if all(&|value| places(value).is_some()) && !all(&digits) {
        let most = values.iter().filter_map(|value| places(value)).max().unwrap_or(2);
        return (Kind::Decimal, most.to_string());
    }
    for (kind, forms, time) in [(Kind::Date, DATES, false), (Kind::DateTime, MOMENTS, true)] {
        for form in forms {
            if let Ok(date) = DateForm::parse(form, time)
                && all(&|value| date.matches(value))
            {
                return (kind, form.to_owned());
            }
        }
    }
    (Kind::Text, String::new())
}
