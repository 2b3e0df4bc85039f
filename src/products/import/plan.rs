//! Which column of a file holds which field: guessed by the headings, corrected by the person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::partners::import::file::Table;
use crate::values::{Choice, Refused, shown};
use crate::web::form::FieldError;

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

impl Field {
    /// For who maps columns.
    pub fn hint(self) -> &'static str {
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

    /// Headings that mean it.
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
}

/// Which column holds which field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan(pub BTreeMap<Field, String>);

impl Plan {
    /// What the headings say by themselves.
    pub fn guessed(header: &[String]) -> Plan {
        let like = |heading: &str| heading.trim().to_lowercase();
        let found = |field: &Field| {
            let heading = field.headings().iter().find_map(|known| header.iter().find(|one| like(one) == *known))?;
            Some((*field, heading.clone()))
        };
        Plan(Field::ALL.iter().filter_map(found).collect())
    }

    /// Where each field stands.
    ///
    /// # Errors
    /// What is missing, or names no column, or several.
    pub fn places(&self, header: &[String], is_single: bool) -> Result<BTreeMap<Field, usize>, Vec<FieldError>> {
        let (mut places, mut errors) = (BTreeMap::new(), Vec::new());
        for (field, column) in &self.0 {
            let mut found = header.iter().enumerate().filter(|(_, heading)| *heading == column);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => {
                    places.insert(*field, place);
                }
                (Some(_), Some(_)) => {
                    errors.push(wrong(*field, "The file has several columns of this name. Rename one."))
                }
                (None, _) => errors.push(wrong(*field, "The file has no column of this name.")),
            }
        }
        let needed: &[Field] = if is_single { &[Field::Sku] } else { &[Field::Partner, Field::Sku] };
        let missing = needed.iter().filter(|field| !self.0.contains_key(field));
        errors.extend(missing.map(|field| wrong(*field, "Choose the column that holds it.")));
        if errors.is_empty() { Ok(places) } else { Err(errors) }
    }
}

fn wrong(field: Field, text: &str) -> FieldError {
    FieldError::new(field.key(), field.label(), text)
}

/// `sku=article`: a flag of the command.
///
/// # Errors
/// With the fields to choose from.
pub fn assigned(typed: &str) -> Result<(Field, String), Refused> {
    let (field, column) = typed.split_once('=').ok_or("Write it as FIELD=COLUMN.")?;
    let field = Field::from_key(field.trim()).ok_or_else(|| {
        let known: Vec<&str> = Field::ALL.iter().map(|field| field.key()).collect();
        format!("“{}” is not one of {}.", shown(field), known.join(", "))
    })?;
    Ok((field, column.to_owned()))
}

/// A cell of a mapped field; none when its column is not in the plan, or the row is too short.
pub fn cell<'a>(places: &BTreeMap<Field, usize>, cells: &'a [String], field: Field) -> Option<&'a str> {
    places.get(&field).and_then(|place| cells.get(*place)).map(|cell| cell.trim())
}

/// The first rows that can be read, for the page of columns.
pub fn samples(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().filter(|row| row.broken.is_none()).take(3).map(|row| row.cells.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_headings_and_the_key_is_needed() {
        let header: Vec<String> = ["Partner", "SKU", "Title", "x", "x"].map(String::from).to_vec();
        let plan = Plan::guessed(&header);
        assert_eq!(plan.0[&Field::Name], "Title");
        assert_eq!(plan.places(&header, false).unwrap()[&Field::Sku], 1);
        let fields = |plan: &Plan, single| -> Vec<&str> {
            plan.places(&header, single).unwrap_err().iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&Plan::default(), false), ["partner", "sku"]);
        assert_eq!(fields(&Plan::default(), true), ["sku"]);
        let odd = Plan(BTreeMap::from([(Field::Partner, "x".into()), (Field::Sku, "y".into())]));
        assert_eq!(fields(&odd, false), ["partner", "sku"]);
        assert_eq!(assigned("sku=article"), Ok((Field::Sku, "article".into())));
        assert!(assigned("sku").is_err() && assigned("colour=x").is_err());
    }
}
