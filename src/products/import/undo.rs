//! One product of an import is taken back, if nobody touched it since.

use super::Products;
use crate::access::CreateProduct;
use crate::activity::{Event, OfferEvent};
use crate::db::WriteTx;
use crate::imports::model::{Line, Outcome};
use crate::products::model::Product;
use crate::products::store;
use crate::web::error::AppError;

/// Takes one row back: its event, or why it is left alone.
///
/// # Errors
/// When the database does not answer.
pub fn one(
    tx: &mut WriteTx<'_, CreateProduct>,
    line: &Line<Products>,
    product: Option<&Product>,
) -> Result<Result<Event, String>, AppError> {
    let Some(product) = product else { return Ok(Err("It is not there any more".into())) };
    if Some(product.version) != line.version {
        return Ok(Err(format!("{} changed it after the import", product.updated_by_name)));
    }
    let happened = |name: &str, event: OfferEvent| Event::Offer {
        partner: Some(product.partner_id),
        product: Some(product.id),
        name: name.to_owned(),
        event,
    };
    if line.outcome == Outcome::Created {
        if !store::remove_untouched(tx, product.id, product.version)? {
            return Ok(Err("An assignment or a redemption names it".into()));
        }
        return Ok(Ok(happened(&product.name, OfferEvent::ProductRemoved { sku: product.sku.clone() })));
    }
    let Some(before) = &line.before else { return Ok(Err("Its values before the import cannot be read".into())) };
    let changes = product.facts().changes(before);
    store::save(tx, product.id, product.version, before)?;
    Ok(Ok(happened(&before.name, OfferEvent::ProductUpdated { changes })))
}
