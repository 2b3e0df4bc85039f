//! `/set-up`: makes the first system administrator, and is there only while nobody exists. The token shows that
//! whoever comes can read what the program printed.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::web::Data;
use subtle::ConstantTimeEq;

use super::device;
use super::forms::{self, First};
use super::store::{self, NewAccount};
use super::views::SetUpPage;
use crate::access::mac;
use crate::access::session::{self, NewSession};
use crate::access::{Actor, Anonymous, limits};
use crate::activity::{self, Event};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The token: five groups of four letters that cannot be mistaken for one another, 100 bits of the secret key.
pub fn set_up_token(key: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes = mac::keyed(key, "set-up", "");
    let letters: Vec<char> = bytes
        .iter()
        .take(20)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|one| char::from(*one))
        .collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Compares as people type: in small letters, with or without dashes.
fn is_token(key: &[u8], typed: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    plain(&set_up_token(key)).as_bytes().ct_eq(plain(typed).as_bytes()).into()
}

/// The form.
///
/// # Errors
/// [`AppError::NotFound`] once anybody exists.
pub async fn form(app: Data<App>, req: HttpRequest) -> PageResult {
    if !app.db.system("look whether anybody exists", store::is_empty).await? {
        return Err(AppError::NotFound);
    }
    Ok(Page::new("Set up Portico", Nav::None, SetUpPage { form: Form::default() }).answer(&req))
}

/// Makes the first system administrator and signs them in.
///
/// # Errors
/// [`AppError::NotFound`] once anybody exists; [`AppError::TooMany`].
pub async fn set_up(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let key = format!("set-up/{}", who.network);
    app.db
        .system("count a set-up", move |tx| match store::is_empty(tx)? {
            true => limits::spend(tx, &key, limits::SET_UP),
            false => Err(AppError::NotFound),
        })
        .await?;
    let First { name, email, password } = match forms::first(&form, |typed| is_token(&app.key, typed)) {
        Ok(first) => first,
        Err(form) => return Ok(Page::new("Set up Portico", Nav::None, SetUpPage { form }).refused().answer(&req)),
    };
    let password_hash = app.hasher.hash(password).await?;
    let new = NewAccount { email, name, password_hash, is_system: true };
    let user = app.db.system("make the first account", move |tx| make(tx, &new)).await?;
    let session = NewSession { user, auth_version: 1, address: who.address, agent: who.agent };
    session::start(&req.get_session(), &session)?;
    let mut answer = see_other("/");
    answer.add_cookie(&device::cookie(&app, user)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}

fn make(tx: &mut SystemTx<'_>, new: &NewAccount) -> Result<UserId, AppError> {
    // Of two who hold the token, one is first.
    store::hold_all(tx)?;
    if !store::is_empty(tx)? {
        return Err(AppError::NotFound);
    }
    let user = store::create(tx, new)?.ok_or(AppError::NotFound)?;
    let (name, email) = (new.name.as_str().to_owned(), new.email.as_str().to_owned());
    activity::store::record(tx, &Actor::operator(None), &Event::UserCreated { user, name, email })?;
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_the_keys_and_easy_to_type() {
        let token = set_up_token(b"a key");
        assert_eq!((token.len(), token.split('-').count()), (24, 5));
        assert_eq!(token, set_up_token(b"a key"));
        assert!(is_token(b"a key", &token) && is_token(b"a key", &token.to_lowercase().replace('-', " ")));
        for wrong in ["", "AAAA-AAAA-AAAA-AAAA-AAAA", &token[..23], &set_up_token(b"another")] {
            assert!(!is_token(b"a key", wrong), "{wrong}");
        }
    }
}
