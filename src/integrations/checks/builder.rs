//! `/checks`: the host writes what integrations are checked by. A new rule needs no code.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms;
use super::model::{Check, CheckKind, Rule};
use super::store;
use super::views::{FormPage, IndexPage, Preview, address};
use crate::access::session::leave_flash;
use crate::access::{Grant, Permission, ReadChecks, ReadForms, UpdateChecks};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::forms::model::Question;
use crate::integrations;
use crate::partners::views::{ConfirmPage, may};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Published integrations that a rule is tried with.
const TRIED: i64 = 2_000;
/// Of those that fail, so many are named.
const NAMED: usize = 20;

/// `GET /checks`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadChecks>, app: Data<App>, req: HttpRequest) -> PageResult {
    let (may_update, sees_forms) = (may::<UpdateChecks>(grant.actor()), may::<ReadForms>(grant.actor()));
    let rows = app.db.read(&grant, |tx| Ok(IndexPage::rows(&store::all(tx)?, &super::questions(tx)?))).await?;
    Ok(Page::new("Checks", Nav::Settings, IndexPage { rows, may_update, sees_forms }).answer(&req))
}

/// What a rule says about everything that is published.
fn preview(tx: &mut ReadTx<'_>, rule: &Rule, questions: &[Question]) -> Result<Preview, AppError> {
    let none = match rule.kind {
        CheckKind::LookAt => "A person looks at it: nothing is found out by itself.",
        CheckKind::Link => "Links are asked when an integration is submitted, so they are not tried here.",
        _ => "",
    };
    if !none.is_empty() {
        return Ok(Preview { none, ..Preview::default() });
    }
    let published = integrations::store::published(tx, TRIED)?;
    let mut preview = Preview { all: published.len(), ..Preview::default() };
    for (id, name, content) in published {
        let wrong = rule.finding(&content, questions).map(|one| one.wrong).unwrap_or_default();
        if !wrong.is_empty() {
            preview.failing += 1;
            if preview.some.len() < NAMED {
                preview.some.push((integrations::address(id), name, wrong));
            }
        }
    }
    Ok(preview)
}

/// How the form of a check is shown.
struct Shown {
    check: Option<Check>,
    kind: CheckKind,
    form: Form,
    rule: Option<Rule>,
    notice: Option<String>,
    status: StatusCode,
}

impl Shown {
    fn new(check: Option<Check>, kind: CheckKind, form: Form) -> Shown {
        Shown { check, kind, form, rule: None, notice: None, status: StatusCode::OK }
    }
}

async fn show<P: Permission>(grant: &Grant<P>, app: &App, req: &HttpRequest, how: Shown) -> PageResult {
    let (kind, rule) = (how.kind, how.rule);
    let (questions, preview) = app
        .db
        .read(grant, move |tx| {
            let questions = super::questions(tx)?;
            let preview = rule.map(|rule| preview(tx, &rule, &questions)).transpose()?;
            Ok((questions, preview))
        })
        .await?;
    let mut form = how.form;
    if let (Some(check), true) = (&how.check, how.notice.is_some()) {
        // Who saves after reading the notice knows what they replace.
        form.set("version", &check.version.to_string());
    }
    let body = FormPage {
        kind,
        action: how.check.as_ref().map_or_else(|| "/checks/new".to_owned(), address),
        removal: how.check.as_ref().map(|check| format!("{}/removal", address(check))),
        form,
        places: forms::places(kind, &questions),
        sources: forms::sources(&questions),
        preview,
        notice: how.notice,
    };
    let title = if how.check.is_some() { "Check" } else { "New check" };
    Ok(Page::new(title, Nav::Settings, body).status(how.status).answer(req))
}

/// `GET /checks/new?kind=…`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<UpdateChecks>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let kind = CheckKind::from_key(params.get("kind")).unwrap_or(CheckKind::Required);
    show(&grant, &app, &req, Shown::new(None, kind, forms::blank(kind))).await
}

/// `GET /checks/{id}`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateChecks>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let check = app.db.read(&grant, move |tx| store::find(tx, &id)).await?;
    let (kind, form, rule) = (check.kind, forms::filled(&check), Some(check.rule()));
    show(&grant, &app, &req, Shown { rule, ..Shown::new(Some(check), kind, form) }).await
}

/// `POST /checks/new`
///
/// # Errors
/// As every page.
pub async fn add(grant: Grant<UpdateChecks>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let kind = CheckKind::from_key(form.value("kind")).ok_or_else(|| {
        AppError::BadRequest("The form does not say what the check asks. Load the page again.".into())
    })?;
    take(grant, app, None, kind, form, req).await
}

/// `POST /checks/{id}`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let check = app.db.read(&grant, move |tx| store::find(tx, &id)).await?;
    let kind = check.kind;
    take(grant, app, Some(check), kind, form, req).await
}

/// Saves what was typed, or with `act=try` only says what it would do.
async fn take(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    check: Option<Check>,
    kind: CheckKind,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let questions = app.db.read(&grant, super::questions).await?;
    let (rule, is_live) = match forms::read(&form, kind, &questions) {
        Ok(read) => read,
        Err(form) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(&grant, &app, &req, Shown { status, ..Shown::new(check, kind, form) }).await;
        }
    };
    if form.value("act") == "try" {
        return show(&grant, &app, &req, Shown { rule: Some(rule), ..Shown::new(check, kind, form) }).await;
    }
    let (before, wanted) = (check.clone(), rule.clone());
    match app.db.write(&grant, move |tx| saved(tx, before.as_ref(), seen, &wanted, is_live)).await {
        Ok(()) => {
            leave_flash(&req, "good", if check.is_some() { "The check is saved." } else { "The check is added." });
            Ok(see_other("/checks"))
        }
        Err(AppError::Conflict(notice)) => {
            let present = match &check {
                Some(check) => Some(find(&grant, &app, &check.id.to_string()).await?),
                None => None,
            };
            let how = Shown { notice: Some(notice), status: StatusCode::CONFLICT, ..Shown::new(present, kind, form) };
            show(&grant, &app, &req, how).await
        }
        Err(error) => Err(error),
    }
}

async fn find(grant: &Grant<UpdateChecks>, app: &App, id: &str) -> Result<Check, AppError> {
    let id = id.to_owned();
    app.db.read(grant, move |tx| store::find(tx, &id)).await
}

/// The use case: a check is added or changed.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn saved(
    tx: &mut WriteTx<'_, UpdateChecks>,
    before: Option<&Check>,
    seen: i32,
    rule: &Rule,
    is_live: bool,
) -> Result<Change<()>, AppError> {
    let questions = super::questions(tx)?;
    let what = match before {
        None => {
            store::insert(tx, rule, is_live)?;
            format!("added “{}”", rule.words)
        }
        Some(check) => {
            store::save(tx, check, seen, rule, is_live)?;
            format!("changed “{}”", check.words)
        }
    };
    let weight = |is_blocking: bool| if is_blocking { "Blocking" } else { "Advice" };
    let used = |is_live: bool| if is_live { "Yes" } else { "No" };
    let old = before.map(Check::rule);
    let was = |text: fn(&Rule) -> String| old.as_ref().map(text).unwrap_or_default();
    let changes = [
        FieldChange::of("Words", was(|rule| rule.words.clone()), &rule.words),
        FieldChange::of(
            "What it asks",
            old.as_ref().map(|rule| rule.sentence(&questions)).unwrap_or_default(),
            rule.sentence(&questions),
        ),
        FieldChange::of("Weight", old.as_ref().map_or("", |rule| weight(rule.is_blocking)), weight(rule.is_blocking)),
        FieldChange::of("In use", before.map_or("", |check| used(check.is_live)), used(is_live)),
    ];
    changed(tx, what, changes.into_iter().flatten().collect())
}

fn changed(tx: &ReadTx<'_>, what: String, changes: Vec<FieldChange>) -> Result<Change<()>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    Ok(Change::new((), Event::ChecksChanged { program, what, changes }))
}

/// `POST /checks/{id}/switch`: on or off.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn switch(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, is_live) = (form.version()?, form.is_ticked("live"));
    app.db
        .write(&grant, move |tx| {
            let check = store::find(tx, &id)?;
            store::save(tx, &check, seen, &check.rule(), is_live)?;
            let word = if is_live { "on" } else { "off" };
            changed(tx, format!("switched “{}” {word}", check.words), Vec::new())
        })
        .await?;
    leave_flash(&req, "good", if is_live { "The check is in use." } else { "The check is switched off." });
    Ok(see_other("/checks"))
}

/// `POST /checks/{id}/move`
///
/// # Errors
/// As every page.
pub async fn reorder(grant: Grant<UpdateChecks>, app: Data<App>, id: Path<String>, form: Form) -> PageResult {
    let up = match form.value("to") {
        "up" => true,
        "down" => false,
        _ => return Err(AppError::BadRequest("A check moves up or down. Load the page again.".into())),
    };
    app.db.write(&grant, move |tx| moved(tx, &id, up)).await?;
    Ok(see_other("/checks"))
}

/// The use case: a check moves one place up or down.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one of this program.
pub fn moved(tx: &mut WriteTx<'_, UpdateChecks>, id: &str, up: bool) -> Result<Change<()>, AppError> {
    let check = store::find(tx, id)?;
    let mut order: Vec<_> = store::all(tx)?.into_iter().map(|one| one.id).collect();
    let at = order.iter().position(|one| *one == check.id).ok_or(AppError::NotFound)?;
    let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next < order.len()) };
    let Some(other) = other else { return Ok(Change::nothing(())) };
    order.swap(at, other);
    store::reorder(tx, &order)?;
    changed(tx, format!("moved “{}” {}", check.words, if up { "up" } else { "down" }), Vec::new())
}

/// `GET /checks/{id}/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_removal(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let check = find(&grant, &app, &id).await?;
    let body = ConfirmPage {
        crumbs: vec![("/settings".into(), "Settings".into()), ("/checks".into(), "Checks".into())],
        title: format!("Remove “{}”?", check.words),
        lead: "It is not asked any more, from the next submission on.".into(),
        effects: vec![
            "What it said about earlier submissions stays in them.".into(),
            "To stop it for a while only, switch it off instead.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{}/removal", address(&check)),
        button: "Remove check".into(),
        harsh: true,
        cancel: "/checks".into(),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), check.version.to_string())],
        form: Form::default(),
    };
    Ok(Page::new("Remove check", Nav::Settings, body).answer(&req))
}

/// `POST /checks/{id}/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn remove(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    app.db
        .write(&grant, move |tx| {
            let check = store::find(tx, &id)?;
            store::remove(tx, &check, seen)?;
            changed(tx, format!("removed “{}”", check.words), Vec::new())
        })
        .await?;
    leave_flash(&req, "good", "The check is removed.");
    Ok(see_other("/checks"))
}
