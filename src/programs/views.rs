//! The pages of programs as templates show them.

use askama::Template;

use super::model::{self, Model, Program};
use super::store::{ProgramLine, TypeLine};
use crate::access::Role;
use crate::activity::FieldChange;
use crate::db::ids::ProgramId;
use crate::integrations::policy::ReviewPolicy;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, capped, counted};
use crate::web::page;

/// A line of the list of programs.
pub struct ProgramRow {
    pub program: Program,
    pub model: &'static str,
    pub partners: String,
    pub hue: u8,
    pub is_open: bool,
}

impl ProgramRow {
    pub fn new(line: ProgramLine, open: Option<ProgramId>) -> ProgramRow {
        ProgramRow {
            model: line.program.model.label(),
            partners: capped(line.partners),
            hue: page::hue(line.program.id.uuid()),
            is_open: open == Some(line.program.id),
            program: line.program,
        }
    }
}

/// All programs.
#[derive(Template)]
#[template(path = "programs/index.html", blocks = ["list"])]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<ProgramRow>,
}

/// The form for a new program.
#[derive(Template)]
#[template(path = "programs/new.html")]
pub struct NewPage {
    pub form: Form,
}

impl NewPage {
    fn models(&self) -> [(&'static str, &'static str); 2] {
        [
            (Model::Coalition.key(), "Coalition: many organisations take part"),
            (
                Model::Single.key(),
                "Single organisation: one company owns everything, and nobody is asked which partner",
            ),
        ]
    }
}

/// A partner type with what the page says of it.
pub struct TypeRow {
    pub id: String,
    pub name: String,
    pub key: String,
    pub partners: String,
    pub is_used: bool,
    pub is_first: bool,
    pub is_last: bool,
}

impl TypeRow {
    pub fn new(line: TypeLine, is_first: bool, is_last: bool) -> TypeRow {
        TypeRow {
            id: line.kind.id.to_string(),
            partners: if line.partners == 0 {
                "no partner".into()
            } else {
                counted(line.partners, "partner", "partners")
            },
            is_used: line.partners > 0,
            name: line.kind.name,
            key: line.kind.key,
            is_first,
            is_last,
        }
    }
}

/// What was stored meanwhile, where it differs from what was typed.
pub struct Stale {
    pub changes: Vec<FieldChange>,
}

/// The settings of the program.
#[derive(Template)]
#[template(path = "programs/settings.html")]
pub struct SettingsPage {
    pub program: Program,
    pub types: Vec<TypeRow>,
    /// What switching tiers on or off does now.
    pub tiers_hint: String,
    /// None where the person sees only one partner, so that nothing can be counted.
    pub hosting: Option<i64>,
    pub may_update: bool,
    pub may_letters: bool,
    pub sees_review: bool,
    pub sees_tokens: bool,
    pub form: Form,
    pub type_form: Form,
    pub stale: Option<Stale>,
}

impl SettingsPage {
    fn model(&self) -> &'static str {
        self.program.model.label()
    }

    fn second_factor_roles(&self) -> impl Iterator<Item = Role> {
        model::second_factor_roles()
    }

    fn asks_for_second_factor(&self, role: &Role) -> bool {
        self.form.values("second_factor").contains(&role.key())
    }

    fn second_factor(&self) -> String {
        model::names(&self.program.settings().second_factor)
    }

    fn limit(&self) -> String {
        counted(self.program.hosting_limit.into(), "hosting partner", "hosting partners")
    }

    fn hosting_count(&self) -> String {
        capped(self.hosting.unwrap_or_default())
    }

    fn has_too_many_hosts(&self) -> bool {
        self.hosting > Some(self.program.hosting_limit.into())
    }
}

/// One partner type.
#[derive(Template)]
#[template(path = "programs/type.html")]
pub struct TypePage {
    pub row: TypeRow,
    pub form: Form,
    /// Who publishes what such partners build.
    pub review: ReviewPolicy,
    pub may_review: bool,
}

impl TypePage {
    fn policies(&self) -> &'static [ReviewPolicy] {
        ReviewPolicy::ALL
    }
}
