//! `portico audit`: whether the log is whole, its head, and the log as a file.

use std::io::{BufWriter, IsTerminal, stdout};
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use chrono::{DateTime, Days, NaiveDate, Utc};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::database::Opened;
use crate::audit::export::{self, Format};
use crate::audit::store::{self, Range};
use crate::audit::verify::{self, Report};
use crate::audit::{Head, Seals, seal};
use crate::config::Config;
use crate::db::{Clock, Db};
use crate::web::error::AppError;

/// `portico audit …`
#[derive(Subcommand)]
pub enum Audit {
    /// Read the whole audit log again and say whether it is what was written; exit 1 when it is not.
    Verify {
        /// A head of before, as `portico audit head` printed it: proves that nothing up to it changed since, even if
        /// somebody made the whole chain anew.
        #[arg(long, value_name = "SEQ:HASH")]
        since: Option<Head>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the head of the chain, to be kept elsewhere.
    Head,
    /// Verify the chain and seal all of it anew with the present key: after a key was lost, or an older Portico chained
    /// lines without sealing them. The log tells of it.
    Seal,
    /// Print the audit log, oldest first, with each line's place in the chain.
    Export(Export),
}

/// `portico audit export`
#[derive(Args)]
pub struct Export {
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Format,
    /// Of one program only.
    #[arg(long, value_name = "CODE")]
    program: Option<String>,
    /// The first day (UTC), as 2026-11-20.
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// The last day (UTC).
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
}

impl Audit {
    /// Does it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(&config)?;
        let db = opened.db(&config, Clock::default())?;
        let seals = || {
            let config = opened.with_key(config)?;
            Ok::<_, anyhow::Error>(Seals::new(&config.key()?, &config.old_keys()?))
        };
        match self {
            Audit::Verify { since, json } => {
                let bar = bar();
                let report = verify::all(&db, &seals()?, since, |done, of| {
                    bar.set_length(of.unsigned_abs());
                    bar.set_position(done.unsigned_abs());
                })?;
                bar.finish_and_clear();
                if json {
                    println!("{}", serde_json::to_string_pretty(&report)?);
                } else {
                    print(&report);
                }
                Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Audit::Head => {
                println!("{}", db.system_now("command: print the head of the audit log", store::head)?);
                Ok(ExitCode::SUCCESS)
            }
            Audit::Seal => {
                println!("sealed up to {}", seal::anew(&db, &seals()?)?);
                Ok(ExitCode::SUCCESS)
            }
            Audit::Export(export) => export.run(&db),
        }
    }
}

impl Export {
    fn run(self, db: &Db) -> anyhow::Result<ExitCode> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            bail!("--from comes after --to");
        }
        let program = match self.program {
            None => None,
            Some(code) => {
                match db.system_now("command: find a program of the audit log", |tx| store::program(tx, &code)) {
                    Ok(id) => Some(id),
                    Err(AppError::NotFound) => return Err(anyhow!("no program has the code {code}")),
                    Err(other) => return Err(other.into()),
                }
            }
        };
        let until = self.to.and_then(|day| day.checked_add_days(Days::new(1)));
        let range = Range { program, from: self.from.map(midnight), until: until.map(midnight) };
        let count = export::write(db, &range, self.format, BufWriter::new(stdout().lock()))?;
        eprintln!("{count} lines");
        Ok(ExitCode::SUCCESS)
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// On a terminal only.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1);
    match ProgressStyle::with_template("{elapsed_precise} {bar:40} {pos} of {len} lines, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(report: &Report) {
    println!("{} lines verified; the chain ends at {}", report.verified, report.head);
    let sealed = &report.sealed;
    match sealed.at {
        Some(at) => println!("sealed from entry {} up to entry {}, last on {at}", sealed.after + 1, sealed.through),
        None if report.head.seq > 0 => println!("NOT SEALED: a running portal seals what it chains from now on"),
        None => {}
    }
    if let Some(late) = &sealed.late {
        println!(
            "{} pieces were sealed more than a day after they happened, the first from entry {} on (of {}, sealed on {}): \
             no portal ran then, or they were chained a second time",
            late.pieces, late.seq, late.at, late.sealed_at
        );
    }
    if let Some(since) = report.waiting_since {
        println!("{} lines are not yet chained, the oldest of {since}: a running portal chains them", report.waiting);
    }
    for trigger in &report.triggers_off {
        println!("SWITCHED OFF: the trigger {trigger}");
    }
    for fault in &report.faults {
        println!("{}", fault.sentence());
    }
    if report.is_whole() {
        println!("The audit log is whole.");
    } else {
        println!("The audit log is NOT what was written; see docs/audit.md for what to do.");
    }
}
