//! What a partner is; no SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::activity::{FieldChange, NOTES};
use crate::db::ids::{PartnerId, PartnerTypeId, ProgramId, UserId};
use crate::db::schema::partners;
use crate::values::{Choice, Code, Email, Name, Phone, Zone, choice};

choice! {
    /// Whether a partner is somebody else or ourselves (S0-3).
    Kind {
        /// Another organisation.
        External = "external" / "An external organisation",
        /// The company that runs the program.
        Own = "own" / "Our own company",
        /// A part of that company.
        Department = "department" / "A department of ours",
    }
}

choice! {
    /// A partner's part in loyalty.
    Category {
        /// Members earn there.
        Accrual = "accrual" / "Accrual",
        /// Members spend there.
        Redemption = "redemption" / "Redemption",
        /// Both.
        Both = "both" / "Both",
    }
}

choice! {
    /// Where a partner stands in its life.
    Status {
        /// Recorded before anything was agreed (S0-31).
        Planned = "planned" / "Planned",
        /// Being set up.
        Pending = "pending" / "Pending",
        /// Live.
        Active = "active" / "Active",
        /// Stopped for now: its people may look, and change nothing.
        Suspended = "suspended" / "Suspended",
        /// On its way out; may still act.
        Offboarding = "offboarding" / "Offboarding",
        /// Over: its people no longer see it.
        Archived = "archived" / "Archived",
    }
}

choice! {
    /// What can be done about a partner's status.
    Move {
        /// Begin to set it up.
        Prepare = "preparation" / "Mark as pending",
        /// Make it live.
        Activate = "activation" / "Activate",
        /// Stop it for now.
        Suspend = "suspension" / "Suspend",
        /// End a suspension.
        Reinstate = "reinstatement" / "Reinstate",
        /// Begin its end.
        Offboard = "offboarding" / "Offboard",
        /// End it.
        Archive = "archival" / "Archive",
        /// Take it out of the archive.
        Restore = "restoration" / "Restore",
    }
}

impl Status {
    /// What can be done now, mildest first.
    pub fn moves(self) -> &'static [Move] {
        match self {
            Status::Planned => &[Move::Prepare, Move::Activate, Move::Archive],
            Status::Pending => &[Move::Activate, Move::Archive],
            Status::Active => &[Move::Suspend, Move::Offboard, Move::Archive],
            Status::Suspended => &[Move::Reinstate, Move::Offboard, Move::Archive],
            Status::Offboarding => &[Move::Reinstate, Move::Suspend, Move::Archive],
            Status::Archived => &[Move::Restore],
        }
    }

    /// The status after a move.
    ///
    /// # Errors
    /// When the move is not one of [`Status::moves`]; with a sentence for the person.
    pub fn after(self, wanted: Move) -> Result<Status, String> {
        if !self.moves().contains(&wanted) {
            return Err(format!(
                "This partner is {}, so it cannot be changed this way. Look at it again.",
                self.label().to_lowercase()
            ));
        }
        Ok(match wanted {
            Move::Prepare | Move::Restore => Status::Pending,
            Move::Activate | Move::Reinstate => Status::Active,
            Move::Suspend => Status::Suspended,
            Move::Offboard => Status::Offboarding,
            Move::Archive => Status::Archived,
        })
    }

    /// Whether a hosting partner in this status still carries the program.
    pub fn can_host(self) -> bool {
        matches!(self, Status::Active | Status::Offboarding)
    }

    /// Whether people can be added to it.
    pub fn takes_people(self) -> bool {
        matches!(self, Status::Planned | Status::Pending | Status::Active)
    }

    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Status::Planned => ("", "circle-dashed"),
            Status::Pending => ("info", "clock"),
            Status::Active => ("good", "circle-check"),
            Status::Suspended => ("bad", "player-pause"),
            Status::Offboarding => ("warn", "logout"),
            Status::Archived => ("", "archive"),
        }
    }
}

impl Move {
    /// The icon of its menu entry.
    pub fn icon(self) -> &'static str {
        match self {
            Move::Prepare => "clock",
            Move::Activate | Move::Reinstate => "player-play",
            Move::Suspend => "player-pause",
            Move::Offboard => "logout",
            Move::Archive => "archive",
            Move::Restore => "arrow-back-up",
        }
    }

    /// Whether it takes something away from people.
    pub fn is_harsh(self) -> bool {
        matches!(self, Move::Suspend | Move::Offboard | Move::Archive)
    }

    /// Reads the last part of its address.
    pub fn from_address(text: &str) -> Option<Move> {
        Move::from_key(text)
    }
}

/// A stored partner.
#[derive(Queryable, Selectable, Identifiable, Clone, Debug, PartialEq)]
#[diesel(table_name = partners)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Partner {
    pub id: PartnerId,
    pub program_id: ProgramId,
    pub code: Code,
    pub name: Name,
    pub sort_name: String,
    pub kind: Kind,
    pub category: Category,
    pub type_id: PartnerTypeId,
    pub status: Status,
    pub is_hosting: bool,
    pub time_zone: Zone,
    pub support_phone: Option<Phone>,
    pub support_email: Option<Email>,
    pub notes: String,
    pub primary_contact_id: Option<UserId>,
    pub code_fixed: bool,
    pub logo_sha256: Option<String>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

/// What a person or a file says of a partner: valid, ready to be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The key.
    pub code: Code,
    /// Shown.
    pub name: Name,
    /// Somebody else, or ourselves.
    pub kind: Kind,
    /// Earn, spend or both.
    pub category: Category,
    /// Industry.
    pub type_id: PartnerTypeId,
    /// Where it stands; a form leaves it as it is, a file may say it.
    pub status: Status,
    /// Its zone.
    pub time_zone: Zone,
    /// Whom to call.
    pub support_phone: Option<Phone>,
    /// Whom to write to.
    pub support_email: Option<Email>,
    /// Plans and intended access.
    pub notes: String,
}

impl Partner {
    /// The facts as they are stored now.
    pub fn facts(&self) -> Facts {
        Facts {
            code: self.code.clone(),
            name: self.name.clone(),
            kind: self.kind,
            category: self.category,
            type_id: self.type_id,
            status: self.status,
            time_zone: self.time_zone.clone(),
            support_phone: self.support_phone.clone(),
            support_email: self.support_email.clone(),
            notes: self.notes.clone(),
        }
    }
}

impl Facts {
    /// What differs, field by field, in the words of the form. The status is not part of it: see [`Move`].
    pub fn changes(&self, after: &Facts, type_name: impl Fn(PartnerTypeId) -> String) -> Vec<FieldChange> {
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        let phone = |facts: &Facts| optional(&facts.support_phone.as_ref().map(Phone::to_string));
        let email = |facts: &Facts| optional(&facts.support_email.as_ref().map(Email::to_string));
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Code", &self.code, &after.code),
            FieldChange::of("Type", type_name(self.type_id), type_name(after.type_id)),
            FieldChange::of("Kind", self.kind.label(), after.kind.label()),
            FieldChange::of("Category", self.category.label(), after.category.label()),
            FieldChange::of("Support phone", phone(self), phone(after)),
            FieldChange::of("Support e-mail", email(self), email(after)),
            FieldChange::of("Time zone", &self.time_zone, &after.time_zone),
            FieldChange::of(NOTES, &self.notes, &after.notes),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A stage of a partner's life (S0-32).
pub const STAGES: [&str; 5] = ["Plan", "Create", "Configure", "Operate", "Maintain"];

/// What is still open before a partner runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenStep {
    /// Nobody of the partner can manage it.
    AddAdmin,
    /// Nobody is mailed by default.
    ChooseContact,
    /// Nobody can be called when something is down.
    AddSupport,
    /// Everything is there, and it is not live.
    Activate,
    /// The program asks for answers.
    AnswerForm,
}

impl OpenStep {
    /// What to do, as a link's text.
    pub fn text(self) -> &'static str {
        match self {
            OpenStep::AddAdmin => "add an admin",
            OpenStep::ChooseContact => "choose a primary contact",
            OpenStep::AddSupport => "add a support phone or e-mail",
            OpenStep::Activate => "activate it",
            OpenStep::AnswerForm => "answer the partner form",
        }
    }

    /// Where to do it, below the partner's page.
    pub fn tab(self) -> &'static str {
        match self {
            OpenStep::AddAdmin => "users/new",
            OpenStep::ChooseContact | OpenStep::AddSupport => "edit",
            OpenStep::Activate => "status/activation",
            OpenStep::AnswerForm => "profile/answers",
        }
    }
}

impl Partner {
    /// The first thing that is open; none once it is archived or complete.
    pub fn open_step(&self, admins: i64) -> Option<OpenStep> {
        match self.status {
            Status::Archived | Status::Offboarding | Status::Suspended => None,
            _ if admins == 0 => Some(OpenStep::AddAdmin),
            _ if self.primary_contact_id.is_none() => Some(OpenStep::ChooseContact),
            _ if self.support_phone.is_none() && self.support_email.is_none() => Some(OpenStep::AddSupport),
            Status::Planned | Status::Pending => Some(OpenStep::Activate),
            Status::Active => None,
        }
    }

    /// The present stage, as an index into [`STAGES`].
    pub fn stage(&self, admins: i64) -> usize {
        match self.status {
            Status::Planned => 0,
            Status::Pending => 1,
            Status::Active if self.open_step(admins).is_some() => 2,
            Status::Active => 3,
            Status::Suspended | Status::Offboarding | Status::Archived => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_leads_somewhere_and_only_by_its_own_moves() {
        for status in Status::ALL {
            assert!(!status.moves().is_empty());
            for wanted in Move::ALL {
                let after = status.after(*wanted);
                assert_eq!(after.is_ok(), status.moves().contains(wanted));
                assert_ne!(after.ok(), Some(*status), "{status:?} {wanted:?} changes nothing");
            }
        }
    }
}
