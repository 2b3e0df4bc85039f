//! Commands that look and change nothing.

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::{self, Flags};
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
