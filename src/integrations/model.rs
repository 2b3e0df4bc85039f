//! An integration as it is stored, without its pages; no SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::business;
use super::content::{Field, IntegrationKind};
use super::stage::{Revision, Stage, State};
use crate::db::ids::{IntegrationId, PartnerId, ProgramId, UserId};
use crate::db::schema::{integrations, review_settings};
use crate::values::{Choice, choice};

/// Everything about one but its pages, which are asked for apart: lists do without them.
#[derive(Queryable, Selectable, Identifiable, AsChangeset, Clone, Debug, PartialEq)]
#[diesel(table_name = integrations, treat_none_as_null = true)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Integration {
    #[diesel(skip_update)]
    pub id: IntegrationId,
    #[diesel(skip_update)]
    pub program_id: ProgramId,
    #[diesel(skip_update)]
    pub partner_id: PartnerId,
    pub name: String,
    pub kind: IntegrationKind,
    pub state: State,
    pub revision: Option<Revision>,
    pub state_since: DateTime<Utc>,
    pub reason_code: String,
    pub reason: String,
    pub publish_at: Option<DateTime<Utc>>,
    pub live_number: Option<i32>,
    pub cycle: i32,
    pub round: i32,
    pub submission: i32,
    pub submitted_at: Option<DateTime<Utc>>,
    pub submitted_by: Option<UserId>,
    pub submitted_by_name: String,
    pub assignee_id: Option<UserId>,
    pub assignee_name: String,
    pub expected_at: Option<DateTime<Utc>>,
    pub spent_minutes: i32,
    pub approved_by: Option<UserId>,
    pub version: i32,
    #[diesel(skip_update)]
    pub created_at: DateTime<Utc>,
    #[diesel(skip_update)]
    pub created_by_name: String,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

impl Integration {
    /// State and revision together.
    pub fn stage(&self) -> Stage {
        Stage { state: self.state, revision: self.revision }
    }
}

choice! {
    /// How a submission ended.
    Outcome {
        /// The partner took it back.
        Withdrawn = "withdrawn" / "Withdrawn",
        /// The host asked for changes.
        ChangesRequested = "changes_requested" / "Changes requested",
        /// It went live.
        Published = "published" / "Published",
        /// It goes live on a date.
        Approved = "approved" / "Approved for a date",
        /// The host does not want it.
        Rejected = "rejected" / "Rejected",
    }
}

choice! {
    /// How a published version came about.
    Origin {
        /// A reviewed submission.
        Review = "review" / "Reviewed",
        /// Published without a second party, as the program allows.
        Own = "self" / "Published without review",
        /// The host changed it directly.
        HostEdit = "host-edit" / "Edited by the host",
        /// An earlier version, again.
        Rollback = "rollback" / "Rolled back",
    }
}

/// How a program reviews, as it is stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = review_settings)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Settings {
    pub target_days: i32,
    pub second_approver: bool,
    pub partners_republish: bool,
    pub reviewed_fields: serde_json::Value,
    pub categories: serde_json::Value,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub updated_by_name: String,
}

impl Settings {
    /// Before anybody chose anything: version 0, and three business days.
    pub fn unset(now: DateTime<Utc>) -> Settings {
        Settings {
            target_days: 3,
            second_approver: false,
            partners_republish: false,
            reviewed_fields: serde_json::Value::Array(Vec::new()),
            categories: serde_json::Value::Array(Vec::new()),
            version: 0,
            updated_at: now,
            updated_by_name: String::new(),
        }
    }

    /// The fields that a host changes by a reviewed revision only; what nobody knows any more is left out.
    pub fn reviewed_fields(&self) -> Vec<Field> {
        strings(&self.reviewed_fields).iter().filter_map(|key| Field::from_key(key)).collect()
    }

    /// What listings choose their categories from.
    pub fn categories(&self) -> Vec<String> {
        strings(&self.categories)
    }

    /// The target in business minutes.
    pub fn target_minutes(&self) -> i64 {
        i64::from(self.target_days) * business::DAY
    }
}

fn strings(stored: &serde_json::Value) -> Vec<String> {
    serde_json::from_value(stored.clone()).unwrap_or_default()
}
