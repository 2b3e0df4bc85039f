//! All SQL of the dashboard that no other slice has.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};

use crate::access::Scope;
use crate::db::ids::{IntegrationId, PartnerId, ProgramId, UserId};
use crate::db::schema::{feedback_threads as threads, integration_submissions as submissions, integrations, partners};
use crate::db::{ReadTx, all_counted};
use crate::integrations::model::Outcome;
use crate::integrations::stage::{Revision, Stage, State};
use crate::web::error::AppError;
use crate::web::listing::CAP;

/// Answers that a chart is drawn from at the most.
const CHARTED: i64 = 2_000;

/// The integrations that a person may see.
fn visible(tx: &ReadTx<'_>) -> integrations::BoxedQuery<'static, Pg> {
    let rows = integrations::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(integrations::id.ne(integrations::id)),
        Scope::Program(program) => rows.filter(integrations::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(integrations::program_id.eq(program).and(integrations::partner_id.eq(partner)))
        }
    }
}

/// What a dashboard needs to know of an integration.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = integrations)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub id: IntegrationId,
    pub partner_id: PartnerId,
    pub name: String,
    pub state: State,
    pub revision: Option<Revision>,
    pub state_since: DateTime<Utc>,
    pub round: i32,
    pub publish_at: Option<DateTime<Utc>>,
    pub live_number: Option<i32>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub assignee_id: Option<UserId>,
    pub assignee_name: String,
    pub expected_at: Option<DateTime<Utc>>,
    pub spent_minutes: i32,
    pub updated_at: DateTime<Utc>,
    pub updated_by_name: String,
}

impl Line {
    /// State and revision together.
    pub fn stage(&self) -> Stage {
        Stage { state: self.state, revision: self.revision }
    }
}

/// What waits for the host.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// How many, counted to one more than [`CAP`].
    pub count: i64,
    /// How many of them are past the moment when an answer was expected, counted likewise.
    pub late: i64,
    /// Those that are expected first. They have waited longest: each is expected when it will have waited for the target.
    pub first: Vec<Line>,
}

/// What waits for the host, with the so many that are expected first.
///
/// # Errors
/// When the database does not answer.
pub fn waiting(tx: &mut ReadTx<'_>, most: i64) -> Result<Waiting, AppError> {
    let all = |tx: &ReadTx<'_>| {
        let rows = visible(tx).filter(integrations::expected_at.is_not_null());
        rows.order((integrations::expected_at, integrations::id))
    };
    let first = all(tx).limit(most).select(Line::as_select()).load(tx.conn())?;
    let late = all(tx).filter(integrations::expected_at.lt(tx.now()));
    let counts = [all(tx), late].map(|rows| rows.select(integrations::id).limit(CAP + 1));
    let counts = all_counted(counts, tx.conn())?;
    let [count, late] = <[i64; 2]>::try_from(counts).unwrap_or_default();
    Ok(Waiting { count, late, first })
}

/// Everything that is not over, last changed first, to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn open(tx: &mut ReadTx<'_>) -> Result<Vec<Line>, AppError> {
    Ok(visible(tx)
        .filter(integrations::state.ne(State::Archived))
        .order((integrations::updated_at.desc(), integrations::id.desc()))
        .limit(CAP + 1)
        .select(Line::as_select())
        .load(tx.conn())?)
}

/// A partner as the queue shows it.
#[derive(Queryable, Clone, Debug)]
pub struct Builder {
    /// Its name.
    pub name: String,
    /// Whether it hosts: then what it builds is no partner's.
    pub is_hosting: bool,
}

/// The partners of integrations that were found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn builders(tx: &mut ReadTx<'_>, ids: &[PartnerId]) -> Result<HashMap<PartnerId, Builder>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PartnerId, Builder)> = partners::table
        .filter(partners::id.eq_any(ids))
        .select((partners::id, (partners::name, partners::is_hosting)))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// From a submission to its answer.
pub type FromTo = (DateTime<Utc>, DateTime<Utc>);

/// When submissions were made and answered since a moment, in scope. What was withdrawn nobody answered.
///
/// # Errors
/// When the database does not answer.
pub fn answered(tx: &mut ReadTx<'_>, since: DateTime<Utc>) -> Result<Vec<FromTo>, AppError> {
    let seen = visible(tx).select(integrations::id);
    let rows: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = submissions::table
        .filter(submissions::answered_at.ge(since).and(submissions::outcome.ne(Outcome::Withdrawn)))
        .filter(submissions::integration_id.eq_any(seen))
        .order(submissions::answered_at.desc())
        .limit(CHARTED)
        .select((submissions::submitted_at, submissions::answered_at))
        .load(tx.conn())?;
    Ok(rows.into_iter().filter_map(|(made, answered)| Some((made, answered?))).collect())
}

/// Items of feedback that are open, of integrations that were found in scope; and how many of them wait for the
/// partner's answer. Internal notes are not counted.
///
/// # Errors
/// When the database does not answer.
pub fn items(tx: &mut ReadTx<'_>, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, (i64, i64)>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(IntegrationId, bool)> = threads::table
        .filter(threads::integration_id.eq_any(ids).and(threads::resolved_at.is_null()))
        .filter(threads::weight.ne("internal"))
        .select((threads::integration_id, threads::answered_at.is_null()))
        .load(tx.conn())?;
    let mut counts: HashMap<IntegrationId, (i64, i64)> = HashMap::new();
    for (id, is_owed) in rows {
        let count = counts.entry(id).or_default();
        count.0 += 1;
        count.1 += i64::from(is_owed);
    }
    Ok(counts)
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    integration: IntegrationId,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// The places in the program's queue of what the transaction's own partner submitted; for its people only.
///
/// # Errors
/// When the database does not answer.
pub fn places(tx: &mut ReadTx<'_>) -> Result<HashMap<IntegrationId, i64>, AppError> {
    let rows: Vec<Place> = crate::db::statement("SELECT * FROM portico_queue_places()").load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.integration, row.place)).collect())
}

/// What has been set up in a program.
#[derive(QueryableByName, Clone, Copy, Debug)]
#[expect(missing_docs, reason = "as the columns of the query are called")]
pub struct Facts {
    #[diesel(sql_type = Bool)]
    pub has_partner: bool,
    #[diesel(sql_type = Bool)]
    pub has_people: bool,
    #[diesel(sql_type = Bool)]
    pub has_contact: bool,
    #[diesel(sql_type = Bool)]
    pub has_form: bool,
}

/// What has been set up in the actor's own program.
///
/// # Errors
/// When the database does not answer.
pub fn facts(tx: &mut ReadTx<'_>, program: ProgramId) -> Result<Facts, AppError> {
    Ok(crate::db::statement(
        "SELECT EXISTS (SELECT FROM partners WHERE program_id = $1 AND NOT is_hosting) AS has_partner,
           EXISTS (SELECT FROM partners p WHERE p.program_id = $1 AND NOT p.is_hosting
             AND (EXISTS (SELECT FROM invitations i WHERE i.partner_id = p.id)
               OR EXISTS (SELECT FROM memberships m WHERE m.partner_id = p.id))) AS has_people,
           EXISTS (SELECT FROM partners WHERE program_id = $1 AND is_hosting AND primary_contact_id IS NOT NULL) AS has_contact,
           EXISTS (SELECT FROM form_versions WHERE program_id = $1 AND state = 'live') AS has_form",
    )
    .bind::<SqlUuid, _>(program)
    .get_result(tx.conn())?)
}
