//! Pages about people.

mod explain;
mod leaving;

use askama::Template;
use chrono::{DateTime, Utc};

use super::model;
use super::store::Member;
use crate::access::session::{MembershipChoice, SessionLine};
use crate::access::{Actor, Role, Scope};
use crate::db::ids::SessionId;
use crate::partners::model::Partner;
use crate::partners::{address, tab};
use crate::roles::Offer;
use crate::web::form::Form;
use crate::web::time::When;

pub use explain::{ExplainPage, Line};
pub use leaving::{LeavingPage, ViewAsPage};

/// The sign-in page.
#[derive(Template)]
#[template(path = "people/sign_in.html")]
pub struct SignInPage<'a> {
    pub email: &'a str,
    pub next: &'a str,
    pub notice: Option<&'static str>,
    pub problem: Option<&'static str>,
}

/// The page for the very first person.
#[derive(Template)]
#[template(path = "people/set_up.html")]
pub struct SetUpPage {
    pub form: Form,
}

/// One's own account.
#[derive(Template)]
#[template(path = "people/account.html")]
pub struct AccountPage {
    pub profile: Form,
    pub password: Form,
    pub email_form: Form,
    pub second_factor: Option<When>,
    pub stale: Option<&'static str>,
    pub email: String,
    pub memberships: Option<Vec<MembershipChoice>>,
    pub sessions: Vec<SessionRow>,
    pub actor: Actor,
}

impl AccountPage {
    /// System administrators act above partners; where they are members, another of them takes them off.
    fn can_leave(&self) -> bool {
        self.actor.role() != Some(Role::SystemAdmin)
    }

    fn memberships(&self) -> &[MembershipChoice] {
        self.memberships.as_deref().unwrap_or_default()
    }
}

/// A session, ready to show.
pub struct SessionRow {
    pub id: SessionId,
    pub browser: String,
    pub address: String,
    pub since: When,
    pub seen: When,
    pub is_this: bool,
}

impl SessionRow {
    /// Makes one ready for its owner.
    pub fn new(line: SessionLine, actor: &Actor, now: DateTime<Utc>) -> SessionRow {
        SessionRow {
            id: line.id,
            browser: model::browser(&line.agent),
            address: line.address,
            since: When::new(line.created_at, now, actor.zone()),
            seen: When::new(line.last_seen_at, now, actor.zone()),
            is_this: actor.session() == Some(line.id),
        }
    }
}

pub(super) fn member_address(partner: &Partner, member: &Member) -> String {
    tab(partner.code.as_str(), &format!("users/{}", member.id))
}

/// The way to a page; a partner's own people have no list of partners.
pub fn crumbs(partner: &Partner, actor: &Actor) -> Vec<(String, String)> {
    let code = partner.code.as_str();
    let mut crumbs = vec![(address(code), partner.name.to_string()), (tab(code, "users"), "Users".into())];
    if !matches!(actor.scope(), Scope::Partner { .. }) {
        crumbs.insert(0, ("/partners".into(), "Partners".into()));
    }
    crumbs
}

/// What a role lets people do at a partner, in a few words.
pub fn about(offer: &Offer, partner: &Partner) -> &'static str {
    match offer.role.at(partner.is_hosting) {
        Role::SystemAdmin | Role::HostingAdmin => "manages the program, its partners and their users",
        Role::Reviewer => "looks at every partner, and reviews integrations",
        Role::Csr => "looks at every partner, and looks after campaigns and tiers",
        Role::PartnerAdmin => "manages this partner’s contacts, logo and users",
        Role::PartnerUser => "works with this partner’s records",
        Role::Auditor if partner.is_hosting => "reads everything in the program, and changes nothing",
        Role::Auditor => "reads everything of this partner, and changes nothing",
        Role::Custom if offer.program_wide => "a role of this program’s own; sees all partners",
        Role::Custom => "a role of this program’s own",
    }
}

/// Roles to choose from, each with what it lets people do; those that hold more than the giver does are left out.
fn role_options(offers: &[Offer], partner: &Partner, actor: &Actor) -> Vec<(String, String)> {
    offers
        .iter()
        .filter(|offer| offer.beyond(actor).is_empty())
        .map(|offer| (offer.key(), format!("{}: {}", offer.name, about(offer, partner))))
        .collect()
}

/// Changing the role of a member.
#[derive(Template)]
#[template(path = "people/role.html")]
pub struct RolePage {
    pub crumbs: Vec<(String, String)>,
    pub partner: String,
    pub name: String,
    pub email: String,
    pub present: String,
    pub action: String,
    pub cancel: String,
    pub roles: Vec<(String, String)>,
    pub form: Form,
    pub notice: Option<String>,
}

impl RolePage {
    /// The page for a member.
    pub fn new(
        partner: &Partner,
        member: &Member,
        offers: &[Offer],
        actor: &Actor,
        form: Form,
        notice: Option<String>,
    ) -> RolePage {
        RolePage {
            crumbs: crumbs(partner, actor),
            partner: partner.name.to_string(),
            name: member.name.clone(),
            email: member.email.clone(),
            present: member.role_at(partner),
            action: format!("{}/role", member_address(partner, member)),
            cancel: tab(partner.code.as_str(), "users"),
            roles: role_options(offers, partner, actor),
            form,
            notice,
        }
    }

    /// The page's title.
    pub fn title(&self) -> String {
        format!("Role of {}", self.name)
    }
}
