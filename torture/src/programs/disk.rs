//! The disk of PostgreSQL full and freed again; the pipe of the log closed (T68).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST, PARTNER, load_demo};
use crate::crowd::{Seen, wait};
use crate::http::Client;
use crate::portal;
use crate::postgres::{Postgres, is_root};
use crate::report::{Report, longest};

/// A small file system in memory; gone with this value.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Result<Small, String> {
        fs::create_dir(&at).map_err(|cause| cause.to_string())?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256m", "torture"])
            .arg(&at)
            .stderr(Stdio::null())
            .status();
        match mounted {
            Ok(status) if status.success() => Ok(Small(at)),
            _ => Err("a small file system could not be mounted here".into()),
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Whoever still uses it is on their way out.
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    closed_pipes(bed, report)?;
    if !is_root() {
        report.skip("a full disk: only root can mount a small file system");
        return Ok(());
    }
    let small = match Small::mount(bed.folder.join("small")) {
        Ok(small) => small,
        Err(why) => {
            report.skip(&format!("a full disk: {why}"));
            return Ok(());
        }
    };
    let mut postgres = Postgres::make(&small.0.join("postgres"))?;
    let result = full(bed, report, &small.0, &mut postgres);
    postgres.stop();
    result
}

fn invite(partner: &Client, number: usize) -> Seen {
    let began = Instant::now();
    let email = format!("disk-{number}@new.example");
    let form = [("name", "Noor New"), ("email", &*email), ("role", "user")];
    Seen::of("invitation", began, &partner.post("/partners/SHINONOME/users/new", &form))
}

/// Takes all the room there is.
fn fill(file: &Path) -> Result<(), String> {
    let mut file = fs::File::options().create(true).append(true).open(file).map_err(|cause| cause.to_string())?;
    for size in [1 << 20, 4096, 1] {
        let block = vec![b'x'; size];
        while file.write_all(&block).is_ok() {}
    }
    Ok(())
}

fn full(bed: &Bed, report: &mut Report, disk: &Path, postgres: &mut Postgres) -> Result<(), String> {
    postgres.sql.query("postgres", "CREATE DATABASE demo")?;
    let url = postgres.sql.url("demo");
    load_demo(bed, &postgres.sql)?;
    let mut portal = bed.start("disk", &mut bed.command("disk", &url))?;
    let (host, partner) = (Client::sign_in(&portal.address, HOST)?, Client::sign_in(&portal.address, PARTNER)?);
    let filler = disk.join("filler");
    let (seconds, mut number) = (if report.is_long { 60 } else { 8 }, 0);
    let (mut writes, mut reads, mut health) = (Vec::new(), Vec::new(), Vec::new());
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        // Room that PostgreSQL gives back is taken at once.
        fill(&filler)?;
        for _ in 0..5 {
            number += 1;
            writes.push(invite(&partner, number));
        }
        // Wide rows, so that tables grow rather than find room in their last page.
        let wide = "x".repeat(3000);
        let asked = Instant::now();
        writes.push(Seen::of(
            "wide write",
            asked,
            &partner.post("/forgotten", &[("email", &format!("{wide}@x.example"))]),
        ));
        let bulk = "CREATE TABLE IF NOT EXISTS filler (x text); INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, 3000) n";
        postgres.sql.query("demo", bulk).ok();
        for path in ["/partners", "/", "/healthz", "/static/app.css"] {
            let asked = Instant::now();
            let seen = Seen::of("page", asked, &host.get(path));
            if matches!(path, "/healthz" | "/static/app.css") { health.push(seen) } else { reads.push(seen) }
        }
        thread::sleep(Duration::from_millis(50));
    }
    let refused = writes.iter().filter(|seen| seen.status == 503).count();
    report.told("full disk: writes done", writes.iter().filter(|seen| seen.status == 303).count() as f64, "");
    report.at_least("full disk: writes answered 503", refused as f64, 1.0, "");
    let told = |wrong: Vec<&Seen>| -> Vec<String> { wrong.into_iter().map(Seen::told).collect() };
    let odd = writes.iter().filter(|seen| !matches!(seen.status, 200 | 303 | 422 | 429 | 503)).collect();
    report.none("full disk: writes answered otherwise", &told(odd));
    report.none(
        "full disk: reads but 200 and 503",
        &told(reads.iter().filter(|seen| !matches!(seen.status, 200 | 503)).collect()),
    );
    report.none(
        "full disk: static files and health but 200",
        &told(health.iter().filter(|seen| seen.status != 200).collect()),
    );
    report.within("full disk: slowest answer", longest(writes.iter().chain(&reads).map(|seen| &seen.took)), 11.0, 12.0);
    report.equal("full disk: the portal lives (1 is yes)", i64::from(portal.is_alive()), 1);
    fs::remove_file(&filler).ok();
    let was_up = postgres.is_up();
    report.told("full disk: PostgreSQL lives (1 is yes)", f64::from(u8::from(was_up)), "");
    if !was_up {
        postgres.start()?;
    }
    let freed = Instant::now();
    let ready = wait(Duration::from_secs(30), || host.get("/readyz").is_ok_and(|answer| answer.status == 200));
    report.within("freed: ready again", ready.unwrap_or(Duration::from_secs(60)), 5.0, 14.0);
    let mut later = Vec::new();
    while freed.elapsed() < Duration::from_secs(5) {
        number += 1;
        later.push(invite(&partner, number));
        thread::sleep(Duration::from_millis(100));
    }
    report.none("freed: writes but done", &told(later.iter().filter(|seen| seen.status != 303).collect()));
    let done = writes.iter().chain(&later).filter(|seen| seen.what == "invitation" && seen.status == 303).count();
    let kept = postgres.sql.count("demo", "SELECT count(*) FROM invitations WHERE email LIKE 'disk-%'")?;
    report.at_least("invitations kept, of those acknowledged", kept as f64, done as f64, "");
    let events = "SELECT count(*) FROM activity WHERE kind = 'InvitationSent' AND event->>'email' LIKE 'disk-%'";
    report.equal("events of them, one for each", postgres.sql.count("demo", events)?, kept);
    report.none(
        "panics in the log",
        &portal.defects().into_iter().filter(|line| line.contains("panic")).collect::<Vec<_>>(),
    );
    Ok(())
}

/// Whoever read the log is gone: so what.
fn closed_pipes(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database("pipes")?;
    let mut command = portal::command(&bed.binary, &bed.folder.join("pipes"), &bed.url("pipes"));
    let port = crate::postgres::free_port();
    command.env("PORTICO_HTTP__PORT", port.to_string()).arg("serve").stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|cause| cause.to_string())?;
    let nobody = Client::new(&format!("127.0.0.1:{port}"));
    let up = wait(Duration::from_secs(20), || nobody.get("/readyz").is_ok_and(|answer| answer.status == 200));
    drop((child.stderr.take(), child.stdout.take()));
    let mut wrong = Vec::new();
    if up.is_some() {
        let person = Client::sign_in(&nobody.address, HOST);
        for path in ["/partners", "/", "/nothing", "/healthz", "/readyz"].iter().cycle().take(100) {
            let asked = match &person {
                Ok(person) => person.get(path),
                Err(_) => nobody.get(path),
            };
            let expected = if *path == "/nothing" { 404 } else { 200 };
            let began = Instant::now();
            let seen = Seen::of("page", began, &asked);
            if seen.status != expected {
                wrong.push(format!("{path}: {}", seen.told()));
            }
        }
        wrong.extend(person.err());
    }
    let lives = child.try_wait().is_ok_and(|ended| ended.is_none());
    child.kill().ok();
    child.wait().ok();
    report.equal("log closed: the portal started (1 is yes)", i64::from(up.is_some()), 1);
    report.none("log closed: pages but as ever", &wrong);
    report.equal("log closed: the portal lives (1 is yes)", i64::from(lives), 1);
    Ok(())
}
