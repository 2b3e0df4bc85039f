//! What a form is: questions, when they are asked, and what became of them; no SQL, no HTTP, no clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::db::ids::{FileId, QuestionId, UserId};
use crate::values::{Choice, Refused, choice, shown};

choice! {
    /// Which of a program's forms.
    FormKind {
        /// Answered once by each partner.
        Partner = "partner" / "partner form",
        /// Answered for each integration.
        Integration = "integration" / "integration form",
    }
}

choice! {
    /// Where a version of a form stands.
    VersionState {
        /// Being written; hosts only.
        Draft = "draft" / "Draft",
        /// What partners answer now.
        Live = "live" / "Live",
        /// Was live before.
        Retired = "retired" / "Retired",
    }
}

choice! {
    /// What a question asks for.
    QuestionKind {
        /// One line.
        Short = "short" / "Short text",
        /// Several lines.
        Long = "long" / "Long text",
        /// A number.
        Number = "number" / "Number",
        /// A day.
        Date = "date" / "Date",
        /// One of several.
        Choice = "choice" / "Choice",
        /// Some of several.
        Several = "several" / "Several choices",
        /// An address in the web.
        Link = "link" / "Web address",
        /// A file.
        File = "file" / "File",
        /// Consent to a text.
        Terms = "terms" / "Terms to accept",
    }
}

choice! {
    /// How an earlier answer is compared.
    Test {
        /// It is this.
        Is = "is" / "is",
        /// This is a part of it, or among it.
        Contains = "contains" / "contains",
    }
}

impl FormKind {
    /// The label at the beginning of a sentence or a heading.
    pub fn title(self) -> &'static str {
        match self {
            FormKind::Partner => "Partner form",
            FormKind::Integration => "Integration form",
        }
    }
}

impl VersionState {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            VersionState::Draft => ("info", "pencil"),
            VersionState::Live => ("good", "circle-check"),
            VersionState::Retired => ("", "archive"),
        }
    }
}

impl QuestionKind {
    /// Whether it has options to choose from.
    pub fn has_options(self) -> bool {
        matches!(self, QuestionKind::Choice | QuestionKind::Several)
    }

    /// Whether later questions may depend on its answer.
    pub fn can_lead(self) -> bool {
        self != QuestionKind::File
    }

    /// What it is good for, for whoever builds a form.
    pub fn about(self) -> &'static str {
        match self {
            QuestionKind::Short => "One line of text, at most 200 characters.",
            QuestionKind::Long => "Several lines, at most 5,000 characters.",
            QuestionKind::Number => "A number, with or without decimals.",
            QuestionKind::Date => "A day of the calendar.",
            QuestionKind::Choice => "One of the options you list.",
            QuestionKind::Several => "Any number of the options you list.",
            QuestionKind::Link => "An address that begins with https://.",
            QuestionKind::File => "A PDF, Word document, PNG, JPEG, CSV or text file of at most 10 MB.",
            QuestionKind::Terms => "A text to accept; who accepted which version, and when, is kept.",
        }
    }

    /// Icon of its line in the builder.
    pub fn icon(self) -> &'static str {
        match self {
            QuestionKind::Short | QuestionKind::Long => "message",
            QuestionKind::Number => "id",
            QuestionKind::Date => "calendar",
            QuestionKind::Choice | QuestionKind::Several => "check",
            QuestionKind::Link => "external-link",
            QuestionKind::File => "upload",
            QuestionKind::Terms => "shield",
        }
    }
}

/// When a question is asked: only if an earlier answer fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The earlier question.
    pub question: QuestionId,
    /// How its answer is compared.
    pub test: Test,
    /// With what.
    pub value: String,
}

/// A question as it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The same through all versions of the form.
    pub id: QuestionId,
    /// What it asks for.
    pub kind: QuestionKind,
    /// The question.
    pub label: String,
    /// A sentence below it; may be empty.
    pub help: String,
    /// Whether it has to be answered.
    pub required: bool,
    /// What to choose from.
    pub options: Vec<String>,
    /// The text to accept.
    pub terms: String,
    /// When it is asked; none is always.
    pub shown_if: Option<Condition>,
}

/// What was typed, by question; several values for several choices.
pub type Values = BTreeMap<QuestionId, Vec<String>>;

/// What terms are answered with.
pub const ACCEPTED: &str = "yes";

impl Test {
    /// Whether some values are, or contain, what is wanted, whatever their case.
    pub fn fits(self, values: &[String], wanted: &str) -> bool {
        let wanted = wanted.trim().to_lowercase();
        values.iter().any(|value| {
            let value = value.trim().to_lowercase();
            match self {
                Test::Is => value == wanted,
                Test::Contains => !wanted.is_empty() && value.contains(&wanted),
            }
        })
    }
}

impl Condition {
    /// Whether some values fit it, whatever their case.
    pub fn fits(&self, values: &[String]) -> bool {
        self.test.fits(values, &self.value)
    }

    /// As a sentence: "Only if “Do you have a file feed?” is “Yes”".
    pub fn sentence(&self, questions: &[Question]) -> String {
        let Some(source) = questions.iter().find(|one| one.id == self.question) else { return String::new() };
        if source.kind == QuestionKind::Terms {
            return format!("Only if “{}” is accepted.", source.label);
        }
        format!("Only if “{}” {} “{}”.", source.label, self.test.label(), self.value)
    }
}

/// The questions that are asked, given some answers. One that is not asked has no answer, so what depends on it is
/// not asked either.
pub fn asked(questions: &[Question], values: &Values) -> BTreeSet<QuestionId> {
    let mut asked = BTreeSet::new();
    for question in questions {
        let is_asked = question.shown_if.as_ref().is_none_or(|condition| {
            asked.contains(&condition.question)
                && values.get(&condition.question).is_some_and(|answer| condition.fits(answer))
        });
        if is_asked {
            asked.insert(question.id);
        }
    }
    asked
}

/// Questions of a form at the most.
pub const MOST_QUESTIONS: usize = 100;

/// Checks what holds for every list of questions: each depends on an earlier one that can lead, and on an answer that
/// can be given.
///
/// # Errors
/// A sentence for whoever builds the form.
pub fn settled(questions: &[Question]) -> Result<(), Refused> {
    if questions.len() > MOST_QUESTIONS {
        return Err(format!("A form has at most {MOST_QUESTIONS} questions. Remove one first."));
    }
    for (at, question) in questions.iter().enumerate() {
        let Some(condition) = &question.shown_if else { continue };
        let label = shown(&question.label);
        let earlier = questions.iter().take(at).find(|one| one.id == condition.question);
        let Some(source) = earlier.filter(|one| one.kind.can_lead()) else {
            return Err(format!(
                "“{label}” is asked depending on another question, which has to stand before it. Change that first."
            ));
        };
        let is_one = |option: &String| match condition.test {
            Test::Is => option.trim().to_lowercase() == condition.value.trim().to_lowercase(),
            Test::Contains => option.to_lowercase().contains(&condition.value.trim().to_lowercase()),
        };
        if source.kind.has_options() && !source.options.iter().any(is_one) {
            return Err(format!(
                "“{label}” waits for the answer “{}” to “{}”, which is not among its options.",
                shown(&condition.value),
                shown(&source.label)
            ));
        }
        if source.kind == QuestionKind::Terms && condition.value != ACCEPTED {
            return Err(format!("“{label}” depends on terms: the answer to wait for is “{ACCEPTED}”."));
        }
    }
    Ok(())
}

/// A file in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its key.
    pub id: FileId,
    /// What the partner calls it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// Who accepted some terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The person.
    pub user: Option<UserId>,
    /// Their name then.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The form's version that held the text.
    pub version: i32,
}

/// A question as it was asked, with what was answered. What was not asked is not in a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The question as it was then.
    pub question: Question,
    /// What was answered; nothing where it could be left out.
    pub values: Vec<String>,
    /// The file.
    pub file: Option<FileRef>,
    /// The acceptance of terms.
    pub accepted: Option<Acceptance>,
}

impl Answered {
    /// In one line, for lists and files.
    pub fn text(&self) -> String {
        match (&self.file, &self.accepted) {
            (Some(file), _) => file.name.clone(),
            (_, Some(acceptance)) => {
                let day = acceptance.at.format("%Y-%m-%d %H:%M UTC");
                format!("accepted by {} on {day}, version {}", acceptance.name, acceptance.version)
            }
            _ => self.values.join("; "),
        }
    }
}

/// A draft of answers: what was typed so far, right or wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// By question.
    pub values: Values,
    /// Files that arrived.
    pub files: BTreeMap<QuestionId, FileRef>,
    /// Who ticked terms, where the draft is sent later and perhaps by somebody else.
    #[serde(default)]
    pub accepted: BTreeMap<QuestionId, Acceptance>,
}

impl Begun {
    /// Where a partner that answered before begins: with what it sent last. Terms are accepted anew.
    pub fn from_sent(sent: &[Answered]) -> Begun {
        let mut begun = Begun::default();
        for answer in sent.iter().filter(|answer| answer.question.kind != QuestionKind::Terms) {
            if let Some(file) = &answer.file {
                begun.files.insert(answer.question.id, file.clone());
            } else if !answer.values.is_empty() {
                begun.values.insert(answer.question.id, answer.values.clone());
            }
        }
        begun
    }

    /// The same without ticks at terms that were given to another version of the form.
    pub fn with_terms_of(mut self, questions: &[Question], number: i32) -> Begun {
        for question in questions.iter().filter(|one| one.kind == QuestionKind::Terms) {
            if self.accepted.get(&question.id).is_none_or(|one| one.version != number) {
                self.accepted.remove(&question.id);
                self.values.remove(&question.id);
            }
        }
        self
    }

    /// Everything that is asked as it stands, right or wrong: what pages and checks look at before it is sent.
    pub fn present(&self, questions: &[Question]) -> Vec<Answered> {
        let asked = asked(questions, &self.values);
        let one = |question: &Question| Answered {
            question: question.clone(),
            values: self.values.get(&question.id).cloned().unwrap_or_default(),
            file: self.files.get(&question.id).filter(|_| question.kind == QuestionKind::File).cloned(),
            accepted: self.accepted.get(&question.id).cloned(),
        };
        questions.iter().filter(|question| asked.contains(&question.id)).map(one).collect()
    }
}

choice! {
    /// Where a partner stands with a form.
    Standing {
        /// It never sent it.
        Missing = "missing" / "Not answered",
        /// It is asked again.
        Outdated = "outdated" / "Asked again",
        /// Nothing is open.
        Complete = "complete" / "Complete",
    }
}

impl Standing {
    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Standing::Missing => ("", "circle-dashed"),
            Standing::Outdated => ("warn", "clock"),
            Standing::Complete => ("good", "circle-check"),
        }
    }
}

/// Where a partner stands, and until when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Where it stands.
    pub standing: Standing,
    /// The last day, where one was named.
    pub by: Option<NaiveDate>,
}

/// What decides it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Version of the form, and moment, of the last submission.
    pub sent: Option<(i32, DateTime<Utc>)>,
    /// Answers to versions before this number are asked for again, by this day.
    pub renewal: Option<(i32, NaiveDate)>,
    /// When a host asked last, and by when.
    pub request: Option<(DateTime<Utc>, NaiveDate)>,
}

impl Facts {
    /// Where the partner stands.
    pub fn due(self) -> Due {
        let Some((number, at)) = self.sent else {
            return Due { standing: Standing::Missing, by: self.renewal.map(|(_, by)| by) };
        };
        let renewed = self.renewal.filter(|(from, _)| number < *from).map(|(_, by)| by);
        let requested = self.request.filter(|(asked, _)| *asked > at).map(|(_, by)| by);
        let by = match (renewed, requested) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Due { standing: if by.is_some() { Standing::Outdated } else { Standing::Complete }, by }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question(id: QuestionId, shown_if: Option<Condition>) -> Question {
        Question {
            id,
            kind: QuestionKind::Short,
            label: "Q".into(),
            help: String::new(),
            required: true,
            options: Vec::new(),
            terms: String::new(),
            shown_if,
        }
    }

    /// Up to twelve questions that depend on earlier ones, and an answer to some.
    fn form() -> impl Strategy<Value = (Vec<Question>, Values)> {
        let one = (any::<bool>(), any::<prop::sample::Index>(), any::<bool>(), 0..3u8, prop::option::of(0..3u8));
        prop::collection::vec(one, 1..12).prop_map(|parts| {
            let (mut questions, mut values) = (Vec::<Question>::new(), Values::new());
            for (depends, on, contains, wanted, typed) in parts {
                let id = QuestionId::new();
                let shown_if = (depends && !questions.is_empty()).then(|| Condition {
                    question: on.get(&questions).id,
                    test: if contains { Test::Contains } else { Test::Is },
                    value: format!("Value {wanted}"),
                });
                questions.push(question(id, shown_if));
                values.extend(typed.map(|typed| (id, vec![format!("value {typed} ")])));
            }
            (questions, values)
        })
    }

    proptest! {
        #[test]
        fn a_question_is_asked_exactly_if_what_it_depends_on_is_asked_and_fits((questions, values) in form()) {
            prop_assert!(settled(&questions).is_ok());
            let asked = asked(&questions, &values);
            for question in &questions {
                let expected = question.shown_if.as_ref().is_none_or(|condition| {
                    asked.contains(&condition.question)
                        && values.get(&condition.question).is_some_and(|answer| condition.fits(answer))
                });
                prop_assert_eq!(asked.contains(&question.id), expected);
            }
        }

        #[test]
        fn answers_to_what_is_not_asked_change_nothing((questions, mut values) in form(), text in "Value [0-3]") {
            let before = asked(&questions, &values);
            for question in questions.iter().filter(|question| !before.contains(&question.id)) {
                values.insert(question.id, vec![text.clone()]);
            }
            prop_assert_eq!(asked(&questions, &values), before);
        }

        #[test]
        fn a_list_in_another_order_is_refused_when_a_question_comes_before_its_source((mut questions, _) in form()) {
            questions.reverse();
            let depends = questions.iter().any(|question| question.shown_if.is_some());
            prop_assert_eq!(settled(&questions).is_err(), depends);
        }
    }

    #[test]
    fn conditions_on_choices_wait_for_an_answer_that_can_be_given() {
        let source = QuestionId::new();
        let choice = Question {
            kind: QuestionKind::Several,
            options: vec!["Accrual".into(), "Redemption".into()],
            ..question(source, None)
        };
        let waiting = |test, value: &str| {
            let condition = Condition { question: source, test, value: value.into() };
            settled(&[choice.clone(), question(QuestionId::new(), Some(condition))])
        };
        assert!(waiting(Test::Is, " accrual").is_ok() && waiting(Test::Contains, "redem").is_ok());
        assert!(waiting(Test::Is, "redem").unwrap_err().contains("not among its options"));
    }

    #[test]
    fn who_is_asked_again() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let sent = Some((2, at("2026-11-01T00:00:00Z")));
        let facts = Facts { sent, ..Facts::default() };
        assert_eq!(facts.due().standing, Standing::Complete);
        assert_eq!(Facts::default().due().standing, Standing::Missing);
        // "New only" keeps the renewal of an earlier version: who answered before that one is still asked.
        let renewed = |from| Facts { renewal: Some((from, day(9))), ..facts }.due();
        assert_eq!((renewed(3).standing, renewed(3).by), (Standing::Outdated, Some(day(9))));
        assert_eq!(renewed(2).standing, Standing::Complete);
        let asked = |moment: &str| Facts { request: Some((at(moment), day(5))), ..facts }.due().standing;
        assert_eq!(asked("2026-10-31T00:00:00Z"), Standing::Complete);
        assert_eq!(asked("2026-11-02T00:00:00Z"), Standing::Outdated);
    }
}
