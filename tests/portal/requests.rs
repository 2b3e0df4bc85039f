//! Requests that no page sends: odd addresses and methods, large bodies, words of SQL; and the headers of every reply
//! (T10, T22, T51, T65, T67).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::support::client::{Chosen, Visitor, chunked};
use crate::support::*;

/// The status of a raw answer; 0 when the server closed without one.
fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

fn raw(visitor: &Visitor, method: &str, path: &str, extra: &str) -> String {
    let cookie = visitor.cookie_header();
    visitor.raw(
        format!("{method} {path} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\nCookie: {cookie}\r\n{extra}\r\n")
            .as_bytes(),
    )
}

#[test]
fn t10_an_oddly_written_address_is_not_found_or_decided_as_the_plain_one() {
    let app = TestApp::new();
    let (pia, nobody) = (app.as_(PIA), app.anonymous());
    app.assert_unchanged(|| {
        for path in [
            "//partners/MERIDIAN",
            "/partners//MERIDIAN",
            "/partners/MERIDIAN/",
            "/partners/./MERIDIAN",
            "/partners/../partners/MERIDIAN",
            "/partners/KESTREL/../MERIDIAN",
            "/partners/%4DERIDIAN",
            "/partners/KESTREL%2f..%2fMERIDIAN",
            "/partners/KESTREL%2FMERIDIAN",
            "/%70artners/MERIDIAN",
            "/partners/MERIDIAN;v=1",
            "/partners/MERIDIAN%00",
            "/partners/MERIDIAN%20",
            "/partners/meridian",
            "/PARTNERS/MERIDIAN",
            "/partners/MERIDIAN?x=/../KESTREL",
            "/partners/MERIDIAN%0d%0aX:%20y",
            "/static/../partners/MERIDIAN",
            "/static/%2e%2e/partners/MERIDIAN",
            "/healthz/../partners/MERIDIAN",
            "/partners/KESTREL/%2e%2e/MERIDIAN",
            "/partners/\u{fe}",
            "/partners/%ff%fe",
            "/partners/%",
            "/partners/%zz",
            "http://portal/partners/MERIDIAN",
            "*",
            "",
        ] {
            for (visitor, name) in [(&pia, "pia"), (&nobody, "nobody")] {
                let answer = raw(visitor, "GET", path, "");
                let code = status(&answer);
                let refused = matches!(code, 400 | 404 | 405)
                    || (name == "nobody" && code == 303 && answer.contains("location: /sign-in"));
                assert!(refused, "{name} {path}: {code}");
                assert!(!answer.contains("Meridian Air"), "{name} {path}");
            }
        }
    });
}

#[test]
fn t10_other_methods_do_nothing() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.assert_unchanged(|| {
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "FOO"] {
            for path in ["/partners/KESTREL", "/partners", "/settings", "/sign-out", "/me/theme"] {
                let answer = raw(&hana, method, path, "Sec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n");
                assert!(
                    matches!(status(&answer), 400 | 403 | 404 | 405 | 501),
                    "{method} {path}: {}",
                    answer.lines().next().unwrap_or("")
                );
            }
        }
        // A GET that pretends to be something else is a GET.
        for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
            let answer = raw(&hana, "GET", "/partners/KESTREL", &format!("{header}: DELETE\r\n"));
            assert_eq!(status(&answer), 200, "{header}");
        }
        let answer = hana.get("/sign-out");
        assert!(matches!(answer.status(), 404 | 405), "{}", answer.status());
        let answer = hana.get("/partners/KESTREL?_method=delete");
        assert_eq!(answer.status(), 200);
    });
}

#[test]
fn t10_head_is_get_without_the_body_or_refused() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for path in ["/partners/MERIDIAN", "/partners/KESTREL", "/partners/new", "/version", "/partners/KESTREL/logo"] {
        let (head, get) = (status(&raw(&pia, "HEAD", path, "")), pia.get(path).status());
        assert!(head == get, "{path}: HEAD {head}, GET {get}");
    }
    assert_eq!(status(&raw(&pia, "HEAD", "/static/app.css", "")), 200);
}

const POLICY: [(&str, &str); 11] = [
    ("default-src", "'none'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data:"),
    ("connect-src", "'self'"),
    ("font-src", "'self'"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'none'"),
    ("base-uri", "'none'"),
    ("object-src", "'none'"),
    ("sandbox", ""),
];

fn check_headers(what: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.headers(name), [value], "{what}: {name}");
    }
    let policies = answer.headers("content-security-policy");
    assert_eq!(policies.len(), 1, "{what}");
    let parts: Vec<(&str, &str)> =
        policies[0].split(';').map(|part| part.trim()).map(|part| part.split_once(' ').unwrap_or((part, ""))).collect();
    for part in &parts {
        assert!(POLICY.contains(part), "{what}: {part:?} is looser than agreed");
    }
    assert!(parts.contains(&("default-src", "'none'")), "{what}");
    let kind = answer.header("content-type");
    assert!(!kind.is_empty() || answer.text().is_empty(), "{what}: no type");
    assert!(!kind.starts_with("text/") || kind.ends_with("charset=utf-8"), "{what}: {kind}");
    let is_file = kind == "image/png";
    if !is_file {
        assert_eq!(parts.len(), POLICY.len() - 1, "{what}: {policies:?}");
    }
    let cache = answer.header("cache-control");
    let is_static = what.contains("/static/");
    assert!(
        is_static || is_file && cache.starts_with("private") || cache == "no-store",
        "{what}: cache-control {cache:?}"
    );
    assert!(!answer.header("x-request-id").is_empty(), "{what}: no request id");
    for never in ["server", "x-powered-by", "access-control-allow-origin", "etag"] {
        assert!(never == "etag" && is_static || answer.header(never).is_empty(), "{what}: {never}");
    }
    let text = answer.text();
    for never in ["panicked", "src/", ".rs:", "postgres", "diesel", "SELECT "] {
        assert!(is_static || !text.contains(never), "{what} tells {never}");
    }
}

#[test]
fn t22_every_kind_of_reply_has_the_headers() {
    let app = TestApp::new();
    let (hana, pia, nobody) = (app.as_(HANA), app.as_(PIA), app.anonymous());
    let stylesheet = nobody.get("/sign-in").attributes("link[rel=stylesheet]", "href");
    let mut seen = Vec::new();
    let mut look = |what: &str, answer: Answer, expected: u16| {
        assert_eq!(answer.status(), expected, "{what}");
        check_headers(&format!("{expected} {what}"), &answer);
        seen.push(expected);
    };
    for path in [
        "/partners",
        "/partners/KESTREL",
        "/me",
        "/help",
        "/partners/export.csv",
        "/partners/export.xlsx",
        "/partners/export.json",
        "/partners/KESTREL/logo",
        "/version",
        "/healthz",
        "/readyz",
        "/livez",
        "/robots.txt",
        "/.well-known/security.txt",
    ] {
        look(path, hana.get(path), 200);
    }
    for path in &stylesheet {
        look(path, nobody.get(path), 200);
    }
    look("/static/none.css", nobody.get("/static/none.css"), 404);
    look("part", hana.get_part("/partners"), 200);
    look("/", hana.get("/"), 200);
    look("sign-in", nobody.get("/partners"), 303);
    look("htmx", nobody.get_part("/partners"), 401);
    look("/nothing", hana.get("/nothing"), 404);
    look("/nothing", nobody.get("/nothing"), 404);
    look("part of nothing", hana.get_part("/partners/NOSUCH99"), 404);
    look("forbidden", pia.get("/partners/new"), 403);
    look("cross-site", hana.send(hana.bare("POST", "/settings")), 403);
    look("no form", hana.send(hana.request("POST", "/settings").body("x")), 415);
    look("no version", hana.post("/settings", &[]), 400);
    look("refused", hana.post("/settings", &[("version", "1")]), 422);
    look(
        "stale",
        hana.post("/settings", &[("version", "9"), ("name", "N"), ("time_zone", "UTC"), ("hosting_limit", "3")]),
        409,
    );
    let large = "x".repeat(70_000);
    look("large form", hana.post("/settings", &[("version", "1"), ("name", &large)]), 413);
    let wrong = |email: &str| nobody.post("/sign-in", &[("email", email), ("password", "a wrong password")]);
    for _ in 0..10 {
        wrong("x@y.example");
    }
    look("too many", wrong("x@y.example"), 429);
    let trace = hana.send(hana.request("TRACE", "/partners"));
    let expected = trace.status();
    look("trace", trace, expected);
    let put = hana.send(hana.request("PUT", "/partners/KESTREL").header("Content-Length", "0"));
    let expected = put.status();
    assert!(matches!(expected, 404 | 405));
    look("put", put, expected);
    // A page that cannot be written because a table is gone.
    app.database().run("ALTER TABLE partners RENAME COLUMN category TO gone");
    look("a defect", hana.get("/partners"), 500);
    look("a defect in part", hana.get_part("/partners"), 500);
    app.database().run("ALTER TABLE sessions RENAME TO sessions_gone");
    look("no sessions", hana.get("/partners"), 503);
    assert!(
        [200, 303, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503].iter().all(|status| seen.contains(status)),
        "{seen:?}"
    );
}

#[test]
fn t22_pages_need_nothing_that_their_policy_forbids() {
    let app = TestApp::new();
    let (hana, nobody) = (app.as_(HANA), app.anonymous());
    for (visitor, path) in [
        (&nobody, "/sign-in"),
        (&nobody, "/help"),
        (&hana, "/partners"),
        (&hana, "/partners/KESTREL"),
        (&hana, "/partners/KESTREL/edit"),
        (&hana, "/me"),
        (&hana, "/settings"),
        (&hana, "/nothing"),
    ] {
        let page = visitor.get(path).page();
        assert_eq!(
            page.count("style, [style], script:not([src]), iframe, object, embed, base, [srcdoc], [onclick], [onload]"),
            0,
            "{path}"
        );
        for (css, name) in [
            ("script", "src"),
            ("link[rel=stylesheet], link[rel=icon]", "href"),
            ("img", "src"),
            ("use", "href"),
            ("form[action]", "action"),
        ] {
            for address in page.attributes(css, name) {
                assert!(address.starts_with('/') && !address.starts_with("//"), "{path}: {address}");
            }
        }
        for address in
            page.attributes("script", "src").into_iter().chain(page.attributes("link[rel=stylesheet]", "href"))
        {
            assert_eq!(
                nobody.get(&address).header("cache-control"),
                "public, max-age=31536000, immutable",
                "{address}"
            );
        }
    }
}

#[test]
fn t51_words_of_sql_are_words() {
    let app = TestApp::new();
    let (hana, sam) = (app.as_(HANA), app.as_(SAM));
    app.database()
        .run(&format!("UPDATE partners SET name = '100% of_it \\ ''quoted''' WHERE id = '{}'", partner::MERIDIAN));
    let injections = [
        "' OR 1=1 --",
        "'; DROP TABLE partners; --",
        "1) OR (1=1",
        "\" OR \"\"=\"",
        "' UNION SELECT password_hash FROM users --",
        "\\'; SELECT pg_sleep(5); --",
        "$1",
        "%00",
        "{\"$gt\":\"\"}",
        "') OR partners.id IS NOT NULL --",
        "name; DELETE FROM partners",
        "updated_at) desc, (select 1",
        "zzz\u{0}qqq",
        "１' OR '1'='1",
    ];
    let places = [
        "/partners?q=X",
        "/partners?sort=X",
        "/partners?status=X",
        "/partners?type=X",
        "/partners?kind=X",
        "/partners?category=X",
        "/partners?hosting=X",
        "/partners?updated_by=X",
        "/partners?after=X",
        "/partners?before=X",
        "/partners?size=X",
        "/partners/export.csv?q=X",
        "/partners/export.csv?id=X",
        "/partners/export.json?sort=X",
        "/partners/X",
        "/partners/X/activity",
        "/partners/KESTREL/status/X",
        "/partners/export.X",
        "/activity?who=X",
        "/activity?from=X",
        "/activity?until=X",
        "/activity?about=X",
        "/activity?after=X",
        "/search?q=X",
        "/settings/types/X",
        "/partners/KESTREL/users?q=X",
        "/partners/KESTREL/users?role=X&state=X",
        "/partners/KESTREL/users?after=X",
        "/partners/import/X",
        "/partners/import?after=X",
        "/partners/KESTREL/users/X/role",
        "/programs?after=X",
    ];
    app.assert_unchanged(|| {
        for place in places {
            for text in injections {
                let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
                let harmless = sam.get(&place.replace('X', "zzzqqq"));
                let began = Instant::now();
                let answer = sam.get(&place.replace('X', &encoded));
                assert!(answer.status() < 500, "{place} {text}: {}", answer.status());
                assert_eq!(answer.status(), harmless.status(), "{place} {text}");
                assert!(began.elapsed() < Duration::from_secs(3), "{place} {text} takes its time");
                assert_eq!(answer.count("tbody tr"), harmless.count("tbody tr"), "{place} {text} finds something else");
                assert!(!answer.text().contains("$argon2id"), "{place} {text}");
            }
        }
        // Forged cursors: well formed, with SQL or nonsense inside.
        use base64::Engine;
        for inside in [
            "00000000000000000000000000000000' OR 1=1",
            "00000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffff9999999999:1",
            "000000000000000000000000000000002026-99-99",
            "0000000000000000000000000000000012345:99999999999999999999",
        ] {
            let cursor = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(inside);
            for list in [
                "/partners?",
                "/partners?sort=name&",
                "/partners?sort=code&",
                "/activity?",
                "/partners/KESTREL/users?",
                "/partners/import?",
                "/programs?",
                "/partners/import/81000000-0000-7000-8000-000000000001?",
            ] {
                for direction in ["after", "before"] {
                    assert_eq!(
                        sam.get(&format!("{list}{direction}={cursor}")).status(),
                        200,
                        "{list}{direction} {inside}"
                    );
                }
            }
        }
        for id in [
            "x",
            "1",
            "0",
            "-1",
            "9223372036854775808",
            "' OR 1=1",
            "NULL",
            "00000000-0000-0000-0000-000000000000",
            "../../etc",
        ] {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for (path, form) in [
                (format!("/programs/{encoded}/open"), vec![]),
                (format!("/settings/types/{encoded}"), vec![("type_name", "Rail")]),
                (format!("/settings/types/{encoded}/remove"), vec![]),
                (format!("/me/sessions/{encoded}/end"), vec![]),
                (format!("/partners/import/{encoded}/apply"), vec![("mode", "leave")]),
                (format!("/partners/KESTREL/users/{encoded}/remove"), vec![("version", "1")]),
            ] {
                assert!(matches!(sam.post(&path, &form).status(), 400 | 404), "{path}");
            }
            assert_eq!(sam.post("/me/membership", &[("membership", id)]).status(), 404, "{id}");
        }
    });
    // Wildcards are letters.
    let found = |typed: &str| {
        let query = reqwest::Url::parse_with_params("http://x/", [("q", typed)]).unwrap().query().unwrap().to_owned();
        (
            hana.get(&format!("/partners?{query}")).count("tbody tr"),
            hana.get(&format!("/search?{query}")).text().contains("/partners/MERIDIAN"),
        )
    };
    for typed in ["%", "100%", "_", "of_it", "\\", "'quoted'", "100% of_it \\ 'quoted'"] {
        assert_eq!(found(typed), (1, true), "{typed}");
    }
    for typed in ["%%", "1__%", "of%it", "K%L", "\\\\", "__"] {
        assert_eq!(found(typed), (0, false), "{typed}");
    }
    assert_eq!(
        hana.get("/partners/KESTREL/users?q=%25").count("tbody tr"),
        hana.get("/partners/KESTREL/users?q=zzzqqq").count("tbody tr")
    );
}

#[test]
fn t53_a_spreadsheet_runs_nothing_of_an_exported_file() {
    let app = TestApp::new();
    let names =
        ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "say \"hi\", you", "two\nlines", "\u{9}tab", "  =1", "＝1"];
    for (number, name) in names.iter().enumerate() {
        app.database().run(&format!(
            "INSERT INTO partners (id, program_id, code, name, kind, category, type_id, status, time_zone, created_at, updated_at, updated_by_name)
             VALUES (gen_random_uuid(), '{}', 'F{number}', '{}', 'external', 'both', '21000000-0000-7000-8000-000000000001', 'active', 'UTC', now(), now(), '=1')",
            program::SOLSTICE,
            name.replace('\'', "''")
        ));
    }
    let hana = app.as_(HANA);
    let answer = hana.get("/partners/export.csv?sort=code");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"partners.csv\"");
    let mut reader = csv::Reader::from_reader(answer.bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3 + names.len());
    for row in &rows {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
    // What was put before a cell is one apostrophe, and nothing else is changed.
    for (number, name) in names.iter().enumerate() {
        let cell = rows.iter().find(|row| row[0] == format!("F{number}")).map(|row| row[1].to_owned()).unwrap();
        assert!(cell == *name || cell == format!("'{name}"), "{cell:?}");
    }
    assert!(answer.text().contains("\"say \"\"hi\"\", you\""));
    let json: serde_json::Value = serde_json::from_slice(hana.get("/partners/export.json").bytes()).unwrap();
    assert!(
        json.as_array().unwrap().iter().any(|one| one["name"] == names[0]),
        "JSON is read by programs: nothing is added"
    );
    assert!(hana.get("/partners/export.xlsx").bytes().starts_with(b"PK"));
    let activity = hana.get("/activity/export.csv");
    assert!(activity.header("content-disposition").starts_with("attachment"));
    for ending in ["pdf", "exe", "CSV", "csv%00", ""] {
        assert_eq!(hana.get(&format!("/partners/export.{ending}")).status(), 404, "{ending}");
    }
}

#[test]
fn t53_an_export_holds_what_the_list_shows() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let codes = |query: &str| -> Vec<String> {
        let file = hana.get(&format!("/partners/export.csv?{query}"));
        csv::Reader::from_reader(file.bytes()).records().map(|row| row.unwrap()[0].to_owned()).collect()
    };
    assert_eq!(codes("sort=name"), ["KESTREL", "MERIDIAN", "SOLHQ"]);
    assert_eq!(codes("sort=-code"), ["SOLHQ", "MERIDIAN", "KESTREL"]);
    assert_eq!(codes("q=air"), ["MERIDIAN"]);
    assert_eq!(codes("hosting=yes"), ["SOLHQ"]);
    assert_eq!(codes("type=car-rental"), ["KESTREL"]);
    assert_eq!(codes("status=archived"), Vec::<String>::new());
    // The link of the page carries the page's filter.
    let links = hana.get("/partners?q=air&size=50").attributes("a[href*=\"export.csv\"]", "href");
    assert_eq!(links, ["/partners/export.csv?q=air"]);
}

#[test]
fn t67_large_bodies_are_refused_soon_and_change_nothing() {
    let app = TestApp::new();
    let (hana, nobody) = (app.as_(HANA), app.anonymous());
    app.assert_unchanged(|| {
        for (visitor, path) in [(&hana, "/settings"), (&nobody, "/sign-in"), (&hana, "/me")] {
            for request in [
                visitor
                    .request("POST", path)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(vec![b'a'; 2_000_000]),
                visitor
                    .request("POST", path)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(chunked(vec![b'a'; 2_000_000])),
                visitor.request("POST", path).form(&(0..40_000).map(|n| (format!("f{n}"), "x")).collect::<Vec<_>>()),
            ] {
                let began = Instant::now();
                // The server may close while the rest is being sent.
                if let Some(answer) = visitor.try_send(request) {
                    assert_eq!(answer.status(), 413, "{path}");
                }
                assert!(began.elapsed() < Duration::from_secs(3), "{path}");
            }
        }
        let file = vec![b'x'; 14 * 1024 * 1024];
        let part = reqwest::blocking::multipart::Part::bytes(file).file_name("x.png");
        let form = reqwest::blocking::multipart::Form::new().text("version", "1").part("logo", part);
        if let Some(answer) = hana.try_send(hana.request("POST", "/partners/KESTREL/edit").multipart(form)) {
            assert_eq!(answer.status(), 413);
        }
        let long = "x".repeat(70_000);
        assert_eq!(
            hana.post_multipart("/partners/KESTREL/edit", &[("version", "1"), ("name", &long)], None).status(),
            413
        );
        let many: Vec<(&str, &str)> = vec![("x", "y"); 600];
        assert_eq!(hana.post_multipart("/partners/KESTREL/edit", &many, None).status(), 413);
        // A gzip bomb is not unpacked: the portal takes no compressed forms.
        let bomb = hana
            .request("POST", "/settings")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Content-Encoding", "gzip");
        assert_eq!(hana.send(bomb.body(&b"\x1f\x8b\x08\x00version=1"[..])).status(), 415);
    });
    assert_eq!(hana.get("/partners").status(), 200);
}

#[test]
fn t67_long_addresses_and_many_headers_are_refused_or_answered_never_hung() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let long = "x".repeat(7_000);
    assert_eq!(hana.get(&format!("/partners?q={long}")).status(), 200);
    assert_eq!(hana.get(&format!("/partners/{long}")).status(), 404);
    let megabyte = "x".repeat(1_000_000);
    let headers: String = (0..2000).map(|n| format!("X-{n}: {n}\r\n")).collect();
    for (path, extra) in [
        (format!("/partners?q={megabyte}"), String::new()),
        ("/".into(), format!("X-Long: {megabyte}\r\n")),
        ("/".into(), headers),
        ("/".into(), format!("Cookie: portico={megabyte}\r\n")),
    ] {
        let began = Instant::now();
        let code = status(&raw(&hana, "GET", &path, &extra));
        assert!(matches!(code, 0 | 400 | 413 | 414 | 431), "{} {}: {code}", path.len(), extra.len());
        assert!(began.elapsed() < Duration::from_secs(8));
    }
    assert_eq!(hana.get("/partners").status(), 200);
}

#[test]
fn t67_requests_that_proxies_might_read_differently_are_refused() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let cookie = hana.cookie_header();
    let head = format!(
        "POST /me/theme HTTP/1.1\r\nHost: portal\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    let body = "theme=dark";
    app.assert_unchanged(|| {
        for request in [
            format!(
                "{head}Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /sign-out HTTP/1.1\r\n\r\n"
            ),
            format!("{head}Content-Length: 10\r\nContent-Length: 4\r\n\r\n{body}"),
            format!("{head}Transfer-Encoding: xchunked\r\n\r\n{body}"),
            format!("{head}Content-Length: +10\r\n\r\n{body}"),
            format!("{head}Content-Length: 10 \r\n X: y\r\n\r\n{body}"),
            format!("{head}Content-Length: -1\r\n\r\n{body}"),
            format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"),
            format!("{}\r\n{body}", head.replace("\r\n", "\n")),
            "GET / HTTP/1.1\r\n\r\n".into(),
            "GET /\r\n\r\n".into(),
            "\u{0}\u{1}\u{2}\r\n\r\n".into(),
        ] {
            let began = Instant::now();
            let answer = hana.raw(request.as_bytes());
            let code = status(&answer);
            assert!(
                matches!(code, 0 | 303 | 400 | 408 | 413 | 415 | 501)
                    && !(code == 303 && answer.contains("location: /me\r\n")),
                "{request:?}: {code}"
            );
            assert!(began.elapsed() < Duration::from_secs(14), "{request:?}");
        }
    });
    assert_eq!(hana.get("/partners").status(), 200);
}

#[test]
fn t66_a_body_that_comes_drop_by_drop_is_cut_and_pages_are_answered_meanwhile() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let address = app.base().trim_start_matches("http://").to_owned();
    let began = Instant::now();
    let slow: Vec<TcpStream> = (0..60)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).unwrap();
            let start = if number % 2 == 0 {
                "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na"
            } else {
                "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"
            };
            stream.write_all(start.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream
        })
        .collect();
    let one = Instant::now();
    assert_eq!(hana.get("/partners").status(), 200);
    assert!(one.elapsed() < Duration::from_millis(1500), "{:?}", one.elapsed());
    for mut stream in slow {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        assert!(began.elapsed() < Duration::from_secs(16), "a slow connection is held for {:?}", began.elapsed());
    }
}

#[test]
fn t65_a_pool_that_is_used_up_is_503_soon_and_health_goes_on() {
    let app = TestApp::with(|config| {
        config.database.pool_size = 2;
        config.database.wait_seconds = 1;
    });
    let hana = app.as_(HANA);
    // Somebody holds the table that every request of a session reads.
    let mut holder = app.database().connect();
    diesel::sql_query("BEGIN").execute(&mut holder).unwrap();
    diesel::sql_query("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE").execute(&mut holder).unwrap();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..12)
            .map(|_| {
                let hana = &hana;
                scope.spawn(move || {
                    let began = Instant::now();
                    (hana.get("/partners"), began.elapsed())
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        for path in ["/healthz", "/livez", "/static/app.css"] {
            let began = Instant::now();
            assert_eq!(app.anonymous().get(path).status(), 200, "{path}");
            assert!(began.elapsed() < Duration::from_millis(700), "{path}");
        }
        let ready = app.anonymous().get("/readyz");
        assert_eq!(ready.status(), 503);
        assert!(ready.text().contains("database"));
        for one in all {
            let (answer, took) = one.join().unwrap();
            assert_eq!(answer.status(), 503);
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=5).contains(&wait));
            assert!(took < Duration::from_secs(4), "{took:?}");
            assert!(answer.text().contains("Nothing was changed"));
        }
    });
    diesel::sql_query("COMMIT").execute(&mut holder).unwrap();
    let began = Instant::now();
    while hana.get("/partners").status() != 200 {
        assert!(began.elapsed() < Duration::from_secs(2), "it does not recover");
    }
    assert_eq!(app.anonymous().get("/readyz").status(), 200);
}

#[test]
fn t64_a_portal_whose_database_cuts_its_connections_goes_on_by_itself() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for _ in 0..3 {
        app.database().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'portico'";
        let began = Instant::now();
        while app.database().value(left) != "0" && began.elapsed() < Duration::from_millis(300) {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Those that lay idle are passed over: nobody learns of it.
        assert_eq!(hana.get("/partners").status(), 200);
    }
}

#[test]
fn t64_a_database_that_says_nothing_is_noticed_and_nobody_waits_for_it() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    // What is watched takes connections and never answers; the one that pages would ask is well.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    // A page that is under way when it is noticed.
    let mut holder = app.database().connect();
    diesel::sql_query("BEGIN").execute(&mut holder).unwrap();
    diesel::sql_query("LOCK TABLE partners IN ACCESS EXCLUSIVE MODE").execute(&mut holder).unwrap();
    app.inside().db.watch(&format!("postgres://nobody@{address}/none")).unwrap();
    let began = Instant::now();
    std::thread::sleep(Duration::from_millis(1500));
    let answer = hana.get("/partners");
    assert!(answer.status() == 503 && !answer.header("retry-after").is_empty());
    while app.anonymous().get("/readyz").status() == 200 {
        assert!(began.elapsed() < Duration::from_secs(6), "it is not noticed");
        std::thread::sleep(Duration::from_millis(50));
    }
    diesel::sql_query("ROLLBACK").execute(&mut holder).unwrap();
    assert!(app.anonymous().get("/readyz").text().contains("database"));
    for path in ["/", "/partners"] {
        let asked = Instant::now();
        assert_eq!(hana.get(path).status(), 503, "{path}");
        assert!(asked.elapsed() < Duration::from_secs(1), "{path}");
    }
    for path in ["/healthz", "/static/app.css"] {
        assert_eq!(app.anonymous().get(path).status(), 200, "{path}");
    }
}

#[test]
fn t38_addresses_are_made_from_the_configuration_never_from_the_request() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Original-URL", "/partners/BOREAL"),
        ("X-Rewrite-URL", "/partners/BOREAL"),
    ] {
        for path in ["/", "/partners", "/sign-in", "/.well-known/security.txt", "/nothing"] {
            let answer = hana.send(hana.request("GET", path).header(name, value));
            assert!(!answer.text().contains("evil.example") && !answer.location().contains("evil"), "{name} {path}");
            assert!(!answer.text().contains("Boreal"), "{name} {path}");
        }
    }
    // Nor does a forged host make another site's form ours.
    let request = hana
        .bare("POST", "/me/theme")
        .header("Host", "evil.example")
        .header("Origin", "http://evil.example")
        .form(&[("theme", "dark")]);
    assert_eq!(app.assert_unchanged(|| hana.send(request)).status(), 403);
}

#[test]
fn t49_links_that_people_type_are_only_mail_and_phone() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "tel:+1",
        "a@x.example?bcc=b@x.example\"onclick=alert(1)",
    ] {
        for field in ["support_email", "support_phone"] {
            let form = hana.get("/partners/KESTREL/edit").form("form.form").with(field, bad);
            assert_eq!(
                app.assert_unchanged(|| hana.post_multipart("/partners/KESTREL/edit", &form.pairs(), None)).status(),
                422,
                "{field} {bad}"
            );
        }
    }
    for path in ["/partners", "/partners/KESTREL", "/partners/KESTREL/profile", "/help", "/me", "/settings"] {
        for href in hana.get(path).attributes("a[href]", "href") {
            let known = href.starts_with('/') && !href.starts_with("//")
                || href.starts_with('#')
                || href.starts_with("mailto:")
                || href.starts_with("tel:+");
            assert!(known, "{path}: {href}");
        }
    }
}

#[test]
fn t45_a_file_name_is_text_and_nothing_else() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for name in [
        "../../x.csv",
        "..\\..\\x.csv",
        "a\u{0}b.csv",
        "\u{202e}vsc.exe.csv",
        &format!("{}.csv", "x".repeat(400)),
        "\"quoted\".csv",
        "a\r\nb.csv",
        "<script>alert(1)</script>.csv",
        "=cmd.csv",
    ] {
        let file = Chosen { field: "file", name, bytes: b"code,name,type\nN1,One,airline\n" };
        let answer = hana.post_multipart("/partners/import", &[], Some(file));
        assert!(matches!(answer.status(), 303 | 400 | 422), "{name:?}: {}", answer.status());
        let stored = app.database().value("SELECT file_name FROM imports ORDER BY created_at DESC, id DESC LIMIT 1");
        assert!(
            !stored.contains(['/', '\\', '\u{0}', '\u{202e}', '"', '\r', '\n']) && stored.chars().count() <= 61,
            "{stored:?}"
        );
    }
    let page = hana.get("/partners/import");
    assert_eq!((page.status(), page.count("script:not([src])")), (200, 0));
}

#[test]
fn pages_answer_to_head_as_to_get_without_a_body() {
    let app = TestApp::new();
    let (pia, nobody) = (app.as_(PIA), app.anonymous());
    for (who, path, expected) in [
        (&pia, "/", 200),
        (&pia, "/partners/KESTREL", 200),
        (&pia, "/partners/MERIDIAN", 404),
        (&pia, "/settings", 403),
        (&nobody, "/sign-in", 200),
        (&nobody, "/partners", 303),
    ] {
        let head = who.send(who.request("HEAD", path));
        assert_eq!((head.status(), who.get(path).status()), (expected, expected), "{path}");
        assert!(head.bytes().is_empty(), "{path}");
        assert_eq!(head.header("content-type"), who.get(path).header("content-type"), "{path}");
    }
    // What only a form may do is not done by asking whether it is there.
    app.assert_unchanged(|| assert_eq!(pia.send(pia.request("HEAD", "/sign-out")).status(), 404));
}
