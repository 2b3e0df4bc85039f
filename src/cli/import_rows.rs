//! `portico import products` and `portico import assignments`: the imports of the pages, for larger files and for
//! scripts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::database::Opened;
use super::import::content;
use crate::access::{Actor, Grant, Permission, Role};
use crate::config::Config;
use crate::db::{Clock, Db};
use crate::imports::model::{Line, Report};
use crate::imports::plan::{Plan, assigned};
use crate::imports::run::{self, Order};
use crate::imports::{Subject, file};
use crate::partners::import::{job, store as programs};
use crate::values::{Choice, shown};
use crate::web::error::AppError;

/// `portico import products`, `portico import assignments`
#[derive(Args)]
pub struct Rows {
    /// The file; - for standard input.
    file: PathBuf,
    /// Code of the program.
    #[arg(long)]
    program: String,
    /// Which column holds a field, where its heading does not say so, like sku=article.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// Say what would happen, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write nothing when a row is refused.
    #[arg(long)]
    all_or_nothing: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

impl Rows {
    /// Does it.
    ///
    /// # Errors
    /// With one line, when it was not done.
    pub fn run<S: Subject>(self, config: &Config) -> anyhow::Result<ExitCode> {
        let mapped: Result<Vec<_>, _> = self.map.iter().map(|typed| assigned::<S::Field>(typed)).collect();
        let mapped = match mapped {
            Ok(mapped) => mapped,
            Err(problem) => {
                eprintln!("portico: --map: {problem}");
                return Ok(ExitCode::from(2));
            }
        };
        let (name, content) = content(&self.file)?;
        let table = file::read(&content).map_err(|problem| anyhow::anyhow!("{name}: {problem}"))?;
        let mut plan = Plan::<S::Field>::guessed(&table.header);
        plan.0.extend(mapped);
        let opened = Opened::new(config)?;
        let db = opened.db(config, Clock::default())?;
        let grant = operator::<S::May>(&db, &self.program)?;
        let order: Order<'_, S> =
            Order { file: &name, plan: &plan, table: &table, all_or_nothing: self.all_or_nothing };
        let report = match self.dry_run {
            true => db.rehearse_now(&grant, |tx| run::import(tx, &order)),
            false => db.write_now(&grant, |tx| run::import(tx, &order)),
        };
        let report = report.map_err(in_words)?;
        self.show(&report)?;
        Ok(if report.stopped { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn show<S: Subject>(&self, report: &Report<S>) -> anyhow::Result<()> {
        let refused = || report.rows.iter().filter(|line| line.reason.is_some());
        let (created, updated) = if report.stopped { (0, 0) } else { (report.created, report.updated) };
        if self.json {
            let rows: Vec<_> = refused().map(in_json).collect();
            let whole = serde_json::json!({
                "created": created, "updated": updated, "unchanged": report.unchanged, "refused": report.refused,
                "rows": rows,
            });
            println!("{}", serde_json::to_string(&whole)?);
        } else {
            for line in refused() {
                let field = line.field.map(|field| format!("{}: ", field.key())).unwrap_or_default();
                println!("line {}: {field}{}", line.line, line.reason.as_deref().unwrap_or_default());
            }
            println!(
                "{created} created, {updated} updated, {} unchanged, {} refused",
                report.unchanged, report.refused
            );
        }
        if report.stopped {
            eprintln!("portico: rows were refused, so nothing was written (--all-or-nothing)");
        } else if self.dry_run {
            eprintln!("portico: this was a dry run; nothing was written");
        }
        Ok(())
    }
}

fn in_json<S: Subject>(line: &Line<S>) -> serde_json::Value {
    let [key, whose, name] = S::WORDS.parts;
    serde_json::json!({
        "line": line.line, "field": line.field.map(Choice::key), "reason": line.reason, key: line.key,
        whose: line.whose, name: line.name,
    })
}

/// The operator of the machine as CSR of one program: system administrators enter neither products nor assignments.
fn operator<P: Permission>(db: &Db, code: &str) -> anyhow::Result<Grant<P>> {
    let found = job::note(db, |tx| programs::program(tx, code));
    let program = match found {
        Ok((program, _)) => program,
        Err(AppError::NotFound) => anyhow::bail!("there is no program with the code {}", shown(code)),
        Err(other) => return Err(other.into()),
    };
    Ok(Grant::check(Actor::operator_as(Role::Csr, program))?)
}

/// The sentence alone.
fn in_words(error: AppError) -> anyhow::Error {
    match error {
        AppError::Refused(sentence) | AppError::Conflict(sentence) => anyhow::anyhow!(sentence),
        AppError::Invalid(problems) => {
            let said = |problem: &crate::web::form::FieldError| match problem.message.as_str() {
                text if text.starts_with("Choose the column") => {
                    format!("{0}: say which column holds it with --map {0}=COLUMN", problem.field)
                }
                text => format!("{}: {text}", problem.field),
            };
            anyhow::anyhow!(problems.iter().map(said).collect::<Vec<_>>().join("\nportico: "))
        }
        other => other.into(),
    }
}
