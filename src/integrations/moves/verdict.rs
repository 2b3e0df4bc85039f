//! What reviewers say of a submission without publishing it.

use super::letters::{self, Item, What};
use super::{Asked, Ground, Made, code, event, moved, store as own};
use crate::access::{Permission, ReviewIntegration};
use crate::activity::IntegrationEvent;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::content::{Content, PageName, Spot};
use crate::integrations::model::{Integration, Outcome};
use crate::integrations::stage::{Move, State};
use crate::integrations::store;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::FieldError;

/// The name of the field for what the reviewer writes.
pub(super) const WORDS: &str = "summary";

pub(super) fn missing(field: &'static str, label: &'static str, message: &str) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, label, message)])
}

/// What is owed, as a letter lists it.
fn items(tx: &mut ReadTx<'_>, of: &Integration, content: &Content) -> Result<Vec<Item>, AppError> {
    let owed = own::owed(tx, of)?;
    let item = |one: own::Owed| {
        let page = PageName::from_key(&one.page).unwrap_or(PageName::General);
        let spot: Option<Spot> = one.field.as_deref().and_then(|field| field.parse().ok());
        let place = match spot {
            Some(spot) => format!("{}, {}", page.label(), content.label(spot)),
            None => page.label().to_owned(),
        };
        Item {
            place,
            words: one.body,
            is_blocking: one.is_blocking,
            page: format!("{}/pages/{}", letters::address(of), page.key()),
        }
    };
    Ok(owed.into_iter().map(item).collect())
}

pub(super) fn changes_requested<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    if own::owed(tx, item)?.is_empty() {
        if asked.words.is_empty() {
            let words = "Write what has to change, or leave feedback on a page first.";
            return Err(missing(WORDS, "Summary", words));
        }
        // The partner finds something to answer, and the next round something to look at.
        own::open_item(tx, item, true, &asked.words)?;
    }
    own::ask_again(tx, item)?;
    let after = ground.stepped(now, Move::RequestChanges, false)?;
    let after = store::save(tx, item, after, None)?;
    store::answer(tx, item, Outcome::ChangesRequested, &asked.words)?;
    let content = store::submission(tx, item, item.submission)?;
    let items = items(tx, item, &content)?;
    let what = What::ChangesRequested { round: item.round, summary: asked.words.clone(), items };
    letters::tell(tx, ground, &after, &what)?;
    let detail = format!(" (round {})", item.round);
    let event = moved(item, &after, "requested changes of", &detail, &asked.words);
    let said = format!("Changes of {} are requested. It is the partner’s move now.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

pub(super) fn rejected<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    ground: &Ground,
    asked: &Asked,
) -> Result<Change<Made>, AppError> {
    let (item, now) = (&ground.item, tx.now());
    let Some(reason) = asked.reason else {
        return Err(missing("reason_code", "Reason", "Choose why it is rejected."));
    };
    if asked.words.is_empty() {
        return Err(missing(WORDS, "Explanation", "Write why: the partner gets it as you write it."));
    }
    let mut after = ground.stepped(now, Move::Reject, false)?;
    (after.reason_code, after.reason) = (code(Some(reason)).to_owned(), asked.words.clone());
    let after = store::save(tx, item, after, None)?;
    store::answer(tx, item, Outcome::Rejected, &asked.words)?;
    let what = What::Rejected { reason: reason.label().to_owned(), words: asked.words.clone() };
    letters::tell(tx, ground, &after, &what)?;
    let detail = format!(" ({})", reason.label().to_lowercase());
    let event = moved(item, &after, "rejected", &detail, &asked.words);
    let said = format!("{} is rejected. You can reopen it on appeal.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

/// The use case: a reviewer says something about a submission as a whole, and decides nothing.
///
/// # Errors
/// [`AppError::Invalid`] without words, [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when
/// it is not in review.
pub fn commented(
    tx: &mut WriteTx<'_, ReviewIntegration>,
    id: &str,
    seen: i32,
    words: &str,
) -> Result<Change<Made>, AppError> {
    let ground = Ground::seen(tx, id, seen)?;
    // As for a claim: what is not in review is not commented on as a whole, and a frozen partner’s neither.
    ground.permits(tx, Move::Claim)?;
    if words.is_empty() {
        return Err(missing(WORDS, "Summary", "Write your comment."));
    }
    let item = ground.item;
    own::open_item(tx, &item, false, words)?;
    let happened = IntegrationEvent::FeedbackGiven { page: PageName::General.label().into(), weight: "advice".into() };
    let event = event(&item, happened);
    let said = format!("Your comment on {} is on the page General.", item.name);
    debug_assert!(item.stage().under_work() == State::InReview);
    Ok(Change::new(Made { item, said }, event))
}
