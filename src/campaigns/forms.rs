//! From what was typed to a valid campaign or assignment.

use chrono::NaiveDate;

use super::dates::DayRange;
use super::messages::{self, Messages};
use super::model::{AssignmentState, Campaign, Display, Facts, TierLine};
use crate::db::ids::{ProductId, TierId};
use crate::values::{Choice, Code, Name, Refused, Zone, paragraphs};
use crate::web::form::{Check, Form};

/// The form of a new campaign as it is first shown.
pub fn blank(zone: &str) -> Form {
    Form::filled([("time_zone", zone.to_owned()), ("display", Display::Filter.key().to_owned())])
}

/// The form of a stored campaign.
pub fn filled(campaign: &Campaign) -> Form {
    let facts = campaign.facts();
    Form::filled([
        ("version", campaign.version.to_string()),
        ("code", facts.code),
        ("name", facts.name.to_string()),
        ("description", facts.description),
        ("time_zone", facts.zone.to_string()),
        ("first_day", facts.days.first.to_string()),
        ("last_day", facts.days.last.map(|day| day.to_string()).unwrap_or_default()),
        ("display", facts.display.key().into()),
        ("not_yet", facts.messages.not_yet),
        ("expired", facts.messages.expired),
        ("wrong_tier", facts.messages.wrong_tier),
    ])
}

/// The code of a campaign: as a partner's, but for the underscore.
fn code(typed: &str) -> Result<String, Refused> {
    let code = Code::parse(typed)?.to_string();
    if code.contains('_') {
        return Err("Use capital letters A–Z, digits and -, beginning with a letter or digit.".into());
    }
    Ok(code)
}

/// First and last day, each error beside its field.
fn days(check: &mut Check<'_>) -> Option<DayRange> {
    let first = check.field("first_day", "First day", |typed| Ok(typed.to_owned()));
    let last = check.field("last_day", "Last day", |typed| Ok(typed.to_owned()));
    match DayRange::parse(&first?, &last?) {
        Ok(days) => Some(days),
        Err((first, last)) => {
            for (field, label, why) in [("first_day", "First day", first), ("last_day", "Last day", last)] {
                if let Some(why) = why {
                    check.refuse(field, label, why);
                }
            }
            None
        }
    }
}

/// The whole form of a campaign. `present` is what is stored: its code is fixed once it is more than a draft.
///
/// # Errors
/// The form with every error.
pub fn typed(form: &Form, present: Option<&Campaign>) -> Result<Facts, Form> {
    let fixed = present.filter(|one| one.state != super::model::State::Draft).map(|one| one.code.clone());
    let mut check = form.check();
    let code = match fixed {
        Some(code) => Some(code),
        None => check.field("code", "Code", code),
    };
    let name = check.field("name", "Name", Name::parse);
    let description = check.field("description", "Description", paragraphs);
    let zone = check.field("time_zone", "Time zone", Zone::parse);
    let days = days(&mut check);
    let display = check.field("display", "What a customer sees", Display::parse);
    let not_yet = check.field("not_yet", "Before it begins", messages::parse);
    let expired = check.field("expired", "After it ended", messages::parse);
    let wrong_tier = check.field("wrong_tier", "To other tiers", messages::parse);
    check.done(|| {
        let messages = Messages { not_yet: not_yet?, expired: expired?, wrong_tier: wrong_tier? };
        let (name, description, zone) = (name?, description?, zone?);
        Some(Facts { code: code?, name, description, zone, days: days?, display: display?, messages })
    })
}

/// The form of a copy.
#[derive(Clone, Debug)]
pub struct Copying {
    /// The new campaign's code.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// Its first day; all dates move with it.
    pub first: NaiveDate,
    /// Whether partners and assignments are copied too.
    pub with_assignments: bool,
}

/// Reads the form of a copy.
///
/// # Errors
/// The form with every error.
pub fn copying(form: &Form) -> Result<Copying, Form> {
    let mut check = form.check();
    let code = check.field("code", "Code", code);
    let name = check.field("name", "Name", Name::parse);
    let first = check.field("first_day", "First day", first_day);
    let with_assignments = form.is_ticked("with_assignments");
    check.done(|| Some(Copying { code: code?, name: name?, first: first?, with_assignments }))
}

fn first_day(typed: &str) -> Result<NaiveDate, Refused> {
    DayRange::parse(typed, "").map(|days| days.first).map_err(|(why, _)| why.unwrap_or_default())
}

/// Whose tier it is: all of a partner, or one product of it. Typed as `CODE` or `CODE/product-id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The partner's code.
    pub code: String,
    /// One product.
    pub product: Option<ProductId>,
}

impl Whose {
    /// Reads the value of the select.
    ///
    /// # Errors
    /// With a sentence for the field.
    pub fn parse(typed: &str) -> Result<Whose, Refused> {
        let choose = || "Choose a partner of this campaign, or one of its products.".to_owned();
        if typed.trim().is_empty() {
            return Err(choose());
        }
        match typed.trim().split_once('/') {
            None => Ok(Whose { code: typed.trim().to_owned(), product: None }),
            Some((code, product)) => {
                let product = product.parse().map_err(|_| choose())?;
                Ok(Whose { code: code.to_owned(), product: Some(product) })
            }
        }
    }
}

/// An assignment as it was typed.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the form")]
pub struct Typed {
    pub tier: TierId,
    pub days: DayRange,
    pub state: AssignmentState,
}

/// What one or several assignments have in common.
///
/// # Errors
/// The form with every error, those about `whose` included.
pub fn assignment(form: &Form, tiers: &[TierLine], whose: impl FnOnce(&mut Check<'_>) -> bool) -> Result<Typed, Form> {
    let mut check = form.check();
    let whose = whose(&mut check);
    let tier = check.field("tier", "Tier", |typed| {
        let known = tiers.iter().find(|tier| tier.id.to_string() == typed.trim());
        known.map(|tier| tier.id).ok_or_else(|| "Choose one of the tiers.".into())
    });
    let days = days(&mut check);
    let state = check.field("state", "State", AssignmentState::parse);
    check.done(|| {
        whose.then_some(())?;
        Some(Typed { tier: tier?, days: days?, state: state? })
    })
}

/// A number of days to move an end by.
///
/// # Errors
/// With a sentence for the field.
pub fn shift(typed: &str) -> Result<u64, Refused> {
    let number: Option<u64> = typed.trim().parse().ok().filter(|_| !typed.trim().starts_with('+'));
    number
        .filter(|days| (1..=3650).contains(days))
        .ok_or_else(|| "Enter a whole number of days from 1 to 3,650.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(change: &[(&'static str, &str)]) -> Form {
        let mut form = blank("Europe/Lisbon");
        for (field, value) in
            [("code", "WINTER-26"), ("name", "Winter"), ("first_day", "2026-10-01"), ("last_day", "2027-03-31")]
                .iter()
                .chain(change)
        {
            form.set(field, value);
        }
        form
    }

    #[test]
    fn t50_what_is_refused_is_refused_at_its_field() {
        assert!(typed(&form(&[]), None).is_ok());
        for (field, value) in [
            ("code", "winter"),
            ("code", "WIN_TER"),
            ("code", "-W"),
            ("code", "W"),
            ("name", " "),
            ("first_day", "31/12/2026"),
            ("first_day", "2026-02-30"),
            ("first_day", ""),
            ("first_day", "0001-01-01"),
            ("last_day", "2026-09-30"),
            ("last_day", "soon"),
            ("time_zone", "Mars/Olympus"),
            ("display", "hide"),
            ("wrong_tier", "for {tear}"),
        ] {
            let refused = typed(&form(&[(field, value)]), None).unwrap_err();
            assert!(refused.error(field).is_some(), "{field} {value}: {:?}", refused.errors());
            assert_eq!(refused.value(field), value);
        }
    }

    #[test]
    fn shifts_are_whole_days() {
        assert_eq!(shift(" 14 "), Ok(14));
        for bad in ["", "0", "-1", "+3", "1.5", "3651", "ten"] {
            assert!(shift(bad).is_err(), "{bad}");
        }
    }
}
