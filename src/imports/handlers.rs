//! The list of imports, uploading a file, and the report of one.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::file::{self, Table};
use super::model::{Import, Outcome, Report, State};
use super::plan::Plan;
use super::run::{self, Order};
use super::store;
use super::views::{ImportRow, IndexPage, LineView, ReportPage};
use super::{Happened, Subject, address, needs_program};
use crate::access::Grant;
use crate::access::limits;
use crate::app::App;
use crate::db::ids::FileImportId;
use crate::db::{Change, ReadTx, blocking};
use crate::web::error::AppError;
use crate::web::export::{self, Format};
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Cursor, Params};
use crate::web::page::{Page, PageResult};
use crate::web::see_other;
use crate::web::upload::{File, Upload};

/// Largest file, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;

/// `GET …/import`
///
/// # Errors
/// As every page.
pub async fn index<S: Subject>(grant: Grant<S::May>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    needs_program::<S>(grant.actor())?;
    let body = app.db.read(&grant, move |tx| index_page::<S>(tx, params, Form::default())).await?;
    Ok(Page::new(S::WORDS.title, S::WORDS.nav, body).region(|body| body.as_list().render()).answer(&req))
}

fn index_page<S: Subject>(tx: &mut ReadTx<'_>, params: Params, form: Form) -> Result<IndexPage, AppError> {
    S::ready(tx)?;
    let keyset = params.keyset();
    let rows = store::list::<S>(tx, &keyset)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let page = keyset
        .window(rows, &params, |import: &Import| Cursor { key: import.created_at.to_rfc3339(), id: import.id.uuid() });
    Ok(IndexPage { words: S::WORDS, form, params, page: page.map(|import| ImportRow::new::<S>(&import, now, zone)) })
}

/// `POST …/import`: keeps the file, and checks it at once when its headings say what each column is.
///
/// # Errors
/// As every page.
pub async fn upload<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    upload: Upload<LARGEST>,
    req: HttpRequest,
) -> PageResult {
    needs_program::<S>(grant.actor())?;
    app.db.read(&grant, S::ready).await?;
    limits::spend_upload(&app.db, grant.actor()).await?;
    let checked = blocking(move || Ok(readable::<S>(upload.file))).await?;
    let (file, table) = match checked {
        Ok(checked) => checked,
        Err(problem) => {
            let form = upload.form.with_errors(vec![FieldError::new("file", "File", problem)]);
            let params = Params::read(S::WORDS.address, "");
            let body = app.db.read(&grant, move |tx| index_page::<S>(tx, params, form)).await?;
            return Ok(Page::new(S::WORDS.title, S::WORDS.nav, body).refused().answer(&req));
        }
    };
    let plan = Plan::<S::Field>::guessed(&table.header);
    let is_clear = plan.places(&table.header, grant.actor().is_single()).is_ok();
    let (kept, name) = (plan.clone(), file.name.clone());
    let id = app
        .db
        .write(&grant, move |tx| {
            let id = store::create::<S>(tx, &file.name, &file.bytes, &kept)?;
            Ok(Change::new(id, S::event(&file.name, Happened::Uploaded)))
        })
        .await?;
    if !is_clear {
        return Ok(see_other(&format!("{}/columns", address::<S>(id))));
    }
    check::<S>(&app, &grant, id, name, plan, table).await?;
    Ok(see_other(&address::<S>(id)))
}

/// The file with its rows.
fn readable<S: Subject>(file: Option<File>) -> Result<(File, Table), String> {
    let file = file.ok_or("Choose a CSV file.")?;
    let ending = file.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(ending.as_str(), "csv" | "tsv" | "txt") {
        return Err("Choose a CSV file; its name ends with .csv.".into());
    }
    let table = file::read(&file.bytes)?;
    if table.rows.len() > super::MOST_ROWS {
        let kind = S::WORDS.kind;
        return Err(format!("The file has more than 5,000 rows. Split it, or use the command portico import {kind}."));
    }
    Ok((file, table))
}

/// Runs the import and rolls it back, then keeps what it found.
///
/// # Errors
/// As [`run::import`].
pub async fn check<S: Subject>(
    app: &App,
    grant: &Grant<S::May>,
    id: FileImportId,
    file: String,
    plan: Plan<S::Field>,
    table: Table,
) -> Result<(), AppError> {
    let (db, own): (_, Grant<S::May>) = (app.db.clone(), Grant::check(grant.actor().clone())?);
    blocking(move || {
        let order: Order<'_, S> = Order { file: &file, plan: &plan, table: &table, all_or_nothing: false };
        let report = db.rehearse_now(&own, |tx| run::import(tx, &order))?;
        db.system_now("import: what a check found", |tx| store::checked::<S>(tx, id, &plan, &report))
    })
    .await
}

/// `GET …/import/{id}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for another program's.
pub async fn show<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let body = app.db.read(&grant, move |tx| report_page::<S>(tx, id, params)).await?;
    match body {
        Some(body) => {
            Ok(Page::new(body.title(), S::WORDS.nav, body).region(|body| body.as_rows().render()).answer(&req))
        }
        None => Ok(see_other(&format!("{}/columns", address::<S>(id)))),
    }
}

/// None before a check.
fn report_page<S: Subject>(
    tx: &mut ReadTx<'_>,
    id: FileImportId,
    params: Params,
) -> Result<Option<ReportPage>, AppError> {
    let import = store::find::<S>(tx, id)?;
    if import.state == State::Uploaded {
        return Ok(None);
    }
    let mut report = import.report::<S>();
    let wanted = match params.get("show") {
        "error" => Some(Outcome::Refused),
        "create" => Some(Outcome::Created),
        "update" => Some(Outcome::Updated),
        "same" => Some(Outcome::Unchanged),
        _ => None,
    };
    let mut rows = std::mem::take(&mut report.rows);
    let kept = rows.iter().filter(|line| line.kept.is_some()).count();
    rows.retain(|line| {
        wanted.is_none_or(|wanted| line.outcome == wanted) && (params.get("show") != "kept" || line.kept.is_some())
    });
    rows.sort_by_key(|line| (line.outcome.rank(), line.line));
    let keyset = params.keyset();
    let key = |line: &super::model::Line<S>| (line.outcome.rank(), line.line);
    if let Some(at) = &keyset.at
        && let Some((rank, line)) = at.key.split_once(':').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)))
    {
        let place: (i32, i32) = (rank, line);
        rows.retain(|line| if keyset.backward { key(line) < place } else { key(line) > place });
    }
    if keyset.backward {
        rows.reverse();
    }
    rows.truncate(usize::try_from(keyset.limit()).unwrap_or_default());
    let page = keyset.window(rows, &params, |line| {
        let (rank, number) = key(line);
        Cursor { key: format!("{rank}:{number}"), id: id.uuid() }
    });
    let page = page.map(|line| LineView::new::<S>(line, import.state));
    let (now, zone) = (tx.now(), tx.actor().zone());
    Ok(Some(ReportPage::new::<S>(import, report.counts(), page, params, kept, (now, zone))))
}

/// `GET …/import/{id}/refused.csv`: the refused rows as they were, with the reason, to be corrected.
///
/// # Errors
/// [`AppError::NotFound`] while there is no report.
pub async fn refused<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
) -> Result<HttpResponse, AppError> {
    let id = id.into_inner();
    let (import, content) = app.db.read(&grant, move |tx| store::with_content::<S>(tx, id)).await?;
    if import.state == State::Uploaded {
        return Err(AppError::NotFound);
    }
    let table = blocking(move || refused_table(&content, &import.report::<S>())).await?;
    table.answer("rows-with-errors", Format::Csv).await
}

fn refused_table<S: Subject>(content: &[u8], report: &Report<S>) -> Result<export::Table, AppError> {
    let read = file::read(content).map_err(AppError::Refused)?;
    // A row may have more cells than the heading: none is lost.
    let width = read.rows.iter().map(|row| row.cells.len()).fold(read.header.len(), usize::max);
    let extra = std::iter::repeat_n("", width - read.header.len());
    let head: Vec<&str> =
        read.header.iter().map(String::as_str).chain(extra).chain(["Line in the file", "Why it was refused"]).collect();
    let mut table = export::Table::new(&head);
    let mut rows = read.rows.into_iter();
    // Both are in the order of the file.
    for line in report.rows.iter().filter(|line| line.outcome == Outcome::Refused) {
        let Some(mut row) = rows.by_ref().find(|row| row.line == line.line) else { break };
        row.cells.resize(width, String::new());
        row.cells.extend([line.line.to_string(), line.reason.clone().unwrap_or_default()]);
        table.push(row.cells);
    }
    Ok(table)
}
