//! Twenty requests a second for twenty minutes: nothing grows (T73).

use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST, PARTNER, REVIEWER};
use crate::crowd::{Crowd, Seen};
use crate::http::Client;
use crate::report::{Report, longest, percentile};

const DB: &str = "soak";
const POOL: i64 = 8;
const OF_THE_HOST: [(&str, &str); 8] = [
    ("page", "/"),
    ("page", "/partners"),
    ("page", "/partners?q=air"),
    ("page", "/partners/SHINONOME"),
    ("page", "/users"),
    ("page", "/activity"),
    ("page", "/campaigns"),
    ("page", "/tenants"),
];
const OF_THE_REVIEWER: [(&str, &str); 4] =
    [("page", "/integrations"), ("page", "/integrations?tab=in-review"), ("page", "/static/app.css"), ("page", "/")];

/// Megabytes a minute, by least squares.
fn slope(samples: &[(f64, f64)]) -> f64 {
    let count = samples.len() as f64;
    let (x, y) =
        (samples.iter().map(|one| one.0).sum::<f64>() / count, samples.iter().map(|one| one.1).sum::<f64>() / count);
    let (mut above, mut below) = (0.0, 0.0);
    for (at, value) in samples {
        above += (at - x) * (value - y);
        below += (at - x) * (at - x);
    }
    if below > 0.0 { above / below * 60.0 } else { 0.0 }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let portal = bed.start(DB, &mut bed.command(DB, &bed.url(DB)))?;
    let host = Client::sign_in(&portal.address, HOST)?;
    let (reviewer, partner) = (Client::sign_in(&portal.address, REVIEWER)?, Client::sign_in(&portal.address, PARTNER)?);
    let seconds = if report.is_long { 1200 } else { 60 };
    let settled = seconds as f64 / 4.0;
    let crowd = Crowd::default();
    let mut samples: Vec<(f64, f64)> = Vec::new();
    let (mut most, mut files) = (0, Vec::new());
    let began = Instant::now();
    thread::scope(|scope| {
        let (crowd, host, reviewer, partner) = (&crowd, &host, &reviewer, &partner);
        // 8 + 8 + 3 + 1 requests in a second.
        for _ in 0..4 {
            scope.spawn(move || crowd.browse(host, &OF_THE_HOST, Duration::from_millis(500)));
            scope.spawn(move || crowd.browse(reviewer, &OF_THE_REVIEWER, Duration::from_millis(500)));
        }
        scope.spawn(move || {
            crowd.browse(partner, &[("page", "/"), ("page", "/partners/SHINONOME/users")], Duration::from_millis(333))
        });
        scope.spawn(move || {
            for number in 0.. {
                let began = Instant::now();
                let email = format!("soak-{number}@new.example");
                let form = [("name", "Noor New"), ("email", &*email), ("role", "user")];
                crowd.keep(Seen::of("write", began, &partner.post("/partners/SHINONOME/users/new", &form)));
                if crowd.rest(began, Duration::from_secs(1)) {
                    return;
                }
            }
        });
        while began.elapsed() < Duration::from_secs(seconds) {
            thread::sleep(Duration::from_secs(if report.is_long { 5 } else { 1 }));
            let at = began.elapsed().as_secs_f64();
            samples.push((at, portal.memory()));
            files.push((at, portal.files()));
            let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'soak' AND application_name = 'portico'";
            most = most.max(bed.count("postgres", open).unwrap_or(0));
        }
        crowd.end();
    });
    let seen = crowd.take();
    let times: Vec<Duration> = seen.iter().map(|one| one.took).collect();
    report.told("requests", seen.len() as f64, "");
    report.told("requests a second", seen.len() as f64 / seconds as f64, "");
    report.told("p50", percentile(&times, 0.5), "ms");
    report.told("p99", percentile(&times, 0.99), "ms");
    report.told("slowest", longest(&times).as_secs_f64() * 1000.0, "ms");
    let wrong: Vec<String> = seen.iter().filter(|one| !matches!(one.status, 200 | 303)).map(Seen::told).collect();
    report.none("answers but 200 and 303", &wrong);
    let later: Vec<(f64, f64)> = samples.iter().copied().filter(|one| one.0 >= settled).collect();
    let memory = |at: Option<&(f64, f64)>| at.map_or(0.0, |one| one.1);
    report.told("memory when settled", memory(later.first()), "MB");
    report.told("memory in the end", memory(later.last()), "MB");
    let bar = if report.is_long { 0.5 } else { 30.0 };
    report.at_most("slope of memory once settled", slope(&later), bar, "MB/min");
    report.at_most("connections at the most", most as f64, POOL as f64, "");
    let files_at = |from: f64, to: f64| {
        files.iter().filter(|one| one.0 >= from && one.0 < to).map(|one| one.1).max().unwrap_or(0) as f64
    };
    let (early, late) = (files_at(settled, settled * 2.0), files_at(settled * 3.0, f64::MAX));
    report.told("open files when settled", early, "");
    report.at_most("open files more in the end", late - early, 6.0, "");
    report.none("defects in the log", &portal.defects());
    Ok(())
}
