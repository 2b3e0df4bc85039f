//! Redemptions: a question and a record are decided by the same rules, and nothing is recorded that they refuse.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::campaigns::path;
use crate::support::tokens::{ask, ask_with, json as read, plant};
use crate::support::*;

const REDEMPTIONS: &str = "/api/v1/redemptions";

fn shop() -> String {
    token_of(program::SOLSTICE)
}

fn wanted(tier: &str) -> Value {
    json!({ "product": product::KESTREL, "tier": tier })
}

fn record_with(app: &TestApp, token: &str, key: &str, body: &Value) -> Answer {
    ask_with(app, token, "POST", REDEMPTIONS, Some(body), &[("Idempotency-Key", key)])
}

fn record(app: &TestApp, key: &str, body: &Value) -> Answer {
    record_with(app, &shop(), key, body)
}

fn check(app: &TestApp, body: &Value) -> Answer {
    ask(app, &shop(), "POST", &format!("{REDEMPTIONS}/check"), Some(body))
}

fn count(app: &TestApp) -> String {
    app.database().value("SELECT count(*) FROM redemptions")
}

fn events(app: &TestApp) -> String {
    app.database().value("SELECT count(*) FROM activity WHERE event #>> '{event,what}' = 'Redeemed'")
}

#[track_caller]
fn pointers(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status(), 422, "{}", answer.text());
    read(answer)["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn s1_16_a_redemption_is_recorded_read_and_seen_in_the_activity() {
    let app = TestApp::new();
    let body =
        json!({ "sku": "sku-kestrel", "partner": "KESTREL", "tier": 2, "quantity": 3, "customer": "member 4711" });
    let asked = check(&app, &body);
    let expected = json!({
        "allowed": true, "availability": "available", "rule": "tier-entitled", "message": null, "tierPrecedence": 2,
        "availableFrom": null, "availableUntil": "2027-03-31T23:00:00Z", "product": product::KESTREL, "sku": "SKU-KESTREL",
        "partner": "KESTREL", "customerTier": "Silver", "quantity": 3, "at": "2026-11-20T09:42:00Z",
    });
    assert_eq!((asked.status(), read(&asked)), (200, expected), "{}", asked.text());
    assert_eq!(count(&app), "0", "to ask records nothing");
    let made = record(&app, "order-1", &body);
    assert_eq!(made.status(), 201, "{}", made.text());
    let one = read(&made);
    let expected = json!({
        "id": one["id"], "product": product::KESTREL, "sku": "SKU-KESTREL", "partner": "KESTREL", "customerTier": "Silver",
        "customerTierPrecedence": 2, "quantity": 3, "customer": "member 4711", "rule": "tier-entitled",
        "at": "2026-11-20T09:42:00Z", "recordedBy": "API token Storefront of Solstice Rewards",
    });
    assert_eq!(one, expected);
    assert_eq!(made.location(), format!("{REDEMPTIONS}/{}", one["id"].as_str().unwrap()));
    assert_eq!(read(&ask(&app, &shop(), "GET", made.location(), None)), one);
    let list = read(&ask(&app, &shop(), "GET", REDEMPTIONS, None));
    assert_eq!(list, json!({ "items": [one], "next": null }));
    // T60: one redemption is one line, which the partner sees too.
    assert_eq!((count(&app), events(&app)), ("1".to_owned(), "1".to_owned()));
    for who in [HANA, PIA] {
        let said = app.as_(who).get("/partners/KESTREL/activity").text();
        assert!(
            said.contains("recorded a redemption of Voucher of Kestrel Car Rental, 3 for a customer in tier Silver"),
            "{said}"
        );
    }
    // The names of that day stay, whatever becomes of them.
    app.database().run("UPDATE tiers SET name = name || '!'; UPDATE products SET sku = sku || '!'");
    let later = read(&ask(&app, &shop(), "GET", made.location(), None));
    assert_eq!((&later["customerTier"], &later["sku"]), (&json!("Silver"), &json!("SKU-KESTREL")));
}

#[test]
fn t60_the_same_key_is_the_same_redemption_however_often_it_is_sent() {
    let app = TestApp::new();
    let first = record(&app, "order-1", &wanted("Gold"));
    assert_eq!((first.status(), first.header("idempotency-replayed")), (201, ""));
    let again = |app: &TestApp, token: &str| {
        let again = record_with(app, token, "order-1", &wanted("Gold"));
        let seen = (again.status(), again.header("idempotency-replayed"), again.location(), again.text());
        assert_eq!(seen, (201, "true", first.location(), first.text()));
    };
    app.assert_unchanged(|| {
        again(&app, &shop());
        again(&app.another(), &shop());
        let other = record(&app, "order-1", &wanted("Silver"));
        assert_eq!(other.status(), 422);
        assert!(read(&other)["detail"].as_str().unwrap().contains("another body"));
    });
    // Also long after, with another token, and when it would be refused by now.
    app.database().run(&format!("UPDATE campaigns SET state = 'paused' WHERE id = '{}'", campaign::KESTREL));
    app.pass(TimeDelta::days(8));
    let renewed = crate::support::tokens::plant_for_program(
        &app,
        program::SOLSTICE,
        "renewed",
        r#"["redemptions:write"]"#,
        "2027-01-01Z",
    );
    again(&app, &shop());
    again(&app, &renewed);
    assert_eq!(record(&app, "order-2", &wanted("Gold")).status(), 409);
    assert_eq!((count(&app), events(&app)), ("1".to_owned(), "1".to_owned()));
    // Partners' keys do not meet each other's, nor the program's.
    app.database().run(&format!("UPDATE campaigns SET state = 'approved' WHERE id = '{}'", campaign::KESTREL));
    for (partner, product) in [(partner::KESTREL, product::KESTREL), (partner::MERIDIAN, product::MERIDIAN)] {
        let body = json!({ "product": product, "tier": 1 });
        let made = record_with(&app, &token_of(partner), "order-1", &body);
        assert_eq!((made.status(), made.header("idempotency-replayed")), (201, ""), "{}", made.text());
        let again = record_with(&app, &token_of(partner), "order-1", &body);
        assert_eq!((again.header("idempotency-replayed"), again.location()), ("true", made.location()));
    }
    assert_eq!((count(&app), events(&app)), ("3".to_owned(), "3".to_owned()));
}

#[test]
fn t30_the_same_request_ten_times_at_once_is_one_redemption() {
    let app = TestApp::new();
    let at_once: Vec<(u16, String)> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..10).map(|_| scope.spawn(|| record(&app, "order-2", &wanted("Gold")))).collect();
        senders
            .into_iter()
            .map(|one| one.join().unwrap())
            .map(|one| (one.status(), one.location().to_owned()))
            .collect()
    });
    assert!(at_once.iter().all(|answer| answer == &at_once[0] && answer.0 == 201), "{at_once:?}");
    assert_eq!((count(&app), events(&app)), ("1".to_owned(), "1".to_owned()));
}

/// What is refused, with the rule's name and the words for the customer, and recorded nowhere.
#[track_caller]
fn refused(app: &TestApp, body: &Value, availability: &str, rule: &str, message: &str) {
    let asked = check(app, body);
    assert_eq!(asked.status(), 200, "{}", asked.text());
    let asked = read(&asked);
    assert_eq!(
        (&asked["allowed"], &asked["availability"], &asked["rule"]),
        (&json!(false), &json!(availability), &json!(rule))
    );
    assert_eq!(asked["message"], message);
    let answer = app.assert_unchanged(|| record(app, "refused", body));
    assert_eq!(
        (answer.status(), answer.header("content-type")),
        (409, "application/problem+json"),
        "{}",
        answer.text()
    );
    let problem = read(&answer);
    assert_eq!(problem["type"], "urn:portico:problem:not-redeemable");
    assert_eq!(
        (&problem["availability"], &problem["rule"], &problem["message"]),
        (&json!(availability), &json!(rule), &json!(message))
    );
    assert!(
        problem["detail"].as_str().unwrap().contains(rule)
            && problem["detail"].as_str().unwrap().contains("Nothing was recorded")
    );
}

#[test]
fn s1_16_what_the_decision_does_not_allow_is_refused_with_its_rule() {
    let app = TestApp::new();
    let said = |words: &str| words.replace("It", "Voucher of Kestrel Car Rental");
    let run = |statement: &str| {
        app.database().run(&statement.replace("KESTREL", partner::KESTREL).replace("WINTER", campaign::KESTREL))
    };
    refused(&app, &wanted("Member"), "wrong_tier", "tier-too-low", &said("It is for Silver members."));
    refused(
        &app,
        &json!({ "product": product::KESTREL }),
        "wrong_tier",
        "tier-too-low",
        &said("It is for Silver members."),
    );
    run("UPDATE campaigns SET state = 'paused' WHERE id = 'WINTER'");
    refused(&app, &wanted("Gold"), "paused", "campaign-paused", &said("It is not available at the moment."));
    run(
        "UPDATE campaigns SET state = 'approved' WHERE id = 'WINTER'; UPDATE tier_assignments SET starts_at = '2026-11-20 09:42:01Z' WHERE partner_id = 'KESTREL'",
    );
    refused(&app, &wanted("Gold"), "not_yet", "not-started", &said("It is available from 20 Nov 2026."));
    run(
        "UPDATE tier_assignments SET starts_at = '2026-10-01Z', ends_at = '2026-11-20 09:42Z' WHERE partner_id = 'KESTREL'",
    );
    refused(&app, &wanted("Gold"), "expired", "ended", &said("It was available until 20 Nov 2026."));
    run(
        "DELETE FROM tier_assignments WHERE partner_id = 'KESTREL'; UPDATE products SET status = 'archived' WHERE partner_id = 'KESTREL'",
    );
    refused(&app, &wanted("Gold"), "withdrawn", "withdrawn", &said("It is no longer offered."));
    run("UPDATE products SET status = 'active'; UPDATE partners SET status = 'suspended' WHERE id = 'KESTREL'");
    refused(&app, &wanted("Gold"), "withdrawn", "withdrawn", &said("It is no longer offered."));
    run("UPDATE partners SET status = 'active'");
    let open = record(&app, "open", &json!({ "product": product::KESTREL }));
    assert_eq!(
        (open.status(), &read(&open)["rule"], &read(&open)["customerTier"]),
        (201, &json!("open-to-all"), &Value::Null)
    );
    run("UPDATE programs SET tiers_enabled = false");
    let off = record(&app, "off", &wanted("Nonsense"));
    assert_eq!(
        (off.status(), &read(&off)["rule"], &read(&off)["customerTierPrecedence"]),
        (201, &json!("tiers-off"), &Value::Null)
    );
    // A question may be about another moment; a record is of now.
    run("UPDATE programs SET tiers_enabled = true");
    let mut then = json!({ "product": product::MERIDIAN, "tier": 1, "at": "2026-09-01T00:00:00Z" });
    assert_eq!(read(&check(&app, &then))["availability"], "not_yet");
    then["at"] = "2027-06-01T00:00:00Z".into();
    assert_eq!(read(&check(&app, &then))["availability"], "expired");
    app.assert_unchanged(|| assert_eq!(pointers(&record(&app, "then", &then)), ["/at"]));
}

#[test]
fn t50_each_member_refuses_what_it_cannot_be() {
    let app = TestApp::new();
    assert_eq!(check(&app, &wanted("Gold")).status(), 200);
    let long = "x".repeat(201);
    app.assert_unchanged(|| {
        for (body, wrong) in [
            (json!({}), vec!["/product"]),
            (
                json!({ "product": 7, "tier": true, "quantity": 0, "customer": long }),
                vec!["/product", "/tier", "/quantity", "/customer"],
            ),
            (json!({ "product": "x" }), vec!["/product"]),
            (json!({ "product": product::BOREAL }), vec!["/product"]),
            (json!({ "product": product::KESTREL, "sku": "SKU-KESTREL" }), vec!["/sku"]),
            (json!({ "product": product::KESTREL, "partner": "KESTREL" }), vec!["/partner"]),
            (json!({ "sku": "SKU-KESTREL" }), vec!["/partner"]),
            (json!({ "sku": "SKU-KESTREL", "partner": "NOBODY" }), vec!["/partner"]),
            (json!({ "sku": "SKU-BOREAL", "partner": "BOREAL" }), vec!["/partner"]),
            (json!({ "sku": "SKU-MERIDIAN", "partner": "KESTREL" }), vec!["/sku"]),
            (json!({ "product": product::KESTREL, "tier": "Platinum" }), vec!["/tier"]),
            (json!({ "product": product::KESTREL, "tier": 4 }), vec!["/tier"]),
            (json!({ "product": product::KESTREL, "tier": 1.5 }), vec!["/tier"]),
            (json!({ "product": product::KESTREL, "tier": -1 }), vec!["/tier"]),
            (json!({ "product": product::KESTREL, "tier": "" }), vec!["/tier"]),
            (json!({ "product": product::KESTREL, "quantity": 1_000_001 }), vec!["/quantity"]),
            (json!({ "product": product::KESTREL, "quantity": "2" }), vec!["/quantity"]),
            (json!({ "product": product::KESTREL, "at": "tomorrow" }), vec!["/at"]),
            (json!({ "product": product::KESTREL, "customer": "a\u{0}b" }), vec!["/customer"]),
        ] {
            assert_eq!(pointers(&check(&app, &body)), wrong, "{body}");
            let mut recorded = pointers(&record(&app, "bad", &body));
            recorded.dedup();
            assert_eq!(recorded, wrong, "{body}");
        }
        let unknown = json!({ "product": product::KESTREL, "tear": 1 });
        assert_eq!((check(&app, &unknown).status(), record(&app, "bad", &unknown).status()), (400, 400));
        let without = ask(&app, &shop(), "POST", REDEMPTIONS, Some(&wanted("Gold")));
        assert_eq!(without.status(), 400);
        assert!(read(&without)["detail"].as_str().unwrap().contains("Idempotency-Key"));
        for key in ["", &"k".repeat(256)] {
            assert_eq!(record(&app, key, &wanted("Gold")).status(), 400, "{key}");
        }
    });
    assert_eq!(record(&app, &"k".repeat(255), &wanted("Gold")).status(), 201);
}

#[test]
fn s1_16_a_partner_s_own_token_redeems_its_own_products_while_the_partner_may_act() {
    let app = TestApp::new();
    let kestrel = token_of(partner::KESTREL);
    let made = record_with(&app, &kestrel, "a", &json!({ "sku": "SKU-KESTREL", "tier": "Gold" }));
    assert_eq!(made.status(), 201, "its own partner needs not be named: {}", made.text());
    // When a token was used last is noted once a minute.
    for other in [token_of(partner::MERIDIAN), token_of(program::ALTURA)] {
        assert_eq!(ask(&app, &other, "GET", REDEMPTIONS, None).status(), 200);
    }
    app.assert_unchanged(|| {
        for body in [
            json!({ "product": product::MERIDIAN, "tier": 1 }),
            json!({ "sku": "SKU-MERIDIAN", "partner": "MERIDIAN", "tier": 1 }),
        ] {
            assert_eq!(record_with(&app, &kestrel, "b", &body).status(), 422);
        }
        let meridian = token_of(partner::MERIDIAN);
        assert_eq!(ask(&app, &meridian, "GET", REDEMPTIONS, None).status(), 200);
        assert!(!ask(&app, &meridian, "GET", REDEMPTIONS, None).text().contains("KESTREL"));
        assert_eq!(ask(&app, &meridian, "GET", made.location(), None).status(), 404);
        let altura = token_of(program::ALTURA);
        assert_eq!(ask(&app, &altura, "GET", made.location(), None).status(), 404);
        assert_eq!(read(&ask(&app, &altura, "GET", REDEMPTIONS, None))["items"], json!([]));
    });
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    app.assert_unchanged(|| {
        let asked = ask(&app, &kestrel, "POST", &format!("{REDEMPTIONS}/check"), Some(&wanted("Gold")));
        assert_eq!((asked.status(), &read(&asked)["availability"]), (200, &json!("withdrawn")));
        assert_eq!(record_with(&app, &kestrel, "c", &wanted("Gold")).status(), 403);
    });
    let old = plant(&app, partner::MERIDIAN, "old", r#"["redemptions:write"]"#, "2026-11-20 09:42:00Z", false);
    app.assert_unchanged(|| assert_eq!(record_with(&app, &old, "d", &wanted("Gold")).status(), 401));
}

#[test]
fn redemptions_are_listed_latest_first_and_page_by_page() {
    let app = TestApp::new();
    for (at, key) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let product = if at == 2 { product::MERIDIAN } else { product::KESTREL };
        assert_eq!(record(&app, key, &json!({ "product": product, "tier": 1, "customer": key })).status(), 201);
        // Two of the same moment.
        if at != 3 {
            app.pass(TimeDelta::minutes(1));
        }
    }
    let page = |path: &str| {
        let found = read(&ask(&app, &shop(), "GET", path, None));
        let customers: String =
            found["items"].as_array().unwrap().iter().map(|one| one["customer"].as_str().unwrap()).collect();
        (customers, found["next"].as_str().map(str::to_owned))
    };
    let (first, next) = page(&format!("{REDEMPTIONS}?limit=2"));
    let (second, next) = page(&next.unwrap());
    let (third, end) = page(&next.unwrap());
    assert_eq!((first + &second + &third, end), ("edcba".to_owned(), None));
    assert_eq!(page(&format!("{REDEMPTIONS}?partner=MERIDIAN")).0, "c");
    assert_eq!(page(&format!("{REDEMPTIONS}?product={}", product::KESTREL)).0, "edba");
}

/// Sends a redemption while a change of what decides is under way, and says what it was answered, and after how long.
fn during(app: &TestApp, change: &str, held: Duration, ends: &str) -> (Answer, Duration) {
    let mut conn = app.database().connect();
    conn.batch_execute(&format!("BEGIN; {change}")).unwrap();
    std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let began = Instant::now();
            (record(app, "raced", &wanted("Gold")), began.elapsed())
        });
        std::thread::sleep(held);
        conn.batch_execute(ends).unwrap();
        sender.join().unwrap()
    })
}

#[test]
fn beyond_1_nothing_slips_through_between_the_decision_and_the_record() {
    let app = TestApp::new();
    // Not even the first request of a token, which notes its use, shall stand in the way.
    assert_eq!(check(&app, &wanted("Gold")).status(), 200);
    let held = Duration::from_millis(500);
    for (change, availability) in [
        (
            format!(
                "UPDATE tier_assignments SET ends_at = '2026-11-20 09:42Z' WHERE partner_id = '{}'",
                partner::KESTREL
            ),
            "expired",
        ),
        (
            format!(
                "UPDATE tier_assignments SET tier_id = '{}', ends_at = '2026-11-20 09:40Z' WHERE partner_id = '{}'",
                tier::GOLD,
                partner::KESTREL
            ),
            "expired",
        ),
        (format!("UPDATE campaigns SET state = 'paused' WHERE id = '{}'", campaign::KESTREL), "paused"),
        (format!("UPDATE products SET status = 'archived' WHERE id = '{}'", product::KESTREL), "withdrawn"),
        ("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'".to_owned(), "withdrawn"),
    ] {
        app.database().save();
        let (answer, time) = during(&app, &change, held, "COMMIT");
        assert!(time >= held - Duration::from_millis(150), "it waits for the change: {change}, {time:?}");
        assert_eq!(
            (answer.status(), &read(&answer)["availability"]),
            (409, &json!(availability)),
            "{change}: {}",
            answer.text()
        );
        assert_eq!(count(&app), "0", "{change}");
        app.database().restore();
    }
    // The change is given up: then it is allowed.
    let pause = format!("UPDATE campaigns SET state = 'paused' WHERE id = '{}'", campaign::KESTREL);
    let (answer, _) = during(&app, &pause, held, "ROLLBACK");
    assert_eq!(answer.status(), 201, "{}", answer.text());
    app.database().run("DELETE FROM redemptions");
    // It takes too long: nothing is recorded, and the same request may be sent again.
    let (answer, time) = during(&app, &pause, Duration::from_millis(3500), "ROLLBACK");
    assert_eq!((answer.status(), answer.header("retry-after")), (503, "5"), "{}", answer.text());
    assert!(time < Duration::from_secs(3), "{time:?}");
    assert_eq!(record(&app, "raced", &wanted("Gold")).status(), 201);
}

#[test]
fn beyond_1_what_decides_cannot_change_until_the_redemption_is_recorded() {
    let app = TestApp::new();
    let cleo = app.as_(CLEO);
    let address = path(campaign::KESTREL, "/status/pausing");
    let form = cleo.get(&address).form("form.form").with("reason", "For now");
    // What a redemption does before it is recorded.
    let mut conn = app.database().connect();
    let hold = format!(
        "BEGIN; SET LOCAL ROLE portico_partner;
         SELECT set_config('portico.program', '{}', true), set_config('portico.partner', '{}', true), portico_hold_offer('{}')",
        program::SOLSTICE, partner::KESTREL, product::KESTREL
    );
    conn.batch_execute(&hold).unwrap();
    let (answer, time) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let began = Instant::now();
            (cleo.post(&address, &form.pairs()), began.elapsed())
        });
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(
            app.database().value(&format!("SELECT state FROM campaigns WHERE id = '{}'", campaign::KESTREL)),
            "approved"
        );
        conn.batch_execute("COMMIT").unwrap();
        sender.join().unwrap()
    });
    assert!(answer.status() == 303 && time >= Duration::from_millis(350), "{time:?}: {}", answer.text());
    // Nobody holds what they do not see.
    conn.batch_execute(&hold.replace(product::KESTREL, product::MERIDIAN)).unwrap();
    app.database().run(&format!("UPDATE products SET category = 'Free' WHERE id = '{}'", product::MERIDIAN));
    conn.batch_execute("COMMIT").unwrap();
}
