//! The activity log cannot be quietly changed (T60): whoever alters, removes, slips in or reorders a line, past every
//! trigger, is found and the line is named. And its partitions.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portico::audit::chain::Content;
use portico::audit::verify::{self, Report, What};
use portico::audit::{Hash, Head, Seals, job, store};
use serde_json::Value;

use crate::process::{KEY, Serving, ended, on};
use crate::support::*;

/// With the key of the portals that are started as programs, since both chain here.
fn seals() -> Seals {
    keys(&[KEY])
}

fn keys(all: &[&str]) -> Seals {
    let bytes =
        |key: &&str| (0..key.len()).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap()).collect();
    let all: Vec<Vec<u8>> = all.iter().map(bytes).collect();
    Seals::new(&all[0], &all[1..])
}

fn chain(app: &TestApp) -> usize {
    job::catch_up(&app.inside().db, &seals(), &AtomicBool::new(false)).unwrap()
}

fn verified(app: &TestApp) -> Report {
    verify::all(&app.inside().db, &seals(), None, |_, _| {}).unwrap()
}

#[track_caller]
fn assert_whole(app: &TestApp, lines: i64) {
    let report = verified(app);
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.verified, report.head.seq, report.waiting), (lines, lines, 0));
}

/// As somebody who owns the tables and switches the triggers off.
fn tamper(app: &TestApp, statements: &str) {
    app.database().run(&format!("BEGIN; SET LOCAL session_replication_role = replica; {statements}; COMMIT"));
}

fn count(app: &TestApp, table: &str) -> i64 {
    app.database().value(&format!("SELECT count(*) FROM {table}")).parse().unwrap()
}

/// So many lines more, at one moment each or all at one.
fn more(app: &TestApp, lines: u32, step: &str) {
    app.database().run(&format!(
        "INSERT INTO activity SELECT gen_random_uuid(), '2026-10-02Z'::timestamptz + n * interval '{step}', '{}', '{}', NULL, 'Filler', 'Filler', \
           false, false, 'PartnerUpdated', jsonb_build_object('kind', 'PartnerUpdated', 'partner', '{}', 'name', 'Line ' || n, 'changes', '[]'::jsonb), \
           '[]', 'filler', '' FROM generate_series(1, {lines}) n",
        program::SOLSTICE,
        partner::KESTREL,
        partner::KESTREL
    ));
}

#[test]
fn t60_whatever_is_done_waits_is_chained_and_is_verified() {
    let app = TestApp::new();
    let before = count(&app, "activity");
    assert_eq!(count(&app, "activity_unchained"), before, "the world waits");
    let hana = app.as_(HANA);
    assert_eq!(
        hana.post("/partners/MERIDIAN/status/suspension", &[("version", "1"), ("reason", "Audit")]).status(),
        303
    );
    let lines = count(&app, "activity");
    assert!(lines > before);
    let report = verified(&app);
    assert!(report.is_whole() && report.verified == 0 && report.waiting == lines, "{report:?}");
    assert_eq!(chain(&app) as i64, lines);
    assert_whole(&app, lines);
    // Queued twice, chained once.
    app.database().run("INSERT INTO activity_unchained SELECT activity_at, activity_id FROM activity_chain");
    chain(&app);
    assert_whole(&app, lines);
}

#[test]
fn t60_an_altered_removed_inserted_or_reordered_line_is_found_and_named() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    hana.post("/partners/MERIDIAN/status/suspension", &[("version", "1"), ("reason", "Audit")]);
    more(&app, 5, "1 minute");
    chain(&app);
    let lines = count(&app, "activity");
    assert_whole(&app, lines);
    let id = |seq: i64| app.database().value(&format!("SELECT activity_id FROM activity_chain WHERE seq = {seq}"));
    let (third, fourth, last) = (id(3), id(4), id(lines));
    app.database().save();
    let other = "'99000000-0000-7000-8000-000000000099'";
    let mut cases: Vec<(String, What, &str)> = [
        "actor_name = 'Somebody else'",
        "actor_role = 'Guest'",
        "event = jsonb_set(event, '{name}', '\"Other\"')",
        "event = event || '{\"more\": 1}'",
        "changes = '[{}]'",
        "kind = 'PartnerRemoved'",
        "on_behalf = NOT on_behalf",
        "hosts_only = NOT hosts_only",
        "request_id = 'another'",
        "address = '10.0.0.1'",
        "partner_id = NULL",
        "program_id = NULL",
        "actor_id = gen_random_uuid()",
    ]
    .map(|change| (format!("UPDATE activity SET {change} WHERE id = '{fourth}'"), What::Altered, fourth.as_str()))
    .into();
    cases.extend([
        // The first of several is named.
        ("UPDATE activity SET address = 'x' WHERE id IN (SELECT activity_id FROM activity_chain WHERE seq >= 3)".into(), What::Altered, third.as_str()),
        (format!("DELETE FROM activity WHERE id = '{fourth}'"), What::Removed, fourth.as_str()),
        (format!("DELETE FROM activity WHERE id = '{last}'"), What::Removed, last.as_str()),
        (
            format!("INSERT INTO activity SELECT {other}, at, program_id, partner_id, actor_id, 'Nobody', actor_role, on_behalf, hosts_only, kind, event, changes, request_id, address FROM activity WHERE id = '{fourth}'"),
            What::Inserted,
            "99000000-0000-7000-8000-000000000099",
        ),
        (
            format!("UPDATE activity_chain SET activity_id = {other} WHERE seq = 3; UPDATE activity_chain SET activity_id = '{third}' WHERE seq = 4; \
                     UPDATE activity_chain SET activity_id = '{fourth}' WHERE seq = 3"),
            What::Reordered,
            fourth.as_str(),
        ),
        (format!("UPDATE activity SET at = at + interval '40 days' WHERE id = '{fourth}'"), What::Reordered, fourth.as_str()),
        ("UPDATE activity_chain SET hash = sha256('x') WHERE seq = 4".into(), What::Chain, fourth.as_str()),
        ("UPDATE activity_chain SET version = 7 WHERE seq = 4".into(), What::Chain, fourth.as_str()),
        ("DELETE FROM activity_chain WHERE seq = 4".into(), What::Inserted, fourth.as_str()),
        (format!("DELETE FROM activity_chain WHERE seq = {lines}"), What::Inserted, last.as_str()),
        (format!("DELETE FROM activity WHERE id = '{last}'; DELETE FROM activity_chain WHERE seq = {lines}; INSERT INTO activity_unchained VALUES (now(), {other})"), What::Removed, "99000000-0000-7000-8000-000000000099"),
    ]);
    for (statement, what, named) in &cases {
        tamper(&app, statement);
        let report = verified(&app);
        assert!(!report.is_whole(), "{statement}");
        let found = report
            .faults
            .iter()
            .any(|fault| fault.what == *what && fault.id.is_some_and(|id| id.to_string() == *named));
        assert!(found, "{statement}: {:?}", report.faults);
        assert!(!verify::newest(&app.inside().db, &seals()).unwrap().is_whole(), "the quick look misses: {statement}");
        app.database().restore();
        assert_whole(&app, lines);
    }
}

#[test]
fn t60_the_command_names_the_first_line_and_ends_with_1() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    chain(&app);
    let audit = |words: &[&str]| ended(on(&folder, app.database()).arg("audit").args(words));
    let (code, out, err) = audit(&["verify"]);
    assert!(code == 0 && out.contains("The audit log is whole.") && err.is_empty(), "{out}{err}");
    let (code, out, _) = ended(on(&folder, app.database()).arg("check"));
    assert!(code == 0 && out.contains("audit log: ok, chained up to"), "{out}");
    let (_, head, _) = audit(&["head"]);
    let (code, out, _) = audit(&["verify", "--since", head.trim()]);
    assert_eq!(code, 0, "{out}");
    let key = app.database().value("SELECT activity_id FROM activity_chain WHERE seq = 2");
    tamper(&app, &format!("UPDATE activity SET actor_name = 'Nobody' WHERE id = '{key}'"));
    let (code, out, _) = audit(&["verify"]);
    let says = format!(
        "ALTERED: line {key} of 2026-10-01T00:00:00Z (PartnerCreated), entry 2 of the chain: it is not what was chained"
    );
    assert!(code == 1 && out.contains(&says), "{out}");
    let (code, out, _) = audit(&["verify", "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["faults"][0]["what"], &report["faults"][0]["id"]),
        (1, &"altered".into(), &key.clone().into())
    );
    assert_eq!((&report["verified"], &report["faults"][0]["seq"]), (&1.into(), &2.into()));
    let (code, _, err) = ended(on(&folder, app.database()).arg("check"));
    assert!(code == 1 && err.contains(&key), "{err}");
    // Somebody makes the whole chain anew: it fits, but not to the head of before.
    tamper(
        &app,
        "DELETE FROM activity_chain; DELETE FROM activity_seals; INSERT INTO activity_unchained SELECT at, id FROM activity",
    );
    chain(&app);
    let (code, out, _) = audit(&["verify"]);
    assert!(code == 0 && out.contains("more than a day after they happened"), "{out}");
    let (code, out, _) = audit(&["verify", "--since", head.trim()]);
    assert!(code == 1 && out.contains("the chain up to here was made anew"), "{out}");
    let longer = format!("999:{}", head.trim().split(':').nth(1).unwrap());
    let (code, out, _) = audit(&["verify", "--since", &longer]);
    assert!(code == 1 && out.contains("its end was cut off"), "{out}");
    assert_eq!(audit(&["verify", "--since", "nonsense"]).0, 2);
    // And whoever opens the door is told of while it is open.
    app.database().run("ALTER TABLE activity DISABLE TRIGGER activity_append_only");
    let (code, out, _) = audit(&["verify"]);
    assert!(code == 1 && out.contains("SWITCHED OFF: the trigger activity.activity_append_only"), "{out}");
}

/// As somebody who knows how lines are hashed, and has no key: the hashes of the whole chain, made anew.
fn forge(app: &TestApp) {
    let all = app.inside().db.system_now("test", |tx| {
        let links = store::links(tx, 0, 100_000)?;
        let keys: Vec<_> = links.iter().map(store::Link::key).collect();
        let lines = store::lines(tx, &keys)?;
        Ok(links.into_iter().map(|link| (link.seq, lines[&link.key()].clone())).collect::<Vec<_>>())
    });
    let mut hash = Hash::NONE;
    let mut statements = String::new();
    for (seq, line) in all.unwrap() {
        hash = line.content().after(&hash, 1).unwrap();
        statements.push_str(&format!("UPDATE activity_chain SET hash = '\\x{hash}' WHERE seq = {seq};"));
    }
    tamper(app, statements.trim_end_matches(';'));
}

#[test]
fn t60_who_can_write_everything_and_has_no_key_cannot_make_the_chain_anew() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    for round in 1..=3 {
        more(&app, 5, &format!("{round} minutes"));
        chain(&app);
    }
    let lines = count(&app, "activity");
    assert_whole(&app, lines);
    let report = verified(&app);
    assert_eq!((report.sealed.after, report.sealed.through), (0, lines));
    app.database().save();
    let sealed = |report: &Report| report.faults.iter().find(|fault| fault.what == What::Seal).cloned();
    let lie = "UPDATE activity SET actor_name = 'Somebody else' WHERE id = (SELECT activity_id FROM activity_chain WHERE seq = 2)";
    // The hashes fit again, the seals do not; and nothing is built on that.
    tamper(&app, lie);
    forge(&app);
    let fault = sealed(&verified(&app)).unwrap();
    assert!(fault.words.contains("is not what was sealed"), "{fault:?}");
    assert!(sealed(&verify::newest(&app.inside().db, &seals()).unwrap()).is_some(), "the quick look sees it");
    more(&app, 5, "4 minutes");
    let refused = job::catch_up(&app.inside().db, &seals(), &AtomicBool::new(false)).unwrap_err();
    assert!(refused.to_string().contains("is not what was sealed"), "{refused}");
    assert_eq!(count(&app, "activity_unchained"), 5);
    app.database().restore();
    // Without the seals of what was changed the chain goes on, and the gap stays.
    tamper(&app, &lie.replace("seq = 2", &format!("seq = {lines}")));
    forge(&app);
    tamper(&app, "DELETE FROM activity_seals WHERE after > 0");
    let bare = sealed(&verified(&app)).expect("no seal up to the end").words;
    assert!(bare.contains("were chained without a seal"), "{bare}");
    more(&app, 5, "4 minutes");
    chain(&app);
    assert!(sealed(&verified(&app)).is_some(), "the gap is told of for good");
    app.database().restore();
    // Without any seal nobody can tell; but from where on there are seals is told of.
    tamper(&app, lie);
    forge(&app);
    tamper(&app, "DELETE FROM activity_seals");
    more(&app, 5, "4 minutes");
    chain(&app);
    let report = verified(&app);
    assert_eq!((report.is_whole(), report.sealed.after, report.sealed.through), (true, lines, lines + 5));
    let (_, out, _) = ended(on(&folder, app.database()).args(["audit", "verify"]));
    assert!(out.contains(&format!("sealed from entry {} up to entry {}", lines + 1, lines + 5)), "{out}");
    app.database().restore();
    // A seal of another piece, of another moment, or with another key's name is none.
    for change in [
        "UPDATE activity_seals SET after = after + 1 WHERE through = (SELECT max(through) FROM activity_seals)",
        "UPDATE activity_seals SET sealed_at = sealed_at + interval '1 second' WHERE after = 0",
        "UPDATE activity_seals SET key_id = 'another' WHERE after = 0",
        "DELETE FROM activity_chain WHERE seq > 2; INSERT INTO activity_unchained SELECT at, id FROM activity ON CONFLICT DO NOTHING",
    ] {
        tamper(&app, change);
        assert!(sealed(&verified(&app)).is_some(), "{change}");
        app.database().restore();
    }
    assert_whole(&app, lines);
}

#[test]
fn t60_after_a_lost_key_the_chain_is_sealed_anew_and_the_log_tells_of_it() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    job::catch_up(&app.inside().db, &keys(&["aa"]), &AtomicBool::new(false)).unwrap();
    let lines = count(&app, "activity");
    let audit = |word: &str| ended(on(&folder, app.database()).args(["audit", word]));
    let (code, out, _) = audit("verify");
    assert!(code == 1 && out.contains("SEAL:") && out.contains("neither secret_key nor"), "{out}");
    // What does not fit is not sealed.
    let key = app.database().value("SELECT activity_id FROM activity_chain WHERE seq = 2");
    app.database().save();
    tamper(&app, &format!("UPDATE activity SET actor_name = 'Nobody' WHERE id = '{key}'"));
    let (code, _, err) = audit("seal");
    assert!(code == 1 && err.contains("nothing was sealed") && err.contains(&key), "{err}");
    app.database().restore();
    let (code, out, err) = audit("seal");
    assert!(code == 0 && out.starts_with(&format!("sealed up to {lines}:")), "{out}{err}");
    chain(&app);
    assert_whole(&app, lines + 1);
    let told = app.as_(SAM).get("/activity").text();
    assert!(told.contains(&format!("sealed {lines} lines of the audit log anew")), "{told}");
}

#[test]
fn t60_a_thousand_lines_that_are_gone_do_not_keep_others_from_their_places() {
    let app = TestApp::new();
    app.database().run(
        "INSERT INTO activity_unchained SELECT '2026-01-01Z'::timestamptz + n * interval '1 second', gen_random_uuid() FROM generate_series(1, 1500) n",
    );
    more(&app, 20, "1 minute");
    let lines = count(&app, "activity");
    let began = Instant::now();
    assert_eq!(chain(&app) as i64, lines);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let report = verified(&app);
    assert_eq!((report.verified, report.waiting), (lines, 1500));
    assert!(report.faults.len() == 1 && report.faults[0].what == What::Removed, "{:?}", report.faults);
    // And with lines that came in between.
    more(&app, 5, "2 minutes");
    assert_eq!(chain(&app), 5);
}

#[test]
fn t60_who_reads_all_of_a_programs_activity_sees_up_to_when_it_is_sealed() {
    let app = TestApp::new();
    let page = |who: Person| app.as_(who).get("/activity").text();
    assert!(!page(HANA).contains("Sealed up to"), "nothing is sealed yet");
    chain(&app);
    let shown = page(HANA);
    assert!(shown.contains("Sealed up to <time"), "{shown}");
    assert!(!page(CLEO).contains("Sealed up to"), "who sees their own acts only");
    for role in ["portico_partner", "portico_host"] {
        let right = format!("SELECT has_table_privilege('{role}', 'activity_seals', 'SELECT, INSERT, UPDATE, DELETE')");
        assert_eq!(app.database().value(&right), "false", "{role}");
    }
}

#[test]
fn t60_two_instances_that_chain_at_once_make_one_chain() {
    let app = TestApp::new();
    let other = app.another();
    more(&app, 4000, "1 second");
    let chained: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|at| {
                let one = if at % 2 == 0 { &app } else { &other };
                scope.spawn(move || (0..40).map(|_| chain(one)).sum())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let lines = count(&app, "activity");
    assert_eq!(chained.iter().sum::<usize>() as i64, lines, "{chained:?}");
    assert_whole(&app, lines);
}

#[test]
fn t60_an_instance_that_is_killed_while_it_chains_leaves_the_chain_whole() {
    let app = TestApp::new();
    let folder = tempfile::tempdir().unwrap();
    more(&app, 30_000, "1 second");
    let lines = count(&app, "activity");
    let mut torn = 0;
    for _ in 0..3 {
        // Dropped, and with that killed, in the midst of it.
        let portal = Serving::start(&folder, app.database());
        let (before, began) = (count(&app, "activity_chain"), Instant::now());
        while count(&app, "activity_chain") == before && began.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(portal);
        let report = verified(&app);
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(report.verified + report.waiting, lines);
        torn += i32::from(report.waiting > 0 && report.verified > 0);
    }
    let portal = Serving::start(&folder, app.database());
    let began = Instant::now();
    while count(&app, "activity_unchained") > 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "the queue does not empty");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(portal);
    assert_whole(&app, lines);
    assert!(torn > 0, "none was killed in the midst of it");
}

#[test]
fn months_have_their_partitions_before_they_begin_and_rows_move_into_those_made_late() {
    let app = TestApp::new();
    let db = &app.inside().db;
    chain(&app);
    let partitions =
        || app.database().values("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'activity'::regclass");
    job::make_months(db).unwrap();
    for month in [
        "activity_before",
        "activity_2026_11",
        "activity_2026_12",
        "activity_2027_01",
        "activity_2027_02",
        "activity_after",
    ] {
        assert!(partitions().iter().any(|one| one == month), "{month}");
    }
    assert_eq!(job::make_months(db).unwrap(), 0, "there is nothing left to be made");
    // Years without a portal: what is written nevertheless has a place, and moves when its month gets one.
    app.pass(TimeDelta::days(800));
    let hana = app.as_(HANA);
    assert_eq!(
        hana.post("/partners/MERIDIAN/status/suspension", &[("version", "1"), ("reason", "Late")]).status(),
        303
    );
    let place = || app.database().value("SELECT tableoid::regclass FROM activity WHERE event ->> 'reason' = 'Late'");
    assert_eq!(place(), "activity_after");
    let (waiting, lines) = (count(&app, "activity_unchained"), count(&app, "activity"));
    let other = app.another();
    std::thread::scope(|scope| {
        for one in [&app, &other] {
            scope.spawn(move || job::make_months(&one.inside().db).ok());
        }
    });
    assert_eq!(job::make_months(db).unwrap(), 0);
    assert_eq!(place(), "activity_2029_01");
    assert_eq!((count(&app, "activity_unchained"), count(&app, "activity")), (waiting, lines), "moved, not new");
    // Before the first month, too, and as a page role through the log.
    db.system_now("test", |tx| store::make_months(tx, "2024-05-17T00:00:00Z".parse().unwrap(), tx.now())).unwrap();
    assert_eq!(
        app.database().value("SELECT DISTINCT tableoid::regclass FROM activity WHERE at = '2026-10-01Z'"),
        "activity_2026_10"
    );
    chain(&app);
    assert_whole(&app, lines);
    // No gaps, nobody's rights, and every rule of the log.
    let months: HashSet<String> = partitions().into_iter().collect();
    assert_eq!(months.len(), 2 + 8 + 12 * 4 + 4, "{months:?}");
    for month in &months {
        for right in ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
            for role in ["portico_partner", "portico_host"] {
                assert_eq!(
                    app.database().value(&format!("SELECT has_table_privilege('{role}', '{month}', '{right}')")),
                    "false"
                );
            }
        }
    }
    for statement in
        ["UPDATE activity_2026_10 SET kind = ''", "DELETE FROM activity_2029_01", "TRUNCATE activity_2026_12"]
    {
        assert!(app.database().try_run(statement).unwrap_err().contains("append-only"), "{statement}");
    }
    // Old months are listed, by pages and by days.
    let list = hana.get("/activity?from=2026-10-01&until=2026-10-01").text();
    assert!(list.contains("Kestrel") && !list.contains("Late"), "{list}");
    let all = hana.get("/activity").text();
    assert!(all.contains("Late") && all.contains("created Kestrel"), "{all}");
}

#[test]
fn t60_the_activity_is_exported_whole_in_ones_own_scope() {
    let app = TestApp::new();
    // More than a piece, and many at one moment.
    more(&app, 1300, "0");
    more(&app, 1300, "1 minute");
    let lines = |who: Person, path: &str| -> Vec<String> {
        let answer = app.as_(who).get(path);
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.header("content-disposition").starts_with("attachment"), "{path}");
        answer.text().lines().map(str::to_owned).collect()
    };
    for path in ["/activity/export.jsonl", "/partners/KESTREL/activity/export.jsonl"] {
        let found = lines(PIA, path);
        let ids: HashSet<String> = found
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!((found.len(), ids.len()), (2601, 2601), "{path}");
    }
    assert_eq!(lines(PIA, "/partners/KESTREL/activity/export.csv").len(), 2602);
    assert_eq!(lines(MIRA, "/activity/export.jsonl").len(), 1);
    assert_eq!(lines(HANA, "/activity/export.jsonl").len(), 2603);
    assert_eq!(lines(HANA, "/partners/MERIDIAN/activity/export.jsonl").len(), 1);
    assert_eq!(lines(HANA, "/activity/export.csv?from=2026-10-01&until=2026-10-01").len(), 4);
    let first: Value = serde_json::from_str(&lines(MIRA, "/activity/export.jsonl")[0]).unwrap();
    assert_eq!(first["what"], "created Meridian Air");
    for path in
        ["/partners/MERIDIAN/activity/export.csv", "/partners/NOBODY/activity/export.csv", "/activity/export.pdf"]
    {
        assert_eq!(app.as_(PIA).get(path).status(), 404, "{path}");
    }
    let page = app.as_(HANA).get("/partners/MERIDIAN/activity?who=a").text();
    assert!(page.contains("/partners/MERIDIAN/activity/export.jsonl?who=a"), "{page}");
}

#[test]
fn t60_the_exported_log_can_be_verified_elsewhere() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    more(&app, 3000, "1 minute");
    chain(&app);
    let export = |words: &[&str]| -> (i32, String, String) {
        let out = on(&folder, app.database()).args(["audit", "export"]).args(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
    };
    let (code, out, err) = export(&["--format", "jsonl"]);
    assert_eq!(code, 0, "{err}");
    let mut lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as i64, count(&app, "activity"));
    lines.sort_by_key(|line| line["seq"].as_i64());
    let mut hash = Hash::NONE;
    for line in &lines {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let id = |key: &str| line[key].as_str().map(|id| id.parse().unwrap());
        let content = Content {
            id: text("id").parse().unwrap(),
            at: text("at").parse().unwrap(),
            program_id: id("program_id"),
            partner_id: id("partner_id"),
            actor_id: id("actor_id"),
            actor_name: text("actor_name"),
            actor_role: text("actor_role"),
            on_behalf: line["on_behalf"].as_bool().unwrap(),
            hosts_only: line["hosts_only"].as_bool().unwrap(),
            kind: text("kind"),
            event: &line["event"],
            changes: &line["changes"],
            request_id: text("request_id"),
            address: text("address"),
        };
        hash = content.after(&hash, 1).unwrap();
        assert_eq!(text("hash"), hash.to_string(), "{line}");
    }
    let head: Head = app.inside().db.system_now("test", store::head).unwrap();
    assert_eq!(head, Head { seq: lines.len() as i64, hash });
    let (code, out, _) =
        export(&["--format", "csv", "--program", "SOLSTICE", "--from", "2026-10-01", "--to", "2026-10-01"]);
    assert!(code == 0 && out.lines().count() == 4 && out.starts_with("seq,hash,id,at,"), "{out}");
    let (code, _, err) = export(&["--program", "NOBODY"]);
    assert!(code == 1 && err.contains("no program has the code NOBODY"), "{err}");
    assert_eq!(export(&["--from", "2026-10-02", "--to", "2026-10-01"]).0, 1);
    assert_eq!(export(&["--from", "yesterday"]).0, 2);
}
