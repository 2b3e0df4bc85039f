//! How the demo's program looks at integrations: its form, its checks, its categories; and one draft that waits for
//! answers.

use super::story::{Known, grant, person};
use super::{Stage, told};
use crate::access::{CreateIntegration, UpdateChecks, UpdateForms};
use crate::activity::{Event, IntegrationEvent};
use crate::db::Change;
use crate::db::ids::{QuestionId, UserId};
use crate::forms::model::{FormKind, Question, QuestionKind};
use crate::forms::publish::{Reach, published};
use crate::forms::{builder, questions};
use crate::integrations::checks::model::Argument;
use crate::integrations::checks::{self, CheckKind, Rule};
use crate::integrations::content::{Content, Field, IntegrationKind, PageName, Spot};
use crate::integrations::review_settings::{self, Chosen};
use crate::integrations::store;
use crate::partners;

const FORM: FormKind = FormKind::Integration;

fn question(kind: QuestionKind, label: &str, options: &[&str]) -> Question {
    Question {
        id: QuestionId::new(),
        kind,
        label: label.into(),
        help: String::new(),
        required: true,
        options: options.iter().map(ToString::to_string).collect(),
        terms: String::new(),
        shown_if: None,
    }
}

fn form(stage: &Stage, by: UserId) -> anyhow::Result<()> {
    let grant = grant::<UpdateForms>(stage, by)?;
    stage.db.write_now(&grant, |tx| builder::begun(tx, FORM)).map_err(told)?;
    let often = ["At once", "Every hour", "Every night"];
    let asked = [
        question(QuestionKind::Choice, "How often are points credited?", &often),
        question(QuestionKind::Long, "What happens when a booking is cancelled?", &[]),
        Question { required: false, ..question(QuestionKind::Link, "Status page of your service", &[]) },
    ];
    for one in asked {
        stage
            .db
            .write_now(&grant, |tx| {
                let seen = builder::draft(tx, FORM)?.version;
                questions::placed(tx, FORM, seen, one)
            })
            .map_err(told)?;
    }
    let live = |tx: &mut crate::db::WriteTx<'_, UpdateForms>| {
        let seen = builder::draft(tx, FORM)?.version;
        published(tx, FORM, seen, Reach::New)
    };
    stage.db.write_now(&grant, live).map_err(told).map(drop)
}

fn rules() -> Vec<Rule> {
    let of = |field: Field, kind, argument, words: &str, is_blocking| Rule {
        page: field.page(),
        spot: Some(Spot::Field(field)),
        kind,
        argument,
        words: words.into(),
        is_blocking,
    };
    let plain = Argument::default;
    vec![
        of(
            Field::Description,
            CheckKind::Length,
            Argument { least: Some(80), ..plain() },
            "Say what earns, and when it is credited",
            true,
        ),
        of(Field::Credentials, CheckKind::Credentials, plain(), "Reviewers can try it", true),
        of(
            Field::Icon,
            CheckKind::ImageSize,
            Argument { width: 256, height: 256, ..plain() },
            "The icon is sharp on every screen",
            true,
        ),
        // Not blocking: the demo's addresses lead nowhere.
        of(Field::TermsLink, CheckKind::Link, plain(), "The terms can be read", false),
        of(Field::DataUse, CheckKind::Required, plain(), "Say what becomes of members’ data", false),
        Rule {
            page: PageName::Media,
            spot: None,
            kind: CheckKind::LookAt,
            argument: plain(),
            words: "Pictures show the product, and nobody’s trade mark but the partner’s".into(),
            is_blocking: false,
        },
    ]
}

/// The form, the checks and the draft.
pub fn tell(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    let ana = person(known, "ana.ferreira@solstice.example");
    stage.at(40, 30);
    form(stage, ana)?;
    stage.at(39, 60);
    let grant_checks = grant::<UpdateChecks>(stage, ana)?;
    for rule in rules() {
        stage.db.write_now(&grant_checks, |tx| checks::builder::saved(tx, None, 1, &rule, true)).map_err(told)?;
    }
    let chosen = Chosen {
        target_days: 3,
        second_approver: false,
        partners_republish: true,
        reviewed_fields: vec![Field::Name, Field::MemberTerms],
        categories: ["Travel", "Dining", "Shopping", "Fuel", "Earn", "Burn"].map(str::to_owned).to_vec(),
    };
    stage.db.write_now(&grant_checks, |tx| review_settings::saved(tx, 0, &chosen)).map_err(told)?;
    stage.at(2, 95);
    let misaki = grant::<CreateIntegration>(stage, person(known, "misaki.tanaka@shinonome.example"))?;
    let begin = |tx: &mut crate::db::WriteTx<'_, CreateIntegration>| {
        let partner = partners::store::find(tx, "SHINONOME")?;
        let content = Content {
            support_email: "partners@shinonome.example".into(),
            summary: "Earn points for every breakfast at the hotel.".into(),
            description: "Two points for each breakfast.".into(),
            link: "https://breakfast.shinonome.example/".into(),
            categories: vec!["Dining".into()],
            ..Content::new("Breakfast points".into(), IntegrationKind::External)
        };
        let integration = store::insert(tx, &partner, &content)?;
        let (partner, name, event) = (partner.id, content.name, IntegrationEvent::Created);
        Ok(Change::new((), Event::Integration { partner, integration, name, event }))
    };
    stage.db.write_now(&misaki, begin).map_err(told)
}
