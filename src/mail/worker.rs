//! Sends what is due. Several instances may run one each: a letter is leased, and no transaction is open while it
//! is being sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::delivery::{self, Held};
use super::letter::Desk;
use super::outbox;
use super::transport::{Obstacle, Refusal, Transport};
use crate::db::Db;
use crate::jobs::{self, Job};
use crate::web::error::AppError;

/// The worker's tools.
#[derive(Clone)]
pub struct Worker {
    /// The database.
    pub db: Db,
    /// How letters leave.
    pub transport: Transport,
    /// The portal's configured address.
    pub base: String,
    /// Makes the links in letters.
    pub key: Vec<u8>,
}

impl Worker {
    /// Sends everything that is due now, as long as the mail server takes letters at all; returns how many were tried.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn run_once(&self) -> Result<usize, AppError> {
        self.run_while(|| true)
    }

    fn run_while(&self, goes_on: impl Fn() -> bool) -> Result<usize, AppError> {
        let mut tried = 0;
        while goes_on()
            && let Some(held) = self.db.system_now("take a letter", delivery::take)?
        {
            tried += 1;
            if held.locked_until.is_some_and(|until| until <= self.db.now()) {
                continue;
            }
            let outcome = self.send(&held);
            if let Err(Refusal { problem, .. }) = &outcome {
                tracing::warn!(letter = %held.id, attempt = held.attempts, problem, "a letter did not leave");
            }
            self.db.system_now("settle a letter", |tx| delivery::settle(tx, &held, &outcome))?;
            if outcome.is_err_and(|refusal| refusal.by == Obstacle::Server) {
                break;
            }
        }
        Ok(tried)
    }

    fn send(&self, held: &Held) -> Result<(), Refusal> {
        let letter =
            held.letter().ok_or_else(|| Refusal::for_now("This version of Portico does not know the letter."))?;
        let words = self
            .db
            .system_now("words of a letter", |tx| outbox::words_for(tx, held.program_id, letter.kind()))
            .map_err(|cause| Refusal::for_now(format!("Its words could not be read: {cause}.")))?;
        let desk = Desk { base: &self.base, key: &self.key, words: words.as_ref() };
        let written = letter
            .write(desk)
            .map_err(|cause| Refusal::for_good(format!("The letter could not be written: {cause}.")))?;
        self.transport.send(&written, &held.recipient_name, &held.recipient, &held.message_id)
    }

    /// Runs until told to stop, on a thread of its own.
    pub fn start(self, every: Duration, stop: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
        let (db, stopping) = (self.db.clone(), stop.clone());
        let work = move || self.run_while(|| !stopping.load(Ordering::Relaxed));
        jobs::start(db, Job::Mail, every, stop, work)
    }
}
