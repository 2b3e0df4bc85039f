//! How a token is known, and what requests with an `Idempotency-Key` were answered.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::access::{Permission, Place};
use crate::db::ids::{PartnerId, ProgramId, TokenId};
use crate::db::schema::{api_answers, api_tokens, partners, programs};
use crate::db::{SystemTx, WriteTx};
use crate::web::error::AppError;

/// Hours that an answer is kept.
const KEPT_HOURS: i64 = 24;

/// A token that opens something now, with what it opens.
#[derive(Queryable)]
#[expect(missing_docs, reason = "as in the tables")]
pub struct Known {
    pub id: TokenId,
    pub name: String,
    pub scopes: serde_json::Value,
    pub last_used_at: Option<chrono::DateTime<chrono::Utc>>,
    pub partner: Option<(PartnerId, String, String, String, String)>,
    pub program: (ProgramId, String, String, String, String),
}

impl Known {
    /// The partner it acts for; none for a token of the program.
    pub fn partner(&self) -> Option<Place<PartnerId>> {
        let (id, code, name, ..) = self.partner.clone()?;
        Some(Place { id, code, name })
    }

    /// Its program.
    pub fn program(&self) -> Place<ProgramId> {
        Place { id: self.program.0, code: self.program.1.clone(), name: self.program.2.clone() }
    }

    /// Whether the partner is suspended.
    pub fn is_stopped(&self) -> bool {
        self.partner.as_ref().is_some_and(|partner| partner.3 == "suspended")
    }

    /// The partner's zone, or the program's.
    pub fn zone(&self) -> chrono_tz::Tz {
        let named = self.partner.as_ref().map_or(&self.program.4, |partner| &partner.4);
        named.parse().unwrap_or(chrono_tz::UTC)
    }

    /// Whether the program has a single organisation.
    pub fn is_single(&self) -> bool {
        self.program.3 == "single"
    }
}

/// The token of a hash, if it is neither revoked nor expired and its partner is not archived. Notes that it was used,
/// once a minute at the most.
///
/// # Errors
/// When the database does not answer.
pub fn known(tx: &mut SystemTx<'_>, hash: &[u8]) -> Result<Option<Known>, AppError> {
    let now = tx.now();
    let found: Option<Known> = api_tokens::table
        .left_join(partners::table.on(partners::id.nullable().eq(api_tokens::partner_id)))
        .inner_join(programs::table.on(programs::id.eq(api_tokens::program_id)))
        .filter(api_tokens::token_hash.eq(hash))
        .filter(api_tokens::revoked_at.is_null().and(api_tokens::expires_at.gt(now)))
        .filter(api_tokens::partner_id.is_null().or(partners::status.nullable().ne("archived").assume_not_null()))
        .select((
            api_tokens::id,
            api_tokens::name,
            api_tokens::scopes,
            api_tokens::last_used_at,
            (partners::id, partners::code, partners::name, partners::status, partners::time_zone).nullable(),
            (programs::id, programs::code, programs::name, programs::model, programs::time_zone),
        ))
        .first(tx.conn())
        .optional()?;
    if let Some(known) = &found
        && known.last_used_at.is_none_or(|at| now - at >= TimeDelta::seconds(60))
    {
        diesel::update(api_tokens::table.find(known.id)).set(api_tokens::last_used_at.eq(now)).execute(tx.conn())?;
    }
    Ok(found)
}

/// What a request was answered.
#[derive(Queryable)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Answered {
    pub request_hash: Vec<u8>,
    pub location: String,
    pub body: String,
}

/// What a token's request with this key was answered in the last day.
///
/// # Errors
/// When the database does not answer.
pub fn answered<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    token: TokenId,
    key: &str,
) -> Result<Option<Answered>, AppError> {
    let since = tx.now() - TimeDelta::hours(KEPT_HOURS);
    Ok(api_answers::table
        .filter(api_answers::token_id.eq(token).and(api_answers::key.eq(key)).and(api_answers::at.gt(since)))
        .select((api_answers::request_hash, api_answers::location, api_answers::body))
        .first(tx.conn())
        .optional()?)
}

/// Keeps an answer; an older one of the same key is forgotten.
///
/// # Errors
/// [`AppError::Conflict`] when the same key is being answered at this moment.
pub fn keep<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    (partner, token): (PartnerId, TokenId),
    key: &str,
    answer: &Answered,
) -> Result<(), AppError> {
    use diesel::result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError};
    let now = tx.now();
    let old = api_answers::token_id.eq(token).and(api_answers::key.eq(key));
    diesel::delete(api_answers::table.filter(old)).execute(tx.conn())?;
    let kept = diesel::insert_into(api_answers::table)
        .values((
            api_answers::partner_id.eq(partner),
            api_answers::token_id.eq(token),
            api_answers::key.eq(key),
            api_answers::request_hash.eq(&answer.request_hash),
            api_answers::location.eq(&answer.location),
            api_answers::body.eq(&answer.body),
            api_answers::at.eq(now),
        ))
        .execute(tx.conn());
    match kept {
        Err(DatabaseError(UniqueViolation, _)) => Err(AppError::Conflict(
            "A request with this Idempotency-Key is under way. Send it again in a moment.".into(),
        )),
        done => Ok(done.map(|_| ())?),
    }
}

/// Forgets answers that are too old to be given again.
///
/// # Errors
/// When the database does not answer.
pub fn sweep(tx: &mut SystemTx<'_>) -> Result<usize, AppError> {
    let before = tx.now() - TimeDelta::hours(KEPT_HOURS);
    Ok(diesel::delete(api_answers::table.filter(api_answers::at.le(before))).execute(tx.conn())?)
}
