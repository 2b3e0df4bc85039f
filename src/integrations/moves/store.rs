//! What moves need of the database besides the integration itself: whom to tell, what is owed, what is due.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::{Permission, Place, Scope};
use crate::db::ids::{IntegrationId, ProgramId, UserId};
use crate::db::schema::{activity, feedback_messages, feedback_threads, integrations, partners, programs};
use crate::db::{ReadTx, SystemTx, WriteTx};
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::partners::model::Status;
use crate::values::Choice;
use crate::web::error::AppError;

/// Items of feedback that partner and host both see.
fn visible(tx: &ReadTx<'_>) -> feedback_threads::BoxedQuery<'static, Pg> {
    let rows = feedback_threads::table.filter(feedback_threads::weight.ne("internal")).into_boxed();
    match tx.scope() {
        Scope::Program(program) => rows.filter(feedback_threads::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(feedback_threads::program_id.eq(program).and(feedback_threads::partner_id.eq(partner)))
        }
        Scope::Everything => rows.filter(feedback_threads::id.ne(feedback_threads::id)),
    }
}

/// Holds an integration that was found in scope until the transaction ends, and says its version then: of two moves at
/// once the second waits here, and finds what the first one did.
///
/// # Errors
/// When the database does not answer.
pub fn hold<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<i32, AppError> {
    let row = integrations::table.find(of.id).select(integrations::version);
    Ok(row.for_no_key_update().first(tx.conn())?)
}

/// One item that is not settled, as a letter tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The page.
    pub page: String,
    /// The place on it, as [`crate::integrations::content::Spot`] writes it.
    pub field: Option<String>,
    /// Whether it keeps the integration from being published.
    pub is_blocking: bool,
    /// What was written first.
    pub body: String,
}

/// What is not settled, oldest first; at most 50.
///
/// # Errors
/// When the database does not answer.
pub fn owed(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Owed>, AppError> {
    let rows: Vec<(Uuid, String, Option<String>, String)> = visible(tx)
        .filter(feedback_threads::integration_id.eq(of.id).and(feedback_threads::resolved_at.is_null()))
        .order((feedback_threads::opened_at, feedback_threads::id))
        .limit(50)
        .select((feedback_threads::id, feedback_threads::page, feedback_threads::field, feedback_threads::weight))
        .load(tx.conn())?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let said: Vec<(Uuid, String)> = feedback_messages::table
        .filter(feedback_messages::partner_id.eq(of.partner_id).and(feedback_messages::thread_id.eq_any(ids)))
        .order((feedback_messages::thread_id, feedback_messages::id))
        .distinct_on(feedback_messages::thread_id)
        .select((feedback_messages::thread_id, feedback_messages::body))
        .load(tx.conn())?;
    let body = |id: Uuid| said.iter().find(|(thread, _)| *thread == id).map(|(_, body)| body.clone());
    Ok(rows
        .into_iter()
        .map(|(id, page, field, weight)| Owed {
            page,
            field,
            is_blocking: weight == "blocking",
            body: body(id).unwrap_or_default(),
        })
        .collect())
}

/// Opens an item on General with what a host wrote; `is_blocking` or advice.
///
/// # Errors
/// When the database does not answer.
pub fn open_item<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    is_blocking: bool,
    body: &str,
) -> Result<(), AppError> {
    let (thread, message) = (Uuid::now_v7(), Uuid::now_v7());
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(feedback_threads::table)
        .values((
            feedback_threads::id.eq(thread),
            feedback_threads::program_id.eq(of.program_id),
            feedback_threads::partner_id.eq(of.partner_id),
            feedback_threads::integration_id.eq(of.id),
            feedback_threads::page.eq(PageName::General.key()),
            feedback_threads::weight.eq(if is_blocking { "blocking" } else { "advice" }),
            feedback_threads::cycle.eq(of.cycle),
            feedback_threads::round.eq(of.round),
            feedback_threads::submission.eq(of.submission),
            feedback_threads::opened_at.eq(now),
            feedback_threads::opened_by.eq(by),
            feedback_threads::opened_by_name.eq(&by_name),
        ))
        .execute(tx.conn())?;
    diesel::insert_into(feedback_messages::table)
        .values((
            feedback_messages::id.eq(message),
            feedback_messages::partner_id.eq(of.partner_id),
            feedback_messages::thread_id.eq(thread),
            feedback_messages::is_host.eq(true),
            feedback_messages::body.eq(body),
            feedback_messages::at.eq(now),
            feedback_messages::author_id.eq(by),
            feedback_messages::author_name.eq(&by_name),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Somebody who may be told of an integration.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "the function's comment says what they mean")]
pub struct Person {
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Array<Text>)]
    pub muted: Vec<String>,
    #[diesel(sql_type = Bool)]
    pub is_member: bool,
    #[diesel(sql_type = Bool)]
    pub is_admin: bool,
    #[diesel(sql_type = Bool)]
    pub is_contact: bool,
    #[diesel(sql_type = Bool)]
    pub is_host: bool,
    #[diesel(sql_type = Bool)]
    pub is_host_admin: bool,
    #[diesel(sql_type = Bool)]
    pub is_host_contact: bool,
    #[diesel(sql_type = Bool)]
    pub is_assignee: bool,
    #[diesel(sql_type = Bool)]
    pub is_submitter: bool,
    #[diesel(sql_type = Bool)]
    pub is_follower: bool,
}

/// Everybody who may be told of an integration that was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn people(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Person>, AppError> {
    let rows = diesel::sql_query("SELECT * FROM portico_recipients($1)").bind::<SqlUuid, _>(of.id);
    Ok(rows.load(tx.conn())?)
}

diesel::define_sql_function! {
    /// How many submissions of the program should be answered before a moment.
    fn portico_queue_before(moment: Timestamptz) -> diesel::sql_types::BigInt;
}

/// How many submissions of the program should be answered before a moment.
///
/// # Errors
/// When the database does not answer.
pub fn queue_before(tx: &mut ReadTx<'_>, moment: DateTime<Utc>) -> Result<i64, AppError> {
    Ok(diesel::select(portico_queue_before(moment)).get_result(tx.conn())?)
}

/// Something whose date has come.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which.
    pub id: IntegrationId,
    /// Its version.
    pub version: i32,
    /// Its program.
    pub program: Place<ProgramId>,
    /// Why it is not published though its date came: its partner's status.
    pub held_by: Option<Status>,
}

/// What is due to be published, earliest first; what its partner's status holds back only until that was told once.
///
/// # Errors
/// When the database does not answer.
pub fn due(tx: &mut SystemTx<'_>) -> Result<Vec<Due>, AppError> {
    let now = tx.now();
    type Row = (IntegrationId, i32, Status, ProgramId, String, String);
    let told = activity::table
        .filter(activity::partner_id.eq(integrations::partner_id.nullable()))
        .filter(activity::kind.eq("Integration").and(activity::at.nullable().ge(integrations::publish_at)))
        .filter(crate::db::sql::<Bool>(
            "activity.event ->> 'integration' = integrations.id::text AND activity.event #>> '{event,what}' = 'HeldBack'",
        ))
        .select(activity::id);
    let rows: Vec<Row> = integrations::table
        .inner_join(partners::table.on(partners::id.eq(integrations::partner_id)))
        .inner_join(programs::table.on(programs::id.eq(integrations::program_id)))
        .filter(integrations::publish_at.le(now))
        .filter(partners::status.eq(Status::Active).or(diesel::dsl::not(diesel::dsl::exists(told))))
        .order((integrations::publish_at, integrations::id))
        .limit(200)
        .select((
            integrations::id,
            integrations::version,
            partners::status,
            programs::id,
            programs::code,
            programs::name,
        ))
        .load(tx.conn())?;
    Ok(rows
        .into_iter()
        .map(|(id, version, status, program, code, name)| Due {
            id,
            version,
            program: Place { id: program, code, name },
            held_by: (status != Status::Active).then_some(status),
        })
        .collect())
}

/// What still blocks has to be answered in each round: what the partner said before did not settle it.
///
/// # Errors
/// When the database does not answer.
pub fn ask_again<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<(), AppError> {
    let blocking = feedback_threads::integration_id
        .eq(of.id)
        .and(feedback_threads::weight.eq("blocking"))
        .and(feedback_threads::resolved_at.is_null());
    diesel::update(feedback_threads::table.filter(blocking))
        .set(feedback_threads::answered_at.eq(None::<DateTime<Utc>>))
        .execute(tx.conn())?;
    Ok(())
}
