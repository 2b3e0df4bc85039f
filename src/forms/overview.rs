//! `/forms/{form}/answers`: who has answered, as a page and as a file; and asking a partner again.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};

use super::builder::wanted;
use super::model::{Answered, FormKind, Standing};
use super::publish::coming;
use super::store::answers::{self as store, Filter, Line, Subject};
use super::store::{FormVersion, live};
use super::views::{AnswersPage, AskPage, Row, address, day};
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ReadForms, UpdateForms};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::partners::views::may;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::form::Form;
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// Partners in a file at the most.
const LARGEST: i64 = 100_000;
/// How long a partner has for an update, unless somebody says another day.
const DAYS: i64 = 14;

fn filter(params: &Params) -> Filter {
    Filter { search: params.get("q").to_owned(), standing: Standing::from_key(params.get("standing")) }
}

/// `GET /forms/{form}/answers`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for other words than the two forms'.
pub async fn index(
    grant: Grant<ReadForms>,
    app: Data<App>,
    form: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let kind = wanted(&form)?;
    let body = app.db.read(&grant, move |tx| page(tx, kind, params)).await?;
    Ok(Page::new(format!("Answers to the {}", kind.label()), Nav::Forms, body)
        .region(|body| body.as_list().render())
        .answer(&req))
}

fn page(tx: &mut ReadTx<'_>, kind: FormKind, params: Params) -> Result<AnswersPage, AppError> {
    let address = address(kind);
    let Some(live) = live(tx, kind)? else {
        return Ok(AnswersPage { kind, address, params, page: None, counts: Vec::new(), total: 0, live: None });
    };
    let keyset = params.keyset();
    let rows = store::lines(tx, &live, &filter(&params), &keyset, false)?;
    let counts = store::counts(tx, &live)?.to_vec();
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset.window(rows, &params, Line::cursor).map(|line| row(line, &live, &actor, now));
    let total = counts.iter().map(|(_, count)| count).sum();
    Ok(AnswersPage { kind, address, params, page: Some(page), counts, total, live: Some(live.number) })
}

fn row(line: Line, live: &FormVersion, actor: &Actor, now: chrono::DateTime<chrono::Utc>) -> Row {
    let due = line.facts(live).due();
    let today = now.with_timezone(&actor.zone()).date_naive();
    // An integration's answers are asked for by feedback on its pages.
    let asks = live.kind == FormKind::Partner && may::<UpdateForms>(actor) && line.number.is_some();
    Row {
        profile: match live.kind {
            FormKind::Partner => partners::tab(&line.code, "profile"),
            FormKind::Integration => format!("/integrations/{}", line.id),
        },
        until: due.by.map(day).unwrap_or_default(),
        is_late: due.by.is_some_and(|by| by < today),
        due,
        version: line.form_number,
        sent: line.sent_at.zip(line.sent_by).map(|(at, by)| (When::new(at, now, actor.zone()), by)),
        ask: asks.then(|| partners::tab(&line.code, "profile/request")),
        code: line.code,
        name: line.name,
    }
}

/// `GET /forms/{form}/answers.csv`: in the present filter, with a column for each question that is live.
///
/// # Errors
/// [`AppError::NotFound`] for other words than the two forms'.
pub async fn file(
    grant: Grant<ReadForms>,
    app: Data<App>,
    form: Path<String>,
    params: Params,
) -> Result<HttpResponse, AppError> {
    let kind = wanted(&form)?;
    let table = app.db.read(&grant, move |tx| table(tx, kind, &params)).await?;
    table.answer(&format!("{}-form-answers", kind.key()), Format::Csv).await
}

fn table(tx: &mut ReadTx<'_>, kind: FormKind, params: &Params) -> Result<Table, AppError> {
    const HEAD: [&str; 7] = ["code", "name", "state", "asked_by", "version", "sent_at", "sent_by"];
    let Some(live) = live(tx, kind)? else { return Ok(Table::new(&HEAD)) };
    let labels = live.questions.iter().map(|question| question.label.as_str());
    let mut table = Table::new(&HEAD.into_iter().chain(labels).collect::<Vec<_>>());
    let all = Keyset { size: LARGEST, at: None, backward: false };
    for line in store::lines(tx, &live, &filter(params), &all, true)? {
        let due = line.facts(&live).due();
        let sent: Vec<Answered> = match line.content {
            Some(content) => serde_json::from_value(content).map_err(|cause| AppError::Internal(cause.into()))?,
            None => Vec::new(),
        };
        let answers: HashMap<_, _> = sent.iter().map(|answer| (answer.question.id, answer.text())).collect();
        let mut row = vec![
            line.code,
            line.name,
            due.standing.key().to_owned(),
            due.by.map(|by| by.to_string()).unwrap_or_default(),
            line.form_number.map(|number| number.to_string()).unwrap_or_default(),
            line.sent_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            line.sent_by.unwrap_or_default(),
        ];
        row.extend(live.questions.iter().map(|one| answers.get(&one.id).cloned().unwrap_or_default()));
        table.push(row);
    }
    Ok(table)
}

/// A partner that can be asked again.
fn askable(tx: &mut ReadTx<'_>, code: &str) -> Result<Partner, AppError> {
    let partner = partners::store::find(tx, code)?;
    if partner.status == Status::Archived {
        return Err(AppError::Refused("This partner is archived: nobody of it could answer.".into()));
    }
    if live(tx, FormKind::Partner)?.is_none() {
        return Err(AppError::Refused("The program has no partner form now, so there is nothing to ask for.".into()));
    }
    if store::last(tx, Subject::partner(&partner))?.is_none() {
        return Err(AppError::Refused("This partner has not answered yet, so it is asked already.".into()));
    }
    Ok(partner)
}

fn ask_page(partner: &Partner, form: Form) -> Page<AskPage> {
    let code = partner.code.as_str();
    let body = AskPage {
        name: partner.name.to_string(),
        profile: partners::tab(code, "profile"),
        action: partners::tab(code, "profile/request"),
        form,
    };
    Page::new("Request an update", Nav::Partners, body)
}

/// `GET /partners/{code}/profile/request`
///
/// # Errors
/// As every page; [`AppError::Refused`] when there is nothing to ask for.
pub async fn ask_form(grant: Grant<UpdateForms>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let today = app.db.now().with_timezone(&grant.actor().zone()).date_naive();
    let partner = app.db.read(&grant, move |tx| askable(tx, &code)).await?;
    let by = today + TimeDelta::days(DAYS);
    Ok(ask_page(&partner, Form::filled([("by", by.to_string())])).answer(&req))
}

/// `POST /partners/{code}/profile/request`
///
/// # Errors
/// As every page.
pub async fn ask(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let today = app.db.now().with_timezone(&grant.actor().zone()).date_naive();
    let wanted = code.to_string();
    let partner = app.db.read(&grant, move |tx| askable(tx, &wanted)).await?;
    let mut check = form.check();
    let by = check.field("by", "Last day", |typed| coming(typed, today));
    let note = check.optional("note", "What to look at", paragraphs);
    let (by, note) = match check.done(|| Some((by?, note?.unwrap_or_default()))) {
        Ok(read) => read,
        Err(form) => return Ok(ask_page(&partner, form).refused().answer(&req)),
    };
    let wanted = code.to_string();
    app.db.write(&grant, move |tx| asked(tx, &wanted, by, &note)).await?;
    leave_flash(&req, "good", &format!("{} is asked to look at its answers again.", partner.name));
    Ok(see_other(&partners::tab(&code, "profile")))
}

/// The use case: a partner is asked for its answers again.
///
/// # Errors
/// [`AppError::Refused`] when there is nothing to ask for.
pub fn asked(tx: &mut WriteTx<'_, UpdateForms>, code: &str, by: NaiveDate, note: &str) -> Result<Change<()>, AppError> {
    let partner = askable(tx, code)?;
    store::ask(tx, Subject::partner(&partner), note, by)?;
    Ok(Change::new(
        (),
        Event::AnswersRequested {
            partner: partner.id,
            name: partner.name.to_string(),
            form: FormKind::Partner.label().into(),
            until: day(by),
            note: note.to_owned(),
        },
    ))
}
