//! Away from members, out of the way, and back into work.

use super::ground::side;
use super::letters::{self, What};
use super::verdict::{WORDS, missing};
use super::{Asked, Ground, Made, is_partners_own, live_tenants, moved as event_of, nameable};
use crate::access::Permission;
use crate::db::{Change, WriteTx};
use crate::integrations::model::{Integration, Outcome};
use crate::integrations::stage::{Move, State};
use crate::integrations::store;
use crate::values::Choice;
use crate::web::error::AppError;

/// A revision that waits for the host, or for its date, ends with what it was to change.
fn end_review<P: Permission>(tx: &mut WriteTx<'_, P>, item: &Integration, did: &str) -> Result<(), AppError> {
    if !matches!(item.stage().under_work(), State::InReview | State::Approved) {
        return Ok(());
    }
    store::answer(tx, item, Outcome::Withdrawn, &format!("It was {did} meanwhile."))
}

/// Unpublished, suspended or taken down.
pub(super) fn taken_away<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    wanted: Move,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let host = !is_partners_own(tx);
    if asked.words.is_empty() && (host || wanted == Move::Suspend) {
        return Err(missing(WORDS, "Reason", "Write why: the other side gets it as you write it."));
    }
    let did = match wanted {
        Move::Suspend => "suspended",
        Move::TakeDown => "taken down",
        _ => "unpublished",
    };
    let mut after = ground.stepped(now, wanted, false)?;
    let code = if wanted == Move::Unpublish { side(tx) } else { wanted.key() };
    (after.reason_code, after.reason) = (code.to_owned(), asked.words.clone());
    let after = store::save(tx, item, after, None)?;
    end_review(tx, item, did)?;
    let tenants = live_tenants(tx, item)?;
    let what = match wanted {
        Move::Suspend => What::Suspended { reason: asked.words.clone() },
        _ => What::Unpublished { did: did.into(), reason: asked.words.clone(), tenants, by_host: host },
    };
    letters::tell(tx, ground, &after, &what)?;
    let did = if wanted == Move::TakeDown { "took down" } else { did };
    let event = event_of(item, &after, did, "", &asked.words);
    let said = match wanted {
        Move::Suspend => format!("{} is suspended. The partner’s admins are told.", after.name),
        _ => format!("{} is unpublished.", after.name),
    };
    Ok(Change::new(Made { item: after, said }, event))
}

/// What the event says that somebody did.
fn deed(wanted: Move) -> (&'static str, &'static str, &'static str) {
    match wanted {
        Move::Archive => ("archived", "", "is archived"),
        Move::Reopen => ("reopened", "", "is a draft again"),
        Move::Restore => ("restored", " from the archive", "is a draft again"),
        Move::Rework => ("took", " back to a draft", "is a draft again"),
        Move::Revise => ("began an update of", "", "can be edited; what is live stays until the update is published"),
        _ => ("discarded the update of", "", "is as it is live; the update is gone"),
    }
}

/// Archived, reopened, restored, reworked; a revision begun or dropped.
pub(super) fn moved<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    wanted: Move,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    if wanted == Move::Archive {
        let tenants = live_tenants(tx, item)?;
        if tenants > 0 {
            let words = format!("{tenants} tenants still use it. Disconnect or archive them first.");
            return Err(AppError::Refused(words));
        }
    }
    let after = ground.stepped(now, wanted, false)?;
    // What was written is dropped with the revision: the pages are those that are live.
    let content = if wanted == Move::Discard { store::live(tx, item)? } else { None };
    let after = nameable(store::save(tx, item, after, content.as_ref()), &item.name)?;
    if matches!(wanted, Move::Reopen | Move::Restore) {
        let is_restored = wanted == Move::Restore;
        letters::tell(tx, ground, &after, &What::Reopened { is_restored, words: asked.words.clone() })?;
    }
    let (did, detail, said) = deed(wanted);
    let event = event_of(item, &after, did, detail, &asked.words);
    let said = format!("{} {said}.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}
