//! The use case: a file is imported. The check of an import is this same code, rolled back.

use super::file::Table;
use super::model::Report;
use super::plan::Plan;
use super::{Happened, Ran, Subject};
use crate::db::{Change, WriteTx};
use crate::web::error::AppError;

/// What is to be imported.
pub struct Order<'a, S: Subject> {
    /// As the person called the file.
    pub file: &'a str,
    /// What its columns mean.
    pub plan: &'a Plan<S::Field>,
    /// Its rows.
    pub table: &'a Table,
    /// Whether one refused row keeps all from being written.
    pub all_or_nothing: bool,
}

/// Imports a file. Nothing is written when every row is unchanged, or refused rows stop it; else the records, their
/// events and the report are one transaction.
///
/// # Errors
/// [`AppError::Invalid`] when the plan does not fit the file; [`AppError::Conflict`] when somebody changed one of the
/// records at the same moment.
pub fn import<S: Subject>(tx: &mut WriteTx<'_, S::May>, order: &Order<'_, S>) -> Ran<S> {
    S::ready(tx)?;
    let places = order.plan.places(&order.table.header, tx.actor().is_single()).map_err(AppError::Invalid)?;
    let (lines, writes) = S::decide(tx, order.table, &places)?;
    let mut report = Report::of(lines);
    report.stopped = order.all_or_nothing && report.refused > 0;
    if report.stopped || report.changes() == 0 {
        return Ok(Change::nothing(report));
    }
    let Report { created, updated, unchanged, refused, .. } = report;
    let mut events = vec![S::event(order.file, Happened::Imported { created, updated, unchanged, refused })];
    events.extend(S::write(tx, writes, &mut report)?);
    Ok(Change::of(report, events))
}
