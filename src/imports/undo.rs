//! The use case: an import is taken back, as far as nobody touched its records since.

use super::model::{Import, Outcome};
use super::store as imports;
use super::{Happened, Ran, Subject};
use crate::db::{Change, WriteTx};
use crate::web::error::AppError;

/// Takes an import back, in one transaction with its events and notes. First what was made goes, so that what was
/// there fits again.
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub fn undone<S: Subject>(tx: &mut WriteTx<'_, S::May>, import: &Import) -> Ran<S> {
    in_time(import, tx.now())?;
    S::ready(tx)?;
    let mut report = import.report::<S>();
    let mut present = S::present(tx, &report)?;
    let (mut counts, mut kept, mut events) = ([0, 0], 0, Vec::new());
    for (place, outcome) in [Outcome::Created, Outcome::Updated].into_iter().enumerate() {
        for line in report.rows.iter_mut().filter(|line| line.outcome == outcome) {
            match S::take_back(tx, &mut present, line)? {
                Ok(event) => {
                    counts[place] += 1;
                    events.push(event);
                }
                Err(note) => {
                    kept += 1;
                    line.kept = Some(note);
                }
            }
        }
    }
    imports::finish_undo(tx, import.id, &report)?;
    let [removed, restored] = counts;
    events.insert(0, S::event(&import.file_name, Happened::Undone { removed, restored, kept }));
    Ok(Change::of(report, events))
}

/// An import can be undone for a while.
///
/// # Errors
/// [`AppError::Refused`] afterwards.
pub fn in_time(import: &Import, now: chrono::DateTime<chrono::Utc>) -> Result<(), AppError> {
    match import.undo_until() {
        Some(until) if until >= now => Ok(()),
        _ => Err(AppError::Refused("An import can be undone for 30 days; this one is older.".into())),
    }
}
