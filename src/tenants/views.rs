//! Pages of tenants.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::model::{KEPT, Outcome, Run, Schedule, Tenant};
use super::stage::{Move, State};
use crate::access::{Actor, CreateTenant, ExportTenants, UpdateTenant};
use crate::activity::views::Entry;
use crate::integrations::model::Integration;
use crate::partners;
use crate::partners::model::Partner;
use crate::partners::views::{Chip, Header, may};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, capped, grouped};
use crate::web::time::When;

/// What a person may do.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub create: bool,
    pub update: bool,
    pub export: bool,
}

impl Allowed {
    /// The page asks the same table as the handlers.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed {
            create: may::<CreateTenant>(actor),
            update: may::<UpdateTenant>(actor),
            export: may::<ExportTenants>(actor),
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    pub external_id: String,
    /// Address, code and name.
    pub partner: (String, String, String),
    /// Address and name.
    pub integration: (String, String),
    pub state: State,
    pub schedule: Schedule,
    pub last: Option<(Outcome, When)>,
}

impl Row {
    /// Makes a line ready.
    pub fn new(
        tenant: &Tenant,
        partner: Option<&(String, String)>,
        integration: Option<&String>,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Row {
        let (code, name) = partner.cloned().unwrap_or_default();
        Row {
            address: super::address(tenant.id),
            name: tenant.name.to_string(),
            external_id: tenant.external_id.clone(),
            partner: (partners::address(&code), code, name),
            integration: (
                crate::integrations::address(tenant.integration_id),
                integration.cloned().unwrap_or_default(),
            ),
            state: tenant.state,
            schedule: tenant.schedule,
            last: tenant.last_outcome.zip(tenant.last_run_at.map(|at| When::new(at, now, zone))),
        }
    }
}

/// A list of tenants with its filters; pages show it under heads of their own.
#[expect(missing_docs, reason = "shown as named")]
pub struct List {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub counts: Option<HashMap<State, i64>>,
    pub allowed: Allowed,
    pub picks_partner: bool,
    pub shows_integration: bool,
    /// Integrations to narrow it to: id and name.
    pub integrations: Vec<(String, String)>,
    /// Where a new one is made.
    pub new_address: String,
    /// Why there can be no new one now.
    pub refusal: Option<String>,
}

impl List {
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
            ("", "selector", self.params.with("sort", if key == "run" { "-run" } else { key }))
        }
    }

    fn states(&self) -> &'static [State] {
        State::ALL
    }

    fn outcomes(&self) -> &'static [Outcome] {
        Outcome::ALL
    }

    fn of_state(&self, state: &State) -> String {
        capped(self.counts.as_ref().and_then(|counts| counts.get(state)).copied().unwrap_or_default())
    }

    fn all(&self) -> String {
        let counts = self.counts.iter().flatten();
        capped(counts.filter(|(state, _)| **state != State::Archived).map(|(_, count)| count).sum())
    }

    fn is_filtered(&self) -> bool {
        ["q", "partner", "integration", "state", "outcome"].iter().any(|name| !self.params.get(name).is_empty())
    }

    fn chips(&self) -> Vec<Chip> {
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        let integration = |id: &str| {
            let name = self.integrations.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
            name.unwrap_or_else(|| "another".into())
        };
        let state = |key: &str| State::from_key(key).map_or("unknown", Choice::label);
        let outcome = |key: &str| Outcome::from_key(key).map_or("unknown", Choice::label);
        let labels = [
            ("q", get("q").map(|q| format!("“{q}”"))),
            ("partner", get("partner").map(|code| format!("Partner: {code}"))),
            ("integration", get("integration").map(|id| format!("Integration: {}", integration(id)))),
            ("state", get("state").map(|key| format!("State: {}", state(key)))),
            ("outcome", get("outcome").map(|key| format!("Last run: {}", outcome(key)))),
        ];
        labels
            .into_iter()
            .filter_map(|(name, label)| Some(Chip { label: label?, address: self.params.with(name, "") }))
            .collect()
    }
}

/// Everything in scope.
#[derive(Template)]
#[template(path = "tenants/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub list: List,
}

/// The tenants of one partner.
#[derive(Template)]
#[template(path = "tenants/tab.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabPage {
    pub header: Header,
    pub list: List,
}

/// The tenants of one integration.
#[derive(Template)]
#[template(path = "tenants/of_integration.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct OfIntegrationPage {
    pub address: String,
    pub name: String,
    pub partner_name: String,
    pub list: List,
}

/// A line of a tenant's runs.
#[expect(missing_docs, reason = "shown as named")]
pub struct RunRow {
    pub address: String,
    pub run: Run,
    pub started: When,
}

impl RunRow {
    /// Makes a line ready.
    pub fn new(run: Run, now: DateTime<Utc>, zone: Tz) -> RunRow {
        RunRow {
            address: super::run_address(run.tenant_id, run.id),
            started: When::new(run.started_at, now, zone),
            run,
        }
    }
}

/// One tenant.
#[derive(Template)]
#[template(path = "tenants/show.html", blocks = ["runs"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub tenant: Tenant,
    pub partner: Partner,
    pub partner_address: String,
    pub integration: Integration,
    pub integration_address: String,
    pub is_live: bool,
    pub can_edit: bool,
    pub moves: Vec<Move>,
    pub since: When,
    pub last: Option<When>,
    pub created: When,
    pub updated: When,
    pub params: Params,
    pub runs: Window<RunRow>,
    pub run_count: i64,
    pub history: Vec<Entry>,
    pub sees_activity: bool,
    pub sees_list: bool,
}

impl ShowPage {
    fn address(&self) -> String {
        super::address(self.tenant.id)
    }

    fn outcomes(&self) -> &'static [Outcome] {
        Outcome::ALL
    }

    fn has_harsh_moves(&self) -> bool {
        self.moves.iter().any(|one| one.is_harsh())
    }

    fn has_runs(&self) -> bool {
        self.run_count > 0
    }

    fn kept(&self) -> String {
        grouped(KEPT)
    }

    fn is_filtered(&self) -> bool {
        !self.params.get("outcome").is_empty()
    }
}

/// One run.
#[derive(Template)]
#[template(path = "tenants/run.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct RunPage {
    pub tenant_name: String,
    pub tenant_address: String,
    pub integration_name: String,
    pub integration_address: String,
    pub run: Run,
    pub started: When,
    pub finished: Option<When>,
    pub reported: When,
    pub log: String,
}

/// The form of a tenant, new or old.
#[derive(Template)]
#[template(path = "tenants/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    /// Published integrations to choose from; of a stored one only its own.
    pub integrations: Vec<(String, String)>,
    pub present: Option<(Tenant, String)>,
    pub saved: Option<(String, When)>,
    pub notice: Option<String>,
}

impl FormPage {
    /// What the page is called.
    pub fn title(&self) -> String {
        self.present.as_ref().map_or_else(|| "Create tenant".into(), |(tenant, _)| format!("Edit {}", tenant.name))
    }

    fn action(&self) -> String {
        self.present
            .as_ref()
            .map_or_else(|| "/tenants".into(), |(tenant, _)| format!("{}/edit", super::address(tenant.id)))
    }

    fn cancel(&self) -> String {
        self.present.as_ref().map_or_else(|| "/tenants".into(), |(tenant, _)| super::address(tenant.id))
    }

    fn schedules(&self) -> Vec<(&'static str, &'static str)> {
        Schedule::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    /// After somebody was faster: what is stored now where it differs from what was typed.
    pub fn compare(&mut self, text: &str) {
        let Some((present, _)) = &self.present else { return };
        let stored = super::forms::filled(present);
        let labels = [("name", "Name"), ("external_id", "External id"), ("schedule", "Schedule"), ("note", "Note")];
        let differing: Vec<String> = labels
            .into_iter()
            .filter(|(field, _)| self.form.value(field) != stored.value(field))
            .map(|(field, label)| format!("{label} is “{}” now", stored.value(field)))
            .collect();
        let kept = format!("{text} Your entries are kept below: compare, then save again.");
        let notice = if differing.is_empty() { kept } else { format!("{kept} {}.", differing.join("; ")) };
        self.form.set("version", &present.version.to_string());
        self.notice = Some(notice);
    }
}
