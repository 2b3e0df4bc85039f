//! Roles as they are given to people.

use crate::access::{Actor, MemberRole, POLICY, Powers, Role, Rule};
use crate::activity::FieldChange;
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
        self.powers.beyond(actor.may_give())
    }
}

/// A role that the program made.
#[derive(Clone, Debug)]
pub struct Custom {
    /// Its id.
    pub id: RoleId,
    /// Its version, to be compared when it is saved.
    pub version: i32,
    /// What it is.
    pub facts: Facts,
}

/// What a person says of a role: valid, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Shown; unique in the program ignoring case.
    pub name: String,
    /// The name of the role it began as a copy of; empty when it began empty.
    pub copied_from: String,
    /// Whether it sees all partners, at a hosting partner.
    pub program_wide: bool,
    /// What it holds.
    pub powers: Powers,
    /// Whether its people must use a second factor.
    pub second_factor: bool,
}

impl Facts {
    /// What differs, in the words of the form.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        let sees = |wide| if wide { "all partners" } else { "own partner" };
        let asked = |yes| if yes { "needed" } else { "not needed" };
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Sees", sees(self.program_wide), sees(after.program_wide)),
            FieldChange::of("Permissions", listed(self.powers), listed(after.powers)),
            FieldChange::of("Second factor", asked(self.second_factor), asked(after.second_factor)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A permission in few words, like "read users".
pub fn words(rule: &Rule) -> String {
    format!("{} {}", rule.action, rule.resource.to_lowercase())
}

/// Permissions in few words, joined by commas.
pub fn listed(powers: Powers) -> String {
    powers.rules().map(words).collect::<Vec<_>>().join(", ")
}

/// Whoever creates, changes or deletes things can also look at them: the reading that goes with what is wanted.
pub fn with_reading(powers: Powers) -> Powers {
    let changes = |rule: &&'static Rule| matches!(rule.action, "create" | "update" | "delete");
    let wanted: Vec<&str> = powers.rules().filter(changes).map(|rule| rule.resource).collect();
    let reading =
        |rule: &&'static Rule| rule.is_grantable() && rule.action == "read" && wanted.contains(&rule.resource);
    POLICY.iter().filter(|rule| powers.include(rule) || reading(rule)).collect()
}

/// What a built-in role lends to a copy of it: whatever a program may grant.
pub fn lent_by(role: Role) -> Facts {
    let program_wide = !matches!(role, Role::PartnerAdmin | Role::PartnerUser);
    let powers: Powers = Powers::of(role).rules().filter(|rule| rule.is_grantable()).collect();
    Facts {
        name: String::new(),
        copied_from: role.name().into(),
        program_wide,
        powers: if program_wide { powers } else { powers.at_one_partner() },
        second_factor: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Permission, ReadUsers, UpdateUser, ViewAs};

    #[test]
    fn changing_brings_reading_along() {
        let powers: Powers = [&UpdateUser::RULE].into_iter().collect();
        assert!(with_reading(powers).include(&ReadUsers::RULE));
        let special: Powers = [&ViewAs::RULE].into_iter().collect();
        assert_eq!(with_reading(special), special);
    }

    #[test]
    fn a_copy_of_a_partner_s_role_holds_nothing_of_the_program() {
        let lent = lent_by(Role::PartnerAdmin);
        assert_eq!(lent.powers, lent.powers.at_one_partner());
        assert!(!lent.powers.is_empty() && !lent.program_wide);
    }
}
