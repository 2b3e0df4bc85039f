//! `portico keys`: replacing the secret key.

use std::process::ExitCode;

use clap::Subcommand;

use super::database::Opened;
use crate::access::seal::Sealer;
use crate::audit::{self, Seals};
use crate::config::Config;
use crate::connections::seal::rotate;
use crate::db::Clock;
use crate::{integrations, people};

/// `portico keys …`
#[derive(Subcommand)]
pub enum Keys {
    /// Encrypt and seal with the present secret_key what older ones did; needs them in old_secret_keys.
    Rotate,
}

impl Keys {
    /// Does it.
    ///
    /// # Errors
    /// When the database does not answer, or something cannot be decrypted.
    pub fn run(&self, config: Config) -> anyhow::Result<ExitCode> {
        match self {
            Keys::Rotate => {
                let opened = Opened::new(&config)?;
                let config = opened.with_key(config)?;
                let sealer = Sealer::new(&config.key()?, &config.old_keys()?);
                let db = opened.db(&config, Clock::default())?;
                let tests = integrations::credentials::rotate(&db, &sealer)?;
                println!("{} test credentials of integrations are encrypted with the present key now", tests.done);
                let credentials = rotate(&db, &sealer)?;
                println!("{} credentials of connections are encrypted with the present key now", credentials.done);
                let factors = people::rotate::rotate(&db, &config.key()?, &config.old_keys()?)?;
                println!("{} second factors are encrypted with the present key now", factors.done);
                let seals = audit::seal::rotate(&db, &Seals::new(&config.key()?, &config.old_keys()?))?;
                println!("{} seals of the audit log are made with the present key now", seals.done);
                if seals.unreadable > 0 {
                    eprintln!(
                        "{} seals of the audit log cannot be made anew: see `portico audit verify`",
                        seals.unreadable
                    );
                }
                let unreadable = credentials.unreadable + tests.unreadable + factors.unreadable;
                if unreadable > 0 {
                    anyhow::bail!(
                        "{unreadable} are encrypted with a key that is neither secret_key nor in old_secret_keys; they are as they were"
                    );
                }
                if seals.unreadable > 0 {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
