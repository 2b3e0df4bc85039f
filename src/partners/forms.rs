//! From what was typed to a valid partner.

use super::model::{Category, Facts, Kind, Partner, Status};
use crate::db::ids::{PartnerTypeId, UserId};
use crate::programs::store::PartnerType;
use crate::values::{Choice, Code, Email, Name, Phone, Zone, paragraphs};
use crate::web::form::Form;

/// Reads a type's key or id.
pub fn partner_type(typed: &str, types: &[PartnerType]) -> Result<PartnerTypeId, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Choose a type.".into());
    }
    let known =
        |one: &&PartnerType| one.key == typed || one.id.to_string() == typed || one.name.eq_ignore_ascii_case(typed);
    types.iter().find(known).map(|one| one.id).ok_or_else(|| {
        let keys: Vec<&str> = types.iter().map(|one| one.key.as_str()).collect();
        format!("“{}” is not a type of this program. Use one of {}.", crate::values::shown(typed), keys.join(", "))
    })
}

/// The whole form, as hosting admins have it. `present` is the stored partner; none when a new one is made.
///
/// # Errors
/// The form with every error.
pub fn facts(form: &Form, types: &[PartnerType], present: Option<&Partner>) -> Result<Facts, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let code = match present {
        Some(partner) if partner.code_fixed => Some(partner.code.clone()),
        _ => check.field("code", "Code", Code::parse),
    };
    let type_id = check.field("type", "Type", |typed| partner_type(typed, types));
    let kind = check.field("kind", "Kind", Kind::parse);
    let category = check.field("category", "Category", Category::parse);
    let status = match present {
        Some(partner) => Some(partner.status),
        None => check.field("status", "Status", first_status),
    };
    let support_phone = check.optional("support_phone", "Support phone", Phone::parse);
    let support_email = check.optional("support_email", "Support e-mail", Email::parse);
    let time_zone = check.field("time_zone", "Time zone", Zone::parse);
    let notes = check.optional("notes", "Notes", paragraphs);
    check.done(|| {
        Some(Facts {
            name: name?,
            code: code?,
            type_id: type_id?,
            kind: kind?,
            category: category?,
            status: status?,
            support_phone: support_phone?,
            support_email: support_email?,
            time_zone: time_zone?,
            notes: notes?.unwrap_or_default(),
        })
    })
}

fn first_status(typed: &str) -> Result<Status, String> {
    let status = Status::parse(typed)?;
    match status {
        Status::Planned | Status::Pending | Status::Active => Ok(status),
        _ => Err("A new partner is planned, pending or active.".into()),
    }
}

/// The part that a partner's own admins may change.
///
/// # Errors
/// The form with every error.
pub fn contacts(form: &Form, present: &Partner) -> Result<Facts, Form> {
    let mut check = form.check();
    let support_phone = check.optional("support_phone", "Support phone", Phone::parse);
    let support_email = check.optional("support_email", "Support e-mail", Email::parse);
    let time_zone = check.field("time_zone", "Time zone", Zone::parse);
    check.done(|| {
        Some(Facts {
            support_phone: support_phone?,
            support_email: support_email?,
            time_zone: time_zone?,
            ..present.facts()
        })
    })
}

/// The chosen primary contact: one of the partner's members, or nobody.
///
/// # Errors
/// A sentence, when it is somebody else.
pub fn contact(typed: &str, members: &[(UserId, String)]) -> Result<Option<UserId>, String> {
    if typed.is_empty() {
        return Ok(None);
    }
    let known = members.iter().find(|(id, _)| id.to_string() == typed);
    known.map(|(id, _)| Some(*id)).ok_or_else(|| "Choose one of this partner’s users.".into())
}

/// The form of an edit page, as stored.
pub fn filled(partner: &Partner) -> Form {
    let optional = |value: Option<String>| value.unwrap_or_default();
    Form::filled([
        ("name", partner.name.to_string()),
        ("code", partner.code.to_string()),
        ("type", partner.type_id.to_string()),
        ("kind", partner.kind.key().into()),
        ("category", partner.category.key().into()),
        ("support_phone", optional(partner.support_phone.as_ref().map(Phone::spaced))),
        ("support_email", optional(partner.support_email.as_ref().map(Email::to_string))),
        ("time_zone", partner.time_zone.to_string()),
        ("notes", partner.notes.clone()),
        ("contact", optional(partner.primary_contact_id.map(|id| id.to_string()))),
        ("version", partner.version.to_string()),
    ])
}

/// The form of a new partner.
pub fn blank(zone: &Zone) -> Form {
    Form::filled([
        ("kind", Kind::External.key().into()),
        ("category", Category::Both.key().into()),
        ("status", Status::Planned.key().into()),
        ("time_zone", zone.to_string()),
    ])
}
