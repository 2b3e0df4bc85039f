//! `portico jobs`: what the portal does by itself.

use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use serde_json::json;

use super::database::Opened;
use crate::audit::Seals;
use crate::config::Config;
use crate::db::{Clock, Db};
use crate::jobs::store::{self, Run, Waiting};
use crate::jobs::{self, Job, Tools};
use crate::mail::transport::Transport;
use crate::mail::worker::Worker;
use crate::values::Choice;
use crate::web::listing::exactly;

/// `portico jobs …`
#[derive(Subcommand)]
pub enum Jobs {
    /// List the background jobs, when each ran last, and what waits for them.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a job once, now, beside a serving portal or without one.
    Run {
        /// Which: mail, publish, reminders, audit, months or clear.
        #[arg(value_name = "JOB", value_parser = Job::parse)]
        job: Job,
    },
    /// Put letters that were given up into the queue again. Imports that stopped are begun again by who brought the file.
    Retry {
        /// Those that were written in the last so many days.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
}

impl Jobs {
    /// Does it.
    ///
    /// # Errors
    /// When the job fails, or the database does not answer.
    pub fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(&config)?;
        let db = opened.db(&config, Clock::default())?;
        match self {
            Jobs::List { json } => list(&db, Duration::from_secs(config.mail.poll_seconds), json)?,
            Jobs::Run { job } => {
                let config = opened.with_key(config)?;
                let tools = tools(&config, &opened, db)?;
                let done = jobs::run(&tools, job)?;
                println!("{}: done, {}", job.key(), things(done as i64));
            }
            Jobs::Retry { days } => {
                let letters = jobs::retry(&db, db.now() - TimeDelta::days(days))?;
                for letter in &letters {
                    println!("{} {} {}", letter.id, letter.recipient, letter.subject);
                }
                let count = exactly(letters.len() as i64, "letter is", "letters are");
                eprintln!("{count} queued again; a serving portal sends them, or `portico jobs run mail`");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tools(config: &Config, opened: &Opened, db: Db) -> anyhow::Result<Tools> {
    let key = config.key()?;
    let seals = Seals::new(&key, &config.old_keys()?);
    let transport = Transport::new(&config.mail, &opened.folder)?;
    let mail = Worker { db: db.clone(), transport, base: config.http.base(), key };
    Ok(Tools { db, mail, seals })
}

fn things(count: i64) -> String {
    exactly(count, "thing", "things")
}

fn list(db: &Db, mail: Duration, as_json: bool) -> anyhow::Result<()> {
    let (runs, waiting) = db.system_now("command: list the jobs", |tx| Ok((store::runs(tx)?, store::waiting(tx)?)))?;
    let run = |job: Job| runs.iter().find(|run| run.job == job.key());
    let now = db.now();
    if as_json {
        let all: Vec<_> = Job::ALL
            .iter()
            .map(|job| {
                let run = run(*job);
                json!({
                    "job": job.key(), "does": job.label(), "every_seconds": job.every(mail).as_secs(),
                    "state": state(*job, run, now, mail), "ran_at": run.map(|run| run.ran_at),
                    "took_ms": run.map(|run| run.took_ms), "done": run.map(|run| run.done),
                    "failed_at": run.and_then(|run| run.failed_at), "problem": run.and_then(|run| run.problem.clone()),
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&json!({ "jobs": all, "waiting": waiting }))?);
        return Ok(());
    }
    for job in Job::ALL {
        let (run, every) = (run(*job), job.every(mail).as_secs());
        let last =
            run.map_or("-".into(), |run| format!("{}, {} ms, {}", moment(run.ran_at), run.took_ms, things(run.done)));
        println!(
            "{:10} {:8} every {every} s, last run {last}: {}",
            job.key(),
            state(*job, run, now, mail),
            job.label()
        );
        if let Some((at, why)) = run.and_then(|run| run.failed_at.zip(run.problem.as_ref())) {
            println!("{:19} failed last {}: {why}", "", moment(at));
        }
    }
    println!();
    told(&waiting);
    Ok(())
}

fn state(job: Job, run: Option<&Run>, now: DateTime<Utc>, mail: Duration) -> &'static str {
    match run {
        None => "never",
        Some(run) if run.is_failing() => "FAILING",
        Some(run) if job.is_late(run.ran_at, now, mail) => "LATE",
        Some(_) => "ok",
    }
}

/// What waits, one line for each.
fn told(waiting: &Waiting) {
    let since = |at: Option<DateTime<Utc>>| at.map(|at| format!(", since {}", moment(at))).unwrap_or_default();
    println!(
        "letters    {} queued, {} retrying, {} failed{}",
        waiting.letters_queued,
        waiting.letters_retrying,
        waiting.letters_failed,
        since(waiting.letters_since)
    );
    if let Some(problem) = &waiting.letters_problem {
        println!("           last trouble: {problem}");
    }
    println!(
        "imports    {} under way, {} of a portal that ended, {} stopped",
        waiting.imports_running, waiting.imports_silent, waiting.imports_stopped
    );
    println!(
        "audit      {} not chained yet{}",
        exactly(waiting.audit_lines, "line", "lines"),
        since(waiting.audit_since)
    );
    let next = waiting.publish_next.map(|at| format!(", next {}", moment(at))).unwrap_or_default();
    println!("publishing {} due, {} later{next}", waiting.publish_due, waiting.publish_later);
    println!("reviews    {} open, {} past the expected date", waiting.reviews_open, waiting.reviews_late);
    println!("to clear   {}", exactly(waiting.to_clear, "row", "rows"));
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
