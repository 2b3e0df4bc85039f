//! Bringing a backup back, and making sure that it does not act as if no time had passed.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::dump::{beside, rows, run, tool};
use super::{Manifest, archive, key_mark};
use crate::db::{migrations, plain_connection};

/// What was brought back, and what was ended on the way.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Migrations that it lacked.
    pub migrated: usize,
    /// Sessions that were open.
    pub sessions: usize,
    /// Links of invitations, of resets and of new addresses that could still be opened.
    pub links: usize,
    /// Letters that had not left.
    pub letters: usize,
    /// Whether the secret key is the one that the portal had.
    pub same_key: bool,
}

/// Brings a backup back into a database that holds nothing.
///
/// # Errors
/// When the file is not whole, the database holds something, or rows are missing in the end; then the database is as
/// empty as it was.
pub fn restore(url: &str, bin: Option<&Path>, key: &[u8], path: &Path) -> anyhow::Result<Restored> {
    let dump = beside(path, ".restoring");
    let restored = unpacked(url, bin, key, path, &dump);
    fs::remove_file(&dump).ok();
    restored
}

fn unpacked(url: &str, bin: Option<&Path>, key: &[u8], path: &Path, dump: &Path) -> anyhow::Result<Restored> {
    let manifest = archive::unpack(path, dump)?;
    let mut conn = plain_connection(url)?;
    refuse_newer(&manifest)?;
    emptied(&mut conn)?;
    let roles = FIRST.split_inclusive("END $$;").next().unwrap_or_default();
    conn.batch_execute(roles).context("the database roles could not be made")?;
    let mut command = tool("pg_restore", bin, url);
    command.args(["--no-owner", "--exit-on-error", "--single-transaction"]).arg(dump);
    run(command, "the dump could not be read into the database")?;
    let there = rows(&mut conn)?;
    if there != manifest.rows {
        let wrong = manifest.rows.iter().find(|(table, count)| there.get(*table) != Some(count));
        let wrong = wrong.map_or("a table", |(table, _)| table.as_str());
        conn.batch_execute(EMPTY)?;
        bail!("{wrong} has not the rows that the backup tells of; the database is empty again");
    }
    let migrated = migrations::run(&mut conn)?;
    migrations::check_roles(&mut conn)?;
    let [sessions, links, letters] = conn.transaction(ended)?;
    let same_key = manifest.key == key_mark(key);
    Ok(Restored { manifest, migrated, sessions, links, letters, same_key })
}

fn refuse_newer(manifest: &Manifest) -> anyhow::Result<()> {
    if migrations::known()?.contains(&manifest.migration) {
        return Ok(());
    }
    bail!("the backup is of Portico {}, which is newer than this one: restore it with that version", manifest.portico)
}

/// Roles belong to the server and are in no dump: the first migration makes them, in the block that it begins with.
const FIRST: &str = include_str!("../../migrations/2026-11-21-000100_create_roles_and_extensions/up.sql");

const EMPTY: &str = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    tables: bool,
}

/// Takes the bare tables of a portal that nobody used yet away.
fn emptied(conn: &mut PgConnection) -> anyhow::Result<()> {
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
        conn.batch_execute(EMPTY).context("the empty tables could not be taken away")?;
    }
    Ok(())
}

/// Ends what must not come back to life: sessions, links that were mailed, letters that were due at that time.
fn ended(conn: &mut PgConnection) -> anyhow::Result<[usize; 3]> {
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
