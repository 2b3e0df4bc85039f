//! Who may have a product, in words: now for a list, now for each tier, and what changes in the next 90 days. All of it
//! is asked of [`decide`].

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::model::{Owner, Product};
use super::store;
use crate::campaigns;
use crate::campaigns::dates::{counted_in, first_day, last_day};
use crate::campaigns::decision::{Assigned, Availability, Decision, DecisionRule, Offer, decide};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId, ProductId};
use crate::partners::model::Status as PartnerStatus;
use crate::tiers;
use crate::tiers::model::{Tier, named};
use crate::values::Choice;
use crate::web::error::AppError;

/// How far ahead changes are listed.
const AHEAD: TimeDelta = TimeDelta::days(90);

/// What a list says of who may have a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Class and icon.
    pub look: (&'static str, &'static str),
    /// "2 Silver or higher", "Open to all", "Expired".
    pub words: String,
    /// The dates that matter.
    pub detail: String,
}

/// Class and icon of an availability.
pub fn look(availability: Availability) -> (&'static str, &'static str) {
    match availability {
        Availability::Available | Availability::TiersOff => ("good", "circle-check"),
        Availability::NotYet => ("info", "calendar"),
        Availability::Expired => ("warn", "hourglass"),
        Availability::WrongTier => ("", "lock"),
        Availability::Paused => ("warn", "player-pause"),
        Availability::Withdrawn => ("", "archive"),
    }
}

/// "from 1 Dec 2026": the first day as it was entered, in the partner's zone or in that of the campaign that decides.
fn since(from: DateTime<Utc>, zones: &[Tz]) -> String {
    format!("from {}", first_day(from, zones).format("%-d %b %Y"))
}

/// "through 31 Dec 2026": the last day, likewise.
fn through(until: DateTime<Utc>, zones: &[Tz]) -> String {
    format!("through {}", last_day(until, zones).format("%-d %b %Y"))
}

/// ", Europe/Lisbon": whose day it is.
fn whose(at: DateTime<Utc>, zones: &[Tz]) -> String {
    counted_in(at, zones).map(|zone| format!(", {}", zone.name())).unwrap_or_default()
}

/// The zones of the campaigns that decided.
///
/// # Errors
/// When the database does not answer.
pub fn zones(
    tx: &mut ReadTx<'_>,
    decided: impl Iterator<Item = Decision>,
) -> Result<HashMap<CampaignId, Tz>, AppError> {
    let mut ids: Vec<CampaignId> = decided.filter_map(|decision| decision.campaign).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(campaigns::store::some(tx, &ids)?.into_iter().map(|one| (one.id, one.time_zone.tz())).collect())
}

/// In which zones a decision's days may have been entered: the partner's, and that of its campaign.
pub fn entered(decision: Decision, own: Tz, zones: &HashMap<CampaignId, Tz>) -> Vec<Tz> {
    std::iter::once(own).chain(decision.campaign.and_then(|id| zones.get(&id).copied())).collect()
}

/// Of whom it is asked: "2 Silver or higher", of the highest "1 Gold".
fn at_least(tiers: &[Tier], precedence: i32) -> String {
    let name = named(tiers, precedence);
    if precedence == 1 { name } else { format!("{name} or higher") }
}

impl Asked {
    /// Of the decision for a customer without a tier: whoever is refused for their tier is told which one is asked for.
    pub fn of(decision: Decision, tiers: &[Tier], zones: &[Tz]) -> Asked {
        let tier = decision.tier_precedence.map(|precedence| at_least(tiers, precedence));
        let ends = decision.until.map(|until| through(until, zones) + &whose(until, zones));
        let (words, detail) = match decision.availability {
            Availability::Available | Availability::TiersOff => ("Open to all".into(), String::new()),
            Availability::WrongTier => (tier.unwrap_or_default(), ends.unwrap_or_default()),
            Availability::NotYet => {
                let from = decision.from.map(|from| since(from, zones) + &whose(from, zones));
                ("Not yet".into(), [tier, from].into_iter().flatten().collect::<Vec<_>>().join(" "))
            }
            Availability::Expired => {
                ("Expired".into(), [tier, ends].into_iter().flatten().collect::<Vec<_>>().join(" "))
            }
            Availability::Paused => ("Campaign paused".into(), tier.unwrap_or_default()),
            Availability::Withdrawn => ("Not offered".into(), String::new()),
        };
        let look = match decision.availability {
            Availability::WrongTier => ("acc", "stairs-up"),
            other => look(other),
        };
        Asked { look, words, detail }
    }
}

/// What a program's tiers are, for decisions.
pub struct Setting {
    /// Whether they count.
    pub on: bool,
    /// The tiers, the highest first; none while they do not count.
    pub tiers: Vec<Tier>,
}

impl Setting {
    /// That of the program that is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(tx: &mut ReadTx<'_>) -> Result<Setting, AppError> {
        // Above programs there is nothing to be listed.
        let on = tx.actor().program_id().is_some() && tiers::are_on(tx)?;
        Ok(Setting { on, tiers: if on { tiers::store::list(tx)? } else { Vec::new() } })
    }
}

/// The decisions for a customer without a tier, of many products at once.
///
/// # Errors
/// When the database does not answer.
pub fn decisions(
    tx: &mut ReadTx<'_>,
    setting: &Setting,
    found: &[Product],
    owners: &HashMap<PartnerId, Owner>,
) -> Result<HashMap<ProductId, Decision>, AppError> {
    let (mut decided, now) = (HashMap::new(), tx.now());
    for chunk in found.chunks(5000) {
        let ids: Vec<ProductId> = chunk.iter().map(|product| product.id).collect();
        let assigned = if setting.on { campaigns::store::assigned_of(tx, &ids)? } else { HashMap::new() };
        decided.extend(chunk.iter().map(|product| {
            let partner = owners.get(&product.partner_id).map_or(PartnerStatus::Archived, |owner| owner.status);
            let offer = Offer {
                tiers_on: setting.on,
                is_offered: product.is_offered(partner),
                assigned: assigned.get(&product.id).map(Vec::as_slice).unwrap_or_default(),
            };
            (product.id, decide(offer, None, now))
        }));
    }
    Ok(decided)
}

/// What a customer of some tier hears now.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// "2 Silver", or "No tier".
    pub who: String,
    /// Class and icon.
    pub look: (&'static str, &'static str),
    /// What became of it.
    pub availability: Availability,
    /// Why.
    pub rule: DecisionRule,
    /// The dates that matter.
    pub detail: String,
}

/// Who is asked for: each tier, and customers without one.
fn everybody(tiers: &[Tier]) -> Vec<(String, Option<i32>)> {
    let each = tiers.iter().map(|tier| (tier.label(), Some(tier.precedence)));
    each.chain([("No tier".to_owned(), None)]).collect()
}

/// The decision for each tier, and for customers without one; days as they were entered.
pub fn verdicts(
    offer: Offer<'_>,
    tiers: &[Tier],
    now: DateTime<Utc>,
    (own, campaigns): (Tz, &HashMap<CampaignId, Tz>),
) -> Vec<Verdict> {
    let verdict = |(who, tier): (String, Option<i32>)| {
        let decision = decide(offer, tier, now);
        let zones = entered(decision, own, campaigns);
        // The page says the partner's zone once; another one is said beside its day.
        let other = |at: DateTime<Utc>| match counted_in(at, &zones) {
            Some(zone) if zone != own => format!(", {}", zone.name()),
            _ => String::new(),
        };
        let ends = || decision.until.map(|until| through(until, &zones) + &other(until)).unwrap_or_default();
        let detail = match decision.availability {
            Availability::NotYet => decision.from.map(|from| since(from, &zones) + &other(from)).unwrap_or_default(),
            Availability::Available | Availability::Expired => ends(),
            _ => String::new(),
        };
        Verdict {
            who,
            look: look(decision.availability),
            availability: decision.availability,
            rule: decision.rule,
            detail,
        }
    };
    everybody(tiers).into_iter().map(verdict).collect()
}

/// A moment after which others may have it than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// "1 Dec 2026, 00:00".
    pub at: String,
    /// The same for machines.
    pub iso: String,
    /// Who gets it.
    pub opens: Vec<String>,
    /// Who no longer does.
    pub closes: Vec<String>,
}

/// What changes in the next 90 days, in order.
pub fn upcoming(offer: Offer<'_>, tiers: &[Tier], now: DateTime<Utc>, zone: Tz) -> Vec<Upcoming> {
    let ends = |one: &Assigned| [Some(one.span), Some(one.campaign_span)];
    let mut moments: Vec<DateTime<Utc>> = offer
        .assigned
        .iter()
        .flat_map(ends)
        .flatten()
        .flat_map(|span| [Some(span.from), span.until])
        .flatten()
        .filter(|at| *at > now && *at <= now + AHEAD)
        .collect();
    moments.sort_unstable();
    moments.dedup();
    let who = everybody(tiers);
    let open = |at: DateTime<Utc>, tier: Option<i32>| decide(offer, tier, at).availability.is_open();
    let change = |at: DateTime<Utc>| {
        let before = at - TimeDelta::microseconds(1);
        let those = |opens: bool| {
            let changed = |tier: Option<i32>| (open(before, tier), open(at, tier)) == (!opens, opens);
            who.iter().filter(|(_, tier)| changed(*tier)).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let local = at.with_timezone(&zone);
        let (opens, closes) = (those(true), those(false));
        let (iso, at) = (at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), local.format("%-d %b %Y, %H:%M").to_string());
        (!opens.is_empty() || !closes.is_empty()).then_some(Upcoming { at, iso, opens, closes })
    };
    moments.into_iter().filter_map(change).collect()
}

/// The live assignments of one product, with what decides about it besides.
///
/// # Errors
/// When the database does not answer.
pub fn assigned(tx: &mut ReadTx<'_>, setting: &Setting, product: &Product) -> Result<Vec<Assigned>, AppError> {
    if !setting.on {
        return Ok(Vec::new());
    }
    Ok(campaigns::store::assigned_of(tx, &[product.id])?.remove(&product.id).unwrap_or_default())
}

/// Words of the export.
pub fn words(decision: &Decision) -> (String, &'static str) {
    let precedence = decision.tier_precedence.map(|precedence| precedence.to_string()).unwrap_or_default();
    // For a customer without a tier: what others may have is said by the precedence.
    (precedence, decision.availability.key())
}

/// The partners of some products, for their names and zones.
///
/// # Errors
/// When the database does not answer.
pub fn owner(tx: &mut ReadTx<'_>, product: &Product) -> Result<Owner, AppError> {
    store::owners(tx, std::slice::from_ref(product))?.remove(&product.partner_id).ok_or(AppError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::decision::{CampaignEffect, Span};
    use crate::db::ids::TierId;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn tiers() -> Vec<Tier> {
        (1..=3)
            .zip(["Gold", "Silver", "Member"])
            .map(|(precedence, name)| Tier {
                id: TierId::new(),
                name: name.into(),
                precedence,
                description: String::new(),
                version: 1,
                updated_at: at("2026-01-01T00:00:00Z"),
                updated_by_name: String::new(),
            })
            .collect()
    }

    fn assigned(from: &str, until: Option<&str>, precedence: i32) -> Assigned {
        Assigned {
            campaign: CampaignId::new(),
            effect: CampaignEffect::Runs,
            campaign_span: Span { from: at("2026-01-01T00:00:00Z"), until: None },
            is_own: true,
            span: Span { from: at(from), until: until.map(at) },
            precedence,
        }
    }

    #[test]
    fn lists_name_the_tier_that_is_asked_for_with_its_last_day() {
        let (zone, now) = (chrono_tz::Europe::Lisbon, at("2026-11-20T09:00:00Z"));
        let said = |assigned: &[Assigned]| {
            let offer = Offer { tiers_on: true, is_offered: true, assigned };
            let asked = Asked::of(decide(offer, None, now), &tiers(), &[zone]);
            (asked.words, asked.detail)
        };
        let through = "through 31 Dec 2026, Europe/Lisbon";
        let year = |tier| [assigned("2026-10-01T00:00:00Z", Some("2027-01-01T00:00:00Z"), tier)];
        assert_eq!(said(&year(2)), ("2 Silver or higher".into(), through.into()));
        assert_eq!(said(&year(1)), ("1 Gold".into(), through.into()));
        assert_eq!(said(&[]), ("Open to all".into(), String::new()));
        let later = [assigned("2026-12-01T00:00:00Z", None, 1)];
        assert_eq!(said(&later), ("Not yet".into(), "1 Gold from 1 Dec 2026, Europe/Lisbon".into()));
        let over = [assigned("2026-10-01T00:00:00Z", Some("2026-11-01T00:00:00Z"), 9)];
        assert_eq!(said(&over), ("Expired".into(), "precedence 9 or higher through 31 Oct 2026, Europe/Lisbon".into()));
    }

    #[test]
    fn the_last_day_is_that_of_the_zone_in_which_it_was_entered() {
        use chrono_tz::{Asia::Tokyo, Europe::Lisbon};
        // Cut short by a campaign of Lisbon: its last day, not the morning after in Tokyo.
        let (now, over) = (at("2026-11-20T09:00:00Z"), at("2027-03-31T23:00:00Z"));
        let assigned = [assigned("2026-09-30T15:00:00Z", Some("2027-03-31T23:00:00Z"), 2)];
        let offer = Offer { tiers_on: true, is_offered: true, assigned: &assigned };
        let decision = decide(offer, None, now);
        assert_eq!(decision.until, Some(over));
        let zones = HashMap::from([(assigned[0].campaign, Lisbon)]);
        let asked = Asked::of(decision, &tiers(), &entered(decision, Tokyo, &zones));
        assert_eq!(asked.detail, "through 31 Mar 2027, Europe/Lisbon");
        let said: Vec<String> =
            verdicts(offer, &tiers(), now, (Tokyo, &zones)).into_iter().map(|one| one.detail).collect();
        assert_eq!(said[0], "through 31 Mar 2027, Europe/Lisbon");
        // A day of the partner's own zone goes without saying.
        let ends = at("2026-12-31T15:00:00Z");
        assert_eq!(through(ends, &[Tokyo, Lisbon]) + &whose(ends, &[Tokyo]), "through 31 Dec 2026, Asia/Tokyo");
    }

    #[test]
    fn what_changes_is_listed_with_who_gets_it_and_who_no_longer_does() {
        let (zone, now) = (chrono_tz::Europe::Lisbon, at("2026-11-20T09:00:00Z"));
        let list = [
            assigned("2026-10-01T00:00:00Z", Some("2026-12-01T00:00:00Z"), 2),
            assigned("2026-12-01T00:00:00Z", Some("2027-01-01T00:00:00Z"), 1),
            // Beyond the 90 days.
            assigned("2027-06-01T00:00:00Z", None, 3),
        ];
        let offer = Offer { tiers_on: true, is_offered: true, assigned: &list };
        let found = upcoming(offer, &tiers(), now, zone);
        let changes: Vec<_> =
            found.iter().map(|one| (one.at.as_str(), one.opens.join(", "), one.closes.join(", "))).collect();
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0], ("1 Dec 2026, 00:00", String::new(), "2 Silver".to_owned()));
        assert_eq!(changes[1], ("1 Jan 2027, 00:00", String::new(), "1 Gold".to_owned()));
        let verdicts = verdicts(offer, &tiers(), now, (zone, &HashMap::new()));
        let open: Vec<bool> = verdicts.iter().map(|one| one.availability.is_open()).collect();
        assert_eq!(open, [true, true, false, false]);
        assert_eq!((verdicts[3].who.as_str(), verdicts[3].rule), ("No tier", DecisionRule::TierTooLow));
    }
}
