//! The integrations of one partner.

use diesel::prelude::*;

use super::visible;
use crate::db::ReadTx;
use crate::db::ids::{IntegrationId, PartnerId};
use crate::db::schema::integrations;
use crate::integrations::model::Integration;
use crate::web::error::AppError;
use crate::web::listing::CAP;

/// Those of a partner by name, archived ones last; at most so many.
///
/// # Errors
/// When the database does not answer.
pub fn of_partner(tx: &mut ReadTx<'_>, partner: PartnerId, most: i64) -> Result<Vec<Integration>, AppError> {
    Ok(visible(tx)
        .filter(integrations::partner_id.eq(partner))
        .order((integrations::state.eq("archived"), integrations::sort_name, integrations::id))
        .limit(most)
        .select(Integration::as_select())
        .load(tx.conn())?)
}

/// How many a partner has that are not archived, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_of_partner(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<usize, AppError> {
    let rows: Vec<IntegrationId> = visible(tx)
        .filter(integrations::partner_id.eq(partner).and(integrations::state.ne("archived")))
        .select(integrations::id)
        .limit(CAP + 1)
        .load(tx.conn())?;
    Ok(rows.len())
}
