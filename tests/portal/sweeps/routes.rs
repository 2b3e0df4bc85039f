//! Every address × everybody × whose object it is (T01, T03, T04, T06, T21): `routes.txt` says what is answered.
//!
//! `login` is a redirect to the sign-in page. The table is generated and reviewed; the rules below hold whatever
//! it says, so that a wrong line cannot be copied into it without notice.

use std::collections::HashMap;

use portico::routes::{ROUTES, Route};

use super::requests::{Position, WITHOUT_FORM, filled, is_api, positions, routes, send};
use super::reviewed;
use crate::support::client::Visitor;
use crate::support::postgres::Snapshot;
use crate::support::*;

/// The columns of the table.
const PRINCIPALS: [(&str, Option<Person>); 12] = [
    ("anon", None),
    ("disab", Some(DORA)),
    ("nomem", Some(NILS)),
    ("sys", Some(SAM)),
    ("host", Some(HANA)),
    ("rev", Some(RUI)),
    ("csr", Some(CLEO)),
    ("aud", Some(ALDO)),
    ("padm", Some(PIA)),
    ("puser", Some(UMA)),
    ("paud", Some(OTTO)),
    ("huser", Some(UWE)),
];

/// A portal and everybody signed in to it.
struct Stage {
    app: TestApp,
    visitors: Vec<(&'static str, Option<Person>, Visitor)>,
    before: Snapshot,
}

impl Stage {
    fn new() -> Stage {
        let app = TestApp::new();
        let visitors = PRINCIPALS
            .into_iter()
            .map(|(title, who)| (title, who, who.map_or_else(|| app.anonymous(), |who| app.as_(who))))
            .collect();
        // The status alone must do: nothing else is changed.
        app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", DORA.id));
        super::requests::send_letters(&app);
        // Those whom others act on have a second factor to be switched off.
        app.database().run(&format!(
            "UPDATE users SET second_factor_at = '2026-11-01Z' WHERE id IN ('{}', '{}', '{}')",
            UMA.id, RUI.id, MOE.id
        ));
        app.database().save();
        let before = app.database().snapshot();
        Stage { app, visitors, before }
    }

    /// What somebody is answered, checking that nothing changed when they were refused or only looked.
    fn cell(&self, route: &Route, at: usize, position: Position) -> String {
        let (title, who, visitor) = &self.visitors[at];
        // A copy, so that everybody still has the cookies of before.
        let answer = send(&visitor.copy(), route, *who, position);
        let what = format!("{title}: {} {} ({})", route.method, route.path, position.word());
        assert!(answer.status() < 500, "{what}: {}", answer.status());
        let login = answer.status() == 303 && answer.location().starts_with("/sign-in?next=");
        if self.app.database().snapshot() != self.before {
            assert!(route.method == "POST", "{what}: looking changed something");
            // What is shown once and never again is shown at once.
            let shows = answer.status() == 200 && matches!(route.path, "/partners/{code}/tokens" | "/settings/tokens");
            assert!(
                (answer.status() == 303 && !login) || shows,
                "{what}: {} and yet something changed",
                answer.status()
            );
            self.app.wait_for_jobs();
            self.app.database().restore();
            assert_eq!(self.app.database().snapshot(), self.before);
        }
        if login { "login".into() } else { answer.status().to_string() }
    }
}

fn table(method: &str) -> String {
    let stage = Stage::new();
    let mut table = String::new();
    for route in routes(method) {
        for position in positions(route.path) {
            let cells: Vec<String> =
                (0..PRINCIPALS.len()).map(|at| format!("{:5}", stage.cell(route, at, *position))).collect();
            let line = format!("{:4} {:52} {:8} {}", route.method, route.path, position.word(), cells.join(" "));
            table.push_str(line.trim_end());
            table.push('\n');
        }
    }
    table
}

fn head() -> String {
    let titles: Vec<String> = PRINCIPALS.iter().map(|(title, _)| format!("{title:5}")).collect();
    format!("{:57} {:8} {}\n", "", "whose", titles.join(" ").trim_end())
}

const REVIEWED: &str = include_str!("routes.txt");

fn lines_of(method: &str) -> String {
    let own = |line: &&str| line.starts_with(method);
    REVIEWED.lines().filter(own).map(|line| format!("{line}\n")).collect()
}

#[test]
fn t01_every_page_answers_everybody_as_reviewed() {
    reviewed("routes.get.txt", &lines_of("GET"), &table("GET"));
}

#[test]
fn t01_t04_every_action_answers_everybody_as_reviewed() {
    reviewed("routes.post.txt", &lines_of("POST"), &table("POST"));
}

#[test]
fn t01_the_reviewed_table_has_a_line_for_every_address_and_no_other() {
    assert_eq!(REVIEWED.lines().next().unwrap(), head().trim_end());
    let expected: Vec<String> = ROUTES
        .iter()
        .filter(|route| !is_api(route))
        .flat_map(|route| {
            positions(route.path).iter().map(|at| format!("{} {} {}", route.method, route.path, at.word()))
        })
        .collect();
    let found: Vec<String> =
        REVIEWED.lines().skip(1).map(|line| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ")).collect();
    for line in &expected {
        assert!(found.contains(line), "routes.txt lacks {line}");
    }
    assert_eq!(found.len(), expected.len(), "routes.txt has lines of addresses that are gone");
    assert!(found.len() * PRINCIPALS.len() >= 4_000, "{} lines are too few to prove anything", found.len());
}

/// The cells of a line, by column.
fn cells(line: &str) -> HashMap<&'static str, &str> {
    PRINCIPALS.iter().map(|(title, _)| *title).zip(line.split_whitespace().skip(3)).collect()
}

fn was_let_in(cell: &str) -> bool {
    cell.starts_with('2') || cell == "303"
}

#[test]
fn t01_t06_the_reviewed_table_keeps_the_rules() {
    for line in REVIEWED.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, position, ..] = words.as_slice() else { panic!("{line}") };
        let route = ROUTES.iter().find(|route| route.method == *method && route.path == *path).unwrap();
        let cells = cells(line);
        assert_eq!(cells.len(), PRINCIPALS.len(), "{line}");
        let Some(rule) = route.permission else { continue };
        assert_eq!(cells["anon"], "login", "{line}");
        assert_eq!(cells["disab"], "login", "an old cookie of a disabled account: {line}");
        if !rule.everyone {
            assert_eq!(cells["nomem"], "403", "{line}");
            for (title, cell) in &cells {
                let looks_only = matches!(*title, "aud" | "paud");
                // A file is posted to be looked at: what needs a right to read only stores nothing.
                let only_looks = *method == "GET" || rule.is_read();
                assert!(!looks_only || only_looks || !was_let_in(cell), "an auditor acts: {line}");
                let of_one_partner = matches!(*title, "padm" | "puser" | "paud" | "huser");
                assert!(!of_one_partner || *position != "other" || !was_let_in(cell), "{title}: {line}");
                let of_one_program = *title != "sys" || !path.starts_with("/programs");
                assert!(!of_one_program || *position != "foreign" || !was_let_in(cell), "{title}: {line}");
            }
        }
    }
}

#[test]
fn t21_no_address_does_what_another_site_asks() {
    let app = TestApp::new();
    let (hana, sam, stranger) = (app.as_(HANA), app.as_(SAM), app.anonymous());
    const ORIGINS: [&[(&str, &str)]; 9] = [
        &[],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "")],
        &[("Origin", "null")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "http://127.0.0.1")],
        &[("Origin", "http://127.0.0.1:1"), ("Referer", "http://127.0.0.1:1/")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "null"), ("X-HTTP-Method-Override", "GET")],
    ];
    let mut kinds =
        ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"].into_iter().cycle();
    app.assert_unchanged(|| {
        for route in routes("POST") {
            let path = filled(route.path, Some(HANA), positions(route.path)[0]);
            for (visitor, headers) in [&hana, &sam, &stranger].into_iter().flat_map(|one| ORIGINS.map(|h| (one, h))) {
                // The kinds that a form of another site can have, in turn.
                let kind = kinds.next().unwrap();
                let mut request = visitor.bare("POST", &path).header("Content-Type", kind).body("version=1");
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let answer = visitor.send(request);
                assert_eq!(answer.status(), 403, "{path} {headers:?} {kind}");
            }
        }
    });
}

#[test]
fn t21_a_form_is_a_form() {
    let app = TestApp::new();
    let (sam, hana) = (app.as_(SAM), app.as_(HANA));
    app.assert_unchanged(|| {
        for route in routes("POST").filter(|route| !WITHOUT_FORM.contains(&route.path)) {
            // Some things are the hosts' and not the system administrators'.
            let is_sams = route.permission.is_none_or(|rule| rule.allows(Some(portico::access::Role::SystemAdmin)));
            let (who, visitor) = if is_sams { (SAM, &sam) } else { (HANA, &hana) };
            let path = filled(route.path, Some(who), positions(route.path)[0]);
            for kind in ["text/plain", "application/json", "", "application/x-www-form-urlencodedx"] {
                let request = visitor.request("POST", &path).header("Content-Type", kind);
                let answer = visitor.send(request.body("version=1&act=archival"));
                assert_eq!(answer.status(), 415, "{path} {kind:?}");
            }
            let answer = visitor.send(visitor.request("POST", &path));
            assert_eq!(answer.status(), 415, "{path} without any");
        }
    });
}

#[test]
fn t21_the_portal_s_own_pages_may_send_forms_also_from_old_browsers() {
    let app = TestApp::new();
    for (name, value) in [("Origin", app.base()), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none")] {
        let hana = app.as_(HANA);
        let request = hana.bare("POST", "/sign-out").header(name, value);
        assert_eq!(hana.send(request).location(), "/sign-in?out=1", "{name}: {value}");
        assert!(hana.get("/partners").asks_to_sign_in());
    }
}
