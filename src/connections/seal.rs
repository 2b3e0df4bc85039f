//! Credentials on their way into the table and out of it.

use secrecy::{ExposeSecret, SecretString};

use super::store;
use crate::access::Actor;
use crate::access::seal::{Sealed, Sealer};
use crate::activity::{self, Event};
use crate::db::Db;
use crate::db::ids::ConnectionId;
use crate::web::error::AppError;

/// What the keys of other secrets cannot open.
const PURPOSE: &str = "connection";

/// Encrypts the credentials of one connection.
///
/// # Errors
/// When they cannot be encrypted.
pub fn seal(sealer: &Sealer, id: ConnectionId, secret: &SecretString) -> Result<Sealed, AppError> {
    sealer.seal(PURPOSE, id.uuid(), secret.expose_secret().as_bytes())
}

/// Decrypts them; none when the key is not at hand.
pub fn open(sealer: &Sealer, id: ConnectionId, sealed: &Sealed) -> Option<SecretString> {
    let plain = sealer.open(PURPOSE, id.uuid(), sealed)?;
    String::from_utf8(plain).ok().map(SecretString::from)
}

/// How replacing the key went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Encrypted anew.
    pub done: i64,
    /// Encrypted by a key that is not at hand.
    pub unreadable: i64,
}

/// Encrypts with the present key everything that older ones encrypted, some at a time.
///
/// # Errors
/// When the database does not answer; what was done until then stays done.
pub fn rotate(db: &Db, sealer: &Sealer) -> Result<Rotated, AppError> {
    let (mut rotated, mut after) = (Rotated::default(), None);
    loop {
        let (last, some) = db.system_now("command: encrypt credentials with the present key", |tx| {
            let found = store::sealed_otherwise(tx, &sealer.key_id(), after)?;
            let mut some = Rotated::default();
            for (id, old) in &found {
                match open(sealer, *id, old) {
                    Some(secret) => {
                        some.done += i64::try_from(store::seal_anew(tx, *id, old, &seal(sealer, *id, &secret)?)?)
                            .unwrap_or_default();
                    }
                    None => some.unreadable += 1,
                }
            }
            if some.done > 0 {
                activity::store::record(tx, &Actor::operator(None), &Event::SecretsSealedAnew { count: some.done })?;
            }
            Ok((found.last().map(|(id, _)| *id), some))
        })?;
        rotated.done += some.done;
        rotated.unreadable += some.unreadable;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(rotated),
        }
    }
}
