//! Tier assignments from a file: the check tells what the import does, conflicts are told row by row, and an undo takes
//! back only what nobody touched (beyond.md, 14).

use tempfile::TempDir;

use crate::process::{ended, on};
use crate::support::client::{Chosen, Visitor};
use crate::support::*;

/// Line 2 makes room for line 3.
const MIXED: &str = "campaign,partner,sku,tier,start,expiry\n\
    WINTER-KESTREL,KESTREL,,Gold,2026-10-01,2026-12-31\n\
    winter-kestrel,kestrel,,1,2027-01-01,2027-03-31\n\
    WINTER-KESTREL,KESTREL,sku-kestrel,Member (3),2026-11-01,\n\
    WINTER-MERIDIAN,MERIDIAN,,Silver,2026-10-01,2027-03-31\n\
    NONE,KESTREL,,Gold,2026-10-01,\n\
    WINTER-BOREAL,BOREAL,,Gold,2026-10-01,\n\
    WINTER-KESTREL,MERIDIAN,,Gold,2026-10-01,\n\
    WINTER-KESTREL,KESTREL,X-9,Gold,2026-10-01,\n\
    WINTER-KESTREL,KESTREL,,Platinum,2026-10-01,\n\
    WINTER-KESTREL,KESTREL,,Gold,31/12/2026,\n\
    WINTER-KESTREL,KESTREL,,Gold,2027-02-01,2027-01-01\n\
    WINTER-KESTREL,KESTREL,,Gold,2027-02-01,2027-04-30\n\
    WINTER-KESTREL,KESTREL,,Silver,2026-10-01,2026-12-31\n\
    WINTER-MERIDIAN,MERIDIAN,,Gold,2026-12-01,\n\
    WINTER-KESTREL,KESTREL\n";

fn upload(visitor: &Visitor, content: &str) -> Answer {
    let file = Chosen { field: "file", name: "assignments.csv", bytes: content.as_bytes() };
    visitor.post_multipart("/campaigns/import", &[], Some(file))
}

/// Uploads, and gives the address of the report.
#[track_caller]
fn checked(visitor: &Visitor, content: &str) -> String {
    let answer = upload(visitor, content);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().to_owned()
}

/// Uploads rows below the usual headings.
#[track_caller]
fn rows(visitor: &Visitor, rows: &[&str]) -> String {
    checked(visitor, &format!("campaign,partner,sku,tier,start,expiry\n{}\n", rows.join("\n")))
}

/// The numbers above a report: created, updated, unchanged, refused.
fn counts(visitor: &Visitor, address: &str) -> Vec<String> {
    visitor.get(address).texts("ul.stats b")
}

/// Campaign, product, tier, first and last day, version.
fn assignments(app: &TestApp) -> Vec<String> {
    app.database().values(&format!(
        "SELECT c.code || '|' || coalesce(r.sku, '') || '|' || t.name || '|' || (a.starts_at AT TIME ZONE a.time_zone)::date
           || '|' || coalesce(((a.ends_at AT TIME ZONE a.time_zone)::date - 1)::text, '') || '|' || a.state || '|' || a.version
         FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id JOIN tiers t ON t.id = a.tier_id
           LEFT JOIN products r ON r.id = a.product_id WHERE c.id IN ('{}', '{}') ORDER BY 1",
        campaign::KESTREL,
        campaign::MERIDIAN
    ))
}

#[test]
fn beyond_14_the_check_says_what_the_import_does_and_a_second_run_changes_nothing() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let before = assignments(&app);
    let address = checked(&cleo, MIXED);
    assert_eq!(assignments(&app), before, "a check writes nothing");
    assert_eq!(counts(&cleo, &address), ["2", "1", "1", "11"]);
    let page = cleo.get(&format!("{address}?show=error")).text();
    for said in [
        "No campaign has the code NONE.",
        "No campaign has the code WINTER-BOREAL.",
        "Meridian Air does not take part in Winter of Kestrel Car Rental. Link it first.",
        "Kestrel Car Rental has no product with the SKU X-9.",
        "“Platinum” is not one of Gold (1), Silver (2), Member (3).",
        "“31/12/2026” is no day",
        "The last day is before the first one.",
        "It is line 3 of the file.",
        "Line 2 has the same campaign, partner, product and first day.",
        "Silver (2) for Meridian Air, 1 Oct 2026 through 31 Mar 2027",
        "The row has 2 cells",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let update = cleo.get(&format!("{address}?show=update")).text();
    assert!(update.contains("Silver (2)") && update.contains("Gold (1)") && update.contains("31 Dec 2026"), "{update}");
    assert_eq!(cleo.post(&format!("{address}/apply"), &[]).location(), address);
    assert_eq!(counts(&cleo, &address), ["2", "1", "1", "11"], "as the check said");
    let after = assignments(&app);
    assert_eq!(
        after,
        [
            "WINTER-KESTREL|SKU-KESTREL|Member|2026-11-01||live|1",
            "WINTER-KESTREL||Gold|2026-10-01|2026-12-31|live|2",
            "WINTER-KESTREL||Gold|2027-01-01|2027-03-31|live|1",
            "WINTER-MERIDIAN||Silver|2026-10-01|2027-03-31|live|1",
        ]
    );
    // Twice: nothing. And a click too many does nothing either.
    app.assert_unchanged(|| cleo.post(&format!("{address}/apply"), &[]).status());
    let again = checked(&cleo, MIXED);
    assert_eq!(counts(&cleo, &again), ["0", "0", "4", "11"]);
    assert!(cleo.get(&again).text().contains("There is nothing to apply"));
    app.assert_unchanged(|| cleo.post(&format!("{again}/apply"), &[]).status());
    // It stands in the activity as a whole, and assignment by assignment with the campaign and its partner.
    let activity = app.as_(HANA).get("/activity").text();
    assert!(
        activity
            .contains("imported tier assignments from assignments.csv: 2 created, 1 updated, 1 unchanged, 11 refused")
    );
    let own = app.as_(PIA).get(&crate::campaigns::path(campaign::KESTREL, "/activity")).text();
    assert!(
        own.contains("assigned Gold (1) to Kestrel Car Rental in Winter of Kestrel Car Rental, 1 Jan 2027"),
        "{own}"
    );
}

#[test]
fn beyond_14_refused_rows_come_back_as_a_file_and_an_export_can_be_imported() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = checked(&cleo, MIXED);
    let file = cleo.get(&format!("{address}/refused.csv"));
    assert!(file.header("content-type").starts_with("text/csv"));
    let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 12);
    assert!(lines[0].ends_with("Line in the file,Why it was refused") && lines[1].starts_with("NONE,KESTREL,"));
    cleo.post(&format!("{address}/apply"), &[]);
    // Drafts and expired ones too: an export says where each stands.
    app.database().run(&format!(
        "INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, tier_id, state, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, campaign_id, '{0}', x.state, time_zone, starts_at - x.before, ends_at - x.before, now(), 'x', now(), 'x'
           FROM tier_assignments, (VALUES ('draft', interval '0'), ('live', interval '1 year')) AS x (state, before) WHERE id = '{1}'",
        tier::GOLD,
        assignment_of(partner::KESTREL)
    ));
    let export = cleo.get(&crate::campaigns::path(campaign::KESTREL, "/assignments.csv")).text();
    assert!(export.contains("SKU-KESTREL") && export.contains("draft") && export.contains("expired"), "{export}");
    let again = checked(&cleo, &export);
    assert_eq!(counts(&cleo, &again), ["0", "0", "5", "0"], "an export changes nothing: {export}");
}

#[test]
fn beyond_14_an_undo_takes_back_what_nobody_touched() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let before = assignments(&app);
    let address = checked(&cleo, MIXED);
    cleo.post(&format!("{address}/apply"), &[]);
    let confirm = cleo.get(&format!("{address}/undo")).text();
    assert!(confirm.contains("Removes 2 assignments that it created, unless changed since."), "{confirm}");
    assert_eq!(cleo.post(&format!("{address}/undo"), &[]).location(), address);
    let after: Vec<String> = assignments(&app);
    assert_eq!(after[0], before[0].replace("|live|1", "|live|3"), "as it was, two edits later");
    assert_eq!(after.len(), before.len());
    app.assert_unchanged(|| cleo.post(&format!("{address}/undo"), &[]).status());
    // Somebody changed one since: it stays, and so does what does not fit beside it any more.
    let address = checked(&cleo, MIXED);
    cleo.post(&format!("{address}/apply"), &[]);
    app.database().run(
        "UPDATE tier_assignments SET version = 2, updated_by_name = 'Hana Host' WHERE starts_at > '2026-12-30' AND ends_at < '2027-04-02'",
    );
    cleo.post(&format!("{address}/undo"), &[]);
    let kept = cleo.get(&format!("{address}?show=kept")).text();
    assert!(kept.contains("Hana Host changed it after the import"), "{kept}");
    assert!(
        kept.contains("Gold (1) for Kestrel Car Rental, 1 Jan 2027") && kept.contains("covers some of its days now")
    );
    assert_eq!(assignments(&app).len(), 3, "only the product’s own one is gone");
    // Too late.
    let address = rows(&cleo, &["WINTER-KESTREL,KESTREL,,Member,2027-05-01,2027-05-31"]);
    assert!(cleo.get(&address).text().contains("so this never counts"), "what is questionable is said");
    cleo.post(&format!("{address}/apply"), &[]);
    app.pass(chrono::TimeDelta::days(31));
    let cleo = app.as_(CLEO);
    assert_eq!(app.assert_unchanged(|| cleo.post(&format!("{address}/undo"), &[]).status()), 409);
}

#[test]
fn s1_17_assigning_from_a_file_is_allowed_as_assigning_by_hand() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let row = "WINTER-KESTREL,KESTREL,,Gold,2027-04-01,2027-04-30";
    let address = rows(&cleo, &[row]);
    // Another program's people, a partner's people, and the pages of another kind of import.
    let hector = app.as_(HECTOR);
    for end in ["", "/columns", "/undo", "/refused.csv"] {
        assert_eq!(hector.get(&format!("{address}{end}")).status(), 404, "{end}");
        let elsewhere = format!("{address}{end}").replace("/campaigns/", "/products/");
        assert_eq!(cleo.get(&elsewhere).status(), 404, "{elsewhere}");
    }
    assert_eq!(app.assert_unchanged(|| hector.post(&format!("{address}/apply"), &[]).status()), 404);
    assert_eq!(app.as_(PIA).get("/campaigns/import").status(), 403);
    assert_eq!(
        counts(&hector, &rows(&hector, &[&row.replace("KESTREL", "MERIDIAN")])),
        ["0", "0", "0", "1"],
        "what one may not see is not there"
    );
    // What is frozen stays as it is.
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    let frozen = rows(&cleo, &[row]);
    assert!(cleo.get(&frozen).text().contains("is suspended, so its assignments stay as they are"));
    app.database().run("UPDATE partners SET status = 'active'; UPDATE campaigns SET state = 'awaiting_approval'");
    let frozen = rows(&cleo, &[row]);
    assert!(cleo.get(&frozen).text().contains("This campaign waits for approval"));
    // It was checked before that.
    app.assert_unchanged(|| cleo.post(&format!("{address}/apply"), &[]).status());
    app.database().run("UPDATE campaigns SET state = 'approved'; UPDATE programs SET tiers_enabled = false");
    for answer in
        [cleo.get("/campaigns/import"), upload(&cleo, "x,y\n1,2\n"), cleo.post(&format!("{address}/apply"), &[])]
    {
        assert!(answer.status() == 409 && answer.text().contains("Tiers are off"), "{}", answer.text());
    }
    assert!(!cleo.get("/campaigns").text().contains("Import tier assignments"));
}

#[test]
fn live_ones_do_not_become_drafts_and_drafts_become_live_where_they_fit() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let file = |rows: &str| format!("campaign,partner,tier,start,state\n{rows}\n");
    let counted = checked(&cleo, &file("WINTER-KESTREL,KESTREL,Silver,2026-10-01,draft"));
    assert!(cleo.get(&counted).text().contains("It counts already or did. End it early instead."));
    let draft = checked(&cleo, &file("WINTER-KESTREL,KESTREL,Gold,2026-12-01,draft"));
    cleo.post(&format!("{draft}/apply"), &[]);
    assert!(assignments(&app).contains(&"WINTER-KESTREL||Gold|2026-12-01||draft|1".to_owned()));
    let live = checked(&cleo, &file("WINTER-KESTREL,KESTREL,Gold,2026-12-01,live"));
    assert!(cleo.get(&live).text().contains("covers some of these days already"));
    // Without a column for it the last day stays.
    let other = checked(&cleo, &file("WINTER-KESTREL,KESTREL,Gold,2026-10-01,"));
    assert_eq!(counts(&cleo, &other), ["0", "1", "0", "0"]);
    cleo.post(&format!("{other}/apply"), &[]);
    assert!(assignments(&app).contains(&"WINTER-KESTREL||Gold|2026-10-01|2027-03-31|live|2".to_owned()));
    let odd = checked(&cleo, &file("WINTER-KESTREL,KESTREL,Gold,2026-10-01,perhaps"));
    assert!(cleo.get(&odd).text().contains("“perhaps” is not one of draft, live."));
}

#[test]
fn an_assignment_made_meanwhile_stops_the_import_as_a_whole() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = rows(
        &cleo,
        &["WINTER-MERIDIAN,MERIDIAN,,Gold,2027-05-01,2027-05-31", "WINTER-KESTREL,KESTREL,,Gold,2027-05-01,2027-05-31"],
    );
    assert_eq!(counts(&cleo, &address), ["2", "0", "0", "0"]);
    // Another one who was faster: the row is refused now, the other one is written.
    let other = rows(&cleo, &["WINTER-KESTREL,KESTREL,,Silver,2027-05-15,"]);
    cleo.post(&format!("{other}/apply"), &[]);
    cleo.post(&format!("{address}/apply"), &[]);
    assert_eq!(counts(&cleo, &address), ["1", "0", "0", "1"], "what was done is said, not what was checked");
    assert!(cleo.get(&address).text().contains("covers some of these days already"));
}

#[test]
fn the_command_imports_assignments_too() {
    let (app, folder) = (TestApp::new(), TempDir::new().unwrap());
    let file = folder.path().join("assignments.csv");
    std::fs::write(&file, MIXED).unwrap();
    let run = |more: &[&str]| {
        let mut command = on(&folder, app.database());
        command.args(["import", "assignments", file.to_str().unwrap(), "--program", "SOLSTICE"]).args(more);
        ended(&mut command)
    };
    let before = assignments(&app);
    let (code, out, err) = run(&["--dry-run"]);
    assert!(code == 0 && out.contains("2 created, 1 updated, 1 unchanged, 11 refused"), "{out}{err}");
    assert!(err.contains("nothing was written") && out.contains("line 6: campaign: No campaign has the code NONE."));
    assert_eq!(assignments(&app), before);
    let (code, _, err) = run(&["--all-or-nothing"]);
    assert!(code == 1 && err.contains("nothing was written"), "{err}");
    assert_eq!(assignments(&app), before);
    let (code, _, err) = run(&["--map", "colour=x"]);
    assert!(code == 2 && err.contains("is not one of campaign, partner, sku, tier, start, expiry, state"), "{err}");
    let (_, out, err) = run(&[]);
    assert!(out.contains("2 created, 1 updated"), "{out}{err}");
    let (_, out, _) = run(&["--json"]);
    assert!(
        out.contains("\"created\":0") && out.contains("\"unchanged\":4") && out.contains("\"whose\":\"BOREAL\""),
        "{out}"
    );
    let by = "SELECT actor_name || ', ' || actor_role FROM activity WHERE event -> 'event' ->> 'what' = 'AssignmentsImported'";
    assert_eq!(app.database().value(by), "Command line, CSR");
}
