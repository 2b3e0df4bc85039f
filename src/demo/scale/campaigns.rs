//! Campaigns: from a year ago to half a year ahead, each of two to six months.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::draw::For;
use super::plan::Plan;
use super::store::{Batch, Campaign};
use super::words;
use crate::campaigns::dates::DayRange;
use crate::campaigns::messages::Messages;
use crate::campaigns::model::{Display, State};
use crate::values::Choice;

/// The zone of their days.
pub const ZONE: &str = "Europe/Lisbon";

const TZ: Tz = chrono_tz::Europe::Lisbon;

/// Puts a campaign into a batch.
///
/// # Errors
/// Never: its messages can be written down.
pub fn rows(plan: &Plan, number: u64, into: &mut Batch) -> Result<(), serde_json::Error> {
    let made = plan.campaign_made(number);
    let [(starts_at, _), (_, ends_at)] = halves(plan, number);
    into.campaigns.push(Campaign {
        id: plan.campaign(number),
        program_id: plan.ground.program,
        code: format!("C{number:04}"),
        name: name(plan, number),
        display: plan.draw.one(Display::ALL, For::Campaign, number, 4),
        messages: serde_json::to_value(Messages::default())?,
        state: state(number),
        time_zone: ZONE,
        starts_at,
        ends_at: Some(ends_at),
        owner_id: Some(plan.dele.id),
        owner_name: plan.dele.name.clone(),
        created_at: made,
        updated_at: made,
        updated_by: Some(plan.dele.id),
        updated_by_name: plan.dele.name.clone(),
    });
    Ok(())
}

/// A campaign's name.
pub fn name(plan: &Plan, number: u64) -> String {
    let season = plan.draw.one(words::SEASONS, For::Campaign, number, 5);
    format!("{season} {} {number}", plan.draw.one(words::CAMPAIGNS, For::Campaign, number, 6))
}

fn state(number: u64) -> State {
    match number % 20 {
        18 => State::Draft,
        19 => State::Paused,
        _ => State::Approved,
    }
}

/// A campaign's first half and its second one, as moments.
pub fn halves(plan: &Plan, number: u64) -> [(DateTime<Utc>, DateTime<Utc>); 2] {
    let month = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let after = plan.draw.below(18, For::Campaign, number, 1) as u32;
    let first = month(plan.year.begins.date_naive());
    let first = first.checked_add_months(Months::new(after)).unwrap_or(first);
    let months = 2 + plan.draw.below(5, For::Campaign, number, 2) as u32;
    let last = first.checked_add_months(Months::new(months)).and_then(|day| day.pred_opt()).unwrap_or(first);
    let middle = first.checked_add_days(Days::new(plan.draw.below(40, For::Campaign, number, 3) + 10)).unwrap_or(last);
    let span = |first, last| {
        let span = DayRange { first, last: Some(last) }.span(TZ);
        (span.from, span.until.unwrap_or(span.from))
    };
    [span(first, middle), span(middle.succ_opt().unwrap_or(last), last)]
}
