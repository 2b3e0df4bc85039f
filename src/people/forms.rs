//! What is typed about people, turned into values.

use super::store::{Account, Member, Profile};
use crate::access::{Actor, password};
use crate::values::{Email, Name, Zone};
use crate::web::form::Form;

/// The form of an account as it is stored.
pub fn profile_of(account: &Account) -> Form {
    Form::filled([
        ("name", account.name.clone()),
        ("time_zone", account.time_zone.clone().unwrap_or_default()),
        ("single_keys", if account.single_keys { "yes".into() } else { String::new() }),
        ("version", account.version.to_string()),
    ])
}

/// Reads a profile.
///
/// # Errors
/// The form with its errors.
pub fn profile(form: &Form) -> Result<Profile, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let zone = check.optional("time_zone", "Time zone", Zone::parse);
    let single_keys = form.is_ticked("single_keys");
    check.done(|| Some(Profile { name: name?, zone: zone?, single_keys }))
}

/// A change of password.
pub struct NewPassword {
    /// The present one.
    pub current: String,
    /// The one to be.
    pub password: String,
}

/// Reads a change of password.
///
/// # Errors
/// The form with its errors, and without the passwords.
pub fn new_password(form: &Form, actor: &Actor) -> Result<NewPassword, Form> {
    let partner = actor.partner().map_or("", |partner| &partner.name);
    let program = actor.program().map_or("", |program| &program.name);
    let mut check = form.check();
    let current = check.secret("current_password", "Current password", present);
    let password = check.secret("new_password", "New password", |typed| {
        password::check(typed, &[actor.name(), actor.email(), partner, program])?;
        if current.as_deref() == Some(typed) {
            return Err("This is your current password. Choose another.".into());
        }
        Ok(typed.to_owned())
    });
    check.done(|| Some(NewPassword { current: current?, password: password? }))
}

pub(super) fn present(typed: &str) -> Result<String, String> {
    match typed {
        "" => Err("Enter your current password.".into()),
        _ if password::fits(typed) => Ok(typed.to_owned()),
        _ => Err("This is not your current password.".into()),
    }
}

/// The first system administrator.
pub struct First {
    /// Name.
    pub name: Name,
    /// Address.
    pub email: Email,
    /// Password.
    pub password: String,
}

/// Reads the set-up form; `is_token` compares what was typed with the token.
///
/// # Errors
/// The form with its errors.
pub fn first(form: &Form, is_token: impl FnOnce(&str) -> bool) -> Result<First, Form> {
    let mut check = form.check();
    let token = check.field("token", "Set-up token", |typed| match is_token(typed) {
        true => Ok(()),
        false => Err("This is not the token. It was printed where Portico was started.".into()),
    });
    let name = check.field("name", "Name", Name::parse);
    let email = check.field("email", "E-mail", Email::parse);
    let context = [form.value("name").to_owned(), form.value("email").to_owned()];
    let password = check.secret("new_password", "Password", |typed| {
        password::check(typed, &[&context[0], &context[1]]).map(|()| typed.to_owned())
    });
    check.done(|| {
        token?;
        Some(First { name: name?, email: email?, password: password? })
    })
}

/// The form of a member's role as it is stored.
pub fn role_of(member: &Member) -> Form {
    Form::filled([("role", member.role_key()), ("version", member.version.to_string())])
}

/// Reads a role.
///
/// # Errors
/// The form with its errors.
pub fn role(form: &Form) -> Result<String, Form> {
    let mut check = form.check();
    let role = check.field("role", "Role", chosen);
    check.done(|| role)
}

/// Whether it is a role that can be given is known in the transaction only.
fn chosen(typed: &str) -> Result<String, String> {
    if typed.is_empty() { Err("Choose a role.".into()) } else { Ok(typed.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_given_back() {
        let actor = Actor::operator(None);
        let form =
            Form::typed(vec![("current_password".into(), "old one".into()), ("new_password".into(), "abc".into())]);
        let refused = new_password(&form, &actor).err().unwrap();
        assert!(refused.error("new_password").is_some() && refused.error("current_password").is_none());
        assert_eq!((refused.value("new_password"), refused.value("current_password")), ("", ""));
    }

    #[test]
    fn a_new_password_is_another_one() {
        let same = "four unrelated words";
        let form = Form::typed(vec![("current_password".into(), same.into()), ("new_password".into(), same.into())]);
        let refused = new_password(&form, &Actor::operator(None)).err().unwrap();
        assert!(refused.error("new_password").unwrap().contains("current password"));
    }

    #[test]
    fn an_empty_zone_means_the_partners() {
        let form = Form::typed(vec![("name".into(), " Ana ".into()), ("time_zone".into(), String::new())]);
        let profile = profile(&form).ok().unwrap();
        assert!(profile.zone.is_none() && !profile.single_keys && profile.name.as_str() == "Ana");
    }
}
