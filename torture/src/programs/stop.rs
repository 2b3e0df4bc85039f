//! Told to stop under load, with a silent mail server, and with a silent database (B9, T69).

use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST, PARTNER};
use crate::crowd::{Crowd, Seen, wait};
use crate::http::Client;
use crate::mail::{Act, MailServer};
use crate::portal::Portal;
use crate::postgres;
use crate::proxy::{Mode, Proxy};
use crate::report::{Report, longest};

const DB: &str = "stop";
const PAGES: [(&str, &str); 4] =
    [("page", "/partners"), ("page", "/"), ("file", "/static/app.css"), ("page", "/users")];

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    bed.database(DB)?;
    let rounds = if report.is_long { 10 } else { 2 };
    let (mut all, mut ends, mut bad_ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut people: Option<(Client, Client)> = None;
    for round in 0..rounds {
        let portal = bed.start(DB, &mut bed.command(DB, &bed.url(DB)))?;
        let (host, partner) = match &people {
            Some((host, partner)) => (host.at(&portal.address), partner.at(&portal.address)),
            None => (Client::sign_in(&portal.address, HOST)?, Client::sign_in(&portal.address, PARTNER)?),
        };
        let crowd = Crowd::default();
        thread::scope(|scope| {
            let (crowd, host, partner) = (&crowd, &host, &partner);
            for _ in 0..8 {
                scope.spawn(move || crowd.browse(host, &PAGES, Duration::from_millis(200)));
            }
            for one in 0..2 {
                scope.spawn(move || invite(crowd, partner, round * 2 + one));
            }
            // By count and not by time, so that a busy machine asks the same of it.
            let wanted = if report.is_long { 100 } else { 60 };
            wait(Duration::from_secs(20), || crowd.seen().len() >= wanted);
            end(portal, "under load", &mut ends, &mut bad_ends);
            crowd.end();
        });
        all.extend(crowd.take());
        people = Some((host, partner));
    }
    let answered = all.iter().filter(|seen| seen.status > 0).count();
    report.at_least("answers under load", answered as f64, if report.is_long { 1000.0 } else { 120.0 }, "");
    let told = |wrong: Vec<&Seen>| -> Vec<String> { wrong.into_iter().map(Seen::told).collect() };
    report.none("answers that were broken off", &told(all.iter().filter(|seen| seen.is_torn).collect()));
    let hung = all.iter().filter(|seen| seen.status == 0 && !seen.is_torn && !seen.is_refused);
    report.none("requests that nobody answered", &told(hung.collect()));
    report.none("answers of 500 and more", &told(all.iter().filter(|seen| seen.status >= 500).collect()));
    // Connections that the kernel had taken when the portal closed its door: nothing of them was read.
    let dropped = all.iter().filter(|seen| seen.is_refused && !seen.text.contains("refused")).count();
    report.at_most("connections taken and closed unread", dropped as f64, 2.0 * rounds as f64, "");
    let writes = all.iter().filter(|seen| seen.what == "invitation" && seen.status == 303).count();
    report.equal(
        "invitations acknowledged, and there",
        bed.count(DB, "SELECT count(*) FROM invitations WHERE email LIKE 'stop-%'")?,
        writes as i64,
    );
    report.within("slowest end under load", longest(&ends), 15.0, 25.0);
    let mut ends = Vec::new();
    with_silent_mail(bed, &mut ends, &mut bad_ends)?;
    report.within("end with a silent mail server", longest(&ends), 15.0, 25.0);
    let mut ends = Vec::new();
    with_silent_database(bed, &mut ends, &mut bad_ends)?;
    report.within("end with a silent database", longest(&ends), 15.0, 25.0);
    report.none("ends that were no clean ones", &bad_ends);
    Ok(())
}

fn invite(crowd: &Crowd, partner: &Client, who: usize) {
    for number in 0.. {
        let began = Instant::now();
        let email = format!("stop-{who}-{number}@new.example");
        let asked =
            partner.post("/partners/SHINONOME/users/new", &[("name", "Noor New"), ("email", &email), ("role", "user")]);
        crowd.keep(Seen::of("invitation", began, &asked));
        if crowd.rest(began, Duration::from_millis(200)) {
            return;
        }
    }
}

fn end(portal: Portal, when: &str, ends: &mut Vec<Duration>, bad: &mut Vec<String>) {
    match portal.stop() {
        Some((status, took)) => {
            ends.push(took);
            if !status.success() {
                bad.push(format!("{when}: {status}"));
            }
        }
        None => {
            ends.push(Duration::from_secs(60));
            bad.push(format!("{when}: it did not end within a minute"));
        }
    }
}

fn with_silent_mail(bed: &Bed, ends: &mut Vec<Duration>, bad: &mut Vec<String>) -> Result<(), String> {
    let mail = MailServer::start(Duration::ZERO)?;
    mail.set(Act::Hang);
    let mut command = bed.command(DB, &bed.url(DB));
    mail.configure(&mut command, 10);
    let portal = bed.start(DB, &mut command)?;
    bed.query(DB, "UPDATE outbox SET run_at = now(), locked_until = NULL WHERE state IN ('queued', 'retrying')")?;
    let partner = Client::sign_in(&portal.address, PARTNER)?;
    partner
        .post(
            "/partners/SHINONOME/users/new",
            &[("name", "Noor New"), ("email", "silent@new.example"), ("role", "user")],
        )
        .ok();
    // A letter is on its way.
    thread::sleep(Duration::from_millis(1500));
    end(portal, "silent mail server", ends, bad);
    Ok(())
}

fn with_silent_database(bed: &Bed, ends: &mut Vec<Duration>, bad: &mut Vec<String>) -> Result<(), String> {
    let proxy = Proxy::start(bed.sql.port)?;
    let portal = bed.start(DB, &mut bed.command(DB, &postgres::url(proxy.port, DB)))?;
    let mut host = Client::sign_in(&portal.address, HOST)?;
    host.patience = Duration::from_secs(20);
    proxy.set(Mode::Hang);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| host.get("/partners").ok());
        }
        thread::sleep(Duration::from_millis(500));
        end(portal, "silent database", ends, bad);
        proxy.set(Mode::Cut);
    });
    Ok(())
}
