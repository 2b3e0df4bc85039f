//! The integrations of one partner.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;

use super::visible;
use crate::db::ReadTx;
use crate::db::ids::PartnerId;
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

/// Those of a partner that are not archived, one more than [`CAP`] at the most; to be counted.
pub fn ids_of_partner(tx: &ReadTx<'_>, partner: PartnerId) -> integrations::BoxedQuery<'static, Pg, SqlUuid> {
    visible(tx)
        .filter(integrations::partner_id.eq(partner).and(integrations::state.ne("archived")))
        .select(integrations::id)
        .limit(CAP + 1)
}
