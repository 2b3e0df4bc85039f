//! `/forms`: the program's forms, their versions and settings.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Begun, FormKind, Question, Standing};
use super::sheet::Errors;
use super::store::{self, FormVersion};
use super::views::{FormCard, IndexPage, PreviewPage, Sheet, ShowPage, VersionRow, address, day};
use crate::access::session::leave_flash;
use crate::access::{Grant, ReadForms, UpdateForms};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::ProgramId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::{ConfirmPage, may};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::counted;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// The form of an address.
///
/// # Errors
/// [`AppError::NotFound`] for any other word.
pub fn wanted(word: &str) -> Result<FormKind, AppError> {
    FormKind::from_key(word).ok_or(AppError::NotFound)
}

/// The program of a transaction, for its events.
///
/// # Errors
/// [`AppError::NotFound`] when none is open.
pub fn program(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    tx.actor().program_id().ok_or(AppError::NotFound)
}

/// An event of the draft.
///
/// # Errors
/// [`AppError::NotFound`] when no program is open.
pub fn drafted(tx: &ReadTx<'_>, kind: FormKind, what: String) -> Result<Event, AppError> {
    Ok(Event::FormDraftChanged { program: program(tx)?, form: kind.label().into(), what })
}

/// How many partners or integrations stand where with their form.
fn counts(tx: &mut ReadTx<'_>, live: Option<&FormVersion>) -> Result<Vec<(Standing, i64)>, AppError> {
    match live {
        Some(live) => Ok(store::answers::counts(tx, live)?.to_vec()),
        None => Ok(Vec::new()),
    }
}

/// `GET /forms`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadForms>, app: Data<App>, req: HttpRequest) -> PageResult {
    let may_update = may::<UpdateForms>(grant.actor());
    let forms = app.db.read(&grant, |tx| FormKind::ALL.iter().map(|kind| card(tx, *kind)).collect()).await?;
    Ok(Page::new("Forms", Nav::Forms, IndexPage { forms, may_update }).answer(&req))
}

fn questions(count: usize) -> String {
    counted(count as i64, "question", "questions")
}

fn card(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<FormCard, AppError> {
    let (live, draft) = (store::live(tx, kind)?, store::draft(tx, kind)?);
    let (now, zone) = (tx.now(), tx.actor().zone());
    let counts = counts(tx, live.as_ref())?;
    Ok(FormCard {
        kind,
        address: address(kind),
        about: match kind {
            FormKind::Partner => "Answered once by each partner, and shown on its profile.",
            FormKind::Integration => {
                "Answered for each integration that a partner builds, under Configure. Required questions hold up its submission."
            }
        },
        live: live.map(|one| {
            let when = When::new(one.published_at.unwrap_or(one.changed_at), now, zone);
            (one.number, questions(one.questions.len()), when)
        }),
        draft: draft.map(|one| (one.number, questions(one.questions.len()))),
        counts,
    })
}

/// `GET /forms/{form}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for other words than the two forms'.
pub async fn show(grant: Grant<ReadForms>, app: Data<App>, form: Path<String>, req: HttpRequest) -> PageResult {
    let kind = wanted(&form)?;
    let may_update = may::<UpdateForms>(grant.actor());
    let body = app
        .db
        .read(&grant, move |tx| {
            let (live, draft) = (store::live(tx, kind)?, store::draft(tx, kind)?);
            let counts = counts(tx, live.as_ref())?;
            let (has_live, is_draft) = (live.is_some(), draft.is_some());
            let current = draft.or(live);
            Ok(ShowPage {
                kind,
                address: address(kind),
                rows: current.as_ref().map(|one| ShowPage::rows(kind, one)).unwrap_or_default(),
                versions: versions(tx, kind)?,
                settings: store::settings(tx, kind)?,
                current,
                counts,
                may_update,
                is_draft,
                has_live,
            })
        })
        .await?;
    Ok(Page::new(kind.title(), Nav::Forms, body).answer(&req))
}

fn versions(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<Vec<VersionRow>, AppError> {
    let (now, zone) = (tx.now(), tx.actor().zone());
    let rows = store::versions(tx, kind)?;
    Ok(rows
        .into_iter()
        .map(|one| VersionRow {
            number: one.number,
            state: one.state,
            address: format!("{}/versions/{}", address(kind), one.number),
            when: When::new(one.published_at.unwrap_or(one.changed_at), now, zone),
            again: one
                .renewal()
                .filter(|(from, _)| *from == one.number)
                .map(|(_, by)| format!("everyone asked by {}", day(by)))
                .unwrap_or_default(),
            by: one.published_by_name.unwrap_or(one.changed_by_name),
        })
        .collect())
}

/// `POST /forms/{form}/draft`: begins a draft with the questions that are live.
///
/// # Errors
/// [`AppError::Conflict`] when somebody began one at the same moment.
pub async fn begin(grant: Grant<UpdateForms>, app: Data<App>, form: Path<String>, req: HttpRequest) -> PageResult {
    let kind = wanted(&form)?;
    let begun = app.db.write(&grant, move |tx| begun(tx, kind)).await?;
    let said = match begun {
        Some(number) => format!("Version {number} is a draft now. Partners see it once it is published."),
        None => "There is a draft already: this is it.".into(),
    };
    leave_flash(&req, "info", &said);
    Ok(see_other(&address(kind)))
}

/// The use case: a draft is begun; none when there is one.
///
/// # Errors
/// [`AppError::Conflict`] when somebody began one at the same moment.
pub fn begun(tx: &mut WriteTx<'_, UpdateForms>, kind: FormKind) -> Result<Change<Option<i32>>, AppError> {
    if store::draft(tx, kind)?.is_some() {
        return Ok(Change::nothing(None));
    }
    let questions: Vec<Question> = store::live(tx, kind)?.map(|live| live.questions.0).unwrap_or_default();
    let number = store::begin(tx, kind, &questions)?;
    let event = drafted(tx, kind, format!("began version {number}"))?;
    Ok(Change::new(Some(number), event))
}

/// `POST /forms/{form}/settings`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn settings(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (kind, activates) = (wanted(&path)?, form.is_ticked("activates"));
    // 0 says that nothing was chosen before.
    let seen = if form.value("version") == "0" { 0 } else { form.version()? };
    let changed = app.db.write(&grant, move |tx| chosen(tx, kind, seen, activates)).await?;
    let (tone, said) = if changed { ("good", "Settings saved.") } else { ("info", "Nothing was changed.") };
    leave_flash(&req, tone, said);
    Ok(see_other(&address(kind)))
}

/// The use case: the choices about a form are changed; false when nothing was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn chosen(
    tx: &mut WriteTx<'_, UpdateForms>,
    kind: FormKind,
    seen: i32,
    activates: bool,
) -> Result<Change<bool>, AppError> {
    let before = store::settings(tx, kind)?;
    if before.activates == activates {
        return Ok(Change::nothing(false));
    }
    store::save_settings(tx, kind, seen, activates)?;
    let word = |on: bool| if on { "Yes" } else { "No" };
    let changes = FieldChange::of("Approve by itself", word(before.activates), word(activates)).into_iter().collect();
    Ok(Change::new(true, Event::FormSettingsChanged { program: program(tx)?, form: kind.label().into(), changes }))
}

/// `GET /forms/{form}/versions/{number}`: a version as partners see it.
///
/// # Errors
/// As every page.
pub async fn version(
    grant: Grant<ReadForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (word, number) = path.into_inner();
    let (kind, number) = (wanted(&word)?, number.parse().map_err(|_| AppError::NotFound)?);
    let version = app.db.read(&grant, move |tx| store::version(tx, kind, number)).await?;
    let body = PreviewPage {
        kind,
        address: address(kind),
        number,
        state: version.state,
        sheet: Sheet::new(&version.questions, &Begun::default(), &Errors::new(), ""),
    };
    Ok(Page::new(format!("{}, version {number}", kind.title()), Nav::Forms, body).answer(&req))
}

/// The draft of a form.
///
/// # Errors
/// [`AppError::Refused`] when there is none.
pub fn draft(tx: &mut ReadTx<'_>, kind: FormKind) -> Result<FormVersion, AppError> {
    store::draft(tx, kind)?.ok_or_else(|| {
        AppError::Refused(format!(
            "The {} has no draft now: it was published or discarded. Begin a new one to change it.",
            kind.label()
        ))
    })
}

/// `GET /forms/{form}/draft/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_discard(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    form: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let kind = wanted(&form)?;
    let draft = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
    let body = ConfirmPage {
        crumbs: vec![("/forms".into(), "Forms".into()), (address(kind), kind.title().into())],
        title: format!("Discard version {}?", draft.number),
        lead: "The draft and everything changed in it is gone. What is live stays as it is.".into(),
        effects: Vec::new(),
        skipped: Vec::new(),
        action: format!("{}/draft/removal", address(kind)),
        button: "Discard draft".into(),
        harsh: true,
        cancel: address(kind),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), draft.version.to_string())],
        form: Form::default(),
    };
    Ok(Page::new("Discard draft", Nav::Forms, body).answer(&req))
}

/// `POST /forms/{form}/draft/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn discard(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (kind, seen) = (wanted(&path)?, form.version()?);
    app.db
        .write(&grant, move |tx| {
            let draft = draft(tx, kind)?;
            store::discard(tx, &draft, seen)?;
            let event = drafted(tx, kind, format!("discarded version {}", draft.number))?;
            Ok(Change::new((), event))
        })
        .await?;
    leave_flash(&req, "good", "The draft is discarded.");
    Ok(see_other(&address(kind)))
}
