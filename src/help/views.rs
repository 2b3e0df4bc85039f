//! The help pages as templates show them.

use askama::Template;

use crate::access::{Actor, POLICY, Permission, ReadRoles, Role, Rule};

/// A word of the product and what it means.
pub type Word = (&'static str, &'static str);

/// The words on the screens; only of what exists.
const WORDS: &[Word] = &[
    ("Program", "The loyalty or integration program. It owns its partners, its settings and the tiers switch."),
    ("Partner", "An organisation, or a department of one, that takes part in a program."),
    (
        "Hosting partner",
        "A partner that owns the program together with the other hosting partners: its people see every partner.",
    ),
    ("Partner type", "The industry a partner is in, such as airline or hotel. Each program has its own list."),
    ("Kind", "Whether a partner is an external organisation, the own company, or a department of it."),
    (
        "Category",
        "A partner’s part in loyalty: accrual (customers earn there), redemption (they spend there), or both.",
    ),
    ("Status", "Where a partner is in its life: planned, pending, active, suspended, offboarding or archived."),
    ("Primary contact", "The one person of a partner who is mailed by default."),
    (
        "Connection",
        "Where a partner’s files and messages are fetched from or sent to: a file server, an HTTPS endpoint or a bucket. Its credentials are encrypted and never shown again.",
    ),
    (
        "Second factor",
        "A code from an app on one’s phone, beside the password. A program can ask people in some roles to have one.",
    ),
    ("Recovery code", "Signs in once, in place of the app’s code. Ten are made together, and shown once."),
    ("Role", "What somebody may do. Seven are built in, listed below; a program can make its own."),
    ("Membership", "Joins a person, a partner and a role. One person can have several, and acts in one at a time."),
    (
        "Activity",
        "Everything that happened: who, when, on whose behalf, before and after. Nothing in it can be changed.",
    ),
    (
        "Template",
        "What a partner’s files look like: their format and their fields. A file can be checked against it before anybody sends it.",
    ),
    (
        "Form",
        "Questions of the program. The partner form is answered once by each partner; the integration form for each integration, and sent with it when it is submitted.",
    ),
    (
        "Check",
        "What an integration is looked at for before it is submitted: a rule that the hosting partners wrote, a required field or question. Blocking ones hold it up, advice does not; some are ticked by a reviewer.",
    ),
    (
        "Tier",
        "A rank of customers. 1 is the highest: a customer of a tier may have whatever asks for that tier or a lower one, which has a larger number.",
    ),
    ("Campaign", "Links partners and tiers for a time. A draft, a paused and an archived one make nothing available."),
    (
        "Tier assignment",
        "From when through when a partner, or one of its products, asks for a tier in a campaign. The last day is included, in the zone that stands beside it.",
    ),
    (
        "Import",
        "Partners from a file: checked line by line first, then applied, and undone where that is still possible.",
    ),
];

/// All permissions about one thing.
pub struct Group {
    pub resource: &'static str,
    pub rules: Vec<&'static Rule>,
}

/// The policy, grouped by what it is about, in its own order.
fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for rule in POLICY {
        match groups.iter_mut().find(|group| group.resource == rule.resource) {
            Some(group) => group.rules.push(rule),
            None => groups.push(Group { resource: rule.resource, rules: vec![rule] }),
        }
    }
    groups
}

/// Whom somebody asks when they cannot go on.
fn whom_to_ask(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::SystemAdmin) => {
            "You are a system administrator: others ask you. What the machine itself does is in its log, under the request number that error pages show."
        }
        Some(Role::HostingAdmin) => {
            "You run this program: its people ask you. Ask a system administrator to make a partner hosting, or to make another program."
        }
        Some(Role::PartnerAdmin) => {
            "You look after your partner’s people, and they ask you. Ask a hosting admin of the program about your partner’s status, name or type."
        }
        Some(Role::Reviewer | Role::Csr | Role::Custom) => {
            "Ask a hosting admin of the program: they change roles, partners and settings."
        }
        Some(Role::PartnerUser | Role::Auditor) => {
            "Ask your partner’s admin: they change roles and contacts. They in turn ask a hosting admin of the program."
        }
        None => {
            "Ask whoever invited you. They are the admin of your partner, or the program’s hosting admin, and can look whether your account is active and belongs to a partner."
        }
    }
}

/// The first help page.
#[derive(Template)]
#[template(path = "help/index.html")]
pub struct IndexPage {
    words: &'static [Word],
    groups: Vec<Group>,
    own: Option<Role>,
    signed_in: bool,
    sees_roles: bool,
    ask: &'static str,
}

impl IndexPage {
    pub fn new(actor: Option<&Actor>) -> IndexPage {
        let own = actor.and_then(Actor::role);
        IndexPage {
            words: WORDS,
            groups: groups(),
            own,
            signed_in: actor.is_some(),
            sees_roles: actor.is_some_and(|actor| actor.may(&ReadRoles::RULE)),
            ask: whom_to_ask(own),
        }
    }

    fn roles(&self) -> [Role; 7] {
        Role::ALL
    }

    fn is_own(&self, role: &Role) -> bool {
        self.own == Some(*role)
    }

    fn columns(&self) -> usize {
        Role::ALL.len() + 1
    }
}

/// A key and what it does.
pub type KeyLine = (&'static [&'static str], &'static str);

/// Keys that are pressed one at a time; they can be switched off.
const SINGLE: &[KeyLine] = &[
    (&["?"], "Show this page"),
    (&["/"], "Go to the search field of the page"),
    (&["j"], "Next row of a list"),
    (&["k"], "Previous row of a list"),
    (&["e"], "Edit the partner that is shown, where you may"),
    (&["x"], "Tick or untick the row that has the focus, where rows can be ticked"),
];

/// Keys after `g`, as the sidebar's entries carry them.
const GO: &[KeyLine] = &[
    (&["g", "p"], "Partners, or the overview of your own partner"),
    (&["g", "t"], "Team of your own partner"),
    (&["g", "a"], "Activity"),
    (&["g", "f"], "Profile of your own partner"),
    (&["g", "d"], "Dashboard"),
    (&["g", "i"], "Integrations"),
    (&["g", "l"], "Templates"),
    (&["g", "r"], "Tiers, while your program uses them"),
    (&["g", "x"], "Products"),
    (&["g", "k"], "Campaigns"),
    (&["g", "o"], "Programs, for system administrators"),
    (&["g", "s"], "Settings"),
    (&["g", "n"], "Notifications"),
];

/// The keyboard shortcuts.
#[derive(Template)]
#[template(path = "help/keys.html")]
pub struct KeysPage {
    pub single_keys: Option<bool>,
}

impl KeysPage {
    fn always(&self) -> &'static [KeyLine] {
        &[(&["Ctrl", "K"], "Search partners, integrations and people; ⌘\u{a0}K on a Mac")]
    }

    fn single(&self) -> &'static [KeyLine] {
        SINGLE
    }

    fn go(&self) -> &'static [KeyLine] {
        GO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_on_the_page_once() {
        let shown: usize = groups().iter().map(|group| group.rules.len()).sum();
        assert_eq!(shown, POLICY.len());
        let page = IndexPage::new(None).render().unwrap();
        for rule in POLICY {
            assert!(page.contains(&format!("data-rule=\"{}\"", rule.name)), "{}", rule.name);
        }
    }

    #[test]
    fn every_go_key_is_on_an_entry_of_the_sidebar() {
        let source = concat!(include_str!("../web/page.rs"), include_str!("../../templates/layouts/app.html"));
        for (keys, what) in GO {
            let key = keys.last().unwrap();
            assert!(source.contains(&format!("\"{key}\"")), "{what}");
        }
    }
}
