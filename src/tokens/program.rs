//! The program's tokens: they reach every partner of it, so hosting admins alone make and revoke them.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use secrecy::ExposeSecret;

use super::handlers::{confirmation, made_page, needs_open, needs_room, typed};
use super::model::{self, NewToken, Owner, TokenScope};
use super::store;
use super::views::{FormPage, Place, ProgramPage, Row};
use crate::access::session::leave_flash;
use crate::access::{CreateProgramToken, Grant, ReadProgramTokens, RevokeProgramToken};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::may;
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The list.
pub const LIST: &str = "/settings/tokens";

fn place(tx: &mut ReadTx<'_>) -> Result<Place, AppError> {
    let program = programs::store::current(tx)?;
    Ok(Place {
        owner: Owner { program: program.id, partner: None },
        name: program.name.to_string(),
        above: ("/settings".into(), "Settings".into()),
        list: LIST.into(),
    })
}

/// `GET /settings/tokens`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadProgramTokens>, app: Data<App>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, |tx| {
            let place = place(tx)?;
            let (now, zone) = (tx.now(), tx.actor().zone());
            let tokens = store::list(tx, place.owner)?;
            Ok(ProgramPage {
                rows: tokens.into_iter().map(|token| Row::new(token, LIST, now, zone)).collect(),
                can_create: may::<CreateProgramToken>(tx.actor()),
                can_revoke: may::<RevokeProgramToken>(tx.actor()),
                new_address: format!("{LIST}/new"),
                program_name: place.name,
            })
        })
        .await?;
    Ok(Page::new("API tokens of the program", Nav::Settings, body).answer(&req))
}

/// `GET /settings/tokens/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreateProgramToken>, app: Data<App>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, |tx| {
            let suggested = [TokenScope::ProductsRead, TokenScope::TiersRead, TokenScope::RedemptionsCheck];
            let chosen = suggested.map(|scope| ("scope", scope.key().to_owned()));
            let form = Form::filled(chosen.into_iter().chain([("until", model::suggested(tx.now()))]));
            Ok(FormPage { form, place: place(tx)? })
        })
        .await?;
    Ok(Page::new("Create API token", Nav::Settings, body).answer(&req))
}

/// `POST /settings/tokens`: answers with the page that shows the token, once.
///
/// # Errors
/// As every page.
pub async fn create(grant: Grant<CreateProgramToken>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let place = app.db.read(&grant, place).await?;
    let refused = match typed(&form, place.owner, app.db.now()) {
        Err(form) => form,
        Ok(new) => {
            let token = model::fresh();
            let (hash, hint) = (model::hash(token.expose_secret()).unwrap_or_default(), model::hint(&token));
            let stored = new.clone();
            match app.db.write(&grant, move |tx| made(tx, &stored, &hash, &hint)).await {
                Ok(()) => {
                    let body = made_page(place, &new, &token, app.config.http.base());
                    return Ok(Page::new("API token created", Nav::Settings, body).answer(&req));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(other) => return Err(other),
            }
        }
    };
    let body = FormPage { form: refused, place };
    Ok(Page::new("Create API token", Nav::Settings, body).refused().answer(&req))
}

/// The use case: the program gets a token.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken, or there are too many.
pub fn made(
    tx: &mut WriteTx<'_, CreateProgramToken>,
    new: &NewToken,
    hash: &[u8],
    hint: &str,
) -> Result<Change<()>, AppError> {
    let owner = place(tx)?.owner;
    needs_room(tx, owner)?;
    let token = store::insert(tx, owner, new, hash, hint)?;
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.key()).collect();
    let event = Event::ProgramTokenCreated {
        program: owner.program,
        token,
        name: new.name.to_string(),
        scopes: scopes.join(", "),
        until: model::until(new.expires_at),
    };
    Ok(Change::new((), event))
}

/// `GET /settings/tokens/{id}/revocation`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is revoked already.
pub async fn confirm(
    grant: Grant<RevokeProgramToken>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let place = place(tx)?;
            let token = store::find(tx, place.owner, &id)?;
            needs_open(&token)?;
            Ok(confirmation(&place, &token))
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Settings, body).answer(&req))
}

/// `POST /settings/tokens/{id}/revocation`
///
/// # Errors
/// [`AppError::Refused`] when it is revoked already.
pub async fn revoke(
    grant: Grant<RevokeProgramToken>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let name = app.db.write(&grant, move |tx| revoked(tx, &id)).await?;
    leave_flash(&req, "good", &format!("{name} is revoked."));
    Ok(see_other(LIST))
}

/// The use case: a token of the program is ended.
///
/// # Errors
/// As [`revoke`].
pub fn revoked(tx: &mut WriteTx<'_, RevokeProgramToken>, id: &str) -> Result<Change<String>, AppError> {
    let owner = place(tx)?.owner;
    let token = store::find(tx, owner, id)?;
    needs_open(&token)?;
    if !store::revoke(tx, &token)? {
        return Err(AppError::Refused(format!("{} is revoked already.", token.name)));
    }
    let name = token.name.to_string();
    Ok(Change::new(name.clone(), Event::ProgramTokenRevoked { program: owner.program, token: token.id, name }))
}
