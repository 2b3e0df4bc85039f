//! Invitations as stored, and what people of a partner look like in a list.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::access::{MemberRole, Powers};
use crate::db::ids::{InvitationId, LetterId, PartnerId, ProgramId, RoleId, UserId};
use crate::db::schema::invitations;
use crate::people::UserStatus;
use crate::roles::Offer;
use crate::values::choice;

/// Somebody asked to join a partner.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = invitations)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Invitation {
    pub id: InvitationId,
    pub program_id: ProgramId,
    pub partner_id: PartnerId,
    pub email: String,
    pub name: String,
    pub role: MemberRole,
    pub role_id: Option<RoleId>,
    pub link_version: i32,
    pub expires_at: DateTime<Utc>,
    pub letter_id: Option<LetterId>,
    pub opened_at: Option<DateTime<Utc>>,
    pub asked_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub invited_by: Option<UserId>,
    pub invited_by_name: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
}

impl Invitation {
    /// The role as a form knows it.
    pub fn role_key(&self) -> String {
        use crate::values::Choice;
        self.role_id.map_or_else(|| self.role.key().to_owned(), |id| id.to_string())
    }

    /// Whether it still waits for the person, in time or not.
    pub fn is_open(&self) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none()
    }

    /// Whether its link ran out: the moment itself is too late.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }
}

choice! {
    /// How somebody of a list stands.
    State {
        /// Can sign in and act.
        Active = "active" / "Active",
        /// May not act for the partner, or not sign in, for now.
        Suspended = "suspended" / "Suspended",
        /// Has a link that works.
        Invited = "invited" / "Invited",
        /// The link ran out.
        Expired = "expired" / "Expired",
        /// The letter did not arrive.
        Bounced = "bounced" / "Bounced",
        /// The account is closed.
        Deactivated = "deactivated" / "Deactivated",
    }
}

impl State {
    /// States of members.
    pub const MEMBERS: &'static [State] = &[State::Active, State::Suspended, State::Deactivated];
    /// States of invitations.
    pub const INVITED: &'static [State] = &[State::Invited, State::Expired, State::Bounced];

    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Active => ("good", "circle-check"),
            State::Suspended => ("bad", "player-pause"),
            State::Invited => ("info", "send"),
            State::Expired => ("warn", "hourglass"),
            State::Bounced => ("bad", "alert-triangle"),
            State::Deactivated => ("", "circle-x"),
        }
    }
}

/// A line of the views `member_people`, `invited_people` and `people_of_partners`.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "the columns are those of the tables")]
pub struct Listed {
    #[diesel(sql_type = sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = sql_types::Text)]
    pub partner_code: String,
    #[diesel(sql_type = sql_types::Text)]
    pub partner_name: String,
    #[diesel(sql_type = sql_types::Bool)]
    pub is_hosting: bool,
    /// None for somebody who is invited.
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    pub user_id: Option<UserId>,
    #[diesel(sql_type = sql_types::Text)]
    pub name: String,
    #[diesel(sql_type = sql_types::Text)]
    pub email: String,
    #[diesel(sql_type = sql_types::Text)]
    pub sort_name: String,
    #[diesel(sql_type = sql_types::Text)]
    pub role: MemberRole,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub role_name: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Jsonb>)]
    pub role_keys: Option<serde_json::Value>,
    #[diesel(sql_type = sql_types::Text)]
    pub status: UserStatus,
    #[diesel(sql_type = sql_types::Bool)]
    pub is_system: bool,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub suspended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub second_factor_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub last_seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Int4)]
    pub version: i32,
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub opened_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub asked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub letter_state: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub delivered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub letter_error: Option<String>,
}

impl Listed {
    /// How they stand. The store's filter says the same in SQL.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        match (self.user_id, self.status) {
            (Some(_), UserStatus::Deactivated) => State::Deactivated,
            (Some(_), UserStatus::Suspended) => State::Suspended,
            (Some(_), _) if self.suspended_at.is_some() => State::Suspended,
            (Some(_), UserStatus::Active) => State::Active,
            (Some(_), UserStatus::Invited) => State::Invited,
            (None, _) if self.letter_state.as_deref() == Some("failed") => State::Bounced,
            (None, _) if self.expires_at.is_none_or(|at| at <= now) => State::Expired,
            (None, _) => State::Invited,
        }
    }

    /// The name of their role at the partner.
    pub fn role_at(&self) -> String {
        self.role_name.clone().unwrap_or_else(|| self.role.at(self.is_hosting).name().to_owned())
    }

    /// What their role holds at the partner.
    pub fn powers_at(&self, partner: &crate::partners::model::Partner) -> Powers {
        match &self.role_keys {
            Some(keys) => Powers::of_keys(&serde_json::from_value::<Vec<String>>(keys.clone()).unwrap_or_default()),
            None => Offer::built_in(self.role, partner).powers,
        }
    }
}

/// "1 h 12 min", "40 min", "2 days": how long something lasts, or lies back.
pub fn span(time: TimeDelta) -> String {
    let minutes = time.num_minutes();
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".into(),
        (0, minutes) => format!("{minutes} min"),
        (hours @ 1..=23, 0) => format!("{hours} h"),
        (hours @ 1..=23, minutes) => format!("{hours} h {minutes} min"),
        (hours @ 24..=47, _) => format!("1 day {} h", hours - 24),
        (hours, _) => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words() {
        for (minutes, said) in [(0, "less than a minute"), (40, "40 min"), (60, "1 h"), (72, "1 h 12 min")] {
            assert_eq!(span(TimeDelta::minutes(minutes)), said);
        }
        assert_eq!((span(TimeDelta::hours(26)), span(TimeDelta::days(3))), ("1 day 2 h".into(), "3 days".into()));
    }
}
