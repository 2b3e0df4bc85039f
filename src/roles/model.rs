//! Roles as they are given to people.

use crate::access::{Actor, MemberRole, Powers, Role};
use crate::db::ids::RoleId;
use crate::partners::model::Partner;
use crate::values::Choice;

/// A role that somebody can be given at a partner.
#[derive(Clone, Debug)]
pub struct Offer {
    /// How a membership stores it.
    pub role: MemberRole,
    /// The program's own role.
    pub custom: Option<RoleId>,
    /// Its name at that partner.
    pub name: String,
    /// Whether it sees all partners there.
    pub program_wide: bool,
    /// What it holds there.
    pub powers: Powers,
}

impl Offer {
    /// A built-in role at a partner.
    pub fn built_in(role: MemberRole, partner: &Partner) -> Offer {
        let at = role.at(partner.is_hosting);
        let program_wide = partner.is_hosting && at != Role::PartnerUser;
        let powers = Powers::of(at);
        Offer {
            role,
            custom: None,
            name: at.name().into(),
            program_wide,
            powers: if program_wide { powers } else { powers.at_one_partner() },
        }
    }

    /// The word in forms: the built-in role's, or the id.
    pub fn key(&self) -> String {
        self.custom.map_or_else(|| self.role.key().to_owned(), |id| id.to_string())
    }

    /// What it holds that somebody does not: they may not give it.
    pub fn beyond(&self, actor: &Actor) -> Powers {
        self.powers.beyond(actor.powers())
    }
}
