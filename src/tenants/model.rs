//! What tenants and their runs are; no SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::stage::State;
use crate::activity::FieldChange;
use crate::db::ids::{IntegrationId, PartnerId, ProgramId, RunId, TenantId, UserId};
use crate::db::schema::{tenant_runs, tenants};
use crate::values::{Choice, Name, Refused, choice, line};

/// Runs that are kept of each tenant.
pub const KEPT: i64 = 1000;
/// The longest message of a run, in characters.
pub const LONGEST_MESSAGE: usize = 1000;
/// The longest log of a run, in bytes.
pub const LONGEST_LOG: usize = 64 * 1024;

choice! {
    /// How often it runs.
    Schedule {
        /// When somebody starts it.
        Manual = "manual" / "When somebody starts it",
        /// Each hour.
        Hourly = "hourly" / "Each hour",
        /// Each day.
        Daily = "daily" / "Each day",
        /// Each week.
        Weekly = "weekly" / "Each week",
    }
}

choice! {
    /// How a run ended.
    Outcome {
        /// Not yet.
        Running = "running" / "Running",
        /// As it should.
        Succeeded = "succeeded" / "Succeeded",
        /// With records that it could not take.
        Partly = "partly" / "Partly succeeded",
        /// Not at all.
        Failed = "failed" / "Failed",
    }
}

impl Outcome {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Outcome::Running => ("info", "refresh"),
            Outcome::Succeeded => ("good", "circle-check"),
            Outcome::Partly => ("warn", "alert-triangle"),
            Outcome::Failed => ("bad", "circle-x"),
        }
    }
}

/// A stored tenant.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = tenants)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Tenant {
    pub id: TenantId,
    pub program_id: ProgramId,
    pub partner_id: PartnerId,
    pub integration_id: IntegrationId,
    pub name: Name,
    pub sort_name: String,
    pub external_id: String,
    pub state: State,
    pub state_since: DateTime<Utc>,
    pub schedule: Schedule,
    pub note: String,
    pub last_run_at: Option<DateTime<Utc>>,
    pub last_outcome: Option<Outcome>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub created_by_name: String,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

/// What can be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Facts {
    pub name: Name,
    pub external_id: String,
    pub schedule: Schedule,
    pub note: String,
}

impl Facts {
    /// Fields that differ, by their labels.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("External id", &self.external_id, &after.external_id),
            FieldChange::of("Schedule", self.schedule.label(), after.schedule.label()),
            FieldChange::of("Note", &self.note, &after.note),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Tenant {
    /// What can be edited of it.
    pub fn facts(&self) -> Facts {
        Facts {
            name: self.name.clone(),
            external_id: self.external_id.clone(),
            schedule: self.schedule,
            note: self.note.clone(),
        }
    }
}

/// An id of somebody else's system: one line, at most 120 characters.
///
/// # Errors
/// As [`line`].
pub fn external_id(typed: &str) -> Result<String, Refused> {
    line(typed, 120)
}

/// A stored run, without its log.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = tenant_runs)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Run {
    pub id: RunId,
    pub tenant_id: TenantId,
    pub key: String,
    pub outcome: Outcome,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub records_read: i64,
    pub records_written: i64,
    pub records_failed: i64,
    pub message: String,
    pub reported_at: DateTime<Utc>,
    pub reported_by_name: String,
}

/// What a client says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Report {
    pub outcome: Outcome,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub records_read: i64,
    pub records_written: i64,
    pub records_failed: i64,
    pub message: String,
    pub log: String,
}

impl Run {
    /// What was reported of it, with its log.
    pub fn report(&self, log: String) -> Report {
        Report {
            outcome: self.outcome,
            started_at: self.started_at,
            finished_at: self.finished_at,
            records_read: self.records_read,
            records_written: self.records_written,
            records_failed: self.records_failed,
            message: self.message.clone(),
            log,
        }
    }

    /// How many records it read, wrote and could not take, as people read numbers.
    pub fn counts(&self) -> [String; 3] {
        [self.records_read, self.records_written, self.records_failed].map(crate::web::listing::grouped)
    }

    /// How long it took, in words; empty while it runs.
    pub fn took(&self) -> String {
        let Some(finished) = self.finished_at else { return String::new() };
        let time = finished - self.started_at;
        let (hours, minutes, seconds) = (time.num_hours(), time.num_minutes() % 60, time.num_seconds() % 60);
        match (hours, minutes) {
            (0, 0) if time < TimeDelta::seconds(1) => "less than a second".into(),
            (0, 0) => format!("{seconds} s"),
            (0, _) => format!("{minutes} min {seconds} s"),
            _ => format!("{hours} h {minutes} min"),
        }
    }
}

/// The key of a run: 1 to 100 letters, digits and `. _ : -`, so that it can stand in an address.
///
/// # Errors
/// With the form that is asked for.
pub fn run_key(typed: &str) -> Result<String, Refused> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
    if (1..=100).contains(&typed.len()) && typed.chars().all(allowed) && !matches!(typed, "." | "..") {
        return Ok(typed.to_owned());
    }
    Err("Use 1 to 100 letters, digits and . _ : - as the key of a run.".into())
}

/// A log as it is stored: line ends are `\n`; what cannot be shown is left out, such as colours of a terminal.
///
/// # Errors
/// Too long.
pub fn log(typed: &str) -> Result<String, Refused> {
    // As it was sent: what is left out of it counts too, or the limit could not be told beforehand.
    if typed.len() > LONGEST_LOG {
        let sent = typed.len();
        return Err(format!("Has {sent} bytes; the longest log kept is {LONGEST_LOG}. Send its end, or a summary."));
    }
    let text = typed.replace("\r\n", "\n");
    Ok(text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t51_keys_of_runs_can_stand_in_addresses() {
        for good in ["1", "2026-11-20T09:42:00Z", "run_1.b", &"x".repeat(100)] {
            assert!(run_key(good).is_ok(), "{good}");
        }
        for bad in ["", "..", ".", "a/b", "a b", "é", "a\0", "%2e", &"x".repeat(101)] {
            assert!(run_key(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn logs_keep_their_lines_and_lose_what_cannot_be_shown() {
        assert_eq!(log("a\r\nb\tc\u{1b}[31m\0").unwrap(), "a\nb\tc[31m");
        assert!(log(&"x".repeat(LONGEST_LOG)).is_ok() && log(&"x".repeat(LONGEST_LOG + 1)).is_err());
    }
}
