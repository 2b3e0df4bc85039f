//! Pages of imports.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::model::{Import, Outcome, State, StoredLine, Task};
use crate::activity::FieldChange;
use crate::db::ids::ImportId;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, exactly, grouped};
use crate::web::time::When;

fn number(count: i32) -> String {
    grouped(count.into())
}

fn rows(count: i32) -> String {
    exactly(count.into(), "row", "rows")
}

/// An import in the list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct ImportRow {
    pub address: String,
    pub file: String,
    pub rows: String,
    pub state: State,
    pub counts: String,
    pub by: String,
    pub when: When,
}

impl ImportRow {
    /// Makes a line ready.
    pub fn new(import: &Import, now: DateTime<Utc>, zone: Tz) -> ImportRow {
        let Import { created, updated, unchanged, refused, .. } = *import;
        let count = |count: i32, what: &str| (count > 0).then(|| format!("{} {what}", number(count)));
        let counts = match import.state {
            State::Uploaded | State::Running => Vec::new(),
            State::Checked => vec![
                count(created, "to create"),
                count(updated, "to update"),
                count(unchanged, "unchanged"),
                count(refused, "with errors"),
            ],
            State::Applied | State::Undone => vec![
                count(created, "created"),
                count(updated, "updated"),
                count(unchanged, "unchanged"),
                count(refused, "left out"),
            ],
        };
        ImportRow {
            address: super::address(import.id),
            file: import.file_name.clone(),
            rows: rows(import.total),
            state: import.state,
            counts: counts.into_iter().flatten().collect::<Vec<_>>().join(", "),
            by: import.uploaded_by_name.clone(),
            when: When::new(import.created_at, now, zone),
        }
    }
}

/// Uploading, and all imports.
#[derive(Template)]
#[template(path = "partners/import/index.html", blocks = ["list"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub form: Form,
    pub params: Params,
    pub page: Window<ImportRow>,
}

/// A value of a column, and what it means.
#[expect(missing_docs, reason = "shown as named")]
pub struct Cell {
    pub from: String,
    pub count: i64,
    pub to: String,
}

/// One of our fields on the page of columns.
#[expect(missing_docs, reason = "shown as named")]
pub struct FieldRow {
    pub key: &'static str,
    pub label: &'static str,
    pub required: bool,
    pub hint: String,
    pub column: String,
    pub fixed: String,
    pub options: Vec<(String, String)>,
    pub cells: Vec<Cell>,
    pub note: &'static str,
}

impl FieldRow {
    fn is_code(&self) -> bool {
        self.key == "code"
    }

    fn is_zone(&self) -> bool {
        self.key == "time_zone"
    }
}

/// Which column means what.
#[derive(Template)]
#[template(path = "partners/import/columns.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ColumnsPage {
    pub id: ImportId,
    pub file: String,
    pub total: i64,
    pub problem: Option<String>,
    pub header: Vec<String>,
    pub samples: Vec<Vec<String>>,
    pub fields: Vec<FieldRow>,
    pub form: Form,
}

impl ColumnsPage {
    fn address(&self) -> String {
        super::below(self.id, "columns")
    }
}

/// A job while it runs.
#[derive(Template)]
#[template(path = "partners/import/job.html", blocks = ["job"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct JobPage {
    pub address: String,
    pub file: String,
    pub task: Task,
    pub done: i32,
    pub total: i32,
    pub silent: bool,
}

impl JobPage {
    /// How far a job is.
    pub fn new(import: &Import, now: DateTime<Utc>) -> JobPage {
        JobPage {
            address: super::address(import.id),
            file: import.file_name.clone(),
            task: import.task.unwrap_or(Task::Check),
            done: import.done,
            total: import.total,
            silent: import.is_silent(now),
        }
    }

    /// The page's title.
    pub fn title(&self) -> &'static str {
        match self.task {
            Task::Check => "Checking the import",
            Task::Apply => "Importing partners",
            Task::Undo => "Undoing the import",
        }
    }

    fn percent(&self) -> i32 {
        if self.total > 0 { (i64::from(self.done) * 100 / i64::from(self.total)).clamp(0, 100) as i32 } else { 0 }
    }

    fn far(&self) -> String {
        format!("{} of {}", number(self.done.min(self.total)), rows(self.total))
    }
}

/// A row of a report.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct LineView {
    pub line: i32,
    pub code: String,
    pub name: String,
    /// The partner's page, when there is one.
    pub address: Option<String>,
    pub outcome: Outcome,
    pub label: &'static str,
    pub reason: String,
    pub hint: String,
    pub warning: String,
    pub undo_note: String,
    pub changes: Vec<FieldChange>,
}

impl LineView {
    /// Makes a row ready.
    pub fn new(stored: StoredLine, state: State) -> LineView {
        let written = state != State::Checked;
        let there = match stored.outcome {
            Outcome::Created => state == State::Applied || stored.undo_note.is_some(),
            _ => stored.target_id.is_some(),
        };
        LineView {
            line: stored.line,
            address: there.then(|| crate::partners::address(&stored.code)),
            code: stored.code,
            name: stored.name,
            outcome: stored.outcome,
            label: match stored.outcome {
                Outcome::Created if written => "Created",
                Outcome::Updated if written => "Updated",
                outcome => outcome.label(),
            },
            reason: reason(stored.field.as_deref(), stored.reason.unwrap_or_default()),
            hint: stored.hint.unwrap_or_default(),
            warning: stored.warning.unwrap_or_default(),
            undo_note: stored.undo_note.unwrap_or_default(),
            changes: serde_json::from_value(stored.changes).unwrap_or_default(),
        }
    }

    fn look(&self) -> (&'static str, &'static str) {
        match self.outcome {
            Outcome::Refused => ("bad", "alert-triangle"),
            Outcome::Created => ("good", "plus"),
            Outcome::Updated => ("info", "pencil"),
            Outcome::Unchanged => ("", "circle-check"),
        }
    }

    /// "New partner, status planned: Ferry, accrual, Europe/Madrid".
    fn summary(&self) -> String {
        let of = |field: &str| self.changes.iter().find(|change| change.field == field).map(|change| &*change.after);
        let status = of("Status").unwrap_or_default().to_lowercase();
        let category = of("Category").map(|category| match category {
            "Both" => "accrual and redemption".to_owned(),
            one => one.to_lowercase(),
        });
        let rest: Vec<String> = [of("Type").map(str::to_owned), category, of("Time zone").map(str::to_owned)]
            .into_iter()
            .flatten()
            .collect();
        format!("New partner, status {status}: {}", rest.join(", "))
    }
}

/// A reason that begins with its field.
fn reason(field: Option<&str>, reason: String) -> String {
    match field.and_then(super::plan::Field::from_key).map(super::plan::Field::label) {
        Some(label) if !reason.starts_with(label) => format!("{label}: {reason}"),
        _ => reason,
    }
}

/// A tab above the rows.
#[expect(missing_docs, reason = "shown as named")]
pub struct Tab {
    pub label: &'static str,
    pub address: String,
    pub count: String,
    pub is_current: bool,
}

/// What an import would do, did, or left after its undo.
#[derive(Template)]
#[template(path = "partners/import/report.html", blocks = ["rows"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ReportPage {
    pub import: Import,
    pub page: Window<LineView>,
    pub params: Params,
    pub kept: i64,
    pub created_at: When,
    pub finished_at: Option<When>,
    pub undo_until: Option<String>,
}

impl ReportPage {
    /// Puts it together.
    pub fn new(
        import: Import,
        page: Window<LineView>,
        params: Params,
        kept: i64,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> ReportPage {
        ReportPage {
            created_at: When::new(import.created_at, now, zone),
            finished_at: import.finished_at.map(|at| When::new(at, now, zone)),
            undo_until: import
                .undo_until()
                .filter(|until| *until >= now)
                .map(|until| until.with_timezone(&zone).format("%-d %B").to_string()),
            import,
            page,
            params,
            kept,
        }
    }

    /// The page's title.
    pub fn title(&self) -> &'static str {
        match self.import.state {
            State::Applied => "Import applied",
            State::Undone => "Import undone",
            _ => "Check the import",
        }
    }

    fn is(&self, state: &str) -> bool {
        self.import.state.key() == state
    }

    fn address(&self) -> String {
        super::address(self.import.id)
    }

    fn all(&self) -> String {
        rows(self.import.total)
    }

    fn changes(&self) -> i32 {
        self.import.created + self.import.updated
    }

    fn undone(&self) -> i64 {
        i64::from(self.changes()) - self.kept
    }

    fn stats(&self) -> [(&'static str, &'static str, i32, &'static str); 4] {
        let Import { refused, created, updated, unchanged, .. } = self.import;
        let names = if self.is("checked") { ["Create", "Update"] } else { ["Created", "Updated"] };
        [
            ("error", "Errors, left out", refused, if refused > 0 { "bad ink-t" } else { "" }),
            ("create", names[0], created, ""),
            ("update", names[1], updated, ""),
            ("same", "Unchanged", unchanged, ""),
        ]
    }

    fn tabs(&self) -> Vec<Tab> {
        let show = self.params.get("show");
        let tab = |key: &'static str, label, count: i64| Tab {
            label,
            address: self.params.with("show", key),
            count: grouped(count),
            is_current: show == key,
        };
        let mut tabs = vec![tab("", "All", self.import.total.into())];
        for (key, label, count, _) in self.stats() {
            tabs.push(tab(key, if key == "error" { "Errors" } else { label }, count.into()));
        }
        if self.kept > 0 {
            tabs.push(tab("kept", "Left as they are", self.kept));
        }
        tabs
    }
}

/// Before an import is written.
#[derive(Template)]
#[template(path = "partners/import/apply.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ApplyPage {
    pub address: String,
    pub file: String,
    pub changes: String,
    pub refused: i32,
    pub effects: Vec<String>,
    pub form: Form,
}

impl ApplyPage {
    fn modes(&self) -> [(&'static str, String); 2] {
        let refused = rows(self.refused);
        [
            ("leave", format!("Leave the {refused} with errors out, and import the others")),
            ("nothing", "All or nothing: write nothing while a row has an error".to_owned()),
        ]
    }
}
