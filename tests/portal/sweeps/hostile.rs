//! T48: every page with names that would like to be more than text. A page that shows them must consist of the very
//! same elements and attributes as with harmless names, and must still show them to the letter.

use portico::activity::Event;
use scraper::Node;

use super::requests::{filled, positions, routes};
use crate::support::*;

const HARMLESS: &str = "plain words, as most names are";
const HOSTILE: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)><!-- {{7*7}} مرحبا &amp; &#60;b&#62; `${1}`";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Renames everything, and gives Kestrel one line of activity of every kind.
fn renamed(text: &str) -> TestApp {
    let app = TestApp::new();
    let (name, short) = (quoted(text), quoted(&text.chars().take(38).collect::<String>()));
    app.database().run(&format!(
        "UPDATE partners SET name = {name}, notes = {name}, updated_by_name = {name}, support_email = {name}, support_phone = {name};
         UPDATE partners SET support_email = 'a' || {name} WHERE code = 'MERIDIAN';
         UPDATE programs SET name = {name} || substr(code, 1, 1);
         UPDATE partner_types SET name = {short} || position;
         UPDATE users SET name = {name} || substr(id::text, 36) WHERE status = 'active';
         UPDATE invitations SET name = {name} || substr(id::text, 36), invited_by_name = {name};
         INSERT INTO outbox (id, program_id, partner_id, letter, recipient, message_id, state, run_at, created_at, last_error)
           SELECT id, program_id, partner_id, '{{}}', email, id::text, 'failed', now(), now(), {name} FROM invitations;
         UPDATE invitations SET letter_id = id;
         UPDATE file_templates SET name = substr({name}, 1, 110) || right(id::text, 1), updated_by_name = {name}, updated_by = '{0}', layout = jsonb_set(layout, '{{fields,0}}',
           layout #> '{{fields,0}}' || jsonb_build_object('name', {name}, 'label', {name}, 'format', '', 'length', null, 'sample', {name}, 'description', {name}));
         UPDATE tiers SET name = {short} || precedence, description = {name}, updated_by_name = {name};
         UPDATE products SET name = {name}, category = {short}, description = {name}, updated_by_name = {name};
         UPDATE file_imports SET file_name = {name}, uploaded_by_name = {name};
         UPDATE sessions SET agent = {name}, address = {name};
         UPDATE connections SET name = {name}, path = {name}, username = {short}, updated_by_name = {name}, test_words = {name},
           test_state = 'failed', tested_at = now(), tested_by_name = {name};
         UPDATE integrations SET name = substr({name}, 1, 110) || right(id::text, 1) || left(id::text, 1), updated_by_name = {name}, created_by_name = {name},
           submitted_by_name = {name}, assignee_name = {name}, content = content || jsonb_build_object('name', {name}, 'summary', {name}, 'categories', jsonb_build_array({name}));
         UPDATE integration_versions SET content = content || jsonb_build_object('name', {name}, 'summary', {name}), published_by_name = {name};
         UPDATE tiers SET name = {short} || precedence;
         UPDATE products SET name = {name}, sku = {short};
         UPDATE campaigns SET name = substr({name}, 1, 120), description = {name}, owner_name = {name}, updated_by_name = {name};
         UPDATE tier_assignments SET updated_by_name = {name};
         UPDATE partners SET updated_by = '{0}';", HANA.id
    ));
    let json = quoted(&serde_json::to_string(text).unwrap());
    app.database().run(&format!(
        "ALTER TABLE form_answers DISABLE TRIGGER form_answers_stay;
         UPDATE form_versions SET changed_by_name = {name}, published_by_name = CASE WHEN published_at IS NOT NULL THEN {name} END,
           questions = replace(replace(questions::text, '\"Who runs it?\"', {json}), '\"Their name.\"', {json})::jsonb;
         UPDATE form_answers SET changed_by_name = {name},
           content = replace(replace(content::text, '\"Who runs it?\"', {json}), '\"plan.txt\"', {json})::jsonb;
         UPDATE form_answers SET content = jsonb_set(content, '{{0,values,0}}', {json}::jsonb);
         INSERT INTO form_requests (id, program_id, partner_id, kind, subject_id, note, due_on, asked_at, asked_by_name)
           SELECT md5(id::text)::uuid, program_id, id, 'partner', id, {name}, '2026-12-12', '2026-11-01Z', {name} FROM partners WHERE code = 'KESTREL';"
    ));
    app.database().run(&format!(
        "UPDATE tenants SET name = {name}, note = {name}, external_id = {short} || right(id::text, 1), created_by_name = {name}, updated_by_name = {name};
         UPDATE tenant_runs SET message = {name}, log = {name}, reported_by_name = {name};
         UPDATE api_tokens SET name = {name}, created_by_name = {name};"
    ));
    for event in Event::samples(text) {
        let event_json = quoted(&serde_json::to_string(&event).unwrap());
        let changes = quoted(&serde_json::to_string(&event.changes()).unwrap());
        for actor in [HANA, RUI, CLEO] {
            app.database().run(&format!(
                "INSERT INTO activity SELECT md5('{} {}')::uuid, '2026-11-01Z', '{}', '{}', '{}', {name}, {name}, true, false, '{}', {event_json}, {changes}, {name}, {name}",
                event.kind(),
                actor.id,
                program::SOLSTICE, partner::KESTREL, actor.id, event.kind()
            ));
        }
    }
    app
}

/// The elements of a page with the names of their attributes, in order.
fn skeleton(answer: &Answer) -> Vec<String> {
    let page = answer.page();
    let mut lines = Vec::new();
    for node in page.html().tree.nodes() {
        match node.value() {
            Node::Element(element) => {
                let mut names: Vec<&str> = element.attrs().map(|(name, _)| name).collect();
                names.sort_unstable();
                lines.push(format!("{} {}", element.name(), names.join(" ")));
            }
            Node::Comment(comment) => lines.push(format!("comment {}", comment.len())),
            _ => {}
        }
    }
    lines
}

#[track_caller]
fn same(what: &str, harmless: &Answer, hostile: &Answer) {
    assert_eq!(harmless.status(), hostile.status(), "{what}");
    let kind = hostile.header("content-type");
    if !kind.starts_with("text/html") {
        return;
    }
    let (plain, evil) = (skeleton(harmless), skeleton(hostile));
    if let Some(at) = (0..plain.len().max(evil.len())).find(|at| plain.get(*at) != evil.get(*at)) {
        panic!("{what}: element {at} is {:?} and not {:?}", evil.get(at), plain.get(at));
    }
    assert!(!hostile.text().contains("<script>alert"), "{what}");
}

const WHO: [Person; 6] = [SAM, HANA, RUI, CLEO, PIA, OTTO];

#[test]
fn t48_every_page_has_the_same_elements_whatever_the_names() {
    let (plain, evil) = (renamed(HARMLESS), renamed(HOSTILE));
    let mut shown = Vec::new();
    for who in WHO {
        let (left, right) = (plain.as_(who), evil.as_(who));
        for route in routes("GET") {
            let mut path = filled(route.path, Some(who), positions(route.path)[0]);
            if matches!(who, SAM | HANA | RUI | CLEO) {
                path = path.replace("SOLHQ", "KESTREL");
            }
            let (harmless, hostile) = (left.get(&path), right.get(&path));
            let what = format!("{}: {path}", who.name);
            same(&what, &harmless, &hostile);
            same(&format!("part of {what}"), &left.get_part(&path), &right.get_part(&path));
            if hostile.page().html().root_element().text().collect::<String>().contains(HOSTILE) {
                shown.push(route.path);
            }
        }
    }
    // Otherwise this test looked at pages without any name.
    for path in [
        "/connections",
        "/connections/{id}",
        "/connections/{id}/edit",
        "/connections/{id}/removal",
        "/tenants",
        "/tenants/{id}",
        "/tenants/{id}/edit",
        "/tenants/{id}/state/{move}",
        "/tenants/{id}/runs/{run}",
        "/partners/{code}/tenants",
        "/partners/{code}/tokens",
        "/partners/{code}/tokens/{id}/revocation",
        "/integrations/{id}/tenants",
        "/partners/{code}/connections",
        "/integrations/{id}",
        "/integrations/{id}/pages/{page}",
        "/partners/{code}/integrations",
        "/products",
        "/products/{id}",
        "/products/{id}/edit",
        "/products/{id}/archival",
        "/partners/{code}/products",
        "/tiers",
        "/tiers/{id}",
        "/partners",
        "/partners/{code}",
        "/partners/{code}/activity",
        "/partners/{code}/profile",
        "/partners/{code}/edit",
        "/partners/hosting",
        "/partners/{code}/hosting",
        "/partners/{code}/status/{move}",
        "/programs",
        "/settings",
        "/activity",
        "/me",
        "/templates/{id}",
        "/templates/{id}/edit",
        "/partners/{code}/templates",
        "/campaigns",
        "/campaigns/{id}",
        "/campaigns/{id}/partners",
        "/campaigns/{id}/products",
        "/campaigns/{id}/preview",
        "/campaigns/{id}/edit",
        "/campaigns/{id}/status/{step}",
        "/partners/{code}/campaigns",
        "/configuration",
        "/forms/{form}",
        "/forms/{form}/versions/{number}",
        "/forms/{form}/questions/{id}",
        "/partners/{code}/profile/answers",
        "/partners/{code}/profile/answers/{number}",
    ] {
        assert!(shown.contains(&path), "{path} does not show the names to the letter");
    }
}

#[test]
fn t48_addresses_and_refused_forms_are_shown_as_text() {
    let app = TestApp::new();
    let (hana, sam, nobody) = (app.as_(HANA), app.as_(SAM), app.anonymous());
    let encoded = |text: &str| {
        reqwest::Url::parse_with_params("http://x/", [("q", text)]).unwrap().query().unwrap()[2..].to_owned()
    };
    let get = |address: &str, text: &str| {
        let path = address.replace("TEXT", &encoded(text).replace('+', "%20"));
        [hana.get(&path), hana.get_part(&path), nobody.get(&path)]
    };
    for address in [
        "/partners?q=TEXT",
        "/partners?q=TEXT&status=TEXT&type=TEXT&kind=TEXT&sort=TEXT&after=TEXT&size=TEXT&updated_by=TEXT&x=TEXT",
        "/activity?who=TEXT&from=TEXT&until=TEXT&about=TEXT",
        "/partners/KESTREL/activity?who=TEXT&from=TEXT",
        "/search?q=TEXT",
        "/connections?q=TEXT&kind=TEXT&direction=TEXT&test=TEXT&partner=TEXT&updated_by=TEXT&sort=TEXT&after=TEXT",
        "/connections/TEXT",
        "/tenants?q=TEXT&partner=TEXT&integration=TEXT&state=TEXT&outcome=TEXT&sort=TEXT&after=TEXT",
        "/tenants/TEXT",
        "/tenants/new?integration=TEXT",
        "/partners/KESTREL/tenants?q=TEXT",
        "/campaigns?q=TEXT&state=TEXT&display=TEXT&partner=TEXT&sort=TEXT&after=TEXT",
        "/campaigns/TEXT",
        "/campaigns/b1000000-0000-7000-8000-000000000002/partners?zoom=TEXT&at=TEXT&tier=TEXT&state=TEXT&partner=TEXT&asof=TEXT&ctier=TEXT",
        "/campaigns/b1000000-0000-7000-8000-000000000002/preview?asof=TEXT&ctier=TEXT&after=TEXT",
        "/campaigns/b1000000-0000-7000-8000-000000000002/assignments/new?whose=TEXT&tier=TEXT&first_day=TEXT&last_day=TEXT",
        "/configuration?kind=TEXT",
        "/connections/new?partner=TEXT&kind=TEXT",
        "/connections/new?partner=KESTREL&kind=TEXT",
        "/products?q=TEXT&tier=TEXT&category=TEXT&partner=TEXT&kind=TEXT&status=TEXT&image=TEXT&sort=TEXT&after=TEXT",
        "/products/TEXT",
        "/products/new?partner=TEXT",
        "/products/export.TEXT",
        "/tiers/TEXT",
        "/sign-in?next=TEXT",
        "/sign-in?next=/TEXT",
        "/partners/TEXT",
        "/TEXT",
        "/partners/KESTREL/status/TEXT",
        "/partners/export.TEXT",
        "/partners?TEXT=TEXT",
        "/help?TEXT",
        "/templates?q=TEXT&partner=TEXT&process=TEXT&format=TEXT&updated_by=TEXT&sort=TEXT&after=TEXT",
        "/templates/TEXT",
    ] {
        for (harmless, hostile) in get(address, HARMLESS).iter().zip(&get(address, HOSTILE)) {
            same(address, harmless, hostile);
        }
    }
    // Everything wrong at once, so that every field is shown again.
    let posts: [(&str, &[&str], bool); 7] = [
        (
            "/partners",
            &[
                "name",
                "code",
                "type",
                "kind",
                "category",
                "status",
                "support_phone",
                "support_email",
                "time_zone",
                "notes",
            ],
            true,
        ),
        (
            "/partners/KESTREL/edit",
            &["name", "type", "kind", "category", "support_phone", "support_email", "time_zone", "notes", "contact"],
            true,
        ),
        ("/programs", &["name", "code", "model", "time_zone"], false),
        ("/settings", &["name", "time_zone", "hosting_limit"], false),
        ("/settings/types", &["type_name"], false),
        ("/me", &["name", "time_zone"], false),
        ("/sign-in", &["email", "password", "next"], false),
    ];
    for (path, fields, is_multipart) in posts {
        let send = |text: &str| {
            let mut typed = vec![("version", "1")];
            typed.extend(fields.iter().map(|field| (*field, text)));
            if is_multipart { sam.post_multipart(path, &typed, None) } else { sam.post(path, &typed) }
        };
        // So long that also names are refused.
        let (harmless, hostile) = (send(&HARMLESS.repeat(8)), send(&HOSTILE.repeat(8)));
        assert_eq!(hostile.status(), 422, "{path}");
        same(path, &harmless, &hostile);
        let kept = if path == "/sign-in" { vec!["email"] } else { fields.to_vec() };
        for field in kept
            .into_iter()
            .filter(|field| !matches!(*field, "type" | "kind" | "category" | "status" | "model" | "contact"))
        {
            let form = hostile.form(&format!("form[action=\"{path}\"]"));
            assert_eq!(form.value(field), HOSTILE.repeat(8), "{path}: {field} is kept to the letter");
        }
    }
}
