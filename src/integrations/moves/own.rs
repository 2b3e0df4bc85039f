//! Publishing without a second party, where the program allows it, and going back to an earlier version.

use super::letters::{self, What};
use super::publish::go_live;
use super::submit::{findings, passing};
use super::verdict::missing;
use super::{Asked, Ground, Made, event, frozen, sent};
use crate::access::Permission;
use crate::activity::IntegrationEvent;
use crate::db::{Change, WriteTx};
use crate::integrations::model::Origin;
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::web::error::AppError;

pub(super) fn published<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let content = frozen(tx, item)?;
    let found = findings(tx, item, &content, &asked.links)?;
    passing(&found, "published")?;
    let content = sent(tx, item)?;
    let after = ground.stepped(now, Move::PublishOwn, false)?;
    let (after, number) = go_live(tx, item, after, &content, (Origin::Own, None), Some(&content))?;
    let what = What::Published {
        number,
        again: "without a review, as the program allows".into(),
        summary: asked.words.clone(),
    };
    letters::tell(tx, ground, &after, &what)?;
    let happened = IntegrationEvent::Published { number, detail: " without a review".into() };
    let event = event(&after, happened);
    let said = format!("{} is published as version {number}.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

pub(super) fn rolled_back<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let Some(to) = asked.number else {
        return Err(missing("number", "Version", "Choose the version to go back to."));
    };
    if item.live_number == Some(to) {
        return Err(missing("number", "Version", "This version is live now. Choose an earlier one."));
    }
    let content = store::version(tx, item, to)?;
    let after = ground.stepped(now, Move::RollBack, false)?;
    // An open revision goes on from what it changed.
    let written = after.revision.is_none().then_some(&content);
    let (after, number) = go_live(tx, item, after, &content, (Origin::Rollback, Some(to)), written)?;
    let again = format!("with the pages of version {to}");
    letters::tell(tx, ground, &after, &What::Published { number, again, summary: asked.words.clone() })?;
    let happened = IntegrationEvent::Published { number, detail: format!(", going back to version {to}") };
    let event = event(&after, happened);
    let said = format!("{} is version {number} now, with the pages of version {to}.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}
