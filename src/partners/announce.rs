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
    let actor = tx.actor().clone();
    let Some(program) = actor.program_id() else { return Ok(()) };
    for (user, contact, email) in store::hosting_contacts(tx)? {
        if actor.user() == Some(user) {
            continue;
        }
        let letter = Letter::PartnerActive {
            name: contact.clone(),
            partner: name.to_owned(),
            by: actor.name().to_owned(),
            page: super::address(code),
        };
        let post = Post { hosts_only: true, ..Post::to_account(letter, user, &email, &contact) };
        outbox::queue_in(tx, &post.about_partner(program, partner))?;
    }
    Ok(())
}
