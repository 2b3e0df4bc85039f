//! `/forms/{form}/questions`: the questions of a draft.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::builder::{draft, drafted, wanted};
use super::model::{Condition, FormKind, Question, QuestionKind, Test, settled};
use super::store::{self, FormVersion};
use super::views::{QuestionPage, address};
use crate::access::session::leave_flash;
use crate::access::{Grant, UpdateForms};
use crate::app::App;
use crate::db::ids::QuestionId;
use crate::db::{Change, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::values::{Choice, Refused, line, paragraphs};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Options of a choice at the most.
const MOST_OPTIONS: usize = 50;

fn options(typed: &str) -> Result<Vec<String>, Refused> {
    let mut options = Vec::new();
    for typed in typed.lines().filter(|typed| !typed.trim().is_empty()) {
        let option = line(typed, 120)?;
        if options.contains(&option) {
            return Err(format!("“{option}” is there twice. Write each option once."));
        }
        options.push(option);
    }
    match options.len() {
        0..2 => Err("Write at least two options, each on a line of its own.".into()),
        2..=MOST_OPTIONS => Ok(options),
        many => Err(format!("There are {many} options; at most {MOST_OPTIONS} are allowed.")),
    }
}

fn terms(typed: &str) -> Result<String, Refused> {
    let text = paragraphs(typed)?;
    if text.is_empty() { Err("Enter the text that partners accept.".into()) } else { Ok(text) }
}

/// Reads a question as it was typed.
///
/// # Errors
/// The form with its errors.
pub fn read(form: &Form, kind: QuestionKind, id: QuestionId) -> Result<Question, Form> {
    let mut check = form.check();
    let label = check.field("label", "Question", |typed| line(typed, 200));
    let help = check.optional("help", "Help text", |typed| line(typed, 500));
    let options = if kind.has_options() { check.field("options", "Options", options) } else { Some(Vec::new()) };
    let is_terms = kind == QuestionKind::Terms;
    let terms = if is_terms { check.field("terms", "Text to accept", terms) } else { Some(String::new()) };
    let unknown = |_| "Choose one of the earlier questions.".to_owned();
    let source = check.optional("if_question", "Asked only if", |typed| typed.parse::<QuestionId>().map_err(unknown));
    let test = check.optional("if_test", "Comparison", Test::parse);
    let value = check.optional("if_value", "Answer to wait for", |typed| line(typed, 200));
    let shown_if = match (source, value) {
        (Some(Some(question)), Some(Some(value))) => {
            test.map(|test| Some(Condition { question, test: test.unwrap_or(Test::Is), value }))
        }
        (Some(Some(_)), Some(None)) => {
            check.refuse("if_value", "Answer to wait for", "Enter the answer that this question waits for.");
            None
        }
        (Some(None), Some(Some(_))) => {
            check.refuse(
                "if_question",
                "Asked only if",
                "Choose the question that it depends on, or clear the answer.",
            );
            None
        }
        (Some(None), Some(None)) => Some(None),
        _ => None,
    };
    let required = form.is_ticked("required");
    check.done(|| {
        let help = help?.unwrap_or_default();
        Some(Question {
            id,
            kind,
            label: label?,
            help,
            required,
            options: options?,
            terms: terms?,
            shown_if: shown_if?,
        })
    })
}

/// The form of a question that is there.
fn filled(question: &Question, version: i32) -> Form {
    let condition = question.shown_if.as_ref();
    Form::filled([
        ("version", version.to_string()),
        ("label", question.label.clone()),
        ("help", question.help.clone()),
        ("required", if question.required { "yes".into() } else { String::new() }),
        ("options", question.options.join("\n")),
        ("terms", question.terms.clone()),
        ("if_question", condition.map(|one| one.question.to_string()).unwrap_or_default()),
        ("if_test", condition.map_or(Test::Is, |one| one.test).key().to_owned()),
        ("if_value", condition.map(|one| one.value.clone()).unwrap_or_default()),
    ])
}

/// Which question a page is about.
#[derive(Clone, Copy)]
enum About {
    New(QuestionKind),
    Old(QuestionId),
}

fn page(draft: &FormVersion, about: About, form: Form, notice: Option<String>) -> Result<Page<QuestionPage>, AppError> {
    let found = |id: QuestionId| draft.questions.iter().position(|one| one.id == id).ok_or(AppError::NotFound);
    let (kind, label, before, tail) = match about {
        About::New(kind) => (kind, None, draft.questions.len(), "new".to_owned()),
        About::Old(id) => {
            let at = found(id)?;
            let question = draft.questions.get(at).ok_or(AppError::NotFound)?;
            (question.kind, Some(question.label.clone()), at, id.to_string())
        }
    };
    let sources = draft.questions.iter().take(before).enumerate().filter(|(_, one)| one.kind.can_lead());
    let body = QuestionPage {
        form_kind: draft.kind,
        address: address(draft.kind),
        action: format!("{}/questions/{tail}", address(draft.kind)),
        kind,
        label,
        form,
        sources: sources.map(|(at, one)| (one.id.to_string(), format!("{}. {}", at + 1, one.label))).collect(),
        notice,
    };
    Ok(Page::new("Question", Nav::Forms, body))
}

/// `GET /forms/{form}/questions/new?kind=…`
///
/// # Errors
/// As every page; [`AppError::Refused`] when there is no draft.
pub async fn new(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    form: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let kind = wanted(&form)?;
    let about = About::New(QuestionKind::from_key(params.get("kind")).unwrap_or(QuestionKind::Short));
    let draft = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
    let form = Form::filled([("version", draft.version.to_string()), ("required", "yes".into())]);
    Ok(page(&draft, about, form, None)?.answer(&req))
}

/// `POST /forms/{form}/questions/new`
///
/// # Errors
/// As every page.
pub async fn add(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let word = form.value("kind").to_owned();
    let kind = QuestionKind::from_key(&word)
        .ok_or_else(|| AppError::BadRequest("The form does not say what kind of question it is.".into()))?;
    save(grant, app, wanted(&path)?, About::New(kind), form, req).await
}

/// `GET /forms/{form}/questions/{id}`
///
/// # Errors
/// As every page.
pub async fn edit(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (kind, id) = parse(&path)?;
    let draft = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
    let question = draft.questions.iter().find(|one| one.id == id).ok_or(AppError::NotFound)?;
    let form = filled(question, draft.version);
    Ok(page(&draft, About::Old(id), form, None)?.answer(&req))
}

/// `POST /forms/{form}/questions/{id}`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (kind, id) = parse(&path)?;
    save(grant, app, kind, About::Old(id), form, req).await
}

fn parse(path: &(String, String)) -> Result<(FormKind, QuestionId), AppError> {
    Ok((wanted(&path.0)?, path.1.parse().map_err(|_| AppError::NotFound)?))
}

async fn save(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    kind: FormKind,
    about: About,
    mut form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let present = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
    let (id, of_kind) = match about {
        About::New(of_kind) => (QuestionId::new(), of_kind),
        About::Old(id) => {
            let found = present.questions.iter().find(|one| one.id == id).ok_or(AppError::NotFound)?;
            (id, found.kind)
        }
    };
    let question = match read(&form, of_kind, id) {
        Ok(question) => question,
        Err(form) => return Ok(page(&present, about, form, None)?.refused().answer(&req)),
    };
    let label = question.label.clone();
    match app.db.write(&grant, move |tx| placed(tx, kind, seen, question)).await {
        Ok(()) => {
            leave_flash(&req, "good", &format!("“{label}” is in the draft."));
            Ok(see_other(&address(kind)))
        }
        Err(AppError::Invalid(errors)) => {
            Ok(page(&present, about, form.with_errors(errors), None)?.refused().answer(&req))
        }
        Err(AppError::Conflict(notice)) => {
            let now = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
            // Who saves after reading the notice knows what they add to.
            form.set("version", &now.version.to_string());
            Ok(page(&now, about, form, Some(notice))?.status(StatusCode::CONFLICT).answer(&req))
        }
        Err(error) => Err(error),
    }
}

/// The use case: a question is put into the draft, at its place or at the end.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when what it depends on does not hold.
pub fn placed(
    tx: &mut WriteTx<'_, UpdateForms>,
    kind: FormKind,
    seen: i32,
    question: Question,
) -> Result<Change<()>, AppError> {
    let draft = draft(tx, kind)?;
    let mut questions = draft.questions.0.clone();
    let label = question.label.clone();
    let place = questions.iter().position(|one| one.id == question.id);
    let what = if place.is_some() { "changed" } else { "added" };
    if place.and_then(|at| questions.get(at)) == Some(&question) {
        return Ok(Change::nothing(()));
    }
    match place.and_then(|at| questions.get_mut(at)) {
        Some(old) => *old = question.clone(),
        None => questions.push(question.clone()),
    }
    if let Err(problem) = settled(&questions) {
        return Err(AppError::Invalid(vec![blamed(&questions, &question, problem)]));
    }
    store::save_questions(tx, &draft, seen, &questions)?;
    let event = drafted(tx, kind, format!("{what} “{label}”"))?;
    Ok(Change::new((), event))
}

/// Where a problem of the whole list is shown: at what this question depends on, unless others depend on it.
fn blamed(questions: &[Question], question: &Question, problem: Refused) -> FieldError {
    let mut others = questions.to_vec();
    for one in others.iter_mut().filter(|one| one.id == question.id) {
        one.shown_if = None;
    }
    match settled(&others) {
        Ok(()) => FieldError::new("if_value", "Answer to wait for", problem),
        Err(problem) if question.kind.has_options() => FieldError::new("options", "Options", problem),
        Err(problem) => FieldError::new("label", "Question", problem),
    }
}

/// `POST /forms/{form}/questions/{id}/move`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when it would stand before what it depends on.
pub async fn reorder(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
) -> PageResult {
    let ((kind, id), seen) = (parse(&path)?, form.version()?);
    let up = match form.value("to") {
        "up" => true,
        "down" => false,
        _ => return Err(AppError::BadRequest("A question moves up or down. Load the page again.".into())),
    };
    app.db
        .write(&grant, move |tx| {
            let draft = draft(tx, kind)?;
            let mut questions = draft.questions.0.clone();
            let at = questions.iter().position(|one| one.id == id).ok_or(AppError::NotFound)?;
            let to = if up { at.checked_sub(1) } else { Some(at + 1).filter(|to| *to < questions.len()) };
            let Some(to) = to else { return Ok(Change::nothing(())) };
            questions.swap(at, to);
            settled(&questions).map_err(AppError::Refused)?;
            store::save_questions(tx, &draft, seen, &questions)?;
            let label = questions.get(to).map(|one| one.label.clone()).unwrap_or_default();
            let event = drafted(tx, kind, format!("moved “{label}” {}", if up { "up" } else { "down" }))?;
            Ok(Change::new((), event))
        })
        .await?;
    Ok(see_other(&format!("{}#questions", address(kind))))
}

/// `GET /forms/{form}/questions/{id}/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_removal(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (kind, id) = parse(&path)?;
    let draft = app.db.read(&grant, move |tx| draft(tx, kind)).await?;
    let question = draft.questions.iter().find(|one| one.id == id).ok_or(AppError::NotFound)?;
    let depends = |one: &&Question| one.shown_if.as_ref().is_some_and(|condition| condition.question == id);
    let waiting: Vec<String> =
        draft.questions.iter().filter(depends).map(|one| format!("“{}” depends on it.", one.label)).collect();
    let is_free = waiting.is_empty();
    let here = format!("{}/questions/{id}", address(kind));
    let body = ConfirmPage {
        crumbs: vec![("/forms".into(), "Forms".into()), (address(kind), kind.title().into())],
        title: format!("Remove “{}”?", question.label),
        lead: if is_free {
            "It is taken out of the draft. Answers that were sent keep it as it was asked.".into()
        } else {
            "It cannot be removed while other questions depend on it. Change those first.".into()
        },
        effects: Vec::new(),
        skipped: waiting,
        action: if is_free { format!("{here}/removal") } else { String::new() },
        button: "Remove question".into(),
        harsh: true,
        cancel: if is_free { here } else { address(kind) },
        reason: None,
        tick: None,
        hidden: vec![("version".into(), draft.version.to_string())],
        form: Form::default(),
    };
    Ok(Page::new("Remove question", Nav::Forms, body).answer(&req))
}

/// `POST /forms/{form}/questions/{id}/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when others depend on it.
pub async fn remove(
    grant: Grant<UpdateForms>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let ((kind, id), seen) = (parse(&path)?, form.version()?);
    app.db
        .write(&grant, move |tx| {
            let draft = draft(tx, kind)?;
            let label = draft.questions.iter().find(|one| one.id == id).map(|one| one.label.clone());
            let label = label.ok_or(AppError::NotFound)?;
            let questions: Vec<Question> = draft.questions.iter().filter(|one| one.id != id).cloned().collect();
            settled(&questions).map_err(AppError::Refused)?;
            store::save_questions(tx, &draft, seen, &questions)?;
            let event = drafted(tx, kind, format!("removed “{label}”"))?;
            Ok(Change::new((), event))
        })
        .await?;
    leave_flash(&req, "good", "The question is removed.");
    Ok(see_other(&address(kind)))
}
