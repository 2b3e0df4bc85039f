//! The portal's own work on the log: the chain follows what happens, and the next months have their partitions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Months;

use super::chain::{Head, VERSION};
use super::seal::{self, Seals};
use super::store::{self, Key, Link};
use crate::db::{Db, SystemTx};
use crate::jobs::{self, Job};
use crate::web::error::AppError;

/// How long the job waits between two looks into the queue.
pub const EVERY: Duration = Duration::from_secs(3);
/// How often it looks after the months, and tells the head of the chain to the log of the program.
const HOUR: Duration = Duration::from_secs(3600);
/// Lines that are chained in one transaction.
const AT_ONCE: i64 = 1000;
/// Months that have their partition before they begin.
const AHEAD: u32 = 3;

/// Chains what waits in the queue, and seals it; returns how many lines left it. Of two instances one does.
///
/// # Errors
/// When the database does not answer, or the chain is not what was sealed.
pub fn catch_up(db: &Db, seals: &Seals, stop: &AtomicBool) -> Result<usize, AppError> {
    let mut chained = 0;
    while !stop.load(Ordering::Relaxed) {
        let some = db.system_now("chain what happened", |tx| chain_some(tx, Some(seals)))?;
        chained += some;
        if some == 0 {
            break;
        }
    }
    Ok(chained)
}

/// Chains some lines of the queue in this transaction; returns how many left it. Without seals, whoever chains seals
/// afterwards ([`seal::cover`]).
///
/// # Errors
/// When the database does not answer, or the chain is not what was sealed.
pub fn chain_some(tx: &mut SystemTx<'_>, seals: Option<&Seals>) -> Result<usize, AppError> {
    if !store::take_turn(tx)? {
        return Ok(0);
    }
    let queued = store::queued(tx, AT_ONCE)?;
    if queued.is_empty() {
        return Ok(0);
    }
    let (lines, known) = (store::lines(tx, &queued)?, store::places(tx, &queued)?);
    let before = store::head(tx)?;
    if let Some(seals) = seals {
        seal::look(tx, seals, before)?;
    }
    let mut head = before;
    let mut links: Vec<Link> = Vec::with_capacity(queued.len());
    for key in queued.iter().filter(|key| !known.contains_key(key)) {
        if let Some(line) = lines.get(key)
            && let Some(hash) = line.content().after(&head.hash, VERSION)
        {
            head = Head { seq: head.seq + 1, hash };
            links.push(link(head, *key));
        }
    }
    let done: Vec<Key> = queued.into_iter().filter(|key| lines.contains_key(key)).collect();
    store::append(tx, &links)?;
    if let Some(seals) = seals.filter(|_| head.seq > before.seq) {
        let seal = seals.make(before.seq, head, tx.now());
        store::seals::append(tx, &seal)?;
    }
    store::dequeue(tx, &done)?;
    Ok(done.len())
}

/// An entry of the chain for a line.
pub fn link(head: Head, (activity_at, activity_id): Key) -> Link {
    Link { seq: head.seq, activity_at, activity_id, version: VERSION, hash: head.hash.bytes().to_vec() }
}

/// Gives this month and the next ones their partitions; returns how many were made.
///
/// # Errors
/// When somebody reads the log at this moment: the next look will find it free.
pub fn make_months(db: &Db) -> Result<i32, AppError> {
    let now = db.now();
    let last = now.checked_add_months(Months::new(AHEAD)).unwrap_or(now);
    db.system_now("make the log's partitions of the next months", |tx| store::make_months(tx, now, last))
}

/// Both until told to stop, each on a thread of its own.
///
/// # Errors
/// When a thread cannot be started.
pub fn start(db: Db, seals: Seals, stop: Arc<AtomicBool>) -> std::io::Result<[JoinHandle<()>; 2]> {
    let (months, ending) = (db.clone(), stop.clone());
    let months = jobs::start(db.clone(), Job::Months, HOUR, stop.clone(), move || {
        Ok(make_months(&months)?.unsigned_abs() as usize)
    })?;
    let mut told = (None::<Instant>, 0);
    let work = db.clone();
    let chain = jobs::start(db, Job::Chain, EVERY, stop, move || {
        let chained = catch_up(&work, &seals, &ending)?;
        if told.0.is_none_or(|since| since.elapsed() > HOUR) {
            told = (Some(Instant::now()), tell(&work, told.1));
        }
        Ok(chained)
    })?;
    Ok([chain, months])
}

/// Tells how far the chain is, when it went on: whoever keeps the program's log elsewhere can verify against it.
fn tell(db: &Db, before: i64) -> i64 {
    match db.system_now("tell the head of the chain", store::head) {
        Ok(head) if head.seq > before => {
            tracing::info!(seq = head.seq, hash = %head.hash, "the audit log is chained up to here");
            head.seq
        }
        _ => before,
    }
}
