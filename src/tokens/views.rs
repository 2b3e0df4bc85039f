//! Pages of tokens.

use askama::Template;

use super::model::{TokenScope, TokenState};
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

/// The form of a new one.
#[derive(Template)]
#[template(path = "tokens/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub partner_name: String,
    pub partner_address: String,
    pub address: String,
}

impl FormPage {
    fn scopes(&self) -> &'static [TokenScope] {
        TokenScope::ALL
    }

    fn is_chosen(&self, scope: &TokenScope) -> bool {
        self.form.values("scope").contains(&scope.key())
    }
}

/// A token just made: the only page that ever shows it.
#[derive(Template)]
#[template(path = "tokens/made.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct MadePage {
    pub partner_name: String,
    pub partner_address: String,
    pub address: String,
    pub name: String,
    pub token: String,
    pub until: String,
    pub base: String,
}
