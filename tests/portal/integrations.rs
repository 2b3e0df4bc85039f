//! Integrations as partners write them: beginning one, its five pages, pictures, test credentials, what they use, and
//! who may see any of it.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

const SECRET: &str = "tester-7 and planted-secret-51b2";
const PAGES: [&str; 5] = ["general", "listing", "configure", "media", "legal"];

fn create(visitor: &Visitor, code: &str, name: &str, kind: &str) -> Answer {
    visitor.post("/integrations", &[("partner", code), ("name", name), ("kind", kind)])
}

/// Begins one and gives its address.
#[track_caller]
fn created(visitor: &Visitor, name: &str, kind: &str) -> String {
    let answer = create(visitor, "KESTREL", name, kind);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().strip_suffix("/pages/general").unwrap().to_owned()
}

fn path(id: &str) -> String {
    format!("/integrations/{id}")
}

fn form(visitor: &Visitor, address: &str, page: &str) -> html::Filled {
    visitor.get(&format!("{address}/pages/{page}")).form("form.form")
}

fn save(visitor: &Visitor, address: &str, page: &str, form: &html::Filled) -> Answer {
    visitor.post_multipart(&format!("{address}/pages/{page}"), &form.pairs(), None)
}

#[track_caller]
fn saved(visitor: &Visitor, address: &str, page: &str, changes: &[(&str, &str)]) {
    let filled = changes.iter().fold(form(visitor, address, page), |form, (name, value)| form.with(name, value));
    let answer = save(visitor, address, page, &filled);
    assert_eq!(answer.status(), 303, "{page}: {}", answer.text());
}

fn id(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

fn field(app: &TestApp, address: &str, column: &str) -> String {
    app.database().value(&format!("SELECT {column} FROM integrations WHERE id = '{}'", id(address)))
}

fn events(app: &TestApp) -> Vec<String> {
    app.database().values(
        "SELECT event -> 'event' ->> 'what' FROM activity WHERE kind = 'Integration' AND at > '2026-11-01' ORDER BY id",
    )
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn upload(visitor: &Visitor, address: &str, field: &str, bytes: &[u8], alt: &str) -> Answer {
    let filled = form(visitor, address, "media").with(&format!("{field}-alt"), alt);
    let chosen = Chosen { field, name: "picture.png", bytes };
    visitor.post_multipart(&format!("{address}/pages/media"), &filled.pairs(), Some(chosen))
}

/// Sends Kestrel's integration that waits for the host back to its partner.
fn send_back(app: &TestApp) {
    app.database().run(&format!(
        "UPDATE integrations SET state = 'changes_requested', expected_at = NULL WHERE id = '{0}';
         UPDATE integration_submissions SET outcome = 'changes_requested', summary = 'Nearly there: name what earns.',
           answered_at = '2026-11-19 12:00Z', answered_by_name = 'Rui Reviewer' WHERE integration_id = '{0}'",
        integration::KESTREL
    ));
}

#[test]
fn s2_3_a_partner_begins_one_and_fills_its_five_pages() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "Kestrel Stay Sync", "internal");
    let page = pia.get(&format!("{address}/pages/general"));
    assert_eq!((page.first("h1"), page.texts(".tasks b").len()), ("Kestrel Stay Sync".into(), 5));
    assert!(page.texts(".tasks small")[0].contains("1 missing"), "{:?}", page.texts(".tasks small"));
    saved(
        &pia,
        &address,
        "general",
        &[("support-email", "Help@Kestrel.example"), ("support-link", "https://help.kestrel.example")],
    );
    saved(
        &pia,
        &address,
        "listing",
        &[
            ("summary", "Two miles for each\nnight."),
            ("description", "Earn **two** miles.\n\n<script>alert(1)</script> [x](javascript:alert(1))"),
            ("categories", "Travel"),
            ("link0-label", "Rates"),
            ("link0-url", "https://kestrel.example/rates"),
        ],
    );
    saved(&pia, &address, "configure", &[("template", template::KESTREL), ("source", connection::KESTREL)]);
    saved(
        &pia,
        &address,
        "legal",
        &[("terms-link", "https://kestrel.example/terms"), ("data-use", "Kept for a *year*.")],
    );
    assert_eq!(upload(&pia, &address, "icon", &png(256, 256), "A kestrel").status(), 303);
    let names = pia.get(&format!("{address}/pages/listing")).attributes("#links input", "name");
    assert_eq!(names[..4], ["link0-label", "link0-url", "link1-label", "link1-url"]);
    let page = pia.get(&format!("{address}/pages/legal"));
    assert!(page.texts(".tasks small").iter().all(|mark| mark == "Complete"), "{:?}", page.texts(".tasks small"));
    assert!(page.first(".checks").contains("Nothing required is missing"));
    assert_eq!(page.attributes(".checks + p a", "href"), [format!("{address}/submission")]);

    let shown = pia.get(&address);
    assert_eq!(shown.first("#summary dd"), "Two miles for each night.");
    assert!(shown.text().contains("Earn <strong>two</strong> miles."));
    assert_eq!(shown.count(".md script") + shown.count(".md a"), 0, "nothing of it runs");
    assert!(shown.first("#description dd").contains("<script>alert(1)</script>"), "it is text");
    assert_eq!(shown.attributes("#links dd a", "rel"), ["noopener nofollow"]);
    assert_eq!(shown.first("#source dd"), "Files of Kestrel Car Rental");
    assert_eq!(shown.attributes("#icon img", "alt"), ["A kestrel"]);
    assert_eq!(events(&app)[..2], ["Created", "PageSaved"]);
    assert_eq!(events(&app).len(), 6, "{:?}", events(&app));
    assert!(shown.first(".log").contains("changed"), "{}", shown.first(".log"));
    // What is saved as it was is no event.
    let version = field(&app, &address, "version");
    assert_eq!(save(&pia, &address, "legal", &form(&pia, &address, "legal")).status(), 303);
    assert_eq!(field(&app, &address, "version"), version);
}

#[test]
fn s2_3_a_host_begins_one_for_a_partner_and_that_is_recorded_so() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let page = hana.get("/integrations/new?partner=KESTREL");
    assert_eq!(page.form("form.form").value("partner"), "KESTREL");
    let address = created(&hana, "Made by a host", "external");
    saved(&hana, &address, "general", &[("link", "https://kestrel.example")]);
    let line = "SELECT string_agg(DISTINCT on_behalf::text, ' ') FROM activity WHERE kind = 'Integration' AND at > '2026-11-01'";
    assert_eq!(app.database().value(line), "true");
    assert_eq!(field(&app, &address, "partner_id"), partner::KESTREL);
    for (code, name) in [("NOBODY", "Another"), ("BOREAL", "Another"), ("", "Another"), ("KESTREL", "made BY a host")] {
        let refused = app.assert_unchanged(|| create(&hana, code, name, "internal"));
        assert_eq!(refused.status(), 422, "{code}");
        assert!(refused.form("form.form").value("name") == name, "what was typed is kept");
    }
    // A partner's people are asked for no partner, and cannot name one.
    let uma = app.as_(UMA);
    assert_eq!(uma.get("/integrations/new").count("[name=partner]"), 0);
    assert_eq!(create(&uma, "MERIDIAN", "Of a user", "internal").status(), 303);
    assert_eq!(app.database().value("SELECT partner_id FROM integrations WHERE name = 'Of a user'"), partner::KESTREL);
}

#[test]
fn s0_28_nothing_begins_before_the_partner_is_active_and_answered_the_form() {
    let app = TestApp::new();
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    app.database().run(&format!("DELETE FROM form_answers WHERE partner_id = '{}'", partner::KESTREL));
    for visitor in [&pia, &hana] {
        let refused = app.assert_unchanged(|| create(visitor, "KESTREL", "Too early", "internal"));
        assert_eq!(refused.status(), 409);
        assert_eq!(refused.attributes(".notice a", "href"), ["/partners/KESTREL/profile/answers"]);
    }
    assert_eq!(pia.get("/integrations/new").count("form.form"), 0);
    assert_eq!(pia.get("/partners/KESTREL/integrations").count(".filters a"), 0);
    // A program without a form asks for nothing.
    app.database().run("UPDATE form_versions SET state = 'retired' WHERE state = 'live'");
    created(&pia, "In time", "internal");
    for status in ["planned", "pending", "offboarding", "suspended", "archived"] {
        app.database().run(&format!("UPDATE partners SET status = '{status}' WHERE code = 'KESTREL'"));
        let refused = app.assert_unchanged(|| create(&hana, "KESTREL", "Too late", "internal"));
        assert_eq!(refused.status(), 409, "{status}");
        assert_eq!(refused.attributes(".notice a", "href"), ["/partners/KESTREL"], "{status}");
    }
}

#[test]
fn s0_20_each_role_does_what_its_row_says() {
    let app = TestApp::new();
    send_back(&app);
    app.database().save();
    for (who, writes, reviews) in [
        (SAM, false, false),
        (HANA, true, true),
        (RUI, false, true),
        (CLEO, false, false),
        (ALDO, false, false),
        (PIA, true, false),
        (UMA, true, false),
        (OTTO, false, false),
    ] {
        let (visitor, address) = (app.as_(who), path(integration::KESTREL));
        for page in PAGES {
            let shown = visitor.get(&format!("{address}/pages/{page}"));
            assert_eq!((shown.status(), shown.count("form.form") > 0), (200, writes), "{} {page}", who.name);
        }
        for page in [address.clone(), "/partners/KESTREL/integrations".into()] {
            assert_eq!(visitor.get(&page).status(), 200, "{} {page}", who.name);
        }
        let wanted = |may: bool, done: u16| if may { done } else { 403 };
        assert_eq!(visitor.get("/integrations/new").status(), wanted(writes, 200), "{}", who.name);
        assert_eq!(create(&visitor, "KESTREL", "New", "internal").status(), wanted(writes, 303), "{}", who.name);
        let typed = html::Filled(vec![("version".into(), "1".into()), ("data-use".into(), who.name.into())]);
        assert_eq!(save(&visitor, &address, "legal", &typed).status(), wanted(writes, 303), "{}", who.name);
        let opened = visitor.post(&format!("{address}/credentials/opening"), &[]).status();
        assert_eq!(opened, wanted(reviews, 409), "{}", who.name);
        app.database().restore();
    }
}

#[test]
fn t47_what_belongs_to_another_partner_is_nowhere() {
    let app = TestApp::new();
    send_back(&app);
    let pia = app.as_(PIA);
    for other in [
        integration::MERIDIAN,
        integration::MERIDIAN_LIVE,
        integration::BOREAL,
        "d1000000-0000-7000-8000-0000000000ff",
        "x",
        "%00",
    ] {
        let address = path(other);
        let ends = ["", "/pages/general", "/pages/media", &format!("/images/{}", image_of(partner::MERIDIAN))];
        for end in ends {
            assert_eq!(pia.get(&format!("{address}{end}")).status(), 404, "{other}{end}");
        }
        let typed = html::Filled(vec![("version".into(), "1".into()), ("data-use".into(), "mine".into())]);
        app.assert_unchanged(|| {
            assert_eq!(save(&pia, &address, "legal", &typed).status(), 404);
            let secret = [("version", "1"), ("do", "store"), ("credentials", "x")];
            assert_eq!(pia.post(&format!("{address}/credentials"), &secret).status(), 404);
            assert_eq!(pia.post(&format!("{address}/following"), &[("follow", "yes")]).status(), 404);
        });
    }
    for code in ["MERIDIAN", "BOREAL"] {
        assert_eq!(pia.get(&format!("/partners/{code}/integrations")).status(), 404);
    }
    // Another integration's picture is not this one's, even where both are in scope.
    let hana = app.as_(HANA);
    let mixed = format!("{}/images/{}", path(integration::KESTREL), image_of(partner::MERIDIAN));
    assert_eq!(hana.get(&mixed).status(), 404);
    let own = format!("{}/images/{}", path(integration::KESTREL), image_of(partner::KESTREL));
    assert_eq!((hana.get(&own).status(), pia.get(&own).status()), (200, 200));
    assert_eq!(pia.get(&format!("{}/pages/nothing", path(integration::KESTREL))).status(), 404);
    // Templates and connections of others are as unknown as those of nobody, for partner and host alike.
    let address = path(integration::KESTREL);
    for visitor in [&pia, &hana] {
        for (field, theirs) in [
            ("template", template::MERIDIAN),
            ("template", template::BOREAL),
            ("template", "a1000000-0000-7000-8000-0000000000ff"),
            ("template", "x"),
            ("source", connection::MERIDIAN),
            ("target", connection::SOLHQ),
        ] {
            let filled = form(visitor, &address, "configure").with(field, theirs);
            let refused = app.assert_unchanged(|| save(visitor, &address, "configure", &filled));
            assert_eq!(refused.status(), 422, "{field} {theirs}");
            assert_eq!(refused.error_at(field), "Error: Choose one of the list.");
        }
        let lists = visitor.get(&format!("{address}/pages/configure"));
        assert_eq!(lists.count("#template option"), 2, "none, and its own");
    }
}

#[test]
fn what_is_in_review_or_over_is_only_read_and_says_why() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = path(integration::KESTREL);
    let frozen = |why: &str| {
        let page = pia.get(&format!("{address}/pages/listing"));
        assert_eq!((page.status(), page.count("form.form")), (200, 0), "{why}");
        assert!(page.first("main").contains(why), "{why}: {}", page.first("main"));
        assert!(page.first("#description dd").contains("Earn at"));
        let version = field(&app, &address, "version");
        let typed = html::Filled(vec![("version".into(), version.clone()), ("summary".into(), "Mine".into())]);
        let secret = [("version", version.as_str()), ("do", "store"), ("credentials", "x")];
        app.assert_unchanged(|| {
            assert_eq!(save(&pia, &address, "listing", &typed).status(), 409, "{why}");
            assert_eq!(pia.post(&format!("{address}/credentials"), &secret).status(), 409, "{why}");
        });
    };
    frozen("Withdraw it first");
    assert!(pia.get(&address).text().contains("Answer expected by"), "both sides see the date");
    app.database().run(&format!(
        "UPDATE integrations SET state = 'rejected', expected_at = NULL, reason = 'Not for our members.' WHERE id = '{}'",
        integration::KESTREL
    ));
    frozen("It was rejected");
    assert!(pia.get(&address).first(".notice").contains("Not for our members."));
    // A suspended partner's items are frozen, also for its host.
    app.database().run(&format!(
        "UPDATE integrations SET state = 'draft' WHERE id = '{}'; UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'",
        integration::KESTREL
    ));
    let hana = app.as_(HANA);
    let page = hana.get(&format!("{address}/pages/legal"));
    assert_eq!(page.count("form.form"), 0);
    assert!(page.first(".notice").contains("is suspended"));
    let typed = html::Filled(vec![("version".into(), "1".into()), ("data-use".into(), "Mine".into())]);
    assert_eq!(app.assert_unchanged(|| save(&hana, &address, "legal", &typed)).status(), 409);
}

#[test]
fn after_changes_were_requested_the_partner_edits_and_sees_what_it_changed() {
    let app = TestApp::new();
    send_back(&app);
    let pia = app.as_(PIA);
    let address = path(integration::KESTREL);
    let page = pia.get(&format!("{address}/pages/listing"));
    assert!(page.first(".notice").contains("Rui Reviewer: Nearly there"));
    assert!(page.first(".meta").contains("Your move; the review clock is paused"));
    assert!(page.texts(".tasks small")[1].contains("1 open"), "the internal note is not counted");
    assert!(page.first(".checks").contains("0 of 1 blocking item answered"), "{}", page.first(".checks"));
    assert!(!page.texts(".tasks small")[1].contains("Changed"));
    saved(&pia, &address, "listing", &[("summary", "Two miles a night")]);
    let page = pia.get(&format!("{address}/pages/listing"));
    assert!(page.texts(".tasks small")[1].contains("Changed"));
    assert!(!page.texts(".tasks small")[0].contains("Changed"));
    // The frozen submission is as it was.
    let stored = format!(
        "SELECT content ->> 'summary' FROM integration_submissions WHERE integration_id = '{}'",
        integration::KESTREL
    );
    assert_eq!(app.database().value(&stored), "Nights of Kestrel Car Rental");
}

#[test]
fn what_is_live_stays_while_a_revision_is_written() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = path(integration::KESTREL_LIVE);
    let page = pia.get(&format!("{address}/pages/general"));
    assert_eq!(page.count("form.form"), 0);
    assert!(page.attributes(".notice a", "href").contains(&format!("{address}/revision")));
    let typed = html::Filled(vec![("version".into(), "1".into()), ("data-use".into(), "Mine".into())]);
    assert_eq!(app.assert_unchanged(|| save(&pia, &address, "legal", &typed)).status(), 409);
    app.database().run(&format!("UPDATE integrations SET revision = 'draft' WHERE id = '{}'", id(&address)));
    saved(&pia, &address, "general", &[("name", "Another name"), ("support-link", "https://new.kestrel.example")]);
    assert_eq!(field(&app, &address, "name || version"), "Live of Kestrel Car Rental2", "members know it by that");
    let live = pia.get(&address);
    assert_eq!(
        (live.first("#name dd"), live.first("#support-link dd")),
        ("Live of Kestrel Car Rental".into(), "Empty".into())
    );
    assert!(live.first(".notice").contains("differs in 2 fields"), "{}", live.first(".notice"));
    let work = pia.get(&format!("{address}?shown=work"));
    assert_eq!(work.first("#name dd"), "Another name");
    assert!(live.first(".head").contains("Published") && live.first(".head").contains("Update in draft"));
    // A name that another one has is refused before it comes to publishing.
    let filled = form(&pia, &address, "general").with("name", "FEED of Kestrel car rental");
    let refused = app.assert_unchanged(|| save(&pia, &address, "general", &filled));
    assert!(refused.error_at("name").contains("already"), "{}", refused.error_at("name"));
}

#[test]
fn t09_a_stale_form_saves_nothing_keeps_what_was_typed_and_says_who_was_faster() {
    let app = TestApp::new();
    send_back(&app);
    let (pia, hana) = (app.as_(PIA), app.as_(HANA));
    let address = path(integration::KESTREL);
    let stale = form(&pia, &address, "listing").with("summary", "Pia’s own words");
    saved(&hana, &address, "legal", &[("data-use", "By the host")]);
    let refused = app.assert_unchanged(|| save(&pia, &address, "listing", &stale));
    assert_eq!(refused.status(), 409);
    assert!(refused.first("#conflict").contains("Hana Host changed this integration meanwhile"));
    let again = refused.form("form.form");
    assert_eq!((again.value("summary"), again.value("version")), ("Pia’s own words", "2"));
    assert_eq!(save(&pia, &address, "listing", &again).status(), 303);
    assert_eq!(
        field(&app, &address, "content ->> 'summary' || (content ->> 'data_use')"),
        "Pia’s own wordsBy the host"
    );
    // Also when it was submitted meanwhile: then there is nothing to press, but the words are there.
    let stale = form(&pia, &address, "listing").with("summary", "Too late");
    app.database().run(&format!(
        "UPDATE integrations SET state = 'in_review', expected_at = now(), version = version + 1, updated_by_name = 'Dora' WHERE id = '{}'",
        integration::KESTREL
    ));
    let refused = app.assert_unchanged(|| save(&pia, &address, "listing", &stale));
    assert_eq!((refused.status(), refused.form("form.form").value("summary")), (409, "Too late"));
    assert!(!refused.texts("button").contains(&"Save page".to_owned()));
}

#[test]
fn s2_4_each_field_is_checked_and_nothing_wrong_is_stored() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "Field by field", "external");
    let long = "x".repeat(241);
    let longer = "x".repeat(20_001);
    for (page, name, typed, said) in [
        ("general", "name", "", "cannot be empty"),
        ("general", "name", "FEED of Kestrel Car Rental", "already"),
        ("general", "kind", "other", "not one of"),
        ("general", "link", "http://kestrel.example", "https"),
        ("general", "link", "javascript:alert(1)", "https"),
        ("general", "link", "https://user:pass@kestrel.example", "user name"),
        ("general", "support-email", "nobody", "@"),
        ("general", "support-link", "kestrel.example", "https"),
        ("general", "documentation", "ftp://kestrel.example", "https"),
        ("listing", "summary", &long, "240"),
        ("listing", "description", &longer, "20,000"),
        ("listing", "link0-url", "https://kestrel.example", ""),
        ("listing", "member-terms", &longer, "20,000"),
        ("legal", "terms-link", "data:text/html,x", "https"),
        ("legal", "privacy-link", "//kestrel.example", "https"),
        ("legal", "data-use", "a\u{0}b", "cannot be shown"),
        ("media", "video", "http://kestrel.example", "https"),
    ] {
        let mut filled = form(&pia, &address, page);
        if name == "kind" {
            filled = filled.without("kind");
        }
        let filled = filled.with(name, typed);
        let refused = app.assert_unchanged(|| save(&pia, &address, page, &filled));
        assert_eq!(refused.status(), 422, "{page} {name} {}", &typed[..typed.len().min(30)]);
        let at = if name == "link0-url" { "link0-label" } else { name };
        assert!(
            refused.error_at(at).contains(said) && !refused.error_at(at).is_empty(),
            "{name}: {}",
            refused.error_at(at)
        );
        if name != "kind" && !typed.contains('\u{0}') {
            assert_eq!(refused.form("form.form").value(name), typed, "{name} is kept");
        }
    }
    let refused = app.assert_unchanged(|| {
        save(&pia, &address, "listing", &form(&pia, &address, "listing").with("categories", "Mine"))
    });
    assert!(refused.first(".errors").contains("Choose from the list"));
    // What was chosen stays, though the program removed it since.
    saved(&pia, &address, "listing", &[("categories", "Travel")]);
    app.database().run("UPDATE review_settings SET categories = '[\"Earn\"]'");
    saved(&pia, &address, "listing", &[("summary", "Still travelling")]);
    assert_eq!(field(&app, &address, "content -> 'categories'"), "[\"Travel\"]");
}

#[test]
fn s0_34_one_template_and_one_or_two_connections_that_go_the_right_way() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "Both ways", "internal");
    saved(
        &pia,
        &address,
        "configure",
        &[("template", template::KESTREL), ("source", connection::KESTREL), ("target", connection::KESTREL)],
    );
    let uses = format!(
        "SELECT string_agg(place, ' ' ORDER BY place) FROM integration_uses WHERE integration_id = '{}'",
        id(&address)
    );
    assert_eq!(app.database().value(&uses), "source target template");
    app.database().run(&format!("UPDATE connections SET direction = 'in' WHERE id = '{}'", connection::KESTREL));
    let filled = form(&pia, &address, "configure");
    let refused = app.assert_unchanged(|| save(&pia, &address, "configure", &filled));
    assert!(refused.error_at("target").contains("only fetched from"), "{}", refused.error_at("target"));
    // An external one keeps nothing that nobody would see.
    saved(&pia, &address, "general", &[("kind", "external")]);
    assert_eq!(app.database().value(&uses), "");
    assert_eq!(pia.get(&format!("{address}/pages/configure")).count("select"), 0);
}

#[test]
fn connections_and_templates_in_use_are_not_removed_also_when_only_what_is_live_uses_them() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "User of both", "internal");
    saved(&pia, &address, "configure", &[("template", template::KESTREL), ("source", connection::KESTREL)]);
    let (held, layout) = (format!("/connections/{}", connection::KESTREL), format!("/templates/{}", template::KESTREL));
    let refuses = |who: &str, page: &str| {
        let removal = app.assert_unchanged(|| pia.post(&format!("{page}/removal"), &[("version", "1")]));
        assert_eq!(removal.status(), 409, "{page}");
        assert!(removal.text().contains(who), "{page}");
        assert!(pia.get(page).text().contains(who), "{page}");
    };
    refuses("User of both", &held);
    refuses("User of both", &layout);
    assert!(pia.get(&layout).attributes("a", "href").contains(&address));
    // The draft lets go; what is live still names the connection.
    app.database().run("DELETE FROM integration_uses");
    app.database().run(&format!(
        "INSERT INTO integration_uses (partner_id, integration_id, place, stage, connection_id) VALUES ('{}', '{}', 'source', 'live', '{}')",
        partner::KESTREL, integration::KESTREL_LIVE, connection::KESTREL
    ));
    refuses("Live of Kestrel Car Rental", &held);
    assert_eq!(pia.post(&format!("{layout}/removal"), &[("version", "1")]).status(), 303);
    // A page that names what is gone meanwhile says so.
    let filled = html::Filled(vec![
        ("version".into(), field(&app, &address, "version")),
        ("template".into(), template::KESTREL.into()),
    ]);
    assert_eq!(app.assert_unchanged(|| save(&pia, &address, "configure", &filled)).status(), 422);
}

#[test]
fn t42_pictures_are_decoded_checked_and_served_to_who_may_see_the_integration() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "With pictures", "internal");
    for (name, bytes, alt, said) in [
        ("icon", png(100, 100), "Small", "at least 128"),
        ("icon", png(300, 200), "Wide", "square"),
        ("icon", png(300, 300), "", ""),
        ("hero", b"<svg onload='alert(1)'/>".to_vec(), "Not a picture", "not a PNG"),
        ("hero", b"\x89PNG\r\n\x1a\nbroken".to_vec(), "Broken", "damaged"),
        ("new0", png(4097, 1), "Long", "4096"),
    ] {
        let refused = app.assert_unchanged(|| upload(&pia, &address, name, &bytes, alt));
        assert_eq!(refused.status(), 422, "{name} {alt}");
        let at = if alt.is_empty() { format!("{name}-alt") } else { name.to_owned() };
        assert!(!refused.error_at(&at).is_empty() && refused.error_at(&at).contains(said), "{}", refused.error_at(&at));
    }
    let mut polyglot = png(800, 600);
    polyglot.extend_from_slice(b"<script>alert(1)</script>");
    assert_eq!(upload(&pia, &address, "hero", &polyglot, "A garden").status(), 303);
    let source = pia.get(&address).attributes("#hero img", "src").remove(0);
    let served = pia.get(&source);
    assert_eq!((served.status(), served.header("content-type")), (200, "image/jpeg"));
    assert!(!served.text().contains("<script"));
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("cache-control").starts_with("private"));
    assert!(served.header("content-security-policy").starts_with("sandbox"));
    for (who, status) in [(HANA, 200), (OTTO, 200), (MIRA, 404), (HECTOR, 404), (UWE, 404)] {
        assert_eq!(app.as_(who).get(&source).status(), status, "{}", who.name);
    }
    assert_eq!(app.anonymous().get(&source).status(), 303);
    // Nobody but the partner saw it: it goes with its tick. Later ones stay for what shows them.
    let count = format!("SELECT count(*) FROM integration_images WHERE integration_id = '{}'", id(&address));
    saved(&pia, &address, "media", &[("hero-gone", "yes")]);
    assert_eq!((app.database().value(&count), pia.get(&source).status()), ("0".into(), 404));
    assert_eq!(upload(&pia, &address, "hero", &png(700, 500), "A garden").status(), 303);
    app.database().run(&format!("UPDATE integrations SET submission = 1 WHERE id = '{}'", id(&address)));
    saved(&pia, &address, "media", &[("hero-gone", "yes")]);
    assert_eq!(app.database().value(&count), "1");
}

#[test]
fn s2_4_at_most_eight_screenshots_each_with_words() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "Many pictures", "internal");
    for n in 0..8 {
        assert_eq!(upload(&pia, &address, "new0", &png(600 + n, 300), &format!("Screen {n}")).status(), 303);
    }
    let page = pia.get(&format!("{address}/pages/media"));
    assert_eq!((page.count("[name=new0]"), page.count("[name=shot7-alt]")), (0, 1));
    let refused = app.assert_unchanged(|| upload(&pia, &address, "new0", &png(650, 300), "One more"));
    assert_eq!(refused.status(), 422);
    assert!(refused.first(".errors").contains("8 are allowed"));
    saved(&pia, &address, "media", &[("shot0-gone", "yes"), ("shot1-alt", "Now the first")]);
    let alts = pia.get(&address).attributes("#screenshots img", "alt");
    assert_eq!((alts.len(), alts[0].as_str()), (7, "Now the first"));
}

#[test]
fn t41_test_credentials_are_sealed_and_opened_by_reviewers_alone_while_it_is_in_review() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let address = created(&pia, "With credentials", "internal");
    let configure = format!("{address}/pages/configure");
    let empty = [("version", "1"), ("do", "store"), ("credentials", "  ")];
    assert_eq!(app.assert_unchanged(|| pia.post(&format!("{address}/credentials"), &empty)).status(), 422);
    let store = [("version", "1"), ("do", "store"), ("credentials", SECRET)];
    assert_eq!(pia.post(&format!("{address}/credentials"), &store).location(), format!("{configure}#credentials"));
    for page in [&configure, &address] {
        let text = pia.get(page).text();
        assert!(text.contains("Nov 2026") && text.contains("UTC") && !text.contains("planted-secret"), "{page}");
    }
    let dump = "SELECT count(*) FROM (SELECT integrations::text AS t FROM integrations UNION ALL SELECT activity::text FROM activity \
        UNION ALL SELECT encode(secret, 'escape') FROM integration_credentials) x WHERE t LIKE '%planted-secret%'";
    assert_eq!(app.database().value(dump), "0");
    for role in ["portico_partner", "portico_host"] {
        let right = format!("SELECT has_column_privilege('{role}', 'integration_credentials', 'secret', 'SELECT')");
        assert_eq!(app.database().value(&right), "false", "{role}");
    }
    // Not while it is being written, and never by the partner's people or by who only reads.
    let opening = format!("{address}/credentials/opening");
    let rui = app.as_(RUI);
    assert_eq!(app.assert_unchanged(|| rui.post(&opening, &[])).status(), 409);
    app.database().run(&format!(
        "UPDATE integrations SET state = 'in_review', expected_at = now() WHERE id = '{}'",
        id(&address)
    ));
    for who in [PIA, UMA, ALDO, CLEO, SAM] {
        let visitor = app.as_(who);
        assert_eq!(app.assert_unchanged(|| visitor.post(&opening, &[])).status(), 403, "{}", who.name);
    }
    assert_eq!(app.as_(HECTOR).post(&opening, &[]).status(), 404);
    let opened = rui.post(&opening, &[]);
    assert!(opened.text().contains(SECRET));
    assert!(opened.header("cache-control").contains("no-store"), "{}", opened.header("cache-control"));
    assert_eq!(events(&app).last().unwrap(), "CredentialsOpened");
    assert!(pia.get(&address).first(".log").contains("looked at the test credentials"));
    // Those that a lost key encrypted, and those that are not there.
    let world = format!("{}/credentials/opening", path(integration::KESTREL));
    assert!(app.assert_unchanged(|| rui.post(&world, &[])).text().contains("a key that is not at hand"));
    app.database()
        .run(&format!("UPDATE integrations SET state = 'draft', expected_at = NULL WHERE id = '{}'", id(&address)));
    assert_eq!(pia.post(&format!("{address}/credentials"), &[("version", "2"), ("do", "remove")]).status(), 303);
    assert_eq!(field(&app, &address, "content ->> 'credentials'"), "");
    app.database().run(&format!(
        "UPDATE integrations SET state = 'in_review', expected_at = now() WHERE id = '{}'",
        id(&address)
    ));
    assert!(app.assert_unchanged(|| rui.post(&opening, &[])).text().contains("put in no test credentials"));
}

#[test]
fn the_key_is_replaced_and_older_test_credentials_still_open() {
    use portico::access::seal::Sealer;
    use portico::connections::seal::Rotated;
    use portico::integrations::credentials::rotate;
    let app = TestApp::new();
    let pia = app.as_(PIA);
    app.database().run("DELETE FROM integration_credentials");
    let address = created(&pia, "With credentials", "internal");
    pia.post(&format!("{address}/credentials"), &[("version", "1"), ("do", "store"), ("credentials", SECRET)]);
    let (old, new) = (app.inside().key.clone(), b"another key of this portal, as long as you like".to_vec());
    assert_eq!(rotate(&app.inside().db, &Sealer::new(&new, &[])).unwrap(), Rotated { done: 0, unreadable: 1 });
    let sealer = Sealer::new(&new, std::slice::from_ref(&old));
    assert_eq!(rotate(&app.inside().db, &sealer).unwrap(), Rotated { done: 1, unreadable: 0 });
    assert_eq!(rotate(&app.inside().db, &sealer).unwrap(), Rotated::default());
    // And back: what was sealed anew is the same text.
    assert_eq!(rotate(&app.inside().db, &Sealer::new(&old, &[new])).unwrap(), Rotated { done: 1, unreadable: 0 });
    app.database().run(&format!(
        "UPDATE integrations SET state = 'in_review', expected_at = now() WHERE id = '{}'",
        id(&address)
    ));
    assert!(app.as_(RUI).post(&format!("{address}/credentials/opening"), &[]).text().contains(SECRET));
}

#[test]
fn everybody_who_sees_one_may_follow_it() {
    let app = TestApp::new();
    let address = path(integration::KESTREL);
    let count = format!("SELECT count(*) FROM integration_followers WHERE integration_id = '{}'", integration::KESTREL);
    for who in [CLEO, OTTO, UMA] {
        let visitor = app.as_(who);
        assert!(visitor.get(&address).first(".head form").contains("Follow"));
        assert_eq!(visitor.post(&format!("{address}/following"), &[("follow", "yes")]).location(), address);
        assert!(visitor.get(&address).first(".head form").contains("Unfollow"));
        app.assert_unchanged(|| visitor.post(&format!("{address}/following"), &[("follow", "yes")]).status());
    }
    assert_eq!(app.database().value(&count), "3");
    app.as_(CLEO).post(&format!("{address}/following"), &[("follow", "no")]);
    assert_eq!(app.database().value(&count), "2");
    assert_eq!(events(&app), ["Followed", "Followed", "Followed", "Unfollowed"]);
}

#[test]
fn a_partners_tab_lists_its_own_with_their_states() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    created(&pia, "=A draft", "external");
    for visitor in [&pia, &app.as_(HANA)] {
        let page = visitor.get("/partners/KESTREL/integrations");
        assert_eq!(page.texts("tbody th"), ["=A draft", "Feed of Kestrel Car Rental", "Live of Kestrel Car Rental"]);
        assert_eq!(page.texts("tbody .state"), ["Draft", "In review", "Published"]);
        assert!(page.texts(".tabs a").contains(&"Integrations 3".to_owned()), "{:?}", page.texts(".tabs a"));
        assert_eq!(page.attributes(".filters a", "href"), ["/integrations/new?partner=KESTREL"]);
    }
    assert_eq!(app.as_(OTTO).get("/partners/KESTREL/integrations").count(".filters a"), 0);
}

#[test]
fn the_head_offers_what_the_stage_and_the_role_allow() {
    let app = TestApp::new();
    let offered = |who: Person, address: &str| {
        let page = app.as_(who).get(address).page();
        let mut all = page.attributes(".head > div > a.btn", "href");
        all.extend(page.attributes(".menu#more hr ~ a", "href"));
        all.retain(|one| one.starts_with(address));
        all.iter().map(|one| one[address.len() + 1..].to_owned()).collect::<Vec<_>>()
    };
    let (waiting, live) = (path(integration::KESTREL), path(integration::KESTREL_LIVE));
    assert_eq!(offered(PIA, &waiting), ["withdrawal"]);
    assert_eq!(offered(HANA, &waiting), ["review", "withdrawal"]);
    assert_eq!(offered(RUI, &waiting), ["review"]);
    assert!(offered(CLEO, &waiting).is_empty() && offered(UMA, &waiting).is_empty());
    assert_eq!(offered(PIA, &live), ["revision", "unpublication"]);
    assert_eq!(offered(HANA, &live), ["revision", "live-edit", "unpublication", "suspension"]);
    assert_eq!(offered(UMA, &live), ["revision"]);
    send_back(&app);
    assert_eq!(offered(PIA, &waiting), ["pages/general", "resubmission"]);
    // Partners do not publish their own, unless the program says so for their type.
    let address = created(&app.as_(PIA), "Own", "internal");
    assert_eq!(offered(PIA, &address), ["pages/general", "submission", "archival"]);
    app.database().run("UPDATE partner_types SET review = 'self-publish'");
    assert_eq!(offered(PIA, &address), ["pages/general", "own-publication", "submission", "archival"]);
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    assert!(offered(HANA, &address).is_empty(), "frozen");
}
