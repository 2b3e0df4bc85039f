//! Reading JSON lines: objects whose names keep their order, and are there once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::check::Judge;
use super::read;

/// The longest line, in bytes: read as JSON it takes many times as much memory.
const LONGEST_LINE: usize = 64 * 1024;

/// An object as it is written: in its order, and with what is there twice.
#[derive(Debug)]
pub(super) struct Pairs(pub Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pairs, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Pairs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Reader)
    }
}

/// Checks a file with one object a line.
pub(super) fn lines(bytes: &[u8], judge: &mut Judge<'_>) -> Result<(), String> {
    for (number, line) in read::lines(bytes) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        judge.begin_line()?;
        match object(line) {
            Ok(pairs) => one(number, &pairs, judge),
            Err(wrong) => judge.wrong_line(number, wrong, &String::from_utf8_lossy(line.get(..200).unwrap_or(line))),
        }
        judge.end_line();
    }
    Ok(())
}

/// One line as an object.
pub(super) fn object(line: &[u8]) -> Result<Vec<(String, Value)>, String> {
    if line.len() > LONGEST_LINE {
        return Err("is longer than 64 KB".into());
    }
    let text = std::str::from_utf8(line).map_err(|_| "is not written in UTF-8".to_owned())?;
    match serde_json::from_str::<Pairs>(text) {
        Ok(Pairs(pairs)) => Ok(pairs),
        Err(cause) if cause.is_data() => Err("is not a JSON object".into()),
        Err(cause) => Err(format!("is not valid JSON (at character {})", cause.column())),
    }
}

fn one(line: u64, pairs: &[(String, Value)], judge: &mut Judge<'_>) {
    let mut seen = vec![false; judge.fields()];
    for (name, value) in pairs {
        let Some(field) = judge.place(name) else {
            judge.wrong_line(line, "has a name that is not part of the template", name);
            continue;
        };
        match seen.get_mut(field) {
            Some(seen) if !*seen => *seen = true,
            _ => {
                judge.wrong(line, field, "is there twice", "");
                continue;
            }
        }
        match text(value, judge.rule(field).and_then(|rule| rule.words())) {
            Some(text) => judge.value(line, field, &text),
            None => judge.wrong(line, field, "is a list or an object and not a single value", &value.to_string()),
        }
    }
    for (field, seen) in seen.into_iter().enumerate() {
        if !seen {
            judge.value(line, field, "");
        }
    }
}

/// A single value as text; `words` are what true and false are called.
fn text(value: &Value, words: Option<(&str, &str)>) -> Option<String> {
    match (value, words) {
        (Value::Null, _) => Some(String::new()),
        (Value::Bool(true), Some((yes, _))) => Some(yes.to_owned()),
        (Value::Bool(false), Some((_, no))) => Some(no.to_owned()),
        (Value::Bool(bool), None) => Some(bool.to_string()),
        (Value::Number(number), _) => Some(number.to_string()),
        (Value::String(text), _) => Some(text.clone()),
        (Value::Array(_) | Value::Object(_), _) => None,
    }
}

/// A sample as JSON writes it: a number where it is one.
pub(super) fn sample(value: &str, is_number: bool) -> Value {
    let number = is_number.then(|| serde_json::from_str::<serde_json::Number>(value).ok()).flatten();
    match number {
        Some(number) if number.to_string() == value => Value::Number(number),
        _ => Value::String(value.to_owned()),
    }
}
