//! May a customer of some tier have a product at some moment, and why not: the one decision (S1-5, S1-9, S1-16, and
//! beyond.md, 1). No SQL, no HTTP, no clock.
//!
//! In this order: what is withdrawn is nobody's; while tiers are off, or nothing was ever assigned, everybody may;
//! else one of the assignments that count now has to ask for the customer's tier or a lower one; and when none counts
//! now, nobody may. In a campaign a product's own assignments stand in place of its partner's. An assignment counts
//! while it and its campaign both run; of several that count at once the least demanding one decides.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::db::ids::CampaignId;
use crate::values::choice;

choice! {
    /// What became of it.
    Availability {
        /// The customer may have it.
        Available = "available" / "Available",
        /// Nobody may yet.
        NotYet = "not_yet" / "Not yet",
        /// Nobody may any more.
        Expired = "expired" / "Expired",
        /// Others may.
        WrongTier = "wrong_tier" / "Another tier",
        /// Everybody may: the program has no tiers now.
        TiersOff = "tiers_off" / "Tiers are off",
        /// Its campaign is paused.
        Paused = "paused" / "Paused",
        /// Product or partner are gone.
        Withdrawn = "withdrawn" / "Withdrawn",
    }
}

choice! {
    /// The rule that decided.
    DecisionRule {
        /// Archived, or of a partner that is not active.
        Withdrawn = "withdrawn" / "Withdrawn products are not available",
        /// The program's switch.
        TiersOff = "tiers-off" / "While tiers are off every product is open to all",
        /// Nothing was ever assigned.
        OpenToAll = "open-to-all" / "A product without assignment is open to all",
        /// The customer's tier is enough.
        Entitled = "tier-entitled" / "A customer may have what asks for their tier or a lower one",
        /// It is not.
        TierTooLow = "tier-too-low" / "A customer may not have what asks for a higher tier",
        /// All that counts once begins later.
        NotStarted = "not-started" / "An assignment counts from its first day",
        /// All that counted once is over.
        Ended = "ended" / "An assignment counts through its last day",
        /// What would count now is paused.
        Paused = "campaign-paused" / "A paused campaign makes nothing available",
    }
}

impl Availability {
    /// Whether the customer may have it.
    pub fn is_open(self) -> bool {
        matches!(self, Availability::Available | Availability::TiersOff)
    }
}

/// Whether a campaign counts. Drafts have no assignments that could be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignEffect {
    /// While its dates say so.
    Runs,
    /// Not now, whatever its dates say.
    Paused,
    /// Never again: what it held is over.
    Over,
}

/// From a moment until another, which is excluded; without end where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether a moment is in it.
    pub fn holds(self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// What is in both; none when nothing is.
    pub fn within(self, other: Span) -> Option<Span> {
        let until = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let from = self.from.max(other.from);
        until.is_none_or(|until| from < until).then_some(Span { from, until })
    }
}

/// What a partner or one of its products asks for in a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The campaign.
    pub campaign: CampaignId,
    /// Whether the campaign counts.
    pub effect: CampaignEffect,
    /// When the campaign runs.
    pub campaign_span: Span,
    /// Whether it is the product's own.
    pub is_own: bool,
    /// When it counts.
    pub span: Span,
    /// The tier's precedence: 1 is the highest.
    pub precedence: i32,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Whether the program has tiers.
    pub tiers_on: bool,
    /// Whether product and partner are active.
    pub is_offered: bool,
    /// The live assignments of the product and of its partner, in any order.
    pub assigned: &'a [Assigned],
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What became of it.
    pub availability: Availability,
    /// Why.
    pub rule: DecisionRule,
    /// The precedence of the tier that is asked for: now, or next, or last. None: open to all.
    pub tier_precedence: Option<i32>,
    /// From when on it may be had, where that is still to come.
    pub from: Option<DateTime<Utc>>,
    /// Until when it may be, or could be, had.
    pub until: Option<DateTime<Utc>>,
    /// The campaign whose assignment decided; none where no assignment did.
    pub campaign: Option<CampaignId>,
}

impl Decision {
    fn new(availability: Availability, rule: DecisionRule) -> Decision {
        Decision { availability, rule, tier_precedence: None, from: None, until: None, campaign: None }
    }
}

/// A stretch of time in which a tier is asked for.
#[derive(Clone, Copy)]
struct Stretch {
    campaign: CampaignId,
    span: Span,
    effect: CampaignEffect,
    precedence: i32,
}

/// The stretches that matter for the product: in a campaign its own stand in place of its partner's.
fn stretches(assigned: &[Assigned]) -> Vec<Stretch> {
    let has_own = |campaign| assigned.iter().any(|one| one.is_own && one.campaign == campaign);
    assigned
        .iter()
        .filter(|one| one.is_own || !has_own(one.campaign))
        .filter_map(|one| {
            let span = one.span.within(one.campaign_span)?;
            Some(Stretch { campaign: one.campaign, span, effect: one.effect, precedence: one.precedence })
        })
        .collect()
}

/// Decides for a customer of a tier, by its precedence; none is a customer without a tier.
pub fn decide(offer: Offer<'_>, tier: Option<i32>, at: DateTime<Utc>) -> Decision {
    if !offer.is_offered {
        return Decision::new(Availability::Withdrawn, DecisionRule::Withdrawn);
    }
    if !offer.tiers_on {
        return Decision::new(Availability::TiersOff, DecisionRule::TiersOff);
    }
    if offer.assigned.is_empty() {
        return Decision::new(Availability::Available, DecisionRule::OpenToAll);
    }
    let stretches = stretches(offer.assigned);
    let counting = |one: &&Stretch| one.effect == CampaignEffect::Runs && one.span.holds(at);
    // Of several that ask for the same the one that lasts longest, so that the end that is told is the end.
    let rank = |one: &&Stretch| (one.precedence, one.span.until.is_none(), one.span.until, one.campaign);
    if let Some(now) = stretches.iter().filter(counting).max_by_key(rank) {
        return entitled(*now, tier);
    }
    closed(&stretches, at)
}

fn entitled(now: Stretch, tier: Option<i32>) -> Decision {
    let (availability, rule) = match tier {
        Some(tier) if tier <= now.precedence => (Availability::Available, DecisionRule::Entitled),
        _ => (Availability::WrongTier, DecisionRule::TierTooLow),
    };
    let (tier_precedence, campaign) = (Some(now.precedence), Some(now.campaign));
    Decision { tier_precedence, until: now.span.until, campaign, ..Decision::new(availability, rule) }
}

/// Nothing counts now: why, and when something did or will.
fn closed(stretches: &[Stretch], at: DateTime<Utc>) -> Decision {
    let is_paused = |one: &&Stretch| one.effect == CampaignEffect::Paused && one.span.holds(at);
    let paused = stretches.iter().filter(is_paused).max_by_key(|one| (one.precedence, one.campaign));
    if let Some(paused) = paused {
        let (tier_precedence, campaign) = (Some(paused.precedence), Some(paused.campaign));
        let decision = Decision::new(Availability::Paused, DecisionRule::Paused);
        return Decision { tier_precedence, campaign, ..decision };
    }
    let to_come = stretches.iter().filter(|one| one.effect != CampaignEffect::Over && one.span.from > at);
    if let Some(next) = to_come.min_by_key(|one| (one.span.from, -one.precedence, one.campaign)) {
        let decision = Decision::new(Availability::NotYet, DecisionRule::NotStarted);
        let (from, until) = (Some(next.span.from), next.span.until);
        let (tier_precedence, campaign) = (Some(next.precedence), Some(next.campaign));
        return Decision { tier_precedence, from, until, campaign, ..decision };
    }
    let last = stretches.iter().max_by_key(|one| (one.span.until, one.precedence, one.campaign));
    let decision = Decision::new(Availability::Expired, DecisionRule::Ended);
    Decision {
        tier_precedence: last.map(|one| one.precedence).or(Some(1)),
        until: last.and_then(|one| one.span.until),
        campaign: last.map(|one| one.campaign),
        ..decision
    }
}

#[cfg(test)]
mod tests;
