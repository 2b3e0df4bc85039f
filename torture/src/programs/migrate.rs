//! Several instances start at once, one dies while it migrates, an old one meets a newer database (T71).

use std::io::Read;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::Bed;
use crate::crowd::Seeded;
use crate::http::Client;
use crate::portal::Portal;
use crate::report::{Report, longest};

const APPLIED: &str = "SELECT count(*) FROM __diesel_schema_migrations";
const NEWER: &str = "29991231000000";

/// Starts so many at once with `serve --migrate`: those that serve, and what the others said.
fn start(bed: &Bed, db: &str, count: usize) -> Vec<Result<Portal, String>> {
    thread::scope(|scope| {
        let all: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || {
                    let name = format!("{db}_{number}");
                    let mut command = bed.command(&name, &bed.url(db));
                    let log = bed.folder.join(format!("{name}.log"));
                    Portal::start_with(&mut command, &["serve", "--migrate"], &log)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("panicked".into()))).collect()
    })
}

fn empty(bed: &Bed, db: &str) -> Result<(), String> {
    bed.query("postgres", &format!("CREATE DATABASE {db} TEMPLATE template0")).map(drop)
}

fn migrate(bed: &Bed, db: &str, word: &str) -> Result<(), String> {
    let done = bed.command(db, &bed.url(db)).args(["migrate", word]).output().map_err(|cause| cause.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

fn together(bed: &Bed, report: &mut Report, what: &str, db: &str, count: usize, expected: i64) -> Result<(), String> {
    let all = start(bed, db, count);
    let (mut starts, mut wrong) = (Vec::new(), Vec::new());
    for one in &all {
        match one {
            Ok(portal) => {
                starts.push(portal.started);
                match Client::new(&portal.address).get("/readyz") {
                    Ok(answer) if answer.status == 200 => {}
                    Ok(answer) => wrong.push(format!("ready: {}", answer.status)),
                    Err(broken) => wrong.push(broken.cause.to_string()),
                }
            }
            Err(why) => wrong.push(why.clone()),
        }
    }
    report.none(&format!("{what}: of {count} that start at once, those that do not serve"), &wrong);
    report.equal(&format!("{what}, {count} at once: migrations, each once"), bed.count(db, APPLIED)?, expected);
    report.within(&format!("{what}, {count} at once: the last serves after"), longest(&starts), 10.0, 80.0);
    Ok(())
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    let expected = bed.count("demo", APPLIED)?;
    for count in [2, 5] {
        let db = format!("migrate_empty_{count}");
        empty(bed, &db)?;
        together(bed, report, "empty database", &db, count, expected)?;
        let db = format!("migrate_old_{count}");
        bed.database(&db)?;
        let behind = if report.is_long { 4 } else { 2 };
        for _ in 0..behind {
            migrate(bed, &db, "revert")?;
        }
        together(bed, report, "old database", &db, count, expected)?;
    }
    killed(bed, report, expected)?;
    newer(bed, report)
}

/// One after another dies while it migrates; the next goes on.
fn killed(bed: &Bed, report: &mut Report, expected: i64) -> Result<(), String> {
    empty(bed, "migrate_killed")?;
    let (kills, mut seeded) = (if report.is_long { 30 } else { 6 }, Seeded::new(71));
    let mut midway = 0;
    for _ in 0..kills {
        let mut command = bed.command("migrate_killed", &bed.url("migrate_killed"));
        let mut child =
            command.args(["migrate", "run"]).stderr(Stdio::null()).spawn().map_err(|cause| cause.to_string())?;
        thread::sleep(Duration::from_millis(10 + seeded.below(120)));
        child.kill().ok();
        child.wait().ok();
        let applied = bed.count("migrate_killed", APPLIED).unwrap_or(0);
        midway += usize::from(applied > 0 && applied < expected);
    }
    report.told("migrators killed", kills as f64, "");
    report.told("of them, such that left a part done", midway as f64, "");
    together(bed, report, "after them", "migrate_killed", 2, expected)
}

/// A newer Portico was here: a running one goes on, and none starts.
fn newer(bed: &Bed, report: &mut Report) -> Result<(), String> {
    let db = "migrate_newer";
    bed.database(db)?;
    let running = Portal::start(&mut bed.command(db, &bed.url(db)), &bed.folder.join("newer.log"))?;
    bed.query(db, &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{NEWER}')"))?;
    let client = Client::new(&running.address);
    let wrong: Vec<&str> = ["/sign-in", "/readyz", "/healthz"]
        .into_iter()
        .filter(|path| !client.get(path).is_ok_and(|answer| answer.status == 200))
        .collect();
    report.none("newer database: pages of one that runs already, but 200", &wrong);
    let mut unclear = Vec::new();
    let mut slowest = Duration::ZERO;
    for words in [&["serve"][..], &["serve", "--migrate"], &["migrate", "run"], &["check"]] {
        let began = Instant::now();
        let mut command = bed.command(db, &bed.url(db));
        let mut child = command.args(words).stderr(Stdio::piped()).spawn().map_err(|cause| cause.to_string())?;
        let ended = crate::crowd::wait(Duration::from_secs(20), || child.try_wait().is_ok_and(|ended| ended.is_some()));
        child.kill().ok();
        let status = child.wait().map_err(|cause| cause.to_string())?;
        let mut said = String::new();
        if let Some(mut pipe) = child.stderr.take() {
            pipe.read_to_string(&mut said).ok();
        }
        slowest = slowest.max(began.elapsed());
        if ended.is_none() || status.success() || !said.contains("newer Portico") {
            unclear.push(format!("{}: {said}", words.join(" ")));
        }
    }
    report.none("newer database: commands that do not refuse it clearly", &unclear);
    report.within("newer database: refused after", slowest, 10.0, 20.0);
    Ok(())
}
