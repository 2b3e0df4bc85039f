//! Nobody learns anything of partners outside of their scope (T02, T03, T05, T09): not by a list, a search, a count,
//! a file, a picture, an error, or the time that an answer takes.

use std::time::{Duration, Instant};

use crate::support::client::Visitor;
use crate::support::*;

/// Words that only stand in records of partners that Kestrel's people may not see.
const FOREIGN: [&str; 9] =
    ["Meridian", "meridian", "Boreal", "boreal", "ALTHQ", "Altura", "Mira", "Petra", "Solstice Operations"];

/// Addresses of lists, searches and files with every kind of state.
const LISTS: [&str; 22] = [
    "/partners",
    "/partners?q=e",
    "/partners?q=Meridian",
    "/partners?q=help%40boreal.example",
    "/partners?status=active&sort=-name",
    "/partners?hosting=yes",
    "/partners?kind=external&category=accrual",
    "/partners?type=airline",
    "/partners?size=100&sort=code",
    "/search?q=Mira",
    "/search?q=e",
    "/search?q=MERIDIAN",
    "/activity",
    "/activity?who=a",
    "/activity/export.csv",
    "/partners/export.csv",
    "/partners/export.json?q=e",
    "/partners/KESTREL/users",
    "/partners/KESTREL/templates",
    "/templates?size=100",
    "/templates?q=Meridian&sort=name",
    "/templates/export.csv",
];

/// The page without what somebody typed into its address.
fn without_echo(text: &str, path: &str) -> String {
    let mut text = text.to_owned();
    for word in ["Meridian", "boreal", "Mira", "MERIDIAN"] {
        if path.contains(word) {
            text = text.replace(word, "");
        }
    }
    text
}

#[test]
fn t03_lists_searches_and_files_hold_nothing_of_others() {
    let app = TestApp::new();
    for who in [PIA, OTTO, UMA] {
        let visitor = app.as_(who);
        for path in LISTS {
            for answer in [visitor.get(path), visitor.get_part(path)] {
                if answer.status() == 403 {
                    continue;
                }
                assert_eq!(answer.status(), 200, "{}: {path}", who.name);
                let text = without_echo(&answer.text(), path);
                for word in FOREIGN {
                    assert!(!text.contains(word), "{}: {path} says {word}", who.name);
                }
            }
        }
    }
}

#[test]
fn t03_the_host_of_one_program_sees_nothing_of_another() {
    let app = TestApp::new();
    for (who, foreign) in [
        (HANA, ["Boreal", "BOREAL", "Petra", "Kestrel of Altura"]),
        (HECTOR, ["Meridian", "MERIDIAN", "Pia", "Kestrel Car"]),
    ] {
        let visitor = app.as_(who);
        for path in LISTS.into_iter().chain(["/partners/hosting", "/settings", "/partners/import"]) {
            let answer = visitor.get(path);
            assert_eq!(answer.status(), 200, "{path}");
            let text = without_echo(&answer.text(), path);
            for word in foreign {
                assert!(!text.contains(word) || path.contains(word), "{}: {path} says {word}", who.name);
            }
        }
    }
}

#[test]
fn t03_a_code_means_the_partner_of_ones_own_program() {
    let app = TestApp::new();
    assert_eq!(app.as_(HANA).get("/partners/KESTREL").first("h1"), "Kestrel Car Rental");
    assert_eq!(app.as_(HECTOR).get("/partners/KESTREL").first("h1"), "Kestrel of Altura");
    let sam = app.as_(SAM);
    assert_eq!(sam.get("/partners/KESTREL").first("h1"), "Kestrel Car Rental");
    sam.post(&format!("/programs/{}/open", program::ALTURA), &[]);
    assert_eq!(sam.get("/partners/KESTREL").first("h1"), "Kestrel of Altura");
    assert_eq!(sam.get("/partners/MERIDIAN").status(), 404);
}

#[test]
fn t03_counts_are_those_of_the_scope() {
    let app = TestApp::new();
    let rows = |who: Person| app.as_(who).get("/partners").count("tbody tr");
    assert_eq!((rows(HANA), rows(SAM), rows(HECTOR)), (3, 3, 3));
    assert_eq!((rows(PIA), rows(UMA), rows(OTTO), rows(UWE)), (1, 1, 1, 1));
    for (who, active) in [(HANA, "3"), (PIA, "1")] {
        let page = app.as_(who).get("/partners");
        let counts: Vec<String> = page.texts("nav[aria-label] .count, .nav-list .count, .tabs .count, .count");
        assert!(!counts.is_empty(), "the page counts nothing any more: change this test");
        assert!(
            counts.iter().all(|count| {
                let number = count.split(' ').next().unwrap_or_default();
                number.parse::<i32>().is_ok_and(|count| count <= active.parse().unwrap())
            }),
            "{counts:?}"
        );
    }
    for who in [PIA, OTTO] {
        let json: serde_json::Value =
            serde_json::from_slice(app.as_(who).get("/partners/export.json").bytes()).unwrap();
        let codes: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["KESTREL"]);
    }
}

#[test]
fn t03_ids_in_addresses_filter_within_the_scope_only() {
    let app = TestApp::new();
    let path = format!("/partners/export.json?id={}&id={}&id={}", partner::KESTREL, partner::MERIDIAN, partner::BOREAL);
    let codes = |who: Person| {
        let json: serde_json::Value = serde_json::from_slice(app.as_(who).get(&path).bytes()).unwrap();
        let mut codes: Vec<String> =
            json.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().into()).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(HANA), ["KESTREL", "MERIDIAN"]);
    assert_eq!(codes(PIA), ["KESTREL"]);
    assert_eq!(codes(ALDO), ["KESTREL", "MERIDIAN"]);
}

#[test]
fn t03_in_bulk_other_programs_partners_do_not_exist() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let ask = |extra: &[(&str, &str)]| {
        let mut form = vec![("act", "suspension"), ("id", partner::BOREAL), ("id", partner::MERIDIAN)];
        form.extend(extra);
        hana.post("/partners/bulk", &form)
    };
    let page = app.assert_unchanged(|| ask(&[]));
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("Meridian Air") && !page.text().contains("Boreal"));
    let stale = [("confirmed", "yes"), ("seen", "31000000-0000-7000-8000-000000000003 7")];
    assert_eq!(app.assert_unchanged(|| ask(&stale)).status(), 409, "one that was changed meanwhile stops all");
    assert_eq!(ask(&[("confirmed", "yes"), ("seen", "31000000-0000-7000-8000-000000000003 1")]).status(), 303);
    let status = |id: &str| app.database().value(&format!("SELECT status FROM partners WHERE id = '{id}'"));
    assert_eq!((status(partner::MERIDIAN), status(partner::BOREAL)), ("suspended".into(), "active".into()));
    // An export in bulk is the same door.
    let way = hana.post("/partners/bulk", &[("act", "export"), ("id", partner::BOREAL), ("id", partner::KESTREL)]);
    let file = hana.get(way.location()).text();
    assert!(file.contains("KESTREL") && !file.contains("BOREAL"), "{file}");
}

#[test]
fn t03_a_taken_code_of_another_program_is_free_here() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let create = |code: &str| {
        let mut form = hana.get("/partners/new").form("form.form");
        for (name, value) in [("name", "New"), ("code", code), ("type", "airline"), ("time_zone", "Europe/Oslo")] {
            form = form.with(name, value);
        }
        hana.post_multipart("/partners", &form.pairs(), None)
    };
    assert_eq!(create("BOREAL").location(), "/partners/BOREAL");
    let taken = create("MERIDIAN");
    assert_eq!(taken.status(), 422);
    assert!(taken.error_at("code").contains("already used"), "{}", taken.error_at("code"));
}

#[test]
fn t03_logos_are_for_those_who_see_the_partner() {
    let app = TestApp::new();
    let status = |who: Person, code: &str| app.as_(who).get(&format!("/partners/{code}/logo")).status();
    assert_eq!((status(PIA, "KESTREL"), status(PIA, "MERIDIAN"), status(PIA, "SOLHQ")), (200, 404, 404));
    assert_eq!((status(HANA, "MERIDIAN"), status(HANA, "BOREAL")), (200, 404));
    // Altura's Kestrel has none; its people must not get the other Kestrel's.
    assert_eq!(status(HECTOR, "KESTREL"), 404);
    assert!(app.anonymous().get("/partners/KESTREL/logo").asks_to_sign_in());
}

#[test]
fn activity_is_shown_by_role_and_scope() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    hana.post("/partners/MERIDIAN/status/suspension", &[("version", "1"), ("reason", "Audit")]);
    app.as_(MIRA);
    let kinds = |who: Person, path: &str| {
        let file = app.as_(who).get(path).text();
        file.lines().count() - 1
    };
    // Three partners were created, one was suspended; each line is its own partner's.
    assert_eq!(kinds(HANA, "/activity/export.csv"), 4);
    assert_eq!(kinds(ALDO, "/activity/export.csv"), 4);
    assert_eq!(kinds(SAM, "/activity/export.csv"), 4);
    assert_eq!(kinds(PIA, "/activity/export.csv"), 1);
    assert_eq!(kinds(MIRA, "/activity/export.csv"), 2);
    assert_eq!(kinds(HECTOR, "/activity/export.csv"), 3);
    // Reviewers and CSRs see their own acts only.
    assert_eq!(kinds(RUI, "/activity/export.csv"), 0);
    assert_eq!(kinds(CLEO, "/activity/export.csv"), 0);
    let seen = app.as_(RUI).get("/partners/MERIDIAN/activity");
    assert!(!seen.text().contains("Hana Host"), "a reviewer sees the acts of others");
    // The partner sees who did it for it, and why.
    let page = app.as_(MIRA).get("/partners/MERIDIAN/activity").text();
    assert!(page.contains("Hana Host") && page.contains("on the partner’s behalf") && page.contains("Audit"), "{page}");
}

#[test]
fn t09_nothing_of_a_partner_is_left_to_somebody_who_was_removed() {
    let app = TestApp::new();
    let uma = app.as_(UMA);
    assert_eq!(uma.get("/partners/KESTREL").status(), 200);
    let pia = app.as_(PIA);
    let removal = format!("/partners/KESTREL/users/{}/remove", UMA.membership());
    assert_eq!(pia.post(&removal, &[("version", "1")]).status(), 303);
    for path in [
        "/partners/KESTREL",
        "/partners",
        "/partners/KESTREL/profile",
        "/partners/KESTREL/users",
        "/partners/KESTREL/logo",
    ] {
        assert_eq!(uma.get(path).status(), 403, "{path}");
    }
    for path in ["/", "/me", "/search?q=Kestrel", "/help"] {
        let answer = uma.get(path);
        assert!(!answer.text().contains("Kestrel Car") && !answer.text().contains("Pia"), "{path}");
    }
}

#[test]
fn t03_hosts_plans_are_not_shown_to_the_partner() {
    let app = TestApp::new();
    for path in [
        "/partners/KESTREL",
        "/partners/KESTREL/profile",
        "/partners/KESTREL/edit",
        "/partners/export.json",
        "/search?q=Plans",
    ] {
        for who in [PIA, UMA, OTTO] {
            assert!(!app.as_(who).get(path).text().contains("Plans with"), "{}: {path}", who.name);
        }
    }
    assert!(app.as_(HANA).get("/partners/KESTREL").text().contains("Plans with Kestrel"));
    // Nor once they are changed: before and after are in the activity.
    let hana = app.as_(HANA);
    let form = hana.get("/partners/KESTREL/edit").form("form.form").with("notes", "Plans with changes");
    assert_eq!(hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), None).status(), 303);
    for path in ["/partners/KESTREL/activity", "/partners/KESTREL", "/activity", "/activity/export.csv"] {
        assert!(!app.as_(PIA).get(path).text().contains("Plans with"), "{path}");
    }
}

/// What can differ between two answers only because they are two.
fn bare(answer: &Answer, code: &str) -> String {
    let id = answer.header("x-request-id");
    answer.text().replace(id, "ID").replace(code, "CODE")
}

fn took(visitor: &Visitor, path: &str) -> (Duration, Answer) {
    let began = Instant::now();
    let answer = visitor.get(path);
    (began.elapsed(), answer)
}

#[test]
fn t02_a_foreign_partner_and_none_at_all_look_the_same() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    for tail in ["", "/profile", "/activity", "/edit", "/logo", "/users", "/logo/removal"] {
        for (visitor, foreign) in [(&pia, "MERIDIAN"), (&pia, "BOREALXX"), (&hana, "BOREAL")] {
            let foreign = if foreign == "BOREALXX" { "BOREAL" } else { foreign };
            let one = visitor.get(&format!("/partners/{foreign}{tail}"));
            let none = visitor.get(&format!("/partners/NOSUCH99{tail}"));
            assert_eq!(one.status(), none.status());
            assert_eq!(bare(&one, foreign), bare(&none, "NOSUCH99"), "{foreign}{tail}");
            let names = |answer: &Answer| {
                let mut names: Vec<String> = answer.all_headers().iter().map(|(name, _)| name.clone()).collect();
                names.sort();
                names
            };
            assert_eq!(names(&one), names(&none));
        }
    }
    // Also by time: the medians of interleaved pairs lie close together.
    let (mut foreign, mut none) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        foreign.push(took(&pia, "/partners/MERIDIAN").0);
        none.push(took(&pia, "/partners/NOSUCH99").0);
    }
    foreign.sort();
    none.sort();
    let apart = foreign[100].abs_diff(none[100]);
    assert!(apart < Duration::from_millis(3), "{:?} and {:?}", foreign[100], none[100]);
}

#[test]
fn t36_a_known_and_an_unknown_address_take_the_same_time() {
    let app = TestApp::new();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        for (email, times) in [(HANA.email, &mut known), ("hona@solstice.example", &mut unknown)] {
            app.database().run("DELETE FROM attempts");
            let began = Instant::now();
            let answer = app.anonymous().post("/sign-in", &[("email", email), ("password", "a wrong password")]);
            times.push(began.elapsed());
            assert_eq!(answer.status(), 422);
        }
    }
    known.sort();
    unknown.sort();
    // A hash takes ten times as long as all the rest: without it the two would be far apart.
    let apart = known[10].abs_diff(unknown[10]);
    assert!(apart < known[10] / 3, "{:?} and {:?}", known[10], unknown[10]);
}
