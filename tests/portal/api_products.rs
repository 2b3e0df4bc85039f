//! What storefronts read: products with what became of them for a customer, campaigns, tiers and partners.

use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::campaigns::path;
use crate::support::tokens::{ask, ask_with, json as read, plant_for_program};
use crate::support::*;

const PRODUCTS: &str = "/api/v1/products";

fn shop() -> String {
    token_of(program::SOLSTICE)
}

fn get(app: &TestApp, path: &str) -> Answer {
    ask(app, &shop(), "GET", path, None)
}

#[track_caller]
fn listed(app: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let answer = ask(app, token, "GET", &format!("{PRODUCTS}{query}"), None);
    assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
    read(&answer)["items"].as_array().unwrap().clone()
}

/// The SKUs of a list.
#[track_caller]
fn skus(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    listed(app, token, query).iter().map(|one| one["sku"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn one(app: &TestApp, id: &str, query: &str) -> Value {
    let answer = get(app, &format!("{PRODUCTS}/{id}{query}"));
    assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
    read(&answer)
}

#[track_caller]
fn is(found: &Value, availability: &str, rule: &str, message: Value) {
    assert_eq!(
        (&found["availability"], &found["rule"], &found["message"]),
        (&json!(availability), &json!(rule), &message)
    );
}

/// What an answer says is wrong with the address.
#[track_caller]
fn parameters(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = read(answer);
    let errors = body["errors"].as_array().unwrap();
    errors.iter().map(|one| one["parameter"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn s1_9_every_product_says_which_tier_it_asks_for_and_what_became_of_it() {
    let app = TestApp::new();
    let items = listed(&app, &shop(), "");
    assert_eq!(items.len(), 3);
    for item in &items {
        assert_eq!((&item["tierPrecedence"], &item["tier"]), (&json!(2), &json!("Silver")), "{item}");
    }
    let kestrel = one(&app, product::KESTREL, "?tier=Silver");
    let image = kestrel["image"].as_str().unwrap().to_owned();
    let partner = json!({ "code": "KESTREL", "name": "Kestrel Car Rental" });
    let expected = json!({
        "id": product::KESTREL, "sku": "SKU-KESTREL", "name": "Voucher of Kestrel Car Rental", "kind": "product",
        "description": "What Kestrel Car Rental offers.", "category": "Travel",
        "price": { "amount": 1200, "currency": "points", "decimals": 0 }, "image": image, "partner": partner,
        "tierPrecedence": 2, "tier": "Silver", "availability": "available", "rule": "tier-entitled", "message": null,
        "availableFrom": null, "availableUntil": "2027-03-31T23:00:00Z",
    });
    assert_eq!(kestrel, expected);
    let picture = get(&app, &image);
    assert_eq!((picture.status(), picture.header("content-type")), (200, "image/png"));
    let tag = picture.header("etag").to_owned();
    assert_eq!(ask_with(&app, &shop(), "GET", &image, None, &[("If-None-Match", &tag)]).status(), 304);
    let named = |words: &str| json!(words.replace("It", "Voucher of Kestrel Car Rental"));
    let said = |query: &str| one(&app, product::KESTREL, query);
    is(&said(""), "wrong_tier", "tier-too-low", named("It is for Silver members."));
    is(&said("?tier=3"), "wrong_tier", "tier-too-low", named("It is for Silver members."));
    is(&said("?tier=1"), "available", "tier-entitled", Value::Null);
    is(
        &said("?tier=gold&asOf=2026-09-30T22:59:59Z"),
        "not_yet",
        "not-started",
        named("It is available from 1 Oct 2026."),
    );
    is(&said("?tier=1&asOf=2027-04-01T00:00:00Z"), "expired", "ended", named("It was available until 31 Mar 2027."));
    // The campaign's own words.
    app.database().run(&format!(
        "UPDATE campaigns SET messages = '{{\"wrong_tier\": \"Only {{tier}}: {{product}}\"}}' WHERE id = '{}'",
        campaign::KESTREL
    ));
    is(&said("?tier=3"), "wrong_tier", "tier-too-low", named("Only Silver: It"));
    app.database().run(&format!("UPDATE campaigns SET state = 'paused' WHERE id = '{}'", campaign::KESTREL));
    is(&said("?tier=1"), "paused", "campaign-paused", named("It is not available at the moment."));
    app.database().run(&format!("UPDATE campaigns SET state = 'archived' WHERE id = '{}'", campaign::KESTREL));
    let over = said("?tier=1");
    is(&over, "expired", "ended", named("It is no longer available."));
    assert_eq!(over["availableUntil"], Value::Null, "what is over has no end to come");
    app.database().run("DELETE FROM tier_assignments");
    let open = said("");
    is(&open, "available", "open-to-all", Value::Null);
    assert_eq!(open["tierPrecedence"], Value::Null);
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    is(&said(""), "withdrawn", "withdrawn", named("It is no longer offered."));
    app.database().run(
        "UPDATE partners SET status = 'active'; UPDATE products SET status = 'archived' WHERE sku = 'SKU-KESTREL'",
    );
    is(&said(""), "withdrawn", "withdrawn", named("It is no longer offered."));
    assert_eq!(skus(&app, &shop(), "?show=all"), ["SKU-MERIDIAN", "SKU-SOLHQ"], "archived ones are in no list");
}

#[test]
fn s1_7_while_tiers_are_off_everything_is_open_and_there_are_no_tiers() {
    let app = TestApp::new();
    app.database().run("UPDATE programs SET tiers_enabled = false");
    for query in ["", "?tier=Nonsense", "?tier=3&show=eligible", "?show=eligible"] {
        let items = listed(&app, &shop(), query);
        assert_eq!(items.len(), 3, "{query}");
        for item in items {
            is(&item, "tiers_off", "tiers-off", Value::Null);
            assert_eq!(item["tierPrecedence"], Value::Null);
        }
    }
    let tiers = read(&get(&app, "/api/v1/tiers"));
    assert_eq!(tiers, json!({ "tiersEnabled": false, "items": [], "next": null }));
    app.database().run("UPDATE partners SET status = 'offboarding' WHERE code = 'MERIDIAN'");
    assert_eq!(skus(&app, &shop(), "?show=eligible"), ["SKU-KESTREL", "SKU-SOLHQ"]);
}

#[test]
fn s1_11_lists_are_filtered_by_tier_campaign_partner_category_words_and_moment() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE products SET category = 'Cars' WHERE id = '{}';
         DELETE FROM tier_assignments WHERE partner_id = '{}';
         UPDATE campaigns SET display = 'show-all' WHERE id = '{}'",
        product::KESTREL,
        partner::MERIDIAN,
        campaign::KESTREL
    ));
    let all = ["SKU-KESTREL", "SKU-MERIDIAN", "SKU-SOLHQ"];
    for (query, expected) in [
        ("", &all[..]),
        ("?show=all&tier=3", &all),
        ("?tier=3", &["SKU-MERIDIAN"]),
        ("?tier=Member", &["SKU-MERIDIAN"]),
        ("?tier=%20gold", &all),
        ("?tier=2", &all),
        ("?show=eligible", &["SKU-MERIDIAN"]),
        ("?tier=1&asOf=2027-05-01T00:00:00Z", &["SKU-MERIDIAN"]),
        ("?tier=1&asOf=2026-10-01T00:00:00%2B01:00", &all),
        ("?partner=KESTREL", &["SKU-KESTREL"]),
        ("?partner=KESTREL&tier=3", &[]),
        ("?category=Cars", &["SKU-KESTREL"]),
        ("?category=cars", &[]),
        ("?category=Travel&tier=1", &["SKU-MERIDIAN", "SKU-SOLHQ"]),
        ("?q=meridian", &["SKU-MERIDIAN"]),
        ("?q=sku-k&tier=1", &["SKU-KESTREL"]),
        ("?q=%25", &[]),
        // The campaign says whether what a customer may not have is left out (S1-12).
        ("?campaign=WINTER-KESTREL&tier=3", &["SKU-KESTREL"]),
        ("?campaign=WINTER-KESTREL&tier=3&show=eligible", &[]),
        ("?campaign=WINTER-SOLHQ&tier=3", &[]),
        ("?campaign=WINTER-SOLHQ&tier=3&show=all", &["SKU-SOLHQ"]),
        ("?campaign=WINTER-SOLHQ", &[]),
        ("?campaign=WINTER-MERIDIAN&tier=3", &["SKU-MERIDIAN"]),
    ] {
        assert_eq!(skus(&app, &shop(), query), expected, "{query}");
    }
    assert_eq!(get(&app, &format!("{PRODUCTS}/{}?campaign=WINTER-SOLHQ", product::KESTREL)).status(), 404);
    assert_eq!(one(&app, product::KESTREL, "?campaign=WINTER-KESTREL")["availability"], "wrong_tier");
}

#[test]
fn t50_what_cannot_be_used_in_an_address_is_named() {
    let app = TestApp::new();
    for (query, status, named) in [
        ("tier=Platinum", 400, "tier"),
        ("tier=0", 400, "tier"),
        ("tier=4", 400, "tier"),
        ("tier=99999999999", 400, "tier"),
        ("tier=", 400, "tier"),
        ("tier=1&tier=2", 400, "tier"),
        ("teir=1", 400, "teir"),
        ("asOf=now", 400, "asOf"),
        ("asOf=2026-11-20", 400, "asOf"),
        ("asOf=2026-11-20T00:00:00", 400, "asOf"),
        ("asOf=1999-12-31T00:00:00Z", 400, "asOf"),
        ("show=some", 400, "show"),
        ("limit=0", 400, "limit"),
        ("limit=201", 400, "limit"),
        ("limit=ten", 400, "limit"),
        ("cursor=AAAA", 400, "cursor"),
        ("q=%00", 400, "q"),
        ("category=1%0A1", 400, "category"),
        ("partner=NOBODY", 404, "partner"),
        ("partner=BOREAL", 404, "partner"),
        ("partner=kestrel", 404, "partner"),
        ("campaign=NOTHING", 404, "campaign"),
        ("campaign=WINTER-BOREAL", 404, "campaign"),
        ("campaign=b2000000-0000-7000-8000-000000000002", 404, "campaign"),
    ] {
        let answer = get(&app, &format!("{PRODUCTS}?{query}"));
        assert_eq!((answer.status(), parameters(&answer)), (status, vec![named.to_owned()]), "{query}");
    }
    let both = get(&app, &format!("{PRODUCTS}?limit=x&show=y&z=1"));
    assert_eq!(parameters(&both), ["z", "show", "limit"], "all that is wrong at once");
    for path in [
        "/api/v1/campaigns?state=great",
        "/api/v1/partners?status=great",
        "/api/v1/tiers?x=1",
        "/api/v1/redemptions?product=1",
    ] {
        assert_eq!(get(&app, path).status(), 400, "{path}");
    }
    let path = format!("{PRODUCTS}/{}?limit=3", product::KESTREL);
    assert_eq!(parameters(&get(&app, &path)), ["limit"]);
}

#[test]
fn t51_t52_no_query_whatever_breaks_a_list() {
    let app = TestApp::new();
    let mut runner = TestRunner::deterministic();
    let names = ["tier", "campaign", "partner", "category", "q", "asOf", "show", "limit", "cursor", "state", "product"];
    let hostile = ["' OR 1=1 --", "%", "\\", "{tier}", "\u{0}", "💣", "-1", "1e999", "../..", "<script>", "$1", "NULL"];
    let text = proptest::string::string_regex("\\PC{0,40}").unwrap();
    let random = |runner: &mut TestRunner| text.new_tree(runner).unwrap().current();
    for (at, path) in
        ["products", "campaigns", "partners", "tiers", "redemptions"].into_iter().cycle().take(250).enumerate()
    {
        let word = if at % 3 == 0 { hostile[at % hostile.len()].to_owned() } else { random(&mut runner) };
        let pairs = [(names[at % names.len()], word), (names[(at / 7) % names.len()], random(&mut runner))];
        let address = reqwest::Url::parse_with_params(&format!("http://x/api/v1/{path}"), &pairs).unwrap();
        let answer = get(&app, &format!("{}?{}", address.path(), address.query().unwrap()));
        assert!(matches!(answer.status(), 200 | 400 | 404), "{address}: {}", answer.text());
    }
    for id in hostile {
        let address =
            format!("{PRODUCTS}/{}", id.replace('%', "%25").replace(['/', '\u{0}'], "%2F").replace('\\', "%5C"));
        assert!(matches!(get(&app, &address).status(), 400 | 404), "{address}");
    }
}

/// Assigns Kestrel's products to Gold for some days, through the CSR's pages.
fn assign(app: &TestApp, first: &str, last: &str) {
    app.database().run(&format!("DELETE FROM tier_assignments WHERE partner_id = '{}'", partner::KESTREL));
    let (cleo, address) = (app.as_(CLEO), path(campaign::KESTREL, "/assignments/new"));
    let form = cleo.get(&address).form("form.form").with("whose", "KESTREL").with("tier", tier::GOLD);
    let form = form.with("first_day", first).with("last_day", last).with("state", "live").with("do", "preview");
    let seen = cleo.post(&address, &form.pairs());
    assert_eq!(
        cleo.post(&address, &seen.form("main form[method=post]").with("do", "save").pairs()).status(),
        303,
        "{}",
        seen.text()
    );
}

#[test]
fn s1_4_days_begin_and_end_by_the_clock_of_their_zone_and_the_last_one_is_included() {
    let app = TestApp::new();
    // Dublin puts its clocks back on the first day, and forward on the last.
    assign(&app, "2026-10-25", "2027-03-28");
    let at = |moment: &str| {
        let found = one(&app, product::KESTREL, &format!("?tier=1&asOf={moment}"));
        let checked = json!({ "product": product::KESTREL, "tier": 1, "at": moment });
        let asked = ask(&app, &shop(), "POST", "/api/v1/redemptions/check", Some(&checked));
        assert_eq!(read(&asked)["availability"], found["availability"], "{moment}");
        found["availability"].as_str().unwrap().to_owned()
    };
    for (moment, expected) in [
        ("2026-10-24T22:59:59.999999Z", "not_yet"),
        ("2026-10-24T23:00:00Z", "available"),
        ("2026-10-25T00:59:59Z", "available"),
        ("2026-10-25T01:00:00Z", "available"),
        ("2026-11-20T09:42:00Z", "available"),
        ("2027-03-28T00:59:59Z", "available"),
        ("2027-03-28T22:59:59.999999Z", "available"),
        ("2027-03-28T23:00:00Z", "expired"),
        ("2027-03-29T00:00:00Z", "expired"),
    ] {
        assert_eq!(at(moment), expected, "{moment}");
    }
    let before = one(&app, product::KESTREL, "?asOf=2026-10-24T22:00:00Z");
    assert_eq!(before["availableFrom"], "2026-10-24T23:00:00Z");
    assert_eq!(before["message"], "Voucher of Kestrel Car Rental is available from 25 Oct 2026.");
    let after = one(&app, product::KESTREL, "?asOf=2027-03-29T00:00:00Z");
    assert_eq!(after["availableUntil"], "2027-03-28T23:00:00Z");
    assert_eq!(after["message"], "Voucher of Kestrel Car Rental was available until 28 Mar 2027.");
}

/// Products of Kestrel with names from a prefix and a number.
fn stock(app: &TestApp, prefix: &str, count: usize) {
    app.database().run(&format!(
        "INSERT INTO products (id, program_id, partner_id, sku, name, kind, created_at, updated_at, updated_by_name)
           SELECT gen_random_uuid(), '{}', '{}', '{prefix}-' || n, '{prefix} ' || lpad(n::text, 5, '0'), 'product', now(), now(), 'H'
           FROM generate_series(1, {count}) n; ANALYZE products",
        program::SOLSTICE,
        partner::KESTREL
    ));
}

/// Follows a list to its end; the number of pages, and the SKUs.
fn walked(app: &TestApp, query: &str) -> (usize, Vec<String>) {
    let (mut next, mut pages, mut found) = (format!("{PRODUCTS}{query}"), 0, Vec::new());
    loop {
        let page = read(&get(app, &next));
        pages += 1;
        found.extend(page["items"].as_array().unwrap().iter().map(|one| one["sku"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(address) => next = address.to_owned(),
            None => return (pages, found),
        }
    }
}

#[test]
fn lists_are_paged_by_cursor_without_gaps_or_doubles() {
    let app = TestApp::new();
    stock(&app, "Night", 60);
    for query in ["?limit=25", "?limit=25&tier=1", "?limit=25&show=eligible&tier=2", "?limit=21"] {
        let (pages, found) = walked(&app, query);
        assert_eq!(pages, 3, "{query}");
        assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (63, 63), "{query}");
        assert_eq!((found[0].as_str(), found[62].as_str()), ("Night-1", "SKU-SOLHQ"), "by name: {query}");
    }
    assert_eq!(walked(&app, "?limit=63").0, 1);
    assert_eq!(read(&get(&app, PRODUCTS))["items"].as_array().unwrap().len(), 50, "the usual number");
    // What is added before the cursor changes nothing of what comes after it.
    let first = read(&get(&app, "/api/v1/products?limit=30"));
    stock(&app, "Morning", 5);
    let second = read(&get(&app, first["next"].as_str().unwrap()));
    assert_eq!(second["items"][0]["sku"], "Night-31");
}

#[test]
fn a_page_of_what_a_customer_may_have_looks_at_so_many_products_and_goes_on() {
    let app = TestApp::new();
    app.database().run(&format!("DELETE FROM tier_assignments WHERE partner_id = '{}'", partner::MERIDIAN));
    stock(&app, "Alpha", 4100);
    let first = read(&get(&app, "/api/v1/products?tier=3"));
    assert_eq!((first["items"].as_array().unwrap().len(), first["next"].is_string()), (0, true));
    assert_eq!(walked(&app, "?tier=3"), (3, vec!["SKU-MERIDIAN".to_owned()]));
    // Exactly at the end of what is looked at.
    app.database().run("DELETE FROM products WHERE sku LIKE 'Alpha-%' AND substr(sku, 7)::int > 1998");
    let (pages, found) = walked(&app, "?tier=3");
    assert!(pages <= 2 && found == ["SKU-MERIDIAN"], "{pages} {found:?}");
}

#[test]
fn lists_have_a_tag_and_are_not_sent_again() {
    let app = TestApp::new();
    let winter = format!("/api/v1/campaigns/{}", campaign::KESTREL);
    for path in
        [PRODUCTS, "/api/v1/campaigns", &winter, "/api/v1/tiers", "/api/v1/partners", "/api/v1/partners/KESTREL"]
    {
        let tag = get(&app, path).header("etag").to_owned();
        let again = |tag: &str| ask_with(&app, &shop(), "GET", path, None, &[("If-None-Match", tag)]).status();
        assert_eq!((again(&tag), again("\"x\"")), (304, 200), "{path}");
        app.database().run("UPDATE partners SET name = name || '!'; UPDATE tiers SET name = name || '!'; UPDATE campaigns SET name = name || '!'");
        assert_eq!(again(&tag), 200, "{path}");
    }
}

#[test]
fn s1_10_campaigns_tiers_and_partners_are_read() {
    let app = TestApp::new();
    let tiers = read(&get(&app, "/api/v1/tiers"));
    let names: Vec<_> =
        tiers["items"].as_array().unwrap().iter().map(|one| (one["precedence"].clone(), one["name"].clone())).collect();
    assert_eq!(names, [(json!(1), json!("Gold")), (json!(2), json!("Silver")), (json!(3), json!("Member"))]);
    let campaigns = read(&get(&app, "/api/v1/campaigns?limit=2"));
    assert_eq!(campaigns["items"].as_array().unwrap().len(), 2);
    let rest = read(&get(&app, campaigns["next"].as_str().unwrap()));
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let winter = read(&get(&app, "/api/v1/campaigns/WINTER-KESTREL"));
    assert_eq!(winter, read(&get(&app, &format!("/api/v1/campaigns/{}", campaign::KESTREL))));
    assert_eq!(
        (&winter["state"], &winter["display"], &winter["firstDay"], &winter["lastDay"], &winter["timeZone"]),
        (&json!("active"), &json!("filter"), &json!("2026-10-01"), &json!("2027-03-31"), &json!("Europe/Dublin"))
    );
    assert_eq!(winter["partners"], json!([{ "code": "KESTREL", "name": "Kestrel Car Rental" }]));
    for (query, count) in
        [("?state=active", 3), ("?state=paused", 0), ("?partner=KESTREL", 1), ("?q=winter", 3), ("?q=merid", 1)]
    {
        assert_eq!(
            read(&get(&app, &format!("/api/v1/campaigns{query}")))["items"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    assert_eq!(get(&app, "/api/v1/campaigns/winter-kestrel").status(), 404);
    let partners = read(&get(&app, "/api/v1/partners"));
    let codes: Vec<&str> =
        partners["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["KESTREL", "MERIDIAN", "SOLHQ"]);
    let kestrel = get(&app, "/api/v1/partners/KESTREL");
    assert!(!kestrel.text().contains("Plans with") && !kestrel.text().contains("support@"), "{}", kestrel.text());
    assert_eq!(read(&kestrel)["status"], "active");
    for (query, count) in
        [("?status=active", 3), ("?status=planned", 0), ("?category=accrual", 1), ("?q=kestrel&limit=1", 1)]
    {
        assert_eq!(
            read(&get(&app, &format!("/api/v1/partners{query}")))["items"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    // What was there before is read by a program's token as well.
    assert_eq!(read(&get(&app, "/api/v1/integrations"))["items"][0]["partner"], "KESTREL");
    assert_eq!(read(&get(&app, "/api/v1/tenants"))["items"].as_array().unwrap().len(), 3);
}

#[test]
fn t12_a_partner_s_token_sees_its_own_partner_and_a_program_s_its_own_program() {
    let app = TestApp::new();
    let everything = |token: &str| {
        let lists =
            ["products", "products?tier=1", "campaigns", "partners", "tiers", "redemptions", "integrations", "tenants"];
        lists.map(|list| ask(&app, token, "GET", &format!("/api/v1/{list}"), None).text()).join("\n")
    };
    app.database().run(
        "INSERT INTO redemptions (id, program_id, partner_id, product_id, key, rule, quantity, at, recorded_by_name, sku)
           SELECT gen_random_uuid(), program_id, partner_id, id, 'k' || id, 'open-to-all', 1, '2026-11-19Z', 'Somebody', sku FROM products;
         INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, owner_name, created_at, updated_at, updated_by_name)
           SELECT gen_random_uuid(), id, 'DRAFT-' || code, 'Secret plans', 'draft', 'UTC', '2026-10-01Z', 'C', now(), now(), 'C' FROM programs;
         INSERT INTO campaign_partners SELECT c.program_id, p.id, c.id, now(), 'C' FROM campaigns c JOIN partners p ON p.program_id = c.program_id
           WHERE c.code LIKE 'DRAFT-%' OR p.code = 'MERIDIAN' AND c.code = 'WINTER-KESTREL'",
    );
    let own = everything(&token_of(partner::KESTREL));
    assert!(own.contains("SKU-KESTREL") && own.contains("WINTER-KESTREL"));
    for foreign in ["MERIDIAN", "Meridian", "SOLHQ", "BOREAL", "Altura", "Secret plans", "DRAFT-"] {
        assert!(!own.contains(foreign), "a partner's token tells of {foreign}: {own}");
    }
    let winter = ask(&app, &token_of(partner::KESTREL), "GET", "/api/v1/campaigns/WINTER-KESTREL", None);
    assert!(winter.status() == 200 && !winter.text().contains("MERIDIAN"), "who else takes part is nobody's business");
    let whole = everything(&shop());
    assert!(["SKU-KESTREL", "SKU-MERIDIAN", "SKU-SOLHQ", "Secret plans"].iter().all(|one| whole.contains(one)));
    for foreign in ["BOREAL", "Altura", "ALTHQ"] {
        assert!(!whole.contains(foreign), "a program's token tells of {foreign}");
    }
    let altura = everything(&token_of(program::ALTURA));
    assert!(altura.contains("SKU-BOREAL") && !altura.contains("MERIDIAN") && !altura.contains("Kestrel Car"));
    // Guessed ids, codes and filters.
    for (token, foreign) in [
        (token_of(partner::KESTREL), [product::MERIDIAN, product::BOREAL]),
        (token_of(program::SOLSTICE), [product::BOREAL, "72000000-0000-7000-8000-000000000001"]),
        (token_of(program::ALTURA), [product::KESTREL, product::MERIDIAN]),
    ] {
        for id in foreign {
            for path in [format!("{PRODUCTS}/{id}"), format!("{PRODUCTS}/{id}/image")] {
                let (guessed, nothing) = (
                    ask(&app, &token, "GET", &path, None),
                    ask(&app, &token, "GET", &format!("{PRODUCTS}/{}", program::ALTURA), None),
                );
                assert_eq!((guessed.status(), guessed.text()), (404, nothing.text()), "foreign and missing look alike");
            }
        }
    }
    let pia = token_of(partner::KESTREL);
    for path in [
        "/api/v1/products?partner=MERIDIAN",
        "/api/v1/products?campaign=WINTER-MERIDIAN",
        "/api/v1/campaigns?partner=MERIDIAN",
        "/api/v1/campaigns/WINTER-MERIDIAN",
        "/api/v1/campaigns/DRAFT-SOLSTICE",
        "/api/v1/partners/MERIDIAN",
        "/api/v1/redemptions?partner=MERIDIAN",
    ] {
        assert_eq!(ask(&app, &pia, "GET", path, None).status(), 404, "{path}");
    }
    let path = format!("/api/v1/redemptions?product={}", product::MERIDIAN);
    assert_eq!(read(&ask(&app, &pia, "GET", &path, None))["items"], json!([]));
}

#[test]
fn t11_a_token_of_a_program_opens_what_its_scopes_say_and_only_while_it_is_good() {
    let app = TestApp::new();
    let token = plant_for_program(
        &app,
        program::SOLSTICE,
        "narrow",
        r#"["tiers:read", "tenants:write", "unheard:of"]"#,
        "2026-12-01Z",
    );
    let status = |method: &str, path: &str| {
        ask(&app, &token, method, path, Some(&json!({})).filter(|_| method != "GET")).status()
    };
    assert_eq!(status("GET", "/api/v1/tiers"), 200);
    for path in [PRODUCTS, "/api/v1/campaigns", "/api/v1/partners", "/api/v1/redemptions", "/api/v1/tenants"] {
        assert_eq!(status("GET", path), 403, "{path}");
    }
    assert_eq!((status("POST", "/api/v1/redemptions"), status("POST", "/api/v1/redemptions/check")), (403, 403));
    // A scope that the program's tokens cannot have is of no use even where it is stored.
    let new = json!({ "integration": integration::KESTREL_LIVE, "name": "Inn", "external_id": "i-1" });
    assert_eq!(ask(&app, &token, "POST", "/api/v1/tenants", Some(&new)).status(), 403);
    // One partner's status is nothing to it.
    app.database().run("UPDATE partners SET status = 'suspended'");
    assert_eq!(status("GET", "/api/v1/tiers"), 200);
    app.pass(chrono::TimeDelta::days(11));
    assert_eq!(status("GET", "/api/v1/tiers"), 401);
}
