//! The first steps of a program, told from what is there; nobody ticks them off.

use super::store;
use crate::access::{Permission, Role, Scope, UpdateProgram};
use crate::db::ReadTx;
use crate::integrations::model::Settings;
use crate::programs::model::Program;
use crate::web::error::AppError;

/// Whether the person wants to see them in this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// They hid them.
    Yes,
    /// They did not.
    No,
}

/// The steps.
pub struct Setup {
    /// How many are done.
    pub done: usize,
    /// All of them: what to do, where, and whether it is done.
    pub steps: Vec<Step>,
}

/// One of them.
pub struct Step {
    pub words: &'static str,
    pub address: &'static str,
    pub is_done: bool,
}

impl Setup {
    /// What to do next; a list with nothing left to do is not shown.
    pub fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| !step.is_done)
    }
}

/// The steps, for who can take them, while one is left.
///
/// # Errors
/// When the database does not answer.
pub fn steps(
    tx: &mut ReadTx<'_>,
    program: &Program,
    settings: &Settings,
    has_mail_server: bool,
    hidden: Hidden,
) -> Result<Option<Setup>, AppError> {
    let Scope::Program(own) = tx.scope() else { return Ok(None) };
    if hidden == Hidden::Yes || !tx.actor().may(&UpdateProgram::RULE) {
        return Ok(None);
    }
    let facts = store::facts(tx, own)?;
    let is_safe = program.settings().second_factor.contains(&Role::HostingAdmin);
    let has_categories = settings.categories.as_array().is_some_and(|list| !list.is_empty());
    let step = |words, address, is_done| Step { words, address, is_done };
    let mut steps = vec![
        step("name the primary contact of your hosting partner", "/partners?hosting=yes", facts.has_contact),
        step("create a partner", "/partners/new", facts.has_partner),
        step("invite somebody of a partner", "/partners", facts.has_people),
        step("publish the questions that partners answer", "/forms", facts.has_form),
        step("choose the categories of listings", "/settings", has_categories),
        step("require a second factor of hosting admins", "/settings", is_safe),
        step("send letters through a mail server", "/system/mail", has_mail_server),
    ];
    if tx.actor().is_single() {
        steps.retain(|step| !matches!(step.address, "/partners" | "/partners/new"));
    }
    let setup = Setup { done: steps.iter().filter(|step| step.is_done).count(), steps };
    Ok(setup.next().is_some().then_some(setup))
}
