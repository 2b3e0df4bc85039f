//! The enum of every letter. It holds ids and plain facts, never a secret; its words are written when it is sent.

use askama::Template;
use serde::{Deserialize, Serialize};

/// A letter to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter")]
pub enum Letter {
    /// To the owner of an account whose password was changed: if it was not them, they learn of it here.
    PasswordChanged {
        /// Their name.
        name: String,
        /// When, and in which zone.
        when: String,
    },
}

/// A letter in words.
#[derive(Clone, Debug)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/password_changed/subject.txt")]
struct PasswordChangedSubject;

#[derive(Template)]
#[template(path = "mail/password_changed/body.txt", escape = "none")]
struct PasswordChangedText<'a> {
    name: &'a str,
    when: &'a str,
    base: &'a str,
}

#[derive(Template)]
#[template(path = "mail/password_changed/body.html")]
struct PasswordChangedHtml<'a> {
    name: &'a str,
    when: &'a str,
    base: &'a str,
}

impl Letter {
    /// Writes the letter; `base` is the portal's configured address.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn write(&self, base: &str) -> askama::Result<Written> {
        match self {
            Letter::PasswordChanged { name, when } => Ok(Written {
                subject: PasswordChangedSubject.render()?.trim().to_owned(),
                text: PasswordChangedText { name, when, base }.render()?,
                html: PasswordChangedHtml { name, when, base }.render()?,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_three_parts_and_escapes_names() {
        let letter =
            Letter::PasswordChanged { name: "<b>Ana</b>".into(), when: "20 Nov 2026, 09:42 in Europe/Lisbon".into() };
        let written = letter.write("https://portal.example").unwrap();
        assert!(!written.subject.contains('\n') && written.subject.len() > 10);
        assert!(written.text.contains("<b>Ana</b>") && written.text.contains("https://portal.example/me"));
        assert!(!written.html.contains("<b>Ana") && written.html.contains("https://portal.example/me"));
    }
}
