//! Pages of partners.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use super::model::{Category, Kind, Move, OpenStep, Partner, STAGES, Status};
use super::store::Crew;
use crate::access::{
    Actor, AddUser, ManageHosting, ManagePartnerStatus, MemberRole, Permission, ReadActivity, ReadUsers, Standing,
    UpdatePartnerContacts,
};
use crate::activity::views::Entry;
use crate::db::ids::{PartnerTypeId, UserId};
use crate::programs::store::PartnerType;
use crate::values::{Choice, Phone};
use crate::web::form::Form;
use crate::web::listing::{Params, Window};
use crate::web::page::{hue, initials};
use crate::web::time::When;

/// Whether a person may do something to what they see; the page asks the same table as the handler.
pub fn may<P: Permission>(actor: &Actor) -> bool {
    P::RULE.allows(actor.role()) && (actor.standing() == Standing::Full || P::RULE.is_read())
}

/// A partner's logo or initials.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Tile {
    pub hue: u8,
    pub initials: String,
    pub logo: Option<String>,
}

impl Tile {
    /// The tile of a partner.
    pub fn of(partner: &Partner) -> Tile {
        Tile {
            hue: hue(partner.id.uuid()),
            initials: initials(partner.name.as_str()),
            // The hash makes the address new when the logo is.
            logo: partner.logo_sha256.as_ref().map(|hash| {
                format!("{}?v={}", super::tab(partner.code.as_str(), "logo"), hash.get(..12).unwrap_or(hash))
            }),
        }
    }
}

/// A line of the list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub id: String,
    pub code: String,
    pub name: String,
    pub address: String,
    pub tile: Tile,
    pub contact: String,
    pub type_name: String,
    pub is_hosting: bool,
    pub phone: Option<Phone>,
    pub email: Option<String>,
    pub status: Status,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    /// Makes a line ready.
    pub fn new(
        partner: &Partner,
        types: &HashMap<PartnerTypeId, String>,
        contacts: &HashMap<UserId, String>,
        now: DateTime<Utc>,
        actor: &Actor,
    ) -> Row {
        Row {
            id: partner.id.to_string(),
            code: partner.code.to_string(),
            name: partner.name.to_string(),
            address: super::address(partner.code.as_str()),
            tile: Tile::of(partner),
            contact: partner.primary_contact_id.and_then(|id| contacts.get(&id).cloned()).unwrap_or_default(),
            type_name: types.get(&partner.type_id).cloned().unwrap_or_default(),
            is_hosting: partner.is_hosting,
            phone: partner.support_phone.clone(),
            email: partner.support_email.as_ref().map(ToString::to_string),
            status: partner.status,
            updated: When::new(partner.updated_at, now, actor.zone()),
            updated_by: partner.updated_by_name.clone(),
        }
    }
}

/// What a person may do on the list.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub create: bool,
    pub import: bool,
    pub export: bool,
    pub hosting: bool,
    pub bulk: bool,
    pub users: bool,
    pub edit: bool,
}

/// The list of partners.
#[derive(Template)]
#[template(path = "partners/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub counts: HashMap<Status, i64>,
    pub total: i64,
    pub types: Vec<PartnerType>,
    pub editors: Vec<(UserId, String)>,
    pub me: Option<UserId>,
    pub allowed: Allowed,
    pub hosts: i64,
    pub hosting_limit: i32,
}

/// A filter that is on, with the address without it.
pub struct Chip {
    /// What it says.
    pub label: String,
    /// Without it.
    pub address: String,
}

impl IndexPage {
    fn all(&self) -> i64 {
        self.counts.values().sum()
    }

    fn of_status(&self, status: &Status) -> String {
        crate::web::listing::capped(self.counts.get(status).copied().unwrap_or_default())
    }

    fn is_status(&self, status: &Status) -> bool {
        self.params.get("status") == status.key()
    }

    fn is_filtered(&self) -> bool {
        !self.chips().is_empty()
    }

    /// Which arrow a heading shows, and where its link leads.
    fn sorted(&self, key: &str) -> (&'static str, &'static str, String) {
        let present = match self.params.get("sort") {
            "" => "-updated",
            other => other,
        };
        let down = format!("-{key}");
        if present == key {
            ("ascending", "chevron-up", self.params.with("sort", &down))
        } else if present == down {
            ("descending", "chevron-down", self.params.with("sort", key))
        } else {
            ("", "selector", self.params.with("sort", if key == "updated" { "-updated" } else { key }))
        }
    }

    fn chips(&self) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut chip = |name: &str, label: Option<String>| {
            if let Some(label) = label {
                chips.push(Chip { label, address: self.params.with(name, "") });
            }
        };
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        chip("q", get("q").map(|q| format!("“{q}”")));
        chip(
            "type",
            get("type").map(|key| {
                self.types
                    .iter()
                    .find(|one| one.key == key)
                    .map_or("Type: unknown".into(), |one| format!("Type: {}", one.name))
            }),
        );
        chip(
            "kind",
            get("kind").map(|key| {
                Kind::from_key(key).map_or("Kind: unknown".into(), |kind| format!("Kind: {}", kind.label()))
            }),
        );
        chip(
            "category",
            get("category").map(|key| {
                Category::from_key(key).map_or("Category: unknown".into(), |one| format!("Category: {}", one.label()))
            }),
        );
        chip("hosting", get("hosting").map(|_| "Hosting partners".into()));
        let by = |id: &str| {
            if Some(id) == self.me.map(|me| me.to_string()).as_deref() { Some("me".to_owned()) } else { None }
        };
        chip(
            "updated_by",
            get("updated_by").map(|id| {
                let known =
                    self.editors.iter().find(|(editor, _)| editor.to_string() == id).map(|(_, name)| name.clone());
                format!("Updated by {}", by(id).or(known).unwrap_or_else(|| "somebody else".into()))
            }),
        );
        chips
    }

    fn statuses(&self) -> &'static [Status] {
        Status::ALL
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn categories(&self) -> &'static [Category] {
        Category::ALL
    }

    fn editor_options(&self) -> Vec<(String, String)> {
        let me = self.me.map(|id| (id.to_string(), "Me".to_owned()));
        let others =
            self.editors.iter().filter(|(id, _)| Some(*id) != self.me).map(|(id, name)| (id.to_string(), name.clone()));
        me.into_iter().chain(others).collect()
    }
}

/// The head of every page of one partner: name, status, what can be done, tabs.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Header {
    pub code: String,
    pub name: String,
    pub address: String,
    pub tile: Tile,
    pub status: Status,
    pub is_hosting: bool,
    pub what: String,
    pub local_time: String,
    pub zone: String,
    pub contact: String,
    pub stage: usize,
    pub open_step: Option<OpenStep>,
    pub moves: &'static [Move],
    pub can_edit: bool,
    pub can_add: bool,
    pub can_host: bool,
    pub can_list: bool,
    pub tabs: Vec<Tab>,
}

/// One tab.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Tab {
    pub label: &'static str,
    pub address: String,
    pub count: Option<usize>,
    pub is_current: bool,
}

impl Header {
    /// The head of a partner's pages, for one person.
    pub fn new(
        partner: &Partner,
        crew: &[Crew],
        type_name: &str,
        current: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Header {
        let code = partner.code.as_str();
        let admins = crew.iter().filter(|one| one.role == MemberRole::Admin && one.status == "active").count() as i64;
        let tab = |key: &'static str, label, count| Tab {
            label,
            address: if key.is_empty() { super::address(code) } else { super::tab(code, key) },
            count,
            is_current: key == current,
        };
        let mut tabs = vec![tab("", "Overview", None)];
        if may::<ReadUsers>(actor) {
            tabs.push(tab("users", "Users", Some(crew.len())));
        }
        if may::<ReadActivity>(actor) {
            tabs.push(tab("activity", "Activity", None));
        }
        tabs.push(tab("profile", "Profile", None));
        let manages = may::<ManagePartnerStatus>(actor);
        let category = match partner.category {
            Category::Both => "accrual and redemption".to_owned(),
            one => one.label().to_lowercase(),
        };
        Header {
            code: code.to_owned(),
            name: partner.name.to_string(),
            address: super::address(code),
            tile: Tile::of(partner),
            status: partner.status,
            is_hosting: partner.is_hosting,
            what: format!("{type_name}, {category}"),
            local_time: now.with_timezone(&partner.time_zone.tz()).format("%H:%M").to_string(),
            zone: partner.time_zone.to_string(),
            contact: crew
                .iter()
                .find(|one| Some(one.user) == partner.primary_contact_id)
                .map(|one| one.name.clone())
                .unwrap_or_default(),
            stage: partner.stage(admins),
            open_step: partner.open_step(admins).filter(|step| match step {
                OpenStep::AddAdmin => may::<AddUser>(actor),
                OpenStep::Activate => manages,
                OpenStep::ChooseContact | OpenStep::AddSupport => may::<UpdatePartnerContacts>(actor),
            }),
            moves: if manages { partner.status.moves() } else { &[] },
            can_edit: may::<UpdatePartnerContacts>(actor),
            can_add: may::<AddUser>(actor) && partner.status != Status::Archived,
            can_host: may::<ManageHosting>(actor),
            can_list: !matches!(actor.scope(), crate::access::Scope::Partner { .. }),
            tabs,
        }
    }

    /// The stages of a partner's life, for the line of steps.
    pub fn stages(&self) -> [&'static str; 5] {
        STAGES
    }
}

/// Somebody of a partner.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Person {
    pub name: String,
    pub email: String,
    pub is_contact: bool,
}

/// The overview of a partner.
#[derive(Template)]
#[template(path = "partners/show.html", blocks = ["tab"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub header: Header,
    pub partner: Partner,
    pub type_name: String,
    pub admins: Vec<Person>,
    pub members: String,
    pub recent: Vec<Entry>,
    pub sees_users: bool,
    pub sees_activity: bool,
    pub sees_notes: bool,
    pub created: When,
    pub updated: When,
}

/// A partner's activity.
#[derive(Template)]
#[template(path = "partners/activity.html", blocks = ["entries"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ActivityPage {
    pub header: Header,
    pub params: Params,
    pub page: Window<Entry>,
    pub zone: String,
    pub problem: Option<String>,
}

impl ActivityPage {
    fn groups(&self) -> [crate::activity::Group; 4] {
        crate::activity::Group::ALL
    }

    fn is_filtered(&self) -> bool {
        ["about", "who", "from", "until"].iter().any(|name| !self.params.get(name).is_empty())
    }
}

/// A partner's profile.
#[derive(Template)]
#[template(path = "partners/profile.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ProfilePage {
    pub header: Header,
    pub partner: Partner,
    pub type_name: String,
    pub contact: Option<Crew>,
    pub program: String,
    pub sees_notes: bool,
}

/// The form of a partner, new or old.
#[derive(Template)]
#[template(path = "partners/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub partner: Option<Partner>,
    pub whole: bool,
    pub types: Vec<(String, String)>,
    pub members: Vec<(String, String)>,
    pub program: String,
    pub zone_hint: String,
    pub saved: Option<(String, When)>,
    pub audience: Option<Audience>,
    pub can_host: bool,
    pub notice: Option<String>,
    pub tile: Option<Tile>,
}

/// Who can see and edit a partner, counted.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Audience {
    pub edit: String,
    pub read: String,
}

impl FormPage {
    fn action(&self) -> String {
        match &self.partner {
            Some(partner) => super::tab(partner.code.as_str(), "edit"),
            None => "/partners".into(),
        }
    }

    fn cancel(&self) -> String {
        match &self.partner {
            Some(partner) => super::address(partner.code.as_str()),
            None => "/partners".into(),
        }
    }

    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        Kind::ALL.iter().map(|kind| (kind.key(), kind.label())).collect()
    }

    fn categories(&self) -> Vec<(&'static str, &'static str)> {
        Category::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn statuses(&self) -> Vec<(&'static str, &'static str)> {
        [Status::Planned, Status::Pending, Status::Active].iter().map(|one| (one.key(), one.label())).collect()
    }

    fn code_is_fixed(&self) -> bool {
        self.partner.as_ref().is_some_and(|partner| partner.code_fixed)
    }
}

/// Before something is done: what it does.
#[derive(Template)]
#[template(path = "components/confirm.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ConfirmPage {
    pub crumbs: Vec<(String, String)>,
    pub title: String,
    pub lead: String,
    pub effects: Vec<String>,
    pub skipped: Vec<String>,
    pub action: String,
    pub button: String,
    pub harsh: bool,
    pub cancel: String,
    pub reason: Option<&'static str>,
    pub tick: Option<&'static str>,
    pub hidden: Vec<(String, String)>,
    pub form: Form,
}

/// All hosting partners and their admins (S0-14).
#[derive(Template)]
#[template(path = "partners/hosting.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct HostingPage {
    pub hosts: Vec<Host>,
    pub limit: i32,
    pub can_host: bool,
}

impl HostingPage {
    fn is_over(&self) -> bool {
        self.hosts.len() as i64 > i64::from(self.limit)
    }
}

/// A hosting partner.
#[expect(missing_docs, reason = "shown as named")]
pub struct Host {
    pub tile: Tile,
    pub name: String,
    pub code: String,
    pub address: String,
    pub status: Status,
    pub people: Vec<(String, String, &'static str)>,
}
