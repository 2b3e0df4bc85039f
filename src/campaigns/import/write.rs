//! Writing assignments of a file, through what saves them one by one.

use std::rc::Rc;

use super::{Assignments, Target};
use crate::access::AssignTier;
use crate::activity::Event;
use crate::campaigns::assign::{assigned, changed};
use crate::campaigns::bulk::refused;
use crate::campaigns::findings::Plan;
use crate::campaigns::model::{Assignment, Campaign};
use crate::campaigns::store;
use crate::db::WriteTx;
use crate::db::ids::AssignmentId;
use crate::imports::model::Report;
use crate::web::error::AppError;

/// What is to be written, each with the place of its row in the report.
#[derive(Default)]
pub struct Writes {
    changed: Vec<(usize, Rc<Campaign>, Assignment, Plan)>,
    made: Vec<(usize, Rc<Campaign>, AssignmentId, Plan)>,
}

impl Writes {
    /// One that is there.
    pub fn changed(&mut self, place: usize, campaign: Rc<Campaign>, before: Assignment, plan: Plan) {
        self.changed.push((place, campaign, before, plan));
    }

    /// A new one.
    pub fn made(&mut self, place: usize, campaign: Rc<Campaign>, id: AssignmentId, plan: Plan) {
        self.made.push((place, campaign, id, plan));
    }
}

/// Writes what was decided, in the order in which it was found to fit: an event for each assignment.
///
/// # Errors
/// [`AppError::Conflict`] when somebody changed or assigned something at the same moment.
pub fn write(
    tx: &mut WriteTx<'_, AssignTier>,
    writes: Writes,
    report: &mut Report<Assignments>,
) -> Result<Vec<Event>, AppError> {
    let mut events = Vec::new();
    for (place, campaign, before, plan) in &writes.changed {
        store::save_assignment(tx, before, &plan.new).map_err(refused)?;
        let target = Target { campaign: campaign.id, assignment: before.id };
        report.aim(*place, target, before.version + 1);
        let changes = report.rows.get(*place).map(|line| line.changes.clone()).unwrap_or_default();
        events.push(changed(campaign, before, plan, changes));
    }
    for (place, campaign, id, plan) in &writes.made {
        store::insert_assignment(tx, Some((*id, 1)), &plan.new).map_err(refused)?;
        report.aim(*place, Target { campaign: campaign.id, assignment: *id }, 1);
        events.push(assigned(campaign, plan));
    }
    Ok(events)
}
