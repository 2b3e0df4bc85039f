//! `POST /connections/{id}/test`: the portal really connects, outside of any transaction, and keeps what came of it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::handlers::with_partner;
use super::model::{Auth, Connection, Outcome, TestState};
use super::probe::Probe;
use super::{needs_partner_to_go_on, seal, store};
use crate::access::limits::{self, CONNECTION_TESTS};
use crate::access::session::leave_flash;
use crate::access::{Grant, TestConnection};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, WriteTx};
use crate::web::error::AppError;
use crate::web::page::PageResult;
use crate::web::see_other;

/// Tests it.
///
/// # Errors
/// [`AppError::TooMany`] after thirty in an hour, [`AppError::Conflict`] when it was edited meanwhile.
pub async fn test(grant: Grant<TestConnection>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let connection = app
        .db
        .read(&grant, move |tx| {
            let (connection, partner) = with_partner(tx, &id)?;
            needs_partner_to_go_on(&partner)?;
            Ok(connection)
        })
        .await?;
    if let Some(user) = grant.actor().user() {
        let count = move |tx: &mut crate::db::SystemTx<'_>| {
            limits::spend(tx, &format!("connection test {user}"), CONNECTION_TESTS)
        };
        app.db.system("count a test of a connection", count).await?;
    }
    let outcome = tried(&app, &connection).await?;
    let (address, reached) = (super::address(connection.id), outcome.state == TestState::Reached);
    app.db.write(&grant, move |tx| tested(tx, &connection, outcome)).await?;
    let (tone, said) = match reached {
        true => ("good", "The other end answers."),
        false => ("info", "The test failed; what it found stands below."),
    };
    leave_flash(&req, tone, said);
    Ok(see_other(&address))
}

/// Opens the credentials and connects. They live no longer than this call.
async fn tried(app: &Data<App>, connection: &Connection) -> Result<Outcome, AppError> {
    let facts = connection.facts();
    let mut secret = None;
    if facts.auth != Auth::None {
        let wanted = connection.clone();
        let sealed = app
            .db
            .system("take the credentials of a connection to test it", move |tx| store::sealed(tx, &wanted))
            .await?;
        secret = sealed.and_then(|sealed| seal::open(&app.sealer, connection.id, &sealed));
        if secret.is_none() {
            tracing::error!(connection = %connection.id, "credentials cannot be decrypted: is it another key?");
            return Ok(Outcome::failed(
                "The stored credentials cannot be read with the portal’s present key. Enter them again.",
            ));
        }
    }
    let probe = Probe { outbound: &app.outbound, facts: &facts, secret: secret.as_ref(), now: app.db.now() };
    Ok(probe.run().await)
}

/// The use case: how a test ended is kept.
///
/// # Errors
/// [`AppError::Conflict`] when it was edited meanwhile.
pub fn tested(
    tx: &mut WriteTx<'_, TestConnection>,
    connection: &Connection,
    outcome: Outcome,
) -> Result<Change<()>, AppError> {
    store::save_test(tx, connection, &outcome)?;
    let event = Event::ConnectionTested {
        partner: connection.partner_id,
        connection: connection.id,
        name: connection.name.to_string(),
        outcome: outcome.words,
    };
    Ok(Change::new((), event))
}
