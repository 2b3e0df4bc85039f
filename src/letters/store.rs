//! Letters and their words, in the scope of whoever asks.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::not;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};

use super::model::{Health, State};
use crate::access::{ResendMail, Role, Scope, UpdateLetters};
use crate::db::ids::{InvitationId, LetterId, PartnerId, ProgramId, UserId};
use crate::db::schema::{letter_texts, mail_choices, outbox};
use crate::db::{ReadTx, SystemTx, WriteTx, all_counted, counted, sql};
use crate::mail::words::Words;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Keyset, like};

const WAITING: [State; 2] = [State::Queued, State::Retrying];

/// The only letter whose words a program may choose.
const WELCOME: &str = "Invitation";

/// A line of a list of letters.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = outbox)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub id: LetterId,
    pub partner_id: Option<PartnerId>,
    pub kind: String,
    pub subject: String,
    pub recipient: String,
    pub recipient_name: String,
    pub state: State,
    pub last_error: Option<String>,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// A letter with all that is needed to write it again.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = outbox)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Stored {
    #[diesel(embed)]
    pub line: Line,
    pub letter: serde_json::Value,
    pub program_id: Option<ProgramId>,
    pub user_id: Option<UserId>,
    pub about_id: Option<InvitationId>,
    pub hosts_only: bool,
    pub members_only: bool,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What a list of letters is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of an address or a subject.
    pub search: String,
    /// One kind of letter.
    pub kind: String,
    /// About one partner.
    pub partner: Option<PartnerId>,
    /// Not written before.
    pub since: Option<DateTime<Utc>>,
    /// In one state.
    pub state: Option<State>,
}

/// Letters as far as the person may see them. Those about accounts are about no program: system administrators only.
fn visible(tx: &ReadTx<'_>) -> outbox::BoxedQuery<'static, Pg> {
    let rows = outbox::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) if tx.actor().role() == Some(Role::SystemAdmin) => {
            rows.filter(outbox::program_id.eq(program).or(outbox::program_id.is_null()))
        }
        Scope::Program(program) => rows.filter(outbox::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(outbox::program_id.eq(program).and(outbox::partner_id.eq(partner)).and(not(outbox::hosts_only)))
        }
    }
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> outbox::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if !filter.search.is_empty() {
        let pattern = like(&filter.search);
        rows = rows.filter(outbox::recipient.ilike(pattern.clone()).or(outbox::subject.ilike(pattern)));
    }
    if !filter.kind.is_empty() {
        rows = rows.filter(outbox::kind.eq(filter.kind.clone()));
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(outbox::partner_id.eq(partner));
    }
    if let Some(since) = filter.since {
        rows = rows.filter(outbox::created_at.ge(since));
    }
    if let Some(state) = filter.state {
        rows = rows.filter(outbox::state.eq(state));
    }
    rows
}

/// One page, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, page: &Keyset) -> Result<Vec<Line>, AppError> {
    let mut rows = filtered(tx, filter);
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
    Ok(rows.limit(page.limit()).select(Line::as_select()).load(tx.conn())?)
}

/// How many there are in a state, to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter, state: State) -> Result<i64, AppError> {
    let filter = Filter { state: Some(state), ..filter.clone() };
    let some = filtered(tx, &filter).select(outbox::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// The latest letters of all programs, for the operator of the machine.
///
/// # Errors
/// When the database does not answer.
pub fn latest(tx: &mut SystemTx<'_>, state: Option<State>, limit: i64) -> Result<Vec<Line>, AppError> {
    let mut rows = outbox::table.into_boxed();
    if let Some(state) = state {
        rows = rows.filter(outbox::state.eq(state));
    }
    let rows = rows.order((outbox::created_at.desc(), outbox::id.desc())).limit(limit);
    Ok(rows.select(Line::as_select()).load(tx.conn())?)
}

/// Whether letters leave.
///
/// # Errors
/// When the database does not answer.
pub fn health(tx: &mut ReadTx<'_>) -> Result<Health, AppError> {
    let week = Filter { since: Some(tx.now() - TimeDelta::days(7)), ..Filter::default() };
    let accepted: Option<Option<DateTime<Utc>>> = visible(tx)
        .filter(outbox::state.eq(State::Sent))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(outbox::sent_at)
        .first(tx.conn())
        .optional()?;
    let waiting = visible(tx)
        .filter(outbox::state.eq_any(WAITING))
        .order((outbox::created_at.asc(), outbox::id.asc()))
        .select(outbox::created_at)
        .first(tx.conn())
        .optional()?;
    Ok(Health { accepted: accepted.flatten(), waiting, sent: count(tx, &week, State::Sent)? })
}

/// Letters of the last seven days: how many failed and nothing took the place of, and how many were sent; each to one
/// more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn week(tx: &mut ReadTx<'_>) -> Result<(i64, i64), AppError> {
    let week = Filter { since: Some(tx.now() - TimeDelta::days(7)), ..Filter::default() };
    let failed = Filter { state: Some(State::Failed), ..week.clone() };
    let left = filtered(tx, &failed).filter(sql::<Bool>("NOT portico_is_settled(outbox)"));
    let sent = filtered(tx, &Filter { state: Some(State::Sent), ..week });
    let counts = [left, sent].map(|rows| rows.select(outbox::id).limit(CAP + 1));
    let [left, sent] = <[i64; 2]>::try_from(all_counted(counts, tx.conn())?).unwrap_or_default();
    Ok((left, sent))
}

/// One letter.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn find(tx: &mut ReadTx<'_>, id: LetterId) -> Result<Stored, AppError> {
    Ok(visible(tx).filter(outbox::id.eq(id)).select(Stored::as_select()).first(tx.conn())?)
}

/// The same, held until the transaction ends, so that two people do not send it again at once.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn hold(tx: &mut WriteTx<'_, ResendMail>, id: LetterId) -> Result<Stored, AppError> {
    find(tx, id)?;
    outbox::table.find(id).select(outbox::id).for_update().first::<LetterId>(tx.conn())?;
    find(tx, id)
}

/// Whether the very same letter to the same address is on its way.
///
/// # Errors
/// When the database does not answer.
pub fn is_under_way(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<bool, AppError> {
    let same: Option<LetterId> = visible(tx)
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::recipient.eq(stored.line.recipient.clone()))
        .filter(outbox::letter.eq(stored.letter.clone()))
        .select(outbox::id)
        .first(tx.conn())
        .optional()?;
    Ok(same.is_some())
}

/// The program's own words of the welcome letter with their version; 0 stands for the standard words.
///
/// # Errors
/// When the database does not answer.
pub fn welcome(tx: &mut ReadTx<'_>) -> Result<(Option<Words>, i32), AppError> {
    let Some(program) = tx.actor().program_id() else { return Ok((None, 0)) };
    let found: Option<(String, String, i32)> = letter_texts::table
        .find((program, WELCOME))
        .select((letter_texts::subject, letter_texts::body, letter_texts::version))
        .first(tx.conn())
        .optional()?;
    Ok(found.map_or((None, 0), |(subject, body, version)| (Some(Words { subject, body }), version)))
}

/// Keeps words; false when somebody else saved others since this version.
///
/// # Errors
/// When the database does not answer.
pub fn save_welcome(
    tx: &mut WriteTx<'_, UpdateLetters>,
    program: ProgramId,
    seen: i32,
    words: &Words,
) -> Result<bool, AppError> {
    let now = tx.now();
    let written = if seen == 0 {
        diesel::insert_into(letter_texts::table)
            .values((
                letter_texts::program_id.eq(program),
                letter_texts::letter.eq(WELCOME),
                letter_texts::subject.eq(&words.subject),
                letter_texts::body.eq(&words.body),
                letter_texts::updated_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn())?
    } else {
        diesel::update(letter_texts::table.find((program, WELCOME)).filter(letter_texts::version.eq(seen)))
            .set((
                letter_texts::subject.eq(&words.subject),
                letter_texts::body.eq(&words.body),
                letter_texts::version.eq(seen + 1),
                letter_texts::updated_at.eq(now),
            ))
            .execute(tx.conn())?
    };
    Ok(written == 1)
}

/// The topics that somebody does not want letters about.
///
/// # Errors
/// When the database does not answer.
pub fn muted(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<String>, AppError> {
    let unwanted = mail_choices::table.filter(mail_choices::user_id.eq(user).and(not(mail_choices::wanted)));
    Ok(unwanted.select(mail_choices::topic).load(tx.conn())?)
}

/// Notes whether somebody wants letters about a topic.
///
/// # Errors
/// When the database does not answer.
pub fn choose(tx: &mut SystemTx<'_>, user: UserId, topic: &str, wanted: bool) -> Result<(), AppError> {
    diesel::insert_into(mail_choices::table)
        .values((mail_choices::user_id.eq(user), mail_choices::topic.eq(topic), mail_choices::wanted.eq(wanted)))
        .on_conflict((mail_choices::user_id, mail_choices::topic))
        .do_update()
        .set(mail_choices::wanted.eq(wanted))
        .execute(tx.conn())?;
    Ok(())
}
