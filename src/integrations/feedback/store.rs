//! All SQL of feedback.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;

use super::model::{Item, Message, New, Thread, Weight, first_words};
use crate::access::{Permission, Scope};
use crate::db::ids::{IntegrationId, MessageId, ThreadId};
use crate::db::schema::{feedback_messages, feedback_threads};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::values::Choice;
use crate::web::error::AppError;

/// Items of one integration at the most.
const MOST: i64 = 1000;

/// The items that a person may see; row-level security keeps internal notes from a partner's people as well.
fn visible(tx: &ReadTx<'_>) -> feedback_threads::BoxedQuery<'static, Pg> {
    let rows = feedback_threads::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) => rows.filter(feedback_threads::program_id.eq(own)),
        Scope::Partner { program, partner } => rows.filter(
            feedback_threads::program_id
                .eq(program)
                .and(feedback_threads::partner_id.eq(partner))
                .and(feedback_threads::weight.ne("internal")),
        ),
        Scope::Everything => rows.filter(feedback_threads::id.ne(feedback_threads::id)),
    }
}

/// What was written in them.
fn visible_messages(tx: &ReadTx<'_>) -> feedback_messages::BoxedQuery<'static, Pg> {
    feedback_messages::table
        .filter(feedback_messages::thread_id.eq_any(visible(tx).select(feedback_threads::id)))
        .into_boxed()
}

/// How many items of an integration are not settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Blocking ones and advice together; never internal notes.
    pub all: usize,
    /// Those that keep it from being published.
    pub blocking: usize,
    /// Those of them that the partner has not answered.
    pub unanswered: usize,
}

/// Counts what is not settled.
///
/// # Errors
/// When the database does not answer.
pub fn open(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<Open, AppError> {
    let rows: Vec<(String, bool)> = visible(tx)
        .filter(
            feedback_threads::integration_id
                .eq(integration.id)
                .and(feedback_threads::resolved_at.is_null())
                .and(feedback_threads::weight.ne("internal")),
        )
        .select((feedback_threads::weight, feedback_threads::answered_at.is_not_null()))
        .load(tx.conn())?;
    let blocking = rows.iter().filter(|(weight, _)| weight == "blocking");
    Ok(Open {
        all: rows.len(),
        blocking: blocking.clone().count(),
        unanswered: blocking.filter(|(_, is_answered)| !is_answered).count(),
    })
}

/// How many items are not settled on each page, by the page's word.
///
/// # Errors
/// When the database does not answer.
pub fn open_by_page(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<HashMap<String, usize>, AppError> {
    let pages: Vec<String> = visible(tx)
        .filter(
            feedback_threads::integration_id
                .eq(integration.id)
                .and(feedback_threads::resolved_at.is_null())
                .and(feedback_threads::weight.ne("internal")),
        )
        .select(feedback_threads::page)
        .load(tx.conn())?;
    let mut open = HashMap::new();
    for page in pages {
        *open.entry(page).or_default() += 1;
    }
    Ok(open)
}

/// Of each of some integrations how many items are open and how many resolved; internal notes are not counted.
///
/// # Errors
/// When the database does not answer.
pub fn counts(tx: &mut ReadTx<'_>, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, (usize, usize)>, AppError> {
    let rows: Vec<(IntegrationId, bool)> = visible(tx)
        .filter(feedback_threads::integration_id.eq_any(ids.to_vec()).and(feedback_threads::weight.ne("internal")))
        .select((feedback_threads::integration_id, feedback_threads::resolved_at.is_null()))
        .load(tx.conn())?;
    let mut found: HashMap<IntegrationId, (usize, usize)> = HashMap::new();
    for (id, is_open) in rows {
        let (open, resolved) = found.entry(id).or_default();
        *(if is_open { open } else { resolved }) += 1;
    }
    Ok(found)
}

/// All items of an integration that was found in scope, in order.
///
/// # Errors
/// When the database does not answer.
pub fn threads(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Thread>, AppError> {
    Ok(visible(tx)
        .filter(feedback_threads::integration_id.eq(of.id))
        .order((feedback_threads::opened_at, feedback_threads::id))
        .limit(MOST)
        .select(Thread::as_select())
        .load(tx.conn())?)
}

/// What was written in some items, in order of time.
///
/// # Errors
/// When the database does not answer.
pub fn messages(tx: &mut ReadTx<'_>, ids: &[ThreadId]) -> Result<HashMap<ThreadId, Vec<Message>>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Message> = visible_messages(tx)
        .filter(feedback_messages::thread_id.eq_any(ids.to_vec()))
        .order((feedback_messages::at, feedback_messages::id))
        .select(Message::as_select())
        .load(tx.conn())?;
    let mut found: HashMap<ThreadId, Vec<Message>> = HashMap::new();
    for message in rows {
        found.entry(message.thread_id).or_default().push(message);
    }
    Ok(found)
}

/// One item of an integration that was found in scope, by its id as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, of: &Integration, id: &str) -> Result<Thread, AppError> {
    let id: ThreadId = id.parse().map_err(|_| AppError::NotFound)?;
    let row = feedback_threads::id.eq(id).and(feedback_threads::integration_id.eq(of.id));
    Ok(visible(tx).filter(row).select(Thread::as_select()).first(tx.conn())?)
}

/// The open items that both sides see, page by page, with how each begins.
///
/// # Errors
/// When the database does not answer.
pub fn items(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Item>, AppError> {
    let content = crate::integrations::store::content(tx, of)?;
    let open: Vec<Thread> = threads(tx, of)?
        .into_iter()
        .filter(|thread| !thread.is_resolved() && thread.weight != Weight::Internal)
        .collect();
    let ids: Vec<ThreadId> = open.iter().map(|thread| thread.id).collect();
    let said = messages(tx, &ids)?;
    let item = |thread: &Thread| Item {
        id: thread.id,
        page: thread.page,
        label: thread.label(&content),
        weight: thread.weight,
        words: said
            .get(&thread.id)
            .and_then(|all| all.first())
            .map(|one| first_words(&one.body, 120))
            .unwrap_or_default(),
        is_answered: thread.answered_at.is_some(),
        page_link: format!("/integrations/{}/pages/{}#t-{}", of.id, thread.page.key(), thread.id),
        review_link: format!("/integrations/{}/review?page={}#t-{}", of.id, thread.page.key(), thread.id),
    };
    let of_page = |page: PageName| open.iter().filter(move |thread| thread.page == page);
    Ok(PageName::ALL.iter().flat_map(|page| of_page(*page)).map(item).collect())
}

/// Stores an item with its first message.
///
/// # Errors
/// When the database does not answer.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration, new: &New) -> Result<ThreadId, AppError> {
    let (id, now, by, by_name) = (ThreadId::new(), tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(feedback_threads::table)
        .values((
            feedback_threads::id.eq(id),
            feedback_threads::program_id.eq(of.program_id),
            feedback_threads::partner_id.eq(of.partner_id),
            feedback_threads::integration_id.eq(of.id),
            feedback_threads::page.eq(new.page),
            feedback_threads::field.eq(new.spot.map(|spot| spot.to_string())),
            feedback_threads::criterion.eq(&new.criterion),
            feedback_threads::weight.eq(new.weight),
            feedback_threads::cycle.eq(of.cycle),
            feedback_threads::round.eq(of.round),
            feedback_threads::submission.eq(of.submission),
            feedback_threads::opened_at.eq(now),
            feedback_threads::opened_by.eq(by),
            feedback_threads::opened_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    write(tx, of, id, &new.body)?;
    Ok(id)
}

fn write<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration, id: ThreadId, body: &str) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(feedback_messages::table)
        .values((
            feedback_messages::id.eq(MessageId::new()),
            feedback_messages::partner_id.eq(of.partner_id),
            feedback_messages::thread_id.eq(id),
            feedback_messages::is_host.eq(matches!(tx.scope(), Scope::Program(_))),
            feedback_messages::body.eq(body),
            feedback_messages::at.eq(now),
            feedback_messages::author_id.eq(by),
            feedback_messages::author_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Stores a message of an open item; `answers`: whether it is the partner's answer, or the next move is the partner's.
///
/// # Errors
/// [`AppError::Refused`] when the item was resolved meanwhile.
pub fn reply<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    thread: &Thread,
    body: &str,
    answers: bool,
) -> Result<(), AppError> {
    let answered = answers.then_some(tx.now());
    let row = feedback_threads::id.eq(thread.id).and(feedback_threads::resolved_at.is_null());
    let saved = diesel::update(feedback_threads::table.filter(row))
        .set((feedback_threads::answered_at.eq(answered), feedback_threads::version.eq(feedback_threads::version + 1)))
        .execute(tx.conn())?;
    if saved != 1 {
        let words = "This item is resolved. A reviewer can open it again; then it can be answered.";
        return Err(AppError::Refused(words.into()));
    }
    write(tx, of, thread.id, body)
}

/// Settles an item, or opens it again.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn settle<P: Permission>(tx: &mut WriteTx<'_, P>, thread: &Thread, is_resolved: bool) -> Result<(), AppError> {
    let (now, by_name) = (tx.now(), tx.actor().name().to_owned());
    let (at, name) = if is_resolved { (Some(now), by_name) } else { (None, String::new()) };
    let row = feedback_threads::id.eq(thread.id).and(feedback_threads::resolved_at.is_null().eq(is_resolved));
    let saved = diesel::update(feedback_threads::table.filter(row))
        .set((
            feedback_threads::resolved_at.eq(at),
            feedback_threads::resolved_by_name.eq(name),
            feedback_threads::version.eq(feedback_threads::version + 1),
        ))
        .execute(tx.conn())?;
    if saved == 1 {
        return Ok(());
    }
    let words = if is_resolved { "This item is resolved already." } else { "This item is open already." };
    Err(AppError::Conflict(format!("{words} Look at it again.")))
}
