//! Asks every page on two sizes of a program, and reads from the server's own log what its statements touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::LazyLock;

use portico::demo::scale::{self, Cast, Extent};
use serde_json::Value;

use super::addresses::{Address, Sample, addresses, links, routes};
use crate::support::tokens::{plant, plant_for_program};
use crate::support::*;

pub const CAST: Cast = Cast { program: "SOLSTICE", hosts: [HANA.email, CLEO.email, RUI.email] };
const SMALL: Extent = Extent { partners: 500, campaigns: 20, whale_tenants: 1_000, whale_events: 4_000 };
const LARGE: Extent = Extent { partners: 2_500, campaigns: 20, whale_tenants: 5_000, whale_events: 20_000 };

/// Rows from which on a table is a large one.
const LARGE_TABLE: &str = "5000";

/// The log is cut when it is longer: a plan of each statement of each page is a lot.
const MOST_LOG: u64 = 32 * 1024 * 1024;

/// Who asks.
pub const ASKERS: [&str; 4] = ["host", "reviewer", "whale", "system"];

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub query: String,
    /// Rows that its scans read, but for the first of each that a list is cut at, or a count ends at.
    pub rows: f64,
    /// The node that read most rows: how many, and which.
    pub widest: (f64, String),
    /// The large table that was read through: how many rows, and which.
    pub scan: (f64, String),
    /// Rows that were sorted.
    pub sorted: f64,
}

/// What a page did when it was asked once.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub status: u16,
    pub route: &'static str,
    /// Statements without the frame of transactions.
    pub statements: Vec<String>,
    pub plans: Vec<Plan>,
}

/// Everything that was asked at one size, by who asked and what.
#[derive(Default)]
pub struct Measured {
    pub pages: BTreeMap<(&'static str, String), Seen>,
    /// Tables of many rows, their partitions included.
    pub large: BTreeSet<String>,
}

/// The same pages on a smaller and on a larger program.
pub static MEASURED: LazyLock<[Measured; 2]> = LazyLock::new(|| [SMALL, LARGE].map(measured));

/// The log of the scratch server.
fn log() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("portal-postgres");
    let elsewhere = fs::read_to_string(folder.join("postgres-is-at")).ok();
    elsewhere.map_or_else(|| folder.join("postgres"), |path| path.trim().into()).join("server.log")
}

/// What the log says from a place on.
fn since(from: u64) -> String {
    let mut file = File::open(log()).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where the log ends.
fn log_ends() -> u64 {
    let length = fs::metadata(log()).unwrap().len();
    if length < MOST_LOG {
        return length;
    }
    // The server appends: it goes on from the new end.
    File::options().write(true).open(log()).unwrap().set_len(0).unwrap();
    0
}

/// Plans in a piece of log: those entries whose JSON begins at `plan:`.
fn plans(text: &str) -> Vec<Value> {
    let starts = text.match_indices("plan:\n").map(|(at, mark)| at + mark.len());
    starts.filter_map(|at| serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next()?.ok()).collect()
}

/// Statements in a piece of log, without the frame of transactions.
fn statements(text: &str) -> Vec<String> {
    let is_frame = |text: &str| {
        ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "SAVEPOINT", "RELEASE"].iter().any(|word| text.starts_with(word))
    };
    let entry = |line: &str| {
        let (_, said) = line.split_once("LOG:  ")?;
        let text =
            said.strip_prefix("statement: ").or_else(|| Some(said.strip_prefix("execute ")?.split_once(": ")?.1))?;
        (!is_frame(text)).then(|| text.chars().take(160).collect::<String>())
    };
    text.lines().filter_map(entry).collect()
}

/// Rows at which counts end.
const COUNTED: f64 = 1_001.0;

/// Adds what a node of a plan did, and those below it.
fn add(plan: &mut Plan, node: &Value, is_limited: bool, large: &BTreeSet<String>) {
    let number = |of: &Value, key: &str| of[key].as_f64().unwrap_or(0.0);
    let loops = number(node, "Actual Loops");
    let read =
        ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter"];
    let rows = read.iter().map(|key| number(node, key)).sum::<f64>() * loops.max(1.0);
    let kind = node["Node Type"].as_str().unwrap_or("?");
    let table = node["Relation Name"].as_str();
    if rows > plan.widest.0 {
        plan.widest = (rows, format!("{kind} on {}", table.unwrap_or("-")));
    }
    if table.is_some() {
        plan.rows += if is_limited { (rows - COUNTED).max(0.0) } else { rows };
    }
    if let Some(table) = table.filter(|table| kind == "Seq Scan" && rows > plan.scan.0 && large.contains(*table)) {
        plan.scan = (rows, table.to_owned());
    }
    let below = node["Plans"].as_array().into_iter().flatten();
    if kind.ends_with("Sort") {
        let sorted: f64 = below.clone().map(|one| number(one, "Actual Rows") * number(one, "Actual Loops")).sum();
        plan.sorted = plan.sorted.max(sorted);
    }
    below.for_each(|one| add(plan, one, is_limited || kind == "Limit", large));
}

fn large_tables(app: &TestApp) -> BTreeSet<String> {
    let query = format!(
        "WITH sizes AS (SELECT c.oid, c.relname, coalesce(i.inhparent, c.oid) AS whole, greatest(c.reltuples, 0) AS rows \
           FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid \
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r') \
         SELECT relname FROM sizes WHERE whole IN (SELECT whole FROM sizes GROUP BY whole HAVING sum(rows) > {LARGE_TABLE})"
    );
    app.database().values(&query).into_iter().collect()
}

fn filled(extent: Extent) -> TestApp {
    let app = TestApp::new();
    scale::fill(&app.inside().db, CAST, "none", (extent, 1), |_| {}).unwrap();
    app.database().run("VACUUM ANALYZE");
    crate::sweeps::requests::send_letters(&app);
    let hash = format!("SELECT password_hash FROM users WHERE id = '{}'", HANA.id);
    app.database().run(&format!(
        "UPDATE users SET password_hash = ({hash}) WHERE id = (SELECT m.user_id FROM memberships m JOIN partners p ON p.id = m.partner_id \
           WHERE p.code = 'WHALE' AND m.role = 'admin' ORDER BY m.id LIMIT 1)"
    ));
    let name = app.database().value("SELECT current_database()");
    app.database().run(&format!(
        "ALTER DATABASE {name} SET session_preload_libraries = 'auto_explain'; \
         ALTER DATABASE {name} SET auto_explain.log_min_duration = 0; \
         ALTER DATABASE {name} SET auto_explain.log_analyze = on; \
         ALTER DATABASE {name} SET auto_explain.log_timing = off; \
         ALTER DATABASE {name} SET auto_explain.log_nested_statements = on; \
         ALTER DATABASE {name} SET auto_explain.log_format = json; \
         ALTER DATABASE {name} SET log_statement = 'all';"
    ));
    app
}

const SCOPES: &str = r#"["products:read", "campaigns:read", "tiers:read", "partners:read", "redemptions:read", "integrations:read", "tenants:read"]"#;

/// Somebody with a browser and a token.
struct Asker {
    title: &'static str,
    visitor: Visitor,
    token: String,
    sample: Sample,
    /// Beginnings of the routes that are asked of; none where all are.
    only: &'static [&'static str],
}

fn askers(app: &TestApp) -> Vec<Asker> {
    let whale = app.database().value("SELECT id FROM partners WHERE code = 'WHALE'");
    let of_whale = plant(app, &whale, "whale", SCOPES, "2027-01-01Z", false);
    let of_program = plant_for_program(app, program::SOLSTICE, "program", SCOPES, "2027-01-01Z");
    let email = app.database().value(
        "SELECT u.email FROM users u JOIN memberships m ON m.user_id = u.id JOIN partners p ON p.id = m.partner_id \
         WHERE p.code = 'WHALE' AND u.password_hash <> 'none'",
    );
    let of_the_whale = app.anonymous();
    let form = [("email", email.as_str()), ("password", PASSWORD), ("next", "/")];
    assert_eq!(of_the_whale.post("/sign-in", &form).status(), 303);
    let asker = |title, visitor, token: &str, whale, only| Asker {
        title,
        visitor,
        token: token.into(),
        sample: Sample::of(app, whale),
        only,
    };
    vec![
        asker(ASKERS[0], app.as_(HANA), &of_program, false, &[]),
        asker(ASKERS[1], app.as_(RUI), "", false, &[]),
        asker(ASKERS[2], of_the_whale, &of_whale, true, &[]),
        asker(ASKERS[3], app.as_(SAM), "", false, &["/programs", "/partners/{code}/hosting", "/system"]),
    ]
}

impl Asker {
    fn ask(&self, path: &str) -> Answer {
        let request = self.visitor.request("GET", path);
        let of_api = path.starts_with("/api/v1/");
        self.visitor.send(if of_api {
            request.header("Authorization", format!("Bearer {}", self.token))
        } else {
            request
        })
    }

    /// What a page does that was asked before, so that nothing is asked for the first time.
    fn see(&self, address: &Address, large: &BTreeSet<String>) -> (Seen, Answer) {
        let from = log_ends();
        let answer = self.ask(&address.path);
        assert!(answer.status() < 500, "{}: {}", address.path, answer.text());
        let text = since(from);
        let mut seen = Seen { status: answer.status(), route: address.route, ..Seen::default() };
        seen.statements = statements(&text);
        for told in plans(&text) {
            let words: Vec<&str> = told["Query Text"].as_str().unwrap_or("").split_whitespace().collect();
            let mut plan = Plan { query: words.join(" ").chars().take(1_200).collect(), ..Plan::default() };
            add(&mut plan, &told["Plan"], false, large);
            seen.plans.push(plan);
        }
        (seen, answer)
    }
}

fn is_refused(status: u16) -> bool {
    matches!(status, 401 | 403 | 404)
}

fn measured(extent: Extent) -> Measured {
    let app = filled(extent);
    let mut found = Measured { pages: BTreeMap::new(), large: large_tables(&app) };
    // Sessions of before have the old settings.
    let app = app.another();
    for asker in askers(&app) {
        let is_asked = |path: &str| asker.only.is_empty() || asker.only.iter().any(|start| path.starts_with(start));
        let asked = routes().filter(|route| is_asked(route.path));
        for group in asked.flat_map(|route| addresses(route, &asker.sample)) {
            let Some(address) = group.iter().find(|address| !is_refused(asker.ask(&address.path).status())) else {
                continue;
            };
            let (seen, answer) = asker.see(address, &found.large);
            let is_page = seen.status == 200 && answer.header("content-type").starts_with("text/html");
            if !found.pages.contains_key(&(asker.title, address.name.clone())) && is_page {
                for link in links(address, &answer.text()) {
                    let name = (asker.title, link.name.clone());
                    if !found.pages.contains_key(&name) {
                        asker.ask(&link.path);
                        found.pages.insert(name, asker.see(&link, &found.large).0);
                    }
                }
            }
            found.pages.insert((asker.title, address.name.clone()), seen);
        }
    }
    // Six hundred of each take part, and a list counts no further than it says.
    assert!(extent.partners < 600 || app.as_(HANA).get("/campaigns").text().contains(">100+<"), "counts of a list end");
    found
}
