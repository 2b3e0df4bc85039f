//! What people type to change how they sign in.

use crate::access::password;
use crate::values::Email;
use crate::web::form::{FieldError, Form};

/// Reads the address of who forgot their password.
///
/// # Errors
/// The form with its errors.
pub fn forgotten(form: &Form) -> Result<Email, Form> {
    let mut check = form.check();
    let email = check.field("email", "Work e-mail", Email::parse);
    check.done(|| email)
}

/// Reads a password that is chosen by a link; `context` are words that it must not have.
///
/// # Errors
/// The form with its errors, and without the password.
pub fn chosen(form: &Form, context: &[&str]) -> Result<String, Form> {
    let mut check = form.check();
    let password = check
        .secret("new_password", "New password", |typed| password::check(typed, context).map(|()| typed.to_owned()));
    check.done(|| password)
}

/// Reads the current password.
///
/// # Errors
/// The form with its errors, and without the password.
pub fn current(form: &Form) -> Result<String, Form> {
    let mut check = form.check();
    let current = check.secret("current_password", "Current password", super::forms::present);
    check.done(|| current)
}

/// An empty form with the error of a password that is not the current one.
pub fn wrong_password() -> Form {
    let message = "This is not your current password.";
    Form::default().with_errors(vec![FieldError::new("current_password", "Current password", message)])
}

/// An empty form with the error of a code that does not fit.
pub fn wrong_code() -> Form {
    let message = "This code does not fit, or was used already. Wait for the next one in your app and enter that.";
    Form::default().with_errors(vec![FieldError::new("code", "Code", message)])
}

/// Reads a code, of an app or a recovery code.
///
/// # Errors
/// The form with its errors, and without the code.
pub fn code(form: &Form) -> Result<String, Form> {
    let mut check = form.check();
    let code = check.secret("code", "Code", typed_code);
    check.done(|| code)
}

/// Reads the current password and a code.
///
/// # Errors
/// The form with its errors, and without either.
pub fn password_and_code(form: &Form) -> Result<(String, String), Form> {
    let mut check = form.check();
    let current = check.secret("current_password", "Current password", super::forms::present);
    let code = check.secret("code", "Code", typed_code);
    check.done(|| Some((current?, code?)))
}

fn typed_code(typed: &str) -> Result<String, String> {
    match typed.trim() {
        "" => Err("Enter the six digits that your app shows, or a recovery code.".into()),
        code if code.len() > 40 => Err("A code has six digits, a recovery code sixteen letters and digits.".into()),
        code => Ok(code.to_owned()),
    }
}

/// A change of address.
pub struct NewEmail {
    /// The new one.
    pub email: Email,
    /// The current password.
    pub current: String,
}

/// Reads a change of address.
///
/// # Errors
/// The form with its errors, and without the password.
pub fn new_email(form: &Form, present: &str) -> Result<NewEmail, Form> {
    let mut check = form.check();
    let email = check.field("new_email", "New address", |typed| {
        Email::parse(typed).and_then(|email| match email.as_str() == present {
            true => Err("This is the address that you sign in with already.".into()),
            false => Ok(email),
        })
    });
    let current = check.secret("email_password", "Current password", super::forms::present);
    check.done(|| Some(NewEmail { email: email?, current: current? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&'static str, &str)]) -> Form {
        Form::filled(fields.iter().map(|(name, value)| (*name, (*value).to_owned())))
    }

    #[test]
    fn t37_one_address_only_and_a_plain_one() {
        assert_eq!(
            forgotten(&typed(&[("email", " Hana@Solstice.example ")])).ok().unwrap().as_str(),
            "hana@solstice.example"
        );
        for bad in
            ["", "a@x.example,b@y.example", "a@x.example\r\nBcc: b@y.example", "hаna@solstice.example", "a b@x.example"]
        {
            assert!(forgotten(&typed(&[("email", bad)])).is_err(), "{bad}");
        }
        let twice = typed(&[("email", "a@x.example"), ("email", "b@y.example")]);
        assert!(forgotten(&twice).is_err_and(|form| form.error("email").unwrap().contains("twice")));
    }

    #[test]
    fn passwords_and_codes_are_never_given_back() {
        let refused = password_and_code(&typed(&[("current_password", "mine"), ("code", "")])).err().unwrap();
        assert_eq!((refused.value("current_password"), refused.errors().len()), ("", 1));
        let refused = code(&typed(&[("code", &"7".repeat(41))])).err().unwrap();
        assert_eq!(refused.value("code"), "");
        let refused = chosen(&typed(&[("new_password", "solstice-2026!")]), &["Solstice Rewards"]).err().unwrap();
        assert_eq!(refused.value("new_password"), "");
    }
}
