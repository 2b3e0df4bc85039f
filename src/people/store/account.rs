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

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    zone: Option<String>,
}

/// The zone that moments are written in for somebody in a letter: their own, else that of the partner they joined
/// first, else that of the oldest program.
///
/// # Errors
/// When the database does not answer.
pub fn zone(tx: &mut SystemTx<'_>, user: UserId) -> Result<chrono_tz::Tz, AppError> {
    let found: Named = diesel::sql_query(
        "SELECT coalesce((SELECT time_zone FROM users WHERE id = $1),
           (SELECT p.time_zone FROM memberships m JOIN partners p ON p.id = m.partner_id WHERE m.user_id = $1 ORDER BY m.created_at, m.id LIMIT 1),
           (SELECT time_zone FROM programs ORDER BY created_at, id LIMIT 1)) AS zone",
    )
    .bind::<diesel::sql_types::Uuid, _>(user)
    .get_result(tx.conn())?;
    Ok(found.zone.and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC))
}

/// A membership of somebody that is suspended.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "as the columns of the query are called")]
pub struct Suspended {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub partner: String,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub reason: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    pub by: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    pub contact: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    pub contact_email: Option<String>,
}

/// The memberships of an account that are suspended: by whom, why, and whom to ask. That is the partner's primary
/// contact or, where that is nobody or the person, its longest administrator.
///
/// # Errors
/// When the database does not answer.
pub fn suspended(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<Suspended>, AppError> {
    Ok(diesel::sql_query(
        "SELECT p.name AS partner, m.suspended_at AS since, m.suspended_reason AS reason, c.name AS contact, c.email AS contact_email,
           (SELECT a.actor_name FROM activity a WHERE a.partner_id = p.id AND a.kind = 'MemberSuspended'
             AND a.event ->> 'user' = m.user_id::text ORDER BY a.at DESC, a.id DESC LIMIT 1) AS by
         FROM memberships m JOIN partners p ON p.id = m.partner_id
         LEFT JOIN LATERAL (SELECT u.name, u.email FROM memberships o JOIN users u ON u.id = o.user_id
           WHERE o.partner_id = p.id AND o.user_id <> m.user_id AND o.suspended_at IS NULL AND u.status = 'active'
             AND (o.role = 'admin' OR u.id = p.primary_contact_id)
           ORDER BY u.id IS NOT DISTINCT FROM p.primary_contact_id DESC, o.created_at, o.id LIMIT 1) c ON true
         WHERE m.user_id = $1 AND m.suspended_at IS NOT NULL AND p.status <> 'archived' ORDER BY m.created_at, m.id",
    )
    .bind::<diesel::sql_types::Uuid, _>(user)
    .load(tx.conn())?)
}
