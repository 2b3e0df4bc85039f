//! Letters about integrations (E1 to E10): one for each thing that happens to one, in a file of its own.

use serde::{Deserialize, Serialize};

use super::letter::Topic;
use crate::activity::FieldChange;

/// What every letter about an integration says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// To whom it goes.
    pub name: String,
    /// The integration.
    pub integration: String,
    /// Whose it is.
    pub partner: String,
    /// The program.
    pub program: String,
    /// Who did it.
    pub by: String,
    /// Its page.
    pub page: String,
    /// Whom to ask at the program.
    pub contact: String,
    /// Whether it is about changes of a published one.
    pub is_revision: bool,
    /// Whether it goes to somebody of the program.
    pub is_host: bool,
    /// Whether it goes to who did it.
    pub is_receipt: bool,
    /// Whether it goes out whatever the person chose.
    pub must: bool,
}

/// An item of feedback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// "Listing, Short summary".
    pub place: String,
    /// What was written.
    pub words: String,
    /// Whether it keeps the integration from being published.
    pub is_blocking: bool,
    /// Where to answer it.
    pub page: String,
}

/// Something happened to an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter")]
#[expect(missing_docs, reason = "the words below say what each means")]
pub enum IntegrationLetter {
    /// E1. `changed`: the fields that differ from what was seen last; none for the first time.
    IntegrationSubmitted { about: About, round: i32, note: String, changed: Option<Vec<String>>, expected: String },
    /// E2
    IntegrationWithdrawn { about: About, reason: String },
    /// E3
    ChangesRequested { about: About, round: i32, summary: String, items: Vec<Item> },
    /// E4. `again` says how, unless by a review.
    IntegrationPublished { about: About, number: i32, again: String, summary: String },
    /// E5
    IntegrationScheduled { about: About, date: String, summary: String },
    /// E6
    IntegrationRejected { about: About, reason: String, words: String },
    /// E7
    IntegrationReopened { about: About, is_restored: bool, words: String },
    /// E8
    IntegrationEdited { about: About, number: i32, changes: Vec<FieldChange> },
    /// E9. `did`: unpublished or taken down.
    IntegrationUnpublished { about: About, did: String, reason: String, tenants: i64 },
    /// E10
    IntegrationSuspended { about: About, reason: String },
    /// To the hosts: its date came, and its partner's status keeps it back.
    IntegrationHeldBack { about: About, status: String, date: String },
}

/// The longest part of a text that a letter repeats.
const LONGEST: usize = 600;

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// A paragraph that somebody wrote, if they wrote one.
fn quoted(lead: &str, words: &str) -> Option<String> {
    (!words.is_empty()).then(|| format!("{lead}: “{}”", shortened(words)))
}

impl IntegrationLetter {
    /// One of each, with given texts.
    pub fn samples(text: &str) -> Vec<IntegrationLetter> {
        let s = || text.to_owned();
        let about = || About {
            name: s(),
            integration: s(),
            partner: s(),
            program: s(),
            by: s(),
            page: "/integrations/d1000000-0000-7000-8000-000000000002".into(),
            contact: s(),
            is_revision: false,
            is_host: true,
            is_receipt: false,
            must: false,
        };
        let item = Item { place: s(), words: s(), is_blocking: true, page: about().page };
        let changes = vec![FieldChange { field: s(), before: String::new(), after: s() }];
        vec![
            IntegrationLetter::IntegrationSubmitted {
                about: about(),
                round: 2,
                note: s(),
                changed: Some(vec![s()]),
                expected: s(),
            },
            IntegrationLetter::IntegrationWithdrawn { about: about(), reason: s() },
            IntegrationLetter::ChangesRequested { about: about(), round: 1, summary: s(), items: vec![item] },
            IntegrationLetter::IntegrationPublished { about: about(), number: 2, again: String::new(), summary: s() },
            IntegrationLetter::IntegrationScheduled { about: about(), date: s(), summary: s() },
            IntegrationLetter::IntegrationRejected { about: about(), reason: s(), words: s() },
            IntegrationLetter::IntegrationReopened { about: about(), is_restored: false, words: s() },
            IntegrationLetter::IntegrationEdited { about: about(), number: 3, changes },
            IntegrationLetter::IntegrationUnpublished { about: about(), did: s(), reason: s(), tenants: 2 },
            IntegrationLetter::IntegrationSuspended { about: about(), reason: s() },
            IntegrationLetter::IntegrationHeldBack { about: about(), status: s(), date: s() },
        ]
    }

    /// The same with another head: for the page of examples.
    pub fn with(mut self, change: impl FnOnce(&mut About)) -> IntegrationLetter {
        change(self.about_mut());
        self
    }

    fn about_mut(&mut self) -> &mut About {
        match self {
            IntegrationLetter::IntegrationSubmitted { about, .. }
            | IntegrationLetter::IntegrationWithdrawn { about, .. }
            | IntegrationLetter::ChangesRequested { about, .. }
            | IntegrationLetter::IntegrationPublished { about, .. }
            | IntegrationLetter::IntegrationScheduled { about, .. }
            | IntegrationLetter::IntegrationRejected { about, .. }
            | IntegrationLetter::IntegrationReopened { about, .. }
            | IntegrationLetter::IntegrationEdited { about, .. }
            | IntegrationLetter::IntegrationUnpublished { about, .. }
            | IntegrationLetter::IntegrationSuspended { about, .. }
            | IntegrationLetter::IntegrationHeldBack { about, .. } => about,
        }
    }

    fn about(&self) -> &About {
        match self {
            IntegrationLetter::IntegrationSubmitted { about, .. }
            | IntegrationLetter::IntegrationWithdrawn { about, .. }
            | IntegrationLetter::ChangesRequested { about, .. }
            | IntegrationLetter::IntegrationPublished { about, .. }
            | IntegrationLetter::IntegrationScheduled { about, .. }
            | IntegrationLetter::IntegrationRejected { about, .. }
            | IntegrationLetter::IntegrationReopened { about, .. }
            | IntegrationLetter::IntegrationEdited { about, .. }
            | IntegrationLetter::IntegrationUnpublished { about, .. }
            | IntegrationLetter::IntegrationSuspended { about, .. }
            | IntegrationLetter::IntegrationHeldBack { about, .. } => about,
        }
    }

    /// Its name, as stored in `outbox.kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            IntegrationLetter::IntegrationSubmitted { .. } => "IntegrationSubmitted",
            IntegrationLetter::IntegrationWithdrawn { .. } => "IntegrationWithdrawn",
            IntegrationLetter::ChangesRequested { .. } => "ChangesRequested",
            IntegrationLetter::IntegrationPublished { .. } => "IntegrationPublished",
            IntegrationLetter::IntegrationScheduled { .. } => "IntegrationScheduled",
            IntegrationLetter::IntegrationRejected { .. } => "IntegrationRejected",
            IntegrationLetter::IntegrationReopened { .. } => "IntegrationReopened",
            IntegrationLetter::IntegrationEdited { .. } => "IntegrationEdited",
            IntegrationLetter::IntegrationUnpublished { .. } => "IntegrationUnpublished",
            IntegrationLetter::IntegrationSuspended { .. } => "IntegrationSuspended",
            IntegrationLetter::IntegrationHeldBack { .. } => "IntegrationHeldBack",
        }
    }

    /// The name on screens.
    pub fn label(&self) -> &'static str {
        match self {
            IntegrationLetter::IntegrationSubmitted { .. } => "Integration submitted",
            IntegrationLetter::IntegrationWithdrawn { .. } => "Submission withdrawn",
            IntegrationLetter::ChangesRequested { .. } => "Changes requested",
            IntegrationLetter::IntegrationPublished { .. } => "Integration published",
            IntegrationLetter::IntegrationScheduled { .. } => "Integration approved for a date",
            IntegrationLetter::IntegrationRejected { .. } => "Integration rejected",
            IntegrationLetter::IntegrationReopened { .. } => "Integration reopened",
            IntegrationLetter::IntegrationEdited { .. } => "Integration edited by the host",
            IntegrationLetter::IntegrationUnpublished { .. } => "Integration unpublished",
            IntegrationLetter::IntegrationSuspended { .. } => "Integration suspended",
            IntegrationLetter::IntegrationHeldBack { .. } => "Publication held back",
        }
    }

    /// What it is about, where the person may do without it: a primary contact is always told.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            _ if self.about().must => None,
            IntegrationLetter::IntegrationSubmitted { about, .. } if !about.is_host => Some(Topic::Integrations),
            IntegrationLetter::IntegrationSubmitted { .. } | IntegrationLetter::IntegrationWithdrawn { .. } => {
                Some(Topic::Submissions)
            }
            IntegrationLetter::IntegrationPublished { .. } | IntegrationLetter::IntegrationScheduled { .. } => {
                Some(Topic::Integrations)
            }
            _ => None,
        }
    }

    /// The integration's page, which the letter leads to.
    pub fn page(&self) -> &str {
        &self.about().page
    }

    /// What the link says, and the path.
    pub(super) fn link(&self) -> (&'static str, String) {
        let about = self.about();
        let words = match self {
            IntegrationLetter::IntegrationSubmitted { .. } if about.is_host && !about.is_receipt => {
                return ("Review it", format!("{}/review", about.page));
            }
            IntegrationLetter::ChangesRequested { .. } => "See the feedback and answer",
            IntegrationLetter::IntegrationEdited { .. } => {
                return ("See the versions", format!("{}/history", about.page));
            }
            IntegrationLetter::IntegrationReopened { .. } => "Go on with it",
            _ => "See the integration",
        };
        (words, about.page.clone())
    }

    /// Items with links of their own: words and path.
    pub(super) fn items(&self) -> Vec<(String, String)> {
        let IntegrationLetter::ChangesRequested { items, .. } = self else { return Vec::new() };
        let one = |item: &Item| {
            let weight = if item.is_blocking { "blocking" } else { "advice" };
            (format!("{} ({weight}): {}", item.place, shortened(&item.words)), item.page.clone())
        };
        items.iter().map(one).collect()
    }

    /// Subject, name, and the paragraphs before and after the link.
    pub(super) fn said(&self) -> (String, String, Vec<String>, Vec<String>) {
        let about = self.about();
        let (it, by, partner) = (&about.integration, &about.by, &about.partner);
        let update = if about.is_revision { "an update of " } else { "" };
        let mut after: Vec<String> = Vec::new();
        let (subject, mut before) = match self {
            IntegrationLetter::IntegrationSubmitted { .. } => return self.submitted(),
            IntegrationLetter::IntegrationWithdrawn { reason, .. } => (
                format!("{it} of {partner} is withdrawn from review"),
                vec![
                    Some(format!(
                        "{by} took {update}{it} of {partner} back from review. There is nothing left to look at for now."
                    )),
                    quoted("They wrote", reason),
                ],
            ),
            IntegrationLetter::ChangesRequested { round, summary, items, .. } => {
                let count = match items.len() {
                    1 => "One item of feedback is open.".to_owned(),
                    some => format!("{some} items of feedback are open."),
                };
                after.push(
                    "Change the pages, answer the items, and submit again. You can do so as often as needed.".into(),
                );
                (
                    format!("{it}: changes are requested"),
                    vec![
                        Some(format!("{by} looked at {update}{it} (round {round}) and asks for changes. {count}")),
                        quoted("The summary", summary),
                    ],
                )
            }
            IntegrationLetter::IntegrationPublished { number, again, summary, .. } => {
                let how = if again.is_empty() { String::new() } else { format!(" {again}") };
                let was = if *number > 0 {
                    format!("version {number} of {it} of {partner} is live{how}")
                } else {
                    it.clone()
                };
                (
                    format!("{it} is published"),
                    vec![Some(format!("{}. It was published by {by}.", capital(&was))), quoted("They wrote", summary)],
                )
            }
            IntegrationLetter::IntegrationScheduled { date, summary, .. } => {
                after.push("Until then it can be called off, and nothing changes for members.".into());
                (
                    format!("{it} is approved and will be published on a date"),
                    vec![
                        Some(format!("{by} approved {update}{it} of {partner}. It is published on {date}.")),
                        quoted("They wrote", summary),
                    ],
                )
            }
            IntegrationLetter::IntegrationRejected { reason, words, .. } => {
                after.push(format!(
                    "If you see it otherwise, write to {}: they can reopen it, and you can change and submit it again.",
                    about.contact
                ));
                (
                    format!("{it} is rejected"),
                    vec![
                        Some(format!("{by} rejected {it}. The reason: {}.", reason.to_lowercase())),
                        quoted("They wrote", words),
                    ],
                )
            }
            IntegrationLetter::IntegrationReopened { is_restored, words, .. } => {
                let how = if *is_restored { "restored from the archive" } else { "reopened" };
                after.push(
                    "It is a draft again: look through its pages, change what is needed, and submit it for review."
                        .into(),
                );
                (
                    format!("{it} is {how}"),
                    vec![
                        Some(format!("{by} {how} {it} of {partner}.").replace("restored from the archive", "restored")),
                        quoted("They wrote", words),
                    ],
                )
            }
            IntegrationLetter::IntegrationEdited { number, changes, .. } => {
                let change = |one: &FieldChange| {
                    let before = if one.before.is_empty() {
                        "empty".to_owned()
                    } else {
                        format!("“{}”", shortened(&one.before))
                    };
                    let now = if one.after.is_empty() {
                        "empty".to_owned()
                    } else {
                        format!("“{}”", shortened(&one.after))
                    };
                    format!("{}: was {before}, is {now}.", one.field)
                };
                after.extend(changes.iter().map(change));
                (
                    format!("{it} was edited by the host"),
                    vec![Some(format!(
                        "{by} changed the published {it} of {partner} directly. Version {number} is live now. What changed is listed below."
                    ))],
                )
            }
            IntegrationLetter::IntegrationUnpublished { did, reason, tenants, .. } => {
                let touched = match tenants {
                    0 => "No tenant used it.".to_owned(),
                    1 => "One tenant used it.".to_owned(),
                    some => format!("{some} tenants used it."),
                };
                (
                    format!("{it} is {did}"),
                    vec![
                        Some(format!("{it} of {partner} was {did} by {by}. Members no longer see it. {touched}")),
                        quoted("The reason they gave", reason),
                    ],
                )
            }
            IntegrationLetter::IntegrationSuspended { reason, .. } => {
                after.push(format!("Only the host can end this. If you have questions, ask {}.", about.contact));
                (
                    format!("{it} is suspended"),
                    vec![
                        Some(format!("{by} stopped {it} of {partner}. Members no longer see it.")),
                        quoted("The reason they gave", reason),
                    ],
                )
            }
            IntegrationLetter::IntegrationHeldBack { status, date, .. } => {
                after.push("It is published as soon as the partner is active again, unless somebody calls off the date before.".into());
                (
                    format!("{it} was not published on its date"),
                    vec![Some(format!(
                        "{}{it} of {partner} was to be published on {date}. The partner is {status}, so nothing was published.",
                        capital(update)
                    ))],
                )
            }
        };
        (subject, about.name.clone(), before.drain(..).flatten().collect(), after)
    }

    fn submitted(&self) -> (String, String, Vec<String>, Vec<String>) {
        let IntegrationLetter::IntegrationSubmitted { about, round, note, changed, expected } = self else {
            return (String::new(), String::new(), Vec::new(), Vec::new());
        };
        let (it, by, partner) = (&about.integration, &about.by, &about.partner);
        let update = if about.is_revision { "an update of " } else { "" };
        let (subject, first) = match (about.is_receipt, round) {
            (true, _) => {
                (format!("You submitted {it}"), format!("You submitted {update}{it} for review (round {round})."))
            }
            (false, 1) => (
                format!("{it} of {partner} is submitted for review"),
                format!("{by} submitted {update}{it} of {partner} for review (round 1)."),
            ),
            (false, _) => (
                format!("{it} of {partner} is submitted again"),
                format!("{by} submitted {update}{it} of {partner} for review again (round {round})."),
            ),
        };
        let changes = match changed {
            None => "It is the first submission.".to_owned(),
            Some(none) if none.is_empty() => "No field is different from before.".to_owned(),
            Some(some) => format!("What changed: {}.", some.join(", ")),
        };
        let mut before = vec![first, changes];
        before.extend(quoted(if about.is_receipt { "Your note to the reviewer" } else { "Their note" }, note));
        before.push(format!("An answer is expected by {expected}."));
        let after = if about.is_receipt {
            vec!["While it is in review its pages cannot be edited. You can withdraw it at any time.".to_owned()]
        } else {
            Vec::new()
        };
        (subject, about.name.clone(), before, after)
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
