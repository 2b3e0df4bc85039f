//! All SQL of marks and readers. Persons read them in their scope; the portal writes them, since they are nobody's act.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::Scope;
use crate::db::ids::UserId;
use crate::db::schema::{review_marks, review_readers};
use crate::db::{ReadTx, SystemTx};
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::web::error::AppError;

/// How long somebody counts as reading after the page was last asked for; it asks again every few seconds.
const READS: TimeDelta = TimeDelta::minutes(2);

/// The marks on an integration that was found in scope; a partner's people have none.
fn visible(tx: &ReadTx<'_>, of: &Integration) -> review_marks::BoxedQuery<'static, Pg> {
    let rows = review_marks::table.into_boxed();
    match tx.scope() {
        Scope::Program(_) => {
            rows.filter(review_marks::partner_id.eq(of.partner_id).and(review_marks::integration_id.eq(of.id)))
        }
        Scope::Everything | Scope::Partner { .. } => rows.filter(review_marks::submission.lt(0)),
    }
}

/// Which pages a person looked at, of which submission; latest submission first.
///
/// # Errors
/// When the database does not answer.
pub fn marks(tx: &mut ReadTx<'_>, of: &Integration, person: UserId) -> Result<Vec<(PageName, i32)>, AppError> {
    if !matches!(tx.scope(), Scope::Program(_)) {
        return Ok(Vec::new());
    }
    Ok(visible(tx, of)
        .filter(review_marks::user_id.eq(person))
        .order((review_marks::submission.desc(), review_marks::page))
        .limit(500)
        .select((review_marks::page, review_marks::submission))
        .load(tx.conn())?)
}

/// Others who have the review open now, by name.
///
/// # Errors
/// When the database does not answer.
pub fn readers(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<(UserId, String)>, AppError> {
    if !matches!(tx.scope(), Scope::Program(_)) {
        return Ok(Vec::new());
    }
    let mut rows = review_readers::table
        .filter(review_readers::partner_id.eq(of.partner_id).and(review_readers::integration_id.eq(of.id)))
        .filter(review_readers::seen_at.gt(tx.now() - READS))
        .into_boxed();
    if let Some(me) = tx.actor().user() {
        rows = rows.filter(review_readers::user_id.ne(me));
    }
    Ok(rows
        .order((review_readers::user_name, review_readers::user_id))
        .limit(5)
        .select((review_readers::user_id, review_readers::user_name))
        .load(tx.conn())?)
}

/// Marks a page of the last submission as looked at. The integration was found in scope before.
///
/// # Errors
/// When the database does not answer.
pub fn mark(tx: &mut SystemTx<'_>, of: &Integration, person: UserId, page: PageName) -> Result<(), AppError> {
    let now: DateTime<Utc> = tx.now();
    diesel::insert_into(review_marks::table)
        .values((
            review_marks::partner_id.eq(of.partner_id),
            review_marks::integration_id.eq(of.id),
            review_marks::user_id.eq(person),
            review_marks::page.eq(page),
            review_marks::submission.eq(of.submission),
            review_marks::viewed_at.eq(now),
        ))
        .on_conflict((
            review_marks::integration_id,
            review_marks::user_id,
            review_marks::page,
            review_marks::submission,
        ))
        .do_nothing()
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that a person has the review open. The integration was found in scope before.
///
/// # Errors
/// When the database does not answer.
pub fn reads(tx: &mut SystemTx<'_>, of: &Integration, person: UserId, name: &str) -> Result<(), AppError> {
    let now = tx.now();
    diesel::insert_into(review_readers::table)
        .values((
            review_readers::partner_id.eq(of.partner_id),
            review_readers::integration_id.eq(of.id),
            review_readers::user_id.eq(person),
            review_readers::user_name.eq(name),
            review_readers::seen_at.eq(now),
        ))
        .on_conflict((review_readers::integration_id, review_readers::user_id))
        .do_update()
        .set((review_readers::seen_at.eq(now), review_readers::user_name.eq(name)))
        .execute(tx.conn())?;
    Ok(())
}
