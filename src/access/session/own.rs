//! What people do with their own sessions, and what ends them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::Lifetimes;
use crate::access::Actor;
use crate::db::SystemTx;
use crate::db::ids::{MembershipId, ProgramId, SessionId, UserId};
use crate::db::schema::{memberships, sessions, users};
use crate::web::error::AppError;

/// A session as its owner sees it.
#[derive(Queryable, Clone, Debug)]
pub struct SessionLine {
    /// Its id.
    pub id: SessionId,
    /// Address at sign-in.
    pub address: String,
    /// Browser at sign-in.
    pub agent: String,
    /// Sign-in.
    pub created_at: DateTime<Utc>,
    /// Last request, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// The live sessions of a person, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut SystemTx<'_>, user: UserId, lifetimes: Lifetimes) -> Result<Vec<SessionLine>, AppError> {
    let now = tx.now();
    Ok(sessions::table
        .inner_join(users::table)
        .filter(
            sessions::user_id
                .eq(user)
                .and(sessions::ended_at.is_null())
                .and(sessions::auth_version.eq(users::auth_version)),
        )
        .filter(sessions::last_seen_at.gt(now - TimeDelta::minutes(lifetimes.idle_minutes)))
        .filter(sessions::created_at.gt(now - TimeDelta::hours(lifetimes.absolute_hours)))
        .order((sessions::last_seen_at.desc(), sessions::id))
        .select((sessions::id, sessions::address, sessions::agent, sessions::created_at, sessions::last_seen_at))
        .load(tx.conn())?)
}

/// Ends one session of a person; false when it was not theirs or had ended.
///
/// # Errors
/// When the database does not answer.
pub fn end_one(tx: &mut SystemTx<'_>, user: UserId, session: SessionId) -> Result<bool, AppError> {
    let now = tx.now();
    let ended = diesel::update(
        sessions::table
            .filter(sessions::id.eq(session).and(sessions::user_id.eq(user)).and(sessions::ended_at.is_null())),
    )
    .set(sessions::ended_at.eq(now))
    .execute(tx.conn())?;
    Ok(ended == 1)
}

/// Ends every session of a person but one, also those that are being made at this moment. Returns how many ended.
///
/// # Errors
/// When the database does not answer.
pub fn end_all(tx: &mut SystemTx<'_>, user: UserId, but: Option<SessionId>) -> Result<usize, AppError> {
    let now = tx.now();
    let version: i32 = diesel::update(users::table.find(user))
        .set(users::auth_version.eq(users::auth_version + 1))
        .returning(users::auth_version)
        .get_result(tx.conn())?;
    let live = sessions::table.filter(sessions::user_id.eq(user).and(sessions::ended_at.is_null()));
    if let Some(kept) = but {
        diesel::update(live.filter(sessions::id.eq(kept)))
            .set(sessions::auth_version.eq(version))
            .execute(tx.conn())?;
    }
    Ok(diesel::update(live.filter(sessions::id.nullable().is_distinct_from(but)))
        .set(sessions::ended_at.eq(now))
        .execute(tx.conn())?)
}

/// Acts with another membership of one's own from the next request on; false when it is not one's own.
///
/// # Errors
/// When the database does not answer.
pub fn switch_membership(tx: &mut SystemTx<'_>, actor: &Actor, to: MembershipId) -> Result<bool, AppError> {
    let (Some(user), Some(session), None) = (actor.user, actor.session, &actor.viewer) else { return Ok(false) };
    let own = memberships::table.filter(memberships::id.eq(to).and(memberships::user_id.eq(user)));
    if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(tx.conn())? {
        return Ok(false);
    }
    diesel::update(sessions::table.find(session)).set(sessions::membership_id.eq(to)).execute(tx.conn())?;
    Ok(true)
}

/// Opens a program for a system administrator from the next request on.
///
/// # Errors
/// When the database does not answer.
pub fn switch_program(tx: &mut SystemTx<'_>, actor: &Actor, to: ProgramId) -> Result<(), AppError> {
    if let (Some(session), None) = (actor.session, &actor.viewer) {
        diesel::update(sessions::table.find(session)).set(sessions::program_id.eq(to)).execute(tx.conn())?;
    }
    Ok(())
}

/// Deletes sessions that ended or ran out long ago.
///
/// # Errors
/// When the database does not answer.
pub fn sweep(tx: &mut SystemTx<'_>) -> Result<usize, AppError> {
    let before = tx.now() - TimeDelta::days(30);
    Ok(diesel::delete(sessions::table.filter(sessions::last_seen_at.lt(before))).execute(tx.conn())?)
}
