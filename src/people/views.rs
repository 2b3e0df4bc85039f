//! Pages about people.

use askama::Template;
use chrono::{DateTime, Utc};

use super::leaving::{Goer, Way};
use super::store::{Found, Member};
use super::{UserStatus, model};
use crate::access::session::{MembershipChoice, SessionLine};
use crate::access::{
    Actor, MemberRole, POLICY, RemoveUser, Role, Rule, Scope, UpdatePartnerContacts, UpdateUser,
};
use crate::db::ids::SessionId;
use crate::partners::model::Partner;
use crate::partners::views::{Header, may};
use crate::partners::{address, tab};
use crate::roles::Offer;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window};
use crate::web::time::When;

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

/// The members of a partner.
#[derive(Template)]
#[template(path = "people/users.html", blocks = ["members"])]
pub struct UsersPage {
    pub header: Header,
    pub roles: &'static [MemberRole],
    pub is_hosting: bool,
    pub params: Params,
    pub page: Window<MemberRow>,
    pub total: String,
}

impl UsersPage {
    fn states(&self) -> &'static [UserStatus] {
        UserStatus::ALL
    }

    fn is_filtered(&self) -> bool {
        ["q", "role", "state"].iter().any(|name| !self.params.get(name).is_empty())
    }
}

/// A member, ready to show to somebody.
pub struct MemberRow {
    pub address: String,
    pub name: String,
    pub mailbox: String,
    pub domain: String,
    pub role: String,
    pub status: UserStatus,
    pub seen: Option<When>,
    pub is_contact: bool,
    pub is_you: bool,
    pub can_change: bool,
    pub can_contact: bool,
    pub can_remove: bool,
}

impl MemberRow {
    /// Makes one ready; what is offered is what the handlers would do.
    pub fn new(member: Member, partner: &Partner, actor: &Actor, now: DateTime<Utc>) -> MemberRow {
        let is_you = actor.user() == Some(member.user);
        let is_contact = partner.primary_contact_id == Some(member.user);
        let in_reach = !member.is_system || actor.role() == Some(Role::SystemAdmin);
        let (mailbox, domain) = member.email.split_once('@').unwrap_or((&member.email, ""));
        MemberRow {
            address: member_address(partner, &member),
            mailbox: mailbox.to_owned(),
            domain: domain.to_owned(),
            role: member.role_at(partner),
            status: member.status,
            seen: member.last_seen.map(|at| When::new(at, now, actor.zone())),
            is_contact,
            is_you,
            can_change: in_reach && !is_you && may::<UpdateUser>(actor),
            can_contact: !is_contact && member.status == UserStatus::Active && may::<UpdatePartnerContacts>(actor),
            can_remove: in_reach && may::<RemoveUser>(actor),
            name: member.name,
        }
    }

    fn has_actions(&self) -> bool {
        self.can_change || self.can_contact || self.can_remove
    }
}

fn member_address(partner: &Partner, member: &Member) -> String {
    tab(partner.code.as_str(), &format!("users/{}", member.id))
}

/// The way to a page; a partner's own people have no list of partners.
fn crumbs(partner: &Partner, actor: &Actor) -> Vec<(String, String)> {
    let code = partner.code.as_str();
    let mut crumbs = vec![(address(code), partner.name.to_string()), (tab(code, "users"), "Users".into())];
    if !matches!(actor.scope(), Scope::Partner { .. }) {
        crumbs.insert(0, ("/partners".into(), "Partners".into()));
    }
    crumbs
}

/// Roles to choose from, each with what it lets people do; those that hold more than the giver does are left out.
fn role_options(offers: &[Offer], partner: &Partner, actor: &Actor) -> Vec<(String, String)> {
    let about = |offer: &Offer| match offer.role.at(partner.is_hosting) {
        Role::SystemAdmin | Role::HostingAdmin => "manages the program, its partners and their users",
        Role::Reviewer => "looks at every partner, and reviews integrations",
        Role::Csr => "looks at every partner, and looks after campaigns and tiers",
        Role::PartnerAdmin => "manages this partner’s contacts, logo and users",
        Role::PartnerUser => "works with this partner’s records",
        Role::Auditor if partner.is_hosting => "reads everything in the program, and changes nothing",
        Role::Auditor => "reads everything of this partner, and changes nothing",
        Role::Custom if offer.program_wide => "a role of this program’s own; sees all partners",
        Role::Custom => "a role of this program’s own",
    };
    offers
        .iter()
        .filter(|offer| offer.beyond(actor).is_empty())
        .map(|offer| (offer.key(), format!("{}: {}", offer.name, about(offer))))
        .collect()
}

/// Adding an account to a partner.
#[derive(Template)]
#[template(path = "people/add.html")]
pub struct AddPage {
    pub crumbs: Vec<(String, String)>,
    pub partner: String,
    pub action: String,
    pub cancel: String,
    pub roles: Vec<(String, String)>,
    pub form: Form,
}

impl AddPage {
    /// The page for a partner.
    pub fn new(partner: &Partner, offers: &[Offer], actor: &Actor, form: Form) -> AddPage {
        let code = partner.code.as_str();
        AddPage {
            crumbs: crumbs(partner, actor),
            partner: partner.name.to_string(),
            action: tab(code, "users/new"),
            cancel: tab(code, "users"),
            roles: role_options(offers, partner, actor),
            form,
        }
    }

    /// The page's title.
    pub fn title(&self) -> String {
        format!("Add a user to {}", self.partner)
    }
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
            Way::Suspension => (format!("Suspend {name} at {partner_name}?"), format!("{who} {role} of it now."), "Suspend"),
            Way::Reactivation => (
                format!("Reactivate {name} at {partner_name}?"),
                format!("Suspended for this reason: {}", goer.reason),
                "Reactivate",
            ),
            Way::Removal => (format!("Remove {name} from {partner_name}?"), format!("{who} {role} of it now."), "Remove"),
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
        &super::view_as::MINUTES
    }
}

/// One rule of an answer.
pub struct Line {
    pub lets: bool,
    pub text: String,
    /// Who could change it, and where; of rules that stand in the way.
    pub remedy: Option<(&'static str, Option<String>)>,
}

impl Line {
    /// A rule and whether it lets them.
    pub fn new(lets: bool, text: String) -> Line {
        Line { lets, text, remedy: None }
    }

    /// What helps where it does not.
    pub fn mend(self, text: &'static str, link: Option<String>) -> Line {
        let remedy = (!self.lets).then_some((text, link));
        Line { remedy, ..self }
    }
}

/// A choice of the list of permissions.
pub struct RuleGroup {
    pub resource: &'static str,
    pub rules: Vec<(String, &'static str)>,
}

/// Why somebody can or cannot do something.
#[derive(Template)]
#[template(path = "people/access.html")]
pub struct ExplainPage {
    pub params: Params,
    pub people: Vec<Person>,
    pub has_more: bool,
    pub chosen: Option<Person>,
    pub groups: Vec<RuleGroup>,
    pub answer: Option<Answer>,
}

/// Somebody to ask about.
pub struct Person {
    pub membership: String,
    pub name: String,
    pub email: String,
    pub partner: String,
    pub code: String,
}

/// The answer to a question.
pub struct Answer {
    pub can: bool,
    pub what: String,
    pub lines: Vec<Line>,
}

impl Person {
    fn new(found: &Found) -> Person {
        Person {
            membership: found.member.id.to_string(),
            name: found.member.name.clone(),
            email: found.member.email.clone(),
            partner: found.partner_name.clone(),
            code: found.partner_code.clone(),
        }
    }
}

impl ExplainPage {
    /// Whom to ask about.
    pub fn choosing(params: Params, people: Vec<Found>, has_more: bool) -> ExplainPage {
        let people = people.iter().map(Person::new).collect();
        ExplainPage { params, people, has_more, chosen: None, groups: Vec::new(), answer: None }
    }

    /// What to ask about somebody.
    pub fn asking(params: Params, found: &Found) -> ExplainPage {
        let mut groups: Vec<RuleGroup> = Vec::new();
        for rule in POLICY.iter().filter(|rule| !rule.everyone) {
            let line = (rule.key(), rule.action);
            match groups.iter_mut().find(|group| group.resource == rule.resource) {
                Some(group) => group.rules.push(line),
                None => groups.push(RuleGroup { resource: rule.resource, rules: vec![line] }),
            }
        }
        let chosen = Some(Person::new(found));
        ExplainPage { params, people: Vec::new(), has_more: false, chosen, groups, answer: None }
    }

    /// The answer.
    pub fn answering(
        params: Params,
        found: &Found,
        rule: &Rule,
        can: bool,
        lines: Vec<Line>,
    ) -> ExplainPage {
        let what = format!("{}: {}", rule.resource, rule.action);
        let answer = Some(Answer { can, what, lines });
        ExplainPage { answer, ..ExplainPage::asking(params, found) }
    }

    fn is_chosen(&self, key: &str) -> bool {
        self.params.get("permission") == key
    }
}
