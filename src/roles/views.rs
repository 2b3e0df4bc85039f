//! Pages of roles.

use askama::Template;

use super::grid::{self, Line};
use super::store::Holder;
use crate::web::form::Form;

/// All roles of a program.
#[derive(Template)]
#[template(path = "roles/index.html")]
pub struct IndexPage {
    pub own: Vec<Row>,
    pub built_in: Vec<Row>,
    pub can_create: bool,
    pub sees_people: bool,
}

/// One role in the list.
pub struct Row {
    pub key: String,
    pub name: String,
    pub address: Option<String>,
    pub people: String,
    pub sees: &'static str,
    pub words: Vec<String>,
    pub second_factor: bool,
    pub note: String,
}

/// One role: to look at, to make, or to change.
#[derive(Template)]
#[template(path = "roles/form.html")]
pub struct RolePage {
    pub title: String,
    pub lead: String,
    pub action: String,
    /// The role's own address; empty for a new one.
    pub address: String,
    /// Why it cannot be changed, when it cannot.
    pub locked: Option<String>,
    pub can_remove: bool,
    /// Why it cannot be removed now, for who may.
    pub kept: String,
    pub notice: Option<String>,
    /// What whoever saves again agrees to.
    pub agreed: String,
    pub base: String,
    pub lines: Vec<Line>,
    pub does: Vec<String>,
    pub cannot: String,
    pub holders: Vec<HolderRow>,
    pub sees_people: bool,
    pub is_new: bool,
    pub form: Form,
}

/// Somebody who has it, and what an edit gives and takes.
pub struct HolderRow {
    pub who: Holder,
    pub change: String,
}

impl RolePage {
    fn columns(&self) -> [&'static str; 4] {
        grid::COLUMNS
    }

    fn sees(&self) -> [(&'static str, &'static str); 2] {
        [("all", "All partners"), ("own", "Own partner")]
    }

    fn is_own(&self) -> bool {
        self.form.is("sees", "own")
    }
}
