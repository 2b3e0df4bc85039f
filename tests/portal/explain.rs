//! Explain access: the answer is what really happens.

use crate::support::*;

fn asked(who: Person, permission: &str, partner: &str) -> String {
    format!("/access?membership={}&permission={permission}&partner={partner}", who.membership())
}

fn can(answer: &Answer) -> bool {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let said = answer.first("#answer header .state");
    assert!(said == "Can" || said == "Cannot", "{said}");
    said == "Can"
}

#[test]
fn beyond_10_the_answer_is_what_the_page_would_say() {
    let app = TestApp::new();
    app.database().run(&format!(
        "UPDATE memberships SET role = 'custom', role_id = '{}' WHERE id = '{}'",
        role::UNUSED,
        CLEO.membership()
    ));
    let hana = app.as_(HANA);
    const ASKED: [(&str, &str); 8] = [
        ("partners/read", "/partners/CODE"),
        ("users/read", "/partners/CODE/users"),
        ("users/create", "/partners/CODE/users/new"),
        ("activity/read", "/partners/CODE/activity"),
        ("partners/update-contacts", "/partners/CODE/edit"),
        ("partners/archive", "/partners/CODE/status/offboarding"),
        ("roles/read", "/roles"),
        ("programs/read", "/settings"),
    ];
    let compare = |app: &TestApp, what: &str| {
        for who in [RUI, CLEO, ALDO, UWE, PIA, UMA, OTTO, MIRA] {
            let visitor = app.as_(who);
            for (permission, path) in ASKED {
                for code in ["KESTREL", "SOLHQ", "NOWHERE"] {
                    let partner = if path.contains("CODE") { code } else { "" };
                    let answer = hana.get(&asked(who, permission, partner));
                    let really = visitor.get(&path.replace("CODE", code)).status() == 200;
                    assert_eq!(
                        can(&answer),
                        really,
                        "{what}: {} {permission} at {code}: {}",
                        who.name,
                        answer.first("#answer")
                    );
                    let refusing = answer.count("#answer .bad svg");
                    assert_eq!(refusing > 0, !really, "each answer has its reason: {} {permission} {code}", who.name);
                }
            }
        }
    };
    compare(&app, "as new");
    app.database().run("UPDATE partners SET status = 'suspended' WHERE code = 'KESTREL'");
    compare(&app, "Kestrel suspended");
    app.database().run("UPDATE programs SET second_factor_roles = '[\"partner-user\", \"reviewer\"]'");
    compare(&app, "second factor");
    app.database().run(&format!(
        "UPDATE partners SET status = 'archived' WHERE code = 'MERIDIAN'; UPDATE memberships SET suspended_at = now() WHERE id IN ('{}', '{}')",
        UMA.membership(), RUI.membership()
    ));
    compare(&app, "suspended and archived");
}

#[test]
fn beyond_10_reasons_are_named() {
    let app = TestApp::new();
    let (hana, pia) = (app.as_(HANA), app.as_(PIA));
    app.database().run(&format!("UPDATE memberships SET suspended_at = now() WHERE id = '{}'", OTTO.membership()));
    for (who, permission, partner, said) in [
        (UMA, "users/create", "", "does not include it (Users: create)"),
        (PIA, "partners/create", "", "counts only for who sees the whole program"),
        (PIA, "partners/read", "MERIDIAN", "They see Kestrel Car Rental alone; MERIDIAN is not among them"),
        (OTTO, "partners/read", "", "is suspended"),
        (RUI, "partners/read", "MERIDIAN", "all partners of the program; MERIDIAN is among them"),
    ] {
        let text = hana.get(&asked(who, permission, partner)).first("#answer");
        assert!(text.contains(said), "{text}");
    }
    assert!(hana.get(&asked(OTTO, "partners/read", "")).text().contains(&format!("{}/reactivate", OTTO.membership())));
    // Asking leaves no trace, no session and no visit.
    app.assert_unchanged(|| hana.get(&asked(UMA, "users/create", "")));
    // Others' people are nobody; whoever may everything is not explained.
    assert!(can(&pia.get(&asked(UMA, "partners/read", "KESTREL"))));
    for path in [asked(MOE, "partners/read", ""), asked(HANA, "partners/read", ""), "/access?membership=x".into()] {
        assert_eq!(pia.get(&path).status(), 404, "{path}");
    }
    assert_eq!(hana.get(&asked(PETRA, "partners/read", "")).status(), 404);
    app.database().run(&format!("UPDATE users SET is_system = true WHERE id = '{}'", UMA.id));
    assert_eq!(hana.get(&asked(UMA, "partners/read", "")).status(), 403);
    let list =
        |visitor: &Visitor, words: &str| visitor.get(&format!("/access?q={words}")).texts("main .rows li").join("\n");
    assert!(!list(&hana, "").contains("Uma User") && list(&hana, "mira").contains("Mira Meridian"));
    assert!(
        list(&pia, "").contains("Otto Observer")
            && !list(&pia, "").contains("Meridian")
            && list(&pia, "mira").is_empty()
    );
}
