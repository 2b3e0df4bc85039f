//! Several assignments at once: extended, ended, removed, made live. What changes and what is skipped, and why, is
//! listed first; then all of it happens in one transaction, or none.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::{DateTime, Days, Utc};

use super::assign::{event_of, frozen, is_hidden, open};
use super::dates::{DayRange, begins};
use super::decision::Span;
use super::forms;
use super::model::{Assignment, AssignmentState, Campaign, Standing};
use super::store::{self, Narrowed, NewAssignment, UndoStep};
use super::timeline::Names;
use super::views::day;
use crate::access::session::leave_flash;
use crate::access::{AssignTier, Grant};
use crate::activity::{CampaignEvent, Event, FieldChange};
use crate::app::App;
use crate::db::ids::AssignmentId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::values::{Choice, choice};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Params, counted};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Assignments in one go at the most.
const AT_ONCE: usize = 200;

choice! {
    /// What can be done to several.
    Act {
        /// Their last day moves on.
        Extend = "extend" / "Extend",
        /// They end today.
        End = "end" / "End early",
        /// Drafts, and what has not begun, go away.
        Remove = "remove" / "Remove",
        /// Drafts count.
        Publish = "publish" / "Make live",
    }
}

choice! {
    /// When an early end is.
    When {
        /// Today is the last day.
        Today = "today" / "At the end of today",
        /// This very moment.
        Now = "now" / "Now",
    }
}

/// What to do, as the form says it.
#[derive(Clone, Copy, Debug)]
struct Order {
    act: Act,
    days: u64,
    when: When,
}

/// What becomes of one.
enum Outcome {
    Saved(NewAssignment),
    Removed,
}

/// The page before it is done.
#[derive(Template)]
#[template(path = "campaigns/bulk.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct BulkPage {
    pub campaign: Campaign,
    pub act: Act,
    pub form: Form,
    pub effects: Vec<String>,
    pub skipped: Vec<String>,
    pub ids: Vec<String>,
    pub seen: Vec<String>,
}

impl BulkPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }

    fn count(&self) -> String {
        counted(self.seen.len() as i64, "assignment", "assignments")
    }

    fn whens(&self) -> Vec<(&'static str, &'static str)> {
        When::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn is_harsh(&self) -> bool {
        matches!(self.act, Act::End | Act::Remove)
    }
}

fn order(form: &Form) -> Result<(Order, Option<FieldError>), AppError> {
    let act = Act::from_key(form.value("act"))
        .ok_or_else(|| AppError::BadRequest("Choose what to do with the assignments.".into()))?;
    let when = When::from_key(form.value("when")).unwrap_or(When::Today);
    let typed = if form.value("days").is_empty() { "7" } else { form.value("days") };
    let (days, problem) = match forms::shift(typed) {
        Ok(days) => (days, None),
        Err(why) => (7, (act == Act::Extend).then(|| FieldError::new("days", "Days", why))),
    };
    Ok((Order { act, days, when }, problem))
}

/// As it would be, or why it is left as it is.
fn outcome(one: &Assignment, order: Order, now: DateTime<Utc>) -> Result<Outcome, String> {
    let standing = one.standing(now);
    let zone = one.time_zone.tz();
    let saved = |state: AssignmentState, span: Span, ended_early: bool| {
        Ok(Outcome::Saved(NewAssignment {
            partner: one.partner_id,
            campaign: one.campaign_id,
            product: one.product_id,
            tier: one.tier_id,
            state,
            zone: one.time_zone.clone(),
            span,
            ended_early,
        }))
    };
    match order.act {
        Act::Extend => {
            let days = one.days();
            let Some(last) = days.last else { return Err("has no end".into()) };
            if standing.is_past() {
                return Err("is over; assign a new one".into());
            }
            let last = last.checked_add_days(Days::new(order.days));
            let days = DayRange { first: days.first, last };
            saved(one.state, Span { from: one.starts_at, until: days.span(zone).until }, false)
        }
        Act::End => {
            if !matches!(standing, Standing::Active | Standing::EndsSoon) {
                return Err(format!("is {}, so there is nothing to end", standing.label().to_lowercase()));
            }
            let today = now.with_timezone(&zone).date_naive();
            let end = match order.when {
                When::Now => now,
                When::Today => today.checked_add_days(Days::new(1)).map_or(now, |next| begins(next, zone)),
            };
            if one.ends_at.is_some_and(|until| until <= end) {
                return Err("ends then anyway".into());
            }
            if end <= one.starts_at {
                return Err("begins at this very moment; remove it instead".into());
            }
            saved(one.state, Span { from: one.starts_at, until: Some(end) }, true)
        }
        Act::Remove if one.is_removable(now) => Ok(Outcome::Removed),
        Act::Remove => Err("counts already or did; end it early instead".into()),
        Act::Publish if one.state == AssignmentState::Draft => saved(AssignmentState::Live, one.span(), false),
        Act::Publish => Err("is live already".into()),
    }
}

/// Those that change with what becomes of them, and the others with why not.
struct Sorted {
    able: Vec<(Assignment, Outcome)>,
    skipped: Vec<String>,
    names: Names,
}

fn sorted(tx: &mut ReadTx<'_>, campaign: &Campaign, ids: &[AssignmentId], order: Order) -> Result<Sorted, AppError> {
    let chosen = store::some_assignments(tx, campaign.id, ids)?;
    let names = Names::of(tx, &chosen)?;
    let now = tx.now();
    let mut all = store::of_campaign(tx, campaign.id, Narrowed { limit: Some(20_000), ..Narrowed::default() })?;
    all.retain(|one| one.state == AssignmentState::Live);
    let mut found = Sorted { able: Vec::new(), skipped: Vec::new(), names };
    for one in chosen {
        if let Some(why) = found.names.partners.get(&one.partner_id).and_then(frozen) {
            found.skipped.push(format!("{}: {why}", found.names.sentence(&one)));
            continue;
        }
        match outcome(&one, order, now) {
            Err(why) => found.skipped.push(format!("{} {why}", found.names.sentence(&one))),
            Ok(Outcome::Saved(new)) if new.state == AssignmentState::Live && hits(&all, &one, new.span) => {
                found.skipped.push(format!("{} would overlap another live one", found.names.sentence(&one)));
            }
            Ok(outcome) => {
                // The next one meets this one as it will be.
                if let Outcome::Saved(new) = &outcome {
                    all.retain(|other| other.id != one.id);
                    if new.state == AssignmentState::Live {
                        all.push(Assignment {
                            starts_at: new.span.from,
                            ends_at: new.span.until,
                            state: AssignmentState::Live,
                            ..one.clone()
                        });
                    }
                }
                found.able.push((one, outcome));
            }
        }
    }
    Ok(found)
}

fn hits(live: &[Assignment], one: &Assignment, span: Span) -> bool {
    live.iter().any(|other| other.id != one.id && other.is_of_same(one) && other.span().within(span).is_some())
}

fn effect(names: &Names, one: &Assignment, outcome: &Outcome, order: Order) -> String {
    let sentence = names.sentence(one);
    match (order.act, outcome) {
        (_, Outcome::Removed) => format!("{sentence}, goes away"),
        (Act::Publish, _) => format!("{sentence}, becomes live"),
        (Act::End, _) if order.when == When::Now => format!("{sentence}, ends now"),
        (Act::End, _) => format!("{sentence}, ends at the end of today"),
        (_, Outcome::Saved(new)) => {
            let last = DayRange::of(new.span, new.zone.tz()).last;
            format!("{sentence}, goes on through {}", day(last))
        }
    }
}

fn ids(form: &Form) -> Vec<AssignmentId> {
    form.values("id").iter().filter_map(|id| id.parse().ok()).take(AT_ONCE).collect()
}

fn page(tx: &mut ReadTx<'_>, id: &str, form: Form) -> Result<BulkPage, AppError> {
    let campaign = open(tx, id)?;
    let (order, problem) = order(&form)?;
    let ids = ids(&form);
    let Sorted { able, skipped, names } = sorted(tx, &campaign, &ids, order)?;
    let mut form = match problem {
        Some(problem) => form.with_errors(vec![problem]),
        None => form,
    };
    if form.value("days").is_empty() {
        form.set("days", "7");
    }
    if form.value("when").is_empty() {
        form.set("when", order.when.key());
    }
    Ok(BulkPage {
        act: order.act,
        effects: able.iter().map(|(one, outcome)| effect(&names, one, outcome, order)).collect(),
        seen: able.iter().map(|(one, _)| format!("{} {}", one.id, one.version)).collect(),
        ids: ids.iter().map(ToString::to_string).collect(),
        skipped,
        form,
        campaign,
    })
}

/// `GET /campaigns/{id}/assignments/bulk`: the same page for one assignment, by a link.
///
/// # Errors
/// As every page.
pub async fn ask(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let form = Form::typed(params.pairs().to_vec());
    shown(&grant, &app, id.into_inner(), form, &req).await
}

async fn shown(grant: &Grant<AssignTier>, app: &Data<App>, id: String, form: Form, req: &HttpRequest) -> PageResult {
    if ids(&form).is_empty() {
        leave_flash(req, "info", "Tick at least one assignment first.");
        let campaign = app.db.read(grant, move |tx| store::find(tx, &id)).await?;
        return Ok(see_other(&format!("{}/partners", super::address(campaign.id))));
    }
    let body = app.db.read(grant, move |tx| page(tx, &id, form)).await?;
    let status = if body.form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(format!("{} assignments", body.act.label()), Nav::Campaigns, body).status(status).answer(req))
}

/// `POST /campaigns/{id}/assignments/bulk`: asks, and with `confirmed` does it.
///
/// # Errors
/// As every page; [`AppError::Conflict`] when one was changed since it was listed.
pub async fn apply(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (_, problem) = order(&form)?;
    if !form.is("confirmed", "yes") || problem.is_some() {
        return shown(&grant, &app, id.into_inner(), form, &req).await;
    }
    let (said, address) = app.db.write(&grant, move |tx| done(tx, &id, &form)).await?;
    leave_flash(&req, "good", &said);
    Ok(see_other(&address))
}

/// The use case: what was listed happens.
///
/// # Errors
/// [`AppError::Conflict`] when what was listed is no longer so.
pub fn done(tx: &mut WriteTx<'_, AssignTier>, id: &str, form: &Form) -> Result<Change<(String, String)>, AppError> {
    let campaign = open(tx, id)?;
    let (order, _) = order(form)?;
    let listed = form.values("seen");
    let wanted: Vec<AssignmentId> =
        listed.iter().filter_map(|one| one.split(' ').next()?.parse().ok()).take(AT_ONCE).collect();
    let Sorted { able, skipped, names } = sorted(tx, &campaign, &wanted, order)?;
    let is_as_seen = |one: &Assignment| listed.contains(&format!("{} {}", one.id, one.version).as_str());
    if !skipped.is_empty() || able.len() != wanted.len() || able.iter().any(|(one, _)| !is_as_seen(one)) {
        return Err(AppError::Conflict(
            "One of the assignments was changed after the list was made, so none was touched. Go back and choose again."
                .into(),
        ));
    }
    let (mut events, mut steps) = (Vec::new(), Vec::new());
    for (one, outcome) in &able {
        match outcome {
            Outcome::Removed => {
                store::remove_assignment(tx, one)?;
                steps.push(UndoStep::removed(one));
            }
            Outcome::Saved(new) => {
                store::save_assignment(tx, one, new).map_err(refused)?;
                steps.push(UndoStep::changed(one));
            }
        }
        events.push(event(&campaign, &names, one, outcome, order));
    }
    let count = counted(able.len() as i64, "assignment", "assignments");
    let words = match order.act {
        Act::Extend => format!("extended {count} by {}", counted(order.days as i64, "day", "days")),
        Act::End => format!("ended {count} early"),
        Act::Remove => format!("removed {count}"),
        Act::Publish => format!("made {count} live"),
    };
    store::keep_undo(tx, &campaign, &words, &steps)?;
    let address = format!("{}/partners", super::address(campaign.id));
    Ok(Change::of((format!("You {words}. You can undo it here."), address), events))
}

/// An overlap that only the database saw has no form to stand beside.
pub fn refused(error: AppError) -> AppError {
    match error {
        AppError::Invalid(errors) => AppError::Conflict(format!(
            "Nothing was saved. {}",
            errors.iter().map(|error| error.message.clone()).collect::<Vec<_>>().join(" ")
        )),
        other => other,
    }
}

fn event(campaign: &Campaign, names: &Names, one: &Assignment, outcome: &Outcome, order: Order) -> Event {
    let (whose, tier, zone) = (names.whose(one), names.tier(one), one.time_zone.tz());
    let days = one.days().words(zone);
    let event = match (outcome, order.act) {
        (Outcome::Removed, _) => {
            CampaignEvent::AssignmentRemoved { whose, tier, days, hidden: is_hidden(campaign, one.state) }
        }
        (_, Act::End) => {
            let at = if order.when == When::Now { "at once" } else { "at the end of the day" };
            CampaignEvent::EndedEarly { whose, tier, at: at.into() }
        }
        (Outcome::Saved(new), _) => {
            let after = DayRange::of(new.span, zone).words(zone);
            let word = |state: AssignmentState| if state == AssignmentState::Live { "Live" } else { "Draft" };
            let changes =
                [FieldChange::of("Days", days, after), FieldChange::of("State", word(one.state), word(new.state))];
            let changes = changes.into_iter().flatten().collect();
            CampaignEvent::AssignmentChanged { whose, tier, changes, hidden: is_hidden(campaign, new.state) }
        }
    };
    event_of(campaign, one.partner_id, event)
}
