use super::*;

#[test]
fn every_step_has_an_end_and_nothing_leads_out_of_the_archive() {
    for state in State::ALL {
        for step in Step::ALL {
            let after = state.after(*step, true);
            assert_eq!(after.is_ok(), state.steps().contains(step), "{state:?} {step:?}");
            if let Ok(after) = after {
                assert!(after != State::Approved || *step == Step::Resume, "only approval makes it count");
            }
        }
    }
    assert_eq!(State::Draft.after(Step::Submit, false), Ok(State::Approved));
    assert!(State::Archived.steps().is_empty());
}

#[test]
fn an_assignment_stands_where_its_dates_say() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let one = Assignment {
        id: AssignmentId::new(),
        partner_id: "31000000-0000-7000-8000-000000000001".parse().unwrap(),
        campaign_id: CampaignId::new(),
        product_id: None,
        tier_id: TierId::new(),
        state: AssignmentState::Live,
        time_zone: Zone::parse("Europe/Lisbon").unwrap(),
        starts_at: at("2026-10-01T00:00:00Z"),
        ends_at: Some(at("2026-12-31T00:00:00Z")),
        ended_early: false,
        version: 1,
        updated_by_name: String::new(),
    };
    for (now, expected) in [
        ("2026-09-30T23:59:59Z", Standing::Scheduled),
        ("2026-10-01T00:00:00Z", Standing::Active),
        ("2026-12-01T00:00:00Z", Standing::EndsSoon),
        ("2026-12-30T23:59:59Z", Standing::EndsSoon),
        ("2026-12-31T00:00:00Z", Standing::Expired),
    ] {
        assert_eq!(one.standing(at(now)), expected, "{now}");
    }
    let ended = Assignment { ended_early: true, ..one.clone() };
    assert_eq!(ended.standing(at("2027-01-01T00:00:00Z")), Standing::EndedEarly);
    let draft = Assignment { state: AssignmentState::Draft, ..one };
    assert_eq!(draft.standing(at("2027-01-01T00:00:00Z")), Standing::Draft);
}
