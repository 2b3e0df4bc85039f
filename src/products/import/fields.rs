//! What a file can say of a product.

use serde::{Deserialize, Serialize};

use crate::imports::plan::Column;
use crate::values::Choice;

/// A field that a file can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as the form has them")]
pub enum Field {
    Partner,
    Sku,
    Name,
    Kind,
    Category,
    Description,
    Price,
    Currency,
}

impl Choice for Field {
    const ALL: &'static [Field] = &[
        Field::Partner,
        Field::Sku,
        Field::Name,
        Field::Kind,
        Field::Category,
        Field::Description,
        Field::Price,
        Field::Currency,
    ];

    fn key(self) -> &'static str {
        match self {
            Field::Partner => "partner",
            Field::Sku => "sku",
            Field::Name => "name",
            Field::Kind => "kind",
            Field::Category => "category",
            Field::Description => "description",
            Field::Price => "price",
            Field::Currency => "currency",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Field::Partner => "Partner’s code",
            Field::Sku => "SKU",
            Field::Name => "Name",
            Field::Kind => "Kind",
            Field::Category => "Category",
            Field::Description => "Description",
            Field::Price => "Price",
            Field::Currency => "Currency",
        }
    }
}

impl Column for Field {
    fn hint(self) -> &'static str {
        match self {
            Field::Partner => "Products are matched by it and the SKU.",
            Field::Sku => "The partner’s own key.",
            Field::Name => "Needed for new products.",
            Field::Kind => "product or service; new ones are products when nothing else is said.",
            Field::Category | Field::Description => "An empty cell empties it.",
            Field::Price => "With a point and without commas. An empty cell empties it.",
            Field::Currency => "points, or a code of ISO 4217; new ones cost points when nothing else is said.",
        }
    }

    fn headings(self) -> &'static [&'static str] {
        match self {
            Field::Partner => &["partner", "partner code", "partner_code", "code"],
            Field::Sku => &["sku", "article", "item", "product id", "product_id"],
            Field::Name => &["name", "product", "product name", "title"],
            Field::Kind => &["kind", "type"],
            Field::Category => &["category", "group"],
            Field::Description => &["description", "text"],
            Field::Price => &["price", "cost", "points"],
            Field::Currency => &["currency", "unit"],
        }
    }

    fn needed() -> &'static [Field] {
        &[Field::Partner, Field::Sku]
    }

    fn is_partner(self) -> bool {
        self == Field::Partner
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::imports::plan::{Plan, assigned};

    #[test]
    fn columns_are_found_by_their_headings_and_the_key_is_needed() {
        let header: Vec<String> = ["Partner", "SKU", "Title", "x", "x"].map(String::from).to_vec();
        let plan = Plan::<Field>::guessed(&header);
        assert_eq!(plan.0[&Field::Name], "Title");
        assert_eq!(plan.places(&header, false).unwrap()[&Field::Sku], 1);
        let fields = |plan: &Plan<Field>, single| -> Vec<&str> {
            plan.places(&header, single).unwrap_err().iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&Plan::default(), false), ["partner", "sku"]);
        assert_eq!(fields(&Plan::default(), true), ["sku"]);
        let odd = Plan(BTreeMap::from([(Field::Partner, "x".into()), (Field::Sku, "y".into())]));
        assert_eq!(fields(&odd, false), ["partner", "sku"]);
        assert_eq!(assigned("sku=article"), Ok((Field::Sku, "article".into())));
        assert!(assigned::<Field>("sku").is_err() && assigned::<Field>("colour=x").is_err());
    }
}
