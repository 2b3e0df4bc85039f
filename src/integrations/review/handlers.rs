//! `GET /integrations/{id}/review`: what was submitted, beside what it is compared with and what was said about it.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::views::{Checked, Compose, Deed, Reader, ReviewPage, Since, Task, Verdict, fields, latest, standing};
use super::{address, found, is_submitted, needs_another, presence, shown, store};
use crate::access::{
    CommentIntegration, DecideIntegration, Grant, Permission, PublishIntegration, ReadIntegration, ReviewIntegration,
    Scope,
};
use crate::app::App;
use crate::db::ReadTx;
use crate::integrations;
use crate::integrations::content::{Content, PageName, Spot};
use crate::integrations::feedback;
use crate::integrations::feedback::model::Thread;
use crate::integrations::feedback::views::{Back, Board};
use crate::integrations::list;
use crate::integrations::list::views::{Clock, Waiting};
use crate::integrations::model::{Integration, Outcome};
use crate::integrations::stage::Move;
use crate::integrations::store::Submission;
use crate::partners::views::may;
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// What of a review is looked at.
#[derive(Clone, Debug)]
pub struct Look {
    page: PageName,
    since: Option<Since>,
    /// On which place feedback is being written: none, the whole page, or a field.
    compose: Option<Option<Spot>>,
    criterion: String,
    resolved: bool,
}

impl Look {
    /// As an address says; what it does not say is the first page and the most useful comparison.
    pub fn read(params: &Params) -> Look {
        Look {
            page: PageName::from_key(params.get("page")).unwrap_or(PageName::General),
            since: Since::from_key(params.get("since")),
            compose: match params.get("field") {
                "" => None,
                field => Some(field.parse().ok()),
            },
            criterion: params.get("check").to_owned(),
            resolved: params.get("show") == "resolved",
        }
    }

    /// What a form's page was compared with, so that its answer leads back there.
    pub fn since(form: &Form) -> Option<Since> {
        Since::from_key(form.value("since"))
    }

    fn of_form(form: &Form) -> Look {
        Look {
            page: PageName::from_key(form.value("page")).unwrap_or(PageName::General),
            since: Look::since(form),
            compose: None,
            criterion: form.value("criterion").to_owned(),
            resolved: false,
        }
    }
}

/// `GET /integrations/{id}/review`
///
/// # Errors
/// As every page.
pub async fn show(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let look = Look::read(&params);
    let mut body = app.db.read(&grant, move |tx| review_page(tx, &id, &look)).await?;
    presence::note(&grant, &app, &body.integration).await?;
    place(&grant, &app, &mut body).await?;
    Ok(Page::new(title(&body), Nav::Integrations, body).region(ReviewPage::polled).answer(&req))
}

fn title(body: &ReviewPage) -> String {
    format!("Review of {}", body.integration.name)
}

/// A partner's people learn how many are before them.
async fn place(grant: &Grant<ReadIntegration>, app: &App, body: &mut ReviewPage) -> Result<(), AppError> {
    let Scope::Partner { program, .. } = grant.actor().scope() else { return Ok(()) };
    if body.waiting.is_some() {
        let id = body.integration.id;
        let places = app
            .db
            .system("tell a partner the place of a submission", move |tx| list::store::places(tx, program, &[id]))
            .await?;
        body.place = places.get(&id).copied();
    }
    Ok(())
}

/// A form of this page that was refused.
pub enum Refused {
    /// New feedback.
    New(Form),
    /// An answer in an item.
    Reply(String, Form),
    /// A verdict.
    Verdict(Form),
}

/// The page again, with what was typed and what is wrong with it: 422.
///
/// # Errors
/// As [`show`].
pub async fn again<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: &str,
    refused: Refused,
    req: &HttpRequest,
) -> Result<HttpResponse, AppError> {
    let Some(reads) = grant.also::<ReadIntegration>() else {
        return Err(AppError::Forbidden("Your role does not include integrations.".into()));
    };
    let id = id.to_owned();
    let mut body = app.db.read(&reads, move |tx| refused_page(tx, &id, refused)).await?;
    place(&reads, app, &mut body).await?;
    Ok(Page::new(title(&body), Nav::Integrations, body).refused().answer(req))
}

fn refused_page(tx: &mut ReadTx<'_>, id: &str, refused: Refused) -> Result<ReviewPage, AppError> {
    match refused {
        Refused::New(form) => {
            let spot = form.value("field").parse().ok();
            let look = Look { compose: Some(spot), ..Look::of_form(&form) };
            let mut body = review_page(tx, id, &look)?;
            body.compose = body.compose.map(|compose| Compose { form, ..compose });
            Ok(body)
        }
        Refused::Reply(thread, form) => {
            let (integration, _) = found(tx, id)?;
            let thread = feedback::store::find(tx, &integration, &thread)?;
            let look = Look { page: thread.page, resolved: thread.is_resolved(), ..Look::of_form(&form) };
            let mut body = review_page(tx, id, &look)?;
            if form.is("back", Back::Edit.key()) {
                body.feedback.back = Back::Edit;
            }
            body.feedback.refused = Some((thread.id, form));
            Ok(body)
        }
        Refused::Verdict(form) => {
            let mut body = review_page(tx, id, &Look::of_form(&form))?;
            body.verdict = body.verdict.map(|verdict| Verdict { form, ..verdict });
            Ok(body)
        }
    }
}

/// A content to compare with, and its name.
struct Base {
    since: Since,
    label: String,
    /// "submission 1, reviewed by you on 11 Nov".
    about: String,
    content: Content,
}

/// Everything that the present content can be compared with.
fn bases(
    tx: &mut ReadTx<'_>,
    of: &Integration,
    rounds: &[Submission],
    marks: &[(PageName, i32)],
) -> Result<Vec<Base>, AppError> {
    let mut found = Vec::new();
    let before = if is_submitted(of) { of.submission - 1 } else { of.submission };
    if let Some(round) = rounds.iter().find(|round| round.number == before) {
        found.push(Base {
            since: Since::Submission,
            label: format!("Since submission {before}"),
            about: about(tx, round),
            content: integrations::store::submission(tx, of, before)?,
        });
    }
    let me = tx.actor().user();
    let answered = rounds.iter().filter(|round| round.answered_by.is_some() && round.answered_by == me);
    let viewed = marks.iter().map(|(_, submission)| *submission);
    let last = answered.map(|round| round.number).chain(viewed).filter(|number| *number <= before).max();
    if let Some(round) = last.and_then(|last| rounds.iter().find(|round| round.number == last)) {
        found.push(Base {
            since: Since::Mine,
            label: Since::Mine.label().into(),
            about: about(tx, round),
            content: integrations::store::submission(tx, of, round.number)?,
        });
    }
    if let (Some(number), Some(content)) = (of.live_number, integrations::store::live(tx, of)?) {
        found.push(Base {
            since: Since::Published,
            label: Since::Published.label().into(),
            about: format!("the published version {number}"),
            content,
        });
    }
    Ok(found)
}

fn about(tx: &ReadTx<'_>, round: &Submission) -> String {
    let actor = tx.actor();
    let number = round.number;
    match round.answered_at {
        Some(at) if round.outcome != Some(Outcome::Withdrawn) => {
            let who = feedback::views::called(round.answered_by, &round.answered_by_name, actor);
            let who = if who == "You" { "you".into() } else { who };
            format!("submission {number}, answered by {who} on {}", at.with_timezone(&actor.zone()).format("%-d %b"))
        }
        Some(_) => format!("submission {number}, which was withdrawn"),
        None => format!("submission {number}"),
    }
}

/// The page, in somebody's scope.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn review_page(tx: &mut ReadTx<'_>, id: &str, look: &Look) -> Result<ReviewPage, AppError> {
    let (of, partner) = found(tx, id)?;
    let now = shown(tx, &of)?;
    let rounds = integrations::store::submissions(tx, &of)?;
    let reviews = may::<ReviewIntegration>(tx.actor());
    let marks = match tx.actor().user() {
        Some(me) if reviews => store::marks(tx, &of, me)?,
        _ => Vec::new(),
    };
    let board = Board::load(tx, &of, &now)?;
    let bases = bases(tx, &of, &rounds, &marks)?;
    let since = look.since.filter(|wanted| bases.iter().any(|base| base.since == *wanted) || *wanted == Since::Now);
    let since = since.unwrap_or_else(|| {
        let best = [Since::Submission, Since::Published].into_iter();
        best.filter(|_| is_submitted(&of)).find(|one| bases.iter().any(|base| base.since == *one)).unwrap_or(Since::Now)
    });
    let base = bases.iter().find(|base| base.since == since);
    let on_field = |spot: Spot| {
        let on = |thread: &&Thread| thread.page == look.page && thread.spot() == Some(spot) && !thread.is_resolved();
        board.threads.iter().filter(on).count()
    };
    let (changed, unchanged) = fields(&of, &now, base.map(|base| &base.content), look.page, on_field);
    let tasks = tasks(tx, &of, &now, &board, &marks, since)?;
    let program = programs::store::current(tx)?;
    let clock = Clock {
        now: tx.now(),
        zone: program.time_zone.tz(),
        target: integrations::store::settings(tx)?.target_minutes(),
    };
    let key = of.id.to_string();
    let readers = if reviews { store::readers(tx, &of)? } else { Vec::new() };
    let snoozed = match tx.actor().user() {
        Some(me) if reviews => list::store::snoozed(tx, me)?.contains_key(&of.id),
        _ => false,
    };
    let feedback = board.column(tx, &of, &now, look.page, Back::Review, look.resolved);
    let is_own = needs_another(tx.actor(), &of).is_err();
    let shows = if look.resolved { "&show=resolved" } else { "" };
    Ok(ReviewPage {
        address: integrations::address(of.id),
        partner: (partner.code.to_string(), partner.name.to_string()),
        is_partners: !partner.is_hosting,
        sees_all: matches!(tx.scope(), Scope::Program(_)),
        reviews,
        is_own,
        is_mine: of.assignee_id.is_some() && of.assignee_id == tx.actor().user(),
        waiting: Waiting::of(&of, clock),
        place: None,
        readers: readers.iter().map(|(id, name)| Reader::new(*id, name)).collect(),
        viewed: tasks.iter().filter(|task| task.standing == "Viewed").count(),
        tasks,
        can_mark: reviews && is_submitted(&of),
        checked: rounds.first().filter(|_| is_submitted(&of)).map(|round| checked(round, &of, &now)),
        page: look.page,
        since,
        compared: compared(&changed, &unchanged, base),
        bases: switch(&bases, &key, look.page),
        fields: changed,
        unchanged,
        feedback,
        compose: look.compose.filter(|_| reviews).map(|spot| compose(&now, spot, look)),
        note: rounds
            .first()
            .filter(|round| is_submitted(&of) && !round.note.is_empty())
            .map(|round| (round.submitted_by_name.clone(), round.note.clone())),
        summary: summary(tx, &rounds),
        verdict: (reviews && !is_own).then(|| verdict(tx, &of, &board, program.time_zone.as_str())).flatten(),
        deeds: deeds(tx, &of),
        blocking: board.blocking(),
        is_snoozed: snoozed,
        poll: format!("{}{shows}", address(&key, look.page, Some(since))),
        integration: of,
    })
}

fn switch(bases: &[Base], id: &str, page: PageName) -> Vec<(Since, String, String)> {
    let now = (Since::Now, Since::Now.label().to_owned(), address(id, page, Some(Since::Now)));
    let others = bases.iter().map(|base| (base.since, base.label.clone(), address(id, page, Some(base.since))));
    std::iter::once(now).chain(others).collect()
}

fn compared(changed: &[super::views::FieldView], unchanged: &[super::views::FieldView], base: Option<&Base>) -> String {
    let Some(base) = base else { return String::new() };
    let all = changed.len() + unchanged.len();
    match changed.len() {
        0 => format!("Nothing on this page differs from {}.", base.about),
        1 => format!("1 of {all} fields differs from {}.", base.about),
        some => format!("{some} of {all} fields differ from {}.", base.about),
    }
}

fn tasks(
    tx: &mut ReadTx<'_>,
    of: &Integration,
    now: &Content,
    board: &Board,
    marks: &[(PageName, i32)],
    since: Since,
) -> Result<Vec<Task>, AppError> {
    let latest = latest(marks);
    let mut then: HashMap<i32, Vec<Spot>> = HashMap::new();
    for submission in latest.values().filter(|submission| **submission < of.submission) {
        if !then.contains_key(submission) {
            let old = integrations::store::submission(tx, of, *submission)?;
            then.insert(*submission, now.changed_from(&old));
        }
    }
    let reviews = may::<ReviewIntegration>(tx.actor()) && is_submitted(of);
    let key = of.id.to_string();
    let task = |page: PageName| {
        let seen = latest.get(&page).copied();
        let changed = seen.and_then(|seen| then.get(&seen));
        let is_changed = changed.is_some_and(|spots| spots.iter().any(|spot| spot.page() == page));
        Task {
            page,
            address: address(&key, page, Some(since)),
            standing: if reviews { standing(seen, of.submission, is_changed) } else { "" },
            open: board.open_on(page),
        }
    };
    Ok(PageName::ALL.iter().map(|page| task(*page)).collect())
}

fn checked(round: &Submission, of: &Integration, now: &Content) -> Checked {
    let findings = round.findings();
    let failed = findings.failed().map(|one| {
        let spot: Option<Spot> = one.spot.parse().ok().filter(|spot| now.all_spots().contains(spot));
        let field = spot.map_or_else(|| "page".to_owned(), |spot| spot.to_string());
        let page = PageName::from_key(&one.page).unwrap_or(PageName::General);
        let check = crate::web::encode(&one.rule);
        let link = format!(
            "{}&field={}&check={check}#comment",
            address(&of.id.to_string(), page, None),
            crate::web::encode(&field)
        );
        (one.rule.clone(), one.wrong.clone(), link)
    });
    Checked { passed: findings.passed(), total: findings.0.len(), failed: failed.collect() }
}

fn compose(now: &Content, spot: Option<Spot>, look: &Look) -> Compose {
    let spot = spot.filter(|spot| spot.page() == look.page);
    Compose {
        about: spot.map_or_else(|| format!("the page {}", look.page.label()), |spot| now.label(spot)),
        field: spot.map(|spot| spot.to_string()).unwrap_or_default(),
        criterion: look.criterion.chars().take(300).collect(),
        form: Form::default(),
    }
}

/// What the host wrote with its last answer: from whom, what, and when.
fn summary(tx: &ReadTx<'_>, rounds: &[Submission]) -> Option<(String, String, When)> {
    let round = rounds.iter().find(|round| round.answered_at.is_some())?;
    let at = round.answered_at.filter(|_| !round.summary.is_empty())?;
    Some((round.answered_by_name.clone(), round.summary.clone(), When::new(at, tx.now(), tx.actor().zone())))
}

/// What a reviewer can decide now; none when nothing waits for a decision.
fn verdict(tx: &ReadTx<'_>, of: &Integration, board: &Board, zone: &str) -> Option<Verdict> {
    let (actor, stage) = (tx.actor(), of.stage());
    let can = |wanted: Move, allowed: bool| allowed && stage.after(wanted, false).is_ok();
    let publishes = may::<PublishIntegration>(actor);
    of.expected_at?;
    let all = [
        ("comment", "Comment", "", true),
        (Move::RequestChanges.key(), Move::RequestChanges.label(), "2", can(Move::RequestChanges, true)),
        (Move::Publish.key(), Move::Publish.label(), "1", can(Move::Publish, publishes)),
        (Move::Schedule.key(), Move::Schedule.label(), "", can(Move::Schedule, publishes)),
        (Move::Reject.key(), Move::Reject.label(), "3", can(Move::Reject, may::<DecideIntegration>(actor))),
    ];
    Some(Verdict {
        version: of.version,
        choices: all.iter().filter(|(.., can)| *can).map(|(key, label, press, _)| (*key, *label, *press)).collect(),
        blocking: board.blocking(),
        zone: zone.to_owned(),
        can_schedule: can(Move::Schedule, publishes),
        can_reject: can(Move::Reject, may::<DecideIntegration>(actor)),
        form: Form::default(),
    })
}

/// What the partner's side can do from here.
fn deeds(tx: &ReadTx<'_>, of: &Integration) -> Vec<Deed> {
    let actor = tx.actor();
    let is_theirs = matches!(actor.scope(), Scope::Partner { .. }) && may::<CommentIntegration>(actor);
    [Move::Resubmit, Move::Withdraw]
        .into_iter()
        .filter(|wanted| is_theirs && wanted.is_open_to(actor) && of.stage().after(*wanted, false).is_ok())
        .map(|wanted| Deed::new(of, wanted))
        .collect()
}
