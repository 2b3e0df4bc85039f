//! `portico demo`, and the demo of a first start.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::database::{Opened, write_private};
use crate::access::password;
use crate::config::Config;
use crate::db::{Clock, Db, settle};
use crate::demo::scale::Size;
use crate::demo::{self, PEOPLE};
use crate::people::store as people;

/// `portico demo`
#[derive(Args)]
pub struct Demo {
    /// One password for all demo people; without it one is made and printed.
    #[arg(long, value_name = "P")]
    password: Option<String>,
    /// Fill the first program with so much more: 1,000, 10,000 or 100,000 partners and all that they have.
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,
    /// The same number makes the same rows, but for the days.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "size")]
    seed: u64,
}

/// Where a first start keeps the demo's password, so that the next can print it again.
const FILE: &str = "demo-password";

impl Demo {
    /// Loads the demo.
    ///
    /// # Errors
    /// When the database is not empty.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let opened = Opened::new(config)?;
        let config = opened.with_key(config.clone())?;
        let db = opened.db(&config, Clock::default())?;
        let password = self.password.unwrap_or_else(password::random);
        match self.size {
            None => demo::load(&db, &config.key()?, &password)?,
            Some(size) => {
                fill(&db, &config.key()?, &password, (size, self.seed))?;
                settle(&opened.url)?;
            }
        }
        print_people(&password);
        Ok(ExitCode::SUCCESS)
    }
}

fn fill(db: &Db, key: &[u8], password: &str, (size, seed): (Size, u64)) -> anyhow::Result<()> {
    eprintln!("Telling the demo's story, and then filling its first program…");
    let bar = bar();
    demo::load_large(db, key, password, (size.extent(), seed), |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.done);
        bar.set_message(progress.what);
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// On a terminal only.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1);
    match ProgressStyle::with_template("{elapsed_precise} {bar:40} {pos} of {len} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Loads the demo into an empty database; afterwards, and at each later start, prints how to sign in.
///
/// # Errors
/// When it cannot be loaded or its password not be kept.
pub fn at_first_start(db: &Db, key: &[u8], folder: &Path) -> anyhow::Result<()> {
    let file = folder.join(FILE);
    if db.system_now("demo: look whether anything is there", people::is_empty)? {
        eprintln!("First start: loading the demo program…");
        let password = password::random();
        demo::load(db, key, &password)?;
        write_private(&file, &password)?;
    }
    if let Ok(password) = std::fs::read_to_string(&file) {
        print_people(&password);
    }
    Ok(())
}

fn print_people(password: &str) {
    println!("Sign in as one of these, with the password {password}");
    for person in &PEOPLE {
        println!("  {:24} {}", person.kind, person.email);
    }
}
