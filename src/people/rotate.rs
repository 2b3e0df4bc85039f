//! Encrypting the secrets of authenticator apps anew, after the secret key was replaced.

use super::store;
use crate::access::totp::AppSecret;
use crate::connections::seal::Rotated;
use crate::db::Db;
use crate::web::error::AppError;

/// Encrypts with the present key what older ones encrypted, some at a time.
///
/// # Errors
/// When the database does not answer; what was done until then stays done.
pub fn rotate(db: &Db, present: &[u8], older: &[Vec<u8>]) -> Result<Rotated, AppError> {
    let (mut rotated, mut after) = (Rotated::default(), None);
    let own = AppSecret::key_id(present);
    loop {
        let last = db.system_now("command: encrypt second factors with the present key", |tx| {
            let found = store::factors_otherwise(tx, &own, after)?;
            for (user, old) in &found {
                let key = older.iter().find(|key| AppSecret::key_id(key) == old.key_id);
                match key.and_then(|key| AppSecret::open(key, *user, old)) {
                    Some(secret) => {
                        let anew = secret.seal(present, *user)?;
                        rotated.done += store::seal_factor_anew(tx, *user, old, &anew)? as i64;
                    }
                    None => rotated.unreadable += 1,
                }
            }
            Ok(found.last().map(|(user, _)| *user))
        })?;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(rotated),
        }
    }
}
