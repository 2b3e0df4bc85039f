//! Pages of connections.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::forms;
use super::model::{Auth, Connection, Direction, Facts, Kind, TestState, Use};
use crate::access::{Actor, CreateConnection, DeleteConnection, ExportConnections, TestConnection, UpdateConnection};
use crate::activity::views::Entry;
use crate::db::ids::UserId;
use crate::partners;
use crate::partners::model::Partner;
use crate::partners::views::{Chip, Header, may};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window};
use crate::web::time::When;

/// What a person may do.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub create: bool,
    pub update: bool,
    pub remove: bool,
    pub test: bool,
    pub export: bool,
}

impl Allowed {
    /// The page asks the same table as the handlers.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed {
            create: may::<CreateConnection>(actor),
            update: may::<UpdateConnection>(actor),
            remove: may::<DeleteConnection>(actor),
            test: may::<TestConnection>(actor),
            export: may::<ExportConnections>(actor),
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    /// Address, code and name.
    pub partner: (String, String, String),
    pub kind: Kind,
    pub direction: Direction,
    pub host: String,
    pub inside: String,
    pub test: TestState,
    pub tested: Option<When>,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    /// Makes a line ready.
    pub fn new(connection: &Connection, partner: Option<&(String, String)>, now: DateTime<Utc>, zone: Tz) -> Row {
        let (code, name) = partner.cloned().unwrap_or_default();
        Row {
            address: super::address(connection.id),
            name: connection.name.to_string(),
            partner: (partners::address(&code), code, name),
            kind: connection.kind,
            direction: connection.direction,
            host: connection.host.clone(),
            inside: match connection.kind {
                Kind::S3 => format!("{}/{}", connection.bucket, connection.prefix),
                _ => connection.path.clone(),
            },
            test: connection.test_state,
            tested: connection.tested_at.map(|at| When::new(at, now, zone)),
            updated: When::new(connection.updated_at, now, zone),
            updated_by: connection.updated_by_name.clone(),
        }
    }
}

/// The list of everything in scope.
#[derive(Template)]
#[template(path = "connections/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub editors: Vec<(UserId, String)>,
    pub me: Option<UserId>,
    pub allowed: Allowed,
    pub picks_partner: bool,
    pub has_partners: bool,
}

impl IndexPage {
    /// Which arrow a heading shows, and where its link leads.
    fn sorted(&self, key: &str) -> (&'static str, &'static str, String) {
        let present = match self.params.get("sort") {
            "" => "name",
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

    fn is_filtered(&self) -> bool {
        !self.chips().is_empty()
    }

    fn chips(&self) -> Vec<Chip> {
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        let known = |found: Option<&'static str>| found.unwrap_or("unknown");
        let editor = |id: &str| {
            if self.me.is_some_and(|me| me.to_string() == id) {
                return "me".to_owned();
            }
            let name = self.editors.iter().find(|(editor, _)| editor.to_string() == id).map(|(_, name)| name.clone());
            name.unwrap_or_else(|| "somebody else".into())
        };
        let labels = [
            ("q", get("q").map(|q| format!("“{q}”"))),
            ("partner", get("partner").map(|code| format!("Partner: {code}"))),
            ("kind", get("kind").map(|key| format!("Kind: {}", known(Kind::from_key(key).map(Choice::label))))),
            (
                "direction",
                get("direction")
                    .map(|key| format!("Direction: {}", known(Direction::from_key(key).map(Direction::short)))),
            ),
            ("test", get("test").map(|key| format!("Test: {}", known(TestState::from_key(key).map(Choice::label))))),
            ("updated_by", get("updated_by").map(|id| format!("Updated by {}", editor(id)))),
        ];
        labels
            .into_iter()
            .filter_map(|(name, label)| Some(Chip { label: label?, address: self.params.with(name, "") }))
            .collect()
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn directions(&self) -> &'static [Direction] {
        Direction::ALL
    }

    fn states(&self) -> &'static [TestState] {
        TestState::ALL
    }

    fn editor_options(&self) -> Vec<(String, String)> {
        let me = self.me.map(|id| (id.to_string(), "Me".to_owned()));
        let others =
            self.editors.iter().filter(|(id, _)| Some(*id) != self.me).map(|(id, name)| (id.to_string(), name.clone()));
        me.into_iter().chain(others).collect()
    }
}

/// The connections of one partner.
#[derive(Template)]
#[template(path = "connections/tab.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabPage {
    pub header: Header,
    pub params: Params,
    pub page: Window<Row>,
    pub allowed: Allowed,
    /// Why the partner can have no new one now.
    pub refusal: Option<String>,
}

impl TabPage {
    fn new_address(&self) -> String {
        format!("/connections/new?partner={}", crate::web::encode(&self.header.code))
    }
}

/// One connection.
#[derive(Template)]
#[template(path = "connections/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub connection: Connection,
    pub facts: Facts,
    pub partner: Partner,
    pub partner_address: String,
    pub sees_list: bool,
    pub allowed: Allowed,
    pub can_go_on: bool,
    pub tested: Option<When>,
    pub created: When,
    pub updated: When,
    pub uses: Vec<Use>,
    pub history: Vec<Entry>,
    pub sees_activity: bool,
}

impl ShowPage {
    fn address(&self) -> String {
        super::address(self.connection.id)
    }

    fn can_edit(&self) -> bool {
        self.allowed.update && self.can_go_on
    }

    fn can_test(&self) -> bool {
        self.allowed.test && self.can_go_on
    }
}

/// Whose it shall be, and of which kind.
#[derive(Template)]
#[template(path = "connections/choose.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ChoosePage {
    pub form: Form,
    pub partners: Vec<(String, String)>,
    pub picks_partner: bool,
}

impl ChoosePage {
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }
}

/// The form of a connection, new or old.
#[derive(Template)]
#[template(path = "connections/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub kind: Kind,
    pub partner_code: String,
    pub partner_name: String,
    pub present: Option<Connection>,
    pub saved: Option<(String, When)>,
    pub notice: Option<String>,
}

impl FormPage {
    /// The form of a new one.
    pub fn new(form: Form, kind: Kind, partner: &Partner) -> FormPage {
        FormPage {
            form,
            kind,
            partner_code: partner.code.to_string(),
            partner_name: partner.name.to_string(),
            present: None,
            saved: None,
            notice: None,
        }
    }

    /// What the page is called.
    pub fn title(&self) -> String {
        self.present.as_ref().map_or_else(|| "Create connection".into(), |present| format!("Edit {}", present.name))
    }

    /// After somebody was faster: what is stored now where it differs from what was typed.
    pub fn compare(&mut self, text: &str) {
        let Some(present) = &self.present else { return };
        let stored = forms::filled(present);
        let labels = [
            ("name", "Name"),
            ("direction", "Direction"),
            ("host", "Host"),
            ("port", "Port"),
            ("path", "Folder"),
            ("url", "Address"),
            ("region", "Region"),
            ("bucket", "Bucket"),
            ("prefix", "Prefix"),
            ("auth", "Sign-in"),
            ("username", "User name"),
            ("host_key", "Host key"),
        ];
        let differing: Vec<String> = labels
            .into_iter()
            .filter(|(field, _)| self.form.pairs().iter().any(|(name, _)| name == field))
            .filter(|(field, _)| self.form.value(field) != stored.value(field))
            .map(|(field, label)| format!("{label} is “{}” now", stored.value(field)))
            .collect();
        let kept = format!("{text} Your entries are kept below, but for credentials: compare, then save again.");
        let notice = if differing.is_empty() { kept } else { format!("{kept} {}.", differing.join("; ")) };
        self.form.set("version", &present.version.to_string());
        self.notice = Some(notice);
    }

    fn action(&self) -> String {
        self.present
            .as_ref()
            .map_or_else(|| "/connections".into(), |present| format!("{}/edit", super::address(present.id)))
    }

    fn cancel(&self) -> String {
        self.present
            .as_ref()
            .map_or_else(|| partners::tab(&self.partner_code, "connections"), |present| super::address(present.id))
    }

    fn directions(&self) -> Vec<(&'static str, &'static str)> {
        Direction::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn auths(&self) -> Vec<(&'static str, &'static str)> {
        self.kind.auths().iter().map(|one| (one.key(), one.label())).collect()
    }

    fn offers(&self, auth: Auth) -> bool {
        self.kind.auths().contains(&auth)
    }

    /// The label of the field for a secret of one line.
    fn password_label(&self) -> &'static str {
        match self.kind {
            Kind::Sftp | Kind::Ftps => "Password",
            Kind::Https => "Token or password",
            Kind::S3 => "Secret key",
        }
    }

    /// What is said where a secret is kept.
    fn kept(&self, is_key: bool) -> &'static str {
        let stored = self.present.as_ref().map(|present| present.auth);
        match stored {
            Some(Auth::None) | None => "Encrypted as soon as it is saved, and never shown again.",
            Some(auth) if (auth == Auth::Key) == is_key => "Kept; enter a new one to replace it.",
            Some(_) => "Only needed for this kind of sign-in.",
        }
    }

    fn port_hint(&self) -> String {
        let ports: Vec<String> = self.kind.ports().iter().map(u16::to_string).collect();
        format!("Usually {}.", ports.join(", or "))
    }
}
