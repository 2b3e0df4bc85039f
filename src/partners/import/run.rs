//! The use case: a file of partners is imported. The check of an import is this same code, rolled back.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::decide::{Draft, Reader, Refusal};
use super::model::Outcome;
use super::plan::{Field, Plan};
use super::store as imports;
use crate::access::ImportPartners;
use crate::activity::{Event, FieldChange};
use crate::db::ids::{ImportId, PartnerId, PartnerTypeId};
use crate::db::{Change, WriteTx};
use crate::imports::file::{Row, Table};
use crate::partners::announce;
use crate::partners::model::{Facts, Partner, Status};
use crate::partners::store;
use crate::programs;
use crate::programs::store::PartnerType;
use crate::values::{Choice, Zone};
use crate::web::error::AppError;

/// What happens to an import with refused rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The refused rows are left out.
    LeaveOut,
    /// Nothing is written.
    AllOrNothing,
}

/// What is to be imported.
pub struct Order<'a> {
    /// The import's record, and the number of the job that works on it.
    pub import: ImportId,
    /// See above.
    pub run: i32,
    /// As the person called the file.
    pub file: &'a str,
    /// What its columns mean.
    pub plan: &'a Plan,
    /// Its rows.
    pub table: &'a Table,
    /// See [`Mode`].
    pub mode: Mode,
}

/// What an import does, or did, with each row.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Rows that make a partner.
    pub created: i32,
    /// Rows that change a partner.
    pub updated: i32,
    /// Rows that change nothing.
    pub unchanged: i32,
    /// Rows that cannot be taken.
    pub refused: i32,
    /// In the order of the file.
    pub rows: Vec<Line>,
    /// Whether refused rows kept all others from being written.
    pub stopped: bool,
}

impl Report {
    /// Whether partners differ after it.
    pub fn has_changes(&self) -> bool {
        self.created + self.updated > 0
    }

    fn push(&mut self, line: Line) {
        *match line.outcome {
            Outcome::Refused => &mut self.refused,
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
        } += 1;
        self.rows.push(line);
    }
}

/// One row of a report; named as the columns of `import_rows`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub line: i32,
    #[serde(serialize_with = "by_key", deserialize_with = "of_key")]
    pub outcome: Outcome,
    pub code: String,
    pub name: String,
    pub field: Option<Field>,
    pub reason: Option<String>,
    pub hint: Option<String>,
    pub warning: Option<String>,
    pub changes: Vec<FieldChange>,
    pub target_id: Option<PartnerId>,
    pub before: Option<Facts>,
    pub target_version: Option<i32>,
}

fn by_key<S: serde::Serializer>(outcome: &Outcome, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(outcome.key())
}

fn of_key<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Outcome, D::Error> {
    let key = String::deserialize(from)?;
    Outcome::from_key(&key).ok_or_else(|| serde::de::Error::custom("unknown outcome"))
}

/// What is to be written once every row was decided.
#[derive(Default)]
struct Writes {
    /// New partners, each with the place of its row in the report.
    created: Vec<(usize, Facts)>,
    /// Changed ones.
    updated: Vec<(usize, Partner, Facts)>,
}

/// Imports a file. Nothing is written when every row is unchanged, or refused rows stop it; else the partners, their
/// events, the report and the import's state are one transaction.
///
/// `progress` is told how many of the rows are done, roughly.
///
/// # Errors
/// [`AppError::Invalid`] when the plan does not fit the file or the program; [`AppError::Conflict`] when somebody
/// changed one of the partners at the same moment.
pub fn import(
    tx: &mut WriteTx<'_, ImportPartners>,
    order: &Order<'_>,
    progress: &dyn Fn(usize, usize),
) -> Result<Change<Report>, AppError> {
    let types = programs::store::types(tx)?;
    let zone = programs::store::current(tx)?.time_zone;
    let mut reader = Reader::new(order.plan, order.table, &types).map_err(AppError::Invalid)?;
    let total = order.table.rows.len();
    let mut drafts = Vec::with_capacity(total);
    for (done, row) in order.table.rows.iter().enumerate() {
        drafts.push(reader.draft(row));
        progress(done / 2, total);
    }
    let present = present(tx, &drafts)?;
    let names = taken_names(tx, &drafts, &present)?;
    let mut deciding =
        Deciding { types: &types, zone: &zone, names, report: Report::default(), writes: Writes::default() };
    for (row, draft) in order.table.rows.iter().zip(drafts) {
        let shown = (said(reader.cell(row, Field::Code), 60), said(reader.cell(row, Field::Name), 200));
        deciding.decide(row, shown, draft, &present);
    }
    let Deciding { mut report, writes, .. } = deciding;
    if order.mode == Mode::AllOrNothing && report.refused > 0 {
        report.stopped = true;
        return Ok(Change::nothing(report));
    }
    if !report.has_changes() {
        return Ok(Change::nothing(report));
    }
    let events = write(tx, order, writes, &mut report, &|done| progress((total + done) / 2, total))?;
    imports::finish(tx, order.import, order.run, &report)?;
    Ok(Change::of(report, events))
}

/// The partners that the file names and the program has already.
fn present(
    tx: &mut WriteTx<'_, ImportPartners>,
    drafts: &[Result<Draft, Refusal>],
) -> Result<HashMap<String, Partner>, AppError> {
    let codes: Vec<&str> = drafts.iter().flatten().map(|draft| draft.code.as_str()).collect();
    store::find_many(tx, &codes)
}

/// Who has the names of the new partners already.
fn taken_names(
    tx: &mut WriteTx<'_, ImportPartners>,
    drafts: &[Result<Draft, Refusal>],
    present: &HashMap<String, Partner>,
) -> Result<HashMap<String, String>, AppError> {
    let new = drafts.iter().flatten().filter(|draft| !present.contains_key(draft.code.as_str()));
    let names: Vec<String> = new.map(|draft| draft.name.as_str().to_lowercase()).collect();
    store::taken_names(tx, &names)
}

/// What a cell says, fit for a report.
fn said(cell: &str, longest: usize) -> String {
    cell.trim().chars().filter(|c| !c.is_control()).take(longest).collect()
}

struct Deciding<'a> {
    types: &'a [PartnerType],
    zone: &'a Zone,
    names: HashMap<String, String>,
    report: Report,
    writes: Writes,
}

impl Deciding<'_> {
    fn decide(
        &mut self,
        row: &Row,
        (code, name): (String, String),
        draft: Result<Draft, Refusal>,
        present: &HashMap<String, Partner>,
    ) {
        let mut line = Line {
            line: row.line,
            outcome: Outcome::Refused,
            code,
            name,
            field: None,
            reason: None,
            hint: None,
            warning: None,
            changes: Vec::new(),
            target_id: None,
            before: None,
            target_version: None,
        };
        let refusal = match &draft {
            Err(refusal) => Some(refusal.clone()),
            Ok(draft) => match present.get(draft.code.as_str()) {
                None => {
                    self.create(&mut line, draft);
                    None
                }
                Some(partner) => self.update(&mut line, draft, partner).err(),
            },
        };
        if let Some(refusal) = refusal {
            line.field = refusal.field;
            line.reason = Some(refusal.reason);
            line.hint = refusal.hint;
        }
        self.report.push(line);
    }

    fn create(&mut self, line: &mut Line, draft: &Draft) {
        let facts = draft.created(self.zone);
        line.outcome = Outcome::Created;
        line.name = facts.name.to_string();
        line.changes = filled(&facts, self.type_name(facts.type_id));
        let name = facts.name.as_str().to_lowercase();
        match self.names.get(&name) {
            Some(code) => line.warning = Some(format!("Another partner has this name: {code}")),
            None => {
                self.names.insert(name, facts.code.to_string());
            }
        }
        self.writes.created.push((self.report.rows.len(), facts));
    }

    fn update(&mut self, line: &mut Line, draft: &Draft, partner: &Partner) -> Result<(), Refusal> {
        let facts = draft.updated(partner)?;
        let before = partner.facts();
        line.name = facts.name.to_string();
        line.target_id = Some(partner.id);
        line.changes = before.changes(&facts, |id| self.type_name(id));
        line.changes.extend(FieldChange::of("Status", before.status.label(), facts.status.label()));
        if line.changes.is_empty() {
            line.outcome = Outcome::Unchanged;
            return Ok(());
        }
        line.outcome = Outcome::Updated;
        line.before = Some(before);
        self.writes.updated.push((self.report.rows.len(), partner.clone(), facts));
        Ok(())
    }

    fn type_name(&self, id: PartnerTypeId) -> String {
        self.types.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default()
    }
}

/// A new partner as changes from nothing; code and name stand beside them.
fn filled(facts: &Facts, type_name: String) -> Vec<FieldChange> {
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        ("Status", facts.status.label().to_owned()),
        ("Type", type_name),
        ("Kind", facts.kind.label().to_owned()),
        ("Category", facts.category.label().to_owned()),
        ("Time zone", facts.time_zone.to_string()),
        ("Support phone", text(facts.support_phone.as_ref().map(ToString::to_string))),
        ("Support e-mail", text(facts.support_email.as_ref().map(ToString::to_string))),
        ("Notes", facts.notes.clone()),
    ]
    .into_iter()
    .filter_map(|(field, value)| FieldChange::of(field, "", value))
    .collect()
}

fn write(
    tx: &mut WriteTx<'_, ImportPartners>,
    order: &Order<'_>,
    writes: Writes,
    report: &mut Report,
    progress: &dyn Fn(usize),
) -> Result<Vec<Event>, AppError> {
    let mut events = vec![Event::PartnersImported {
        import: order.import,
        file: order.file.to_owned(),
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        refused: report.refused,
    }];
    let mut done = report.rows.len() - writes.created.len() - writes.updated.len();
    let mut active = Vec::new();
    for chunk in writes.created.chunks(1000) {
        let facts: Vec<Facts> = chunk.iter().map(|(_, facts)| facts.clone()).collect();
        let ids = store::insert(tx, &facts)?;
        for ((place, facts), partner) in chunk.iter().zip(ids) {
            aim(report, *place, partner, 1);
            let (name, code) = (facts.name.to_string(), facts.code.to_string());
            if facts.status == Status::Active {
                active.push((partner, name.clone(), code.clone()));
            }
            events.push(Event::PartnerCreated { partner, name, code });
        }
        done += chunk.len();
        progress(done);
    }
    for (place, present, facts) in writes.updated {
        store::save(tx, present.id, present.version, &facts)?;
        if facts.status == Status::Active && present.status != Status::Active {
            active.push((present.id, facts.name.to_string(), facts.code.to_string()));
        }
        aim(report, place, present.id, present.version + 1);
        let changes = report.rows.get(place).map(|line| line.changes.clone()).unwrap_or_default();
        events.extend(updates(&present, &facts, changes, &format!("import of {}", order.file)));
        done += 1;
        progress(done);
    }
    announce::many(tx, &active)?;
    Ok(events)
}

fn aim(report: &mut Report, place: usize, partner: PartnerId, version: i32) {
    if let Some(line) = report.rows.get_mut(place) {
        line.target_id = Some(partner);
        line.target_version = Some(version);
    }
}

/// The events of one changed partner: its fields, and its move.
pub(super) fn updates(present: &Partner, after: &Facts, changes: Vec<FieldChange>, reason: &str) -> Vec<Event> {
    let (partner, name) = (present.id, after.name.to_string());
    let changes: Vec<FieldChange> = changes.into_iter().filter(|change| change.field != "Status").collect();
    let mut events = Event::of_edit(partner, &name, changes);
    if present.status != after.status {
        let (from, to) = (present.status.label().into(), after.status.label().into());
        events.push(Event::PartnerMoved { partner, name, from, to, reason: reason.to_owned() });
    }
    events
}
