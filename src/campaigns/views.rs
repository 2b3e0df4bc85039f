//! Pages of campaigns.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::decision::Availability;
use super::forms;
use super::measures::SetUp;
use super::messages::{Messages, Words, usual};
use super::model::{Campaign, Display, Phase, Step};
use super::store::{MOST_LINKS, Undo};
use super::timeline::{self, Timeline};
use crate::access::{Actor, ApproveCampaign, AssignTier, CreateCampaign, ExportCampaigns, Scope, UpdateCampaign};
use crate::activity::views::Entry;
use crate::partners::views::{Chip, Header, may};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, counted};
use crate::web::time::When;

/// What a person may do.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub create: bool,
    pub update: bool,
    pub approve: bool,
    pub assign: bool,
    pub export: bool,
    pub sees_program: bool,
}

impl Allowed {
    /// The page asks the same table as the handlers.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed {
            create: may::<CreateCampaign>(actor),
            update: may::<UpdateCampaign>(actor),
            approve: may::<ApproveCampaign>(actor),
            assign: may::<AssignTier>(actor),
            export: may::<ExportCampaigns>(actor),
            sees_program: matches!(actor.scope(), Scope::Program(_)),
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    pub code: String,
    pub phase: Phase,
    pub first: String,
    pub last: String,
    pub zone: String,
    pub partners: String,
    pub display: Display,
    pub updated: When,
    pub updated_by: String,
}

/// "1 Oct 2026"; empty where there is no day.
pub fn day(day: Option<chrono::NaiveDate>) -> String {
    day.map(|day| day.format("%-d %b %Y").to_string()).unwrap_or_default()
}

impl Row {
    /// Makes a line ready.
    pub fn new(campaign: &Campaign, partners: i64, now: DateTime<Utc>, zone: Tz) -> Row {
        let days = campaign.days();
        Row {
            address: super::address(campaign.id),
            name: campaign.name.to_string(),
            code: campaign.code.clone(),
            phase: campaign.phase(now),
            first: day(Some(days.first)),
            last: day(days.last),
            zone: campaign.time_zone.to_string(),
            partners: if partners > MOST_LINKS { format!("{MOST_LINKS}+") } else { partners.to_string() },
            display: campaign.display,
            updated: When::new(campaign.updated_at, now, zone),
            updated_by: campaign.updated_by_name.clone(),
        }
    }
}

/// The list of everything in scope.
#[derive(Template)]
#[template(path = "campaigns/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub counts: Vec<(Phase, i64)>,
    pub allowed: Allowed,
    pub tiers_on: bool,
}

impl IndexPage {
    /// Which arrow a heading shows, and where its link leads.
    fn sorted(&self, key: &str) -> (&'static str, &'static str, String) {
        let present = match self.params.get("sort") {
            "" => "-start",
            other => other,
        };
        let down = format!("-{key}");
        if present == key {
            ("ascending", "chevron-up", self.params.with("sort", &down))
        } else if present == down {
            ("descending", "chevron-down", self.params.with("sort", key))
        } else {
            ("", "selector", self.params.with("sort", if key == "name" { key } else { &down }))
        }
    }

    fn all(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    fn is_phase(&self, phase: &Phase) -> bool {
        self.params.get("state") == phase.key()
    }

    fn displays(&self) -> &'static [Display] {
        Display::ALL
    }

    fn is_filtered(&self) -> bool {
        !self.chips().is_empty()
    }

    fn chips(&self) -> Vec<Chip> {
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        let display = |key: &str| Display::from_key(key).map_or("unknown", Display::short);
        [
            ("q", get("q").map(|q| format!("“{q}”"))),
            ("partner", get("partner").map(|code| format!("Partner: {code}"))),
            ("display", get("display").map(|key| format!("Display: {}", display(key)))),
        ]
        .into_iter()
        .filter_map(|(name, label)| Some(Chip { label: label?, address: self.params.with(name, "") }))
        .collect()
    }
}

/// The campaigns of one partner.
#[derive(Template)]
#[template(path = "campaigns/of_partner.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct OfPartnerPage {
    pub header: Header,
    pub rows: Vec<Row>,
    /// Campaigns that it could be linked to.
    pub others: Vec<(String, String)>,
    pub allowed: Allowed,
    pub assignments: Vec<timeline::Line>,
    pub tiers_on: bool,
}

/// One tab.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Tab {
    pub label: &'static str,
    pub address: String,
    pub count: String,
    pub is_current: bool,
}

/// The head of every page of one campaign.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Head {
    pub address: String,
    pub name: String,
    pub code: String,
    pub phase: Phase,
    pub days: String,
    pub counts: String,
    pub owner: String,
    pub steps: &'static [Step],
    pub asks_approval: bool,
    pub is_awaiting: bool,
    pub is_open: bool,
    pub allowed: Allowed,
    pub tiers_on: bool,
    pub tabs: Vec<Tab>,
}

impl Head {
    /// What a step is called here.
    pub fn step_label(&self, step: &Step) -> &'static str {
        match step {
            Step::Submit if self.asks_approval => "Submit for approval",
            other => other.label(),
        }
    }
}

/// What a campaign is.
#[derive(Template)]
#[template(path = "campaigns/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub head: Head,
    pub campaign: Campaign,
    pub created: When,
    pub updated: When,
    pub examples: Vec<(&'static str, String)>,
    pub set_up: Option<SetUp>,
}

/// The messages of a campaign with words put in.
pub fn examples(messages: &Messages) -> Vec<(&'static str, String)> {
    let words = Words { tier: "Gold", date: "24 Dec 2026", product: "Weekend Gold Upgrade" };
    [
        ("Before it begins", Availability::NotYet),
        ("After it ended", Availability::Expired),
        ("To customers of other tiers", Availability::WrongTier),
    ]
    .into_iter()
    .map(|(label, availability)| (label, messages.say(availability, &words)))
    .collect()
}

/// The form of a campaign, new or old.
#[derive(Template)]
#[template(path = "campaigns/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub present: Option<Campaign>,
    pub notice: Option<String>,
}

impl FormPage {
    /// What the page is called.
    pub fn title(&self) -> String {
        self.present.as_ref().map_or_else(|| "Create campaign".into(), |present| format!("Edit {}", present.name))
    }

    /// After somebody was faster: what is stored now where it differs from what was typed.
    pub fn compare(&mut self, text: &str) {
        let Some(present) = &self.present else { return };
        let stored = forms::filled(present);
        let labels = [
            ("name", "Name"),
            ("description", "Description"),
            ("first_day", "First day"),
            ("last_day", "Last day"),
            ("time_zone", "Time zone"),
            ("display", "Display"),
            ("not_yet", "The message before it begins"),
            ("expired", "The message after it ended"),
            ("wrong_tier", "The message to other tiers"),
        ];
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

    fn action(&self) -> String {
        self.present
            .as_ref()
            .map_or_else(|| "/campaigns".into(), |present| format!("{}/edit", super::address(present.id)))
    }

    fn cancel(&self) -> String {
        self.present.as_ref().map_or_else(|| "/campaigns".into(), |present| super::address(present.id))
    }

    fn displays(&self) -> Vec<(&'static str, &'static str)> {
        Display::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn code_is_fixed(&self) -> bool {
        self.present.as_ref().is_some_and(|present| present.state != super::model::State::Draft)
    }

    /// The messages as they are typed, with words put in.
    fn examples(&self) -> Vec<(&'static str, String)> {
        let text = |field: &str| self.form.value(field).trim().to_owned();
        examples(&Messages { not_yet: text("not_yet"), expired: text("expired"), wrong_tier: text("wrong_tier") })
    }

    fn usual(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("not_yet", "Before it begins", usual(Availability::NotYet)),
            ("expired", "After it ended", usual(Availability::Expired)),
            ("wrong_tier", "To customers of other tiers", usual(Availability::WrongTier)),
        ]
    }
}

/// The form of a copy.
#[derive(Template)]
#[template(path = "campaigns/copy.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct CopyPage {
    pub form: Form,
    pub campaign: Campaign,
    pub days: String,
    pub tiers_on: bool,
}

impl CopyPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }
}

/// Partners to be linked.
#[derive(Template)]
#[template(path = "campaigns/link.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct LinkPage {
    pub campaign: Campaign,
    pub form: Form,
    pub choices: Vec<(String, String)>,
    pub more: bool,
}

impl LinkPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }

    fn is_ticked(&self, code: &str) -> bool {
        self.form.values("code").contains(&code)
    }
}

/// A linked partner.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Linked {
    pub code: String,
    pub address: String,
    pub name: String,
    pub status: crate::partners::model::Status,
    pub zone: String,
    pub products: i64,
    pub assignments: usize,
    pub linked: When,
    pub linked_by: String,
    pub unlink: Option<String>,
}

/// Something that is said above the timeline.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Warning {
    pub title: String,
    pub text: String,
    pub fix: Option<(String, &'static str)>,
}

/// Warnings that are said at once.
const SAID_AT_ONCE: usize = 2;
/// More of them behind a summary; all are in the configuration check.
const SAID_LATER: usize = 100;

/// Partners and tiers of a campaign.
#[derive(Template)]
#[template(path = "campaigns/partners.html", blocks = ["timeline"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct PartnersPage {
    pub head: Head,
    pub params: Params,
    pub warnings: Vec<Warning>,
    pub timeline: Timeline,
    pub lines: Vec<timeline::Line>,
    pub left_off: usize,
    pub linked: Vec<Linked>,
    pub partners: usize,
    pub tiers: Vec<(String, String)>,
    pub preview: super::preview::Panel,
    pub undo: Option<Undo>,
    pub undo_at: Option<When>,
}

impl PartnersPage {
    fn zooms(&self) -> [(&'static str, String, bool); 3] {
        let zoom = self.timeline.zoom;
        [timeline::Zoom::Month, timeline::Zoom::Eight, timeline::Zoom::Year]
            .map(|one| (one.label(), self.params.with("zoom", one.key()), one == zoom))
    }

    /// What is said at once; the rest is behind a summary, so that the timeline stays in sight.
    fn first_warnings(&self) -> &[Warning] {
        self.warnings.get(..SAID_AT_ONCE).unwrap_or(&self.warnings)
    }

    fn other_warnings(&self) -> &[Warning] {
        let more = self.warnings.get(SAID_AT_ONCE..).unwrap_or_default();
        more.get(..SAID_LATER).unwrap_or(more)
    }

    fn more_gaps(&self) -> String {
        counted(self.warnings.len().saturating_sub(SAID_AT_ONCE) as i64, "more gap", "more gaps")
    }

    fn unsaid_gaps(&self) -> usize {
        self.warnings.len().saturating_sub(SAID_AT_ONCE + SAID_LATER)
    }

    /// Linked partners that are not on the page.
    fn unlisted(&self) -> usize {
        self.partners.saturating_sub(self.linked.len())
    }

    fn standings(&self) -> &'static [super::model::Standing] {
        super::model::Standing::ALL
    }

    fn is_narrowed(&self) -> bool {
        ["tier", "state", "partner"].iter().any(|name| !self.params.get(name).is_empty())
    }

    fn can_assign(&self) -> bool {
        self.head.allowed.assign && self.head.is_open && self.head.tiers_on
    }
}

/// What happened to a campaign.
#[derive(Template)]
#[template(path = "campaigns/activity.html", blocks = ["entries"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ActivityPage {
    pub head: Head,
    pub params: Params,
    pub page: Window<Entry>,
}
