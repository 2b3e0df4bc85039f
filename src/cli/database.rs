//! Opening the database: one of our own, or the server that the configuration names.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use secrecy::ExposeSecret;

use crate::access::password;
use crate::config::Config;
use crate::db::embedded::{Embedded, Place};
use crate::db::{Clock, Db, migrations, plain_connection};

/// An open database; ours stops when the last command that uses it lets go.
pub struct Opened {
    /// Its address.
    pub url: String,
    /// The folder of the portal's own files.
    pub folder: PathBuf,
    /// The server, when it is ours. Held for its `Drop`.
    pub embedded: Option<Embedded>,
}

impl Opened {
    /// Starts or finds the server. Our own is always brought up to date; another is the administrator's, and only
    /// asked whether it is.
    ///
    /// # Errors
    /// With one line that says what to do.
    pub fn new(config: &Config) -> anyhow::Result<Opened> {
        let opened = Self::unchecked(config)?;
        let mut conn = plain_connection(&opened.url)?;
        if opened.embedded.is_some() {
            migrations::run(&mut conn)?;
        }
        migrations::refuse_newer(&mut conn)?;
        let pending = migrations::status(&mut conn)?.pending;
        if !pending.is_empty() {
            anyhow::bail!(
                "the database lacks {} migrations: run `portico migrate run` (or `portico serve --migrate`)",
                pending.len()
            );
        }
        migrations::check_roles(&mut conn)?;
        Ok(opened)
    }

    /// The same for whoever brings the tables along: nothing is asked or changed.
    ///
    /// # Errors
    /// When the server cannot be started.
    pub fn unchecked(config: &Config) -> anyhow::Result<Opened> {
        if let Some(url) = &config.database.url {
            std::fs::create_dir_all(&config.data)
                .with_context(|| format!("{} cannot be made", config.data.display()))?;
            return Ok(Opened { url: url.expose_secret().to_owned(), folder: config.data.clone(), embedded: None });
        }
        let place = Place { data: config.data.clone(), postgres_bin: config.postgres_bin.clone() };
        let embedded = Embedded::start(&place)?;
        Ok(Opened { url: embedded.url(), folder: embedded.data_dir().to_owned(), embedded: Some(embedded) })
    }

    /// Brings the database up to date before it is opened: `serve --migrate`.
    ///
    /// # Errors
    /// As [`migrations::run`].
    pub fn migrate(config: &Config) -> anyhow::Result<()> {
        let opened = Self::unchecked(config)?;
        migrations::run(&mut plain_connection(&opened.url)?)?;
        Ok(())
    }

    /// A pool on it.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn db(&self, config: &Config, clock: Clock) -> anyhow::Result<Db> {
        Db::connect(&self.url, &config.pool_limits(), clock)
    }

    /// The secret key: configured, or, beside our own Postgres, made once and kept in a file that only we can read.
    ///
    /// # Errors
    /// When none is configured for a server that is not ours, or the file cannot be used.
    pub fn with_key(&self, mut config: Config) -> anyhow::Result<Config> {
        if config.secret_key.is_none() && self.embedded.is_some() {
            config.secret_key = Some(kept_key(&self.folder.join("secret.key"))?.into());
        }
        config.key()?;
        Ok(config)
    }
}

fn kept_key(path: &Path) -> anyhow::Result<String> {
    if let Ok(key) = std::fs::read_to_string(path) {
        return Ok(key.trim().to_owned());
    }
    let mut bytes = [0u8; 64];
    rand::fill(&mut bytes[..]);
    let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write_private(path, &key)?;
    Ok(key)
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("{} cannot be written", path.display()))
}

/// `portico migrate …`
#[derive(Subcommand)]
pub enum Migrate {
    /// Apply what is pending.
    Run,
    /// Say what is applied and what is pending.
    Status,
    /// Undo the newest migration. Loses what it added.
    Revert,
    /// On a scratch database of our own: up, down, and up again.
    Check,
}

impl Migrate {
    /// Does it.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails.
    pub fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        if matches!(self, Migrate::Check) {
            return check();
        }
        let opened = Opened::unchecked(config)?;
        let mut conn = plain_connection(&opened.url)?;
        match self {
            Migrate::Run => println!("{} migrations applied", migrations::run(&mut conn)?),
            Migrate::Revert => println!("reverted {}", migrations::revert(&mut conn)?),
            Migrate::Status | Migrate::Check => {
                let status = migrations::status(&mut conn)?;
                println!(
                    "{} applied, {} pending, {} unknown to this version",
                    status.applied.len(),
                    status.pending.len(),
                    status.unknown.len()
                );
                for version in &status.pending {
                    println!("pending {version}");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check() -> anyhow::Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("portico-migrate-{}", password::random()));
    let embedded = Embedded::start_scratch(&folder, None)?;
    let result = plain_connection(&embedded.url()).and_then(|mut conn| {
        let count = migrations::redo_all(&mut conn)?;
        migrations::check_roles(&mut conn)?;
        Ok(count)
    });
    embedded.stop()?;
    std::fs::remove_dir_all(&folder).ok();
    println!("{} migrations: up, down and up again", result?);
    Ok(ExitCode::SUCCESS)
}
