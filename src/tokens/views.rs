//! Pages of tokens.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::model::{self, Owner, Token, TokenScope, TokenState};
use crate::partners::views::Header;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::time::When;

/// A line of the list.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    pub hint: String,
    pub scopes: Vec<TokenScope>,
    pub state: TokenState,
    pub until: String,
    pub created: When,
    pub created_by: String,
    pub used: Option<When>,
    pub revoked: Option<(When, String)>,
}

impl Row {
    /// Makes a line ready; `list` is the address of the list.
    pub fn new(token: Token, list: &str, now: DateTime<Utc>, zone: Tz) -> Row {
        let when = |at| When::new(at, now, zone);
        Row {
            address: format!("{list}/{}/revocation", token.id),
            state: token.state(now),
            scopes: token.scopes(),
            until: model::until(token.expires_at),
            created: when(token.created_at),
            used: token.last_used_at.map(when),
            revoked: token.revoked_at.map(|at| (when(at), token.revoked_by_name.clone())),
            name: token.name.to_string(),
            hint: token.hint,
            created_by: token.created_by_name,
        }
    }
}

/// The tokens of a whole program.
#[derive(Template)]
#[template(path = "tokens/program.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ProgramPage {
    pub program_name: String,
    pub rows: Vec<Row>,
    pub can_create: bool,
    pub can_revoke: bool,
    pub new_address: String,
}

/// A partner's tokens.
#[derive(Template)]
#[template(path = "tokens/index.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub header: Header,
    pub rows: Vec<Row>,
    pub can_create: bool,
    pub can_revoke: bool,
    pub new_address: String,
    /// Why the partner can have no new one now.
    pub refusal: Option<String>,
}

/// Whose tokens a page is about, and where they are listed.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Place {
    pub owner: Owner,
    /// The partner's name, or the program's.
    pub name: String,
    /// The page above the list, and what it is called.
    pub above: (String, String),
    pub list: String,
}

/// The form of a new one.
#[derive(Template)]
#[template(path = "tokens/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub place: Place,
}

impl FormPage {
    fn scopes(&self) -> Vec<TokenScope> {
        self.place.owner.scopes().collect()
    }

    fn is_chosen(&self, scope: &TokenScope) -> bool {
        self.form.values("scope").contains(&scope.key())
    }

    fn is_program(&self) -> bool {
        self.place.owner.partner.is_none()
    }
}

/// A token just made: the only page that ever shows it.
#[derive(Template)]
#[template(path = "tokens/made.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct MadePage {
    pub place: Place,
    pub name: String,
    pub token: String,
    pub until: String,
    pub base: String,
    /// What there is to be tried with it.
    pub example: &'static str,
}
