//! What the reminders of a day are made from, for the clock: transactions without a person.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::access::MemberRole;
use crate::db::SystemTx;
use crate::db::ids::{IntegrationId, PartnerId, ProgramId, UserId};
use crate::db::schema::{integration_reminders as reminders, integrations, memberships, partners, programs, users};
use crate::integrations::stage::{Revision, State};
use crate::partners::model::Status;
use crate::people::UserStatus;
use crate::values::{Choice, Zone, choice};
use crate::web::error::AppError;

/// Items of a program that are looked at on one day.
const MOST: i64 = 5000;

choice! {
    /// What somebody is reminded of.
    Kind {
        /// A review past its expected date.
        Late = "late" / "Late",
        /// Changes that nobody made yet.
        Owed = "owed" / "Owed",
    }
}

/// A program and the day for which it was reminded last.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Program {
    pub id: ProgramId,
    pub name: String,
    pub zone: Zone,
    pub reminded_on: Option<NaiveDate>,
}

/// All programs.
///
/// # Errors
/// When the database does not answer.
pub fn programs(tx: &mut SystemTx<'_>) -> Result<Vec<Program>, AppError> {
    Ok(programs::table
        .order(programs::id)
        .select((programs::id, programs::name, programs::time_zone, programs::reminded_on))
        .load(tx.conn())?)
}

/// Takes a program's day: of several instances one gets it, once.
///
/// # Errors
/// When the database does not answer.
pub fn take_day(tx: &mut SystemTx<'_>, program: ProgramId, day: NaiveDate) -> Result<bool, AppError> {
    let free = programs::reminded_on.is_null().or(programs::reminded_on.lt(day).assume_not_null());
    let row = programs::table.filter(programs::id.eq(program).and(free));
    Ok(diesel::update(row).set(programs::reminded_on.eq(day)).execute(tx.conn())? == 1)
}

/// An integration that waits for somebody.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Waits {
    pub id: IntegrationId,
    pub name: String,
    pub partner: PartnerId,
    pub partner_name: String,
    pub since: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub spent_minutes: i32,
    pub expected_at: Option<DateTime<Utc>>,
    pub assignee: Option<UserId>,
}

/// What a kind of reminder is about, in a program; nothing of partners that are not active: theirs is frozen.
///
/// # Errors
/// When the database does not answer.
pub fn waiting(tx: &mut SystemTx<'_>, program: ProgramId, kind: Kind) -> Result<Vec<Waits>, AppError> {
    let now = tx.now();
    let rows = integrations::table
        .inner_join(partners::table.on(partners::id.eq(integrations::partner_id)))
        .filter(integrations::program_id.eq(program).and(partners::status.eq(Status::Active)))
        .order((integrations::state_since, integrations::id))
        .limit(MOST)
        .select((
            integrations::id,
            integrations::name,
            partners::id,
            partners::name,
            integrations::state_since,
            integrations::submitted_at,
            integrations::spent_minutes,
            integrations::expected_at,
            integrations::assignee_id,
        ))
        .into_boxed();
    let rows = match kind {
        Kind::Late => rows.filter(integrations::expected_at.lt(now)),
        Kind::Owed => rows.filter(
            integrations::state
                .eq(State::ChangesRequested)
                .or(integrations::revision.is_not_distinct_from(Some(Revision::ChangesRequested))),
        ),
    };
    Ok(rows.load(tx.conn())?)
}

/// Somebody who may be reminded: an active account with a membership of an active partner.
#[derive(Queryable, Clone, Debug)]
pub struct Person {
    /// Their account.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The partner they are of.
    pub partner: PartnerId,
    /// Whether it hosts.
    pub is_hosting: bool,
    /// Their role there.
    pub role: MemberRole,
    /// Its primary contact.
    pub contact: Option<UserId>,
}

/// The people of the hosting partners and of some others.
///
/// # Errors
/// When the database does not answer.
pub fn people(tx: &mut SystemTx<'_>, program: ProgramId, of: &[PartnerId]) -> Result<Vec<Person>, AppError> {
    Ok(memberships::table
        .inner_join(users::table)
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::program_id.eq(program).and(memberships::suspended_at.is_null()))
        .filter(users::status.eq(UserStatus::Active).and(partners::status.eq(Status::Active)))
        .filter(partners::is_hosting.or(partners::id.eq_any(of)))
        .order((memberships::created_at, memberships::id))
        .select((
            users::id,
            users::name,
            users::email,
            partners::id,
            partners::is_hosting,
            memberships::role,
            partners::primary_contact_id,
        ))
        .load(tx.conn())?)
}

/// When people were reminded last of one kind of thing.
///
/// # Errors
/// When the database does not answer.
pub fn last(
    tx: &mut SystemTx<'_>,
    kind: Kind,
    of: &[IntegrationId],
) -> Result<HashMap<(IntegrationId, UserId), DateTime<Utc>>, AppError> {
    let rows: Vec<(IntegrationId, UserId, DateTime<Utc>)> = reminders::table
        .filter(reminders::integration_id.eq_any(of).and(reminders::kind.eq(kind.key())))
        .select((reminders::integration_id, reminders::user_id, reminders::sent_at))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(integration, user, at)| ((integration, user), at)).collect())
}

/// Notes that somebody was reminded.
///
/// # Errors
/// When the database does not answer.
pub fn note(tx: &mut SystemTx<'_>, of: &Waits, user: UserId, kind: Kind) -> Result<(), AppError> {
    let now = tx.now();
    diesel::insert_into(reminders::table)
        .values((
            reminders::partner_id.eq(of.partner),
            reminders::integration_id.eq(of.id),
            reminders::user_id.eq(user),
            reminders::kind.eq(kind.key()),
            reminders::sent_at.eq(now),
        ))
        .on_conflict((reminders::integration_id, reminders::kind, reminders::user_id))
        .do_update()
        .set(reminders::sent_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}
