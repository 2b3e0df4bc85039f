//! E12, the reminders of a day: one letter for each person, on working days from eight o'clock in the program's zone.
//!
//! A review past its expected date is somebody's each day: the reviewer's, or while there is none (or they left) the
//! hosting partners' primary contacts'. Changes that a partner owes are its primary contact's after five business
//! days, and every five after that. Where nobody is named, the administrators are: no breach is nobody's.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::business;
use super::stage::Tab;
use super::store::reminders::{self as store, Kind, Person, Program, Waits};
use crate::access::MemberRole;
use crate::db::ids::{PartnerId, UserId};
use crate::db::{Db, SystemTx};
use crate::mail::{Letter, Post, outbox};
use crate::values::Choice;
use crate::web::error::AppError;

/// From which hour on.
const HOUR: u32 = 8;
/// Business days after which a partner is reminded, again and again.
const PATIENCE: i64 = 5;

/// Makes the reminders of every program whose day began and that has none yet; returns how many letters.
///
/// # Errors
/// When the database does not answer.
pub fn make(db: &Db) -> Result<usize, AppError> {
    let now = db.now();
    let programs = db.system_now("look which programs are to be reminded", store::programs)?;
    let mut letters = 0;
    for program in programs.iter().filter(|program| is_due(program, now)) {
        letters += db.system_now("make the reminders of a day", |tx| of_program(tx, program))?;
    }
    Ok(letters)
}

fn is_due(program: &Program, now: DateTime<Utc>) -> bool {
    let local = now.with_timezone(&program.zone.tz());
    let is_working = !matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    is_working && local.hour() >= HOUR && program.reminded_on.is_none_or(|last| last < local.date_naive())
}

/// What one person is told.
#[derive(Default)]
struct Digest {
    late: Vec<String>,
    owed: Vec<String>,
}

fn of_program(tx: &mut SystemTx<'_>, program: &Program) -> Result<usize, AppError> {
    let (now, zone) = (tx.now(), program.zone.tz());
    if !store::take_day(tx, program.id, now.with_timezone(&zone).date_naive())? {
        return Ok(0);
    }
    let (late, owed) = (store::waiting(tx, program.id, Kind::Late)?, store::waiting(tx, program.id, Kind::Owed)?);
    let owing: Vec<PartnerId> = owed.iter().map(|one| one.partner).collect();
    let people = store::people(tx, program.id, &owing)?;
    let owed_ids: Vec<_> = owed.iter().map(|one| one.id).collect();
    let before = store::last(tx, Kind::Owed, &owed_ids)?;

    // By person and the partner they are of: what one is told as a host is not shown to who leaves that.
    let mut digests: BTreeMap<(UserId, PartnerId), (&Person, Digest)> = BTreeMap::new();
    for one in &late {
        for person in reviewers(&people, one) {
            store::note(tx, one, person.user, Kind::Late)?;
            digest(&mut digests, person).late.push(late_words(one, now, zone));
        }
    }
    for one in &owed {
        for person in owners(&people, one.partner) {
            let last = before.get(&(one.id, person.user)).copied().filter(|last| *last > one.since);
            if business::minutes(last.unwrap_or(one.since), now, zone) < PATIENCE * business::DAY {
                continue;
            }
            store::note(tx, one, person.user, Kind::Owed)?;
            digest(&mut digests, person).owed.push(owed_words(one, now, zone));
        }
    }
    for (person, digest) in digests.values() {
        outbox::queue(tx, &post(program, person, digest))?;
    }
    Ok(digests.len())
}

fn digest<'a, 'p>(
    all: &'a mut BTreeMap<(UserId, PartnerId), (&'p Person, Digest)>,
    person: &'p Person,
) -> &'a mut Digest {
    &mut all.entry((person.user, person.partner)).or_insert_with(|| (person, Digest::default())).1
}

/// Whose review it is: the reviewer who took it; else the hosts' primary contacts; else their administrators.
fn reviewers<'a>(people: &'a [Person], of: &Waits) -> Vec<&'a Person> {
    let mut hosts = people.iter().filter(|one| one.is_hosting && one.role != MemberRole::User);
    if let Some(own) = hosts.clone().find(|one| Some(one.user) == of.assignee) {
        return vec![own];
    }
    let contacts: Vec<&Person> = hosts.clone().filter(|one| one.contact == Some(one.user)).collect();
    if !contacts.is_empty() {
        return contacts;
    }
    hosts.by_ref().filter(|one| one.role == MemberRole::Admin).collect()
}

/// Who answers for a partner: its primary contact, else its administrators.
fn owners(people: &[Person], partner: PartnerId) -> Vec<&Person> {
    let own = people.iter().filter(|one| one.partner == partner);
    match own.clone().find(|one| one.contact == Some(one.user)) {
        Some(contact) => vec![contact],
        None => own.filter(|one| one.role == MemberRole::Admin).collect(),
    }
}

fn late_words(one: &Waits, now: DateTime<Utc>, zone: Tz) -> String {
    let waited = one.submitted_at.map_or(0, |since| business::minutes(since, now, zone));
    let waited = business::words(i64::from(one.spent_minutes) + waited);
    let expected = one.expected_at.map(|at| at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M").to_string());
    format!(
        "{} of {}: expected {} in {}, waiting for {waited} of business time.",
        one.name,
        one.partner_name,
        expected.unwrap_or_default(),
        zone.name()
    )
}

fn owed_words(one: &Waits, now: DateTime<Utc>, zone: Tz) -> String {
    let waited = business::minutes(one.since, now, zone) / business::DAY;
    let since = one.since.with_timezone(&zone).format("%a %-d %b %Y");
    format!("{}: changes were requested on {since}, {waited} business days ago.", one.name)
}

fn post(program: &Program, person: &Person, digest: &Digest) -> Post {
    let tab = if digest.late.is_empty() { Tab::ChangesRequested } else { Tab::InReview };
    let letter = Letter::Reminder {
        name: person.name.clone(),
        program: program.name.clone(),
        late: digest.late.clone(),
        owed: digest.owed.clone(),
        page: format!("/integrations?tab={}", tab.key()),
    };
    let hosts_only = !digest.late.is_empty();
    let post = Post::to_account(letter, person.user, &person.email, &person.name);
    Post { members_only: true, hosts_only, ..post.about_partner(program.id, person.partner) }
}
