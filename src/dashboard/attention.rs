//! What somebody should look at now. Each kind is there only for who may read what it is about.

use std::collections::HashMap;

use crate::access::{Permission, ReadHosting, ReadMail, ReadPartner, ReadTenant, ReadUsers, Scope, UpdateUser};
use crate::db::ReadTx;
use crate::invitations;
use crate::invitations::model::State;
use crate::partners::model::Status;
use crate::tenants;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, capped, counted};

/// Invitations named one by one; the others are counted.
const NAMED: usize = 3;

/// One thing.
pub struct Attention {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub text: String,
    /// What the link says, and where it leads.
    pub link: (&'static str, String),
}

/// Invitations that did not arrive.
///
/// # Errors
/// When the database does not answer.
pub fn bounced(tx: &mut ReadTx<'_>) -> Result<Vec<Attention>, AppError> {
    if !tx.actor().may(&ReadUsers::RULE) {
        return Ok(Vec::new());
    }
    let filter = invitations::store::PeopleFilter { state: Some(State::Bounced), ..Default::default() };
    let some = Keyset { size: NAMED as i64, at: None, backward: false };
    let found = invitations::store::people(tx, invitations::store::Source::Invited, &filter, &some)?;
    let (has_more, may_correct) = (found.len() > NAMED, tx.actor().may(&UpdateUser::RULE));
    let mut things: Vec<Attention> = found
        .into_iter()
        .take(NAMED)
        .map(|one| {
            let list = crate::partners::tab(&one.partner_code, "users");
            let link = match may_correct {
                true => ("Correct", format!("/partners/{}/invitations/{}/correct", one.partner_code, one.id)),
                false => ("Look", list),
            };
            Attention {
                tone: "bad",
                icon: "alert-triangle",
                title: "Invitation did not arrive".into(),
                text: format!("{}, {}", one.email, one.letter_error.unwrap_or_else(|| one.partner_name.clone())),
                link,
            }
        })
        .collect();
    if has_more {
        let address = match (tx.scope(), tx.actor().partner()) {
            (Scope::Partner { .. }, Some(own)) => crate::partners::tab(&own.code, "users?state=bounced"),
            _ => "/invitations?state=bounced".to_owned(),
        };
        things.push(Attention {
            tone: "bad",
            icon: "mail",
            title: "More invitations did not arrive".into(),
            text: "The latest are above.".into(),
            link: ("All", address),
        });
    }
    Ok(things)
}

/// Letters that failed and that nothing took the place of.
pub fn failed_mail(tx: &ReadTx<'_>, failed: i64) -> Option<Attention> {
    if failed == 0 || !tx.actor().may(&ReadMail::RULE) {
        return None;
    }
    let address = match (tx.scope(), tx.actor().partner()) {
        (Scope::Partner { .. }, Some(own)) => crate::partners::tab(&own.code, "mail"),
        _ => "/system/mail?state=failed".to_owned(),
    };
    Some(Attention {
        tone: "bad",
        icon: "mail-off",
        title: format!("{} failed", counted(failed, "letter", "letters")),
        text: "In the last 7 days, and not sent again since.".into(),
        link: ("Look", address),
    })
}

/// More hosting partners than the program wanted.
pub fn hosts(tx: &ReadTx<'_>, hosts: i64, limit: i32) -> Option<Attention> {
    (hosts > i64::from(limit) && tx.actor().may(&ReadHosting::RULE)).then(|| Attention {
        tone: "warn",
        icon: "shield",
        title: format!("{} hosting partners", capped(hosts)),
        text: format!("Your limit is {limit}; they see everything."),
        link: ("Review", "/partners/hosting".into()),
    })
}

/// Partners whose people can only look.
pub fn suspended(tx: &ReadTx<'_>, counts: &HashMap<Status, i64>) -> Option<Attention> {
    let count = counts.get(&Status::Suspended).copied().unwrap_or(0);
    (count > 0 && tx.actor().may(&ReadPartner::RULE)).then(|| Attention {
        tone: "warn",
        icon: "player-pause",
        title: format!("{} suspended", counted(count, "partner", "partners")),
        text: "Their people can look and change nothing.".into(),
        link: ("Look", "/partners?status=suspended".into()),
    })
}

/// Tenants whose last runs failed.
///
/// # Errors
/// When the database does not answer.
pub fn failing_tenants(tx: &mut ReadTx<'_>) -> Result<Option<Attention>, AppError> {
    if !tx.actor().may(&ReadTenant::RULE) {
        return Ok(None);
    }
    let failing = tenants::store::Filter { state: Some(tenants::stage::State::Failing), ..Default::default() };
    let count = tenants::store::count(tx, &failing)?;
    Ok((count > 0).then(|| Attention {
        tone: "warn",
        icon: "plug",
        title: format!("{} failing", counted(count, "tenant", "tenants")),
        text: "Their last runs did not succeed.".into(),
        link: ("Look", "/tenants?state=failing".into()),
    }))
}
