//! `/programs` and `/settings`.

use actix_session::SessionExt;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::forms;
use super::model::Settings;
use super::store;
use super::views::{IndexPage, NewPage, ProgramRow, SettingsPage, Stale, TypeRow};
use crate::access::{
    CreateProgram, Grant, ListPrograms, Permission, ReadChecks, ReadProgram, ReadProgramTokens, Scope, UpdateLetters,
    UpdateProgram, session,
};
use crate::app::App;
use crate::db::ids::ProgramId;
use crate::tiers;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::{Cursor, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// All programs.
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ListPrograms>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let keyset = params.keyset();
    let asked = keyset.clone();
    let lines = app.db.read(&grant, move |tx| store::list(tx, &asked)).await?;
    let open = grant.actor().program().map(|program| program.id);
    let cursor = |line: &store::ProgramLine| Cursor { key: line.sort_name.clone(), id: line.program.id.uuid() };
    let page = keyset.window(lines, &params, cursor).map(|line| ProgramRow::new(line, open));
    let body = IndexPage { params, page };
    Ok(Page::new("Programs", Nav::Programs, body).region(|body| body.as_list().render()).answer(&req))
}

/// The form for a new program.
///
/// # Errors
/// As every page.
pub async fn new(_: Grant<CreateProgram>, req: HttpRequest) -> PageResult {
    Ok(Page::new("New program", Nav::Programs, NewPage { form: forms::blank() }).answer(&req))
}

/// Makes a program and opens it.
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateProgram>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let refused = |form| Ok(Page::new("New program", Nav::Programs, NewPage { form }).refused().answer(&req));
    let new = match forms::new_program(&form) {
        Ok(new) => new,
        Err(form) => return refused(form),
    };
    let name = new.name.to_string();
    match app.db.write(&grant, move |tx| store::create(tx, &new)).await {
        Ok(id) => opened(&grant, &app, id, &req, &format!("{name} was created and is open now.")).await,
        Err(AppError::Invalid(errors)) => refused(form.with_errors(errors)),
        Err(error) => Err(error),
    }
}

/// Opens a program: from the next request on everything is about it.
///
/// # Errors
/// As every page.
pub async fn open(grant: Grant<ListPrograms>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let id: ProgramId = id.parse().map_err(|_| AppError::NotFound)?;
    let program = app.db.read(&grant, move |tx| store::find(tx, id)).await?;
    opened(&grant, &app, id, &req, &format!("{} is open now.", program.name)).await
}

async fn opened<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: ProgramId,
    req: &HttpRequest,
    said: &str,
) -> Result<HttpResponse, AppError> {
    let actor = grant.actor().clone();
    app.db.system("open a program", move |tx| session::switch_program(tx, &actor, id)).await?;
    // What the session may do is another thing now, so its old token ends.
    session::rotate(&req.get_session())?;
    session::leave_flash(req, "good", said);
    Ok(see_other("/partners"))
}

/// The program's settings: a form for those who may change them, facts for everybody else.
///
/// # Errors
/// As every page.
pub async fn settings(grant: Grant<ReadProgram>, app: Data<App>, req: HttpRequest) -> PageResult {
    shown(&grant, &app, &req, Shown::default()).await
}

/// Saves the settings.
///
/// # Errors
/// As every page.
pub async fn update(grant: Grant<UpdateProgram>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let version = form.version()?;
    let settings = match forms::settings(&form) {
        Ok(settings) => settings,
        Err(form) => return shown(&grant, &app, &req, Shown::refused(form)).await,
    };
    let wanted = settings.clone();
    match app.db.write(&grant, move |tx| store::update(tx, version, &wanted)).await {
        Ok(true) => Ok(said(&req, "good", "Settings saved.")),
        Ok(false) => Ok(said(&req, "info", "Nothing was changed: the settings are as before.")),
        Err(AppError::Invalid(errors)) => shown(&grant, &app, &req, Shown::refused(form.with_errors(errors))).await,
        Err(AppError::Conflict(_)) => shown(&grant, &app, &req, Shown::stale(form, settings)).await,
        Err(error) => Err(error),
    }
}

/// Leaves a notice and goes back to the settings.
pub(super) fn said(req: &HttpRequest, tone: &str, text: &str) -> HttpResponse {
    session::leave_flash(req, tone, text);
    see_other("/settings")
}

/// How the settings page differs from a first look.
#[derive(Default)]
pub(super) struct Shown {
    form: Option<Form>,
    type_form: Form,
    stale: Option<Settings>,
    status: StatusCode,
}

impl Shown {
    fn refused(form: Form) -> Shown {
        Shown { form: Some(form), status: StatusCode::UNPROCESSABLE_ENTITY, ..Shown::default() }
    }

    fn stale(form: Form, typed: Settings) -> Shown {
        Shown { form: Some(form), stale: Some(typed), status: StatusCode::CONFLICT, ..Shown::default() }
    }

    pub(super) fn refused_type(type_form: Form) -> Shown {
        Shown { type_form, status: StatusCode::UNPROCESSABLE_ENTITY, ..Shown::default() }
    }
}

pub(super) async fn shown<P: Permission>(grant: &Grant<P>, app: &App, req: &HttpRequest, how: Shown) -> PageResult {
    let (program, types, hosting, reach) = app
        .db
        .read(grant, |tx| {
            let reach = tiers::store::reach(tx)?;
            Ok((store::current(tx)?, store::type_lines(tx)?, store::hosting_partners(tx)?, reach))
        })
        .await?;
    let mut form = how.form.unwrap_or_else(|| forms::filled(&program));
    let stale = how.stale.map(|typed| Stale { changes: program.settings().changes(&typed) });
    if stale.is_some() {
        // Who saves after reading the notice knows what they replace.
        form.set("version", &program.version.to_string());
    }
    let last = types.len().saturating_sub(1);
    let body = SettingsPage {
        may_update: grant.also::<UpdateProgram>().is_some(),
        may_letters: grant.also::<UpdateLetters>().is_some(),
        sees_review: grant.also::<ReadChecks>().is_some(),
        sees_tokens: grant.also::<ReadProgramTokens>().is_some(),
        types: types.into_iter().enumerate().map(|(at, line)| TypeRow::new(line, at == 0, at == last)).collect(),
        tiers_hint: tiers::views::switch_hint(program.tiers_enabled, reach),
        program,
        hosting: matches!(grant.actor().scope(), Scope::Program(_)).then_some(hosting),
        form,
        type_form: how.type_form,
        stale,
    };
    Ok(Page::new("Settings", Nav::Settings, body).status(how.status).answer(req))
}
