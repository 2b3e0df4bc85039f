//! Submissions and published versions: frozen content, each with its number.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

use super::{conflict, json, read};
use crate::access::{Permission, Scope};
use crate::db::ids::UserId;
use crate::db::schema::{integration_submissions as submissions, integration_versions as versions};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::checks::Findings;
use crate::integrations::content::Content;
use crate::integrations::model::{Integration, Origin, Outcome};
use crate::web::error::AppError;

/// The submissions of an integration that was found in scope.
fn visible(tx: &ReadTx<'_>, of: &Integration) -> submissions::BoxedQuery<'static, Pg> {
    let rows = submissions::table.into_boxed();
    let own = submissions::partner_id.eq(of.partner_id).and(submissions::integration_id.eq(of.id));
    match tx.scope() {
        Scope::Everything => rows.filter(submissions::number.lt(0)),
        Scope::Program(_) => rows.filter(own),
        Scope::Partner { partner, .. } => rows.filter(own.and(submissions::partner_id.eq(partner))),
    }
}

fn visible_versions(tx: &ReadTx<'_>, of: &Integration) -> versions::BoxedQuery<'static, Pg> {
    let rows = versions::table.into_boxed();
    let own = versions::partner_id.eq(of.partner_id).and(versions::integration_id.eq(of.id));
    match tx.scope() {
        Scope::Everything => rows.filter(versions::number.lt(0)),
        Scope::Program(_) => rows.filter(own),
        Scope::Partner { partner, .. } => rows.filter(own.and(versions::partner_id.eq(partner))),
    }
}

/// A submission without its pages.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq)]
#[diesel(table_name = submissions)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Submission {
    pub number: i32,
    pub cycle: i32,
    pub round: i32,
    pub note: String,
    pub findings: serde_json::Value,
    pub submitted_at: DateTime<Utc>,
    pub submitted_by: Option<UserId>,
    pub submitted_by_name: String,
    pub outcome: Option<Outcome>,
    pub summary: String,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<UserId>,
    pub answered_by_name: String,
}

impl Submission {
    /// What the checks said when it was made.
    pub fn findings(&self) -> Findings {
        serde_json::from_value(self.findings.clone()).unwrap_or_default()
    }
}

/// All submissions, newest first; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn submissions(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Submission>, AppError> {
    Ok(visible(tx, of).order(submissions::number.desc()).limit(200).select(Submission::as_select()).load(tx.conn())?)
}

/// The last submission.
///
/// # Errors
/// When the database does not answer.
pub fn last_submission(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Option<Submission>, AppError> {
    let rows = visible(tx, of).order(submissions::number.desc());
    Ok(rows.select(Submission::as_select()).first(tx.conn()).optional()?)
}

/// The pages of one submission.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of this number.
pub fn submission(tx: &mut ReadTx<'_>, of: &Integration, number: i32) -> Result<Content, AppError> {
    let rows = visible(tx, of).filter(submissions::number.eq(number));
    read(rows.select(submissions::content).first(tx.conn())?)
}

/// Freezes what is submitted. The integration already carries the new cycle, round and number.
///
/// # Errors
/// When the database does not answer.
pub fn submit<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    content: &Content,
    note: &str,
    findings: &Findings,
) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let findings = serde_json::to_value(findings).map_err(|cause| AppError::Internal(cause.into()))?;
    diesel::insert_into(submissions::table)
        .values((
            submissions::partner_id.eq(of.partner_id),
            submissions::integration_id.eq(of.id),
            submissions::number.eq(of.submission),
            submissions::cycle.eq(of.cycle),
            submissions::round.eq(of.round),
            submissions::content.eq(json(content)?),
            submissions::note.eq(note),
            submissions::findings.eq(findings),
            submissions::submitted_at.eq(now),
            submissions::submitted_by.eq(by),
            submissions::submitted_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes how the open submission ended. One that was approved for a date may end again, otherwise.
///
/// # Errors
/// [`AppError::Conflict`] when none is open.
pub fn answer<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    outcome: Outcome,
    summary: &str,
) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let open = submissions::outcome.is_null().or(submissions::outcome.eq(Outcome::Approved));
    let row = submissions::integration_id.eq(of.id).and(submissions::number.eq(of.submission)).and(open);
    let saved = diesel::update(submissions::table.filter(row))
        .set((
            submissions::outcome.eq(outcome),
            submissions::summary.eq(summary),
            submissions::answered_at.eq(now),
            submissions::answered_by.eq(by),
            submissions::answered_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(conflict(of)) }
}

/// A published version without its pages.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq)]
#[diesel(table_name = versions)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Version {
    pub number: i32,
    pub origin: Origin,
    pub source: Option<i32>,
    pub published_at: DateTime<Utc>,
    pub published_by_name: String,
}

/// All versions, newest first; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn versions(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Version>, AppError> {
    Ok(visible_versions(tx, of)
        .order(versions::number.desc())
        .limit(200)
        .select(Version::as_select())
        .load(tx.conn())?)
}

/// The pages of one version.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of this number.
pub fn version(tx: &mut ReadTx<'_>, of: &Integration, number: i32) -> Result<Content, AppError> {
    let rows = visible_versions(tx, of).filter(versions::number.eq(number));
    read(rows.select(versions::content).first(tx.conn())?)
}

/// The pages that are, or were last, published.
///
/// # Errors
/// When the database does not answer.
pub fn live(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Option<Content>, AppError> {
    of.live_number.map(|number| version(tx, of, number)).transpose()
}

/// Stores a version under the next number, and returns that. The integration has still to be saved with it.
///
/// # Errors
/// When the database does not answer.
pub fn add_version<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    content: &Content,
    origin: Origin,
    source: Option<i32>,
) -> Result<i32, AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let last: Option<i32> = visible_versions(tx, of).select(diesel::dsl::max(versions::number)).first(tx.conn())?;
    let number = last.unwrap_or(0) + 1;
    diesel::insert_into(versions::table)
        .values((
            versions::partner_id.eq(of.partner_id),
            versions::integration_id.eq(of.id),
            versions::number.eq(number),
            versions::content.eq(json(content)?),
            versions::origin.eq(origin),
            versions::source.eq(source),
            versions::published_at.eq(now),
            versions::published_by.eq(by),
            versions::published_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    super::save_uses(tx, of.partner_id, of.id, super::uses::LIVE, content)?;
    Ok(number)
}

/// Takes back how the last submission ended: it waits again.
///
/// # Errors
/// [`AppError::Conflict`] when it was not approved for a date.
pub fn reopen<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<(), AppError> {
    let approved = submissions::outcome.eq(Outcome::Approved);
    let row = submissions::integration_id.eq(of.id).and(submissions::number.eq(of.submission)).and(approved);
    let saved = diesel::update(submissions::table.filter(row))
        .set((
            submissions::outcome.eq(None::<Outcome>),
            submissions::summary.eq(""),
            submissions::answered_at.eq(None::<DateTime<Utc>>),
            submissions::answered_by.eq(None::<UserId>),
            submissions::answered_by_name.eq(""),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(conflict(of)) }
}
