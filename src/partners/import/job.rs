//! Check, import and undo in the background: one thread each, with the rights of the person who began it.
//!
//! What a job finds or does is written in one transaction at its end. Meanwhile it says how far it is in small
//! transactions of its own; when it falls silent, it wrote nothing.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::model::{State, Task};
use super::plan::Plan;
use super::run::{self, Mode, Order};
use super::store;
use super::undo;
use crate::access::{Grant, ImportPartners};
use crate::app::App;
use crate::db::ids::ImportId;
use crate::db::{Db, SystemTx, blocking};
use crate::imports::file;
use crate::web::error::AppError;
use crate::web::listing::exactly;

/// Time between two signs of life.
const BEAT: Duration = Duration::from_millis(300);

/// The keeping of imports' state beside what happens to partners: no page's scope fits a job that just died.
///
/// # Errors
/// What the closure returns.
pub fn note<T>(db: &Db, work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
    db.system_now("import: state and progress", work)
}

/// Takes an import that was found in scope and starts its job; false when somebody else was faster.
///
/// # Errors
/// [`AppError::NotFound`] when it is another program's.
pub async fn begin(
    app: &App,
    grant: &Grant<ImportPartners>,
    import: ImportId,
    task: Task,
    plan: Option<Plan>,
    mode: Mode,
) -> Result<bool, AppError> {
    app.db.read(grant, move |tx| store::find(tx, import)).await?;
    let (db, own) = (app.db.clone(), Grant::check(grant.actor().clone())?);
    let turn = TURNS.try_acquire().map_err(|_| {
        AppError::Refused("Two imports are being worked on already. Wait a minute, then try again.".into())
    })?;
    blocking(move || {
        let run = note(&db, |tx| store::begin(tx, import, task, plan.as_ref()))?;
        if let Some(run) = run {
            Job { db, grant: own, import, run, task, mode }.start(turn);
        }
        Ok(run.is_some())
    })
    .await
}

/// Jobs at once: each holds a connection all the time and another now and then, and a whole file in memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// A job that was begun by [`store::begin`].
pub struct Job {
    /// The database.
    pub db: Db,
    /// What the person who began it may do.
    pub grant: Grant<ImportPartners>,
    /// The import.
    pub import: ImportId,
    /// Its number.
    pub run: i32,
    /// What it does.
    pub task: Task,
    /// For an import.
    pub mode: Mode,
}

impl Job {
    /// Starts it; its turn is over when it ends.
    fn start(self, turn: SemaphorePermit<'static>) {
        std::thread::spawn(move || {
            let _turn = turn;
            if let Err(error) = self.work() {
                self.failed(error);
            }
        });
    }

    fn work(&self) -> Result<(), AppError> {
        let id = self.import;
        let (import, content) = self.db.read_now(&self.grant, |tx| store::with_content(tx, id))?;
        let pulse = Pulse { job: self, last: Mutex::new(Instant::now()) };
        if self.task == Task::Undo {
            return self
                .db
                .write_now(&self.grant, |tx| undo::undo(tx, &import, self.run, &|done, _| pulse.beat(done)))
                .map(drop);
        }
        let table = file::read(&content).map_err(AppError::Refused)?;
        let plan = import.plan().ok_or_else(|| AppError::Refused("Choose the columns first.".into()))?;
        let order =
            Order { import: id, run: self.run, file: &import.file_name, plan: &plan, table: &table, mode: self.mode };
        let beat = |done, _| pulse.beat(done);
        if self.task == Task::Check {
            let report = self.db.rehearse_now(&self.grant, |tx| run::import(tx, &order, &beat))?;
            return note(&self.db, |tx| self.finish(tx, State::Checked, &report));
        }
        let report = self.db.write_now(&self.grant, |tx| run::import(tx, &order, &beat))?;
        if report.stopped {
            let rows = exactly(report.refused.into(), "row was", "rows were");
            return Err(AppError::Refused(format!("{rows} refused, so nothing was written, as you asked.")));
        }
        // Without a change the transaction was rolled back with its bookkeeping.
        if report.has_changes() { Ok(()) } else { note(&self.db, |tx| self.finish(tx, State::Applied, &report)) }
    }

    fn finish(&self, tx: &mut SystemTx<'_>, state: State, report: &run::Report) -> Result<(), AppError> {
        store::finish_alone(tx, self.import, self.run, state, report)
    }

    fn failed(&self, error: AppError) {
        let problem = match &error {
            AppError::Refused(text) | AppError::Forbidden(text) => text.clone(),
            AppError::Invalid(errors) => {
                errors.iter().map(crate::web::form::FieldError::summary).collect::<Vec<_>>().join(" ")
            }
            AppError::Conflict(_) => {
                "Somebody changed one of these partners at the same moment. Nothing was written; try again.".into()
            }
            AppError::Busy(_) => "The database did not answer in time. Nothing was written; try again.".into(),
            _ => "Something broke here. Nothing was written; the log of the server says what.".into(),
        };
        tracing::warn!(import = %self.import, cause = format!("{error:#}"), "an import's job failed");
        let back = self.task.begins();
        if let Err(cause) = note(&self.db, |tx| store::give_back(tx, self.import, self.run, back, &problem)) {
            tracing::error!(import = %self.import, cause = format!("{cause:#}"), "its state could not be stored");
        }
    }
}

struct Pulse<'a> {
    job: &'a Job,
    last: Mutex<Instant>,
}

impl Pulse<'_> {
    fn beat(&self, done: usize) {
        let mut last = self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if last.elapsed() < BEAT {
            return;
        }
        *last = Instant::now();
        let job = self.job;
        if let Err(cause) = note(&job.db, |tx| store::beat(tx, job.import, job.run, done)) {
            tracing::warn!(import = %job.import, cause = format!("{cause:#}"), "no sign of life");
        }
    }
}
