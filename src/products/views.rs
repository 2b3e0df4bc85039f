//! Pages of products.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::availability::{Asked, Upcoming, Verdict};
use super::forms;
use super::model::{Assignment, Kind, Owner, Product, Status};
use super::money::Currency;
use crate::access::{Actor, CreateProduct, ExportProducts, UpdateProduct};
use crate::activity::views::Entry;
use crate::campaigns::dates::DayRange;
use crate::campaigns::decision::Span;
use crate::partners;
use crate::partners::model::Partner;
use crate::partners::views::{Chip, Header, may};
use crate::tiers::model::{Tier, label};
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
    pub export: bool,
}

impl Allowed {
    /// The page asks the same table as the handlers.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed {
            create: may::<CreateProduct>(actor),
            update: may::<UpdateProduct>(actor),
            export: may::<ExportProducts>(actor),
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub id: String,
    pub address: String,
    pub name: String,
    pub sku: String,
    /// Address, code and name.
    pub partner: (String, String, String),
    pub kind: Kind,
    pub category: String,
    pub price: String,
    pub image: Option<String>,
    pub status: Status,
    pub asked: Option<Asked>,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    /// Makes a line ready.
    pub fn new(
        product: &Product,
        owner: Option<&Owner>,
        asked: Option<Asked>,
        (now, zone): (DateTime<Utc>, Tz),
    ) -> Row {
        let (code, name) = owner.map(|owner| (owner.code.clone(), owner.name.clone())).unwrap_or_default();
        Row {
            id: product.id.to_string(),
            address: super::address(product.id),
            name: product.name.clone(),
            sku: product.sku.clone(),
            partner: (partners::address(&code), code, name),
            kind: product.kind,
            category: product.category.clone(),
            price: product.price().to_string(),
            image: product.image(),
            status: product.status,
            asked,
            updated: When::new(product.updated_at, now, zone),
            updated_by: product.updated_by_name.clone(),
        }
    }
}

/// The list of everything in scope.
#[derive(Template)]
#[template(path = "products/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub allowed: Allowed,
    pub picks_partner: bool,
    pub has_partners: bool,
    pub tiers_on: bool,
    pub tiers: Vec<Tier>,
    pub categories: Vec<String>,
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

    fn has_more(&self) -> bool {
        ["partner", "kind", "status", "image"].iter().any(|name| !self.params.get(name).is_empty())
    }

    fn chips(&self) -> Vec<Chip> {
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        let known = |found: Option<&'static str>| found.unwrap_or("unknown");
        let tier = |word: &str| match word {
            "open" => "Open to all".to_owned(),
            "closed" => "For nobody now".to_owned(),
            number => format!(
                "For {} or open to all",
                number
                    .parse()
                    .map_or_else(|_| "an unknown tier".to_owned(), |n| crate::tiers::model::named(&self.tiers, n))
            ),
        };
        let labels = [
            ("q", get("q").map(|q| format!("“{q}”"))),
            ("tier", get("tier").filter(|_| self.tiers_on).map(tier)),
            ("category", get("category").map(|category| format!("Category: {category}"))),
            ("partner", get("partner").map(|code| format!("Partner: {code}"))),
            ("kind", get("kind").map(|key| format!("Kind: {}", known(Kind::from_key(key).map(Choice::label))))),
            ("status", get("status").map(|key| format!("Status: {}", known(Status::from_key(key).map(Choice::label))))),
            ("image", get("image").map(|key| if key == "no" { "Without image" } else { "With image" }.to_owned())),
        ];
        labels
            .into_iter()
            .filter_map(|(name, label)| Some(Chip { label: label?, address: self.params.with(name, "") }))
            .collect()
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn states(&self) -> &'static [Status] {
        Status::ALL
    }

    /// What can be asked for, by the word of the address.
    fn asks(&self) -> Vec<(String, String)> {
        let each = self
            .tiers
            .iter()
            .map(|tier| (tier.precedence.to_string(), format!("Asks for {}, or open to all", tier.label())));
        each.chain([("open".into(), "Open to all".into()), ("closed".into(), "For nobody now".into())]).collect()
    }
}

/// The products of one partner.
#[derive(Template)]
#[template(path = "products/tab.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabPage {
    pub header: Header,
    pub params: Params,
    pub page: Window<Row>,
    pub allowed: Allowed,
    /// Why the partner can have no new one now.
    pub refusal: Option<String>,
    pub tiers_on: bool,
}

impl TabPage {
    fn new_address(&self) -> String {
        format!("/products/new?partner={}", crate::web::encode(&self.header.code))
    }
}

/// An assignment on the page of a product.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct AssignmentRow {
    pub address: String,
    pub campaign: String,
    pub tier: String,
    pub dates: String,
    pub is_own: bool,
    pub state: &'static str,
    pub look: (&'static str, &'static str),
}

impl AssignmentRow {
    /// Makes a line ready; its state follows from its dates.
    pub fn new(one: &Assignment, now: DateTime<Utc>) -> AssignmentRow {
        let span = Span { from: one.starts_at, until: one.ends_at };
        let zone: Tz = one.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let (state, look) = if one.is_draft {
            ("Draft, no effect", ("", "circle-dashed"))
        } else if span.until.is_some_and(|until| until <= now) {
            (if one.ended_early { "Ended early" } else { "Expired" }, ("", "history"))
        } else if one.campaign_state != "approved" {
            (if one.campaign_state == "paused" { "Campaign paused" } else { "No effect" }, ("warn", "player-pause"))
        } else if span.from > now {
            ("Scheduled", ("info", "calendar"))
        } else {
            ("Active", ("good", "circle-check"))
        };
        AssignmentRow {
            address: format!("/campaigns/{}/partners", one.campaign),
            campaign: one.campaign_name.clone(),
            tier: label(one.precedence, &one.tier),
            dates: DayRange::of(span, zone).words(zone),
            is_own: one.is_own,
            state,
            look,
        }
    }
}

/// One product.
#[derive(Template)]
#[template(path = "products/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub product: Product,
    pub price: String,
    pub partner: Partner,
    pub partner_address: String,
    pub sees_list: bool,
    pub allowed: Allowed,
    pub can_go_on: bool,
    pub tiers_on: bool,
    pub who_switches: &'static str,
    pub zone: &'static str,
    pub verdicts: Vec<Verdict>,
    pub upcoming: Vec<Upcoming>,
    pub sees_campaigns: bool,
    pub assignments: Vec<AssignmentRow>,
    pub created: When,
    pub updated: When,
    pub history: Vec<Entry>,
    pub sees_activity: bool,
}

impl ShowPage {
    fn address(&self) -> String {
        super::address(self.product.id)
    }

    fn can_edit(&self) -> bool {
        self.allowed.update && self.can_go_on
    }

    fn is_archived(&self) -> bool {
        self.product.status == Status::Archived
    }
}

/// The form of a product, new or old.
#[derive(Template)]
#[template(path = "products/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    /// Codes and names to choose from; of an edit the partner itself.
    pub partners: Vec<(String, String)>,
    pub picks_partner: bool,
    pub categories: Vec<String>,
    pub present: Option<Product>,
    pub saved: Option<(String, When)>,
    pub notice: Option<String>,
}

impl FormPage {
    /// What the page is called.
    pub fn title(&self) -> String {
        self.present.as_ref().map_or_else(|| "Create product".into(), |present| format!("Edit {}", present.name))
    }

    /// After somebody was faster: what is stored now where it differs from what was typed.
    pub fn compare(&mut self, text: &str) {
        let Some(present) = &self.present else { return };
        let stored = forms::filled(present);
        let labels = [
            ("name", "Name"),
            ("sku", "SKU"),
            ("kind", "Kind"),
            ("category", "Category"),
            ("description", "Description"),
            ("price", "Price"),
            ("currency", "Currency"),
        ];
        let differing: Vec<String> = labels
            .into_iter()
            .filter(|(field, _)| self.form.value(field) != stored.value(field))
            .map(|(field, label)| format!("{label} is “{}” now", stored.value(field)))
            .collect();
        let kept = format!("{text} Your entries are kept below, but for the image: compare, then save again.");
        let notice = if differing.is_empty() { kept } else { format!("{kept} {}.", differing.join("; ")) };
        self.form.set("version", &present.version.to_string());
        self.notice = Some(notice);
    }

    fn action(&self) -> String {
        self.present
            .as_ref()
            .map_or_else(|| "/products".into(), |present| format!("{}/edit", super::address(present.id)))
    }

    fn cancel(&self) -> String {
        self.present.as_ref().map_or_else(|| "/products".into(), |present| super::address(present.id))
    }

    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        Kind::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn currencies(&self) -> Vec<(&'static str, &'static str)> {
        Currency::all().map(|code| (code, code)).collect()
    }

    fn owner(&self) -> String {
        self.partners.first().map(|(_, name)| name.clone()).unwrap_or_default()
    }
}
