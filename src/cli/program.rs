//! `portico program`: programs from the command line, for scripts and the first start.

use std::process::ExitCode;

use clap::Subcommand;

use super::database::Opened;
use crate::access::{Actor, CreateProgram, Grant, ListPrograms};
use crate::config::Config;
use crate::db::{Clock, Db};
use crate::programs::model::{Model, NewProgram};
use crate::programs::store::{self, ProgramLine};
use crate::values::{Choice, Code, Name, Zone};
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Keyset};

/// `portico program …`
#[derive(Subcommand)]
pub enum Program {
    /// Make a program, with its first partner types.
    Create {
        /// Capital letters, digits, - and _; unique.
        #[arg(long)]
        code: String,
        /// Shown on every page; unique.
        #[arg(long)]
        name: String,
        /// For partners and people who have none of their own.
        #[arg(long, default_value = "UTC", value_name = "ZONE")]
        time_zone: String,
        /// One organisation owns everything: its partner is made too.
        #[arg(long)]
        single: bool,
    },
    /// List all programs, by name.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Program {
    /// Does it.
    ///
    /// # Errors
    /// When what was typed cannot be used, or the database does not answer.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        match self {
            Program::Create { code, name, time_zone, single } => {
                let wrong = |option: &'static str| move |why: String| anyhow::anyhow!("--{option}: {why}");
                let new = NewProgram {
                    code: Code::parse(&code).map_err(wrong("code"))?,
                    name: Name::parse(&name).map_err(wrong("name"))?,
                    zone: Zone::parse(&time_zone).map_err(wrong("time-zone"))?,
                    model: if single { Model::Single } else { Model::Coalition },
                };
                let opened = Opened::new(config)?;
                create(&opened.db(config, Clock::default())?, &new)?;
                println!("{}", new.code);
            }
            Program::List { json } => {
                let opened = Opened::new(config)?;
                print(&all(&opened.db(config, Clock::default())?)?, json)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn create(db: &Db, new: &NewProgram) -> anyhow::Result<()> {
    let grant = Grant::<CreateProgram>::check(Actor::operator(None))?;
    match db.write_now(&grant, |tx| store::create(tx, new)) {
        Ok(_) => Ok(()),
        Err(AppError::Invalid(errors)) => {
            let lines: Vec<String> = errors.iter().map(|error| error.summary()).collect();
            Err(anyhow::anyhow!("{}", lines.join(" ")))
        }
        Err(error) => Err(error.into()),
    }
}

fn all(db: &Db) -> anyhow::Result<Vec<ProgramLine>> {
    let grant = Grant::<ListPrograms>::check(Actor::operator(None))?;
    let mut all: Vec<ProgramLine> = Vec::new();
    loop {
        let at = all.last().map(|line| Cursor { key: line.sort_name.clone(), id: line.program.id.uuid() });
        let page = Keyset { size: 500, at, backward: false };
        let mut lines = db.read_now(&grant, |tx| store::list(tx, &page))?;
        if lines.is_empty() {
            return Ok(all);
        }
        all.append(&mut lines);
    }
}

fn print(lines: &[ProgramLine], json: bool) -> anyhow::Result<()> {
    if json {
        let values: Vec<_> = lines.iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&values)?);
        return Ok(());
    }
    for ProgramLine { program, partners, .. } in lines {
        let model = program.model.label();
        println!("{:32} {:20} {partners:>6}  {}", program.code.as_str(), model, program.name);
    }
    Ok(())
}

fn as_json(line: &ProgramLine) -> serde_json::Value {
    let program = &line.program;
    serde_json::json!({
        "code": program.code.as_str(),
        "name": program.name.as_str(),
        "model": program.model.key(),
        "time_zone": program.time_zone.as_str(),
        "tiers": program.tiers_enabled,
        "hosting_limit": program.hosting_limit,
        "partners": line.partners,
    })
}
