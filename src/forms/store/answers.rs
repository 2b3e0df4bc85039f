//! All SQL of answers, their files, and who has answered.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Array, BigInt, Bool, Date, Int4, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::{FormVersion, own_program};
use crate::access::{AnswerForms, Permission, Scope, UpdateForms};
use crate::db::ids::{AnswersId, FileId, PartnerId, ProgramId, UserId};
use crate::db::schema::{form_answers, form_files, form_requests, form_versions};
use crate::db::{ReadTx, WriteTx};
use crate::forms::files::Kept;
use crate::forms::model::{Answered, Begun, Facts, FileRef, FormKind, Standing, VersionState};
use crate::integrations::model::Integration;
use crate::partners::model::Partner;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Keyset, like};

/// The answers that a person may see.
fn visible(tx: &ReadTx<'_>) -> form_answers::BoxedQuery<'static, Pg> {
    let rows = form_answers::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) => rows.filter(form_answers::program_id.eq(own)),
        Scope::Partner { program, partner } => {
            rows.filter(form_answers::program_id.eq(program).and(form_answers::partner_id.eq(partner)))
        }
        Scope::Everything => rows.filter(form_answers::id.ne(form_answers::id)),
    }
}

/// What answers are about: a partner, or one of its integrations.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The program.
    pub program: ProgramId,
    /// Whose answers they are.
    pub partner: PartnerId,
    /// Which form.
    pub kind: FormKind,
    /// The partner's own id, or the integration's.
    pub id: Uuid,
}

impl Subject {
    /// A partner that was found in scope, and its one partner form.
    pub fn partner(partner: &Partner) -> Subject {
        Subject { program: partner.program_id, partner: partner.id, kind: FormKind::Partner, id: partner.id.uuid() }
    }

    /// An integration that was found in scope, and its integration form.
    pub fn integration(one: &Integration) -> Subject {
        Subject { program: one.program_id, partner: one.partner_id, kind: FormKind::Integration, id: one.id.uuid() }
    }
}

fn of(tx: &ReadTx<'_>, subject: Subject) -> form_answers::BoxedQuery<'static, Pg> {
    visible(tx).filter(
        form_answers::partner_id
            .eq(subject.partner)
            .and(form_answers::kind.eq(subject.kind))
            .and(form_answers::subject_id.eq(subject.id)),
    )
}

/// Answers that were sent, or the draft of some.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_answers)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Answers {
    pub form_number: i32,
    pub number: i32,
    pub content: serde_json::Value,
    pub version: i32,
    pub changed_at: DateTime<Utc>,
    pub changed_by_name: String,
    pub sent_at: Option<DateTime<Utc>>,
}

impl Answers {
    /// What a submission holds.
    ///
    /// # Errors
    /// When the table holds something else.
    pub fn answered(&self) -> Result<Vec<Answered>, AppError> {
        serde_json::from_value(self.content.clone()).map_err(|cause| AppError::Internal(cause.into()))
    }

    /// What a draft holds.
    ///
    /// # Errors
    /// When the table holds something else.
    pub fn begun(&self) -> Result<Begun, AppError> {
        serde_json::from_value(self.content.clone()).map_err(|cause| AppError::Internal(cause.into()))
    }
}

/// The draft.
///
/// # Errors
/// When the database does not answer.
pub fn draft(tx: &mut ReadTx<'_>, subject: Subject) -> Result<Option<Answers>, AppError> {
    Ok(of(tx, subject).filter(form_answers::number.eq(0)).select(Answers::as_select()).first(tx.conn()).optional()?)
}

/// What was sent, newest first; at most 100.
///
/// # Errors
/// When the database does not answer.
pub fn sent(tx: &mut ReadTx<'_>, subject: Subject) -> Result<Vec<Answers>, AppError> {
    Ok(of(tx, subject)
        .filter(form_answers::number.gt(0))
        .order(form_answers::number.desc())
        .limit(100)
        .select(Answers::as_select())
        .load(tx.conn())?)
}

/// What was sent last.
///
/// # Errors
/// When the database does not answer.
pub fn last(tx: &mut ReadTx<'_>, subject: Subject) -> Result<Option<Answers>, AppError> {
    Ok(of(tx, subject)
        .filter(form_answers::number.gt(0))
        .order(form_answers::number.desc())
        .select(Answers::as_select())
        .first(tx.conn())
        .optional()?)
}

/// One submission.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn one(tx: &mut ReadTx<'_>, subject: Subject, number: i32) -> Result<Answers, AppError> {
    Ok(of(tx, subject)
        .filter(form_answers::number.eq(number).and(form_answers::number.gt(0)))
        .select(Answers::as_select())
        .first(tx.conn())?)
}

/// A host's last request for answers.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_requests)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Request {
    pub note: String,
    pub due_on: NaiveDate,
    pub asked_at: DateTime<Utc>,
    pub asked_by_name: String,
}

/// The last request about a subject that was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn request(tx: &mut ReadTx<'_>, subject: Subject) -> Result<Option<Request>, AppError> {
    Ok(form_requests::table
        .filter(
            form_requests::partner_id
                .eq(subject.partner)
                .and(form_requests::kind.eq(subject.kind))
                .and(form_requests::subject_id.eq(subject.id)),
        )
        .select(Request::as_select())
        .first(tx.conn())
        .optional()?)
}

/// What decides whether a subject has to be answered.
///
/// # Errors
/// When the database does not answer.
pub fn facts(tx: &mut ReadTx<'_>, subject: Subject, live: &FormVersion) -> Result<Facts, AppError> {
    let sent = of(tx, subject)
        .filter(form_answers::number.gt(0))
        .order(form_answers::number.desc())
        .select((form_answers::form_number, form_answers::changed_at))
        .first(tx.conn())
        .optional()?;
    let request = request(tx, subject)?.map(|one| (one.asked_at, one.due_on));
    Ok(Facts { sent, renewal: live.renewal(), request })
}

/// The same for what is live now, in one statement; none when the program does not use the form.
///
/// # Errors
/// When the database does not answer.
pub fn facts_now(tx: &mut ReadTx<'_>, subject: Subject) -> Result<Option<Facts>, AppError> {
    type Found = (Option<i32>, Option<NaiveDate>, Option<(i32, DateTime<Utc>)>, Option<(DateTime<Utc>, NaiveDate)>);
    let sent = form_answers::partner_id
        .eq(subject.partner)
        .and(form_answers::kind.eq(subject.kind))
        .and(form_answers::subject_id.eq(subject.id))
        .and(form_answers::number.gt(0));
    let asked = form_requests::partner_id
        .eq(subject.partner)
        .and(form_requests::kind.eq(subject.kind))
        .and(form_requests::subject_id.eq(subject.id));
    let found: Option<Found> = form_versions::table
        .left_join(form_answers::table.on(sent))
        .left_join(form_requests::table.on(asked))
        .filter(form_versions::program_id.eq(subject.program).and(form_versions::kind.eq(subject.kind)))
        .filter(form_versions::state.eq(VersionState::Live))
        .order(form_answers::number.desc())
        .select((
            form_versions::renew_number,
            form_versions::renew_by,
            (form_answers::form_number, form_answers::changed_at).nullable(),
            (form_requests::asked_at, form_requests::due_on).nullable(),
        ))
        .first(tx.conn())
        .optional()?;
    Ok(found.map(|(number, by, sent, request)| Facts { sent, renewal: number.zip(by), request }))
}

/// Asks for answers again.
///
/// # Errors
/// When the database does not answer.
pub fn ask(tx: &mut WriteTx<'_, UpdateForms>, subject: Subject, note: &str, due_on: NaiveDate) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let fresh = (
        form_requests::note.eq(note),
        form_requests::due_on.eq(due_on),
        form_requests::asked_at.eq(now),
        form_requests::asked_by_name.eq(by),
    );
    diesel::insert_into(form_requests::table)
        .values((
            form_requests::id.eq(Uuid::now_v7()),
            form_requests::program_id.eq(subject.program),
            form_requests::partner_id.eq(subject.partner),
            form_requests::kind.eq(subject.kind),
            form_requests::subject_id.eq(subject.id),
            fresh.clone(),
        ))
        .on_conflict((form_requests::partner_id, form_requests::kind, form_requests::subject_id))
        .do_update()
        .set(fresh)
        .execute(tx.conn())?;
    Ok(())
}

fn faster(by: Option<&str>) -> AppError {
    AppError::Conflict(format!(
        "{} saved or sent these answers meanwhile, so nothing of yours was saved yet.",
        by.unwrap_or("Somebody")
    ))
}

fn stale(tx: &mut ReadTx<'_>, subject: Subject) -> AppError {
    let found: Result<Option<String>, DieselError> = of(tx, subject)
        .order(form_answers::changed_at.desc())
        .select(form_answers::changed_by_name)
        .first(tx.conn())
        .optional();
    faster(found.ok().flatten().as_deref())
}

fn stored<T: serde::Serialize>(content: &T) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(content).map_err(|cause| AppError::Internal(cause.into()))
}

/// What the person saw when they began to write.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The draft's version; 0 when there was none.
    pub draft: i32,
    /// The number of the last submission; 0 when there was none.
    pub sent: i32,
}

/// Saves a draft, or answers that are sent.
struct Saved {
    content: serde_json::Value,
    number: i32,
    sent_at: Option<DateTime<Utc>>,
}

fn save<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    subject: Subject,
    live: &FormVersion,
    seen: Seen,
    saved: Saved,
) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let latest: Option<i32> = of(tx, subject).select(diesel::dsl::max(form_answers::number)).first(tx.conn())?;
    if latest.unwrap_or(0) != seen.sent {
        return Err(stale(tx, subject));
    }
    let values = (
        form_answers::version_id.eq(live.id),
        form_answers::form_number.eq(live.number),
        form_answers::number.eq(saved.number),
        form_answers::content.eq(saved.content),
        form_answers::version.eq(seen.draft + 1),
        form_answers::changed_at.eq(now),
        form_answers::changed_by.eq(by),
        form_answers::changed_by_name.eq(by_name),
        form_answers::sent_at.eq(saved.sent_at),
    );
    if seen.draft == 0 {
        let key = (
            form_answers::id.eq(AnswersId::new()),
            form_answers::program_id.eq(subject.program),
            form_answers::partner_id.eq(subject.partner),
            form_answers::kind.eq(subject.kind),
            form_answers::subject_id.eq(subject.id),
        );
        let made = diesel::insert_into(form_answers::table).values((key, values)).execute(tx.conn());
        return match made {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(faster(None)),
            other => Ok(other.map(drop)?),
        };
    }
    let row = form_answers::table.filter(
        form_answers::partner_id
            .eq(subject.partner)
            .and(form_answers::kind.eq(subject.kind))
            .and(form_answers::subject_id.eq(subject.id))
            .and(form_answers::number.eq(0))
            .and(form_answers::version.eq(seen.draft)),
    );
    match diesel::update(row).set(values).execute(tx.conn()) {
        Ok(1) => Ok(()),
        Ok(_) => Err(stale(tx, subject)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(faster(None)),
        Err(other) => Err(other.into()),
    }
}

/// Keeps what was typed so far.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn keep(
    tx: &mut WriteTx<'_, AnswerForms>,
    subject: Subject,
    live: &FormVersion,
    seen: Seen,
    begun: &Begun,
) -> Result<(), AppError> {
    if seen.draft == 0 && draft(tx, subject)?.is_some() {
        return Err(stale(tx, subject));
    }
    let saved = Saved { content: stored(begun)?, number: 0, sent_at: None };
    save(tx, subject, live, seen, saved)
}

/// Stores a submission; the draft becomes it.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn send<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    subject: Subject,
    live: &FormVersion,
    seen: Seen,
    answers: &[Answered],
) -> Result<(), AppError> {
    if seen.draft == 0 && draft(tx, subject)?.is_some() {
        return Err(stale(tx, subject));
    }
    let saved = Saved { content: stored(&answers)?, number: seen.sent + 1, sent_at: Some(tx.now()) };
    save(tx, subject, live, seen, saved)
}

/// Stores a file of a partner that was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn keep_file(tx: &mut WriteTx<'_, AnswerForms>, subject: Subject, file: &Kept) -> Result<FileRef, AppError> {
    let (id, now) = (FileId::random(), tx.now());
    diesel::insert_into(form_files::table)
        .values((
            form_files::id.eq(id),
            form_files::program_id.eq(subject.program),
            form_files::partner_id.eq(subject.partner),
            form_files::name.eq(&file.name),
            form_files::media.eq(file.media),
            form_files::content.eq(&file.bytes),
            form_files::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(FileRef { id, name: file.name.clone(), size: file.bytes.len() as u64 })
}

/// A stored file.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_files)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct StoredFile {
    pub name: String,
    pub media: String,
    pub content: Vec<u8>,
}

/// A file of a partner that was found in scope.
///
/// # Errors
/// [`AppError::NotFound`] when it has none with this key.
pub fn file(tx: &mut ReadTx<'_>, partner: &Partner, id: FileId) -> Result<StoredFile, AppError> {
    Ok(form_files::table
        .filter(form_files::partner_id.eq(partner.id).and(form_files::id.eq(id)))
        .select(StoredFile::as_select())
        .first(tx.conn())?)
}

diesel::define_sql_function! {
    /// Makes the pending partner of the transaction active, when it sent its form and the program chose that.
    fn portico_activate_answered(moment: Timestamptz, who: Nullable<SqlUuid>, who_name: Text) -> Bool;
}

/// Lets a partner's own people cause the one step of their partner's life that follows from what they sent.
///
/// # Errors
/// When the database does not answer.
pub fn activate_answered(tx: &mut WriteTx<'_, AnswerForms>) -> Result<bool, AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let by: Option<UserId> = by;
    Ok(diesel::select(portico_activate_answered(now, by, by_name)).get_result(tx.conn())?)
}

/// A partner, or an integration with its partner's code, in the list of who has answered.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "as the columns of the query are called")]
pub struct Line {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sort_name: String,
    #[diesel(sql_type = Nullable<Int4>)]
    pub number: Option<i32>,
    #[diesel(sql_type = Nullable<Int4>)]
    pub form_number: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sent_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub asked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    pub due_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Jsonb>)]
    pub content: Option<serde_json::Value>,
}

impl Line {
    /// What decides where the partner stands.
    pub fn facts(&self, live: &FormVersion) -> Facts {
        Facts {
            sent: self.form_number.zip(self.sent_at),
            renewal: live.renewal(),
            request: self.asked_at.zip(self.due_on),
        }
    }

    /// Its place in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.sort_name.clone(), id: self.id }
    }
}

/// Partners of the actor's own program (and below row-level security) with their last submission. The same rule as
/// [`Facts::due`], so that the list can be narrowed and paged.
const LINES: &str = "SELECT * FROM (
    SELECT p.id, p.code, p.name, p.sort_name, a.number, a.form_number, a.sent_at, a.changed_by_name AS sent_by,
      r.asked_at, r.due_on, CASE WHEN $4 THEN a.content END AS content,
      CASE WHEN a.number IS NULL THEN 'missing'
           WHEN a.form_number < $2 OR r.asked_at > a.sent_at THEN 'outdated' ELSE 'complete' END AS standing
    FROM partners p
    LEFT JOIN LATERAL (SELECT * FROM form_answers f WHERE f.partner_id = p.id AND f.kind = 'partner' AND f.number > 0
      ORDER BY f.number DESC LIMIT 1) a ON true
    LEFT JOIN form_requests r ON r.partner_id = p.id AND r.kind = 'partner'
    WHERE p.program_id = $1 AND p.status <> 'archived') AS lines
  WHERE ($3 = '' OR standing = $3)";

/// The same of integrations that are not over.
const INTEGRATION_LINES: &str = "SELECT * FROM (
    SELECT i.id, p.code, i.name, i.sort_name, a.number, a.form_number, a.sent_at, a.changed_by_name AS sent_by,
      r.asked_at, r.due_on, CASE WHEN $4 THEN a.content END AS content,
      CASE WHEN a.number IS NULL THEN 'missing'
           WHEN a.form_number < $2 OR r.asked_at > a.sent_at THEN 'outdated' ELSE 'complete' END AS standing
    FROM integrations i JOIN partners p ON p.id = i.partner_id
    LEFT JOIN LATERAL (SELECT * FROM form_answers f WHERE f.partner_id = i.partner_id AND f.kind = 'integration'
      AND f.subject_id = i.id AND f.number > 0 ORDER BY f.number DESC LIMIT 1) a ON true
    LEFT JOIN form_requests r ON r.partner_id = i.partner_id AND r.kind = 'integration' AND r.subject_id = i.id
    WHERE i.program_id = $1 AND i.state NOT IN ('archived', 'rejected')) AS lines
  WHERE ($3 = '' OR standing = $3)";

fn lines_of(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Partner => LINES,
        FormKind::Integration => INTEGRATION_LINES,
    }
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name or code.
    pub search: String,
    /// Where they stand.
    pub standing: Option<Standing>,
}

/// One page of partners or integrations with where they stand with their form; `whole` with what they sent.
///
/// # Errors
/// When the database does not answer.
pub fn lines(
    tx: &mut ReadTx<'_>,
    live: &FormVersion,
    filter: &Filter,
    page: &Keyset,
    whole: bool,
) -> Result<Vec<Line>, AppError> {
    let own = own_program(tx)?;
    let (sign, order) = if page.backward { ("<", "DESC") } else { (">", "ASC") };
    let at = page.at.clone().unwrap_or(Cursor { key: String::new(), id: Uuid::nil() });
    let query = format!(
        "{} AND (name || ' ' || code) ILIKE $5 AND ($6 = '' OR (sort_name, id) {sign} ($6, $7)) \
         ORDER BY sort_name {order}, id {order} LIMIT $8",
        lines_of(live.kind)
    );
    Ok(diesel::sql_query(query)
        .bind::<SqlUuid, _>(own)
        .bind::<Nullable<Int4>, _>(live.renew_number)
        .bind::<Text, _>(filter.standing.map_or("", Choice::key))
        .bind::<Bool, _>(whole)
        .bind::<Text, _>(like(&filter.search))
        .bind::<Text, _>(at.key)
        .bind::<SqlUuid, _>(at.id)
        .bind::<BigInt, _>(page.limit())
        .load(tx.conn())?)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    standing: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many partners or integrations stand where, in the order of [`Standing`].
///
/// # Errors
/// When the database does not answer.
pub fn counts(tx: &mut ReadTx<'_>, live: &FormVersion) -> Result<[(Standing, i64); 3], AppError> {
    let own = own_program(tx)?;
    let rows: Vec<Count> =
        diesel::sql_query(format!("SELECT standing, count(*) FROM ({}) AS l GROUP BY standing", lines_of(live.kind)))
            .bind::<SqlUuid, _>(own)
            .bind::<Nullable<Int4>, _>(live.renew_number)
            .bind::<Text, _>("")
            .bind::<Bool, _>(false)
            .load(tx.conn())?;
    let of = |standing: Standing| rows.iter().find(|row| row.standing == standing.key()).map_or(0, |row| row.count);
    Ok([Standing::Missing, Standing::Outdated, Standing::Complete].map(|one| (one, of(one))))
}

/// Removes files that no submission holds.
///
/// # Errors
/// When the database does not answer.
pub fn forget_files<P: Permission>(tx: &mut WriteTx<'_, P>, subject: Subject, ids: &[FileId]) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "DELETE FROM form_files f WHERE f.partner_id = $1 AND f.id = ANY ($2) AND NOT EXISTS (
           SELECT 1 FROM form_answers a WHERE a.partner_id = f.partner_id AND a.number > 0
             AND a.content::text LIKE '%' || f.id || '%')",
    )
    .bind::<SqlUuid, _>(subject.partner)
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(tx.conn())?;
    Ok(())
}
