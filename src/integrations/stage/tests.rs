use proptest::prelude::*;

use super::*;

/// The table of the domain description, written out: from, move, to. What is not here is refused.
const TABLE: &str = "
draft                       submission      in_review
draft                       own-publication published
draft                       archival        archived
in_review                   withdrawal      draft
in_review                   claim           in_review
in_review                   change-request  changes_requested
in_review                   publication     published
in_review                   schedule        approved
in_review                   rejection       rejected
changes_requested           resubmission    in_review
approved                    going-live      published
approved                    unscheduling    in_review
rejected                    reopening       draft
rejected                    archival        archived
published                   revision        published+draft
published                   live-edit       published
published                   rollback        published
published                   unpublication   unpublished
published                   suspension      suspended
published+draft             submission      published+in_review
published+draft             own-publication published
published+draft             discarding      published
published+draft             live-edit       published+draft
published+draft             rollback        published+draft
published+draft             unpublication   unpublished
published+draft             suspension      suspended
published+in_review         withdrawal      published+draft
published+in_review         claim           published+in_review
published+in_review         change-request  published+changes_requested
published+in_review         publication     published
published+in_review         schedule        published+approved
published+in_review         live-edit       published+in_review
published+in_review         rollback        published+in_review
published+in_review         unpublication   unpublished
published+in_review         suspension      suspended
published+changes_requested resubmission    published+in_review
published+changes_requested discarding      published
published+changes_requested live-edit       published+changes_requested
published+changes_requested rollback        published+changes_requested
published+changes_requested unpublication   unpublished
published+changes_requested suspension      suspended
published+approved          going-live      published
published+approved          unscheduling    published+in_review
published+approved          live-edit       published+approved
published+approved          rollback        published+approved
published+approved          unpublication   unpublished
published+approved          suspension      suspended
unpublished                 republication   published
unpublished                 rework          draft
unpublished                 archival        archived
suspended                   reinstatement   published
suspended                   take-down       unpublished
archived                    restoration     draft
";

fn key(stage: Stage) -> String {
    match stage.revision {
        None => stage.state.key().to_owned(),
        Some(revision) => format!("{}+{}", stage.state.key(), revision.key()),
    }
}

#[test]
fn every_stage_and_move_is_as_in_the_table() {
    let rows: Vec<Vec<&str>> =
        TABLE.lines().map(|line| line.split_whitespace().collect()).filter(|row: &Vec<&str>| !row.is_empty()).collect();
    let mut made = 0;
    for stage in Stage::all() {
        for one in Move::ALL {
            let expected =
                rows.iter().find(|row| row[0] == key(stage) && row[1] == one.key()).map(|row| row[2].to_owned());
            let found = stage.after(*one, false).ok().map(key);
            assert_eq!(found, expected, "{} from {}", one.key(), key(stage));
            made += usize::from(found.is_some());
        }
    }
    assert_eq!(made, rows.len(), "a row of the table names a stage or a move that is none");
}

#[test]
fn what_was_changed_before_it_comes_back_live_is_a_revision() {
    for (state, one) in [(State::Unpublished, Move::Republish), (State::Suspended, Move::Reinstate)] {
        let stage = Stage::plain(state).after(one, true).unwrap();
        assert_eq!(stage, Stage { state: State::Published, revision: Some(Revision::Draft) });
    }
}

#[test]
fn partners_hold_no_permission_for_what_the_host_decides() {
    use crate::access::Role;
    for one in [
        Move::Publish,
        Move::Schedule,
        Move::Claim,
        Move::RequestChanges,
        Move::Reject,
        Move::Reopen,
        Move::EditLive,
        Move::Suspend,
        Move::Reinstate,
        Move::TakeDown,
        Move::Restore,
        Move::RollBack,
        Move::Unschedule,
    ] {
        let rule = one.rule().unwrap();
        assert!(!rule.allows(Some(Role::PartnerAdmin)) && !rule.allows(Some(Role::PartnerUser)), "{}", one.key());
        assert_eq!(rule.reach, crate::access::Reach::Program, "{}", one.key());
    }
}

proptest! {
    /// Whatever is done in whatever order: a revision is on published ones only, and every stage is in a tab.
    #[test]
    fn any_walk_stays_in_the_table(walk in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..60)) {
        let mut stage = Stage::NEW;
        for (pick, is_changed) in walk {
            let moves: Vec<Move> = stage.moves().collect();
            prop_assert!(!moves.is_empty(), "{} is a dead end", key(stage));
            stage = stage.after(*pick.get(&moves), is_changed).unwrap();
            prop_assert!(stage.revision.is_none() || stage.state == State::Published);
            prop_assert!(Tab::ALL.iter().any(|tab| tab.lists(stage)));
            prop_assert_eq!(stage.is_editable(), matches!(stage.under_work(), State::Draft | State::ChangesRequested));
        }
    }
}
