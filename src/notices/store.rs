//! The outbox as its recipients read it. Everything here is about one's own letters: who asks comes from the session.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use crate::access::MemberRole;
use crate::db::ids::{LetterId, PartnerId, UserId};
use crate::db::schema::{memberships, outbox, partners, roles, users};
use crate::db::{SystemTx, counted};
use crate::mail::Letter;
use crate::partners::model::Status;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// The sidebar counts so far.
const COUNTED: i64 = 100;

/// A notification as it is stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = outbox)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Stored {
    pub id: LetterId,
    pub partner_id: Option<PartnerId>,
    pub letter: serde_json::Value,
    pub subject: String,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// A person's own notifications, without those about partners that are none of their business any more.
fn visible(user: UserId) -> outbox::BoxedQuery<'static, Pg> {
    // A plain user of a hosting partner, or a role that sees its own partner, sees no other.
    let wide = roles::table.filter(roles::program_wide).select(roles::id.nullable());
    let still_host = partners::is_hosting
        .and(partners::status.eq_any([Status::Active, Status::Offboarding]))
        .and(memberships::role.ne(MemberRole::User))
        .and(memberships::role_id.is_null().or(memberships::role_id.eq_any(wide)))
        .and(memberships::program_id.nullable().eq(outbox::program_id));
    let of_it = memberships::partner_id.nullable().eq(outbox::partner_id).and(not(outbox::hosts_only));
    let may_act = memberships::table
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::user_id.eq(user).and(memberships::suspended_at.is_null()))
        .filter(partners::status.ne(Status::Archived))
        .filter(of_it.or(still_host))
        .select(memberships::id);
    let is_system = users::table.find(user).filter(users::is_system).select(users::id);
    outbox::table
        .filter(outbox::user_id.eq(user).and(outbox::kind.eq_any(Letter::NOTICES)))
        .filter(outbox::partner_id.is_null().or(exists(may_act)).or(exists(is_system)))
        .into_boxed()
}

/// What a person did not read, to a hundred; to be counted.
fn unread(user: UserId) -> outbox::BoxedQuery<'static, Pg, SqlUuid> {
    visible(user).filter(outbox::read_at.is_null()).select(outbox::id).limit(COUNTED)
}

/// How many that are.
///
/// # Errors
/// When the database does not answer.
pub fn count_unread(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, AppError> {
    Ok(counted(unread(user), tx.conn())?)
}

/// One page, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut SystemTx<'_>, user: UserId, unread: bool, page: &Keyset) -> Result<Vec<Stored>, AppError> {
    let mut rows = visible(user);
    if unread {
        rows = rows.filter(outbox::read_at.is_null());
    }
    if let Some(at) = &page.at
        && let Some(moment) = at.moment()
    {
        let sign = if page.backward { ">" } else { "<" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(outbox.created_at, outbox.id) {sign} ("))
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((outbox::created_at.asc(), outbox::id.asc()))
    } else {
        rows.order((outbox::created_at.desc(), outbox::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Stored::as_select()).load(tx.conn())?)
}

/// One notification, read from now on.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one's own.
pub fn read(tx: &mut SystemTx<'_>, user: UserId, id: LetterId) -> Result<Stored, AppError> {
    let found: Stored = visible(user).filter(outbox::id.eq(id)).select(Stored::as_select()).first(tx.conn())?;
    mark(tx, user, &[id])?;
    Ok(found)
}

/// Everything a person may see is read from now on; returns how many were not.
///
/// # Errors
/// When the database does not answer.
pub fn read_all(tx: &mut SystemTx<'_>, user: UserId) -> Result<usize, AppError> {
    let unread: Vec<LetterId> = visible(user).filter(outbox::read_at.is_null()).select(outbox::id).load(tx.conn())?;
    mark(tx, user, &unread)
}

fn mark(tx: &mut SystemTx<'_>, user: UserId, ids: &[LetterId]) -> Result<usize, AppError> {
    let now = tx.now();
    let own = outbox::table.filter(outbox::user_id.eq(user).and(outbox::id.eq_any(ids)).and(outbox::read_at.is_null()));
    Ok(diesel::update(own).set(outbox::read_at.eq(now)).execute(tx.conn())?)
}
