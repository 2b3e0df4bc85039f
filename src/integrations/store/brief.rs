//! Integrations as others list them: by name.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};

use super::visible;
use crate::db::ReadTx;
use crate::db::ids::{IntegrationId, PartnerId};
use crate::db::schema::integrations;
use crate::integrations::model::Integration;
use crate::integrations::stage::State;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Keyset};

/// One page of everything in scope but what is archived, by name.
///
/// # Errors
/// When the database does not answer.
pub fn by_name(tx: &mut ReadTx<'_>, page: &Keyset) -> Result<Vec<Integration>, AppError> {
    let mut rows = visible(tx).filter(integrations::state.ne(State::Archived));
    if let Some(at) = &page.at {
        let sign = if page.backward { "<" } else { ">" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(integrations.sort_name, integrations.id) {sign} ("))
                .bind::<Text, _>(at.key.clone())
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((integrations::sort_name.desc(), integrations::id.desc()))
    } else {
        rows.order((integrations::sort_name.asc(), integrations::id.asc()))
    };
    Ok(rows.limit(page.limit()).select(Integration::as_select()).load(tx.conn())?)
}

/// A row's place in that order.
pub fn name_cursor(integration: &Integration) -> Cursor {
    Cursor { key: integration.name.to_lowercase(), id: integration.id.uuid() }
}

/// What is published in scope, by name, to choose from.
///
/// # Errors
/// When the database does not answer.
pub fn published_names(tx: &mut ReadTx<'_>, most: i64) -> Result<Vec<(IntegrationId, PartnerId, String)>, AppError> {
    Ok(visible(tx)
        .filter(integrations::state.eq(State::Published))
        .order((integrations::sort_name, integrations::id))
        .select((integrations::id, integrations::partner_id, integrations::name))
        .limit(most)
        .load(tx.conn())?)
}

/// Names of integrations in scope, by id.
///
/// # Errors
/// When the database does not answer.
pub fn names_of(tx: &mut ReadTx<'_>, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, String>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(IntegrationId, String)> = visible(tx)
        .filter(integrations::id.eq_any(ids.to_vec()))
        .select((integrations::id, integrations::name))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}
