//! The portal's own work on the log: the chain follows what happens, and the next months have their partitions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Months;

use super::chain::{Head, VERSION};
use super::store::{self, Key, Link};
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;

/// How long the job waits between two looks into the queue.
pub const EVERY: Duration = Duration::from_secs(3);
/// How often it looks after the months, and tells the head of the chain to the log of the program.
const HOUR: Duration = Duration::from_secs(3600);
/// Lines that are chained in one transaction.
const AT_ONCE: i64 = 1000;
/// Months that have their partition before they begin.
const AHEAD: u32 = 3;

/// Chains what waits in the queue; returns how many lines left it. Of two instances one does.
///
/// # Errors
/// When the database does not answer.
pub fn catch_up(db: &Db, stop: &AtomicBool) -> Result<usize, AppError> {
    let mut chained = 0;
    while !stop.load(Ordering::Relaxed) {
        let some = db.system_now("chain what happened", chain_some)?;
        chained += some;
        if some == 0 {
            break;
        }
    }
    Ok(chained)
}

/// Chains some lines of the queue in this transaction; returns how many left it.
///
/// # Errors
/// When the database does not answer.
pub fn chain_some(tx: &mut SystemTx<'_>) -> Result<usize, AppError> {
    if !store::take_turn(tx)? {
        return Ok(0);
    }
    let queued = store::queued(tx, AT_ONCE)?;
    if queued.is_empty() {
        return Ok(0);
    }
    let (lines, known) = (store::lines(tx, &queued)?, store::places(tx, &queued)?);
    let mut head = store::head(tx)?;
    let mut links: Vec<Link> = Vec::with_capacity(queued.len());
    for key in queued.iter().filter(|key| !known.contains_key(key)) {
        // A line that is gone before it was chained stays in the queue: verifying tells of it.
        if let Some(line) = lines.get(key)
            && let Some(hash) = line.content().after(&head.hash, VERSION)
        {
            head = Head { seq: head.seq + 1, hash };
            links.push(link(head, *key));
        }
    }
    let done: Vec<Key> = queued.into_iter().filter(|key| lines.contains_key(key)).collect();
    store::append(tx, &links)?;
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

/// Runs until told to stop, on a thread of its own.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(db: Db, every: Duration, stop: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("audit".into()).spawn(move || {
        let (mut months, mut told) = (None::<Instant>, (None::<Instant>, 0));
        while !stop.load(Ordering::Relaxed) {
            if is_over(months) {
                match make_months(&db) {
                    Ok(_) => months = Some(Instant::now()),
                    Err(cause) => {
                        tracing::warn!(%cause, "the log's next months could not be made; another try follows")
                    }
                }
            }
            if let Err(cause) = catch_up(&db, &stop) {
                tracing::warn!(%cause, "what happened could not be chained");
            }
            if is_over(told.0) {
                told = (Some(Instant::now()), tell(&db, told.1));
            }
            let waited = Instant::now();
            while waited.elapsed() < every && !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    })
}

fn is_over(since: Option<Instant>) -> bool {
    since.is_none_or(|since| since.elapsed() > HOUR)
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
