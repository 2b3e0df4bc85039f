//! The outbox table.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;

use super::Letter;
use super::words::Words;
use crate::access::Permission;
use crate::db::ids::{InvitationId, LetterId, PartnerId, ProgramId, UserId};
use crate::db::schema::{letter_texts, outbox};
use crate::db::{SystemTx, WriteTx};
use crate::web::error::AppError;

/// States of letters that are still to be sent.
pub(super) const WAITING: [&str; 2] = ["queued", "retrying"];

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
    let waiting = outbox::table.filter(outbox::about_id.eq(about.uuid()).and(outbox::state.eq_any(WAITING)));
    diesel::update(waiting).set((outbox::state.eq("withdrawn"), outbox::last_error.eq(why))).execute(tx.conn())?;
    Ok(())
}

/// The words to write a letter with.
///
/// # Errors
/// When the database does not answer.
pub fn words_for(tx: &mut SystemTx<'_>, program: Option<ProgramId>, letter: &str) -> Result<Option<Words>, AppError> {
    program.map(|program| words(tx.conn(), program, letter)).transpose().map(Option::flatten)
}

/// How the outbox of all programs stands.
pub struct Standing {
    /// Letters still to be sent.
    pub pending: i64,
    /// Letters that were given up.
    pub failed: i64,
    /// Since when the first of the waiting ones is due.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts the letters of all programs.
///
/// # Errors
/// When the database does not answer.
pub fn standing(tx: &mut SystemTx<'_>) -> Result<Standing, AppError> {
    let now = tx.now();
    let waiting = outbox::table.filter(outbox::state.eq_any(WAITING).and(outbox::run_at.le(now)));
    let oldest = waiting.select(diesel::dsl::min(outbox::run_at)).first(tx.conn())?;
    let pending = outbox::table.filter(outbox::state.eq_any(WAITING)).count().get_result(tx.conn())?;
    let failed = outbox::table.filter(outbox::state.eq("failed")).count().get_result(tx.conn())?;
    Ok(Standing { pending, failed, oldest })
}
