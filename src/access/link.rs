//! Links in letters. Nothing of them is stored: a link is made from the key, and from what is in the table anyway, so
//! a letter that is sent again brings the same link, and a row whose link version is raised has killed the older ones.
//!
//! The rules this file protects: whoever holds a link can prove it and nothing else; a link of one purpose, record,
//! version or address is none of another; comparing takes the same time whatever differs.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use super::mac;
use crate::app::App;

/// Bytes of the proof that a link carries: 128 bits.
const PROOF: usize = 16;
/// How long a browser keeps an opened link; the record's own limit counts beside it.
const MINUTES: i64 = 30;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To accept an invitation; the id is the invitation's.
    Invitation,
    /// To choose a new password; the id is the user's.
    Reset,
    /// To confirm a new address; the id is the user's.
    Email,
}

impl Purpose {
    const ALL: [Purpose; 3] = [Purpose::Invitation, Purpose::Reset, Purpose::Email];

    fn word(self) -> &'static str {
        match self {
            Purpose::Invitation => "invitation",
            Purpose::Reset => "reset",
            Purpose::Email => "email",
        }
    }

    fn letter(self) -> u8 {
        match self {
            Purpose::Invitation => b'i',
            Purpose::Reset => b'r',
            Purpose::Email => b'e',
        }
    }

    /// The page that an opened link leads to.
    pub fn page(self) -> &'static str {
        match self {
            Purpose::Invitation => "/invitation",
            Purpose::Reset => "/reset",
            Purpose::Email => "/email",
        }
    }
}

/// A link as it was sent by a browser: a claim until [`Claim::is_of`] agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it is for.
    pub purpose: Purpose,
    /// The record.
    pub id: Uuid,
    /// The link version of the record.
    pub version: i32,
    proof: Vec<u8>,
}

fn text(id: Uuid, version: i32, email: &str) -> String {
    format!("{id}|{version}|{email}")
}

/// The token of a link.
pub fn token(key: &[u8], purpose: Purpose, id: Uuid, version: i32, email: &str) -> String {
    let proof = mac::keyed(key, purpose.word(), &text(id, version, email));
    let mut bytes = vec![purpose.letter()];
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend(proof.iter().take(PROOF));
    BASE64.encode(bytes)
}

/// The whole address of a link, for a letter; `base` is the portal's configured address.
pub fn address(base: &str, key: &[u8], purpose: Purpose, id: Uuid, version: i32, email: &str) -> String {
    format!("{base}/link/{}", token(key, purpose, id, version, email))
}

impl Claim {
    /// Reads a token; none when it has not the form of one.
    pub fn read(token: &str) -> Option<Claim> {
        let bytes = BASE64.decode(token).ok()?;
        let (letter, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_at_checked(16)?;
        let (version, proof) = rest.split_at_checked(4)?;
        let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.letter() == *letter)?;
        (proof.len() == PROOF).then_some(())?;
        Some(Claim {
            purpose,
            id: Uuid::from_slice(id).ok()?,
            version: i32::from_be_bytes(version.try_into().ok()?),
            proof: proof.to_owned(),
        })
    }

    /// Whether it is the link of a record: made with the key for this purpose, id, version and address.
    pub fn is_of(&self, key: &[u8], purpose: Purpose, id: Uuid, version: i32, email: &str) -> bool {
        self.purpose == purpose
            && self.id == id
            && self.version == version
            && mac::is_keyed_start(key, purpose.word(), &text(id, version, email), &self.proof)
    }

    /// The claim of a browser that opened a link, for the page of its purpose.
    pub fn of_cookie(app: &App, req: &HttpRequest, purpose: Purpose) -> Option<Claim> {
        let cookie = req.cookie(cookie_name(app))?;
        Claim::read(cookie.value()).filter(|claim| claim.purpose == purpose)
    }
}

fn cookie_name(app: &App) -> &'static str {
    if app.config.http.is_https() { "__Host-portico-link" } else { "portico-link" }
}

/// The cookie that carries an opened link on, so that its address leaves the address bar, the history and the
/// `Referer` of everything that follows.
pub fn cookie(app: &App, token: &str) -> Cookie<'static> {
    bare(app, token.to_owned()).max_age(Duration::minutes(MINUTES)).finish()
}

/// The cookie that takes it away once the link was used.
pub fn spent(app: &App) -> Cookie<'static> {
    bare(app, String::new()).max_age(Duration::ZERO).finish()
}

fn bare(app: &App, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(cookie_name(app), value)
        .path("/")
        .http_only(true)
        .secure(app.config.http.is_https())
        .same_site(SameSite::Lax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t31_a_link_is_good_for_one_purpose_record_version_and_address() {
        let id = Uuid::now_v7();
        let made = token(b"key", Purpose::Invitation, id, 3, "ana@kestrel.example");
        let claim = Claim::read(&made).unwrap();
        assert!(claim.is_of(b"key", Purpose::Invitation, id, 3, "ana@kestrel.example"));
        assert!(!claim.is_of(b"yek", Purpose::Invitation, id, 3, "ana@kestrel.example"));
        assert!(!claim.is_of(b"key", Purpose::Reset, id, 3, "ana@kestrel.example"));
        assert!(!claim.is_of(b"key", Purpose::Invitation, Uuid::now_v7(), 3, "ana@kestrel.example"));
        assert!(!claim.is_of(b"key", Purpose::Invitation, id, 4, "ana@kestrel.example"));
        assert!(!claim.is_of(b"key", Purpose::Invitation, id, 3, "ben@kestrel.example"));
        for forged in ["", "i", "x".repeat(50).as_str(), &made[..made.len() - 2], &format!("{made}AA")] {
            assert!(Claim::read(forged).is_none_or(|claim| !claim.is_of(
                b"key",
                Purpose::Invitation,
                id,
                3,
                "ana@kestrel.example"
            )));
        }
    }
}
