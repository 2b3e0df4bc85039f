//! Pages about people.

use askama::Template;

/// The sign-in page.
#[derive(Template)]
#[template(path = "people/sign_in.html")]
pub struct SignInPage<'a> {
    pub email: &'a str,
    pub next: &'a str,
    pub notice: Option<&'static str>,
    pub problem: Option<&'static str>,
}
