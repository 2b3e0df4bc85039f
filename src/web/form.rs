//! Forms: what was typed is kept, every error is found at once, and each stands beside its field.
//!
//! A handler takes a [`Form`], asks [`Form::check`] for a [`Check`], pulls one value after another out of it and
//! calls [`Check::done`]. Errors that only the transaction finds (a code that is taken) join the same list.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};

use super::error::AppError;
use crate::values::Refused;

/// Largest form body, in bytes.
pub const LARGEST: usize = 64 * 1024;

/// Largest body of a form with many rows, in bytes.
pub const LARGEST_LONG: usize = 256 * 1024;

/// One refused field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name and element id.
    pub field: &'static str,
    /// The field's label.
    pub label: &'static str,
    /// A sentence that says what to do.
    pub message: String,
}

impl FieldError {
    /// An error at a field.
    pub fn new(field: &'static str, label: &'static str, message: impl Into<String>) -> FieldError {
        FieldError { field, label, message: message.into() }
    }

    /// For the list above the form.
    pub fn summary(&self) -> String {
        format!("{}: {}", self.label, self.message)
    }
}

/// A form as it was typed, with the errors found so far. Templates draw fields from it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
    secret: BTreeSet<&'static str>,
}

impl Form {
    /// A form filled with present values, for the first look at an edit page.
    pub fn filled<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Form {
        Form { fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), ..Form::default() }
    }

    /// From decoded pairs, as multipart forms have them.
    pub fn typed(fields: Vec<(String, String)>) -> Form {
        Form { fields, ..Form::default() }
    }

    fn decode(body: &[u8]) -> Result<Form, AppError> {
        let text =
            std::str::from_utf8(body).map_err(|_| AppError::BadRequest("The form is not valid UTF-8 text.".into()))?;
        let fields: Vec<(String, String)> = serde_html_form::from_str(text)
            .map_err(|_| AppError::BadRequest("The form could not be read. Load the page again.".into()))?;
        if fields.iter().any(|(_, value)| value.contains('\u{fffd}')) {
            return Err(AppError::BadRequest("The form is not valid UTF-8 text.".into()));
        }
        Ok(Form::typed(fields))
    }

    /// What was typed in a field, as it was; empty when it was not sent. Secret fields are never given back.
    pub fn value(&self, field: &str) -> &str {
        if self.secret.contains(field) {
            return "";
        }
        self.raw(field)
    }

    fn raw(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value.as_str())
    }

    /// All values of a repeated field, such as ticked rows.
    pub fn values(&self, field: &str) -> Vec<&str> {
        self.fields.iter().filter(|(name, _)| name == field).map(|(_, value)| value.as_str()).collect()
    }

    /// Every field with its value.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, field: &str) -> bool {
        !self.raw(field).is_empty()
    }

    /// Whether a choice is the chosen one.
    pub fn is(&self, field: &str, value: &str) -> bool {
        self.raw(field) == value
    }

    /// The error beside a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// All errors, in the order of the form.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The same form with more errors.
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Form {
        self.errors.extend(errors);
        self
    }

    /// Replaces a value before the form is shown again.
    pub fn set(&mut self, field: &str, value: &str) {
        match self.fields.iter_mut().find(|(name, _)| name == field) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((field.to_owned(), value.to_owned())),
        }
    }

    /// Begins to read values out of it.
    pub fn check(&self) -> Check<'_> {
        Check { form: self, errors: Vec::new(), secret: BTreeSet::new() }
    }

    /// The record version that the person saw: a hidden field of every edit form.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when it is missing or not a number.
    pub fn version(&self) -> Result<i32, AppError> {
        let versions = self.values("version");
        match versions.as_slice() {
            [one] => one.parse().ok().filter(|version| (1..i32::MAX).contains(version)).ok_or_else(|| {
                AppError::BadRequest("The form has no valid version number. Load the page again.".into())
            }),
            _ => Err(AppError::BadRequest("The form has no version number. Load the page again.".into())),
        }
    }
}

/// Reads values out of a form and gathers what is wrong.
pub struct Check<'a> {
    form: &'a Form,
    errors: Vec<FieldError>,
    secret: BTreeSet<&'static str>,
}

impl Check<'_> {
    /// A required value.
    pub fn field<T>(
        &mut self,
        field: &'static str,
        label: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        match self.single(field, label) {
            Ok(typed) => self.kept(field, label, parse(&typed)),
            Err(()) => None,
        }
    }

    /// A value that may be left empty.
    pub fn optional<T>(
        &mut self,
        field: &'static str,
        label: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<Option<T>> {
        match self.single(field, label) {
            Ok(typed) if typed.trim().is_empty() => Some(None),
            Ok(typed) => self.kept(field, label, parse(&typed)).map(Some),
            Err(()) => None,
        }
    }

    /// A password: never given back to the page.
    pub fn secret<T>(
        &mut self,
        field: &'static str,
        label: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        self.secret.insert(field);
        self.field(field, label, parse)
    }

    /// Adds an error that concerns several fields.
    pub fn refuse(&mut self, field: &'static str, label: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, label, message));
    }

    fn single(&mut self, field: &'static str, label: &'static str) -> Result<String, ()> {
        match self.form.values(field).as_slice() {
            [] => Ok(String::new()),
            [one] => Ok((*one).to_owned()),
            _ => {
                self.refuse(field, label, "Was sent twice. Enter one value.");
                Err(())
            }
        }
    }

    fn kept<T>(&mut self, field: &'static str, label: &'static str, parsed: Result<T, Refused>) -> Option<T> {
        parsed.map_err(|message| self.refuse(field, label, message)).ok()
    }

    /// Ends the check: the value when nothing was wrong, else the form with all errors.
    ///
    /// # Errors
    /// The form as typed, to be shown again.
    pub fn done<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, Form> {
        let (mut form, errors) = (self.form.clone(), self.errors);
        form.secret.extend(self.secret);
        match make() {
            Some(value) if errors.is_empty() => Ok(value),
            _ => Err(form.with_errors(errors)),
        }
    }
}

impl FromRequest for Form {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Form, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(req, payload, LARGEST)
    }
}

/// A form with many rows: up to [`LARGEST_LONG`] bytes.
pub struct LongForm(pub Form);

impl FromRequest for LongForm {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<LongForm, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = read(req, payload, LARGEST_LONG);
        Box::pin(async move { form.await.map(LongForm) })
    }
}

fn read(
    req: &HttpRequest,
    payload: &mut Payload,
    largest: usize,
) -> Pin<Box<dyn Future<Output = Result<Form, AppError>>>> {
    let kind = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let body = (is_form && !super::is_compressed(req)).then(|| Bytes::from_request(req, payload));
    Box::pin(async move {
        let body = body.ok_or(AppError::Unsupported)?.await.map_err(too_large)?;
        if body.len() > largest {
            return Err(AppError::TooLarge);
        }
        Form::decode(&body)
    })
}

fn too_large(error: actix_web::Error) -> AppError {
    use actix_web::http::StatusCode;
    match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        _ => AppError::BadRequest("The form did not arrive whole.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{Code, Name};

    #[test]
    fn all_errors_are_found_at_once_and_what_was_typed_is_kept() {
        let form = Form::decode(b"name=&code=k+1&code=K2&secret=abc").unwrap();
        let mut check = form.check();
        let name = check.field("name", "Name", Name::parse);
        let code = check.field("code", "Code", Code::parse);
        let secret = check.secret("secret", "Secret", |_| Err::<(), _>("no".into()));
        let refused = check.done(|| Some((name?, code?, secret?))).unwrap_err();
        assert_eq!(refused.errors().len(), 3);
        assert_eq!(refused.value("code"), "k 1");
        assert_eq!(refused.value("secret"), "");
        assert!(refused.error("code").unwrap().contains("twice"));
    }

    #[test]
    fn bad_text_is_refused() {
        assert!(Form::decode(b"name=%ff%fe").is_err());
    }
}
