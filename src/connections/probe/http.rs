//! HTTPS endpoints: one request for the head of the answer.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::Probe;
use crate::connections::model::{Auth, Outcome};
use crate::web::outbound::{Trouble, request_trouble};

/// Who asks, in the other end's log.
pub const AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"), " connection test");

/// Asks for the head of the address, with the credentials.
pub async fn probe(probe: &Probe<'_>) -> Result<Outcome, Trouble> {
    let client = probe.outbound.client(&probe.facts.host, probe.facts.port).await?;
    let mut request = client.head(probe.facts.url()).header("user-agent", AGENT);
    if let Some(value) = authorization(probe.facts.auth, &probe.facts.username, probe.secret) {
        request = request.header(AUTHORIZATION, value);
    }
    // The body is not even asked for, and whatever comes is dropped with the connection.
    let response = request.send().await.map_err(|cause| request_trouble(&cause))?;
    Ok(meaning(response.status().as_u16(), probe.facts.auth))
}

fn authorization(auth: Auth, username: &str, secret: Option<&SecretString>) -> Option<HeaderValue> {
    let secret = secret?.expose_secret();
    let text = match auth {
        Auth::Bearer => format!("Bearer {secret}"),
        Auth::Basic => format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{secret}"))),
        _ => return None,
    };
    let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn meaning(status: u16, auth: Auth) -> Outcome {
    match status {
        200..=299 if auth == Auth::None => Outcome::reached(format!("It answers ({status}).")),
        200..=299 => Outcome::reached(format!("It answers ({status}); the credentials were sent and not refused.")),
        300..=399 => Outcome::failed(format!(
            "It points to another address ({status}), which is not followed. Enter the address that it points to."
        )),
        401 | 403 if auth == Auth::None => Outcome::failed(format!("It asks for credentials ({status}).")),
        401 | 403 => Outcome::failed(format!("It refuses the credentials ({status}).")),
        404 | 410 => Outcome::failed(format!("The server answers, but has nothing at this address ({status}).")),
        400 | 405 | 406 | 411 | 415 | 422 | 501 => {
            Outcome::reached(format!("It answers ({status}), though it takes no request without content."))
        }
        429 => Outcome::failed("It answers that there were too many requests (429). Try again later.".to_owned()),
        500..=599 => Outcome::failed(format!("The server answers that it is out of order ({status}).")),
        _ => Outcome::failed(format!("It gives an unusual answer ({status}).")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::model::TestState;

    #[test]
    fn answers_mean_what_they_say() {
        let state = |status| meaning(status, Auth::Bearer).state;
        for good in [200, 204, 400, 405, 422] {
            assert_eq!(state(good), TestState::Reached, "{good}");
        }
        for bad in [101, 301, 302, 401, 403, 404, 429, 500, 503, 999] {
            assert_eq!(state(bad), TestState::Failed, "{bad}");
        }
    }

    #[test]
    fn credentials_are_marked_so_that_no_log_shows_them() {
        let secret = SecretString::from("planted-secret");
        for auth in [Auth::Bearer, Auth::Basic] {
            let value = authorization(auth, "u", Some(&secret)).unwrap();
            assert!(value.is_sensitive() && !format!("{value:?}").contains("planted"));
        }
        assert!(authorization(Auth::None, "", Some(&secret)).is_none());
    }
}
