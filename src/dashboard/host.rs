//! The dashboard of who sees the whole program.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::attention;
use super::ending;
use super::review_time;
use super::setup::{self, Hidden};
use super::store::{self, Line, Waiting};
use super::views::{DashboardPage, MailHealth, Queue, QueueRow, Recent, Stat, waited};
use crate::access::*;
use crate::activity::{self, views::Entry};
use crate::db::ReadTx;
use crate::db::ids::PartnerId;
use crate::integrations::business;
use crate::invitations;
use crate::letters;
use crate::partners;
use crate::partners::model::Status;
use crate::programs;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, capped, counted};

/// Rows of the queue that are shown.
const SHOWN: i64 = 8;
/// Lines of activity.
const LINES: usize = 6;

/// The page.
pub(super) fn page(tx: &mut ReadTx<'_>, has_mail_server: bool, hidden: Hidden) -> Result<DashboardPage, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let may = |rule: Rule| actor.may(&rule);
    let mut page = DashboardPage::new(&actor, now);
    let program = programs::store::current(tx)?;
    let (zone, settings) = (program.time_zone.tz(), crate::integrations::store::settings(tx)?);
    page.actions = actions(&actor);
    page.setup = setup::steps(tx, &program, &settings, has_mail_server, hidden)?;

    let waiting = if may(ReadIntegration::RULE) { store::waiting(tx, SHOWN)? } else { Waiting::default() };
    if may(ReadIntegration::RULE) {
        page.stats.extend(review_stats(&waiting, now, zone, settings.target_days));
    }
    if may(ReviewIntegration::RULE) && may(ReadIntegration::RULE) {
        page.queue = Some(queue(tx, &waiting, zone)?);
    }
    let counts = if may(ReadPartner::RULE) { partners::store::count_by_status(tx)? } else { HashMap::new() };
    if may(ReadPartner::RULE) {
        page.stats.push(partner_stat(&counts));
    }
    if may(ReadUsers::RULE) {
        page.stats.push(invitation_stat(invitations::store::open_now(tx)?, now));
    }
    let (failed, sent) = if may(ReadMail::RULE) { letters::store::week(tx)? } else { (0, 0) };
    if may(ReadMail::RULE) {
        page.stats.push(mail_stat(failed, sent));
    }
    page.ending = ending::panel(tx, program.tiers_enabled)?;
    page.attention = attention(tx, failed, &counts, program.hosting_limit)?;
    if may(ReadChecks::RULE) && may(ReadIntegration::RULE) {
        page.review_time = Some(review_time::panel(tx, zone, settings.target_days)?);
    }
    if actor.role() == Some(Role::SystemAdmin) {
        let health = letters::store::health(tx)?;
        page.mail = Some(MailHealth { sentence: health.sentence(now), is_stuck: health.is_stuck(now) });
    }
    if may(ReadActivity::RULE) {
        let empty = if may(ReadAllActivity::RULE) { "Nothing happened yet." } else { "You did nothing here yet." };
        page.recent = Some(Recent { entries: recent(tx)?, address: "/activity".into(), with_partner: true, empty });
    }
    Ok(page)
}

fn actions(actor: &Actor) -> Vec<(&'static str, String, &'static str)> {
    let mut actions = Vec::new();
    if actor.may(&ListPrograms::RULE) {
        actions.push(("Programs", "/programs".to_owned(), "server"));
    }
    if actor.may(&ImportPartners::RULE) && !actor.is_single() {
        actions.push(("Import partners", "/partners/import".to_owned(), "upload"));
    }
    if actor.may(&CreatePartner::RULE) && !actor.is_single() {
        actions.push(("Create partner", "/partners/new".to_owned(), "plus"));
    }
    actions
}

fn review_stats(waiting: &Waiting, now: DateTime<Utc>, zone: Tz, target: i32) -> [Stat; 2] {
    let late = waiting.late;
    let oldest = waiting.first.iter().map(|line| waited(line, now, zone)).max();
    let days = if target == 1 { "day" } else { "days" };
    let list = || Some("/integrations?tab=in-review".to_owned());
    [
        Stat {
            label: "Waiting for review",
            value: capped(waiting.count),
            note: if late == 0 { "none past target".into() } else { format!("{} past target", capped(late)) },
            tone: if late == 0 { "" } else { "bad" },
            address: list(),
        },
        Stat {
            label: "Oldest waiting",
            value: oldest.map_or_else(|| "–".into(), business::words),
            note: format!("business time; target {target} {days}"),
            tone: "",
            address: oldest.and_then(|_| list()),
        },
    ]
}

fn partner_stat(counts: &HashMap<Status, i64>) -> Stat {
    let of = |status: Status| counts.get(&status).copied().unwrap_or(0);
    Stat {
        label: "Partners active",
        value: capped(of(Status::Active)),
        note: format!("{} pending, {} planned", capped(of(Status::Pending)), capped(of(Status::Planned))),
        tone: "",
        address: Some("/partners".into()),
    }
}

fn invitation_stat((open, next): (i64, Option<DateTime<Utc>>), now: DateTime<Utc>) -> Stat {
    let (note, tone) = match next {
        Some(at) => (format!("next runs out in {}", invitations::model::span(at - now)), "warn"),
        None if open > 0 => ("all of them ran out".into(), "warn"),
        None => ("nobody is waited for".into(), ""),
    };
    let address = Some("/invitations".into());
    Stat { label: "Invitations open", value: capped(open), note, tone, address }
}

fn mail_stat(failed: i64, sent: i64) -> Stat {
    Stat {
        label: "Mail failed, 7 days",
        value: capped(failed),
        note: format!("{} sent", counted(sent, "letter", "letters")),
        tone: "",
        address: Some("/system/mail".into()),
    }
}

fn queue(tx: &mut ReadTx<'_>, waiting: &Waiting, zone: Tz) -> Result<Queue, AppError> {
    let ids: Vec<PartnerId> = waiting.first.iter().map(|line| line.partner_id).collect();
    let (builders, now, actor) = (store::builders(tx, &ids)?, tx.now(), tx.actor().clone());
    let row = |line: &Line| QueueRow::new(line, builders.get(&line.partner_id), now, zone, &actor);
    Ok(Queue { rows: waiting.first.iter().map(row).collect(), all: format!("All {} in queue", capped(waiting.count)) })
}

fn attention(
    tx: &mut ReadTx<'_>,
    failed: i64,
    counts: &HashMap<Status, i64>,
    limit: i32,
) -> Result<Option<Vec<attention::Attention>>, AppError> {
    let actor = tx.actor().clone();
    if ![ReadUsers::RULE, ReadMail::RULE, ReadHosting::RULE].iter().any(|rule| actor.may(rule)) {
        return Ok(None);
    }
    let hosting = if actor.may(&ReadHosting::RULE) { programs::store::hosting_partners(tx)? } else { 0 };
    let mut things = attention::bounced(tx)?;
    things.extend(attention::failed_mail(tx, failed));
    things.extend(attention::failing_tenants(tx)?);
    things.extend(attention::hosts(tx, hosting, limit));
    things.extend(attention::suspended(tx, counts));
    Ok(Some(things))
}

/// The last things that happened, as far as the person may see.
pub(super) fn recent(tx: &mut ReadTx<'_>) -> Result<Vec<Entry>, AppError> {
    let some = Keyset { size: LINES as i64, at: None, backward: false };
    let mut lines = activity::store::list(tx, &activity::store::Filter::default(), &some)?;
    lines.truncate(LINES);
    let ids: Vec<PartnerId> = lines.iter().filter_map(|line| line.partner_id).collect();
    let names = if tx.actor().may(&ReadPartner::RULE) { partners::store::names(tx, &ids)? } else { HashMap::new() };
    let (now, zone) = (tx.now(), tx.actor().zone());
    Ok(lines.into_iter().map(|line| Entry::new(line, &names, now, zone)).collect())
}
