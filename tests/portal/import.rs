//! Partners from a file: checked first, written whole or not at all, and taken back (T53, T58, T60).

use std::thread;

use chrono::TimeDelta;

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

const DIRTY: &[u8] = include_bytes!("../data/partners-dirty.csv");

/// Uploads a file; the address of its import.
fn upload(visitor: &Visitor, bytes: &[u8]) -> String {
    let answer =
        visitor.post_multipart("/partners/import", &[], Some(Chosen { field: "file", name: "partners.csv", bytes }));
    assert_eq!(answer.status(), 303, "{}", answer.error_at("file"));
    answer.location().trim_end_matches("/columns").to_owned()
}

/// Checks it with the columns that were guessed, and some fields changed.
fn check(app: &TestApp, visitor: &Visitor, import: &str, changes: &[(&str, &str)]) {
    let mut form = visitor.get(&format!("{import}/columns")).form(&format!("form[action=\"{import}/columns\"]"));
    for (name, value) in changes {
        form = form.with(name, value);
    }
    let answer = visitor.post(&format!("{import}/columns"), &form.pairs());
    assert_eq!(answer.location(), import, "{:?}", answer.texts("#errors"));
    app.wait_for_jobs();
}

fn apply(app: &TestApp, visitor: &Visitor, import: &str, mode: &str) {
    assert_eq!(visitor.post(&format!("{import}/apply"), &[("mode", mode)]).location(), import);
    app.wait_for_jobs();
}

fn state(app: &TestApp, import: &str) -> String {
    let id = import.rsplit('/').next().unwrap();
    app.database().value(&format!(
        "SELECT concat_ws(' ', state, created, updated, unchanged, refused) FROM imports WHERE id = '{id}'"
    ))
}

/// Everything but the import's own bookkeeping.
fn partners(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT to_jsonb(p) FROM partners p UNION ALL SELECT to_jsonb(a) FROM activity a WHERE kind <> 'ImportUploaded' ORDER BY 1")
}

#[test]
fn a_file_is_checked_without_a_change_then_written_in_one_step_and_the_same_file_changes_nothing() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let file = b"code,name,type,support_phone\nNORDLYS,Nordlys Bank,airline,+47 21 00 00 00\nKESTREL,Kestrel Rides,car-rental,+353 1 555 0188\nbad one,Bad,airline,\n";
    let import = upload(&hana, file);
    let before = partners(&app);
    check(&app, &hana, &import, &[]);
    assert_eq!(partners(&app), before, "a check writes nothing");
    assert_eq!(state(&app, &import), "checked 1 1 0 1");
    let report = hana.get(&import).text();
    assert!(report.contains("NORDLYS") && report.contains("Kestrel Rides") && report.contains("bad one"), "{report}");

    apply(&app, &hana, &import, "leave");
    assert_eq!(state(&app, &import), "applied 1 1 0 1");
    assert_eq!(
        app.database().value("SELECT name || status || time_zone FROM partners WHERE code = 'NORDLYS'"),
        "Nordlys BankplannedEurope/Lisbon"
    );
    let kinds = app.database().values("SELECT kind FROM activity WHERE at > '2026-11-19' ORDER BY kind");
    assert_eq!(kinds, ["ImportUploaded", "PartnerCreated", "PartnerUpdated", "PartnersImported"]);
    assert_eq!(app.database().value("SELECT actor_name FROM activity WHERE kind = 'PartnerUpdated'"), "Hana Host");

    let again = upload(&hana, file);
    check(&app, &hana, &again, &[]);
    let before = partners(&app);
    apply(&app, &hana, &again, "leave");
    assert_eq!(state(&app, &again), "applied 0 0 2 1");
    assert_eq!(partners(&app), before);
}

#[test]
fn t53_one_bad_row_stops_all_when_that_is_asked_for() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type\nN1,One,airline\nN2,Two,no-such-type\n");
    check(&app, &hana, &import, &[]);
    let before = partners(&app);
    apply(&app, &hana, &import, "nothing");
    assert_eq!(partners(&app), before);
    assert_eq!(state(&app, &import), "checked 1 0 0 1");
    assert!(hana.get(&import).text().contains("nothing was written"));
    apply(&app, &hana, &import, "leave");
    assert_eq!(state(&app, &import), "applied 1 0 0 1");
}

#[test]
fn t53_a_dirty_file_is_refused_row_by_row_with_line_and_reason() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, DIRTY);
    check(
        &app,
        &hana,
        &import,
        &[("from-status-0", "N"), ("to-status-0", "planned"), ("from-status-1", "Y"), ("to-status-1", "active")],
    );
    let id = import.rsplit('/').next().unwrap();
    let refused = app.database().values(&format!("SELECT line || ' ' || coalesce(field, '') || ': ' || reason FROM import_rows WHERE import_id = '{id}' AND outcome = 'refused' ORDER BY line"));
    assert!(refused.len() >= 10, "{refused:?}");
    for (line, word) in [("12 ", "ode"), ("16 ", "ode"), ("17 ", "ode")] {
        assert!(refused.iter().any(|one| one.starts_with(line) && one.contains(word)), "{line}: {refused:?}");
    }
    assert!(refused.iter().all(|one| one.split_once(": ").is_some_and(|(_, reason)| reason.len() > 8)), "{refused:?}");
    // The refused rows as a file: as they were, each with its reason, nothing that a spreadsheet runs.
    let file = hana.get(&format!("{import}/refused.csv"));
    let mut reader = csv::Reader::from_reader(file.bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), refused.len());
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "a formula");
    apply(&app, &hana, &import, "leave");
    assert!(state(&app, &import).starts_with("applied"));
    assert_eq!(app.database().value("SELECT name FROM partners WHERE code = 'VOSTOK'"), "Авиакомпания «Восток»");
    assert_eq!(app.database().value("SELECT count(*) FROM partners WHERE code ~ '[^A-Z0-9_-]'"), "0");
}

#[test]
fn cells_beyond_the_heading_come_back_with_the_refused_row() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type\nbad one,Bad,airline,and,more\nNEWAIR,New Air,airline\n");
    check(&app, &hana, &import, &[]);
    let file = hana.get(&format!("{import}/refused.csv")).text();
    assert!(file.contains("bad one,Bad,airline,and,more,2,"), "{file}");
}

#[test]
fn t53_files_that_are_no_tables_are_refused_at_the_field() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let rows = |count: usize| format!("code,name,type\n{}", "A1,One,airline\n".repeat(count)).into_bytes();
    for (name, bytes, says) in [
        ("x.csv", b"".to_vec(), "empty"),
        ("x.csv", b"code,name,type\n".to_vec(), "no rows"),
        ("x.csv", b"\xff\xfec\x00o\x00d\x00e\x00".to_vec(), "UTF-16"),
        ("x.csv", b"PK\x03\x04\x00\x00\x00binary\x00\x01\x02".to_vec(), "text"),
        ("x.xlsx", rows(1), ".csv"),
        ("x.exe", rows(1), ".csv"),
        ("x.csv", rows(100_001), "100,000"),
    ] {
        let file = Chosen { field: "file", name, bytes: &bytes };
        let answer = app.assert_unchanged(|| hana.post_multipart("/partners/import", &[], Some(file)));
        assert_eq!(answer.status(), 422, "{name} {says}");
        assert!(answer.error_at("file").contains(says), "{says}: {:?}", answer.error_at("file"));
    }
    let nothing = app.assert_unchanged(|| hana.post_multipart("/partners/import", &[("file", "")], None));
    assert_eq!(nothing.status(), 422);
}

#[test]
fn t05_a_file_cannot_make_a_partner_hosting_or_reach_another_program() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type,hosting,is_hosting,program_id,id\nBOREAL,Mine,airline,yes,true,12000000-0000-7000-8000-000000000000,32000000-0000-7000-8000-000000000002\n");
    check(
        &app,
        &hana,
        &import,
        &[("column-hosting", "hosting"), ("column-is_hosting", "is_hosting"), ("set-hosting", "yes")],
    );
    apply(&app, &hana, &import, "leave");
    let rows = app.database().values("SELECT concat_ws(' ', p.code, r.code, p.name, is_hosting) FROM partners p JOIN programs r ON r.id = program_id WHERE p.code = 'BOREAL' ORDER BY 1");
    assert_eq!(rows, ["BOREAL ALTURA Boreal Lodges f", "BOREAL SOLSTICE Mine f"]);
}

#[test]
fn t60_of_many_clicks_on_apply_one_writes() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let rows: String = (0..300).map(|number| format!("P{number:03},Partner {number},airline\n")).collect();
    let import = upload(&hana, format!("code,name,type\n{rows}").as_bytes());
    check(&app, &hana, &import, &[]);
    thread::scope(|scope| {
        for _ in 0..8 {
            let (hana, import) = (hana.copy(), &import);
            // The first gets its turn; others are told that it goes on, or that too many are at it.
            scope.spawn(move || {
                let status = hana.post(&format!("{import}/apply"), &[("mode", "leave")]).status();
                assert!(matches!(status, 303 | 409), "{status}");
            });
        }
    });
    app.wait_for_jobs();
    assert_eq!(state(&app, &import), "applied 300 0 0 0");
    assert_eq!(app.database().value("SELECT count(*) FROM partners WHERE code ~ '^P[0-9]{3}$'"), "300");
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind = 'PartnersImported'"), "1");
}

#[test]
fn an_undo_takes_back_what_nobody_touched_since() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type\nN1,One,airline\nN2,Two,airline\nKESTREL,Kestrel Rides,airline\nMERIDIAN,Meridian of the file,airline\n");
    let before = app
        .database()
        .value("SELECT name || type_id FROM partners WHERE code = 'KESTREL' AND not is_hosting ORDER BY id LIMIT 1");
    check(&app, &hana, &import, &[]);
    apply(&app, &hana, &import, "leave");
    // Somebody works with two of them.
    let form = hana.get("/partners/N2/edit").form("form.form").with("name", "Two and more");
    assert_eq!(hana.post_multipart("/partners/N2/edit", &form.pairs(), None).status(), 303);
    let form = hana.get("/partners/MERIDIAN/edit").form("form.form").with("support_phone", "");
    assert_eq!(hana.post_multipart("/partners/MERIDIAN/edit", &form.pairs(), None).status(), 303);
    assert_eq!(hana.post(&format!("{import}/undo"), &[]).status(), 303);
    app.wait_for_jobs();
    assert!(state(&app, &import).starts_with("undone"));
    let names = app.database().values(&format!(
        "SELECT code || ': ' || name FROM partners WHERE program_id = '{}' ORDER BY code",
        program::SOLSTICE
    ));
    assert_eq!(
        names,
        [
            "KESTREL: Kestrel Car Rental",
            "MERIDIAN: Meridian of the file",
            "N2: Two and more",
            "SOLHQ: Solstice Operations"
        ]
    );
    let after = app
        .database()
        .value("SELECT name || type_id FROM partners WHERE code = 'KESTREL' AND not is_hosting ORDER BY id LIMIT 1");
    assert_eq!(after, before);
    assert!(hana.get(&format!("{import}?show=kept")).text().contains("Hana Host changed it"));
    // A second click does nothing more, and it cannot be applied again.
    app.assert_unchanged(|| {
        assert_eq!(hana.post(&format!("{import}/undo"), &[]).status(), 303);
        assert_eq!(hana.post(&format!("{import}/apply"), &[("mode", "leave")]).status(), 303);
    });
}

#[test]
fn an_undo_is_possible_for_thirty_days() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type\nN1,One,airline\n");
    check(&app, &hana, &import, &[]);
    apply(&app, &hana, &import, "leave");
    app.pass(TimeDelta::days(30) + TimeDelta::seconds(1));
    let hana = app.as_(HANA);
    app.assert_unchanged(|| {
        assert_eq!(hana.get(&format!("{import}/undo")).status(), 409);
        assert_eq!(hana.post(&format!("{import}/undo"), &[]).status(), 409);
    });
    app.pass(-TimeDelta::seconds(2));
    assert_eq!(hana.post(&format!("{import}/undo"), &[]).status(), 303);
    app.wait_for_jobs();
    assert!(state(&app, &import).starts_with("undone"));
}

#[test]
fn t58_a_partner_that_changed_between_check_and_apply_is_compared_anew() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type\nKESTREL,Kestrel of the file,car-rental\n");
    check(&app, &hana, &import, &[]);
    let form = hana
        .get("/partners/KESTREL/edit")
        .form("form.form")
        .with("name", "Kestrel of Hana")
        .with("support_phone", "+353 1 555 0111");
    hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), None);
    apply(&app, &hana, &import, "leave");
    let kestrel = format!("SELECT name || support_phone FROM partners WHERE id = '{}'", partner::KESTREL);
    assert_eq!(app.database().value(&kestrel), "Kestrel of the file+35315550111", "only what the file says is set");
    let line = app
        .database()
        .value("SELECT changes FROM activity WHERE kind = 'PartnerUpdated' AND event::text LIKE '%of the file%'");
    assert!(line.contains("Kestrel of Hana"), "before is what was there when it was written: {line}");
}

#[test]
fn t08_a_file_cannot_take_the_last_hosting_partner_away() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let import = upload(&hana, b"code,name,type,status\nSOLHQ,Solstice Operations,internal,archived\nKESTREL,Kestrel Car Rental,car-rental,suspended\nMERIDIAN,Meridian Air,airline,planned\n");
    check(&app, &hana, &import, &[]);
    apply(&app, &hana, &import, "leave");
    let status = |id: &str| app.database().value(&format!("SELECT status FROM partners WHERE id = '{id}'"));
    assert_eq!(status(partner::SOLHQ), "active", "the last hosting partner stays");
    assert_eq!(status(partner::KESTREL), "suspended");
}

#[test]
fn e11_an_import_that_makes_partners_active_is_told_in_one_letter() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE partners SET primary_contact_id = '{}' WHERE code = 'SOLHQ'", RUI.id));
    let hana = app.as_(HANA);
    let brought = |rows: &str| {
        let import = upload(&hana, format!("code,name,type,status\n{rows}").as_bytes());
        check(&app, &hana, &import, &[]);
        assert!(app.waiting("PartnersActive").len() + app.waiting("PartnerActive").len() <= 1, "a check tells nobody");
        apply(&app, &hana, &import, "leave");
    };
    brought("AAA,Aaa,airline,active\nBBB,Bbb,airline,active\nCCC,Ccc,airline,planned\n");
    let told = app.waiting("PartnersActive");
    assert_eq!((told.len(), told[0].to.as_str()), (1, RUI.email));
    assert!(told[0].text.contains("made 2 partners active by an import"), "{}", told[0].text);
    app.database().run("DELETE FROM outbox");
    // One of them alone is named; what was active before is no news.
    brought("AAA,Aaa,airline,active\nCCC,Ccc,airline,active\n");
    let told = app.waiting("PartnerActive");
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("Ccc") && app.waiting("PartnersActive").is_empty());
}
