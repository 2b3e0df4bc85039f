//! Live, live on a date, and live again.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::letters::{self, What};
use super::live_edit::taken;
use super::submit::{findings, passing};
use super::verdict::{WORDS, missing};
use super::{Asked, Ground, Made, event, is_partners_own, moved, nameable};
use crate::access::Permission;
use crate::activity::IntegrationEvent;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::business::moment;
use crate::integrations::content::Content;
use crate::integrations::feedback;
use crate::integrations::model::{Integration, Origin, Outcome};
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::web::error::AppError;

/// The last day that something can be approved for, counted from today.
const FURTHEST: u64 = 366;

/// Where a day begins in a zone; where clocks skip midnight, the first moment after it.
fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let hour = |hour| zone.from_local_datetime(&day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?)).earliest();
    (0..4).find_map(hour).map(|at| at.with_timezone(&Utc))
}

/// The moment that somebody approves for.
fn future(day: Option<NaiveDate>, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, AppError> {
    let refused = |message: String| Err(missing("publish_on", "Publish on", &message));
    let Some(day) = day else { return refused("Choose the day to publish it on.".into()) };
    let today = now.with_timezone(&zone).date_naive();
    let Some(at) = begins(day, zone).filter(|_| day > today) else {
        return refused(format!("Choose a day after today; in {zone} it is {} now.", today.format("%-d %b %Y")));
    };
    if today.checked_add_days(Days::new(FURTHEST)).is_none_or(|last| day > last) {
        return refused("Choose a day within a year.".into());
    }
    Ok(at)
}

/// What is published of a submission: its pages as they were sent, with what a host changed in the live ones meanwhile.
fn approved_content(tx: &mut ReadTx<'_>, item: &Integration) -> Result<Content, AppError> {
    let sent = store::submission(tx, item, item.submission)?;
    let (Some(live), written) = (store::live(tx, item)?, store::content(tx, item)?) else { return Ok(sent) };
    let from_host = written.changed_from(&sent).into_iter().filter(|spot| written.value(*spot) == live.value(*spot));
    Ok(from_host.fold(sent.clone(), |content, spot| taken(content, spot, &live)))
}

/// What keeps a submission from being approved.
fn approvable(tx: &mut ReadTx<'_>, item: &Integration) -> Result<(), AppError> {
    match feedback::store::open(tx, item)?.blocking {
        0 => Ok(()),
        1 => {
            Err(AppError::Refused("One blocking item of feedback is open. Settle it first, or request changes.".into()))
        }
        some => Err(AppError::Refused(format!(
            "{some} blocking items of feedback are open. Settle them first, or request changes."
        ))),
    }
}

/// The first of two approvals; none when this one decides.
fn first_of_two<P: Permission>(tx: &mut WriteTx<'_, P>, ground: &Ground) -> Result<Option<Change<Made>>, AppError> {
    let item = &ground.item;
    if !ground.settings.second_approver || item.approved_by.is_some() {
        return Ok(None);
    }
    let after = Integration { approved_by: tx.actor().user(), ..item.clone() };
    let after = store::save(tx, item, after, None)?;
    let event = event(&after, IntegrationEvent::ApprovedFirst);
    let said = format!("Your approval of {} is noted. It takes a second person to publish it.", after.name);
    Ok(Some(Change::new(Made { item: after, said }, event)))
}

/// Makes some content the live one: its version, and the integration with it; `written` is what is written from then
/// on, where that changes too.
pub(super) fn go_live<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    before: &Integration,
    mut after: Integration,
    content: &Content,
    origin: (Origin, Option<i32>),
    written: Option<&Content>,
) -> Result<(Integration, i32), AppError> {
    let number = store::add_version(tx, before, content, origin.0, origin.1)?;
    after.live_number = Some(number);
    after.name.clone_from(&content.name);
    after.kind = content.kind;
    let after = nameable(store::save(tx, before, after, written), &content.name)?;
    Ok((after, number))
}

/// Publishes the submission: what a reviewer decides, and what the clock does when a date came.
fn publish<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    wanted: Move,
    words: &str,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let content = approved_content(tx, item)?;
    let after = ground.stepped(now, wanted, false)?;
    let (after, number) = go_live(tx, item, after, &content, (Origin::Review, Some(item.submission)), Some(&content))?;
    let summary = if wanted == Move::GoLive { summary(tx, item)? } else { words.to_owned() };
    store::answer(tx, item, Outcome::Published, &summary)?;
    letters::tell(tx, ground, &after, &What::Published { number, again: String::new(), summary })?;
    let detail = if wanted == Move::GoLive { ", as scheduled" } else { "" };
    let happened = IntegrationEvent::Published { number, detail: detail.into() };
    let said = format!("{} is published as version {number}.", after.name);
    let event = event(&after, happened);
    Ok(Change::new(Made { item: after, said }, event))
}

/// What was written when the date was chosen.
fn summary(tx: &mut ReadTx<'_>, item: &Integration) -> Result<String, AppError> {
    Ok(store::last_submission(tx, item)?.map(|last| last.summary).unwrap_or_default())
}

pub(super) fn published<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    approvable(tx, &ground.item)?;
    match first_of_two(tx, ground)? {
        Some(first) => Ok(first),
        None => publish(tx, ground, Move::Publish, &asked.words),
    }
}

/// The clock: the date came.
pub(super) fn came_due<P: Permission>(tx: &mut WriteTx<'_, P>, ground: &Ground) -> Result<Change<Made>, AppError> {
    ground.permits(tx, Move::GoLive)?;
    if ground.item.publish_at.is_none_or(|at| at > tx.now()) {
        return Err(AppError::Refused("Its date has not come.".into()));
    }
    publish(tx, ground, Move::GoLive, "")
}

pub(super) fn scheduled<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now, zone) = (&ground.item, tx.now(), ground.partner.time_zone.tz());
    let at = future(asked.publish_on, zone, now)?;
    approvable(tx, item)?;
    if let Some(first) = first_of_two(tx, ground)? {
        return Ok(first);
    }
    let mut after = ground.stepped(now, Move::Schedule, false)?;
    after.publish_at = Some(at);
    let after = store::save(tx, item, after, None)?;
    store::answer(tx, item, Outcome::Approved, &asked.words)?;
    let date = moment(at, zone);
    letters::tell(tx, ground, &after, &What::Scheduled { date: date.clone(), summary: asked.words.clone() })?;
    let event = moved(item, &after, "approved", &format!(" for {date}"), &asked.words);
    let said = format!("{} is approved. It is published on {date}.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

pub(super) fn unscheduled<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let mut after = ground.stepped(now, Move::Unschedule, false)?;
    after.expected_at = Some(ground.expected(now, item.spent_minutes));
    let after = store::save(tx, item, after, None)?;
    store::reopen(tx, item)?;
    let event = moved(item, &after, "called off the date of", "", &asked.words);
    let said = format!("The date of {} is called off. It is in review again.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

/// Published again, or no longer suspended: the very version that was live.
pub(super) fn live_again<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    wanted: Move,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let (Some(live), written) = (store::live(tx, item)?, store::content(tx, item)?) else {
        return Err(AppError::Refused("It was never published.".into()));
    };
    let is_changed = !written.changed_from(&live).is_empty();
    if wanted == Move::Republish {
        if is_changed && is_partners_own(tx) {
            let words = "It was changed since it was published. Rework it and submit it, so that a host looks at it.";
            return Err(AppError::Refused(words.into()));
        }
        let found = findings(tx, item, &live, &asked.links)?;
        passing(&found, "published again")?;
    }
    if wanted == Move::Reinstate && asked.words.is_empty() {
        return Err(missing(WORDS, "Reason", "Write why: the partner gets it as you write it."));
    }
    let after = ground.stepped(now, wanted, is_changed)?;
    let after = store::save(tx, item, after, None)?;
    let number = item.live_number.unwrap_or(1);
    let (did, again) = match wanted {
        Move::Republish => ("published", "again"),
        _ => ("reinstated", "after its suspension"),
    };
    let what = What::Published { number, again: again.into(), summary: asked.words.clone() };
    letters::tell(tx, ground, &after, &what)?;
    let detail = if wanted == Move::Republish { format!(" again, version {number}") } else { String::new() };
    let event = moved(item, &after, did, &detail, &asked.words);
    let said = format!("{} is published {again}.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_its_own_zone_also_where_midnight_is_skipped() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(begins(day("2026-12-01"), chrono_tz::Asia::Tokyo), at("2026-11-30T15:00:00Z"));
        assert_eq!(begins(day("2026-07-01"), chrono_tz::Europe::Lisbon), at("2026-06-30T23:00:00Z"));
        // In Beirut clocks go from 0:00 to 1:00 on the last Sunday of March.
        assert_eq!(begins(day("2026-03-29"), chrono_tz::Asia::Beirut), at("2026-03-28T22:00:00Z"));
    }

    #[test]
    fn only_days_after_today_and_within_a_year_can_be_chosen() {
        let now = "2026-11-20T20:00:00Z".parse().unwrap();
        let chosen = |text: &str| future(text.parse().ok(), chrono_tz::Asia::Tokyo, now).is_ok();
        // In Tokyo it is the 21st already.
        assert_eq!(
            ["2026-11-20", "2026-11-21", "2026-11-22", "2027-11-22", "2027-11-23", ""].map(chosen),
            [false, false, true, true, false, false]
        );
    }
}
