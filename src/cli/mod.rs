//! The command line: data goes to standard output, everything else to standard error; exit 0 when it was done, 1
//! when it failed, 2 when the words are off.

mod audit;
mod backup;
mod check;
mod database;
mod demo;
mod healthcheck;
mod import;
mod import_rows;
mod inspect;
mod jobs;
mod keys;
mod mail;
mod program;
mod serve;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags, LogFormat};

pub use database::Opened;

/// A self-hosted partner portal for loyalty and integration programs.
#[derive(Parser)]
#[command(name = "portico", version, about)]
struct Cli {
    /// Configuration file; portico.toml when there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// Folder for the portal's own files.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal.
    Serve(serve::Serve),
    /// Load two demo programs into an empty database.
    Demo(demo::Demo),
    /// Bring the database up to date, or look at how it stands.
    #[command(subcommand)]
    Migrate(database::Migrate),
    /// Look whether everything is as it should be, and say what to do where it is not; exit 1 when something failed.
    Check(check::Check),
    /// Make and list programs.
    #[command(subcommand)]
    Program(program::Program),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(inspect::ConfigCommand),
    /// Make, list, disable and enable accounts, and reset their passwords.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Try whether mail works, and list letters.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Bring records in from a file.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// List the background jobs and what waits for them, run one, or retry what failed.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Verify the audit log, and write it as a file.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Replace the secret key.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Write everything into one file, while the portal goes on.
    Backup(backup::Backup),
    /// Bring a backup back into an empty database; no old letter is sent, and sessions and links have ended.
    Restore(backup::Restore),
    /// Ask the portal on this machine whether it is ready; exit 1 when it is not.
    Healthcheck,
    /// List every address with its method, permission and name.
    Routes {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the OpenAPI document of the JSON API.
    Openapi,
}

/// Runs the command that was typed.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let flags = Flags { file: cli.config, data: cli.data };
    match dispatch(cli.command, &flags) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("portico: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, flags: &Flags) -> anyhow::Result<ExitCode> {
    let quiet = !matches!(command, Command::Serve(_));
    let config = || {
        let config = Config::load(flags)?;
        log_to_stderr(&config, quiet)?;
        Ok::<_, anyhow::Error>(config)
    };
    match command {
        Command::Serve(serve) => serve.run(config()?),
        Command::Demo(demo) => demo.run(&config()?),
        Command::Migrate(migrate) => migrate.run(&config()?),
        Command::Check(check) => check.run(config(), flags),
        Command::Healthcheck => healthcheck::run(&config()?),
        Command::Program(program) => program.run(&config()?),
        Command::Config(command) => command.run(flags),
        Command::User(command) => command.run(config()?),
        Command::Mail(command) => command.run(&config()?),
        Command::Import(command) => command.run(&config()?),
        Command::Jobs(jobs) => jobs.run(config()?),
        Command::Audit(audit) => audit.run(config()?),
        Command::Backup(backup) => backup.run(&config()?),
        Command::Restore(restore) => restore.run(&config()?),
        Command::Keys(keys) => keys.run(config()?),
        Command::Routes { json } => inspect::routes(json),
        Command::Openapi => inspect::openapi(),
    }
}

/// Logs go to standard error; commands log warnings only, so that their own words are seen.
fn log_to_stderr(config: &Config, quiet: bool) -> anyhow::Result<()> {
    let level = if quiet { "warn" } else { config.log.level.as_str() };
    let filter =
        tracing_subscriber::EnvFilter::try_new(level).map_err(|cause| anyhow::anyhow!("log.level: {cause}"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Otherwise a line that cannot be written is told of on standard error, and that panics: whoever read the
        // log is gone, and the portal goes on.
        .log_internal_errors(false);
    match config.log.format {
        LogFormat::Json => subscriber.json().init(),
        LogFormat::Pretty => subscriber.with_target(false).init(),
    }
    Ok(())
}
