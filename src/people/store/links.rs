//! Ways back: links to choose a new password and to confirm a new address. Accounts have no scope: system
//! transactions only.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Int4, Text, Timestamptz};
use uuid::Uuid;

use super::Account;
use crate::access::link::Purpose;
use crate::db::SystemTx;
use crate::db::ids::{PartnerId, ProgramId, UserId};
use crate::db::schema::{email_changes, invitations, memberships, partners, password_resets, programs, users};
use crate::web::error::AppError;

/// The newest link of a person for one purpose.
#[derive(Queryable, Clone, Debug)]
pub struct Sent {
    /// Its version.
    pub version: i32,
    /// From this moment on it is refused.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

impl Sent {
    /// Whether it can still be used.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// The address that a link was sent to, as the record has it now: what its proof is made from.
///
/// # Errors
/// When the database does not answer.
pub fn address_of(tx: &mut SystemTx<'_>, purpose: Purpose, id: Uuid) -> Result<Option<String>, AppError> {
    let found = match purpose {
        Purpose::Invitation => {
            invitations::table.filter(invitations::id.eq(id)).select(invitations::email).first(tx.conn())
        }
        Purpose::Reset => users::table.filter(users::id.eq(id)).select(users::email).first(tx.conn()),
        Purpose::Email => {
            email_changes::table.filter(email_changes::user_id.eq(id)).select(email_changes::email).first(tx.conn())
        }
    };
    Ok(found.optional()?)
}

/// An account that nobody else changes until the transaction ends.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn held_account(tx: &mut SystemTx<'_>, user: UserId) -> Result<Account, AppError> {
    Ok(users::table.find(user).select(Account::as_select()).for_no_key_update().first(tx.conn())?)
}

/// The partner that a person joined first: their history is its history too.
///
/// # Errors
/// When the database does not answer.
pub fn home(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<(ProgramId, PartnerId)>, AppError> {
    Ok(memberships::table
        .filter(memberships::user_id.eq(user))
        .order((memberships::created_at, memberships::id))
        .select((memberships::program_id, memberships::partner_id))
        .first(tx.conn())
        .optional()?)
}

/// Names of a person's partners and programs: words that their password must not have.
///
/// # Errors
/// When the database does not answer.
pub fn surroundings(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<String>, AppError> {
    let pairs: Vec<(String, String)> = memberships::table
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .inner_join(programs::table.on(programs::id.eq(memberships::program_id)))
        .filter(memberships::user_id.eq(user))
        .limit(50)
        .select((partners::name, programs::name))
        .load(tx.conn())?;
    Ok(pairs.into_iter().flat_map(|(partner, program)| [partner, program]).collect())
}

/// Whether a person is a member of anything outside a program.
///
/// # Errors
/// When the database does not answer.
pub fn is_elsewhere_too(tx: &mut SystemTx<'_>, user: UserId, program: ProgramId) -> Result<bool, AppError> {
    let others = memberships::table
        .filter(memberships::user_id.eq(user).and(memberships::program_id.ne(program)))
        .select(memberships::id);
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(tx.conn())?)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Int4)]
    link_version: i32,
}

/// A new link for the account of an address, if it is one that can sign in by password; the older ones are dead.
/// It is one statement whoever the address belongs to.
///
/// # Errors
/// When the database does not answer.
pub fn reset_of_address(
    tx: &mut SystemTx<'_>,
    email: &str,
    expires_at: DateTime<Utc>,
) -> Result<Option<i32>, AppError> {
    let now = tx.now();
    let made: Option<Version> = diesel::sql_query(
        "INSERT INTO password_resets AS r (user_id, expires_at, created_at)
         SELECT id, $2, $3 FROM users WHERE email = $1 AND status = 'active' AND password_hash IS NOT NULL
         ON CONFLICT (user_id) DO UPDATE SET link_version = r.link_version + 1, expires_at = $2, created_at = $3, used_at = NULL
         RETURNING link_version",
    )
    .bind::<Text, _>(email)
    .bind::<Timestamptz, _>(expires_at)
    .bind::<Timestamptz, _>(now)
    .get_result(tx.conn())
    .optional()?;
    Ok(made.map(|made| made.link_version))
}

/// A new link for an account; the older ones are dead.
///
/// # Errors
/// When the database does not answer.
pub fn reset_of(tx: &mut SystemTx<'_>, user: UserId, expires_at: DateTime<Utc>) -> Result<i32, AppError> {
    let now = tx.now();
    Ok(diesel::insert_into(password_resets::table)
        .values((
            password_resets::user_id.eq(user),
            password_resets::expires_at.eq(expires_at),
            password_resets::created_at.eq(now),
        ))
        .on_conflict(password_resets::user_id)
        .do_update()
        .set((
            password_resets::link_version.eq(password_resets::link_version + 1),
            password_resets::expires_at.eq(expires_at),
            password_resets::created_at.eq(now),
            password_resets::used_at.eq(None::<DateTime<Utc>>),
        ))
        .returning(password_resets::link_version)
        .get_result(tx.conn())?)
}

/// The newest link of a person to choose a password.
///
/// # Errors
/// When the database does not answer.
pub fn reset(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<Sent>, AppError> {
    Ok(password_resets::table
        .find(user)
        .select((password_resets::link_version, password_resets::expires_at, password_resets::used_at))
        .first(tx.conn())
        .optional()?)
}

/// Uses a link up; false when it is not the newest, was used, or ran out.
///
/// # Errors
/// When the database does not answer.
pub fn use_reset(tx: &mut SystemTx<'_>, user: UserId, version: i32) -> Result<bool, AppError> {
    let now = tx.now();
    let live = password_resets::table.filter(
        password_resets::user_id
            .eq(user)
            .and(password_resets::link_version.eq(version))
            .and(password_resets::used_at.is_null())
            .and(password_resets::expires_at.gt(now)),
    );
    let used: Option<UserId> = diesel::update(live)
        .set(password_resets::used_at.eq(now))
        .returning(password_resets::user_id)
        .get_result(tx.conn())
        .optional()?;
    Ok(used.is_some())
}

/// Kills the links of a person that were not used yet.
///
/// # Errors
/// When the database does not answer.
pub fn void_links(tx: &mut SystemTx<'_>, user: UserId) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(
        password_resets::table.filter(password_resets::user_id.eq(user).and(password_resets::expires_at.gt(now))),
    )
    .set(password_resets::expires_at.eq(now))
    .execute(tx.conn())?;
    diesel::update(email_changes::table.filter(email_changes::user_id.eq(user).and(email_changes::expires_at.gt(now))))
        .set(email_changes::expires_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Does some work, and takes it back unless it is to be kept: it takes the same time either way.
///
/// # Errors
/// Those of the work.
pub fn kept_or_not<T>(
    tx: &mut SystemTx<'_>,
    keep: bool,
    work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError>,
) -> Result<T, AppError> {
    tx.conn().batch_execute("SAVEPOINT perhaps")?;
    let done = work(tx)?;
    tx.conn().batch_execute(if keep { "RELEASE SAVEPOINT perhaps" } else { "ROLLBACK TO SAVEPOINT perhaps" })?;
    Ok(done)
}

/// Notes a new address that waits to be confirmed; the link of an older one is dead.
///
/// # Errors
/// When the database does not answer.
pub fn ask_email(tx: &mut SystemTx<'_>, user: UserId, email: &str, expires_at: DateTime<Utc>) -> Result<i32, AppError> {
    let now = tx.now();
    Ok(diesel::insert_into(email_changes::table)
        .values((
            email_changes::user_id.eq(user),
            email_changes::email.eq(email),
            email_changes::expires_at.eq(expires_at),
            email_changes::created_at.eq(now),
        ))
        .on_conflict(email_changes::user_id)
        .do_update()
        .set((
            email_changes::email.eq(email),
            email_changes::link_version.eq(email_changes::link_version + 1),
            email_changes::expires_at.eq(expires_at),
            email_changes::created_at.eq(now),
            email_changes::used_at.eq(None::<DateTime<Utc>>),
        ))
        .returning(email_changes::link_version)
        .get_result(tx.conn())?)
}

/// The newest address that a person asked for, and its link.
///
/// # Errors
/// When the database does not answer.
pub fn email_change(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<(String, Sent)>, AppError> {
    Ok(email_changes::table
        .find(user)
        .select((
            email_changes::email,
            (email_changes::link_version, email_changes::expires_at, email_changes::used_at),
        ))
        .first(tx.conn())
        .optional()?)
}

/// Uses a link up: the address that it confirms; none when it is not the newest, was used, or ran out.
///
/// # Errors
/// When the database does not answer.
pub fn use_email_change(tx: &mut SystemTx<'_>, user: UserId, version: i32) -> Result<Option<String>, AppError> {
    let now = tx.now();
    let live = email_changes::table.filter(
        email_changes::user_id
            .eq(user)
            .and(email_changes::link_version.eq(version))
            .and(email_changes::used_at.is_null())
            .and(email_changes::expires_at.gt(now)),
    );
    Ok(diesel::update(live)
        .set(email_changes::used_at.eq(now))
        .returning(email_changes::email)
        .get_result(tx.conn())
        .optional()?)
}

/// Saves an address that its owner confirmed.
///
/// # Errors
/// [`AppError::Refused`] when another account has it.
pub fn set_email(tx: &mut SystemTx<'_>, user: UserId, email: &str) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(users::table.find(user))
        .set((users::email.eq(email), users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(tx.conn())
        .map_err(|error| match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
                if info.constraint_name() == Some("users_email_key") =>
            {
                AppError::Refused("There is another account with this address. Choose another address.".into())
            }
            _ => error.into(),
        })?;
    Ok(())
}
