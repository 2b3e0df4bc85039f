use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn day(number: i64) -> DateTime<Utc> {
    "2026-03-27T23:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(number)
}

fn span(from: i64, until: Option<i64>) -> Span {
    Span { from: day(from), until: until.map(day) }
}

fn any_span() -> impl Strategy<Value = Span> {
    (0i64..40, prop::option::of(1i64..30)).prop_map(|(from, length)| span(from, length.map(|length| from + length)))
}

/// Up to eight assignments in three campaigns, each campaign with one span and one effect.
fn set_up() -> impl Strategy<Value = Vec<Assigned>> {
    let effect = prop_oneof![
        4 => Just(CampaignEffect::Runs),
        1 => Just(CampaignEffect::Paused),
        1 => Just(CampaignEffect::Over),
    ];
    let campaigns = prop::collection::vec((effect, any_span()), 3);
    let assigned = prop::collection::vec((0usize..3, any::<bool>(), any_span(), 1i32..5), 0..8);
    (campaigns, assigned).prop_map(|(campaigns, assigned)| {
        let ids: Vec<CampaignId> = campaigns.iter().map(|_| CampaignId::new()).collect();
        assigned
            .into_iter()
            .map(|(at, is_own, span, precedence)| Assigned {
                campaign: ids[at],
                effect: campaigns[at].0,
                campaign_span: campaigns[at].1,
                is_own,
                span,
                precedence,
            })
            .collect()
    })
}

/// The same decision, slow and obvious: it asks of each assignment, one sentence at a time, whether the customer may.
fn reference(assigned: &[Assigned], tier: Option<i32>, at: DateTime<Utc>) -> Availability {
    let begun = |span: Span| at >= span.from;
    let over = |span: Span| span.until.is_some_and(|until| at >= until);
    let mut any = false;
    let (mut may, mut running, mut paused, mut coming) = (false, false, false, false);
    for one in assigned {
        any = true;
        let replaced = !one.is_own && assigned.iter().any(|other| other.is_own && other.campaign == one.campaign);
        let starts = one.span.from.max(one.campaign_span.from);
        let ends = [one.span.until, one.campaign_span.until].into_iter().flatten().min();
        let never = ends.is_some_and(|ends| starts >= ends);
        if replaced || never {
            continue;
        }
        let runs = begun(one.span) && begun(one.campaign_span) && !over(one.span) && !over(one.campaign_span);
        match one.effect {
            CampaignEffect::Runs if runs => {
                running = true;
                may |= tier.is_some_and(|tier| tier <= one.precedence);
            }
            CampaignEffect::Paused if runs => paused = true,
            CampaignEffect::Runs | CampaignEffect::Paused if starts > at => coming = true,
            _ => {}
        }
    }
    match (any, may, running, paused, coming) {
        (false, ..) | (_, true, ..) => Availability::Available,
        (_, _, true, ..) => Availability::WrongTier,
        (_, _, _, true, _) => Availability::Paused,
        (.., true) => Availability::NotYet,
        _ => Availability::Expired,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn it_agrees_with_the_slow_reference(assigned in set_up(), tier in prop::option::of(1i32..5), hour in -2i64..75) {
        let offer = Offer { tiers_on: true, is_offered: true, assigned: &assigned };
        let decision = decide(offer, tier, day(hour));
        prop_assert_eq!(decision.availability, reference(&assigned, tier, day(hour)));
        // Null means open to all, so it is said of nothing else.
        prop_assert_eq!(decision.tier_precedence.is_none(), assigned.is_empty());
    }

    #[test]
    fn a_higher_tier_may_have_whatever_a_lower_one_may(assigned in set_up(), tier in 2i32..5, hour in -2i64..75) {
        let offer = Offer { tiers_on: true, is_offered: true, assigned: &assigned };
        let open = |tier| decide(offer, Some(tier), day(hour)).availability.is_open();
        prop_assert!(!open(tier) || open(tier - 1));
    }

    #[test]
    fn what_it_says_of_times_holds(assigned in set_up(), tier in prop::option::of(1i32..5), hour in -2i64..75) {
        let offer = Offer { tiers_on: true, is_offered: true, assigned: &assigned };
        let decision = decide(offer, tier, day(hour));
        if let Some(from) = decision.from {
            prop_assert!(from > day(hour));
        }
        if decision.availability == Availability::Available {
            prop_assert!(decision.until.is_none_or(|until| until > day(hour)));
        }
        if decision.availability == Availability::Expired {
            prop_assert!(decision.until.is_none_or(|until| until <= day(hour)) || assigned.iter().any(|one| one.effect == CampaignEffect::Over));
        }
    }
}

#[test]
fn withdrawn_and_switched_off_come_first() {
    let assigned = [Assigned {
        campaign: CampaignId::new(),
        effect: CampaignEffect::Runs,
        campaign_span: span(0, None),
        is_own: false,
        span: span(0, None),
        precedence: 1,
    }];
    let ask = |tiers_on, is_offered| {
        decide(Offer { tiers_on, is_offered, assigned: &assigned }, Some(3), day(1)).availability
    };
    assert_eq!(ask(true, true), Availability::WrongTier);
    assert_eq!(ask(false, true), Availability::TiersOff);
    assert_eq!(ask(false, false), Availability::Withdrawn);
}
