//! The log as a file, line by line: as large as it may be, only some of it is held.

use std::io::Write;

use anyhow::Context;
use chrono::SecondsFormat;
use clap::ValueEnum;
use serde::Serialize;

use super::chain::{Hash, Head};
use super::store::{self, Line, Range};
use crate::db::Db;
use crate::web::export::defused;

/// Lines that are read at once.
const AT_ONCE: i64 = 2000;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A JSON object in each line.
    Jsonl,
}

const HEAD: [&str; 16] = [
    "seq",
    "hash",
    "id",
    "at",
    "program_id",
    "partner_id",
    "actor_id",
    "actor_name",
    "actor_role",
    "on_behalf",
    "hosts_only",
    "kind",
    "event",
    "changes",
    "request_id",
    "address",
];

#[derive(Serialize)]
struct Row<'a> {
    seq: Option<i64>,
    hash: Option<Hash>,
    #[serde(flatten)]
    line: &'a Line,
}

/// Writes lines, oldest first, each with its place in the chain; returns how many.
///
/// # Errors
/// When the database does not answer, or nobody takes what is written.
pub fn write(db: &Db, range: &Range, format: Format, mut to: impl Write) -> anyhow::Result<u64> {
    let mut count = 0;
    let mut after = None;
    if format == Format::Csv {
        to.write_all(&cells(HEAD.map(str::to_owned))?)?;
    }
    loop {
        let (lines, places) = db.system_now("command: export the audit log", |tx| {
            let lines = store::some(tx, range, after, AT_ONCE)?;
            let keys: Vec<store::Key> = lines.iter().map(|line| (line.at, line.id)).collect();
            let places = store::places(tx, &keys)?;
            Ok((lines, places))
        })?;
        let Some(last) = lines.last() else { break };
        after = Some((last.at, last.id));
        for line in &lines {
            let place = places.get(&(line.at, line.id)).copied();
            match format {
                Format::Csv => to.write_all(&cells(texts(line, place))?)?,
                Format::Jsonl => {
                    let row = Row { seq: place.map(|at| at.seq), hash: place.map(|at| at.hash), line };
                    serde_json::to_writer(&mut to, &row)?;
                    to.write_all(b"\n")?;
                }
            }
        }
        count += lines.len() as u64;
    }
    to.flush()?;
    Ok(count)
}

fn texts(line: &Line, place: Option<Head>) -> [String; 16] {
    fn text(value: Option<impl ToString>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    [
        text(place.map(|at| at.seq)),
        text(place.map(|at| at.hash)),
        line.id.to_string(),
        line.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        text(line.program_id),
        text(line.partner_id),
        text(line.actor_id),
        line.actor_name.clone(),
        line.actor_role.clone(),
        line.on_behalf.to_string(),
        line.hosts_only.to_string(),
        line.kind.clone(),
        line.event.to_string(),
        line.changes.to_string(),
        line.request_id.clone(),
        line.address.clone(),
    ]
}

fn cells(row: [String; 16]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(row.iter().map(|cell| defused(cell)))?;
    writer.into_inner().context("a line could not be written")
}
