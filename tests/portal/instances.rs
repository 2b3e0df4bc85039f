//! Several instances at once: two processes on one database, as two machines behind a proxy would run them. What
//! one of them knows the other knows at once, and what is to be done once is done by one of them.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::Serving;
use crate::support::client::Chosen;
use crate::support::postgres::Database;
use crate::support::*;

/// Two portals, each with a data folder of its own.
struct Pair {
    folders: [TempDir; 2],
    portals: [Serving; 2],
    database: Database,
}

impl Pair {
    fn start() -> Pair {
        let database = Database::new();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let portals = [Serving::start(&folders[0], &database), Serving::start(&folders[1], &database)];
        Pair { folders, portals, database }
    }

    fn anonymous(&self, at: usize) -> Visitor {
        Visitor::new(&format!("http://{}", self.portals[at].address))
    }

    fn as_(&self, at: usize, who: Person) -> Visitor {
        let visitor = self.anonymous(at);
        let answer = visitor.post("/sign-in", &[("email", who.email), ("password", PASSWORD), ("next", "/")]);
        assert_eq!(answer.status(), 303, "{}", answer.text());
        visitor
    }

    /// The same browser at the other instance: the proxy sent it there.
    fn moved(&self, visitor: &Visitor, at: usize) -> Visitor {
        let other = self.anonymous(at);
        other.set_cookie("portico", &visitor.cookie("portico").unwrap());
        other
    }

    fn letters(&self) -> usize {
        self.folders.iter().map(|folder| letters_in(&folder.path().join("data/mail"))).sum()
    }
}

fn letters_in(folder: &Path) -> usize {
    let Ok(files) = std::fs::read_dir(folder) else { return 0 };
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "eml")).count()
}

#[track_caller]
fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn t16_a_session_lives_and_ends_at_both_instances() {
    let pair = Pair::start();
    let here = pair.as_(0, HANA);
    let there = pair.moved(&here, 1);
    assert_eq!(there.get("/partners").status(), 200);
    assert_eq!(there.post("/sign-out", &[]).location(), "/sign-in?out=1");
    assert!(here.get("/partners").asks_to_sign_in());
}

#[test]
fn t19_tries_at_both_instances_are_counted_together() {
    let pair = Pair::start();
    let refused = |at: usize| {
        let form = [("email", PIA.email), ("password", "wrong password"), ("next", "/")];
        pair.anonymous(at).post("/sign-in", &form).status()
    };
    let answers: Vec<u16> = (0..14).map(|at| refused(at % 2)).collect();
    assert_eq!(answers[..10], [422; 10]);
    assert_eq!(answers[10..], [429; 4]);
}

#[test]
fn t63_a_letter_is_sent_by_one_of_them_and_once() {
    let pair = Pair::start();
    let pia = pair.as_(0, PIA);
    let new = "four unrelated words";
    let form = [("current_password", PASSWORD), ("new_password", new)];
    assert_eq!(pia.post("/me/password", &form).location(), "/me");
    let state = || pair.database.value("SELECT string_agg(state || attempts, ',') FROM outbox");
    soon("the letter leaves", || state() == "sent1");
    // Both had time to look into the outbox again.
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!((state().as_str(), pair.letters()), ("sent1", 1));
}

#[test]
fn an_import_that_runs_at_one_is_followed_and_applied_at_the_other() {
    let pair = Pair::start();
    let here = pair.as_(0, HANA);
    let there = pair.moved(&here, 1);
    let file = Chosen { field: "file", name: "new.csv", bytes: b"code,name,type\nNEWAIR,New Air,airline\n" };
    let import = here.post_multipart("/partners/import", &[], Some(file)).location().to_owned();
    assert!(import.starts_with("/partners/import/"), "{import}");
    let import = import.trim_end_matches("/columns").to_owned();
    let columns = format!("{import}/columns");
    let guessed = there.get(&columns).form(&format!("form[action=\"{columns}\"]"));
    assert_eq!(there.post(&columns, &guessed.pairs()).location(), import);
    let state = || pair.database.value("SELECT string_agg(state, ',' ORDER BY created_at DESC) FROM imports");
    soon("the file is checked", || state().starts_with("checked"));
    assert_eq!(here.get(&import).status(), 200);
    assert_eq!(here.post(&format!("{import}/apply"), &[("mode", "leave")]).status(), 303);
    soon("the file is applied", || state().starts_with("applied"));
    assert_eq!(there.get("/partners/NEWAIR").status(), 200);
}
