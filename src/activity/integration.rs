//! Everything that can happen to an integration.

use serde::{Deserialize, Serialize};

use super::event::{FieldChange, fields};

/// What happened to it; [`super::Event::Integration`] says to which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what")]
#[expect(missing_docs, reason = "the sentences below say what each means")]
pub enum IntegrationEvent {
    Created,
    PageSaved {
        page: String,
        changes: Vec<FieldChange>,
    },
    CredentialsStored,
    CredentialsRemoved,
    CredentialsOpened,
    /// `did` begins the sentence ("submitted", "unpublished"), `detail` ends it (" for review, round 2").
    Moved {
        did: String,
        detail: String,
        from: String,
        to: String,
        reason: String,
    },
    ApprovedFirst,
    Published {
        number: i32,
        detail: String,
    },
    EditedLive {
        number: i32,
        changes: Vec<FieldChange>,
    },
    /// `why` goes on after "the partner is".
    HeldBack {
        why: String,
    },
    Claimed,
    HandedOver {
        from: String,
        to: String,
    },
    FeedbackGiven {
        page: String,
        weight: String,
    },
    FeedbackAnswered {
        page: String,
    },
    FeedbackSettled {
        page: String,
    },
    FeedbackReopened {
        page: String,
    },
    NoteWritten {
        page: String,
    },
    NoteSettled {
        page: String,
    },
    NoteReopened {
        page: String,
    },
    Followed,
    Unfollowed,
    AnswersSaved,
    LookedAt {
        words: String,
        ticked: bool,
    },
}

impl IntegrationEvent {
    /// One of each, with given texts.
    pub fn samples(text: &str) -> Vec<IntegrationEvent> {
        let s = || text.to_owned();
        let changes = || vec![FieldChange { field: s(), before: s(), after: s() }];
        vec![
            IntegrationEvent::Created,
            IntegrationEvent::PageSaved { page: s(), changes: changes() },
            IntegrationEvent::CredentialsStored,
            IntegrationEvent::CredentialsRemoved,
            IntegrationEvent::CredentialsOpened,
            IntegrationEvent::Moved { did: "submitted".into(), detail: s(), from: s(), to: s(), reason: s() },
            IntegrationEvent::ApprovedFirst,
            IntegrationEvent::Published { number: 2, detail: s() },
            IntegrationEvent::EditedLive { number: 3, changes: changes() },
            IntegrationEvent::HeldBack { why: s() },
            IntegrationEvent::Claimed,
            IntegrationEvent::HandedOver { from: s(), to: s() },
            IntegrationEvent::FeedbackGiven { page: s(), weight: s() },
            IntegrationEvent::FeedbackAnswered { page: s() },
            IntegrationEvent::FeedbackSettled { page: s() },
            IntegrationEvent::FeedbackReopened { page: s() },
            IntegrationEvent::NoteWritten { page: s() },
            IntegrationEvent::NoteSettled { page: s() },
            IntegrationEvent::NoteReopened { page: s() },
            IntegrationEvent::Followed,
            IntegrationEvent::Unfollowed,
            IntegrationEvent::AnswersSaved,
            IntegrationEvent::LookedAt { words: s(), ticked: true },
        ]
    }

    /// What happened, as the rest of a sentence that begins with who did it.
    pub fn sentence(&self, name: &str) -> String {
        match self {
            IntegrationEvent::Created => format!("created the integration {name}"),
            IntegrationEvent::PageSaved { page, changes } if changes.is_empty() => {
                format!("saved the page {page} of {name}")
            }
            IntegrationEvent::PageSaved { page, changes } => {
                format!("changed {} on the page {page} of {name}", fields(changes))
            }
            IntegrationEvent::CredentialsStored => format!("put in test credentials for {name}"),
            IntegrationEvent::CredentialsRemoved => format!("removed the test credentials of {name}"),
            IntegrationEvent::CredentialsOpened => format!("looked at the test credentials of {name}"),
            IntegrationEvent::Moved { did, detail, reason, .. } if reason.is_empty() => format!("{did} {name}{detail}"),
            IntegrationEvent::Moved { did, detail, reason, .. } => format!("{did} {name}{detail}: “{reason}”"),
            IntegrationEvent::ApprovedFirst => format!("approved {name} as the first of two"),
            IntegrationEvent::Published { number, detail } => format!("published version {number} of {name}{detail}"),
            IntegrationEvent::EditedLive { number, changes } => {
                format!("changed {} of the published {name}, now version {number}", fields(changes))
            }
            IntegrationEvent::HeldBack { why } => {
                format!("did not publish {name} on its date, because the partner is {why}")
            }
            IntegrationEvent::Claimed => format!("took over the review of {name}"),
            IntegrationEvent::HandedOver { from, to } if from.is_empty() => {
                format!("gave the review of {name} to {to}")
            }
            IntegrationEvent::HandedOver { from, to } => format!("handed the review of {name} from {from} to {to}"),
            IntegrationEvent::FeedbackGiven { page, weight } => {
                format!("gave feedback ({weight}) on the page {page} of {name}")
            }
            IntegrationEvent::FeedbackAnswered { page } => format!("answered feedback on the page {page} of {name}"),
            IntegrationEvent::FeedbackSettled { page } => format!("settled feedback on the page {page} of {name}"),
            IntegrationEvent::FeedbackReopened { page } => {
                format!("opened feedback on the page {page} of {name} again")
            }
            IntegrationEvent::NoteWritten { page } => format!("wrote an internal note on the page {page} of {name}"),
            IntegrationEvent::NoteSettled { page } => format!("settled an internal note on the page {page} of {name}"),
            IntegrationEvent::NoteReopened { page } => {
                format!("opened an internal note on the page {page} of {name} again")
            }
            IntegrationEvent::Followed => format!("follows {name}"),
            IntegrationEvent::Unfollowed => format!("no longer follows {name}"),
            IntegrationEvent::AnswersSaved => format!("saved the answers to the integration form of {name}"),
            IntegrationEvent::LookedAt { words, ticked: true } => format!("ticked “{words}” in the review of {name}"),
            IntegrationEvent::LookedAt { words, ticked: false } => {
                format!("took back the tick at “{words}” in the review of {name}")
            }
        }
    }

    /// Fields before and after.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self {
            IntegrationEvent::PageSaved { changes, .. } | IntegrationEvent::EditedLive { changes, .. } => {
                changes.clone()
            }
            IntegrationEvent::Moved { from, to, .. } => FieldChange::of("State", from, to).into_iter().collect(),
            IntegrationEvent::HandedOver { from, to } => FieldChange::of("Reviewer", from, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it is something that the partner's own people could have done.
    pub fn is_done_for_the_partner(&self) -> bool {
        matches!(
            self,
            IntegrationEvent::Created
                | IntegrationEvent::PageSaved { .. }
                | IntegrationEvent::CredentialsStored
                | IntegrationEvent::CredentialsRemoved
                | IntegrationEvent::AnswersSaved
        )
    }

    /// Whether the partner's own people must not read it.
    pub fn is_for_hosts_only(&self) -> bool {
        matches!(
            self,
            IntegrationEvent::NoteWritten { .. }
                | IntegrationEvent::LookedAt { .. }
                | IntegrationEvent::NoteSettled { .. }
                | IntegrationEvent::NoteReopened { .. }
        )
    }

    /// The sprite's icon.
    pub fn icon(&self) -> &'static str {
        match self {
            IntegrationEvent::Created => "plus",
            IntegrationEvent::PageSaved { .. }
            | IntegrationEvent::EditedLive { .. }
            | IntegrationEvent::AnswersSaved => "pencil",
            IntegrationEvent::LookedAt { .. } => "check",
            IntegrationEvent::CredentialsStored
            | IntegrationEvent::CredentialsRemoved
            | IntegrationEvent::CredentialsOpened => "key",
            IntegrationEvent::Moved { .. } => "arrow-right",
            IntegrationEvent::HeldBack { .. } => "hourglass",
            IntegrationEvent::ApprovedFirst
            | IntegrationEvent::Published { .. }
            | IntegrationEvent::FeedbackSettled { .. } => "circle-check",
            IntegrationEvent::Claimed | IntegrationEvent::HandedOver { .. } => "user",
            IntegrationEvent::FeedbackGiven { .. }
            | IntegrationEvent::FeedbackAnswered { .. }
            | IntegrationEvent::FeedbackReopened { .. }
            | IntegrationEvent::NoteWritten { .. }
            | IntegrationEvent::NoteSettled { .. }
            | IntegrationEvent::NoteReopened { .. } => "message",
            IntegrationEvent::Followed | IntegrationEvent::Unfollowed => "bell",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_sentence_and_survives_the_table() {
        for event in IntegrationEvent::samples("Über & Co") {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(serde_json::from_value::<IntegrationEvent>(stored).unwrap(), event);
            let sentence = event.sentence("Stay Sync");
            assert!(sentence.contains("Stay Sync") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
