//! `portico mail`: whether mail works, and what became of letters.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;

use super::database::Opened;
use crate::config::{Config, MailTransport};
use crate::db::Clock;
use crate::letters::model::State;
use crate::letters::store::{self, Line};
use crate::mail::Letter;
use crate::mail::letter::Desk;
use crate::mail::transport::Transport;
use crate::values::{Choice, Email};
use crate::web::time::When;

/// `portico mail …`
#[derive(Subcommand)]
pub enum MailCommand {
    /// Send a letter at once, past the outbox, and say what happened.
    Test {
        /// Where to.
        #[arg(value_name = "ADDRESS")]
        to: String,
    },
    /// List the latest letters of all programs.
    List {
        /// Only those that are queued, retrying, failed, withdrawn or sent.
        #[arg(long)]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

impl MailCommand {
    /// Does it.
    ///
    /// # Errors
    /// When what was typed cannot be used, the letter does not leave, or the database does not answer.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        match self {
            MailCommand::Test { to } => test(config, &to)?,
            MailCommand::List { state, limit, json } => {
                let parsed = state.as_deref().map(State::parse).transpose();
                let state = parsed.map_err(|why| anyhow::anyhow!("--state: {why}"))?;
                let opened = Opened::new(config)?;
                let db = opened.db(config, Clock::default())?;
                let lines = db.system_now("command: list letters", |tx| store::latest(tx, state, limit))?;
                print(&lines, json)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Needs no database: whoever sets mail up may not have one yet.
fn test(config: &Config, to: &str) -> anyhow::Result<()> {
    let to = Email::parse(to).map_err(|why| anyhow::anyhow!("{to}: {why}"))?;
    let transport = Transport::new(&config.mail, &config.data)?;
    let now = Clock::default().now();
    let letter = Letter::Test { when: When::new(now, now, chrono_tz::UTC).title };
    let written = letter.write(Desk { base: &config.http.base(), key: &[], words: None })?;
    let id = format!("<{}@portico>", crate::db::ids::LetterId::new());
    if let Err(refusal) = transport.send(&written, "", to.as_str(), &id) {
        bail!("the letter did not leave: {}", refusal.problem);
    }
    match config.mail.transport {
        MailTransport::File => println!("The letter is {}.", transport.described()),
        MailTransport::Smtp => println!("The letter was taken by {}. Look whether it arrives.", transport.described()),
    }
    Ok(())
}

fn print(lines: &[Line], json: bool) -> anyhow::Result<()> {
    let moment = |line: &Line| line.created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    if json {
        let all: Vec<_> = lines
            .iter()
            .map(|line| {
                serde_json::json!({
                    "id": line.id, "written": moment(line), "letter": line.kind, "subject": line.subject,
                    "to": line.recipient, "state": line.state.key(), "tries": line.attempts, "answer": line.last_error,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        for line in lines {
            let answer = line.last_error.as_deref().unwrap_or_default();
            println!("{} {:9} {:20} {} {answer}", moment(line), line.state.key(), line.kind, line.recipient);
        }
    }
    Ok(())
}
