//! The list of imports, uploading a file, and the pages of one import.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::job;
use super::model::{Import, Outcome, State, Task};
use super::run::Mode;
use super::store::{self, Show};
use super::views::{ImportRow, IndexPage, JobPage, LineView, ReportPage};
use crate::access::limits;
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ImportPartners};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::ImportId;
use crate::db::{Change, ReadTx, WriteTx, blocking};
use crate::imports::file;
use crate::partners::edit::only_coalitions;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Cursor, Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::upload::{File, Upload};
use crate::web::{see_other, wants_fragment};

/// The file that is refused unread: what is between this and [`file::LARGEST`] gets a message beside the field.
const LARGEST_BODY: usize = file::LARGEST + 4 * 1024 * 1024;

/// Imports go into one program that takes in others.
pub(super) fn ready(actor: &Actor) -> Result<(), AppError> {
    if actor.program_id().is_none() {
        return Err(AppError::Refused("Open a program first: partners are imported into one.".into()));
    }
    only_coalitions(actor)
}

/// `GET /partners/import`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ImportPartners>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    ready(grant.actor())?;
    let body = app.db.read(&grant, move |tx| index_page(tx, params, Form::default())).await?;
    Ok(Page::new("Import partners", Nav::Partners, body).region(|body| body.as_list().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params, form: Form) -> Result<IndexPage, AppError> {
    let keyset = params.keyset();
    let rows = store::list(tx, &keyset)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let page = keyset
        .window(rows, &params, |import: &Import| Cursor { key: import.created_at.to_rfc3339(), id: import.id.uuid() });
    Ok(IndexPage { form, params, page: page.map(|import| ImportRow::new(&import, now, zone)) })
}

/// `POST /partners/import`
///
/// # Errors
/// As every page.
pub async fn upload(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    ready(grant.actor())?;
    limits::spend_upload(&app.db, grant.actor()).await?;
    let checked = blocking(move || Ok(checked(upload.file))).await?;
    let (file, rows) = match checked {
        Ok(checked) => checked,
        Err(problem) => {
            let form = upload.form.with_errors(vec![FieldError::new("file", "File", problem)]);
            let body =
                app.db.read(&grant, move |tx| index_page(tx, Params::read("/partners/import", ""), form)).await?;
            return Ok(Page::new("Import partners", Nav::Partners, body).refused().answer(&req));
        }
    };
    let id = app.db.write(&grant, move |tx| uploaded(tx, &file, rows)).await?;
    Ok(see_other(&super::below(id, "columns")))
}

/// The file with the number of its rows.
fn checked(file: Option<File>) -> Result<(File, usize), String> {
    let file = file.ok_or("Choose a CSV file.")?;
    let ending = file.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(ending.as_str(), "csv" | "tsv" | "txt") {
        return Err("Choose a CSV file; its name ends with .csv.".into());
    }
    let rows = file::read(&file.bytes)?.rows.len();
    Ok((file, rows))
}

/// The use case: a file arrives.
///
/// # Errors
/// When the database does not answer.
pub fn uploaded(tx: &mut WriteTx<'_, ImportPartners>, file: &File, rows: usize) -> Result<Change<ImportId>, AppError> {
    let import = store::create(tx, &file.name, &file.bytes, rows, None)?;
    Ok(Change::new(import, Event::ImportUploaded { import, file: file.name.clone() }))
}

/// `GET /partners/import/{id}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for another program's.
pub async fn show(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, now) = app.db.read(&grant, move |tx| Ok((store::find(tx, id)?, tx.now()))).await?;
    match import.state {
        State::Uploaded => Ok(see_other(&super::below(id, "columns"))),
        State::Running => {
            let body = JobPage::new(&import, now);
            Ok(Page::new(body.title(), Nav::Partners, body).answer(&req))
        }
        State::Checked | State::Applied | State::Undone => {
            let body = app.db.read(&grant, move |tx| report_page(tx, import, params)).await?;
            Ok(Page::new(body.title(), Nav::Partners, body).region(|body| body.as_rows().render()).answer(&req))
        }
    }
}

fn report_page(tx: &mut ReadTx<'_>, import: Import, params: Params) -> Result<ReportPage, AppError> {
    let show = match params.get("show") {
        "error" => Show::Only(Outcome::Refused),
        "create" => Show::Only(Outcome::Created),
        "update" => Show::Only(Outcome::Updated),
        "same" => Show::Only(Outcome::Unchanged),
        "kept" => Show::Kept,
        _ => Show::All,
    };
    let keyset = params.keyset();
    let rows = store::lines(tx, &import, show, &keyset)?;
    let kept = if import.state == State::Undone { store::count_kept(tx, &import)? } else { 0 };
    let (now, zone) = (tx.now(), tx.actor().zone());
    let page = keyset
        .window(rows, &params, |line| Cursor { key: format!("{}:{}", line.rank, line.line), id: import.id.uuid() });
    let page = page.map(|line| LineView::new(line, import.state));
    Ok(ReportPage::new(import, page, params, kept, now, zone))
}

/// `GET /partners/import/{id}/progress`: the bar for htmx while the job runs, then on to its result.
///
/// # Errors
/// As every page.
pub async fn progress(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, now) = app.db.read(&grant, move |tx| Ok((store::find(tx, id)?, tx.now()))).await?;
    if !wants_fragment(&req) {
        return Ok(see_other(&super::address(id)));
    }
    if import.state != State::Running {
        return Ok(HttpResponse::Ok().insert_header(("hx-redirect", super::address(id))).finish());
    }
    let body = JobPage::new(&import, now);
    Ok(Page::new(body.title(), Nav::Partners, body).region(|body| body.as_job().render()).answer(&req))
}

/// `POST /partners/import/{id}/again`: gives up a job that fell silent.
///
/// # Errors
/// As every page.
pub async fn again(grant: Grant<ImportPartners>, app: Data<App>, id: Path<ImportId>, req: HttpRequest) -> PageResult {
    let id = id.into_inner();
    let (import, now) = app.db.read(&grant, move |tx| Ok((store::find(tx, id)?, tx.now()))).await?;
    let task = import.task.unwrap_or(Task::Check);
    if !import.is_silent(now) {
        leave_flash(&req, "info", "It is not silent: look at how far it is.");
        return Ok(see_other(&super::address(id)));
    }
    let db = app.db.clone();
    blocking(move || {
        let problem = format!("The last {} stopped without an answer. It wrote nothing.", task.label());
        job::note(&db, |tx| store::give_back(tx, id, import.run, task.begins(), &problem))
    })
    .await?;
    if task == Task::Check {
        job::begin(&app, &grant, id, task, None, Mode::LeaveOut).await?;
    }
    Ok(see_other(&super::address(id)))
}

/// `GET /partners/import/{id}/refused.csv`: the refused rows as they were, with the reason, to be corrected.
///
/// # Errors
/// [`AppError::NotFound`] while there is no report.
pub async fn refused(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let id = id.into_inner();
    let (content, lines) = app
        .db
        .read(&grant, move |tx| {
            let (import, content) = store::with_content(tx, id)?;
            if matches!(import.state, State::Uploaded | State::Running) {
                return Err(AppError::NotFound);
            }
            let all = Keyset { size: file::MOST_ROWS as i64, at: None, backward: false };
            Ok((content, store::lines(tx, &import, Show::Only(Outcome::Refused), &all)?))
        })
        .await?;
    let table = blocking(move || {
        let read = file::read(&content).map_err(AppError::Refused)?;
        // A row may have more cells than the heading: none is lost.
        let width = read.rows.iter().map(|row| row.cells.len()).fold(read.header.len(), usize::max);
        let extra = std::iter::repeat_n("", width - read.header.len());
        let head: Vec<&str> = read
            .header
            .iter()
            .map(String::as_str)
            .chain(extra)
            .chain(["Line in the file", "Why it was refused"])
            .collect();
        let mut table = Table::new(&head);
        let mut rows = read.rows.into_iter();
        // Both are in the order of the file.
        for line in lines {
            let Some(mut row) = rows.by_ref().find(|row| row.line == line.line) else { break };
            row.cells.resize(width, String::new());
            let reason = [line.reason, line.hint].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            row.cells.extend([line.line.to_string(), reason]);
            table.push(row.cells);
        }
        Ok(table)
    })
    .await?;
    table.answer("rows-with-errors", Format::Csv).await
}
