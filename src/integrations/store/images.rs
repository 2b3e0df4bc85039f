//! Pictures of integrations.

use diesel::pg::Pg;
use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::ids::ImageId;
use crate::db::schema::integration_images as images;
use crate::db::{ReadTx, WriteTx};
use crate::integrations::content::ImageRef;
use crate::integrations::images::Picture;
use crate::integrations::model::Integration;
use crate::web::error::AppError;

/// The pictures of an integration that was found in scope.
fn visible(tx: &ReadTx<'_>, of: &Integration) -> images::BoxedQuery<'static, Pg> {
    let own = images::partner_id.eq(of.partner_id).and(images::integration_id.eq(of.id));
    let rows = images::table.into_boxed().filter(own);
    match tx.scope() {
        Scope::Everything => rows.filter(images::id.ne(images::id)),
        Scope::Program(_) => rows,
        Scope::Partner { partner, .. } => rows.filter(images::partner_id.eq(partner)),
    }
}

/// How it is encoded, and its bytes.
///
/// # Errors
/// [`AppError::NotFound`] when the integration has no such picture.
pub fn image(tx: &mut ReadTx<'_>, of: &Integration, id: ImageId) -> Result<(String, Vec<u8>), AppError> {
    Ok(visible(tx, of).filter(images::id.eq(id)).select((images::media, images::content)).first(tx.conn())?)
}

/// Keeps a picture; what it is called and how large it is goes into the content.
///
/// # Errors
/// When the database does not answer.
pub fn insert_image<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    picture: &Picture,
    alt: &str,
) -> Result<ImageRef, AppError> {
    let (id, now) = (ImageId::random(), tx.now());
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    diesel::insert_into(images::table)
        .values((
            images::id.eq(id),
            images::partner_id.eq(of.partner_id),
            images::integration_id.eq(of.id),
            images::name.eq(&picture.name),
            images::media.eq(picture.media),
            images::width.eq(side(picture.width)),
            images::height.eq(side(picture.height)),
            images::content.eq(&picture.bytes),
            images::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(ImageRef {
        id,
        name: picture.name.clone(),
        alt: alt.to_owned(),
        width: picture.width,
        height: picture.height,
        size: picture.bytes.len() as u64,
    })
}

/// Deletes pictures that were taken off a page that nobody but the partner ever saw.
///
/// # Errors
/// When the database does not answer.
pub fn remove_images<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    of: &Integration,
    gone: &[ImageId],
) -> Result<(), AppError> {
    let row = images::integration_id.eq(of.id).and(images::id.eq_any(gone));
    diesel::delete(images::table.filter(row)).execute(tx.conn())?;
    Ok(())
}
