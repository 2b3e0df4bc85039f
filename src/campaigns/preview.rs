//! What a customer would see at a moment, and why not the rest: only [`super::decision::decide`] says so.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::dates::{DayRange, begins, first_day, last_day};
use super::decision::{Availability, Decision, DecisionRule};
use super::handlers::head;
use super::impact::Ground;
use super::messages::Words;
use super::model::{Campaign, Display, ProductLine, TierLine};
use super::store;
use super::timeline::tier_words;
use super::views::{Head, day};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId};
use crate::values::{Choice, Zone};
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Keyset, Params, Window};

/// The customer's tier and the moment that are asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The day as it was typed; empty is now.
    pub day: String,
    /// The tier's precedence; none is a customer without a tier.
    pub tier: Option<i32>,
    /// What is wrong with the day.
    pub problem: Option<String>,
}

impl Asked {
    /// Reads `asof` and `ctier`.
    pub fn read(params: &Params, campaign: &Campaign, tiers: &[TierLine], now: DateTime<Utc>) -> Asked {
        let typed = params.get("asof");
        let zone = campaign.time_zone.tz();
        let mut problem = None;
        let mut at = now;
        if !typed.is_empty() {
            match DayRange::parse(typed, "") {
                Ok(days) => at = begins(days.first, zone),
                Err((why, _)) => problem = why.map(|why| format!("{why} Shown is now.")),
            }
        }
        let wanted = params.get("ctier");
        let tier = match wanted {
            "none" => None,
            "" => tiers.first().map(|tier| tier.precedence),
            other => tiers.iter().map(|tier| tier.precedence).find(|tier| tier.to_string() == other),
        };
        let day = if problem.is_some() || typed.is_empty() { String::new() } else { typed.to_owned() };
        Asked { at, day, tier, problem }
    }
}

/// A product with what became of it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Verdict {
    pub product: String,
    pub address: String,
    pub sku: String,
    pub partner: String,
    pub availability: Availability,
    pub rule: DecisionRule,
    pub is_shown: bool,
    pub why: String,
    pub message: String,
}

impl Verdict {
    /// Tone, icon and word.
    pub fn look(&self) -> (&'static str, &'static str, &'static str) {
        match (self.availability, self.is_shown) {
            (one, _) if one.is_open() => ("good", "eye", "Shown."),
            (Availability::Expired, true) => ("", "circle-x", "Shown, expired."),
            (_, true) => ("warn", "hourglass", "Shown, not available."),
            (Availability::Expired, false) => ("", "circle-x", "Expired, hidden."),
            (Availability::NotYet, false) => ("warn", "hourglass", "Not yet, hidden."),
            (_, false) => ("bad", "eye-off", "Hidden."),
        }
    }
}

/// Who decides in words: the tier that is asked for, and the day that matters.
pub struct Speaker<'a> {
    /// All tiers.
    pub tiers: &'a [TierLine],
    /// The campaign, for its zone and messages.
    pub campaign: &'a Campaign,
}

impl Speaker<'_> {
    fn tier(&self, precedence: Option<i32>) -> Option<&TierLine> {
        self.tiers.iter().find(|tier| Some(tier.precedence) == precedence)
    }

    /// The first day, or the last one, as it was entered: in the partner's zone, or where the campaign's own dates cut it
    /// short in that one's.
    fn day(&self, at: Option<DateTime<Utc>>, is_end: bool, zone: &Zone) -> String {
        let zones = [zone.tz(), self.campaign.time_zone.tz()];
        day(at.map(|at| if is_end { last_day(at, &zones) } else { first_day(at, &zones) }))
    }

    /// Why, for the hosts, in the partner's days.
    pub fn why(&self, decision: &Decision, customer: Option<i32>, zone: &Zone) -> String {
        let tier = self.tier(decision.tier_precedence).map(TierLine::words).unwrap_or_default();
        let own = match self.tier(customer) {
            Some(tier) => format!("this customer has {}", tier.words()),
            None => "this customer has no tier".into(),
        };
        let until = match decision.until {
            Some(_) => format!(" through {}", self.day(decision.until, true, zone)),
            None => String::new(),
        };
        match decision.availability {
            Availability::Available if decision.rule == DecisionRule::OpenToAll => {
                "Open to all: nothing is assigned".into()
            }
            Availability::Available => format!("Asks for {tier} or higher{until}"),
            Availability::TiersOff => "Tiers are off, so everybody may have it".into(),
            Availability::WrongTier => format!("Asks for {tier} or higher{until}; {own}"),
            Availability::NotYet => {
                format!("No tier on this date; {tier} begins {}", self.day(decision.from, false, zone))
            }
            Availability::Expired => match decision.until {
                Some(_) => format!("Assignment ended, last day {}", self.day(decision.until, true, zone)),
                None => "Its campaign is over".into(),
            },
            Availability::Paused => "Its campaign is paused".into(),
            Availability::Withdrawn => "Its partner is not active".into(),
        }
    }

    /// What a storefront tells the customer.
    pub fn message(&self, decision: &Decision, product: &str, zone: &Zone) -> String {
        let tier = self.tier(decision.tier_precedence).map(|tier| tier.name.clone()).unwrap_or_default();
        let date = match decision.availability {
            Availability::NotYet => self.day(decision.from, false, zone),
            _ => self.day(decision.until, true, zone),
        };
        self.campaign.messages().say(decision.availability, &Words { tier: &tier, date: &date, product })
    }
}

fn verdicts(
    tx: &mut ReadTx<'_>,
    ground: &Ground,
    campaign: &Campaign,
    tier: Option<i32>,
    at: DateTime<Utc>,
) -> Result<Vec<Verdict>, AppError> {
    let mut partners: Vec<PartnerId> = ground.products.iter().map(|product| product.partner_id).collect();
    partners.sort_unstable();
    partners.dedup();
    let lines = store::partner_lines(tx, &partners)?;
    let speaker = Speaker { tiers: &ground.tiers, campaign };
    let decided: Vec<Decision> = ground.products.iter().map(|product| ground.decide(product, tier, at)).collect();
    let others = others(tx, campaign, &decided)?;
    let verdict = |(product, decision): (&ProductLine, Decision)| {
        let partner = lines.iter().find(|line| line.id == product.partner_id);
        let zone = partner.map_or(&campaign.time_zone, |line| &line.time_zone);
        Verdict {
            product: product.name.clone(),
            address: format!("/products/{}", product.id),
            sku: product.sku.clone(),
            partner: partner.map(|line| line.name.clone()).unwrap_or_default(),
            availability: decision.availability,
            rule: decision.rule,
            is_shown: decision.availability.is_open() || campaign.display == Display::ShowAll,
            why: match decision.campaign.and_then(|id| others.get(&id)) {
                None => speaker.why(&decision, tier, zone),
                // A tie: nobody would look for the reason in another campaign.
                Some(other) => {
                    let why = Speaker { tiers: &ground.tiers, campaign: other }.why(&decision, tier, zone);
                    format!("{why}. {} decides", other.name)
                }
            },
            message: speaker.message(&decision, &product.name, zone),
        }
    };
    Ok(ground.products.iter().zip(decided).map(verdict).collect())
}

/// The campaigns that decided in place of the one that is shown.
fn others(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    decided: &[Decision],
) -> Result<HashMap<CampaignId, Campaign>, AppError> {
    let mut ids: Vec<CampaignId> =
        decided.iter().filter_map(|decision| decision.campaign).filter(|id| *id != campaign.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::some(tx, &ids)?.into_iter().map(|other| (other.id, other)).collect())
}

fn cursor(product: &ProductLine) -> Cursor {
    Cursor { key: product.sort_name.clone(), id: product.id.uuid() }
}

fn partners_of(tx: &mut ReadTx<'_>, campaign: &Campaign) -> Result<Vec<PartnerId>, AppError> {
    Ok(store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect())
}

/// Names of a customer's tiers to choose from.
fn choices(tiers: &[TierLine], tier: Option<i32>) -> Vec<(String, String, bool)> {
    let none = ("none".to_owned(), "No tier".to_owned(), tier.is_none());
    tiers
        .iter()
        .map(|one| (one.precedence.to_string(), tier_words(one), tier == Some(one.precedence)))
        .chain([none])
        .collect()
}

/// The preview beside the timeline: the first few products.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Panel {
    pub asked: Asked,
    pub choices: Vec<(String, String, bool)>,
    pub verdicts: Vec<Verdict>,
    pub display: Display,
    pub zone: String,
    pub shown_day: String,
    pub whole: String,
    pub begins_later: bool,
}

/// Makes the panel.
///
/// # Errors
/// When the database does not answer.
pub fn panel(tx: &mut ReadTx<'_>, campaign: &Campaign, params: &Params) -> Result<Panel, AppError> {
    let tiers = store::tiers(tx)?;
    let asked = Asked::read(params, campaign, &tiers, tx.now());
    let partners = partners_of(tx, campaign)?;
    let products = store::products_of(tx, &partners, &Keyset { size: 4, at: None, backward: false })?;
    let ground = Ground::of(tx, products)?;
    let verdicts = verdicts(tx, &ground, campaign, asked.tier, asked.at)?;
    let tier = asked.tier.map_or_else(|| "none".to_owned(), |tier| tier.to_string());
    Ok(Panel {
        choices: choices(&tiers, asked.tier),
        verdicts,
        display: campaign.display,
        zone: campaign.time_zone.to_string(),
        shown_day: shown_day(&asked, campaign),
        begins_later: !campaign.state.is_known(),
        whole: format!("{}/preview?asof={}&ctier={tier}", super::address(campaign.id), asked.day),
        asked,
    })
}

fn shown_day(asked: &Asked, campaign: &Campaign) -> String {
    match asked.day.parse::<NaiveDate>() {
        Ok(typed) => format!("at 00:00 on {}, {}", day(Some(typed)), campaign.time_zone),
        Err(_) => "now".into(),
    }
}

/// The audience preview.
#[derive(Template)]
#[template(path = "campaigns/preview.html", blocks = ["result"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct PreviewPage {
    pub head: Head,
    pub params: Params,
    pub asked: Asked,
    pub choices: Vec<(String, String, bool)>,
    pub page: Window<Verdict>,
    pub display: Display,
    pub zone: String,
    pub shown_day: String,
    pub tier: String,
    pub begins_later: bool,
}

impl PreviewPage {
    fn shown(&self) -> usize {
        self.page.rows.iter().filter(|one| one.is_shown).count()
    }
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn page(tx: &mut ReadTx<'_>, id: &str, params: Params) -> Result<PreviewPage, AppError> {
    let campaign = store::find(tx, id)?;
    let head = head(tx, &campaign, "preview")?;
    let tiers = store::tiers(tx)?;
    let asked = Asked::read(&params, &campaign, &tiers, tx.now());
    let partners = partners_of(tx, &campaign)?;
    let keyset = params.keyset();
    let products = keyset.window(store::products_of(tx, &partners, &keyset)?, &params, cursor);
    let ground = Ground::of(tx, products.rows.clone())?;
    let mut verdicts = verdicts(tx, &ground, &campaign, asked.tier, asked.at)?.into_iter();
    let page = Window {
        rows: verdicts.by_ref().collect(),
        previous: products.previous,
        next: products.next,
        size: products.size,
    };
    let tier = tiers.iter().find(|tier| Some(tier.precedence) == asked.tier);
    Ok(PreviewPage {
        choices: choices(&tiers, asked.tier),
        tier: tier.map_or_else(|| "without a tier".into(), |tier| format!("in tier {}", tier.words())),
        display: campaign.display,
        zone: campaign.time_zone.to_string(),
        shown_day: shown_day(&asked, &campaign),
        begins_later: !campaign.state.is_known(),
        page,
        head,
        asked,
        params,
    })
}

/// A product of a campaign with what it asks for now.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct ProductRow {
    pub name: String,
    pub address: String,
    pub sku: String,
    pub partner: String,
    pub tier: String,
    pub availability: Availability,
    pub why: String,
}

/// The products of a campaign's partners.
#[derive(Template)]
#[template(path = "campaigns/products.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ProductsPage {
    pub head: Head,
    pub params: Params,
    pub page: Window<ProductRow>,
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn products_page(tx: &mut ReadTx<'_>, id: &str, params: Params) -> Result<ProductsPage, AppError> {
    let campaign = store::find(tx, id)?;
    let head = head(tx, &campaign, "products")?;
    let partners = partners_of(tx, &campaign)?;
    let keyset = params.keyset();
    let window = keyset.window(store::products_of(tx, &partners, &keyset)?, &params, cursor);
    let ground = Ground::of(tx, window.rows.clone())?;
    let now = tx.now();
    // What the highest tier may not have, nobody may.
    let verdicts = verdicts(tx, &ground, &campaign, Some(1), now)?;
    let precedence = |product: &ProductLine| ground.decide(product, Some(1), now).tier_precedence;
    let tiers: Vec<String> = ground
        .products
        .iter()
        .zip(&verdicts)
        .map(|(product, verdict)| match ground.tiers.iter().find(|tier| Some(tier.precedence) == precedence(product)) {
            Some(tier) => tier.words(),
            None if verdict.availability.is_open() => "Open to all".into(),
            None => "–".into(),
        })
        .collect();
    let mut rows = verdicts.into_iter().zip(tiers).map(|(one, tier)| ProductRow {
        name: one.product,
        address: one.address,
        sku: one.sku,
        partner: one.partner,
        tier,
        availability: one.availability,
        why: one.why,
    });
    let page =
        Window { rows: rows.by_ref().collect(), previous: window.previous, next: window.next, size: window.size };
    Ok(ProductsPage { head, params, page })
}

/// Tone of an availability's badge, and its icon.
pub fn look(availability: Availability) -> (&'static str, &'static str) {
    match availability {
        Availability::Available | Availability::TiersOff => ("good", "circle-check"),
        Availability::NotYet => ("info", "calendar"),
        Availability::Expired => ("", "history"),
        Availability::WrongTier => ("bad", "eye-off"),
        Availability::Paused => ("warn", "player-pause"),
        Availability::Withdrawn => ("", "archive"),
    }
}

impl ProductRow {
    fn look(&self) -> (&'static str, &'static str) {
        look(self.availability)
    }

    fn label(&self) -> &'static str {
        self.availability.label()
    }
}
