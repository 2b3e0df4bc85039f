//! The list of partners.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use crate::access::{Actor, ReadUsers};
use crate::db::ids::{PartnerTypeId, UserId};
use crate::partners::model::{Category, Kind, Partner, Status};
use crate::programs::store::PartnerType;
use crate::values::{Choice, Phone};
use crate::web::listing::{Params, Window};
use crate::web::time::When;

use super::{Tile, may};

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
            address: crate::partners::address(partner.code.as_str()),
            tile: Tile::of(partner),
            // Who a partner's people are is for those who may read users.
            contact: partner
                .primary_contact_id
                .filter(|_| may::<ReadUsers>(actor))
                .and_then(|id| contacts.get(&id).cloned())
                .unwrap_or_default(),
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
