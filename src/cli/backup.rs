//! `portico backup` and `portico restore`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::database::Opened;
use crate::access::Actor;
use crate::activity;
use crate::backup;
use crate::config::Config;
use crate::db::Clock;
use crate::web::listing::exactly;

/// `portico backup FILE`
#[derive(Args)]
pub struct Backup {
    /// Where to; a file that is there already stays as it is.
    file: PathBuf,
}

/// `portico restore FILE`
#[derive(Args)]
pub struct Restore {
    /// What `portico backup` wrote.
    file: PathBuf,
    /// Revoke every API token that the backup brings back; systems that use them need new ones.
    #[arg(long)]
    revoke_tokens: bool,
}

impl Backup {
    /// Writes it; people may go on working meanwhile.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(config)?;
        let config = opened.with_key(config.clone())?;
        let db = opened.db(&config, Clock::default())?;
        let written = backup::write(&opened.url, config.postgres_bin.as_deref(), &config.key()?, &self.file, db.now())?;
        let (tables, rows) = (written.rows.len(), exactly(written.total(), "row", "rows"));
        eprintln!("{rows} of {tables} tables, files that were uploaded among them. The secret key is not in it.");
        println!("{}", self.file.display());
        Ok(ExitCode::SUCCESS)
    }
}

impl Restore {
    /// Brings it back into an empty database.
    ///
    /// # Errors
    /// When the file is not whole or the database holds something.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::unchecked(config)?;
        let config = opened.with_key(config.clone())?;
        let done = backup::restore(
            &opened.url,
            config.postgres_bin.as_deref(),
            &config.key()?,
            &self.file,
            self.revoke_tokens,
        )?;
        opened.db(&config, Clock::default())?.system_now("command: note that a backup came back", |tx| {
            activity::store::record(tx, &Actor::operator(None), &done.event())
        })?;
        let manifest = &done.manifest;
        println!(
            "{} of {} tables are back, as they were on {} (Portico {}).",
            exactly(manifest.total(), "row", "rows"),
            manifest.rows.len(),
            manifest.at.format("%Y-%m-%d %H:%M:%S UTC"),
            manifest.portico
        );
        if done.migrated > 0 {
            println!("{} were applied.", exactly(done.migrated as i64, "migration", "migrations"));
        }
        println!(
            "Ended: {}, {} that could be opened, {} that had not left.",
            exactly(done.sessions as i64, "session", "sessions"),
            exactly(done.links as i64, "link", "links"),
            exactly(done.letters as i64, "letter", "letters")
        );
        let tokens = exactly(done.tokens as i64, "API token", "API tokens");
        if self.revoke_tokens {
            println!("Revoked: {tokens}. Systems that use them need new ones.");
        } else if done.tokens > 0 {
            println!(
                "{tokens} of that time open the API again, also those that were revoked since. Revoke them in the portal, \
                 or all of them: restore with --revoke-tokens."
            );
        }
        if !done.same_key {
            println!(
                "The secret key is another one than that portal had: what it encrypted cannot be read until its key is among old_secret_keys."
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
