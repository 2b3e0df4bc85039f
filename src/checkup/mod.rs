//! Whether everything is as it should be: `portico check`. Each part looks and changes nothing, and says what to do where
//! something is not.
//!
//! The rule this module keeps: what is looked at costs little, so that a monitor may ask each minute. Only the invariants
//! read tables through.

mod around;
mod inside;
mod invariants;
mod store;

use serde::Serialize;

pub use around::{clock, configuration, files, mail};
pub use inside::{audit, database, jobs, secrets};
pub use invariants::invariants;

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should look.
    Warn,
    /// It does not work, or not safely.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How well it is.
    pub level: Level,
    /// How it is.
    pub says: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(what: &'static str, says: impl Into<String>) -> Finding {
        Finding { what, level: Level::Ok, says: says.into(), todo: None }
    }

    /// Somebody should look.
    pub fn warn(what: &'static str, says: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding { what, level: Level::Warn, says: says.into(), todo: Some(todo.into()) }
    }

    /// It does not work, or not safely.
    pub fn fail(what: &'static str, says: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding { what, level: Level::Fail, says: says.into(), todo: Some(todo.into()) }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let word = match self.level {
            Level::Ok => "ok",
            Level::Warn => "WARN",
            Level::Fail => "FAIL",
        };
        let todo = self.todo.as_ref().map(|todo| format!(" → {todo}")).unwrap_or_default();
        format!("{}: {word}, {}{todo}", self.what, self.says)
    }
}

/// The findings that ask for something, or else that all is well.
fn or_ok(found: Vec<Finding>, what: &'static str, says: impl Into<String>) -> Vec<Finding> {
    if found.is_empty() { vec![Finding::ok(what, says)] } else { found }
}
