//! Which column of a file holds which field: guessed by the headings, corrected by the person.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::file::{Table, is_empty};
use super::model::Refusal;
use crate::values::{Choice, Refused, shown};
use crate::web::form::FieldError;

/// A field that a file can say.
pub trait Column: Choice + Ord + Debug + Serialize + DeserializeOwned + Send + Sync {
    /// For who maps columns.
    fn hint(self) -> &'static str;

    /// Headings that mean it, in small letters.
    fn headings(self) -> &'static [&'static str];

    /// What every file has to say.
    fn needed() -> &'static [Self];

    /// Whether it says whose a record is, which a program of one organisation knows.
    fn is_partner(self) -> bool;

    /// The fields that files of a program say.
    fn asked(is_single: bool) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|field| !(is_single && field.is_partner())).collect()
    }
}

/// Which column holds which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Plan<F: Column>(pub BTreeMap<F, String>);

impl<F: Column> Default for Plan<F> {
    fn default() -> Plan<F> {
        Plan(BTreeMap::new())
    }
}

impl<F: Column> Plan<F> {
    /// What the headings say by themselves.
    pub fn guessed(header: &[String]) -> Plan<F> {
        let like = |heading: &str| heading.trim().to_lowercase();
        let found = |field: &F| {
            let heading = field.headings().iter().find_map(|known| header.iter().find(|one| like(one) == *known))?;
            Some((*field, heading.clone()))
        };
        Plan(F::ALL.iter().filter_map(found).collect())
    }

    /// Where each field stands.
    ///
    /// # Errors
    /// What is missing, or names no column, or several.
    pub fn places(&self, header: &[String], is_single: bool) -> Result<BTreeMap<F, usize>, Vec<FieldError>> {
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
        let needed = F::needed().iter().filter(|field| !(is_single && field.is_partner()));
        let missing = needed.filter(|field| !self.0.contains_key(field));
        errors.extend(missing.map(|field| wrong(*field, "Choose the column that holds it.")));
        if errors.is_empty() { Ok(places) } else { Err(errors) }
    }
}

fn wrong<F: Column>(field: F, text: &str) -> FieldError {
    FieldError::new(field.key(), field.label(), text)
}

/// `sku=article`: a flag of the command.
///
/// # Errors
/// With the fields to choose from.
pub fn assigned<F: Column>(typed: &str) -> Result<(F, String), Refused> {
    let (field, column) = typed.split_once('=').ok_or("Write it as FIELD=COLUMN.")?;
    Ok((F::parse(field)?, column.to_owned()))
}

/// The cells of one row by their fields.
#[derive(Clone, Copy)]
pub struct Cells<'a, F> {
    /// Where each field stands.
    pub places: &'a BTreeMap<F, usize>,
    /// The row's cells.
    pub cells: &'a [String],
}

impl<'a, F: Column> Cells<'a, F> {
    /// A mapped field; none when its column is not in the plan, or the row is too short.
    pub fn get(self, field: F) -> Option<&'a str> {
        self.places.get(&field).and_then(|place| self.cells.get(*place)).map(|cell| cell.trim())
    }

    /// A field that says something.
    pub fn said(self, field: F) -> Option<&'a str> {
        self.get(field).filter(|typed| !is_empty(typed))
    }

    /// A field that has to say something.
    ///
    /// # Errors
    /// When it does not.
    pub fn required(self, field: F) -> Result<&'a str, Refusal<F>> {
        self.said(field).ok_or_else(|| Refusal::of(field, format!("{} is missing.", field.label())))
    }

    /// A field as it is shown in a report, cut to a length.
    pub fn shown(self, field: F, longest: usize) -> String {
        self.get(field).unwrap_or_default().chars().filter(|c| !c.is_control()).take(longest).collect()
    }
}

/// The different codes of a column in capitals; what is no code is nobody's, and Postgres could not even be asked for
/// some of it.
pub fn codes<F: Column>(table: &Table, places: &BTreeMap<F, usize>, field: F) -> Vec<String> {
    let named = |cells: &'_ [String]| Cells { places, cells }.get(field).map(str::to_uppercase);
    let mut codes: Vec<String> = table.rows.iter().filter_map(|row| named(&row.cells)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.retain(|code| crate::values::Code::parse(code).is_ok());
    codes
}

/// Why a code names nothing.
pub fn unknown<F: Column>(field: F, what: &str, typed: &str) -> Refusal<F> {
    Refusal::of(field, format!("No {what} has the code {}.", shown(typed)))
}

/// The first rows that can be read, for the page of columns.
pub fn samples(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().filter(|row| row.broken.is_none()).take(3).map(|row| row.cells.clone()).collect()
}
