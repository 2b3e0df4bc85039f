//! The use case: an import is taken back, as far as nobody touched its partners since.

use std::collections::HashMap;

use super::model::{Import, Outcome, StoredLine};
use super::run::updates;
use super::store::{self as imports, Show};
use crate::access::ImportPartners;
use crate::activity::{Event, FieldChange};
use crate::db::ids::PartnerId;
use crate::db::{Change, WriteTx};
use crate::partners::model::{Facts, Partner};
use crate::partners::store::{self, Filter, Sort};
use crate::programs;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::Keyset;

/// What an undo did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Undone {
    /// Partners that the import had created.
    pub removed: i32,
    /// Partners that have their values from before.
    pub restored: i32,
    /// Partners that stay as they are.
    pub kept: i32,
}

/// Takes an import back, in one transaction with its events and notes.
///
/// # Errors
/// [`AppError::Refused`] after 30 days; [`AppError::Conflict`] when somebody changes one of the partners just now.
pub fn undo(
    tx: &mut WriteTx<'_, ImportPartners>,
    import: &Import,
    run: i32,
    progress: &dyn Fn(usize, usize),
) -> Result<Change<Undone>, AppError> {
    if import.finished_at.is_none_or(|at| at + chrono::TimeDelta::days(super::UNDO_DAYS) < tx.now()) {
        return Err(AppError::Refused("An import can be undone for 30 days.".into()));
    }
    let all = Keyset { size: i64::from(i32::MAX), at: None, backward: false };
    let mut lines = imports::lines(tx, import, Show::Only(Outcome::Created), &all)?;
    lines.extend(imports::lines(tx, import, Show::Only(Outcome::Updated), &all)?);
    let present = present(tx, &lines)?;
    let types = programs::store::types(tx)?;
    let type_name = |id| types.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default();
    let (mut undone, mut events, mut kept) = (Undone::default(), Vec::new(), Vec::new());
    for (done, line) in lines.iter().enumerate() {
        let partner = line.target_id.and_then(|id| present.get(&id));
        match one(tx, line, partner, &type_name, &import.file_name)? {
            Ok(happened) => {
                match line.outcome {
                    Outcome::Created => undone.removed += 1,
                    _ => undone.restored += 1,
                }
                events.extend(happened);
            }
            Err(note) => {
                undone.kept += 1;
                kept.push((line.line, note));
            }
        }
        progress(done, lines.len());
    }
    imports::finish_undo(tx, import.id, run, &kept)?;
    let Undone { removed, restored, kept } = undone;
    events
        .insert(0, Event::ImportUndone { import: import.id, file: import.file_name.clone(), removed, restored, kept });
    Ok(Change::of(undone, events))
}

fn present(
    tx: &mut WriteTx<'_, ImportPartners>,
    lines: &[StoredLine],
) -> Result<HashMap<PartnerId, Partner>, AppError> {
    let ids: Vec<PartnerId> = lines.iter().filter_map(|line| line.target_id).collect();
    let mut present = HashMap::new();
    for chunk in ids.chunks(5000) {
        let filter = Filter { ids: Some(chunk.to_vec()), ..Filter::default() };
        let page = Keyset { size: 5000, at: None, backward: false };
        present.extend(store::list(tx, &filter, Sort::Code, &page)?.into_iter().map(|partner| (partner.id, partner)));
    }
    Ok(present)
}

/// Takes one row back: its events, or why it is left alone.
fn one(
    tx: &mut WriteTx<'_, ImportPartners>,
    line: &StoredLine,
    partner: Option<&Partner>,
    type_name: &dyn Fn(crate::db::ids::PartnerTypeId) -> String,
    file: &str,
) -> Result<Result<Vec<Event>, String>, AppError> {
    let Some(partner) = partner else { return Ok(Err("It is not there any more".into())) };
    if Some(partner.version) != line.target_version {
        return Ok(Err(format!("{} changed it after the import", partner.updated_by_name)));
    }
    if line.outcome == Outcome::Created {
        if !store::remove_untouched(tx, partner.id, partner.version)? {
            return Ok(Err("It has users".into()));
        }
        let (name, code) = (partner.name.to_string(), partner.code.to_string());
        return Ok(Ok(vec![Event::PartnerRemoved { partner: partner.id, name, code }]));
    }
    let Some(before) = line.before.clone().and_then(|before| serde_json::from_value::<Facts>(before).ok()) else {
        return Ok(Err("Its values before the import cannot be read".into()));
    };
    let now = partner.facts();
    let mut changes = now.changes(&before, type_name);
    changes.extend(FieldChange::of("Status", now.status.label(), before.status.label()));
    if partner.is_hosting && !before.status.can_host() {
        return Ok(Err("It is a hosting partner, and would not be active".into()));
    }
    if type_name(before.type_id).is_empty() {
        return Ok(Err("Its type before the import was removed".into()));
    }
    store::save(tx, partner.id, partner.version, &before)?;
    Ok(Ok(updates(partner, &before, changes, &format!("undoing the import of {file}"))))
}
