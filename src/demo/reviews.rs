//! What became of the demo's integrations: rounds of review, done by the people who would.

use std::collections::BTreeMap;

use super::story::{Known, grant, person};
use super::{Stage, told};
use crate::access::{
    AnswerForms, CommentIntegration, Permission, PublishIntegration, ReviewIntegration, SubmitIntegration,
};
use crate::db::ReadTx;
use crate::db::ids::{IntegrationId, UserId};
use crate::forms::model::Begun;
use crate::forms::store::answers::Seen;
use crate::forms::{self, FormKind, answer};
use crate::integrations::content::{Field, Spot};
use crate::integrations::feedback::handlers as feedback;
use crate::integrations::feedback::model::{New, Thread, Weight};
use crate::integrations::feedback::store as threads;
use crate::integrations::model::Integration;
use crate::integrations::moves::{Asked, made};
use crate::integrations::review::claim::claimed;
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

const RITA: &str = "rita.carvalho@solstice.example";
const ANA: &str = "ana.ferreira@solstice.example";
const MISAKI: &str = "misaki.tanaka@shinonome.example";
const SIOBHAN: &str = "siobhan.nibhriain@kestrel.example";

/// One step: who did what to which integration, how many days ago, and what they wrote.
struct Step {
    days_ago: i64,
    by: &'static str,
    name: &'static str,
    deed: Deed,
    words: &'static str,
}

#[derive(Clone, Copy)]
enum Deed {
    Questions,
    Submit,
    Claim,
    Ask(Field, Weight),
    RequestChanges,
    Answer,
    Resubmit,
    Publish,
}

const fn step(days_ago: i64, by: &'static str, name: &'static str, deed: Deed, words: &'static str) -> Step {
    Step { days_ago, by, name, deed, words }
}

const EARN: &str = "Lémanique Card Earn";
const TILL: &str = "Till Receipts";
const CREDITS: &str = "Kestrel Rental Credits";
const ONSEN: &str = "Onsen day passes";
const STAYS: &str = "Shinonome Stay Sync";
const DEALS: &str = "Kestrel Weekend Deals";

const STEPS: &[Step] = &[
    step(200, "chloe.dubois@lemanique.example", EARN, Deed::Submit, "The card’s launch is in June."),
    step(198, RITA, EARN, Deed::Publish, "Clear and complete. Thank you."),
    step(186, "oluwaseun.adeyemi@harvest.example", TILL, Deed::Submit, ""),
    step(185, RITA, TILL, Deed::Claim, ""),
    step(183, RITA, TILL, Deed::Publish, "Welcome."),
    step(151, MISAKI, ONSEN, Deed::Submit, "Two more springs join in spring."),
    step(149, RITA, ONSEN, Deed::Publish, "Lovely. Live."),
    step(29, SIOBHAN, CREDITS, Deed::Questions, "The credits are taken back within a day."),
    step(28, SIOBHAN, CREDITS, Deed::Submit, "As we discussed on the phone."),
    step(27, ANA, CREDITS, Deed::Claim, ""),
    step(27, ANA, CREDITS, Deed::Ask(Field::Summary, Weight::Blocking), "Please say which rentals earn nothing."),
    step(26, ANA, CREDITS, Deed::RequestChanges, "One sentence is missing."),
    step(21, SIOBHAN, CREDITS, Deed::Answer, "Added under the terms for members."),
    step(20, SIOBHAN, CREDITS, Deed::Resubmit, ""),
    step(18, ANA, CREDITS, Deed::Publish, "Thank you, that is what members ask."),
    step(
        12,
        MISAKI,
        STAYS,
        Deed::Questions,
        "Miles of a cancelled night are never credited: they follow the check-out.",
    ),
    step(11, MISAKI, STAYS, Deed::Submit, "The Japanese text was checked by our legal team."),
    step(10, RITA, STAYS, Deed::Claim, ""),
    step(
        10,
        RITA,
        STAYS,
        Deed::Ask(Field::Summary, Weight::Blocking),
        "“Every stay” is not what the contract says. Name what earns and when it is credited.",
    ),
    step(
        10,
        RITA,
        STAYS,
        Deed::Ask(Field::MemberTerms, Weight::Advice),
        "The Japanese sentence says that room tax does not earn; the English text does not. Say it in both.",
    ),
    step(
        10,
        RITA,
        STAYS,
        Deed::Ask(Field::Description, Weight::Internal),
        "Legal granted the “41 hotels” claim until March.",
    ),
    step(
        9,
        RITA,
        STAYS,
        Deed::RequestChanges,
        "Nearly there. The summary is what members see first, so please say exactly what earns.",
    ),
    step(5, MISAKI, STAYS, Deed::Answer, "Rewritten: per night, booked directly, within five days."),
    step(5, MISAKI, STAYS, Deed::Resubmit, "All items are answered."),
    step(2, SIOBHAN, DEALS, Deed::Questions, "Credits of a cancelled weekend are taken back at once."),
    step(1, SIOBHAN, DEALS, Deed::Submit, ""),
];

/// Since when the program has its form and its checks.
const RULES: i64 = 39;

/// What happened before the program had a form and checks.
pub fn before_rules(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    told_of(stage, known, |step| step.days_ago > RULES)
}

/// What happened since.
pub fn after_rules(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    told_of(stage, known, |step| step.days_ago <= RULES)
}

fn told_of(stage: &Stage, known: &Known, is_now: impl Fn(&Step) -> bool) -> anyhow::Result<()> {
    for (order, step) in (0i64..).zip(STEPS).filter(|(_, step)| is_now(step)) {
        stage.at(step.days_ago, 120 + order * 9);
        make(stage, person(known, step.by), step)?;
        super::invited::deliver(stage)?;
    }
    Ok(())
}

fn make(stage: &Stage, by: UserId, step: &Step) -> anyhow::Result<()> {
    match step.deed {
        Deed::Questions => questions(stage, by, step),
        Deed::Submit => moved::<SubmitIntegration>(stage, by, step, Move::Submit),
        Deed::Resubmit => moved::<SubmitIntegration>(stage, by, step, Move::Resubmit),
        Deed::RequestChanges => moved::<ReviewIntegration>(stage, by, step, Move::RequestChanges),
        Deed::Publish => {
            settled(stage, by, step)?;
            moved::<PublishIntegration>(stage, by, step, Move::Publish)
        }
        Deed::Claim => {
            let claim = grant::<ReviewIntegration>(stage, by)?;
            let done = |tx: &mut crate::db::WriteTx<'_, ReviewIntegration>| {
                let item = found(tx, step.name)?;
                claimed(tx, &item.id.to_string(), item.version, false)
            };
            stage.db.write_now(&claim, done).map_err(told)?;
            Ok(())
        }
        Deed::Ask(field, weight) => {
            let ask = grant::<ReviewIntegration>(stage, by)?;
            let done = |tx: &mut crate::db::WriteTx<'_, ReviewIntegration>| {
                let item = found(tx, step.name)?;
                feedback::opened(tx, &item.id.to_string(), &asked(field, weight, step.words))
            };
            stage.db.write_now(&ask, done).map_err(told)?;
            Ok(())
        }
        Deed::Answer => answered(stage, by, step),
    }
}

/// The program's questions: the first of several, and words where words are asked for.
fn questions(stage: &Stage, by: UserId, step: &Step) -> anyhow::Result<()> {
    let answer = grant::<AnswerForms>(stage, by)?;
    let done = |tx: &mut crate::db::WriteTx<'_, AnswerForms>| {
        let item = found(tx, step.name)?;
        let form = forms::store::live(tx, FormKind::Integration)?.ok_or(AppError::NotFound)?;
        let mut begun = Begun::default();
        for question in form.questions.iter().filter(|question| question.required) {
            let words = question.options.first().cloned().unwrap_or_else(|| step.words.to_owned());
            begun.values.insert(question.id, vec![words]);
        }
        let whom = answer::Whom::Integration(item.id.to_string());
        answer::done(tx, &whom, form.number, Seen { draft: 0, sent: 0 }, begun, BTreeMap::new(), true)
    };
    stage.db.write_now(&answer, done).map_err(told)?;
    Ok(())
}

fn asked(field: Field, weight: Weight, words: &str) -> New {
    New { page: field.page(), spot: Some(Spot::Field(field)), weight, criterion: String::new(), body: words.to_owned() }
}

fn found(tx: &mut ReadTx<'_>, name: &str) -> Result<Integration, AppError> {
    let all = store::by_name(tx, &Keyset { size: 100, at: None, backward: false })?;
    all.into_iter().find(|one| one.name == name).ok_or(AppError::NotFound)
}

fn moved<P: Permission>(stage: &Stage, by: UserId, step: &Step, wanted: Move) -> anyhow::Result<()> {
    let grant = grant::<P>(stage, by)?;
    let done = |tx: &mut crate::db::WriteTx<'_, P>| {
        let item = found(tx, step.name)?;
        let asked = Asked { seen: item.version, words: step.words.to_owned(), ..Asked::default() };
        made(tx, &item.id.to_string(), wanted, &asked)
    };
    stage.db.write_now(&grant, done).map_err(told)?;
    Ok(())
}

/// What blocks an integration and is not settled.
fn blocking(tx: &mut ReadTx<'_>, name: &str) -> Result<(IntegrationId, Vec<Thread>), AppError> {
    let item = found(tx, name)?;
    let is_open = |one: &Thread| one.weight == Weight::Blocking && !one.is_resolved();
    Ok((item.id, threads::threads(tx, &item)?.into_iter().filter(is_open).collect()))
}

/// The partner answers what blocks.
fn answered(stage: &Stage, by: UserId, step: &Step) -> anyhow::Result<()> {
    let answer = grant::<CommentIntegration>(stage, by)?;
    let (id, blocking) = stage.db.read_now(&answer, |tx| blocking(tx, step.name)).map_err(told)?;
    for thread in blocking {
        stage
            .db
            .write_now(&answer, |tx| feedback::replied(tx, &id.to_string(), &thread.id.to_string(), step.words))
            .map_err(told)?;
    }
    Ok(())
}

/// What blocked is settled before it is published.
fn settled(stage: &Stage, by: UserId, step: &Step) -> anyhow::Result<()> {
    let settle = grant::<ReviewIntegration>(stage, by)?;
    let (id, blocking) = stage.db.read_now(&settle, |tx| blocking(tx, step.name)).map_err(told)?;
    for thread in blocking {
        stage
            .db
            .write_now(&settle, |tx| feedback::settled(tx, &id.to_string(), &thread.id.to_string(), ""))
            .map_err(told)?;
    }
    Ok(())
}
