//! All SQL of the audit log's chain. It is the portal's own work and the command line's: no page reads it.

pub mod seals;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::chain::{Content, Hash, Head};
use crate::db::SystemTx;
use crate::db::ids::{ActivityId, PartnerId, ProgramId, UserId};
use crate::db::schema::{activity, activity_chain, activity_unchained, programs};
use crate::web::error::AppError;

/// Any number that no other lock of Portico has.
const LOCK: i64 = 0x0050_4f52_5443_4841;

/// What a line is found by: its moment and its id.
pub type Key = (DateTime<Utc>, ActivityId);

/// A whole line of the log.
#[derive(Queryable, QueryableByName, Selectable, Clone, Debug, Serialize)]
#[diesel(table_name = activity)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub id: ActivityId,
    pub at: DateTime<Utc>,
    pub program_id: Option<ProgramId>,
    pub partner_id: Option<PartnerId>,
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    pub actor_role: String,
    pub on_behalf: bool,
    pub hosts_only: bool,
    pub kind: String,
    pub event: serde_json::Value,
    pub changes: serde_json::Value,
    pub request_id: String,
    pub address: String,
}

impl Line {
    /// What is hashed of it.
    pub fn content(&self) -> Content<'_> {
        Content {
            id: self.id.uuid(),
            at: self.at,
            program_id: self.program_id.map(ProgramId::uuid),
            partner_id: self.partner_id.map(PartnerId::uuid),
            actor_id: self.actor_id.map(UserId::uuid),
            actor_name: &self.actor_name,
            actor_role: &self.actor_role,
            on_behalf: self.on_behalf,
            hosts_only: self.hosts_only,
            kind: &self.kind,
            event: &self.event,
            changes: &self.changes,
            request_id: &self.request_id,
            address: &self.address,
        }
    }
}

/// An entry of the chain.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = activity_chain, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Link {
    pub seq: i64,
    pub activity_at: DateTime<Utc>,
    pub activity_id: ActivityId,
    pub version: i16,
    pub hash: Vec<u8>,
}

impl Link {
    /// The key of its line.
    pub fn key(&self) -> Key {
        (self.activity_at, self.activity_id)
    }

    /// Its place and hash.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: Hash::read(&self.hash).unwrap_or(Hash::NONE) }
    }
}

/// Takes the turn to make the chain longer, until the transaction ends; false when another instance has it.
///
/// # Errors
/// When the database does not answer.
pub fn take_turn(tx: &mut SystemTx<'_>) -> Result<bool, AppError> {
    let query = diesel::dsl::sql::<Bool>("SELECT pg_try_advisory_xact_lock(").bind::<BigInt, _>(LOCK).sql(")");
    Ok(query.get_result(tx.conn())?)
}

/// The newest entry.
///
/// # Errors
/// When the database does not answer.
pub fn head(tx: &mut SystemTx<'_>) -> Result<Head, AppError> {
    let newest = activity_chain::table.order(activity_chain::seq.desc()).select(Link::as_select());
    Ok(newest.first(tx.conn()).optional()?.map_or(Head::EMPTY, |link: Link| link.head()))
}

/// Looked up by its index for each key, whatever Postgres thinks of the number of rows: it may know nothing yet of a
/// log that was just filled, and must not read all of it for a few lines.
const STEER: &str = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
const PLAIN: &str = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on";

/// Keys of the oldest lines in the queue. A line that is gone before it was chained stays in the queue, where verifying
/// finds it, and must not keep those after it from their places, however many are gone.
///
/// # Errors
/// When the database does not answer.
pub fn queued(tx: &mut SystemTx<'_>, most: i64) -> Result<Vec<Key>, AppError> {
    tx.conn().batch_execute(STEER)?;
    let found: Vec<Named> = diesel::sql_query(
        "SELECT q.activity_at AS at, q.activity_id AS id FROM activity_unchained q \
         WHERE EXISTS (SELECT FROM activity a WHERE a.at = q.activity_at AND a.id = q.activity_id) \
         ORDER BY q.activity_at, q.activity_id LIMIT $1",
    )
    .bind::<BigInt, _>(most)
    .load(tx.conn())?;
    tx.conn().batch_execute(PLAIN)?;
    Ok(found.into_iter().map(|one| (one.at, one.id)).collect())
}

fn halves(keys: &[Key]) -> (Vec<DateTime<Utc>>, Vec<Uuid>) {
    keys.iter().map(|(at, id)| (*at, id.uuid())).unzip()
}

/// The lines of some keys; those that are not there are left out.
///
/// # Errors
/// When the database does not answer.
pub fn lines(tx: &mut SystemTx<'_>, keys: &[Key]) -> Result<HashMap<Key, Line>, AppError> {
    let (ats, ids) = halves(keys);
    tx.conn().batch_execute(STEER)?;
    let found: Vec<Line> = diesel::sql_query(
        "SELECT a.* FROM unnest($1, $2) AS k (at, id) JOIN activity a ON a.at = k.at AND a.id = k.id",
    )
    .bind::<Array<Timestamptz>, _>(ats)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn())?;
    tx.conn().batch_execute(PLAIN)?;
    Ok(found.into_iter().map(|line| ((line.at, line.id), line)).collect())
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(embed)]
    named: Named,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = diesel::sql_types::Bytea)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    id: ActivityId,
}

/// The places in the chain of some keys; those that have none are left out.
///
/// # Errors
/// When the database does not answer.
pub fn places(tx: &mut SystemTx<'_>, keys: &[Key]) -> Result<HashMap<Key, Head>, AppError> {
    let (ats, ids) = halves(keys);
    tx.conn().batch_execute(STEER)?;
    let found: Vec<Place> = diesel::sql_query(
        "SELECT c.activity_at AS at, c.activity_id AS id, c.seq, c.hash FROM unnest($1, $2) AS k (at, id) \
         JOIN activity_chain c ON c.activity_at = k.at AND c.activity_id = k.id",
    )
    .bind::<Array<Timestamptz>, _>(ats)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn())?;
    tx.conn().batch_execute(PLAIN)?;
    let head = |place: &Place| Head { seq: place.seq, hash: Hash::read(&place.hash).unwrap_or(Hash::NONE) };
    Ok(found.into_iter().map(|place| ((place.named.at, place.named.id), head(&place))).collect())
}

/// Adds entries to the chain.
///
/// # Errors
/// When another has one of the places.
pub fn append(tx: &mut SystemTx<'_>, links: &[Link]) -> Result<(), AppError> {
    diesel::insert_into(activity_chain::table).values(links).execute(tx.conn())?;
    Ok(())
}

/// Takes lines out of the queue.
///
/// # Errors
/// When the database does not answer.
pub fn dequeue(tx: &mut SystemTx<'_>, keys: &[Key]) -> Result<(), AppError> {
    let (ats, ids) = halves(keys);
    diesel::sql_query(
        "DELETE FROM activity_unchained q USING unnest($1, $2) AS k (at, id) WHERE q.activity_at = k.at AND q.activity_id = k.id",
    )
    .bind::<Array<Timestamptz>, _>(ats)
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(tx.conn())?;
    Ok(())
}

/// Entries after a place, in order.
///
/// # Errors
/// When the database does not answer.
pub fn links(tx: &mut SystemTx<'_>, after: i64, most: i64) -> Result<Vec<Link>, AppError> {
    let rows = activity_chain::table.filter(activity_chain::seq.gt(after)).order(activity_chain::seq).limit(most);
    Ok(rows.select(Link::as_select()).load(tx.conn())?)
}

/// How the queue stands: how many wait (counted to a million), and since when.
///
/// # Errors
/// When the database does not answer.
pub fn waiting(tx: &mut SystemTx<'_>) -> Result<(i64, Option<DateTime<Utc>>), AppError> {
    let oldest = activity_unchained::table
        .order((activity_unchained::activity_at, activity_unchained::activity_id))
        .select(activity_unchained::activity_at)
        .first(tx.conn())
        .optional()?;
    let count =
        diesel::dsl::sql::<BigInt>("SELECT count(*) FROM (SELECT FROM activity_unchained LIMIT 1000000) AS sums");
    Ok((count.get_result(tx.conn())?, oldest))
}

/// The first line, from a moment on, that is neither in the chain nor in the queue.
///
/// # Errors
/// When the database does not answer.
pub fn unlisted(tx: &mut SystemTx<'_>, from: Option<DateTime<Utc>>) -> Result<Option<Line>, AppError> {
    tx.conn().batch_execute("SET LOCAL statement_timeout = 0")?;
    let found: Vec<Line> = diesel::sql_query(
        "SELECT a.* FROM activity a WHERE a.at >= coalesce($1, '-infinity') \
         AND NOT EXISTS (SELECT FROM activity_chain c WHERE c.activity_at = a.at AND c.activity_id = a.id) \
         AND NOT EXISTS (SELECT FROM activity_unchained q WHERE q.activity_at = a.at AND q.activity_id = a.id) \
         ORDER BY a.at, a.id LIMIT 1",
    )
    .bind::<diesel::sql_types::Nullable<Timestamptz>, _>(from)
    .load(tx.conn())?;
    Ok(found.into_iter().next())
}

/// The first key in the queue whose line is not there.
///
/// # Errors
/// When the database does not answer.
pub fn lost(tx: &mut SystemTx<'_>) -> Result<Option<Key>, AppError> {
    tx.conn().batch_execute("SET LOCAL statement_timeout = 0")?;
    let found: Vec<Named> = diesel::sql_query(
        "SELECT q.activity_at AS at, q.activity_id AS id FROM activity_unchained q \
         WHERE NOT EXISTS (SELECT FROM activity a WHERE a.at = q.activity_at AND a.id = q.activity_id) \
         ORDER BY q.activity_at, q.activity_id LIMIT 1",
    )
    .load(tx.conn())?;
    Ok(found.into_iter().next().map(|one| (one.at, one.id)))
}

/// A line by its id alone, wherever its moment was moved to. Reads the log through: for what is wrong already.
///
/// # Errors
/// When the database does not answer.
pub fn anywhere(tx: &mut SystemTx<'_>, id: ActivityId) -> Result<Option<Line>, AppError> {
    tx.conn().batch_execute("SET LOCAL statement_timeout = 0")?;
    Ok(activity::table.filter(activity::id.eq(id)).select(Line::as_select()).first(tx.conn()).optional()?)
}

/// What is exported: of a program, from a moment and before another.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is named")]
pub struct Range {
    pub program: Option<ProgramId>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// Some lines after another, oldest first.
///
/// # Errors
/// When the database does not answer.
pub fn some(tx: &mut SystemTx<'_>, range: &Range, after: Option<Key>, most: i64) -> Result<Vec<Line>, AppError> {
    tx.conn().batch_execute("SET LOCAL statement_timeout = 0")?;
    let mut rows = activity::table.into_boxed();
    if let Some(program) = range.program {
        rows = rows.filter(activity::program_id.eq(program));
    }
    if let Some(from) = range.from {
        rows = rows.filter(activity::at.ge(from));
    }
    if let Some(until) = range.until {
        rows = rows.filter(activity::at.lt(until));
    }
    if let Some((at, id)) = after {
        let later = diesel::dsl::sql::<Bool>("(activity.at, activity.id) > (").bind::<Timestamptz, _>(at);
        rows = rows.filter(activity::at.ge(at)).filter(later.sql(", ").bind::<SqlUuid, _>(id).sql(")"));
    }
    let rows = rows.order((activity::at.asc(), activity::id.asc())).limit(most);
    Ok(rows.select(Line::as_select()).load(tx.conn())?)
}

/// A program by its code.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub fn program(tx: &mut SystemTx<'_>, code: &str) -> Result<ProgramId, AppError> {
    let found = programs::table.filter(programs::code.eq(code)).select(programs::id).first(tx.conn());
    found.optional()?.ok_or(AppError::NotFound)
}

/// Gives the months between two moments their partitions; returns how many were made.
///
/// # Errors
/// When somebody reads the log for longer than a moment: then later.
pub fn make_months(tx: &mut SystemTx<'_>, from: DateTime<Utc>, through: DateTime<Utc>) -> Result<i32, AppError> {
    // Whoever asks for the log waits behind us while we wait: not for long.
    tx.conn().batch_execute("SET LOCAL lock_timeout = '300ms'; SET LOCAL statement_timeout = 0")?;
    let query = diesel::dsl::sql::<Integer>("SELECT activity_make_months(")
        .bind::<Timestamptz, _>(from)
        .sql(", ")
        .bind::<Timestamptz, _>(through)
        .sql(")");
    Ok(query.get_result(tx.conn())?)
}

/// Whether new lines are queued by their trigger: the demo sets it aside while it chains what it makes itself.
///
/// # Errors
/// When the database does not answer.
pub fn queueing(tx: &mut SystemTx<'_>, on: bool) -> Result<(), AppError> {
    let word = if on { "ENABLE" } else { "DISABLE" };
    Ok(tx.conn().batch_execute(&format!("ALTER TABLE activity {word} TRIGGER activity_is_queued"))?)
}

/// Whether the trigger that queues new lines is on, and those that refuse changes.
///
/// # Errors
/// When the database does not answer.
pub fn sleeping(tx: &mut SystemTx<'_>) -> Result<Vec<String>, AppError> {
    let query = diesel::dsl::sql::<Text>(
        "SELECT (c.relname || '.' || t.tgname)::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         WHERE t.tgname IN ('activity_is_queued', 'activity_append_only', 'activity_no_truncate', \
           'activity_chain_append_only', 'activity_chain_no_truncate') AND t.tgenabled = 'D' ORDER BY 1",
    );
    Ok(query.load(tx.conn())?)
}
