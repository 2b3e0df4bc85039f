//! Reading the forms of programs, and filling them for a first look.

use super::model::{Model, NewProgram, Program, Settings, second_factor_roles};
use crate::access::Role;
use crate::values::{Choice, Code, Name, Refused, Zone, line};
use crate::web::form::Form;

/// Longest name of a partner type, in characters.
const LONGEST_TYPE: usize = 40;

/// The form for a new program as it is first shown.
pub fn blank() -> Form {
    Form::filled([("model", Model::Coalition.key().to_owned()), ("time_zone", String::new())])
}

/// Reads the form for a new program.
///
/// # Errors
/// The form as typed, with its errors.
pub fn new_program(form: &Form) -> Result<NewProgram, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let code = check.field("code", "Code", Code::parse);
    let model = check.field("model", "Model", Model::parse);
    let zone = check.field("time_zone", "Time zone", Zone::parse);
    check.done(|| Some(NewProgram { name: name?, code: code?, model: model?, zone: zone? }))
}

/// The settings form as it is first shown.
pub fn filled(program: &Program) -> Form {
    let ticked = |on: bool| if on { "yes".to_owned() } else { String::new() };
    let asked = program.settings().second_factor.into_iter().map(|role| ("second_factor", role.key().to_owned()));
    Form::filled(asked.chain([
        ("version", program.version.to_string()),
        ("name", program.name.to_string()),
        ("time_zone", program.time_zone.to_string()),
        ("coalition", ticked(program.model == Model::Coalition)),
        ("hosting_limit", program.hosting_limit.to_string()),
        ("tiers", ticked(program.tiers_enabled)),
        ("campaign_approval", ticked(program.campaign_approval)),
    ]))
}

/// Reads the settings form.
///
/// # Errors
/// The form as typed, with its errors.
pub fn settings(form: &Form) -> Result<Settings, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let zone = check.field("time_zone", "Time zone", Zone::parse);
    let hosting_limit = check.field("hosting_limit", "Hosting limit", hosting_limit);
    let model = if form.is_ticked("coalition") { Model::Coalition } else { Model::Single };
    let (tiers, campaign_approval) = (form.is_ticked("tiers"), form.is_ticked("campaign_approval"));
    let second_factor = asked_roles(form).map_err(|message| check.refuse("second_factor", "Second factor", message));
    check.done(|| {
        let (hosting_limit, second_factor) = (hosting_limit?, second_factor.ok()?);
        Some(Settings { name: name?, zone: zone?, tiers, hosting_limit, model, second_factor, campaign_approval })
    })
}

/// The ticked roles, in the order of the form.
fn asked_roles(form: &Form) -> Result<Vec<Role>, Refused> {
    let ticked = form.values("second_factor");
    let roles: Vec<Role> = second_factor_roles().filter(|role| ticked.contains(&role.key())).collect();
    if ticked.iter().any(|key| !roles.iter().any(|role| role.key() == *key)) {
        return Err("Choose among the roles of this list.".into());
    }
    Ok(roles)
}

fn hosting_limit(typed: &str) -> Result<i32, Refused> {
    let wrong = || "Enter a whole number from 1 to 1,000.".to_owned();
    let limit = typed.trim().parse().map_err(|_| wrong())?;
    if (1..=1000).contains(&limit) { Ok(limit) } else { Err(wrong()) }
}

/// Reads the name of a partner type.
///
/// # Errors
/// The form as typed, with its error.
pub fn type_name(form: &Form) -> Result<String, Form> {
    let mut check = form.check();
    let name = check.field("type_name", "Name", |typed| line(typed, LONGEST_TYPE));
    check.done(|| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&'static str, &str)]) -> Form {
        Form::filled(fields.iter().map(|(name, value)| (*name, (*value).to_owned())))
    }

    #[test]
    fn a_new_program_needs_all_four() {
        let form = typed(&[("name", "Solstice"), ("code", "SOL"), ("model", "single"), ("time_zone", "Europe/Lisbon")]);
        assert_eq!(new_program(&form).unwrap().model, Model::Single);
        let refused = new_program(&typed(&[("name", " "), ("code", "sol"), ("model", "club")])).unwrap_err();
        assert_eq!(refused.errors().len(), 4);
        assert_eq!(refused.value("code"), "sol");
    }

    #[test]
    fn hosting_limits_are_1_to_1000() {
        for good in ["1", " 4 ", "1000"] {
            assert!(hosting_limit(good).is_ok(), "{good}");
        }
        for bad in ["", "0", "-1", "1001", "4.5", "four", "99999999999"] {
            assert!(hosting_limit(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn boxes_that_are_not_ticked_are_off() {
        let form = typed(&[("name", "Solstice"), ("time_zone", "UTC"), ("hosting_limit", "4"), ("tiers", "yes")]);
        let read = settings(&form).unwrap();
        assert!(read.tiers && read.model == Model::Single);
    }

    #[test]
    fn second_factors_are_asked_of_roles_that_the_program_has() {
        let with = |keys: &[&str]| {
            let mut fields = vec![("name", "Solstice"), ("time_zone", "UTC"), ("hosting_limit", "4")];
            fields.extend(keys.iter().map(|key| ("second_factor", *key)));
            settings(&typed(&fields)).map(|read| read.second_factor)
        };
        assert_eq!(with(&[]).unwrap(), []);
        assert_eq!(with(&["csr", "hosting-admin"]).unwrap(), [Role::HostingAdmin, Role::Csr]);
        for bad in ["system-admin", "custom", "", "HOSTING-ADMIN"] {
            assert!(with(&["csr", bad]).unwrap_err().error("second_factor").is_some(), "{bad}");
        }
    }

    #[test]
    fn type_names_have_40_characters_at_most() {
        assert_eq!(type_name(&typed(&[("type_name", " Rail ")])).unwrap(), "Rail");
        assert!(type_name(&typed(&[("type_name", &"x".repeat(41))])).is_err());
        assert!(type_name(&typed(&[])).is_err());
    }
}
