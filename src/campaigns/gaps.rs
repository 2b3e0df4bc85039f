//! Times in which nothing counts although something should.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::decision::Span;
use super::model::Campaign;

/// When a partner can be expected to have a tier in a campaign: its days as days of the partner's own zone, from now on.
/// The hours by which the two zones' days differ are no gap.
pub fn expected(campaign: &Campaign, zone: Tz, now: DateTime<Utc>) -> Option<Span> {
    campaign.span().within(campaign.days().span(zone))?.within(Span { from: now, until: None })
}

/// The parts of `whole` that none of the spans covers, in order.
pub fn gaps(whole: Span, spans: &[Span]) -> Vec<Span> {
    let mut inside: Vec<Span> = spans.iter().filter_map(|span| span.within(whole)).collect();
    inside.sort_by_key(|span| span.from);
    let mut found = Vec::new();
    let mut covered_until = Some(whole.from);
    for span in inside {
        let Some(until) = covered_until else { break };
        if until < span.from {
            found.push(Span { from: until, until: Some(span.from) });
        }
        covered_until = span.until.map(|end| end.max(until));
    }
    if let Some(until) = covered_until
        && whole.until.is_none_or(|end| until < end)
    {
        found.push(Span { from: until, until: whole.until });
    }
    found
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn span(from: i64, until: Option<i64>) -> Span {
        Span { from: at(from), until: until.map(at) }
    }

    #[test]
    fn gaps_are_what_is_left() {
        let whole = span(10, Some(20));
        assert_eq!(gaps(whole, &[]), [whole]);
        assert_eq!(gaps(whole, &[span(0, None)]), []);
        assert_eq!(gaps(whole, &[span(12, Some(14)), span(0, Some(11))]), [span(11, Some(12)), span(14, Some(20))]);
        assert_eq!(gaps(span(10, None), &[span(10, Some(12))]), [span(12, None)]);
        assert_eq!(gaps(whole, &[span(10, Some(20)), span(12, Some(13))]), []);
    }

    proptest! {
        #[test]
        fn a_moment_is_in_a_gap_or_in_a_span(spans in proptest::collection::vec((0i64..30, 1i64..10), 0..6), moment in 5i64..25) {
            let spans: Vec<Span> = spans.into_iter().map(|(from, length)| span(from, Some(from + length))).collect();
            let found = gaps(span(5, Some(25)), &spans);
            let in_span = spans.iter().any(|one| one.holds(at(moment)));
            prop_assert_eq!(found.iter().any(|gap| gap.holds(at(moment))), !in_span);
        }
    }
}
