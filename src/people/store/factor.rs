//! Second factors of accounts: system transactions only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::access::totp::Sealed;
use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::db::schema::{recovery_codes, second_factors, users};
use crate::web::error::AppError;

/// A person's authenticator app.
#[derive(Queryable)]
pub struct Factor {
    /// The shared secret.
    pub secret: Sealed,
    /// When the first code was entered; none while it is being set up.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// The app of a person.
///
/// # Errors
/// When the database does not answer.
pub fn factor(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<Factor>, AppError> {
    Ok(second_factors::table
        .find(user)
        .select((
            (second_factors::secret, second_factors::key_id),
            second_factors::confirmed_at,
            second_factors::created_at,
        ))
        .first(tx.conn())
        .optional()?)
}

/// Begins to set an app up, in place of one that was never confirmed; false when one is in use.
///
/// # Errors
/// When the database does not answer.
pub fn begin_factor(tx: &mut SystemTx<'_>, user: UserId, secret: &Sealed) -> Result<bool, AppError> {
    let now = tx.now();
    diesel::delete(
        second_factors::table.filter(second_factors::user_id.eq(user).and(second_factors::confirmed_at.is_null())),
    )
    .execute(tx.conn())?;
    let begun = diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user),
            second_factors::secret.eq(&secret.bytes),
            second_factors::key_id.eq(&secret.key_id),
            second_factors::created_at.eq(now),
        ))
        .on_conflict(second_factors::user_id)
        .do_nothing()
        .execute(tx.conn())?;
    Ok(begun == 1)
}

/// Puts an app into use with its first code; false when it is in use, or begun anew, already.
///
/// # Errors
/// When the database does not answer.
pub fn confirm_factor(tx: &mut SystemTx<'_>, user: UserId, secret: &Sealed, step: i64) -> Result<bool, AppError> {
    let now = tx.now();
    let waiting = second_factors::table.filter(
        second_factors::user_id
            .eq(user)
            .and(second_factors::confirmed_at.is_null())
            .and(second_factors::secret.eq(&secret.bytes)),
    );
    let confirmed = diesel::update(waiting)
        .set((second_factors::confirmed_at.eq(now), second_factors::last_step.eq(step)))
        .execute(tx.conn())?;
    if confirmed == 1 {
        diesel::update(users::table.find(user)).set(users::second_factor_at.eq(now)).execute(tx.conn())?;
    }
    Ok(confirmed == 1)
}

/// Uses a code up: it, and those before it, are refused from now on. False when it was used already.
///
/// # Errors
/// When the database does not answer.
pub fn use_step(tx: &mut SystemTx<'_>, user: UserId, step: i64) -> Result<bool, AppError> {
    let fresh = second_factors::table.filter(
        second_factors::user_id
            .eq(user)
            .and(second_factors::confirmed_at.is_not_null())
            .and(second_factors::last_step.lt(step)),
    );
    Ok(diesel::update(fresh).set(second_factors::last_step.eq(step)).execute(tx.conn())? == 1)
}

/// Takes a person's app and recovery codes away.
///
/// # Errors
/// When the database does not answer.
pub fn remove_factor(tx: &mut SystemTx<'_>, user: UserId) -> Result<(), AppError> {
    diesel::delete(second_factors::table.filter(second_factors::user_id.eq(user))).execute(tx.conn())?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.conn())?;
    diesel::update(users::table.find(user))
        .set(users::second_factor_at.eq(None::<DateTime<Utc>>))
        .execute(tx.conn())?;
    Ok(())
}

/// Replaces a person's recovery codes, given as their hashes.
///
/// # Errors
/// When the database does not answer.
pub fn replace_codes(tx: &mut SystemTx<'_>, user: UserId, hashes: &[Vec<u8>]) -> Result<(), AppError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.conn())?;
    let rows: Vec<_> =
        hashes.iter().map(|hash| (recovery_codes::user_id.eq(user), recovery_codes::code_hash.eq(hash))).collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Uses a recovery code up; false when it is none, or was used.
///
/// # Errors
/// When the database does not answer.
pub fn use_code(tx: &mut SystemTx<'_>, user: UserId, hash: &[u8]) -> Result<bool, AppError> {
    let now = tx.now();
    let unused = recovery_codes::table.filter(
        recovery_codes::user_id.eq(user).and(recovery_codes::code_hash.eq(hash)).and(recovery_codes::used_at.is_null()),
    );
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(now)).execute(tx.conn())? == 1)
}

/// Recovery codes that a person can still use.
///
/// # Errors
/// When the database does not answer.
pub fn codes_left(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, AppError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::user_id.eq(user).and(recovery_codes::used_at.is_null()))
        .count()
        .get_result(tx.conn())?)
}

/// Secrets of apps that another key than this encrypted, some at a time; the command line only.
///
/// # Errors
/// When the database does not answer.
pub fn factors_otherwise(
    tx: &mut SystemTx<'_>,
    key_id: &str,
    after: Option<UserId>,
) -> Result<Vec<(UserId, Sealed)>, AppError> {
    let mut rows = second_factors::table.filter(second_factors::key_id.ne(key_id.to_owned())).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(second_factors::user_id.gt(after));
    }
    let rows: Vec<(UserId, Vec<u8>, String)> = rows
        .order(second_factors::user_id)
        .limit(500)
        .select((second_factors::user_id, second_factors::secret, second_factors::key_id))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(user, bytes, key_id)| (user, Sealed { bytes, key_id })).collect())
}

/// Puts a secret in place of the same one under another key, unless it was replaced meanwhile.
///
/// # Errors
/// When the database does not answer.
pub fn seal_factor_anew(tx: &mut SystemTx<'_>, user: UserId, old: &Sealed, new: &Sealed) -> Result<usize, AppError> {
    let same = second_factors::user_id.eq(user).and(second_factors::secret.eq(&old.bytes));
    Ok(diesel::update(second_factors::table.filter(same))
        .set((second_factors::secret.eq(&new.bytes), second_factors::key_id.eq(&new.key_id)))
        .execute(tx.conn())?)
}
