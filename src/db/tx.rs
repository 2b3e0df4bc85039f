//! Transactions that carry who acts, when, and what they may see.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::access::{Actor, Permission, Scope, Standing};
use crate::activity::Event;
use crate::web::error::AppError;

/// A read-only transaction in one person's scope. Postgres itself refuses to write in it.
pub struct ReadTx<'c> {
    conn: &'c mut PgConnection,
    actor: Actor,
    now: DateTime<Utc>,
}

impl<'c> ReadTx<'c> {
    /// Takes on the database role and the settings that row-level security reads.
    pub(super) fn begin(conn: &'c mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Result<Self, AppError> {
        let (role, program, partner) = match actor.scope() {
            // Somebody without any membership sees no row, whatever a query asks for.
            Scope::Everything if actor.role().is_none() => ("portico_partner", String::new(), String::new()),
            // Nor does somebody whose role asks for a second factor that they do not have yet.
            _ if actor.standing() == Standing::NeedsSecondFactor => ("portico_partner", String::new(), String::new()),
            Scope::Everything => ("portico_host", String::new(), String::new()),
            Scope::Program(program) => ("portico_host", program.to_string(), String::new()),
            Scope::Partner { program, partner } => ("portico_partner", program.to_string(), partner.to_string()),
        };
        diesel::select((
            set_config("role", role, true),
            set_config("portico.program", program, true),
            set_config("portico.partner", partner, true),
        ))
        .execute(conn)?;
        Ok(ReadTx { conn, actor: actor.clone(), now })
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

diesel::define_sql_function! {
    /// Postgres's `set_config`: as `SET LOCAL`, but with bound values.
    fn set_config(name: Text, value: Text, is_local: diesel::sql_types::Bool) -> Text;
}

/// A transaction of a use case. The permission stays in its type, so that a use case can ask for exactly its own.
pub struct WriteTx<'c, P> {
    read: ReadTx<'c>,
    permission: PhantomData<P>,
}

impl<'c, P: Permission> WriteTx<'c, P> {
    pub(super) fn begin(conn: &'c mut PgConnection, actor: &Actor, now: DateTime<Utc>) -> Result<Self, AppError> {
        Ok(WriteTx { read: ReadTx::begin(conn, actor, now)?, permission: PhantomData })
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
    pub(super) fn begin(conn: &'c mut PgConnection, now: DateTime<Utc>) -> Self {
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
