//! Whom a move is told to, and what (E1 to E10). Each person gets one letter of each event; who did it gets none but the
//! receipt of a submission.

use super::Ground;
use super::store::{self, Person};
use crate::access::Permission;
use crate::activity::FieldChange;
use crate::db::WriteTx;
use crate::db::ids::UserId;
use crate::integrations::model::Integration;
use crate::integrations::stage::State;
use crate::mail::integration_letter::{About, IntegrationLetter};
use crate::mail::letter::Topic;
use crate::mail::{Letter, Post, outbox};
use crate::web::error::AppError;

pub(super) use crate::mail::integration_letter::Item;

/// What happened, as letters tell it.
#[derive(Clone, Debug)]
pub(super) enum What {
    Submitted { round: i32, note: String, changed: Option<Vec<String>>, expected: String },
    Withdrawn { reason: String },
    ChangesRequested { round: i32, summary: String, items: Vec<Item> },
    Published { number: i32, again: String, summary: String },
    Scheduled { date: String, summary: String },
    Rejected { reason: String, words: String },
    Reopened { is_restored: bool, words: String },
    Edited { number: i32, changes: Vec<FieldChange> },
    Unpublished { did: String, reason: String, tenants: i64, by_host: bool },
    Suspended { reason: String },
    HeldBack { status: String, date: String },
}

/// Who gets a letter, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    user: UserId,
    /// Whether it is sent whatever they chose: somebody has to know.
    must: bool,
    /// Whether it is the receipt of who did it.
    is_receipt: bool,
}

/// The page of an integration.
pub(super) fn address(of: &Integration) -> String {
    crate::integrations::address(of.id)
}

/// The partner's primary contact; while there is none who can act, its admins.
fn contacts(people: &[Person]) -> Vec<&Person> {
    let contact: Vec<&Person> = people.iter().filter(|one| one.is_contact).collect();
    if contact.is_empty() { people.iter().filter(|one| one.is_admin).collect() } else { contact }
}

/// The primary contacts of the hosting partners; while there is none who can act, the hosting admins.
fn host_contacts(people: &[Person]) -> Vec<&Person> {
    let contact: Vec<&Person> = people.iter().filter(|one| one.is_host_contact).collect();
    if contact.is_empty() { people.iter().filter(|one| one.is_host_admin).collect() } else { contact }
}

/// The table of the domain description: who is told of what.
fn told(what: &What, people: &[Person], actor: Option<UserId>) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut add = |some: Vec<&Person>, must: bool| {
        for one in some.into_iter().filter(|one| Some(one.user_id) != actor) {
            match told.iter_mut().find(|known| known.user == one.user_id) {
                Some(known) => known.must |= must,
                None => told.push(Told { user: one.user_id, must, is_receipt: false }),
            }
        }
    };
    let those = |is: fn(&Person) -> bool| people.iter().filter(|one| is(one)).collect::<Vec<&Person>>();
    match what {
        What::Submitted { .. } => {
            let hosts = host_contacts(people);
            // Somebody has to learn of it: the last recipient cannot do without.
            let wants = |one: &&Person| !one.muted.iter().any(|topic| topic == Topic::Submissions.key());
            let is_last = !hosts.iter().any(wants);
            add(hosts, is_last);
            add(those(|one| one.is_assignee), false);
            add(those(|one| one.is_follower), false);
        }
        What::Withdrawn { .. } => add(those(|one| one.is_assignee), false),
        What::ChangesRequested { .. } | What::Rejected { .. } => {
            add(contacts(people), true);
            add(those(|one| one.is_submitter), true);
        }
        What::Published { .. } | What::Scheduled { .. } => {
            add(contacts(people), true);
            add(those(|one| one.is_submitter), false);
            add(those(|one| one.is_follower), false);
        }
        What::Reopened { .. } | What::Edited { .. } => add(contacts(people), true),
        What::Unpublished { by_host: true, .. } => add(contacts(people), true),
        What::Unpublished { by_host: false, .. } => add(host_contacts(people), true),
        What::Suspended { .. } => add(those(|one| one.is_admin), true),
        What::HeldBack { .. } => {
            add(host_contacts(people), true);
            add(those(|one| one.is_assignee), true);
        }
    }
    if matches!(what, What::Submitted { .. })
        && let Some(own) = actor
    {
        told.push(Told { user: own, must: false, is_receipt: true });
    }
    told
}

fn letter(what: &What, about: About) -> IntegrationLetter {
    match what.clone() {
        What::Submitted { round, note, changed, expected } => {
            IntegrationLetter::IntegrationSubmitted { about, round, note, changed, expected }
        }
        What::Withdrawn { reason } => IntegrationLetter::IntegrationWithdrawn { about, reason },
        What::ChangesRequested { round, summary, items } => {
            IntegrationLetter::ChangesRequested { about, round, summary, items }
        }
        What::Published { number, again, summary } => {
            IntegrationLetter::IntegrationPublished { about, number, again, summary }
        }
        What::Scheduled { date, summary } => IntegrationLetter::IntegrationScheduled { about, date, summary },
        What::Rejected { reason, words } => IntegrationLetter::IntegrationRejected { about, reason, words },
        What::Reopened { is_restored, words } => IntegrationLetter::IntegrationReopened { about, is_restored, words },
        What::Edited { number, changes } => IntegrationLetter::IntegrationEdited { about, number, changes },
        What::Unpublished { did, reason, tenants, .. } => {
            IntegrationLetter::IntegrationUnpublished { about, did, reason, tenants }
        }
        What::Suspended { reason } => IntegrationLetter::IntegrationSuspended { about, reason },
        What::HeldBack { status, date } => IntegrationLetter::IntegrationHeldBack { about, status, date },
    }
}

/// Writes the letters of what happened into the outbox.
pub(super) fn tell<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    after: &Integration,
    what: &What,
) -> Result<(), AppError> {
    let people = store::people(tx, &ground.item)?;
    let (actor, by) = (tx.actor().user(), tx.actor().name().to_owned());
    for one in told(what, &people, actor) {
        let to = match people.iter().find(|known| known.user_id == one.user) {
            Some(known) => (known.name.clone(), known.email.clone(), known.is_member),
            None if one.is_receipt => (by.clone(), tx.actor().email().to_owned(), super::is_partners_own(tx)),
            None => continue,
        };
        let (name, email, is_member) = to;
        let is_revision = ground.item.state == State::Published;
        let about = About {
            name: name.clone(),
            integration: after.name.clone(),
            partner: ground.partner.name.to_string(),
            program: ground.program.name.to_string(),
            by: by.clone(),
            page: address(after),
            contact: contact_of(ground, &people),
            is_revision,
            is_host: !is_member,
            is_receipt: one.is_receipt,
            must: one.must,
        };
        let letter = Letter::Integration(letter(what, about));
        let post = Post {
            members_only: is_member,
            hosts_only: !is_member,
            ..Post::to_account(letter, one.user, &email, &name)
        };
        outbox::queue_in(tx, &post.about_partner(after.program_id, after.partner_id))?;
    }
    Ok(())
}

/// Whom a partner asks: the hosting primary contact, by name.
fn contact_of(ground: &Ground, people: &[Person]) -> String {
    host_contacts(people).first().map_or_else(|| ground.program.name.to_string(), |one| one.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, change: impl FnOnce(&mut Person)) -> Person {
        let mut one = Person {
            user_id: UserId::new(),
            name: name.into(),
            email: format!("{name}@a.example"),
            muted: Vec::new(),
            is_member: false,
            is_admin: false,
            is_contact: false,
            is_host: false,
            is_host_admin: false,
            is_host_contact: false,
            is_assignee: false,
            is_submitter: false,
            is_follower: false,
        };
        change(&mut one);
        one
    }

    fn names(what: &What, people: &[Person], actor: &Person) -> Vec<String> {
        let name = |one: Told| {
            let name = people.iter().find(|known| known.user_id == one.user).map_or("?", |known| known.name.as_str());
            let mark = if one.is_receipt {
                " receipt"
            } else if one.must {
                " must"
            } else {
                ""
            };
            format!("{name}{mark}")
        };
        told(what, people, Some(actor.user_id)).into_iter().map(name).collect()
    }

    fn world() -> Vec<Person> {
        vec![
            person("contact", |one| (one.is_member, one.is_contact, one.is_admin) = (true, true, true)),
            person("submitter", |one| (one.is_member, one.is_submitter, one.is_admin) = (true, true, true)),
            person("fan", |one| (one.is_member, one.is_follower) = (true, true)),
            person("host", |one| (one.is_host, one.is_host_contact, one.is_host_admin) = (true, true, true)),
            person("reviewer", |one| (one.is_host, one.is_assignee, one.is_follower) = (true, true, true)),
        ]
    }

    #[test]
    fn each_event_is_told_to_the_people_of_the_table_and_once_to_each() {
        let people = world();
        let (submitter, host) = (&people[1], &people[3]);
        let s = String::new;
        let submitted = What::Submitted { round: 1, note: s(), changed: None, expected: s() };
        assert_eq!(names(&submitted, &people, submitter), ["host", "reviewer", "fan", "submitter receipt"]);
        assert_eq!(names(&What::Withdrawn { reason: s() }, &people, submitter), ["reviewer"]);
        let changes = What::ChangesRequested { round: 1, summary: s(), items: Vec::new() };
        assert_eq!(names(&changes, &people, host), ["contact must", "submitter must"]);
        let published = What::Published { number: 1, again: s(), summary: s() };
        assert_eq!(names(&published, &people, host), ["contact must", "submitter", "fan", "reviewer"]);
        let reopened = What::Reopened { is_restored: true, words: s() };
        assert_eq!(names(&reopened, &people, host), ["contact must"]);
        let gone = |by_host| What::Unpublished { did: s(), reason: s(), tenants: 0, by_host };
        assert_eq!(names(&gone(true), &people, host), ["contact must"]);
        assert_eq!(names(&gone(false), &people, submitter), ["host must"]);
        assert_eq!(names(&What::Suspended { reason: s() }, &people, host), ["contact must", "submitter must"]);
    }

    #[test]
    fn the_last_recipient_of_a_submission_cannot_do_without() {
        let mut people = world();
        people[3].muted.push(Topic::Submissions.key().into());
        let submitted = What::Submitted { round: 1, note: String::new(), changed: None, expected: String::new() };
        let actor = people[1].clone();
        assert_eq!(names(&submitted, &people, &actor)[0], "host must");
        people.push(person("second", |one| (one.is_host, one.is_host_contact) = (true, true)));
        assert_eq!(names(&submitted, &people, &actor)[0], "host");
    }

    #[test]
    fn while_there_is_no_contact_the_admins_are_told() {
        let people: Vec<Person> =
            world().into_iter().filter(|one| one.name != "contact" && one.name != "host").collect();
        let actor = people[0].clone();
        assert_eq!(contacts(&people)[0].name, "submitter");
        assert!(host_contacts(&people).is_empty());
        assert!(names(&What::Suspended { reason: String::new() }, &people, &actor).is_empty());
    }
}
