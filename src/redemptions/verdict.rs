//! What is decided about a product, and what to tell the customer: for the API's lists, questions and records alike.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::model::Rank;
use crate::campaigns::decision::{Assigned, Availability, Decision, Offer, decide};
use crate::campaigns::messages::{Messages, Words};
use crate::campaigns::model::Campaign;
use crate::campaigns::{self, store};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, ProductId};
use crate::partners::model::Status as PartnerStatus;
use crate::products::availability::Setting;
use crate::products::model::{Owner, Product};
use crate::tiers::model::Tier;
use crate::web::error::AppError;

/// The tier that a caller names; none when the program has no such one. While tiers are off nobody has one.
///
/// # Errors
/// When the program has none like that.
pub fn tier<'a>(setting: &'a Setting, named: Option<&Rank>) -> Result<Option<&'a Tier>, UnknownTier> {
    let Some(named) = named.filter(|_| setting.on) else { return Ok(None) };
    let is_it = |tier: &&Tier| match named {
        Rank::Precedence(precedence) => tier.precedence == *precedence,
        Rank::Name(name) => tier.name.to_lowercase() == name.trim().to_lowercase(),
    };
    setting.tiers.iter().find(is_it).map(Some).ok_or(UnknownTier)
}

/// No tier of the program has that name or precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTier;

/// What was decided about one product, with what to tell.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// What a storefront tells the customer; empty where the product is available.
    pub message: String,
    /// Until when it may be, or could be, had; nothing that lies behind a later end.
    pub until: Option<DateTime<Utc>>,
}

/// Who asks about what: everything but the products themselves.
pub struct Question<'a> {
    /// Whether the program has tiers, and which.
    pub setting: &'a Setting,
    /// The customer's tier.
    pub tier: Option<i32>,
    /// The moment.
    pub at: DateTime<Utc>,
    /// The campaign whose words are used; without one those of the campaign that decided.
    pub campaign: Option<&'a Campaign>,
}

/// Decides about products whose partners are known, in order. A fixed number of statements, whatever their number.
///
/// # Errors
/// When the database does not answer.
pub fn verdicts(
    tx: &mut ReadTx<'_>,
    question: &Question<'_>,
    offered: &[(&Product, PartnerStatus)],
) -> Result<Vec<Verdict>, AppError> {
    let ids: Vec<ProductId> = offered.iter().map(|(product, _)| product.id).collect();
    let assigned = if question.setting.on { store::assigned_of(tx, &ids)? } else { HashMap::new() };
    let none: Vec<Assigned> = Vec::new();
    let decisions: Vec<Decision> = offered
        .iter()
        .map(|(product, partner)| {
            let offer = Offer {
                tiers_on: question.setting.on,
                is_offered: product.is_offered(*partner),
                assigned: assigned.get(&product.id).unwrap_or(&none),
            };
            decide(offer, question.tier, question.at)
        })
        .collect();
    let speaking = speaking(tx, question, &decisions)?;
    let spoken = |((product, _), decision): (&(&Product, PartnerStatus), Decision)| {
        let campaign = question.campaign.or_else(|| speaking.get(&decision.campaign?));
        let until = until(&decision, question.at);
        let message = message(&decision, until, &product.name, &question.setting.tiers, campaign);
        Verdict { decision, message, until }
    };
    Ok(offered.iter().zip(decisions).map(spoken).collect())
}

/// As a partner's status stands beside products in a map.
pub fn status(owner: Option<&Owner>) -> PartnerStatus {
    owner.map_or(PartnerStatus::Archived, |owner| owner.status)
}

/// The campaigns whose messages are needed.
fn speaking(
    tx: &mut ReadTx<'_>,
    question: &Question<'_>,
    decisions: &[Decision],
) -> Result<HashMap<CampaignId, Campaign>, AppError> {
    let mut ids: Vec<CampaignId> =
        decisions.iter().filter(|one| !one.availability.is_open()).filter_map(|one| one.campaign).collect();
    ids.sort_unstable();
    ids.dedup();
    if question.campaign.is_some() || ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(campaigns::store::some(tx, &ids)?.into_iter().map(|one| (one.id, one)).collect())
}

/// What is over ended in the past: an assignment of a campaign that was archived may have had longer to go.
fn until(decision: &Decision, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    decision.until.filter(|until| decision.availability != Availability::Expired || *until <= at)
}

fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y").to_string()
}

fn message(
    decision: &Decision,
    until: Option<DateTime<Utc>>,
    product: &str,
    tiers: &[Tier],
    campaign: Option<&Campaign>,
) -> String {
    let zone = campaign.map_or(Tz::UTC, |campaign| campaign.time_zone.tz());
    let tier = tiers.iter().find(|tier| Some(tier.precedence) == decision.tier_precedence);
    let date = match decision.availability {
        Availability::NotYet => decision.from.map(|from| day(from, zone)),
        // The end is the moment after the last day.
        _ => until.map(|until| day(until - TimeDelta::microseconds(1), zone)),
    };
    let own = campaign.map(Campaign::messages).unwrap_or_default();
    let names_a_day = own.expired.is_empty() || own.expired.contains("{date}");
    if decision.availability == Availability::Expired && date.is_none() && names_a_day {
        return format!("{product} is no longer available.");
    }
    let words = Words {
        tier: tier.map(|tier| tier.name.as_str()).unwrap_or_default(),
        date: date.as_deref().unwrap_or_default(),
        product,
    };
    Messages::say(&own, decision.availability, &words)
}
