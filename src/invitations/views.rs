//! Pages about invitations; the lists in a file of their own.

mod list;

use askama::Template;
use chrono::{DateTime, Utc};

use super::accept::Waiting;
use super::model::{Invitation, span};
use crate::access::{Actor, Powers};
use crate::partners::model::Partner;
use crate::partners::tab;
use crate::partners::views::ConfirmPage;
use crate::people::{about, crumbs};
use crate::roles::Offer;
use crate::web::form::Form;
use crate::web::listing::exactly;

pub use list::{Menu, PeoplePage, ProgramPage, Row, ShownTab, UsersPage};

/// Where the pages and actions of an invitation begin.
pub fn address_of(code: &str, id: impl std::fmt::Display) -> String {
    tab(code, &format!("invitations/{id}"))
}

/// A role to choose, with what it grants.
pub struct RoleChoice {
    key: String,
    name: String,
    about: &'static str,
    /// Resource, and the actions on it.
    grants: Vec<(&'static str, String)>,
    sees: &'static str,
}

impl RoleChoice {
    /// The roles that somebody can give at a partner.
    fn of(offers: &[Offer], partner: &Partner, actor: &Actor) -> Vec<RoleChoice> {
        offers
            .iter()
            .filter(|offer| offer.beyond(actor).is_empty())
            .map(|offer| RoleChoice {
                key: offer.key(),
                name: offer.name.clone(),
                about: about(offer, partner),
                grants: grants(offer.powers),
                sees: if offer.program_wide { "All partners of the program" } else { "This partner only" },
            })
            .collect()
    }
}

/// Permissions by resource, in the order of the policy.
fn grants(powers: Powers) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for rule in powers.rules() {
        match found.iter_mut().find(|(resource, _)| *resource == rule.resource) {
            Some((_, actions)) => {
                actions.push_str(", ");
                actions.push_str(rule.action);
            }
            None => found.push((rule.resource, rule.action.to_owned())),
        }
    }
    found
}

/// Adding somebody to a partner.
#[derive(Template)]
#[template(path = "invitations/add.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct AddPage {
    pub crumbs: Vec<(String, String)>,
    pub partner: String,
    pub action: String,
    pub cancel: String,
    pub roles: Vec<RoleChoice>,
    pub form: Form,
    /// Address, name and version of the open invitation of the address that was typed.
    pub open: Option<(String, String, i32)>,
}

impl AddPage {
    /// The page for a partner.
    pub fn new(partner: &Partner, offers: &[Offer], actor: &Actor, open: Option<Invitation>, form: Form) -> AddPage {
        let code = partner.code.as_str();
        AddPage {
            crumbs: crumbs(partner, actor),
            partner: partner.name.to_string(),
            action: tab(code, "users/new"),
            cancel: tab(code, "users"),
            roles: RoleChoice::of(offers, partner, actor),
            open: open
                .filter(|_| form.error("email").is_some())
                .map(|open| (address_of(code, open.id), open.name, open.version)),
            form,
        }
    }

    /// The page's title.
    pub fn title(&self) -> String {
        format!("Add a user to {}", self.partner)
    }
}

/// Correcting an invitation.
#[derive(Template)]
#[template(path = "invitations/correct.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct CorrectPage {
    pub crumbs: Vec<(String, String)>,
    pub partner: String,
    pub name: String,
    pub action: String,
    pub cancel: String,
    pub roles: Vec<RoleChoice>,
    pub form: Form,
    pub notice: Option<String>,
}

impl CorrectPage {
    /// The page for an invitation.
    pub fn new(
        partner: &Partner,
        invitation: &Invitation,
        offers: &[Offer],
        actor: &Actor,
        form: Form,
        notice: Option<String>,
    ) -> CorrectPage {
        let code = partner.code.as_str();
        CorrectPage {
            crumbs: crumbs(partner, actor),
            partner: partner.name.to_string(),
            name: invitation.name.clone(),
            action: format!("{}/correct", address_of(code, invitation.id)),
            cancel: tab(code, "users"),
            roles: RoleChoice::of(offers, partner, actor),
            form,
            notice,
        }
    }

    /// The page's title.
    pub fn title(&self) -> String {
        format!("Correct the invitation of {}", self.name)
    }
}

/// What revoking an invitation does.
pub fn confirm_revocation(partner: &Partner, invitation: &Invitation, actor: &Actor) -> ConfirmPage {
    let code = partner.code.as_str();
    ConfirmPage {
        crumbs: crumbs(partner, actor),
        title: format!("Revoke the invitation of {}?", invitation.name),
        lead: format!("It went to {}, for {}.", invitation.email, partner.name),
        effects: vec![
            "The link in the letter no longer works, from now on.".into(),
            "If the letter did not leave yet, it stays here.".into(),
            "They are not told. You can invite them again at any time.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{}/revoke", address_of(code, invitation.id)),
        button: "Revoke".into(),
        harsh: true,
        cancel: tab(code, "users"),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), invitation.version.to_string())],
        form: Form::default(),
    }
}

/// What the reader of an invitation has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Choose a name and a password.
    Register,
    /// Sign in with the account of the address.
    SignIn,
    /// Sign out: somebody else is signed in.
    SignOut,
    /// Press the button.
    Join,
}

/// An invitation, for whoever holds its link.
#[derive(Template)]
#[template(path = "invitations/accept.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct AcceptPage {
    pub email: String,
    pub partner: String,
    pub program: String,
    pub role: String,
    pub inviter: String,
    pub left: String,
    /// Who is signed in.
    pub person: String,
    pub step: Step,
    pub form: Form,
}

impl AcceptPage {
    /// The page for whoever looks.
    pub fn new(waiting: &Waiting, person: Option<&Actor>, now: DateTime<Utc>, form: Form) -> AcceptPage {
        let invitation = &waiting.invitation;
        let step = match (&waiting.account, person) {
            (Some(account), Some(actor)) if actor.user() == Some(account.id) => Step::Join,
            (_, Some(_)) => Step::SignOut,
            (Some(_), None) => Step::SignIn,
            (None, None) => Step::Register,
        };
        AcceptPage {
            email: invitation.email.clone(),
            partner: waiting.partner.name.to_string(),
            program: waiting.program.name.clone(),
            role: waiting.offer.name.clone(),
            inviter: invitation.invited_by_name.clone(),
            left: span(invitation.expires_at - now),
            person: person.map(|actor| actor.email().to_owned()).unwrap_or_default(),
            step,
            form,
        }
    }
}

/// The page of every link that does not work.
#[derive(Template)]
#[template(path = "invitations/dead.html")]
pub struct DeadPage {
    /// Whether a new link can be asked for.
    pub can_ask: bool,
    /// Whom was told that one is asked for, and how long ago.
    pub asked: Option<(String, String)>,
}

impl DeadPage {
    /// The page; with the invitation for whoever has the right link and came too late.
    pub fn new(late: Option<&Invitation>, now: DateTime<Utc>) -> DeadPage {
        let asked = late.and_then(|late| Some((late, late.asked_at?)));
        let minutes = asked.map(|(_, at)| (now - at).num_minutes());
        DeadPage {
            can_ask: late.is_some() && minutes.is_none_or(|minutes| minutes >= 60),
            asked: asked.map(|(late, _)| {
                let ago = match minutes.unwrap_or_default() {
                    0 => "just now".to_owned(),
                    minutes if minutes < 60 => format!("{} ago", exactly(minutes, "minute", "minutes")),
                    minutes => format!("{} ago", span(chrono::TimeDelta::minutes(minutes))),
                };
                (late.invited_by_name.clone(), ago)
            }),
        }
    }
}
