//! Counts that end where their query does, and several of them in one statement.

use diesel::expression::{AppearsOnTable, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt};

/// `(SELECT count(*) FROM (…))`: a value, to be selected beside others.
#[derive(QueryId)]
pub struct CountOf<Q>(Q);

impl<Q> Expression for CountOf<Q> {
    type SqlType = BigInt;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for CountOf<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted)");
        Ok(())
    }
}

impl<Q, From> AppearsOnTable<From> for CountOf<Q> {}
impl<Q, From> SelectableExpression<From> for CountOf<Q> {}

impl<Q, Group> ValidGrouping<Group> for CountOf<Q> {
    type IsAggregate = is_aggregate::Never;
}

/// How many rows a query has, as a value. Give it a limit: a table is never counted through. A page that shows several
/// counts selects them together: each statement more costs a round trip.
pub fn count_of<Q: QueryFragment<Pg> + QueryId>(query: Q) -> CountOf<Q> {
    CountOf(query)
}

/// How many rows each of several queries has, as an array. See [`counts_of`].
pub struct CountsOf(Vec<Box<dyn QueryFragment<Pg> + Send>>);

impl Expression for CountsOf {
    type SqlType = Array<BigInt>;
}

impl QueryFragment<Pg> for CountsOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("ARRAY[");
        for (nth, query) in self.0.iter().enumerate() {
            out.push_sql(if nth == 0 { "(SELECT count(*) FROM (" } else { ", (SELECT count(*) FROM (" });
            query.walk_ast(out.reborrow())?;
            out.push_sql(") AS counted)");
        }
        out.push_sql("]::bigint[]");
        Ok(())
    }
}

impl QueryId for CountsOf {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<From> AppearsOnTable<From> for CountsOf {}
impl<From> SelectableExpression<From> for CountsOf {}

impl<Group> ValidGrouping<Group> for CountsOf {
    type IsAggregate = is_aggregate::Never;
}

/// How many rows each of these queries has, as a value: for as many as there happen to be. Give each a limit.
pub fn counts_of<Q: QueryFragment<Pg> + Send + 'static>(queries: impl IntoIterator<Item = Q>) -> CountsOf {
    CountsOf(queries.into_iter().map(|query| Box::new(query) as Box<dyn QueryFragment<Pg> + Send>).collect())
}

/// How many rows each of these queries has, in one statement.
///
/// # Errors
/// When the database does not answer.
pub fn all_counted<Q: QueryFragment<Pg> + Send + 'static>(
    queries: impl IntoIterator<Item = Q>,
    conn: &mut PgConnection,
) -> QueryResult<Vec<i64>> {
    diesel::select(counts_of(queries)).get_result(conn)
}

/// How many rows a query has, counted in the database. Give it a limit.
///
/// # Errors
/// When the database does not answer.
pub fn counted<Q: QueryFragment<Pg> + QueryId>(query: Q, conn: &mut PgConnection) -> QueryResult<i64> {
    diesel::select(count_of(query)).get_result(conn)
}
