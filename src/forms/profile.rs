//! What a partner's own pages show of its form: the section of the profile, and whether the form is the next step.

use super::model::{Due, Facts, FormKind, Standing};
use super::store::answers::{self as store, Subject};
use super::store::live;
use super::views::{Section, Submission, day};
use crate::access::{AnswerForms, ReadAnswers, UpdateForms};
use crate::db::ReadTx;
use crate::partners::model::{Partner, Status};
use crate::partners::views::may;
use crate::partners::{self};
use crate::web::error::AppError;
use crate::web::time::When;

/// The section of a profile; none when the person may not see it, or the program never had a form.
///
/// # Errors
/// When the database does not answer.
pub fn section(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Option<Section>, AppError> {
    if !may::<ReadAnswers>(tx.actor()) {
        return Ok(None);
    }
    let (subject, code) = (Subject::partner(partner), partner.code.as_str());
    let (live, sent) = (live(tx, FormKind::Partner)?, store::sent(tx, subject)?);
    if live.is_none() && sent.is_empty() {
        return Ok(None);
    }
    let due = live.as_ref().map(|live| store::facts(tx, subject, live)).transpose()?.map(|facts| facts.due());
    let (now, zone) = (tx.now(), tx.actor().zone());
    let mut history = Vec::new();
    for answers in &sent {
        history.push(Submission::new(answers, code, now, zone)?);
    }
    let draft = if live.is_some() { store::draft(tx, subject)? } else { None };
    let request =
        store::request(tx, subject)?.filter(|one| sent.first().is_some_and(|last| one.asked_at > last.changed_at));
    let is_there = live.is_some() && partner.status != Status::Archived;
    let offered = |offered: bool, tab: &str| (is_there && offered).then(|| partners::tab(code, tab));
    Ok(Some(Section {
        last: (!history.is_empty()).then(|| history.remove(0)),
        history,
        draft: draft.map(|one| (one.changed_by_name.clone(), When::new(one.changed_at, now, zone))),
        request: request.map(|one| (format!("{}, by {}", one.asked_by_name, day(one.due_on)), one.note)),
        answer: offered(may::<AnswerForms>(tx.actor()), "profile/answers"),
        ask: offered(may::<UpdateForms>(tx.actor()) && !sent.is_empty(), "profile/request"),
        due,
    }))
}

/// Whether a partner's form waits for somebody who may answer it.
///
/// # Errors
/// When the database does not answer.
pub fn is_open(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<bool, AppError> {
    Ok(due(tx, partner)?.is_some())
}

/// Where the partner stands with its form, when that waits for somebody who may answer it.
///
/// # Errors
/// When the database does not answer.
pub fn due(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Option<Due>, AppError> {
    let over = matches!(partner.status, Status::Archived | Status::Offboarding | Status::Suspended);
    if over || !may::<AnswerForms>(tx.actor()) {
        return Ok(None);
    }
    let due = store::facts_now(tx, Subject::partner(partner))?.map(Facts::due);
    Ok(due.filter(|due| due.standing != Standing::Complete))
}
