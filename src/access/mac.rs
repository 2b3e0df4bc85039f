//! Keyed hashes: what only this portal can make, and what tells nothing of the text inside.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of a text for one purpose; another purpose gives another hash.
pub fn keyed(key: &[u8], purpose: &str, text: &str) -> [u8; 32] {
    hasher(key, purpose, text).finalize().into_bytes().into()
}

/// The same in hexadecimal, for keys of the table of tries.
pub fn keyed_hex(key: &[u8], purpose: &str, text: &str) -> String {
    keyed(key, purpose, text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether some bytes are the beginning of the text's hash, 16 at least; takes the same time whatever differs.
pub fn is_keyed_start(key: &[u8], purpose: &str, text: &str, start: &[u8]) -> bool {
    start.len() >= 16 && hasher(key, purpose, text).verify_truncated_left(start).is_ok()
}

/// Whether a hash is the text's; takes the same time whatever differs.
pub fn is_keyed(key: &[u8], purpose: &str, text: &str, hash: &[u8]) -> bool {
    hasher(key, purpose, text).verify_slice(hash).is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn hasher(key: &[u8], purpose: &str, text: &str) -> Hmac<Sha256> {
    let mut hasher = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    hasher.update(purpose.as_bytes());
    hasher.update(b"|");
    hasher.update(text.as_bytes());
    hasher
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_purpose_and_text_all_count() {
        let hash = keyed(b"key", "device", "ana");
        assert!(is_keyed(b"key", "device", "ana", &hash));
        for (key, purpose, text) in [("yek", "device", "ana"), ("key", "set-up", "ana"), ("key", "device", "ben")] {
            assert!(!is_keyed(key.as_bytes(), purpose, text, &hash));
        }
        assert!(!is_keyed(b"key", "device", "ana", &hash[..16]) && !is_keyed(b"key", "device", "ana", b""));
        assert_eq!(keyed_hex(b"key", "device", "ana").len(), 64);
    }
}
