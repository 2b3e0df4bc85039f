//! `/partners/{code}/profile/answers`: a partner answers its form. What the integration form does otherwise is in
//! [`super::integration`].

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::files::{self, Kept};
use super::integration;
use super::model::{Begun, Due, FileRef, FormKind, QuestionKind, Standing};
use super::sheet::{self, Errors};
use super::store::answers::{self as store, Answers, Request, Seen, Subject};
use super::store::{FormVersion, live, settings};
use super::views::{AnswerPage, SentPage, Sheet, Submission, day};
use crate::access::session::leave_flash;
use crate::access::{AnswerForms, Grant, Permission, ReadAnswers, Scope, limits};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::{FileId, QuestionId};
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::{self, model::Integration};
use crate::partners::model::{Facts, Move, Partner, Status};
use crate::partners::{self, handlers::nav};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;
use crate::web::upload::{File, Uploads};

/// All files of one request together, in bytes.
pub(super) const FILES: usize = 24 * 1024 * 1024;

/// Whose answers a page is about, as its address says.
#[derive(Clone, Debug)]
pub enum Whom {
    /// The partner of a code.
    Partner(String),
    /// The integration of an id.
    Integration(String),
}

/// What is there before somebody answers.
pub(super) struct Before {
    pub partner: Partner,
    pub integration: Option<Integration>,
    pub live: FormVersion,
    pub draft: Option<Answers>,
    pub last: Option<Answers>,
    pub due: Due,
    pub request: Option<Request>,
}

impl Before {
    fn seen(&self) -> Seen {
        Seen {
            draft: self.draft.as_ref().map_or(0, |draft| draft.version),
            sent: self.last.as_ref().map_or(0, |last| last.number),
        }
    }

    /// What the fields hold at first: the draft, else what was sent last.
    pub(super) fn begun(&self) -> Result<Begun, AppError> {
        let begun = match (&self.draft, &self.last) {
            (Some(draft), _) => draft.begun()?,
            (None, Some(last)) => return Ok(Begun::from_sent(&last.answered()?)),
            (None, None) => return Ok(Begun::default()),
        };
        // The draft of an integration is sent later, perhaps by another and to a newer form.
        let is_kept = self.integration.is_none();
        Ok(if is_kept { begun } else { begun.with_terms_of(&self.live.questions, self.live.number) })
    }

    pub(super) fn subject(&self) -> Subject {
        self.integration.as_ref().map_or_else(|| Subject::partner(&self.partner), Subject::integration)
    }

    fn kind(&self) -> FormKind {
        if self.integration.is_some() { FormKind::Integration } else { FormKind::Partner }
    }

    /// What the answers are about, and where one goes back to.
    fn about(&self) -> (String, String) {
        match &self.integration {
            Some(one) => (one.name.clone(), integrations::address(one.id)),
            None => (self.partner.name.to_string(), partners::tab(self.partner.code.as_str(), "profile")),
        }
    }
}

pub(super) fn before(tx: &mut ReadTx<'_>, whom: &Whom) -> Result<Before, AppError> {
    let (partner, integration) = match whom {
        Whom::Partner(code) => (partners::store::find(tx, code)?, None),
        Whom::Integration(id) => {
            let found = integrations::store::find(tx, id)?;
            (integration::partner(tx, &found)?, Some(found))
        }
    };
    let subject = integration.as_ref().map_or_else(|| Subject::partner(&partner), Subject::integration);
    let Some(live) = live(tx, subject.kind)? else {
        let words = format!("The program has no {} now, so there is nothing to answer.", subject.kind.label());
        return Err(AppError::Refused(words));
    };
    Ok(Before {
        draft: store::draft(tx, subject)?,
        last: store::last(tx, subject)?,
        due: store::facts(tx, subject, &live)?.due(),
        request: store::request(tx, subject)?,
        live,
        integration,
        partner,
    })
}

/// How the page differs from a first look.
#[derive(Default)]
struct Shown {
    begun: Option<Begun>,
    errors: Errors,
    notice: Option<String>,
    status: StatusCode,
    lost_files: bool,
}

fn page(grant: &Grant<AnswerForms>, app: &App, req: &HttpRequest, before: &Before, how: Shown) -> PageResult {
    let code = before.partner.code.as_str();
    let begun = how.begun.map_or_else(|| before.begun(), Ok)?;
    let seen = before.seen();
    let (now, zone) = (app.db.now(), grant.actor().zone());
    let open =
        before.request.as_ref().filter(|one| before.last.as_ref().is_none_or(|last| one.asked_at > last.changed_at));
    let (name, back) = before.about();
    let body = AnswerPage {
        kind: before.kind(),
        action: match before.kind() {
            FormKind::Partner => format!("{back}/answers"),
            FormKind::Integration => integration::address(&back),
        },
        name,
        profile: back,
        sheet: Sheet::new(&before.live.questions, &begun, &how.errors, code),
        number: before.live.number,
        draft: seen.draft,
        sent: seen.sent,
        until: before.due.by.map(|by| format!(" by {}", day(by))).unwrap_or_default(),
        is_again: before.due.standing == Standing::Outdated,
        note: open.map(|one| (one.asked_by_name.clone(), one.note.clone())),
        saved: before.draft.as_ref().map(|one| (one.changed_by_name.clone(), When::new(one.changed_at, now, zone))),
        notice: how.notice,
        lost_files: how.lost_files,
    };
    let nav = match before.kind() {
        FormKind::Partner => nav(grant.actor(), "profile"),
        FormKind::Integration => Nav::None,
    };
    Ok(Page::new(before.kind().title(), nav, body).status(how.status).answer(req))
}

/// `GET /partners/{code}/profile/answers`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the program has no form.
pub async fn form(grant: Grant<AnswerForms>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    show(grant, app, Whom::Partner(code.into_inner()), req).await
}

/// The page at first; what cannot be answered now is refused with the reason.
pub(super) async fn show(grant: Grant<AnswerForms>, app: Data<App>, whom: Whom, req: HttpRequest) -> PageResult {
    let before = app.db.read(&grant, move |tx| before(tx, &whom)).await?;
    integration::needs_open(&before)?;
    page(&grant, &app, &req, &before, Shown::default())
}

/// What arrived, looked at.
struct Arrived {
    begun: Begun,
    files: BTreeMap<QuestionId, Kept>,
    errors: Errors,
}

impl Arrived {
    fn new(before: &Before, form: &Form, files: Vec<(String, File)>) -> Result<Arrived, AppError> {
        let questions = &before.live.questions;
        let asks_file = |id: &QuestionId| questions.iter().any(|one| one.id == *id && one.kind == QuestionKind::File);
        let mut held = before.begun()?.files;
        held.retain(|id, _| asks_file(id) && !form.is_ticked(&sheet::removal(*id)));
        let begun = Begun { values: sheet::typed(questions, form), files: held, ..Begun::default() };
        let mut arrived = Arrived { errors: Errors::new(), files: BTreeMap::new(), begun };
        for (name, file) in files {
            let Some(question) = questions.iter().find(|one| sheet::field(one.id) == name) else { continue };
            match files::read(file) {
                Ok(file) if question.kind == QuestionKind::File => drop(arrived.files.insert(question.id, file)),
                Ok(_) => {}
                Err(refused) => drop(arrived.errors.insert(question.id, refused)),
            }
        }
        Ok(arrived)
    }

    /// The draft as it will be, for the check before anything is stored.
    fn expected(&self) -> Begun {
        let mut begun = self.begun.clone();
        for (id, file) in &self.files {
            let expected = FileRef { id: FileId::random(), name: file.name.clone(), size: file.bytes.len() as u64 };
            begun.files.insert(*id, expected);
        }
        begun
    }
}

fn number(form: &Form, field: &str) -> Result<i32, AppError> {
    let wrong = || AppError::BadRequest("The form has no valid version number. Load the page again.".into());
    match form.values(field).as_slice() {
        [one] => one.parse().ok().filter(|number| (0..i32::MAX).contains(number)).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// `POST /partners/{code}/profile/answers`: keeps a draft, or sends.
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<AnswerForms>,
    app: Data<App>,
    code: Path<String>,
    upload: Uploads<FILES>,
    req: HttpRequest,
) -> PageResult {
    take(grant, app, Whom::Partner(code.into_inner()), upload, req).await
}

/// Keeps or sends what was typed, or shows it again with what is wrong.
pub(super) async fn take(
    grant: Grant<AnswerForms>,
    app: Data<App>,
    whom: Whom,
    upload: Uploads<FILES>,
    req: HttpRequest,
) -> PageResult {
    let Uploads { form, files } = upload;
    let seen = Seen { draft: number(&form, "draft")?, sent: number(&form, "sent")? };
    let (version, sends) = (number(&form, "form")?, is_sent(&form)?);
    let asked = whom.clone();
    let present = app.db.read(&grant, move |tx| before(tx, &asked)).await?;
    integration::needs_open(&present)?;
    if !files.is_empty() {
        limits::spend_upload(&app.db, grant.actor()).await?;
    }
    let lost_files = !files.is_empty();
    let mut arrived = Arrived::new(&present, &form, files)?;
    let shown = |arrived: Arrived, status: StatusCode, notice: Option<String>| Shown {
        begun: Some(arrived.begun),
        errors: arrived.errors,
        notice,
        status,
        lost_files,
    };
    if version != present.live.number {
        let notice = format!(
            "Version {} of the form was published while you wrote. What you typed is kept below: look at the questions again.",
            present.live.number
        );
        return page(&grant, &app, &req, &present, shown(arrived, StatusCode::CONFLICT, Some(notice)));
    }
    check(&mut arrived, &present, sends, &grant, &app);
    if !arrived.errors.is_empty() {
        return page(&grant, &app, &req, &present, shown(arrived, StatusCode::UNPROCESSABLE_ENTITY, None));
    }
    let (begun, kept) = (arrived.begun.clone(), std::mem::take(&mut arrived.files));
    let wanted = whom.clone();
    match app.db.write(&grant, move |tx| done(tx, &wanted, version, seen, begun, kept, sends)).await {
        Ok(said) => {
            leave_flash(&req, "good", &said);
            Ok(see_other(&next(&present, sends)))
        }
        Err(AppError::Conflict(notice)) => {
            let present = app.db.read(&grant, move |tx| before(tx, &whom)).await?;
            let notice =
                format!("{notice} What you typed is kept below. Save or send again to replace what is stored.");
            page(&grant, &app, &req, &present, shown(arrived, StatusCode::CONFLICT, Some(notice)))
        }
        Err(error) => Err(error),
    }
}

/// Where one is after it.
fn next(before: &Before, sends: bool) -> String {
    let (_, back) = before.about();
    match (before.kind(), sends) {
        (FormKind::Partner, true) => back,
        (FormKind::Partner, false) => format!("{back}/answers"),
        (FormKind::Integration, true) => format!("{back}/checks"),
        (FormKind::Integration, false) => integration::address(&back),
    }
}

fn is_sent(form: &Form) -> Result<bool, AppError> {
    match form.value("act") {
        "send" => Ok(true),
        "draft" => Ok(false),
        _ => Err(AppError::BadRequest("The form does not say whether to save or to send. Load the page again.".into())),
    }
}

/// Finds everything that is wrong before anything is stored.
fn check(arrived: &mut Arrived, present: &Before, sends: bool, grant: &Grant<AnswerForms>, app: &App) {
    let questions = &present.live.questions;
    let found = if sends {
        sheet::answered(questions, &arrived.expected(), present.live.number, grant.actor(), app.db.now()).err()
    } else {
        Some(sheet::unkeepable(questions, &arrived.begun.values))
    };
    for (question, refused) in found.unwrap_or_default() {
        arrived.errors.entry(question).or_insert(refused);
    }
}

/// The use case: answers are kept or sent; a sentence says what came of it.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster or the form is another now.
pub fn done(
    tx: &mut WriteTx<'_, AnswerForms>,
    whom: &Whom,
    version: i32,
    seen: Seen,
    mut begun: Begun,
    files: BTreeMap<QuestionId, Kept>,
    sends: bool,
) -> Result<Change<String>, AppError> {
    let before = before(tx, whom)?;
    integration::needs_open(&before)?;
    let (partner, live) = (&before.partner, &before.live);
    if partner.status == Status::Archived {
        return Err(AppError::Refused("This partner is archived. Restore it before its form is answered.".into()));
    }
    if live.number != version {
        return Err(AppError::Conflict("The form was published anew meanwhile.".into()));
    }
    let subject = before.subject();
    let old: Vec<FileId> = before.begun()?.files.values().map(|file| file.id).collect();
    for (question, file) in &files {
        begun.files.insert(*question, store::keep_file(tx, subject, file)?);
    }
    if before.integration.is_some() {
        integration::keep(tx, &before, seen, &mut begun)?;
        forget(tx, subject, old, begun.files.values())?;
        return Ok(integration::kept(&before, sends));
    }
    let (name, form) = (partner.name.to_string(), FormKind::Partner.label().to_owned());
    if !sends {
        store::keep(tx, subject, live, seen, &begun)?;
        forget(tx, subject, old, begun.files.values())?;
        let event = Event::AnswersSaved { partner: partner.id, name, form };
        return Ok(Change::new("The draft is saved. Nothing was sent yet.".into(), event));
    }
    let answers = sheet::answered(&live.questions, &begun, live.number, tx.actor(), tx.now())
        .map_err(|_| AppError::Refused("Some answers are missing or wrong, so nothing was sent.".into()))?;
    store::send(tx, subject, live, seen, &answers)?;
    let unused = begun.files.values().map(|file| file.id).chain(old).collect();
    forget(tx, subject, unused, answers.iter().filter_map(|answer| answer.file.as_ref()))?;
    let change = Change::new((), Event::FormAnswered { partner: partner.id, name, form, number: live.number });
    Ok(match activated(tx, partner)? {
        Some(event) => change.with(event).map(|()| "The form is sent, and the partner is active now.".into()),
        None => change.map(|()| "The form is sent.".into()),
    })
}

/// Files that are no longer part of any answers.
pub(super) fn forget<'a, P: Permission>(
    tx: &mut WriteTx<'_, P>,
    subject: Subject,
    mut ids: Vec<FileId>,
    held: impl Iterator<Item = &'a FileRef>,
) -> Result<(), AppError> {
    let held: Vec<FileId> = held.map(|file| file.id).collect();
    ids.retain(|id| !held.contains(id));
    store::forget_files(tx, subject, &ids)
}

/// A pending partner becomes active by itself once it sent the form, when the program chose that.
fn activated(tx: &mut WriteTx<'_, AnswerForms>, partner: &Partner) -> Result<Option<Event>, AppError> {
    if partner.status != Status::Pending || !settings(tx, FormKind::Partner)?.activates {
        return Ok(None);
    }
    let status = partner.status.after(Move::Activate).map_err(AppError::Refused)?;
    match tx.scope() {
        Scope::Partner { .. } => {
            if !store::activate_answered(tx)? {
                return Ok(None);
            }
        }
        Scope::Program(_) | Scope::Everything => {
            partners::store::save(tx, partner.id, partner.version, &Facts { status, ..partner.facts() })?;
        }
    }
    Ok(Some(Event::PartnerMoved {
        partner: partner.id,
        name: partner.name.to_string(),
        from: partner.status.label().into(),
        to: status.label().into(),
        reason: "The partner form was sent.".into(),
    }))
}

/// `GET /partners/{code}/profile/answers/{number}`: a submission as it was sent.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn sent(
    grant: Grant<ReadAnswers>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (code, number) = path.into_inner();
    let number = number.parse().map_err(|_| AppError::NotFound)?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let found = partners::handlers::found(tx, &code, "profile")?;
            let answers = store::one(tx, Subject::partner(&found.partner), number)?;
            let (now, zone) = (tx.now(), tx.actor().zone());
            let submission = Submission::new(&answers, found.partner.code.as_str(), now, zone)?;
            Ok(SentPage { header: found.header, submission })
        })
        .await?;
    let title = format!("Answers of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "profile"), body).answer(&req))
}
