//! Accounts. They belong to no program, so page roles cannot change them: everything here is a system transaction.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::db::schema::users;
use crate::people::UserStatus;
use crate::values::{Email, Name, Theme, Zone};
use crate::web::error::AppError;

/// An account, with its secret: never handed to a template.
#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub status: UserStatus,
    pub is_system: bool,
    pub time_zone: Option<String>,
    pub single_keys: bool,
    pub auth_version: i32,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub second_factor_at: Option<DateTime<Utc>>,
}

/// The account of an address.
///
/// # Errors
/// When the database does not answer.
pub fn by_email(tx: &mut SystemTx<'_>, email: &Email) -> Result<Option<Account>, AppError> {
    Ok(users::table.filter(users::email.eq(email.as_str())).select(Account::as_select()).first(tx.conn()).optional()?)
}

/// One account.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn account(tx: &mut SystemTx<'_>, user: UserId) -> Result<Account, AppError> {
    Ok(users::table.find(user).select(Account::as_select()).first(tx.conn())?)
}

/// Every account, by address.
///
/// # Errors
/// When the database does not answer.
pub fn accounts(tx: &mut SystemTx<'_>) -> Result<Vec<Account>, AppError> {
    Ok(users::table.order(users::email).select(Account::as_select()).load(tx.conn())?)
}

/// Whether nobody exists yet: then the set-up page is open.
///
/// # Errors
/// When the database does not answer.
pub fn is_empty(tx: &mut SystemTx<'_>) -> Result<bool, AppError> {
    Ok(!diesel::select(exists(users::table.select(users::id))).get_result::<bool>(tx.conn())?)
}

/// Keeps everybody else from making or changing accounts until this transaction ends, so that what was counted
/// stays true: that nobody exists yet, that another system administrator is left.
///
/// # Errors
/// When the database does not answer.
pub fn hold_all(tx: &mut SystemTx<'_>) -> Result<(), AppError> {
    Ok(tx.conn().batch_execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")?)
}

/// A new account.
pub struct NewAccount {
    /// Address.
    pub email: Email,
    /// Name.
    pub name: Name,
    /// Hash of the password.
    pub password_hash: String,
    /// Whether it is a system administrator's.
    pub is_system: bool,
}

/// Makes an active account; none when the address is taken.
///
/// # Errors
/// When the database does not answer.
pub fn create(tx: &mut SystemTx<'_>, new: &NewAccount) -> Result<Option<UserId>, AppError> {
    let (id, now) = (UserId::new(), tx.now());
    let made = diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(new.email.as_str()),
            users::name.eq(new.name.as_str()),
            users::password_hash.eq(&new.password_hash),
            users::status.eq(UserStatus::Active),
            users::is_system.eq(new.is_system),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .on_conflict(users::email)
        .do_nothing()
        .execute(tx.conn())?;
    Ok((made == 1).then_some(id))
}

/// What people change of their own account.
pub struct Profile {
    /// Name.
    pub name: Name,
    /// Zone; none means the partner's.
    pub zone: Option<Zone>,
    /// Whether single-key shortcuts are on.
    pub single_keys: bool,
}

/// Saves a profile; false when the account is no longer at that version.
///
/// # Errors
/// When the database does not answer.
pub fn update_profile(tx: &mut SystemTx<'_>, user: UserId, profile: &Profile, version: i32) -> Result<bool, AppError> {
    let now = tx.now();
    let saved = diesel::update(users::table.filter(users::id.eq(user).and(users::version.eq(version))))
        .set((
            users::name.eq(profile.name.as_str()),
            users::time_zone.eq(profile.zone.as_ref().map(Zone::as_str)),
            users::single_keys.eq(profile.single_keys),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(saved == 1)
}

/// Saves a choice of colours.
///
/// # Errors
/// When the database does not answer.
pub fn set_theme(tx: &mut SystemTx<'_>, user: UserId, theme: Theme) -> Result<(), AppError> {
    diesel::update(users::table.find(user)).set(users::theme.eq(theme)).execute(tx.conn())?;
    Ok(())
}

/// Saves a password's hash, and kills the links that were sent while the old one counted, unless the sessions were ended (so perhaps the password changed) since `auth_version` was
/// read; then false.
///
/// # Errors
/// When the database does not answer.
pub fn set_password(tx: &mut SystemTx<'_>, user: UserId, hash: &str, auth_version: i32) -> Result<bool, AppError> {
    let now = tx.now();
    let saved = diesel::update(users::table.filter(users::id.eq(user).and(users::auth_version.eq(auth_version))))
        .set((users::password_hash.eq(hash), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    if saved == 1 {
        super::void_links(tx, user)?;
    }
    Ok(saved == 1)
}

/// Saves how an account stands.
///
/// # Errors
/// When the database does not answer.
pub fn set_status(tx: &mut SystemTx<'_>, user: UserId, status: UserStatus) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(users::table.find(user))
        .set((users::status.eq(status), users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// System administrators who can sign in, but one.
///
/// # Errors
/// When the database does not answer.
pub fn other_system_admins(tx: &mut SystemTx<'_>, but: UserId) -> Result<i64, AppError> {
    Ok(users::table
        .filter(users::is_system.and(users::status.eq(UserStatus::Active)).and(users::id.ne(but)))
        .count()
        .get_result(tx.conn())?)
}
