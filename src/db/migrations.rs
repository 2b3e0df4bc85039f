//! Migrations, under one advisory lock: several instances may start at the same moment.

use anyhow::{Context, anyhow};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Any number that no other program uses on the same database.
const LOCK: i64 = 0x0050_4f52_5449_434f;

/// How the database stands to this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Versions that the database has.
    pub applied: Vec<String>,
    /// Versions that this program brings and the database lacks.
    pub pending: Vec<String>,
    /// Versions that the database has and this program does not know: it is older than the database.
    pub unknown: Vec<String>,
}

/// Applies what is pending; returns how many.
///
/// # Errors
/// When the database is newer than this program, or a migration fails (then it is rolled back).
pub fn run(conn: &mut PgConnection) -> anyhow::Result<usize> {
    locked(conn, |conn| {
        refuse_newer(conn)?;
        let applied =
            conn.run_pending_migrations(MIGRATIONS).map_err(|cause| anyhow!("a migration failed: {cause}"))?;
        Ok(applied.len())
    })
}

/// Reverts all migrations and applies them again: shows that each `down.sql` undoes its `up.sql`. Loses all data.
///
/// # Errors
/// When one of them fails.
pub fn redo_all(conn: &mut PgConnection) -> anyhow::Result<usize> {
    locked(conn, |conn| {
        conn.run_pending_migrations(MIGRATIONS).map_err(|cause| anyhow!("up: {cause}"))?;
        conn.revert_all_migrations(MIGRATIONS).map_err(|cause| anyhow!("down: {cause}"))?;
        let again = conn.run_pending_migrations(MIGRATIONS).map_err(|cause| anyhow!("up again: {cause}"))?;
        Ok(again.len())
    })
}

/// Reverts the newest migration; returns its version.
///
/// # Errors
/// When there is none or it fails.
pub fn revert(conn: &mut PgConnection) -> anyhow::Result<String> {
    locked(conn, |conn| {
        conn.revert_last_migration(MIGRATIONS)
            .map(|version| version.to_string())
            .map_err(|cause| anyhow!("reverting failed: {cause}"))
    })
}

/// How the database stands to this program.
///
/// # Errors
/// When the database does not answer.
pub fn status(conn: &mut PgConnection) -> anyhow::Result<Status> {
    let pending = conn.pending_migrations(MIGRATIONS).map_err(|cause| anyhow!("{cause}"))?;
    let applied = conn.applied_migrations().map_err(|cause| anyhow!("{cause}"))?;
    let known = known()?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    Ok(Status {
        pending: pending.iter().map(|migration| migration.name().version().to_string()).collect(),
        unknown: applied.iter().filter(|version| !known.contains(version)).cloned().collect(),
        applied,
    })
}

/// The versions that this program brings.
///
/// # Errors
/// When they cannot be read.
pub fn known() -> anyhow::Result<Vec<String>> {
    use diesel::migration::MigrationSource;
    let all: Vec<Box<dyn diesel::migration::Migration<diesel::pg::Pg>>> =
        MIGRATIONS.migrations().map_err(|cause| anyhow!("{cause}"))?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Refuses to work on a database that a newer program made.
///
/// # Errors
/// With one line that says what to do.
pub fn refuse_newer(conn: &mut PgConnection) -> anyhow::Result<()> {
    let unknown = status(conn)?.unknown;
    if unknown.is_empty() {
        return Ok(());
    }
    Err(anyhow!(
        "the database was made by a newer Portico (it has migration {}): start that version, or restore a backup from before",
        unknown.join(", ")
    ))
}

fn locked<T>(conn: &mut PgConnection, work: impl FnOnce(&mut PgConnection) -> anyhow::Result<T>) -> anyhow::Result<T> {
    // The lock belongs to the connection: a migrator that is killed lets go of it.
    diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})"))
        .execute(conn)
        .context("waiting for the migration lock")?;
    let result = work(conn);
    conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).context("letting go of the migration lock")?;
    result
}

/// What the two page roles must and must not be able to do; checked at each start.
///
/// # Errors
/// With one line that names what is wrong.
pub fn check_roles(conn: &mut PgConnection) -> anyhow::Result<()> {
    #[derive(QueryableByName)]
    struct Wrong {
        #[diesel(sql_type = diesel::sql_types::Text)]
        wrong: String,
    }
    let found: Vec<Wrong> = diesel::sql_query(
        "SELECT 'role ' || r || ' is missing' AS wrong FROM unnest(ARRAY['portico_partner', 'portico_host']) r
           WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r)
         UNION ALL
         SELECT 'role ' || rolname || ' may bypass row-level security' FROM pg_roles
           WHERE rolname IN ('portico_partner', 'portico_host') AND (rolsuper OR rolbypassrls)
         UNION ALL
         SELECT 'role ' || pg_get_userbyid(relowner) || ' owns ' || relname FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) IN ('portico_partner', 'portico_host')
         UNION ALL
         SELECT 'table ' || relname || ' has no row-level security' FROM pg_class c
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity
             AND (has_table_privilege('portico_partner', c.oid, 'SELECT') OR has_table_privilege('portico_host', c.oid, 'SELECT'))
         UNION ALL
         SELECT 'role ' || r || ' may change the activity log' FROM unnest(ARRAY['portico_partner', 'portico_host']) r
           WHERE has_table_privilege(r, 'activity', 'UPDATE') OR has_table_privilege(r, 'activity', 'DELETE')
         UNION ALL
         SELECT 'role ' || r || ' reaches ' || c.relname || ' of the activity log'
           FROM unnest(ARRAY['portico_partner', 'portico_host']) r, pg_class c
           WHERE (c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'activity'::regclass)
               OR c.oid IN ('activity_chain'::regclass, 'activity_unchained'::regclass, 'activity_seals'::regclass))
             AND has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')",
    )
    .load(conn)
    .context("checking the database roles")?;
    match found.first() {
        None => Ok(()),
        Some(first) => Err(anyhow!("{}; run `portico migrate run`, and see docs/security.md", first.wrong)),
    }
}
