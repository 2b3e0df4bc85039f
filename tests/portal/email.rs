//! Change of address: confirmed at the new one, told to the old one (T20).

use chrono::TimeDelta;

use crate::support::*;

const NEW: &str = "pia@new.example";

fn ask(visitor: &Visitor, email: &str, password: &str) -> Answer {
    visitor.post("/me/email", &[("new_email", email), ("email_password", password)])
}

fn link_to(app: &TestApp, who: Person, email: &str) -> String {
    assert_eq!(ask(&app.as_(who), email, PASSWORD).location(), "/me#email");
    app.newest_link("EmailConfirmation")
}

fn signs_in(app: &TestApp, email: &str) -> bool {
    app.anonymous().post("/sign-in", &[("email", email), ("password", PASSWORD)]).status() == 303
}

#[test]
fn t20_an_address_counts_once_its_owner_confirmed_it() {
    let app = TestApp::new();
    let (pia, tab) = (app.as_(PIA), app.as_(PIA));
    assert_eq!(ask(&pia, " Pia@New.example", PASSWORD).location(), "/me#email");
    assert!(pia.get("/me").text().contains("A letter is on its way to pia@new.example"));
    assert_eq!(app.waiting("EmailConfirmation")[0].to, NEW);
    assert!(signs_in(&app, PIA.email) && !signs_in(&app, NEW), "nothing changed yet");
    let reset = {
        app.anonymous().post("/forgotten", &[("email", PIA.email)]);
        app.newest_link("PasswordReset")
    };

    let link = app.newest_link("EmailConfirmation");
    // Whoever reads the mail of an address that was mistyped is not the owner of the account.
    let stranger = app.opened(&link);
    let hana = app.as_(HANA);
    app.assert_unchanged(|| {
        assert_eq!(stranger.get("/email").location(), "/sign-in?next=%2Femail");
        assert_eq!(stranger.post("/email", &[]).location(), "/sign-in?next=%2Femail");
        hana.get(&link);
        assert_eq!((hana.get("/email").status(), hana.post("/email", &[]).status()), (403, 403));
    });
    let visitor = pia.copy();
    assert_eq!(visitor.get(&link).location(), "/email");
    let page = app.assert_unchanged(|| visitor.get("/email"));
    assert!(page.status() == 200 && page.text().contains("new.example"));
    assert_eq!(visitor.post("/email", &[]).location(), "/sign-in?done=email");
    assert!(signs_in(&app, NEW) && !signs_in(&app, PIA.email));
    for visitor in [&pia, &tab, &visitor] {
        assert!(visitor.get("/me").asks_to_sign_in());
    }
    let told = app.waiting("EmailChanged");
    assert_eq!((told.len(), told[0].to.as_str()), (1, PIA.email), "the old address is told");
    // The link to a password went to the old address.
    assert_eq!(app.anonymous().get(&reset).location(), "/link");
    let line = app.database().value("SELECT changes FROM activity WHERE kind = 'EmailChanged'");
    assert!(line.contains(PIA.email) && line.contains(NEW), "{line}");
    // Once only.
    let again = app.anonymous();
    again.post("/sign-in", &[("email", NEW), ("password", PASSWORD), ("next", "/")]);
    again.get(&link);
    app.assert_unchanged(|| assert_eq!(again.post("/email", &[]).status(), 410));
}

#[test]
fn t20_it_asks_for_the_current_password_and_a_plain_address() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for (email, password, field) in [
        (NEW, "not her password", "email_password"),
        (NEW, "", "email_password"),
        ("", PASSWORD, "new_email"),
        ("a@b.example,c@d.example", PASSWORD, "new_email"),
        ("PIA@kestrel.example", PASSWORD, "new_email"),
    ] {
        let answer = app.assert_unchanged(|| ask(&pia, email, password));
        assert_eq!(answer.status(), 422, "{email}");
        assert_ne!(answer.error_at(field), "", "{email}");
        assert_eq!(answer.form("form[action=\"/me/email\"]").value("new_email"), email, "what was typed is kept");
        assert!(!answer.text().contains(PASSWORD));
    }
    assert!(ask(&app.anonymous(), NEW, PASSWORD).asks_to_sign_in());
    for _ in 0..9 {
        ask(&pia, NEW, "a guess at it");
    }
    assert_eq!(ask(&pia, NEW, PASSWORD).status(), 429, "a stolen session is no way to the password");
}

#[test]
fn t35_an_address_of_another_account_looks_like_any_other() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    let (free, taken) = (ask(&pia, NEW, PASSWORD), ask(&pia, HANA.email, PASSWORD));
    assert_eq!((free.status(), free.location()), (taken.status(), taken.location()));
    let seen = |email: &str| pia.get("/me").text().replace(email, "X");
    assert!(seen(HANA.email).contains("A letter is on its way to X"));
    // Whoever reads Hana's mail learns it, and nothing changes.
    let visitor = pia.copy();
    visitor.get(&app.newest_link("EmailConfirmation"));
    let refused = app.assert_unchanged(|| visitor.post("/email", &[]));
    assert!(refused.status() == 409 && refused.text().contains("another account"));
    assert!(signs_in(&app, PIA.email) && signs_in(&app, HANA.email));
}

#[test]
fn t39_only_the_newest_link_for_an_hour() {
    let app = TestApp::new();
    let first = link_to(&app, PIA, NEW);
    let second = link_to(&app, PIA, "pia@third.example");
    // It was made from another address, so it is not even one that was made here.
    assert_eq!(app.anonymous().get(&first).location(), "/link");
    let third = link_to(&app, PIA, "pia@third.example");
    let pia = app.as_(PIA);
    pia.get(&second);
    app.assert_unchanged(|| assert_eq!(pia.post("/email", &[]).status(), 410));
    let visitor = pia;
    visitor.get(&third);
    for _ in 0..2 {
        // Looking in now and then keeps the session alive.
        app.pass(TimeDelta::minutes(30));
        visitor.get("/me");
    }
    app.assert_unchanged(|| {
        assert_eq!(visitor.get("/email").status(), 410);
        assert_eq!(visitor.post("/email", &[]).status(), 410);
    });
}

#[test]
fn t40_five_letters_a_day() {
    let app = TestApp::new();
    let pia = app.as_(PIA);
    for status in [303, 303, 303, 303, 303, 429] {
        assert_eq!(ask(&pia, NEW, PASSWORD).status(), status);
    }
    assert_eq!(app.waiting("EmailConfirmation").len(), 5);
}

#[test]
fn a_closed_account_keeps_its_address() {
    let app = TestApp::new();
    let visitor = app.opened(&link_to(&app, PIA, NEW));
    app.database().run(&format!("UPDATE users SET status = 'deactivated' WHERE id = '{}'", PIA.id));
    app.assert_unchanged(|| assert_eq!(visitor.post("/email", &[]).location(), "/sign-in?next=%2Femail"));
}
