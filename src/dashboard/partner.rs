//! The dashboard of a partner's own people.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::attention::{self, Attention};
use super::ending;
use super::host::recent;
use super::store::{self, Line};
use super::views::{DashboardPage, Expected, Invited, Own, OwnRow, Recent, Stat, Team, ordinal};
use crate::access::*;
use crate::db::ReadTx;
use crate::db::ids::IntegrationId;
use crate::forms;
use crate::integrations::stage::{State, Tab};
use crate::invitations;
use crate::letters;
use crate::partners;
use crate::partners::model::Partner;
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, capped, exactly};
use crate::web::page;
use crate::web::time::When;

/// Rows of each list.
const SHOWN: usize = 6;

/// The page.
pub(super) fn page(tx: &mut ReadTx<'_>) -> Result<DashboardPage, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let may = |rule: Rule| actor.may(&rule);
    let mut page = DashboardPage::new(&actor, now);
    let Some(code) = actor.partner().map(|own| own.code.clone()) else { return Ok(page) };
    let program = programs::store::current(tx)?;
    let zone = program.time_zone.tz();
    if may(CreateIntegration::RULE) && actor.standing() == Standing::Full {
        page.actions.push(("New integration", "/integrations/new".into(), "plus"));
    }
    if may(ReadIntegration::RULE) {
        integrations(tx, &mut page, zone)?;
    }
    let mut things = Vec::new();
    if may(ReadPartner::RULE) {
        let partner = partners::store::find(tx, &code)?;
        things.extend(form(tx, &partner)?);
    }
    things.extend(attention::bounced(tx)?);
    if may(ReadMail::RULE) {
        let (failed, _) = letters::store::week(tx)?;
        things.extend(attention::failed_mail(tx, failed));
    }
    things.extend(attention::failing_tenants(tx)?);
    page.attention = Some(things);
    page.ending = ending::panel(tx, program.tiers_enabled)?;
    if may(ReadUsers::RULE) {
        page.team = Some(team(tx, &code)?);
    }
    if may(ReadActivity::RULE) {
        let address = partners::tab(&code, "activity");
        let empty = "Nothing happened yet.";
        page.recent = Some(Recent { entries: recent(tx)?, address, with_partner: false, empty });
    }
    Ok(page)
}

/// Numbers and lists of the partner's integrations.
fn integrations(tx: &mut ReadTx<'_>, page: &mut DashboardPage, zone: Tz) -> Result<(), AppError> {
    let lines = store::open(tx)?;
    let of = |tab: Tab| lines.iter().filter(move |line| tab.lists(line.stage()));
    let owed: Vec<IntegrationId> = of(Tab::ChangesRequested).map(|line| line.id).collect();
    let items = store::items(tx, &owed)?;
    let places = if of(Tab::InReview).next().is_some() { store::places(tx)? } else { HashMap::new() };
    let eyes = Eyes { items, places, now: tx.now(), program: zone, own: tx.actor().zone() };
    let stat = |label, tab: Tab, note: &str, tone| Stat {
        label,
        value: capped(of(tab).count() as i64),
        note: note.to_owned(),
        tone,
        address: Some(list(tab)),
    };
    let is_owed = if owed.is_empty() { ("nothing to answer", "") } else { ("it is your move", "warn") };
    page.stats = vec![
        stat("Changes requested", Tab::ChangesRequested, is_owed.0, is_owed.1),
        stat("In review", Tab::InReview, "with the program", ""),
        stat("Published", Tab::Published, "live or approved", ""),
        stat("Drafts", Tab::Drafts, "only your organisation sees them", ""),
    ];
    for (tab, title, empty) in [
        (Tab::ChangesRequested, "Your move", "No reviewer waits for you."),
        (Tab::InReview, "In review", "Nothing is in review. Submit a draft to get it published."),
        (Tab::Drafts, "Drafts", "No drafts."),
        (Tab::Published, "Published", "Nothing is published yet."),
    ] {
        let mut found: Vec<&Line> = of(tab).collect();
        if tab == Tab::InReview {
            found.sort_by_key(|line| (line.expected_at, line.id.uuid()));
        }
        let more = (found.len() > SHOWN).then(|| (format!("All {}", capped(found.len() as i64)), list(tab)));
        page.own.push(Own {
            id: tab.key(),
            title,
            rows: found.into_iter().take(SHOWN).map(|line| eyes.row(line, tab)).collect(),
            more,
            empty,
            has_expected: tab == Tab::InReview,
        });
    }
    Ok(())
}

fn list(tab: Tab) -> String {
    format!("/integrations?tab={}", tab.key())
}

/// What rows are made ready with.
struct Eyes {
    items: HashMap<IntegrationId, (i64, i64)>,
    places: HashMap<IntegrationId, i64>,
    now: DateTime<Utc>,
    program: Tz,
    own: Tz,
}

impl Eyes {
    fn row(&self, line: &Line, tab: Tab) -> OwnRow {
        let stage = line.stage();
        let state = if tab == Tab::Published { stage.state } else { stage.under_work() };
        let (tone, icon) = state.look();
        let note = match tab {
            Tab::ChangesRequested => {
                let (all, owed) = self.items.get(&line.id).copied().unwrap_or_default();
                format!("{}, {owed} to answer", exactly(all, "item", "items"))
            }
            Tab::InReview => {
                format!("Round {}{}", line.round, if line.revision.is_some() { " of an update" } else { "" })
            }
            Tab::Published if stage.state == State::Approved => "Approved for a date".to_owned(),
            Tab::Published => match (line.live_number, line.revision) {
                (Some(number), Some(revision)) => format!("Version {number} · {}", revision.label().to_lowercase()),
                (Some(number), None) => format!("Version {number}"),
                _ => String::new(),
            },
            _ => format!("Changed by {}", line.updated_by_name),
        };
        OwnRow {
            address: crate::integrations::address(line.id),
            name: line.name.clone(),
            note,
            tone,
            icon,
            expected: line
                .expected_at
                .filter(|_| tab == Tab::InReview)
                .map(|at| Expected::new(at, self.now, self.program)),
            place: self
                .places
                .get(&line.id)
                .map(|place| format!("{} in the queue", ordinal(*place)))
                .unwrap_or_default(),
            since: When::new(if tab == Tab::Drafts { line.updated_at } else { line.state_since }, self.now, self.own),
        }
    }
}

/// The program's form, when it waits to be answered.
fn form(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Option<Attention>, AppError> {
    let Some(due) = forms::profile::due(tx, partner)? else { return Ok(None) };
    let by = due.by.map(|day| format!("By {}.", day.format("%-d %b %Y"))).unwrap_or_default();
    Ok(Some(Attention {
        tone: "warn",
        icon: "forms",
        title: "The partner form waits for you".into(),
        text: if by.is_empty() { "The program asks each partner to answer it.".into() } else { by },
        link: ("Answer", partners::tab(partner.code.as_str(), "profile/answers")),
    }))
}

/// Who was invited and has not come yet.
fn team(tx: &mut ReadTx<'_>, code: &str) -> Result<Team, AppError> {
    let some = Keyset { size: SHOWN as i64, at: None, backward: false };
    let source = invitations::store::Source::Invited;
    let found = invitations::store::people(tx, source, &invitations::store::PeopleFilter::default(), &some)?;
    let now = tx.now();
    let rows = found.into_iter().take(SHOWN).map(|one| {
        let state = one.state(now);
        Invited { hue: page::hue(one.id), state: state.label(), look: state.look(), name: one.name, email: one.email }
    });
    Ok(Team { rows: rows.collect(), address: partners::tab(code, "users") })
}
