//! What an import is, and how far it can be; no SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::plan::Plan;
use crate::db::ids::{ImportId, PartnerId};
use crate::db::schema::{import_rows, imports};
use crate::values::choice;

choice! {
    /// How far an import is.
    State {
        /// The file is here; nothing was checked.
        Uploaded = "uploaded" / "Not checked yet",
        /// The report of a check is here; nothing was written.
        Checked = "checked" / "Checked",
        /// A job works on it.
        Running = "running" / "Running",
        /// Written.
        Applied = "applied" / "Applied",
        /// Taken back.
        Undone = "undone" / "Undone",
    }
}

choice! {
    /// What a job does.
    Task {
        /// Says what would happen.
        Check = "check" / "check",
        /// Does it.
        Apply = "apply" / "import",
        /// Takes it back.
        Undo = "undo" / "undo",
    }
}

choice! {
    /// What becomes of a row.
    Outcome {
        /// Cannot be taken.
        Refused = "refused" / "Error",
        /// Makes a partner.
        Created = "created" / "Create",
        /// Changes one.
        Updated = "updated" / "Update",
        /// Changes nothing.
        Unchanged = "unchanged" / "Unchanged",
    }
}

impl State {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Uploaded => ("", "circle-dashed"),
            State::Checked => ("info", "eye"),
            State::Running => ("info", "hourglass"),
            State::Applied => ("good", "circle-check"),
            State::Undone => ("", "arrow-back-up"),
        }
    }
}

impl Task {
    /// The state that it begins from, and goes back to when it fails.
    pub fn begins(self) -> State {
        match self {
            Task::Check => State::Uploaded,
            Task::Apply => State::Checked,
            Task::Undo => State::Applied,
        }
    }
}

/// An import, without its file.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = imports)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub plan: Option<serde_json::Value>,
    pub state: State,
    pub task: Option<Task>,
    pub run: i32,
    pub total: i32,
    pub done: i32,
    pub created: i32,
    pub updated: i32,
    pub unchanged: i32,
    pub refused: i32,
    pub problem: Option<String>,
    pub heartbeat_at: Option<DateTime<Utc>>,
    pub uploaded_by_name: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// How long a job may be silent, in seconds.
pub const SILENCE: i64 = 30;

impl Import {
    /// What its columns mean; none before they were chosen.
    pub fn plan(&self) -> Option<Plan> {
        self.plan.clone().and_then(|plan| serde_json::from_value(plan).ok())
    }

    /// Whether its job died: it wrote nothing, and a new one may begin.
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        self.state == State::Running && self.heartbeat_at.is_none_or(|at| at < now - TimeDelta::seconds(SILENCE))
    }

    /// Until when it can be undone.
    pub fn undo_until(&self) -> Option<DateTime<Utc>> {
        self.finished_at.filter(|_| self.state == State::Applied).map(|at| at + TimeDelta::days(super::UNDO_DAYS))
    }
}

/// A stored row of a report.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = import_rows)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct StoredLine {
    pub line: i32,
    pub outcome: Outcome,
    pub rank: i32,
    pub code: String,
    pub name: String,
    pub field: Option<String>,
    pub reason: Option<String>,
    pub hint: Option<String>,
    pub warning: Option<String>,
    pub changes: serde_json::Value,
    pub target_id: Option<PartnerId>,
    pub before: Option<serde_json::Value>,
    pub target_version: Option<i32>,
    pub undo_note: Option<String>,
}
