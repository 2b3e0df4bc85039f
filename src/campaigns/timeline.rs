//! The timeline of a campaign's assignments, drawn here as numbers and in the template as SVG; and the same as lines of
//! a table.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::dates::begins;
use super::decision::Span;
use super::gaps::gaps;
use super::handlers::head;
use super::model::{Assignment, AssignmentState, Campaign, Standing, TierLine};
use super::preview;
use super::store::{self, Narrowed, PartnerLine};
use super::views::{Linked, PartnersPage, Warning, day};
use crate::db::ReadTx;
use crate::db::ids::{PartnerId, ProductId};
use crate::partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Params, counted};
use crate::web::time::When;

/// Assignments on one page at the most.
const SHOWN: usize = 200;
/// Where the days begin, beside the names.
const LEFT: f64 = 206.0;
/// The width of the whole drawing.
const WIDTH: f64 = 1144.0;
/// The height of a lane.
const LANE: f64 = 36.0;
/// Above the lanes.
const TOP: f64 = 30.0;
/// About the width of a letter.
const LETTER: f64 = 6.4;

/// How much time is on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// One month.
    Month,
    /// Eight months.
    Eight,
    /// Twelve months.
    Year,
}

impl Zoom {
    fn read(word: &str) -> Zoom {
        match word {
            "month" => Zoom::Month,
            "year" => Zoom::Year,
            _ => Zoom::Eight,
        }
    }

    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Zoom::Month => "month",
            Zoom::Eight => "",
            Zoom::Year => "year",
        }
    }

    /// The shown word.
    pub fn label(self) -> &'static str {
        match self {
            Zoom::Month => "Month",
            Zoom::Eight => "8 months",
            Zoom::Year => "Year",
        }
    }

    fn months(self) -> u32 {
        match self {
            Zoom::Month => 1,
            Zoom::Eight => 8,
            Zoom::Year => 12,
        }
    }
}

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
        let mut partners: Vec<PartnerId> = assignments.iter().map(|one| one.partner_id).collect();
        partners.sort_unstable();
        partners.dedup();
        let products: Vec<ProductId> = assignments.iter().filter_map(|one| one.product_id).collect();
        Ok(Names {
            partners: store::partner_lines(tx, &partners)?.into_iter().map(|line| (line.id, line)).collect(),
            products: store::product_names(tx, &products)?,
            tiers: store::tiers(tx)?,
        })
    }

    /// "Kestrel Car Rental", or "Kestrel Car Rental · Weekend car".
    pub fn whose(&self, one: &Assignment) -> String {
        let partner = self.partners.get(&one.partner_id).map(|line| line.name.clone()).unwrap_or_default();
        match one.product_id.and_then(|id| self.products.get(&id)) {
            Some(product) => format!("{partner} · {product}"),
            None => partner,
        }
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

/// One bar, its places written as the drawing needs them.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct Bar {
    pub address: String,
    pub name: String,
    pub x: String,
    pub y: String,
    pub width: String,
    pub path: Option<String>,
    pub text_x: String,
    pub text_y: String,
    pub text: String,
    pub rest: String,
    pub hue: i32,
    pub is_draft: bool,
    pub is_past: bool,
}

/// A row of the drawing: a partner, or one of its products.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct DrawnRow {
    pub label: String,
    pub label_y: String,
    pub line_y: Option<String>,
    pub bars: Vec<Bar>,
}

/// The whole drawing.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "drawn as named")]
pub struct Timeline {
    pub zoom: Zoom,
    pub range: String,
    pub height: String,
    pub bottom: String,
    pub ticks: Vec<(String, String, String)>,
    pub shade: Option<(String, String)>,
    pub shade_height: String,
    pub today: Option<(String, String)>,
    pub rows: Vec<DrawnRow>,
    pub previous: String,
    pub next: String,
}

/// The time that is on the page.
#[derive(Clone, Copy)]
struct Frame {
    zoom: Zoom,
    first: NaiveDate,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn months_on(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

fn months_back(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

impl Frame {
    fn new(params: &Params, campaign: &Campaign, now: DateTime<Utc>) -> Frame {
        let (zoom, zone) = (Zoom::read(params.get("zoom")), campaign.time_zone.tz());
        let asked = format!("{}-01", params.get("at")).parse::<NaiveDate>().ok();
        let first = match asked.filter(|day| (2000..2200).contains(&day.year())) {
            Some(day) => day,
            None => Frame::usual(zoom, campaign, now.with_timezone(&zone).date_naive()),
        };
        let (from, until) = (begins(first, zone), begins(months_on(first, zoom.months()), zone));
        Frame { zoom, first, zone, from, until }
    }

    /// A month before the campaign begins; of a long one the present.
    fn usual(zoom: Zoom, campaign: &Campaign, today: NaiveDate) -> NaiveDate {
        let days = campaign.days();
        let start = first_of_month(days.first);
        let is_over = days.last.is_some_and(|last| last < today);
        if zoom == Zoom::Month {
            let runs = days.first <= today && !is_over;
            return if runs { first_of_month(today) } else { start };
        }
        let before = months_back(start, 1);
        let reaches = months_on(before, zoom.months()) > today;
        if reaches || is_over { before } else { months_back(first_of_month(today), 2) }
    }

    fn x(&self, at: DateTime<Utc>) -> f64 {
        let whole = (self.until - self.from).num_minutes().max(1) as f64;
        let part = (at - self.from).num_minutes() as f64 / whole;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT)
    }

    fn ticks(&self) -> Vec<(String, String, String)> {
        let days: Vec<NaiveDate> = match self.zoom {
            Zoom::Month => (0..5).filter_map(|week| self.first.checked_add_days(Days::new(week * 7))).collect(),
            zoom => (0..zoom.months()).map(|month| months_on(self.first, month)).collect(),
        };
        let label = |at: usize, day: &NaiveDate| match self.zoom {
            Zoom::Month => day.format("%-d %b").to_string(),
            _ if at == 0 || day.month() == 1 => day.format("%b %Y").to_string(),
            _ => day.format("%b").to_string(),
        };
        let tick = |(at, day): (usize, &NaiveDate)| {
            let x = self.x(begins(*day, self.zone));
            (number(x), number(x + 6.0), label(at, day))
        };
        days.iter().enumerate().filter(|(_, day)| begins(**day, self.zone) < self.until).map(tick).collect()
    }

    fn range(&self) -> String {
        let last = months_on(self.first, self.zoom.months() - 1);
        match self.zoom {
            Zoom::Month => self.first.format("%B %Y").to_string(),
            _ => format!("{} to {}", self.first.format("%B %Y"), last.format("%B %Y")),
        }
    }

    fn bar(&self, line: &Line, lane_y: f64) -> Option<Bar> {
        let span = line.span.within(Span { from: self.from, until: Some(self.until) })?;
        let (left, right) = (self.x(span.from), self.x(span.until.unwrap_or(self.until)).min(WIDTH));
        let width = (right - left).max(3.0);
        let is_endless = line.span.until.is_none();
        let text = match line.standing {
            Standing::Draft => format!("{} (draft)", line.tier_name),
            one if one.is_past() => format!("{} (expired)", line.tier_name),
            _ => line.tier_name.clone(),
        };
        let until = match &line.span.until {
            None => "no end".to_owned(),
            Some(_) => line.last.rsplit_once(' ').map_or_else(String::new, |(day, _)| format!("through {day}")),
        };
        let room = ((width - 16.0) / LETTER).max(0.0) as usize;
        let fits = |text: &str| text.chars().count() <= room;
        let rest = if fits(&format!("{text} {until}")) { until } else { String::new() };
        let text = if fits(&text) { text } else { String::new() };
        let (x, y) = (left, lane_y + 7.0);
        // An arrow at the end: there is none.
        let path = is_endless.then(|| {
            let straight = (width - 10.0).max(2.0);
            format!("M{} {}h{}l10 11l-10 11h-{}z", number(x), number(y), number(straight), number(straight))
        });
        Some(Bar {
            address: format!("#a-{}", line.id),
            name: line.name(),
            x: number(x),
            y: number(y),
            width: number(width),
            path,
            text_x: number(x + 8.0),
            text_y: number(y + 15.0),
            text,
            rest,
            hue: line.hue,
            is_draft: line.standing == Standing::Draft,
            is_past: line.standing.is_past(),
        })
    }
}

/// Draws lines that come partner by partner.
fn draw(lines: &[Line], frame: Frame, campaign: &Campaign, params: &Params, now: DateTime<Utc>) -> Timeline {
    let mut rows: Vec<DrawnRow> = Vec::new();
    let mut y = TOP;
    for group in lines.chunk_by(|one, other| one.whose() == other.whose()) {
        // Drafts may overlap: each goes into the first lane that is free.
        let mut lanes: Vec<Option<DateTime<Utc>>> = Vec::new();
        let mut bars = Vec::new();
        for line in group {
            let free = lanes.iter().position(|until| until.is_some_and(|until| until <= line.span.from));
            let lane = free.unwrap_or_else(|| {
                lanes.push(None);
                lanes.len() - 1
            });
            if let Some(place) = lanes.get_mut(lane) {
                *place = line.span.until;
            }
            bars.extend(frame.bar(line, y + LANE * lane as f64));
        }
        let label = group.first().map(Line::whose).unwrap_or_default();
        rows.push(DrawnRow {
            label: shortened(&label),
            label_y: number(y + 23.0),
            line_y: (y > TOP).then(|| number(y)),
            bars,
        });
        y += LANE * lanes.len().max(1) as f64;
    }
    let bottom = y.max(TOP + LANE);
    let shade = campaign.span().within(Span { from: frame.from, until: Some(frame.until) }).map(|span| {
        let (left, right) = (frame.x(span.from), frame.x(span.until.unwrap_or(frame.until)));
        (number(left), number(right - left))
    });
    let is_now = frame.from <= now && now < frame.until;
    let month = |day: NaiveDate| params.with("at", &day.format("%Y-%m").to_string());
    Timeline {
        zoom: frame.zoom,
        range: frame.range(),
        height: number(bottom + 6.0),
        bottom: number(bottom),
        ticks: frame.ticks(),
        shade,
        shade_height: number(bottom - 24.0),
        today: is_now.then(|| (number(frame.x(now)), number(frame.x(now) + 5.0))),
        rows,
        previous: month(months_back(frame.first, frame.zoom.months().min(6))),
        next: month(months_on(frame.first, frame.zoom.months().min(6))),
    }
}

/// A name that fits beside the bars.
fn shortened(name: &str) -> String {
    match name.chars().count() {
        0..=28 => name.to_owned(),
        _ => format!("{}…", name.chars().take(27).collect::<String>().trim_end()),
    }
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
    let names = Names::of(tx, &all)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let mut lines: Vec<Line> =
        narrowed(&all, &names, &params, now).map(|one| names.line(one, &campaign, now)).collect();
    lines.sort_by(|one, other| {
        (&one.partner, &one.product, one.span.from).cmp(&(&other.partner, &other.product, other.span.from))
    });
    let left_off = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let timeline = draw(&lines, Frame::new(&params, &campaign, now), &campaign, &params, now);
    let linked = linked(tx, &campaign, &all, head.allowed.update && head.is_open)?;
    let warnings = match head.allowed.assign && head.tiers_on {
        true => warnings(&campaign, &all, &names, &linked, now),
        false => Vec::new(),
    };
    let undo = store::last_undo(tx, campaign.id)?.filter(|_| head.allowed.assign && head.is_open);
    Ok(PartnersPage {
        warnings,
        timeline,
        left_off,
        linked,
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
    let links = store::links(tx, campaign.id)?;
    let ids: Vec<PartnerId> = links.iter().map(|link| link.partner_id).collect();
    let products = store::offered(tx, &ids)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let lines = store::partner_lines(tx, &ids)?;
    let row = |line: PartnerLine| {
        let link = links.iter().find(|link| link.partner_id == line.id)?;
        let address = format!("{}/partners/{}/unlink", super::address(campaign.id), crate::web::encode(&line.code));
        Some(Linked {
            address: partners::tab(&line.code, "campaigns"),
            code: line.code,
            name: line.name,
            status: line.status,
            zone: line.time_zone.to_string(),
            products: products.get(&line.id).copied().unwrap_or_default(),
            assignments: all.iter().filter(|one| one.partner_id == line.id).count(),
            linked: When::new(link.linked_at, now, zone),
            linked_by: link.linked_by_name.clone(),
            unlink: may_unlink.then_some(address),
        })
    };
    Ok(lines.into_iter().filter_map(row).collect())
}

/// What is questionable about a campaign's partners: gaps, and none at all.
fn warnings(
    campaign: &Campaign,
    all: &[Assignment],
    names: &Names,
    linked: &[Linked],
    now: DateTime<Utc>,
) -> Vec<Warning> {
    let mut found = Vec::new();
    let zone = campaign.time_zone.tz();
    let address = super::address(campaign.id);
    let Some(rest) = campaign.span().within(Span { from: now, until: None }) else { return found };
    for line in names.partners.values() {
        let spans: Vec<Span> = all
            .iter()
            .filter(|one| one.partner_id == line.id && one.product_id.is_none() && one.state == AssignmentState::Live)
            .map(Assignment::span)
            .collect();
        let products = linked.iter().find(|one| one.code == line.code).map_or(0, |one| one.products);
        if spans.is_empty() || products == 0 {
            continue;
        }
        for gap in gaps(rest, &spans) {
            let days = super::dates::DayRange::of(gap, zone);
            let products = match products {
                1 => "Its product is not available through this campaign then.".to_owned(),
                many => format!(
                    "Its {} are not available through this campaign then.",
                    counted(many, "product", "products")
                ),
            };
            let last =
                days.last.map_or_else(|| "on, without end".to_owned(), |last| format!("through {}", day(Some(last))));
            let query = format!(
                "whose={}&first_day={}&last_day={}",
                crate::web::encode(&line.code),
                days.first,
                days.last.map(|last| last.to_string()).unwrap_or_default()
            );
            found.push(Warning {
                title: format!("Gap for {}:", line.name),
                text: format!("no tier from {} {last}. {products}", day(Some(days.first))),
                fix: campaign
                    .state
                    .needs_open()
                    .is_ok()
                    .then(|| (format!("{address}/assignments/new?{query}"), "Close the gap")),
            });
        }
    }
    found.sort_by(|one, other| (&one.title, &one.text).cmp(&(&other.title, &other.text)));
    found.truncate(5);
    found
}
