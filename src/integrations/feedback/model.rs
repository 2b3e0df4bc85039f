//! An item of feedback and what was written in it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::ids::{IntegrationId, MessageId, PartnerId, ThreadId, UserId};
use crate::db::schema::{feedback_messages, feedback_threads};
use crate::integrations::content::{Content, PageName, Spot};
use crate::values::choice;

choice! {
    /// What an item asks for.
    Weight {
        /// It has to be answered and settled.
        Blocking = "blocking" / "Blocking",
        /// It may be left.
        Advice = "advice" / "Advice",
        /// For hosts only.
        Internal = "internal" / "Internal note",
    }
}

impl Weight {
    /// What that means, for whoever chooses.
    pub fn about(self) -> &'static str {
        match self {
            Weight::Blocking => "Blocking: has to be answered and resolved before publishing",
            Weight::Advice => "Advice: the partner may leave it",
            Weight::Internal => "Internal note: never shown to the partner",
        }
    }
}

/// An item.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq)]
#[diesel(table_name = feedback_threads)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Thread {
    pub id: ThreadId,
    pub partner_id: PartnerId,
    pub integration_id: IntegrationId,
    pub page: PageName,
    pub field: Option<String>,
    pub criterion: String,
    pub weight: Weight,
    pub cycle: i32,
    pub round: i32,
    pub submission: i32,
    pub opened_at: DateTime<Utc>,
    pub opened_by: Option<UserId>,
    pub opened_by_name: String,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_by_name: String,
    pub answered_at: Option<DateTime<Utc>>,
}

impl Thread {
    /// The field it is about; none for the whole page.
    pub fn spot(&self) -> Option<Spot> {
        self.field.as_ref().and_then(|field| field.parse().ok())
    }

    /// What it is about, in words.
    pub fn label(&self, content: &Content) -> String {
        self.spot().map_or_else(|| "Whole page".to_owned(), |spot| content.label(spot))
    }

    /// Whether it is settled.
    pub fn is_resolved(&self) -> bool {
        self.resolved_at.is_some()
    }

    /// Whether what it is about differs between the submission it was written about and another content.
    pub fn is_changed(&self, then: &Content, now: &Content) -> bool {
        let changed = now.changed_from(then);
        match self.spot() {
            Some(spot) => changed.contains(&spot),
            None => changed.iter().any(|spot| spot.page() == self.page),
        }
    }
}

/// What somebody wrote in one.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq)]
#[diesel(table_name = feedback_messages)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Message {
    pub id: MessageId,
    pub thread_id: ThreadId,
    pub is_host: bool,
    pub body: String,
    pub at: DateTime<Utc>,
    pub author_id: Option<UserId>,
    pub author_name: String,
}

/// An item to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// Where.
    pub page: PageName,
    /// On which field; none for the whole page.
    pub spot: Option<Spot>,
    /// What it asks for.
    pub weight: Weight,
    /// The check it follows from, in its words; empty when none.
    pub criterion: String,
    /// Markdown, 1 to 5,000 characters.
    pub body: String,
}

/// An open item that both sides see, for letters and summaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its key.
    pub id: ThreadId,
    /// Where.
    pub page: PageName,
    /// What it is about: a field's label, or "Whole page".
    pub label: String,
    /// Blocking or advice.
    pub weight: Weight,
    /// How it begins.
    pub words: String,
    /// Whether the partner has answered it.
    pub is_answered: bool,
    /// The path of the partner's page with the item.
    pub page_link: String,
    /// The path of the review page with the item.
    pub review_link: String,
}

/// The beginning of a text, cut between words, on one line.
pub fn first_words(text: &str, most: usize) -> String {
    let mut cut = String::new();
    for word in text.split_whitespace() {
        if cut.chars().count() + word.chars().count() >= most {
            if cut.is_empty() {
                cut = word.chars().take(most).collect();
            }
            cut.push('…');
            return cut;
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut.push_str(word);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_between_words() {
        assert_eq!(first_words("Say\n it  in both.", 40), "Say it in both.");
        assert_eq!(first_words("Say it in both languages", 12), "Say it in…");
        assert_eq!(first_words(&"x".repeat(30), 10), format!("{}…", "x".repeat(10)));
    }
}
