//! Everything that can happen to a tenant.

use serde::{Deserialize, Serialize};

use super::event::{FieldChange, fields};

/// What happened to it; [`super::Event::Tenant`] says to which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what")]
#[expect(missing_docs, reason = "the sentences below say what each means")]
pub enum TenantEvent {
    Created { integration: String },
    Updated { changes: Vec<FieldChange> },
    Moved { from: String, to: String, reason: String },
    RunBegan { run: String },
    RunTold { run: String },
    RunEnded { run: String, outcome: String, message: String },
}

impl TenantEvent {
    /// One of each, with given texts.
    pub fn samples(text: &str) -> Vec<TenantEvent> {
        let s = || text.to_owned();
        vec![
            TenantEvent::Created { integration: s() },
            TenantEvent::Updated { changes: vec![FieldChange { field: s(), before: s(), after: s() }] },
            TenantEvent::Moved { from: s(), to: s(), reason: s() },
            TenantEvent::RunBegan { run: s() },
            TenantEvent::RunTold { run: s() },
            TenantEvent::RunEnded { run: s(), outcome: s(), message: s() },
        ]
    }

    /// What happened, as the rest of a sentence that begins with who did it.
    pub fn sentence(&self, name: &str) -> String {
        match self {
            TenantEvent::Created { integration } => format!("recorded the tenant {name} of {integration}"),
            TenantEvent::Updated { changes } => format!("changed the {} of the tenant {name}", fields(changes)),
            TenantEvent::Moved { to, reason, .. } if reason.is_empty() => {
                format!("moved the tenant {name} to {}", to.to_lowercase())
            }
            TenantEvent::Moved { to, reason, .. } => {
                format!("moved the tenant {name} to {}: {reason}", to.to_lowercase())
            }
            TenantEvent::RunBegan { run } => format!("began the run {run} of the tenant {name}"),
            TenantEvent::RunTold { run } => format!("told more of the run {run} of the tenant {name}"),
            TenantEvent::RunEnded { run, outcome, message } if message.is_empty() => {
                format!("reported the run {run} of the tenant {name}: {outcome}")
            }
            TenantEvent::RunEnded { run, outcome, message } => {
                format!("reported the run {run} of the tenant {name}: {outcome}, “{message}”")
            }
        }
    }

    /// Fields before and after.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self {
            TenantEvent::Updated { changes } => changes.clone(),
            TenantEvent::Moved { from, to, .. } => FieldChange::of("State", from, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The sprite's icon.
    pub fn icon(&self) -> &'static str {
        match self {
            TenantEvent::Created { .. } => "plus",
            TenantEvent::Updated { .. } => "pencil",
            TenantEvent::Moved { .. } => "arrow-right",
            TenantEvent::RunBegan { .. } | TenantEvent::RunTold { .. } | TenantEvent::RunEnded { .. } => "refresh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_sentence_and_survives_the_table() {
        for event in TenantEvent::samples("Über & Co") {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(serde_json::from_value::<TenantEvent>(stored).unwrap(), event);
            let sentence = event.sentence("Inn at the Lake");
            assert!(sentence.contains("Inn at the Lake") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
