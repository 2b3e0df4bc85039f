//! Moves of integrations: every one of them for everybody, from every stage; what they leave behind; the clock.

use std::thread;

use chrono::TimeDelta;
use portico::integrations::moves::clock::publish_due;
use portico::integrations::stage::{Move, Stage};
use portico::values::Choice;

use crate::support::*;

/// Kestrel's, which was published twice.
const ID: &str = integration::KESTREL_LIVE;

fn key(stage: Stage) -> String {
    match stage.revision {
        None => stage.state.key().to_owned(),
        Some(revision) => format!("{}+{}", stage.state.key(), revision.key()),
    }
}

/// A portal where Kestrel's integration is complete, and has two versions.
pub fn ready() -> TestApp {
    let app = TestApp::new();
    let pages = r#"'{"kind": "External", "link": "https://stays.example"}'"#;
    app.database().run(&format!(
        "UPDATE integrations SET kind = 'external', content = content || {pages};
         UPDATE integration_versions SET content = content || {pages};
         UPDATE integration_submissions SET content = content || {pages};
         INSERT INTO integration_versions (partner_id, integration_id, number, content, origin, published_at, published_by_name)
           SELECT partner_id, integration_id, 2, content, origin, '2026-10-02Z', 'Hana Host' FROM integration_versions;
         UPDATE integrations SET live_number = 2 WHERE live_number = 1;
         DELETE FROM tenant_runs; DELETE FROM tenants"
    ));
    app
}

/// Puts it into a stage, as if it had come there.
fn place(app: &TestApp, stage: Stage) {
    let work = stage.under_work().key();
    let outcome = match work {
        "in_review" => Some("NULL, NULL"),
        "approved" => Some("'approved', '2026-11-19Z'"),
        "changes_requested" => Some("'changes_requested', '2026-11-19Z'"),
        _ => None,
    };
    let submission = outcome.map_or_else(String::new, |outcome| {
        format!(
            "INSERT INTO integration_submissions (partner_id, integration_id, number, cycle, round, content, note, submitted_at, submitted_by_name, outcome, answered_at)
               SELECT partner_id, id, 1, 1, 1, content, '', '2026-11-19Z', 'Somebody', {outcome} FROM integrations WHERE id = '{ID}';"
        )
    });
    let when = |wanted: &str, at: &str| if work == wanted { format!("'{at}'") } else { "NULL".into() };
    let number = i32::from(outcome.is_some());
    let revision = stage.revision.map_or_else(|| "NULL".into(), |one| format!("'{}'", one.key()));
    app.database().run(&format!(
        "BEGIN; SET LOCAL session_replication_role = replica;
         DELETE FROM integration_submissions WHERE integration_id = '{ID}';
         UPDATE integrations SET state = '{}', revision = {revision}, publish_at = {}, expected_at = {}, round = {number}, submission = {number},
           cycle = 1, version = 1, live_number = 2, state_since = '2026-11-19 10:00Z', reason_code = '', reason = '', approved_by = NULL, submitted_by = NULL
           WHERE id = '{ID}';
         {submission} COMMIT",
        stage.state.key(),
        when("approved", "2026-12-01Z"),
        when("in_review", "2026-11-24 10:00Z"),
    ));
}

fn stage(app: &TestApp, id: &str) -> String {
    app.database().value(&format!("SELECT concat_ws('+', state, revision) FROM integrations WHERE id = '{id}'"))
}

fn number(app: &TestApp, id: &str, column: &str) -> String {
    app.database().value(&format!("SELECT {column} FROM integrations WHERE id = '{id}'"))
}

/// What happened to integrations since the world began, as people read it.
fn events(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT event #>> '{event,what}' FROM activity WHERE kind = 'Integration' ORDER BY id")
}

fn path(id: &str, wanted: Move) -> String {
    format!("/integrations/{id}/{}", wanted.key())
}

/// Makes a move at the version that is there, with everything that any move asks for.
fn make(app: &TestApp, visitor: &Visitor, id: &str, wanted: Move) -> Answer {
    make_with(app, visitor, id, wanted, &[])
}

fn make_with(app: &TestApp, visitor: &Visitor, id: &str, wanted: Move, other: &[(&str, &str)]) -> Answer {
    let version = number(app, id, "version");
    let mut form = vec![
        ("version", version.as_str()),
        ("summary", "It is better so"),
        ("confirmed", "yes"),
        ("publish_on", "2026-12-12"),
        ("reason_code", "quality"),
        ("number", "1"),
    ];
    for (name, value) in other {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    visitor.post(&path(id, wanted), &form)
}

#[track_caller]
fn made(app: &TestApp, visitor: &Visitor, id: &str, wanted: Move) {
    let answer = make(app, visitor, id, wanted);
    assert_eq!(
        (answer.status(), answer.location()),
        (303, &*format!("/integrations/{id}")),
        "{wanted:?}: {}",
        answer.text()
    );
}

/// What the state machine allows and the clock does not do alone. Claiming and editing directly have forms of their own.
fn by_people() -> impl Iterator<Item = Move> {
    let other = [Move::GoLive, Move::Claim, Move::EditLive];
    Move::ALL.iter().copied().filter(move |one| !other.contains(one))
}

/// What somebody's role allows (domain: "Roles" and "Integration state machine").
fn holds(who: Person, wanted: Move) -> bool {
    use Move as M;
    match who {
        HANA | HECTOR => true,
        RUI => matches!(wanted, M::RequestChanges | M::Publish | M::Schedule | M::Unschedule),
        PIA | MIRA => matches!(
            wanted,
            M::Submit
                | M::Resubmit
                | M::Withdraw
                | M::Revise
                | M::Discard
                | M::Unpublish
                | M::Republish
                | M::Rework
                | M::Archive
                | M::PublishOwn
        ),
        UMA => matches!(wanted, M::Revise | M::Discard),
        _ => false,
    }
}

fn expected(who: Person, from: Stage, wanted: Move) -> u16 {
    match (holds(who, wanted), who) {
        (false, _) => 403,
        (true, MIRA | HECTOR) => 404,
        // Kestrel’s things are published by the hosts, and only hosts publish again here.
        (true, _) if wanted == Move::PublishOwn || (who == PIA && wanted == Move::Republish) => 409,
        _ if from.after(wanted, false).is_err() => 409,
        _ => 303,
    }
}

fn all_moves_of(everybody: &[Person], only_possible: bool) {
    let app = ready();
    let visitors: Vec<(Person, Visitor)> = everybody.iter().map(|who| (*who, app.as_(*who))).collect();
    for from in Stage::all() {
        place(&app, from);
        app.database().save();
        let before = app.database().snapshot();
        for wanted in by_people().filter(|one| from.after(*one, false).is_ok() == only_possible) {
            for (who, visitor) in &visitors {
                let what = format!("{}: {} from {}", who.name, wanted.key(), key(from));
                let form = visitor.get(&path(ID, wanted));
                let answer = make(&app, visitor, ID, wanted);
                let should = expected(*who, from, wanted);
                assert_eq!(answer.status(), should, "{what}: {}", answer.first("main"));
                assert_eq!(form.status(), if should == 303 { 200 } else { should }, "the page of {what}");
                if should != 303 {
                    assert_eq!(app.database().snapshot(), before, "{what} was refused and changed something");
                    continue;
                }
                assert_eq!(stage(&app, ID), key(from.after(wanted, false).unwrap()), "{what}");
                assert_eq!(number(&app, ID, "version"), "2", "{what}");
                assert_eq!(events(&app).len(), 1, "T60: one event: {what}");
                app.database().restore();
            }
        }
    }
}

#[test]
fn t60_each_move_that_is_possible_is_made_by_whom_the_table_names_and_by_nobody_else() {
    all_moves_of(&[HANA, PIA, UMA, RUI, MIRA, HECTOR, SAM, OTTO], true);
}

#[test]
fn what_the_state_machine_does_not_know_is_refused_to_everybody() {
    all_moves_of(&[HANA, PIA], false);
}

#[test]
fn of_two_clicks_at_once_one_counts_and_the_other_is_told() {
    let app = ready();
    let (hana, again) = (app.as_(HANA), app.as_(HANA));
    for from in Stage::all() {
        place(&app, from);
        app.database().save();
        for wanted in by_people().filter(|one| *one != Move::PublishOwn && from.after(*one, false).is_ok()) {
            let answers = thread::scope(|scope| {
                let both =
                    [&hana, &again].map(|one| scope.spawn(|| make_with(&app, one, ID, wanted, &[("version", "1")])));
                both.map(|one| one.join().unwrap())
            });
            let mut statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 409], "{} from {}", wanted.key(), key(from));
            let loser = answers.iter().find(|one| one.status() == 409).unwrap();
            assert!(
                loser.text().contains("Hana Host") && loser.text().contains("What you had chosen"),
                "{}",
                loser.text()
            );
            assert_eq!(events(&app).len(), 1);
            app.database().restore();
        }
    }
}

#[test]
fn a_random_walk_never_leaves_the_table() {
    let app = ready();
    let hana = app.as_(HANA);
    place(&app, Stage::NEW);
    let (mut now, mut seed) = (Stage::NEW, 20_261_120_u64);
    for step in 0..150 {
        let moves: Vec<Move> =
            by_people().filter(|one| *one != Move::PublishOwn && now.after(*one, false).is_ok()).collect();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wanted = moves[(seed >> 33) as usize % moves.len()];
        app.database().run("UPDATE feedback_threads SET resolved_at = now() WHERE resolved_at IS NULL");
        // Whoever submitted it does not publish it.
        app.database().run(&format!("UPDATE integrations SET submitted_by = NULL WHERE id = '{ID}'"));
        made(&app, &hana, ID, wanted);
        let after = now.after(wanted, false).unwrap();
        assert_eq!(stage(&app, ID), key(after), "step {step}: {} from {}", wanted.key(), key(now));
        let (open, row) = (
            app.database().value(&format!(
                "SELECT count(*) FROM integration_submissions WHERE integration_id = '{ID}' AND outcome IS NULL"
            )),
            number(&app, ID, "cycle || ' ' || round || ' ' || submission"),
        );
        let waits = after.under_work().key() == "in_review";
        assert_eq!(open, if waits { "1" } else { "0" }, "step {step}: open submissions after {}: {row}", wanted.key());
        now = after;
    }
    assert_eq!(events(&app).len(), 150, "T60");
}

#[test]
fn s2_16_rounds_go_on_as_often_as_needed_and_what_was_sent_stays_as_it_was() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    place(&app, Stage::NEW);
    app.database().run(&format!("UPDATE integrations SET live_number = NULL, assignee_id = '{}', assignee_name = 'Rui Reviewer' WHERE id = '{ID}'", RUI.id));
    let write = |words: &str| {
        app.database().run(&format!(
            "UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"{words}\"') WHERE id = '{ID}'"
        ));
    };
    write("words of round 1");
    made(&app, &pia, ID, Move::Submit);
    for round in 2..=6 {
        app.pass(TimeDelta::minutes(20));
        made(&app, &hana, ID, Move::RequestChanges);
        write(&format!("words of round {round}"));
        assert_eq!(make(&app, &pia, ID, Move::Resubmit).status(), 409, "the items were not answered");
        app.database().run("UPDATE feedback_threads SET answered_at = now() WHERE resolved_at IS NULL");
        made(&app, &pia, ID, Move::Resubmit);
        assert_eq!(
            number(&app, ID, "cycle || ' ' || round || ' ' || submission || assignee_name"),
            format!("1 {round} {round}Rui Reviewer")
        );
    }
    let sent = app.database().values(&format!(
        "SELECT content ->> 'summary' FROM integration_submissions WHERE integration_id = '{ID}' ORDER BY number"
    ));
    assert_eq!(sent, (1..=6).map(|round| format!("words of round {round}")).collect::<Vec<_>>());
    assert_eq!(make(&app, &hana, ID, Move::Publish).status(), 409, "items are open");
    app.database().run("UPDATE feedback_threads SET resolved_at = now() WHERE resolved_at IS NULL");
    made(&app, &hana, ID, Move::Publish);
    assert_eq!(stage(&app, ID), "published");
    let history = pia.get(&format!("/integrations/{ID}/history"));
    assert_eq!(history.status(), 200);
    assert!(history.text().contains("Submission 6, round 6") && history.text().contains("Changes requested"));
    for number in 1..=6 {
        let page = pia.get(&format!("/integrations/{ID}/submissions/{number}"));
        assert!(page.text().contains(&format!("words of round {number}")), "{}", page.text());
        assert_eq!(page.texts("aside .rows span"), if number == 1 { vec![] } else { vec!["Short summary"] });
    }
    assert_eq!(pia.get(&format!("/integrations/{ID}/submissions/7")).status(), 404);
    assert_eq!(app.as_(MIRA).get(&format!("/integrations/{ID}/submissions/1")).status(), 404);
    // The next review counts anew, and anybody may take it.
    made(&app, &pia, ID, Move::Revise);
    made(&app, &pia, ID, Move::Submit);
    assert_eq!(number(&app, ID, "cycle || ' ' || round || ' ' || submission || assignee_name"), "2 1 7");
}

#[test]
fn the_clock_of_a_review_runs_only_while_it_is_the_hosts_move() {
    let app = ready();
    let pia = app.as_(PIA);
    place(&app, Stage::NEW);
    // Friday 09:42 in Lisbon, three business days: Wednesday 09:42.
    let page = pia.get(&path(ID, Move::Submit));
    assert!(page.text().contains("You will be 4th in the queue"), "{}", page.text());
    made(&app, &pia, ID, Move::Submit);
    let notice = pia.get(&format!("/integrations/{ID}/history"));
    assert_eq!(notice.attributes("#toasts a", "href"), [path(ID, Move::Withdraw)]);
    assert_eq!(number(&app, ID, "expected_at"), "2026-11-25 09:42:00+00");
    app.pass(TimeDelta::hours(2));
    made(&app, &app.as_(HANA), ID, Move::RequestChanges);
    assert_eq!(number(&app, ID, "spent_minutes"), "120");
    assert_eq!(number(&app, ID, "expected_at"), "");
    app.pass(TimeDelta::days(3));
    app.database().run("UPDATE feedback_threads SET answered_at = now()");
    // Monday 11:42, with two hours used: Thursday 09:42.
    made(&app, &app.as_(PIA), ID, Move::Resubmit);
    assert_eq!(number(&app, ID, "expected_at"), "2026-11-26 09:42:00+00");
}

#[test]
fn what_is_live_changes_only_by_publishing_and_a_direct_edit_is_kept_in_a_revision() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let live = || {
        app.database().value(&format!(
            "SELECT v.number || ' ' || (v.content ->> 'summary') || '/' || (v.content ->> 'description') FROM integrations i
             JOIN integration_versions v ON v.integration_id = i.id AND v.number = i.live_number WHERE i.id = '{ID}'"
        ))
    };
    let old = live();
    made(&app, &pia, ID, Move::Revise);
    app.database().run(&format!(
        "UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"Ours\"') WHERE id = '{ID}'"
    ));
    made(&app, &pia, ID, Move::Submit);
    assert_eq!(live(), old);
    // A host changes another field, and the same one, directly.
    let address = format!("/integrations/{ID}/live-edit");
    let form = hana.get(&address).form("form.form").with("description", "Theirs").with("summary", "Theirs");
    assert_eq!(app.assert_unchanged(|| pia.get(&address).status()), 403);
    assert_eq!(hana.post(&address, &form.pairs()).status(), 303);
    assert_eq!(live(), "3 Theirs/Theirs");
    let late = app.assert_unchanged(|| hana.post(&address, &form.pairs()));
    assert!(late.status() == 409 && late.texts("dd").contains(&"Theirs".to_owned()), "{}", late.text());
    assert_eq!(stage(&app, ID), "published+in_review");
    made(&app, &hana, ID, Move::Publish);
    assert_eq!(live(), "4 Ours/Theirs");
    // Back to the first one, under a new number; the pages follow.
    let history = hana.get(&format!("/integrations/{ID}/history"));
    assert!(
        history.text().contains("rollback?number=1") && history.text().contains("Edited by the host, from version 2")
    );
    assert!(!pia.get(&format!("/integrations/{ID}/history")).text().contains("rollback"));
    made(&app, &hana, ID, Move::RollBack);
    assert_eq!(live(), old.replacen('2', "5", 1));
    assert_eq!(number(&app, ID, "content ->> 'summary'"), "Nights of Kestrel Car Rental");
    let page = pia.get(&format!("/integrations/{ID}/versions/5"));
    assert_eq!(page.texts("aside .rows span"), ["Short summary", "Description"]);
    assert_eq!(events(&app)[2..], ["EditedLive", "Published", "Published"]);
}

#[test]
fn s2_19_fields_on_the_re_review_list_change_by_a_revision_only() {
    let app = ready();
    let hana = app.as_(HANA);
    app.database().run("UPDATE review_settings SET reviewed_fields = '[\"summary\"]'");
    let address = format!("/integrations/{ID}/live-edit");
    let form = hana.get(&address).form("form.form");
    assert_eq!(form.value("summary"), "", "it is not a field");
    let answer = app.assert_unchanged(|| hana.post(&address, &form.clone().with("summary", "Theirs").pairs()));
    assert!(answer.status() == 409 && answer.text().contains("Short summary changes only in a reviewed revision"));
    let answer = app.assert_unchanged(|| {
        hana.post(&address, &form.clone().with("support_email", "nobody").with("support-email", "nobody").pairs())
    });
    assert!(answer.status() == 422 && !answer.error_at("support-email").is_empty());
    assert_eq!(app.assert_unchanged(|| hana.post(&address, &form.pairs()).status()), 303, "nothing was changed");
}

#[test]
fn a_publication_on_a_date_is_made_by_the_clock_once_and_only_for_an_active_partner() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    made(&app, &pia, ID, Move::Revise);
    made(&app, &pia, ID, Move::Submit);
    for (day, status) in [("2026-11-20", 422), ("2028-01-01", 422), ("", 422), ("soon", 422), ("2026-12-01", 303)] {
        let answer = make_with(&app, &hana, ID, Move::Schedule, &[("publish_on", day)]);
        assert_eq!(answer.status(), status, "{day}");
        assert!(status == 303 || !answer.error_at("publish_on").is_empty(), "{day}: {}", answer.text());
    }
    // The day begins in Dublin.
    assert_eq!(number(&app, ID, "publish_at"), "2026-12-01 00:00:00+00");
    assert_eq!(app.assert_unchanged(|| publish_due(&app.inside().db).unwrap()), 0);
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    app.pass(TimeDelta::days(11));
    let other = app.another();
    assert_eq!(publish_due(&app.inside().db).unwrap() + publish_due(&other.inside().db).unwrap(), 0);
    assert_eq!(stage(&app, ID), "published+approved");
    assert_eq!(events(&app).iter().filter(|what| *what == "HeldBack").count(), 1, "told once");
    app.database().run(&format!("UPDATE partners SET status = 'active' WHERE id = '{}'", partner::KESTREL));
    let published = thread::scope(|scope| {
        let both = [&app, &other].map(|one| scope.spawn(|| publish_due(&one.inside().db).unwrap()));
        both.map(|one| one.join().unwrap()).iter().sum::<usize>()
    });
    assert_eq!(published, 1, "two instances, one publication");
    assert_eq!(stage(&app, ID), "published");
    assert_eq!(number(&app, ID, "live_number || updated_by_name || coalesce(updated_by::text, '')"), "3Clock");
    assert_eq!(app.assert_unchanged(|| publish_due(&app.inside().db).unwrap()), 0);
    let outcome = "SELECT outcome FROM integration_submissions WHERE number = 1 AND integration_id = ";
    assert_eq!(app.database().value(&format!("{outcome}'{ID}'")), "published");
}

#[test]
fn nobody_publishes_what_they_submitted_and_two_approvers_are_two_people() {
    let app = ready();
    let (hana, rui) = (app.as_(HANA), app.as_(RUI));
    made(&app, &hana, ID, Move::Revise);
    made(&app, &hana, ID, Move::Submit);
    let answer = app.assert_unchanged(|| make(&app, &hana, ID, Move::Publish));
    assert!(answer.status() == 409 && answer.text().contains("You submitted this yourself"));
    app.database().run("UPDATE review_settings SET second_approver = true");
    app.database().run(&format!("UPDATE integrations SET submitted_by = NULL WHERE id = '{ID}'"));
    made(&app, &rui, ID, Move::Publish);
    assert_eq!(stage(&app, ID), "published+in_review");
    assert_eq!(app.assert_unchanged(|| make(&app, &rui, ID, Move::Publish).status()), 409);
    // A new round asks both again.
    made(&app, &hana, ID, Move::RequestChanges);
    app.database().run("UPDATE feedback_threads SET answered_at = now(), resolved_at = now()");
    made(&app, &app.as_(PIA), ID, Move::Resubmit);
    assert_eq!(number(&app, ID, "approved_by"), "");
    made(&app, &rui, ID, Move::Publish);
    made(&app, &hana, ID, Move::Publish);
    assert_eq!(stage(&app, ID), "published");
    let first = events(&app).iter().filter(|what| *what == "ApprovedFirst").count();
    assert_eq!(first, 2);
}

#[test]
fn what_is_the_hosts_own_or_self_published_goes_live_without_a_second_party() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let own = format!("e{}", &partner::SOLHQ[1..]);
    made(&app, &hana, &own, Move::Revise);
    made(&app, &hana, &own, Move::PublishOwn);
    assert_eq!(stage(&app, &own), "published");
    assert_eq!(
        app.database()
            .value(&format!("SELECT origin FROM integration_versions WHERE integration_id = '{own}' AND number = 3")),
        "self"
    );
    made(&app, &pia, ID, Move::Revise);
    assert_eq!(app.assert_unchanged(|| make(&app, &pia, ID, Move::PublishOwn).status()), 409);
    app.database().run("UPDATE partner_types SET review = 'self-publish'");
    app.database()
        .run(&format!("UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"\"') WHERE id = '{ID}'"));
    let answer = app.assert_unchanged(|| make(&app, &pia, ID, Move::PublishOwn));
    assert!(answer.status() == 409 && answer.text().contains("Short summary is missing"), "{}", answer.text());
    assert!(
        !pia.get(&path(ID, Move::PublishOwn)).page().has("form[method=post] button.btn-primary"),
        "it cannot go on"
    );
    app.database().run(&format!(
        "UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"Now\"') WHERE id = '{ID}'"
    ));
    made(&app, &pia, ID, Move::PublishOwn);
    assert_eq!(number(&app, ID, "live_number"), "3");
}

#[test]
fn a_partner_that_is_not_active_freezes_its_items_but_a_host_can_stop_one() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    for status in ["planned", "pending", "suspended", "offboarding", "archived"] {
        for from in Stage::all() {
            place(&app, from);
            app.database().run(&format!("UPDATE partners SET status = '{status}' WHERE id = '{}'", partner::KESTREL));
            for wanted in by_people().filter(|one| from.after(*one, false).is_ok()) {
                let stops = matches!(wanted, Move::Suspend | Move::TakeDown);
                let answer = make_with(&app, &hana, ID, wanted, &[("version", "1")]);
                assert_eq!(
                    answer.status(),
                    if stops { 303 } else { 409 },
                    "{status}: {} from {}",
                    wanted.key(),
                    key(from)
                );
                assert!(
                    stops || answer.text().contains(&format!("is {status}, so its integrations")),
                    "{}",
                    answer.text()
                );
                if stops {
                    place(&app, from);
                }
            }
        }
    }
    place(&app, Stage::NEW);
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    assert_eq!(app.assert_unchanged(|| make(&app, &pia, ID, Move::Submit).status()), 403);
    assert_eq!(pia.get(&format!("/integrations/{ID}/history")).status(), 200, "reads stay");
}

#[test]
fn a_partner_publishes_again_only_what_it_unpublished_itself_unchanged_and_where_the_program_says_so() {
    let app = ready();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    made(&app, &pia, ID, Move::Unpublish);
    assert_eq!(app.assert_unchanged(|| make(&app, &pia, ID, Move::Republish).status()), 409);
    app.database().run("UPDATE review_settings SET partners_republish = true");
    app.database().run(&format!(
        "UPDATE integrations SET content = jsonb_set(content, '{{summary}}', '\"New\"') WHERE id = '{ID}'"
    ));
    let answer = app.assert_unchanged(|| make(&app, &pia, ID, Move::Republish));
    assert!(answer.status() == 409 && answer.text().contains("It was changed since it was published"));
    // For a host what was written meanwhile becomes a revision.
    made(&app, &hana, ID, Move::Republish);
    assert_eq!(stage(&app, ID), "published+draft");
    made(&app, &pia, ID, Move::Discard);
    assert_eq!(number(&app, ID, "content ->> 'summary'"), "Nights of Kestrel Car Rental");
    made(&app, &pia, ID, Move::Unpublish);
    made(&app, &pia, ID, Move::Republish);
    made(&app, &hana, ID, Move::Unpublish);
    let answer = app.assert_unchanged(|| make(&app, &pia, ID, Move::Republish));
    assert!(answer.status() == 409 && answer.text().contains("The host unpublished this"));
    made(&app, &hana, ID, Move::Republish);
    made(&app, &hana, ID, Move::Suspend);
    made(&app, &hana, ID, Move::TakeDown);
    assert_eq!(app.assert_unchanged(|| make(&app, &pia, ID, Move::Republish).status()), 409);
}

#[test]
fn what_a_move_needs_is_asked_for_beside_its_field_and_what_was_typed_is_kept() {
    let app = ready();
    let hana = app.as_(HANA);
    let refused = |wanted: Move, other: &[(&str, &str)], field: &str| {
        let answer = app.assert_unchanged(|| make_with(&app, &hana, ID, wanted, other));
        assert_eq!(answer.status(), 422, "{wanted:?}: {}", answer.text());
        assert!(!answer.error_at(field).is_empty(), "{wanted:?} {field}: {}", answer.text());
        answer
    };
    let answer = refused(Move::Suspend, &[("confirmed", "")], "confirmed");
    assert_eq!(answer.first("textarea[name=summary]"), "It is better so");
    refused(Move::Suspend, &[("summary", " ")], "summary");
    refused(Move::Suspend, &[("summary", &"x".repeat(5001))], "summary");
    refused(Move::Unpublish, &[("summary", "")], "summary");
    refused(Move::RollBack, &[("number", "")], "number");
    refused(Move::RollBack, &[("number", "2")], "number");
    place(&app, Stage::plain(portico::integrations::stage::State::InReview));
    let answer = refused(Move::Reject, &[("reason_code", "")], "reason_code");
    assert_eq!(answer.first("textarea[name=summary]"), "It is better so");
    refused(Move::Reject, &[("summary", "")], "summary");
    refused(Move::RequestChanges, &[("summary", "")], "summary");
    assert_eq!(app.assert_unchanged(|| make_with(&app, &hana, ID, Move::Publish, &[("version", "x")]).status()), 400);
    assert_eq!(app.assert_unchanged(|| make_with(&app, &hana, ID, Move::RollBack, &[("number", "1")]).status()), 409);
    made(&app, &hana, ID, Move::RequestChanges);
    let opened = "SELECT weight || ' ' || page || ' ' || m.body FROM feedback_threads t JOIN feedback_messages m ON m.thread_id = t.id WHERE t.integration_id = ";
    assert_eq!(app.database().value(&format!("{opened}'{ID}'")), "blocking general It is better so");
}

#[test]
fn a_verdict_takes_the_permission_of_what_it_decides_and_the_slower_one_sees_both() {
    let app = ready();
    let (hana, rui, pia) = (app.as_(HANA), app.as_(RUI), app.as_(PIA));
    let id = integration::KESTREL;
    let address = format!("/integrations/{id}/verdict");
    let say = |visitor: &Visitor, verdict: &str, other: &[(&str, &str)]| {
        let mut form = vec![("version", "1"), ("verdict", verdict), ("summary", "Said by somebody")];
        form.extend(other);
        visitor.post(&address, &form)
    };
    for (visitor, verdict, status) in [
        (&pia, "comment", 403),
        (&rui, "rejection", 403),
        (&rui, "suspension", 400),
        (&rui, "", 400),
        (&rui, "publication", 409),
        (&hana, "rejection", 422),
    ] {
        assert_eq!(app.assert_unchanged(|| say(visitor, verdict, &[]).status()), status, "{verdict}");
    }
    let comment = say(&rui, "comment", &[]);
    assert_eq!(comment.location(), format!("/integrations/{id}/review"));
    assert_eq!(events(&app), ["FeedbackGiven"]);
    assert_eq!(number(&app, id, "version"), "1", "a comment decides nothing");
    assert_eq!(say(&rui, "change-request", &[]).status(), 303);
    let late = app.assert_unchanged(|| say(&hana, "rejection", &[("reason_code", "duplicate")]));
    assert_eq!(late.status(), 409);
    for words in
        ["Rui Reviewer decided: changes requested", "Reject", "There is one like it already", "Said by somebody"]
    {
        assert!(late.text().contains(words), "{words}: {}", late.text());
    }
}

#[test]
fn t03_rounds_and_versions_of_others_are_not_there() {
    let app = ready();
    let (pia, mira) = (app.as_(PIA), app.as_(MIRA));
    for (id, page) in [(integration::MERIDIAN, "submissions/1"), (integration::MERIDIAN_LIVE, "versions/1")] {
        for page in [page, "history"] {
            let address = format!("/integrations/{id}/{page}");
            assert_eq!((mira.get(&address).status(), pia.get(&address).status()), (200, 404), "{address}");
        }
    }
}

#[test]
fn t05_internal_notes_are_in_no_page_of_a_move_for_the_partner() {
    let app = ready();
    let pia = app.as_(PIA);
    let id = integration::KESTREL;
    for page in ["history", "submissions/1", "withdrawal"] {
        let answer = pia.get(&format!("/integrations/{id}/{page}"));
        assert_eq!(answer.status(), 200, "{page}");
        assert!(!answer.text().contains("internal words"), "{page}");
    }
}
