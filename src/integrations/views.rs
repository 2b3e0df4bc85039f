//! What all pages of one integration share: its head, with what can be done from here.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::content::{IntegrationKind, PageName};
use super::model::{Integration, Settings};
use super::stage::{Move, Stage, State, Tab};
use super::{needs_partner_to_go_on, policy, store};
use crate::access::{Actor, Permission, ReadTenant, ReviewIntegration, Scope, Standing, UpdateIntegration};
use crate::db::ReadTx;
use crate::db::ids::IntegrationId;
use crate::partners::model::Partner;
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::{partners, programs};

/// Moves that belong to the review page, to the history, or to the clock.
const ELSEWHERE: [Move; 7] =
    [Move::Claim, Move::RequestChanges, Move::Publish, Move::Schedule, Move::GoLive, Move::Reject, Move::RollBack];

/// Which move is the button; the others are in the menu.
const FIRST: [Move; 8] = [
    Move::Resubmit,
    Move::PublishOwn,
    Move::Submit,
    Move::Revise,
    Move::Reinstate,
    Move::Republish,
    Move::Restore,
    Move::Reopen,
];

/// Something that can be done: a button or an entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Deed {
    pub label: &'static str,
    pub address: String,
    pub icon: &'static str,
    pub harsh: bool,
}

/// A fact of the line below the name, with a moment behind it where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Fact {
    pub text: String,
    pub iso: String,
    pub moment: String,
}

impl Fact {
    fn plain(text: impl Into<String>) -> Fact {
        Fact { text: text.into(), iso: String::new(), moment: String::new() }
    }

    fn at(text: impl Into<String>, at: DateTime<Utc>, zone: Tz) -> Fact {
        let moment = at.with_timezone(&zone).format("%a %-d %b %Y, %H:%M").to_string();
        Fact { text: text.into(), iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), moment }
    }
}

/// What somebody said when it came to where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Notice {
    pub tone: &'static str,
    pub icon: &'static str,
    pub who: String,
    pub text: String,
}

/// The head of every page of one integration.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Header {
    pub id: IntegrationId,
    pub address: String,
    pub name: String,
    /// The last crumb, of a page below the integration's own.
    pub below: Option<String>,
    /// Address and name.
    pub partner: (String, String),
    pub names_partner: bool,
    pub is_partner_built: bool,
    pub kind: IntegrationKind,
    pub stage: Stage,
    pub tab: Tab,
    pub facts: Vec<Fact>,
    pub notice: Option<Notice>,
    pub edit: Option<String>,
    pub primary: Option<Deed>,
    pub menu: Vec<Deed>,
    /// Whether the person follows it; none for somebody without an account here.
    pub follows: Option<bool>,
    pub sees_tenants: bool,
    pub version: i32,
}

impl Header {
    /// The head of an integration that was found in scope, for whoever looks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<Header, AppError> {
        let partner = owner(tx, integration)?;
        let follows = store::follows(tx, integration)?;
        let notice = notice(tx, integration, &partner)?;
        let deeds = deeds(tx, integration, &partner)?;
        let actor = tx.actor();
        let stage = integration.stage();
        let address = super::address(integration.id);
        let is_frozen = needs_partner_to_go_on(&partner).is_err();
        let edits = stage.is_editable() && may::<UpdateIntegration>(actor) && !is_frozen;
        let (primary, menu) = sorted(deeds);
        Ok(Header {
            id: integration.id,
            name: integration.name.clone(),
            below: None,
            partner: (partners::address(partner.code.as_str()), partner.name.to_string()),
            names_partner: matches!(actor.scope(), Scope::Program(_)) && !actor.is_single(),
            is_partner_built: !partner.is_hosting,
            kind: integration.kind,
            stage,
            tab: tab(stage),
            facts: facts(integration, actor, tx.now()),
            notice,
            edit: edits.then(|| super::page_address(integration.id, PageName::General)),
            primary,
            menu,
            follows,
            sees_tenants: may::<ReadTenant>(actor) && integration.live_number.is_some(),
            version: integration.version,
            address,
        })
    }

    /// The same head on a page below the integration's own.
    pub fn below(mut self, name: impl Into<String>) -> Header {
        self.below = Some(name.into());
        self
    }

    /// The badges of state and revision: tone, icon, words.
    pub fn badges(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        badges(self.stage)
    }

    /// The tab that the crumbs lead to: address and words.
    pub fn crumb(&self) -> (String, &'static str) {
        (format!("/integrations?tab={}", self.tab.key()), self.tab.label())
    }
}

/// The badges of state and revision: tone, icon, words.
pub fn badges(stage: Stage) -> Vec<(&'static str, &'static str, &'static str)> {
    let (tone, icon) = stage.state.look();
    let of_work = stage.under_work().look();
    let revision = stage.revision.map(|revision| (of_work.0, of_work.1, revision.label()));
    std::iter::once((tone, icon, stage.state.label())).chain(revision).collect()
}

/// The partner of an integration that was found in scope.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn owner(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<Partner, AppError> {
    let names = partners::store::names(tx, &[integration.partner_id])?;
    let (code, _) = names.get(&integration.partner_id).ok_or(AppError::NotFound)?;
    partners::store::find(tx, code)
}

/// The tab that crumbs lead to: of two, the one that somebody has to act in.
pub fn tab(stage: Stage) -> Tab {
    Tab::ALL.iter().copied().find(|tab| tab.lists(stage)).unwrap_or(Tab::Drafts)
}

fn facts(integration: &Integration, actor: &Actor, now: DateTime<Utc>) -> Vec<Fact> {
    let (work, zone) = (integration.stage().under_work(), actor.zone());
    let own = matches!(actor.scope(), Scope::Partner { .. });
    let mut facts = vec![Fact::plain(integration.kind.label())];
    if let Some(number) = integration.live_number {
        let is_live = integration.state == State::Published;
        facts.push(Fact::plain(format!("Version {number}{}", if is_live { "" } else { ", not live" })));
    }
    match (work, integration.submitted_at) {
        (State::InReview, Some(at)) => {
            facts.push(Fact::at(format!("Submission {}, sent", integration.submission), at, zone));
            let by = &integration.assignee_name;
            facts.push(Fact::plain(if by.is_empty() { "No reviewer yet".into() } else { format!("Reviewer {by}") }));
        }
        (State::ChangesRequested, _) => {
            let answered = format!("Submission {}, answered", integration.submission);
            facts.push(Fact::at(answered, integration.state_since, zone));
            if !integration.assignee_name.is_empty() {
                facts.push(Fact::plain(format!("Reviewer {}", integration.assignee_name)));
            }
            let whose = if own { "Your move" } else { "The partner’s move" };
            facts.push(Fact::plain(format!("{whose}; the review clock is paused")));
        }
        _ => {}
    }
    if let Some(at) = integration.expected_at {
        let late = if at < now { "Answer was expected by" } else { "Answer expected by" };
        facts.push(Fact::at(late, at, zone).in_zone(zone));
    }
    if let Some(at) = integration.publish_at {
        facts.push(Fact::at("Goes live", at, zone).in_zone(zone));
    }
    facts
}

impl Fact {
    /// With the zone, where two sides read the same moment.
    fn in_zone(mut self, zone: Tz) -> Fact {
        self.moment = format!("{} in {}", self.moment, zone.name());
        self
    }
}

fn notice(tx: &mut ReadTx<'_>, integration: &Integration, partner: &Partner) -> Result<Option<Notice>, AppError> {
    let said = |tone, icon, who: &str, text: String| Some(Notice { tone, icon, who: who.to_owned(), text });
    if let Err(AppError::Refused(text)) = needs_partner_to_go_on(partner) {
        return Ok(said("warn", "lock", "", text));
    }
    if integration.stage().under_work() == State::ChangesRequested {
        let last = store::last_submission(tx, integration)?;
        return Ok(last
            .filter(|one| !one.summary.is_empty())
            .and_then(|one| said("warn", "message", &one.answered_by_name, one.summary)));
    }
    let (tone, icon) = integration.state.look();
    Ok(match integration.state {
        State::Rejected | State::Suspended | State::Unpublished if !integration.reason.is_empty() => {
            said(tone, icon, integration.state.label(), integration.reason.clone())
        }
        _ => None,
    })
}

/// What whoever looks can do from here.
fn deeds(tx: &mut ReadTx<'_>, integration: &Integration, partner: &Partner) -> Result<Vec<(Move, Deed)>, AppError> {
    let stage = integration.stage();
    if needs_partner_to_go_on(partner).is_err() || tx.actor().standing() != Standing::Full {
        return Ok(Vec::new());
    }
    let program = programs::store::current(tx)?;
    let of_type = store::review_of_type(tx, partner.type_id)?;
    let settings = store::settings(tx)?;
    let own = policy::publishes_own(&program, partner, of_type);
    let actor = tx.actor();
    let moves = stage.moves().filter(|one| !ELSEWHERE.contains(one) && one.is_open_to(actor));
    let moves = moves.filter(|one| is_offered(*one, own, &settings, actor));
    Ok(moves
        .map(|one| {
            let address = format!("{}/{}", super::address(integration.id), one.key());
            (one, Deed { label: one.label(), address, icon: one.icon(), harsh: one.is_harsh() })
        })
        .chain(review(integration, actor))
        .collect())
}

fn is_offered(one: Move, publishes_own: bool, settings: &Settings, actor: &Actor) -> bool {
    let is_host = matches!(actor.scope(), Scope::Program(_));
    match one {
        Move::PublishOwn => publishes_own,
        Move::Republish => is_host || publishes_own || settings.partners_republish,
        _ => true,
    }
}

/// Reviewers decide on the review page.
fn review(integration: &Integration, actor: &Actor) -> Option<(Move, Deed)> {
    let is_open = integration.stage().under_work() == State::InReview && actor.may(&ReviewIntegration::RULE);
    is_open.then(|| {
        let address = format!("{}/review", super::address(integration.id));
        (Move::Claim, Deed { label: "Open review", address, icon: "eye", harsh: false })
    })
}

/// The button and the menu.
fn sorted(mut deeds: Vec<(Move, Deed)>) -> (Option<Deed>, Vec<Deed>) {
    let first = std::iter::once(Move::Claim).chain(FIRST);
    let at = first.into_iter().find_map(|wanted| deeds.iter().position(|(one, _)| *one == wanted));
    let primary = at.map(|at| deeds.remove(at).1);
    (primary, deeds.into_iter().map(|(_, deed)| deed).collect())
}
