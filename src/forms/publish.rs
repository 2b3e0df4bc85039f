//! `/forms/{form}/publication`: a draft becomes live.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;

use super::builder::{draft, program, wanted};
use super::model::FormKind;
use super::sheet;
use super::store::{self, FormVersion};
use super::views::{PublishPage, address, day};
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateForms};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::values::Refused;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::counted;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Whom a new version asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Who has not answered yet.
    New,
    /// Everybody, by a day.
    Again(NaiveDate),
}

/// A day that lies ahead, or is today.
///
/// # Errors
/// With what is wrong.
pub fn coming(typed: &str, today: NaiveDate) -> Result<NaiveDate, Refused> {
    let day = sheet::day(typed)?;
    if day < today { Err("That day is over. Choose today or a later one.".into()) } else { Ok(day) }
}

fn read(form: &Form, today: NaiveDate) -> Result<Reach, Form> {
    let mut check = form.check();
    let reach = check.field("reach", "Who is asked", |typed| match typed {
        "new" | "again" => Ok(typed == "again"),
        _ => Err("Choose one.".into()),
    });
    let by = if reach == Some(true) {
        check.field("by", "Last day", |typed| coming(typed, today)).map(Reach::Again)
    } else {
        Some(Reach::New)
    };
    check.done(|| reach.and(by))
}

fn effects(tx: &mut ReadTx<'_>, draft: &FormVersion, live: Option<&FormVersion>) -> Result<Vec<String>, AppError> {
    let questions = counted(draft.questions.len() as i64, "question", "questions");
    let mut effects = vec![format!("Version {} with {questions} is what partners answer from then on.", draft.number)];
    if let Some(live) = live {
        effects.push(format!("Version {} is retired. Answers to it stay as they were sent.", live.number));
        let (one, many) = match draft.kind {
            FormKind::Partner => ("partner", "partners"),
            FormKind::Integration => ("integration", "integrations"),
        };
        let answered: i64 = store::answers::counts(tx, live)?.iter().skip(1).map(|(_, count)| count).sum();
        effects.push(format!("{} have answered before.", counted(answered, one, many)));
    }
    if draft.kind == FormKind::Partner && store::settings(tx, draft.kind)?.activates {
        effects.push("A pending partner becomes active by itself when it sends the form.".into());
    }
    if draft.kind == FormKind::Integration {
        effects.push(
            "An integration sends its answers when it is submitted; a published one answers in a revision.".into(),
        );
    }
    effects.push("The questions of this version can no longer be changed; a later version can.".into());
    Ok(effects)
}

fn page(tx: &mut ReadTx<'_>, kind: FormKind, form: Form, notice: Option<String>) -> Result<PublishPage, AppError> {
    let (draft, live) = (draft(tx, kind)?, store::live(tx, kind)?);
    let mut form = form;
    form.set("version", &draft.version.to_string());
    Ok(PublishPage {
        kind,
        address: address(kind),
        number: draft.number,
        questions: draft.questions.len(),
        effects: effects(tx, &draft, live.as_ref())?,
        has_live: live.is_some(),
        form,
        notice,
    })
}

/// `GET /forms/{form}/publication`
///
/// # Errors
/// As every page; [`AppError::Refused`] when there is no draft.
pub async fn form(grant: Grant<UpdateForms>, app: Data<App>, path: Path<String>, req: HttpRequest) -> PageResult {
    let kind = wanted(&path)?;
    let form = Form::filled([("reach", "new".to_owned())]);
    let body = app.db.read(&grant, move |tx| page(tx, kind, form, None)).await?;
    Ok(Page::new("Publish", Nav::Forms, body).answer(&req))
}

/// `POST /forms/{form}/publication`
///
/// # Errors
/// As every page.
pub async fn publish(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (kind, seen) = (wanted(&path)?, form.version()?);
    let today = app.db.now().with_timezone(&grant.actor().zone()).date_naive();
    let shown = async |form: Form, notice: Option<String>, status: StatusCode| {
        let body = app.db.read(&grant, move |tx| page(tx, kind, form, notice)).await?;
        Ok(Page::new("Publish", Nav::Forms, body).status(status).answer(&req))
    };
    let reach = match read(&form, today) {
        Ok(reach) => reach,
        Err(form) => return shown(form, None, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    match app.db.write(&grant, move |tx| published(tx, kind, seen, reach)).await {
        Ok(number) => {
            leave_flash(
                &req,
                "good",
                &format!("Version {number} of the {} is live.", crate::values::Choice::label(kind)),
            );
            Ok(see_other(&address(kind)))
        }
        Err(AppError::Conflict(notice)) => shown(form, Some(notice), StatusCode::CONFLICT).await,
        Err(error) => Err(error),
    }
}

/// The use case: the draft becomes live, and what was live is retired.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when it has no question.
pub fn published(
    tx: &mut WriteTx<'_, UpdateForms>,
    kind: FormKind,
    seen: i32,
    reach: Reach,
) -> Result<Change<i32>, AppError> {
    let draft = draft(tx, kind)?;
    if draft.questions.is_empty() {
        return Err(AppError::Refused("The draft has no question yet. Add one before you publish it.".into()));
    }
    let renewal = match reach {
        Reach::Again(by) => Some((draft.number, by)),
        // Who was asked again by an earlier version still is.
        Reach::New => store::live(tx, kind)?.and_then(|live| live.renewal()),
    };
    store::publish(tx, &draft, seen, renewal)?;
    let again = match reach {
        Reach::Again(by) => day(by),
        Reach::New => String::new(),
    };
    let form = crate::values::Choice::label(kind).to_owned();
    Ok(Change::new(draft.number, Event::FormPublished { program: program(tx)?, form, number: draft.number, again }))
}
