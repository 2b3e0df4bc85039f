//! Passwords: rules, hashing, and a gate that keeps hashing from starving the pages.

use std::sync::Arc;
use std::sync::LazyLock;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::RngExt;
use tokio::sync::Semaphore;

use crate::db::blocking;
use crate::web::error::AppError;

/// Shortest password, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in characters; longer ones are refused unhashed.
pub const LONGEST: usize = 128;

/// Hashes under way at once: each takes 19 MiB and about 20 ms of a core.
const AT_ONCE: usize = 2;
/// Hashes that may wait; beyond that people are asked to try again.
const WAITING: usize = 32;

/// Verified against when no such user exists, so that both answers take the same time.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now(&random()).unwrap_or_default());

/// Hashes and verifies passwords, a few at a time.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        LazyLock::force(&DUMMY);
        Hasher { running: Arc::new(Semaphore::new(AT_ONCE)), queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)) }
    }
}

impl Hasher {
    async fn gated<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let _place = self.queue.try_acquire().map_err(|_| AppError::Busy("too many passwords at once".into()))?;
        let _turn = self.running.acquire().await.map_err(|cause| AppError::Internal(cause.into()))?;
        blocking(work).await
    }

    /// Hashes a password that passed [`check`].
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.gated(move || hash_now(&password)).await
    }

    /// Whether the password is the hash's; with no hash the same work is done and the answer is no.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        self.gated(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DUMMY.clone());
            Ok(verified(&password, &hash) && known)
        })
        .await
    }
}

/// Hashes on the present thread: for commands and the demo.
///
/// # Errors
/// When the system gives no random salt.
pub fn hash_now(password: &str) -> Result<String, AppError> {
    let salt: [u8; Salt::RECOMMENDED_LENGTH] = rand::rng().random();
    Argon2id
        .hash_password_customized(password.as_bytes(), &salt, None, None, Params::default())
        .map(|hash| hash.to_string())
        .map_err(|cause| AppError::Internal(anyhow::anyhow!("hashing: {cause}")))
}

fn verified(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2id.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Argon2id whose memory goes back to the system after each hash.
struct Argon2id;

/// Allocators keep what they were given back, each thread its own; what is larger than this they never keep. Only the
/// blocks that are used come to be in memory.
const NOT_KEPT: usize = 40 << 20;

impl CustomizedPasswordHasher<PasswordHash> for Argon2id {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<password_hash::Version>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map_or(Ok(Algorithm::Argon2id), Algorithm::try_from)?;
        let version = version.map_or(Ok(Version::V0x13), Version::try_from)?;
        let salt = Salt::new(salt)?;
        let mut blocks = Vec::with_capacity((NOT_KEPT / Block::SIZE).max(params.block_count()));
        blocks.resize(params.block_count(), Block::new());
        let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let known = ParamsString::try_from(&params)?;
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            &salt,
            &mut output,
            &mut blocks,
        )?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: known,
            salt: Some(salt),
            hash: Some(Output::new(&output)?),
        })
    }
}

/// A password nobody knows: 5 groups of 4 letters and digits that cannot be mistaken for one another, 99 bits.
pub fn random() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    let group = |rng: &mut rand::rngs::ThreadRng| -> String {
        (0..4).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
    };
    (0..5).map(|_| group(&mut rng)).collect::<Vec<_>>().join("-")
}

/// Whether it is no longer than a password may be: what is longer is not hashed at all.
pub fn fits(password: &str) -> bool {
    password.chars().nth(LONGEST).is_none()
}

/// Whether a password may be used; `context` are words an attacker would try first: the person's name and address,
/// their partner and program, the product.
///
/// # Errors
/// With the reason, as a sentence for the person.
pub fn check(password: &str, context: &[&str]) -> Result<(), String> {
    if password.chars().count() < SHORTEST {
        return Err(format!("Use at least {SHORTEST} characters."));
    }
    if !fits(password) {
        return Err(format!("Use at most {LONGEST} characters."));
    }
    if password.contains('\0') {
        return Err("Leave out the NUL character.".into());
    }
    let lower = password.to_lowercase();
    let words = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).chain(["portico"]);
    for word in words.filter(|word| word.chars().count() >= 4) {
        if lower.contains(&word.to_lowercase()) {
            return Err(format!("Leave out “{word}”: it is the first thing somebody would try."));
        }
    }
    if zxcvbn::zxcvbn(password, context).score() < zxcvbn::Score::Two {
        return Err(
            "This password is among the first that are tried. Use a longer one, such as four unrelated words.".into()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t13_lengths_common_words_and_context() {
        assert!(check("s3ven!x", &[]).unwrap_err().contains("at least 8"));
        assert!(check("k7#Qz!vT", &[]).is_ok());
        // Characters are counted, not bytes.
        assert!(check("龘靐齉", &[]).unwrap_err().contains("at least 8"));
        assert!(fits(&"龘".repeat(128)) && !fits(&"龘".repeat(129)));
        assert!(check(&"väga pikk parool ".repeat(4)[..64], &[]).is_ok());
        let long: String = ("kala auto päike raamat ".repeat(8)).chars().take(100).collect();
        assert!(check(&long, &[]).is_ok() && long.len() <= 128);
        assert!(check(&"xK3".repeat(43), &[]).unwrap_err().contains("at most 128"));
        assert!(check(&"a".repeat(10_000), &[]).unwrap_err().contains("at most 128"));
        for common in ["password", "12345678", "qwertyuiop", "iloveyou1"] {
            assert!(check(common, &[]).is_err(), "{common}");
        }
        assert!(check("kestrel-rides-high", &["Kestrel Car Rental"]).unwrap_err().contains("Kestrel"));
        assert!(check("my portico pass phrase", &[]).unwrap_err().contains("portico"));
        assert!(check("four unrelated  words ünïcode", &["Kestrel"]).is_ok());
    }

    #[test]
    fn hashes_are_argon2id_and_differ_each_time() {
        let (one, two) = (hash_now("correct horse").unwrap(), hash_now("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn random_passwords_pass_the_rules() {
        assert!(check(&random(), &["Ana Ferreira", "Solstice"]).is_ok());
    }
}
