//! What an import is; no SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::Subject;
use super::file::Row;
use super::plan::Plan;
use crate::activity::FieldChange;
use crate::db::ids::FileImportId;
use crate::db::schema::file_imports;
use crate::values::choice;

choice! {
    /// How far an import is.
    State {
        /// The file is here; nothing was checked.
        Uploaded = "uploaded" / "Not checked yet",
        /// The report of a check is here; nothing was written.
        Checked = "checked" / "Checked",
        /// Written.
        Applied = "applied" / "Applied",
        /// Taken back.
        Undone = "undone" / "Undone",
    }
}

impl State {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Uploaded => ("", "circle-dashed"),
            State::Checked => ("info", "eye"),
            State::Applied => ("good", "circle-check"),
            State::Undone => ("", "arrow-back-up"),
        }
    }
}

choice! {
    /// What becomes of a row.
    Outcome {
        /// Cannot be taken.
        Refused = "refused" / "Error",
        /// Makes a record.
        Created = "created" / "Create",
        /// Changes one.
        Updated = "updated" / "Update",
        /// Changes nothing.
        Unchanged = "unchanged" / "Unchanged",
    }
}

impl Outcome {
    /// Class and icon.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Outcome::Refused => ("bad", "alert-triangle"),
            Outcome::Created => ("good", "plus"),
            Outcome::Updated => ("info", "pencil"),
            Outcome::Unchanged => ("", "circle-dashed"),
        }
    }

    /// The place in a report: errors first.
    pub fn rank(self) -> i32 {
        match self {
            Outcome::Refused => 0,
            Outcome::Created => 1,
            Outcome::Updated => 2,
            Outcome::Unchanged => 3,
        }
    }
}

/// Why a row cannot be taken.
#[derive(Debug)]
pub struct Refusal<F> {
    /// The field that is to blame.
    pub field: Option<F>,
    /// In words.
    pub reason: String,
}

impl<F> Refusal<F> {
    /// Of one field.
    pub fn of(field: F, reason: impl Into<String>) -> Refusal<F> {
        Refusal { field: Some(field), reason: reason.into() }
    }
}

/// One row of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Line<S: Subject> {
    /// Line of the file; the heading is line 1.
    pub line: i32,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What the row is about, as the file has it: a product's SKU, an assignment's campaign.
    #[serde(alias = "sku")]
    pub key: String,
    /// Whose it is, as the file has it.
    #[serde(alias = "partner")]
    pub whose: String,
    /// The record's name.
    pub name: String,
    /// The field that was refused.
    pub field: Option<S::Field>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Taken, but worth a look.
    pub warning: Option<String>,
    /// Field, before, after.
    pub changes: Vec<FieldChange>,
    /// The record that was made or changed.
    pub target: Option<S::Target>,
    /// Its version after.
    pub version: Option<i32>,
    /// Its values before, for undo.
    pub before: Option<S::Before>,
    /// Why an undo left it alone.
    #[serde(default)]
    pub kept: Option<String>,
}

impl<S: Subject> Line<S> {
    /// A row of which nothing is decided yet: it is refused until it is taken.
    pub fn new(row: &Row, key: String, whose: String, name: String) -> Line<S> {
        Line {
            line: row.line,
            outcome: Outcome::Refused,
            key,
            whose,
            name,
            field: None,
            reason: None,
            warning: None,
            changes: Vec::new(),
            target: None,
            version: None,
            before: None,
            kept: None,
        }
    }

    /// Says why it cannot be taken.
    pub fn refuse(&mut self, refusal: Refusal<S::Field>) {
        self.outcome = Outcome::Refused;
        self.field = refusal.field;
        self.reason = Some(refusal.reason);
    }
}

/// A row that could not even be read.
///
/// # Errors
/// When it is one.
pub fn readable<F>(row: &Row) -> Result<(), Refusal<F>> {
    match &row.broken {
        None => Ok(()),
        Some(broken) => Err(Refusal { field: None, reason: format!("{}. {}", broken.reason, broken.hint) }),
    }
}

/// What an import does, or did, with each row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct Report<S: Subject> {
    /// Rows that make a record.
    pub created: i32,
    /// Rows that change one.
    pub updated: i32,
    /// Rows that change nothing.
    pub unchanged: i32,
    /// Rows that cannot be taken.
    pub refused: i32,
    /// In the order of the file.
    pub rows: Vec<Line<S>>,
    /// Whether refused rows kept all others from being written.
    pub stopped: bool,
}

impl<S: Subject> Report<S> {
    /// Counts the rows.
    pub fn of(rows: Vec<Line<S>>) -> Report<S> {
        let count = |outcome: Outcome| rows.iter().filter(|line| line.outcome == outcome).count() as i32;
        Report {
            created: count(Outcome::Created),
            updated: count(Outcome::Updated),
            unchanged: count(Outcome::Unchanged),
            refused: count(Outcome::Refused),
            rows,
            stopped: false,
        }
    }

    /// Whether records differ after it.
    pub fn changes(&self) -> i32 {
        self.created + self.updated
    }

    /// The counts in the order of [`Outcome::ALL`](crate::values::Choice), refused ones last.
    pub fn counts(&self) -> Counts {
        Counts { created: self.created, updated: self.updated, unchanged: self.unchanged, refused: self.refused }
    }

    /// Notes which record a row made or changed, and its version since.
    pub fn aim(&mut self, place: usize, target: S::Target, version: i32) {
        if let Some(line) = self.rows.get_mut(place) {
            line.target = Some(target);
            line.version = Some(version);
        }
    }
}

/// How many rows became what.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "as named")]
pub struct Counts {
    pub created: i32,
    pub updated: i32,
    pub unchanged: i32,
    pub refused: i32,
}

impl Counts {
    /// Whether records differ after it.
    pub fn changes(self) -> i32 {
        self.created + self.updated
    }

    /// All rows.
    pub fn total(self) -> i32 {
        self.changes() + self.unchanged + self.refused
    }
}

/// An import, without its file.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = file_imports)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Import {
    pub id: FileImportId,
    pub file_name: String,
    pub plan: serde_json::Value,
    pub state: State,
    pub report: serde_json::Value,
    pub uploaded_by_name: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Import {
    /// What its columns mean.
    pub fn plan<S: Subject>(&self) -> Plan<S::Field> {
        serde_json::from_value(self.plan.clone()).unwrap_or_default()
    }

    /// What becomes, or became, of its rows.
    pub fn report<S: Subject>(&self) -> Report<S> {
        serde_json::from_value(self.report.clone()).unwrap_or_default()
    }

    /// Until when it can be undone.
    pub fn undo_until(&self) -> Option<DateTime<Utc>> {
        self.finished_at.filter(|_| self.state == State::Applied).map(|at| at + TimeDelta::days(super::UNDO_DAYS))
    }
}
