//! Checking a file against a template: bytes in, report out. Pure, in one pass, in bounded memory: what is kept is
//! one line, and so many problems as are asked for; the others are counted.

use super::model::{Facts, FileFormat};
use super::rule::Rule;
use super::{json, read, xml};
use crate::values::shown;

/// The largest file, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// Lines, or records, that are looked at.
pub const MOST_LINES: u64 = 100_000;
/// Problems that the page shows.
pub const SHOWN: usize = 200;
/// Problems that the list to take away holds.
pub const LISTED: usize = 20_000;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, from 1.
    pub line: u64,
    /// The name of the field; empty when it is the line as a whole.
    pub field: String,
    /// The rest of a sentence that begins with the field, or with "the line".
    pub wrong: String,
    /// What stands there, cut short.
    pub found: String,
}

/// What came out of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines, or records, that were looked at, the heading not among them.
    pub lines: u64,
    /// Those with at least one problem.
    pub bad_lines: u64,
    /// Everything that is wrong, counted.
    pub total: u64,
    /// The first of it.
    pub problems: Vec<Problem>,
    /// Problems of each field, in the order of the template.
    pub by_field: Vec<u64>,
    /// Why the check did not come to the end.
    pub stopped: Option<String>,
}

impl Report {
    /// Whether the whole file is as the template says.
    pub fn is_good(&self) -> bool {
        self.total == 0 && self.stopped.is_none()
    }
}

/// Checks a file; keeps the first `keep` problems.
pub fn check(facts: &Facts, bytes: &[u8], keep: usize) -> Report {
    let mut judge = match Judge::new(facts, keep) {
        Ok(judge) => judge,
        Err(reason) => return Report { stopped: Some(reason), ..Report::default() },
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let ended = if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        Err("The file is written in UTF-16. Save it as UTF-8, or as the template says.".to_owned())
    } else {
        match facts.format {
            FileFormat::Csv => read::csv(facts, bytes, &mut judge),
            FileFormat::FixedWidth => read::fixed_width(facts, bytes, &mut judge),
            FileFormat::JsonLines => json::lines(bytes, &mut judge),
            FileFormat::Xml => xml::records(facts, bytes, &mut judge),
        }
    };
    judge.done(ended)
}

/// Judges lines and gathers the report.
pub(super) struct Judge<'a> {
    facts: &'a Facts,
    rules: Vec<Rule>,
    keep: usize,
    report: Report,
    before: u64,
}

impl<'a> Judge<'a> {
    fn new(facts: &'a Facts, keep: usize) -> Result<Judge<'a>, String> {
        let rules = facts.layout.fields.iter().map(Rule::new).collect::<Result<Vec<_>, _>>()?;
        let report = Report { by_field: vec![0; rules.len()], ..Report::default() };
        Ok(Judge { facts, rules, keep, report, before: 0 })
    }

    /// How many fields there are.
    pub(super) fn fields(&self) -> usize {
        self.rules.len()
    }

    /// The place of a field.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.facts.layout.fields.iter().position(|field| field.name == name)
    }

    /// The rule of a field.
    pub(super) fn rule(&self, field: usize) -> Option<&Rule> {
        self.rules.get(field)
    }

    /// Something is wrong with a field.
    pub(super) fn wrong(&mut self, line: u64, field: usize, wrong: impl Into<String>, found: &str) {
        if let Some(count) = self.report.by_field.get_mut(field) {
            *count += 1;
        }
        let name = self.facts.layout.fields.get(field).map(|field| field.name.clone()).unwrap_or_default();
        self.note(line, name, wrong.into(), found);
    }

    /// Something is wrong with a line as a whole.
    pub(super) fn wrong_line(&mut self, line: u64, wrong: impl Into<String>, found: &str) {
        self.note(line, String::new(), wrong.into(), found);
    }

    fn note(&mut self, line: u64, field: String, wrong: String, found: &str) {
        self.report.total += 1;
        if self.report.problems.len() < self.keep {
            self.report.problems.push(Problem { line, field, wrong, found: shown(found) });
        }
    }

    /// Judges a value.
    pub(super) fn value(&mut self, line: u64, field: usize, value: &str) {
        if let Some(fault) = self.rules.get(field).and_then(|rule| rule.fault(value)) {
            self.wrong(line, field, fault, value);
        }
    }

    /// Judges a value as it is written in the file.
    pub(super) fn bytes(&mut self, line: u64, field: usize, bytes: &[u8]) {
        match read::decoded(self.facts.layout.encoding, bytes) {
            Some(value) => self.value(line, field, &value),
            None => self.wrong(line, field, self.not_encoded(), &String::from_utf8_lossy(bytes)),
        }
    }

    /// The sentence about bytes that are no letters.
    pub(super) fn not_encoded(&self) -> String {
        format!("is not written in {}", crate::values::Choice::label(self.facts.layout.encoding))
    }

    /// A line is over.
    pub(super) fn end_line(&mut self) {
        self.report.lines += 1;
        if self.report.total > self.before {
            self.report.bad_lines += 1;
        }
        self.before = self.report.total;
    }

    /// What comes before the lines is over: what is wrong there is no line's.
    pub(super) fn end_heading(&mut self) {
        self.before = self.report.total;
    }

    /// Refuses to begin one line too many.
    ///
    /// # Errors
    /// The sentence.
    pub(super) fn begin_line(&self) -> Result<(), String> {
        if self.report.lines >= MOST_LINES {
            return Err("The file has more than 100,000 lines. The rest was not looked at.".into());
        }
        Ok(())
    }

    fn done(mut self, ended: Result<(), String>) -> Report {
        self.report.stopped = ended.err();
        if self.report.lines == 0 && self.report.stopped.is_none() {
            self.report.stopped = Some(match self.facts.format {
                FileFormat::Xml => {
                    format!("The file holds no element {}, so there was nothing to check.", self.facts.layout.record)
                }
                _ => "The file holds no lines to check.".into(),
            });
        }
        self.report
    }
}
