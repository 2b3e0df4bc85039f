//! `portico check`: one line for each thing that was looked at.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::database::Opened;
use crate::audit::Seals;
use crate::checkup::{self, Finding, Level};
use crate::config::{self, Config, Flags};
use crate::db::{Clock, migrations, plain_connection};

/// `portico check`
#[derive(Args)]
pub struct Check {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Looks at everything, and goes on after what is wrong as far as that can be.
    ///
    /// # Errors
    /// With the first failure, after all was printed.
    pub fn run(self, config: anyhow::Result<Config>, flags: &Flags) -> anyhow::Result<ExitCode> {
        let found = match config {
            Ok(config) => look(config, flags),
            Err(cause) => vec![Finding::fail("configuration", format!("{cause:#}"), "mend the key that is named")],
        };
        if self.json {
            let is_ok = found.iter().all(|one| one.level != Level::Fail);
            println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "ok": is_ok, "findings": found }))?);
        } else {
            for one in &found {
                println!("{}", one.line());
            }
        }
        if let Some(first) = found.iter().find(|one| one.level == Level::Fail) {
            bail!("{}", first.line());
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn look(config: Config, flags: &Flags) -> Vec<Finding> {
    let mut found = checkup::configuration(&config);
    let opened = match Opened::unchecked(&config) {
        Ok(opened) => opened,
        Err(cause) => {
            found.push(Finding::fail("database", format!("{cause:#}"), "see the README about the database"));
            return found;
        }
    };
    found.extend(checkup::files(&opened.folder, &config::secret_files(flags).unwrap_or_default()));
    // Ours is brought up to date by whatever opens it; another is its administrator's.
    if opened.embedded.is_some()
        && let Err(cause) = plain_connection(&opened.url).and_then(|mut conn| migrations::run(&mut conn))
    {
        found.push(Finding::fail("database", format!("{cause:#}"), "see docs/upgrading.md"));
        return found;
    }
    found.push(checkup::mail(&config, &opened.folder));
    let there = checkup::database(&opened.url, &config);
    let usable = there.iter().all(|one| one.level != Level::Fail);
    found.extend(there);
    let config = match opened.with_key(config) {
        Ok(config) => config,
        Err(cause) => {
            found.push(Finding::fail("secret key", format!("{cause:#}"), "set it, or the file that holds it"));
            return found;
        }
    };
    found.push(Finding::ok("secret key", format!("{} older ones beside it", config.old_secret_keys.len())));
    if usable && let Err(cause) = inside(&opened, &config, &mut found) {
        found.push(Finding::fail("database", format!("{cause:#}"), "try again; see the log of PostgreSQL"));
    }
    found
}

fn inside(opened: &Opened, config: &Config, found: &mut Vec<Finding>) -> anyhow::Result<()> {
    let db = opened.db(config, Clock::default())?;
    let seals = Seals::new(&config.key()?, &config.old_keys()?);
    found.push(checkup::clock(&db)?);
    found.extend(checkup::secrets(&db, config)?);
    found.extend(checkup::jobs(&db, config)?);
    found.extend(checkup::invariants(&db)?);
    found.push(checkup::audit(&db, &seals)?);
    Ok(())
}
