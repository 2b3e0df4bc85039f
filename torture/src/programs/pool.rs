//! The pool used up by statements that wait, and by statements that are slow, while a hundred people ask (T65).

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST};
use crate::crowd::{Crowd, Seen};
use crate::http::Client;
use crate::postgres;
use crate::proxy::{Mode, Proxy};
use crate::report::{Report, longest};

const DB: &str = "pool";

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let proxy = Proxy::start(bed.sql.port)?;
    let mut command = bed.command(DB, &postgres::url(proxy.port, DB));
    let portal = bed.start(DB, command.env("PORTICO_DATABASE__POOL_SIZE", "4"))?;
    let host = Client::sign_in(&portal.address, HOST)?;
    let nobody = Client::new(&portal.address);
    let is_long = report.is_long;
    let (users, seconds) = if is_long { (100, 20) } else { (100, 5) };
    for name in ["held by a lock", "held by slow statements"] {
        let crowd = Crowd::default();
        let (mut began, mut ended) = (Instant::now(), Instant::now());
        thread::scope(|scope| -> Result<(), String> {
            let (crowd, host, nobody) = (&crowd, &host, &nobody);
            for _ in 0..users {
                // Who was told to come back does so a second later.
                scope.spawn(move || crowd.browse(host, &[("page", "/partners")], Duration::from_secs(1)));
            }
            let every = Duration::from_millis(100);
            scope.spawn(move || crowd.browse(nobody, &[("static", "/static/app.css"), ("static", "/healthz")], every));
            thread::sleep(Duration::from_millis(500));
            began = Instant::now();
            if name == "held by a lock" {
                let hold =
                    format!("BEGIN; LOCK TABLE partners IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT");
                let holder = bed.sql.psql(DB).args(["-c", &hold]).stdout(Stdio::null()).status();
                holder.map_err(|cause| cause.to_string())?;
            } else {
                proxy.set(Mode::Delay(400));
                thread::sleep(Duration::from_secs(seconds));
                proxy.set(Mode::Pass);
            }
            ended = Instant::now();
            thread::sleep(Duration::from_secs(if is_long { 6 } else { 5 }));
            crowd.end();
            Ok(())
        })?;
        judge(report, name, &crowd.take(), began, ended);
    }
    report.none("defects in the log", &portal.defects());
    Ok(())
}

fn judge(report: &mut Report, name: &str, all: &[Seen], began: Instant, ended: Instant) {
    let told = |wrong: Vec<&Seen>| -> Vec<String> { wrong.into_iter().map(Seen::told).collect() };
    let pages = || all.iter().filter(|seen| seen.what == "page");
    let during = || pages().filter(|seen| seen.began >= began && seen.began < ended);
    let busy: Vec<&Seen> = during().filter(|seen| seen.status == 503).collect();
    report.told(&format!("{name}: answered"), during().count() as f64, "");
    // On a busy machine most of the hundred come to the door when the lock is gone.
    report.at_least(&format!("{name}: answered 503"), busy.len() as f64, if report.is_long { 20.0 } else { 1.0 }, "");
    // Who waits for a lock holds no connection that others wait for twice; where each statement is slow, a page waits
    // for its session and for itself, until its deadline.
    let (bar, wide) = if name == "held by a lock" { (3.0, 8.0) } else { (10.0, 13.0) };
    report.within(&format!("{name}: slowest 503"), longest(busy.iter().map(|seen| &seen.took)), bar, wide);
    report.none(
        &format!("{name}: 503 without Retry-After"),
        &told(busy.iter().filter(|seen| !seen.retry_after).copied().collect()),
    );
    let odd = during().filter(|seen| !matches!(seen.status, 200 | 503));
    let odd = report.starved(&format!("{name}: pages"), odd);
    report.none(&format!("{name}: answers but 200 and 503"), &told(odd));
    let stale = all.iter().filter(|seen| seen.what == "static" && seen.status != 200);
    let stale = report.starved(name, stale);
    report.none(&format!("{name}: static files and health but 200"), &told(stale));
    // Once the crowd's first rush is over: then only those hang on the database who ask it.
    let calm = |seen: &&Seen| seen.began > began + Duration::from_secs(1) && seen.began + seen.took < ended;
    let health = longest(all.iter().filter(|seen| seen.what == "static").filter(calm).map(|seen| &seen.took));
    report.within(&format!("{name}: slowest static file or health"), health, 0.5, 8.0);
    // From when on nobody who came was refused.
    let refused = pages().filter(|seen| seen.status != 200 && seen.began >= ended).map(|seen| seen.began);
    let recovered = refused.max().map_or(Duration::ZERO, |last| last.saturating_duration_since(ended));
    report.within(&format!("{name}: recovered"), recovered, 2.0, 4.0);
}
