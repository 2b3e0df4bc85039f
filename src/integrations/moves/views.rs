//! Pages of moves: what one does, with what it asks for; and what somebody sees who was too slow.

use askama::Template;

use super::store::queue_before;
use super::submit::{counted, findings};
use super::{Ground, RejectReason, live_tenants};
use crate::access::Scope;
use crate::db::ReadTx;
use crate::integrations::business::moment;
use crate::integrations::checks::{Finding, Findings};
use crate::integrations::content::{PageName, Value};
use crate::integrations::history::views::{Sheet, sheet};
use crate::integrations::stage::{Move, State};
use crate::integrations::store;
use crate::partners::model::Status;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;

/// A result of a check, with where to mend it.
pub struct Checked {
    pub words: String,
    pub is_wrong: bool,
    pub is_blocking: bool,
    pub address: String,
}

/// Before a move is made: what it does, and what it asks for.
#[derive(Template)]
#[template(path = "integrations/moves/confirm.html")]
pub struct MovePage {
    pub name: String,
    pub address: String,
    pub title: String,
    pub lead: String,
    pub effects: Vec<String>,
    pub checks: Option<Vec<Checked>>,
    pub is_blocked: bool,
    pub sheet: Option<Sheet>,
    pub words: Option<(&'static str, &'static str)>,
    pub asks_reason: bool,
    pub date_hint: Option<String>,
    pub versions: Vec<(String, String)>,
    pub tick: Option<&'static str>,
    pub action: String,
    pub button: &'static str,
    pub harsh: bool,
    pub form: Form,
}

impl MovePage {
    fn reasons(&self) -> Vec<(&'static str, &'static str)> {
        RejectReason::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }
}

/// Somebody was faster: who decided what, and what this person had chosen and typed.
#[derive(Template)]
#[template(path = "integrations/moves/conflict.html")]
pub struct ConflictPage {
    pub name: String,
    pub address: String,
    pub why: String,
    pub decided: Option<(String, String)>,
    pub chosen: &'static str,
    pub typed: Vec<(&'static str, String)>,
}

/// Label and hint of the text that a move takes.
pub fn words(wanted: Move) -> Option<(&'static str, &'static str)> {
    Some(match wanted {
        Move::Submit | Move::Resubmit => ("Note to the reviewer", "What to look at first. May stay empty."),
        Move::RequestChanges => {
            ("Summary", "The partner gets it with the list of open items. Needed when no item is open.")
        }
        Move::Publish | Move::Schedule => ("Summary", "The partner gets it as you write it. May stay empty."),
        Move::Reject => ("Explanation", "The partner gets it as you write it."),
        Move::Suspend | Move::TakeDown | Move::Reinstate => ("Reason", "The partner gets it as you write it."),
        Move::Unpublish => ("Reason", "The other side gets it as you write it. A host has to give one."),
        Move::Revise | Move::Discard | Move::Rework | Move::EditLive | Move::Claim | Move::GoLive => return None,
        _ => ("Note", "Shown in the activity, to partner and host. May stay empty."),
    })
}

/// The box to be ticked before something is taken from members.
pub fn tick(wanted: Move) -> Option<&'static str> {
    Some(match wanted {
        Move::Unpublish | Move::Suspend | Move::TakeDown => "Members no longer see it from now on",
        Move::Discard => "What was written since it was published is gone",
        _ => return None,
    })
}

fn lead(wanted: Move) -> &'static str {
    match wanted {
        Move::Submit | Move::Resubmit => "Look once more at what the reviewer will see.",
        Move::Withdraw => "You get it back to edit it. You can submit it again at any time.",
        Move::RequestChanges => "The partner gets it back with what is open.",
        Move::Publish => "It goes live as it was submitted.",
        Move::Schedule => "It goes live by itself on a day that you choose.",
        Move::Unschedule => "It does not go live by itself, and is in review again.",
        Move::Reject => "The program does not want it. You can reopen it on appeal.",
        Move::Reopen => "The partner can change it and submit it again.",
        Move::Revise => "What is live stays as it is until the update is published.",
        Move::Discard => "The update is dropped. What is live was never touched.",
        Move::Unpublish => "It leaves the listings. It can be published again, or reworked.",
        Move::Republish => "The version that was live last is live again.",
        Move::Rework => "It becomes a draft, to be changed and submitted.",
        Move::Suspend => "Stop it at once. The partner cannot undo that.",
        Move::Reinstate => "The suspension ends, and it is live as before.",
        Move::TakeDown => "The suspension ends, and it stays unpublished.",
        Move::Archive => "It is over. Nothing is deleted, and a host can restore it.",
        Move::Restore => "It is a draft again.",
        Move::PublishOwn => "It goes live without a review, as the program allows here.",
        Move::RollBack => "An earlier version is live again, under a new number.",
        Move::Claim | Move::EditLive | Move::GoLive => "",
    }
}

/// The page of a move, for an integration where it can be made.
///
/// # Errors
/// When the database does not answer; [`AppError::Refused`] when the move cannot be made.
pub fn page(tx: &mut ReadTx<'_>, ground: &Ground, wanted: Move, mut form: Form) -> Result<MovePage, AppError> {
    let item = &ground.item;
    let address = crate::integrations::address(item.id);
    if form.value("version").is_empty() {
        form.set("version", &item.version.to_string());
    }
    let (checks, is_blocked) = checked(tx, ground, wanted, &address)?;
    let is_submission = matches!(wanted, Move::Submit | Move::Resubmit | Move::PublishOwn);
    let sheet = if is_submission {
        let content = super::frozen(tx, item)?;
        let before = store::live(tx, item)?;
        Some(sheet(item, &content, before.as_ref(), true))
    } else {
        None
    };
    let versions = if wanted == Move::RollBack { versions(tx, ground)? } else { Vec::new() };
    Ok(MovePage {
        name: item.name.clone(),
        title: title(wanted, &item.name),
        lead: lead(wanted).to_owned(),
        effects: effects(tx, ground, wanted)?,
        checks,
        is_blocked,
        sheet,
        words: words(wanted),
        asks_reason: wanted == Move::Reject,
        date_hint: (wanted == Move::Schedule)
            .then(|| format!("It goes live when that day begins in {}.", ground.partner.time_zone)),
        versions,
        tick: tick(wanted),
        action: format!("{address}/{}", wanted.key()),
        button: wanted.label(),
        harsh: wanted.is_harsh(),
        address,
        form,
    })
}

fn title(wanted: Move, name: &str) -> String {
    match wanted {
        Move::Submit => format!("Submit {name} for review?"),
        Move::Resubmit => format!("Submit the fixes of {name}?"),
        Move::RequestChanges => format!("Request changes of {name}?"),
        Move::Publish => format!("Approve and publish {name}?"),
        Move::Schedule => format!("Approve {name} for a date?"),
        Move::Unschedule => format!("Call off the date of {name}?"),
        Move::Revise => format!("Edit {name} in a revision?"),
        Move::Discard => format!("Discard the revision of {name}?"),
        Move::Republish => format!("Publish {name} again?"),
        Move::TakeDown => format!("Take {name} down?"),
        Move::RollBack => format!("Roll {name} back?"),
        _ => format!("{} {name}?", wanted.label()),
    }
}

/// What the checks say, where the move depends on them.
fn checked(
    tx: &mut ReadTx<'_>,
    ground: &Ground,
    wanted: Move,
    address: &str,
) -> Result<(Option<Vec<Checked>>, bool), AppError> {
    let content = match wanted {
        Move::Submit | Move::Resubmit | Move::PublishOwn => super::frozen(tx, &ground.item)?,
        Move::Republish => store::live(tx, &ground.item)?.ok_or(AppError::NotFound)?,
        _ => return Ok((None, false)),
    };
    let found = findings(tx, &ground.item, &content, &Findings::default())?;
    let is_blocked = found.blocking().next().is_some();
    let line = |one: &Finding| Checked {
        words: if one.wrong.is_empty() { one.rule.clone() } else { one.wrong.clone() },
        is_wrong: !one.wrong.is_empty(),
        is_blocking: one.is_blocking,
        address: PageName::from_key(&one.page)
            .map_or_else(String::new, |page| format!("{address}/pages/{}", page.key())),
    };
    let mut lines: Vec<Checked> = found.failed().map(line).collect();
    if found.passed() > 0 || lines.is_empty() {
        let words = match found.passed() {
            0 => "Everything that is required is there.".to_owned(),
            1 => "One check passes.".to_owned(),
            some => format!("{some} checks pass."),
        };
        lines.push(Checked { words, is_wrong: false, is_blocking: false, address: String::new() });
    }
    Ok((Some(lines), is_blocked))
}

fn versions(tx: &mut ReadTx<'_>, ground: &Ground) -> Result<Vec<(String, String)>, AppError> {
    let zone = tx.actor().zone();
    let all = store::versions(tx, &ground.item)?.into_iter();
    let earlier = all.filter(|one| ground.item.live_number != Some(one.number));
    let line = |one: store::Version| {
        let when = one.published_at.with_timezone(&zone).format("%-d %b %Y");
        (one.number.to_string(), format!("Version {}, {when}, {}", one.number, one.origin.label().to_lowercase()))
    };
    Ok(earlier.map(line).collect())
}

fn ordinal(number: i64) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// What a move does, in sentences.
fn effects(tx: &mut ReadTx<'_>, ground: &Ground, wanted: Move) -> Result<Vec<String>, AppError> {
    let item = &ground.item;
    let mut effects = match wanted {
        Move::Submit | Move::Resubmit => submission(tx, ground)?,
        Move::Withdraw => vec!["The reviewer is told that there is nothing to look at.".into()],
        Move::RequestChanges => vec![
            "The partner can edit its pages again, and answers each blocking item before it submits.".into(),
            "The clock of the review stands still until then.".into(),
        ],
        Move::Publish | Move::Schedule => approval(ground, wanted),
        Move::Unschedule => vec!["The reviewer decides anew; an approval given before no longer counts.".into()],
        Move::Reject => {
            vec!["The partner’s primary contact and the submitter get the reason, and how to appeal.".into()]
        }
        Move::Unpublish | Move::Suspend | Move::TakeDown => taking_away(tx, ground, wanted)?,
        Move::Archive => vec!["It leaves all lists but the archive. Its history stays.".into()],
        Move::PublishOwn => vec!["The next version is live at once, and members see it.".into()],
        Move::RollBack => {
            let what = if item.revision.is_some() {
                "The open update stays as it is."
            } else {
                "The pages to edit are those of that version."
            };
            vec!["Members see the pages of that version.".into(), what.into()]
        }
        Move::Republish | Move::Reinstate => {
            vec![format!("Version {} is live, and members see it again.", item.live_number.unwrap_or(1))]
        }
        _ => Vec::new(),
    };
    if matches!(wanted, Move::Reopen | Move::Restore) {
        effects.push("The partner’s primary contact is told what to do next.".into());
    }
    effects.push("Everybody who can see its activity sees that you did this.".into());
    Ok(effects)
}

fn submission(tx: &mut ReadTx<'_>, ground: &Ground) -> Result<Vec<String>, AppError> {
    let mut next = ground.item.clone();
    counted(&ground.item, &mut next);
    let expected = ground.expected(tx.now(), next.spent_minutes);
    let place = queue_before(tx, expected)? + 1;
    let mut effects =
        vec![format!("You will be {} in the queue; expected by {}.", ordinal(place), moment(expected, ground.zone()))];
    if !next.assignee_name.is_empty() {
        effects.push(format!("{} looks at it again.", next.assignee_name));
    }
    effects.push("While it is in review the pages cannot be edited, and you can withdraw it at any time.".into());
    Ok(effects)
}

fn approval(ground: &Ground, wanted: Move) -> Vec<String> {
    let item = &ground.item;
    if ground.settings.second_approver && item.approved_by.is_none() {
        return vec!["Publishing takes two people here. You are the first: nothing goes live yet.".into()];
    }
    let next = item.live_number.unwrap_or(0) + 1;
    let mut effects = vec![match wanted {
        Move::Publish => format!("Members see it at once, as version {next}."),
        _ => "Members see it from that day on; until then nothing changes for them.".to_owned(),
    }];
    effects.push("The partner’s primary contact, the submitter and everybody who follows it are told.".into());
    if wanted == Move::Schedule {
        effects.push("If the partner is no longer active then, it stays as it is and you are told.".into());
    }
    effects
}

fn taking_away(tx: &mut ReadTx<'_>, ground: &Ground, wanted: Move) -> Result<Vec<String>, AppError> {
    let mut effects = vec![match live_tenants(tx, &ground.item)? {
        0 => "No tenant uses it.".to_owned(),
        1 => "One tenant uses it and is touched.".to_owned(),
        some => format!("{some} tenants use it and are touched."),
    }];
    if matches!(ground.item.stage().under_work(), State::InReview | State::Approved) && ground.item.revision.is_some() {
        effects.push("Its update is no longer in review.".into());
    }
    let of_partner = matches!(tx.scope(), Scope::Partner { .. });
    effects.push(match wanted {
        Move::Suspend => "All admins of the partner get the reason.".into(),
        _ if of_partner => "The primary contact of the program’s hosting partner is told.".into(),
        _ => "The partner’s primary contact gets the reason, and cannot publish it again.".into(),
    });
    if wanted == Move::Suspend && ground.partner.status != Status::Active {
        effects.push(format!("The partner is {} already.", ground.partner.status.label().to_lowercase()));
    }
    Ok(effects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals() {
        let all: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].iter().map(|one| ordinal(*one)).collect();
        assert_eq!(all, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"]);
    }
}
