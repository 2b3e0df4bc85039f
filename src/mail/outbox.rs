//! The outbox table.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::Letter;
use crate::db::SystemTx;
use crate::db::ids::{LetterId, UserId};
use crate::db::schema::outbox;
use crate::web::error::AppError;

/// How long a worker may hold a letter; after that another takes it.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Attempts before a letter is given up.
const ATTEMPTS: i32 = 8;

/// Writes a letter to a person, in the transaction that causes it.
///
/// # Errors
/// When the database does not answer.
pub fn queue(tx: &mut SystemTx<'_>, letter: &Letter, to: UserId, address: &str) -> Result<LetterId, AppError> {
    let id = LetterId::new();
    let now = tx.now();
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::user_id.eq(to.uuid()),
            outbox::letter.eq(serde_json::to_value(letter).map_err(|cause| AppError::Internal(cause.into()))?),
            outbox::recipient.eq(address),
            outbox::message_id.eq(format!("<{id}@portico>")),
            outbox::state.eq("queued"),
            outbox::run_at.eq(now),
            outbox::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// A letter that a worker holds.
#[derive(Queryable, Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: LetterId,
    /// Which letter.
    pub letter: serde_json::Value,
    /// To whom.
    pub recipient: String,
    /// The same at each attempt.
    pub message_id: String,
    /// Attempts, this one included.
    pub attempts: i32,
    /// The lease: proof that it is still this worker's.
    pub locked_until: Option<DateTime<Utc>>,
}

/// Takes one due letter, leaving those that other workers hold.
///
/// # Errors
/// When the database does not answer.
pub fn take(tx: &mut SystemTx<'_>) -> Result<Option<Held>, AppError> {
    let now = tx.now();
    let due: Option<LetterId> = outbox::table
        .filter(outbox::state.eq_any(["queued", "retrying"]).and(outbox::run_at.le(now)))
        .filter(outbox::locked_until.is_null().or(outbox::locked_until.le(now)))
        .order((outbox::run_at, outbox::id))
        .select(outbox::id)
        .for_update()
        .skip_locked()
        .first(tx.conn())
        .optional()?;
    let Some(id) = due else { return Ok(None) };
    let held = diesel::update(outbox::table.find(id))
        .set((outbox::locked_until.eq(now + LEASE), outbox::attempts.eq(outbox::attempts + 1)))
        .returning((
            outbox::id,
            outbox::letter,
            outbox::recipient,
            outbox::message_id,
            outbox::attempts,
            outbox::locked_until,
        ))
        .get_result(tx.conn())?;
    Ok(Some(held))
}

/// Notes how an attempt ended; a worker whose lease ran out changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn settle(tx: &mut SystemTx<'_>, held: &Held, outcome: &Result<(), String>) -> Result<(), AppError> {
    let now = tx.now();
    let mine =
        outbox::table.filter(outbox::id.eq(held.id).and(outbox::locked_until.is_not_distinct_from(held.locked_until)));
    match outcome {
        Ok(()) => diesel::update(mine)
            .set((
                outbox::state.eq("sent"),
                outbox::sent_at.eq(now),
                outbox::locked_until.eq(None::<DateTime<Utc>>),
                outbox::last_error.eq(None::<String>),
            ))
            .execute(tx.conn())?,
        Err(problem) => {
            let state = if held.attempts >= ATTEMPTS { "failed" } else { "retrying" };
            diesel::update(mine)
                .set((
                    outbox::state.eq(state),
                    outbox::last_error.eq(problem),
                    outbox::run_at.eq(now + backoff(held.attempts)),
                    outbox::locked_until.eq(None::<DateTime<Utc>>),
                ))
                .execute(tx.conn())?
        }
    };
    Ok(())
}

/// One minute, then twice as long each time.
fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1 << attempts.clamp(1, 10).saturating_sub(1))
}
