//! Reading files line by line: CSV and fixed width.

use std::borrow::Cow;

use csv_core::ReadRecordResult;

use super::check::Judge;
use super::model::{Encoding, Facts, Quote};

/// Columns of a line that are looked at: more mean another delimiter, or no CSV at all.
const MOST_COLUMNS: usize = 1000;
/// The longest line of CSV, in bytes: a quote that is never closed would swallow the file.
const LONGEST_LINE: usize = 256 * 1024;

/// Bytes as text; none when they are no letters of the encoding.
pub(super) fn decoded(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    let table = match encoding {
        Encoding::Utf8 => return std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252,
        Encoding::Latin9 => encoding_rs::ISO_8859_15,
        Encoding::Windows1250 => encoding_rs::WINDOWS_1250,
    };
    table.decode_without_bom_handling_and_without_replacement(bytes)
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Records of a CSV file, with room for one.
pub(super) struct Records<'a> {
    core: csv_core::Reader,
    rest: &'a [u8],
    out: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
}

impl<'a> Records<'a> {
    /// Begins at the first line.
    pub(super) fn new(bytes: &'a [u8], delimiter: u8, quote: Quote) -> Records<'a> {
        let mut builder = csv_core::ReaderBuilder::new();
        builder.delimiter(delimiter).quoting(quote.byte().is_some()).quote(quote.byte().unwrap_or(b'"'));
        Records { core: builder.build(), rest: bytes, out: vec![0; LONGEST_LINE], ends: vec![0; MOST_COLUMNS], line: 1 }
    }

    /// Hands the next record to `take` with the line it begins on; none at the end.
    ///
    /// # Errors
    /// When a record is too long to be one.
    pub(super) fn next<T>(&mut self, take: impl FnOnce(u64, &[&[u8]]) -> T) -> Result<Option<T>, String> {
        let blank = self.rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (skipped, rest) = self.rest.split_at(blank);
        self.line += newlines(skipped);
        self.rest = rest;
        let (began, mut written, mut columns) = (self.line, 0, 0);
        loop {
            let (out, ends) = (self.out.get_mut(written..), self.ends.get_mut(columns..));
            let (Some(out), Some(ends)) = (out, ends) else { return Ok(None) };
            let (result, read, wrote, ended) = self.core.read_record(self.rest, out, ends);
            let (used, rest) = self.rest.split_at(read);
            self.line += newlines(used);
            self.rest = rest;
            written += wrote;
            columns += ended;
            match result {
                // All of the file is there: with nothing more to read it says where the last record ends.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    return Err(format!(
                        "Line {began} is longer than 256 KB. A quote may be missing there; the rest was not looked at."
                    ));
                }
                ReadRecordResult::OutputEndsFull => {
                    return Err(format!(
                        "Line {began} has more than 1,000 columns. The rest was not looked at; is the delimiter right?"
                    ));
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        let mut cells: Vec<&[u8]> = Vec::with_capacity(columns);
        let mut from = 0;
        for end in self.ends.iter().take(columns) {
            cells.push(self.out.get(from..*end).unwrap_or_default());
            from = *end;
        }
        Ok(Some(take(began, &cells)))
    }
}

/// Checks CSV.
pub(super) fn csv(facts: &Facts, bytes: &[u8], judge: &mut Judge<'_>) -> Result<(), String> {
    let layout = &facts.layout;
    let mut records = Records::new(bytes, layout.delimiter.byte(), layout.quote);
    if layout.heading {
        records.next(|line, cells| heading(facts, line, cells, judge))?;
    }
    loop {
        match records.next(|line, cells| row(line, cells, judge))? {
            None => return Ok(()),
            Some(judged) => judged?,
        }
    }
}

fn row(line: u64, cells: &[&[u8]], judge: &mut Judge<'_>) -> Result<(), String> {
    judge.begin_line()?;
    let (found, expected) = (cells.len(), judge.fields());
    if found == expected {
        for (field, cell) in cells.iter().enumerate() {
            judge.bytes(line, field, cell);
        }
    } else {
        // Which value belongs to which field cannot be told, so the line is named and not its values.
        let start = cells.first().map(|cell| String::from_utf8_lossy(cell)).unwrap_or_default();
        judge.wrong_line(line, format!("has {found} columns where {expected} are expected"), &start);
    }
    judge.end_line();
    Ok(())
}

fn heading(facts: &Facts, line: u64, cells: &[&[u8]], judge: &mut Judge<'_>) {
    let expected = facts.layout.fields.len();
    if cells.len() != expected {
        let found = cells.len();
        judge.wrong_line(line, format!("of headings has {found} columns where {expected} are expected"), "");
    }
    for (place, (field, cell)) in facts.layout.fields.iter().zip(cells).enumerate() {
        let found = decoded(facts.layout.encoding, cell).unwrap_or_else(|| String::from_utf8_lossy(cell));
        if found.trim() != field.name {
            judge.wrong(line, place, "is not the heading of its column", &found);
        }
    }
    judge.end_heading();
}

/// Checks lines with values at fixed places.
pub(super) fn fixed_width(facts: &Facts, bytes: &[u8], judge: &mut Judge<'_>) -> Result<(), String> {
    let widths: Vec<usize> =
        facts.layout.fields.iter().map(|field| usize::try_from(field.length.unwrap_or(1)).unwrap_or(1)).collect();
    let whole: usize = widths.iter().sum();
    for (number, bytes) in lines(bytes) {
        judge.begin_line()?;
        match decoded(facts.layout.encoding, bytes) {
            None => judge.wrong_line(number, judge.not_encoded(), &String::from_utf8_lossy(bytes)),
            Some(text) => {
                let found = text.chars().count();
                if found == whole {
                    let mut rest = text.as_ref();
                    for (field, width) in widths.iter().enumerate() {
                        let end = rest.char_indices().nth(*width).map_or(rest.len(), |(at, _)| at);
                        let (value, after) = rest.split_at(end);
                        judge.value(number, field, value.trim());
                        rest = after;
                    }
                } else {
                    judge.wrong_line(number, format!("is {found} characters long where {whole} are expected"), &text);
                }
            }
        }
        judge.end_line();
    }
    Ok(())
}

/// Lines with their numbers, without their ends; the end of the last line begins no other.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let any = !bytes.is_empty();
    let lines = whole.split(|byte| *byte == b'\n').filter(move |_| any);
    (1u64..).zip(lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)))
}
