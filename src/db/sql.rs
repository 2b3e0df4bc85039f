//! SQL written by hand that is prepared once for each connection. Diesel's own [`diesel::dsl::sql`] and
//! [`diesel::sql_query`] are parsed and planned anew each time, which costs as much as many of these statements do.
//!
//! Searches stay with Diesel's: their plan has to follow the words that are sought.

use std::marker::PhantomData;

use diesel::expression::{AppearsOnTable, AsExpression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{SingleValue, SqlType, Untyped};

type Bound = Box<dyn QueryFragment<Pg> + Send + Sync>;

fn bound<T, U>(value: U) -> Bound
where
    T: SqlType + SingleValue,
    U: AsExpression<T>,
    U::Expression: QueryFragment<Pg> + Send + Sync + 'static,
{
    Box::new(value.as_expression())
}

enum Part {
    Text(String),
    Value(Bound),
}

/// An expression in SQL, of a type that is told, with values between its parts. See [`sql`].
pub struct Sql<T> {
    parts: Vec<Part>,
    kind: PhantomData<fn() -> T>,
}

/// An expression in SQL. Its text has to come from a handful: each is prepared and kept.
pub fn sql<T>(text: &str) -> Sql<T> {
    Sql { parts: vec![Part::Text(text.to_owned())], kind: PhantomData }
}

impl<T> Sql<T> {
    /// A value after what is there.
    pub fn bind<K, U>(mut self, value: U) -> Self
    where
        K: SqlType + SingleValue,
        U: AsExpression<K>,
        U::Expression: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.parts.push(Part::Value(bound(value)));
        self
    }

    /// More text after what is there.
    pub fn sql(mut self, text: &str) -> Self {
        self.parts.push(Part::Text(text.to_owned()));
        self
    }
}

impl<T: SqlType + SingleValue> Expression for Sql<T> {
    type SqlType = T;
}

impl<T> QueryFragment<Pg> for Sql<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Value(value) => value.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

impl<T> QueryId for Sql<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, From> AppearsOnTable<From> for Sql<T> where Self: Expression {}
impl<T, From> SelectableExpression<From> for Sql<T> where Self: Expression {}

impl<T, Group> ValidGrouping<Group> for Sql<T> {
    type IsAggregate = is_aggregate::Never;
}

/// A whole statement in SQL, its values numbered from `$1`; what it finds is read by the names of its columns.
pub struct Statement {
    text: String,
    values: Vec<Bound>,
    is_kept: bool,
}

/// A whole statement in SQL. Its text has to come from a handful: each is prepared and kept.
pub fn statement(text: impl Into<String>) -> Statement {
    Statement { text: text.into(), values: Vec::new(), is_kept: true }
}

impl Statement {
    /// The next value.
    pub fn bind<K, U>(mut self, value: U) -> Self
    where
        K: SqlType + SingleValue,
        U: AsExpression<K>,
        U::Expression: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.values.push(bound(value));
        self
    }

    /// Planned anew each time, where its plan has to follow its values.
    pub fn planned_anew(self) -> Self {
        Statement { is_kept: false, ..self }
    }
}

impl QueryFragment<Pg> for Statement {
    /// Values are numbered anew: one that is named twice is sent twice.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        let mut parts = self.text.split('$');
        out.push_sql(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let (number, rest) = part.split_at(end);
            let value = number.parse::<usize>().ok().and_then(|number| self.values.get(number.checked_sub(1)?));
            let value = value.ok_or_else(|| {
                diesel::result::Error::QueryBuilderError(format!("there is no value for ${number}").into())
            })?;
            value.walk_ast(out.reborrow())?;
            out.push_sql(rest);
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Statement {}
