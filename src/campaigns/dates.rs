//! Days of a named zone and the moments they mean: the last day is included, on screen and in fact (S1-4).

use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::decision::Span;
use crate::values::Refused;

/// A first day, and a last one that is included; without a last one where there is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub first: NaiveDate,
    /// The last day, included.
    pub last: Option<NaiveDate>,
}

/// The first moment of a day. Where clocks skip midnight it is the first one after the gap; where they repeat it, the
/// first of the two.
pub fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    // A gap is at most a day long: one zone once left out a whole day.
    (0..=96)
        .find_map(|quarters| zone.from_local_datetime(&(midnight + TimeDelta::minutes(15 * quarters))).earliest())
        .map_or_else(|| midnight.and_utc(), |moment| moment.with_timezone(&Utc))
}

/// The zone in whose midnights a moment is one, else the first: a bound is a day of the assignment's own zone, or of its
/// campaign's where that cuts it short.
pub fn counted_in(at: DateTime<Utc>, zones: &[Tz]) -> Option<Tz> {
    let is_midnight = |zone: &&Tz| begins(at.with_timezone(*zone).date_naive(), **zone) == at;
    zones.iter().find(is_midnight).or(zones.first()).copied()
}

/// The day that begins at a moment, as it was entered in one of the zones.
pub fn first_day(at: DateTime<Utc>, zones: &[Tz]) -> NaiveDate {
    counted_in(at, zones).map_or_else(|| at.date_naive(), |zone| at.with_timezone(&zone).date_naive())
}

/// The last day before a moment, as it was entered in one of the zones.
pub fn last_day(until: DateTime<Utc>, zones: &[Tz]) -> NaiveDate {
    let inside = until - TimeDelta::microseconds(1);
    counted_in(until, zones).map_or_else(|| inside.date_naive(), |zone| inside.with_timezone(&zone).date_naive())
}

impl DayRange {
    /// Reads what was typed; an empty last day means no end.
    ///
    /// # Errors
    /// A sentence for the first field, or for the second.
    pub fn parse(first: &str, last: &str) -> Result<DayRange, (Option<Refused>, Option<Refused>)> {
        let day = |typed: &str| {
            typed.trim().parse::<NaiveDate>().map_err(|_| match typed.trim() {
                "" => "Choose a day.".to_owned(),
                typed => format!("“{}” is no day; write it as 2026-12-31.", crate::values::shown(typed)),
            })
        };
        let from = day(first);
        let until = if last.trim().is_empty() { Ok(None) } else { day(last).map(Some) };
        match (from, until) {
            (Ok(first), Ok(Some(last))) if last < first => {
                Err((None, Some("The last day is before the first one. Choose a later last day.".into())))
            }
            (Ok(first), Ok(last)) if in_range(first) && last.is_none_or(in_range) => Ok(DayRange { first, last }),
            (Ok(_), Ok(_)) => Err((Some("Choose days between 2000 and 2199.".into()), None)),
            (from, until) => Err((from.err(), until.err())),
        }
    }

    /// The moments they mean in a zone.
    pub fn span(self, zone: Tz) -> Span {
        let until = self.last.and_then(|last| last.checked_add_days(Days::new(1))).map(|after| begins(after, zone));
        Span { from: begins(self.first, zone), until }
    }

    /// The days that a span touches in a zone.
    pub fn of(span: Span, zone: Tz) -> DayRange {
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        // The end is excluded, so the moment before it tells the last day.
        let last = span.until.map(|until| day(until - TimeDelta::microseconds(1)));
        DayRange { first: day(span.from), last }
    }

    /// "1 Oct 2026 through 31 Mar 2027, last day included, Europe/Lisbon".
    pub fn words(self, zone: Tz) -> String {
        let day = |day: NaiveDate| day.format("%-d %b %Y").to_string();
        match self.last {
            Some(last) => format!("{} through {}, last day included, {}", day(self.first), day(last), zone.name()),
            None => format!("{}, no end, {}", day(self.first), zone.name()),
        }
    }
}

fn in_range(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (2000..2200).contains(&day.year())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn hours(range: (&str, &str), zone: Tz) -> i64 {
        let span = DayRange { first: day(range.0), last: Some(day(range.1)) }.span(zone);
        (span.until.unwrap() - span.from).num_hours()
    }

    #[test]
    fn days_of_changing_clocks_have_their_own_length() {
        use chrono_tz::{America, Asia, Europe, Pacific};
        assert_eq!(hours(("2026-03-29", "2026-03-29"), Europe::Lisbon), 23);
        assert_eq!(hours(("2026-10-25", "2026-10-25"), Europe::Lisbon), 25);
        // Clocks that skip midnight itself: the day begins at one.
        assert_eq!(hours(("2018-11-04", "2018-11-04"), America::Sao_Paulo), 23);
        assert_eq!(begins(day("2018-11-04"), America::Sao_Paulo).to_rfc3339(), "2018-11-04T03:00:00+00:00");
        assert_eq!(hours(("2026-11-21", "2026-11-21"), Asia::Kathmandu), 24);
        // A day that a zone left out altogether is as long as nothing, and nothing panics.
        assert_eq!(hours(("2011-12-30", "2011-12-30"), Pacific::Apia), 0);
    }

    #[test]
    fn a_bound_is_said_as_the_day_that_was_entered() {
        use chrono_tz::{America, Asia, Europe};
        let ends = begins(day("2026-12-16"), America::Chicago);
        assert_eq!(last_day(ends, &[America::Chicago, Europe::Lisbon]), day("2026-12-15"));
        assert_eq!(first_day(ends, &[America::Chicago, Europe::Lisbon]), day("2026-12-16"));
        // Cut short by its campaign: that one's last day, not the morning after in the partner's zone.
        let ends = begins(day("2027-04-01"), Europe::Lisbon);
        assert_eq!(last_day(ends, &[Asia::Tokyo, Europe::Lisbon]), day("2027-03-31"));
        // No midnight anywhere: the first zone's day.
        assert_eq!(last_day(ends + TimeDelta::hours(3), &[Asia::Tokyo]), day("2027-04-01"));
    }

    #[test]
    fn what_is_typed_is_read_or_refused_beside_its_field() {
        let range = DayRange::parse("2026-10-01", " ").unwrap();
        assert_eq!(range, DayRange { first: day("2026-10-01"), last: None });
        assert!(matches!(DayRange::parse("2026-10-02", "2026-10-01"), Err((None, Some(_)))));
        assert!(matches!(DayRange::parse("x", "y"), Err((Some(_), Some(_)))));
        assert_eq!(DayRange::parse(" ", ""), Err((Some("Choose a day.".into()), None)));
        assert!(matches!(DayRange::parse("0001-01-01", ""), Err((Some(_), None))));
        let words =
            DayRange { first: day("2026-10-01"), last: Some(day("2027-03-31")) }.words(chrono_tz::Europe::Lisbon);
        assert_eq!(words, "1 Oct 2026 through 31 Mar 2027, last day included, Europe/Lisbon");
    }

    proptest! {
        /// The last day is included, and the day after is not, in every zone and across every change of clocks.
        #[test]
        fn the_last_day_is_included_in_every_zone(zone in 0..chrono_tz::TZ_VARIANTS.len(), first in 0u64..3000, length in 0u64..800) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let first = day("2020-01-01") + Days::new(first);
            let last = first + Days::new(length);
            let span = DayRange { first, last: Some(last) }.span(zone);
            prop_assert_eq!(DayRange::of(span, zone), DayRange { first, last: Some(last) });
            let inside = |at: DateTime<Utc>| span.holds(at);
            prop_assert!(inside(begins(last, zone)) && inside(begins(last + Days::new(1), zone) - TimeDelta::seconds(1)));
            prop_assert!(!inside(begins(last + Days::new(1), zone)) && !inside(begins(first, zone) - TimeDelta::seconds(1)));
        }
    }
}
