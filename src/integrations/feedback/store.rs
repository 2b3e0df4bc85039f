//! All SQL of feedback.

use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::Scope;
use crate::db::ReadTx;
use crate::db::schema::feedback_threads;
use crate::integrations::model::Integration;
use crate::web::error::AppError;

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
pub fn open_by_page(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
) -> Result<std::collections::HashMap<String, usize>, AppError> {
    let pages: Vec<String> = visible(tx)
        .filter(
            feedback_threads::integration_id
                .eq(integration.id)
                .and(feedback_threads::resolved_at.is_null())
                .and(feedback_threads::weight.ne("internal")),
        )
        .select(feedback_threads::page)
        .load(tx.conn())?;
    let mut open = std::collections::HashMap::new();
    for page in pages {
        *open.entry(page).or_default() += 1;
    }
    Ok(open)
}
