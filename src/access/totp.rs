//! Second factors: authenticator apps (TOTP, RFC 6238) and the recovery codes for who lost theirs.
//!
//! The rules this file protects: an app's secret is stored encrypted, bound to its owner, and a recovery code as a
//! keyed hash only; what is read from the table of another person or under another key opens nothing.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};
use chrono::{DateTime, Utc};
use qrcodegen::{QrCode, QrCodeEcc};
use rand::RngExt;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::mac;
use crate::db::ids::UserId;
use crate::web::error::AppError;

/// Seconds of a step.
const STEP: u64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ.
const SKEW: u16 = 1;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Recovery codes that are made at once.
pub const CODES: usize = 10;
/// Letters of a recovery code: 80 bits.
const LETTERS_OF_CODE: usize = 16;
/// Letters that cannot be mistaken for one another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The secret that a person's authenticator app shares with the portal.
pub struct AppSecret(Secret);

/// An [`AppSecret`] as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Sealed {
    /// Nonce, then what is encrypted.
    pub bytes: Vec<u8>,
    /// Which key did it.
    pub key_id: String,
}

fn cipher(key: &[u8]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(mac::keyed(key, "second-factor", "")))
}

fn key_id(key: &[u8]) -> String {
    mac::keyed_hex(key, "second-factor-key", "").chars().take(16).collect()
}

impl AppSecret {
    /// A new one: 160 bits.
    pub fn generate() -> AppSecret {
        AppSecret(Secret::generate())
    }

    /// Encrypts it for the table.
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn seal(&self, key: &[u8], user: UserId) -> Result<Sealed, AppError> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill(&mut nonce[..]);
        let owner = user.uuid();
        let message = Payload { msg: self.0.as_bytes(), aad: owner.as_bytes() };
        let sealed = cipher(key)
            .encrypt(&Nonce::from(nonce), message)
            .map_err(|_| AppError::Internal(anyhow::anyhow!("a second factor could not be encrypted")))?;
        Ok(Sealed { bytes: [&nonce[..], &sealed[..]].concat(), key_id: key_id(key) })
    }

    /// The name of a key; it tells nothing of the key.
    pub fn key_id(key: &[u8]) -> String {
        key_id(key)
    }

    /// Decrypts what the table has; none when it was encrypted for somebody else, under another key, or changed.
    pub fn open(key: &[u8], user: UserId, sealed: &Sealed) -> Option<AppSecret> {
        let (nonce, rest) = sealed.bytes.split_first_chunk::<NONCE>()?;
        let owner = user.uuid();
        let message = Payload { msg: rest, aad: owner.as_bytes() };
        let opened = (sealed.key_id == key_id(key)).then(|| cipher(key).decrypt(&Nonce::from(*nonce), message));
        match opened {
            Some(Ok(bytes)) => Some(AppSecret(Secret::from(bytes))),
            _ => {
                tracing::error!(%user, key_id = sealed.key_id, "a second factor cannot be decrypted: is it another key?");
                None
            }
        }
    }

    fn totp(&self, email: &str) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .with_secret(self.0.clone())
            .with_account_name(email)
            .with_issuer(Some("Portico"))
            .build_noncompliant()
    }

    /// The step whose code was typed, when it is the present one or a neighbour.
    pub fn step_of(&self, typed: &str, now: DateTime<Utc>) -> Option<i64> {
        let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let step = self.totp("").check(&code, u64::try_from(now.timestamp()).ok()?)?;
        i64::try_from(step).ok()
    }

    /// To be typed into an app: groups of four.
    pub fn as_text(&self) -> String {
        grouped(&self.0.to_base32(), " ")
    }

    /// To be scanned by an app.
    ///
    /// # Errors
    /// When the address of the person cannot be part of it.
    pub fn qr(&self, email: &str) -> Result<Qr, AppError> {
        let address = self.totp(email).to_url().map_err(|cause| AppError::Internal(anyhow::anyhow!("{cause}")))?;
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium)
            .map_err(|cause| AppError::Internal(anyhow::anyhow!("{cause}")))?;
        Ok(Qr::new(&code))
    }
}

/// A picture to scan: the path of an SVG whose square has `size` units.
pub struct Qr {
    /// Units of a side, the quiet margin included.
    pub size: i32,
    /// The dark squares.
    pub path: String,
}

impl Qr {
    const MARGIN: i32 = 4;

    fn new(code: &QrCode) -> Qr {
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let path = dark
            .filter(|(x, y)| code.get_module(*x, *y))
            .map(|(x, y)| format!("M{},{}h1v1h-1z", x + Qr::MARGIN, y + Qr::MARGIN))
            .collect();
        Qr { size: code.size() + 2 * Qr::MARGIN, path }
    }
}

fn grouped(letters: &str, between: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// New recovery codes, as their owner writes them down.
pub fn recovery_codes() -> Vec<String> {
    let mut rng = rand::rng();
    let mut code = || -> String {
        (0..LETTERS_OF_CODE).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
    };
    (0..CODES).map(|_| grouped(&code(), "-")).collect()
}

/// The stored form of a recovery code, however it was typed; none when it cannot be one.
pub fn recovery_hash(key: &[u8], user: UserId, typed: &str) -> Option<Vec<u8>> {
    let plain: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let is_code = plain.len() == LETTERS_OF_CODE && plain.bytes().all(|letter| LETTERS.contains(&letter));
    is_code.then(|| mac::keyed(key, "recovery-code", &format!("{user}|{plain}")).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn t24_codes_are_those_of_the_standard_and_neighbours_are_taken() {
        // RFC 6238, appendix B: SHA-1, the last six of its eight digits.
        let secret = AppSecret(Secret::from(b"12345678901234567890".to_vec()));
        assert_eq!(secret.step_of("287082", at(59)), Some(1));
        assert_eq!(secret.step_of(" 081 804 ", at(1_111_111_109)), Some(37_037_036));
        for (moment, taken) in [(29, true), (30, true), (89, true), (90, false), (0, true)] {
            assert_eq!(secret.step_of("287082", at(moment)).is_some(), taken, "{moment}");
        }
        for bad in ["", "28708", "2870820", "28708a", "+87082", "０８１８０４"] {
            assert_eq!(secret.step_of(bad, at(59)), None, "{bad}");
        }
    }

    #[test]
    fn t41_a_secret_opens_for_its_owner_and_key_only() {
        let (ana, ben, secret) = (UserId::new(), UserId::new(), AppSecret::generate());
        let sealed = secret.seal(b"key", ana).unwrap();
        assert_ne!(sealed, secret.seal(b"key", ana).unwrap(), "another nonce each time");
        assert!(!sealed.bytes.windows(20).any(|part| part == secret.0.as_bytes()));
        assert_eq!(AppSecret::open(b"key", ana, &sealed).unwrap().0, secret.0);
        assert!(AppSecret::open(b"key", ben, &sealed).is_none() && AppSecret::open(b"yek", ana, &sealed).is_none());
        for at in [0, 15, sealed.bytes.len() - 1] {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(AppSecret::open(b"key", ana, &changed).is_none());
        }
        let short = Sealed { bytes: vec![1, 2, 3], ..sealed };
        assert!(AppSecret::open(b"key", ana, &short).is_none());
    }

    #[test]
    fn t24_recovery_codes_are_long_and_typed_as_people_type() {
        let (user, codes) = (UserId::new(), recovery_codes());
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), CODES);
        let code = &codes[0];
        assert_eq!((code.len(), code.split('-').count()), (19, 4));
        let hash = recovery_hash(b"key", user, code).unwrap();
        assert_eq!(hash.len(), 32);
        assert_eq!(recovery_hash(b"key", user, &code.to_lowercase().replace('-', " ")), Some(hash.clone()));
        assert_ne!(recovery_hash(b"yek", user, code), Some(hash.clone()));
        assert_ne!(recovery_hash(b"key", UserId::new(), code), Some(hash));
        for bad in ["", "123456", &code[..18], "ÄBCD-EFGH-JKLM-NPQR"] {
            assert_eq!(recovery_hash(b"key", user, bad), None, "{bad}");
        }
    }

    #[test]
    fn the_picture_is_an_address_of_the_app() {
        let secret = AppSecret::generate();
        let qr = secret.qr("ana@solstice.example").unwrap();
        assert!(qr.size > 29 && qr.path.starts_with("M4,4h1v1h-1z"));
        let address = secret.totp("ana@solstice.example").to_url().unwrap();
        assert!(address.starts_with("otpauth://totp/Portico:ana%40solstice.example?secret="), "{address}");
        assert!(address.contains(&secret.as_text().replace(' ', "")) && address.contains("issuer=Portico"));
    }
}
