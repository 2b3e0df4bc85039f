//! The configuration check: everything questionable in the program, each with a link that fixes it (S1-18).

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;

use super::dates::DayRange;
use super::decision::Span;
use super::measures::{self, Summary};
use super::store::{self, Found, Problem};
use super::views::day;
use crate::access::{AssignTier, Grant, ReadCampaign, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::partners;
use crate::partners::model::Status;
use crate::partners::views::may;
use crate::values::{Choice, Zone};
use crate::web::error::AppError;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};

/// Shown of each kind.
const SHOWN: i64 = 50;

/// A kind of problem with what there is of it.
#[expect(missing_docs, reason = "shown as named")]
pub struct Group {
    pub problem: Problem,
    pub why: &'static str,
    pub lines: Vec<Line>,
    pub more: bool,
}

/// One thing, and where it is put right.
#[expect(missing_docs, reason = "shown as named")]
pub struct Line {
    pub text: String,
    pub fix: Option<(String, &'static str)>,
}

/// The page.
#[derive(Template)]
#[template(path = "campaigns/configuration.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct CheckPage {
    pub groups: Vec<Group>,
    pub kinds: Vec<(Problem, i64)>,
    pub only: Option<Problem>,
    pub total: i64,
    pub tiers_on: bool,
    pub measured: Option<Summary>,
}

impl CheckPage {
    fn is_only(&self, problem: &Problem) -> bool {
        self.only == Some(*problem)
    }
}

/// What there is of each kind, for the dashboard.
#[derive(Template)]
#[template(path = "campaigns/_summary.html")]
struct Counts<'a> {
    kinds: &'a [(Problem, i64)],
}

fn why(problem: Problem) -> &'static str {
    match problem {
        Problem::TiersOff => "Every product is open to all until tiers are switched on again.",
        Problem::Overlap => "Only one of them can become live.",
        Problem::Gap => {
            "The campaign runs, but the partner asks for no tier: its products are not available through it."
        }
        Problem::Tie => "The less demanding of the two decides.",
        Problem::EndsSoon => "After their last day their products are not available through the campaign.",
        Problem::Outside => "Days outside the campaign never count.",
        Problem::NoPartners => "A campaign without partners does nothing.",
        Problem::NoAssignment => "The campaign changes nothing for them.",
        Problem::Unavailable => "All that made them available is over.",
        Problem::UnusedTier => "Nothing tells it from the next lower tier.",
        Problem::NotActive => "Nobody may have their products.",
    }
}

/// `GET /configuration`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for who sees one partner only.
pub async fn index(grant: Grant<ReadCampaign>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    if matches!(grant.actor().scope(), Scope::Partner { .. }) {
        return Err(AppError::Forbidden(
            "The configuration check goes through the whole program, so it is for the people who run it.".into(),
        ));
    }
    let only = Problem::from_key(params.get("kind"));
    let fixes = may::<AssignTier>(grant.actor());
    let body = app.db.read(&grant, move |tx| page(tx, only, fixes)).await?;
    // Going through everything takes a while in a large program: the dashboard asks for the counts when it is there.
    let page = Page::new("Configuration check", Nav::Campaigns, body);
    Ok(page.region(|body| Counts { kinds: &body.kinds }.render()).answer(&req))
}

fn page(tx: &mut ReadTx<'_>, only: Option<Problem>, fixes: bool) -> Result<CheckPage, AppError> {
    let (mut groups, mut kinds, mut total) = (Vec::new(), Vec::new(), 0);
    for problem in Problem::ALL {
        let mut found = store::found(tx, *problem, SHOWN + 1)?;
        if found.is_empty() {
            continue;
        }
        let more = found.len() as i64 > SHOWN;
        found.truncate(SHOWN as usize);
        total += found.len() as i64;
        kinds.push((*problem, found.len() as i64));
        if only.is_none_or(|only| only == *problem) {
            let lines = found.iter().map(|one| line(*problem, one, fixes)).collect();
            groups.push(Group { problem: *problem, why: why(*problem), lines, more });
        }
    }
    let (tiers_on, _) = store::tiers_on(tx)?;
    let measured = measures::summary(tx)?;
    Ok(CheckPage { groups, kinds, only, total, tiers_on, measured })
}

/// "from 1 Oct 2026 through 24 Nov 2026".
fn days(one: &Found) -> String {
    let zone = Zone::parse(&one.zone).map(|zone| zone.tz()).unwrap_or(chrono_tz::UTC);
    let Some(from) = one.from else { return String::new() };
    let days = DayRange::of(Span { from, until: one.until }, zone);
    match days.last {
        Some(last) => format!("from {} through {}", day(Some(days.first)), day(Some(last))),
        None => format!("from {} on, without end", day(Some(days.first))),
    }
}

fn text(problem: Problem, one: &Found) -> String {
    let Found { campaign_name: campaign, partner, what, other, .. } = one;
    let days = days(one);
    match problem {
        Problem::TiersOff => "Assignments exist, and have no effect.".into(),
        Problem::Overlap => format!("{what} for {partner} in {campaign}, a draft, overlaps {other} {days}."),
        Problem::Gap => format!("{partner} has no tier in {campaign} {days}."),
        Problem::Tie => format!("{what} for {partner} in {campaign}, but {other} {days}."),
        Problem::EndsSoon | Problem::Outside => format!("{what} for {partner} in {campaign}, {days}."),
        Problem::NoPartners => format!("{campaign}, {days}."),
        Problem::NoAssignment => format!("{partner} in {campaign}."),
        Problem::Unavailable => format!("{what} of {partner}."),
        Problem::UnusedTier => format!("{what}."),
        Problem::NotActive => {
            let status = Status::from_key(what).map_or_else(|| what.clone(), |one| one.label().to_lowercase());
            format!("{partner} is {status} while {campaign} runs.")
        }
    }
}

fn line(problem: Problem, one: &Found, fixes: bool) -> Line {
    let campaign = one.campaign.map(super::address).unwrap_or_default();
    let edit = one.assignment.map(|id| format!("{campaign}/assignments/{id}/edit"));
    let fill = || {
        let zone = Zone::parse(&one.zone).map(|zone| zone.tz()).unwrap_or(chrono_tz::UTC);
        let days = one.from.map(|from| DayRange::of(Span { from, until: one.until }, zone));
        let first = days.map(|days| days.first.to_string()).unwrap_or_default();
        let last = days.and_then(|days| days.last).map(|last| last.to_string()).unwrap_or_default();
        let code = crate::web::encode(&one.code);
        format!("{campaign}/assignments/new?whose={code}&first_day={first}&last_day={last}")
    };
    let fix = match problem {
        Problem::TiersOff => Some(("/settings".to_owned(), "Open settings")),
        Problem::Overlap | Problem::Outside => edit.map(|address| (address, "Change dates")),
        Problem::Tie => Some((format!("{campaign}/partners"), "Look at it")),
        Problem::EndsSoon => {
            one.assignment.map(|id| (format!("{campaign}/assignments/bulk?act=extend&id={id}"), "Extend"))
        }
        Problem::Gap => Some((fill(), "Close the gap")),
        Problem::NoAssignment => Some((fill(), "Assign a tier")),
        Problem::NoPartners => Some((format!("{campaign}/partners/link"), "Link partners")),
        Problem::Unavailable => Some((partners::tab(&one.code, "campaigns"), "Look at its campaigns")),
        Problem::UnusedTier => Some(("/tiers".to_owned(), "Look at tiers")),
        Problem::NotActive => Some((partners::address(&one.code), "Look at the partner")),
    };
    Line { text: text(problem, one), fix: fix.filter(|_| fixes) }
}
