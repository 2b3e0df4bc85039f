//! The integration form: answered under an integration's Configure page, kept as a draft while its pages can be
//! edited, and sent with the integration when that is submitted (S2-11, S2-14).
//!
//! Whoever submits calls [`freeze_for`] in the same transaction. The answers then stand in the submission word by
//! word, whatever becomes of the form.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::answer::{self, Before, FILES, Whom};
use super::model::{Answered, Begun, Due, FormKind, QuestionKind, Standing};
use super::sheet::{self, Errors};
use super::store::answers::{self as store, Answers, Seen, Subject};
use super::store::{FormVersion, live};
use super::views::{AnswerLine, ClosedPage, IntegrationSection, day};
use crate::access::{AnswerForms, Grant, Permission, ReadAnswers};
use crate::activity::{Event, IntegrationEvent};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::model::Integration;
use crate::integrations::stage::{Revision, State};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use crate::web::upload::Uploads;

/// The address of the answers, given that of the integration.
pub(super) fn address(integration: &str) -> String {
    format!("{integration}/answers")
}

/// `GET /integrations/{id}/answers`
///
/// # Errors
/// As every page; [`AppError::Refused`] when there is no form.
pub async fn form(grant: Grant<AnswerForms>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let wanted = id.to_string();
    let shut = app.db.read(&grant, move |tx| shut(tx, &wanted)).await?;
    match shut {
        Some(body) => Ok(Page::new(FormKind::Integration.title(), Nav::None, body).answer(&req)),
        None => answer::show(grant, app, Whom::Integration(id.into_inner()), req).await,
    }
}

/// The page that says why nothing can be answered now, with what was answered; none when it can, or there is no form.
fn shut(tx: &mut ReadTx<'_>, id: &str) -> Result<Option<ClosedPage>, AppError> {
    let of = crate::integrations::store::find(tx, id)?;
    let answers = section(tx, &of)?.filter(|section| !section.closed.is_empty());
    Ok(answers.map(|answers| ClosedPage { address: crate::integrations::address(of.id), name: of.name, answers }))
}

/// `POST /integrations/{id}/answers`: keeps a draft, and with `send` only one that is complete.
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<AnswerForms>,
    app: Data<App>,
    id: Path<String>,
    upload: Uploads<FILES>,
    req: HttpRequest,
) -> PageResult {
    answer::take(grant, app, Whom::Integration(id.into_inner()), upload, req).await
}

/// The partner of an integration that was found in scope.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub(super) fn partner(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Partner, AppError> {
    let names = partners::store::names(tx, &[of.partner_id])?;
    let (code, _) = names.get(&of.partner_id).ok_or(AppError::NotFound)?;
    partners::store::find(tx, code)
}

/// Why an integration's answers cannot be written now, and what to do; none when they can.
fn closed(of: &Integration, partner: &Partner) -> Option<String> {
    if matches!(partner.status, Status::Suspended | Status::Archived) {
        let status = partner.status.label().to_lowercase();
        return Some(format!("{} is {status}, so its answers stay as they are.", partner.name));
    }
    if of.stage().is_editable() {
        return None;
    }
    let reviewed = of.state == State::InReview || of.revision == Some(Revision::InReview);
    Some(match of.state {
        _ if reviewed => "It is in review, so the answers stay as they were sent. Withdraw it to change them.".into(),
        State::Published => {
            "It is published, so the answers stay as they were sent. They are changed in a revision.".into()
        }
        _ => format!("It is {}, so the answers stay as they are.", of.stage().words().to_lowercase()),
    })
}

/// The answers of a partner itself are always open here; those of an integration while its pages are.
///
/// # Errors
/// [`AppError::Refused`] with what to do.
pub(super) fn needs_open(before: &Before) -> Result<(), AppError> {
    let Some(of) = &before.integration else { return Ok(()) };
    closed(of, &before.partner).map_or(Ok(()), |words| Err(AppError::Refused(words)))
}

/// Keeps a draft, with who ticked terms and when.
pub(super) fn keep(
    tx: &mut WriteTx<'_, AnswerForms>,
    before: &Before,
    seen: Seen,
    begun: &mut Begun,
) -> Result<(), AppError> {
    let known = before.begun()?.accepted;
    let terms = before.live.questions.iter().filter(|one| one.kind == QuestionKind::Terms);
    for question in terms.filter(|one| begun.values.contains_key(&one.id)) {
        let fresh = || sheet::accepted(tx.actor(), before.live.number, tx.now());
        let kept = known.get(&question.id).cloned().unwrap_or_else(fresh);
        begun.accepted.insert(question.id, kept);
    }
    store::keep(tx, before.subject(), &before.live, seen, begun)
}

/// What to say after that, and what happened.
pub(super) fn kept(before: &Before, is_complete: bool) -> Change<String> {
    let said = match is_complete {
        true => "The answers are complete. They are sent when the integration is submitted.",
        false => "The draft is saved. Nothing was sent yet.",
    };
    let events = before.integration.iter().map(|of| Event::Integration {
        partner: of.partner_id,
        integration: of.id,
        name: of.name.clone(),
        event: IntegrationEvent::AnswersSaved,
    });
    Change::of(said.to_owned(), events.collect())
}

/// Where an integration stands with the form: what would be sent now.
pub struct Standings {
    /// The form.
    pub live: FormVersion,
    draft: Option<Answers>,
    last: Option<Answers>,
    /// Whether it is asked, or asked again.
    pub due: Due,
}

impl Standings {
    /// What the draft holds; of no draft what was sent last, which has to be looked at again.
    fn begun(&self) -> Result<Begun, AppError> {
        match (&self.draft, &self.last) {
            (Some(draft), _) => Ok(draft.begun()?.with_terms_of(&self.live.questions, self.live.number)),
            (None, Some(last)) => Ok(Begun::from_sent(&last.answered()?)),
            (None, None) => Ok(Begun::default()),
        }
    }

    /// Whether what was sent last still counts.
    fn is_settled(&self) -> bool {
        self.draft.is_none() && self.due.standing == Standing::Complete
    }

    /// Whether it is asked again, and nobody has looked since.
    pub fn is_asked_again(&self) -> bool {
        self.draft.is_none() && self.due.standing == Standing::Outdated
    }

    /// The answers as they stand, right or wrong.
    ///
    /// # Errors
    /// When the table holds something else.
    pub fn present(&self) -> Result<Vec<Answered>, AppError> {
        match &self.last {
            Some(last) if self.draft.is_none() => last.answered(),
            _ => Ok(self.begun()?.present(&self.live.questions)),
        }
    }

    /// What keeps them from being sent, by question.
    ///
    /// # Errors
    /// When the table holds something else.
    pub fn errors(&self, tx: &ReadTx<'_>) -> Result<Errors, AppError> {
        if self.is_settled() {
            return Ok(Errors::new());
        }
        let begun = self.begun()?;
        let read = sheet::answered(&self.live.questions, &begun, self.live.number, tx.actor(), tx.now());
        Ok(read.err().unwrap_or_default())
    }
}

/// Where an integration stands with the program's form; none when there is no form.
///
/// # Errors
/// When the database does not answer.
pub fn standings(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Option<Standings>, AppError> {
    let Some(live) = live(tx, FormKind::Integration)? else { return Ok(None) };
    let subject = Subject::integration(of);
    Ok(Some(Standings {
        draft: store::draft(tx, subject)?,
        last: store::last(tx, subject)?,
        due: store::facts(tx, subject, &live)?.due(),
        live,
    }))
}

/// Turns the draft into answers that were sent, and hands them over with the wording that they answer. Without a draft
/// what was sent last still counts, unless it is asked for again. The caller submits the integration in the same
/// transaction.
///
/// # Errors
/// [`AppError::Refused`] when something is missing or wrong, [`AppError::Conflict`] when somebody was faster.
pub fn freeze_for<P: Permission>(tx: &mut WriteTx<'_, P>, of: &Integration) -> Result<Vec<Answered>, AppError> {
    let Some(standings) = standings(tx, of)? else { return Ok(Vec::new()) };
    let number = standings.last.as_ref().map_or(0, |last| last.number);
    match &standings.last {
        Some(last) if standings.is_settled() => return last.answered(),
        Some(_) if standings.is_asked_again() => return Err(AppError::Refused(again(standings.due))),
        _ => {}
    }
    let (begun, subject) = (standings.begun()?, Subject::integration(of));
    let answers = sheet::answered(&standings.live.questions, &begun, standings.live.number, tx.actor(), tx.now())
        .map_err(|_| {
            let words =
                "Some of the program’s questions are not answered, or answered wrongly. Complete them under Configure.";
            AppError::Refused(words.into())
        })?;
    let seen = Seen { draft: standings.draft.as_ref().map_or(0, |draft| draft.version), sent: number };
    store::send(tx, subject, &standings.live, seen, &answers)?;
    let unused = begun.files.values().map(|file| file.id).collect();
    answer::forget(tx, subject, unused, answers.iter().filter_map(|one| one.file.as_ref()))?;
    Ok(answers)
}

/// What to say to who is asked again.
pub fn again(due: Due) -> String {
    let by = due.by.map(|by| format!(" by {}", day(by))).unwrap_or_default();
    format!("The program asks its questions again{by}. Look at the answers, and save them.")
}

/// The answers as the Configure page shows them; none when there is no form, or the person may not see answers.
///
/// # Errors
/// When the database does not answer.
pub fn section(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Option<IntegrationSection>, AppError> {
    if !may::<ReadAnswers>(tx.actor()) {
        return Ok(None);
    }
    let Some(standings) = standings(tx, of)? else { return Ok(None) };
    let partner = partner(tx, of)?;
    let (now, zone) = (tx.now(), tx.actor().zone());
    let code = partner.code.as_str();
    let own = crate::integrations::address(of.id);
    let closed = closed(of, &partner);
    let may_answer = may::<AnswerForms>(tx.actor());
    let line = |one| AnswerLine::new(one, code, zone);
    let source = standings.draft.as_ref().or(standings.last.as_ref());
    let is_published = of.state == State::Published && of.revision.is_none();
    Ok(Some(IntegrationSection {
        problems: standings.errors(tx)?.len() + usize::from(standings.is_asked_again()),
        lines: if source.is_some() { standings.present()?.into_iter().map(line).collect() } else { Vec::new() },
        saved: source.map(|one| (one.changed_by_name.clone(), When::new(one.changed_at, now, zone), one.form_number)),
        is_sent: standings.draft.is_none() && standings.last.is_some(),
        again: (standings.due.standing == Standing::Outdated).then(|| again(standings.due)),
        answer: (may_answer && closed.is_none()).then(|| address(&own)),
        revise: (may_answer && is_published && partner.status != Status::Suspended).then(|| format!("{own}/revision")),
        closed: closed.unwrap_or_default(),
        version: standings.live.number,
    }))
}
