//! What the statements of pages touch, on the data of a large demo: no page reads a table through, and none sorts or
//! counts more than it shows. The server itself tells each plan, with the rows that it really read.

mod addresses;
mod measured;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portico::demo::scale::{self, Extent};

use crate::support::*;
use addresses::routes;
use measured::{ASKERS, CAST, MEASURED, Plan, Seen};

/// Rows that the widest node of a statement's plan may read: three capped counts, or a table of one row for each
/// partner, which at this size is no more than a page of a list is worth.
const MOST: f64 = 3_000.0;
/// Rows of a large table that may be read through, where a list or a count ends soon.
const MOST_SCANNED: f64 = 250.0;
/// Rows that may be sorted at once: what a search finds ends at a thousand, and is then put in the list's order.
const MOST_SORTED: f64 = 1_001.0;
/// How much more a page may read on a program of five times the size. What is below so many rows is a page's own: its
/// counts end at 1,001 each, which the smaller program does not reach.
const GROWTH: f64 = 1.5;
const OWN: f64 = 5_000.0;

/// Pages that nobody can be shown here, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("/api/v1/products/{id}/image", "products of the large program have no pictures"),
    ("/api/v1/redemptions/{id}", "nothing was redeemed"),
    ("/set-up", "there is none once the portal is set up"),
];

/// A reviewed file of the sweeps, read when the tests run.
fn reviewed(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/portal/sweeps").join(file);
    fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// Puts what was found beside the tests' other files, to be reviewed.
fn written(file: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    fs::write(&path, text).unwrap();
    path
}

/// A line of `plans.txt`: a rule, a part of a statement or of a page's name, and why the rule is not kept there.
struct Known {
    rule: String,
    part: String,
}

fn known(rule: &str) -> Vec<Known> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(" :: ").map(str::trim).collect();
        let [rule, part, why] = words.as_slice() else { panic!("not a rule, a part and a reason: {line}") };
        assert!(why.len() > 10, "a reason is missing: {line}");
        Known { rule: (*rule).to_owned(), part: (*part).to_owned() }
    };
    let text = reviewed("plans.txt");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(line).filter(|known| known.rule == rule).collect()
}

/// Fails with the statements that break a rule, each once with the page where it is worst, if any does.
fn judged(rule: &str, of: impl Fn(&Plan) -> Option<(f64, String)>) {
    let known = known(rule);
    let mut found: BTreeMap<String, (f64, String)> = BTreeMap::new();
    for ((who, name), seen) in &MEASURED[1].pages {
        for plan in seen.plans.iter().filter(|plan| !known.iter().any(|one| plan.query.contains(&one.part))) {
            if let Some((rows, what)) = of(plan) {
                let query: String = plan.query.chars().take(400).collect();
                let worst = found.entry(query).or_default();
                if rows > worst.0 {
                    *worst = (rows, format!("{who} {name}: {rows} {what}"));
                }
            }
        }
    }
    let told: Vec<String> = found.iter().map(|(query, (_, what))| format!("{rule} :: {query} :: {what}\n")).collect();
    let file = written(&format!("plans.{rule}.txt"), &told.concat());
    assert!(
        told.is_empty(),
        "statements against a rule; mend them or say in sweeps/plans.txt why not ({}):\n{}",
        file.display(),
        told.concat()
    );
}

#[test]
fn no_page_reads_more_than_it_shows() {
    judged("width", |plan| (plan.widest.0 > MOST).then(|| (plan.widest.0, format!("rows in {}", plan.widest.1))));
}

#[test]
fn no_page_reads_a_large_table_through() {
    judged("scan", |plan| (plan.scan.0 > MOST_SCANNED).then(|| (plan.scan.0, format!("rows of {}", plan.scan.1))));
}

#[test]
fn no_page_sorts_more_than_a_page() {
    judged("sort", |plan| (plan.sorted > MOST_SORTED).then(|| (plan.sorted, "rows".into())));
}

/// Fails with pages that break a rule, if any does.
fn pages(rule: &str, of: impl Fn(&Seen, &Seen) -> Option<String>) {
    let known = known(rule);
    let mut told = Vec::new();
    for ((who, name), large) in &MEASURED[1].pages {
        let small = MEASURED[0].pages.get(&(*who, name.clone()));
        let page = format!("{who} {name}");
        if !known.iter().any(|one| page.contains(&one.part))
            && let Some(why) = small.and_then(|small| of(small, large))
        {
            told.push(format!("{rule} :: {page} :: {why}\n"));
        }
    }
    let file = written(&format!("plans.{rule}.txt"), &told.concat());
    assert!(
        told.is_empty(),
        "pages against a rule; mend them or say in sweeps/plans.txt why not ({}):\n{}",
        file.display(),
        told.concat()
    );
}

#[test]
fn no_page_reads_more_of_a_larger_program() {
    let known = known("statement-grows");
    let rows = |seen: &Seen| {
        let own = seen.plans.iter().filter(|plan| !known.iter().any(|one| plan.query.contains(&one.part)));
        own.map(|plan| plan.rows).sum::<f64>()
    };
    pages("growth", |small, large| {
        let (before, now) = (rows(small), rows(large));
        let mut most: Vec<&Plan> = large.plans.iter().collect();
        most.sort_by(|one, other| other.rows.total_cmp(&one.rows));
        let told: Vec<String> = most
            .iter()
            .take(3)
            .map(|plan| format!("{} in {}", plan.rows, plan.query.chars().take(240).collect::<String>()))
            .collect();
        (now > GROWTH * before.max(OWN)).then(|| format!("{now} rows, and of a fifth {before}: {}", told.join(" | ")))
    });
}

#[test]
fn no_page_makes_more_statements_for_a_larger_program() {
    pages("statements", |small, large| {
        let (before, now) = (small.statements.len(), large.statements.len());
        let more: Vec<&String> = large.statements.iter().filter(|one| !small.statements.contains(one)).collect();
        (now > before).then(|| format!("{now}, and of a fifth {before}: {more:?}"))
    });
}

type Cells = [Option<usize>; ASKERS.len()];

/// The most statements of a page of a route by each who asks; none where they are refused.
fn counted() -> BTreeMap<&'static str, Cells> {
    let mut found: BTreeMap<&'static str, Cells> = routes().map(|route| (route.path, Cells::default())).collect();
    for ((who, _), seen) in MEASURED.iter().flat_map(|size| &size.pages) {
        let at = ASKERS.iter().position(|title| title == who).unwrap();
        let cell = &mut found.get_mut(seen.route).unwrap()[at];
        *cell = (*cell).max(Some(seen.statements.len()));
    }
    found
}

/// As `statements.txt` has it.
fn table(found: &BTreeMap<&'static str, Cells>) -> String {
    let line = |path: &str, words: Vec<String>| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:8}")).collect();
        format!("{path:58} {}", words.join(" ")).trim_end().to_owned() + "\n"
    };
    let cell = |cell: &Option<usize>| cell.map_or("-".into(), |count| count.to_string());
    let lines = found.iter().map(|(path, cells)| line(path, cells.iter().map(cell).collect()));
    line("", ASKERS.map(str::to_owned).to_vec()) + &lines.collect::<String>()
}

#[test]
fn no_page_makes_more_statements_than_reviewed() {
    let found = counted();
    let new = written("statements.txt", &table(&found));
    let (mut more, mut fewer, mut known) = (Vec::new(), 0, BTreeSet::new());
    let text = reviewed("statements.txt");
    for line in text.lines().skip(1) {
        let mut words = line.split_whitespace();
        let path = words.next().unwrap();
        known.insert(path);
        let Some(cells) = found.get(path) else {
            more.push(format!("{path} is gone"));
            continue;
        };
        for ((cell, reviewed), who) in cells.iter().zip(words).zip(ASKERS) {
            let (now, before) = (cell.unwrap_or(0), reviewed.parse().unwrap_or(0));
            if now > before {
                let pages = MEASURED.iter().flat_map(|size| &size.pages);
                let those = pages.filter(|((by, _), seen)| *by == who && seen.route == path);
                let page = those.max_by_key(|(_, seen)| seen.statements.len());
                let all = page.map(|(_, seen)| seen.statements.join("\n    ")).unwrap_or_default();
                more.push(format!("{path}: {now} by {who} instead of {reviewed}:\n    {all}"));
            }
            fewer += usize::from(now < before);
        }
    }
    more.extend(found.keys().filter(|path| !known.contains(*path)).map(|path| format!("{path} is new")));
    assert!(
        more.is_empty(),
        "pages with more statements than sweeps/statements.txt says; review {}:\n{}",
        new.display(),
        more.join("\n")
    );
    if fewer > 0 {
        println!("{fewer} cells of sweeps/statements.txt may be lowered: see {}", new.display());
    }
}

#[test]
fn every_page_is_asked() {
    for (path, cells) in counted() {
        let is_known = NOT_SHOWN.iter().any(|(known, _)| *known == path);
        assert!(is_known || cells.iter().any(Option::is_some), "nobody could be shown {path}");
    }
    let asked = MEASURED[1].pages.len();
    assert!(asked > 400, "{asked} pages");
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
