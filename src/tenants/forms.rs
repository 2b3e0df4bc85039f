//! From what was typed to valid values.

use super::model::{self, Facts, Schedule, Tenant};
use crate::values::{Choice, Name, paragraphs};
use crate::web::form::Form;

/// The fields that can be edited.
///
/// # Errors
/// The form with every error.
pub fn facts(form: &Form) -> Result<Facts, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let external_id = check.field("external_id", "External id", model::external_id);
    let schedule = check.field("schedule", "Schedule", Schedule::parse);
    let note = check.optional("note", "Note", paragraphs);
    check.done(|| {
        Some(Facts { name: name?, external_id: external_id?, schedule: schedule?, note: note?.unwrap_or_default() })
    })
}

/// The form of a new one.
pub fn blank(integration: &str) -> Form {
    Form::filled([("integration", integration.to_owned()), ("schedule", Schedule::Daily.key().to_owned())])
}

/// The form of a stored one.
pub fn filled(tenant: &Tenant) -> Form {
    let facts = tenant.facts();
    Form::filled([
        ("name", facts.name.to_string()),
        ("external_id", facts.external_id),
        ("schedule", facts.schedule.key().to_owned()),
        ("note", facts.note),
        ("version", tenant.version.to_string()),
    ])
}
