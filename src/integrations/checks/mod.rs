//! What an integration has to fulfil before it is submitted, and what a reviewer looks at (beyond.md, 6).
//!
//! Three sources make one list: the fields that every integration needs, the required questions of the program's form
//! (S2-11), and the rules that the host wrote, each of which is a row and no code. The partner sees it as a check of
//! its own before submitting, the reviewer as a checklist, with what only a person can judge to be ticked.

pub mod builder;
pub mod forms;
pub mod links;
pub mod model;
pub mod own;
pub mod store;
pub mod views;

use serde::{Deserialize, Serialize};

use super::content::{Content, Field, PageName, Spot};
use super::model::Integration;
use super::store::Submission;
use crate::db::ReadTx;
use crate::db::ids::CheckId;
use crate::forms::integration as answers;
use crate::forms::model::{FormKind, Question};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::time::When;

pub use links::links;
pub use model::{Check, CheckKind, Rule};

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The page, by its word.
    pub page: String,
    /// The place on it, as [`Spot`] writes it; empty for the page as a whole.
    pub spot: String,
    /// The rule, in words.
    pub rule: String,
    /// What is wrong and what to do; empty when it is fulfilled.
    pub wrong: String,
    /// Whether it keeps the integration from being submitted.
    pub is_blocking: bool,
}

/// Everything that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// What keeps it from being submitted.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(|one| one.is_blocking && !one.wrong.is_empty())
    }

    /// What is wrong in any way.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(|one| !one.wrong.is_empty())
    }

    /// How many are fulfilled.
    pub fn passed(&self) -> usize {
        self.0.iter().filter(|one| one.wrong.is_empty()).count()
    }

    /// Both together, in the order of the pages.
    #[must_use]
    pub fn with(mut self, other: Findings) -> Findings {
        self.0.extend(other.0);
        self.0.sort_by_key(|one| place(&one.page));
        self
    }
}

/// A page's place among the pages.
fn place(page: &str) -> usize {
    PageName::ALL.iter().position(|one| one.key() == page).unwrap_or(PageName::ALL.len())
}

/// The questions of the live integration form, for their labels.
///
/// # Errors
/// When the database does not answer.
pub fn questions(tx: &mut ReadTx<'_>) -> Result<Vec<Question>, AppError> {
    Ok(crate::forms::store::live(tx, FormKind::Integration)?.map(|live| live.questions.0).unwrap_or_default())
}

/// The same content with the answers as they are now: while pages are being written, answers stand in the draft.
pub(super) fn with_answers(tx: &mut ReadTx<'_>, of: &Integration, content: &Content) -> Result<Content, AppError> {
    let mut content = content.clone();
    if !of.stage().is_editable() {
        return Ok(content);
    }
    if let Some(standings) = answers::standings(tx, of)? {
        content.answers = standings.present()?;
    }
    Ok(content)
}

/// What [`links`] needs, read before it goes out: the checks of links, and the content with the answers.
///
/// # Errors
/// When the database does not answer.
pub fn prepared(tx: &mut ReadTx<'_>, of: &Integration) -> Result<(Vec<Rule>, Content), AppError> {
    let content = super::store::content(tx, of)?;
    let content = with_answers(tx, of, &content)?;
    let rules = store::live(tx)?.iter().map(Check::rule).filter(|rule| rule.kind == CheckKind::Link).collect();
    Ok((rules, content))
}

/// Checks some content of an integration: the fields that every integration needs, the program's required questions,
/// and the rules that the host wrote. Whether links answer is asked by [`links`], which goes out and belongs into no
/// transaction.
///
/// # Errors
/// When the database does not answer.
pub fn run(tx: &mut ReadTx<'_>, integration: &Integration, content: &Content) -> Result<Findings, AppError> {
    let content = with_answers(tx, integration, content)?;
    let mut findings = Findings(needed(&content));
    findings.0.extend(asked(tx, integration)?);
    let questions = questions(tx)?;
    for check in store::live(tx)? {
        findings.0.extend(check.rule().finding(&content, &questions));
    }
    Ok(findings.with(Findings::default()))
}

/// The fields without which nothing is an integration.
fn needed(content: &Content) -> Vec<Finding> {
    let missing = content.missing();
    let finding = |field: Field| {
        let (label, page) = (field.label(), field.page());
        let (rule, wrong) = match field {
            Field::Source => (
                "A connection is chosen".to_owned(),
                "No connection is chosen. Choose a source or a target on the page Configure.".to_owned(),
            ),
            _ => (
                format!("{label} is filled in"),
                format!("{label} is missing. Fill it in on the page {}.", page.label()),
            ),
        };
        Finding {
            page: page.key().to_owned(),
            spot: Spot::Field(field).to_string(),
            rule,
            wrong: if missing.contains(&field) { wrong } else { String::new() },
            is_blocking: true,
        }
    };
    content.needed().into_iter().map(finding).collect()
}

/// The program's questions; none when it has no form (S2-4).
fn asked(tx: &mut ReadTx<'_>, of: &Integration) -> Result<Vec<Finding>, AppError> {
    let Some(standings) = answers::standings(tx, of)? else { return Ok(Vec::new()) };
    let (errors, present) = (standings.errors(tx)?, standings.present()?);
    let finding = |spot: String, rule: String, wrong: String| Finding {
        page: PageName::Configure.key().to_owned(),
        spot,
        rule,
        wrong,
        is_blocking: true,
    };
    let is_asked = |question: &&Question| {
        errors.contains_key(&question.id)
            || question.required && present.iter().any(|one| one.question.id == question.id)
    };
    let mut findings: Vec<Finding> = standings
        .live
        .questions
        .iter()
        .filter(is_asked)
        .map(|question| {
            let wrong = errors.get(&question.id).map(|words| format!("“{}”: {words}", question.label));
            let spot = Spot::Question(question.id).to_string();
            finding(spot, format!("“{}” is answered", question.label), wrong.unwrap_or_default())
        })
        .collect();
    if standings.is_asked_again() {
        let rule = "The program’s questions are answered anew".to_owned();
        findings.push(finding(String::new(), rule, answers::again(standings.due)));
    }
    Ok(findings)
}

/// What a reviewer ticks.
#[derive(Clone, Debug)]
pub struct Manual {
    /// The check.
    pub check: CheckId,
    /// Who ticked it for this submission, and when.
    pub ticked: Option<(String, When)>,
    /// Whether it is still among the program's checks, so that it can be ticked.
    pub is_live: bool,
}

/// A line of a reviewer's checklist.
#[derive(Clone, Debug)]
pub struct ChecklistLine {
    /// The page.
    pub page: PageName,
    /// What it is about there; empty for the whole page.
    pub place: String,
    /// The rule, in the host's words.
    pub rule: String,
    /// What was wrong when it was submitted; empty when nothing was.
    pub wrong: String,
    /// Whether that would have kept it from being submitted.
    pub is_blocking: bool,
    /// What only a person judges.
    pub manual: Option<Manual>,
}

/// The checklist of a submission: what was found when it was made, and what reviewers tick, with their ticks.
///
/// # Errors
/// When the database does not answer.
pub fn checklist(
    tx: &mut ReadTx<'_>,
    of: &Integration,
    submission: &Submission,
) -> Result<Vec<ChecklistLine>, AppError> {
    let questions = questions(tx)?;
    let named = |spot: &str| spot.parse().map(|spot| model::label(spot, None, &questions)).unwrap_or_default();
    let mut lines: Vec<ChecklistLine> = submission
        .findings()
        .0
        .into_iter()
        .map(|one| ChecklistLine {
            page: PageName::from_key(&one.page).unwrap_or(PageName::General),
            place: named(&one.spot),
            rule: one.rule,
            wrong: one.wrong,
            is_blocking: one.is_blocking,
            manual: None,
        })
        .collect();
    let (now, zone) = (tx.now(), tx.actor().zone());
    let mut marks = store::marks(tx, of, submission.number)?;
    let manual = |page, spot: &str, rule, manual| ChecklistLine {
        page,
        place: named(spot),
        rule,
        wrong: String::new(),
        is_blocking: false,
        manual: Some(manual),
    };
    for check in store::live(tx)?.into_iter().filter(|check| check.kind == CheckKind::LookAt) {
        let at = marks.iter().position(|mark| mark.check_id == check.id);
        let ticked = at.map(|at| marks.remove(at)).map(|one| (one.marked_by_name, When::new(one.marked_at, now, zone)));
        let one = Manual { check: check.id, ticked, is_live: true };
        lines.push(manual(check.page, &check.spot, check.words, one));
    }
    // What was ticked by checks that are not in use any more.
    for mark in marks {
        let ticked = Some((mark.marked_by_name, When::new(mark.marked_at, now, zone)));
        let one = Manual { check: mark.check_id, ticked, is_live: false };
        lines.push(manual(mark.page, &mark.spot, mark.words, one));
    }
    lines.sort_by_key(|line| place(line.page.key()));
    Ok(lines)
}
