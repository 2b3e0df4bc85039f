//! The pages of forms as templates show them.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::model::{Answered, Begun, Due, FileRef, FormKind, Question, QuestionKind, Standing, VersionState, asked};
use super::sheet::{self, Errors};
use super::store::answers::Answers;
use super::store::{FormVersion, Settings};
use crate::partners;
use crate::partners::views::Header;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::{Params, Window};
use crate::web::time::When;

/// A day as people read it.
pub fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// The address of a form's page.
pub fn address(kind: FormKind) -> String {
    format!("/forms/{}", kind.key())
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A file with where it is to be had.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct FileLink {
    pub address: String,
    pub name: String,
    pub size: String,
}

impl FileLink {
    fn new(code: &str, file: &FileRef) -> FileLink {
        FileLink {
            address: partners::tab(code, &format!("profile/files/{}", file.id)),
            name: file.name.clone(),
            size: size(file.size),
        }
    }
}

/// A question as a field to be filled in.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Field {
    pub name: String,
    pub removal: String,
    pub kind: QuestionKind,
    pub label: String,
    pub help: String,
    pub required: bool,
    pub options: Vec<(String, bool)>,
    pub terms: Vec<String>,
    pub value: String,
    pub file: Option<FileLink>,
    pub error: Option<String>,
    /// When this is asked, in words.
    pub condition: String,
    pub is_asked: bool,
}

impl Field {
    /// The ids of what describes it.
    pub fn described(&self) -> String {
        let parts = [
            (!self.condition.is_empty()).then(|| format!("{}-w", self.name)),
            (!self.help.is_empty()).then(|| format!("{}-h", self.name)),
            self.error.is_some().then(|| format!("{}-e", self.name)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// What the browser asks for.
    pub fn input(&self) -> (&'static str, &'static str) {
        match self.kind {
            QuestionKind::Number => ("text", "decimal"),
            QuestionKind::Date => ("date", "text"),
            QuestionKind::Link => ("url", "url"),
            _ => ("text", "text"),
        }
    }
}

/// A form to be filled in, or its preview.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Sheet {
    pub fields: Vec<Field>,
    pub problems: Vec<(String, String)>,
}

impl Sheet {
    /// The fields of some questions with what was typed so far. `code` is the partner's.
    pub fn new(questions: &[Question], begun: &Begun, errors: &Errors, code: &str) -> Sheet {
        let asked = asked(questions, &begun.values);
        let fields: Vec<Field> = questions
            .iter()
            .map(|question| field(questions, question, begun, errors, code, asked.contains(&question.id)))
            .collect();
        let problem = |field: &Field| field.error.clone().map(|error| (field.name.clone(), field.label.clone(), error));
        let problems =
            fields.iter().filter_map(problem).map(|(name, label, error)| (name, format!("{label}: {error}")));
        Sheet { problems: problems.collect(), fields }
    }
}

fn field(
    questions: &[Question],
    question: &Question,
    begun: &Begun,
    errors: &Errors,
    code: &str,
    is_asked: bool,
) -> Field {
    let typed = begun.values.get(&question.id).map(Vec::as_slice).unwrap_or_default();
    let condition = question.shown_if.as_ref();
    Field {
        name: sheet::field(question.id),
        removal: sheet::removal(question.id),
        kind: question.kind,
        label: question.label.clone(),
        help: question.help.clone(),
        required: question.required,
        options: question.options.iter().map(|option| (option.clone(), typed.contains(option))).collect(),
        terms: question.terms.lines().map(str::to_owned).collect(),
        value: typed.first().cloned().unwrap_or_default(),
        file: begun.files.get(&question.id).map(|file| FileLink::new(code, file)),
        error: errors.get(&question.id).cloned(),
        condition: condition.map(|one| one.sentence(questions)).unwrap_or_default(),
        is_asked,
    }
}

/// A question with its answer, as it was sent.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct AnswerLine {
    pub label: String,
    pub help: String,
    pub kind: QuestionKind,
    pub values: Vec<String>,
    pub file: Option<FileLink>,
    pub terms: Vec<String>,
    pub accepted: Option<(String, String, i32)>,
}

impl AnswerLine {
    /// A question with its answer; `code` is the partner's.
    pub fn new(answer: Answered, code: &str, zone: Tz) -> AnswerLine {
        let moment = |at: DateTime<Utc>| at.with_timezone(&zone).format("%-d %b %Y, %H:%M").to_string();
        AnswerLine {
            file: answer.file.as_ref().map(|file| FileLink::new(code, file)),
            accepted: answer
                .accepted
                .map(|one| (one.name, format!("{} in {}", moment(one.at), zone.name()), one.version)),
            label: answer.question.label,
            help: answer.question.help,
            kind: answer.question.kind,
            values: answer.values.iter().flat_map(|value| value.lines()).map(str::to_owned).collect(),
            terms: answer.question.terms.lines().map(str::to_owned).collect(),
        }
    }

    /// Whether the answer is an address that a browser may open.
    pub fn is_link(&self) -> bool {
        self.kind == QuestionKind::Link && self.values.iter().all(|value| value.starts_with("https://"))
    }

    /// Whether it is a list.
    pub fn is_several(&self) -> bool {
        self.kind == QuestionKind::Several
    }
}

/// A submission.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Submission {
    pub number: i32,
    pub version: i32,
    pub by: String,
    pub when: When,
    pub address: String,
    pub lines: Vec<AnswerLine>,
}

impl Submission {
    /// A submission as it was sent.
    ///
    /// # Errors
    /// When the table holds something else.
    pub fn new(answers: &Answers, code: &str, now: DateTime<Utc>, zone: Tz) -> Result<Submission, AppError> {
        let lines = answers.answered()?.into_iter().map(|one| AnswerLine::new(one, code, zone)).collect();
        Ok(Submission {
            number: answers.number,
            version: answers.form_number,
            by: answers.changed_by_name.clone(),
            when: When::new(answers.sent_at.unwrap_or(answers.changed_at), now, zone),
            address: partners::tab(code, &format!("profile/answers/{}", answers.number)),
            lines,
        })
    }
}

/// What the profile of a partner shows of its form.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Section {
    pub due: Option<Due>,
    pub last: Option<Submission>,
    pub history: Vec<Submission>,
    pub draft: Option<(String, When)>,
    pub request: Option<(String, String)>,
    pub answer: Option<String>,
    pub ask: Option<String>,
}

impl Section {
    /// "by 12 Dec 2026".
    pub fn until(&self) -> String {
        self.due.and_then(|due| due.by).map(|by| format!(" by {}", day(by))).unwrap_or_default()
    }
}

/// What the Configure page of an integration shows of the program's questions.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct IntegrationSection {
    pub lines: Vec<AnswerLine>,
    pub problems: usize,
    pub saved: Option<(String, When, i32)>,
    pub is_sent: bool,
    pub again: Option<String>,
    pub answer: Option<String>,
    pub revise: Option<String>,
    /// Why nothing can be answered now.
    pub closed: String,
    pub version: i32,
}

/// The answers of an integration that cannot be written now.
#[derive(Template)]
#[template(path = "forms/closed.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ClosedPage {
    pub name: String,
    pub address: String,
    pub answers: IntegrationSection,
}

/// Answering a form.
#[derive(Template)]
#[template(path = "forms/answer.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct AnswerPage {
    pub kind: FormKind,
    pub name: String,
    pub profile: String,
    pub action: String,
    pub sheet: Sheet,
    pub number: i32,
    pub draft: i32,
    pub sent: i32,
    pub until: String,
    pub is_again: bool,
    pub note: Option<(String, String)>,
    pub saved: Option<(String, When)>,
    pub notice: Option<String>,
    pub lost_files: bool,
}

/// One submission of a partner.
#[derive(Template)]
#[template(path = "forms/sent.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct SentPage {
    pub header: Header,
    pub submission: Submission,
}

/// A form in the list of forms.
#[expect(missing_docs, reason = "shown as named")]
pub struct FormCard {
    pub kind: FormKind,
    pub address: String,
    pub about: &'static str,
    pub live: Option<(i32, String, When)>,
    pub draft: Option<(i32, String)>,
    pub counts: Vec<(Standing, i64)>,
}

/// The program's two forms.
#[derive(Template)]
#[template(path = "forms/index.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub forms: Vec<FormCard>,
    pub may_update: bool,
}

/// A question in the builder.
#[expect(missing_docs, reason = "shown as named")]
pub struct QuestionRow {
    pub address: String,
    pub kind: QuestionKind,
    pub label: String,
    pub required: bool,
    pub condition: String,
    pub is_first: bool,
    pub is_last: bool,
}

/// A version in the list of versions.
#[expect(missing_docs, reason = "shown as named")]
pub struct VersionRow {
    pub number: i32,
    pub state: VersionState,
    pub address: String,
    pub by: String,
    pub when: When,
    pub again: String,
}

/// The builder of one form.
#[derive(Template)]
#[template(path = "forms/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub kind: FormKind,
    pub address: String,
    pub current: Option<FormVersion>,
    pub rows: Vec<QuestionRow>,
    pub versions: Vec<VersionRow>,
    pub settings: Settings,
    pub counts: Vec<(Standing, i64)>,
    pub may_update: bool,
    pub is_draft: bool,
    pub has_live: bool,
}

impl ShowPage {
    /// The rows of a version's questions.
    pub fn rows(kind: FormKind, version: &FormVersion) -> Vec<QuestionRow> {
        let last = version.questions.len().saturating_sub(1);
        let row = |(at, question): (usize, &Question)| QuestionRow {
            address: format!("{}/questions/{}", address(kind), question.id),
            kind: question.kind,
            label: question.label.clone(),
            required: question.required,
            condition: question.shown_if.as_ref().map(|one| one.sentence(&version.questions)).unwrap_or_default(),
            is_first: at == 0,
            is_last: at == last,
        };
        version.questions.iter().enumerate().map(row).collect()
    }

    fn kinds(&self) -> &'static [QuestionKind] {
        QuestionKind::ALL
    }
}

/// One question, new or old.
#[derive(Template)]
#[template(path = "forms/question.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct QuestionPage {
    pub form_kind: FormKind,
    pub address: String,
    pub action: String,
    pub kind: QuestionKind,
    pub label: Option<String>,
    pub form: Form,
    pub sources: Vec<(String, String)>,
    pub notice: Option<String>,
}

impl QuestionPage {
    fn tests(&self) -> Vec<(&'static str, &'static str)> {
        super::model::Test::ALL.iter().map(|test| (test.key(), test.label())).collect()
    }
}

/// A version as partners see it.
#[derive(Template)]
#[template(path = "forms/preview.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct PreviewPage {
    pub kind: FormKind,
    pub address: String,
    pub number: i32,
    pub state: VersionState,
    pub sheet: Sheet,
}

/// Before a version is published.
#[derive(Template)]
#[template(path = "forms/publish.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct PublishPage {
    pub kind: FormKind,
    pub address: String,
    pub number: i32,
    pub questions: usize,
    pub effects: Vec<String>,
    pub has_live: bool,
    pub form: Form,
    pub notice: Option<String>,
}

impl PublishPage {
    fn choices(&self) -> [(&'static str, &'static str); 2] {
        [
            ("new", "New answers only: who has answered already is not asked again"),
            ("again", "Ask everyone again, also who has answered already"),
        ]
    }
}

/// A partner in the list of who has answered.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub code: String,
    pub name: String,
    pub profile: String,
    pub due: Due,
    pub until: String,
    pub is_late: bool,
    pub version: Option<i32>,
    pub sent: Option<(When, String)>,
    pub ask: Option<String>,
}

/// Who has answered the partner form.
#[derive(Template)]
#[template(path = "forms/answers.html", blocks = ["list"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct AnswersPage {
    pub kind: FormKind,
    pub address: String,
    pub params: Params,
    pub page: Option<Window<Row>>,
    pub counts: Vec<(Standing, i64)>,
    pub total: i64,
    pub live: Option<i32>,
}

impl AnswersPage {
    fn csv(&self) -> &'static str {
        match self.kind {
            FormKind::Partner => "/forms/partner/answers.csv",
            FormKind::Integration => "/forms/integration/answers.csv",
        }
    }
}

/// Asking a partner for answers again.
#[derive(Template)]
#[template(path = "forms/ask.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct AskPage {
    pub name: String,
    pub profile: String,
    pub action: String,
    pub form: Form,
}
