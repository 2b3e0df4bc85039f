//! All SQL of the jobs: what they note, and what waits for them. The portal's own work and the command line's; no page
//! reads it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;

use super::Job;
use crate::db::SystemTx;
use crate::db::ids::{LetterId, PartnerId, ProgramId};
use crate::db::schema::job_runs;
use crate::partners::import::model::SILENCE;
use crate::values::Choice;
use crate::web::error::AppError;

/// Characters of a problem that are kept.
const PROBLEM: usize = 500;

/// The last run of a job.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = job_runs)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Run {
    pub job: String,
    pub ran_at: DateTime<Utc>,
    pub took_ms: i64,
    pub done: i64,
    pub failed_at: Option<DateTime<Utc>>,
    pub problem: Option<String>,
}

impl Run {
    /// Whether the last run failed.
    pub fn is_failing(&self) -> bool {
        self.failed_at == Some(self.ran_at)
    }
}

/// The last runs of all jobs.
///
/// # Errors
/// When the database does not answer.
pub fn runs(tx: &mut SystemTx<'_>) -> Result<Vec<Run>, AppError> {
    Ok(job_runs::table.select(Run::as_select()).load(tx.conn())?)
}

/// Notes a run that succeeded; why one failed last stays.
///
/// # Errors
/// When the database does not answer.
pub fn succeeded(tx: &mut SystemTx<'_>, job: Job, took_ms: i64, done: i64) -> Result<(), AppError> {
    let run = (job_runs::ran_at.eq(tx.now()), job_runs::took_ms.eq(took_ms), job_runs::done.eq(done));
    diesel::insert_into(job_runs::table)
        .values((job_runs::job.eq(job.key()), run))
        .on_conflict(job_runs::job)
        .do_update()
        .set(run)
        .execute(tx.conn())?;
    Ok(())
}

/// Notes a run that failed.
///
/// # Errors
/// When the database does not answer.
pub fn failed(tx: &mut SystemTx<'_>, job: Job, took_ms: i64, problem: &str) -> Result<(), AppError> {
    let (now, problem) = (tx.now(), problem.chars().take(PROBLEM).collect::<String>());
    let run = (
        (job_runs::ran_at.eq(now), job_runs::took_ms.eq(took_ms), job_runs::done.eq(0)),
        (job_runs::failed_at.eq(now), job_runs::problem.eq(&problem)),
    );
    diesel::insert_into(job_runs::table)
        .values((job_runs::job.eq(job.key()), run.clone()))
        .on_conflict(job_runs::job)
        .do_update()
        .set(run)
        .execute(tx.conn())?;
    Ok(())
}

/// What waits for the jobs.
#[derive(QueryableByName, Clone, Debug, Serialize)]
pub struct Waiting {
    /// Letters that were not tried yet.
    #[diesel(sql_type = BigInt)]
    pub letters_queued: i64,
    /// Letters that are tried again.
    #[diesel(sql_type = BigInt)]
    pub letters_retrying: i64,
    /// Letters that were given up, and that nothing took the place of.
    #[diesel(sql_type = BigInt)]
    pub letters_failed: i64,
    /// Since when the oldest letter waits.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub letters_since: Option<DateTime<Utc>>,
    /// What a mail server, or the lack of one, said last.
    #[diesel(sql_type = Nullable<Text>)]
    pub letters_problem: Option<String>,
    /// Imports of partners that are under way.
    #[diesel(sql_type = BigInt)]
    pub imports_running: i64,
    /// Imports that say they are, and whose portal ended: whoever began them begins them again.
    #[diesel(sql_type = BigInt)]
    pub imports_silent: i64,
    /// Imports that were stopped by a problem.
    #[diesel(sql_type = BigInt)]
    pub imports_stopped: i64,
    /// Lines of the audit log that are not chained yet.
    #[diesel(sql_type = BigInt)]
    pub audit_lines: i64,
    /// Since when the oldest of them waits.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub audit_since: Option<DateTime<Utc>>,
    /// Integrations whose date came, and that are not published.
    #[diesel(sql_type = BigInt)]
    pub publish_due: i64,
    /// Integrations with a date in the future.
    #[diesel(sql_type = BigInt)]
    pub publish_later: i64,
    /// The next date.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub publish_next: Option<DateTime<Utc>>,
    /// Reviews that are not answered yet.
    #[diesel(sql_type = BigInt)]
    pub reviews_open: i64,
    /// Reviews past their expected date.
    #[diesel(sql_type = BigInt)]
    pub reviews_late: i64,
    /// Sessions, counted tries and kept answers that can be forgotten.
    #[diesel(sql_type = BigInt)]
    pub to_clear: i64,
}

/// Counts what waits for the jobs, of all programs.
///
/// # Errors
/// When the database does not answer.
pub fn waiting(tx: &mut SystemTx<'_>) -> Result<Waiting, AppError> {
    let now = tx.now();
    let counts = "SELECT
        (SELECT count(*) FROM outbox WHERE state = 'queued') AS letters_queued,
        (SELECT count(*) FROM outbox WHERE state = 'retrying') AS letters_retrying,
        (SELECT count(*) FROM outbox WHERE state = 'failed' AND NOT portico_is_settled(outbox)) AS letters_failed,
        (SELECT min(created_at) FROM outbox WHERE state IN ('queued', 'retrying')) AS letters_since,
        (SELECT last_error FROM outbox WHERE state IN ('retrying', 'failed') ORDER BY run_at DESC LIMIT 1) AS letters_problem,
        (SELECT count(*) FROM imports WHERE state = 'running' AND heartbeat_at >= $2) AS imports_running,
        (SELECT count(*) FROM imports WHERE state = 'running' AND coalesce(heartbeat_at < $2, true)) AS imports_silent,
        (SELECT count(*) FROM imports WHERE state <> 'running' AND problem IS NOT NULL) AS imports_stopped,
        (SELECT count(*) FROM (SELECT FROM activity_unchained LIMIT 1000000) AS lines) AS audit_lines,
        (SELECT min(activity_at) FROM activity_unchained) AS audit_since,
        (SELECT count(*) FROM integrations WHERE publish_at <= $1) AS publish_due,
        (SELECT count(*) FROM integrations WHERE publish_at > $1) AS publish_later,
        (SELECT min(publish_at) FROM integrations WHERE publish_at > $1) AS publish_next,
        (SELECT count(*) FROM integrations WHERE expected_at IS NOT NULL) AS reviews_open,
        (SELECT count(*) FROM integrations WHERE expected_at < $1) AS reviews_late,
        (SELECT count(*) FROM sessions WHERE last_seen_at < $1 - interval '30 days')
          + (SELECT count(*) FROM attempts WHERE window_start < $1 - interval '2 days')
          + (SELECT count(*) FROM api_answers WHERE at <= $1 - interval '24 hours') AS to_clear";
    Ok(diesel::sql_query(counts)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - TimeDelta::seconds(SILENCE))
        .get_result(tx.conn())?)
}

/// A letter that was given up.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Given {
    #[diesel(sql_type = SqlUuid)]
    pub id: LetterId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub program: Option<ProgramId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub partner: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub recipient: String,
}

/// Queues letters again that were written since a moment and given up; returns them.
///
/// # Errors
/// When the database does not answer.
pub fn retry(tx: &mut SystemTx<'_>, since: DateTime<Utc>) -> Result<Vec<Given>, AppError> {
    let now = tx.now();
    let query = "WITH again AS (
          UPDATE outbox SET state = 'queued', run_at = $1, attempts = 0, locked_until = NULL, last_error = NULL
          WHERE state = 'failed' AND created_at >= $2 AND (expires_at IS NULL OR expires_at > $1) AND NOT portico_is_settled(outbox)
          RETURNING id, program_id, partner_id, subject, recipient, created_at)
        SELECT a.id, a.program_id AS program, p.code, p.name, a.partner_id AS partner, a.subject, a.recipient
        FROM again a LEFT JOIN programs p ON p.id = a.program_id ORDER BY a.created_at, a.id";
    Ok(diesel::sql_query(query).bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(since).load(tx.conn())?)
}
