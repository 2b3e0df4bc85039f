//! What a worker does with the outbox: it takes a letter for a while, and notes how the attempt ended. The lease
//! decides whose it is, since no transaction is open while a letter is on its way.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::outbox::{self, Post};
use super::transport::{Obstacle, Refusal};
use super::{Letter, inviter};
use crate::access::MemberRole;
use crate::db::SystemTx;
use crate::db::ids::{LetterId, PartnerId, ProgramId, UserId};
use crate::db::schema::{mail_choices, memberships, outbox as letters, partners, roles, users};
use crate::partners::model::Status;
use crate::people::UserStatus;
use crate::web::error::AppError;

/// How long a worker may hold a letter; after that another takes it.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Attempts before a letter that the mail server puts off is given up.
const ATTEMPTS: i32 = 8;
/// How long a letter waits for a mail server that is away.
const WAIT: TimeDelta = TimeDelta::days(2);
/// Letters looked at in one transaction to find one that may be sent.
const AT_ONCE: usize = 50;

const DEAD_LINK: &str = "Its link would be dead by now. Send a new one.";

/// A letter that a worker holds.
#[derive(Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = letters)]
pub struct Held {
    /// Its id.
    pub id: LetterId,
    /// Which letter.
    #[diesel(column_name = letter)]
    pub stored: serde_json::Value,
    /// The program it is about.
    pub program_id: Option<ProgramId>,
    /// The partner it is about.
    pub partner_id: Option<PartnerId>,
    /// Whose account it is for.
    pub user_id: Option<UserId>,
    /// To whom.
    pub recipient: String,
    /// Their name.
    pub recipient_name: String,
    /// The same at each attempt.
    pub message_id: String,
    /// Attempts, this one included.
    pub attempts: i32,
    /// The lease: proof that it is still this worker's.
    pub locked_until: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// For hosts.
    hosts_only: bool,
    /// For members.
    members_only: bool,
    /// Not to be sent from then on.
    expires_at: Option<DateTime<Utc>>,
}

impl Held {
    /// The letter itself; none when a newer version of Portico wrote it.
    pub fn letter(&self) -> Option<Letter> {
        serde_json::from_value(self.stored.clone()).ok()
    }
}

/// Takes one due letter, leaving those that other workers hold. Letters that must not be sent any more are withdrawn
/// on the way.
///
/// # Errors
/// When the database does not answer.
pub fn take(tx: &mut SystemTx<'_>) -> Result<Option<Held>, AppError> {
    let now = tx.now();
    for _ in 0..AT_ONCE {
        let due: Option<Held> = letters::table
            .filter(letters::state.eq_any(outbox::WAITING).and(letters::run_at.le(now)))
            .filter(letters::locked_until.is_null().or(letters::locked_until.le(now)))
            .order((letters::run_at, letters::id))
            .select(Held::as_select())
            .for_update()
            .skip_locked()
            .first(tx.conn())
            .optional()?;
        let Some(due) = due else { return Ok(None) };
        let Some(why) = withheld(tx, &due)? else {
            let held = diesel::update(letters::table.find(due.id))
                .set((letters::locked_until.eq(now + LEASE), letters::attempts.eq(letters::attempts + 1)))
                .returning(Held::as_returning())
                .get_result(tx.conn())?;
            return Ok(Some(held));
        };
        diesel::update(letters::table.find(due.id))
            .set((
                letters::state.eq("withdrawn"),
                letters::last_error.eq(why),
                letters::locked_until.eq(None::<DateTime<Utc>>),
            ))
            .execute(tx.conn())?;
        if why == DEAD_LINK {
            tell_inviter(tx, &due, "the mail server did not take the letter in time, and its link ran out")?;
        }
    }
    Ok(None)
}

/// Why a letter must not be sent, though it is due: what was right when it was written may be wrong now (T09).
fn withheld(tx: &mut SystemTx<'_>, due: &Held) -> Result<Option<&'static str>, AppError> {
    if due.expires_at.is_some_and(|at| at <= tx.now()) {
        return Ok(Some(DEAD_LINK));
    }
    if due.members_only && !is_member(tx, due)? {
        return Ok(Some("They may not act for the partner any more."));
    }
    if due.hosts_only && !is_host(tx, due)? {
        return Ok(Some("They do not work for the program any more."));
    }
    let topic = due.letter().and_then(|letter| letter.topic());
    if let Some((topic, user)) = topic.zip(due.user_id) {
        let wanted: Option<bool> =
            mail_choices::table.find((user, topic.key())).select(mail_choices::wanted).first(tx.conn()).optional()?;
        if wanted == Some(false) {
            return Ok(Some("They chose not to get letters about this."));
        }
    }
    Ok(None)
}

fn is_member(tx: &mut SystemTx<'_>, due: &Held) -> Result<bool, AppError> {
    let Some((user, partner)) = due.user_id.zip(due.partner_id) else { return Ok(false) };
    may_act_for(tx, user, partner)
}

/// Whether somebody is a member of a partner, and neither they nor their account are suspended.
///
/// # Errors
/// When the database does not answer.
pub(super) fn may_act_for(tx: &mut SystemTx<'_>, user: UserId, partner: PartnerId) -> Result<bool, AppError> {
    let found = memberships::table
        .inner_join(users::table)
        .filter(memberships::user_id.eq(user).and(memberships::partner_id.eq(partner)))
        .filter(memberships::suspended_at.is_null().and(users::status.eq(UserStatus::Active)));
    Ok(diesel::select(exists(found)).get_result(tx.conn())?)
}

/// Whether a letter's recipient still works for its program. Who has no account cannot have lost one.
fn is_host(tx: &mut SystemTx<'_>, due: &Held) -> Result<bool, AppError> {
    let Some((user, program)) = due.user_id.zip(due.program_id) else { return Ok(true) };
    let system =
        users::table.find(user).filter(users::status.eq(UserStatus::Active).and(users::is_system)).select(users::id);
    // A plain user of a hosting partner, or a role that sees its own partner, sees no other.
    let wide = roles::table.filter(roles::program_wide).select(roles::id.nullable());
    let host = memberships::table
        .inner_join(users::table)
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::user_id.eq(user).and(memberships::program_id.eq(program)))
        .filter(memberships::suspended_at.is_null().and(users::status.eq(UserStatus::Active)))
        .filter(partners::is_hosting.and(partners::status.eq_any([Status::Active, Status::Offboarding])))
        .filter(memberships::role.ne(MemberRole::User))
        .filter(memberships::role_id.is_null().or(memberships::role_id.eq_any(wide)))
        .select(memberships::id);
    Ok(diesel::select(exists(system).or(exists(host))).get_result(tx.conn())?)
}

/// Notes how an attempt ended; a worker whose letter another one holds by now changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn settle(tx: &mut SystemTx<'_>, held: &Held, outcome: &Result<(), Refusal>) -> Result<(), AppError> {
    let now = tx.now();
    let mine = letters::table
        .filter(letters::id.eq(held.id).and(letters::locked_until.is_not_distinct_from(held.locked_until)));
    let Err(refusal) = outcome else {
        // It left, whoever holds it by now: nobody need send it again.
        let waiting = letters::table.filter(letters::id.eq(held.id).and(letters::state.eq_any(outbox::WAITING)));
        diesel::update(waiting)
            .set((
                letters::state.eq("sent"),
                letters::sent_at.eq(now),
                letters::locked_until.eq(None::<DateTime<Utc>>),
                letters::last_error.eq(None::<String>),
            ))
            .execute(tx.conn())?;
        return Ok(());
    };
    let failed = given_up(held, refusal.by, now);
    // A server that is away tells nothing about the letter, so that try is not counted.
    let tries = if refusal.by == Obstacle::Server { held.attempts - 1 } else { held.attempts };
    // A letter that was taken back while it was on its way stays taken back.
    let settled = diesel::update(mine.filter(letters::state.eq_any(outbox::WAITING)))
        .set((
            letters::state.eq(if failed { "failed" } else { "retrying" }),
            letters::last_error.eq(&refusal.problem),
            letters::attempts.eq(tries),
            letters::run_at.eq(now + backoff(held.attempts, refusal.by)),
            letters::locked_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())?;
    if failed && settled == 1 {
        tell_inviter(tx, held, &refusal.problem)?;
    }
    Ok(())
}

/// A server that is away is waited for much longer than one that puts this letter off.
fn given_up(held: &Held, by: Obstacle, now: DateTime<Utc>) -> bool {
    match by {
        Obstacle::ForGood => true,
        Obstacle::ForNow => held.attempts >= ATTEMPTS,
        Obstacle::Server => now - held.created_at > WAIT,
    }
}

/// One minute, then twice as long each time; a server that is away is tried soon again, so that its letters leave
/// soon after it is back.
fn backoff(attempts: i32, by: Obstacle) -> TimeDelta {
    let minutes = 1 << attempts.clamp(1, 10).saturating_sub(1);
    TimeDelta::minutes(if by == Obstacle::Server { 1 } else { minutes })
}

/// Nobody waits for an invitation that did not arrive: whoever sent it is told, as long as it still counts.
fn tell_inviter(tx: &mut SystemTx<'_>, held: &Held, problem: &str) -> Result<(), AppError> {
    let Some(Letter::Invitation { invitation, version, .. }) = held.letter() else { return Ok(()) };
    let Some(told) = inviter::of(tx, invitation, version)? else { return Ok(()) };
    let letter = Letter::InvitationFailed {
        inviter: told.name.clone(),
        name: told.invited,
        email: held.recipient.clone(),
        partner: told.partner_name,
        problem: problem.to_owned(),
        page: crate::partners::tab(&told.partner_code, "users"),
    };
    let post = Post {
        hosts_only: !told.is_member,
        members_only: told.is_member,
        ..Post::to_account(letter, told.user, &told.email, &told.name)
    };
    outbox::queue(tx, &post.about_partner(told.program, told.partner)).map(|_| ())
}
