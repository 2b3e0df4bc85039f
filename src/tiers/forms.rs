//! From what was typed to a valid tier.

use super::model::{Facts, Tier};
use crate::values::{Refused, line, paragraphs};
use crate::web::form::{Check, Form};

/// Longest name.
const LONGEST_NAME: usize = 40;
/// Longest description.
const LONGEST_DESCRIPTION: usize = 1000;

/// A new tier with its place.
///
/// # Errors
/// The form with every error.
pub fn new(form: &Form, present: usize) -> Result<(Facts, i32), Form> {
    let mut check = form.check();
    let facts = facts(&mut check);
    let last = i32::try_from(present).unwrap_or(i32::MAX - 1) + 1;
    let place = check.optional("place", "Precedence", |typed| place(typed, last));
    check.done(|| Some((facts?, place?.unwrap_or(last))))
}

/// An edit.
///
/// # Errors
/// The form with every error.
pub fn edited(form: &Form) -> Result<Facts, Form> {
    let mut check = form.check();
    let facts = facts(&mut check);
    check.done(|| facts)
}

fn facts(check: &mut Check<'_>) -> Option<Facts> {
    let name = check.field("name", "Name", |typed| line(typed, LONGEST_NAME));
    let description = check.optional("description", "Description", |typed| {
        let text = paragraphs(typed)?;
        let length = text.chars().count();
        if length > LONGEST_DESCRIPTION {
            return Err(format!("Has {length} characters; the longest allowed is 1,000."));
        }
        Ok(text)
    });
    Some(Facts { name: name?, description: description?.unwrap_or_default() })
}

fn place(typed: &str, last: i32) -> Result<i32, Refused> {
    let place = typed.trim().parse().ok().filter(|place| (1..=last).contains(place));
    place.ok_or_else(|| format!("Choose a precedence from 1 (highest) to {last} (lowest)."))
}

/// The form of a tier as it is first shown.
pub fn filled(tier: &Tier) -> Form {
    Form::filled([
        ("version", tier.version.to_string()),
        ("name", tier.name.clone()),
        ("description", tier.description.clone()),
    ])
}
