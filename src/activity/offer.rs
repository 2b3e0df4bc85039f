//! Everything that can happen to tiers and products.

use serde::{Deserialize, Serialize};

use super::event::{FieldChange, fields};

/// What happened; [`super::Event::Offer`] says to which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what")]
#[expect(missing_docs, reason = "the sentences below say what each means")]
pub enum OfferEvent {
    TierCreated { precedence: i32 },
    TierUpdated { changes: Vec<FieldChange> },
    TierMoved { from: i32, to: i32 },
    TierRemoved { precedence: i32 },
    ProductCreated { sku: String },
    ProductUpdated { changes: Vec<FieldChange> },
    ProductImageChanged,
    ProductImageRemoved,
    ProductArchived { reason: String },
    ProductRestored { reason: String },
    ProductRemoved { sku: String },
    ProductsUploaded,
    ProductsImported { created: i32, updated: i32, unchanged: i32, refused: i32 },
    ProductImportUndone { removed: i32, restored: i32, kept: i32 },
    AssignmentsUploaded,
    AssignmentsImported { created: i32, updated: i32, unchanged: i32, refused: i32 },
    AssignmentImportUndone { removed: i32, restored: i32, kept: i32 },
    Redeemed { quantity: i32, tier: String, rule: String },
}

impl OfferEvent {
    /// One of each, with given texts.
    pub fn samples(text: &str) -> Vec<OfferEvent> {
        let s = || text.to_owned();
        let changes = || vec![FieldChange { field: s(), before: s(), after: s() }];
        vec![
            OfferEvent::TierCreated { precedence: 1 },
            OfferEvent::TierUpdated { changes: changes() },
            OfferEvent::TierMoved { from: 2, to: 1 },
            OfferEvent::TierRemoved { precedence: 1 },
            OfferEvent::ProductCreated { sku: s() },
            OfferEvent::ProductUpdated { changes: changes() },
            OfferEvent::ProductImageChanged,
            OfferEvent::ProductImageRemoved,
            OfferEvent::ProductArchived { reason: s() },
            OfferEvent::ProductRestored { reason: String::new() },
            OfferEvent::ProductRemoved { sku: s() },
            OfferEvent::ProductsUploaded,
            OfferEvent::ProductsImported { created: 1, updated: 2, unchanged: 3, refused: 4 },
            OfferEvent::ProductImportUndone { removed: 1, restored: 2, kept: 3 },
            OfferEvent::AssignmentsUploaded,
            OfferEvent::AssignmentsImported { created: 1, updated: 2, unchanged: 3, refused: 4 },
            OfferEvent::AssignmentImportUndone { removed: 1, restored: 2, kept: 3 },
            OfferEvent::Redeemed { quantity: 2, tier: s(), rule: s() },
        ]
    }

    /// What happened, as the rest of a sentence that begins with who did it.
    pub fn sentence(&self, name: &str) -> String {
        let because = |reason: &str| if reason.is_empty() { String::new() } else { format!(": “{reason}”") };
        match self {
            OfferEvent::TierCreated { precedence } => {
                format!("created the tier {name} at precedence {precedence} (1 = highest)")
            }
            OfferEvent::TierUpdated { changes } => format!("changed the {} of the tier {name}", fields(changes)),
            OfferEvent::TierMoved { from, to } => {
                format!("moved the tier {name} from precedence {from} to {to} (1 = highest)")
            }
            OfferEvent::TierRemoved { .. } => format!("removed the tier {name}"),
            OfferEvent::ProductCreated { sku } => format!("created the product {name} ({sku})"),
            OfferEvent::ProductUpdated { changes } => format!("changed the {} of the product {name}", fields(changes)),
            OfferEvent::ProductImageChanged => format!("changed the image of the product {name}"),
            OfferEvent::ProductImageRemoved => format!("removed the image of the product {name}"),
            OfferEvent::ProductArchived { reason } => format!("archived the product {name}{}", because(reason)),
            OfferEvent::ProductRestored { reason } => format!("restored the product {name}{}", because(reason)),
            OfferEvent::ProductRemoved { sku } => format!("removed the product {name} ({sku}) with its import"),
            OfferEvent::ProductsUploaded => format!("uploaded the file of products {name}"),
            OfferEvent::ProductsImported { created, updated, unchanged, refused } => format!(
                "imported products from {name}: {created} created, {updated} updated, {unchanged} unchanged, {refused} refused"
            ),
            OfferEvent::ProductImportUndone { removed, restored, kept } => {
                format!("undid the import of products {name}: {removed} removed, {restored} restored, {kept} kept")
            }
            OfferEvent::AssignmentsUploaded => format!("uploaded the file of tier assignments {name}"),
            OfferEvent::AssignmentsImported { created, updated, unchanged, refused } => format!(
                "imported tier assignments from {name}: {created} created, {updated} updated, {unchanged} unchanged, {refused} refused"
            ),
            OfferEvent::AssignmentImportUndone { removed, restored, kept } => format!(
                "undid the import of tier assignments {name}: {removed} removed, {restored} restored, {kept} kept"
            ),
            OfferEvent::Redeemed { quantity, tier, rule } => {
                let whose = if tier.is_empty() { "without a tier".to_owned() } else { format!("in tier {tier}") };
                format!("recorded a redemption of {name}, {quantity} for a customer {whose} (rule {rule})")
            }
        }
    }

    /// Fields before and after.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self {
            OfferEvent::TierUpdated { changes } | OfferEvent::ProductUpdated { changes } => changes.clone(),
            OfferEvent::TierMoved { from, to } => FieldChange::of("Precedence", from, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The sprite's icon.
    pub fn icon(&self) -> &'static str {
        match self {
            OfferEvent::TierCreated { .. } | OfferEvent::ProductCreated { .. } => "plus",
            OfferEvent::TierUpdated { .. }
            | OfferEvent::ProductUpdated { .. }
            | OfferEvent::ProductImageChanged
            | OfferEvent::ProductImageRemoved => "pencil",
            OfferEvent::TierMoved { .. } => "stairs-up",
            OfferEvent::TierRemoved { .. } | OfferEvent::ProductRemoved { .. } => "circle-x",
            OfferEvent::ProductArchived { .. } => "archive",
            OfferEvent::ProductRestored { .. }
            | OfferEvent::ProductImportUndone { .. }
            | OfferEvent::AssignmentImportUndone { .. } => "arrow-back-up",
            OfferEvent::ProductsUploaded
            | OfferEvent::ProductsImported { .. }
            | OfferEvent::AssignmentsUploaded
            | OfferEvent::AssignmentsImported { .. } => "upload",
            OfferEvent::Redeemed { .. } => "circle-check",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_sentence_and_survives_the_table() {
        for event in OfferEvent::samples("Über & Co") {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(serde_json::from_value::<OfferEvent>(stored).unwrap(), event);
            let sentence = event.sentence("Gold");
            assert!(sentence.contains("Gold") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
