//! `/settings/letters/invitation`: the words of the welcome letter, which a program may choose itself (S2-6).

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::views::WordsPage;
use super::{examples, store};
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateLetters};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::mail::Letter;
use crate::mail::words::{PLACES, Words};
use crate::values::{Refused, line, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

const ADDRESS: &str = "/settings/letters/invitation";
/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;

const STALE: &str = "Somebody else changed the words after you opened this page. Nothing was saved: what you typed is \
     kept below. Save again to replace theirs.";

/// The program's own words for a letter.
pub(super) fn own(tx: &mut ReadTx<'_>, letter: &Letter) -> Result<Option<Words>, AppError> {
    match letter {
        Letter::Invitation { .. } => store::welcome(tx).map(|(words, _)| words),
        _ => Ok(None),
    }
}

/// `GET /settings/letters/invitation`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<UpdateLetters>, app: Data<App>, req: HttpRequest) -> PageResult {
    page(&grant, &app, &req, Typed::Nothing).await
}

/// What the page shows instead of what is stored.
enum Typed {
    Nothing,
    Preview(Form, Words),
    Refused(Form),
    Stale(Form, Words),
}

async fn page(grant: &Grant<UpdateLetters>, app: &App, req: &HttpRequest, typed: Typed) -> PageResult {
    let (stored, version) = app.db.read(grant, store::welcome).await?;
    let is_own = stored.as_ref().is_some_and(|words| *words != Words::default());
    let stored = stored.unwrap_or_default();
    let (form, words, status, notice) = match typed {
        Typed::Nothing => (filled(&stored, version), stored, StatusCode::OK, None),
        Typed::Preview(form, words) => {
            (form, words, StatusCode::OK, Some("This is how it would look. Nothing is saved yet.".to_owned()))
        }
        Typed::Refused(form) => (form, stored, StatusCode::UNPROCESSABLE_ENTITY, None),
        Typed::Stale(mut form, words) => {
            // Who saves after reading the notice knows what they replace.
            form.set("version", &(version + 1).to_string());
            (form, words, StatusCode::CONFLICT, Some(STALE.to_owned()))
        }
    };
    let program = grant.actor().program().map_or("Portico", |program| program.name.as_str());
    let (subject, text) = examples::welcome(program)
        .preview(&app.config.http.base(), Some(&words))
        .map_err(|cause| AppError::Internal(cause.into()))?;
    let body = WordsPage { form, subject, text, is_own, notice };
    Ok(Page::new("Words of the welcome letter", Nav::Settings, body).status(status).answer(req))
}

/// The version in the form is one more than the stored one, since the standard words have none.
fn filled(words: &Words, version: i32) -> Form {
    Form::filled([
        ("version", (version + 1).to_string()),
        ("subject", words.subject.clone()),
        ("body", words.body.clone()),
    ])
}

/// `POST /settings/letters/invitation`: `do` is `save`, `preview` or `restore`.
///
/// # Errors
/// As every page.
pub async fn save(grant: Grant<UpdateLetters>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let seen = form.version()? - 1;
    let wanted = match (form.value("do"), read(&form)) {
        ("restore", _) => Words::default(),
        (_, Err(form)) => return page(&grant, &app, &req, Typed::Refused(form)).await,
        ("preview", Ok(words)) => return page(&grant, &app, &req, Typed::Preview(form, words)).await,
        (_, Ok(words)) => words,
    };
    let typed = wanted.clone();
    match app.db.write(&grant, move |tx| saved(tx, seen, &wanted)).await {
        Ok(true) => leave_flash(&req, "good", "The words are saved. They count from the next letter on."),
        Ok(false) => leave_flash(&req, "info", "Nothing was different, so nothing was saved."),
        Err(AppError::Conflict(_)) => return page(&grant, &app, &req, Typed::Stale(form, typed)).await,
        Err(error) => return Err(error),
    }
    Ok(see_other(ADDRESS))
}

/// The use case: the program chooses the words.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn saved(tx: &mut WriteTx<'_, UpdateLetters>, seen: i32, wanted: &Words) -> Result<Change<bool>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (stored, version) = store::welcome(tx)?;
    if version != seen {
        return Err(AppError::Conflict(STALE.into()));
    }
    let stored = stored.unwrap_or_default();
    let changes: Vec<FieldChange> = [
        FieldChange::of("Subject", &stored.subject, &wanted.subject),
        FieldChange::of("Words", &stored.body, &wanted.body),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    if !store::save_welcome(tx, program, seen, wanted)? {
        return Err(AppError::Conflict(STALE.into()));
    }
    Ok(Change::new(true, Event::LetterWordsChanged { program, letter: "Invitation".into(), changes }))
}

fn read(form: &Form) -> Result<Words, Form> {
    let mut check = form.check();
    let subject = check.field("subject", "Subject", |typed| known_places(line(typed, LONGEST_SUBJECT)?));
    let body = check.field("body", "Words", |typed| {
        let text = paragraphs(typed)?;
        if text.is_empty() {
            return Err("Write at least one sentence.".into());
        }
        known_places(text)
    });
    check.done(|| Some(Words { subject: subject?, body: body? }))
}

fn known_places(text: String) -> Result<String, Refused> {
    let words = Words { subject: text, body: String::new() };
    let Some(unknown) = words.unknown_place() else { return Ok(words.subject) };
    let known: Vec<String> = PLACES.iter().map(|(place, _)| format!("{{{place}}}")).collect();
    Err(format!("{{{}}} stands for nothing. There are {}.", crate::values::shown(&unknown), known.join(", ")))
}
