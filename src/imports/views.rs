//! Pages of imports.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::model::{Counts, Import, Line, Outcome, State};
use super::{Subject, Words, address};
use crate::activity::FieldChange;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, exactly, grouped};
use crate::web::time::When;

/// An import in the list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct ImportRow {
    pub address: String,
    pub file: String,
    pub state: State,
    pub counts: String,
    pub by: String,
    pub when: When,
}

impl ImportRow {
    /// Makes a line ready.
    pub fn new<S: Subject>(import: &Import, now: DateTime<Utc>, zone: Tz) -> ImportRow {
        let report = import.report::<S>();
        let words = match import.state {
            State::Uploaded => [""; 4],
            State::Checked => ["to create", "to update", "unchanged", "with errors"],
            State::Applied | State::Undone => ["created", "updated", "unchanged", "left out"],
        };
        let counts = [report.created, report.updated, report.unchanged, report.refused];
        let said = counts.iter().zip(words).filter(|(count, _)| **count > 0);
        ImportRow {
            address: address::<S>(import.id),
            file: import.file_name.clone(),
            state: import.state,
            counts: said
                .map(|(count, word)| format!("{} {word}", grouped((*count).into())))
                .collect::<Vec<_>>()
                .join(", "),
            by: import.uploaded_by_name.clone(),
            when: When::new(import.created_at, now, zone),
        }
    }
}

/// Uploading, and all imports.
#[derive(Template)]
#[template(path = "imports/index.html", blocks = ["list"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub words: &'static Words,
    pub form: Form,
    pub params: Params,
    pub page: Window<ImportRow>,
}

/// One of our fields on the page of columns.
#[expect(missing_docs, reason = "shown as named")]
pub struct FieldRow {
    pub key: &'static str,
    pub label: &'static str,
    pub required: bool,
    pub hint: &'static str,
    pub column: String,
}

/// Which column means what.
#[derive(Template)]
#[template(path = "imports/columns.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ColumnsPage {
    pub words: &'static Words,
    pub address: String,
    pub file: String,
    pub total: i64,
    pub header: Vec<String>,
    pub samples: Vec<Vec<String>>,
    pub fields: Vec<FieldRow>,
    pub form: Form,
}

/// A row of a report.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct LineView {
    pub line: i32,
    pub key: String,
    pub whose: String,
    pub name: String,
    /// The record's page, when there is one.
    pub address: Option<String>,
    pub outcome: Outcome,
    pub label: &'static str,
    pub reason: String,
    pub warning: String,
    pub kept: String,
    pub changes: Vec<FieldChange>,
}

impl LineView {
    /// Makes a row ready.
    pub fn new<S: Subject>(line: Line<S>, state: State) -> LineView {
        let written = state != State::Checked;
        let there = match line.outcome {
            // What a check made was rolled back, and what an undo removed is gone.
            Outcome::Created => state == State::Applied || line.kept.is_some(),
            _ => true,
        };
        let field = line.field.map(|field| format!("{}: ", Choice::label(field))).unwrap_or_default();
        LineView {
            line: line.line,
            address: line.target.filter(|_| there).map(S::page),
            whose: line.whose,
            key: line.key,
            name: line.name,
            outcome: line.outcome,
            label: match line.outcome {
                Outcome::Created if written => "Created",
                Outcome::Updated if written => "Updated",
                outcome => outcome.label(),
            },
            reason: line.reason.map(|reason| format!("{field}{reason}")).unwrap_or_default(),
            warning: line.warning.unwrap_or_default(),
            kept: line.kept.unwrap_or_default(),
            changes: line.changes,
        }
    }

    /// What a new record brings, in one line.
    fn summary(&self) -> String {
        let said = self.changes.iter().map(|change| format!("{}: {}", change.field, change.after));
        said.collect::<Vec<_>>().join(" · ")
    }
}

/// What a check found, or an import did.
#[derive(Template)]
#[template(path = "imports/report.html", blocks = ["rows"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ReportPage {
    pub words: &'static Words,
    pub address: String,
    pub import: Import,
    pub counts: Counts,
    pub page: Window<LineView>,
    pub params: Params,
    pub kept: usize,
    pub created_at: When,
    pub finished_at: Option<When>,
    pub undo_until: Option<String>,
}

impl ReportPage {
    /// Makes the page ready; the rows of the report are in the window.
    pub fn new<S: Subject>(
        import: Import,
        counts: Counts,
        page: Window<LineView>,
        params: Params,
        kept: usize,
        (now, zone): (DateTime<Utc>, Tz),
    ) -> ReportPage {
        let undo_until = import.undo_until().filter(|until| *until >= now);
        ReportPage {
            created_at: When::new(import.created_at, now, zone),
            finished_at: import.finished_at.map(|at| When::new(at, now, zone)),
            undo_until: undo_until.map(|until| until.with_timezone(&zone).format("%-d %b %Y").to_string()),
            words: S::WORDS,
            address: address::<S>(import.id),
            import,
            counts,
            page,
            params,
            kept,
        }
    }

    /// The page's title.
    pub fn title(&self) -> &'static str {
        match self.import.state {
            State::Uploaded | State::Checked => "Check the import",
            State::Applied => self.words.done,
            State::Undone => "Import undone",
        }
    }

    fn is_checked(&self) -> bool {
        self.import.state == State::Checked
    }

    fn is_applied(&self) -> bool {
        self.import.state == State::Applied
    }

    fn total(&self) -> String {
        exactly(self.counts.total().into(), "row", "rows")
    }

    fn changes(&self) -> String {
        exactly(self.counts.changes().into(), "change", "changes")
    }

    /// Key, label, count and tone of each outcome.
    fn stats(&self) -> [(&'static str, &'static str, i32, &'static str); 4] {
        let Counts { created, updated, unchanged, refused } = self.counts;
        let bad = if refused > 0 { "bad ink-t" } else { "" };
        match self.is_checked() {
            true => [
                ("create", "To create", created, ""),
                ("update", "To update", updated, ""),
                ("same", "Unchanged", unchanged, ""),
                ("error", "With errors", refused, bad),
            ],
            false => [
                ("create", "Created", created, ""),
                ("update", "Updated", updated, ""),
                ("same", "Unchanged", unchanged, ""),
                ("error", "Left out", refused, bad),
            ],
        }
    }

    /// Address, label, count and whether it is the present one.
    fn tabs(&self) -> Vec<(String, &'static str, i32, bool)> {
        let all = ("", "All", self.counts.total(), "");
        let tab = |(key, label, count, _): (&'static str, &'static str, i32, &'static str)| {
            (self.params.with("show", key), label, count, self.params.get("show") == key)
        };
        std::iter::once(all).chain(self.stats()).map(tab).collect()
    }
}
