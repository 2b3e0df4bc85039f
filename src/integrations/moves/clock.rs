//! The clock: what was approved for a date goes live when that comes. Several instances may run one each: whoever is
//! first saves the row, and the others find another version of it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use super::letters::{self, What};
use super::store::{self, Due};
use super::{Ground, event, publish};
use crate::access::{Actor, Grant, PublishIntegration};
use crate::activity::IntegrationEvent;
use crate::db::{Change, Db, WriteTx};
use crate::integrations::business::moment;
use crate::jobs::{self, Job};
use crate::partners::model::Status;
use crate::values::Choice;
use crate::web::error::AppError;

/// How long the clock waits between two looks.
pub const EVERY: Duration = Duration::from_secs(30);

/// Publishes everything that is due; returns how many.
///
/// # Errors
/// When the database does not answer.
pub fn publish_due(db: &Db) -> Result<usize, AppError> {
    let mut published = 0;
    for one in db.system_now("find what is due to be published", store::due)? {
        let grant = Grant::<PublishIntegration>::check(Actor::clock(one.program.clone()))?;
        let outcome = match one.held_by {
            Some(_) => db.write_now(&grant, |tx| held_back(tx, &one)),
            None => db.write_now(&grant, |tx| came_due(tx, &one)),
        };
        match outcome {
            Ok(is_live) => published += usize::from(is_live),
            // Another instance, or a person, was faster; or it changed in the meantime.
            Err(AppError::Conflict(_) | AppError::NotFound) => {}
            Err(AppError::Refused(why)) => tracing::warn!(integration = %one.id, why, "not published on its date"),
            Err(other) => return Err(other),
        }
    }
    Ok(published)
}

fn came_due(tx: &mut WriteTx<'_, PublishIntegration>, due: &Due) -> Result<Change<bool>, AppError> {
    let ground = Ground::seen(tx, &due.id.to_string(), due.version)?;
    Ok(publish::came_due(tx, &ground)?.map(|_| true))
}

/// Its partner is not active: it stays as it is, and the hosts are told once.
fn held_back(tx: &mut WriteTx<'_, PublishIntegration>, due: &Due) -> Result<Change<bool>, AppError> {
    let ground = Ground::seen(tx, &due.id.to_string(), due.version)?;
    let (item, status) = (&ground.item, ground.partner.status);
    let Some(at) = item.publish_at.filter(|at| *at <= tx.now() && status != Status::Active) else {
        return Ok(Change::nothing(false));
    };
    let status = status.label().to_lowercase();
    let date = moment(at, ground.partner.time_zone.tz());
    // Saved as it is: of two instances one finds another version.
    crate::integrations::store::save(tx, item, item.clone(), None)?;
    letters::tell(tx, &ground, item, &What::HeldBack { status: status.clone(), date })?;
    Ok(Change::new(false, event(item, IntegrationEvent::HeldBack { why: status })))
}

/// Runs until told to stop, on a thread of its own.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(db: Db, every: Duration, stop: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
    let work = db.clone();
    jobs::start(db, Job::Publish, every, stop, move || publish_due(&work))
}
