//! Everything that can happen to a campaign and its tier assignments.

use serde::{Deserialize, Serialize};

use super::event::{FieldChange, fields};

/// What happened to it; [`super::Event::Campaign`] says to which, and of an assignment or link whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what")]
#[expect(missing_docs, reason = "the sentences below say what each means")]
pub enum CampaignEvent {
    Created,
    Copied {
        from: String,
    },
    Updated {
        changes: Vec<FieldChange>,
    },
    /// `did` begins the sentence ("paused", "started").
    Moved {
        did: String,
        from: String,
        to: String,
        reason: String,
    },
    Approved,
    Linked {
        partner: String,
        hidden: bool,
    },
    Unlinked {
        partner: String,
        hidden: bool,
    },
    /// `whose` is the partner or its product, `tier` its name, `days` its first and last day. `hidden` keeps what is
    /// about a draft among the hosts.
    Assigned {
        whose: String,
        tier: String,
        days: String,
        hidden: bool,
    },
    AssignmentChanged {
        whose: String,
        tier: String,
        changes: Vec<FieldChange>,
        hidden: bool,
    },
    EndedEarly {
        whose: String,
        tier: String,
        at: String,
    },
    AssignmentRemoved {
        whose: String,
        tier: String,
        days: String,
        hidden: bool,
    },
    Undone {
        words: String,
        hidden: bool,
    },
}

impl CampaignEvent {
    /// One of each, with given texts.
    pub fn samples(text: &str) -> Vec<CampaignEvent> {
        let s = || text.to_owned();
        let changes = || vec![FieldChange { field: s(), before: s(), after: s() }];
        vec![
            CampaignEvent::Created,
            CampaignEvent::Copied { from: s() },
            CampaignEvent::Updated { changes: changes() },
            CampaignEvent::Moved { did: "paused".into(), from: s(), to: s(), reason: s() },
            CampaignEvent::Approved,
            CampaignEvent::Linked { partner: s(), hidden: false },
            CampaignEvent::Unlinked { partner: s(), hidden: true },
            CampaignEvent::Assigned { whose: s(), tier: s(), days: s(), hidden: false },
            CampaignEvent::AssignmentChanged { whose: s(), tier: s(), changes: changes(), hidden: false },
            CampaignEvent::EndedEarly { whose: s(), tier: s(), at: s() },
            CampaignEvent::AssignmentRemoved { whose: s(), tier: s(), days: s(), hidden: true },
            CampaignEvent::Undone { words: s(), hidden: true },
        ]
    }

    /// What happened, as the rest of a sentence that begins with who did it.
    pub fn sentence(&self, name: &str) -> String {
        match self {
            CampaignEvent::Created => format!("created the campaign {name}"),
            CampaignEvent::Copied { from } => format!("created the campaign {name} as a copy of {from}"),
            CampaignEvent::Updated { changes } => format!("changed {} of the campaign {name}", fields(changes)),
            CampaignEvent::Moved { did, reason, .. } if reason.is_empty() => format!("{did} the campaign {name}"),
            CampaignEvent::Moved { did, reason, .. } => format!("{did} the campaign {name}: “{reason}”"),
            CampaignEvent::Approved => format!("approved the campaign {name}"),
            CampaignEvent::Linked { partner, .. } => format!("linked {partner} to the campaign {name}"),
            CampaignEvent::Unlinked { partner, .. } => format!("unlinked {partner} from the campaign {name}"),
            CampaignEvent::Assigned { whose, tier, days, .. } => {
                format!("assigned {tier} to {whose} in {name}, {days}")
            }
            CampaignEvent::AssignmentChanged { whose, tier, changes, .. } => {
                format!("changed {} of {tier} for {whose} in {name}", fields(changes))
            }
            CampaignEvent::EndedEarly { whose, tier, at } => format!("ended {tier} for {whose} in {name} early, {at}"),
            CampaignEvent::AssignmentRemoved { whose, tier, days, .. } => {
                format!("removed {tier} for {whose} in {name}, {days}")
            }
            CampaignEvent::Undone { words, .. } => format!("took back a change in {name}: {words}"),
        }
    }

    /// Fields before and after.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self {
            CampaignEvent::Updated { changes } | CampaignEvent::AssignmentChanged { changes, .. } => changes.clone(),
            CampaignEvent::Moved { from, to, .. } => FieldChange::of("State", from, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the partner's own people must not read it.
    pub fn is_for_hosts_only(&self) -> bool {
        match self {
            CampaignEvent::Linked { hidden, .. }
            | CampaignEvent::Undone { hidden, .. }
            | CampaignEvent::Unlinked { hidden, .. }
            | CampaignEvent::Assigned { hidden, .. }
            | CampaignEvent::AssignmentChanged { hidden, .. }
            | CampaignEvent::AssignmentRemoved { hidden, .. } => *hidden,
            _ => false,
        }
    }

    /// The sprite's icon.
    pub fn icon(&self) -> &'static str {
        match self {
            CampaignEvent::Created | CampaignEvent::Assigned { .. } => "plus",
            CampaignEvent::Copied { .. } => "copy",
            CampaignEvent::Updated { .. } | CampaignEvent::AssignmentChanged { .. } => "pencil",
            CampaignEvent::Moved { .. } => "arrow-right",
            CampaignEvent::Approved => "circle-check",
            CampaignEvent::Linked { .. } => "building-community",
            CampaignEvent::Unlinked { .. } | CampaignEvent::AssignmentRemoved { .. } => "circle-x",
            CampaignEvent::EndedEarly { .. } => "hourglass",
            CampaignEvent::Undone { .. } => "arrow-back-up",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_sentence_and_survives_the_table() {
        for event in CampaignEvent::samples("Über & Co") {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(serde_json::from_value::<CampaignEvent>(stored).unwrap(), event);
            let sentence = event.sentence("Winter miles");
            assert!(sentence.contains("Winter miles") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
