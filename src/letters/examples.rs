//! Every letter with made-up facts, for looking at.

use crate::db::ids::{InvitationId, UserId};
use crate::mail::Letter;

/// The welcome letter to somebody of a program.
pub fn welcome(program: &str) -> Letter {
    Letter::Invitation {
        invitation: InvitationId::new(),
        version: 1,
        email: "yuki.sato@shinonome.example".into(),
        name: "Yuki Sato".into(),
        partner: "Shinonome Hotels".into(),
        program: program.into(),
        role: "Partner user".into(),
        inviter: "Ana Ferreira".into(),
        until: "20 November 2026, 11:42 in Europe/Lisbon".into(),
    }
}

/// All of them, in the order of a person's life with the portal.
pub fn all(program: &str) -> Vec<Letter> {
    let (yuki, email) = (|| "Yuki Sato".to_owned(), || "yuki.sato@shinonome.example".to_owned());
    let (ana, partner) = (|| "Ana Ferreira".to_owned(), || "Shinonome Hotels".to_owned());
    let (role, page) = (|| "Partner user".to_owned(), || "/partners/SHINONOME/users".to_owned());
    let (when, until) = (
        || "20 November 2026, 09:42 in Europe/Lisbon".to_owned(),
        || "20 November 2026, 10:42 in Europe/Lisbon".to_owned(),
    );
    let user = UserId::new();
    vec![
        welcome(program),
        Letter::InvitationFailed {
            inviter: ana(),
            name: yuki(),
            email: email(),
            partner: partner(),
            problem: "550 5.1.1 Mailbox not found".into(),
            page: page(),
        },
        Letter::InvitationAsked { inviter: ana(), name: yuki(), email: email(), partner: partner(), page: page() },
        Letter::InvitationAccepted { inviter: ana(), name: yuki(), partner: partner(), role: role(), page: page() },
        Letter::MemberAdded { name: yuki(), partner: partner(), program: program.into(), role: role(), by: ana() },
        Letter::MembershipChanged {
            name: yuki(),
            partner: partner(),
            what: "are Partner admin there now".into(),
            by: ana(),
        },
        Letter::PasswordReset { user, version: 1, email: email(), name: yuki(), until: until(), by: None },
        Letter::PasswordReset { user, version: 1, email: email(), name: yuki(), until: until(), by: Some(ana()) },
        Letter::PasswordChanged { name: yuki(), when: when() },
        Letter::EmailConfirmation { user, version: 1, email: email(), name: yuki(), until: until() },
        Letter::EmailChanged { name: yuki(), email: "y.sato@shinonome.example".into(), when: when() },
        Letter::SecondFactorChanged { name: yuki(), what: "switched on".into(), when: when() },
        Letter::RecoveryCodeUsed { name: yuki(), left: 9, when: when() },
        Letter::ViewedAs {
            name: yuki(),
            viewed: yuki(),
            viewer: ana(),
            partner: partner(),
            reason: "You asked why you see no integrations.".into(),
            when: when(),
        },
        Letter::PartnerActive { name: ana(), partner: partner(), by: "Rui Lopes".into(), page: page() },
        Letter::PartnersActive { name: ana(), count: 312, by: "Rui Lopes".into(), page: "/partners?status=active".into() },
        Letter::Reminder {
            name: ana(),
            program: program.into(),
            late: vec!["Shinonome Stay Sync of Shinonome Hotels: expected Wed 18 Nov 2026, 10:00 in Europe/Lisbon, waiting for 4 days 2 h of business time.".into()],
            owed: Vec::new(),
            page: "/integrations?tab=in-review".into(),
        },
        Letter::Test { when: when() },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_letter_can_be_looked_at() {
        let kinds = |letters: Vec<Letter>| letters.iter().map(Letter::kind).collect::<BTreeSet<_>>();
        assert_eq!(kinds(all("Solstice")), kinds(Letter::samples("")));
    }
}
