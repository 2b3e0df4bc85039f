//! The queue: what comes next, what was put off, and how many are before one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};

use super::visible;
use super::{Rows, in_tab};
use crate::db::ids::{IntegrationId, ProgramId, UserId};
use crate::db::schema::{integrations, review_snoozes};
use crate::db::{ReadTx, SystemTx};
use crate::integrations::model::Integration;
use crate::integrations::stage::Tab;
use crate::web::error::AppError;

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    id: IntegrationId,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// The places of some integrations, found in scope before, in the queue of the whole program; 1 is next. Only
/// what waits has one.
///
/// # Errors
/// When the database does not answer.
pub fn places(
    tx: &mut SystemTx<'_>,
    program: ProgramId,
    ids: &[IntegrationId],
) -> Result<HashMap<IntegrationId, i64>, AppError> {
    let found: Vec<Place> = crate::db::statement(
        "SELECT own.id, (SELECT count(*) FROM integrations other WHERE other.program_id = $1 AND other.expected_at IS NOT NULL
           AND (other.expected_at, other.id) <= (own.expected_at, own.id)) AS place
         FROM integrations own WHERE own.program_id = $1 AND own.expected_at IS NOT NULL AND own.id = ANY ($2)",
    )
    .bind::<SqlUuid, _>(program)
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .load(tx.conn())?;
    Ok(found.into_iter().map(|one| (one.id, one.place)).collect())
}

/// What a reviewer put off, until a moment after `now`.
///
/// # Errors
/// When the database does not answer.
pub fn snoozed(tx: &mut ReadTx<'_>, person: UserId) -> Result<HashMap<IntegrationId, DateTime<Utc>>, AppError> {
    let now = tx.now();
    let rows: Vec<(IntegrationId, DateTime<Utc>)> = visible(tx)
        .inner_join(review_snoozes::table.on(review_snoozes::integration_id.eq(integrations::id)))
        .filter(review_snoozes::user_id.eq(person).and(review_snoozes::until.gt(now)))
        .select((integrations::id, review_snoozes::until))
        .limit(1000)
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// The next one in the queue that nobody else reviews and that is neither put off nor one's own submission: after a
/// place in it, or before that; else from its beginning, or its end.
///
/// # Errors
/// When the database does not answer.
pub fn next(
    tx: &mut ReadTx<'_>,
    person: UserId,
    from: Option<&Integration>,
    back: bool,
) -> Result<Option<IntegrationId>, AppError> {
    if let Some(found) = turned(open_to(tx, person)?, tx, from, back)? {
        return Ok(Some(found));
    }
    // Round again: whatever waits but the one that was looked at.
    let mut rows = open_to(tx, person)?;
    if let Some(one) = from {
        rows = rows.filter(integrations::id.ne(one.id));
    }
    turned(rows, tx, None, back)
}

/// What a reviewer could take up now.
fn open_to(tx: &mut ReadTx<'_>, person: UserId) -> Result<Rows, AppError> {
    let put_off: Vec<IntegrationId> = snoozed(tx, person)?.into_keys().collect();
    Ok(in_tab(visible(tx), Tab::InReview)
        .filter(integrations::assignee_id.is_null().or(integrations::assignee_id.eq(person)))
        .filter(integrations::submitted_by.is_null().or(integrations::submitted_by.ne(person)))
        .filter(integrations::id.ne_all(put_off)))
}

fn turned(
    mut rows: Rows,
    tx: &mut ReadTx<'_>,
    from: Option<&Integration>,
    back: bool,
) -> Result<Option<IntegrationId>, AppError> {
    use integrations::{expected_at, id};
    if let Some((here, at)) = from.and_then(|one| Some((one.id, one.expected_at?))) {
        rows = if back {
            rows.filter(expected_at.lt(at).or(expected_at.eq(at).and(id.lt(here))))
        } else {
            rows.filter(expected_at.gt(at).or(expected_at.eq(at).and(id.gt(here))))
        };
    }
    let rows =
        if back { rows.order((expected_at.desc(), id.desc())) } else { rows.order((expected_at.asc(), id.asc())) };
    Ok(rows.select(id).first(tx.conn()).optional()?)
}

/// Puts one off for a person, or no longer. It was found in scope before.
///
/// # Errors
/// When the database does not answer.
pub fn snooze(
    tx: &mut SystemTx<'_>,
    of: &Integration,
    person: UserId,
    until: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    let row = review_snoozes::integration_id.eq(of.id).and(review_snoozes::user_id.eq(person));
    diesel::delete(review_snoozes::table.filter(row)).execute(tx.conn())?;
    if let Some(until) = until {
        diesel::insert_into(review_snoozes::table)
            .values((
                review_snoozes::partner_id.eq(of.partner_id),
                review_snoozes::integration_id.eq(of.id),
                review_snoozes::user_id.eq(person),
                review_snoozes::until.eq(until),
            ))
            .on_conflict((review_snoozes::integration_id, review_snoozes::user_id))
            .do_update()
            .set(review_snoozes::until.eq(until))
            .execute(tx.conn())?;
    }
    Ok(())
}
