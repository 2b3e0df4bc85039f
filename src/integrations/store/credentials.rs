//! Test credentials. Pages write them and cannot read them; [`sealed`] does, in transactions without a person.

use diesel::prelude::*;

use crate::access::Permission;
use crate::access::seal::Sealed;
use crate::db::ids::IntegrationId;
use crate::db::schema::integration_credentials as credentials;
use crate::db::{SystemTx, WriteTx};
use crate::integrations::model::Integration;
use crate::web::error::AppError;

/// Puts credentials of an integration that was found in scope in place of older ones.
///
/// # Errors
/// When the database does not answer.
pub fn put_credentials<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    sealed: &Sealed,
) -> Result<(), AppError> {
    let new = (
        credentials::secret.eq(sealed.bytes.clone()),
        credentials::secret_key_id.eq(sealed.key_id.clone()),
        credentials::stored_at.eq(tx.now()),
        credentials::stored_by_name.eq(tx.actor().name().to_owned()),
    );
    diesel::insert_into(credentials::table)
        .values((credentials::integration_id.eq(of.id), credentials::partner_id.eq(of.partner_id), new.clone()))
        .on_conflict(credentials::integration_id)
        .do_update()
        .set(new)
        .execute(tx.conn())?;
    Ok(())
}

/// Deletes them.
///
/// # Errors
/// When the database does not answer.
pub fn remove_credentials<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<(), AppError> {
    let row = credentials::integration_id.eq(of.id);
    diesel::delete(credentials::table.filter(row)).execute(tx.conn())?;
    Ok(())
}

/// The encrypted credentials of an integration that was found in scope; none when it has none.
///
/// # Errors
/// When the database does not answer.
pub fn sealed(tx: &mut SystemTx<'_>, of: &Integration) -> Result<Option<Sealed>, AppError> {
    let row = credentials::integration_id.eq(of.id).and(credentials::partner_id.eq(of.partner_id));
    let found: Option<(Vec<u8>, String)> = credentials::table
        .filter(row)
        .select((credentials::secret, credentials::secret_key_id))
        .first(tx.conn())
        .optional()?;
    Ok(found.map(|(bytes, key_id)| Sealed { bytes, key_id }))
}

/// Some credentials, of any program, that were encrypted by another key than this one; after an id, in order.
///
/// # Errors
/// When the database does not answer.
pub fn sealed_otherwise(
    tx: &mut SystemTx<'_>,
    key_id: &str,
    after: Option<IntegrationId>,
) -> Result<Vec<(IntegrationId, Sealed)>, AppError> {
    let mut rows = credentials::table.filter(credentials::secret_key_id.ne(key_id)).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(credentials::integration_id.gt(after));
    }
    let rows: Vec<(IntegrationId, Vec<u8>, String)> = rows
        .order(credentials::integration_id)
        .select((credentials::integration_id, credentials::secret, credentials::secret_key_id))
        .limit(500)
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(id, bytes, key_id)| (id, Sealed { bytes, key_id })).collect())
}

/// Puts the same credentials, encrypted anew, in place of what is stored, unless somebody replaced them meanwhile.
///
/// # Errors
/// When the database does not answer.
pub fn seal_anew(tx: &mut SystemTx<'_>, id: IntegrationId, old: &Sealed, new: &Sealed) -> Result<usize, AppError> {
    let row = credentials::integration_id.eq(id).and(credentials::secret.eq(&old.bytes));
    Ok(diesel::update(credentials::table.filter(row))
        .set((credentials::secret.eq(&new.bytes), credentials::secret_key_id.eq(&new.key_id)))
        .execute(tx.conn())?)
}
