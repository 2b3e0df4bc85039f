//! PostgreSQL cut off, hanging, slow, killed and started again, behind a small proxy (B7, T64).

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST, PARTNER};
use crate::crowd::{Crowd, Seen};
use crate::http::Client;
use crate::portal::signal;
use crate::postgres;
use crate::proxy::{Mode, Proxy};
use crate::report::{Report, longest};

const DB: &str = "outage";
/// So long after the beginning the portal has to know.
const NOTICED: Duration = Duration::from_secs(3);
/// So long it is watched afterwards.
const AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// What is done to the database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hurt {
    Cut,
    Hang,
    HangThenCut,
    Delay,
    Backends,
    KillBackend,
    KillPostmaster,
    Restart,
}

impl Hurt {
    /// Whether nothing gets through meanwhile.
    fn is_away(self) -> bool {
        matches!(self, Hurt::Cut | Hurt::Hang | Hurt::HangThenCut | Hurt::KillPostmaster)
    }

    fn begin(self, bed: &Bed, proxy: &Proxy) {
        match self {
            Hurt::Cut => proxy.set(Mode::Cut),
            Hurt::Hang | Hurt::HangThenCut => proxy.set(Mode::Hang),
            Hurt::Delay => proxy.set(Mode::Delay(300)),
            Hurt::KillPostmaster => bed.server().kill(),
            Hurt::Restart => {
                let mut server = bed.server();
                server.stop();
                server.start().ok();
            }
            Hurt::KillBackend => {
                let found = "SELECT pid FROM pg_stat_activity WHERE datname = 'outage' AND application_name = 'portico' LIMIT 1";
                if let Ok(pid) = bed.query("postgres", found).unwrap_or_default().parse() {
                    signal(pid, "KILL");
                }
            }
            Hurt::Backends => {}
        }
    }

    fn meanwhile(self, bed: &Bed) {
        if self == Hurt::Backends {
            bed.query(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'outage' AND random() < 0.5",
            )
            .ok();
        }
    }

    fn end(self, bed: &Bed, proxy: &Proxy) {
        match self {
            Hurt::HangThenCut => {
                proxy.set(Mode::Cut);
                proxy.set(Mode::Pass);
            }
            Hurt::Cut | Hurt::Hang | Hurt::Delay => proxy.set(Mode::Pass),
            Hurt::KillPostmaster => {
                bed.server().start().ok();
            }
            Hurt::Backends | Hurt::KillBackend | Hurt::Restart => {}
        }
    }
}

/// Who asks, and what they were told of their writes.
struct People {
    host: Client,
    partner: Client,
    nobody: Client,
    number: AtomicUsize,
    done: Mutex<BTreeSet<String>>,
}

impl People {
    fn invite(&self, crowd: &Crowd) {
        loop {
            let email = format!("away-{}@new.example", self.number.fetch_add(1, Ordering::Relaxed));
            let began = Instant::now();
            let form = [("name", "Noor New"), ("email", &email), ("role", "user")];
            let asked = self.partner.post("/partners/SHINONOME/users/new", &form);
            if asked.as_ref().is_ok_and(|answer| answer.status == 303) {
                self.done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(email);
            }
            crowd.keep(Seen::of("invitation", began, &asked));
            if crowd.rest(began, Duration::from_millis(100)) {
                return;
            }
        }
    }
}

fn phase(bed: &Bed, proxy: &Proxy, people: &People, report: &mut Report, (name, hurt, seconds): (&str, Hurt, u64)) {
    let crowd = Crowd::default();
    let (mut began, mut ended, mut returned) = (Instant::now(), Instant::now(), Instant::now());
    thread::scope(|scope| {
        let (crowd, every) = (&crowd, Duration::from_millis(100));
        for _ in 0..3 {
            scope.spawn(move || {
                crowd.browse(&people.host, &[("page", "/partners"), ("page", "/"), ("page", "/users")], every)
            });
        }
        scope.spawn(move || people.invite(crowd));
        scope.spawn(move || {
            crowd.browse(
                &people.nobody,
                &[("static", "/static/app.css"), ("static", "/healthz"), ("static", "/livez")],
                every,
            )
        });
        scope.spawn(move || crowd.browse(&people.nobody, &[("ready", "/readyz")], every));
        scope.spawn(move || crowd.browse(&people.nobody, &[("open page", "/sign-in")], every));
        thread::sleep(Duration::from_millis(800));
        began = Instant::now();
        hurt.begin(bed, proxy);
        while began.elapsed() < Duration::from_secs(seconds) {
            hurt.meanwhile(bed);
            thread::sleep(Duration::from_millis(200));
        }
        ended = Instant::now();
        hurt.end(bed, proxy);
        returned = Instant::now();
        let is_ready = |seen: &Seen| seen.what == "ready" && seen.status == 200 && seen.began > returned;
        while returned.elapsed() < Duration::from_secs(20) && !crowd.seen().iter().any(is_ready) {
            thread::sleep(Duration::from_millis(50));
        }
        thread::sleep(AFTER[usize::from(report.is_long)]);
        crowd.end();
    });
    judge(report, name, hurt, &crowd.take(), [began, ended, returned]);
}

fn judge(report: &mut Report, name: &str, hurt: Hurt, all: &[Seen], [began, ended, returned]: [Instant; 3]) {
    let told = |wrong: Vec<&Seen>| -> Vec<String> { wrong.into_iter().map(Seen::told).collect() };
    let during: Vec<&Seen> = all.iter().filter(|seen| seen.began >= began && seen.began <= ended).collect();
    let pages: Vec<&&Seen> = during.iter().filter(|seen| !matches!(seen.what, "static")).collect();
    let slowest = longest(pages.iter().map(|seen| &seen.took));
    if hurt == Hurt::Delay {
        // Nobody is away, and a page asks several times: the deadline of a request holds.
        report.within(&format!("{name}: slowest answer"), slowest, 11.0, 13.0);
    } else {
        report.within(&format!("{name}: slowest answer"), slowest, 3.0, 7.0);
    }
    let odd = during.iter().filter(|seen| !matches!(seen.status, 200 | 303 | 503)).copied();
    let odd = report.starved(&format!("{name}: pages"), odd);
    report.none(&format!("{name}: answers but 200, 303 and 503"), &told(odd));
    let is_bare = |seen: &&&Seen| seen.status == 503 && seen.what != "ready" && !seen.retry_after;
    report.none(&format!("{name}: 503 without Retry-After"), &told(during.iter().filter(is_bare).copied().collect()));
    let stale = all.iter().filter(|seen| matches!(seen.what, "static" | "open page") && seen.status != 200);
    let stale = report.starved(name, stale);
    report.none(&format!("{name}: static files, health and sign-in but 200"), &told(stale));
    let plain = longest(all.iter().filter(|seen| seen.what == "static").map(|seen| &seen.took));
    report.within(&format!("{name}: slowest static file or health"), plain, 1.0, 8.0);
    if hurt.is_away() {
        let late = during.iter().filter(|seen| seen.began >= began + NOTICED).copied();
        let blind =
            late.clone().filter(|seen| seen.what == "ready" && !(seen.status == 503 && seen.text.contains("database")));
        report.none(&format!("{name}: /readyz but 503 with the reason"), &told(blind.collect()));
        let served = late.filter(|seen| seen.what == "page" && seen.status != 503);
        report.none(&format!("{name}: pages but 503 once it is known"), &told(served.collect()));
    }
    let first = all.iter().find(|seen| seen.what == "ready" && seen.status == 200 && seen.began > returned);
    let ready = first.map(|seen| (seen.began + seen.took).saturating_duration_since(returned));
    report.within(&format!("{name}: ready again"), ready.unwrap_or(Duration::from_secs(60)), 5.0, 14.0);
    if let Some(ready) = ready {
        let later = all.iter().filter(|seen| seen.began > returned + ready && (seen.status >= 500 || seen.status == 0));
        report.none(&format!("{name}: later answers of 500 and more"), &told(later.collect()));
    }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let proxy = Proxy::start(bed.sql.port)?;
    let portal = bed.start("outage", &mut bed.command("outage", &postgres::url(proxy.port, DB)))?;
    let people = People {
        host: Client::sign_in(&portal.address, HOST)?,
        partner: Client::sign_in(&portal.address, PARTNER)?,
        nobody: Client::new(&portal.address),
        number: AtomicUsize::new(0),
        done: Mutex::default(),
    };
    let long = |short| if report.is_long { 30 } else { short };
    let phases = [
        ("cut", Hurt::Cut, long(4)),
        ("hang", Hurt::Hang, long(6)),
        ("hang, then cut", Hurt::HangThenCut, long(5)),
        ("300 ms late", Hurt::Delay, long(3)),
        ("backends terminated", Hurt::Backends, long(2)),
        ("kill -9 of a backend", Hurt::KillBackend, 1),
        ("kill -9 of the postmaster", Hurt::KillPostmaster, long(4)),
        ("restart", Hurt::Restart, 1),
    ];
    for one in phases {
        phase(bed, &proxy, &people, report, one);
    }
    let done = people.done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let there = bed.query(DB, "SELECT email FROM invitations WHERE email LIKE 'away-%'")?;
    let kept: BTreeSet<String> = there.lines().map(str::to_owned).collect();
    report.told("writes acknowledged", done.len() as f64, "");
    report.none("acknowledged writes that are lost", &done.difference(&kept).collect::<Vec<_>>());
    report.equal("writes made twice", there.lines().count() as i64 - kept.len() as i64, 0);
    let events = "SELECT count(*) FROM activity WHERE kind = 'InvitationSent' AND event->>'email' LIKE 'away-%'";
    report.equal("events, one for each write", bed.count(DB, events)?, kept.len() as i64);
    report.none("defects in the log", &portal.defects());
    Ok(())
}
