//! What the sidebar counts, in one statement, and not anew for each page.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::IntoSql;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Waiting;
use crate::access::actor::{Actor, Scope};
use crate::access::permission::{Permission as _, ReadIntegration, ReadMail};
use crate::db::ids::{PartnerId, ProgramId, UserId};
use crate::db::schema::{integrations, outbox, partners};
use crate::db::{SystemTx, count_of, counted, sql};
use crate::notices;
use crate::web::error::AppError;

/// Counts end at one more than a thousand.
const COUNTED: i64 = 1001;
/// Letters that failed are news for so long.
const NEWS_DAYS: i64 = 7;
/// What was counted is shown again for so long, unless this process wrote meanwhile: another one may have.
const KEPT: TimeDelta = TimeDelta::seconds(5);
/// Counts that are kept at the most; then all are forgotten.
const KEYS: usize = 10_000;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Badges {
    /// Partners in scope, for who sees a program.
    pub partners: Option<i64>,
    /// Letters about the program that failed lately, for who reads its mail log.
    pub failed_letters: Option<i64>,
    /// Integrations that wait for whoever reads them where they are.
    pub waiting: Option<Waiting>,
}

/// Whose counts they are: all who see the same may be shown the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    scope: Scope,
    reads_mail: bool,
    reads_integrations: bool,
}

/// What was counted lately: a page asks for its counts only where something was written since the one before.
#[derive(Clone, Default)]
pub(super) struct Lately {
    badges: Kept<Place, Badges>,
    unread: Kept<UserId, i64>,
}

/// A count with the moment and the [`crate::db::Db::written`] that it is of.
type Counts<K, V> = HashMap<K, (u64, DateTime<Utc>, V)>;

struct Kept<K, V>(Arc<Mutex<Counts<K, V>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Kept(Arc::default())
    }
}

impl<K, V> Clone for Kept<K, V> {
    fn clone(&self) -> Self {
        Kept(self.0.clone())
    }
}

impl<K: Eq + Hash, V: Copy> Kept<K, V> {
    /// What is known, or what is counted now.
    fn get(
        &self,
        key: K,
        written: u64,
        now: DateTime<Utc>,
        count: impl FnOnce() -> Result<V, AppError>,
    ) -> Result<V, AppError> {
        let known = self.held().get(&key).copied();
        if let Some((_, _, value)) = known.filter(|(at, when, _)| *at == written && (now - *when).abs() < KEPT) {
            return Ok(value);
        }
        let value = count()?;
        let mut kept = self.held();
        if kept.len() >= KEYS {
            kept.clear();
        }
        kept.insert(key, (written, now, value));
        Ok(value)
    }

    fn held(&self) -> MutexGuard<'_, Counts<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts for somebody's sidebar, as far as they may read what is counted. `written` is [`crate::db::Db::written`] as
/// it was before the transaction.
///
/// # Errors
/// When the database does not answer.
pub(super) fn load(tx: &mut SystemTx<'_>, actor: &Actor, lately: &Lately, written: u64) -> Result<Badges, AppError> {
    let place = Place {
        scope: actor.scope,
        reads_mail: actor.may(&ReadMail::RULE),
        reads_integrations: actor.may(&ReadIntegration::RULE),
    };
    lately.badges.get(place, written, tx.now(), || match place.scope {
        Scope::Everything => Ok(Badges::default()),
        Scope::Program(program) => of_program(tx, program, place),
        Scope::Partner { partner, .. } => of_partner(tx, partner, place),
    })
}

/// Notifications that somebody did not read.
///
/// # Errors
/// When the database does not answer.
pub(super) fn unread(tx: &mut SystemTx<'_>, user: UserId, lately: &Lately, written: u64) -> Result<i64, AppError> {
    lately.unread.get(user, written, tx.now(), || notices::store::count_unread(tx, user))
}

/// Integrations that wait for an answer, the most urgent first.
#[auto_type]
fn waiting_in(program: ProgramId) -> _ {
    integrations::table
        .filter(integrations::program_id.eq(program))
        .filter(integrations::expected_at.is_not_null())
        .order((integrations::expected_at, integrations::id))
        .select(integrations::id)
}

fn of_program(tx: &mut SystemTx<'_>, program: ProgramId, place: Place) -> Result<Badges, AppError> {
    let now = tx.now();
    let all = partners::table.filter(partners::program_id.eq(program)).select(partners::id).limit(COUNTED);
    let failed = outbox::table
        .filter(place.reads_mail.into_sql::<Bool>())
        .filter(outbox::state.eq("failed").and(outbox::program_id.eq(program)))
        .filter(outbox::created_at.ge(now - TimeDelta::days(NEWS_DAYS)))
        // What was sent again, or is about an invitation that is over, needs nobody any more.
        .filter(sql::<Bool>("NOT portico_is_settled(outbox)"))
        .select(outbox::id)
        .limit(COUNTED);
    let late = waiting_in(program).filter(integrations::expected_at.lt(now)).limit(COUNTED);
    let waiting = waiting_in(program).limit(COUNTED);
    let counts = (count_of(all), count_of(failed), count_of(waiting), count_of(late));
    let (all, failed, count, late): (i64, i64, i64, i64) = diesel::select(counts).get_result(tx.conn())?;
    Ok(Badges {
        partners: Some(all),
        failed_letters: place.reads_mail.then_some(failed),
        waiting: place.reads_integrations.then_some(Waiting { count, late }),
    })
}

/// What waits for a partner's own people.
fn of_partner(tx: &mut SystemTx<'_>, partner: PartnerId, place: Place) -> Result<Badges, AppError> {
    if !place.reads_integrations {
        return Ok(Badges::default());
    }
    let asked = integrations::state.eq("changes_requested").or(integrations::revision.eq("changes_requested"));
    let some = integrations::table
        .filter(integrations::partner_id.eq(partner).and(asked.assume_not_null()))
        .select(integrations::id)
        .limit(COUNTED);
    let waiting = Waiting { count: counted(some, tx.conn())?, late: 0 };
    Ok(Badges { waiting: Some(waiting), ..Badges::default() })
}
