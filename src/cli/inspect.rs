//! Commands that look and change nothing.

use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Subcommand;

use super::database::Opened;
use crate::audit::verify;
use crate::config::{self, Config, Flags};
use crate::db::{Clock, Db};
use crate::routes::ROUTES;

/// `portico config …`
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value and where it comes from; secrets are hidden.
    Show,
}

impl ConfigCommand {
    /// Does it.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn run(&self, flags: &Flags) -> anyhow::Result<ExitCode> {
        match self {
            ConfigCommand::Show => {
                for (key, value, source) in config::shown(flags)? {
                    println!("{key} = {value}  # {source}");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `portico check`: one line per thing that was looked at.
///
/// # Errors
/// At the first that is wrong.
pub fn check(config: &Config) -> anyhow::Result<ExitCode> {
    println!("configuration: ok");
    let opened = Opened::new(config)?;
    println!("database: ok, migrations and roles are as they should be");
    let config = opened.with_key(config.clone())?;
    println!("secret key: ok");
    let db = opened.db(&config, Clock::default())?;
    println!("pool: ok, {} connections", config.database.pool_size);
    audit(&db)?;
    let probe = opened.folder.join(".write-test");
    std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe))?;
    println!("folder {}: ok", opened.folder.display());
    Ok(ExitCode::SUCCESS)
}

/// The newest lines of the audit log; `portico audit verify` looks at all of them.
fn audit(db: &Db) -> anyhow::Result<()> {
    let report = verify::newest(db)?;
    if let Some(fault) = report.faults.first() {
        anyhow::bail!("the audit log is not what was written: {}", fault.sentence());
    }
    if let Some(trigger) = report.triggers_off.first() {
        anyhow::bail!("the audit log is open to changes: the trigger {trigger} is switched off");
    }
    let late = report.waiting_since.filter(|since| db.now() - *since > TimeDelta::minutes(10));
    let waiting = late.map(|since| format!("; {} lines wait since {since}: is a portal running?", report.waiting));
    println!("audit log: ok, chained up to {}{}", report.head, waiting.unwrap_or_default());
    Ok(())
}

/// `portico openapi`
///
/// # Errors
/// When it cannot be written as JSON.
pub fn openapi() -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string_pretty(&*crate::api::document::DOCUMENT)?);
    Ok(ExitCode::SUCCESS)
}

/// `portico routes`
///
/// # Errors
/// When it cannot be written as JSON.
pub fn routes(json: bool) -> anyhow::Result<ExitCode> {
    let permission = |route: &crate::routes::Route| route.permission.map_or("-", |rule| rule.name);
    if json {
        let all: Vec<_> = ROUTES
            .iter()
            .map(|route| serde_json::json!({ "method": route.method, "path": route.path, "permission": permission(route), "name": route.name }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        for route in ROUTES {
            println!("{:4} {:48} {:22} {}", route.method, route.path, permission(route), route.name);
        }
    }
    Ok(ExitCode::SUCCESS)
}
