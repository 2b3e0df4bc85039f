//! Pages about letters.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use super::model::{Period, State};
use super::store::Line;
use crate::access::{Actor, ResendMail};
use crate::db::ids::PartnerId;
use crate::mail::Letter;
use crate::mail::letter::Topic;
use crate::partners::views::{Header, may};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{CAP, Params, Window, capped, counted};
use crate::web::time::When;

/// What is known of each kind of letter.
pub struct Kinds(Vec<Letter>);

impl Kinds {
    /// All that this version knows.
    pub fn new() -> Kinds {
        Kinds(Letter::samples(""))
    }

    fn find(&self, kind: &str) -> Option<&Letter> {
        self.0.iter().find(|letter| letter.kind() == kind)
    }

    /// The name on screens.
    pub fn label(&self, kind: &str) -> String {
        self.find(kind).map_or_else(|| kind.to_owned(), |letter| letter.label().to_owned())
    }

    /// For a choice in a form.
    pub fn options(&self) -> Vec<(&'static str, &'static str)> {
        self.0.iter().map(|letter| (letter.kind(), letter.label())).collect()
    }
}

/// A letter in a list.
pub struct Row {
    pub address: String,
    pub label: String,
    pub subject: String,
    pub name: String,
    pub email: String,
    /// Address and name.
    pub partner: Option<(String, String)>,
    pub state: State,
    pub answer: String,
    pub tries: i32,
    pub written: When,
    pub sent: Option<When>,
    pub can_resend: bool,
}

impl Row {
    /// Makes one ready; `names` are the codes and names of the partners that the person may see.
    pub fn new(
        line: Line,
        kinds: &Kinds,
        names: &HashMap<PartnerId, (String, String)>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Row {
        let brings_a_key = kinds.find(&line.kind).is_none_or(Letter::brings_a_key);
        let partner = line.partner_id.and_then(|id| names.get(&id));
        Row {
            address: format!("/system/mail/{}", line.id),
            label: kinds.label(&line.kind),
            partner: partner.map(|(code, name)| (crate::partners::address(code), name.clone())),
            written: When::new(line.created_at, now, actor.zone()),
            sent: line.sent_at.map(|at| When::new(at, now, actor.zone())),
            can_resend: !brings_a_key && !line.state.is_waiting() && may::<ResendMail>(actor),
            subject: line.subject,
            name: line.recipient_name,
            email: line.recipient,
            state: line.state,
            answer: line.last_error.unwrap_or_default(),
            tries: line.attempts,
        }
    }

    /// What the answer is called: a mail server's begins with its number.
    fn said_by(&self) -> &'static str {
        if self.answer.starts_with(|c: char| c.is_ascii_digit()) { "Server’s answer" } else { "Why" }
    }
}

/// A list of letters with its filters.
pub struct List {
    pub params: Params,
    pub page: Window<Row>,
    pub counts: Vec<(State, i64)>,
    pub kinds: Vec<(&'static str, &'static str)>,
    /// Whether it is about more than one partner.
    pub is_wide: bool,
    pub problem: Option<String>,
}

impl List {
    fn all(&self) -> String {
        capped(self.sum().min(CAP + 1))
    }

    fn tabs(&self) -> Vec<(State, String)> {
        self.counts.iter().map(|(state, count)| (*state, capped(*count))).collect()
    }

    fn sum(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    fn total(&self) -> String {
        let state = State::from_key(self.params.get("state"));
        let count = self.counts.iter().filter(|(one, _)| state.is_none_or(|state| state == *one)).map(|(_, n)| n).sum();
        counted(count, "letter", "letters")
    }

    fn is_state(&self, state: &State) -> bool {
        self.params.get("state") == state.key()
    }

    fn periods(&self) -> &'static [Period] {
        Period::ALL
    }

    fn is_period(&self, period: &Period) -> bool {
        Period::from_key(self.params.get("period")).unwrap_or(Period::Week) == *period
    }

    fn is_filtered(&self) -> bool {
        ["q", "kind", "partner", "period", "state"].iter().any(|name| !self.params.get(name).is_empty())
    }
}

/// Everything that was sent, and what became of it.
#[derive(Template)]
#[template(path = "letters/index.html", blocks = ["letters"])]
pub struct IndexPage {
    pub list: List,
    pub health: String,
    pub is_stuck: bool,
    /// Whether letters are files that nobody gets.
    pub are_files: bool,
}

/// The same of one partner.
#[derive(Template)]
#[template(path = "letters/partner.html", blocks = ["letters"])]
pub struct PartnerPage {
    pub header: Header,
    pub list: List,
}

/// One letter.
#[derive(Template)]
#[template(path = "letters/show.html")]
pub struct ShowPage {
    pub crumbs: Vec<(String, String)>,
    pub row: Row,
    /// None for a letter of a newer version of Portico.
    pub text: Option<String>,
    pub brings_a_key: bool,
}

/// How every letter looks.
#[derive(Template)]
#[template(path = "letters/examples.html")]
pub struct ExamplesPage {
    pub examples: Vec<Example>,
    pub can_change: bool,
}

/// A letter with made-up facts.
pub struct Example {
    pub label: &'static str,
    pub subject: String,
    pub text: String,
    pub is_own: bool,
    pub can_be_muted: bool,
}

/// The words of the welcome letter.
#[derive(Template)]
#[template(path = "letters/words.html")]
pub struct WordsPage {
    pub form: Form,
    pub subject: String,
    pub text: String,
    pub is_own: bool,
    pub notice: Option<String>,
}

impl WordsPage {
    fn places(&self) -> &'static [(&'static str, &'static str)] {
        &crate::mail::words::PLACES
    }
}

/// Which letters a person wants.
#[derive(Template)]
#[template(path = "letters/choices.html")]
pub struct ChoicesPage {
    /// Each with whether it is wanted.
    pub topics: Vec<(Topic, bool)>,
    pub email: String,
}
