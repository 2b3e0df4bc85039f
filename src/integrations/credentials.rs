//! Test credentials: put in by the partner, encrypted, opened by a reviewer while a submission waits, and shown to
//! nobody else ever again.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::content::{Content, Field, PageName};
use super::model::Integration;
use super::needs_partner_to_go_on;
use super::pages::edit;
use super::stage::State;
use super::store;
use super::views::{Header, owner};
use crate::access::seal::{Sealed, Sealer};
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ReviewIntegration, UpdateIntegration};
use crate::activity::{self, Event, IntegrationEvent};
use crate::app::App;
use crate::connections::seal::Rotated;
use crate::db::ids::IntegrationId;
use crate::db::{Change, Db, WriteTx};
use crate::values::{Choice, text};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// What the keys of other secrets cannot open.
const PURPOSE: &str = "integration credentials";
/// Longest text, in characters.
const LONGEST: usize = 2000;

fn seal(sealer: &Sealer, id: IntegrationId, secret: &SecretString) -> Result<Sealed, AppError> {
    sealer.seal(PURPOSE, id.uuid(), secret.expose_secret().as_bytes())
}

fn open(sealer: &Sealer, id: IntegrationId, sealed: &Sealed) -> Option<SecretString> {
    String::from_utf8(sealer.open(PURPOSE, id.uuid(), sealed)?).ok().map(SecretString::from)
}

/// `POST /integrations/{id}/credentials`: puts them in, or takes them away.
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<UpdateIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let removes = form.is("do", "remove");
    let mut check = form.check();
    let typed = if removes {
        Some(None)
    } else {
        let label = Field::Credentials.label();
        check.secret(Field::Credentials.key(), label, |typed| match text(typed, LONGEST)? {
            empty if empty.is_empty() => Err("Enter what a reviewer signs in with.".into()),
            typed => Ok(Some(SecretString::from(typed))),
        })
    };
    let secret = match check.done(|| typed) {
        Ok(secret) => secret,
        Err(refused) => return edit::refused(&grant, &app, &id, PageName::Configure, refused, &req).await,
    };
    let (shared, wanted) = (app.clone(), id.clone());
    let id = app.db.write(&grant, move |tx| stored(tx, &shared.sealer, &wanted, seen, secret)).await?;
    let said = if removes { "The test credentials are removed." } else { "The test credentials are stored." };
    leave_flash(&req, "good", said);
    Ok(see_other(&format!("{}#credentials", super::page_address(id, PageName::Configure))))
}

/// The use case: credentials are put in, or taken away.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] while nothing can be edited.
pub fn stored(
    tx: &mut WriteTx<'_, UpdateIntegration>,
    sealer: &Sealer,
    id: &str,
    seen: i32,
    secret: Option<SecretString>,
) -> Result<Change<IntegrationId>, AppError> {
    let before = store::find_seen(tx, id, seen)?;
    needs_partner_to_go_on(&owner(tx, &before)?)?;
    edit::needs_editable(&before)?;
    let content = store::content(tx, &before)?;
    let (event, moment) = match secret {
        Some(secret) => {
            let sealed = seal(sealer, before.id, &secret)?;
            store::put_credentials(tx, &before, &sealed)?;
            (IntegrationEvent::CredentialsStored, tx.now().format("%-d %b %Y, %H:%M UTC").to_string())
        }
        None if content.credentials.is_empty() => return Ok(Change::nothing(before.id)),
        None => {
            store::remove_credentials(tx, &before)?;
            (IntegrationEvent::CredentialsRemoved, String::new())
        }
    };
    let content = Content { credentials: moment, ..content };
    store::save(tx, &before, before.clone(), Some(&content))?;
    Ok(Change::new(before.id, about(&before, event)))
}

/// Something that happened to an integration.
pub fn about(integration: &Integration, event: IntegrationEvent) -> Event {
    Event::Integration {
        partner: integration.partner_id,
        integration: integration.id,
        name: integration.name.clone(),
        event,
    }
}

/// What a reviewer sees once.
#[derive(Template)]
#[template(path = "integrations/credentials.html")]
struct OpenedPage {
    header: Header,
    stored: String,
    secret: String,
}

/// `POST /integrations/{id}/credentials/opening`
///
/// # Errors
/// [`AppError::Refused`] unless a submission waits, and when there are none.
pub async fn opening(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let wanted = id.clone();
    let integration = app.db.read(&grant, move |tx| store::find(tx, &wanted)).await?;
    needs_review(&integration)?;
    let of = integration.clone();
    let sealed = app.db.system("open test credentials for a reviewer", move |tx| store::sealed(tx, &of)).await?;
    let sealed = sealed.ok_or_else(|| AppError::Refused("The partner put in no test credentials.".into()))?;
    let secret = open(&app.sealer, integration.id, &sealed).ok_or_else(|| {
        let words = "They were encrypted with a key that is not at hand. Ask the partner to put them in again.";
        AppError::Refused(words.into())
    })?;
    // Who looked is written down before anything is shown.
    let (header, stored) = app
        .db
        .write(&grant, move |tx| {
            let integration = store::find(tx, &id)?;
            needs_review(&integration)?;
            let stored = store::content(tx, &integration)?.credentials;
            let header = Header::load(tx, &integration)?.below("Test credentials");
            Ok(Change::new((header, stored), about(&integration, IntegrationEvent::CredentialsOpened)))
        })
        .await?;
    let body = OpenedPage { header, stored, secret: secret.expose_secret().to_owned() };
    Ok(Page::new("Test credentials", Nav::Integrations, body).answer(&req))
}

fn needs_review(integration: &Integration) -> Result<(), AppError> {
    if integration.stage().under_work() == State::InReview {
        return Ok(());
    }
    let words = "Test credentials can be opened while a submission is in review, and at no other time.";
    Err(AppError::Refused(words.into()))
}

/// Encrypts with the present key everything that older ones encrypted, some at a time.
///
/// # Errors
/// When the database does not answer; what was done until then stays done.
pub fn rotate(db: &Db, sealer: &Sealer) -> Result<Rotated, AppError> {
    let (mut rotated, mut after) = (Rotated::default(), None);
    loop {
        let (last, some) = db.system_now("command: encrypt test credentials with the present key", |tx| {
            let found = store::sealed_otherwise(tx, &sealer.key_id(), after)?;
            let mut some = Rotated::default();
            for (id, old) in &found {
                match open(sealer, *id, old) {
                    Some(secret) => {
                        let anew = store::seal_anew(tx, *id, old, &seal(sealer, *id, &secret)?)?;
                        some.done += i64::try_from(anew).unwrap_or_default();
                    }
                    None => some.unreadable += 1,
                }
            }
            if some.done > 0 {
                activity::store::record(tx, &Actor::operator(None), &Event::SecretsSealedAnew { count: some.done })?;
            }
            Ok((found.last().map(|(id, _)| *id), some))
        })?;
        rotated.done += some.done;
        rotated.unreadable += some.unreadable;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(rotated),
        }
    }
}
