//! Counts that end where their query does.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

/// `SELECT count(*) FROM (…)`.
#[derive(QueryId)]
struct Counted<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q> RunQueryDsl<PgConnection> for Counted<Q> {}

/// How many rows a query has, counted in the database. Give it a limit: a table is never counted through.
///
/// # Errors
/// When the database does not answer.
pub fn counted<Q: QueryFragment<Pg> + QueryId>(query: Q, conn: &mut PgConnection) -> QueryResult<i64> {
    Counted(query).get_result(conn)
}
