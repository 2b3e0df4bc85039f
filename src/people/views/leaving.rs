//! The pages before somebody is suspended, reactivated, removed, leaves, or is looked at.

use askama::Template;

use super::{crumbs, member_address};
use crate::access::{Actor, MemberRole};
use crate::partners::model::Partner;
use crate::partners::tab;
use crate::people::leaving::{Goer, Way};
use crate::people::store::Member;
use crate::people::view_as::MINUTES;
use crate::web::form::Form;

/// Before somebody stops acting for a partner, or acts for it again: what that does, and who takes over.
#[derive(Template)]
#[template(path = "people/leaving.html")]
pub struct LeavingPage {
    pub crumbs: Vec<(String, String)>,
    pub title: String,
    pub lead: String,
    pub effects: Vec<String>,
    pub action: String,
    pub button: &'static str,
    pub harsh: bool,
    pub cancel: String,
    pub version: i32,
    pub wants_reason: bool,
    pub successors: Option<Vec<(String, String)>>,
    pub form: Form,
}

impl LeavingPage {
    /// The page for one way.
    pub fn new(goer: &Goer, way: Way, actor: &Actor, form: Form) -> LeavingPage {
        let (partner, member) = (&goer.partner, &goer.member);
        let (name, partner_name, role) = (&member.name, &partner.name, member.role_at(partner));
        let is_self = actor.user() == Some(member.user);
        let who = if is_self { "You are" } else { "They are" };
        let (title, lead, button) = match way {
            Way::Suspension => {
                (format!("Suspend {name} at {partner_name}?"), format!("{who} {role} of it now."), "Suspend")
            }
            Way::Reactivation => (
                format!("Reactivate {name} at {partner_name}?"),
                format!("Suspended for this reason: {}", goer.reason),
                "Reactivate",
            ),
            Way::Removal => {
                (format!("Remove {name} from {partner_name}?"), format!("{who} {role} of it now."), "Remove")
            }
            Way::Leaving => (format!("Leave {partner_name}?"), format!("You are {role} of it now."), "Leave"),
        };
        let own = format!("{}/{}", member_address(partner, member), way.key());
        let (crumbs, action, cancel) = match way {
            Way::Leaving => (
                vec![("/me".into(), "Profile and security".into())],
                format!("/me/memberships/{}/leave", member.id),
                "/me".into(),
            ),
            _ => (crumbs(partner, actor), own, tab(partner.code.as_str(), "users")),
        };
        LeavingPage {
            crumbs,
            title,
            lead,
            effects: effects(goer, way, is_self),
            action,
            button,
            harsh: way != Way::Reactivation,
            cancel,
            version: member.version,
            wants_reason: way == Way::Suspension,
            successors: goer.successors.as_ref().map(|all| {
                let shown = |one: &Member| (one.id.to_string(), format!("{}, {}", one.name, one.role_at(partner)));
                all.iter().map(shown).collect()
            }),
            form,
        }
    }
}

impl Way {
    fn key(self) -> &'static str {
        match self {
            Way::Suspension => "suspend",
            Way::Reactivation => "reactivate",
            Way::Removal => "remove",
            Way::Leaving => "leave",
        }
    }
}

/// What it does to them, in sentences.
fn effects(goer: &Goer, way: Way, is_self: bool) -> Vec<String> {
    let (partner, member) = (&goer.partner, &goer.member);
    let name = &member.name;
    let wide = partner.is_hosting && member.role != MemberRole::User;
    let reach = if wide { "the program".to_owned() } else { partner.name.to_string() };
    let (who, sees) = if is_self { ("You".to_owned(), "see") } else { (name.clone(), "sees") };
    let gone = format!("{who} no longer {sees} {reach} from the next click on, unless another membership shows it.");
    let told = format!("{name} gets a letter that says so, with your name.");
    match way {
        Way::Suspension => vec![
            gone,
            "The account, its other memberships and the role here stay; you can reactivate it at any time.".into(),
            told,
            "The reason stands in the activity of the partner and in the letter.".into(),
        ],
        Way::Reactivation => {
            vec![format!("{name} acts as {} again from the next click on.", member.role_at(partner)), told]
        }
        Way::Removal | Way::Leaving => {
            let mut effects = vec![
                gone,
                "The account stays, with its other memberships; an administrator can add it again.".into(),
                "What was done so far stays in the activity, with the name.".into(),
            ];
            if !is_self {
                effects.push(told);
            }
            effects
        }
    }
}

/// Before somebody looks at the portal as a member sees it.
#[derive(Template)]
#[template(path = "people/view_as.html")]
pub struct ViewAsPage {
    pub crumbs: Vec<(String, String)>,
    pub partner: String,
    pub name: String,
    pub role: String,
    pub action: String,
    pub cancel: String,
    pub form: Form,
}

impl ViewAsPage {
    /// The page for a member.
    pub fn new(partner: &Partner, member: &Member, actor: &Actor, form: Form) -> ViewAsPage {
        ViewAsPage {
            crumbs: crumbs(partner, actor),
            partner: partner.name.to_string(),
            name: member.name.clone(),
            role: member.role_at(partner),
            action: format!("{}/view-as", member_address(partner, member)),
            cancel: tab(partner.code.as_str(), "users"),
            form,
        }
    }

    /// The page's title.
    pub fn title(&self) -> String {
        format!("View as {}", self.name)
    }

    fn minutes(&self) -> &'static [(&'static str, &'static str)] {
        &MINUTES
    }
}
