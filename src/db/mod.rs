//! The only way to the database: *no grant, no transaction*.
//!
//! [`Db::read`] and [`Db::write`] take a [`Grant`], open one transaction on a blocking thread, take on the
//! database role and the partner scope of the person who holds the grant, and hand the slice a [`ReadTx`] or
//! [`WriteTx`]. A write returns a [`Change`], whose events are stored in the same transaction, or nothing is.
//!
//! [`Db::system`] is the one exception: it opens a transaction without a person, for sign-in, background work
//! and start-up. Each caller states its reason, and a test freezes the list of callers.

mod counted;
pub mod embedded;
pub mod ids;
pub mod migrations;
/// The tables, as the migrations make them.
pub mod schema;
mod sql;
mod tx;
mod walked;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};

use crate::access::grant::only_looking;
use crate::access::{Actor, Grant, Permission};
use crate::activity;
use crate::web::error::AppError;

pub use counted::{CountOf, CountsOf, all_counted, count_of, counted, counts_of};
pub use sql::{Sql, Statement, sql, statement};
pub use tx::{Change, ReadTx, SystemTx, WriteTx};
pub use walked::walked;
use watch::Presence;

type PgPool = Pool<ConnectionManager<PgConnection>>;

/// Where the present moment comes from. Tests and the demo set it; nothing else reads the system's clock.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<std::sync::Mutex<DateTime<Utc>>>>);

impl Clock {
    /// A clock that stands still until [`Clock::set`].
    pub fn fixed(at: DateTime<Utc>) -> Clock {
        Clock(Some(Arc::new(std::sync::Mutex::new(at))))
    }

    /// The present moment, cut to microseconds as Postgres stores it.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            None => Utc::now(),
            Some(at) => *at.lock().unwrap_or_else(|poisoned| poisoned.into_inner()),
        };
        chrono::SubsecRound::trunc_subsecs(now, 6)
    }

    /// Moves a fixed clock; the system's clock is left alone.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Some(at) = &self.0 {
            *at.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = to;
        }
    }
}

/// Handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    clock: Clock,
    presence: Presence,
    written: Arc<AtomicU64>,
}

/// Limits of the pool and of each statement. Units are in the names.
#[derive(Clone, Debug)]
pub struct PoolLimits {
    /// Connections held at the most.
    pub size: u32,
    /// How long a request waits for a free connection before it is answered 503.
    pub wait_seconds: u64,
    /// How long one statement may run.
    pub statement_seconds: u64,
}

#[derive(Debug)]
struct SessionSettings {
    statement_seconds: u64,
}

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for SessionSettings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(&format!(
            "SET application_name = 'portico'; SET timezone = 'UTC'; SET statement_timeout = '{}s'; \
             SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '30s'",
            self.statement_seconds
        ))
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Db {
    /// Opens the pool and checks that the database answers.
    ///
    /// # Errors
    /// When the server cannot be reached within the pool's wait.
    pub fn connect(url: &str, limits: &PoolLimits, clock: Clock) -> anyhow::Result<Db> {
        let pool = Pool::builder()
            .max_size(limits.size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            // What goes wrong is told to whoever waits for a connection; a command that ends is nobody's trouble.
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .connection_timeout(Duration::from_secs(limits.wait_seconds))
            .connection_customizer(Box::new(SessionSettings { statement_seconds: limits.statement_seconds }))
            .build_unchecked(ConnectionManager::<PgConnection>::new(with_keepalives(url)));
        let db = Db { pool, clock, presence: Presence::default(), written: Arc::default() };
        db.connection().map_err(|_| anyhow::anyhow!("the database does not answer"))?;
        Ok(db)
    }

    /// The same database under another clock: the demo tells a year in a minute.
    pub fn with_clock(&self, clock: Clock) -> Db {
        Db { clock, ..self.clone() }
    }

    /// The present moment for code outside a transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The clock itself: the demo and the tests move it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that takes a connection")]
    fn connection(&self) -> Result<PooledConnection<ConnectionManager<PgConnection>>, AppError> {
        self.pool.get().map_err(|cause| AppError::Busy(cause.to_string()))
    }

    /// Runs work in a transaction of its own, that begins with these words. Connections that the server closed while
    /// they lay idle are passed over: nothing was begun on them.
    fn transaction<T, E>(&self, begin: &str, work: impl FnOnce(&mut PgConnection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error> + From<AppError>,
    {
        let mut tries = self.pool.max_size() + 1;
        loop {
            let mut conn = self.connection()?;
            tries -= 1;
            match AnsiTransactionManager::begin_transaction_sql(&mut *conn, begin) {
                Ok(()) => return ended(&mut conn, work),
                Err(cause) if tries == 0 => return Err(cause.into()),
                Err(_) => {}
            }
        }
    }

    /// Runs statements that need no transaction around them, and may be asked again where a connection turns out to
    /// have been closed while it lay idle.
    fn glance<T>(&self, work: impl Fn(&mut PgConnection) -> Result<T, AppError>) -> Result<T, AppError> {
        let mut tries = self.pool.max_size() + 1;
        loop {
            let mut conn = self.connection()?;
            tries -= 1;
            let done = work(&mut conn);
            if done.is_ok() || tries == 0 || is_alive(&mut conn) {
                return done;
            }
        }
    }

    /// The outcome of work, unless the database is away, or goes away meanwhile: then nobody waits for it.
    async fn while_there<T>(&self, work: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
        if self.presence.is_away() {
            return Err(AppError::Busy("the database is away".into()));
        }
        tokio::select! {
            biased;
            done = work => done,
            // It may be done all the same, once the database is back.
            () = self.presence.gone() => Err(AppError::Deadline),
        }
    }

    /// Runs a page's queries in one read-only transaction with the scope of the grant's holder.
    ///
    /// # Errors
    /// What the closure returns; [`AppError::Busy`] when no connection is to be had in time.
    pub async fn read<P: Permission, T: Send + 'static>(
        &self,
        grant: &Grant<P>,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let (db, actor) = (self.clone(), grant.actor().clone());
        self.while_there(blocking(move || db.read_as(&actor, work))).await
    }

    /// As [`Db::read`], on the present thread: for commands and jobs.
    pub fn read_now<P: Permission, T>(
        &self,
        grant: &Grant<P>,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        self.read_as(grant.actor(), work)
    }

    fn read_as<T>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let now = self.now();
        self.transaction(&tx::begin("BEGIN READ ONLY", actor), |conn| work(&mut ReadTx::new(conn, actor, now)))
    }

    /// Runs a use case in one transaction; its events are stored with it.
    ///
    /// # Errors
    /// What the closure returns; then nothing was written.
    pub async fn write<P: Permission, T: Send + 'static>(
        &self,
        grant: &Grant<P>,
        work: impl FnOnce(&mut WriteTx<'_, P>) -> Result<Change<T>, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let (db, actor) = (self.clone(), grant.actor().clone());
        self.while_there(blocking(move || db.write_as(&actor, work))).await
    }

    /// As [`Db::write`], on the present thread: for commands and jobs.
    pub fn write_now<P: Permission, T>(
        &self,
        grant: &Grant<P>,
        work: impl FnOnce(&mut WriteTx<'_, P>) -> Result<Change<T>, AppError>,
    ) -> Result<T, AppError> {
        self.write_as(grant.actor(), work)
    }

    fn write_as<P: Permission, T>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&mut WriteTx<'_, P>) -> Result<Change<T>, AppError>,
    ) -> Result<T, AppError> {
        // Whoever looks through another's eyes changes nothing, whatever way they came here.
        only_looking(actor)?;
        let now = self.now();
        let ended = self.transaction(&tx::begin("BEGIN", actor), |conn| {
            let mut tx = WriteTx::<P>::new(conn, actor, now);
            let change = work(&mut tx)?;
            if change.is_nothing() {
                // Rolled back, so that "nothing changed" is true whatever the use case did.
                return Err(Ended::Unchanged(change.into_value()));
            }
            let (value, events) = change.into_parts();
            activity::store::insert(&mut tx, &events)?;
            Ok(value)
        });
        self.written.fetch_add(1, Ordering::AcqRel);
        match ended {
            Ok(value) | Err(Ended::Unchanged(value)) => Ok(value),
            Err(Ended::Failed(error)) => Err(error),
        }
    }

    /// Runs a use case and rolls it back: a dry run through the very same code as the write.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn rehearse_now<P: Permission, T>(
        &self,
        grant: &Grant<P>,
        work: impl FnOnce(&mut WriteTx<'_, P>) -> Result<Change<T>, AppError>,
    ) -> Result<T, AppError> {
        self.write_now(grant, |tx| Ok(Change::nothing(work(tx)?.into_value())))
    }

    /// A transaction without a person, as the owner of the tables. The reason is logged.
    ///
    /// # Errors
    /// What the closure returns; then nothing was written.
    pub async fn system<T: Send + 'static>(
        &self,
        reason: &'static str,
        work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let db = self.clone();
        self.while_there(blocking(move || db.system_now(reason, work))).await
    }

    /// As [`Db::system`], on the present thread.
    pub fn system_now<T>(
        &self,
        reason: &'static str,
        work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        tracing::debug!(reason, "system transaction");
        let now = self.now();
        let done = self.transaction("BEGIN", |conn| work(&mut SystemTx::new(conn, now)));
        self.written.fetch_add(1, Ordering::AcqRel);
        done
    }

    /// As [`Db::system`], but each statement is a transaction by itself, which spares two round trips: for what each
    /// request asks before anything else. The work may run again, on another connection.
    ///
    /// # Errors
    /// What the closure returns.
    pub async fn system_glance<T: Send + 'static>(
        &self,
        reason: &'static str,
        work: impl Fn(&mut SystemTx<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        tracing::debug!(reason, "system statements");
        let (db, now) = (self.clone(), self.now());
        self.while_there(blocking(move || db.glance(|conn| work(&mut SystemTx::new(conn, now))))).await
    }

    /// Whether the database answers now.
    pub async fn answers(&self) -> bool {
        self.system("readiness", |tx| Ok(diesel::sql_query("SELECT 1").execute(tx.conn())?)).await.is_ok()
    }

    /// Watches the database from now on: requests to one that is away are answered at once, until it is back.
    ///
    /// # Errors
    /// When there can be no thread for it.
    pub fn watch(&self, url: &str) -> anyhow::Result<()> {
        self.presence.watch(url.to_owned()).context("the database cannot be watched")
    }

    /// A number that is another one after each transaction of this process that could write: what was read before it
    /// changed may be shown again, as far as this process goes.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Connections in use and at the most.
    pub fn pool_use(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections - state.idle_connections, self.pool.max_size())
    }
}

/// The end of a transaction that has begun.
fn ended<T, E: From<diesel::result::Error>>(
    conn: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, E>,
) -> Result<T, E> {
    match work(conn) {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(conn)?;
            Ok(value)
        }
        Err(refusal) => match AnsiTransactionManager::rollback_transaction(conn) {
            Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(refusal),
            Err(cause) => Err(cause.into()),
        },
    }
}

/// Whether a connection still answers; the pool drops one on which no transaction could begin.
fn is_alive(conn: &mut PgConnection) -> bool {
    AnsiTransactionManager::begin_transaction(conn)
        .and_then(|()| AnsiTransactionManager::rollback_transaction(conn))
        .is_ok()
}

enum Ended<T> {
    Unchanged(T),
    Failed(AppError),
}

impl<T> From<AppError> for Ended<T> {
    fn from(error: AppError) -> Self {
        Ended::Failed(error)
    }
}

impl<T> From<diesel::result::Error> for Ended<T> {
    fn from(error: diesel::result::Error) -> Self {
        Ended::Failed(error.into())
    }
}

/// Runs work that blocks (queries, hashing, decoding images) away from the request threads.
///
/// # Errors
/// What the work returns; an internal error when it panicked.
#[expect(clippy::disallowed_methods, reason = "the one door to the blocking threads")]
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let span = tracing::Span::current();
    match actix_web::web::block(move || span.in_scope(work)).await {
        Ok(result) => result,
        Err(cause) => Err(AppError::Internal(anyhow::Error::new(cause).context("blocking work panicked"))),
    }
}

/// A dead server must be noticed within seconds, not within the kernel's two hours.
fn with_keepalives(url: &str) -> String {
    const EXTRA: &str =
        "connect_timeout=2&keepalives_idle=10&keepalives_interval=3&keepalives_count=3&tcp_user_timeout=10000";
    if !url.contains("://") {
        return url.to_owned();
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{EXTRA}")
}

/// A plain connection outside the pool: for migrations and checks at start.
///
/// # Errors
/// When the server cannot be reached.
pub fn plain_connection(url: &str) -> anyhow::Result<PgConnection> {
    PgConnection::establish(&with_keepalives(url)).context("the database cannot be reached")
}

/// Tells Postgres what there is, after very much went in: what pages cost hangs on it.
///
/// # Errors
/// When the server cannot be reached.
pub fn settle(url: &str) -> anyhow::Result<()> {
    plain_connection(url)?.batch_execute("VACUUM (ANALYZE)").context("the database could not be settled")
}
