//! Working time: Monday to Friday, nine to five, in the program's zone. Holidays are not known.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// Minutes of a business day.
pub const DAY: i64 = 8 * 60;

const OPENS: u32 = 9;
const CLOSES: u32 = 17;

/// The opening hours of a day, if it has any.
fn hours(day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return None;
    }
    let at = |hour| {
        let local = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?);
        // An hour that a change of clocks skips or repeats is in no zone a working hour; the earlier one is taken.
        zone.from_local_datetime(&local).earliest().map(|moment| moment.with_timezone(&Utc))
    };
    Some((at(OPENS)?, at(CLOSES)?))
}

fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Business minutes between two moments; none when the second is not later.
pub fn minutes(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> i64 {
    let (mut day, last) = (day_of(from, zone), day_of(to, zone));
    let mut total = TimeDelta::zero();
    while day <= last {
        if let Some((opens, closes)) = hours(day, zone) {
            total += (to.min(closes) - from.max(opens)).max(TimeDelta::zero());
        }
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        day = next;
    }
    total.num_minutes()
}

/// The moment so many business minutes after another. It is never outside working hours, but for none at all.
pub fn after(from: DateTime<Utc>, minutes: i64, zone: Tz) -> DateTime<Utc> {
    let mut left = TimeDelta::minutes(minutes.max(0));
    let mut day = day_of(from, zone);
    loop {
        if let Some((opens, closes)) = hours(day, zone) {
            let begins = from.max(opens);
            let has = closes - begins;
            if has >= left && has > TimeDelta::zero() {
                return begins + left;
            }
            left -= has.max(TimeDelta::zero());
        }
        let Some(next) = day.checked_add_days(Days::new(1)) else { return from };
        day = next;
    }
}

/// "Wed 25 Nov 2026, 16:00 in Europe/Lisbon": a moment in words, with its zone.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    format!("{} in {}", at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M"), zone.name())
}

/// "4 days 2 h", "3 h 10 min", "12 min": business time in words.
pub fn words(minutes: i64) -> String {
    let (days, hours, rest) = (minutes / DAY, minutes % DAY / 60, minutes % 60);
    let plural = if days == 1 { "" } else { "s" };
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, rest) => format!("{hours} h {rest} min"),
        (days, 0, _) => format!("{days} day{plural}"),
        (days, hours, _) => format!("{days} day{plural} {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Lisbon;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        // Friday 16:00 to Monday 10:00, in a zone that is UTC in winter.
        assert_eq!(minutes(at("2026-11-20T16:00:00Z"), at("2026-11-23T10:00:00Z"), Lisbon), 120);
        assert_eq!(minutes(at("2026-11-21T08:00:00Z"), at("2026-11-22T20:00:00Z"), Lisbon), 0);
        assert_eq!(minutes(at("2026-11-20T16:00:00Z"), at("2026-11-20T15:00:00Z"), Lisbon), 0);
    }

    #[test]
    fn three_business_days_from_a_friday_afternoon_end_on_wednesday() {
        assert_eq!(after(at("2026-11-20T16:00:00Z"), 3 * DAY, Lisbon), at("2026-11-25T16:00:00Z"));
        assert_eq!(after(at("2026-11-21T12:00:00Z"), 60, Lisbon), at("2026-11-23T10:00:00Z"));
    }

    #[test]
    fn a_change_of_clocks_moves_no_working_hour() {
        // Clocks go back on Sunday 25 October 2026.
        assert_eq!(after(at("2026-10-23T15:00:00Z"), 2 * 60, Lisbon), at("2026-10-26T10:00:00Z"));
    }

    #[test]
    fn words_of_business_time() {
        let all: Vec<String> = [12, 60, 190, DAY, 4 * DAY + 125].iter().map(|one| words(*one)).collect();
        assert_eq!(all, ["12 min", "1 h", "3 h 10 min", "1 day", "4 days 2 h"]);
    }

    proptest! {
        #[test]
        fn what_is_added_is_what_lies_between(start in 0i64..50_000_000, wanted in 0i64..20_000) {
            let from = at("2026-01-01T00:00:00Z") + TimeDelta::seconds(start);
            prop_assert_eq!(minutes(from, after(from, wanted, Lisbon), Lisbon), wanted);
        }
    }
}
