//! The partner form of the demo: two versions, answers of some partners, one draft, one request.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::story::{Known, grant, person};
use super::{Stage, told};
use crate::access::{AnswerForms, UpdateForms};
use crate::db::ids::{QuestionId, UserId};
use crate::forms::model::{ACCEPTED, Begun, Condition, FormKind, Question, QuestionKind, Test, Values};
use crate::forms::publish::{Reach, published};
use crate::forms::store::answers::Seen;
use crate::forms::{answer, builder, files, overview, questions};
use crate::web::upload::File;

const FORM: FormKind = FormKind::Partner;

fn question(kind: QuestionKind, label: &str, help: &str) -> Question {
    Question {
        id: QuestionId::new(),
        kind,
        label: label.into(),
        help: help.into(),
        required: true,
        options: Vec::new(),
        terms: String::new(),
        shown_if: None,
    }
}

fn choice(kind: QuestionKind, label: &str, help: &str, options: &[&str]) -> Question {
    Question { options: options.iter().map(ToString::to_string).collect(), ..question(kind, label, help) }
}

fn only_if(question: Question, source: &Question, test: Test, value: &str) -> Question {
    let shown_if = Some(Condition { question: source.id, test, value: value.into() });
    Question { shown_if, ..question }
}

fn optional(question: Question) -> Question {
    Question { required: false, ..question }
}

/// The first version.
fn first() -> Vec<Question> {
    let name = question(QuestionKind::Short, "Legal name of your organisation", "As it is registered.");
    let offer = choice(
        QuestionKind::Several,
        "What do you bring into the program?",
        "Choose all that apply.",
        &["Members earn with us", "Members redeem with us", "We publish offers"],
    );
    let feed = choice(
        QuestionKind::Choice,
        "How will transactions reach us?",
        "You can change this later.",
        &["By file", "By API", "Not decided yet"],
    );
    let format = only_if(
        choice(QuestionKind::Choice, "Which file format?", "", &["CSV", "Fixed width", "JSON lines", "XML"]),
        &feed,
        Test::Is,
        "By file",
    );
    let docs = only_if(
        optional(question(QuestionKind::Link, "Address of your API documentation", "")),
        &feed,
        Test::Is,
        "By API",
    );
    let volume = question(QuestionKind::Number, "Transactions on a busy day", "A rough number will do.");
    let start = optional(question(QuestionKind::Date, "When do you want to go live?", ""));
    let terms = Question {
        terms: "We exchange member numbers and amounts for the purpose of the program only.\nEach side reports a loss of data to the other within 24 hours.\nData is kept for 24 months after the last transaction."
            .into(),
        ..question(QuestionKind::Terms, "Data exchange terms", "")
    };
    vec![name, offer, feed, format, docs, volume, start, terms]
}

/// What the second version asks besides.
fn second() -> Vec<Question> {
    vec![
        optional(question(QuestionKind::File, "Data protection certificate", "ISO 27001 or similar, as PDF.")),
        optional(question(QuestionKind::Long, "Anything we should know", "Seasons, freezes, holidays.")),
    ]
}

fn placed(stage: &Stage, by: UserId, questions: Vec<Question>) -> anyhow::Result<()> {
    let grant = grant::<UpdateForms>(stage, by)?;
    stage.db.write_now(&grant, |tx| builder::begun(tx, FORM)).map_err(told)?;
    for question in questions {
        let place = |tx: &mut crate::db::WriteTx<'_, UpdateForms>| {
            let seen = builder::draft(tx, FORM)?.version;
            questions::placed(tx, FORM, seen, question)
        };
        stage.db.write_now(&grant, place).map_err(told)?;
    }
    Ok(())
}

fn live(stage: &Stage, by: UserId, reach: Reach) -> anyhow::Result<()> {
    let grant = grant::<UpdateForms>(stage, by)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let seen = builder::draft(tx, FORM)?.version;
            published(tx, FORM, seen, reach)
        })
        .map_err(told)
        .map(drop)
}

/// What somebody answers, in the order of the questions; several choices are parted by a bar, nothing is no answer.
struct Said<'a> {
    by: UserId,
    code: &'a str,
    version: i32,
    answers: &'a [&'a str],
    file: Option<&'a str>,
    before: i32,
    sends: bool,
}

fn answered(stage: &Stage, questions: &[Question], said: Said<'_>) -> anyhow::Result<()> {
    let grant = grant::<AnswerForms>(stage, said.by)?;
    let mut values = Values::new();
    for (question, answer) in questions.iter().zip(said.answers).filter(|(_, answer)| !answer.is_empty()) {
        values.insert(question.id, answer.split('|').map(str::to_owned).collect());
    }
    let mut kept = BTreeMap::new();
    if let (Some(name), Some(question)) = (said.file, questions.iter().find(|one| one.kind == QuestionKind::File)) {
        let bytes = format!("%PDF-1.4\n% {name}, a placeholder of the demo\n%%EOF\n").into_bytes();
        let file = files::read(File { name: name.into(), bytes }).map_err(anyhow::Error::msg)?;
        kept.insert(question.id, file);
    }
    let (begun, seen) = (Begun { values, ..Begun::default() }, Seen { draft: 0, sent: said.before });
    let whom = answer::Whom::Partner(said.code.to_owned());
    stage
        .db
        .write_now(&grant, |tx| answer::done(tx, &whom, said.version, seen, begun, kept, said.sends))
        .map_err(told)
        .map(drop)
}

/// The form's year.
pub fn tell(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    let (ana, misaki) =
        (person(known, "ana.ferreira@solstice.example"), person(known, "misaki.tanaka@shinonome.example"));
    let siobhan = person(known, "siobhan.nibhriain@kestrel.example");
    let mut questions = first();
    stage.at(60, 120);
    placed(stage, ana, questions.clone())?;
    stage.at(59, 60);
    live(stage, ana, Reach::New)?;
    stage.at(55, 75);
    let shinonome = [
        "東雲ホテルズ株式会社",
        "Members earn with us|Members redeem with us",
        "By file",
        "CSV",
        "",
        "1800",
        "2026-04-01",
        ACCEPTED,
    ];
    let said =
        Said { by: misaki, code: "SHINONOME", version: 1, answers: &shinonome, file: None, before: 0, sends: true };
    answered(stage, &questions, said)?;
    stage.at(52, 300);
    let kestrel = [
        "Kestrel Car Rental DAC",
        "Members earn with us",
        "By API",
        "",
        "https://developers.kestrel.example/rewards",
        "640",
        "",
        ACCEPTED,
    ];
    let said = Said { by: siobhan, code: "KESTREL", version: 1, answers: &kestrel, file: None, before: 0, sends: true };
    answered(stage, &questions, said)?;
    questions.extend(second());
    stage.at(12, 45);
    placed(stage, ana, second_of(&questions))?;
    stage.at(11, 20);
    let by = (stage.today + TimeDelta::days(16)).date_naive();
    live(stage, ana, Reach::Again(by))?;
    stage.at(8, 190);
    let mut again = kestrel.to_vec();
    again.extend(["", "No changes from 15 December to 7 January, please: peak season."]);
    let file = Some("kestrel-iso-27001.pdf");
    let said = Said { by: siobhan, code: "KESTREL", version: 2, answers: &again, file, before: 1, sends: true };
    answered(stage, &questions, said)?;
    stage.at(5, 40);
    let mut begun = shinonome.to_vec();
    begun.truncate(6);
    let said = Said { by: misaki, code: "SHINONOME", version: 2, answers: &begun, file: None, before: 1, sends: false };
    answered(stage, &questions, said)?;
    stage.at(3, 100);
    let grant = grant::<UpdateForms>(stage, ana)?;
    let note = "Your certificate runs out this month. Please send the new one.";
    stage.db.write_now(&grant, |tx| overview::asked(tx, "KESTREL", by, note)).map_err(told)
}

/// The questions that the second version adds, as they are in the whole list.
fn second_of(questions: &[Question]) -> Vec<Question> {
    questions.iter().skip(first().len()).cloned().collect()
}
