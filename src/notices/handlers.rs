//! `/notifications`: what one was told, with what is new marked.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use askama::Template;

use super::store;
use super::views::{IndexPage, Row};
use crate::access::grant::own_account as own;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManageSelf, Standing};
use crate::app::App;
use crate::db::ids::LetterId;
use crate::mail::Letter;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /notifications`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ManageSelf>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    if grant.actor().standing() == Standing::NeedsSecondFactor {
        return Err(AppError::SecondFactor);
    }
    let (actor, keyset) = (grant.actor().clone(), params.keyset());
    let (user, unread, asked) = (own(&actor)?, params.get("show") == "unread", keyset.clone());
    let (rows, new, now) = app
        .db
        .system("show one's own notifications", move |tx| {
            Ok((store::list(tx, user, unread, &asked)?, store::count_unread(tx, user)?, tx.now()))
        })
        .await?;
    let page = keyset
        .window(rows, &params, |row: &store::Stored| Cursor { key: row.created_at.to_rfc3339(), id: row.id.uuid() })
        .map(|row| Row::new(row, &actor, now));
    let body = IndexPage { page, params, new };
    Ok(Page::new("Notifications", Nav::Notices, body).region(|body| body.as_notices().render()).answer(&req))
}

/// `POST /notifications/{letter}/read`: marks it read and goes where it leads.
///
/// # Errors
/// As every page; [`AppError::NotFound`] also for those of others.
pub async fn read(grant: Grant<ManageSelf>, app: Data<App>, letter: Path<LetterId>) -> PageResult {
    let (user, id) = (own(grant.actor())?, letter.into_inner());
    let found = app.db.system("read one's own notification", move |tx| store::read(tx, user, id)).await?;
    let letter: Option<Letter> = serde_json::from_value(found.letter).ok();
    Ok(see_other(letter.as_ref().and_then(Letter::page).unwrap_or("/notifications")))
}

/// `POST /notifications/read`
///
/// # Errors
/// As every page.
pub async fn read_all(grant: Grant<ManageSelf>, app: Data<App>, req: HttpRequest) -> PageResult {
    let user = own(grant.actor())?;
    let count = app.db.system("read one's own notifications", move |tx| store::read_all(tx, user)).await?;
    let said = match count {
        0 => "There was nothing new.".to_owned(),
        1 => "One notification is marked as read.".to_owned(),
        count => format!("{count} notifications are marked as read."),
    };
    leave_flash(&req, "good", &said);
    Ok(see_other("/notifications"))
}
