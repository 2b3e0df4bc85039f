//! The review page, put together: what is shown, what it is compared with, and what was said about it.

use std::collections::HashMap;

use super::fields::{FieldView, fields};
use super::handlers::Look;
use super::views::{
    Checked, Compose, Deed, Reader, ReviewPage, Since, Task, VIEWED, Verdict, latest, reading, standing,
};
use super::{address, found, is_submitted, needs_another, shown, store};
use crate::access::{CommentIntegration, DecideIntegration, PublishIntegration, ReviewIntegration, Scope};
use crate::db::ReadTx;
use crate::integrations;
use crate::integrations::checks;
use crate::integrations::checks::views::Checklist;
use crate::integrations::content::{Content, PageName, Spot};
use crate::integrations::feedback;
use crate::integrations::feedback::model::Thread;
use crate::integrations::feedback::views::{Back, Board};
use crate::integrations::list;
use crate::integrations::list::views::{Clock, Waiting};
use crate::integrations::model::{Integration, Outcome};
use crate::integrations::stage::Move;
use crate::integrations::store::Submission;
use crate::partners::model::Partner;
use crate::partners::views::may;
use crate::programs;
use crate::programs::model::Program;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::time::When;

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

/// Everything that the page is made of.
struct Desk {
    of: Integration,
    partner: Partner,
    program: Program,
    now: Content,
    rounds: Vec<Submission>,
    marks: Vec<(PageName, i32)>,
    board: Board,
    bases: Vec<Base>,
    reviews: bool,
    since: Since,
}

impl Desk {
    fn load(tx: &mut ReadTx<'_>, id: &str, look: &Look) -> Result<Desk, AppError> {
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
        let since = look.since.filter(|wanted| *wanted == Since::Now || bases.iter().any(|base| base.since == *wanted));
        let best = || {
            let there = |one: &Since| is_submitted(&of) && bases.iter().any(|base| base.since == *one);
            [Since::Submission, Since::Published].into_iter().find(there).unwrap_or(Since::Now)
        };
        let since = since.unwrap_or_else(best);
        let program = programs::store::current(tx)?;
        Ok(Desk { of, partner, program, now, rounds, marks, board, bases, reviews, since })
    }

    fn fields(&self, page: PageName) -> (Vec<FieldView>, Vec<FieldView>, String) {
        let base = self.bases.iter().find(|base| base.since == self.since);
        let on_field = |spot: Spot| {
            let on = |thread: &&Thread| thread.page == page && thread.spot() == Some(spot) && !thread.is_resolved();
            self.board.threads.iter().filter(on).count()
        };
        let (changed, same) = fields(&self.of, &self.now, base.map(|base| &base.content), page, on_field);
        let compared = compared(&changed, &same, base);
        (changed, same, compared)
    }

    fn note(&self) -> Option<(String, String)> {
        let round = self.rounds.first().filter(|round| is_submitted(&self.of) && !round.note.is_empty())?;
        Some((round.submitted_by_name.clone(), round.note.clone()))
    }

    fn checked(&self) -> Option<Checked> {
        self.rounds.first().filter(|_| is_submitted(&self.of)).map(|round| checked(round, &self.of, &self.now))
    }
}

/// What only a person judges; what was checked by itself stands above it.
fn checklist(tx: &mut ReadTx<'_>, desk: &Desk) -> Result<Option<Checklist>, AppError> {
    let Some(round) = desk.rounds.first().filter(|_| desk.reviews && is_submitted(&desk.of)) else { return Ok(None) };
    let lines: Vec<_> =
        checks::checklist(tx, &desk.of, round)?.into_iter().filter(|line| line.manual.is_some()).collect();
    Ok((!lines.is_empty()).then(|| Checklist::new(lines, &desk.of, round.number, true)))
}

/// Who else has it open, and whether oneself put it off.
fn company(tx: &mut ReadTx<'_>, desk: &Desk) -> Result<(Vec<Reader>, bool), AppError> {
    let Some(me) = tx.actor().user().filter(|_| desk.reviews) else { return Ok((Vec::new(), false)) };
    let readers = store::readers(tx, &desk.of)?;
    let is_snoozed = list::store::snoozed(tx, me)?.contains_key(&desk.of.id);
    Ok((readers.iter().map(|(id, name)| Reader::new(*id, name)).collect(), is_snoozed))
}

/// The page, in somebody's scope.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn review_page(tx: &mut ReadTx<'_>, id: &str, look: &Look) -> Result<ReviewPage, AppError> {
    let desk = Desk::load(tx, id, look)?;
    let tasks = tasks(tx, &desk)?;
    let target = integrations::store::settings(tx)?.target_minutes();
    let clock = Clock { now: tx.now(), zone: desk.program.time_zone.tz(), target };
    let (readers, is_snoozed) = company(tx, &desk)?;
    let (fields, unchanged, compared) = desk.fields(look.page);
    let (key, is_own) = (desk.of.id.to_string(), needs_another(tx.actor(), &desk.of).is_err());
    let shows = if look.resolved { "&show=resolved" } else { "" };
    let decides = desk.reviews && !is_own;
    Ok(ReviewPage {
        address: integrations::address(desk.of.id),
        partner: (desk.partner.code.to_string(), desk.partner.name.to_string()),
        is_partners: !desk.partner.is_hosting,
        sees_all: matches!(tx.scope(), Scope::Program(_)),
        reviews: desk.reviews,
        is_own,
        is_mine: desk.of.assignee_id.is_some() && desk.of.assignee_id == tx.actor().user(),
        waiting: Waiting::of(&desk.of, clock),
        place: None,
        reading: reading(&readers),
        readers,
        // Whoever looks through another's eyes leaves no trace.
        beats: desk.reviews && tx.actor().viewer().is_none(),
        viewed: tasks.iter().filter(|task| task.standing == VIEWED).count(),
        tasks,
        can_mark: desk.reviews && is_submitted(&desk.of),
        checked: desk.checked(),
        checklist: checklist(tx, &desk)?,
        page: look.page,
        since: desk.since,
        bases: switch(&desk.bases, &key, look.page),
        compared,
        fields,
        unchanged,
        feedback: desk.board.column(tx, &desk.of, &desk.now, look.page, Back::Review, look.resolved),
        compose: look.compose.filter(|_| desk.reviews).map(|spot| compose(&desk.now, spot, look)),
        note: desk.note(),
        summary: summary(tx, &desk.rounds),
        verdict: if decides { verdict(tx, &desk) } else { None },
        deeds: deeds(tx, &desk.of),
        blocking: desk.board.blocking(),
        is_snoozed,
        poll: format!("{}{shows}", address(&key, look.page, Some(desk.since))),
        integration: desk.of,
    })
}

fn switch(bases: &[Base], id: &str, page: PageName) -> Vec<(Since, String, String)> {
    let now = (Since::Now, Since::Now.label().to_owned(), address(id, page, Some(Since::Now)));
    let others = bases.iter().map(|base| (base.since, base.label.clone(), address(id, page, Some(base.since))));
    std::iter::once(now).chain(others).collect()
}

fn compared(changed: &[FieldView], unchanged: &[FieldView], base: Option<&Base>) -> String {
    let Some(base) = base else { return String::new() };
    let all = changed.len() + unchanged.len();
    match changed.len() {
        0 => format!("Nothing on this page differs from {}.", base.about),
        1 => format!("1 of {all} fields differs from {}.", base.about),
        some => format!("{some} of {all} fields differ from {}.", base.about),
    }
}

fn tasks(tx: &mut ReadTx<'_>, desk: &Desk) -> Result<Vec<Task>, AppError> {
    let (of, latest) = (&desk.of, latest(&desk.marks));
    let mut then: HashMap<i32, Vec<Spot>> = HashMap::new();
    for submission in latest.values().filter(|submission| **submission < of.submission) {
        if !then.contains_key(submission) {
            let old = integrations::store::submission(tx, of, *submission)?;
            then.insert(*submission, desk.now.changed_from(&old));
        }
    }
    let key = of.id.to_string();
    let task = |page: PageName| {
        let seen = latest.get(&page).copied();
        let changed = seen.and_then(|seen| then.get(&seen));
        let is_changed = changed.is_some_and(|spots| spots.iter().any(|spot| spot.page() == page));
        let marks = desk.reviews && is_submitted(of);
        Task {
            page,
            address: address(&key, page, Some(desk.since)),
            standing: if marks { standing(seen, of.submission, is_changed) } else { "" },
            open: desk.board.open_on(page),
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
fn verdict(tx: &ReadTx<'_>, desk: &Desk) -> Option<Verdict> {
    let (actor, stage) = (tx.actor(), desk.of.stage());
    desk.of.expected_at?;
    let can = |wanted: Move, allowed: bool| allowed && stage.after(wanted, false).is_ok();
    let publishes = can(Move::Publish, may::<PublishIntegration>(actor));
    let rejects = can(Move::Reject, may::<DecideIntegration>(actor));
    let all = [
        ("comment", "Comment", "", true),
        (Move::RequestChanges.key(), Move::RequestChanges.label(), "2", can(Move::RequestChanges, true)),
        (Move::Publish.key(), Move::Publish.label(), "1", publishes),
        (Move::Reject.key(), Move::Reject.label(), "3", rejects),
    ];
    Some(Verdict {
        version: desk.of.version,
        choices: all.iter().filter(|(.., can)| *can).map(|(key, label, press, _)| (*key, *label, *press)).collect(),
        // A day is one where the partner is.
        zone: desk.partner.time_zone.to_string(),
        can_schedule: publishes,
        can_reject: rejects,
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
