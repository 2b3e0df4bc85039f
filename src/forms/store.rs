//! All SQL of forms: here their versions and settings; answers in a file of their own.

pub mod answers;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{FormKind, Question, VersionState};
use crate::access::{Scope, UpdateForms};
use crate::db::ids::{FormVersionId, ProgramId};
use crate::db::schema::{form_versions, forms};
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;

/// The versions that a person may see: partners' people only those that were published.
fn visible(tx: &ReadTx<'_>) -> form_versions::BoxedQuery<'static, Pg> {
    let rows = form_versions::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) => rows.filter(form_versions::program_id.eq(own)),
        Scope::Partner { program, .. } => {
            rows.filter(form_versions::program_id.eq(program).and(form_versions::state.ne(VersionState::Draft)))
        }
        // No program is open, so there is no form to see.
        Scope::Everything => rows.filter(form_versions::id.ne(form_versions::id)),
    }
}

/// A version of a form.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = form_versions)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct FormVersion {
    pub id: FormVersionId,
    pub kind: FormKind,
    pub number: i32,
    pub state: VersionState,
    #[diesel(deserialize_as = serde_json::Value)]
    pub questions: Questions,
    pub renew_number: Option<i32>,
    pub renew_by: Option<NaiveDate>,
    pub version: i32,
    pub changed_at: DateTime<Utc>,
    pub changed_by_name: String,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by_name: Option<String>,
}

/// The questions of a version, in order.
#[derive(Clone, Debug, Default)]
pub struct Questions(pub Vec<Question>);

impl TryFrom<serde_json::Value> for Questions {
    type Error = serde_json::Error;
    fn try_from(stored: serde_json::Value) -> Result<Questions, serde_json::Error> {
        serde_json::from_value(stored).map(Questions)
    }
}

impl std::ops::Deref for Questions {
    type Target = Vec<Question>;
    fn deref(&self) -> &Vec<Question> {
        &self.0
    }
}

impl FormVersion {
    /// Before which number answers are asked for again, and by when.
    pub fn renewal(&self) -> Option<(i32, NaiveDate)> {
        self.renew_number.zip(self.renew_by)
    }
}

/// All versions of a form, newest first; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn versions(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<Vec<FormVersion>, AppError> {
    Ok(visible(tx)
        .filter(form_versions::kind.eq(kind))
        .order(form_versions::number.desc())
        .limit(200)
        .select(FormVersion::as_select())
        .load(tx.conn())?)
}

/// One version by its number.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn version(tx: &mut ReadTx<'_>, kind: FormKind, number: i32) -> Result<FormVersion, AppError> {
    Ok(visible(tx)
        .filter(form_versions::kind.eq(kind).and(form_versions::number.eq(number)))
        .select(FormVersion::as_select())
        .first(tx.conn())?)
}

fn of_state(tx: &mut ReadTx<'_>, kind: FormKind, state: VersionState) -> Result<Option<FormVersion>, AppError> {
    Ok(visible(tx)
        .filter(form_versions::kind.eq(kind).and(form_versions::state.eq(state)))
        .select(FormVersion::as_select())
        .first(tx.conn())
        .optional()?)
}

/// What partners answer now; none when the program does not use the form.
///
/// # Errors
/// When the database does not answer.
pub fn live(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<Option<FormVersion>, AppError> {
    of_state(tx, kind, VersionState::Live)
}

/// The version that is being written.
///
/// # Errors
/// When the database does not answer.
pub fn draft(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<Option<FormVersion>, AppError> {
    of_state(tx, kind, VersionState::Draft)
}

/// Choices about a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether a pending partner becomes active by itself when it sends the form.
    pub activates: bool,
    /// 0 before anything was chosen.
    pub version: i32,
}

/// The choices of the program in scope.
///
/// # Errors
/// When the database does not answer.
pub fn settings(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<Settings, AppError> {
    let own = own_program(tx)?;
    let found: Option<(bool, i32)> =
        forms::table.find((own, kind)).select((forms::activates, forms::version)).first(tx.conn()).optional()?;
    Ok(found.map(|(activates, version)| Settings { activates, version }).unwrap_or_default())
}

/// The program that a transaction is in.
fn own_program(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    tx.actor().program_id().ok_or(AppError::NotFound)
}

fn faster(what: &str, by: &str) -> AppError {
    let by = if by.is_empty() { "Somebody" } else { by };
    AppError::Conflict(format!("{by} changed {what} meanwhile, so nothing was saved."))
}

/// A unique index says that somebody else did the same at the same moment.
fn taken(what: &'static str) -> impl FnOnce(DieselError) -> AppError {
    move |error| match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => faster(what, ""),
        other => other.into(),
    }
}

/// Saves the choices, if they are still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_settings(
    tx: &mut WriteTx<'_, UpdateForms>,
    kind: FormKind,
    seen: i32,
    activates: bool,
) -> Result<(), AppError> {
    let (own, now, by) = (own_program(tx)?, tx.now(), tx.actor().name().to_owned());
    if seen == 0 {
        diesel::insert_into(forms::table)
            .values((
                forms::program_id.eq(own),
                forms::kind.eq(kind),
                forms::activates.eq(activates),
                forms::updated_at.eq(now),
                forms::updated_by_name.eq(by),
            ))
            .execute(tx.conn())
            .map_err(taken("these settings"))?;
        return Ok(());
    }
    let row = forms::table.find((own, kind)).filter(forms::version.eq(seen));
    let saved = diesel::update(row)
        .set((
            forms::activates.eq(activates),
            forms::version.eq(seen + 1),
            forms::updated_at.eq(now),
            forms::updated_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(faster("these settings", "")) }
}

fn stored(questions: &[Question]) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(questions).map_err(|cause| AppError::Internal(cause.into()))
}

/// Begins a draft with some questions.
///
/// # Errors
/// [`AppError::Conflict`] when somebody began one at the same moment.
pub fn begin(tx: &mut WriteTx<'_, UpdateForms>, kind: FormKind, questions: &[Question]) -> Result<i32, AppError> {
    let (own, now, by) = (own_program(tx)?, tx.now(), tx.actor().name().to_owned());
    let last: Option<i32> = visible(tx)
        .filter(form_versions::kind.eq(kind))
        .select(diesel::dsl::max(form_versions::number))
        .first(tx.conn())?;
    let number = last.unwrap_or(0) + 1;
    diesel::insert_into(form_versions::table)
        .values((
            form_versions::id.eq(FormVersionId::new()),
            form_versions::program_id.eq(own),
            form_versions::kind.eq(kind),
            form_versions::number.eq(number),
            form_versions::state.eq(VersionState::Draft),
            form_versions::questions.eq(stored(questions)?),
            form_versions::changed_at.eq(now),
            form_versions::changed_by_name.eq(by),
        ))
        .execute(tx.conn())
        .map_err(taken("the form"))?;
    Ok(number)
}

/// Who was faster with a draft that was seen at another version.
fn stale(tx: &mut ReadTx<'_>, kind: FormKind) -> AppError {
    match draft(tx, kind) {
        Ok(Some(now)) => faster("the draft", &now.changed_by_name),
        Ok(None) => AppError::Conflict("The draft was published or discarded meanwhile. Nothing was saved.".into()),
        Err(error) => error,
    }
}

/// Saves the questions of a draft, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_questions(
    tx: &mut WriteTx<'_, UpdateForms>,
    draft: &FormVersion,
    seen: i32,
    questions: &[Question],
) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let row = form_versions::table.find(draft.id).filter(form_versions::version.eq(seen));
    let saved = diesel::update(row.filter(form_versions::state.eq(VersionState::Draft)))
        .set((
            form_versions::questions.eq(stored(questions)?),
            form_versions::version.eq(seen + 1),
            form_versions::changed_at.eq(now),
            form_versions::changed_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, draft.kind)) }
}

/// Makes a draft live and retires the version before it.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn publish(
    tx: &mut WriteTx<'_, UpdateForms>,
    draft: &FormVersion,
    seen: i32,
    renewal: Option<(i32, NaiveDate)>,
) -> Result<(), AppError> {
    let (own, now, by) = (own_program(tx)?, tx.now(), tx.actor().name().to_owned());
    let before = form_versions::table.filter(
        form_versions::program_id
            .eq(own)
            .and(form_versions::kind.eq(draft.kind))
            .and(form_versions::state.eq(VersionState::Live)),
    );
    diesel::update(before)
        .set((form_versions::state.eq(VersionState::Retired), form_versions::version.eq(form_versions::version + 1)))
        .execute(tx.conn())?;
    let row = form_versions::table.find(draft.id).filter(form_versions::version.eq(seen));
    let saved = diesel::update(row.filter(form_versions::state.eq(VersionState::Draft)))
        .set((
            form_versions::state.eq(VersionState::Live),
            form_versions::renew_number.eq(renewal.map(|(from, _)| from)),
            form_versions::renew_by.eq(renewal.map(|(_, by)| by)),
            form_versions::version.eq(seen + 1),
            form_versions::published_at.eq(now),
            form_versions::published_by_name.eq(by),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, draft.kind)) }
}

/// Throws a draft away.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn discard(tx: &mut WriteTx<'_, UpdateForms>, draft: &FormVersion, seen: i32) -> Result<(), AppError> {
    let row = form_versions::table.find(draft.id).filter(form_versions::version.eq(seen));
    let gone = diesel::delete(row.filter(form_versions::state.eq(VersionState::Draft))).execute(tx.conn())?;
    if gone == 1 { Ok(()) } else { Err(stale(tx, draft.kind)) }
}
