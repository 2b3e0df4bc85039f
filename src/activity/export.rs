//! The log as a file, in the present filter and the person's scope: a piece at a time, however long it is.

use std::collections::HashMap;
use std::io::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream::{self, StreamExt};

use super::handlers::filter;
use super::store::{self, Filter, Line};
use super::views::Entry;
use crate::access::{Grant, ReadActivity};
use crate::app::App;
use crate::db::blocking;
use crate::partners;
use crate::web::error::AppError;
use crate::web::export::defused;
use crate::web::listing::{Cursor, Keyset, Params};

/// Lines that are read at once.
const AT_ONCE: i64 = 1000;

const HEAD: [&str; 7] = ["When (UTC)", "Who", "Role", "On behalf", "What", "Changes", "Request"];

#[derive(Clone, Copy)]
enum Format {
    Csv,
    /// A JSON object in each line.
    Jsonl,
}

impl Format {
    fn of_ending(ending: &str) -> Result<Format, AppError> {
        match ending {
            "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::Jsonl),
            _ => Err(AppError::NotFound),
        }
    }

    /// Ending and media type.
    fn named(self) -> (&'static str, &'static str) {
        match self {
            Format::Csv => ("csv", "text/csv; charset=utf-8"),
            Format::Jsonl => ("jsonl", "application/x-ndjson"),
        }
    }
}

/// `GET /activity/export.{csv|jsonl}`
///
/// # Errors
/// [`AppError::NotFound`] for other endings.
pub async fn file(
    grant: Grant<ReadActivity>,
    app: Data<App>,
    ending: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let format = Format::of_ending(&ending)?;
    let (filter, _) = filter(&params, grant.actor().zone());
    answer(Source::new(grant, app, filter, format), "activity").await
}

/// `GET /partners/{code}/activity/export.{csv|jsonl}`
///
/// # Errors
/// [`AppError::NotFound`] for other endings, and for partners outside the scope.
pub async fn of_partner(
    grant: Grant<ReadActivity>,
    app: Data<App>,
    path: Path<(String, String)>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let (code, ending) = path.into_inner();
    let format = Format::of_ending(&ending)?;
    let partner = app.db.read(&grant, move |tx| partners::store::find(tx, &code)).await?;
    let (mut filter, _) = filter(&params, grant.actor().zone());
    filter.partner = Some(partner.id);
    let name = format!("activity-{}", partner.code.as_str().to_lowercase());
    answer(Source::new(grant, app, filter, format), &name).await
}

/// What is left to be written.
struct Source {
    grant: Grant<ReadActivity>,
    app: Data<App>,
    filter: Filter,
    format: Format,
    next: Option<Keyset>,
}

impl Source {
    fn new(grant: Grant<ReadActivity>, app: Data<App>, filter: Filter, format: Format) -> Source {
        Source { grant, app, filter, format, next: Some(Keyset { size: AT_ONCE, at: None, backward: false }) }
    }

    /// The next piece, with what is left after it.
    async fn piece(mut self) -> Result<Option<(Bytes, Source)>, AppError> {
        let Some(page) = self.next.take() else { return Ok(None) };
        let (filter, format, is_first) = (self.filter.clone(), self.format, page.at.is_none());
        let lines = self.app.db.read(&self.grant, move |tx| store::list(tx, &filter, &page)).await?;
        if lines.len() as i64 > AT_ONCE
            && let Some(last) = lines.last()
        {
            let at = Cursor { key: last.at.to_rfc3339(), id: last.id.uuid() };
            self.next = Some(Keyset { size: AT_ONCE, at: Some(at), backward: false });
        }
        let bytes = blocking(move || written(lines, format, is_first)).await?;
        Ok(Some((Bytes::from(bytes), self)))
    }
}

/// The first piece is made before anything is answered: what is wrong from the start has its own answer.
async fn answer(source: Source, name: &str) -> Result<HttpResponse, AppError> {
    let (ending, kind) = source.format.named();
    let Some((first, rest)) = source.piece().await? else { return Err(AppError::NotFound) };
    let rest = stream::try_unfold(rest, |source| async {
        let piece = source.piece().await;
        if let Err(cause) = &piece {
            tracing::warn!(%cause, "an export of the activity was broken off");
        }
        piece
    });
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .streaming(stream::once(async { Ok(first) }).chain(rest)))
}

fn written(lines: Vec<Line>, format: Format, is_first: bool) -> Result<Vec<u8>, AppError> {
    let mut into = Vec::with_capacity(lines.len() * 200);
    if is_first && matches!(format, Format::Csv) {
        csv_line(&mut into, &HEAD.map(str::to_owned))?;
    }
    for line in lines {
        match format {
            Format::Csv => csv_line(&mut into, &cells(line))?,
            Format::Jsonl => json_line(&mut into, line)?,
        }
    }
    Ok(into)
}

fn entry(line: Line) -> Entry {
    let now = line.at;
    Entry::new(line, &HashMap::new(), now, chrono_tz::UTC)
}

fn cells(line: Line) -> [String; 7] {
    let entry = entry(line);
    let changes: Vec<String> =
        entry.changes.iter().map(|change| format!("{}: {} → {}", change.field, change.before, change.after)).collect();
    let behalf = if entry.on_behalf { "yes" } else { "no" };
    [entry.when.iso, entry.actor, entry.role, behalf.into(), entry.sentence, changes.join("; "), entry.request_id]
}

fn csv_line(into: &mut Vec<u8>, cells: &[String; 7]) -> Result<(), AppError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(into);
    writer.write_record(cells.iter().map(|cell| defused(cell))).map_err(|cause| AppError::Internal(cause.into()))?;
    writer.flush().map_err(|cause| AppError::Internal(cause.into()))
}

fn json_line(into: &mut Vec<u8>, line: Line) -> Result<(), AppError> {
    let (id, kind) = (line.id, line.kind.clone());
    let entry = entry(line);
    let object = serde_json::json!({
        "id": id, "at": entry.when.iso, "kind": kind, "actor": entry.actor, "role": entry.role,
        "onBehalf": entry.on_behalf, "what": entry.sentence, "changes": entry.changes, "request": entry.request_id,
    });
    serde_json::to_writer(&mut *into, &object).map_err(|cause| AppError::Internal(cause.into()))?;
    into.write_all(b"\n").map_err(|cause| AppError::Internal(cause.into()))
}
