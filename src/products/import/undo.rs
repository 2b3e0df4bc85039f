//! The use case: an import of products is taken back, as far as nobody touched its products since.

use std::collections::HashMap;

use super::model::{Import, Line, Outcome, Report};
use super::store as imports;
use crate::access::CreateProduct;
use crate::activity::{Event, OfferEvent};
use crate::db::ids::ProductId;
use crate::db::{Change, WriteTx};
use crate::products::model::Product;
use crate::products::store;
use crate::web::error::AppError;

/// Takes an import back, in one transaction with its events and notes.
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub fn undone(tx: &mut WriteTx<'_, CreateProduct>, import: &Import) -> Result<Change<Report>, AppError> {
    if import.undo_until().is_none_or(|until| until < tx.now()) {
        return Err(AppError::Refused("An import can be undone for 30 days; this one is older.".into()));
    }
    let mut report = import.report();
    let ids: Vec<ProductId> = report.rows.iter().filter_map(|line| line.target).collect();
    let present: HashMap<ProductId, Product> =
        store::find_many(tx, &ids)?.into_iter().map(|product| (product.id, product)).collect();
    let (mut removed, mut restored, mut kept, mut events) = (0, 0, 0, Vec::new());
    for line in report.rows.iter_mut().filter(|line| matches!(line.outcome, Outcome::Created | Outcome::Updated)) {
        let product = line.target.and_then(|id| present.get(&id));
        match one(tx, line, product)? {
            Ok(event) => {
                *if line.outcome == Outcome::Created { &mut removed } else { &mut restored } += 1;
                events.push(event);
            }
            Err(note) => {
                kept += 1;
                line.kept = Some(note);
            }
        }
    }
    imports::finish_undo(tx, import.id, &report)?;
    let event = OfferEvent::ProductImportUndone { removed, restored, kept };
    events.insert(0, Event::Offer { partner: None, product: None, name: import.file_name.clone(), event });
    Ok(Change::of(report, events))
}

/// Takes one row back: its event, or why it is left alone.
fn one(
    tx: &mut WriteTx<'_, CreateProduct>,
    line: &Line,
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
