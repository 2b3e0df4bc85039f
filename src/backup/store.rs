//! All SQL of backups: about the database as a whole, as the owner of its tables.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// Roles belong to the server and are in no dump: the first migration makes them, in the block that it begins with.
const FIRST: &str = include_str!("../../migrations/2026-11-21-000100_create_roles_and_extensions/up.sql");

/// Makes the roles that the page's transactions take on.
///
/// # Errors
/// When the database does not let us.
pub fn make_roles(conn: &mut PgConnection) -> anyhow::Result<()> {
    let roles = FIRST.split_inclusive("END $$;").next().unwrap_or_default();
    conn.batch_execute(roles).context("the database roles could not be made")
}

/// Takes everything away.
///
/// # Errors
/// When the database does not let us.
pub fn clear(conn: &mut PgConnection) -> anyhow::Result<()> {
    conn.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").context("the tables could not be taken away")
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Rows of each table of the portal, partitions as part of theirs.
///
/// # Errors
/// When the database does not answer.
pub fn rows(conn: &mut PgConnection) -> anyhow::Result<BTreeMap<String, i64>> {
    let names: Vec<Counted> = diesel::sql_query(
        "SELECT relname::text AS name, 0::bigint AS count FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname",
    )
    .load(conn)?;
    let mut found = BTreeMap::new();
    for Counted { name, .. } in names {
        // A name of our own migrations; quoted all the same.
        let quoted = name.replace('"', "\"\"");
        let one: Counted =
            diesel::sql_query(format!("SELECT '' AS name, count(*) AS count FROM \"{quoted}\"")).get_result(conn)?;
        found.insert(name, one.count);
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Snapshot {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Begins a transaction that sees one moment, and names that moment for others.
///
/// # Errors
/// When the database does not answer.
pub fn begin_snapshot(conn: &mut PgConnection) -> anyhow::Result<String> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let snapshot: Snapshot = diesel::sql_query("SELECT pg_export_snapshot() AS id").get_result(conn)?;
    Ok(snapshot.id)
}

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    tables: bool,
}

/// Takes the bare tables of a portal that nobody used yet away.
///
/// # Errors
/// When the database is in use, or holds something else.
pub fn clear_unused(conn: &mut PgConnection) -> anyhow::Result<()> {
    let holds: Holds =
        diesel::sql_query("SELECT to_regclass('public.users') IS NOT NULL AS tables").get_result(conn)?;
    if holds.tables {
        let people: Holds = diesel::sql_query(
            "SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM programs) OR EXISTS (SELECT FROM activity) AS tables",
        )
        .get_result(conn)?;
        if people.tables {
            bail!("this database is in use: restore into an empty one");
        }
    }
    let others: Holds = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')) AS tables",
    )
    .get_result(conn)?;
    if others.tables && !holds.tables {
        bail!("this database holds tables of something else: restore into an empty one");
    }
    if holds.tables {
        clear(conn)?;
    }
    Ok(())
}

/// Ends what must not come back to life: sessions, links that were mailed, letters that were due at that time. Returns how
/// many of each.
///
/// # Errors
/// When the database does not answer.
pub fn end(conn: &mut PgConnection) -> anyhow::Result<[usize; 3]> {
    Ok(conn.transaction(ended)?)
}

fn ended(conn: &mut PgConnection) -> QueryResult<[usize; 3]> {
    let sessions = diesel::sql_query("UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL").execute(conn)?;
    let mut links = diesel::sql_query(
        "UPDATE invitations SET link_version = link_version + 1, expires_at = least(expires_at, now())
         WHERE accepted_at IS NULL AND revoked_at IS NULL",
    )
    .execute(conn)?;
    for table in ["password_resets", "email_changes"] {
        links += diesel::sql_query(format!(
            "UPDATE {table} SET link_version = link_version + 1, expires_at = least(expires_at, now()) WHERE used_at IS NULL"
        ))
        .execute(conn)?;
    }
    let letters = diesel::sql_query(
        "UPDATE outbox SET state = 'withdrawn', locked_until = NULL, last_error = 'Not sent: restored from a backup.'
         WHERE state IN ('queued', 'retrying')",
    )
    .execute(conn)?;
    Ok([sessions, links, letters])
}

/// Counts the API tokens that can be used, and revokes them when asked to.
///
/// # Errors
/// When the database does not answer.
pub fn tokens(conn: &mut PgConnection, revoke: bool) -> anyhow::Result<usize> {
    let open = "revoked_at IS NULL AND expires_at > now()";
    if revoke {
        let query = format!(
            "UPDATE api_tokens SET revoked_at = now(), revoked_by_name = 'Restored from a backup' WHERE {open}"
        );
        return Ok(diesel::sql_query(query).execute(conn)?);
    }
    let query = format!("SELECT count(*) FROM api_tokens WHERE {open}");
    let count: i64 = diesel::dsl::sql::<BigInt>(&query).get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
