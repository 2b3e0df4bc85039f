//! Pages about people.

use askama::Template;
use chrono::{DateTime, Utc};

use super::model;
use crate::access::Actor;
use crate::access::session::{MembershipChoice, SessionLine};
use crate::db::ids::SessionId;
use crate::web::form::Form;
use crate::web::time::When;

/// The sign-in page.
#[derive(Template)]
#[template(path = "people/sign_in.html")]
pub struct SignInPage<'a> {
    pub email: &'a str,
    pub next: &'a str,
    pub notice: Option<&'static str>,
    pub problem: Option<&'static str>,
}

/// The page for the very first person.
#[derive(Template)]
#[template(path = "people/set_up.html")]
pub struct SetUpPage {
    pub form: Form,
}

/// One's own account.
#[derive(Template)]
#[template(path = "people/account.html")]
pub struct AccountPage {
    pub profile: Form,
    pub password: Form,
    pub stale: Option<&'static str>,
    pub email: String,
    pub memberships: Option<Vec<MembershipChoice>>,
    pub sessions: Vec<SessionRow>,
    pub actor: Actor,
}

impl AccountPage {
    fn memberships(&self) -> &[MembershipChoice] {
        self.memberships.as_deref().unwrap_or_default()
    }
}

/// A session, ready to show.
pub struct SessionRow {
    pub id: SessionId,
    pub browser: String,
    pub address: String,
    pub since: When,
    pub seen: When,
    pub is_this: bool,
}

impl SessionRow {
    /// Makes one ready for its owner.
    pub fn new(line: SessionLine, actor: &Actor, now: DateTime<Utc>) -> SessionRow {
        SessionRow {
            id: line.id,
            browser: model::browser(&line.agent),
            address: line.address,
            since: When::new(line.created_at, now, actor.zone()),
            seen: When::new(line.last_seen_at, now, actor.zone()),
            is_this: actor.session() == Some(line.id),
        }
    }
}
