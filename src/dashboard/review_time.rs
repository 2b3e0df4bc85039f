//! How long reviews took, week by week: a drawing, and the same as a table.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::store;
use crate::db::ReadTx;
use crate::integrations::business;
use crate::web::error::AppError;

/// Weeks in the drawing.
const WEEKS: u64 = 12;
/// Where it begins and ends, in units of the drawing.
const LEFT: f64 = 20.0;
const STEP: f64 = 22.1;
const FLOOR: f64 = 84.0;
const HEIGHT: f64 = 72.0;

/// One week.
pub struct Week {
    /// Its Monday.
    pub from: String,
    /// Median business days; none when nothing was answered.
    pub days: Option<f64>,
    /// How many were answered.
    pub answers: usize,
}

/// A bar of the drawing.
pub struct Bar {
    pub x: String,
    pub y: String,
    pub height: String,
    pub is_late: bool,
}

/// The panel.
pub struct ReviewTime {
    pub target: i32,
    pub weeks: Vec<Week>,
    pub bars: Vec<Bar>,
    /// The number at the top of the scale; half of it is in the middle.
    pub top: i32,
    pub target_y: String,
    /// The drawing in one sentence.
    pub said: String,
}

impl ReviewTime {
    /// The first and the last week, for the scale.
    pub fn ends(&self) -> (&str, &str) {
        (self.weeks.first().map_or("", |week| &week.from), self.weeks.last().map_or("", |week| &week.from))
    }

    /// Whether anything was answered at all.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }
}

/// The panel, from what was answered in the last weeks.
///
/// # Errors
/// When the database does not answer.
pub fn panel(tx: &mut ReadTx<'_>, zone: Tz, target: i32) -> Result<ReviewTime, AppError> {
    let now = tx.now();
    let first = first_monday(now, zone);
    let since = zone.from_local_datetime(&first.and_time(NaiveTime::MIN)).earliest();
    let answers = store::answered(tx, since.map_or(now, |moment| moment.with_timezone(&Utc)))?;
    Ok(drawn(weeks(&answers, first, zone), target))
}

fn monday(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let day = at.with_timezone(&zone).date_naive();
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

fn first_monday(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let this = monday(now, zone);
    this.checked_sub_days(Days::new(7 * (WEEKS - 1))).unwrap_or(this)
}

fn weeks(answers: &[(DateTime<Utc>, DateTime<Utc>)], first: NaiveDate, zone: Tz) -> Vec<Week> {
    let mut spent: HashMap<NaiveDate, Vec<i64>> = HashMap::new();
    for (made, answered) in answers {
        spent.entry(monday(*answered, zone)).or_default().push(business::minutes(*made, *answered, zone));
    }
    (0..WEEKS)
        .filter_map(|index| first.checked_add_days(Days::new(7 * index)))
        .map(|from| {
            let mut minutes = spent.remove(&from).unwrap_or_default();
            minutes.sort_unstable();
            Week { from: from.format("%-d %b").to_string(), days: median(&minutes), answers: minutes.len() }
        })
        .collect()
}

/// In business days, to a tenth.
fn median(sorted: &[i64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let lower = if sorted.len().is_multiple_of(2) { *sorted.get(middle.checked_sub(1)?)? } else { upper };
    let days = (lower + upper) as f64 / 2.0 / business::DAY as f64;
    Some((days * 10.0).round() / 10.0)
}

fn drawn(weeks: Vec<Week>, target: i32) -> ReviewTime {
    let limit = f64::from(target);
    let values: Vec<f64> = weeks.iter().filter_map(|week| week.days).collect();
    let highest = values.iter().copied().fold(limit, f64::max);
    let top = (highest / 2.0).ceil().max(1.0) * 2.0;
    let y = |days: f64| FLOOR - days / top * HEIGHT;
    let bars = weeks.iter().enumerate().filter_map(|(index, week)| {
        let days = week.days?;
        Some(Bar {
            x: format!("{:.1}", LEFT + 5.0 + STEP * index as f64),
            y: format!("{:.1}", y(days)),
            height: format!("{:.1}", FLOOR - y(days)),
            is_late: days > limit,
        })
    });
    let bars: Vec<Bar> = bars.collect();
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(0.0, f64::max);
    let late = bars.iter().filter(|bar| bar.is_late).count();
    let said = format!(
        "Between {lowest:.1} and {highest:.1} business days; the target of {target} was passed in {late} of {} weeks. \
         The table below holds every value.",
        bars.len()
    );
    ReviewTime { target, bars, top: top as i32, target_y: format!("{:.1}", y(limit)), said, weeks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_one_or_between_two() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[480]), Some(1.0));
        assert_eq!(median(&[480, 960]), Some(1.5));
        assert_eq!(median(&[0, 480, 9600]), Some(1.0));
    }

    #[test]
    fn weeks_are_those_of_the_programs_zone() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::Asia::Tokyo;
        // Sunday evening in UTC is Monday morning in Tokyo.
        let first = first_monday(at("2026-11-20T09:42:00Z"), zone);
        assert_eq!(first.to_string(), "2026-08-31");
        let weeks = weeks(&[(at("2026-11-12T00:00:00Z"), at("2026-11-15T20:00:00Z"))], first, zone);
        assert_eq!((weeks.len(), weeks[11].from.as_str(), weeks[11].answers), (12, "16 Nov", 1));
        assert_eq!(weeks[11].days, Some(2.0));
        let drawn = drawn(weeks, 3);
        assert_eq!((drawn.top, drawn.bars.len(), drawn.bars[0].is_late), (4, 1, false));
    }
}
