//! `kill -9` at moments that nobody chose, while people invite and submit (B6, B17, T62).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::bed::{Bed, PARTNER};
use crate::crowd::{Crowd, Seeded, Seen, wait};
use crate::http::Client;
use crate::mail::MailServer;
use crate::portal::Portal;
use crate::report::{Report, longest};

const DB: &str = "kill";
/// The one that is submitted and withdrawn over and over.
pub const ITEM: &str = "SELECT id FROM integrations WHERE name = 'Shinonome Stay Sync'";
const WAITING: &str = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'retrying')";

/// What people were told.
#[derive(Default)]
struct Told {
    invited: Mutex<BTreeSet<String>>,
    moves: Mutex<i64>,
    number: AtomicUsize,
    odd: Mutex<Vec<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn invite(crowd: &Crowd, client: &Client, told: &Told) {
    while !crowd.has_ended() {
        let email = format!("kill-{}@new.example", told.number.fetch_add(1, Ordering::Relaxed));
        let began = Instant::now();
        let asked =
            client.post("/partners/SHINONOME/users/new", &[("name", "Noor New"), ("email", &email), ("role", "user")]);
        match &asked {
            Ok(answer) if answer.status == 303 => drop(locked(&told.invited).insert(email)),
            Ok(answer) => locked(&told.odd).push(format!("invitation: {}", answer.status)),
            Err(_) => {}
        }
        crowd.keep(Seen::of("invitation", began, &asked));
        thread::sleep(Duration::from_millis(5));
    }
}

/// Submits what is a draft and withdraws what is in review, as it stands by now.
fn submit(bed: &Bed, client: &Client, told: &Told, item: &str, crowd: &Crowd) {
    while !crowd.has_ended() {
        let Ok(line) = bed.query(DB, &format!("SELECT state || ' ' || version FROM integrations WHERE id = '{item}'"))
        else {
            return;
        };
        let Some((state, version)) = line.split_once(' ') else { return };
        let noun = if state == "draft" { "submission" } else { "withdrawal" };
        let form = [("version", version), ("confirmed", "yes"), ("summary", "Once more")];
        match client.post(&format!("/integrations/{item}/{noun}"), &form) {
            Ok(answer) if answer.status == 303 => *locked(&told.moves) += 1,
            Ok(answer) => locked(&told.odd).push(format!("{noun}: {}", answer.status)),
            Err(_) => {}
        }
    }
}

pub fn run(bed: &Bed, report: &mut Report) -> Result<(), String> {
    let kills = if report.is_long { 100 } else { 6 };
    bed.database(DB)?;
    let mail = MailServer::start(Duration::from_millis(15))?;
    let log = bed.folder.join("kill.log");
    let start = || {
        let mut command = bed.command(DB, &bed.url(DB));
        mail.configure(&mut command, 5);
        Portal::start(&mut command, &log)
    };
    let first = start()?;
    let person = Client::sign_in(&first.address, PARTNER)?;
    let item = bed.query(DB, ITEM)?;
    // What the demo's story sent went nowhere.
    let story = bed.query(DB, "SELECT message_id FROM outbox WHERE state = 'sent'")?;
    let moved = format!(
        "SELECT count(*) FROM activity WHERE kind = 'Integration' AND event->>'integration' = '{item}' AND event->'event'->>'what' = 'Moved'"
    );
    let version = format!("SELECT version FROM integrations WHERE id = '{item}'");
    let before = (bed.count(DB, &moved)?, bed.count(DB, &version)?);
    let (told, mut seeded, mut starts) = (Told::default(), Seeded::new(62), vec![first.started]);
    let mut portal = Some(first);
    let mut uncertain = 0;
    for round in 0..kills {
        let running = match portal.take() {
            Some(portal) => portal,
            None => start()?,
        };
        starts.push(running.started);
        let client = person.at(&running.address);
        let crowd = Crowd::default();
        // Links are looked up at each submission; people may do that so many times an hour.
        bed.query(DB, "TRUNCATE attempts")?;
        let pause = Duration::from_millis(30 + seeded.below(900));
        thread::scope(|scope| {
            let (crowd, client, told, item) = (&crowd, &client, &told, &item);
            for _ in 0..2 {
                scope.spawn(move || invite(crowd, client, told));
            }
            scope.spawn(move || submit(bed, client, told, item, crowd));
            thread::sleep(pause);
            running.kill();
            crowd.end();
        });
        uncertain += crowd.seen().iter().filter(|seen| seen.status == 0).count();
        if round % 20 == 19 {
            println!("  kill: {} of {kills}", round + 1);
        }
    }
    let last = start()?;
    starts.push(last.started);
    if !report.is_long {
        // As if the two minutes for which the killed ones held their letters were over.
        bed.query(DB, "UPDATE outbox SET locked_until = NULL")?;
    }
    bed.query(DB, "UPDATE outbox SET run_at = now() WHERE state = 'retrying'")?;
    let drained = wait(Duration::from_secs(240), || bed.count(DB, WAITING).is_ok_and(|count| count == 0));
    report.told("kills", kills as f64, "");
    report.told("requests cut off by a kill", uncertain as f64, "");
    report.within("slowest start", longest(&starts), 3.0, 60.0);
    report.none("answers that were neither done nor cut off", &locked(&told.odd));
    writes(bed, report, &told, (&item, before), (&moved, &version))?;
    report.equal("mail drained in the end (1 is yes)", i64::from(drained.is_some()), 1);
    letters(bed, report, &mail, &story, kills)?;
    report.none("defects in the log", &last.defects());
    Ok(())
}

fn writes(
    bed: &Bed,
    report: &mut Report,
    told: &Told,
    (item, before): (&str, (i64, i64)),
    (moved, version): (&str, &str),
) -> Result<(), String> {
    let there: BTreeSet<String> =
        bed.query(DB, "SELECT email FROM invitations WHERE email LIKE 'kill-%'")?.lines().map(str::to_owned).collect();
    let invited = locked(&told.invited);
    let lost: Vec<&String> = invited.difference(&there).collect();
    report.told("invitations acknowledged", invited.len() as f64, "");
    report.none("acknowledged invitations that are lost", &lost);
    let rows = bed.count(DB, "SELECT count(*) FROM invitations WHERE email LIKE 'kill-%'")?;
    report.equal("rows of invitations and people invited", rows, there.len() as i64);
    let events = "SELECT count(*) FROM activity WHERE kind = 'InvitationSent' AND event->>'email' LIKE 'kill-%'";
    report.equal("events of invitations, one for each", bed.count(DB, events)?, rows);
    let letters = "SELECT count(*) FROM outbox WHERE kind = 'Invitation' AND recipient LIKE 'kill-%'";
    report.equal("letters of invitations, one for each", bed.count(DB, letters)?, rows);
    let moves = bed.count(DB, moved)? - before.0;
    let acknowledged = *locked(&told.moves);
    report.told("submissions and withdrawals acknowledged", acknowledged as f64, "");
    report.at_least("submissions and withdrawals in the log", moves as f64, acknowledged as f64, "");
    report.equal("versions of the item, one for each", bed.count(DB, version)? - before.1, moves);
    let half = format!(
        "SELECT count(*) FROM activity a WHERE kind = 'Integration' AND event->>'integration' = '{item}' \
         AND event->'event'->>'did' = 'submitted' AND at > now() - interval '1 hour' \
         AND NOT EXISTS (SELECT FROM outbox o WHERE o.kind = 'IntegrationSubmitted' AND o.created_at = a.at)"
    );
    report.equal("submissions without their letters", bed.count(DB, &half)?, 0);
    let numbered = format!(
        "SELECT submission - (SELECT count(*) FROM integration_submissions WHERE integration_id = '{item}') FROM integrations WHERE id = '{item}'"
    );
    report.equal("submissions that are counted and not kept", bed.count(DB, &numbered)?, 0);
    Ok(())
}

fn letters(bed: &Bed, report: &mut Report, mail: &MailServer, story: &str, kills: usize) -> Result<(), String> {
    let sent = bed.query(DB, "SELECT message_id FROM outbox WHERE state = 'sent'")?;
    let known: BTreeSet<String> = bed.query(DB, "SELECT message_id FROM outbox")?.lines().map(str::to_owned).collect();
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for id in mail.arrived() {
        *copies.entry(id).or_default() += 1;
    }
    let is_of_story = |id: &str| story.lines().any(|one| one == id);
    let lost: Vec<&str> = sent.lines().filter(|id| !copies.contains_key(*id) && !is_of_story(id)).collect();
    // A kill costs the letter that is on its way one copy more at the most. Over minutes the same letter may be on its
    // way at two kills; that it is lost instead is worse.
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let lines = bed.query(DB, "SELECT message_id || ' ' || attempts FROM outbox")?;
    for (id, attempts) in lines.lines().filter_map(|line| line.split_once(' ')) {
        taken.insert(id, attempts.parse().unwrap_or(0));
    }
    let often: Vec<_> =
        copies.iter().filter(|(id, count)| **count > taken.get(id.as_str()).copied().unwrap_or(0)).collect();
    let more: usize = copies.values().map(|count| count - 1).sum();
    let unknown: Vec<&String> = copies.keys().filter(|id| !known.contains(*id)).collect();
    report.told("letters that arrived", copies.len() as f64, "");
    report.at_most("copies more, with the same Message-ID", more as f64, kills as f64, "");
    report.told("letters with two copies more", copies.values().filter(|count| **count > 2).count() as f64, "");
    report.none("letters lost", &lost);
    report.none("letters that arrived more often than they were sent", &often);
    report.none("letters of changes that were not made", &unknown);
    Ok(())
}
