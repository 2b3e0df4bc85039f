//! Hurts a running portal in many ways and measures that it survives. Started by `bin/torture`, which builds it.

mod bed;
mod crowd;
mod http;
mod mail;
mod portal;
mod postgres;
mod programs;
mod proxy;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bed::Bed;
use programs::{PROGRAMS, Program};
use report::Report;

struct Options {
    binary: PathBuf,
    folder: Option<PathBuf>,
    is_long: bool,
    wanted: Vec<&'static Program>,
}

fn options() -> Result<Options, String> {
    let mut options =
        Options { binary: "target/debug/portico".into(), folder: None, is_long: false, wanted: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--binary" => options.binary = words.next().ok_or("--binary wants a path")?.into(),
            "--folder" => options.folder = Some(words.next().ok_or("--folder wants a path")?.into()),
            "--long" => options.is_long = true,
            name => {
                let found = PROGRAMS.iter().find(|program| program.name == name);
                options.wanted.push(found.ok_or(format!("no such program or option: {name}; see bin/torture"))?);
            }
        }
    }
    if options.wanted.is_empty() {
        options.wanted = PROGRAMS.iter().filter(|program| program.is_quick || options.is_long).collect();
    }
    Ok(options)
}

fn run() -> Result<bool, String> {
    let options = options()?;
    println!("Making a PostgreSQL with the demo in it …");
    let bed = Bed::make(&options.binary, options.folder)?;
    let (mut passed, mut failed) = (0, 0);
    for program in options.wanted {
        println!("\n{}: {}", program.name, program.shows);
        let (mut report, began) = (Report::new(program.name, options.is_long), Instant::now());
        let broken = (program.run)(&bed, &mut report).err();
        let (good, bad) = report.print(began.elapsed(), broken);
        passed += good;
        failed += bad;
    }
    println!("\n{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("torture: {why}");
            ExitCode::FAILURE
        }
    }
}
