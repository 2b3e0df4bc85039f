//! Every letter with made-up facts, for looking at.

use crate::activity::FieldChange;
use crate::db::ids::{InvitationId, UserId};
use crate::mail::Letter;
use crate::mail::integration_letter::{About, IntegrationLetter, Item};

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
    let mut all = vec![
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
        Letter::ReviewHandedOver {
            name: "Rita Carvalho".into(),
            integration: "Stay Sync".into(),
            partner: partner(),
            by: "Rui Lopes".into(),
            page: "/integrations".into(),
        },
        Letter::Reminder {
            name: ana(),
            program: program.into(),
            late: vec!["Shinonome Stay Sync of Shinonome Hotels: expected Wed 18 Nov 2026, 10:00 in Europe/Lisbon, waiting for 4 days 2 h of business time.".into()],
            owed: Vec::new(),
            page: "/integrations?tab=in-review".into(),
        },
        Letter::Test { when: when() },
    ];
    all.extend(integrations(program));
    all
}

/// Those about integrations.
fn integrations(program: &str) -> Vec<Letter> {
    let head = |is_host: bool| About {
        name: if is_host { "Ana Ferreira".into() } else { "Yuki Sato".into() },
        integration: "Shinonome Stay Sync".into(),
        partner: "Shinonome Hotels".into(),
        program: program.into(),
        by: if is_host { "Yuki Sato".into() } else { "Rita Carvalho".into() },
        page: "/integrations".into(),
        contact: "Ana Ferreira".into(),
        is_revision: false,
        is_host,
        is_receipt: false,
        must: false,
    };
    let date = || "Thu 26 Nov 2026, 15:30 in Europe/Lisbon".to_owned();
    let item = Item {
        place: "Listing, Short summary".into(),
        words: "“Every stay” is not what the contract says. Name what earns and when it is credited.".into(),
        is_blocking: true,
        page: "/integrations".into(),
    };
    let changes = vec![FieldChange {
        field: "Support e-mail".into(),
        before: "help@shinonome.example".into(),
        after: "partners@shinonome.example".into(),
    }];
    let (host, partner, none) = (|| head(true), || head(false), String::new);
    vec![
        IntegrationLetter::IntegrationSubmitted {
            about: host(),
            round: 2,
            note: "The summary says now what earns.".into(),
            changed: Some(vec!["Short summary".into(), "Categories".into()]),
            expected: date(),
        },
        IntegrationLetter::IntegrationWithdrawn { about: host(), reason: "We found a mistake in the terms.".into() },
        IntegrationLetter::ChangesRequested {
            about: partner(),
            round: 1,
            summary: "Nearly there.".into(),
            items: vec![item],
        },
        IntegrationLetter::IntegrationPublished { about: partner(), number: 2, again: none(), summary: none() },
        IntegrationLetter::IntegrationScheduled {
            about: partner(),
            date: "Tue 1 Dec 2026, 00:00 in Asia/Tokyo".into(),
            summary: none(),
        },
        IntegrationLetter::IntegrationRejected {
            about: partner(),
            reason: "There is one like it already".into(),
            words: "Stay Feed does the same for all hotels.".into(),
        },
        IntegrationLetter::IntegrationReopened { about: partner(), is_restored: false, words: none() },
        IntegrationLetter::IntegrationEdited { about: partner(), number: 3, changes },
        IntegrationLetter::IntegrationUnpublished {
            about: partner(),
            did: "unpublished".into(),
            reason: "Its connection has been failing for a week.".into(),
            tenants: 2,
        },
        IntegrationLetter::IntegrationSuspended { about: partner(), reason: "It credits nights twice.".into() },
        IntegrationLetter::IntegrationHeldBack { about: host(), status: "suspended".into(), date: date() },
    ]
    .into_iter()
    .map(Letter::Integration)
    .collect()
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
