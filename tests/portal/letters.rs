//! The pages about letters: the log, one letter, sending again, the words of the welcome letter, what a person wants.

use chrono::TimeDelta;
use portico::mail::{Letter, Post, outbox};

use crate::support::smtp::Act;
use crate::support::*;

/// A letter about a partner to somebody with an account.
fn about(to: Person, program: &str, partner: &str) -> Post {
    let letter = Letter::MembershipChanged {
        name: to.name.into(),
        partner: "Kestrel Car Rental".into(),
        what: "are Partner admin there now".into(),
        by: "Hana Host".into(),
    };
    Post::to_account(letter, to.id.parse().unwrap(), to.email, to.name)
        .about_partner(program.parse().unwrap(), partner.parse().unwrap())
}

fn kestrel(to: Person) -> Post {
    about(to, program::SOLSTICE, partner::KESTREL)
}

fn queue(app: &TestApp, post: &Post) -> String {
    app.inside().db.system_now("a test's letter", |tx| outbox::queue(tx, post)).unwrap().to_string()
}

fn reset(to: Person) -> Letter {
    Letter::PasswordReset {
        user: to.id.parse().unwrap(),
        version: 1,
        email: to.email.into(),
        name: to.name.into(),
        until: "10:42".into(),
        by: None,
    }
}

/// The subjects or addresses of a list: what stands in a column.
fn column(page: &Answer, label: &str) -> Vec<String> {
    page.texts(&format!("td[data-label=\"{label}\"]"))
}

#[test]
fn the_log_tells_what_became_of_each_letter() {
    let app = TestApp::new();
    app.mail_server().next(&[Act::Accept, Act::NoMailbox, Act::Later]);
    for to in [PIA, UMA, OTTO] {
        queue(&app, &kestrel(to));
    }
    app.send_mail();
    app.pass(TimeDelta::seconds(40));
    queue(&app, &kestrel(DORA));
    app.pass(TimeDelta::seconds(12));
    let hana = app.as_(HANA);
    let page = hana.get("/system/mail");
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("Sending works: last accepted 52 s ago, oldest queued 52 s, 1 sent in 7 days."));
    assert_eq!(page.texts("nav.tabs a"), ["All 4", "Queued 1", "Retrying 1", "Failed 1", "Withdrawn 0", "Sent 1"]);
    assert!(page.text().contains("550 5.1.1 Mailbox not found") && page.text().contains("Server’s answer"));
    assert!(page.texts("nav .count.warn").contains(&"1 failed".to_owned()), "the sidebar tells of it");
    assert_eq!(column(&hana.get("/system/mail?state=failed"), "Tries"), ["1"]);
    assert_eq!(column(&hana.get("/system/mail?q=OTTO%40"), "State").len(), 1);
    assert_eq!(column(&hana.get("/system/mail?q=%25"), "State").len(), 0, "wildcards are literal");
    assert_eq!(column(&hana.get("/system/mail?kind=MembershipChanged&partner=kestrel"), "State").len(), 4);
    assert_eq!(column(&hana.get("/system/mail?kind=Test"), "State").len(), 0);
    assert_eq!(column(&hana.get("/system/mail?partner=MERIDIAN"), "State").len(), 0);
    assert!(hana.get("/system/mail?partner=NOBODY").text().contains("No partner has the code"));
    app.pass(TimeDelta::minutes(6));
    assert!(hana.get("/system/mail").text().contains("Letters wait for longer than they should"));
    app.pass(TimeDelta::days(8));
    let hana = app.as_(HANA);
    assert_eq!(column(&hana.get("/system/mail"), "State").len(), 0);
    assert_eq!(column(&hana.get("/system/mail?period=month"), "State").len(), 4);
}

#[test]
fn the_log_is_paged_by_key_and_taken_away_as_a_file() {
    let app = TestApp::new();
    for _ in 0..30 {
        queue(&app, &kestrel(PIA));
    }
    let hana = app.as_(HANA);
    let first = hana.get("/system/mail");
    assert_eq!(column(&first, "State").len(), 25);
    let next = first.attributes("a[rel=next]", "href").remove(0);
    assert_eq!(column(&hana.get(&next), "State").len(), 5);
    queue(&app, &Post { name: "=cmd|x".into(), ..kestrel(UMA) });
    let file = hana.get("/system/mail/export.csv?q=uma%40");
    assert_eq!(file.status(), 200);
    assert_eq!(file.text().lines().count(), 2);
    assert!(file.text().contains("uma@kestrel.example,'=cmd|x,KESTREL,Queued,0"), "{}", file.text());
}

#[test]
fn t03_a_partners_people_see_their_own_letters_and_never_those_to_the_hosts() {
    let app = TestApp::new();
    let own = queue(&app, &kestrel(UMA));
    let hosts = queue(&app, &Post { hosts_only: true, ..kestrel(HANA) });
    let other = queue(&app, &about(MOE, program::SOLSTICE, partner::MERIDIAN));
    let foreign = queue(&app, &about(PETRA, program::ALTURA, partner::BOREAL));
    let account = queue(&app, &Post::to_account(reset(UMA), UMA.id.parse().unwrap(), UMA.email, UMA.name));
    let sees = |who: Person, id: &str| app.as_(who).get(&format!("/system/mail/{id}")).status() == 200;
    let all = [&own, &hosts, &other, &foreign, &account];
    for (who, expected) in [
        (PIA, [true, false, false, false, false]),
        (OTTO, [true, false, false, false, false]),
        (HANA, [true, true, true, false, false]),
        (ALDO, [true, true, true, false, false]),
        (SAM, [true, true, true, false, true]),
        (HECTOR, [false, false, false, true, false]),
    ] {
        assert_eq!(all.map(|id| sees(who, id)), expected, "{}", who.name);
    }
    for path in ["/partners/KESTREL/mail", "/system/mail", "/partners/KESTREL/mail?partner=MERIDIAN"] {
        let page = app.as_(PIA).get(path);
        let to = column(&page, "To");
        assert!(to.len() == 1 && to[0].starts_with("uma@kestrel.example"), "{path}: {to:?}");
        assert!(!page.text().contains(HANA.email), "{path}");
    }
    assert_eq!(app.as_(PIA).get("/system/mail/export.csv").text().lines().count(), 2);
    assert_eq!(app.as_(PIA).get("/partners/MERIDIAN/mail").status(), 404);
    assert_eq!(app.as_(UMA).get("/partners/KESTREL/mail").status(), 403);
    assert_eq!(column(&app.as_(HANA).get("/partners/KESTREL/mail"), "To").len(), 2);
    assert!(app.as_(PIA).get("/partners/KESTREL/users").text().contains("delivery log"));
}

#[test]
fn a_preview_shows_the_words_and_not_the_link() {
    let app = TestApp::new();
    let plain = queue(&app, &kestrel(UMA));
    let sam = app.as_(SAM);
    let page = sam.get(&format!("/system/mail/{plain}"));
    let words = page.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("you are Partner admin there now"), "{words}");
    let keyed = queue(&app, &Post::to_account(reset(UMA), UMA.id.parse().unwrap(), UMA.email, UMA.name));
    let page = sam.get(&format!("/system/mail/{keyed}"));
    assert!(page.text().contains("(link not shown)") && !page.text().contains("/link/"));
    let unknown = queue(&app, &kestrel(UMA));
    app.database().run(&format!(
        "UPDATE outbox SET letter = '{{\"letter\": \"FromTheFuture\"}}', kind = 'FromTheFuture' WHERE id = '{unknown}'"
    ));
    assert!(sam.get(&format!("/system/mail/{unknown}")).text().contains("A newer version"));
    let page = sam.get("/system/mail/letters");
    assert!(page.text().contains("You are invited to Solstice Rewards") && !page.text().contains("/link/"));
}

#[test]
fn a_letter_is_sent_again_as_a_letter_of_its_own() {
    let app = TestApp::new();
    app.mail_server().next(&[Act::NoMailbox]);
    let id = queue(&app, &kestrel(UMA));
    app.send_mail();
    let (hana, again) = (app.as_(HANA), format!("/system/mail/{id}/again"));
    assert_eq!(hana.post(&again, &[]).status(), 303);
    let refused = app.assert_unchanged(|| hana.post(&again, &[]));
    assert!(refused.status() == 409 && refused.text().contains("on its way already"), "{}", refused.status());
    let letters = app.send_mail();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, [UMA.email]);
    assert!(!letters[0].header("Message-ID").contains(&id), "another letter");
    let event = "SELECT kind || ' ' || partner_id FROM activity ORDER BY at DESC, id DESC LIMIT 1";
    assert_eq!(app.database().value(event), format!("LetterResent {}", partner::KESTREL));
    // Whoever is no member any more does not get it this way either.
    app.database()
        .run(&format!("UPDATE outbox SET members_only = true; DELETE FROM memberships WHERE user_id = '{}'", UMA.id));
    assert_eq!(hana.post(&again, &[]).status(), 303);
    assert!(app.send_mail().is_empty());
}

#[test]
fn a_letter_with_a_link_or_of_others_is_not_sent_again() {
    let app = TestApp::new();
    let keyed = queue(&app, &Post { letter: reset(UMA), ..kestrel(UMA) });
    let foreign = queue(&app, &about(PETRA, program::ALTURA, partner::BOREAL));
    let own = queue(&app, &kestrel(UMA));
    app.send_mail();
    let again = |who: Person, id: &str| {
        let visitor = app.as_(who);
        app.assert_unchanged(|| visitor.post(&format!("/system/mail/{id}/again"), &[]))
    };
    let refused = again(HANA, &keyed);
    assert!(refused.status() == 409 && refused.text().contains("a link that may be dead"), "{}", refused.status());
    assert_eq!(again(HANA, &foreign).status(), 404);
    assert_eq!(again(PIA, &own).status(), 403);
    assert_eq!(again(ALDO, &own).status(), 403);
    assert_eq!(again(HANA, "nonsense").status(), 404);
}

#[test]
fn the_program_chooses_the_words_of_the_welcome_letter() {
    let app = TestApp::new();
    let hana = app.as_(HANA);
    let path = "/settings/letters/invitation";
    assert!(hana.get(path).text().contains("These are the standard words"));
    let typed = |act: &'static str, version: &'static str, subject: &'static str, body: &'static str| {
        [("version", version), ("subject", subject), ("body", body), ("do", act)]
    };
    let preview =
        app.assert_unchanged(|| hana.post(path, &typed("preview", "1", "Hello {name}", "Join {partner}.\n\nDo.")));
    assert!(preview.status() == 200 && preview.text().contains("Hello Yuki Sato"), "{}", preview.status());
    assert!(preview.text().contains("Nothing is saved yet") && preview.text().contains("(link not shown)"));
    for (subject, body, says) in [
        ("Hello {nmae}", "Join us.", "{nmae} stands for nothing. There are {name}, {partner}"),
        ("Hello", "Join {us}.", "{us} stands for nothing"),
        ("", "Join us.", "cannot be empty"),
        ("Hello", " \n ", "Write at least one sentence"),
        ("a\u{202e}b", "Join us.", "cannot be shown"),
    ] {
        let refused = app.assert_unchanged(|| {
            hana.post(path, &[("version", "1"), ("subject", subject), ("body", body), ("do", "save")])
        });
        assert!(refused.status() == 422 && refused.text().contains(says), "{subject} {body}: {}", refused.text());
    }
    let saved = hana.post(path, &typed("save", "1", "Hello {name}", "<b>Join</b> {partner} of {program}."));
    assert_eq!(saved.status(), 303);
    assert!(hana.get(path).text().contains("These are your own words"));
    let late = app.assert_unchanged(|| hana.post(path, &typed("save", "1", "Late", "Late.")));
    assert!(late.status() == 409 && late.text().contains("Somebody else changed the words"), "{}", late.status());
    assert_eq!(late.attributes("#subject", "value"), ["Late"]);
    // The next invitation has them; the HTML has them as text.
    let invitation = Letter::samples("Mara").remove(0);
    queue(&app, &Post { letter: invitation, ..kestrel(UMA) });
    let letter = app.send_mail().remove(0);
    assert_eq!(letter.subject(), "Hello Mara");
    assert!(letter.text().contains("<b>Join</b> Mara of Mara.") && !letter.html().contains("<b>Join"));
    let other = app.as_(HECTOR).get(path);
    assert!(other.text().contains("These are the standard words"), "each program has its own");
    assert_eq!(hana.post(path, &typed("restore", "2", "Hello {name}", "x")).status(), 303);
    assert!(hana.get(path).text().contains("These are the standard words"));
    let events = "SELECT count(*) FROM activity WHERE kind = 'LetterWordsChanged'";
    assert_eq!(app.database().value(events), "2");
    for who in [PIA, RUI, ALDO] {
        assert_eq!(app.as_(who).get(path).status(), 403, "{}", who.name);
    }
}

#[test]
fn people_choose_which_letters_they_want() {
    let app = TestApp::new();
    let (hana, path) = (app.as_(HANA), "/me/notifications");
    assert!(hana.get("/me").text().contains("/me/notifications"));
    let all = ["invitations", "partners", "submissions", "integrations", "reminders"];
    assert_eq!(hana.get(path).attributes("input[name=topic][checked]", "value"), all);
    assert_eq!(hana.post(path, &[("topic", "invitations")]).status(), 303);
    assert_eq!(hana.get(path).attributes("input[name=topic][checked]", "value"), ["invitations"]);
    app.assert_unchanged(|| hana.post(path, &[("topic", "invitations"), ("topic", "nonsense")]));
    let event = "SELECT kind FROM activity ORDER BY at DESC, id DESC LIMIT 1";
    assert_eq!(app.database().value(event), "MailChoicesChanged");
    assert_eq!(hana.post(path, &all.map(|topic| ("topic", topic))).status(), 303);
    assert_eq!(hana.get(path).attributes("input[name=topic][checked]", "value"), all);
    assert_eq!(
        app.as_(PIA).get(path).attributes("input[name=topic]", "value"),
        ["invitations", "integrations", "reminders"]
    );
}

#[test]
fn e11_the_hosts_contacts_learn_that_a_partner_became_active() {
    let app = TestApp::new();
    let contact = |who: Person| {
        app.database().run(&format!("UPDATE partners SET primary_contact_id = '{}' WHERE code = 'SOLHQ'", who.id));
    };
    contact(RUI);
    app.database().run(
        "UPDATE partners SET status = 'pending' WHERE code IN ('MERIDIAN', 'KESTREL') AND program_id::text LIKE '11%'",
    );
    let hana = app.as_(HANA);
    let activate = |code: &str| {
        let answer = hana.post(&format!("/partners/{code}/status/activation"), &[("version", "1"), ("reason", "")]);
        assert_eq!(answer.status(), 303, "{}", answer.text());
    };
    activate("MERIDIAN");
    let letters = app.send_mail();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].to.as_slice(), letters[0].subject().as_str()),
        (&[RUI.email.to_owned()][..], "Meridian Air is active")
    );
    assert!(letters[0].text().contains("/partners/MERIDIAN"));
    contact(HANA);
    activate("KESTREL");
    assert!(app.send_mail().is_empty(), "who did it knows");
}
