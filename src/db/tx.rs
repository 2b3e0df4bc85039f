//! Transactions that carry who acts, when, and what they may see.

use std::any::Any;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use diesel::Connection;
use diesel::pg::PgConnection;
use uuid::Uuid;

use crate::access::{Actor, Permission, Scope, Standing};
use crate::activity::Event;
use crate::web::error::AppError;

/// Begins a transaction and takes on the database role and the settings that row-level security reads, in one round
/// trip. Nothing in it was typed by anybody: roles are fixed, ids are UUIDs.
pub(super) fn begin(words: &str, actor: &Actor) -> String {
    let (role, program, partner) = match actor.scope() {
        // Somebody without any membership sees no row, whatever a query asks for.
        Scope::Everything if actor.role().is_none() => ("portico_partner", String::new(), String::new()),
        // Nor does somebody whose role asks for a second factor that they do not have yet.
        _ if actor.standing() == Standing::NeedsSecondFactor => ("portico_partner", String::new(), String::new()),
        Scope::Everything => ("portico_host", String::new(), String::new()),
        Scope::Program(program) => ("portico_host", program.to_string(), String::new()),
        Scope::Partner { program, partner } => ("portico_partner", program.to_string(), partner.to_string()),
    };
    format!(
        "{words}; SET LOCAL ROLE {role}; SET LOCAL portico.program = '{program}'; SET LOCAL portico.partner = '{partner}'"
    )
}

/// A read-only transaction in one person's scope. Postgres itself refuses to write in it.
pub struct ReadTx<'c> {
    conn: &'c mut PgConnection,
    actor: Actor,
    now: DateTime<Utc>,
    /// What was asked already; none where what is asked may change meanwhile.
    known: Option<HashMap<(&'static str, Uuid), Rc<dyn Any>>>,
}

impl<'c> ReadTx<'c> {
    /// In a transaction that [`begin`] began.
    pub(super) fn new(conn: &'c mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Self {
        ReadTx { conn, actor: actor.clone(), now, known: Some(HashMap::new()) }
    }

    /// Asks the database once for what several parts of a page need: `what` of which thing. A transaction that writes
    /// asks each time.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn once<T: 'static>(
        &mut self,
        what: &'static str,
        of: Uuid,
        ask: impl FnOnce(&mut Self) -> Result<T, AppError>,
    ) -> Result<Rc<T>, AppError> {
        let known = self.known.as_ref().and_then(|known| known.get(&(what, of)).cloned());
        if let Some(found) = known.and_then(|found| found.downcast().ok()) {
            return Ok(found);
        }
        let found = Rc::new(ask(self)?);
        if let Some(known) = &mut self.known {
            known.insert((what, of), found.clone());
        }
        Ok(found)
    }

    /// The connection, for a slice's `store`.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.conn
    }

    /// What the person may see. It comes from their membership, never from the request.
    pub fn scope(&self) -> Scope {
        self.actor.scope()
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The moment of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// A transaction of a use case. The permission stays in its type, so that a use case can ask for exactly its own.
pub struct WriteTx<'c, P> {
    read: ReadTx<'c>,
    permission: PhantomData<P>,
}

impl<'c, P: Permission> WriteTx<'c, P> {
    pub(super) fn new(conn: &'c mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Self {
        WriteTx { read: ReadTx { known: None, ..ReadTx::new(conn, actor, now) }, permission: PhantomData }
    }
}

impl<'c, P> Deref for WriteTx<'c, P> {
    type Target = ReadTx<'c>;
    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<P> DerefMut for WriteTx<'_, P> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.read
    }
}

/// A transaction without a person; see [`super::Db::system`].
pub struct SystemTx<'c> {
    conn: &'c mut PgConnection,
    now: DateTime<Utc>,
}

impl<'c> SystemTx<'c> {
    pub(super) fn new(conn: &'c mut PgConnection, now: DateTime<Utc>) -> Self {
        SystemTx { conn, now }
    }

    /// The connection, as the owner of the tables.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.conn
    }

    /// The moment of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

impl SystemTx<'_> {
    /// Runs writes as one, where no transaction is around them; see [`super::Db::system_glance`].
    ///
    /// # Errors
    /// What the closure returns; then nothing was written.
    pub fn together<T>(&mut self, work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        let now = self.now;
        self.conn.transaction(|conn| work(&mut SystemTx::new(conn, now)))
    }
}

/// What a use case did: a value for the page, and the events for the activity log.
///
/// There is no way to make one without an event but [`Change::nothing`], after which the transaction is rolled back.
#[must_use]
pub struct Change<T> {
    value: T,
    events: Vec<Event>,
}

impl<T> Change<T> {
    /// One thing happened.
    pub fn new(value: T, event: Event) -> Self {
        Change { value, events: vec![event] }
    }

    /// One more thing happened.
    pub fn with(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// Many things happened; none means that nothing is kept.
    pub fn of(value: T, events: Vec<Event>) -> Self {
        Change { value, events }
    }

    /// Nothing happened: whatever was written is rolled back.
    pub fn nothing(value: T) -> Self {
        Change { value, events: Vec::new() }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn into_value(self) -> T {
        self.value
    }

    pub(super) fn into_parts(self) -> (T, Vec<Event>) {
        (self.value, self.events)
    }

    /// Everything that happened in both, with the value of the first.
    pub fn join<U>(mut self, other: Change<U>) -> Self {
        self.events.extend(other.events);
        self
    }

    /// The same events with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        Change { value: f(self.value), events: self.events }
    }
}
