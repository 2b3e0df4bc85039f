//! All SQL of the seals.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use serde::Serialize;

use super::Hash;
use crate::db::SystemTx;
use crate::db::schema::{activity_chain, activity_seals};
use crate::web::error::AppError;

/// Seals that are read at once.
const AT_ONCE: i64 = 2000;

/// A sealed piece of the chain.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = activity_seals)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Seal {
    pub through: i64,
    pub after: i64,
    pub sealed_at: DateTime<Utc>,
    pub key_id: String,
    pub seal: Vec<u8>,
}

/// The newest.
///
/// # Errors
/// When the database does not answer.
pub fn last(tx: &mut SystemTx<'_>) -> Result<Option<Seal>, AppError> {
    let newest = activity_seals::table.order(activity_seals::through.desc());
    Ok(newest.select(Seal::as_select()).first(tx.conn()).optional()?)
}

/// The last that ends at an entry or before it.
///
/// # Errors
/// When the database does not answer.
pub fn before(tx: &mut SystemTx<'_>, entry: i64) -> Result<Option<Seal>, AppError> {
    let older = activity_seals::table.filter(activity_seals::through.le(entry)).order(activity_seals::through.desc());
    Ok(older.select(Seal::as_select()).first(tx.conn()).optional()?)
}

/// Adds one.
///
/// # Errors
/// When there is one that ends there.
pub fn append(tx: &mut SystemTx<'_>, seal: &Seal) -> Result<(), AppError> {
    diesel::insert_into(activity_seals::table).values(seal).execute(tx.conn())?;
    Ok(())
}

/// Puts another key's seal in the place of one.
///
/// # Errors
/// When the database does not answer.
pub fn renew(tx: &mut SystemTx<'_>, seal: &Seal) -> Result<(), AppError> {
    diesel::update(activity_seals::table.find(seal.through))
        .set((activity_seals::key_id.eq(&seal.key_id), activity_seals::seal.eq(&seal.seal)))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes all away.
///
/// # Errors
/// When the database does not answer.
pub fn clear(tx: &mut SystemTx<'_>) -> Result<(), AppError> {
    diesel::delete(activity_seals::table).execute(tx.conn())?;
    Ok(())
}

/// Seals that end after an entry, in order, with the chain's hash where each ends.
///
/// # Errors
/// When the database does not answer.
pub fn some(tx: &mut SystemTx<'_>, after: i64) -> Result<Vec<(Seal, Option<Hash>)>, AppError> {
    let rows = activity_seals::table
        .left_join(activity_chain::table.on(activity_chain::seq.eq(activity_seals::through)))
        .filter(activity_seals::through.gt(after))
        .order(activity_seals::through)
        .limit(AT_ONCE)
        .select((Seal::as_select(), activity_chain::hash.nullable()));
    Ok(read(rows.load(tx.conn())?))
}

/// The same, of those that other keys made.
///
/// # Errors
/// When the database does not answer.
pub fn otherwise(tx: &mut SystemTx<'_>, own: &str, after: i64) -> Result<Vec<(Seal, Option<Hash>)>, AppError> {
    let rows = activity_seals::table
        .left_join(activity_chain::table.on(activity_chain::seq.eq(activity_seals::through)))
        .filter(activity_seals::through.gt(after).and(activity_seals::key_id.ne(own)))
        .order(activity_seals::through)
        .limit(AT_ONCE)
        .select((Seal::as_select(), activity_chain::hash.nullable()));
    Ok(read(rows.load(tx.conn())?))
}

fn read(rows: Vec<(Seal, Option<Vec<u8>>)>) -> Vec<(Seal, Option<Hash>)> {
    rows.into_iter().map(|(seal, hash)| (seal, hash.and_then(|hash| Hash::read(&hash)))).collect()
}

/// A piece that was sealed long after its first line happened.
#[derive(QueryableByName, Clone, Debug, Serialize)]
pub struct Late {
    /// How many such pieces there are.
    #[diesel(sql_type = BigInt)]
    pub pieces: i64,
    /// The first entry of the first of them.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// When its line happened.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// When it was sealed.
    #[diesel(sql_type = Timestamptz)]
    pub sealed_at: DateTime<Utc>,
}

/// Pieces that were sealed more than a day after their first line happened.
///
/// # Errors
/// When the database does not answer.
pub fn late(tx: &mut SystemTx<'_>) -> Result<Option<Late>, AppError> {
    let query = "SELECT count(*) OVER () AS pieces, c.seq, c.activity_at AS at, s.sealed_at FROM activity_seals s \
                 JOIN activity_chain c ON c.seq = s.after + 1 \
                 WHERE s.sealed_at - c.activity_at > interval '1 day' ORDER BY c.seq LIMIT 1";
    Ok(diesel::sql_query(query).load(tx.conn())?.into_iter().next())
}
