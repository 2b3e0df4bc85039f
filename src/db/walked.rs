//! Lists of many finds, walked along their own order.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;

fn switch(conn: &mut PgConnection, to: &str) -> QueryResult<()> {
    conn.batch_execute(&format!(
        "SET LOCAL enable_seqscan = {to}; SET LOCAL enable_bitmapscan = {to}; SET LOCAL enable_sort = {to}"
    ))
}

/// Runs a statement of a page whose search is known to find many: along the index of the page's order it is soon full.
///
/// Postgres does not know how many: row-level security keeps what it has learned about a column from the estimate of a
/// condition that might leak, such as `ILIKE`. Left to itself it would find all hundred thousand and sort them.
///
/// # Errors
/// Those of the statement.
pub fn walked<T>(
    conn: &mut PgConnection,
    is_wanted: bool,
    work: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
) -> QueryResult<T> {
    if !is_wanted {
        return work(conn);
    }
    switch(conn, "off")?;
    let found = work(conn)?;
    switch(conn, "on")?;
    Ok(found)
}
