//! Products from a file: the check tells what the import does, rows are taken whole or refused, and an undo takes back
//! only what nobody touched (beyond.md, 14).

use tempfile::TempDir;

use crate::process::{ended, on};
use crate::support::client::{Chosen, Visitor};
use crate::support::*;

const MIXED: &str = "partner,sku,name,kind,category,price,currency\n\
    KESTREL,UP-1,Weekend upgrade,service,Travel,9000,points\n\
    kestrel,sku-kestrel,Better offer,product,Travel,89.50,EUR\n\
    MERIDIAN,SKU-MERIDIAN,Voucher of Meridian Air,product,Travel,1200,points\n\
    NOBODY,X-1,Lost,product,,1,points\n\
    KESTREL,X-2,,product,,1,points\n\
    KESTREL,X-3,Odd,thing,,1,points\n\
    KESTREL,X-4,Yen,product,,1.5,JPY\n\
    KESTREL,up-1,Twice,product,,1,points\n\
    BOREAL,X-5,Elsewhere,product,,1,points\n\
    KESTREL,X-6\n";

fn upload(visitor: &Visitor, content: &str) -> Answer {
    let file = Chosen { field: "file", name: "products.csv", bytes: content.as_bytes() };
    visitor.post_multipart("/products/import", &[], Some(file))
}

/// Uploads, and gives the address of the report.
#[track_caller]
fn checked(visitor: &Visitor, content: &str) -> String {
    let answer = upload(visitor, content);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().to_owned()
}

/// The numbers above a report: created, updated, unchanged, refused.
fn counts(visitor: &Visitor, address: &str) -> Vec<String> {
    visitor.get(address).texts("ul.stats b")
}

fn products(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT sku || '|' || name || '|' || coalesce(price, 0) || '|' || currency || '|' || version FROM products ORDER BY 1")
}

#[test]
fn t50_the_check_says_what_the_import_does_and_a_second_run_changes_nothing() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let before = products(&app);
    let address = checked(&cleo, MIXED);
    assert_eq!(products(&app), before, "a check writes nothing");
    assert_eq!(counts(&cleo, &address), ["1", "1", "1", "7"]);
    let page = cleo.get(&format!("{address}?show=error")).text();
    for said in [
        "No partner has the code NOBODY.",
        "Name is missing.",
        "is not one of product, service",
        "JPY has no decimals",
        "Line 2 has the same partner and SKU.",
        "No partner has the code BOREAL.",
        "The row has 2 cells",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert_eq!(cleo.post(&format!("{address}/apply"), &[]).location(), address);
    assert_eq!(counts(&cleo, &address), ["1", "1", "1", "7"], "as the check said");
    let after = products(&app);
    assert!(after.contains(&"UP-1|Weekend upgrade|9000|points|1".to_owned()), "{after:?}");
    assert!(after.contains(&"SKU-KESTREL|Better offer|8950|EUR|2".to_owned()), "{after:?}");
    assert_eq!(after.len(), before.len() + 1);
    // What the file does not say stays.
    assert_eq!(
        app.database().value("SELECT description FROM products WHERE name = 'Better offer'"),
        "What Kestrel Car Rental offers."
    );
    // Twice: nothing. And a click too many does nothing either.
    app.assert_unchanged(|| cleo.post(&format!("{address}/apply"), &[]).status());
    let again = checked(&cleo, MIXED);
    assert_eq!(counts(&cleo, &again), ["0", "0", "3", "7"]);
    assert!(cleo.get(&again).text().contains("There is nothing to apply"));
    app.assert_unchanged(|| cleo.post(&format!("{again}/apply"), &[]).status());
    let activity = app.as_(HANA).get("/activity?about=offers").text();
    assert!(activity.contains("imported products from products.csv: 1 created, 1 updated, 1 unchanged, 7 refused"));
}

#[test]
fn t51_refused_rows_come_back_as_a_file_and_an_export_can_be_imported() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = checked(&cleo, MIXED);
    let file = cleo.get(&format!("{address}/refused.csv"));
    assert!(file.header("content-type").starts_with("text/csv"));
    let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 8);
    assert!(lines[0].ends_with("Line in the file,Why it was refused") && lines[1].starts_with("NOBODY,X-1,Lost"));
    let export = cleo.get("/products/export.csv").text();
    let again = checked(&cleo, &export);
    assert_eq!(counts(&cleo, &again), ["0", "0", "3", "0"], "an export changes nothing");
}

#[test]
fn t52_an_undo_takes_back_what_nobody_touched() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let before = products(&app);
    let file = "partner,sku,name\nKESTREL,A-1,One\nKESTREL,A-2,Two\nKESTREL,SKU-KESTREL,Renamed\n";
    let address = checked(&cleo, file);
    cleo.post(&format!("{address}/apply"), &[]);
    assert!(cleo.get(&format!("{address}/undo")).text().contains("Removes 2 products that it created"));
    app.database().run("UPDATE products SET version = 2, updated_by_name = 'Hana Host' WHERE sku = 'A-2'");
    assert_eq!(cleo.post(&format!("{address}/undo"), &[]).location(), address);
    let after = products(&app);
    assert!(!after.iter().any(|one| one.starts_with("A-1")) && after.contains(&"A-2|Two|0|points|2".to_owned()));
    assert!(after.contains(&"SKU-KESTREL|Voucher of Kestrel Car Rental|1200|points|3".to_owned()), "{after:?}");
    assert_eq!(after.len(), before.len() + 1);
    assert!(cleo.get(&address).text().contains("Hana Host changed it after the import"));
    app.assert_unchanged(|| cleo.post(&format!("{address}/undo"), &[]).status());
    // Too late.
    let address = checked(&cleo, "partner,sku,name\nKESTREL,A-3,Three\n");
    cleo.post(&format!("{address}/apply"), &[]);
    app.pass(chrono::TimeDelta::days(31));
    let cleo = app.as_(CLEO);
    assert_eq!(app.assert_unchanged(|| cleo.post(&format!("{address}/undo"), &[]).status()), 409);
    assert!(!cleo.get(&address).text().contains("Undo…"));
}

#[test]
fn columns_are_mapped_where_headings_do_not_say_it() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let answer = upload(&hana, "Organisation;Ref;Title\nKESTREL;R-1;Roof box\n");
    let columns = answer.location().to_owned();
    assert!(columns.ends_with("/columns"));
    let form = hana.get(&columns).form("main form");
    let refused = hana.post(&columns, &form.clone().pairs());
    assert!(refused.status() == 422 && refused.error_at("column-sku").contains("Choose the column"));
    let form = form.with("column-partner", "Organisation").with("column-sku", "Ref");
    let address = hana.post(&columns, &form.pairs()).location().to_owned();
    assert_eq!(counts(&hana, &address), ["1", "0", "0", "0"]);
    assert_eq!(hana.post(&format!("{address}/apply"), &[]).status(), 303);
    assert!(hana.get("/products?q=roof").text().contains("Roof box"));
}

#[test]
fn t53_files_that_are_none_are_refused_beside_the_field() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    for (name, bytes) in [
        ("products.pdf", &b"%PDF"[..]),
        ("products.csv", b""),
        ("products.csv", b"partner,sku,name\n"),
        ("products.csv", b"\xff\xfep\x00a\x00"),
    ] {
        let answer = app.assert_unchanged(|| {
            cleo.post_multipart("/products/import", &[], Some(Chosen { field: "file", name, bytes }))
        });
        assert_eq!(answer.status(), 422, "{name}");
        assert!(!answer.error_at("file").is_empty());
    }
    let many = format!("partner,sku,name\n{}", "KESTREL,A,B\n".repeat(5001));
    assert!(upload(&cleo, &many).error_at("file").contains("5,000"));
    let hector = app.as_(HECTOR);
    let address = checked(&cleo, "partner,sku,name\nKESTREL,A-1,One\n");
    for end in ["", "/columns", "/undo", "/refused.csv"] {
        assert_eq!(hector.get(&format!("{address}{end}")).status(), 404, "{end}");
    }
    assert_eq!(app.assert_unchanged(|| hector.post(&format!("{address}/apply"), &[]).status()), 404);
    assert_eq!(app.as_(PIA).get("/products/import").status(), 403);
}

#[test]
fn a_suspended_partner_gets_no_products() {
    let app = TestApp::new();
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    let cleo = app.as_(CLEO);
    let address = checked(&cleo, "partner,sku,name\nKESTREL,A-1,One\n");
    assert_eq!(counts(&cleo, &address), ["0", "0", "0", "1"]);
    assert!(cleo.get(&address).text().contains("Reinstate the partner first"));
}

#[test]
fn the_command_does_the_same() {
    let (app, folder) = (TestApp::new(), TempDir::new().unwrap());
    let file = folder.path().join("products.csv");
    std::fs::write(&file, MIXED).unwrap();
    let run = |more: &[&str]| {
        let mut command = on(&folder, app.database());
        command.args(["import", "products", file.to_str().unwrap(), "--program", "SOLSTICE"]).args(more);
        ended(&mut command)
    };
    let before = products(&app);
    let (code, out, err) = run(&["--dry-run"]);
    assert!(code == 0 && out.contains("1 created, 1 updated, 1 unchanged, 7 refused"), "{out}{err}");
    assert!(err.contains("nothing was written") && out.contains("line 5: partner: No partner has the code NOBODY."));
    assert_eq!(products(&app), before);
    let (code, _, err) = run(&["--all-or-nothing"]);
    assert!(code == 1 && err.contains("nothing was written"), "{err}");
    assert_eq!(products(&app), before);
    let (_, out, err) = run(&[]);
    assert!(out.contains("1 created, 1 updated"), "{out}{err}");
    let (_, out, _) = run(&["--json"]);
    assert!(out.contains("\"created\":0") && out.contains("\"unchanged\":3"), "{out}");
    let by =
        "SELECT actor_name || ', ' || actor_role FROM activity WHERE event -> 'event' ->> 'what' = 'ProductsImported'";
    assert_eq!(app.database().value(by), "Command line, CSR");
}
