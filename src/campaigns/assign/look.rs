//! What saving an assignment would do, and what each tier would see; nothing here saves anything.

use chrono::{DateTime, Utc};

use crate::campaigns::decision::Availability;
use crate::campaigns::findings::{Finding, Plan};
use crate::campaigns::impact::{self, Ground, Impact};
use crate::campaigns::model::{Assignment, AssignmentState, Campaign, ProductLine, State};
use crate::campaigns::store::{self, NewAssignment};
use crate::campaigns::timeline::tier_words;
use crate::campaigns::views::day;
use crate::db::ReadTx;
use crate::db::ids::AssignmentId;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// Products that are tried out, at the most.
const TRIED: i64 = 100;

/// What would be saved, and what it does.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Look {
    pub sentence: String,
    pub state: AssignmentState,
    pub findings: Vec<Finding>,
    pub effects: Vec<String>,
    pub digest: String,
    pub practice: Option<Practice>,
}

/// What customers of each tier would see of the partner's products.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Practice {
    pub at: String,
    pub tiers: Vec<String>,
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// One product for one tier: as it is, and as it would be.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Cell {
    pub before: Availability,
    pub after: Availability,
}

/// The campaign's assignments as they would be.
fn after(all: &[Assignment], plan: &Plan) -> Vec<Assignment> {
    let mut list: Vec<Assignment> = all.iter().filter(|one| Some(one.id) != plan.present).cloned().collect();
    list.push(Assignment {
        id: AssignmentId::new(),
        partner_id: plan.new.partner,
        campaign_id: plan.new.campaign,
        product_id: plan.new.product,
        tier_id: plan.new.tier,
        state: plan.new.state,
        time_zone: plan.new.zone.clone(),
        starts_at: plan.new.span.from,
        ends_at: plan.new.span.until,
        ended_early: false,
        version: 0,
        updated_by_name: String::new(),
    });
    list
}

/// What saving would do, and with `practice` what each tier would see.
///
/// # Errors
/// When the database does not answer.
pub(super) fn look(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    all: &[Assignment],
    plan: &Plan,
    found: Vec<Finding>,
    digest: String,
    practice: bool,
) -> Result<Look, AppError> {
    let page = Keyset { size: TRIED, at: None, backward: false };
    let products = store::products_of(tx, &[plan.partner.id], &page)?;
    let before = Ground::of(tx, products)?;
    let mut effects = match (plan.new.state, impact::effect(campaign.state)) {
        (AssignmentState::Draft, _) => vec!["A draft has no effect: make it live when it is right.".to_owned()],
        (_, None) => vec!["The campaign has no effect yet: this counts once the campaign does.".to_owned()],
        (_, effect) => Impact::between(&before, &before.with(campaign, effect, &after(all, plan)), tx.now()).words(),
    };
    if let (None, Some(last)) = (plan.days.last, campaign.days().last) {
        effects.push(format!("It ends with the campaign, last day {}.", day(Some(last))));
    }
    let practice = practice.then(|| tried(&before, campaign, all, plan, tx.now()));
    Ok(Look { sentence: plan.sentence(), state: plan.new.state, findings: found, effects, digest, practice })
}

/// As if the assignment were live and the campaign started: on its first day, or now when that is past.
fn tried(before: &Ground, campaign: &Campaign, all: &[Assignment], plan: &Plan, now: DateTime<Utc>) -> Practice {
    let at = plan.new.span.from.max(now);
    let live = Plan { new: NewAssignment { state: AssignmentState::Live, ..plan.new.clone() }, ..plan.clone() };
    let effect = impact::effect(campaign.state).or(impact::effect(State::Approved));
    let after = before.with(campaign, effect, &after(all, &live));
    let tiers: Vec<Option<i32>> = before.tiers.iter().map(|tier| Some(tier.precedence)).chain([None]).collect();
    let row = |product: &ProductLine| {
        let cell = |tier: &Option<i32>| Cell {
            before: before.decide(product, *tier, at).availability,
            after: after.decide(product, *tier, at).availability,
        };
        (product.name.clone(), tiers.iter().map(cell).collect())
    };
    Practice {
        at: format!("{}, {}", day(Some(at.with_timezone(&plan.new.zone.tz()).date_naive())), plan.new.zone),
        tiers: before.tiers.iter().map(tier_words).chain(["No tier".to_owned()]).collect(),
        rows: before.products.iter().map(row).collect(),
    }
}
