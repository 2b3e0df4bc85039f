//! The list, the tab of a partner, one template, and templates as files.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::model::{FileFormat, FileTemplate, Process};
use super::store::{self, Filter, Line, Sort};
use super::views::{Allowed, Head, IndexPage, Row, ShowPage, TabPage};
use super::{example, exchange};
use crate::access::{Actor, Grant, ReadTemplate};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::{PartnerId, TemplateId, UserId};
use crate::partners::handlers::{found, nav};
use crate::partners::model::Partner;
use crate::partners::store as partners;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Keyset, Params, Window};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// Templates in a file at the most.
const LARGEST: i64 = 100_000;

/// Reads the id of an address.
///
/// # Errors
/// [`AppError::NotFound`] when it is none.
pub fn id(text: &str) -> Result<TemplateId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// A template with its partner.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn with_partner(tx: &mut ReadTx<'_>, id: TemplateId) -> Result<(FileTemplate, Partner), AppError> {
    let template = store::find(tx, id)?;
    let names = partners::names(tx, &[template.partner_id])?;
    let (code, _) = names.get(&template.partner_id).ok_or(AppError::NotFound)?;
    let partner = partners::find(tx, code)?;
    Ok((template, partner))
}

/// The filter of a list's address.
fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<Filter, AppError> {
    let partner = match params.get("partner") {
        "" => None,
        code => match partners::find(tx, code) {
            Ok(partner) => Some(partner.id),
            // Nobody's templates.
            Err(AppError::NotFound) => Some(PartnerId::new()),
            Err(other) => return Err(other),
        },
    };
    Ok(Filter {
        search: params.get("q").to_owned(),
        partner,
        process: Process::from_key(params.get("process")),
        format: FileFormat::from_key(params.get("format")),
        updated_by: params.get("updated_by").parse::<UserId>().ok(),
    })
}

fn page(tx: &mut ReadTx<'_>, filter: &Filter, params: &Params) -> Result<Window<Row>, AppError> {
    let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
    let lines = store::list(tx, filter, sort, &keyset)?;
    let ids: Vec<PartnerId> = lines.iter().map(|line| line.partner_id).collect();
    let names = partners::names(tx, &ids)?;
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset.window(lines, params, |line: &Line| sort.cursor(line));
    Ok(page.map(|line| Row::new(line, &names, now, &actor)))
}

/// `GET /templates`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadTemplate>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| index_page(tx, params)).await?;
    Ok(Page::new("Templates", Nav::Templates, body).region(|body| body.as_table().render()).answer(&req))
}

fn index_page(tx: &mut ReadTx<'_>, params: Params) -> Result<IndexPage, AppError> {
    let filter = filter(tx, &params)?;
    let page = page(tx, &filter, &params)?;
    let total = store::count(tx, &filter)?;
    let editors = store::recent_editors(tx)?;
    let allowed = Allowed::of(tx.actor());
    let mut owners: Vec<(String, String)> = if allowed.partners {
        let ids = store::owners(tx)?;
        partners::names(tx, &ids)?.into_values().collect()
    } else {
        Vec::new()
    };
    owners.sort_by_key(|(_, name)| name.to_lowercase());
    let has_partners = partners::count(tx, &partners::Filter::default())? > 0;
    Ok(IndexPage { me: tx.actor().user(), params, page, total, owners, editors, allowed, has_partners })
}

/// `GET /templates/export.csv`
///
/// # Errors
/// As every page.
pub async fn export(grant: Grant<ReadTemplate>, app: Data<App>, params: Params) -> Result<HttpResponse, AppError> {
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("templates", Format::Csv).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let filter = filter(tx, params)?;
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let lines = store::list(tx, &filter, Sort::read(params.get("sort")), &all)?;
    let mut ids: Vec<PartnerId> = lines.iter().map(|line| line.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = partners::names(tx, &ids)?;
    let mut table = Table::new(&[
        "id",
        "partner",
        "partner_name",
        "name",
        "process",
        "format",
        "fields",
        "version",
        "updated_at",
        "updated_by",
    ]);
    for line in lines {
        let (code, partner) = names.get(&line.partner_id).cloned().unwrap_or_default();
        table.push(vec![
            line.id.to_string(),
            code,
            partner,
            line.name,
            line.process.key().into(),
            line.format.key().into(),
            line.field_count.to_string(),
            line.version.to_string(),
            line.updated_at.to_rfc3339(),
            line.updated_by_name,
        ]);
    }
    Ok(table)
}

/// `GET /partners/{code}/templates`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadTemplate>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let found = found(tx, &code, "templates")?;
            let filter = Filter { partner: Some(found.partner.id), ..filter(tx, &params)? };
            let page = page(tx, &filter, &params)?;
            let total = store::count(tx, &filter)?;
            Ok(TabPage { header: found.header, params, page, total, allowed: Allowed::of(tx.actor()) })
        })
        .await?;
    let title = format!("Templates of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "templates"), body).region(|body| body.as_table().render()).answer(&req))
}

/// `GET /templates/{id}`
///
/// # Errors
/// As every page.
pub async fn show(grant: Grant<ReadTemplate>, app: Data<App>, path: Path<String>, req: HttpRequest) -> PageResult {
    let id = id(&path)?;
    let body = app.db.read(&grant, move |tx| show_page(tx, id)).await?;
    Ok(Page::new(body.head.name.clone(), Nav::Templates, body).answer(&req))
}

fn show_page(tx: &mut ReadTx<'_>, id: TemplateId) -> Result<ShowPage, AppError> {
    let (template, partner) = with_partner(tx, id)?;
    let uses = store::used_by(tx, &template)?;
    let actor: &Actor = tx.actor();
    let (now, zone) = (tx.now(), actor.zone());
    Ok(ShowPage {
        head: Head::new(&template, &partner, actor),
        example: example::lines(&template.facts),
        uses,
        version: template.version,
        created: When::new(template.created_at, now, zone),
        updated: When::new(template.updated_at, now, zone),
        updated_by: template.updated_by_name,
        facts: template.facts,
    })
}

/// `GET /templates/{id}.json`
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub async fn json(grant: Grant<ReadTemplate>, app: Data<App>, path: Path<String>) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let template = app.db.read(&grant, move |tx| store::find(tx, id)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"template-{id}.json\"")))
        .body(exchange::written(&template.facts)))
}
