//! To the reviewers, and back from them.

use super::letters::{self, What};
use super::{Asked, Ground, Made, changed_fields, frozen, moved, sent};
use crate::access::Permission;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::business::moment;
use crate::integrations::checks::{self, Findings};
use crate::integrations::content::Content;
use crate::integrations::feedback;
use crate::integrations::model::{Integration, Outcome};
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::web::error::AppError;

/// Everything that was checked, what was found outside of the transaction with it.
pub(super) fn findings(
    tx: &mut ReadTx<'_>,
    item: &Integration,
    content: &Content,
    links: &Findings,
) -> Result<Findings, AppError> {
    let mut all = checks::run(tx, item, content)?;
    all.0.extend(links.0.iter().cloned());
    Ok(all)
}

/// Refuses what the checks do not let pass.
pub(super) fn passing(all: &Findings, what: &str) -> Result<(), AppError> {
    let wrong: Vec<&str> = all.blocking().map(|one| one.wrong.as_str()).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(AppError::Refused(format!("It cannot be {what} yet. {}", wrong.join(" "))))
}

/// What is different from what the reviewers, or members, saw last; none for the very first submission.
fn changes(tx: &mut ReadTx<'_>, ground: &Ground, content: &Content) -> Result<Option<Vec<String>>, AppError> {
    let item = &ground.item;
    let before =
        if item.round > 0 { Some(store::submission(tx, item, item.submission)?) } else { store::live(tx, item)? };
    Ok(before.map(|before| changed_fields(content, &before)))
}

/// The numbers of the next submission.
pub(super) fn counted(item: &Integration, after: &mut Integration) {
    if item.round == 0 && item.submission > 0 {
        // A new review: the clock begins anew, and anybody may take it.
        (after.cycle, after.spent_minutes) = (item.cycle + 1, 0);
        (after.assignee_id, after.assignee_name) = (None, String::new());
    }
    after.round = item.round + 1;
    after.submission = item.submission + 1;
}

pub(super) fn submitted<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    wanted: Move,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let content = frozen(tx, item)?;
    let found = findings(tx, item, &content, &asked.links)?;
    passing(&found, "submitted")?;
    if wanted == Move::Resubmit {
        let open = feedback::store::open(tx, item)?;
        if open.unanswered > 0 {
            let (items, answer) = if open.unanswered == 1 { ("One item", "it") } else { ("Some items", "each") };
            return Err(AppError::Refused(format!(
                "{items} of feedback must be answered before you submit again. Answer {answer} on its page."
            )));
        }
    }
    let content = sent(tx, item)?;
    let changed = changes(tx, ground, &content)?;
    let mut after = ground.stepped(now, wanted, false)?;
    counted(item, &mut after);
    after.approved_by = None;
    after.submitted_at = Some(now);
    after.submitted_by = tx.actor().user();
    after.submitted_by_name = tx.actor().name().to_owned();
    let expected = ground.expected(now, after.spent_minutes);
    after.expected_at = Some(expected);
    let after = store::save(tx, item, after, Some(&content))?;
    store::submit(tx, &after, &content, &asked.words, &found)?;
    let what = What::Submitted {
        round: after.round,
        note: asked.words.clone(),
        changed,
        expected: moment(expected, ground.zone()),
    };
    letters::tell(tx, ground, &after, &what)?;
    let detail = format!(" for review, round {}", after.round);
    let said = format!("{} is submitted. An answer is expected by {}.", after.name, moment(expected, ground.zone()));
    let event = moved(item, &after, "submitted", &detail, &asked.words);
    Ok(Change::new(Made { item: after, said }, event))
}

pub(super) fn withdrawn<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let after = ground.stepped(now, Move::Withdraw, false)?;
    let after = store::save(tx, item, after, None)?;
    store::answer(tx, item, Outcome::Withdrawn, &asked.words)?;
    letters::tell(tx, ground, &after, &What::Withdrawn { reason: asked.words.clone() })?;
    let event = moved(item, &after, "withdrew", " from review", &asked.words);
    let said = format!("{} is withdrawn. You can edit it again.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}
