//! Lists of people.

use askama::Template;
use chrono::{DateTime, Utc};

use super::address_of;
use crate::access::{
    Actor, ExplainAccess, Permission, ReadRoles, RemoveUser, ResetPassword, Role, UpdatePartnerContacts, UpdateUser,
    ViewAs,
};
use crate::activity::views::Entry;
use crate::invitations::model::{Listed, State, span};
use crate::partners::model::Partner;
use crate::partners::tab;
use crate::partners::views::{Header, may};
use crate::people::UserStatus;
use crate::values::Choice;
use crate::web::listing::{Params, Window, counted};
use crate::web::time::When;

/// What a list of people shows.
#[expect(missing_docs, reason = "shown as named")]
pub struct PeoplePage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: String,
    /// Keys and names.
    pub roles: Vec<(String, String)>,
    pub states: &'static [State],
    /// Whether it can be narrowed to partners.
    pub by_partner: bool,
}

impl PeoplePage {
    /// The list with its filters; counts are those of members and of open invitations.
    pub fn new(
        params: Params,
        page: Window<Row>,
        (members, open): (i64, i64),
        roles: Vec<(String, String)>,
        states: &'static [State],
    ) -> PeoplePage {
        let users = counted(members, "user", "users");
        let invitations = counted(open, "invitation open", "invitations open");
        let total = match (members, open) {
            (_, 0) => users,
            (0, _) => invitations,
            _ => format!("{users}, {invitations}"),
        };
        PeoplePage { params, page, total, roles, states, by_partner: false }
    }

    fn is_filtered(&self) -> bool {
        ["q", "role", "state", "partner"].iter().any(|name| !self.params.get(name).is_empty())
    }
}

/// The people of a partner.
#[derive(Template)]
#[template(path = "invitations/users.html", blocks = ["members"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct UsersPage {
    pub header: Header,
    pub people: PeoplePage,
    pub recent: Vec<Entry>,
    pub sees_activity: bool,
}

/// A tab of a program's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownTab {
    /// Its users.
    Users,
    /// Who is invited.
    Invitations,
}

/// The people of a program.
#[derive(Template)]
#[template(path = "invitations/program.html", blocks = ["members"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct ProgramPage {
    pub people: PeoplePage,
    pub shown: ShownTab,
    pub export: String,
    pub sees_roles: bool,
    pub sees_access: bool,
    pub place: String,
}

impl ProgramPage {
    /// The page of a tab.
    pub fn new(people: PeoplePage, shown: ShownTab, actor: &Actor) -> ProgramPage {
        ProgramPage {
            export: people.params.at("/users/export.csv"),
            people: PeoplePage { by_partner: true, ..people },
            shown,
            sees_roles: actor.may(&ReadRoles::RULE),
            sees_access: actor.may(&ExplainAccess::RULE),
            place: actor.program().map(|program| program.name.clone()).unwrap_or_default(),
        }
    }
}

/// What can be done with somebody of a partner's list.
#[expect(missing_docs, reason = "shown as named")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Menu {
    pub change: bool,
    pub contact: bool,
    pub suspend: bool,
    pub reactivate: bool,
    pub reset: bool,
    pub factor_off: bool,
    pub view: bool,
    pub explain: bool,
    pub remove: bool,
    pub resend: bool,
    pub extend: bool,
    pub correct: bool,
    pub revoke: bool,
}

impl Menu {
    fn is_empty(&self) -> bool {
        let of_member = [self.change, self.contact, self.suspend, self.reactivate, self.remove];
        let of_account = [self.reset, self.factor_off, self.view, self.explain];
        let of_invited = [self.resend, self.extend, self.correct, self.revoke];
        !of_member.iter().chain(&of_account).chain(&of_invited).any(|can| *can)
    }

    /// Of a member; what is offered is what the handlers would do.
    fn of_member(row: &Listed, partner: &Partner, actor: &Actor) -> Menu {
        let is_you = row.user_id.is_some() && actor.user() == row.user_id;
        let is_contact = partner.primary_contact_id.is_some() && partner.primary_contact_id == row.user_id;
        let in_reach = (!row.is_system || actor.role() == Some(Role::SystemAdmin))
            && row.powers_at(partner).beyond(actor.may_give()).is_empty();
        let can_change = in_reach && !is_you && may::<UpdateUser>(actor);
        let is_active = row.status == UserStatus::Active;
        Menu {
            change: can_change,
            contact: !is_contact && is_active && row.suspended_at.is_none() && may::<UpdatePartnerContacts>(actor),
            suspend: can_change && row.suspended_at.is_none(),
            reactivate: can_change && row.suspended_at.is_some(),
            reset: in_reach && !is_you && is_active && may::<ResetPassword>(actor),
            factor_off: in_reach && !is_you && row.second_factor_at.is_some() && may::<ResetPassword>(actor),
            view: in_reach
                && !is_you
                && !row.is_system
                && is_active
                && row.suspended_at.is_none()
                && may::<ViewAs>(actor),
            explain: !row.is_system && may::<ExplainAccess>(actor),
            remove: in_reach && may::<RemoveUser>(actor),
            ..Menu::default()
        }
    }

    /// Of somebody who is invited.
    fn of_invited(row: &Listed, partner: &Partner, actor: &Actor) -> Menu {
        let in_reach = row.powers_at(partner).beyond(actor.may_give()).is_empty();
        let can_change = in_reach && may::<UpdateUser>(actor) && partner.status.takes_people();
        Menu {
            resend: can_change,
            extend: can_change && matches!(row.letter_state.as_deref(), None | Some("sent")),
            correct: can_change,
            revoke: in_reach && may::<RemoveUser>(actor),
            ..Menu::default()
        }
    }
}

/// Somebody of a list, ready to show to a person.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub id: String,
    pub membership: String,
    pub address: String,
    pub users_page: String,
    pub partner: String,
    pub code: String,
    pub name: String,
    pub mailbox: String,
    pub domain: String,
    pub role: String,
    pub state: State,
    /// Beside the state: time left, or what went wrong.
    pub detail: String,
    pub seen: Option<When>,
    /// How the letter fares: a word, a moment, and what else is known.
    pub letter: Option<(&'static str, Option<When>, String)>,
    pub asks: bool,
    pub two_step: bool,
    pub is_invited: bool,
    pub is_contact: bool,
    pub is_you: bool,
    pub version: i32,
    pub menu: Menu,
    /// Why they cannot be taken off, for who may.
    pub kept: String,
}

impl Row {
    /// Makes one ready; actions are offered in the list of one partner.
    pub fn new(row: Listed, partner: Option<&Partner>, actor: &Actor, now: DateTime<Utc>) -> Row {
        let is_invited = row.user_id.is_none();
        let menu = match partner {
            Some(partner) if is_invited => Menu::of_invited(&row, partner, actor),
            Some(partner) => Menu::of_member(&row, partner, actor),
            None => Menu::default(),
        };
        let contact = partner.and_then(|partner| partner.primary_contact_id);
        let (mailbox, domain) = row.email.split_once('@').unwrap_or((&row.email, ""));
        let code = row.partner_code.as_str();
        let users = tab(code, "users");
        let when = |at: DateTime<Utc>| When::new(at, now, actor.zone());
        Row {
            id: row.id.simple().to_string(),
            membership: row.id.to_string(),
            address: if is_invited { address_of(code, row.id) } else { tab(code, &format!("users/{}", row.id)) },
            users_page: format!("{users}?q={}", crate::web::encode(&row.email)),
            partner: row.partner_name.clone(),
            code: row.partner_code.clone(),
            mailbox: mailbox.to_owned(),
            domain: domain.to_owned(),
            role: row.role_at(),
            state: row.state(now),
            detail: detail(&row, now),
            seen: row.last_seen_at.map(when),
            letter: is_invited.then(|| letter(&row, when)),
            asks: row.asked_at.is_some(),
            two_step: row.second_factor_at.is_some(),
            is_contact: contact.is_some() && contact == row.user_id,
            is_you: !is_invited && actor.user() == row.user_id,
            is_invited,
            version: row.version,
            menu,
            kept: String::new(),
            name: row.name,
        }
    }

    /// The partner's last administrator: neither taken off, nor suspended, nor given another role.
    pub fn keep(mut self) -> Row {
        if self.menu.remove || self.menu.suspend || self.menu.change {
            self.menu = Menu { remove: false, suspend: false, change: false, ..self.menu };
            self.kept = "The last administrator stays. Make another user one first.".into();
        }
        self
    }

    fn has_menu(&self) -> bool {
        !self.menu.is_empty() || !self.kept.is_empty()
    }
}

/// "1 h 12 min left", "40 min ago", or why the letter did not arrive.
fn detail(row: &Listed, now: DateTime<Utc>) -> String {
    let until = row.expires_at.unwrap_or(now);
    match row.state(now) {
        State::Invited if row.user_id.is_none() => format!("{} left", span(until - now)),
        State::Expired => format!("{} ago", span(now - until)),
        State::Bounced => row.letter_error.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn letter(row: &Listed, when: impl Fn(DateTime<Utc>) -> When) -> (&'static str, Option<When>, String) {
    let error = || row.letter_error.clone().unwrap_or_default();
    let opened = if row.opened_at.is_some() { "opened" } else { "" };
    match row.letter_state.as_deref() {
        Some("sent") => ("Delivered", row.delivered_at.map(when), opened.into()),
        Some("retrying") => ("Sending, tried", row.sent_at.map(when), error()),
        Some("queued") => ("Sending since", row.sent_at.map(when), String::new()),
        Some("failed") => ("Sent", row.sent_at.map(when), String::new()),
        Some("withdrawn") => ("Not sent", None, error()),
        // Letters are forgotten after a while.
        _ => ("Sent", row.sent_at.map(when), opened.into()),
    }
}
