//! Encryption of what has to be read again: credentials of connections, and whatever else must not lie open in the
//! table, a dump or a backup.
//!
//! The rules this file protects: what is sealed is bound to its purpose and its owner, so that it opens nowhere
//! else; the key in use is named beside it, so that keys can be replaced while older ones still open what they sealed.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};
use rand::RngExt;
use uuid::Uuid;

use super::mac;
use crate::web::error::AppError;

/// Bytes of a nonce.
const NONCE: usize = 12;

/// A sealed text as tables have it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Nonce, then what is encrypted.
    pub bytes: Vec<u8>,
    /// Which key did it.
    pub key_id: String,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes by {})", self.bytes.len(), self.key_id)
    }
}

/// Seals with the present key, and opens also what older ones sealed.
pub struct Sealer {
    /// The present one first.
    keys: Vec<Vec<u8>>,
}

impl Sealer {
    /// With the portal's key, and those of before.
    pub fn new(present: &[u8], older: &[Vec<u8>]) -> Sealer {
        Sealer { keys: std::iter::once(present.to_vec()).chain(older.iter().cloned()).collect() }
    }

    fn present(&self) -> &[u8] {
        self.keys.first().map_or(&[], Vec::as_slice)
    }

    /// The name of the present key; it tells nothing of the key.
    pub fn key_id(&self) -> String {
        key_id(self.present())
    }

    /// Encrypts a text for one purpose and one owner.
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn seal(&self, purpose: &str, owner: Uuid, plain: &[u8]) -> Result<Sealed, AppError> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill(&mut nonce[..]);
        let message = Payload { msg: plain, aad: owner.as_bytes() };
        let sealed = cipher(self.present(), purpose)
            .encrypt(&Nonce::from(nonce), message)
            .map_err(|_| AppError::Internal(anyhow::anyhow!("a secret could not be encrypted")))?;
        Ok(Sealed { bytes: [&nonce[..], &sealed[..]].concat(), key_id: self.key_id() })
    }

    /// Decrypts it; none when it was sealed for another purpose or owner, by a key that is not at hand, or changed.
    pub fn open(&self, purpose: &str, owner: Uuid, sealed: &Sealed) -> Option<Vec<u8>> {
        let key = self.keys.iter().find(|key| key_id(key) == sealed.key_id)?;
        let (nonce, rest) = sealed.bytes.split_first_chunk::<NONCE>()?;
        let message = Payload { msg: rest, aad: owner.as_bytes() };
        cipher(key, purpose).decrypt(&Nonce::from(*nonce), message).ok()
    }
}

fn cipher(key: &[u8], purpose: &str) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(mac::keyed(key, "seal", purpose)))
}

fn key_id(key: &[u8]) -> String {
    mac::keyed_hex(key, "seal-key", "").chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t41_what_is_sealed_opens_only_where_it_belongs() {
        let (own, other) = (Uuid::now_v7(), Uuid::now_v7());
        let sealer = Sealer::new(b"present key", &[]);
        let sealed = sealer.seal("connection", own, b"hunter2").unwrap();
        assert_ne!(sealed, sealer.seal("connection", own, b"hunter2").unwrap(), "another nonce each time");
        assert!(!sealed.bytes.windows(7).any(|part| part == b"hunter2"));
        assert!(!format!("{sealed:?}").contains("hunter2"));
        assert_eq!(sealer.open("connection", own, &sealed).unwrap(), b"hunter2");
        assert!(sealer.open("connection", other, &sealed).is_none());
        assert!(sealer.open("second factor", own, &sealed).is_none());
        assert!(Sealer::new(b"another key", &[]).open("connection", own, &sealed).is_none());
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(sealer.open("connection", own, &changed).is_none(), "byte {at}");
        }
        assert!(sealer.open("connection", own, &Sealed { bytes: vec![1, 2, 3], ..sealed }).is_none());
    }

    #[test]
    fn keys_are_replaced_one_after_the_other() {
        let own = Uuid::now_v7();
        let old = Sealer::new(b"first key", &[]).seal("connection", own, b"x").unwrap();
        let sealer = Sealer::new(b"second key", &[b"first key".to_vec()]);
        assert_ne!(old.key_id, sealer.key_id());
        let plain = sealer.open("connection", own, &old).unwrap();
        let new = sealer.seal("connection", own, &plain).unwrap();
        assert_eq!(Sealer::new(b"second key", &[]).open("connection", own, &new).unwrap(), b"x");
    }
}
