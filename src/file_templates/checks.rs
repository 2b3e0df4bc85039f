//! Checking a file against a template, over HTTP: the file is judged where it arrived, and nothing of it is stored.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use tokio::sync::Semaphore;

use super::check::{self, LARGEST, LISTED, Report, SHOWN};
use super::handlers::{id, with_partner};
use super::model::FileTemplate;
use super::views::{CheckPage, CheckResult, Head};
use crate::access::{Grant, ReadTemplate, limits};
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::TemplateId;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::upload::Upload;

/// The body that is refused unread: what is between this and [`LARGEST`] gets a message beside the field.
const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// Files checked at once: each is in memory whole.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

async fn look(grant: &Grant<ReadTemplate>, app: &App, id: TemplateId) -> Result<(FileTemplate, Head), AppError> {
    app.db
        .read(grant, move |tx| {
            let (template, partner) = with_partner(tx, id)?;
            let head = Head::new(&template, &partner, tx.actor());
            Ok((template, head))
        })
        .await
}

fn page(template: FileTemplate, head: Head, form: Form, result: Option<CheckResult>) -> Page<CheckPage> {
    let title = format!("Check a file against {}", head.name);
    Page::new(title, Nav::Templates, CheckPage { head, form, facts: template.facts, result })
}

/// `GET /templates/{id}/check`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<ReadTemplate>, app: Data<App>, path: Path<String>, req: HttpRequest) -> PageResult {
    let (template, head) = look(&grant, &app, id(&path)?).await?;
    Ok(page(template, head, Form::default(), None).answer(&req))
}

/// `POST /templates/{id}/check`: the result as a page, or all problems as a CSV file.
///
/// # Errors
/// As every page.
pub async fn check(
    grant: Grant<ReadTemplate>,
    app: Data<App>,
    path: Path<String>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let (template, head) = look(&grant, &app, id(&path)?).await?;
    let refused = |message: &str| form.clone().with_errors(vec![FieldError::new("file", "File", message)]);
    let file = match file {
        None => return Ok(page(template, head, refused("Choose a file to check."), None).refused().answer(&req)),
        Some(file) if file.bytes.len() > LARGEST => {
            let message = "The file is larger than 10 MB. Check a part of it, or split it.";
            return Ok(page(template, head, refused(message), None).refused().answer(&req));
        }
        Some(file) => file,
    };
    limits::spend_upload(&app.db, grant.actor()).await?;
    let as_csv = form.is("as", "csv");
    let report = {
        let _turn = AT_ONCE.acquire().await.map_err(|cause| AppError::Internal(cause.into()))?;
        let facts = template.facts.clone();
        let keep = if as_csv { LISTED } else { SHOWN };
        let bytes = file.bytes;
        blocking(move || Ok(check::check(&facts, &bytes, keep))).await?
    };
    if as_csv {
        return table(report).answer("problems", Format::Csv).await;
    }
    let result = CheckResult::new(file.name, report, &template.facts);
    Ok(page(template, head, Form::default(), Some(result)).answer(&req))
}

fn table(report: Report) -> Table {
    let mut table = Table::new(&["line", "field", "problem", "found"]);
    for problem in report.problems {
        table.push(vec![problem.line.to_string(), problem.field, problem.wrong, problem.found]);
    }
    let left = report.total.saturating_sub(LISTED as u64);
    if left > 0 {
        table.push(vec![String::new(), String::new(), format!("and {left} more problems"), String::new()]);
    }
    if let Some(stopped) = report.stopped {
        table.push(vec![String::new(), String::new(), stopped, String::new()]);
    }
    table
}
