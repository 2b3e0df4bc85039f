//! What is typed about invitations, turned into values.

use super::model::Invitation;
use crate::access::password;
use crate::values::{Email, Name};
use crate::web::form::Form;

/// Somebody to be added to a partner.
pub struct Adding {
    /// What they are called.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// The role to be, as [`crate::roles::Offer::key`] writes it.
    pub role: String,
}

/// Reads who is to be added, or what an invitation is corrected to.
///
/// # Errors
/// The form with its errors.
pub fn adding(form: &Form) -> Result<Adding, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let email = check.field("email", "E-mail", Email::parse);
    // Whether it is a role that can be given is known in the transaction only.
    let role = check.field("role", "Role", |typed| match typed {
        "" => Err("Choose a role.".into()),
        typed => Ok(typed.to_owned()),
    });
    check.done(|| Some(Adding { name: name?, email: email?, role: role? }))
}

/// The form of an invitation as it is stored.
pub fn correction_of(invitation: &Invitation) -> Form {
    Form::filled([
        ("name", invitation.name.clone()),
        ("email", invitation.email.clone()),
        ("role", invitation.role_key()),
        ("version", invitation.version.to_string()),
    ])
}

/// Somebody who accepts and has no account yet.
pub struct Joining {
    /// What they are called.
    pub name: Name,
    /// The password they chose.
    pub password: String,
}

/// Reads who accepts; `context` is what a password must not consist of.
///
/// # Errors
/// The form with its errors, and without the password.
pub fn joining(form: &Form, context: [&str; 3]) -> Result<Joining, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let [email, partner, program] = context;
    let password = check.secret("new_password", "Password", |typed| {
        password::check(typed, &[form.value("name"), email, partner, program]).map(|()| typed.to_owned())
    });
    check.done(|| Some(Joining { name: name?, password: password? }))
}
