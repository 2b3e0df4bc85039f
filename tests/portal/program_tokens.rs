//! The program's API tokens: hosting admins alone make and revoke them.

use crate::support::tokens::ask;
use crate::support::*;

const LIST: &str = "/settings/tokens";
const TYPED: [(&str, &str); 4] =
    [("name", "Web shop"), ("scope", "products:read"), ("scope", "tiers:read"), ("until", "2026-12-31")];

#[test]
fn t41_a_program_s_token_is_shown_once_and_reaches_the_whole_program() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    assert!(hana.get("/settings").page().has(&format!("a[href='{LIST}']")));
    assert!(hana.get(LIST).text().contains("Storefront of Solstice Rewards"));
    let form = hana.get(&format!("{LIST}/new"));
    assert!(form.text().contains("products:read") && !form.text().contains("tenants:write"));
    let made = hana.post(LIST, &TYPED);
    assert_eq!((made.status(), made.header("cache-control")), (200, "no-store"), "{}", made.text());
    assert!(made.text().contains("/api/v1/products"), "something to try it with");
    let token = made.first("#token");
    let products = ask(&app, &token, "GET", "/api/v1/products", None).text();
    assert!(products.contains("KESTREL") && products.contains("MERIDIAN") && !products.contains("BOREAL"));
    assert_eq!(ask(&app, &token, "GET", "/api/v1/partners", None).status(), 403, "what was not chosen");
    let list = hana.get(LIST).text();
    assert!(list.contains("Web shop") && list.contains("until 31 Dec 2026") && list.contains("just now"));
    for text in [list, hana.get("/activity").text(), format!("{:?}", app.database().snapshot())] {
        assert!(!text.contains(&token) && !text.contains(&token[8..40]));
    }
    assert!(hana.get("/activity").text().contains("made the program’s API token Web shop (products:read, tiers:read)"));
    // Nobody sees it among a partner's, and a partner sees nothing of it.
    assert!(!hana.get("/partners/SOLHQ/tokens").text().contains("Web shop"));
    assert!(!app.as_(PIA).get("/partners/KESTREL/activity").text().contains("Web shop"));
    // T60: the same form again makes no second one.
    app.assert_unchanged(|| {
        let again = hana.post(LIST, &TYPED);
        assert!(again.status() == 422 && again.error_at("name").contains("of this name"));
    });
    let id = app.database().value("SELECT id FROM api_tokens WHERE name = 'Web shop'");
    let address = format!("{LIST}/{id}/revocation");
    assert!(hana.get(&address).text().contains("Revoke Web shop?"));
    app.assert_unchanged(|| {
        assert_eq!(hana.post(&format!("/partners/SOLHQ/tokens/{id}/revocation"), &[]).status(), 404)
    });
    assert_eq!(hana.post(&address, &[]).location(), LIST);
    assert_eq!(ask(&app, &token, "GET", "/api/v1/products", None).status(), 401);
    app.assert_unchanged(|| assert_eq!(hana.post(&address, &[]).status(), 409, "once is enough"));
}

#[test]
fn t11_only_hosting_admins_make_and_revoke_them() {
    let app = TestApp::new();
    let revocation = format!("{LIST}/{}/revocation", token_id_of(program::SOLSTICE));
    for (who, list, make) in
        [(SAM, 200, 403), (ALDO, 200, 403), (RUI, 403, 403), (CLEO, 403, 403), (PIA, 403, 403), (UWE, 403, 403)]
    {
        let visitor = app.as_(who);
        if who == SAM {
            visitor.post(&format!("/programs/{}/open", program::SOLSTICE), &[]);
        }
        assert_eq!(visitor.get(LIST).status(), list, "{}", who.name);
        app.assert_unchanged(|| {
            assert_eq!(visitor.get(&format!("{LIST}/new")).status(), make, "{}", who.name);
            assert_eq!(visitor.post(LIST, &TYPED).status(), make, "{}", who.name);
            assert_eq!(visitor.post(&revocation, &[]).status(), make, "{}", who.name);
        });
    }
    let hector = app.as_(HECTOR);
    assert!(!hector.get(LIST).text().contains("Solstice"));
    app.assert_unchanged(|| assert_eq!(hector.post(&revocation, &[]).status(), 404));
}

#[test]
fn t50_bad_input_makes_no_token_of_a_program() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    app.assert_unchanged(|| {
        for (name, scope, until, wrong) in [
            ("", "products:read", "2026-12-31", "name"),
            ("Shop", "", "2026-12-31", "scope"),
            ("Shop", "tenants:write", "2026-12-31", "scope"),
            ("Shop", "runs:write", "2026-12-31", "scope"),
            ("Shop", "products:read", "2026-11-19", "until"),
            ("Shop", "products:read", "2028-01-01", "until"),
            ("storefront of solstice rewards", "products:read", "2026-12-31", "name"),
        ] {
            let answer = hana.post(LIST, &[("name", name), ("scope", scope), ("until", until)]);
            assert_eq!(answer.status(), 422, "{name} {scope} {until}");
            assert!(!answer.error_at(wrong).is_empty() && !answer.text().contains("portico_"), "{wrong}");
        }
    });
}
