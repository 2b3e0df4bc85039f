//! From what a partner typed to valid answers. Every error is found at once and stands at its question.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use url::Url;

use super::model::{ACCEPTED, Acceptance, Answered, Begun, Question, QuestionKind, Values, asked};
use crate::access::Actor;
use crate::db::ids::QuestionId;
use crate::values::{Refused, line, paragraphs, shown};
use crate::web::form::Form;

/// What is wrong, by question.
pub type Errors = BTreeMap<QuestionId, Refused>;

/// The name of a question's field.
pub fn field(id: QuestionId) -> String {
    format!("q-{id}")
}

/// The name of the box that takes a file away again.
pub fn removal(id: QuestionId) -> String {
    format!("remove-{id}")
}

/// What a form holds of these questions.
pub fn typed(questions: &[Question], form: &Form) -> Values {
    let mut values = Values::new();
    for question in questions.iter().filter(|question| question.kind != QuestionKind::File) {
        let found: Vec<String> = form
            .values(&field(question.id))
            .into_iter()
            .filter(|value| !value.trim().is_empty())
            .map(str::to_owned)
            .collect();
        if !found.is_empty() {
            values.insert(question.id, found);
        }
    }
    values
}

/// What of it cannot even be kept as a draft.
pub fn unkeepable(questions: &[Question], values: &Values) -> Errors {
    let mut errors = Errors::new();
    for question in questions {
        let typed = values.get(&question.id).map(Vec::as_slice).unwrap_or_default();
        let refused = typed.iter().find_map(|value| paragraphs(value).err());
        let refused = refused.or_else(|| {
            (typed.len() > 1 && question.kind != QuestionKind::Several)
                .then(|| "Was sent twice. Enter one value.".to_owned())
        });
        let refused = refused.or_else(|| (typed.len() > 100).then(|| "Choose from the options.".to_owned()));
        errors.extend(refused.map(|refused| (question.id, refused)));
    }
    errors
}

/// Valid answers to what is asked; what is not asked is left out.
///
/// # Errors
/// All that is wrong, by question.
pub fn answered(
    questions: &[Question],
    begun: &Begun,
    number: i32,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Answered>, Errors> {
    let asked = asked(questions, &begun.values);
    let mut errors = unkeepable(questions, &begun.values);
    errors.retain(|question, _| asked.contains(question));
    let mut answers = Vec::new();
    for question in questions.iter().filter(|question| asked.contains(&question.id)) {
        let typed = begun.values.get(&question.id).map(Vec::as_slice).unwrap_or_default();
        let file = begun.files.get(&question.id).filter(|_| question.kind == QuestionKind::File).cloned();
        let parsed = if typed.is_empty() && file.is_none() { nothing(question) } else { values(question, typed) };
        match parsed {
            Ok(values) => {
                let is_accepted = question.kind == QuestionKind::Terms && !values.is_empty();
                let before = begun.accepted.get(&question.id).filter(|one| one.version == number).cloned();
                let accepted = is_accepted.then(|| before.unwrap_or_else(|| accepted(actor, number, now)));
                answers.push(Answered { question: question.clone(), values, file, accepted });
            }
            Err(refused) => {
                errors.entry(question.id).or_insert(refused);
            }
        }
    }
    if errors.is_empty() { Ok(answers) } else { Err(errors) }
}

/// Who accepts terms now.
pub fn accepted(actor: &Actor, number: i32, now: DateTime<Utc>) -> Acceptance {
    Acceptance { user: actor.user(), name: actor.name().to_owned(), at: now, version: number }
}

fn nothing(question: &Question) -> Result<Vec<String>, Refused> {
    if !question.required {
        return Ok(Vec::new());
    }
    Err(match question.kind {
        QuestionKind::Choice => "Choose one.",
        QuestionKind::Several => "Choose at least one.",
        QuestionKind::File => "Choose a file.",
        QuestionKind::Terms => "Tick the box to accept this; the form cannot be sent without it.",
        _ => "Answer this question; it cannot be left empty.",
    }
    .into())
}

/// The values of one question, as they are stored.
fn values(question: &Question, typed: &[String]) -> Result<Vec<String>, Refused> {
    let one = typed.first().map(String::as_str).unwrap_or_default();
    Ok(match question.kind {
        QuestionKind::Short => vec![line(one, 200)?],
        QuestionKind::Long => vec![paragraphs(one)?],
        QuestionKind::Number => vec![number(one)?],
        QuestionKind::Date => vec![date(one)?],
        QuestionKind::Choice => vec![option(question, one)?],
        QuestionKind::Several => {
            typed.iter().map(|value| option(question, value)).collect::<Result<Vec<_>, _>>()?;
            // In the order of the question, each once.
            question.options.iter().filter(|known| typed.contains(known)).cloned().collect()
        }
        QuestionKind::Link => vec![link(one)?],
        QuestionKind::File => Vec::new(),
        QuestionKind::Terms if one == ACCEPTED => vec![ACCEPTED.to_owned()],
        QuestionKind::Terms => return Err("Tick the box to accept this.".into()),
    })
}

fn option(question: &Question, typed: &str) -> Result<String, Refused> {
    let known = question.options.iter().find(|known| *known == typed);
    known.cloned().ok_or_else(|| format!("“{}” is not one of the options. Choose again.", shown(typed)))
}

fn number(typed: &str) -> Result<String, Refused> {
    let text = typed.trim();
    let wrong = || format!("“{}” is not a number. Write it like 1200 or 12.5.", shown(text));
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || part.is_some_and(|part| !is_digits(part)) {
        return Err(wrong());
    }
    if whole.len() > 15 || part.is_some_and(|part| part.len() > 6) {
        return Err("Has too many digits: 15 before the point and 6 after it are allowed.".into());
    }
    Ok(text.to_owned())
}

/// Reads a day as browsers send it.
///
/// # Errors
/// With the form that is asked for.
pub fn day(typed: &str) -> Result<NaiveDate, Refused> {
    let text = typed.trim();
    let wrong = || format!("“{}” is not a date. Write it like 2026-11-30.", shown(text));
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_plain).ok_or_else(wrong)?;
    if !(1900..=2199).contains(&day.year()) {
        return Err("Choose a day from 1900 to 2199.".into());
    }
    Ok(day)
}

fn date(typed: &str) -> Result<String, Refused> {
    day(typed).map(|day| day.to_string())
}

fn link(typed: &str) -> Result<String, Refused> {
    let text = line(typed, 2000)?;
    let wrong = || format!("“{}” is not a web address. Write it like https://company.example/page.", shown(&text));
    let url = Url::parse(&text).map_err(|_| wrong())?;
    if url.scheme() != "https" || !text.to_lowercase().starts_with("https://") {
        return Err(format!("“{}” does not begin with https://.", shown(&text)));
    }
    let host = url.host_str().unwrap_or_default();
    if !host.contains('.') || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    Ok(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(kind: QuestionKind) -> Question {
        Question {
            id: QuestionId::new(),
            kind,
            label: "Q".into(),
            help: String::new(),
            required: true,
            options: vec!["One".into(), "Two".into()],
            terms: String::new(),
            shown_if: None,
        }
    }

    fn read(kind: QuestionKind, typed: &[&str]) -> Result<Vec<String>, Errors> {
        let question = asks(kind);
        let values = typed.iter().map(ToString::to_string).filter(|one| !one.trim().is_empty()).collect::<Vec<_>>();
        let begun = Begun {
            values: if values.is_empty() { Values::new() } else { Values::from([(question.id, values)]) },
            ..Begun::default()
        };
        let actor = Actor::operator(None);
        answered(&[question], &begun, 1, &actor, DateTime::UNIX_EPOCH)
            .map(|answers| answers.into_iter().flat_map(|one| one.values).collect())
    }

    #[test]
    fn t50_every_kind_takes_its_values_and_no_other() {
        use QuestionKind::*;
        for (kind, good, bad) in [
            (Short, vec!["Ünï 🎉", "x"], vec!["", " ", "a\u{0}b", "a\u{202e}b", "two\nlines"]),
            (Long, vec!["one\r\ntwo"], vec!["", "a\u{7}b"]),
            (
                Number,
                vec!["0", "-1", "12.5", "123456789012345"],
                vec![
                    "",
                    "NaN",
                    "1e5",
                    "1,5",
                    "9223372036854775808",
                    "٣",
                    "--1",
                    ".5",
                    "5.",
                    "Infinity",
                    "1.1234567",
                    "0x1",
                ],
            ),
            (
                Date,
                vec!["2028-02-29", "1900-01-01"],
                vec!["", "2026-02-29", "29.02.2028", "2026-2-3", "1899-12-31", "2200-01-01", "+12026-01-01", "0"],
            ),
            (Choice, vec!["One"], vec!["", "one", "Three"]),
            (
                Link,
                vec!["https://a.example/x?y=1"],
                vec![
                    "",
                    "http://a.example",
                    "javascript:alert(1)",
                    "data:text/html,x",
                    "//a.example",
                    "https://",
                    "https://localhost",
                    "https://u:p@a.example",
                    "https:a.example",
                    "ftp://a.example",
                ],
            ),
            (Terms, vec!["yes"], vec!["", "no"]),
        ] {
            for typed in good {
                assert!(read(kind, &[typed]).is_ok(), "{kind:?} {typed:?}");
            }
            for typed in bad {
                assert!(read(kind, &[typed]).is_err(), "{kind:?} {typed:?}");
            }
            assert!(read(kind, &["One", "Two"]).is_err(), "{kind:?} sent twice");
        }
        assert!(read(Short, &[&"x".repeat(200)]).is_ok() && read(Short, &[&"x".repeat(201)]).is_err());
        assert!(read(Long, &[&"x".repeat(5000)]).is_ok() && read(Long, &[&"x".repeat(5001)]).is_err());
        assert_eq!(read(Several, &["Two", "One", "Two"]).unwrap(), ["One", "Two"]);
        assert!(read(Several, &["One", "Other"]).is_err() && read(Several, &[]).is_err());
        assert!(read(File, &[]).is_err());
    }
}
