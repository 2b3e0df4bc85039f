//! Telling the hosts that a partner became active (E11).

use super::store;
use crate::access::Permission;
use crate::db::WriteTx;
use crate::db::ids::PartnerId;
use crate::mail::{Letter, Post, outbox};
use crate::web::error::AppError;

/// Writes to the primary contacts of the active hosting partners, but not to the one who did it.
///
/// # Errors
/// When the database does not answer.
pub fn active<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: PartnerId,
    name: &str,
    code: &str,
) -> Result<(), AppError> {
    let by = tx.actor().name().to_owned();
    tell(tx, partner, |contact| Letter::PartnerActive {
        name: contact.to_owned(),
        partner: name.to_owned(),
        by: by.clone(),
        page: super::address(code),
    })
}

/// The same for an import: one letter, however many there are. `made` are ids, names and codes.
///
/// # Errors
/// When the database does not answer.
pub fn many<P: Permission>(tx: &mut WriteTx<'_, P>, made: &[(PartnerId, String, String)]) -> Result<(), AppError> {
    let by = tx.actor().name().to_owned();
    match made {
        [] => Ok(()),
        [(partner, name, code)] => active(tx, *partner, name, code),
        // It is about them all; the first one says of which program.
        [(first, ..), ..] => tell(tx, *first, |contact| Letter::PartnersActive {
            name: contact.to_owned(),
            count: made.len() as i64,
            by: by.clone(),
            page: "/partners?status=active".into(),
        }),
    }
}

fn tell<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: PartnerId,
    letter: impl Fn(&str) -> Letter,
) -> Result<(), AppError> {
    let actor = tx.actor().clone();
    let Some(program) = actor.program_id() else { return Ok(()) };
    for (user, contact, email) in store::hosting_contacts(tx)? {
        if actor.user() == Some(user) {
            continue;
        }
        let post = Post { hosts_only: true, ..Post::to_account(letter(&contact), user, &email, &contact) };
        outbox::queue_in(tx, &post.about_partner(program, partner))?;
    }
    Ok(())
}
