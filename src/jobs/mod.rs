//! What the portal does by itself: which jobs there are, when each ran last, and what waits for them.
//!
//! Every instance runs all of them; each job makes sure by itself that a thing is done once. The rule this module keeps:
//! what a job did, and why it failed, is noted in the database, so that whoever runs Portico can ask any machine.

pub mod store;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::access::{Actor, limits, session};
use crate::activity::{self, Event};
use crate::audit::{self, Seals};
use crate::db::Db;
use crate::integrations::{moves::clock, reminders};
use crate::mail::worker::Worker;
use crate::values::{Choice, choice};
use crate::web::error::AppError;
use crate::{access::Place, api};

/// How often a run that found nothing to do is noted, and a trouble that lasts is told of.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// How long a job that failed waits at the most.
const SOON: Duration = Duration::from_secs(10);
/// How often the reminders are looked at.
pub const MINUTE: Duration = Duration::from_secs(60);
/// How often what is over is forgotten.
pub const HOUR: Duration = Duration::from_secs(3600);

choice! {
    /// A job.
    Job {
        /// The outbox.
        Mail = "mail" / "Sends letters",
        /// What was approved for a date.
        Publish = "publish" / "Publishes what was approved for a date",
        /// Reminders of the day.
        Reminders = "reminders" / "Makes the reminders of the day",
        /// The audit log's chain and its seals.
        Chain = "audit" / "Chains and seals the audit log",
        /// The log's partitions.
        Months = "months" / "Makes the log’s next months",
        /// Sessions, counted tries and kept answers that are over.
        Clear = "clear" / "Forgets sessions, tries and answers that are over",
    }
}

impl Job {
    /// How long it waits between two looks; letters do as configured.
    pub fn every(self, mail: Duration) -> Duration {
        match self {
            Job::Mail => mail,
            Job::Publish => clock::EVERY,
            Job::Reminders => MINUTE,
            Job::Chain => audit::job::EVERY,
            Job::Months | Job::Clear => HOUR,
        }
    }

    /// Whether a running portal would have run it again since.
    pub fn is_late(self, ran_at: DateTime<Utc>, now: DateTime<Utc>, mail: Duration) -> bool {
        let patience = self.every(mail) * 3 + NOTED_EVERY * 2;
        TimeDelta::from_std(patience).is_ok_and(|patience| now - ran_at > patience)
    }
}

/// What jobs work with.
pub struct Tools {
    /// The database.
    pub db: Db,
    /// Sends letters.
    pub mail: Worker,
    /// Seals the audit log.
    pub seals: Seals,
}

/// Runs a job once, here, and notes it; returns how many things it did.
///
/// # Errors
/// When the job fails; that is noted too.
pub fn run(tools: &Tools, job: Job) -> Result<usize, AppError> {
    let (db, began) = (&tools.db, Instant::now());
    let ended = match job {
        Job::Mail => tools.mail.run_once(),
        Job::Publish => clock::publish_due(db),
        Job::Reminders => reminders::make(db),
        Job::Chain => audit::job::catch_up(db, &tools.seals, &AtomicBool::new(false)),
        Job::Months => audit::job::make_months(db).map(|made| made.unsigned_abs() as usize),
        Job::Clear => clear(db),
    };
    note(db, job, began.elapsed(), &ended);
    ended
}

/// Forgets sessions, counted tries and kept answers that are long over; returns how many.
///
/// # Errors
/// When the database does not answer.
pub fn clear(db: &Db) -> Result<usize, AppError> {
    db.system_now("forget what is long over", |tx| {
        Ok(session::sweep(tx)? + limits::sweep(tx)? + api::store::sweep(tx)?)
    })
}

/// Puts letters that were given up into the queue again, once more with all their tries; returns what they were. Not
/// those whose link is dead, and those that another letter took the place of.
///
/// # Errors
/// When the database does not answer.
pub fn retry(db: &Db, since: DateTime<Utc>) -> Result<Vec<store::Given>, AppError> {
    db.system_now("command: send failed letters again", |tx| {
        let letters = store::retry(tx, since)?;
        for letter in &letters {
            let program = letter.program.zip(letter.code.clone()).zip(letter.name.clone());
            let place = program.map(|((id, code), name)| Place { id, code, name });
            let (subject, recipient) = (letter.subject.clone(), letter.recipient.clone());
            let event = Event::LetterResent { partner: letter.partner, subject, recipient };
            activity::store::record(tx, &Actor::operator(place), &event)?;
        }
        Ok(letters)
    })
}

fn note(db: &Db, job: Job, took: Duration, ended: &Result<usize, AppError>) {
    let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let kept = db.system_now("note that a job ran", |tx| match ended {
        Ok(done) => store::succeeded(tx, job, took, i64::try_from(*done).unwrap_or(i64::MAX)),
        Err(cause) => store::failed(tx, job, took, &cause.to_string()),
    });
    if let Err(cause) = kept {
        tracing::debug!(%cause, job = job.key(), "a job's run could not be noted");
    }
}

/// Runs a job again and again on a thread of its own, until told to stop.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    db: Db,
    job: Job,
    every: Duration,
    stop: Arc<AtomicBool>,
    mut work: impl FnMut() -> Result<usize, AppError> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(job.key().into()).spawn(move || {
        let (mut noted, mut failing) = (None::<Instant>, false);
        while !stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            let ended = work();
            let is_due = noted.is_none_or(|at| at.elapsed() >= NOTED_EVERY);
            // What changes is noted at once; what goes on as before, once a minute.
            if is_due || failing != ended.is_err() || matches!(ended, Ok(1..)) {
                if let Err(cause) = &ended {
                    tracing::warn!(%cause, job = job.key(), "a job failed; it is tried again");
                }
                note(&db, job, began.elapsed(), &ended);
                noted = Some(Instant::now());
            }
            failing = ended.is_err();
            let pause = if failing { every.min(SOON) } else { every };
            let waited = Instant::now();
            while waited.elapsed() < pause && !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(100));
            }
        }
    })
}
