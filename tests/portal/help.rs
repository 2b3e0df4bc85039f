//! Help: what is new, each for who can use it.

use crate::support::*;

#[test]
fn s1_21_what_is_new_is_told_to_who_can_use_it() {
    let app = TestApp::new();
    let titles = |who: Person| app.as_(who).get("/help/whats-new").texts("h3");
    let has = |who: Person, title: &str| titles(who).iter().any(|one| one == title);
    assert!(has(CLEO, "Campaigns and tier assignments") && has(CLEO, "Configuration check"));
    assert!(!has(CLEO, "A second person approves campaigns") && has(HANA, "A second person approves campaigns"));
    assert!(has(PIA, "A timeline, and a preview as of any day") && !has(PIA, "Campaigns and tier assignments"));
    assert!(!has(RUI, "A timeline, and a preview as of any day") && has(RUI, "Search finds more"));
    // Everything that is linked is there for who reads it.
    for who in [CLEO, HANA, PIA, RUI] {
        let visitor = app.as_(who);
        for href in visitor.get("/help/whats-new").attributes("main .stack a", "href") {
            assert_eq!(visitor.get(&href).status(), 200, "{} {href}", who.name);
        }
    }
    let page = app.anonymous().get("/help/whats-new");
    assert_eq!((page.status(), page.texts("h3")), (200, vec!["Search finds more".to_owned()]));
    assert!(app.as_(CLEO).get("/help").attributes("main a", "href").contains(&"/help/whats-new".to_owned()));
}
