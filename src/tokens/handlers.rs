//! A partner's tokens: the list, a new one, and the end of one.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use secrecy::{ExposeSecret, SecretString};

use super::model::{self, NewToken, Owner, Token, TokenScope};
use super::store;
use super::views::{FormPage, IndexPage, MadePage, Place, Row};
use crate::access::session::leave_flash;
use crate::access::{CreateToken, Grant, ReadTokens, RevokeToken};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::partners::model::{Partner, Status};
use crate::partners::views::{ConfirmPage, may};
use crate::values::{Choice, Name};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

fn tab(code: &str) -> String {
    partners::tab(code, "tokens")
}

/// A partner that is gone or stopped gets no new tokens.
fn needs_partner(partner: &Partner) -> Result<(), AppError> {
    match partner.status {
        Status::Suspended | Status::Archived => Err(AppError::Refused(format!(
            "{} is {}, so it gets no new tokens. A hosting admin has to bring it back first.",
            partner.name,
            partner.status.label().to_lowercase()
        ))),
        _ => Ok(()),
    }
}

/// `GET /partners/{code}/tokens`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadTokens>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "tokens")?;
            let tokens = store::list(tx, Owner::of(&partner))?;
            let (now, zone, list) = (tx.now(), tx.actor().zone(), tab(partner.code.as_str()));
            let rows = tokens.into_iter().map(|token| Row::new(token, &list, now, zone));
            let refusal = needs_partner(&partner).err().map(|error| match error {
                AppError::Refused(text) => text,
                other => other.to_string(),
            });
            Ok(IndexPage {
                rows: rows.collect(),
                can_create: may::<CreateToken>(tx.actor()),
                can_revoke: may::<RevokeToken>(tx.actor()),
                new_address: format!("{}/new", tab(partner.code.as_str())),
                header,
                refusal,
            })
        })
        .await?;
    let title = format!("API tokens of {}", body.header.name);
    Ok(Page::new(title, partners::handlers::nav(grant.actor(), "tokens"), body).answer(&req))
}

fn place(partner: &Partner) -> Place {
    Place {
        owner: Owner::of(partner),
        name: partner.name.to_string(),
        above: (partners::address(partner.code.as_str()), partner.name.to_string()),
        list: tab(partner.code.as_str()),
    }
}

/// `GET /partners/{code}/tokens/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the partner can have none now.
pub async fn new(grant: Grant<CreateToken>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let partner = partners::store::find(tx, &code)?;
            needs_partner(&partner)?;
            let form = Form::filled([
                ("scope", TokenScope::TenantsRead.key().to_owned()),
                ("scope", TokenScope::RunsWrite.key().to_owned()),
                ("until", model::suggested(tx.now())),
            ]);
            Ok(FormPage { form, place: place(&partner) })
        })
        .await?;
    Ok(Page::new("Create API token", partners::handlers::nav(grant.actor(), "tokens"), body).answer(&req))
}

/// Reads the form of a new token of somebody.
///
/// # Errors
/// The form with its errors.
pub(super) fn typed(form: &Form, owner: Owner, now: chrono::DateTime<chrono::Utc>) -> Result<NewToken, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let offered = |key: &str| owner.scopes().find(|scope| scope.key() == key);
    let scopes: Option<Vec<TokenScope>> = form.values("scope").into_iter().map(offered).collect();
    if scopes.as_ref().is_none_or(|some| some.is_empty()) {
        check.refuse("scope", "What it may do", "Choose one or more of these.");
    }
    let expires_at = check.field("until", "Good until", |text| model::last_day(text, now));
    check.done(|| {
        let mut scopes = scopes?;
        scopes.sort_by_key(|scope| scope.key());
        scopes.dedup();
        Some(NewToken { name: name?, scopes, expires_at: expires_at? })
    })
}

/// `POST /partners/{code}/tokens`: answers with the page that shows the token, once.
///
/// # Errors
/// As every page; [`AppError::Refused`] when the partner can have none now.
pub async fn create(
    grant: Grant<CreateToken>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let wanted = code.clone();
    let partner = app.db.read(&grant, move |tx| partners::store::find(tx, &wanted)).await?;
    needs_partner(&partner)?;
    let nav = partners::handlers::nav(grant.actor(), "tokens");
    let refused = match typed(&form, Owner::of(&partner), app.db.now()) {
        Err(form) => form,
        Ok(new) => {
            let token = model::fresh();
            let (hash, hint) = (model::hash(token.expose_secret()).unwrap_or_default(), model::hint(&token));
            let stored = new.clone();
            match app.db.write(&grant, move |tx| made(tx, &code, &stored, &hash, &hint)).await {
                Ok(()) => {
                    let body = made_page(place(&partner), &new, &token, app.config.http.base());
                    return Ok(Page::new("API token created", nav, body).answer(&req));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(other) => return Err(other),
            }
        }
    };
    let body = FormPage { form: refused, place: place(&partner) };
    Ok(Page::new("Create API token", nav, body).refused().answer(&req))
}

/// The page that shows a token, once.
pub(super) fn made_page(place: Place, new: &NewToken, token: &SecretString, base: String) -> MadePage {
    let example = match new.scopes.first() {
        Some(TokenScope::ProductsRead) => "products",
        Some(TokenScope::CampaignsRead) => "campaigns",
        Some(TokenScope::TiersRead) => "tiers",
        Some(TokenScope::PartnersRead) => "partners",
        Some(TokenScope::RedemptionsRead) => "redemptions",
        Some(TokenScope::IntegrationsRead) => "integrations",
        _ if new.scopes.contains(&TokenScope::ProductsRead) => "products",
        _ => "tenants",
    };
    MadePage {
        place,
        name: new.name.to_string(),
        token: token.expose_secret().to_owned(),
        until: model::until(new.expires_at),
        base,
        example,
    }
}

/// How many tokens somebody can have that are not revoked.
const MOST: usize = 50;

/// Nobody has more tokens than they can look after.
///
/// # Errors
/// [`AppError::Invalid`] when there are as many.
pub(super) fn needs_room(tx: &mut ReadTx<'_>, owner: Owner) -> Result<(), AppError> {
    if store::list(tx, owner)?.iter().filter(|token| token.revoked_at.is_none()).count() >= MOST {
        let words = format!("There are {MOST} tokens here that are not revoked. Revoke some first.");
        return Err(AppError::Invalid(vec![FieldError::new("name", "Name", words)]));
    }
    Ok(())
}

/// The use case: a partner gets a token.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken, [`AppError::Refused`] when the partner can have none now.
pub fn made(
    tx: &mut WriteTx<'_, CreateToken>,
    code: &str,
    new: &NewToken,
    hash: &[u8],
    hint: &str,
) -> Result<Change<()>, AppError> {
    let partner = partners::store::find(tx, code)?;
    needs_partner(&partner)?;
    needs_room(tx, Owner::of(&partner))?;
    let token = store::insert(tx, Owner::of(&partner), new, hash, hint)?;
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.key()).collect();
    let event = Event::TokenCreated {
        partner: partner.id,
        token,
        name: new.name.to_string(),
        scopes: scopes.join(", "),
        until: model::until(new.expires_at),
    };
    Ok(Change::new((), event))
}

/// `GET /partners/{code}/tokens/{id}/revocation`
///
/// # Errors
/// As every page; [`AppError::Refused`] when it is revoked already.
pub async fn confirm(
    grant: Grant<RevokeToken>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (code, id) = path.into_inner();
    let (partner, token) = app
        .db
        .read(&grant, move |tx| {
            let partner = partners::store::find(tx, &code)?;
            let token = store::find(tx, Owner::of(&partner), &id)?;
            needs_open(&token)?;
            Ok((partner, token))
        })
        .await?;
    let body = confirmation(&place(&partner), &token);
    Ok(Page::new(body.title.clone(), partners::handlers::nav(grant.actor(), "tokens"), body).answer(&req))
}

/// What is revoked is not revoked again.
///
/// # Errors
/// [`AppError::Refused`] when it is.
pub(super) fn needs_open(token: &Token) -> Result<(), AppError> {
    match token.revoked_at {
        None => Ok(()),
        Some(_) => Err(AppError::Refused(format!("{} is revoked already.", token.name))),
    }
}

/// Asks whether a token shall be ended.
pub(super) fn confirmation(place: &Place, token: &Token) -> ConfirmPage {
    ConfirmPage {
        crumbs: vec![place.above.clone(), (place.list.clone(), "API tokens".into())],
        title: format!("Revoke {}?", token.name),
        lead: format!("The token that ends in {}. It cannot be brought back.", token.hint),
        effects: vec![
            "Whatever uses it is refused from its next request on.".into(),
            "What was done with it stays, and so does its name in the activity.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{}/{}/revocation", place.list, token.id),
        button: "Revoke token".into(),
        harsh: true,
        cancel: place.list.clone(),
        reason: None,
        tick: None,
        hidden: Vec::new(),
        form: Form::default(),
    }
}

/// `POST /partners/{code}/tokens/{id}/revocation`
///
/// # Errors
/// [`AppError::Refused`] when it is revoked already.
pub async fn revoke(
    grant: Grant<RevokeToken>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (code, id) = path.into_inner();
    let back = tab(&code);
    let name = app.db.write(&grant, move |tx| revoked(tx, &code, &id)).await?;
    leave_flash(&req, "good", &format!("{name} is revoked."));
    Ok(see_other(&back))
}

/// The use case: a token is ended. A suspended partner's too.
///
/// # Errors
/// As [`revoke`].
pub fn revoked(tx: &mut WriteTx<'_, RevokeToken>, code: &str, id: &str) -> Result<Change<String>, AppError> {
    let partner = partners::store::find(tx, code)?;
    let token = store::find(tx, Owner::of(&partner), id)?;
    needs_open(&token)?;
    if !store::revoke(tx, &token)? {
        return Err(AppError::Refused(format!("{} is revoked already.", token.name)));
    }
    let name = token.name.to_string();
    Ok(Change::new(name.clone(), Event::TokenRevoked { partner: partner.id, token: token.id, name }))
}
