//! What the statements of pages touch, on the data of a large demo: no page reads a table through, and none sorts or
//! counts more than it shows. The server itself tells each plan, with the rows that it really read.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use portico::demo::scale::{self, Cast, Extent};
use serde_json::Value;

use crate::support::*;

const CAST: Cast = Cast { program: "SOLSTICE", hosts: [HANA.email, CLEO.email, RUI.email] };
const EXTENT: Extent = Extent { partners: 2_500, campaigns: 20, whale_tenants: 5_000, whale_events: 20_000 };

/// Rows that the widest node of a page's plans may read: three capped counts, or a table of one row for each partner,
/// which at this size is no more than a page of a list is worth.
const MOST: f64 = 3_000.0;

/// Pages that are known to read more at this size, and why; each is told of in docs/performance.md.
const KNOWN: &[(&str, &str)] = &[(" /configuration:", "goes through every assignment of the program by design")];

fn is_known(page: &str) -> bool {
    KNOWN.iter().any(|(start, _)| page.contains(start))
}

fn large() -> TestApp {
    let app = TestApp::new();
    scale::fill(&app.inside().db, CAST, "none", (EXTENT, 1), |_| {}).unwrap();
    app.database().run("VACUUM ANALYZE");
    app
}

/// The log of the scratch server.
fn log() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("portal-postgres");
    let elsewhere = fs::read_to_string(folder.join("postgres-is-at")).ok();
    elsewhere.map_or_else(|| folder.join("postgres"), |path| path.trim().into()).join("server.log")
}

/// The widest node of a plan: how many rows it read, and what it is.
fn widest(plan: &Value) -> (f64, String) {
    let number = |key: &str| plan[key].as_f64().unwrap_or(0.0);
    let read =
        ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter"];
    let rows = read.iter().map(|key| number(key)).sum::<f64>() * number("Actual Loops").max(1.0);
    let name =
        format!("{} on {}", plan["Node Type"].as_str().unwrap_or("?"), plan["Relation Name"].as_str().unwrap_or("-"));
    let below = plan["Plans"].as_array().into_iter().flatten().map(widest);
    below.fold((rows, name), |most, one| if one.0 > most.0 { one } else { most })
}

/// Plans in a piece of log: those entries whose JSON begins at `plan:`.
fn plans(text: &str) -> Vec<Value> {
    let starts = text.match_indices("plan:\n").map(|(at, mark)| at + mark.len());
    starts.filter_map(|at| serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next()?.ok()).collect()
}

/// Pages whose plans read more than they may, with the widest node and its statement.
fn too_wide(app: &TestApp, pages: &[(Person, String)]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (who, path) in pages {
        let visitor = app.as_(*who);
        let from = fs::metadata(log()).unwrap().len() as usize;
        let answer = visitor.get(path);
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
        let text = fs::read(log()).unwrap();
        let plans = plans(&String::from_utf8_lossy(&text[from.min(text.len())..]));
        assert!(!plans.is_empty(), "{path}: the server told no plan");
        for plan in plans {
            let (rows, node) = widest(&plan["Plan"]);
            if rows > MOST {
                let words: Vec<&str> = plan["Query Text"].as_str().unwrap_or("").split_whitespace().collect();
                let query: String = words.join(" ").chars().take(700).collect();
                found.insert(format!("{} {path}: {rows} rows in {node}", who.name), query);
            }
        }
    }
    found
}

#[test]
fn no_page_reads_more_than_it_shows() {
    let app = large();
    let name = app.database().value("SELECT current_database()");
    app.database().run(&format!(
        "ALTER DATABASE {name} SET session_preload_libraries = 'auto_explain'; \
         ALTER DATABASE {name} SET auto_explain.log_min_duration = 0; \
         ALTER DATABASE {name} SET auto_explain.log_analyze = on; \
         ALTER DATABASE {name} SET auto_explain.log_timing = off; \
         ALTER DATABASE {name} SET auto_explain.log_nested_statements = on; \
         ALTER DATABASE {name} SET auto_explain.log_format = json;"
    ));
    // Sessions of before have the old settings.
    let app = app.another();
    let one = |query: &str| app.database().value(query);
    let review = one("SELECT id FROM integrations WHERE state = 'in_review' ORDER BY id LIMIT 1 OFFSET 5");
    let campaign =
        one("SELECT id FROM campaigns WHERE code ~ '^C[0-9]{4}' AND state = 'approved' ORDER BY code LIMIT 1");
    let product = one("SELECT id FROM products WHERE sku = 'SKU-000400'");
    let tenant = one(
        "SELECT t.id FROM tenants t JOIN partners p ON p.id = t.partner_id WHERE p.code = 'WHALE' ORDER BY t.id LIMIT 1",
    );
    let of_host: Vec<String> = [
        "/",
        "/partners",
        "/partners?sort=updated",
        "/partners?status=active",
        "/partners?q=quetzal",
        "/partners?q=travel",
        "/search?q=quetzal",
        "/search?q=travel",
        "/users",
        "/users?q=lopez",
        "/activity",
        "/integrations",
        "/integrations?q=gift",
        "/tenants",
        "/tenants?q=bakery",
        "/connections",
        "/products",
        "/products?q=gift",
        "/campaigns",
        "/configuration",
        "/system/mail",
        "/invitations",
    ]
    .iter()
    .map(|path| (*path).to_owned())
    .chain(["P000400", "WHALE"].iter().flat_map(|code| {
        let tabs = [
            "",
            "/profile",
            "/users",
            "/integrations",
            "/tenants",
            "/connections",
            "/templates",
            "/products",
            "/campaigns",
            "/activity",
            "/mail",
        ];
        tabs.map(|tab| format!("/partners/{code}{tab}"))
    }))
    .chain([
        format!("/integrations/{review}"),
        format!("/integrations/{review}/review"),
        format!("/tenants/{tenant}"),
        format!("/products/{product}"),
        format!("/campaigns/{campaign}"),
        format!("/campaigns/{campaign}/partners"),
        format!("/campaigns/{campaign}/products"),
        format!("/campaigns/{campaign}/preview"),
    ])
    .collect();
    let pages: Vec<(Person, String)> = of_host.into_iter().map(|path| (HANA, path)).collect();
    let found = too_wide(&app, &pages);
    let told: Vec<String> =
        found.iter().filter(|(page, _)| !is_known(page)).map(|(page, query)| format!("{page}\n    {query}")).collect();
    assert!(told.is_empty(), "pages that read too much:\n{}", told.join("\n"));
    // Six hundred of each take part, and a list counts no further than it says.
    assert!(app.as_(HANA).get("/campaigns").text().contains(">100+<"), "counts of a list end");
}

/// Everything that a database has of rules.
fn rules(app: &TestApp) -> Vec<String> {
    app.database().values(
        // Partitions come in by the month: what holds for their table holds for them.
        "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated FROM pg_constraint \
         WHERE conrelid NOT IN (SELECT inhrelid FROM pg_inherits) \
         UNION ALL SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index JOIN pg_class c ON c.oid = indrelid \
         WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition ORDER BY 1",
    )
}

#[test]
fn a_large_demo_leaves_every_rule_as_it_was_and_is_the_same_for_a_seed() {
    let app = TestApp::new();
    let before = rules(&app);
    let extent = Extent { partners: 120, campaigns: 10, whale_tenants: 300, whale_events: 700 };
    let app_before = app.database().value("SELECT count(*) FROM activity");
    scale::fill(&app.inside().db, CAST, "none", (extent, 7), |_| {}).unwrap();
    assert_eq!(rules(&app), before);
    let count = |query: &str| app.database().value(query).parse::<u64>().unwrap();
    let own = "(SELECT id FROM partners WHERE code ~ '^P[0-9]{6}$' OR code = 'WHALE')";
    assert_eq!(count(&format!("SELECT count(*) FROM partners WHERE id IN {own}")), 120);
    assert_eq!(count(&format!("SELECT count(*) FROM memberships WHERE partner_id IN {own}")), 600);
    assert_eq!(count(&format!("SELECT count(*) FROM integrations WHERE partner_id IN {own}")), 1200);
    assert_eq!(
        count(&format!("SELECT count(*) FROM integrations WHERE state = 'in_review' AND partner_id IN {own}")),
        12
    );
    assert_eq!(count(&format!("SELECT count(*) FROM tenants WHERE partner_id IN {own}")), 119 * 20 + 300);
    assert_eq!(count(&format!("SELECT count(*) FROM tier_assignments WHERE partner_id IN {own}")), 1200);
    // The rounds, the whale's own, the campaigns, and what was submitted lately.
    let more = count("SELECT count(*) FROM activity") - app_before.parse::<u64>().unwrap();
    assert_eq!(
        more,
        120 * 50
            + 700
            + 10
            + 12
            + count(&format!(
                "SELECT count(*) FROM integrations WHERE state = 'changes_requested' AND partner_id IN {own}"
            ))
    );
    let sum =
        |app: &TestApp| app.database().value("SELECT md5(string_agg(id::text || name, ',' ORDER BY id)) FROM tenants");
    let other = TestApp::new();
    scale::fill(&other.inside().db, CAST, "none", (extent, 7), |_| {}).unwrap();
    assert_eq!(sum(&app), sum(&other));
    // Its log is chained, and verified as any other.
    let report = portico::audit::verify::all(
        &app.inside().db,
        &portico::audit::Seals::new(&app.inside().key, &[]),
        None,
        |_, _| {},
    )
    .unwrap();
    assert!(report.is_whole() && report.waiting == 0 && report.verified > 6000, "{report:?}");
    // Its pages open, and what people do with its rows passes the rules.
    let hana = app.as_(HANA);
    for path in
        ["/partners/WHALE/activity", "/partners/P000003/integrations", "/activity", "/integrations?tab=published"]
    {
        assert_eq!(hana.get(path).status(), 200, "{path}");
    }
    let review = app.database().value(&format!(
        "SELECT id FROM integrations WHERE state = 'in_review' AND partner_id IN {own} ORDER BY id LIMIT 1"
    ));
    let form = [("page", "listing"), ("field", "summary"), ("weight", "advice"), ("body", "Please say when.")];
    assert_eq!(app.as_(RUI).post(&format!("/integrations/{review}/threads"), &form).status(), 303);
}
