//! `portico import …`: records from a file, through the code of the pages.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::database::Opened;
use super::import_rows::Rows;
use crate::access::{Actor, Grant, ImportPartners};
use crate::campaigns::import::Assignments;
use crate::config::Config;
use crate::db::{Change, Clock, Db};
use crate::imports::file::{self, Table};
use crate::partners::import::plan::{Field, Plan, assigned, translated};
use crate::partners::import::run::{self, Line, Mode, Order, Report};
use crate::partners::import::{job, store};
use crate::products::import::Products;
use crate::values::{Choice, shown};
use crate::web::error::AppError;
use crate::web::form::FieldError;

/// `portico import …`
#[derive(Subcommand)]
pub enum ImportCommand {
    /// Create and update partners from a CSV file, matched by their code. A second run changes nothing.
    Partners(Partners),
    /// Create and update products from a CSV file, matched by partner and SKU. A second run changes nothing. Fields:
    /// partner, sku, name, kind, category, description, price, currency.
    Products(Rows),
    /// Create and update tier assignments from a CSV file, matched by campaign, partner, SKU and first day. A second run
    /// changes nothing. Fields: campaign, partner, sku, tier, start, expiry, state.
    Assignments(Rows),
}

/// `portico import partners`
#[derive(Args)]
pub struct Partners {
    /// The file; - for standard input.
    file: PathBuf,
    /// Code of the program.
    #[arg(long)]
    program: String,
    /// Which column holds a field, like code=icao. Fields: code, name, type, kind, category, status, support_phone,
    /// support_email, time_zone, notes.
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = assigned)]
    map: Vec<(Field, String)>,
    /// The value of a field for all rows, or for those with an empty cell, like type=airline.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assigned)]
    set: Vec<(Field, String)>,
    /// What a cell means, like status:Y=active. Other cells of that field are refused.
    #[arg(long, value_name = "FIELD:CELL=VALUE", value_parser = translated)]
    translate: Vec<(Field, String, String)>,
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

impl ImportCommand {
    /// Does it.
    ///
    /// # Errors
    /// With one line, when it was not done.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        match self {
            ImportCommand::Partners(partners) => partners.run(config),
            ImportCommand::Products(rows) => rows.run::<Products>(config),
            ImportCommand::Assignments(rows) => rows.run::<Assignments>(config),
        }
    }
}

impl Partners {
    fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let Partners { map, set, translate, .. } = &self;
        let plan = Plan::of_words(map.clone(), set.clone(), translate.clone());
        let plan = plan.and_then(|plan| match plan.problems(None).as_slice() {
            [] => Ok(plan),
            problems => Err(in_flags(problems)),
        });
        let plan = match plan {
            Ok(plan) => plan,
            Err(problem) => {
                eprintln!("portico: {problem}");
                return Ok(ExitCode::from(2));
            }
        };
        let (name, content) = content(&self.file)?;
        let table = file::read(&content).map_err(|problem| anyhow::anyhow!("{name}: {problem}"))?;
        let opened = Opened::new(config)?;
        let db = opened.db(config, Clock::default())?;
        let grant = operator(&db, &self.program)?;
        let report = self.import(&db, &grant, (&name, &content), &plan, &table).map_err(in_words)?;
        self.show(&report)?;
        Ok(if report.stopped { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn import(
        &self,
        db: &Db,
        grant: &Grant<ImportPartners>,
        (name, content): (&str, &[u8]),
        plan: &Plan,
        table: &Table,
    ) -> Result<Report, AppError> {
        let mode = if self.all_or_nothing { Mode::AllOrNothing } else { Mode::LeaveOut };
        let bar = bar(table.rows.len());
        let work = |tx: &mut crate::db::WriteTx<'_, ImportPartners>| -> Result<Change<Report>, AppError> {
            let import = store::create(tx, name, content, table.rows.len(), Some(plan))?;
            let order = Order { import, run: 0, file: name, plan, table, mode };
            run::import(tx, &order, &|done, _| bar.set_position(done as u64))
        };
        let report = if self.dry_run { db.rehearse_now(grant, work) } else { db.write_now(grant, work) };
        bar.finish_and_clear();
        report
    }

    fn show(&self, report: &Report) -> anyhow::Result<()> {
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
                let hint = line.hint.as_ref().map(|hint| format!(" ({})", hint.trim_end_matches('.')));
                println!(
                    "line {}: {field}{}{}",
                    line.line,
                    line.reason.as_deref().unwrap_or_default(),
                    hint.unwrap_or_default()
                );
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

/// A file's name and bytes; - is standard input.
pub(super) fn content(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let (name, source): (String, Box<dyn Read>) = if path.as_os_str() == "-" {
        ("standard input".into(), Box::new(std::io::stdin().lock()))
    } else {
        let name = path.file_name().map(|name| shown(&name.to_string_lossy())).unwrap_or_default();
        let open = std::fs::File::open(path);
        (name, Box::new(open.with_context(|| format!("{} cannot be opened", path.display()))?))
    };
    let mut content = Vec::new();
    // One byte more than allowed is enough to know.
    source
        .take(file::LARGEST as u64 + 1)
        .read_to_end(&mut content)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok((name, content))
}

fn in_json(line: &Line) -> serde_json::Value {
    serde_json::json!({
        "line": line.line, "field": line.field.map(Field::key), "reason": line.reason, "code": line.code,
        "name": line.name,
    })
}

/// The operator of the machine, in one program.
fn operator(db: &Db, code: &str) -> anyhow::Result<Grant<ImportPartners>> {
    let found = job::note(db, |tx| store::program(tx, code));
    let (program, is_single) = match found {
        Ok(found) => found,
        Err(AppError::NotFound) => anyhow::bail!("there is no program with the code {}", shown(code)),
        Err(other) => return Err(other.into()),
    };
    if is_single {
        anyhow::bail!("{} has a single organisation; it takes in no other partners", program.code);
    }
    Ok(Grant::check(Actor::operator(Some(program)))?)
}

/// On a terminal only, and never among the data.
fn bar(rows: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(rows as u64);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} rows") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The plan's problems in the words of the command.
fn in_flags(problems: &[FieldError]) -> String {
    let said = |problem: &FieldError| match problem.message.as_str() {
        text if text.starts_with("Choose the column") && problem.field == "code" => {
            "code: say which column holds it with --map code=COLUMN".to_owned()
        }
        text if text.starts_with("Choose the column") => {
            format!(
                "{0}: say which column holds it with --map {0}=COLUMN, or give all rows one with --set {0}=VALUE",
                problem.field
            )
        }
        text => format!("{}: {text}", problem.field),
    };
    problems.iter().map(said).collect::<Vec<_>>().join("\nportico: ")
}

/// The sentence alone.
fn in_words(error: AppError) -> anyhow::Error {
    match error {
        AppError::Refused(sentence) | AppError::Conflict(sentence) => anyhow::anyhow!(sentence),
        AppError::Invalid(problems) => anyhow::anyhow!(in_flags(&problems)),
        other => other.into(),
    }
}
