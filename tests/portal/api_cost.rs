//! What a customer may have, decided in SQL: that it is decided as everywhere else, and what that costs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::{Connection, Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use portico::access::{Actor, Grant, ReadProduct, session};
use portico::campaigns::decision::{Assigned, CampaignEffect, Offer, Span, decide};
use portico::db::ids::CampaignId;
use portico::products::store::storefront::{Customer, Shelf, eligible};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::tokens::{ask, json as read};
use crate::support::*;

fn actor(app: &TestApp, who: Person) -> Actor {
    let membership = who.membership().parse().unwrap();
    app.inside().db.system_now("test", |tx| session::as_member(tx, membership)).unwrap().unwrap()
}

fn grant(app: &TestApp, who: Person) -> Grant<ReadProduct> {
    Grant::check(actor(app, who)).unwrap()
}

fn hour(number: i64) -> DateTime<Utc> {
    "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(number)
}

/// Hours from and until.
type Hours = (i64, Option<i64>);

/// An assignment: campaign, product (of 6) or else partner (of 3), tier, hours, and whether it is live.
type Row = (usize, Option<usize>, usize, i32, Hours, bool);

#[derive(Clone, Debug)]
struct World {
    /// State and hours.
    campaigns: Vec<(usize, Hours)>,
    rows: Vec<Row>,
    /// Which partners are active, and which products.
    partners: Vec<bool>,
    products: Vec<bool>,
}

const STATES: [&str; 5] = ["approved", "paused", "archived", "draft", "awaiting_approval"];

fn world() -> impl Strategy<Value = World> {
    let hours = || (0i64..40, prop::option::of(1i64..30)).prop_map(|(from, long)| (from, long.map(|long| from + long)));
    let state =
        prop_oneof![5 => Just(0usize), 1 => Just(1usize), 1 => Just(2usize), 1 => Just(3usize), 1 => Just(4usize)];
    let row = (0usize..4, prop::option::of(0usize..6), 0usize..3, 1i32..4, hours(), prop::bool::weighted(0.9));
    (
        prop::collection::vec((state, hours()), 4),
        prop::collection::vec(row, 0..16),
        prop::collection::vec(prop::bool::weighted(0.85), 3),
        prop::collection::vec(prop::bool::weighted(0.9), 6),
    )
        .prop_map(|(campaigns, rows, partners, products)| World { campaigns, rows, partners, products })
}

const PARTNERS: [&str; 3] = [partner::SOLHQ, partner::KESTREL, partner::MERIDIAN];

fn campaign_id(at: usize) -> String {
    format!("ca000000-0000-7000-8000-00000000000{at}")
}

fn product_id(at: usize) -> String {
    format!("da000000-0000-7000-8000-00000000000{at}")
}

fn ends(hours: Hours) -> String {
    hours.1.map_or_else(|| "NULL".into(), |until| format!("'{}'", hour(until).to_rfc3339()))
}

impl World {
    /// Whose an assignment is: of the product's partner, where there is a product.
    fn partner(row: &Row) -> usize {
        row.1.map_or(row.2, |product| product % 3)
    }

    fn store(&self, app: &TestApp) {
        let program = program::SOLSTICE;
        let mut sql = String::from(
            "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM tier_assignments; DELETE FROM campaign_partners; DELETE FROM campaigns; DELETE FROM products;",
        );
        for (at, (state, hours)) in self.campaigns.iter().enumerate() {
            let (id, state, from, until) = (campaign_id(at), STATES[*state], hour(hours.0).to_rfc3339(), ends(*hours));
            sql += &format!("INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, ends_at, owner_name, created_at, updated_at, updated_by_name)
                VALUES ('{id}', '{program}', 'C-{at}', 'C', '{state}', 'UTC', '{from}', {until}, 'C', now(), now(), 'C');");
            for partner in PARTNERS {
                sql += &format!("INSERT INTO campaign_partners VALUES ('{program}', '{partner}', '{id}', now(), 'C');");
            }
        }
        for (at, is_active) in self.products.iter().enumerate() {
            let (id, partner, status) =
                (product_id(at), PARTNERS[at % 3], if *is_active { "active" } else { "archived" });
            sql += &format!("INSERT INTO products (id, program_id, partner_id, sku, name, kind, status, created_at, updated_at, updated_by_name)
                VALUES ('{id}', '{program}', '{partner}', 'P-{at}', 'Product {at}', 'product', '{status}', now(), now(), 'C');");
        }
        for row in &self.rows {
            let (campaign, product, _, tier, hours, is_live) = row;
            let product = product.map_or_else(|| "NULL".into(), |at| format!("'{}'", product_id(at)));
            let tier = [tier::GOLD, tier::SILVER, tier::MEMBER][usize::try_from(*tier).unwrap() - 1];
            sql += &format!("INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, product_id, tier_id, state, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
                VALUES (gen_random_uuid(), '{program}', '{}', '{}', {product}, '{tier}', '{}', 'UTC', '{}', {}, now(), 'C', now(), 'C');",
                PARTNERS[World::partner(row)], campaign_id(*campaign), if *is_live { "live" } else { "draft" }, hour(hours.0).to_rfc3339(), ends(*hours));
        }
        for (partner, is_active) in PARTNERS.iter().zip(&self.partners) {
            sql += &format!(
                "UPDATE partners SET status = '{}' WHERE id = '{partner}';",
                if *is_active { "active" } else { "suspended" }
            );
        }
        app.database().run(&(sql + "COMMIT"));
    }

    /// The assignments that decide about a product, as the decision takes them.
    fn assigned(&self, ids: &[CampaignId], product: usize) -> Vec<Assigned> {
        let span = |hours: Hours| Span { from: hour(hours.0), until: hours.1.map(hour) };
        let decides = |row: &&Row| row.5 && (row.1 == Some(product) || row.1.is_none() && row.2 == product % 3);
        self.rows
            .iter()
            .filter(decides)
            .filter_map(|row| {
                let (state, hours) = self.campaigns[row.0];
                let effect =
                    [CampaignEffect::Runs, CampaignEffect::Paused, CampaignEffect::Over].get(state).copied()?;
                let (campaign, campaign_span, is_own) = (ids[row.0], span(hours), row.1.is_some());
                Some(Assigned { campaign, effect, campaign_span, is_own, span: span(row.4), precedence: row.3 })
            })
            .collect()
    }

    /// What a customer may have, by the decision alone.
    fn expected(&self, ids: &[CampaignId], tiers_on: bool, tier: Option<i32>, at: DateTime<Utc>) -> Vec<usize> {
        let open = |product: &usize| {
            let assigned = self.assigned(ids, *product);
            let is_offered = self.products[*product] && self.partners[product % 3];
            decide(Offer { tiers_on, is_offered, assigned: &assigned }, tier, at).availability.is_open()
        };
        (0..self.products.len()).filter(open).collect()
    }
}

#[test]
fn s1_11_what_sql_lets_through_is_what_the_decision_lets_through() {
    let app = TestApp::new();
    app.database().run("ALTER TABLE tier_assignments DROP CONSTRAINT tier_assignments_overlap");
    let db = &app.inside().db;
    let (hana, pia) = (grant(&app, HANA), grant(&app, PIA));
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 120, failure_persistence: None, ..Config::default() },
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    let mut seen = (0, 0);
    let ids: Vec<CampaignId> = (0..4).map(|at| campaign_id(at).parse().unwrap()).collect();
    let asked = Mutex::new(&mut seen);
    runner
        .run(&(world(), prop::collection::vec(-2i64..75, 6)), |(world, hours)| {
            world.store(&app);
            for (number, hour_of) in hours.into_iter().enumerate() {
                let (tier, at) = ([None, Some(1), Some(2), Some(3)][number % 4], hour(hour_of));
                let customer = Customer { tiers_on: number != 5, tier, at };
                let found = |grant: &Grant<ReadProduct>| {
                    let found = db.read_now(grant, |tx| eligible(tx, &Shelf::default(), customer, 50, None)).unwrap();
                    found.rows.iter().map(|product| product.id.to_string()).collect::<Vec<_>>()
                };
                let expected = world.expected(&ids, customer.tiers_on, tier, at);
                let named = |those: Vec<usize>| those.into_iter().map(product_id).collect::<Vec<_>>();
                let own: Vec<usize> = expected.iter().copied().filter(|product| product % 3 == 1).collect();
                let mut counts = asked.lock().unwrap();
                counts.0 += expected.len();
                counts.1 += 6 - expected.len();
                drop(counts);
                prop_assert_eq!(found(&hana), named(expected), "{:?} at {}", tier, hour_of);
                prop_assert_eq!(found(&pia), named(own), "Kestrel alone: {:?} at {}", tier, hour_of);
            }
            Ok(())
        })
        .unwrap();
    assert!(seen.0 > 500 && seen.1 > 500, "otherwise it compared nothing with nothing: {seen:?}");
}

/// Fills the program up to so many products of 100 partners, each with ten assignments of its own in twenty campaigns.
fn fill(app: &TestApp, products: usize) {
    let program = program::SOLSTICE;
    app.database().run(&format!(
        "ALTER TABLE tier_assignments DROP CONSTRAINT IF EXISTS tier_assignments_overlap;
         BEGIN; SET LOCAL session_replication_role = replica;
         INSERT INTO partners (id, program_id, code, name, kind, category, type_id, status, time_zone, created_at, updated_at, updated_by_name)
           SELECT ('3a000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{program}', 'P-' || n, 'Partner ' || n, 'external', 'both',
             '21000000-0000-7000-8000-000000000001', 'active', 'UTC', now(), now(), 'H' FROM generate_series(1, 100) n ON CONFLICT DO NOTHING;
         INSERT INTO campaigns (id, program_id, code, name, state, time_zone, starts_at, owner_name, created_at, updated_at, updated_by_name)
           SELECT ('ca000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{program}', 'C-' || n, 'Campaign ' || n, 'approved', 'UTC',
             '2026-01-01Z', 'C', now(), now(), 'C' FROM generate_series(1, 20) n ON CONFLICT DO NOTHING;
         INSERT INTO campaign_partners SELECT '{program}', p.id, c.id, now(), 'C' FROM partners p, campaigns c
           WHERE p.code LIKE 'P-%' AND c.code LIKE 'C-%' ON CONFLICT DO NOTHING;
         INSERT INTO products (id, program_id, partner_id, sku, name, kind, category, created_at, updated_at, updated_by_name)
           SELECT ('7a000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{program}', ('3a000000-0000-7000-8000-' || lpad((n % 100 + 1)::text, 12, '0'))::uuid,
             'S-' || n, md5(n::text), 'product', 'Category ' || n % 50, now(), now(), 'H' FROM generate_series(1, {products}) n ON CONFLICT DO NOTHING;
         DELETE FROM tier_assignments WHERE campaign_id IN (SELECT id FROM campaigns WHERE code LIKE 'C-%');
         INSERT INTO tier_assignments (id, program_id, partner_id, campaign_id, product_id, tier_id, time_zone, starts_at, ends_at, created_at, created_by_name, updated_at, updated_by_name)
           SELECT gen_random_uuid(), '{program}', p.partner_id, ('ca000000-0000-7000-8000-' || lpad((1 + (k + ascii(p.name)) % 20)::text, 12, '0'))::uuid, p.id,
             ('61000000-0000-7000-8000-00000000000' || 1 + (ascii(p.name) + k / 8) % 3)::uuid, 'UTC',
             '2026-01-01Z'::timestamptz + k * interval '40 days', '2026-01-01Z'::timestamptz + (k + 1) * interval '40 days', now(), 'C', now(), 'C'
           FROM products p, generate_series(1, 10) k WHERE p.sku LIKE 'S-%';
         COMMIT; ANALYZE products; ANALYZE tier_assignments; ANALYZE campaigns; ANALYZE partners; ANALYZE campaign_partners"
    ));
}

#[derive(QueryableByName)]
struct Touched {
    #[diesel(sql_type = diesel::sql_types::Text)]
    relname: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    scans: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows: i64,
}

/// Sequential scans, and rows read, of each table by a page, as Postgres counted them; and the statement itself.
fn touched(app: &TestApp, shelf: &Shelf, customer: Customer) -> (HashMap<String, (i64, i64)>, usize, String) {
    let counted = |conn: &mut PgConnection| -> HashMap<String, (i64, i64)> {
        let lines: Vec<Touched> = diesel::sql_query(
            "SELECT relname::text, seq_scan AS scans, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables",
        )
        .load(conn)
        .unwrap();
        lines.into_iter().map(|line| (line.relname, (line.scans, line.rows))).collect()
    };
    let sent = Arc::new(Mutex::new(Vec::new()));
    let noted = sent.clone();
    let (before, after, page) = app
        .inside()
        .db
        .read_now(&grant(app, HANA), |tx| {
            let before = counted(tx.conn());
            tx.conn().set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    noted.lock().unwrap().push(query.to_string());
                }
            });
            let page = eligible(tx, shelf, customer, 50, None)?;
            tx.conn().set_instrumentation(|_: InstrumentationEvent<'_>| {});
            Ok((before, counted(tx.conn()), page.rows.len()))
        })
        .unwrap();
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 1, "one statement: {sent:?}");
    let none = (0, 0);
    let grown = |(name, (scans, rows)): (String, (i64, i64))| {
        let old = before.get(&name).unwrap_or(&none);
        (name, (scans - old.0, rows - old.1))
    };
    (after.into_iter().map(grown).collect(), page, sent[0].split(" -- binds").next().unwrap().to_owned())
}

const LARGE: [&str; 3] = ["products", "tier_assignments", "redemptions"];

/// The plan of a page for one tier, with its values put in, as the role that sends it.
fn plan(app: &TestApp, statement: &str, values: &[String]) -> Vec<String> {
    let mut text = statement.to_owned();
    for (at, value) in values.iter().enumerate().rev() {
        text = text.replace(&format!("${}", at + 1), value);
    }
    app.database().run(&format!(
        "CREATE TEMPORARY TABLE plan (line text); GRANT ALL ON plan TO portico_host;
         BEGIN; SET LOCAL ROLE portico_host; SELECT set_config('portico.program', '{}', true);
         DO $do$ DECLARE found text; BEGIN FOR found IN EXECUTE $q$EXPLAIN (ANALYZE, BUFFERS) {text}$q$ LOOP
           INSERT INTO plan VALUES (found); END LOOP; END $do$; COMMIT",
        program::SOLSTICE
    ));
    let lines = app.database().values("SELECT line FROM plan");
    app.database().run("DROP TABLE plan");
    lines
}

#[test]
fn a_page_for_one_tier_touches_only_rows_near_the_answer() {
    let app = TestApp::new();
    let customer = Customer { tiers_on: true, tier: Some(2), at: hour(9) };
    let nobody = Customer { tier: None, ..customer };
    let shelves = [
        Shelf::default(),
        Shelf { partner: Some("3a000000-0000-7000-8000-000000000007".parse().unwrap()), ..Shelf::default() },
        Shelf { category: "Category 7".into(), ..Shelf::default() },
    ];
    // The few campaigns, tiers and partners may be read whole, again and again.
    let sum = |found: &HashMap<String, (i64, i64)>| {
        LARGE.iter().filter_map(|table| found.get(*table)).map(|(_, rows)| rows).sum::<i64>()
    };
    let measure = |shelf: &Shelf, customer: Customer| {
        let (found, size, _) = touched(&app, shelf, customer);
        for table in LARGE {
            assert_eq!(
                found.get(table).map_or(0, |(scans, _)| *scans),
                0,
                "{table} is read from end to end: {found:?}"
            );
        }
        (sum(&found), size)
    };
    fill(&app, 3_000);
    let small: Vec<_> = shelves.iter().map(|shelf| measure(shelf, customer)).collect();
    let small_walk = measure(&shelves[0], nobody);
    fill(&app, 20_000);
    assert_eq!(app.database().value("SELECT count(*) FROM tier_assignments WHERE product_id IS NOT NULL"), "200000");
    for ((shelf, small), most) in shelves.iter().zip(small).zip([1_500, 1_500, 1_500]) {
        let (rows, size) = measure(shelf, customer);
        assert!(size >= 20 && small.1 >= 10, "{shelf:?}: {size}");
        assert!(rows < most, "{shelf:?}: {rows}");
        assert!(
            rows <= small.0 * 2 + 200 * (size - small.1.min(size)) as i64,
            "{shelf:?}: {rows} rows, and of a seventh of the products {}",
            small.0
        );
    }
    // Nothing is for a customer without a tier: the walk ends all the same.
    let (rows, size) = measure(&shelves[0], nobody);
    assert!(size == 0 && rows <= small_walk.0 * 3 / 2 && rows < 30_000, "{rows} {small_walk:?}");
    let (_, _, statement) = touched(&app, &shelves[0], customer);
    let at = format!("'{}'::timestamptz", customer.at.to_rfc3339());
    let values = ["2".into(), format!("'{}'::uuid", program::SOLSTICE), at.clone(), at, "51".to_owned()];
    let lines = plan(&app, &statement, &values);
    let plan = lines.join("\n");
    for table in LARGE {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
    }
    assert!(plan.contains("products_program_name_idx") && plan.contains("tier_assignments_product_idx"), "{plan}");
    // No sort but perhaps of the few assignments of one product.
    let sorts: Vec<&String> = lines.iter().filter(|line| line.contains("Sort  (")).collect();
    assert!(sorts.is_empty(), "{plan}");
}

/// Counts the statements of connections to one database.
struct Counting(bool);

static COUNTED: Mutex<String> = Mutex::new(String::new());
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                let name = COUNTED.lock().unwrap();
                self.0 = !name.is_empty() && url.split('?').next().is_some_and(|url| url.ends_with(name.as_str()));
            }
            InstrumentationEvent::StartQuery { .. } if self.0 => {
                STATEMENTS.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

#[test]
fn a_page_of_products_takes_the_same_few_statements_whatever_its_size() {
    set_default_instrumentation(|| Some(Box::new(Counting(false)))).unwrap();
    let app = TestApp::new();
    let name = app.database().value("SELECT current_database()");
    COUNTED.lock().unwrap().clone_from(&name);
    let app = app.another();
    fill(&app, 400);
    let shop = token_of(program::SOLSTICE);
    let count = |path: &str| {
        assert_eq!(ask(&app, &shop, "GET", path, None).status(), 200);
        STATEMENTS.store(0, Ordering::Relaxed);
        let answer = ask(&app, &shop, "GET", path, None);
        assert_eq!(answer.status(), 200, "{}", answer.text());
        (STATEMENTS.load(Ordering::Relaxed), read(&answer)["items"].as_array().unwrap().len())
    };
    for query in ["tier=2", "show=all", "tier=2&campaign=C-3", "show=all&partner=P-7&category=Category%206"] {
        let (few, small) = count(&format!("/api/v1/products?{query}&limit=1"));
        let (many, large) = count(&format!("/api/v1/products?{query}&limit=200"));
        assert!(small == 1 && large >= 4, "{query}: {small} {large}");
        assert!(
            few >= 5 && many <= few + 1 && many <= 16,
            "{query}: {few} statements for one product, {many} for {large}"
        );
    }
}
