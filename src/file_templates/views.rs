//! Pages of templates, one struct per file of HTML.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use super::check::{Problem, Report};
use super::exchange::Wrong;
use super::model;
use super::model::{Facts, Field, FileFormat, FileTemplate, Process, Quote, Use};
use super::rows::{self, Part};
use super::store::Line;
use crate::access::{Actor, CreateTemplate, DeleteTemplate, Scope, UpdateTemplate};
use crate::activity::FieldChange;
use crate::db::ids::{PartnerId, UserId};
use crate::partners::model::Partner;
use crate::partners::views::{Header, may};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::{Params, Window, exactly};
use crate::web::time::When;

/// What a person may do with templates.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Allowed {
    pub create: bool,
    pub edit: bool,
    pub remove: bool,
    /// Whether they see several partners.
    pub partners: bool,
}

impl Allowed {
    /// Asks the policy.
    pub fn of(actor: &Actor) -> Allowed {
        Allowed {
            create: may::<CreateTemplate>(actor),
            edit: may::<UpdateTemplate>(actor),
            remove: may::<DeleteTemplate>(actor),
            partners: !matches!(actor.scope(), Scope::Partner { .. }),
        }
    }
}

/// A line of a list.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    pub partner: String,
    pub partner_address: String,
    pub process: &'static str,
    pub format: &'static str,
    pub fields: i32,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    /// Makes a line ready; `partners` are codes and names by id.
    pub fn new(line: Line, partners: &HashMap<PartnerId, (String, String)>, now: DateTime<Utc>, actor: &Actor) -> Row {
        let (code, name) = partners.get(&line.partner_id).cloned().unwrap_or_default();
        Row {
            address: super::address(line.id),
            name: line.name,
            partner: name,
            partner_address: crate::partners::tab(&code, "templates"),
            process: line.process.label(),
            format: line.format.label(),
            fields: line.field_count,
            updated: When::new(line.updated_at, now, actor.zone()),
            updated_by: line.updated_by_name,
        }
    }
}

/// The list.
#[derive(Template)]
#[template(path = "file_templates/index.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub owners: Vec<(String, String)>,
    pub editors: Vec<(UserId, String)>,
    pub me: Option<UserId>,
    pub allowed: Allowed,
    pub has_partners: bool,
}

/// A filter that is on, with the address without it.
#[expect(missing_docs, reason = "shown as named")]
pub struct Chip {
    pub label: String,
    pub address: String,
}

impl IndexPage {
    fn processes(&self) -> &'static [Process] {
        Process::ALL
    }

    fn formats(&self) -> &'static [FileFormat] {
        FileFormat::ALL
    }

    fn is_filtered(&self) -> bool {
        !self.chips().is_empty()
    }

    /// Which arrow a heading shows, and where its link leads.
    fn sorted(&self, key: &str) -> (&'static str, &'static str, String) {
        let present = match self.params.get("sort") {
            "" => "-updated",
            other => other,
        };
        let down = format!("-{key}");
        if present == key {
            ("ascending", "chevron-up", self.params.with("sort", &down))
        } else if present == down {
            ("descending", "chevron-down", self.params.with("sort", key))
        } else {
            ("", "selector", self.params.with("sort", if key == "updated" { "-updated" } else { key }))
        }
    }

    fn chips(&self) -> Vec<Chip> {
        let get = |name: &str| Some(self.params.get(name)).filter(|value| !value.is_empty());
        let said = |word: &str, label: Option<String>| format!("{word}: {}", label.unwrap_or_else(|| "unknown".into()));
        let owner = |code: &str| self.owners.iter().find(|(known, _)| known == code).map(|(_, name)| name.clone());
        let editor = |id: &str| {
            let is_me = self.me.is_some_and(|me| me.to_string() == id);
            let known = self.editors.iter().find(|(known, _)| known.to_string() == id).map(|(_, name)| name.clone());
            if is_me { "me".to_owned() } else { known.unwrap_or_else(|| "somebody else".into()) }
        };
        let labels = [
            ("q", get("q").map(|q| format!("“{q}”"))),
            ("partner", get("partner").map(|code| said("Partner", owner(code)))),
            (
                "process",
                get("process").map(|key| said("Process", Process::from_key(key).map(|one| one.label().into()))),
            ),
            (
                "format",
                get("format").map(|key| said("Format", FileFormat::from_key(key).map(|one| one.label().into()))),
            ),
            ("updated_by", get("updated_by").map(|id| format!("Updated by {}", editor(id)))),
        ];
        let chip = |(name, label): (&str, Option<String>)| {
            label.map(|label| Chip { label, address: self.params.with(name, "") })
        };
        labels.into_iter().filter_map(chip).collect()
    }

    fn editor_options(&self) -> Vec<(String, String)> {
        let me = self.me.map(|id| (id.to_string(), "Me".to_owned()));
        let others =
            self.editors.iter().filter(|(id, _)| Some(*id) != self.me).map(|(id, name)| (id.to_string(), name.clone()));
        me.into_iter().chain(others).collect()
    }
}

/// Templates of one partner: a tab of its page.
#[derive(Template)]
#[template(path = "file_templates/of_partner.html", blocks = ["table"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabPage {
    pub header: Header,
    pub params: Params,
    pub page: Window<Row>,
    pub total: i64,
    pub allowed: Allowed,
}

impl TabPage {
    fn create(&self) -> String {
        format!("/templates/new?partner={}", crate::web::encode(&self.header.code))
    }
}

/// The head of a template's pages.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Head {
    pub address: String,
    pub name: String,
    pub partner: String,
    pub partner_address: String,
    pub allowed: Allowed,
}

impl Head {
    /// For one person.
    pub fn new(template: &FileTemplate, partner: &Partner, actor: &Actor) -> Head {
        Head {
            address: super::address(template.id),
            name: template.facts.name.to_string(),
            partner: partner.name.to_string(),
            partner_address: crate::partners::tab(partner.code.as_str(), "templates"),
            allowed: Allowed::of(actor),
        }
    }
}

/// One template.
#[derive(Template)]
#[template(path = "file_templates/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub head: Head,
    pub facts: Facts,
    pub example: String,
    pub uses: Vec<Use>,
    pub version: i32,
    pub created: When,
    pub updated: When,
    pub updated_by: String,
}

/// "1 field", "12 fields".
fn field_count(facts: &Facts) -> String {
    exactly(i64::try_from(facts.layout.fields.len()).unwrap_or(i64::MAX), "field", "fields")
}

impl ShowPage {
    fn count(&self) -> String {
        field_count(&self.facts)
    }

    fn is_csv(&self) -> bool {
        self.facts.format == FileFormat::Csv
    }

    fn quote(&self) -> &'static str {
        match self.facts.layout.quote {
            Quote::None => "Values are never quoted",
            one => one.label(),
        }
    }

    fn has_places(&self) -> bool {
        self.facts.format == FileFormat::FixedWidth
    }

    /// Each field with where it begins and ends, counted from 1; empty unless values stand at fixed places.
    fn lines(&self) -> Vec<(&Field, String)> {
        let mut from = 1;
        let place = |field: &Field| {
            let to = from + field.length.unwrap_or(1) - 1;
            let text = if from == to { from.to_string() } else { format!("{from}–{to}") };
            from = to + 1;
            text
        };
        let places: Vec<String> = self.facts.layout.fields.iter().map(place).collect();
        let shown = |place: String| if self.has_places() { place } else { String::new() };
        self.facts.layout.fields.iter().zip(places.into_iter().map(shown)).collect()
    }
}

/// A row of the form, as the HTML needs it.
#[expect(missing_docs, reason = "shown as named")]
pub struct Inputs {
    pub number: usize,
    pub is_first: bool,
    pub is_last: bool,
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub required: &'static str,
    pub length: &'static str,
    pub format: &'static str,
    pub sample: &'static str,
    pub description: &'static str,
}

/// The form of a template, new or old.
#[derive(Template)]
#[template(path = "file_templates/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    /// The template that is edited.
    pub head: Option<Head>,
    /// The partner of a new one, when it is known: code and name.
    pub partner: Option<(String, String)>,
    /// Partners to choose from, for who sees several.
    pub partners: Vec<(String, String)>,
    pub saved: Option<(String, When)>,
    pub stale: Option<Stale>,
    pub guessed: Option<String>,
}

/// Somebody was faster: what is stored differs from what was typed.
#[expect(missing_docs, reason = "shown as named")]
pub struct Stale {
    pub text: String,
    pub changes: Vec<FieldChange>,
}

impl FormPage {
    fn title(&self) -> String {
        self.head.as_ref().map_or_else(|| "Create template".to_owned(), |head| format!("Edit {}", head.name))
    }

    fn action(&self) -> String {
        self.head.as_ref().map_or_else(|| "/templates".to_owned(), |head| format!("{}/edit", head.address))
    }

    fn cancel(&self) -> String {
        self.head.as_ref().map_or_else(|| "/templates".to_owned(), |head| head.address.clone())
    }

    fn rows(&self) -> Vec<Inputs> {
        let count = rows::read(&self.form).len();
        let id = |row, part| rows::input(row, part).0;
        let inputs = |row| Inputs {
            number: row,
            is_first: row == 0,
            is_last: row + 1 == count,
            name: id(row, Part::Name),
            label: id(row, Part::Label),
            kind: id(row, Part::Kind),
            required: id(row, Part::Required),
            length: id(row, Part::Length),
            format: id(row, Part::Format),
            sample: id(row, Part::Sample),
            description: id(row, Part::Description),
        };
        (0..count).map(inputs).collect()
    }

    fn is_full(&self) -> bool {
        rows::read(&self.form).len() >= model::MOST_FIELDS
    }

    fn choices<C: Choice>(all: &[C]) -> Vec<(&'static str, &'static str)> {
        all.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn processes(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(Process::ALL)
    }

    fn formats(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(FileFormat::ALL)
    }

    fn delimiters(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(model::Delimiter::ALL)
    }

    fn quotes(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(model::Quote::ALL)
    }

    fn encodings(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(model::Encoding::ALL)
    }

    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        FormPage::choices(model::Kind::ALL)
    }
}

/// Where a sample of the partner's files comes in, to be guessed from.
#[derive(Template)]
#[template(path = "file_templates/sample.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct SamplePage {
    pub form: Form,
    pub partner: Option<(String, String)>,
    pub partners: Vec<(String, String)>,
}

/// Where a template comes in as a JSON file.
#[derive(Template)]
#[template(path = "file_templates/import.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ImportPage {
    pub form: Form,
    pub partner: Option<(String, String)>,
    pub partners: Vec<(String, String)>,
    pub wrong: Vec<Wrong>,
    pub file: String,
}

/// Checking a file, and what came of it.
#[derive(Template)]
#[template(path = "file_templates/check.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct CheckPage {
    pub head: Head,
    pub form: Form,
    pub facts: Facts,
    pub result: Option<CheckResult>,
}

impl CheckPage {
    fn count(&self) -> String {
        field_count(&self.facts)
    }
}

/// What came of a check.
#[expect(missing_docs, reason = "shown as named")]
pub struct CheckResult {
    pub file: String,
    pub report: Report,
    pub fields: Vec<(String, String)>,
}

impl CheckResult {
    /// Makes a report ready.
    pub fn new(file: String, report: Report, facts: &Facts) -> CheckResult {
        let counts = facts.layout.fields.iter().zip(&report.by_field).filter(|(_, count)| **count > 0);
        let mut fields: Vec<(&Field, u64)> = counts.map(|(field, count)| (field, *count)).collect();
        fields.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let fields = fields.into_iter().map(|(field, count)| (field.name.clone(), problems(count))).collect();
        CheckResult { file, report, fields }
    }

    fn lines(&self) -> String {
        exactly(whole(self.report.lines), "line", "lines")
    }

    fn good(&self) -> String {
        exactly(whole(self.report.lines.saturating_sub(self.report.bad_lines)), "line", "lines")
    }

    fn bad(&self) -> String {
        exactly(whole(self.report.bad_lines), "line", "lines")
    }

    fn total(&self) -> String {
        problems(self.report.total)
    }

    fn problems(&self) -> &[Problem] {
        &self.report.problems
    }

    fn is_cut(&self) -> bool {
        self.report.total > self.report.problems.len() as u64
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn problems(count: u64) -> String {
    exactly(whole(count), "problem", "problems")
}
