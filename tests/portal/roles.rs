//! Roles of a program's own: made, changed, given and removed; and nobody grants more than they hold.

use portico::access::{POLICY, Reach};

use crate::support::html::Filled;
use crate::support::*;
use crate::sweeps::requests::{Position, send};

/// Makes a role and returns its address.
fn made(who: &Visitor, name: &str, sees: &str, keys: &[&str]) -> String {
    let mut form = vec![("name", name), ("sees", sees)];
    form.extend(keys.iter().map(|key| ("grant", *key)));
    let answer = who.post("/roles", &form);
    assert_eq!(answer.status(), 303, "{}", answer.text());
    answer.location().to_owned()
}

fn give(app: &TestApp, role: &str, to: Person) {
    let id = role.trim_start_matches("/roles/");
    app.database()
        .run(&format!("UPDATE memberships SET role = 'custom', role_id = '{id}' WHERE id = '{}'", to.membership()));
}

/// Everything of a form but one tick.
fn unticked(form: Filled, key: &str) -> Filled {
    Filled(form.0.into_iter().filter(|(name, value)| name != "grant" || value != key).collect())
}

fn ticked(mut form: Filled, key: &str) -> Filled {
    form.0.push(("grant".into(), key.into()));
    form
}

#[test]
fn s0_20_a_role_is_copied_changed_given_and_removed() {
    let app = TestApp::new();
    let (hana, rui) = (app.as_(HANA), app.as_(RUI));
    let page = hana.get("/roles/new?from=csr");
    assert!(page.text().contains("copy of CSR"));
    let form = page.form("form[action=\"/roles\"]").with("name", "Campaign desk");
    let answer = hana.post("/roles", &ticked(form, "users/update").pairs());
    let address = answer.location().to_owned();
    assert_eq!(answer.status(), 303);
    let page = hana.get(&address);
    assert!(
        page.text().contains("users/update") && page.first("#toasts").contains("read users"),
        "reading comes along"
    );
    assert_eq!(page.form("form[action^=\"/roles/\"]").0.iter().filter(|(_, value)| value == "users/read").count(), 1);

    // Given on the page of the membership, it counts at the next request.
    assert_eq!(rui.get("/partners/hosting").status(), 200);
    let role = address.trim_start_matches("/roles/");
    let at = format!("/partners/SOLHQ/users/{}/role", RUI.membership());
    assert_eq!(hana.post(&at, &[("version", "1"), ("role", role)]).status(), 303);
    assert_eq!(rui.get("/partners/hosting").status(), 403);
    assert!(rui.get("/partners").first(".side .scope").contains("Campaign desk"));
    assert!(hana.get("/roles").text().contains("1 person"));

    // An edit says what it gives and takes, and is saved when it is sent again.
    let form = ticked(unticked(hana.get(&address).form("form[data-unsaved]"), "roles/read"), "hosting-flag/read");
    let asked = app.assert_unchanged(|| hana.post(&address, &form.pairs()));
    assert_eq!(asked.status(), 422);
    let said = asked.texts("aside .rows li").join(" ");
    assert!(said.contains("Rui Reviewer") && said.contains("gains read hosting flag; loses read roles"), "{said}");
    let again = asked.form("form[data-unsaved]");
    // Whoever changes it once more agreed to something else.
    let other = app.assert_unchanged(|| hana.post(&address, &ticked(again.clone(), "mail/read").pairs()));
    assert_eq!(other.status(), 422);
    assert_eq!(hana.post(&address, &again.pairs()).status(), 303);
    assert_eq!((rui.get("/partners/hosting").status(), rui.get("/roles").status()), (200, 403));
    let stored =
        app.database().value("SELECT changes::text FROM activity WHERE kind = 'RoleUpdated' ORDER BY id DESC LIMIT 1");
    assert!(stored.contains("read roles") && stored.contains("Permissions"), "{stored}");
    // An old tab.
    let stale = app.assert_unchanged(|| hana.post(&address, &again.with("name", "Another").pairs()));
    assert_eq!(stale.status(), 409);
    assert_eq!(stale.form("form[data-unsaved]").value("name"), "Another");

    // It stays while somebody has it, or is invited to it.
    let remove = format!("{address}/remove");
    let refused = app.assert_unchanged(|| hana.post(&remove, &[("version", "2")]));
    assert!(refused.status() == 409 && refused.text().contains("Rui Reviewer"));
    assert_eq!(hana.get(&remove).status(), 409);
    app.database().run(&format!(
        "UPDATE memberships SET role = 'reviewer', role_id = NULL WHERE role_id = '{role}';
         INSERT INTO invitations (id, program_id, partner_id, email, name, role, role_id, expires_at, invited_by_name, created_at, sent_at)
           VALUES ('a1000000-0000-7000-8000-000000000001', '{}', '{}', 'new@solstice.example', 'Nora New', 'custom', '{role}', now(), 'Hana Host', now(), now())",
        program::SOLSTICE, partner::SOLHQ
    ));
    let refused = app.assert_unchanged(|| hana.post(&remove, &[("version", "2")]));
    assert!(refused.status() == 409 && refused.text().contains("Nora New"));
    app.database().run("UPDATE invitations SET revoked_at = now()");
    assert_eq!(hana.post(&remove, &[("version", "2")]).status(), 303);
    assert_eq!(hana.get(&address).status(), 404);
    assert_eq!(app.database().value("SELECT count(*) FROM activity WHERE kind IN ('RoleCreated', 'RoleRemoved')"), "2");
}

#[test]
fn no_one_grants_more_than_they_hold() {
    let app = TestApp::new();
    let (hana, rui) = (app.as_(HANA), app.as_(RUI));
    let maker = [
        "roles/create",
        "roles/update",
        "roles/delete",
        "users/read",
        "users/update",
        "users/create",
        "partners/read",
        "connections/read",
        "templates/read",
        "form-answers/read",
        "form-answers/update",
        "integrations/read",
        "integrations/create",
        "integrations/update",
        "integrations/comment",
        "tenants/read",
        "tiers/read",
        "products/read",
        "campaigns/read",
        "redemptions/read",
    ];
    let address = made(&hana, "Role maker", "all", &maker);
    give(&app, &address, RUI);
    let refused = |path: &str, form: &[(&str, &str)], status: u16| {
        let answer = app.assert_unchanged(|| rui.post(path, form));
        assert_eq!(answer.status(), status, "{path}: {}", answer.text());
        answer
    };
    let page = rui.get("/roles/new");
    assert_eq!(page.count("input[value=\"partners/create\"][disabled]"), 1);
    assert_eq!(page.count("input[value=\"partners/read\"][disabled]"), 0);
    let answer = refused("/roles", &[("name", "More"), ("sees", "all"), ("grant", "partners/create")], 422);
    assert!(answer.first("#grant-e").contains("create partners"));
    // Nor to themselves.
    let own =
        [("version", "1"), ("name", "Role maker"), ("sees", "all"), ("grant", "partners/create"), ("agreed", "x")];
    refused(&address, &own, 422);
    // A role that holds more than theirs is not theirs to change or remove.
    let desk = format!("/roles/{}", role::UNUSED);
    refused(&desk, &[("version", "1"), ("name", "Solstice desk"), ("sees", "all"), ("grant", "partners/read")], 403);
    refused(&format!("{desk}/remove"), &[("version", "1")], 403);
    assert!(rui.get(&desk).text().contains("holds more than your own role"));
    // Nor to give; nor are those who hold it theirs to change.
    let at = |who: Person| format!("/partners/SOLHQ/users/{}/role", who.membership());
    refused(&at(UWE), &[("version", "1"), ("role", "admin")], 422);
    refused(&at(UWE), &[("version", "1"), ("role", role::UNUSED)], 422);
    refused(&at(HANA), &[("version", "1"), ("role", "user")], 403);
    refused(&at(RUI), &[("version", "1"), ("role", "admin")], 403);
    // A copy of what holds more keeps what the copier holds.
    let copy = rui.get("/roles/new?from=hosting-admin").form("form[action=\"/roles\"]");
    let granted: Vec<&str> =
        copy.0.iter().filter(|(name, _)| name == "grant").map(|(_, value)| value.as_str()).collect();
    assert!(granted.contains(&"users/update") && !granted.contains(&"partners/create"), "{granted:?}");
    // What they hold they may grant.
    made(&rui, "Reader", "all", &["partners/read"]);
}

#[test]
fn roles_are_checked_field_by_field() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let desk = format!("/roles/{}", role::UNUSED);
    let long = "x".repeat(61);
    for (name, sees, key, field) in [
        ("", "all", "partners/read", "name"),
        (long.as_str(), "all", "partners/read", "name"),
        ("a\u{202e}b", "all", "partners/read", "name"),
        ("SOLSTICE DESK", "all", "partners/read", "name"),
        ("hosting ADMIN", "all", "partners/read", "name"),
        ("New", "everything", "partners/read", "sees"),
        ("New", "all", "programs/list", "grant"),
        ("New", "all", "own-account/manage", "grant"),
        ("New", "all", "nothing/at-all", "grant"),
    ] {
        let form = [("name", name), ("sees", sees), ("grant", key)];
        let answer = app.assert_unchanged(|| hana.post("/roles", &form));
        assert_eq!(answer.status(), 422, "{name} {sees} {key}");
        assert!(answer.page().has(&format!("#{field}-e")), "{name} {sees} {key}");
        assert_eq!(answer.form("form[action=\"/roles\"]").value("name"), name);
    }
    let other = made(&hana, "Other desk", "all", &["partners/read"]);
    let answer = app.assert_unchanged(|| {
        hana.post(&desk, &[("version", "1"), ("name", "other DESK"), ("sees", "all"), ("grant", "partners/read")])
    });
    assert!(answer.status() == 422 && answer.error_at("name").contains("already"));
    // What counts for the whole program is nothing for who sees one partner.
    let own = made(&hana, "Own desk", "own", &["users/update", "partners/create"]);
    let page = hana.get(&own);
    assert!(page.first("#toasts").contains("create partners"));
    assert_eq!(page.count("input[value=\"partners/create\"][disabled]:not([checked])"), 1);
    // Those that see all partners are given at hosting partners only.
    let offered = |code: &str, who: Person| {
        let page = hana.get(&format!("/partners/{code}/users/{}/role", who.membership()));
        page.attributes("input[name=role]", "value")
    };
    let id = |address: &str| address.trim_start_matches("/roles/").to_owned();
    assert!(offered("KESTREL", UMA).contains(&id(&own)) && !offered("KESTREL", UMA).contains(&id(&other)));
    assert!(offered("SOLHQ", RUI).contains(&id(&own)) && offered("SOLHQ", RUI).contains(&id(&other)));
    // Another program's are not there.
    for path in
        [format!("/roles/{}", role::ALTURA_DESK), format!("/roles/new?from={}", role::ALTURA_DESK), "/roles/x".into()]
    {
        assert_eq!(hana.get(&path).status(), 404, "{path}");
    }
    // A hundred are enough.
    app.database().run(&format!(
        "INSERT INTO roles (id, program_id, name, program_wide, permissions, created_at, updated_at)
           SELECT gen_random_uuid(), '{}', 'Role ' || n, true, '[]', now(), now() FROM generate_series(1, 97) n",
        program::SOLSTICE
    ));
    let answer = app
        .assert_unchanged(|| hana.post("/roles", &[("name", "One more"), ("sees", "all"), ("grant", "partners/read")]));
    assert_eq!(answer.status(), 409);
    // Who may look only, looks.
    let csr = app.as_(CLEO);
    let page = csr.get(&desk);
    assert!(
        page.status() == 200 && page.count("main button") == 0 && page.count("input[name=grant]:not([disabled])") == 0
    );
}

#[test]
fn a_role_that_needs_a_second_factor_closes_everything_else() {
    let app = TestApp::new();
    let (hana, rui) = (app.as_(HANA), app.as_(RUI));
    let address = made(&hana, "Careful", "all", &["partners/read"]);
    give(&app, &address, RUI);
    assert_eq!(rui.get("/partners").status(), 200);
    let form = hana.get(&address).form("form[data-unsaved]").with("second_factor", "yes");
    let asked = hana.post(&address, &form.pairs());
    assert!(asked.status() == 422 && asked.first("aside .rows li").contains("needs a second factor"));
    assert_eq!(hana.post(&address, &asked.form("form[data-unsaved]").pairs()).status(), 303);
    let answer = rui.get("/partners");
    assert_eq!((answer.status(), answer.location()), (303, "/me/second-factor"));
    assert!(app.assert_unchanged(|| rui.post("/partners/bulk", &[])).status() >= 303);
    assert!(!rui.get("/search?q=Kestrel").text().contains("Kestrel Car Rental"));
    assert_eq!(rui.get("/me").status(), 200);
}

/// What the refusal for a missing permission says.
const NOT_INCLUDED: &str = "does not include this (";

#[test]
fn t07_a_custom_role_is_let_in_exactly_where_it_has_the_permission() {
    let app = TestApp::new();
    let (uwe, uma) = (app.as_(UWE), app.as_(UMA));
    for rule in POLICY.iter().filter(|rule| rule.is_grantable()) {
        app.database().run(&format!(
            "UPDATE roles SET permissions = '[\"{}\"]', program_wide = true WHERE id = '{}'",
            rule.key(),
            role::UNUSED
        ));
        give(&app, role::UNUSED, UWE);
        give(&app, role::UNUSED, UMA);
        app.database().save();
        let before = app.database().snapshot();
        for route in portico::routes::ROUTES {
            // The API knows tokens only; see sweeps/api.rs.
            let is_page = !route.path.starts_with("/api/");
            let Some(asked) = route.permission.filter(|asked| is_page && !asked.everyone) else { continue };
            let holds = asked.name == rule.name;
            for (visitor, who, holds) in [(&uwe, UWE, holds), (&uma, UMA, holds && rule.reach == Reach::Partner)] {
                let answer = send(&visitor.copy(), route, Some(who), Position::Own);
                let what = format!("{} with {}: {} {}", who.name, rule.key(), route.method, route.path);
                assert!(answer.status() < 500, "{what}");
                let was_refused = answer.status() == 403 && answer.text().contains(NOT_INCLUDED);
                assert_eq!(was_refused, !holds, "{what}: {}", answer.status());
                if holds && route.method == "POST" {
                    app.wait_for_jobs();
                    app.database().restore();
                }
            }
        }
        assert_eq!(app.database().snapshot(), before, "{}", rule.key());
    }
}

#[test]
fn a_role_that_is_removed_as_it_is_given_is_an_error_at_the_field() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let mut other = app.database().connect();
    for (path, form) in [
        (format!("/partners/KESTREL/users/{}/role", UMA.membership()), vec![("version", "1"), ("role", role::UNUSED)]),
        (
            "/partners/KESTREL/users/new".to_owned(),
            vec![("name", "Neo"), ("email", "neo@new.example"), ("role", role::UNUSED)],
        ),
    ] {
        // Removed, and nobody can see that yet.
        use diesel::connection::SimpleConnection;
        app.database().run(&format!("DELETE FROM invitations WHERE role_id = '{}'", role::UNUSED));
        let present = app.database().value(&format!("SELECT count(*) FROM roles WHERE id = '{}'", role::UNUSED));
        assert_eq!(present, "1");
        other.batch_execute(&format!("BEGIN; DELETE FROM roles WHERE id = '{}'", role::UNUSED)).unwrap();
        let answer = std::thread::scope(|scope| {
            let waits = scope.spawn(|| hana.post(&path, &form));
            let waiting =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            for _ in 0..500 {
                if waits.is_finished() || app.database().value(waiting) != "0" {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            other.batch_execute("COMMIT").unwrap();
            waits.join().unwrap()
        });
        assert_eq!(answer.status(), 422, "{path}: {}", answer.first("main"));
        assert!(!answer.error_at("role").is_empty(), "{path}: {}", answer.first("main"));
        app.database().run(&format!(
            "INSERT INTO roles (id, program_id, name, copied_from, program_wide, permissions, created_at, updated_at)
               VALUES ('{}', '{}', 'Solstice desk', '', true, '[\"partners/read\"]', now(), now())",
            role::UNUSED,
            program::SOLSTICE
        ));
    }
    assert_eq!(app.database().value("SELECT count(*) FROM memberships WHERE role_id IS NOT NULL"), "0");
}

#[test]
fn removing_is_not_offered_where_it_would_be_refused() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let address = format!("/roles/{}", role::UNUSED);
    let removal = format!("{address}/remove");
    assert!(hana.get(&address).attributes("main a", "href").contains(&removal));
    give(&app, role::UNUSED, UMA);
    let page = hana.get(&address);
    assert!(!page.attributes("main a", "href").contains(&removal));
    assert!(page.text().contains("once nobody has it: 1 person has it"), "{}", page.first("main"));
    // The last administrator of a partner.
    app.database().run(&format!("DELETE FROM memberships WHERE user_id = '{}'", DORA.id));
    let page = hana.get("/partners/KESTREL/users");
    let links = page.attributes("main a", "href");
    let of = |who: Person, what: &str| links.contains(&format!("/partners/KESTREL/users/{}/{what}", who.membership()));
    assert!(!of(PIA, "remove") && !of(PIA, "suspend") && !of(PIA, "role"));
    assert!(of(OTTO, "remove") && of(OTTO, "suspend") && of(OTTO, "role"));
    assert!(page.text().contains("The last administrator stays. Make another user one first."));
}
