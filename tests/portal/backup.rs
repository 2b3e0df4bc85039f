//! Backups, and what must not come back with them (T72).

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::process::{Serving, ended_within, on, reset_link};
use crate::support::postgres::Database;
use crate::support::*;

/// Rows of each table, and a digest of all their text.
fn content(database: &Database) -> Vec<String> {
    let tables = database.values(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1",
    );
    let digest = |table: &String| {
        let rows = format!(
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t"
        );
        format!("{table} {}", database.value(&rows))
    };
    tables.iter().map(digest).collect()
}

/// Tables that a restore ends things in, or writes down that it came.
fn is_ended(line: &str) -> bool {
    ["sessions ", "invitations ", "password_resets ", "email_changes ", "outbox ", "activity ", "activity_unchained "]
        .iter()
        .any(|name| line.starts_with(name))
}

#[test]
fn t72_a_backup_comes_back_whole_and_sends_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let file = folder.path().join("all.portico");
    let backup = |to: &std::path::Path| ended_within(60, on(&folder, &database).arg("backup").arg(to));
    let (hana, link) = {
        let serving = Serving::start(&folder, &database);
        let hana = Visitor::new(&format!("http://{}", serving.address));
        let fields = [("email", HANA.email), ("password", PASSWORD), ("next", "/")];
        assert_eq!(hana.post("/sign-in", &fields).status(), 303);
        hana.post("/forgotten", &[("email", PIA.email)]);
        let link = reset_link(&database, PIA);
        (hana, link)
    };
    database.run("UPDATE outbox SET state = 'queued', sent_at = NULL, run_at = now() - interval '1 minute'");
    database.run("UPDATE api_tokens SET expires_at = greatest(expires_at, now() + interval '1 year')");
    let before = content(&database);
    let (code, out, err) = backup(&file);
    assert!(
        code == 0 && out.trim_end().ends_with("all.portico") && err.contains("secret key is not in it"),
        "{out} {err}"
    );
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(content(&database), before, "looking changes nothing");
    let again = backup(&file);
    assert!(again.0 == 1 && again.2.contains("is there already"), "{again:?}");
    assert_eq!(
        std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|one| one.as_ref().unwrap().file_name().to_string_lossy().contains("all.portico"))
            .count(),
        1
    );

    let other = Database::empty();
    let restore = |database: &Database| ended_within(60, on(&folder, database).arg("restore").arg(&file));
    let (code, out, err) = restore(&other);
    assert_eq!(code, 0, "{out} {err}");
    let open = database.value("SELECT count(*) FROM sessions WHERE ended_at IS NULL");
    assert!(out.contains(&format!("{open} sessions,")) && out.contains("1 letter that"), "{out}");
    let lines = "SELECT count(*) FROM activity";
    let told =
        "SELECT event ->> 'sessions' FROM activity WHERE kind = 'DatabaseRestored' AND actor_name = 'Command line'";
    assert_eq!(
        (other.value(told), other.value(lines)),
        (open, (database.value(lines).parse::<u32>().unwrap() + 1).to_string())
    );
    let tokens = database.value("SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL");
    assert!(out.contains(&format!("{tokens} API tokens of that time")) && out.contains("--revoke-tokens"), "{out}");
    let after = content(&other);
    let same = |lines: &[String]| lines.iter().filter(|line| !is_ended(line)).cloned().collect::<Vec<_>>();
    assert_eq!(same(&after), same(&before));
    assert_eq!(other.value("SELECT count(*) FROM outbox WHERE state IN ('queued', 'retrying')"), "0");
    assert_eq!(other.value("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), "0");

    let serving = Serving::start(&folder, &other);
    let there = Visitor::new(&format!("http://{}", serving.address));
    let old = format!("portico={}", hana.cookie("portico").unwrap());
    let answer = there.send(there.request("GET", "/partners").header("Cookie", old));
    assert!(answer.asks_to_sign_in(), "the session is over");
    there.get(&link);
    let answer = there.post("/reset", &[("new_password", "four words nobody tries")]);
    assert_ne!(answer.status(), 303, "the link is dead");
    let fields = [("email", HANA.email), ("password", PASSWORD), ("next", "/")];
    assert_eq!(there.post("/sign-in", &fields).status(), 303);
    assert_eq!(there.get("/partners/KESTREL").status(), 200);
    drop(serving);

    let before = content(&other);
    let (code, _, err) = restore(&other);
    assert!(code == 1 && err.contains("in use"), "{err}");
    assert_eq!(content(&other), before);

    let third = Database::empty();
    let (code, out, err) = ended_within(60, on(&folder, &third).args(["restore", "--revoke-tokens"]).arg(&file));
    assert!(code == 0 && out.contains(&format!("Revoked: {tokens} API tokens")), "{out} {err}");
    assert_eq!(third.value("SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL"), "0");
    assert_eq!(third.value("SELECT event ->> 'tokens' FROM activity WHERE kind = 'DatabaseRestored'"), tokens);
}

#[test]
fn t72_what_is_written_during_a_backup_is_wholly_in_it_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let stop = AtomicBool::new(false);
    let file = folder.path().join("busy.portico");
    thread::scope(|scope| {
        scope.spawn(|| {
            let serving = Serving::start(&folder, &database);
            let hana = Visitor::new(&format!("http://{}", serving.address));
            hana.post("/sign-in", &[("email", HANA.email), ("password", PASSWORD), ("next", "/")]);
            // A program has a hundred types at the most.
            for round in 1..=20 {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                assert_eq!(hana.post("/settings/types", &[("type_name", &format!("Type {round}"))]).status(), 303);
                thread::sleep(std::time::Duration::from_millis(40));
            }
        });
        let began = || database.value("SELECT count(*) FROM partner_types WHERE name = 'Type 5'") == "1";
        while !began() {
            thread::sleep(std::time::Duration::from_millis(20));
        }
        let (code, out, err) = ended_within(60, on(&folder, &database).arg("backup").arg(&file));
        stop.store(true, Ordering::Relaxed);
        assert_eq!(code, 0, "{out} {err}");
    });
    let other = Database::empty();
    let (code, out, err) = ended_within(60, on(&folder, &other).arg("restore").arg(&file));
    assert_eq!(code, 0, "{out} {err}");
    let types = other.value("SELECT count(*) FROM partner_types WHERE name LIKE 'Type %'");
    assert_eq!(other.value("SELECT count(*) FROM activity WHERE kind = 'PartnerTypeAdded'"), types);
    assert!(types.parse::<u32>().unwrap() >= 5);
}

#[test]
fn t72_a_damaged_backup_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new();
    let file = folder.path().join("some.portico");
    assert_eq!(ended_within(60, on(&folder, &database).arg("backup").arg(&file)).0, 0);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let other = Database::empty();
    let (code, _, err) = ended_within(60, on(&folder, &other).arg("restore").arg(&file));
    assert!(code == 1 && err.contains("is damaged"), "{err}");
    assert_eq!(other.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}
