//! Removing a connection, once nothing uses it any more.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::handlers::with_partner;
use super::model::Connection;
use super::store;
use crate::access::session::leave_flash;
use crate::access::{DeleteConnection, Grant};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::partners::model::Partner;
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /connections/{id}/removal`
///
/// # Errors
/// As every page; [`AppError::Refused`] while something uses it.
pub async fn confirm(grant: Grant<DeleteConnection>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let (connection, partner) = app
        .db
        .read(&grant, move |tx| {
            let (connection, partner) = with_partner(tx, &id)?;
            needs_no_use(tx, &connection)?;
            Ok((connection, partner))
        })
        .await?;
    let body = page(&connection, &partner);
    Ok(Page::new(body.title.clone(), Nav::Connections, body).answer(&req))
}

fn page(connection: &Connection, partner: &Partner) -> ConfirmPage {
    let address = super::address(connection.id);
    ConfirmPage {
        crumbs: vec![
            ("/connections".into(), "Connections".into()),
            (partners::address(partner.code.as_str()), partner.name.to_string()),
            (address.clone(), connection.name.to_string()),
        ],
        title: format!("Remove {}?", connection.name),
        lead: "It cannot be brought back.".into(),
        effects: vec![
            "Its credentials are deleted here; at the other end they stay valid until somebody withdraws them.".into(),
            "Nothing uses it, so no exchange stops.".into(),
            "Its history stays in the activity.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{address}/removal"),
        button: "Remove connection".into(),
        harsh: true,
        cancel: address,
        reason: None,
        tick: None,
        hidden: vec![("version".into(), connection.version.to_string())],
        form: Form::default(),
    }
}

fn needs_no_use(tx: &mut ReadTx<'_>, connection: &Connection) -> Result<(), AppError> {
    let uses = store::uses(tx, connection)?;
    if uses.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = uses.iter().map(|one| one.name.as_str()).collect();
    Err(AppError::Refused(format!(
        "{} is used by {}. Give them another connection first.",
        connection.name,
        names.join(", ")
    )))
}

/// `POST /connections/{id}/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] while something uses it.
pub async fn remove(
    grant: Grant<DeleteConnection>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let name = app.db.write(&grant, move |tx| removed(tx, &id, seen)).await?;
    leave_flash(&req, "good", &format!("{name} is removed."));
    Ok(see_other("/connections"))
}

/// The use case: a connection is removed.
///
/// # Errors
/// As [`remove`].
pub fn removed(tx: &mut WriteTx<'_, DeleteConnection>, id: &str, seen: i32) -> Result<Change<String>, AppError> {
    let (connection, partner) = with_partner(tx, id)?;
    needs_no_use(tx, &connection)?;
    store::remove(tx, connection.id, seen)?;
    let name = connection.name.to_string();
    let event = Event::ConnectionRemoved { partner: partner.id, connection: connection.id, name: name.clone() };
    Ok(Change::new(name, event))
}
