//! Products: making, changing and archiving them, who may have them, and what others do not see.

use std::io::Cursor;

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

fn path(id: &str) -> String {
    format!("/products/{id}")
}

fn new_form(visitor: &Visitor) -> html::Filled {
    let page = visitor.get("/products/new?partner=KESTREL");
    assert_eq!(page.status(), 200, "{}", page.text());
    let form = page.form("form.form").without("image");
    let filled = [("name", "Weekend Gold Upgrade"), ("sku", "KC-UPG"), ("category", "Car rental"), ("price", "9000")];
    filled.into_iter().fold(form, |form, (name, value)| form.with(name, value))
}

fn create(visitor: &Visitor, form: &html::Filled) -> Answer {
    visitor.post_multipart("/products", &form.pairs(), None)
}

fn edit(visitor: &Visitor, id: &str) -> html::Filled {
    visitor.get(&format!("{}/edit", path(id))).form("form.form").without("image")
}

fn save(visitor: &Visitor, id: &str, form: &html::Filled) -> Answer {
    visitor.post_multipart(&format!("{}/edit", path(id)), &form.pairs(), None)
}

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(900, 300).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Puts assignments into the world: id, tier, from, until, the product's own or its partner's, state of the campaign.
type Assigned<'a> = (&'a str, &'a str, &'a str, &'a str, bool, &'a str);

fn assign(app: &TestApp, rows: &[Assigned<'_>]) {
    app.database().run("DELETE FROM tier_assignments");
    for (order, (tier, from, until, campaign_until, own, state)) in rows.iter().enumerate() {
        let date = |text: &str| if text.is_empty() { "NULL".to_owned() } else { format!("'{text}'::timestamptz") };
        let (id, product) = (
            format!("c{order:x}000000-0000-7000-8000-000000000001"),
            if *own { format!("'{}'", product::KESTREL) } else { "NULL".into() },
        );
        app.database().run(&format!(
            "INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, ends_at, owner_name, created_at, updated_at, updated_by_name)
               VALUES ('{id}', '{0}', 'C-{order}', 'Campaign {order}', '{state}', 'Europe/Lisbon', '2026-01-01Z', {3}, 'H', now(), now(), 'H');
             INSERT INTO campaign_partners (program_id, partner_id, campaign_id, linked_at, linked_by_name) VALUES ('{0}', '{1}', '{id}', now(), 'H');
             INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, product_id, tier_id, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
               VALUES ('{id}', '{0}', '{1}', '{id}', {product}, '{tier}', 'Europe/Dublin', {2}, {4}, now(), 'H', now(), 'H')",
            program::SOLSTICE,
            partner::KESTREL,
            date(from),
            date(campaign_until),
            date(until)
        ));
    }
}

/// What the list says of Kestrel's product.
fn asked(visitor: &Visitor) -> String {
    visitor.get("/products?partner=KESTREL").first("td[data-label='Asks for now']")
}

/// Words of each tier on the page of Kestrel's product.
fn verdicts(visitor: &Visitor) -> Vec<String> {
    visitor.get(&path(product::KESTREL)).texts("td[data-label=Now] .state")
}

#[test]
fn s1_6_a_csr_makes_edits_archives_and_restores_a_product() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let answer = create(&cleo, &new_form(&cleo));
    assert_eq!(answer.status(), 303, "{}", answer.text());
    let address = answer.location().to_owned();
    let id = address.rsplit('/').next().unwrap().to_owned();
    let page = cleo.get(&address);
    assert_eq!((page.status(), page.first("h1")), (200, "Weekend Gold Upgrade".to_owned()));
    assert!(page.text().contains("9,000 points") && page.text().contains("KC-UPG"));
    let form = edit(&cleo, &id);
    assert_eq!(save(&cleo, &id, &form).location(), address);
    assert_eq!(
        app.database().value(&format!("SELECT version FROM products WHERE id = '{id}'")),
        "1",
        "nothing differed"
    );
    let form = form.with("price", "18000").with("currency", "JPY");
    assert_eq!(save(&cleo, &id, &form).location(), address);
    assert!(cleo.get(&address).text().contains("18,000 JPY"));
    let stale = app.assert_unchanged(|| save(&cleo, &id, &form.clone().with("name", "Typed")));
    assert!(stale.status() == 409 && stale.text().contains("Cleo Csr changed this product meanwhile"));
    assert!(stale.text().contains("Typed"), "what was typed is kept");
    // Archived and restored, with a reason.
    let archival = format!("{address}/archival");
    let confirm = cleo.get(&archival);
    assert!(confirm.text().contains("No customer sees or redeems it"));
    let form = confirm.form("form.form").with("reason", "Season is over");
    assert_eq!(cleo.post(&archival, &form.pairs()).location(), address);
    assert!(cleo.get(&address).text().contains("Withdrawn products are not available"));
    assert_eq!(app.assert_unchanged(|| cleo.post(&archival, &[("version", "3")]).status()), 409);
    let restoration = format!("{address}/restoration");
    let form = cleo.get(&restoration).form("form.form");
    assert_eq!(cleo.post(&restoration, &form.pairs()).location(), address);
    let said = app.as_(HANA).get(&address).text();
    for sentence in
        ["created the product", "changed the price of the product", "archived the product", "Season is over"]
    {
        assert!(said.contains(sentence), "{sentence}");
    }
    // The partner sees who did it.
    let pia = app.as_(PIA);
    assert!(
        pia.get("/partners/KESTREL/activity?about=offers").text().contains("created the product Weekend Gold Upgrade")
    );
}

#[test]
fn s1_18_what_is_typed_wrong_is_said_beside_its_field() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    for (field, value, said) in [
        ("partner", "NOBODY", "code of one of the partners"),
        ("partner", "BOREAL", "code of one of the partners"),
        ("name", "", "Enter a value"),
        ("name", &"x".repeat(161), "160"),
        ("sku", "", "Enter a value"),
        ("sku", "sku-kestrel", "has a product with this SKU"),
        ("kind", "thing", "not one of"),
        ("category", &"x".repeat(61), "60"),
        ("price", "1,5", "without commas"),
        ("price", "1.5", "no decimals"),
        ("price", "-1", "no price"),
        ("currency", "XXX", "no currency"),
    ] {
        let answer = app.assert_unchanged(|| create(&cleo, &new_form(&cleo).with(field, value)));
        assert_eq!(answer.status(), 422, "{field} {value}");
        assert!(answer.error_at(field).contains(said), "{field}: {}", answer.error_at(field));
        if field != "name" {
            assert!(answer.text().contains("Weekend Gold Upgrade"), "what was typed is kept");
        }
    }
    let file = Chosen { field: "image", name: "x.png", bytes: b"<svg/>" };
    let form = new_form(&cleo).with("name", "");
    let answer = app.assert_unchanged(|| cleo.post_multipart("/products", &form.pairs(), Some(file)));
    assert!(answer.status() == 422 && !answer.error_at("image").is_empty() && !answer.error_at("name").is_empty());
}

#[test]
fn t42_images_are_our_own_encoding_and_only_their_readers_see_them() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let mut bytes = png();
    bytes.extend_from_slice(b"<script>alert(1)</script>");
    let form = edit(&cleo, product::KESTREL);
    let file = Chosen { field: "image", name: "x.png", bytes: &bytes };
    let saved = cleo.post_multipart(&format!("{}/edit", path(product::KESTREL)), &form.pairs(), Some(file));
    assert_eq!(saved.status(), 303, "{}", saved.text());
    let image = format!("{}/image", path(product::KESTREL));
    let served = cleo.get(&image);
    assert_eq!((served.status(), served.header("content-type")), (200, "image/png"));
    assert!(!served.text().contains("script") && served.header("content-security-policy").starts_with("sandbox"));
    let read = image::load_from_memory(served.bytes()).unwrap();
    assert_eq!((read.width(), read.height()), (640, 213));
    assert_eq!(app.as_(PIA).get(&image).status(), 200);
    for who in [MIRA, HECTOR, PETRA] {
        assert_eq!(app.as_(who).get(&image).status(), 404, "{}", who.name);
    }
    let removal = format!("{image}/removal");
    let form = cleo.get(&removal).form("form.form");
    assert_eq!(cleo.post(&removal, &form.pairs()).status(), 303);
    assert_eq!(cleo.get(&image).status(), 404);
}

#[test]
fn s0_8_a_partner_reads_its_own_products_and_nobody_elses() {
    let app = TestApp::new();
    let names = |visitor: &Visitor, address: &str| visitor.get(address).texts("tbody th a");
    for who in [PIA, UMA, OTTO] {
        let visitor = app.as_(who);
        assert_eq!(names(&visitor, "/products"), ["Voucher of Kestrel Car Rental"], "{}", who.name);
        assert_eq!(visitor.get("/products").first("p[role=status]"), "1 product");
        assert_eq!(names(&visitor, "/products?partner=MERIDIAN"), Vec::<String>::new());
        assert!(!visitor.get("/search?q=Voucher").text().contains("Meridian"), "{}", who.name);
        assert!(visitor.get("/search?q=Voucher").text().contains("Voucher of Kestrel Car Rental"));
        for foreign in [product::MERIDIAN, product::SOLHQ, product::BOREAL] {
            assert_eq!(visitor.get(&path(foreign)).status(), 404);
        }
        assert_eq!(visitor.get("/partners/MERIDIAN/products").status(), 404);
        assert_eq!(visitor.get("/partners/KESTREL/products").status(), 200);
        assert_eq!(visitor.get("/products/new").status(), 403);
        let post = || visitor.post(&format!("{}/archival", path(product::KESTREL)), &[("version", "1")]).status();
        assert_eq!(app.assert_unchanged(post), 403);
        let page = visitor.get(&path(product::KESTREL));
        assert!(page.status() == 200 && !page.text().contains("/edit"), "{}", who.name);
    }
    let file = app.as_(PIA).get("/products/export.csv").text();
    assert!(file.contains("SKU-KESTREL") && !file.contains("MERIDIAN") && file.lines().count() == 2);
    assert_eq!(app.as_(UMA).get("/products/export.csv").status(), 403);
    assert_eq!(app.as_(RUI).get("/products").status(), 403);
    // Another program's host sees nothing of it.
    let hector = app.as_(HECTOR);
    assert!(!hector.get("/products").text().contains("Solstice") && names(&hector, "/products").len() == 3);
    assert!(!hector.get("/search?q=Voucher").text().contains("Meridian"));
    for id in [product::KESTREL, product::MERIDIAN] {
        assert_eq!(hector.get(&path(id)).status(), 404);
        let post = || save(&hector, product::BOREAL, &edit(&hector, product::BOREAL)).status();
        assert_eq!(post(), 303);
        let foreign = || hector.post(&format!("{}/archival", path(id)), &[("version", "1")]).status();
        assert_eq!(app.assert_unchanged(foreign), 404);
    }
    let both = [("id", product::BOREAL), ("id", product::KESTREL), ("act", "archival")];
    assert!(!hector.post("/products/bulk", &both).text().contains("Kestrel Car Rental"));
}

#[test]
fn s1_11_the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::new();
    app.database().run(&format!(
        "INSERT INTO products (id, program_id, partner_id, sku, name, kind, category, currency, price, status, created_at, updated_at, updated_by_name)
           SELECT gen_random_uuid(), '{}', '{}', 'N-' || n, 'Night ' || lpad(n::text, 3, '0'), 'service', CASE WHEN n % 2 = 0 THEN 'Even' ELSE 'Odd' END,
             CASE WHEN n % 3 = 0 THEN 'EUR' ELSE 'points' END, NULLIF(n, 7), CASE WHEN n > 55 THEN 'archived' ELSE 'active' END, now(),
             '2026-11-01Z'::timestamptz + n * interval '1 minute', 'H' FROM generate_series(1, 60) n",
        program::SOLSTICE,
        partner::MERIDIAN
    ));
    let cleo = app.as_(CLEO);
    let count = |query: &str| cleo.get(&format!("/products?{query}")).first("p[role=status]");
    assert_eq!(count(""), "63 products");
    assert_eq!(count("q=NIGHT+00"), "9 products");
    assert_eq!(count("q=n-17"), "1 product");
    assert_eq!(count("partner=meridian&category=Even"), "30 products");
    assert_eq!(count("status=archived"), "5 products");
    assert_eq!(count("kind=product"), "3 products");
    assert_eq!(count("image=yes"), "3 products");
    assert_eq!(count("image=no&category=Odd&status=active"), "28 products");
    assert_eq!(count("partner=NOBODY"), "0 products");
    for sort in ["name", "-name", "updated", "-updated", "price", "-price"] {
        let mut seen: Vec<String> = Vec::new();
        let mut next = format!("/products?sort={sort}");
        loop {
            let page = cleo.get(&next);
            seen.extend(page.attributes("tbody th a", "href"));
            match page.attributes("a[rel=next]", "href").first() {
                Some(address) => next = address.clone(),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (63, 63), "{sort}: every product once");
    }
    let prices = cleo.get("/products?sort=-price").texts("td[data-label=Price]");
    assert_eq!((prices[0].as_str(), prices[1].as_str()), ("1,200 points", "1,200 points"));
    let file = cleo.get("/products/export.json?category=Even&sort=-name").text();
    assert!(file.matches("\"sku\"").count() == 30 && file.find("Night 060") < file.find("Night 002"));
    assert!(cleo.get("/products?q=zzz").text().contains("Nothing matches these filters"));
    assert_eq!(cleo.get("/products/export.xlsx").status(), 200);
    assert_eq!(cleo.get("/products/export.doc").status(), 404);
}

#[test]
fn s1_5_lists_and_pages_say_who_may_have_it_now_and_what_changes() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    assign(&app, &[]);
    assert_eq!(asked(&cleo), "Open to all");
    // Now is 20 November: silver until the new year, then gold.
    assign(
        &app,
        &[
            (tier::SILVER, "2026-10-01Z", "2027-01-01Z", "", true, "approved"),
            (tier::GOLD, "2027-01-01Z", "", "", true, "approved"),
        ],
    );
    let said = asked(&cleo);
    assert!(said.contains("2 Silver or higher") && said.contains("through 31 Dec 2026, Europe/Dublin"), "{said}");
    assert_eq!(verdicts(&cleo), ["Available", "Available", "Another tier", "Another tier"]);
    let page = cleo.get(&path(product::KESTREL)).text();
    for words in [
        "1 = highest",
        "tier-entitled",
        "tier-too-low",
        "1 Jan 2027, 00:00",
        "Closes for 2 Silver",
        "Campaign 0",
        "last day included",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // The partner's own people see the same, and the link to the campaign.
    assert!(app.as_(PIA).get(&path(product::KESTREL)).text().contains("Campaign 1"));
    app.pass(chrono::TimeDelta::days(60));
    let cleo = app.as_(CLEO);
    assert_eq!(asked(&cleo), "1 Gold");
    assert_eq!(verdicts(&cleo), ["Available", "Another tier", "Another tier", "Another tier"]);
    // Archived, or of a partner that is not active: nobody's.
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    assert_eq!(asked(&cleo), "Not offered");
    assert_eq!(verdicts(&cleo), ["Withdrawn"; 4]);
    let refused = app.assert_unchanged(|| cleo.get(&format!("{}/edit", path(product::KESTREL))));
    assert!(refused.status() == 409 && refused.text().contains("Reinstate the partner first"));
}

#[test]
fn s1_11_the_filter_agrees_with_the_decision() {
    // What the list says of a product, and which filter finds it.
    let cases: [(&[Assigned<'_>], &str, &[&str]); 8] = [
        (&[], "Open to all", &["1", "2", "3", "open"]),
        (&[(tier::SILVER, "2026-10-01Z", "", "", false, "approved")], "2 Silver or higher", &["2"]),
        (
            &[
                (tier::GOLD, "2026-10-01Z", "", "", false, "approved"),
                (tier::MEMBER, "2026-10-01Z", "", "", true, "approved"),
            ],
            "3 Member or higher",
            &["3"],
        ),
        (&[(tier::GOLD, "2026-12-01Z", "", "", true, "approved")], "Not yet", &["closed"]),
        (&[(tier::GOLD, "2026-10-01Z", "2026-11-01Z", "", true, "approved")], "Expired", &["closed"]),
        (&[(tier::GOLD, "2026-10-01Z", "", "2026-11-01Z", true, "approved")], "Expired", &["closed"]),
        (&[(tier::GOLD, "2026-10-01Z", "", "", true, "paused")], "Campaign paused", &["closed"]),
        (&[(tier::GOLD, "2026-10-01Z", "", "", true, "draft")], "Open to all", &["1", "2", "3", "open"]),
    ];
    for (rows, words, found_by) in cases {
        let app = TestApp::new();
        assign(&app, rows);
        let cleo = app.as_(CLEO);
        assert!(asked(&cleo).starts_with(words), "{rows:?}: {}", asked(&cleo));
        for filter in ["1", "2", "3", "open", "closed"] {
            let page = cleo.get(&format!("/products?partner=KESTREL&tier={filter}"));
            assert_eq!(page.count("tbody tr") == 1, found_by.contains(&filter), "{rows:?} tier={filter}");
        }
    }
    // In one campaign the product's own stand in place of its partner's, even when they are over.
    let app = TestApp::new();
    assign(&app, &[(tier::SILVER, "2026-10-01Z", "", "", false, "approved")]);
    app.database().run(&format!(
        "INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, product_id, tier_id, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, campaign_id, '{}', '{}', time_zone, '2026-10-01Z', '2026-11-01Z', now(), 'H', now(), 'H' FROM tier_assignments
           WHERE partner_id = '{}' AND product_id IS NULL",
        product::KESTREL,
        tier::GOLD,
        partner::KESTREL
    ));
    let cleo = app.as_(CLEO);
    assert!(asked(&cleo).starts_with("Expired"));
    assert_eq!(cleo.get("/products?partner=KESTREL&tier=2").count("tbody tr"), 0);
    assert_eq!(cleo.get("/products?partner=KESTREL&tier=closed").count("tbody tr"), 1);
}

#[test]
fn several_products_are_archived_with_what_is_skipped_and_why() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.database().run(&format!("UPDATE products SET status = 'archived' WHERE id = '{}'", product::MERIDIAN));
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    let all = [("id", product::SOLHQ), ("id", product::KESTREL), ("id", product::MERIDIAN), ("act", "archival")];
    let page = app.assert_unchanged(|| hana.post("/products/bulk", &all));
    assert!(page.first("h1").contains("Archive 1 product?"));
    assert!(page.text().contains("(SKU-MERIDIAN) is archived already"));
    assert!(page.text().contains("(SKU-KESTREL) belongs to Kestrel Car Rental, which is suspended"));
    let form = page.form("form.form");
    assert_eq!(hana.post("/products/bulk", &form.pairs()).location(), "/products");
    assert_eq!(
        app.database().value(&format!("SELECT status FROM products WHERE id = '{}'", product::SOLHQ)),
        "archived"
    );
    assert_eq!(app.assert_unchanged(|| hana.post("/products/bulk", &form.pairs()).status()), 409, "the list is old");
    let export = [("id", product::SOLHQ), ("act", "export")];
    assert!(hana.post("/products/bulk", &export).location().starts_with("/products/export.csv?id="));
    assert_eq!(
        app.assert_unchanged(|| hana.post("/products/bulk", &[("act", "archival")]).location().to_owned()),
        "/products"
    );
    assert_eq!(app.assert_unchanged(|| hana.post("/products/bulk", &[("act", "x")]).status()), 400);
}
