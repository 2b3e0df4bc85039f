//! Templates as JSON files, out and in. An imported template takes the road of the form, so its rules are the same; an
//! error says the path of what is wrong.

use serde_json::{Map, Value, json};

use super::forms;
use super::json::Pairs;
use super::model::{Facts, Field, FileFormat};
use super::rows::{self, Part, Row};
use crate::values::{Choice, shown};
use crate::web::form::Form;

/// The largest file, in bytes.
pub const LARGEST: usize = 256 * 1024;
/// What says that a file is a template of Portico, and of which version.
const MARK: &str = "portico_template";

/// The keys of a template, their inputs in the form, and what they hold.
const KEYS: [(&str, &str, Holds); 8] = [
    ("name", "name", Holds::Text),
    ("process", "process", Holds::Text),
    ("format", "format", Holds::Text),
    ("delimiter", "delimiter", Holds::Text),
    ("quote", "quote", Holds::Text),
    ("encoding", "encoding", Holds::Text),
    ("heading", "heading", Holds::Truth),
    ("record_element", "record", Holds::Text),
];

#[derive(Clone, Copy)]
enum Holds {
    Text,
    Truth,
    Number,
}

/// Something wrong in a file: where, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Like `fields[2].type`; empty for the file as a whole.
    pub path: String,
    /// What to do.
    pub message: String,
}

impl Wrong {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Wrong {
        Wrong { path: path.into(), message: message.into() }
    }
}

/// A template as a JSON file.
pub fn written(facts: &Facts) -> String {
    let layout = &facts.layout;
    let fields: Vec<Value> = layout.fields.iter().map(field).collect();
    let mut file = Map::new();
    let mut put = |key: &str, value: Value| file.insert(key.to_owned(), value);
    put(MARK, json!(1));
    put("name", json!(facts.name.as_str()));
    put("process", json!(facts.process.key()));
    put("format", json!(facts.format.key()));
    put("encoding", json!(layout.encoding.key()));
    match facts.format {
        FileFormat::Csv => {
            put("delimiter", json!(layout.delimiter.key()));
            put("quote", json!(layout.quote.key()));
            put("heading", json!(layout.heading));
        }
        FileFormat::Xml => {
            put("record_element", json!(layout.record));
        }
        FileFormat::FixedWidth | FileFormat::JsonLines => {}
    }
    put("fields", Value::Array(fields));
    format!("{:#}\n", Value::Object(file))
}

fn field(field: &Field) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(field.name));
    object.insert("type".into(), json!(field.kind.key()));
    object.insert("required".into(), json!(field.required));
    if let Some(length) = field.length {
        object.insert("length".into(), json!(length));
    }
    for (key, text) in [
        ("label", &field.label),
        ("format", &field.format),
        ("sample", &field.sample),
        ("description", &field.description),
    ] {
        if !text.is_empty() {
            object.insert(key.into(), json!(text));
        }
    }
    Value::Object(object)
}

/// A template of a JSON file; `name` stands in for the file's, unless empty.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(bytes: &[u8], name: &str) -> Result<Facts, Vec<Wrong>> {
    let (form, wrong) = form(bytes).map_err(|wrong| vec![wrong])?;
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut form = form;
    if !name.trim().is_empty() {
        form.set("name", name);
    }
    forms::layout(&form).map_err(|refused| {
        refused.errors().iter().map(|error| Wrong::new(path(error.field), error.message.clone())).collect()
    })
}

/// The path in the file of an input of the form.
fn path(input: &str) -> String {
    match rows::place(input) {
        Some((row, part)) => format!("fields[{row}].{}", part.word()),
        None => KEYS.iter().find(|(_, id, _)| *id == input).map_or(input, |(key, ..)| key).to_owned(),
    }
}

fn form(bytes: &[u8]) -> Result<(Form, Vec<Wrong>), Wrong> {
    if bytes.len() > LARGEST {
        return Err(Wrong::new("", "The file is larger than 256 KB, which no template is."));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Wrong::new("", "The file is not written in UTF-8."))?;
    let Pairs(pairs) = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|cause| {
        if cause.is_data() {
            Wrong::new("", "The file is no JSON object. Export a template to see how one looks.")
        } else {
            let (line, column) = (cause.line(), cause.column());
            Wrong::new("", format!("The file is not valid JSON: line {line}, character {column}."))
        }
    })?;
    match pairs.iter().find(|(key, _)| key == MARK) {
        Some((_, Value::Number(version))) if version.as_u64() == Some(1) => {}
        Some(_) => return Err(Wrong::new(MARK, "This version of Portico reads version 1 only.")),
        None => return Err(Wrong::new(MARK, "Is missing, so this is no template of Portico. It should be 1.")),
    }
    let (mut typed, mut rows, mut wrong, mut seen) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, value) in pairs.iter().filter(|(key, _)| key != MARK) {
        if seen.contains(&key) {
            wrong.push(Wrong::new(shown(key), "Is there twice."));
        }
        seen.push(key);
        match KEYS.iter().find(|(known, ..)| known == key) {
            Some((_, id, holds)) => match as_typed(value, *holds) {
                Ok(text) => typed.push(((*id).to_owned(), text)),
                Err(message) => wrong.push(Wrong::new(shown(key), message)),
            },
            None if key == "fields" => rows = fields(value, &mut wrong),
            None => wrong.push(Wrong::new(shown(key), "Is no key of a template. Take it away.")),
        }
    }
    Ok((rows::write(&Form::typed(typed), &rows), wrong))
}

fn fields(value: &Value, wrong: &mut Vec<Wrong>) -> Vec<Row> {
    let Value::Array(all) = value else {
        wrong.push(Wrong::new("fields", "Must be a list of objects."));
        return Vec::new();
    };
    if all.len() > super::model::MOST_FIELDS {
        wrong.push(Wrong::new("fields", "A template has at most 100 fields."));
        return Vec::new();
    }
    all.iter().enumerate().map(|(number, one)| row(number, one, wrong)).collect()
}

fn row(number: usize, value: &Value, wrong: &mut Vec<Wrong>) -> Row {
    let mut row = Row::default();
    let Value::Object(object) = value else {
        wrong.push(Wrong::new(format!("fields[{number}]"), "Must be an object."));
        return row;
    };
    if object.is_empty() {
        wrong.push(Wrong::new(format!("fields[{number}]"), "Is empty. Take it away, or give it a name and a type."));
    }
    for (key, value) in object {
        let at = format!("fields[{number}].{}", shown(key));
        let Some(part) = Part::ALL.into_iter().find(|part| part.word() == key) else {
            wrong.push(Wrong::new(at, "Is no key of a field. Take it away."));
            continue;
        };
        let holds = match part {
            Part::Required => Holds::Truth,
            Part::Length => Holds::Number,
            _ => Holds::Text,
        };
        match as_typed(value, holds) {
            Ok(text) => row.set(part, &text),
            Err(message) => wrong.push(Wrong::new(at, message)),
        }
    }
    row
}

/// A value as somebody would type it.
fn as_typed(value: &Value, holds: Holds) -> Result<String, &'static str> {
    match (value, holds) {
        (Value::String(text), Holds::Text) => Ok(text.clone()),
        (Value::Bool(true), Holds::Truth) => Ok("yes".into()),
        (Value::Bool(false), Holds::Truth) => Ok(String::new()),
        (Value::Number(number), Holds::Number) => Ok(number.to_string()),
        (Value::Null, Holds::Number) => Ok(String::new()),
        (_, Holds::Text) => Err("Must be text."),
        (_, Holds::Truth) => Err("Must be true or false."),
        (_, Holds::Number) => Err("Must be a number."),
    }
}
