//! Moments as people read them: relative text, the exact moment and zone beside it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// A moment, ready for `<time>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// Machine-readable, in UTC.
    pub iso: String,
    /// "3 h ago", "Yesterday", "12 Nov".
    pub text: String,
    /// "12 Nov": what the text turns into once it is older than yesterday.
    pub day: String,
    /// "12 Nov 2026, 15:11 in Europe/Dublin".
    pub title: String,
}

impl When {
    /// How a moment is shown to somebody in a zone, now.
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> When {
        let local = at.with_timezone(&zone);
        let today = now.with_timezone(&zone).date_naive();
        let ago = now - at;
        let day = local.format(if ago < TimeDelta::days(300) { "%-d %b" } else { "%-d %b %Y" }).to_string();
        let text = if ago < TimeDelta::seconds(-60) {
            local.format("%-d %b %Y, %H:%M").to_string()
        } else if ago < TimeDelta::minutes(1) {
            "just now".to_owned()
        } else if ago < TimeDelta::hours(1) {
            format!("{} min ago", ago.num_minutes())
        } else if local.date_naive() == today {
            format!("{} h ago", ago.num_hours())
        } else if Some(local.date_naive()) == today.pred_opt() {
            "Yesterday".to_owned()
        } else {
            day.clone()
        };
        When {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text,
            day,
            title: format!("{} in {}", local.format("%-d %b %Y, %H:%M"), zone.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let now: DateTime<Utc> = "2026-11-20T09:42:00Z".parse().unwrap();
        let text = |ago: TimeDelta| When::new(now - ago, now, chrono_tz::Europe::Lisbon).text;
        assert_eq!(text(TimeDelta::seconds(5)), "just now");
        assert_eq!(text(TimeDelta::minutes(38)), "38 min ago");
        assert_eq!(text(TimeDelta::hours(3)), "3 h ago");
        assert_eq!(text(TimeDelta::hours(17)), "Yesterday");
        assert_eq!(text(TimeDelta::days(8)), "12 Nov");
        assert_eq!(text(TimeDelta::days(400)), "16 Oct 2025");
        assert_eq!(When::new(now, now, chrono_tz::Asia::Tokyo).title, "20 Nov 2026, 18:42 in Asia/Tokyo");
    }
}
