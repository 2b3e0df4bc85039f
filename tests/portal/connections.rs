//! Connections: making, changing, testing and removing them; what they lead to; and where their credentials are not.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::client::Visitor;
use crate::support::servers::{Server, authority};
use crate::support::*;

const SECRET: &str = "planted-secret-9f3a";

fn new_form(visitor: &Visitor, code: &str, kind: &str) -> html::Filled {
    let page = visitor.get(&format!("/connections/new?partner={code}&kind={kind}"));
    assert_eq!(page.status(), 200, "{}", page.text());
    let mut form = page.form("form.form").with("name", "Daily files").with("password", SECRET);
    for (name, value) in [
        ("host", "files.new.example"),
        ("username", "portico"),
        ("url", if kind == "s3" { "https://s3.new.example" } else { "https://api.new.example/v1" }),
        ("region", "eu-west-1"),
        ("bucket", "miles"),
    ] {
        if form.0.iter().any(|(known, _)| known == name) {
            form = form.with(name, value);
        }
    }
    form
}

fn create(visitor: &Visitor, form: &html::Filled) -> Answer {
    visitor.post("/connections", &form.pairs())
}

/// Creates one and gives its address.
#[track_caller]
fn created(visitor: &Visitor, form: &html::Filled) -> String {
    let answer = create(visitor, form);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().to_owned()
}

fn path(id: &str) -> String {
    format!("/connections/{id}")
}

fn edit_form(visitor: &Visitor, address: &str) -> html::Filled {
    visitor.get(&format!("{address}/edit")).form("form.form")
}

fn save(visitor: &Visitor, address: &str, form: &html::Filled) -> Answer {
    visitor.post(&format!("{address}/edit"), &form.pairs())
}

fn field(app: &TestApp, address: &str, column: &str) -> String {
    let id = address.rsplit('/').next().unwrap();
    app.database().value(&format!("SELECT {column} FROM connections WHERE id = '{id}'"))
}

fn events(app: &TestApp) -> Vec<String> {
    app.database().values("SELECT kind FROM activity WHERE at > '2026-11-01' ORDER BY id")
}

/// A portal that may connect to the loopback.
fn open_portal() -> TestApp {
    TestApp::with(|config| {
        config.connections.allow_private = vec!["127.0.0.1".parse().unwrap()];
        config.connections.trusted_certificates = Some(authority());
    })
}

/// Makes a connection to a server of this machine and tests it: state and words.
#[track_caller]
fn tested(app: &TestApp, kind: &str, server: &Server, change: &[(&str, &str)]) -> (String, String) {
    let pia = app.as_(PIA);
    let mut form = new_form(&pia, "KESTREL", kind).with("name", &format!("To {}", server.port));
    for (name, value) in [("host", "127.0.0.1".to_owned()), ("port", server.port.to_string())] {
        if form.0.iter().any(|(known, _)| known == name) {
            form = form.with(name, &value);
        }
    }
    if matches!(kind, "https" | "s3") {
        let end = if kind == "https" { "/v1" } else { "" };
        form = form.with("url", &format!("https://127.0.0.1:{}{end}", server.port));
    }
    for (name, value) in change {
        form = form.with(name, value);
    }
    let address = created(&pia, &form);
    assert_eq!(pia.post(&format!("{address}/test"), &[]).location(), address);
    let page = pia.get(&address);
    let words = field(app, &address, "test_words");
    assert!(page.text().contains("Last test"), "{}", page.text());
    for planted in ["planted-body", "planted-reason", SECRET] {
        assert!(!page.text().contains(planted) && !words.contains(planted), "{kind} shows {planted}: {words}");
    }
    (field(app, &address, "test_state"), words)
}

#[test]
fn s0_7_a_partner_makes_edits_and_removes_its_own_connection() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for kind in ["sftp", "ftps", "https", "s3"] {
        let address = created(&pia, &new_form(&pia, "KESTREL", kind).with("name", kind));
        let page = pia.get(&address);
        assert_eq!((page.first("h1"), page.status()), (kind.to_owned(), 200));
        assert!(page.text().contains("Not tested") && page.text().contains("Nothing uses it yet"));
        assert_eq!(field(&app, &address, "partner_id"), partner::KESTREL);
        let form = edit_form(&pia, &address);
        assert_eq!(save(&pia, &address, &form).status(), 303, "kept as it is");
        assert_eq!(field(&app, &address, "version"), "1", "nothing was different");
        assert_eq!(save(&pia, &address, &form.with("direction", "in")).location(), address);
        assert_eq!(field(&app, &address, "version || direction"), "2in");
        assert_eq!(pia.post(&format!("{address}/removal"), &[("version", "2")]).location(), "/connections");
        assert_eq!(pia.get(&address).status(), 404);
    }
    assert_eq!(events(&app)[..3], ["ConnectionCreated", "ConnectionUpdated", "ConnectionRemoved"]);
    assert_eq!(app.database().value("SELECT bool_or(on_behalf) FROM activity WHERE kind LIKE 'Connection%'"), "false");
    // A host does it on the partner's behalf.
    let hana = app.as_(HANA);
    created(&hana, &new_form(&hana, "KESTREL", "sftp"));
    let line =
        "SELECT partner_id || ' ' || on_behalf FROM activity WHERE kind LIKE 'Connection%' ORDER BY id DESC LIMIT 1";
    assert_eq!(app.database().value(line), format!("{} true", partner::KESTREL));
    assert!(
        pia.get("/partners/KESTREL/activity?about=connections").text().contains("created the connection Daily files")
    );
}

#[test]
fn s0_20_each_role_does_what_its_row_says() {
    let app = TestApp::new();
    app.database().save();
    for (who, reads, writes) in [
        (SAM, true, false),
        (HANA, true, true),
        (RUI, true, false),
        (CLEO, false, false),
        (ALDO, true, false),
        (PIA, true, true),
        (UMA, true, false),
        (OTTO, true, false),
    ] {
        let visitor = app.as_(who);
        let address = path(connection::KESTREL);
        let read = if reads { 200 } else { 403 };
        for page in ["/connections", &address, "/partners/KESTREL/connections"] {
            assert_eq!(visitor.get(page).status(), read, "{} {page}", who.name);
        }
        assert_eq!(
            visitor.get("/partners/KESTREL").text().contains("/partners/KESTREL/connections"),
            reads,
            "{}",
            who.name
        );
        assert_eq!(visitor.get("/search?q=Files").text().contains(&address), reads, "{}", who.name);
        let offered = visitor.get(&address);
        assert_eq!(offered.actions().iter().any(|one| one.ends_with("/test")), writes, "{}", who.name);
        for (page, form) in [
            ("/connections".to_owned(), vec![("partner", "KESTREL"), ("kind", "sftp")]),
            (format!("{address}/edit"), vec![("version", "1")]),
            (format!("{address}/test"), vec![]),
            (format!("{address}/removal"), vec![("version", "1")]),
        ] {
            let act = || visitor.post(&page, &form).status();
            if writes {
                assert!(matches!(act(), 303 | 422), "{} {page}", who.name);
                app.database().restore();
            } else {
                assert_eq!(app.assert_unchanged(act), 403, "{} {page}", who.name);
            }
        }
    }
}

#[test]
fn t03_connections_of_others_do_not_exist() {
    let app = TestApp::new();
    let nobodys = path("c1000000-0000-7000-8000-0000000000ff");
    for (who, foreign) in [
        (PIA, connection::MERIDIAN),
        (PIA, connection::SOLHQ),
        (PIA, connection::BOREAL),
        (OTTO, connection::MERIDIAN),
        (UMA, connection::MERIDIAN),
        (UWE, connection::KESTREL),
        (HANA, connection::BOREAL),
        (HECTOR, connection::KESTREL),
    ] {
        let visitor = app.as_(who);
        for end in ["", "/edit", "/removal"] {
            let (theirs, none) =
                (visitor.get(&format!("{}{end}", path(foreign))), visitor.get(&format!("{nobodys}{end}")));
            assert_eq!(theirs.status(), none.status(), "{} {foreign}{end}", who.name);
            assert!(matches!(theirs.status(), 403 | 404) && (!end.is_empty() || theirs.status() == 404));
        }
        for (end, form) in [("/edit", [("version", "1")]), ("/test", [("x", "1")]), ("/removal", [("version", "1")])] {
            let status = app.assert_unchanged(|| visitor.post(&format!("{}{end}", path(foreign)), &form).status());
            assert!(matches!(status, 403 | 404), "{} {foreign}{end}: {status}", who.name);
        }
        assert!(!visitor.get("/connections?size=100").text().contains(foreign), "{}", who.name);
        assert!(!visitor.get("/connections?partner=MERIDIAN").text().contains(connection::BOREAL));
        assert!(!visitor.get("/search?q=Files").text().contains(foreign), "{}", who.name);
        assert!(!visitor.get("/connections/export.csv").text().contains("boreal") || who == HECTOR);
    }
    let pia = app.as_(PIA);
    assert_eq!(pia.get("/connections").count("tbody tr"), 1);
    assert_eq!(pia.get("/connections?partner=MERIDIAN").count("tbody tr"), 0);
    assert_eq!(pia.get("/partners/MERIDIAN/connections").status(), 404);
    assert_eq!(app.as_(HANA).get("/connections").count("tbody tr"), 3);
    for odd in ["x", "%00", "c1000000-0000-7000-8000-00000000000", "..%2f..", "'%20OR%201=1"] {
        assert_eq!(pia.get(&format!("/connections/{odd}")).status(), 404, "{odd}");
    }
}

#[test]
fn t05_a_form_cannot_give_a_connection_away() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let mut form = new_form(&pia, "KESTREL", "sftp").with("partner", "MERIDIAN");
    for (name, value) in [
        ("partner_id", partner::MERIDIAN),
        ("program_id", program::ALTURA),
        ("id", connection::MERIDIAN),
        ("test_state", "reached"),
        ("secret", "x"),
        ("secret_key_id", "x"),
        ("updated_by_name", "Sam"),
        ("version", "7"),
    ] {
        form = form.with(name, value);
    }
    let address = created(&pia, &form);
    let row = field(&app, &address, "concat_ws(' ', partner_id, test_state, updated_by_name, version)");
    assert_eq!(row, format!("{} untested Pia Partner 1", partner::KESTREL), "one's own, whatever the form says");
    let form = edit_form(&pia, &address).with("partner", "MERIDIAN").with("kind", "s3").with("name", "Renamed");
    assert_eq!(save(&pia, &address, &form).status(), 303);
    assert_eq!(field(&app, &address, "concat_ws(' ', partner_id, kind)"), format!("{} sftp", partner::KESTREL));
    // By raw SQL neither: pages hold no right to read credentials, nor to move a row.
    for (role, statement) in [
        ("portico_partner", "SELECT secret FROM connections"),
        ("portico_host", "SELECT secret FROM connections"),
        ("portico_host", "UPDATE connections SET partner_id = gen_random_uuid()"),
        ("portico_host", "UPDATE connections SET kind = 's3'"),
    ] {
        let refused = app.database().try_run(&format!("BEGIN; SET LOCAL ROLE {role}; {statement}; COMMIT"));
        app.database().try_run("ROLLBACK").ok();
        assert!(refused.unwrap_err().contains("permission denied"), "{role}: {statement}");
    }
}

#[test]
fn s0_2_names_are_unique_in_a_partner_ignoring_case() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    created(&hana, &new_form(&hana, "KESTREL", "sftp"));
    let again = new_form(&hana, "KESTREL", "s3").with("name", "DAILY FILES");
    let refused = app.assert_unchanged(|| create(&hana, &again));
    assert_eq!(refused.status(), 422);
    assert!(refused.error_at("name").contains("a connection of this name"));
    assert_eq!(refused.form("form.form").value("bucket"), "miles", "the rest is kept");
    assert!(!refused.text().contains(SECRET), "but for credentials");
    created(&hana, &again.with("partner", "MERIDIAN"));
    let rename = edit_form(&hana, &path(connection::KESTREL)).with("name", "daily FILES");
    assert_eq!(app.assert_unchanged(|| save(&hana, &path(connection::KESTREL), &rename)).status(), 422);
}

#[test]
fn s0_28_without_a_partner_there_is_no_connection() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let choose = hana.get("/connections/new");
    assert_eq!((choose.status(), choose.count("input[name=kind]"), choose.count("#partner")), (200, 4, 1));
    assert_eq!(choose.count("#errors"), 0);
    for (code, kind, field) in [
        ("NOBODY", "sftp", "partner"),
        ("BOREAL", "sftp", "partner"),
        ("KESTREL", "gopher", "kind"),
        ("", "sftp", "partner"),
    ] {
        let form = [("partner", code), ("kind", kind), ("name", "x")];
        let refused = app.assert_unchanged(|| hana.post("/connections", &form));
        assert_eq!(refused.status(), 422, "{code} {kind}");
        assert!(!refused.error_at(field).is_empty(), "{code} {kind}");
    }
    assert_eq!(app.as_(PIA).get("/connections/new").count("#partner"), 0, "a partner's own people do not choose");
    app.database().run("DELETE FROM integration_uses; DELETE FROM connections");
    assert!(hana.get("/connections").first("h2:not(.nav-h)").contains("No connections yet"));
    let empty = hana.get("/connections");
    assert!(empty.text().contains("Integrations use them"), "{}", empty.text());
    for status in ["planned", "suspended", "archived"] {
        app.database().run(&format!("UPDATE partners SET status = '{status}' WHERE id = '{}'", partner::KESTREL));
        let form = [("partner", "KESTREL"), ("kind", "sftp")];
        let answer = app.assert_unchanged(|| hana.post("/connections", &form));
        assert_eq!(answer.status(), 409, "{status}");
        assert!(
            answer.text().contains(status) && hana.get("/connections/new?partner=KESTREL&kind=sftp").status() == 409
        );
        assert!(!hana.get("/partners/KESTREL/connections").text().contains("Create connection"));
    }
}

#[test]
fn s0_17_what_an_inactive_partner_has_stays_as_it_is() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let address = path(connection::KESTREL);
    let form = edit_form(&hana, &address).with("name", "Other");
    app.database().run(&format!("UPDATE partners SET status = 'suspended' WHERE id = '{}'", partner::KESTREL));
    assert_eq!(pia.get(&address).status(), 200);
    assert_eq!(app.assert_unchanged(|| save(&pia, &address, &form)).status(), 403);
    assert_eq!(app.assert_unchanged(|| pia.post(&format!("{address}/test"), &[])).status(), 403);
    app.database().run(&format!("UPDATE partners SET status = 'archived' WHERE id = '{}'", partner::KESTREL));
    assert_eq!(app.assert_unchanged(|| save(&hana, &address, &form)).status(), 409);
    assert_eq!(app.assert_unchanged(|| hana.post(&format!("{address}/test"), &[])).status(), 409);
}

#[test]
fn t58_of_two_editors_the_first_wins_and_the_other_compares() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    let address = created(&pia, &new_form(&pia, "KESTREL", "sftp"));
    let (first, second) = (edit_form(&hana, &address), edit_form(&pia, &address));
    assert_eq!(save(&hana, &address, &first.with("path", "/hosts")).status(), 303);
    let second = second.with("path", "/partners").with("password", SECRET);
    let answer = app.assert_unchanged(|| save(&pia, &address, &second));
    assert_eq!(answer.status(), 409);
    let text = answer.first("#conflict");
    assert!(text.contains("Hana Host") && text.contains("Folder is “/hosts” now"), "{text}");
    assert_eq!(answer.form("form.form").value("path"), "/partners", "what was typed is kept");
    assert!(!answer.text().contains(SECRET));
    assert_eq!(save(&pia, &address, &answer.form("form.form")).status(), 303, "after comparing it is saved");
    assert_eq!(app.assert_unchanged(|| pia.post(&format!("{address}/removal"), &[("version", "2")])).status(), 409);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let form = edit_form(&pia, &address);
        let all: Vec<_> = (0..8)
            .map(|n| {
                let (pia, form, address) = (&pia, form.clone().with("path", &format!("/{n}")), &address);
                scope.spawn(move || save(&pia.copy(), address, &form).status())
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 409)), "{statuses:?}");
}

#[test]
fn credentials_are_asked_for_again_when_they_would_go_elsewhere() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, &new_form(&pia, "KESTREL", "https"));
    let kept = field(&app, &address, "encode(secret, 'hex')");
    for (name, value) in
        [("url", "https://evil.example/v1"), ("url", "https://api.new.example:8443/v1"), ("auth", "basic")]
    {
        let form = edit_form(&pia, &address).with("username", "u").with(name, value);
        let answer = app.assert_unchanged(|| save(&pia, &address, &form));
        assert_eq!(answer.status(), 422, "{value}");
        assert!(answer.error_at("password").contains("again"), "{value}");
    }
    let form = edit_form(&pia, &address);
    assert_eq!(save(&pia, &address, &form.clone().with("url", "https://api.new.example/v2")).status(), 303);
    assert_eq!(field(&app, &address, "encode(secret, 'hex')"), kept, "another path is no other host");
    let moved = edit_form(&pia, &address).with("url", "https://other.example/").with("password", "another one");
    assert_eq!(save(&pia, &address, &moved).status(), 303);
    assert_ne!(field(&app, &address, "encode(secret, 'hex')"), kept);
    assert_eq!(save(&pia, &address, &edit_form(&pia, &address).with("auth", "none")).status(), 303);
    assert_eq!(field(&app, &address, "secret IS NULL"), "true");
}

#[test]
fn t41_credentials_are_in_no_page_dump_export_activity_or_log() {
    static LEAKED: AtomicBool = AtomicBool::new(false);
    struct Watch;
    impl Write for Watch {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if String::from_utf8_lossy(bytes).contains(SECRET) {
                LEAKED.store(true, Ordering::Relaxed);
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let filter = "portico=trace,reqwest=trace,hyper=trace,hyper_util=trace,rustls=debug";
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Watch).try_init().ok();
    let app = open_portal();
    let pia = app.as_(PIA);
    let server = Server::https(200, "");
    let mut pages = Vec::new();
    let url = format!("https://127.0.0.1:{}/", server.port);
    let mut addresses = Vec::new();
    for kind in ["sftp", "ftps", "https", "s3"] {
        let mut form = new_form(&pia, "KESTREL", kind).with("name", kind);
        if kind == "https" {
            form = form.with("url", &url);
        }
        pages.push(create(&pia, &form.clone().with("name", "")));
        addresses.push(created(&pia, &form));
    }
    assert_eq!(pia.post(&format!("{}/test", addresses[2]), &[]).status(), 303);
    assert!(
        server.heard().contains(&format!("authorization: Bearer {SECRET}")),
        "it is really sent: {}",
        server.heard()
    );
    for address in &addresses {
        pages.push(save(&pia, address, &edit_form(&pia, address).with("password", &format!("{SECRET} two"))));
        for end in ["", "/edit", "/removal"] {
            pages.push(pia.get(&format!("{address}{end}")));
        }
    }
    for path in [
        "/connections",
        "/connections/export.csv",
        "/partners/KESTREL/connections",
        "/partners/KESTREL/activity",
        "/search?q=planted",
        "/activity/export.csv",
    ] {
        pages.push(pia.get(path));
        pages.push(app.as_(HANA).get(path));
    }
    for page in pages {
        assert!(!page.text().replace("q=planted", "").contains(SECRET), "{}", page.text());
    }
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    for table in app.database().values("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
        for row in app.database().values(&format!("SELECT t::text FROM {table} t")) {
            assert!(!row.contains(SECRET) && !row.contains(&hex), "{table}");
        }
    }
    assert!(!LEAKED.load(Ordering::Relaxed), "the log says it");
}

#[test]
fn t55_nothing_internal_is_saved_or_tested() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let sftp = new_form(&pia, "KESTREL", "sftp");
    let https = new_form(&pia, "KESTREL", "https");
    for host in [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.9.9",
        "100.64.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "[::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "224.0.0.1",
        "metadata.google.internal",
    ] {
        let answer = app.assert_unchanged(|| create(&pia, &sftp.clone().with("host", host)));
        assert_eq!(answer.status(), 422, "{host}");
        assert!(answer.error_at("host").contains("internal network"), "{host}: {}", answer.error_at("host"));
        assert!(!answer.text().contains(SECRET));
        let answer = app.assert_unchanged(|| create(&pia, &https.clone().with("url", &format!("https://{host}/x"))));
        assert!(answer.error_at("url").contains("internal network"), "{host}: {}", answer.error_at("url"));
    }
    for (form, field, value) in [
        (&https, "url", "https://api.new.example:22/"),
        (&https, "url", "https://api.new.example:25/"),
        (&https, "url", "http://api.new.example/"),
        (&sftp, "port", "25"),
        (&sftp, "port", "5432"),
    ] {
        let answer = app.assert_unchanged(|| create(&pia, &form.clone().with(field, value)));
        assert!(answer.status() == 422 && !answer.error_at(field).is_empty(), "{value}");
    }
    // What got into the table some other way, or resolves otherwise by now, is refused at the test.
    let server = Server::https(200, "");
    let address = created(&pia, &https);
    let id = address.rsplit('/').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        app.database()
            .run(&format!("UPDATE connections SET host = '{host}', port = {} WHERE id = '{id}'", server.port));
        assert_eq!(pia.post(&format!("{address}/test"), &[]).status(), 303);
        assert_eq!(field(&app, &address, "test_state"), "failed");
        assert!(field(&app, &address, "test_words").contains("internal network"), "{host}");
    }
    assert!(server.heard().is_empty(), "nobody knocked: {}", server.heard());
}

#[test]
fn t55_an_allowed_network_does_not_lead_back_into_the_portal_and_redirects_are_not_followed() {
    let app = open_portal();
    let pia = app.as_(PIA);
    let own = app.base().rsplit(':').next().unwrap().to_owned();
    let form = new_form(&pia, "KESTREL", "sftp").with("host", "127.0.0.1").with("port", &own);
    assert_eq!(app.assert_unchanged(|| create(&pia, &form)).status(), 422, "the portal itself");
    let inside = Server::https(200, "");
    let location: &'static str = format!("Location: https://127.0.0.1:{}/\r\n", inside.port).leak();
    let (state, words) = tested(&app, "https", &Server::https(302, location), &[]);
    assert_eq!(state, "failed");
    assert!(words.contains("(302)") && inside.heard().is_empty(), "{words}");
}

#[test]
fn a_test_really_connects_and_says_what_it_found() {
    let app = open_portal();
    let good = Server::https(204, "");
    assert_eq!(tested(&app, "https", &good, &[]).0, "reached");
    assert!(good.heard().starts_with("HEAD /v1 HTTP/1.1"), "{}", good.heard());
    let (state, words) = tested(&app, "https", &Server::https(401, ""), &[]);
    assert!(state == "failed" && words.contains("refuses the credentials"), "{words}");
    let basic = Server::https(200, "");
    tested(&app, "https", &basic, &[("auth", "basic"), ("username", "u"), ("password", "p w")]);
    assert!(basic.heard().contains("authorization: Basic dTpwIHc="), "{}", basic.heard());

    let bucket = Server::https(200, "");
    assert_eq!(tested(&app, "s3", &bucket, &[("prefix", "daily files/")]).0, "reached");
    let heard = bucket.heard();
    assert!(heard.starts_with("GET /miles?list-type=2&max-keys=1&prefix=daily%20files%2F HTTP/1.1"), "{heard}");
    assert!(heard.contains("AWS4-HMAC-SHA256 Credential=portico/20261120/eu-west-1/s3/aws4_request"), "{heard}");
    assert!(tested(&app, "s3", &Server::https(403, ""), &[]).1.contains("refuses the access key"));

    let ftps = Server::ftps(SECRET);
    let (state, words) = tested(&app, "ftps", &ftps, &[]);
    assert_eq!(state, "reached", "{words}");
    assert!(ftps.heard().contains("USER portico"), "{}", ftps.heard());
    let (state, words) = tested(&app, "ftps", &Server::ftps("another"), &[]);
    assert!(state == "failed" && words.contains("refuses the user name"), "{words}");

    const PRINT: &str = "SHA256:LXEWQrcmsEQBYnyp++6wy9cTpYLHABMqSs5OZ3Y6Oyo";
    let (state, words) = tested(&app, "sftp", &Server::ssh(b"a host key"), &[]);
    let print =
        words.split("Its key is ").nth(1).and_then(|rest| rest.split(':').nth(1)).unwrap_or_default().to_owned();
    assert!(state == "reached" && print.len() == 43, "{words}");
    let (state, words) = tested(&app, "sftp", &Server::ssh(b"a host key"), &[("host_key", &format!("SHA256:{print}"))]);
    assert!(state == "reached" && words.contains("the expected key"), "{words}");
    let (state, words) = tested(&app, "sftp", &Server::ssh(b"a host key"), &[("host_key", PRINT)]);
    assert!(state == "failed" && words.contains("another key than expected"), "{words}");
    // An edit of the target forgets what the test of the old one found.
    let pia = app.as_(PIA);
    let address = format!(
        "/connections/{}",
        app.database().value("SELECT id FROM connections WHERE test_state = 'reached' ORDER BY id LIMIT 1")
    );
    assert_eq!(save(&pia, &address, &edit_form(&pia, &address).with("name", "Renamed")).status(), 303);
    assert_eq!(field(&app, &address, "test_state"), "reached");
    assert_eq!(save(&pia, &address, &edit_form(&pia, &address).with("password", "new one")).status(), 303);
    assert_eq!(field(&app, &address, "test_state || test_words"), "untested");
}

#[test]
fn t56_slow_endless_and_foreign_servers_are_given_up() {
    let app = open_portal();
    let closed = Server::start(|_, _| {});
    let (state, words) = tested(&app, "sftp", &closed, &[]);
    assert!(state == "failed" && words.contains("does not speak this protocol"), "{words}");
    let endless = Server::start(|mut stream, _| while stream.write_all(&[b'x'; 65536]).is_ok() {});
    for kind in ["sftp", "ftps", "https"] {
        let began = Instant::now();
        assert_eq!(tested(&app, kind, &endless, &[]).0, "failed", "{kind}");
        assert!(began.elapsed() < Duration::from_secs(6), "{kind}");
        app.database().run("DELETE FROM connections WHERE name LIKE 'To %'");
    }
    let silent = Server::start(|stream, _| {
        thread::sleep(Duration::from_secs(7));
        drop(stream);
    });
    let began = Instant::now();
    let (_, words) = tested(&app, "ftps", &silent, &[]);
    assert!(words.contains("5 seconds") && began.elapsed() < Duration::from_secs(7), "{words}");
    // Ten megabytes after a good head: the head is what counts.
    let large = Server::start(|stream, _| {
        let mut stream = crate::support::servers::secured(stream);
        let mut some = [0; 4096];
        std::io::Read::read(&mut stream, &mut some).ok();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n").ok();
        while stream.write_all(&[b'x'; 65536]).is_ok() {}
    });
    assert_eq!(tested(&app, "s3", &large, &[]).0, "reached");
    // Without the authority's file nobody knows its certificates.
    let app = TestApp::with(|config| config.connections.allow_private = vec!["127.0.0.0/8".parse().unwrap()]);
    let (state, words) = tested(&app, "https", &Server::https(200, ""), &[]);
    assert!(state == "failed" && words.contains("certificate"), "{words}");
}

#[test]
fn tests_are_limited_to_thirty_an_hour_for_each_person() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let test = format!("{}/test", path(connection::KESTREL));
    for _ in 0..30 {
        assert_eq!(pia.post(&test, &[]).status(), 303);
    }
    let refused = pia.post(&test, &[]);
    assert_eq!(refused.status(), 429);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(hana.post(&test, &[]).status(), 303, "others still may");
    app.pass(chrono::TimeDelta::minutes(59));
    assert_eq!(pia.post(&test, &[]).status(), 429);
    app.pass(chrono::TimeDelta::minutes(1));
    assert_eq!(app.as_(PIA).post(&test, &[]).status(), 303);
    assert_eq!(events(&app).iter().filter(|kind| *kind == "ConnectionTested").count(), 32);
}

#[test]
fn the_key_is_replaced_and_older_credentials_still_open() {
    use portico::access::seal::Sealer;
    use portico::connections::seal::{Rotated, rotate};
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.database().run("DELETE FROM integration_uses; DELETE FROM connections");
    let server = Server::https(200, "");
    let form = new_form(&pia, "KESTREL", "https");
    let address = created(&pia, &form);
    let id = address.rsplit('/').next().unwrap();
    // What the test of a connection opens.
    let heard = |app: &TestApp| {
        app.database()
            .run(&format!("UPDATE connections SET host = '127.0.0.1', port = {} WHERE id = '{id}'", server.port));
        assert_eq!(app.as_(PIA).post(&format!("{address}/test"), &[]).status(), 303);
        field(app, &address, "test_words")
    };
    let (old, new) = (app.inside().key.clone(), b"another key of this portal, as long as you like".to_vec());
    let first = field(&app, &address, "secret_key_id");
    // Without the old key nothing is touched.
    let lost = rotate(&app.inside().db, &Sealer::new(&new, &[])).unwrap();
    assert_eq!(lost, Rotated { done: 0, unreadable: 1 });
    assert_eq!(field(&app, &address, "secret_key_id"), first);
    let sealer = Sealer::new(&new, &[old]);
    assert_eq!(rotate(&app.inside().db, &sealer).unwrap(), Rotated { done: 1, unreadable: 0 });
    assert_eq!(rotate(&app.inside().db, &sealer).unwrap(), Rotated::default(), "there is nothing left to do");
    assert_eq!(field(&app, &address, "secret_key_id"), sealer.key_id());
    assert_eq!(field(&app, &address, "version"), "1", "nobody's edit is disturbed");
    assert!(events(&app).contains(&"SecretsSealedAnew".to_owned()));
    // The portal with the old key alone cannot read it any more, and says so.
    assert!(heard(&app).contains("cannot be read with the portal’s present key"));
    let fresh = TestApp::with(|config| {
        let bytes: String = new.iter().map(|byte| format!("{byte:02x}")).collect();
        config.secret_key = Some(bytes.into());
        config.old_secret_keys = vec![crate::support::app::KEY.to_owned().into()];
    });
    assert_eq!(fresh.inside().sealer.key_id(), sealer.key_id());
}

#[test]
fn lists_filter_sort_page_and_export() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    for n in 0..60 {
        let kind = ["sftp", "s3"][n % 2];
        app.database().run(&format!(
            "INSERT INTO connections (id, program_id, partner_id, name, kind, direction, host, port, bucket, auth, created_at, updated_at, updated_by, updated_by_name)
             VALUES (gen_random_uuid(), '{}', '{}', '=Row {n:02}', '{kind}', 'in', 'h{n}.example', 22, '{}', 'none', now(), now(), '{}', 'Pia Partner')",
            program::SOLSTICE, partner::KESTREL, if kind == "s3" { "bkt" } else { "" }, PIA.id
        ));
    }
    let rows = |query: &str| hana.get(&format!("/connections?size=100&{query}")).count("tbody tr");
    assert_eq!(
        (rows(""), rows("kind=s3"), rows("direction=out"), rows("partner=kestrel"), rows("test=failed")),
        (63, 30, 3, 61, 0)
    );
    assert_eq!(
        (rows("q=h7.example"), rows("q=BKT"), rows("q=%25"), rows(&format!("updated_by={}", PIA.id))),
        (1, 30, 0, 60)
    );
    let (mut seen, mut address) = (Vec::new(), "/connections?sort=-name".to_owned());
    loop {
        let page = hana.get(&address);
        seen.extend(page.texts("tbody th"));
        match page.attributes("a[rel=next]", "href").first() {
            Some(next) => address = next.clone(),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    sorted.dedup();
    assert_eq!((seen.len(), &seen[..3]), (63, &sorted[..3]));
    let file = hana.get("/connections/export.csv?kind=s3").text();
    assert_eq!(file.lines().count(), 31);
    assert!(file.contains("'=Row 01"), "{file}");
    assert_eq!(app.as_(UMA).get("/connections/export.csv").status(), 403);
}
