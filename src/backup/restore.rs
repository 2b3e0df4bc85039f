//! Bringing a backup back, and making sure that it does not act as if no time had passed.

use std::fs;
use std::path::Path;

use anyhow::bail;

use super::dump::{beside, run, tool};
use super::{Manifest, archive, key_mark, store};
use crate::activity::Event;
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
    /// API tokens that could be used; whether they are revoked now was asked for.
    pub tokens: usize,
    /// Whether they were revoked.
    pub revoked: bool,
    /// Whether the secret key is the one that the portal had.
    pub same_key: bool,
}

impl Restored {
    /// What the log tells of it.
    pub fn event(&self) -> Event {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Event::DatabaseRestored {
            made: self.manifest.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            sessions: count(self.sessions),
            links: count(self.links),
            letters: count(self.letters),
            tokens: if self.revoked { count(self.tokens) } else { 0 },
        }
    }
}

/// Brings a backup back into a database that holds nothing.
///
/// # Errors
/// When the file is not whole, the database holds something, or rows are missing in the end; then the database is as
/// empty as it was.
pub fn restore(url: &str, bin: Option<&Path>, key: &[u8], path: &Path, revoke: bool) -> anyhow::Result<Restored> {
    let dump = beside(path, ".restoring");
    let restored = unpacked(url, bin, (path, &dump), revoke);
    fs::remove_file(&dump).ok();
    restored.map(|done| Restored { same_key: done.manifest.key == key_mark(key), ..done })
}

fn unpacked(url: &str, bin: Option<&Path>, (path, dump): (&Path, &Path), revoke: bool) -> anyhow::Result<Restored> {
    let manifest = archive::unpack(path, dump)?;
    let mut conn = plain_connection(url)?;
    refuse_newer(&manifest)?;
    store::clear_unused(&mut conn)?;
    store::make_roles(&mut conn)?;
    let mut command = tool("pg_restore", bin, url)?;
    command.args(["--no-owner", "--exit-on-error", "--single-transaction"]).arg(dump);
    run(command, "the dump could not be read into the database")?;
    let there = store::rows(&mut conn)?;
    if there != manifest.rows {
        let wrong = manifest.rows.iter().find(|(table, count)| there.get(*table) != Some(count));
        let wrong = wrong.map_or("a table", |(table, _)| table.as_str());
        store::clear(&mut conn)?;
        bail!("{wrong} has not the rows that the backup tells of; the database is empty again");
    }
    let migrated = migrations::run(&mut conn)?;
    migrations::check_roles(&mut conn)?;
    let [sessions, links, letters] = store::end(&mut conn)?;
    let tokens = store::tokens(&mut conn, revoke)?;
    Ok(Restored { manifest, migrated, sessions, links, letters, tokens, revoked: revoke, same_key: false })
}

fn refuse_newer(manifest: &Manifest) -> anyhow::Result<()> {
    if migrations::known()?.contains(&manifest.migration) {
        return Ok(());
    }
    bail!("the backup is of Portico {}, which is newer than this one: restore it with that version", manifest.portico)
}
