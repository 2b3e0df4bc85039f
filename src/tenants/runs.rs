//! Reports of runs: the use case behind the API.

use super::edit::about;
use super::handlers::with_owners;
use super::model::{Outcome, Report, Run, Tenant};
use super::{moves, needs_partner_to_go_on, store};
use crate::access::UpdateTenant;
use crate::activity::TenantEvent;
use crate::db::{Change, WriteTx};
use crate::values::Choice;
use crate::web::error::AppError;

/// What a report did.
#[derive(Clone, Debug)]
pub struct Told {
    /// The run as it is stored now.
    pub run: Run,
    /// Its log.
    pub log: String,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// The use case: a run is reported. The same report twice changes nothing.
///
/// # Errors
/// [`AppError::Refused`] when the run has finished otherwise, or the tenant takes no reports.
pub fn reported(
    tx: &mut WriteTx<'_, UpdateTenant>,
    id: &str,
    key: &str,
    report: &Report,
) -> Result<Change<Told>, AppError> {
    let tenant = store::hold(tx, id)?;
    let present = store::run_by_key(tx, &tenant, key)?;
    if let Some(run) = &present {
        let log = store::log(tx, run)?;
        if run.report(log.clone()) == *report {
            return Ok(Change::nothing(Told { run: run.clone(), log, is_new: false }));
        }
        if run.outcome != Outcome::Running {
            return Err(AppError::Refused(format!(
                "The run {key} has finished already ({}), and this report says otherwise. Use another key for another run.",
                run.outcome.label().to_lowercase()
            )));
        }
    }
    needs_to_take_runs(tx, &tenant, id)?;
    let event = event(key, report, present.is_none());
    match &present {
        Some(run) => store::save_run(tx, run, report)?,
        None => {
            store::insert_run(tx, &tenant, key, report)?;
            store::trim(tx, &tenant)?;
        }
    }
    let run = store::run_by_key(tx, &tenant, key)?.ok_or_else(too_old)?;
    let told = Told { run: run.clone(), log: report.log.clone(), is_new: present.is_none() };
    let change = Change::new(told, about(&tenant, event));
    Ok(match latest(tx, &tenant, &run)? {
        Some(moved) => change.join(moved),
        None => change,
    })
}

fn needs_to_take_runs(tx: &mut WriteTx<'_, UpdateTenant>, tenant: &Tenant, id: &str) -> Result<(), AppError> {
    let (_, partner, _) = with_owners(tx, id)?;
    needs_partner_to_go_on(&partner)?;
    if tenant.state.takes_runs() {
        return Ok(());
    }
    let now = tenant.state.label().to_lowercase();
    Err(AppError::Refused(format!("{} is {now}, so reports of its runs are refused.", tenant.name)))
}

fn too_old() -> AppError {
    AppError::Refused("This run began before the oldest that is kept of this tenant, so it was not stored.".into())
}

fn event(key: &str, report: &Report, is_new: bool) -> TenantEvent {
    let run = key.to_owned();
    match (report.outcome, is_new) {
        (Outcome::Running, true) => TenantEvent::RunBegan { run },
        (Outcome::Running, false) => TenantEvent::RunTold { run },
        (outcome, _) => {
            TenantEvent::RunEnded { run, outcome: outcome.label().to_lowercase(), message: report.message.clone() }
        }
    }
}

/// What the latest run says of its tenant; an older one that is told late says nothing.
fn latest(tx: &mut WriteTx<'_, UpdateTenant>, tenant: &Tenant, run: &Run) -> Result<Option<Change<Tenant>>, AppError> {
    if tenant.last_run_at.is_some_and(|at| at > run.started_at) {
        return Ok(None);
    }
    store::save_last_run(tx, tenant, run.started_at, run.outcome)?;
    let Some(wanted) = tenant.state.after_run(run.outcome) else { return Ok(None) };
    let reason = match run.outcome {
        Outcome::Failed => format!("the run {} failed", run.key),
        _ => format!("the run {} succeeded", run.key),
    };
    moves::step(tx, tenant, wanted, &reason).map(Some)
}
