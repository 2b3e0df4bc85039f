//! One assignment of an import is taken back, if nobody touched it since and it still fits.

use std::collections::HashMap;

use super::Assignments;
use crate::access::AssignTier;
use crate::activity::Event;
use crate::campaigns::assign::frozen;
use crate::campaigns::findings::touches;
use crate::campaigns::model::{Assignment, AssignmentState, Campaign};
use crate::campaigns::store;
use crate::campaigns::timeline::Names;
use crate::campaigns::undo::{restored, taken_back};
use crate::db::WriteTx;
use crate::db::ids::{AssignmentId, CampaignId};
use crate::imports::model::{Line, Outcome, Report};
use crate::web::error::AppError;

/// The assignments of the campaigns and partners that an import touched.
pub struct Present {
    campaigns: HashMap<CampaignId, Campaign>,
    all: HashMap<AssignmentId, Assignment>,
    names: Names,
}

impl Present {
    /// Reads them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(tx: &mut WriteTx<'_, AssignTier>, report: &Report<Assignments>) -> Result<Present, AppError> {
        let touched = |line: &&Line<Assignments>| matches!(line.outcome, Outcome::Created | Outcome::Updated);
        let targets: Vec<_> = report.rows.iter().filter(touched).filter_map(|line| line.target).collect();
        let mut ids: Vec<CampaignId> = targets.iter().map(|target| target.campaign).collect();
        ids.sort_unstable();
        ids.dedup();
        let campaigns = store::some(tx, &ids)?;
        let wanted: Vec<AssignmentId> = targets.iter().map(|target| target.assignment).collect();
        let mut partners: Vec<_> =
            store::by_ids(tx, &wanted)?.into_iter().map(|assignment| assignment.partner_id).collect();
        partners.sort_unstable();
        partners.dedup();
        let all = store::between(tx, &ids, &partners)?;
        let names = Names::of(tx, &all)?;
        Ok(Present {
            campaigns: campaigns.into_iter().map(|one| (one.id, one)).collect(),
            all: all.into_iter().map(|one| (one.id, one)).collect(),
            names,
        })
    }

    /// Takes one row back: its event, or why it is left alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn take_back(
        &mut self,
        tx: &mut WriteTx<'_, AssignTier>,
        line: &Line<Assignments>,
    ) -> Result<Result<Event, String>, AppError> {
        let found = line.target.and_then(|target| self.all.get(&target.assignment)).cloned();
        let Some(present) = found else { return Ok(Err("It is not there any more".into())) };
        let campaign = match self.can(&present, line) {
            Ok(campaign) => campaign.clone(),
            Err(why) => return Ok(Err(why.trim_end_matches('.').to_owned())),
        };
        if line.outcome == Outcome::Created {
            store::remove_assignment(tx, &present)?;
            self.all.remove(&present.id);
            return Ok(Ok(taken_back(&campaign, &self.names, &present, "is gone again")));
        }
        let Some(before) = &line.before else { return Ok(Err("Its values before the import cannot be read".into())) };
        let new = restored(&campaign, before);
        let after = Assignment { version: present.version + 1, ..new.as_stored(present.id) };
        let covers = |one: &&Assignment| {
            one.id != after.id
                && one.is_of_same(&after)
                && one.state == AssignmentState::Live
                && touches(one.span(), after.span())
        };
        if after.state == AssignmentState::Live
            && let Some(hit) = self.all.values().find(covers)
        {
            return Ok(Err(format!("{} covers some of its days now", self.names.sentence(hit))));
        }
        store::save_assignment(tx, &present, &new)?;
        self.all.insert(after.id, after.clone());
        Ok(Ok(taken_back(&campaign, &self.names, &after, "is as before")))
    }

    fn can(&self, present: &Assignment, line: &Line<Assignments>) -> Result<&Campaign, String> {
        if Some(present.version) != line.version {
            return Err(format!("{} changed it after the import", present.updated_by_name));
        }
        let campaign = self.campaigns.get(&present.campaign_id).ok_or("Its campaign is not there any more")?;
        campaign.state.needs_open()?;
        match self.names.partners.get(&present.partner_id).and_then(frozen) {
            Some(why) => Err(why),
            None => Ok(campaign),
        }
    }
}
