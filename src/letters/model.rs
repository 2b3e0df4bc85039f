//! How a letter stands.

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::choice;

choice! {
    /// How a letter stands.
    State {
        /// Written, and not tried yet.
        Queued = "queued" / "Queued",
        /// Tried in vain; to be tried again.
        Retrying = "retrying" / "Retrying",
        /// Given up.
        Failed = "failed" / "Failed",
        /// Not sent, since it was no longer right.
        Withdrawn = "withdrawn" / "Withdrawn",
        /// Taken by the mail server.
        Sent = "sent" / "Sent",
    }
}

impl State {
    /// The class that colours it, and its icon.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Queued => ("", "clock"),
            State::Retrying => ("warn", "refresh"),
            State::Failed => ("bad", "alert-triangle"),
            State::Withdrawn => ("", "circle-dashed"),
            State::Sent => ("good", "circle-check"),
        }
    }

    /// Whether the worker will still try to send it.
    pub fn is_waiting(self) -> bool {
        matches!(self, State::Queued | State::Retrying)
    }
}

choice! {
    /// How far back a list goes.
    Period {
        /// Seven days.
        Week = "week" / "Last 7 days",
        /// Thirty days.
        Month = "month" / "Last 30 days",
        /// Ninety days.
        Quarter = "quarter" / "Last 90 days",
        /// All that is kept.
        Ever = "ever" / "Any time",
    }
}

impl Period {
    /// The first moment in it.
    pub fn since(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = match self {
            Period::Week => 7,
            Period::Month => 30,
            Period::Quarter => 90,
            Period::Ever => return None,
        };
        Some(now - TimeDelta::days(days))
    }
}

/// Whether letters leave, as far as the outbox tells.
#[derive(Clone, Debug)]
pub struct Health {
    /// When the mail server last took one.
    pub accepted: Option<DateTime<Utc>>,
    /// When the oldest that waits was written.
    pub waiting: Option<DateTime<Utc>>,
    /// How many were sent of those written in the last seven days.
    pub sent: i64,
}

/// How long a letter may wait before something must be wrong.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

impl Health {
    /// Whether letters wait for too long.
    pub fn is_stuck(&self, now: DateTime<Utc>) -> bool {
        self.waiting.is_some_and(|since| now - since > PATIENCE)
    }

    /// One sentence.
    pub fn sentence(&self, now: DateTime<Utc>) -> String {
        let accepted = self.accepted.map(|at| format!("last accepted {} ago", lasted(now - at)));
        let waiting = self.waiting.map(|at| format!("oldest queued {}", lasted(now - at)));
        let head = match (self.is_stuck(now), &accepted, &waiting) {
            (true, ..) => "Letters wait for longer than they should",
            (false, Some(_), _) => "Sending works",
            (false, None, Some(_)) => "The first letter is about to leave",
            (false, None, None) => return "Nothing was sent yet.".into(),
        };
        let parts: Vec<String> = [accepted, waiting].into_iter().flatten().collect();
        format!("{head}: {}, {} sent in 7 days.", parts.join(", "), crate::web::listing::capped(self.sent))
    }
}

/// "40 s", "12 min", "3 h", "2 days".
fn lasted(time: TimeDelta) -> String {
    match time.num_seconds().max(0) {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_is_one_sentence() {
        let now: DateTime<Utc> = "2026-11-20T09:42:00Z".parse().unwrap();
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let told = |accepted, waiting| Health { accepted, waiting, sent: 418 }.sentence(now);
        assert_eq!(
            told(ago(40), ago(12)),
            "Sending works: last accepted 40 s ago, oldest queued 12 s, 418 sent in 7 days."
        );
        assert_eq!(told(ago(7200), None), "Sending works: last accepted 2 h ago, 418 sent in 7 days.");
        assert!(told(ago(900), ago(840)).starts_with("Letters wait for longer than they should: last accepted 15 min"));
        assert_eq!(told(None, None), "Nothing was sent yet.");
    }
}
