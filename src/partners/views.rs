//! Pages of partners: one partner here, the list and the forms in files of their own.

mod form;
mod list;

use askama::Template;
use chrono::{DateTime, Utc};

use super::model::{Category, Move, OpenStep, Partner, STAGES, Status};
use super::store::{Crew, TabCounts};
use crate::access::{
    Actor, AddUser, AnswerForms, ManageHosting, ManagePartnerStatus, MemberRole, Permission, ReadActivity,
    ReadCampaign, ReadConnection, ReadIntegration, ReadMail, ReadProduct, ReadTemplate, ReadTenant, ReadTokens,
    ReadUsers, Standing, UpdatePartnerContacts,
};
use crate::activity::views::Entry;
use crate::values::Choice;
use crate::web::listing::{Params, Window};
use crate::web::page::{hue, initials};
use crate::web::time::When;

pub use form::{Audience, ConfirmPage, FormPage};
pub use list::{Allowed, Chip, IndexPage, Row};

/// Whether a person may do something to what they see; the page asks the same table as the handler.
pub fn may<P: Permission>(actor: &Actor) -> bool {
    actor.may(&P::RULE) && (actor.standing() == Standing::Full || P::RULE.is_read())
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
    pub sees_mail: bool,
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
        if may::<ReadIntegration>(actor) {
            tabs.push(tab("integrations", "Integrations", None));
        }
        if may::<ReadTenant>(actor) {
            tabs.push(tab("tenants", "Tenants", None));
        }
        if may::<ReadCampaign>(actor) {
            tabs.push(tab("campaigns", "Campaigns", None));
        }
        if may::<ReadConnection>(actor) {
            tabs.push(tab("connections", "Connections", None));
        }
        if may::<ReadTemplate>(actor) {
            tabs.push(tab("templates", "Templates", None));
        }
        if may::<ReadProduct>(actor) {
            tabs.push(tab("products", "Products", None));
        }
        if may::<ReadActivity>(actor) {
            tabs.push(tab("activity", "Activity", None));
        }
        if may::<ReadTokens>(actor) {
            tabs.push(tab("tokens", "API tokens", None));
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
                .find(|one| Some(one.user) == partner.primary_contact_id && may::<ReadUsers>(actor))
                .map(|one| one.name.clone())
                .unwrap_or_default(),
            stage: partner.stage(admins),
            open_step: partner.open_step(admins).filter(|step| match step {
                OpenStep::AddAdmin => may::<AddUser>(actor),
                OpenStep::Activate => manages,
                OpenStep::AnswerForm => may::<AnswerForms>(actor),
                OpenStep::ChooseContact | OpenStep::AddSupport => may::<UpdatePartnerContacts>(actor),
            }),
            moves: if manages { partner.status.moves() } else { &[] },
            can_edit: may::<UpdatePartnerContacts>(actor),
            can_add: may::<AddUser>(actor) && partner.status.takes_people(),
            can_host: may::<ManageHosting>(actor),
            can_list: !matches!(actor.scope(), crate::access::Scope::Partner { .. }),
            sees_mail: may::<ReadMail>(actor),
            tabs,
        }
    }

    /// The same head with the numbers of rows behind tabs, as far as the person has these tabs.
    pub fn with_counts(mut self, counts: TabCounts) -> Header {
        let known = [("integrations", counts.integrations), ("tenants", counts.tenants), ("products", counts.products)];
        for (key, count) in known {
            let address = super::tab(&self.code, key);
            for tab in self.tabs.iter_mut().filter(|tab| tab.address == address) {
                tab.count = usize::try_from(count).ok();
            }
        }
        self
    }

    /// The same head once it is known that the program's form waits: that comes before everything but what is
    /// missing to answer it at all.
    pub fn with_open_form(mut self) -> Header {
        if matches!(self.open_step, None | Some(OpenStep::Activate)) {
            self.open_step = Some(OpenStep::AnswerForm);
        }
        self
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
    fn groups(&self) -> [crate::activity::Group; crate::activity::Group::ALL.len()] {
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
    pub answers: Option<crate::forms::views::Section>,
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
