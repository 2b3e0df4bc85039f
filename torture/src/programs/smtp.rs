//! The mail server away, silent, putting off, refusing and hanging up (B8, T61).

use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, HOST, PARTNER};
use crate::crowd::wait;
use crate::http::Client;
use crate::mail::{Act, MailServer};
use crate::portal::Portal;
use crate::report::{Report, percentile};

const WAITING: &str = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'retrying')";

/// A portal with its mail server.
struct Side {
    db: &'static str,
    mail: MailServer,
    portal: Portal,
    host: Client,
    partner: Client,
}

impl Side {
    fn start(bed: &Bed, db: &'static str, timeout: u64) -> Result<Side, String> {
        bed.database(db)?;
        let mail = MailServer::start(Duration::ZERO)?;
        let mut command = bed.command(db, &bed.url(db));
        mail.configure(&mut command, timeout);
        let portal = bed.start(db, &mut command)?;
        let (host, partner) = (Client::sign_in(&portal.address, HOST)?, Client::sign_in(&portal.address, PARTNER)?);
        Ok(Side { db, mail, portal, host, partner })
    }

    fn invite(&self, email: &str) -> Result<(), String> {
        let form = [("name", "Noor New"), ("email", email), ("role", "user")];
        match self.partner.post("/partners/SHINONOME/users/new", &form) {
            Ok(answer) if answer.status == 303 => Ok(()),
            Ok(answer) => Err(format!("{email} could not be invited: {}", answer.status)),
            Err(broken) => Err(format!("{email} could not be invited: {}", broken.cause)),
        }
    }

    fn waiting(&self, bed: &Bed) -> i64 {
        bed.count(self.db, WAITING).unwrap_or(-1)
    }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    let timeout = if report.is_long { 10 } else { 1 };
    // Two portals that are asked in turn: whatever else the machine does, both feel it.
    let (well, hurt) = (Side::start(bed, "smtp_well", timeout)?, Side::start(bed, "smtp_hurt", timeout)?);
    let long = |seconds, short| if report.is_long { seconds } else { short };
    let phases = [
        ("well", Act::Accept, long(30, 2)),
        ("away", Act::Away, long(600, 3)),
        ("silent", Act::Hang, long(60, 3)),
        ("451", Act::Later, long(60, 2)),
        ("550", Act::NoMailbox, long(30, 2)),
        ("hangs up after the letter", Act::HangUp, long(30, 2)),
    ];
    for (name, act, seconds) in phases {
        hurt.mail.set(act);
        let (mut times, mut wrong, mut invited) = ([Vec::new(), Vec::new()], Vec::new(), 0);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(seconds) {
            if invited < 6 || began.elapsed() > Duration::from_secs(invited * 5) {
                for side in [&well, &hurt] {
                    side.invite(&format!("smtp-{invited}-{}@new.example", name.replace(' ', "-")))?;
                }
                invited += 1;
            }
            for path in ["/partners", "/", "/users", "/system/mail"] {
                for (times, side) in times.iter_mut().zip([&well, &hurt]) {
                    let asked = Instant::now();
                    match side.host.get(path) {
                        Ok(answer) if answer.status == 200 => times.push(asked.elapsed()),
                        Ok(answer) => wrong.push(format!("{path}: {}", answer.status)),
                        Err(broken) => wrong.push(format!("{path}: {}", broken.cause)),
                    }
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        report.none(&format!("{name}: pages but 200"), &wrong);
        if name != "well" {
            judge(report, name, &times);
        }
        returned(bed, report, &hurt, name, act)?;
    }
    let failed = bed.count(hurt.db, "SELECT count(*) FROM outbox WHERE kind = 'Invitation' AND state = 'failed'")?;
    let told = "SELECT count(*) FROM outbox WHERE kind = 'InvitationFailed'";
    report.equal("inviters told of a letter that failed, one for each", bed.count(hurt.db, told)?, failed);
    let copies = hurt.mail.arrived();
    let lost: Vec<String> = bed
        .query(hurt.db, "SELECT message_id FROM outbox WHERE state = 'sent' AND recipient LIKE 'smtp-%'")?
        .lines()
        .filter(|id| !copies.iter().any(|copy| copy == id))
        .map(str::to_owned)
        .collect();
    report.none("letters lost", &lost);
    report.none("defects in the log", &hurt.portal.defects());
    Ok(())
}

fn judge(report: &mut Report, name: &str, [well, hurt]: &[Vec<Duration>; 2]) {
    for share in [0.5, 0.95] {
        let ratio = percentile(hurt, share) / percentile(well, share).max(0.001);
        let what = format!("{name}: p{:.0} of pages, hurt over well", share * 100.0);
        // A minute or more is needed to tell; shorter ones are told only.
        if report.is_long && share > 0.9 && well.len() > 2000 {
            report.at_most(&what, ratio, 1.1, "");
        } else {
            report.told(&what, ratio, "");
        }
    }
}

/// The server takes letters again: all leave, those that are refused for good are told of.
fn returned(bed: &Bed, report: &mut Report, hurt: &Side, name: &str, act: Act) -> Result<(), String> {
    if act == Act::NoMailbox {
        // Refused for good: nothing waits for the server's return.
        let settled = wait(Duration::from_secs(60), || {
            let those = "SELECT count(*) FROM outbox WHERE recipient LIKE 'smtp-%-550@%' AND state <> 'failed'";
            bed.count(hurt.db, those).is_ok_and(|count| count == 0)
        });
        report.equal("550: letters marked as failed (1 is all)", i64::from(settled.is_some()), 1);
    }
    report.told(&format!("{name}: letters that wait"), hurt.waiting(bed) as f64, "");
    hurt.mail.set(Act::Accept);
    let is_put_off = matches!(act, Act::Later | Act::HangUp);
    if !report.is_long || is_put_off {
        // As if the minutes were over that a letter waits for its next try; those of one that was put off double.
        thread::sleep(Duration::from_millis(1500));
        bed.query(hurt.db, "UPDATE outbox SET run_at = now() WHERE state = 'retrying'")?;
    }
    let left = wait(Duration::from_secs(150), || {
        if !report.is_long {
            bed.query(hurt.db, "UPDATE outbox SET run_at = now() WHERE state = 'retrying' AND run_at > now()").ok();
        }
        hurt.waiting(bed) == 0
    });
    report.within(
        &format!("{name}: all letters left after its return"),
        left.unwrap_or(Duration::from_secs(999)),
        120.0,
        60.0,
    );
    Ok(())
}
