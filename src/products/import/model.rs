//! What an import of products is; no SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::plan::{Field, Plan};
use crate::activity::FieldChange;
use crate::db::ids::{ProductId, ProductImportId};
use crate::db::schema::product_imports;
use crate::products::model::Facts;
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
        /// Makes a product.
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

/// One row of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Line of the file; the heading is line 1.
    pub line: i32,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The partner's code as the file has it.
    pub partner: String,
    /// The SKU as the file has it.
    pub sku: String,
    /// The product's name.
    pub name: String,
    /// The field that was refused.
    pub field: Option<Field>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Taken, but worth a look.
    pub warning: Option<String>,
    /// Field, before, after.
    pub changes: Vec<FieldChange>,
    /// The product that was made or changed.
    pub target: Option<ProductId>,
    /// Its version after.
    pub version: Option<i32>,
    /// Its values before, for undo.
    pub before: Option<Facts>,
    /// Why an undo left it alone.
    #[serde(default)]
    pub kept: Option<String>,
}

/// What an import does, or did, with each row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Rows that make a product.
    pub created: i32,
    /// Rows that change one.
    pub updated: i32,
    /// Rows that change nothing.
    pub unchanged: i32,
    /// Rows that cannot be taken.
    pub refused: i32,
    /// In the order of the file.
    pub rows: Vec<Line>,
    /// Whether refused rows kept all others from being written.
    pub stopped: bool,
}

impl Report {
    /// One more row.
    pub fn push(&mut self, line: Line) {
        *match line.outcome {
            Outcome::Refused => &mut self.refused,
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
        } += 1;
        self.rows.push(line);
    }

    /// Whether products differ after it.
    pub fn changes(&self) -> i32 {
        self.created + self.updated
    }

    /// All rows.
    pub fn total(&self) -> i32 {
        self.changes() + self.unchanged + self.refused
    }
}

/// An import, without its file.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = product_imports)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Import {
    pub id: ProductImportId,
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
    pub fn plan(&self) -> Plan {
        serde_json::from_value(self.plan.clone()).unwrap_or_default()
    }

    /// What becomes, or became, of its rows.
    pub fn report(&self) -> Report {
        serde_json::from_value(self.report.clone()).unwrap_or_default()
    }

    /// Until when it can be undone.
    pub fn undo_until(&self) -> Option<DateTime<Utc>> {
        self.finished_at.filter(|_| self.state == State::Applied).map(|at| at + TimeDelta::days(super::UNDO_DAYS))
    }
}
