//! The page of notifications.

use askama::Template;
use chrono::{DateTime, Utc};

use super::store::Stored;
use crate::access::Actor;
use crate::db::ids::LetterId;
use crate::mail::Letter;
use crate::web::listing::{Params, Window};
use crate::web::time::When;

/// A notification, ready to show.
pub struct Row {
    pub id: LetterId,
    pub subject: String,
    pub text: String,
    pub is_new: bool,
    pub leads_on: bool,
    pub when: When,
}

impl Row {
    /// Makes one ready; a letter of a newer version of Portico has its subject only.
    pub fn new(stored: Stored, actor: &Actor, now: DateTime<Utc>) -> Row {
        let letter: Option<Letter> = serde_json::from_value(stored.letter).ok();
        Row {
            id: stored.id,
            subject: stored.subject,
            text: letter.as_ref().map(Letter::gist).unwrap_or_default(),
            is_new: stored.read_at.is_none(),
            leads_on: letter.as_ref().is_some_and(|letter| letter.page().is_some()),
            when: When::new(stored.created_at, now, actor.zone()),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "notices/index.html", blocks = ["notices"])]
pub struct IndexPage {
    pub page: Window<Row>,
    pub params: Params,
    pub new: i64,
}
