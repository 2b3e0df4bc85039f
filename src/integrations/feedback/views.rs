//! The column of feedback beside a page: where a partner writes, and where a host reviews.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::model::{Message, Thread, Weight};
use super::store;
use crate::access::{Actor, CommentIntegration, ReviewIntegration, Scope};
use crate::db::ReadTx;
use crate::db::ids::{ThreadId, UserId};
use crate::integrations::content::{Content, PageName};
use crate::integrations::model::Integration;
use crate::integrations::store as integrations;
use crate::partners::views::may;
use crate::values::{Choice, choice};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{hue, initials};
use crate::web::time::When;

choice! {
    /// The page that an answer leads back to.
    Back {
        /// Where the partner writes.
        Edit = "edit" / "Edit",
        /// The review.
        Review = "review" / "Review",
    }
}

/// A message, ready to show.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct MessageView {
    pub author: String,
    pub initials: String,
    pub hue: u8,
    pub is_mine: bool,
    pub when: When,
    pub body: String,
}

impl MessageView {
    fn new(message: &Message, tx: &ReadTx<'_>) -> MessageView {
        MessageView {
            author: message.author_name.clone(),
            initials: initials(&message.author_name),
            hue: message.author_id.map_or(2, |id| hue(id.uuid())),
            is_mine: message.author_id.is_some() && message.author_id == tx.actor().user(),
            when: When::new(message.at, tx.now(), tx.actor().zone()),
            body: message.body.clone(),
        }
    }
}

/// An item, ready to show.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct ThreadView {
    pub id: ThreadId,
    pub address: String,
    pub label: String,
    /// The element that it is about, on the same page.
    pub anchor: Option<String>,
    pub weight: Weight,
    /// Colour of its edge.
    pub tone: &'static str,
    /// Tone, icon and words of how it stands.
    pub standing: Option<(&'static str, &'static str, String)>,
    pub round: i32,
    pub criterion: String,
    pub messages: Vec<MessageView>,
    pub is_resolved: bool,
    pub can_reply: bool,
    pub can_settle: bool,
}

impl ThreadView {
    /// Whether only hosts see it.
    pub fn is_note(&self) -> bool {
        self.weight == Weight::Internal
    }

    /// Whether it keeps the integration from being published.
    pub fn is_blocking(&self) -> bool {
        self.weight == Weight::Blocking
    }
}

/// The items on one page of an integration.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Column {
    /// The integration's address.
    pub address: String,
    pub page: PageName,
    pub back: Back,
    /// Those that are shown: the open ones or the resolved ones.
    pub threads: Vec<ThreadView>,
    pub shows_resolved: bool,
    pub open: usize,
    pub resolved: usize,
    /// Where the other half is.
    pub open_address: String,
    pub resolved_address: String,
    /// Which item the refused answer was for, with what was typed.
    pub refused: Option<(ThreadId, Form)>,
    pub speaks_for_partner: bool,
}

/// Everything about feedback on one integration, loaded once for all of its pages.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// What the person may see, in order.
    pub threads: Vec<Thread>,
    said: HashMap<ThreadId, Vec<Message>>,
    changed: HashMap<ThreadId, bool>,
}

impl Board {
    /// Loads it; `now` is the content that older ones are compared with.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(tx: &mut ReadTx<'_>, of: &Integration, now: &Content) -> Result<Board, AppError> {
        let threads = store::threads(tx, of)?;
        let ids: Vec<ThreadId> = threads.iter().map(|thread| thread.id).collect();
        let said = store::messages(tx, &ids)?;
        let mut then: HashMap<i32, Option<Content>> = HashMap::new();
        let mut changed = HashMap::new();
        for thread in &threads {
            let content = match then.entry(thread.submission) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(submitted(tx, of, thread.submission)?),
            };
            if let Some(content) = content {
                changed.insert(thread.id, thread.is_changed(content, now));
            }
        }
        Ok(Board { threads, said, changed })
    }

    /// Open items of a page; internal notes too, for who sees them.
    pub fn open_on(&self, page: PageName) -> usize {
        self.threads.iter().filter(|thread| thread.page == page && !thread.is_resolved()).count()
    }

    /// Open items of a page that both sides see.
    pub fn open_for_both_on(&self, page: PageName) -> usize {
        let counts =
            |thread: &&Thread| thread.page == page && !thread.is_resolved() && thread.weight != Weight::Internal;
        self.threads.iter().filter(counts).count()
    }

    /// Open blocking items.
    pub fn blocking(&self) -> usize {
        self.threads.iter().filter(|thread| !thread.is_resolved() && thread.weight == Weight::Blocking).count()
    }

    /// Whether what an item is about was changed since it was written.
    pub fn is_changed(&self, thread: &Thread) -> bool {
        self.changed.get(&thread.id).copied().unwrap_or_default()
    }

    fn standing(&self, thread: &Thread, actor: &Actor) -> Option<(&'static str, &'static str, String)> {
        if thread.is_resolved() {
            return Some(("good", "check", format!("Resolved by {}", thread.resolved_by_name)));
        }
        if thread.weight == Weight::Internal {
            return None;
        }
        let is_partner = matches!(actor.scope(), Scope::Partner { .. });
        let words = |tone, icon, text: &str| Some((tone, icon, text.to_owned()));
        match (thread.answered_at.is_some(), self.is_changed(thread), is_partner) {
            (true, true, _) => words("good", "check", "Answered and changed"),
            (false, true, true) => words("info", "pencil", "Changed, no answer yet"),
            (false, true, false) => words("info", "refresh", "Field changed since"),
            (true, false, _) => words("info", "message", "Answered"),
            (false, false, _) => None,
        }
    }

    fn view(&self, tx: &ReadTx<'_>, of: &Integration, content: &Content, back: Back, thread: &Thread) -> ThreadView {
        let actor = tx.actor();
        let standing = self.standing(thread, actor);
        let anchor = thread.spot().map(|spot| match back {
            Back::Review => format!("#f-{spot}"),
            Back::Edit => format!("#{spot}"),
        });
        let reviews = may::<ReviewIntegration>(actor);
        ThreadView {
            id: thread.id,
            address: format!("{}/threads/{}", crate::integrations::address(of.id), thread.id),
            label: thread.label(content),
            anchor,
            weight: thread.weight,
            tone: match (&standing, thread.weight) {
                (Some(("good", ..)), _) => "good",
                (_, Weight::Blocking) => "warn",
                _ => "",
            },
            standing,
            round: thread.round,
            criterion: thread.criterion.clone(),
            messages: self
                .said
                .get(&thread.id)
                .map(|all| all.iter().map(|message| MessageView::new(message, tx)).collect())
                .unwrap_or_default(),
            is_resolved: thread.is_resolved(),
            can_reply: !thread.is_resolved() && may::<CommentIntegration>(actor),
            can_settle: reviews,
        }
    }

    /// The column beside a page.
    pub fn column(
        &self,
        tx: &ReadTx<'_>,
        of: &Integration,
        content: &Content,
        page: PageName,
        back: Back,
        shows_resolved: bool,
    ) -> Column {
        let (resolved, open): (Vec<&Thread>, Vec<&Thread>) =
            self.threads.iter().filter(|thread| thread.page == page).partition(|thread| thread.is_resolved());
        let shown = if shows_resolved { &resolved } else { &open };
        let address = crate::integrations::address(of.id);
        let here = match back {
            Back::Edit => format!("{address}/pages/{}", page.key()),
            Back::Review => format!("{address}/review?page={}", page.key()),
        };
        Column {
            page,
            back,
            threads: shown.iter().map(|thread| self.view(tx, of, content, back, thread)).collect(),
            shows_resolved,
            open: open.len(),
            resolved: resolved.len(),
            open_address: here,
            resolved_address: format!("{address}/review?page={}&show=resolved", page.key()),
            refused: None,
            speaks_for_partner: matches!(tx.scope(), Scope::Partner { .. }),
            address,
        }
    }
}

/// The pages of a submission; none for what was written before any: there is nothing to compare with.
fn submitted(tx: &mut ReadTx<'_>, of: &Integration, number: i32) -> Result<Option<Content>, AppError> {
    match integrations::submission(tx, of, number) {
        Ok(content) => Ok(Some(content)),
        Err(AppError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

impl Column {
    /// The column beside a page that the partner writes: what is open there, compared with what is written now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(tx: &mut ReadTx<'_>, of: &Integration, page: PageName) -> Result<Column, AppError> {
        let now = integrations::content(tx, of)?;
        let board = Board::load(tx, of, &now)?;
        Ok(board.column(tx, of, &now, page, Back::Edit, false))
    }

    /// What was typed in a refused answer.
    pub fn typed(&self, thread: &ThreadView) -> &str {
        self.refusal(thread).map_or("", |form| form.value("body"))
    }

    /// What is wrong with it.
    pub fn error(&self, thread: &ThreadView) -> Option<&str> {
        self.refusal(thread).and_then(|form| form.error("body"))
    }

    fn refusal(&self, thread: &ThreadView) -> Option<&Form> {
        self.refused.as_ref().filter(|(id, _)| *id == thread.id).map(|(_, form)| form)
    }
}

/// Who somebody is to the reader: "You" or their name.
pub fn called(id: Option<UserId>, name: &str, actor: &Actor) -> String {
    if id.is_some() && id == actor.user() { "You".to_owned() } else { name.to_owned() }
}
