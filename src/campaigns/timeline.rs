//! The timeline of a campaign's assignments, and the same as lines of a table.

mod draw;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::decision::Span;
use super::gaps::{expected, gaps};
use super::handlers::head;
use super::model::{Assignment, AssignmentState, Campaign, Standing, TierLine};
use super::preview;
use super::store::{self, Narrowed, PartnerLine};
use super::views::{Linked, PartnersPage, Warning, day};
use crate::db::ReadTx;
use crate::db::ids::{CampaignId, PartnerId, ProductId};
use crate::partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Params, counted};
use crate::web::time::When;

pub use draw::{Bar, DrawnRow, Timeline, Zoom};

/// Assignments on one page at the most.
const SHOWN: usize = 200;
/// Partners on one page at the most: more are found by their codes, and by the configuration check.
const PARTNERS_SHOWN: usize = 200;

/// An assignment as a line of the table.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Line {
    pub id: String,
    pub version: i32,
    pub campaign: String,
    pub campaign_address: String,
    pub address: String,
    pub partner: String,
    pub partner_address: String,
    pub product: String,
    pub tier: String,
    pub tier_name: String,
    pub hue: i32,
    pub first: String,
    pub last: String,
    pub zone: String,
    pub standing: Standing,
    pub is_removable: bool,
    pub is_running: bool,
    pub has_end: bool,
    span: Span,
}

impl Line {
    /// Whose it is, in words.
    pub fn whose(&self) -> String {
        if self.product.is_empty() { self.partner.clone() } else { format!("{} · {}", self.partner, self.product) }
    }

    fn until(&self) -> String {
        if self.last.is_empty() { "no end".into() } else { format!("through {}", self.last) }
    }

    /// Everything about it, for who cannot see the drawing.
    pub fn name(&self) -> String {
        format!(
            "{} {}: {}, {}, from {}{}, {}",
            self.tier,
            self.until(),
            self.whose(),
            self.standing.label().to_lowercase(),
            self.first,
            if self.last.is_empty() {
                " with no end".to_owned()
            } else {
                format!(" {}, last day included", self.until())
            },
            self.zone
        )
    }
}

/// Names of partners and products, and tiers, by which lines are written.
pub struct Names {
    /// Partners by id.
    pub partners: HashMap<PartnerId, PartnerLine>,
    /// Products by id.
    pub products: HashMap<ProductId, String>,
    /// All tiers.
    pub tiers: Vec<TierLine>,
}

impl Names {
    /// Those of some assignments.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn of(tx: &mut ReadTx<'_>, assignments: &[Assignment]) -> Result<Names, AppError> {
        Names::beside(tx, assignments, HashMap::new())
    }

    /// Those of a campaign's assignments, and of its partners.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn of_campaign(tx: &mut ReadTx<'_>, campaign: CampaignId, all: &[Assignment]) -> Result<Names, AppError> {
        let lines = store::lines_of_campaign(tx, campaign)?;
        Names::beside(tx, all, lines.iter().map(|line| (line.id, line.clone())).collect())
    }

    fn beside(
        tx: &mut ReadTx<'_>,
        assignments: &[Assignment],
        mut partners: HashMap<PartnerId, PartnerLine>,
    ) -> Result<Names, AppError> {
        let unknown = assignments.iter().map(|one| one.partner_id).filter(|id| !partners.contains_key(id));
        let mut unknown: Vec<PartnerId> = unknown.collect();
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            partners.extend(store::partner_lines(tx, &unknown)?.into_iter().map(|line| (line.id, line)));
        }
        let products: Vec<ProductId> = assignments.iter().filter_map(|one| one.product_id).collect();
        Ok(Names { partners, products: store::product_names(tx, &products)?, tiers: store::tiers(tx)? })
    }

    /// "Kestrel Car Rental", or "Kestrel Car Rental · Weekend car".
    pub fn whose(&self, one: &Assignment) -> String {
        let partner = self.partners.get(&one.partner_id).map(|line| line.name.clone()).unwrap_or_default();
        match one.product_id.and_then(|id| self.products.get(&id)) {
            Some(product) => format!("{partner} · {product}"),
            None => partner,
        }
    }

    /// Its place among others: by partner, by product, by time.
    fn place(&self, one: &Assignment) -> (String, String, DateTime<Utc>) {
        let partner = self.partners.get(&one.partner_id).map(|line| line.name.clone()).unwrap_or_default();
        let product = one.product_id.and_then(|id| self.products.get(&id).cloned()).unwrap_or_default();
        (partner, product, one.starts_at)
    }

    /// "Gold (1)".
    pub fn tier(&self, one: &Assignment) -> String {
        self.tiers.iter().find(|tier| tier.id == one.tier_id).map(TierLine::words).unwrap_or_default()
    }

    /// "Gold (1) for Kestrel, 1 Oct 2026 through …".
    pub fn sentence(&self, one: &Assignment) -> String {
        format!("{} for {}, {}", self.tier(one), self.whose(one), one.days().words(one.time_zone.tz()))
    }

    fn line(&self, one: &Assignment, campaign: &Campaign, now: DateTime<Utc>) -> Line {
        let (days, standing) = (one.days(), one.standing(now));
        let partner = self.partners.get(&one.partner_id);
        let tier = self.tiers.iter().find(|tier| tier.id == one.tier_id);
        let campaign_address = super::address(campaign.id);
        Line {
            id: one.id.to_string(),
            version: one.version,
            campaign: campaign.name.to_string(),
            address: format!("{campaign_address}/assignments/{}", one.id),
            campaign_address,
            partner: partner.map(|line| line.name.clone()).unwrap_or_default(),
            partner_address: partner.map(|line| partners::tab(&line.code, "campaigns")).unwrap_or_default(),
            product: one.product_id.and_then(|id| self.products.get(&id).cloned()).unwrap_or_default(),
            tier: tier.map(TierLine::words).unwrap_or_default(),
            tier_name: tier.map(|tier| tier.name.clone()).unwrap_or_default(),
            hue: tier.map_or(1, |tier| [5, 2, 4, 3, 6, 1][(tier.precedence.max(1) as usize - 1) % 6]),
            first: day(Some(days.first)),
            last: day(days.last),
            zone: one.time_zone.to_string(),
            is_removable: one.is_removable(now),
            is_running: matches!(standing, Standing::Active | Standing::EndsSoon),
            has_end: one.ends_at.is_some(),
            standing,
            span: one.span(),
        }
    }
}

/// The lines of one partner in all its campaigns.
///
/// # Errors
/// When the database does not answer.
pub fn lines_of_partner(
    tx: &mut ReadTx<'_>,
    partner: PartnerId,
    campaigns: &[Campaign],
) -> Result<Vec<Line>, AppError> {
    let assignments = store::of_partner(tx, partner)?;
    let names = Names::of(tx, &assignments)?;
    let now = tx.now();
    let line = |one: &Assignment| {
        let campaign = campaigns.iter().find(|campaign| campaign.id == one.campaign_id)?;
        Some(names.line(one, campaign, now))
    };
    Ok(assignments.iter().filter_map(line).collect())
}

/// The page of a campaign's partners and tiers.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn page(tx: &mut ReadTx<'_>, id: &str, params: Params) -> Result<PartnersPage, AppError> {
    let campaign = store::find(tx, id)?;
    let head = head(tx, &campaign, "partners")?;
    let all = match head.tiers_on {
        true => store::of_campaign(tx, campaign.id, Narrowed { limit: Some(20_000), ..Narrowed::default() })?,
        false => Vec::new(),
    };
    let names = Names::of_campaign(tx, campaign.id, &all)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    // Put in order before they are written out: a campaign may have thousands, of which few are shown.
    let mut shown: Vec<&Assignment> = narrowed(&all, &names, &params, now).collect();
    shown.sort_by_cached_key(|one| names.place(one));
    let left_off = shown.len().saturating_sub(SHOWN);
    shown.truncate(SHOWN);
    let lines: Vec<Line> = shown.into_iter().map(|one| names.line(one, &campaign, now)).collect();
    let timeline = draw::draw(&lines, &campaign, &params, now);
    let linked = linked(tx, &campaign, &all, head.allowed.update && head.is_open)?;
    let warnings = match head.allowed.assign && head.tiers_on {
        true => warnings(&campaign, &all, &names, &linked, now),
        false => Vec::new(),
    };
    let partners = linked.len();
    let linked = linked.into_iter().take(PARTNERS_SHOWN).collect();
    let undo = store::last_undo(tx, campaign.id)?.filter(|_| head.allowed.assign && head.is_open && head.tiers_on);
    Ok(PartnersPage {
        warnings,
        timeline,
        left_off,
        linked,
        partners,
        tiers: names.tiers.iter().map(|tier| (tier.id.to_string(), tier_words(tier))).collect(),
        preview: preview::panel(tx, &campaign, &params)?,
        undo_at: undo.as_ref().map(|undo| When::new(undo.made_at, now, zone)),
        undo,
        lines,
        head,
        params,
    })
}

/// "1 Gold", as selects show it.
pub fn tier_words(tier: &TierLine) -> String {
    format!("{} {}", tier.precedence, tier.name)
}

fn narrowed<'a>(
    all: &'a [Assignment],
    names: &'a Names,
    params: &'a Params,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &'a Assignment> {
    let standing = Standing::from_key(params.get("state"));
    let is_partner = |one: &Assignment| {
        let code = params.get("partner");
        code.is_empty() || names.partners.get(&one.partner_id).is_some_and(|line| line.code.eq_ignore_ascii_case(code))
    };
    all.iter().filter(move |one| {
        let tier = params.get("tier");
        (tier.is_empty() || one.tier_id.to_string() == tier)
            && standing.is_none_or(|wanted| one.standing(now) == wanted)
            && is_partner(one)
    })
}

fn linked(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    all: &[Assignment],
    may_unlink: bool,
) -> Result<Vec<Linked>, AppError> {
    let (links, products) = (store::links(tx, campaign.id)?, store::offered_in(tx, campaign.id)?);
    let (now, zone) = (tx.now(), tx.actor().zone());
    let lines = store::lines_of_campaign(tx, campaign.id)?;
    let links: HashMap<PartnerId, _> = links.iter().map(|link| (link.partner_id, link)).collect();
    let mut counts: HashMap<PartnerId, usize> = HashMap::new();
    for one in all {
        *counts.entry(one.partner_id).or_default() += 1;
    }
    let row = |line: &PartnerLine| {
        let link = links.get(&line.id)?;
        let address = format!("{}/partners/{}/unlink", super::address(campaign.id), crate::web::encode(&line.code));
        Some(Linked {
            address: partners::tab(&line.code, "campaigns"),
            code: line.code.clone(),
            name: line.name.clone(),
            status: line.status,
            zone: line.time_zone.to_string(),
            products: products.get(&line.id).copied().unwrap_or_default(),
            assignments: counts.get(&line.id).copied().unwrap_or_default(),
            linked: When::new(link.linked_at, now, zone),
            linked_by: link.linked_by_name.clone(),
            unlink: may_unlink.then_some(address),
        })
    };
    Ok(lines.iter().filter_map(row).collect())
}

/// What is questionable about a campaign's partners: days without a tier, and what closes them.
fn warnings(
    campaign: &Campaign,
    all: &[Assignment],
    names: &Names,
    linked: &[Linked],
    now: DateTime<Utc>,
) -> Vec<Warning> {
    let mut found: Vec<(DateTime<Utc>, Warning)> = Vec::new();
    let mut whole: HashMap<PartnerId, Vec<&Assignment>> = HashMap::new();
    for one in all.iter().filter(|one| one.product_id.is_none()) {
        whole.entry(one.partner_id).or_default().push(one);
    }
    let offered: HashMap<&str, i64> = linked.iter().map(|one| (one.code.as_str(), one.products)).collect();
    for line in names.partners.values() {
        let own = whole.get(&line.id).map(Vec::as_slice).unwrap_or_default();
        let live = own.iter().filter(|one| one.state == AssignmentState::Live);
        let spans: Vec<Span> = live.map(|one| one.span()).collect();
        let products = offered.get(line.code.as_str()).copied().unwrap_or_default();
        let Some(rest) = expected(campaign, line.time_zone.tz(), now) else { continue };
        if spans.is_empty() || products == 0 {
            continue;
        }
        for gap in gaps(rest, &spans) {
            let draft = own
                .iter()
                .find(|one| one.state == AssignmentState::Draft && one.span().within(gap) == Some(gap))
                .filter(|one| !spans.iter().any(|span| span.within(one.span()).is_some()));
            found.push((gap.from, warning(campaign, line, products, gap, draft.copied())));
        }
    }
    found.sort_by(|(one, a), (other, b)| (one, &a.title).cmp(&(other, &b.title)));
    found.into_iter().map(|(_, warning)| warning).collect()
}

/// A gap in the partner's own days. A draft that fills it is better made live than assigned again.
fn warning(campaign: &Campaign, line: &PartnerLine, products: i64, gap: Span, draft: Option<&Assignment>) -> Warning {
    let days = super::dates::DayRange::of(gap, line.time_zone.tz());
    let last = days.last.map_or_else(|| "on, without end".to_owned(), |last| format!("through {}", day(Some(last))));
    let lost = match products {
        1 => "Its product is not available through this campaign then.".to_owned(),
        many => format!("Its {} are not available through this campaign then.", counted(many, "product", "products")),
    };
    let (code, address) = (crate::web::encode(&line.code), super::address(campaign.id));
    let fix = match draft {
        Some(draft) => (format!("{address}/assignments/bulk?act=publish&id={}", draft.id), "Make the draft live"),
        None => {
            let last = days.last.map(|last| last.to_string()).unwrap_or_default();
            let query = format!("whose={code}&first_day={}&last_day={last}", days.first);
            (format!("{address}/assignments/new?{query}"), "Close the gap")
        }
    };
    let planned = if draft.is_some() { " A draft covers these days." } else { "" };
    Warning {
        title: format!("Gap for {}:", line.name),
        text: format!("no tier from {} {last}. {lost}{planned}", day(Some(days.first))),
        fix: campaign.state.needs_open().is_ok().then_some(fix),
    }
}
