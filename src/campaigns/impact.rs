//! What a change does to products: the same decision as ever, before and after.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::decision::{Assigned, CampaignEffect, Decision, Offer, decide};
use super::model::{Assignment, AssignmentState, Campaign, ProductLine, State, TierLine};
use super::store;
use crate::db::ReadTx;
use crate::db::ids::{PartnerId, ProductId};
use crate::partners::model::Status;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// Products that are looked at, at the most.
const LOOKED_AT: i64 = 2000;

/// How a campaign in a state counts; none where it does not at all.
pub fn effect(state: State) -> Option<CampaignEffect> {
    match state {
        State::Approved => Some(CampaignEffect::Runs),
        State::Paused => Some(CampaignEffect::Paused),
        State::Archived => Some(CampaignEffect::Over),
        State::Draft | State::Awaiting => None,
    }
}

/// An assignment as the decision takes it, for one product; none where it is not about it.
pub fn assigned(
    campaign: &Campaign,
    effect: CampaignEffect,
    one: &Assignment,
    tiers: &[TierLine],
    product: &ProductLine,
) -> Option<Assigned> {
    let is_own = one.product_id == Some(product.id);
    let is_partners = one.product_id.is_none() && one.partner_id == product.partner_id;
    if one.state != AssignmentState::Live || !(is_own || is_partners) {
        return None;
    }
    let precedence = tiers.iter().find(|tier| tier.id == one.tier_id)?.precedence;
    Some(Assigned {
        campaign: campaign.id,
        effect,
        campaign_span: campaign.span(),
        is_own,
        span: one.span(),
        precedence,
    })
}

/// Everything that the decision about some products takes.
pub struct Ground {
    /// The products.
    pub products: Vec<ProductLine>,
    /// Their assignments that count.
    pub assigned: HashMap<ProductId, Vec<Assigned>>,
    /// The partners that are not active, whose products nobody may have.
    pub stopped: Vec<PartnerId>,
    /// Whether the program has tiers.
    pub tiers_on: bool,
    /// The tiers.
    pub tiers: Vec<TierLine>,
}

impl Ground {
    /// Loads it for some products.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn of(tx: &mut ReadTx<'_>, products: Vec<ProductLine>) -> Result<Ground, AppError> {
        let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
        let mut partners: Vec<PartnerId> = products.iter().map(|product| product.partner_id).collect();
        partners.sort_unstable();
        partners.dedup();
        let assigned = store::assigned_of(tx, &ids)?;
        let lines = store::partner_lines(tx, &partners)?;
        let stopped = lines.iter().filter(|line| line.status != Status::Active).map(|line| line.id).collect();
        let (tiers_on, _) = store::tiers_on(tx)?;
        Ok(Ground { products, assigned, stopped, tiers_on, tiers: store::tiers(tx)? })
    }

    /// The decision about one of them.
    pub fn decide(&self, product: &ProductLine, tier: Option<i32>, at: DateTime<Utc>) -> Decision {
        let none = Vec::new();
        let offer = Offer {
            tiers_on: self.tiers_on,
            is_offered: product.status == "active" && !self.stopped.contains(&product.partner_id),
            assigned: self.assigned.get(&product.id).unwrap_or(&none),
        };
        decide(offer, tier, at)
    }

    /// The same with a campaign counting otherwise, with these assignments.
    pub fn with(&self, campaign: &Campaign, effect: Option<CampaignEffect>, assignments: &[Assignment]) -> Ground {
        let mut changed = HashMap::new();
        for product in &self.products {
            let mut list = self.assigned.get(&product.id).cloned().unwrap_or_default();
            list.retain(|one| one.campaign != campaign.id);
            if let Some(effect) = effect {
                list.extend(assignments.iter().filter_map(|one| assigned(campaign, effect, one, &self.tiers, product)));
            }
            if !list.is_empty() {
                changed.insert(product.id, list);
            }
        }
        Ground {
            products: self.products.clone(),
            assigned: changed,
            stopped: self.stopped.clone(),
            tiers_on: self.tiers_on,
            tiers: self.tiers.clone(),
        }
    }
}

/// What happens to products for customers of every tier: how many nobody may have any more, how many somebody may
/// have again, and how many others are for other tiers than before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Nobody may have them any more.
    pub lost: usize,
    /// Somebody may have them again.
    pub gained: usize,
    /// They ask for another tier.
    pub moved: usize,
}

impl Impact {
    /// Compares the two.
    pub fn between(before: &Ground, after: &Ground, at: DateTime<Utc>) -> Impact {
        let mut impact = Impact::default();
        for product in &before.products {
            let (old, new) = (before.decide(product, Some(1), at), after.decide(product, Some(1), at));
            match (old.availability.is_open(), new.availability.is_open()) {
                (true, false) => impact.lost += 1,
                (false, true) => impact.gained += 1,
                (true, true) if old.tier_precedence != new.tier_precedence => impact.moved += 1,
                _ => {}
            }
        }
        impact
    }

    /// As sentences.
    pub fn words(self) -> Vec<String> {
        let counted = |count: usize, rest: &str| match count {
            0 => None,
            1 => Some(format!("1 product {}", rest.replace("ask ", "asks ").replace("become ", "becomes "))),
            many => Some(format!("{many} products {rest}")),
        };
        let words: Vec<String> = [
            counted(self.lost, "become unavailable to everybody now"),
            counted(self.gained, "become available now, to the tiers that they ask for"),
            counted(self.moved, "ask for another tier from now on"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if words.is_empty() {
            vec!["No product becomes available or unavailable at this moment.".into()]
        } else {
            words
        }
    }
}

/// What a campaign's move to another state does now.
///
/// # Errors
/// When the database does not answer.
pub fn of_state(tx: &mut ReadTx<'_>, campaign: &Campaign, to: State) -> Result<Impact, AppError> {
    let partners: Vec<PartnerId> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let all = Keyset { size: LOOKED_AT, at: None, backward: false };
    let products = store::products_of(tx, &partners, &all)?;
    let assignments = store::of_campaign(tx, campaign.id, store::Narrowed::default())?;
    let before = Ground::of(tx, products)?;
    let after = before.with(campaign, effect(to), &assignments);
    Ok(Impact::between(&before, &after, tx.now()))
}
