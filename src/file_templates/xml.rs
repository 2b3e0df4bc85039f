//! Reading XML: records are elements of one name, wherever they stand; fields are the elements right inside.
//!
//! No document type is taken and no entity expanded, but for the five of XML itself; elements nest only so deep.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::check::Judge;
use super::model::{Encoding, Facts};
use super::read::decoded;
use crate::values::{Choice, shown};

/// Elements inside of one another at the most.
const DEEPEST: usize = 32;

/// The record that is being read.
struct Record {
    depth: usize,
    line: u64,
    values: Vec<Option<String>>,
}

/// Where the reader is.
struct Place<'a, 'j> {
    facts: &'a Facts,
    judge: &'a mut Judge<'j>,
    depth: usize,
    record: Option<Record>,
    /// The field that is open; the outer is whether one is, the inner which.
    field: Option<Option<usize>>,
    text: String,
}

/// Checks XML.
pub(super) fn records(facts: &Facts, bytes: &[u8], judge: &mut Judge<'_>) -> Result<(), String> {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().expand_empty_elements = true;
    let mut place = Place { facts, judge, depth: 0, record: None, field: None, text: String::new() };
    let (mut line, mut counted) = (1u64, 0usize);
    loop {
        let event = reader
            .read_event()
            .map_err(|_| format!("The XML is broken near line {line}. The rest was not looked at."))?;
        match event {
            Event::Start(start) => place.open(line, start.local_name().as_ref())?,
            Event::End(_) => place.close(line)?,
            Event::Text(text) => place.add(line, &text),
            Event::CData(text) => place.add(line, &text),
            Event::GeneralRef(name) => place.reference(line, &name),
            Event::DocType(_) => {
                return Err("The file has a document type (DOCTYPE), which is never taken. Send it without.".into());
            }
            Event::Decl(declaration) => {
                if let Some(Ok(label)) = declaration.encoding() {
                    place.declared(line, &label);
                }
            }
            Event::Eof if place.depth > 0 => {
                return Err("The XML ends before its last element is closed.".into());
            }
            Event::Eof => return Ok(()),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
        }
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(bytes.len());
        let read = bytes.get(counted..at).unwrap_or_default();
        line += read.iter().filter(|byte| **byte == b'\n').count() as u64;
        counted = at;
    }
}

impl Place<'_, '_> {
    fn open(&mut self, line: u64, name: &[u8]) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("Elements lie deeper than {DEEPEST} inside of one another on line {line}."));
        }
        let name = String::from_utf8_lossy(name);
        match &self.record {
            None if name == self.facts.layout.record => {
                self.judge.begin_line()?;
                self.record = Some(Record { depth: self.depth, line, values: vec![None; self.judge.fields()] });
            }
            None => {}
            Some(record) if self.depth == record.depth + 1 => {
                let field = self.judge.place(&name);
                if field.is_none() {
                    self.judge.wrong_line(line, "has an element that is not part of the template", &name);
                }
                self.field = Some(field);
                self.text.clear();
            }
            Some(_) => {
                if let Some(Some(field)) = self.field {
                    self.judge.wrong(line, field, "holds another element where a value is expected", &name);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, line: u64) -> Result<(), String> {
        let depth = self.depth;
        self.depth = self.depth.saturating_sub(1);
        let Some(record) = &mut self.record else { return Ok(()) };
        if depth == record.depth + 1 {
            if let Some(Some(field)) = self.field.take()
                && let Some(value) = record.values.get_mut(field)
            {
                match value {
                    None => *value = Some(std::mem::take(&mut self.text)),
                    Some(_) => self.judge.wrong(line, field, "is there twice", &self.text),
                }
            }
        } else if depth == record.depth
            && let Some(record) = self.record.take()
        {
            for (field, value) in record.values.iter().enumerate() {
                self.judge.value(record.line, field, value.as_deref().unwrap_or("").trim());
            }
            self.judge.end_line();
        }
        Ok(())
    }

    /// Text right inside of a field; what stands elsewhere is no value.
    fn add(&mut self, line: u64, bytes: &[u8]) {
        let Some(Some(field)) = self.field else { return };
        match decoded(self.facts.layout.encoding, bytes) {
            Some(text) => self.text.push_str(&text),
            None => {
                let wrong = self.judge.not_encoded();
                self.judge.wrong(line, field, wrong, &String::from_utf8_lossy(bytes));
            }
        }
    }

    fn reference(&mut self, line: u64, name: &BytesRef<'_>) {
        let known = match name as &[u8] {
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"amp" => Some('&'),
            b"apos" => Some('\''),
            b"quot" => Some('"'),
            _ => name.resolve_char_ref().ok().flatten(),
        };
        match (known, self.field) {
            (Some(c), Some(Some(_))) => self.text.push(c),
            (None, Some(Some(field))) => {
                let found = String::from_utf8_lossy(name).into_owned();
                self.judge.wrong(line, field, "uses an entity, and none is expanded", &found);
            }
            (None, _) => {
                let found = String::from_utf8_lossy(name).into_owned();
                self.judge.wrong_line(line, "uses an entity, and none is expanded", &found);
            }
            (Some(_), _) => {}
        }
    }

    fn declared(&mut self, line: u64, label: &[u8]) {
        let ours = match self.facts.layout.encoding {
            Encoding::Utf8 => encoding_rs::UTF_8,
            Encoding::Windows1252 => encoding_rs::WINDOWS_1252,
            Encoding::Latin9 => encoding_rs::ISO_8859_15,
            Encoding::Windows1250 => encoding_rs::WINDOWS_1250,
        };
        if encoding_rs::Encoding::for_label(label) != Some(ours) {
            let expected = shown(self.facts.layout.encoding.label());
            let found = String::from_utf8_lossy(label).into_owned();
            self.judge.wrong_line(line, format!("declares another encoding than {expected}"), &found);
            self.judge.end_heading();
        }
    }
}
