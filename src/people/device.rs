//! Browsers that signed in to an account before. Strangers who guess at a password lock out strangers only: tries
//! from a known browser are counted apart. The cookie is stateless, and is no proof of anything else.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use crate::access::mac;
use crate::app::App;
use crate::db::ids::UserId;

/// How long a browser is remembered after its last sign-in.
const DAYS: i64 = 180;
/// See [`mac::keyed`].
const PURPOSE: &str = "device";

fn name(app: &App) -> &'static str {
    if app.config.http.is_https() { "__Host-portico-device" } else { "portico-device" }
}

/// The cookie for a browser that just signed in to the account.
pub fn cookie(app: &App, user: UserId) -> Cookie<'static> {
    Cookie::build(name(app), value(&app.key, user))
        .path("/")
        .http_only(true)
        .secure(app.config.http.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(DAYS))
        .finish()
}

/// What the browser says of itself; goes to [`is_known`].
pub fn sent(app: &App, req: &HttpRequest) -> String {
    req.cookie(name(app)).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

/// Whether the browser signed in to this very account before.
pub fn is_known(key: &[u8], sent: &str, user: UserId) -> bool {
    let Some((who, proof)) = sent.split_once('.') else { return false };
    let (Ok(who), Ok(proof)) = (BASE64.decode(who), BASE64.decode(proof)) else { return false };
    who == user.uuid().as_bytes() && mac::is_keyed(key, PURPOSE, &user.to_string(), &proof)
}

fn value(key: &[u8], user: UserId) -> String {
    let proof = mac::keyed(key, PURPOSE, &user.to_string());
    format!("{}.{}", BASE64.encode(user.uuid().as_bytes()), BASE64.encode(proof))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_a_cookie_counts_for_its_own_account_and_key_only() {
        let (ana, ben) = (UserId::new(), UserId::new());
        let cookie = value(b"key", ana);
        assert!(is_known(b"key", &cookie, ana));
        assert!(!is_known(b"key", &cookie, ben) && !is_known(b"yek", &cookie, ana));
        let forged = format!("{}.{}", BASE64.encode(ben.uuid().as_bytes()), cookie.split_once('.').unwrap().1);
        for bad in ["", ".", "x.y", forged.as_str(), &cookie[..cookie.len() - 2]] {
            assert!(!is_known(b"key", bad, ana) && !is_known(b"key", bad, ben), "{bad}");
        }
    }
}
