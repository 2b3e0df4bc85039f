//! The outbox table.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;

use super::Letter;
use super::transport::{Obstacle, Refusal};
use super::words::Words;
use crate::access::Permission;
use crate::db::ids::{InvitationId, LetterId, PartnerId, ProgramId, UserId};
use crate::db::schema::{letter_texts, outbox};
use crate::db::{SystemTx, WriteTx};
use crate::web::error::AppError;

/// How long a worker may hold a letter; after that another takes it.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Attempts before a letter is given up.
const ATTEMPTS: i32 = 8;

/// How long a letter waits for a mail server that is away.
const WAIT: TimeDelta = TimeDelta::days(2);

/// A letter with its address, to be put into the outbox.
#[derive(Clone, Debug)]
pub struct Post {
    /// Which.
    pub letter: Letter,
    /// Whose account it is for; none for somebody who has none yet.
    pub user: Option<UserId>,
    /// Where it goes.
    pub address: String,
    /// The person's name.
    pub name: String,
    /// The program it is about.
    pub program: Option<ProgramId>,
    /// The partner it is about.
    pub partner: Option<PartnerId>,
    /// Whether it goes to hosts, so that the partner's own people must not see it.
    pub hosts_only: bool,
    /// Whether it is withheld once the person is no longer a member of the partner who may act (T09).
    pub members_only: bool,
    /// The invitation it brings.
    pub about: Option<InvitationId>,
    /// Not sent from this moment on: its link would be dead.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Post {
    /// A letter about a person's own account.
    pub fn to_account(letter: Letter, user: UserId, address: &str, name: &str) -> Post {
        Post {
            letter,
            user: Some(user),
            address: address.to_owned(),
            name: name.to_owned(),
            program: None,
            partner: None,
            hosts_only: false,
            members_only: false,
            about: None,
            expires_at: None,
        }
    }

    /// The same letter, about a partner.
    pub fn about_partner(self, program: ProgramId, partner: PartnerId) -> Post {
        Post { program: Some(program), partner: Some(partner), ..self }
    }
}

/// Writes a letter in the transaction that causes it.
///
/// # Errors
/// When the database does not answer.
pub fn queue(tx: &mut SystemTx<'_>, post: &Post) -> Result<LetterId, AppError> {
    let now = tx.now();
    insert(tx.conn(), now, post)
}

/// The same, in the transaction of a person.
///
/// # Errors
/// When the database does not answer.
pub fn queue_in<P: Permission>(tx: &mut WriteTx<'_, P>, post: &Post) -> Result<LetterId, AppError> {
    let now = tx.now();
    insert(tx.conn(), now, post)
}

fn insert(conn: &mut PgConnection, now: DateTime<Utc>, post: &Post) -> Result<LetterId, AppError> {
    let id = LetterId::new();
    let words = post.program.map(|program| words(conn, program, post.letter.kind())).transpose()?.flatten();
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::program_id.eq(post.program),
            outbox::partner_id.eq(post.partner),
            outbox::user_id.eq(post.user),
            outbox::letter.eq(serde_json::to_value(&post.letter).map_err(|cause| AppError::Internal(cause.into()))?),
            outbox::recipient.eq(&post.address),
            outbox::message_id.eq(format!("<{id}@portico>")),
            outbox::state.eq("queued"),
            outbox::run_at.eq(now),
            outbox::created_at.eq(now),
            (
                outbox::kind.eq(post.letter.kind()),
                outbox::subject.eq(post.letter.subject(words.as_ref())),
                outbox::recipient_name.eq(&post.name),
                outbox::about_id.eq(post.about.map(InvitationId::uuid)),
                outbox::hosts_only.eq(post.hosts_only),
                outbox::members_only.eq(post.members_only),
                outbox::expires_at.eq(post.expires_at),
            ),
        ))
        .execute(conn)?;
    Ok(id)
}

/// The program's own words for a letter.
fn words(conn: &mut PgConnection, program: ProgramId, letter: &str) -> Result<Option<Words>, AppError> {
    let found: Option<(String, String)> = letter_texts::table
        .find((program, letter))
        .select((letter_texts::subject, letter_texts::body))
        .first(conn)
        .optional()?;
    Ok(found.map(|(subject, body)| Words { subject, body }))
}

/// Takes back the letters that bring an older link of an invitation, as far as they did not leave yet.
///
/// # Errors
/// When the database does not answer.
pub fn withdraw<P: Permission>(tx: &mut WriteTx<'_, P>, about: InvitationId, why: &str) -> Result<(), AppError> {
    let waiting =
        outbox::table.filter(outbox::about_id.eq(about.uuid()).and(outbox::state.eq_any(["queued", "retrying"])));
    diesel::update(waiting).set((outbox::state.eq("withdrawn"), outbox::last_error.eq(why))).execute(tx.conn())?;
    Ok(())
}

/// A letter that a worker holds.
#[derive(Queryable, Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: LetterId,
    /// Which letter.
    pub letter: serde_json::Value,
    /// The program it is about.
    pub program: Option<ProgramId>,
    /// To whom.
    pub recipient: String,
    /// Their name.
    pub name: String,
    /// The same at each attempt.
    pub message_id: String,
    /// Attempts, this one included.
    pub attempts: i32,
    /// The lease: proof that it is still this worker's.
    pub locked_until: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
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
            outbox::program_id,
            outbox::recipient,
            outbox::recipient_name,
            outbox::message_id,
            outbox::attempts,
            outbox::locked_until,
            outbox::created_at,
        ))
        .get_result(tx.conn())?;
    Ok(Some(held))
}

/// The words to write a letter with.
///
/// # Errors
/// When the database does not answer.
pub fn words_for(tx: &mut SystemTx<'_>, program: Option<ProgramId>, letter: &str) -> Result<Option<Words>, AppError> {
    program.map(|program| words(tx.conn(), program, letter)).transpose().map(Option::flatten)
}

/// Notes how an attempt ended; a worker whose lease ran out changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn settle(tx: &mut SystemTx<'_>, held: &Held, outcome: &Result<(), Refusal>) -> Result<(), AppError> {
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
        Err(refusal) => {
            let state = if given_up(held, refusal.by, now) { "failed" } else { "retrying" };
            diesel::update(mine)
                .set((
                    outbox::state.eq(state),
                    outbox::last_error.eq(&refusal.problem),
                    outbox::run_at.eq(now + backoff(held.attempts, refusal.by)),
                    outbox::locked_until.eq(None::<DateTime<Utc>>),
                ))
                .execute(tx.conn())?
        }
    };
    Ok(())
}

/// A server that is away is waited for much longer than one that refuses this letter.
fn given_up(held: &Held, by: Obstacle, now: DateTime<Utc>) -> bool {
    match by {
        Obstacle::ForGood => true,
        Obstacle::ForNow => held.attempts >= ATTEMPTS,
        Obstacle::Server => held.attempts >= ATTEMPTS && now - held.created_at > WAIT,
    }
}

/// One minute, then twice as long each time; a server that is away is tried soon again, so that its letters leave
/// soon after it is back.
fn backoff(attempts: i32, by: Obstacle) -> TimeDelta {
    let minutes = 1 << attempts.clamp(1, 10).saturating_sub(1);
    TimeDelta::minutes(if by == Obstacle::Server { 1 } else { minutes })
}
