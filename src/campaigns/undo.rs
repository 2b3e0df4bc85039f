//! Taking back the last thing that one did to a campaign's assignments.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::assign::{event_of, is_hidden, open};
use super::bulk::refused;
use super::model::{Assignment, Campaign};
use super::store::{self, AssignmentBefore, NewAssignment, UndoStep};
use super::timeline::Names;
use crate::access::session::leave_flash;
use crate::access::{AssignTier, Grant};
use crate::activity::{CampaignEvent, Event};
use crate::app::App;
use crate::db::{Change, WriteTx};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::PageResult;
use crate::web::see_other;

/// `POST /campaigns/{id}/undo`
///
/// # Errors
/// [`AppError::Conflict`] when something was changed since.
pub async fn undo(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let which = form.value("undo").to_owned();
    let (words, address) = app.db.write(&grant, move |tx| undone(tx, &id, &which)).await?;
    leave_flash(&req, "good", &format!("Taken back: {words}."));
    Ok(see_other(&address))
}

fn since() -> AppError {
    AppError::Conflict("Somebody changed one of these assignments since, so nothing was taken back.".into())
}

/// The use case: all of it is taken back, or nothing.
///
/// # Errors
/// As [`undo`].
pub fn undone(tx: &mut WriteTx<'_, AssignTier>, id: &str, which: &str) -> Result<Change<(String, String)>, AppError> {
    let campaign = open(tx, id)?;
    let (words, steps) = store::take_undo(tx, campaign.id, which)?;
    let mut touched: Vec<(Assignment, &str)> = Vec::new();
    // First what was made goes, so that what was there fits again.
    for UndoStep { id, after, .. } in steps.iter().filter(|step| step.before.is_none()) {
        let present = store::one_assignment(tx, campaign.id, &id.to_string()).map_err(|_| since())?;
        if Some(present.version) != *after {
            return Err(since());
        }
        store::remove_assignment(tx, &present)?;
        touched.push((present, "is gone again"));
    }
    for UndoStep { id, before, after } in steps.iter().rev() {
        let Some(before) = before else { continue };
        let new = restored(&campaign, before);
        match after {
            None => {
                store::insert_assignment(tx, Some((*id, before.version + 1)), &new).map_err(refused)?;
            }
            Some(after) => {
                let present = store::one_assignment(tx, campaign.id, &id.to_string()).map_err(|_| since())?;
                if present.version != *after {
                    return Err(since());
                }
                store::save_assignment(tx, &present, &new).map_err(refused)?;
            }
        }
        let present = store::one_assignment(tx, campaign.id, &id.to_string())?;
        touched.push((present, "is as before"));
    }
    let all: Vec<Assignment> = touched.iter().map(|(one, _)| one.clone()).collect();
    let names = Names::of(tx, &all)?;
    let events = touched.iter().map(|(one, what)| taken_back(&campaign, &names, one, what)).collect();
    let address = format!("{}/partners", super::address(campaign.id));
    Ok(Change::of((words, address), events))
}

/// An assignment as it was, to be stored again.
pub fn restored(campaign: &Campaign, before: &AssignmentBefore) -> NewAssignment {
    NewAssignment {
        partner: before.partner,
        campaign: campaign.id,
        product: before.product,
        tier: before.tier,
        state: before.state,
        zone: before.zone.clone(),
        span: before.span,
        ended_early: before.ended_early,
    }
}

/// What happened to an assignment that was taken back.
pub fn taken_back(campaign: &Campaign, names: &Names, one: &Assignment, what: &str) -> Event {
    let words = format!("{}, {what}", names.sentence(one));
    event_of(campaign, one.partner_id, CampaignEvent::Undone { words, hidden: is_hidden(campaign, one.state) })
}
