use super::*;

/// From, move, to. What is not here is refused.
const TABLE: &str = "
connecting   activation    active
connecting   disconnection disconnected
connecting   archival      archived
active       pause         paused
active       disconnection disconnected
active       failure       failing
failing      pause         paused
failing      disconnection disconnected
failing      recovery      active
paused       resumption    active
paused       disconnection disconnected
disconnected reconnection  connecting
disconnected archival      archived
";

#[test]
fn s2_22_every_state_and_move_is_as_in_the_table() {
    let rows: Vec<Vec<&str>> =
        TABLE.lines().map(|line| line.split_whitespace().collect()).filter(|row: &Vec<&str>| !row.is_empty()).collect();
    let mut made = 0;
    for state in State::ALL {
        for one in Move::ALL {
            let expected = rows.iter().find(|row| row[0] == state.key() && row[1] == one.key()).map(|row| row[2]);
            let found = state.after(*one).ok().map(State::key);
            assert_eq!(found, expected, "{} from {}", one.key(), state.key());
            made += usize::from(found.is_some());
        }
    }
    assert_eq!(made, rows.len(), "a row of the table names a state or a move that is none");
}

#[test]
fn s2_22_a_failed_run_makes_failing_and_a_good_one_active_again() {
    for state in State::ALL {
        for outcome in Outcome::ALL {
            let expected = match (state, outcome) {
                (State::Active, Outcome::Failed) => Some(State::Failing),
                (State::Failing, Outcome::Succeeded) => Some(State::Active),
                _ => None,
            };
            let found = state.after_run(*outcome).map(|one| state.after(one).unwrap());
            assert_eq!(found, expected, "{} after {}", state.key(), outcome.key());
        }
    }
}

#[test]
fn people_reach_a_state_by_one_way_only() {
    for from in State::ALL {
        for to in State::ALL {
            assert!(from.moves().filter(|one| from.after(*one) == Ok(*to)).count() <= 1);
        }
    }
    assert_eq!(State::Failing.way_to(State::Active), None, "only a good run does that");
    assert_eq!(State::Paused.way_to(State::Active), Some(Move::Resume));
}
