//! `portico user …`: accounts, for whoever may read the configuration.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;

use super::database::Opened;
use crate::access::{Actor, password, session};
use crate::activity::{self, Event};
use crate::config::Config;
use crate::db::{Clock, Db, SystemTx};
use crate::people::store::{self, Account, NewAccount};
use crate::people::{UserStatus, rescue, resets};
use crate::values::{Choice, Email, Name};
use crate::web::error::AppError;

/// `portico user …`
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an account. Asks for what is missing.
    Create {
        /// Address to sign in with.
        email: Option<String>,
        /// Name.
        #[arg(long)]
        name: Option<String>,
        /// Make a system administrator, above all programs.
        #[arg(long)]
        system: bool,
        /// Read the password from standard input: one line.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List every account.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set another password and end all sessions.
    ResetPassword {
        /// Whose.
        email: String,
        /// Read the password from standard input: one line.
        #[arg(long)]
        password_stdin: bool,
        /// Mail them a link to choose it themselves, and leave the old one until then.
        #[arg(long, conflicts_with = "password_stdin")]
        send: bool,
    },
    /// Switch the second factor off of somebody who lost it, and end all sessions.
    DisableSecondFactor {
        /// Whose.
        email: String,
    },
    /// Close an account and end its sessions.
    Disable {
        /// Whose.
        email: String,
    },
    /// Open a closed account again.
    Enable {
        /// Whose.
        email: String,
    },
}

impl UserCommand {
    /// Does it.
    ///
    /// # Errors
    /// With one line, when it was not done.
    pub fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(&config)?;
        let db = opened.db(&config, Clock::default())?;
        match self {
            UserCommand::Create { email, name, system, password_stdin } => {
                create(&db, email, name, system, password_stdin)?;
            }
            UserCommand::List { json } => list(&db, json)?,
            UserCommand::ResetPassword { email, send: true, .. } => {
                send_reset(&db, &email, config.links.invitation_minutes)?;
            }
            UserCommand::ResetPassword { email, password_stdin, .. } => reset_password(&db, &email, password_stdin)?,
            UserCommand::DisableSecondFactor { email } => disable_second_factor(&db, &email)?,
            UserCommand::Disable { email } => disable(&db, &email)?,
            UserCommand::Enable { email } => enable(&db, &email)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn create(
    db: &Db,
    email: Option<String>,
    name: Option<String>,
    is_system: bool,
    password_stdin: bool,
) -> anyhow::Result<()> {
    let email = said(email, "E-mail address")?;
    let email = Email::parse(&email).map_err(|problem| anyhow::anyhow!("e-mail address: {problem}"))?;
    let name = said(name, "Name")?;
    let name = Name::parse(&name).map_err(|problem| anyhow::anyhow!("--name: {problem}"))?;
    let password = asked(password_stdin, &[name.as_str(), email.as_str()])?;
    let new = NewAccount { email, name, password_hash: password::hash_now(&password)?, is_system };
    let made = db.system_now("command: make an account", |tx| {
        let made = store::create(tx, &new)?;
        if let Some(user) = made {
            let (name, email) = (new.name.as_str().to_owned(), new.email.as_str().to_owned());
            activity::store::record(tx, &Actor::operator(None), &Event::UserCreated { user, name, email })?;
        }
        Ok(made)
    })?;
    if made.is_none() {
        bail!("{} has an account already", new.email.as_str());
    }
    eprintln!("{} can sign in as {}", new.name.as_str(), new.email.as_str());
    Ok(())
}

fn list(db: &Db, json: bool) -> anyhow::Result<()> {
    let accounts = db.system_now("command: list accounts", store::accounts)?;
    if json {
        let all: Vec<_> = accounts
            .iter()
            .map(|account| {
                serde_json::json!({
                    "email": account.email, "name": account.name, "status": account.status.key(),
                    "system": account.is_system, "last_seen_at": account.last_seen_at,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    for account in accounts {
        let system = if account.is_system { "system" } else { "-" };
        println!("{:40} {:12} {:7} {}", account.email, account.status.key(), system, account.name);
    }
    Ok(())
}

fn reset_password(db: &Db, email: &str, password_stdin: bool) -> anyhow::Result<()> {
    let account = db.system_now("command: find an account", |tx| found(tx, email))?;
    let password = asked(password_stdin, &[&account.name, &account.email])?;
    let hash = password::hash_now(&password)?;
    db.system_now("command: reset a password", |tx| {
        let account = store::account(tx, account.id)?;
        if !store::set_password(tx, account.id, &hash, account.auth_version)? {
            return Err(AppError::Conflict("The account was changed at the same moment. Try again.".into()));
        }
        session::end_all(tx, account.id, None)?;
        let event = Event::PasswordReset { user: account.id, name: account.name };
        activity::store::record(tx, &Actor::operator(None), &event)
    })?;
    eprintln!("{} has a new password; all sessions have ended", account.email);
    Ok(())
}

fn send_reset(db: &Db, email: &str, minutes: i64) -> anyhow::Result<()> {
    let sent = db.system_now("command: send a link to choose a password", |tx| {
        let account = found(tx, email)?;
        resets::send(tx, account.id, Some("Whoever runs Portico"), minutes, None)?;
        let event = Event::ResetSent { partner: None, user: account.id, name: account.name.clone() };
        activity::store::record(tx, &Actor::operator(None), &event)?;
        Ok(account.email)
    });
    eprintln!("A link to choose a password is on its way to {}", sent.map_err(in_words)?);
    Ok(())
}

fn disable_second_factor(db: &Db, email: &str) -> anyhow::Result<()> {
    let name = db.system_now("command: switch a second factor off", |tx| {
        let account = found(tx, email)?;
        if account.second_factor_at.is_none() {
            return Err(AppError::Refused(format!("{} has no second factor", account.email)));
        }
        rescue::taken_away(tx, &Actor::operator(None), &account)?;
        Ok(account.name)
    });
    eprintln!("{} signs in with the password alone now; all sessions have ended", name.map_err(in_words)?);
    Ok(())
}

fn disable(db: &Db, email: &str) -> anyhow::Result<()> {
    let name = db.system_now("command: disable an account", |tx| {
        store::hold_all(tx)?;
        let account = found(tx, email)?;
        if account.status == UserStatus::Deactivated {
            return Ok(account.name);
        }
        let active = account.status == UserStatus::Active;
        if account.is_system && active && store::other_system_admins(tx, account.id)? == 0 {
            return Err(AppError::Refused(format!(
                "{} is the last system administrator. Make another first: portico user create --system",
                account.email
            )));
        }
        store::set_status(tx, account.id, UserStatus::Deactivated)?;
        session::end_all(tx, account.id, None)?;
        let event = Event::UserDisabled { user: account.id, name: account.name.clone() };
        activity::store::record(tx, &Actor::operator(None), &event)?;
        Ok(account.name)
    });
    eprintln!("{} can no longer sign in", name.map_err(in_words)?);
    Ok(())
}

fn enable(db: &Db, email: &str) -> anyhow::Result<()> {
    let name = db.system_now("command: enable an account", |tx| {
        let account = found(tx, email)?;
        if account.status != UserStatus::Active {
            store::set_status(tx, account.id, UserStatus::Active)?;
            // A session from before must not come back to life with the account.
            session::end_all(tx, account.id, None)?;
            let event = Event::UserEnabled { user: account.id, name: account.name.clone() };
            activity::store::record(tx, &Actor::operator(None), &event)?;
        }
        Ok(account.name)
    });
    eprintln!("{} can sign in", name.map_err(in_words)?);
    Ok(())
}

fn found(tx: &mut SystemTx<'_>, email: &str) -> Result<Account, AppError> {
    let email = Email::parse(email).map_err(AppError::Refused)?;
    store::by_email(tx, &email)?.ok_or_else(|| AppError::Refused(format!("{} has no account", email.as_str())))
}

/// The sentence alone: at a command line nobody needs to know that it was "refused".
fn in_words(error: AppError) -> anyhow::Error {
    match error {
        AppError::Refused(sentence) => anyhow::anyhow!(sentence),
        other => other.into(),
    }
}

/// A word of the command line, or asked for.
fn said(given: Option<String>, label: &str) -> anyhow::Result<String> {
    match given {
        Some(given) => Ok(given),
        None if std::io::stdin().is_terminal() => {
            eprint!("{label}: ");
            std::io::stderr().flush()?;
            line()
        }
        None => bail!("{} is missing", label.to_lowercase()),
    }
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The password that somebody types or hands over. None is made here: one that was printed would stay good for ever.
fn asked(from_stdin: bool, context: &[&str]) -> anyhow::Result<String> {
    let password = if from_stdin {
        line()?
    } else if std::io::stdin().is_terminal() {
        rpassword::prompt_password("Password: ").context("the password could not be read")?
    } else {
        bail!("there is no terminal to ask for a password at: hand it over with --password-stdin");
    };
    password::check(&password, context).map_err(|problem| anyhow::anyhow!("password: {problem}"))?;
    Ok(password)
}
