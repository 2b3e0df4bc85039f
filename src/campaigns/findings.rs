//! What is questionable about an assignment before it is saved: overlaps, gaps, ties, dates (S1-18).

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use super::dates::DayRange;
use super::decision::Span;
use super::gaps::{expected, gaps};
use super::model::{Assignment, AssignmentState, Campaign, TierLine};
use super::store::{self, Narrowed, NewAssignment, PartnerLine};
use super::timeline::Names;
use super::views::day;
use crate::activity::FieldChange;
use crate::db::ReadTx;
use crate::db::ids::AssignmentId;
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::counted;

/// Something to look at before saving.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Finding {
    pub title: &'static str,
    pub text: String,
    pub link: Option<(String, String)>,
}

/// A word to the wise, and no problem.
const LATER: &str = "Begins later";

impl Finding {
    /// Whether it may be a mistake.
    pub fn is_problem(&self) -> bool {
        self.title != LATER
    }
}

/// An assignment as it would be saved.
#[derive(Clone, Debug)]
pub struct Plan {
    /// As it would be stored.
    pub new: NewAssignment,
    /// Its days in its zone.
    pub days: DayRange,
    /// Whose it is.
    pub partner: PartnerLine,
    /// The product's name, where it is of one.
    pub product: String,
    /// The tier.
    pub tier: TierLine,
    /// The one that is edited.
    pub present: Option<AssignmentId>,
}

impl Plan {
    /// "Kestrel Car Rental", or "Kestrel Car Rental · Weekend car".
    pub fn whose(&self) -> String {
        match self.product.is_empty() {
            true => self.partner.name.clone(),
            false => format!("{} · {}", self.partner.name, self.product),
        }
    }

    /// As it will stand once it is saved.
    pub fn as_stored(&self, id: AssignmentId) -> Assignment {
        self.new.as_stored(id)
    }

    /// What a new one brings, as changes from nothing.
    pub fn as_new(&self) -> Vec<FieldChange> {
        let is_draft = self.new.state == AssignmentState::Draft;
        [
            FieldChange::of("Tier", "", self.tier.words()),
            FieldChange::of("Days", "", self.days.words(self.new.zone.tz())),
            FieldChange::of("State", "", if is_draft { "Draft" } else { "" }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// "Gold (1) for Kestrel, 1 Oct 2026 through …".
    pub fn sentence(&self) -> String {
        format!("{} for {}, {}", self.tier.words(), self.whose(), self.days.words(self.new.zone.tz()))
    }
}

/// Whether two spans have a moment in common.
pub fn touches(one: Span, other: Span) -> bool {
    one.within(other).is_some()
}

/// The others of the same partner or product in the campaign.
fn others<'a>(all: &'a [Assignment], plan: &Plan) -> impl Iterator<Item = &'a Assignment> {
    let (whose, present) = ((plan.new.product, plan.new.partner), plan.present);
    all.iter().filter(move |one| (one.product_id, one.partner_id) == whose && Some(one.id) != present)
}

/// The live assignment that the database would refuse it for, as an error of the form.
pub fn refusal(all: &[Assignment], names: &Names, plan: &Plan) -> Option<FieldError> {
    let hit = overlapped(all, plan)?;
    Some(FieldError::new("first_day", "First day", in_the_way(names, hit)))
}

/// The live assignment of the same partner or product that covers some of a live one's days.
pub fn overlapped<'a>(all: &'a [Assignment], plan: &Plan) -> Option<&'a Assignment> {
    if plan.new.state != AssignmentState::Live {
        return None;
    }
    others(all, plan).find(|one| one.state == AssignmentState::Live && touches(one.span(), plan.new.span))
}

/// What to do about it.
pub fn in_the_way(names: &Names, hit: &Assignment) -> String {
    format!(
        "{} covers some of these days already. Choose other days, end that one first, or save this as a draft.",
        names.sentence(hit)
    )
}

/// Everything that is questionable.
///
/// # Errors
/// When the database does not answer.
pub fn of(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    all: &[Assignment],
    names: &Names,
    plan: &Plan,
) -> Result<Vec<Finding>, AppError> {
    let mut found = Vec::new();
    let same: Vec<Assignment> = others(all, plan).cloned().collect();
    let address = super::address(campaign.id);
    for one in same.iter().filter(|one| touches(one.span(), plan.new.span)).take(5) {
        found.push(Finding {
            title: "Overlap",
            text: format!("{} covers some of the same days. Only one of them can be live.", names.sentence(one)),
            link: Some((format!("{address}/assignments/{}/edit", one.id), "Look at it".into())),
        });
    }
    found.extend(dates(tx.now(), campaign, plan));
    found.extend(gap(tx, campaign, &same, plan)?);
    found.extend(ties(tx, campaign, plan)?);
    Ok(found)
}

/// What is questionable about its days alone.
pub fn dates(now: DateTime<Utc>, campaign: &Campaign, plan: &Plan) -> Vec<Finding> {
    let (span, whole) = (plan.new.span, campaign.span());
    let mut found = Vec::new();
    let mut say = |title, text: String| found.push(Finding { title, text, link: None });
    if span.until.is_some_and(|until| until <= now) {
        say("Expired", "Its last day is over, so it has no effect any more.".into());
    } else if span.from > now {
        let begins = day(Some(plan.days.first));
        say(LATER, format!("It counts from {begins}, 00:00 in {}. Until then nothing changes.", plan.new.zone));
    }
    let (own, words) = (campaign.days(), campaign.days().words(campaign.time_zone.tz()));
    // Days are compared, not moments: the hours between two zones are nobody's mistake. Without a last day it ends with
    // the campaign, which is how most are meant.
    let is_longer = plan.days.first < own.first || plan.days.last.zip(own.last).is_some_and(|(last, end)| last > end);
    match span.within(whole) {
        None => say("Outside the campaign", format!("The campaign runs {words}, so this never counts.")),
        Some(_) if is_longer => {
            say("Outside the campaign", format!("The campaign runs {words}. The rest of these days does not count."))
        }
        Some(_) => {}
    }
    found
}

/// What nothing covers once this is saved.
fn gap(tx: &mut ReadTx<'_>, campaign: &Campaign, same: &[Assignment], plan: &Plan) -> Result<Vec<Finding>, AppError> {
    if plan.new.state != AssignmentState::Live {
        return Ok(Vec::new());
    }
    let Some(rest) = expected(campaign, plan.new.zone.tz(), tx.now()) else { return Ok(Vec::new()) };
    let spans: Vec<Span> = same
        .iter()
        .filter(|one| one.state == AssignmentState::Live)
        .map(Assignment::span)
        .chain([plan.new.span])
        .collect();
    let products = match plan.new.product {
        Some(_) => 1,
        None => store::offered(tx, &[plan.new.partner])?.get(&plan.new.partner).copied().unwrap_or_default(),
    };
    if products == 0 {
        return Ok(Vec::new());
    }
    let gap = |gap: Span| {
        let days = DayRange::of(gap, plan.new.zone.tz());
        let last = days.last.map_or_else(|| "on".to_owned(), |last| format!("through {}", day(Some(last))));
        let verb = if products == 1 { "is" } else { "are" };
        Finding {
            title: "Gap",
            text: format!(
                "No tier from {} {last}: {} of {} {verb} not available through this campaign then.",
                day(Some(days.first)),
                counted(products, "product", "products"),
                plan.partner.name
            ),
            link: None,
        }
    };
    Ok(gaps(rest, &spans).into_iter().take(5).map(gap).collect())
}

/// Other campaigns that ask for another tier at the same time, and which of the two decides.
fn ties(tx: &mut ReadTx<'_>, campaign: &Campaign, plan: &Plan) -> Result<Vec<Finding>, AppError> {
    if plan.new.state != AssignmentState::Live {
        return Ok(Vec::new());
    }
    let Some(span) = plan.new.span.within(campaign.span()) else { return Ok(Vec::new()) };
    let others = store::in_other_campaigns(tx, campaign.id, plan.new.partner, span)?;
    let ids: Vec<_> = others.iter().map(|one| one.campaign_id).collect();
    let campaigns = store::some(tx, &ids)?;
    let tiers = store::tiers(tx)?;
    let mut found = Vec::new();
    for one in others.iter().filter(|one| one.product_id.is_none() || one.product_id == plan.new.product) {
        let (Some(other), Some(tier)) = (
            campaigns.iter().find(|other| other.id == one.campaign_id && other.state.is_known()),
            tiers.iter().find(|tier| tier.id == one.tier_id),
        ) else {
            continue;
        };
        let Some(both) = one.span().within(other.span()).and_then(|part| part.within(span)) else { continue };
        if tier.precedence == plan.tier.precedence {
            continue;
        }
        let winner = if tier.precedence > plan.tier.precedence { tier } else { &plan.tier };
        let days = DayRange::of(both, plan.new.zone.tz()).words(plan.new.zone.tz());
        found.push(Finding {
            title: "Tie",
            text: format!(
                "{} asks for {} at the same time, {days}. The less demanding one decides, so {} is enough then.",
                other.name,
                tier.words(),
                winner.words()
            ),
            link: Some((format!("{}/partners", super::address(other.id)), "Look at it".into())),
        });
    }
    Ok(found)
}

/// A word for what was found, so that nothing is saved over what nobody has read.
pub fn digest(found: &[Finding]) -> String {
    if found.is_empty() {
        return "none".into();
    }
    let mut hasher = DefaultHasher::new();
    for one in found {
        (one.title, &one.text).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// The assignments of a plan's partner in a campaign, with the names to write them.
///
/// # Errors
/// When the database does not answer.
pub fn around(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    partner: &PartnerLine,
) -> Result<(Vec<Assignment>, Names), AppError> {
    let narrowed = Narrowed { partner: Some(partner.id), ..Narrowed::default() };
    let all = store::of_campaign(tx, campaign.id, narrowed)?;
    let names = Names::of(tx, &all)?;
    Ok((all, names))
}
