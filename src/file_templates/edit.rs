//! Making, editing, copying and removing a template.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms;
use super::handlers::{id, with_partner};
use super::model::{Facts, free_name};
use super::rows;
use super::store;
use super::views::{FormPage, Head, Stale};
use crate::access::session::leave_flash;
use crate::access::{CreateTemplate, DeleteTemplate, Grant, Scope, UpdateTemplate};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::TemplateId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::model::{Partner, Status};
use crate::partners::store as partners;
use crate::partners::views::ConfirmPage;
use crate::values::{Code, Name};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form, LongForm};
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// The partner that a new template is for: one's own, or the chosen one.
///
/// # Errors
/// [`AppError::Invalid`] at the field when there is none, [`AppError::Refused`] for an archived one.
pub fn owner(tx: &mut ReadTx<'_>, typed: &str) -> Result<Partner, AppError> {
    let refused = |message: &str| AppError::Invalid(vec![FieldError::new("partner", "Partner", message)]);
    let code = match (tx.scope(), tx.actor().partner()) {
        (Scope::Partner { .. }, Some(own)) => own.code.clone(),
        _ if typed.trim().is_empty() => return Err(refused("Choose the partner whose files these are.")),
        _ => Code::parse(typed).map_err(|message| refused(&message))?.to_string(),
    };
    let partner = partners::find(tx, &code).map_err(|error| match error {
        AppError::NotFound => refused("No partner of this program has this code. Choose one of the list."),
        other => other,
    })?;
    if partner.status == Status::Archived {
        return Err(AppError::Refused(format!("{} is archived. Restore it before you add templates.", partner.name)));
    }
    Ok(partner)
}

/// Code and name of the partner that is known from the address; none is no trouble.
pub(super) fn chosen(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<(String, String)>, AppError> {
    let code = match (tx.scope(), tx.actor().partner()) {
        (Scope::Partner { .. }, Some(own)) => own.code.clone(),
        _ => code.to_owned(),
    };
    match partners::find(tx, &code) {
        Ok(partner) => Ok(Some((partner.code.to_string(), partner.name.to_string()))),
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Partners to choose from: the first few hundred by name. Any other can be typed.
pub(super) fn choices(tx: &mut ReadTx<'_>) -> Result<Vec<(String, String)>, AppError> {
    if matches!(tx.scope(), Scope::Partner { .. }) {
        return Ok(Vec::new());
    }
    let first = Keyset { size: 200, at: None, backward: false };
    let all = partners::list(tx, &partners::Filter::default(), partners::Sort::Name, &first)?;
    let open = all.into_iter().filter(|partner| partner.status != Status::Archived);
    Ok(open.map(|partner| (partner.code.to_string(), partner.name.to_string())).collect())
}

pub(super) fn new_page(tx: &mut ReadTx<'_>, form: Form, guessed: Option<String>) -> Result<FormPage, AppError> {
    Ok(FormPage {
        partner: chosen(tx, form.value("partner"))?,
        partners: choices(tx)?,
        form,
        head: None,
        saved: None,
        stale: None,
        guessed,
    })
}

/// `GET /templates/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateTemplate>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let form = forms::blank(params.get("partner"));
    let body = app.db.read(&grant, move |tx| new_page(tx, form, None)).await?;
    Ok(Page::new("Create template", Nav::Templates, body).answer(&req))
}

/// `POST /templates`: stores a new template, or only rearranges the form.
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateTemplate>, app: Data<App>, form: LongForm, req: HttpRequest) -> PageResult {
    let LongForm(form) = form;
    if let Some(form) = rows::rearranged(&form) {
        let body = app.db.read(&grant, move |tx| new_page(tx, form, None)).await?;
        return Ok(Page::new("Create template", Nav::Templates, body).answer(&req));
    }
    let typed = form.value("partner").to_owned();
    let refused = match forms::layout(&form) {
        Ok(facts) => match app.db.write(&grant, move |tx| created(tx, &typed, &facts)).await {
            Ok((id, name)) => {
                leave_flash(&req, "good", &format!("{name} is created."));
                return Ok(see_other(&super::address(id)));
            }
            Err(AppError::Invalid(errors)) => form.with_errors(errors),
            Err(other) => return Err(other),
        },
        Err(refused) => refused,
    };
    let body = app.db.read(&grant, move |tx| new_page(tx, refused, None)).await?;
    Ok(Page::new("Create template", Nav::Templates, body).refused().answer(&req))
}

/// The use case: a template is made.
///
/// # Errors
/// [`AppError::Invalid`] when the partner or the name cannot be used.
pub fn created(
    tx: &mut WriteTx<'_, CreateTemplate>,
    partner: &str,
    facts: &Facts,
) -> Result<Change<(TemplateId, String)>, AppError> {
    let partner = owner(tx, partner)?;
    let template = store::insert(tx, &partner, facts)?;
    let name = facts.name.to_string();
    Ok(Change::new((template, name.clone()), Event::TemplateCreated { partner: partner.id, template, name }))
}

fn edit_page(tx: &mut ReadTx<'_>, id: TemplateId, form: Option<Form>) -> Result<FormPage, AppError> {
    let (template, partner) = with_partner(tx, id)?;
    let form = form.unwrap_or_else(|| forms::filled(&template.facts, template.version));
    let updated = When::new(template.updated_at, tx.now(), tx.actor().zone());
    Ok(FormPage {
        form,
        head: Some(Head::new(&template, &partner, tx.actor())),
        partner: Some((partner.code.to_string(), partner.name.to_string())),
        partners: Vec::new(),
        saved: Some((template.updated_by_name, updated)),
        stale: None,
        guessed: None,
    })
}

fn edit_title(body: &FormPage) -> String {
    body.head.as_ref().map(|head| format!("Edit {}", head.name)).unwrap_or_default()
}

/// `GET /templates/{id}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(grant: Grant<UpdateTemplate>, app: Data<App>, path: Path<String>, req: HttpRequest) -> PageResult {
    let id = id(&path)?;
    let body = app.db.read(&grant, move |tx| edit_page(tx, id, None)).await?;
    Ok(Page::new(edit_title(&body), Nav::Templates, body).answer(&req))
}

/// `POST /templates/{id}/edit`: saves a template, or only rearranges the form.
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateTemplate>,
    app: Data<App>,
    path: Path<String>,
    form: LongForm,
    req: HttpRequest,
) -> PageResult {
    let (id, LongForm(form)) = (id(&path)?, form);
    let seen = form.version()?;
    if let Some(form) = rows::rearranged(&form) {
        let body = app.db.read(&grant, move |tx| edit_page(tx, id, Some(form))).await?;
        return Ok(Page::new(edit_title(&body), Nav::Templates, body).answer(&req));
    }
    let (refused, status, stale) = match forms::layout(&form) {
        Err(refused) => (refused, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(facts) => {
            let typed = facts.clone();
            match app.db.write(&grant, move |tx| saved(tx, id, seen, &facts)).await {
                Ok(changed) => {
                    let said = if changed { ("good", "Your changes are saved.") } else { ("info", UNCHANGED) };
                    leave_flash(&req, said.0, said.1);
                    return Ok(see_other(&super::address(id)));
                }
                Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
                Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some((text, typed))),
                Err(other) => return Err(other),
            }
        }
    };
    let body = app
        .db
        .read(&grant, move |tx| {
            let mut body = edit_page(tx, id, Some(refused))?;
            if let Some((text, typed)) = stale {
                let stored = store::find(tx, id)?;
                // Saved once more, it replaces what is stored now.
                body.form.set("version", &stored.version.to_string());
                body.stale = Some(Stale { text, changes: stored.facts.changes(&typed) });
            }
            Ok(body)
        })
        .await?;
    Ok(Page::new(edit_title(&body), Nav::Templates, body).status(status).answer(&req))
}

const UNCHANGED: &str = "Nothing was different, so nothing was saved.";

/// The use case: a template is changed; false when nothing differs.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn saved(
    tx: &mut WriteTx<'_, UpdateTemplate>,
    id: TemplateId,
    seen: i32,
    facts: &Facts,
) -> Result<Change<bool>, AppError> {
    let before = store::find(tx, id)?;
    store::save(tx, id, seen, facts)?;
    let changes = before.facts.changes(facts);
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    let name = facts.name.to_string();
    Ok(Change::new(true, Event::TemplateUpdated { partner: before.partner_id, template: id, name, changes }))
}

/// `POST /templates/{id}/copy`: to the same partner, with a name that is free.
///
/// # Errors
/// As every page.
pub async fn copy(grant: Grant<CreateTemplate>, app: Data<App>, path: Path<String>, req: HttpRequest) -> PageResult {
    let id = id(&path)?;
    let (copy, name) = app.db.write(&grant, move |tx| copied(tx, id)).await?;
    leave_flash(&req, "good", &format!("{name} is a copy. Give it a name of its own."));
    Ok(see_other(&super::below(copy, "edit")))
}

/// The use case: a template is copied.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn copied(tx: &mut WriteTx<'_, CreateTemplate>, id: TemplateId) -> Result<Change<(TemplateId, String)>, AppError> {
    let (template, partner) = with_partner(tx, id)?;
    let partner = owner(tx, partner.code.as_str())?;
    let from = template.facts.name.to_string();
    let taken = store::names(tx, partner.id)?;
    let name = free_name(&from, &taken);
    let facts = Facts { name: Name::parse(&name).map_err(AppError::Refused)?, ..template.facts };
    let template = store::insert(tx, &partner, &facts)?;
    let event = Event::TemplateCopied { partner: partner.id, template, from, name: name.clone() };
    Ok(Change::new((template, name), event))
}

/// `GET /templates/{id}/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_removal(
    grant: Grant<DeleteTemplate>,
    app: Data<App>,
    path: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let id = id(&path)?;
    let body = app.db.read(&grant, move |tx| removal_page(tx, id)).await?;
    Ok(Page::new(body.title.clone(), Nav::Templates, body).answer(&req))
}

fn removal_page(tx: &mut ReadTx<'_>, id: TemplateId) -> Result<ConfirmPage, AppError> {
    let (template, partner) = with_partner(tx, id)?;
    let uses = store::used_by(tx, &template)?;
    let name = template.facts.name.to_string();
    let is_used = !uses.is_empty();
    Ok(ConfirmPage {
        crumbs: vec![("/templates".into(), "Templates".into()), (super::address(id), name.clone())],
        title: format!("Remove {name}?"),
        lead: if is_used {
            "It is in use, so it cannot be removed. Give these another template first.".into()
        } else {
            "This cannot be undone. Export it first, if you may want it again.".into()
        },
        effects: if is_used {
            Vec::new()
        } else {
            vec![
                format!("The template and its fields are gone; {} keeps its other templates.", partner.name),
                "Everybody who can see the partner’s activity sees that you did this.".into(),
            ]
        },
        skipped: uses.into_iter().map(|one| one.name).collect(),
        action: if is_used { String::new() } else { super::below(id, "removal") },
        button: "Remove template".into(),
        harsh: true,
        cancel: super::address(id),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), template.version.to_string())],
        form: Form::default(),
    })
}

/// `POST /templates/{id}/removal`
///
/// # Errors
/// [`AppError::Refused`] while something uses it, [`AppError::Conflict`] when somebody changed it.
pub async fn remove(
    grant: Grant<DeleteTemplate>,
    app: Data<App>,
    path: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, seen) = (id(&path)?, form.version()?);
    let name = app.db.write(&grant, move |tx| removed(tx, id, seen)).await?;
    leave_flash(&req, "good", &format!("{name} is removed."));
    Ok(see_other("/templates"))
}

/// The use case: a template is removed.
///
/// # Errors
/// [`AppError::Refused`] while something uses it, [`AppError::Conflict`] when somebody changed it.
pub fn removed(tx: &mut WriteTx<'_, DeleteTemplate>, id: TemplateId, seen: i32) -> Result<Change<String>, AppError> {
    let template = store::find(tx, id)?;
    let uses = store::used_by(tx, &template)?;
    if !uses.is_empty() {
        let names: Vec<String> = uses.into_iter().map(|one| one.name).collect();
        return Err(AppError::Refused(format!(
            "{} is used by {}. Give these another template first.",
            template.facts.name,
            names.join(", ")
        )));
    }
    store::remove(tx, id, seen)?;
    let name = template.facts.name.to_string();
    let event = Event::TemplateRemoved { partner: template.partner_id, template: id, name: name.clone() };
    Ok(Change::new(name, event))
}
