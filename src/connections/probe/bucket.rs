//! Buckets: a signed request for one name in the list.

use secrecy::ExposeSecret;

use super::{Probe, http, sigv4};
use crate::connections::model::Outcome;
use crate::web::outbound::{Trouble, request_trouble};

/// Asks for the first name under the prefix, with the access key.
pub async fn probe(probe: &Probe<'_>) -> Result<Outcome, Trouble> {
    let facts = probe.facts;
    let Some(secret) = probe.secret else { return Ok(Outcome::failed("There is no secret key.")) };
    let query = [("list-type", "2"), ("max-keys", "1"), ("prefix", facts.prefix.as_str())];
    let port = if facts.port == 443 { String::new() } else { format!(":{}", facts.port) };
    let request = sigv4::Request {
        host: &format!("{}{port}", facts.host),
        path: &format!("/{}", facts.bucket),
        query: &query,
        region: &facts.region,
        access_key: &facts.username,
        secret: secret.expose_secret(),
        now: probe.now,
    };
    let client = probe.outbound.client(&facts.host, facts.port).await?;
    let mut outgoing = client.get(request.url()).header("user-agent", http::AGENT);
    for (name, value) in request.headers() {
        let mut value = reqwest::header::HeaderValue::from_str(&value).map_err(|_| Trouble::Garbled)?;
        value.set_sensitive(true);
        outgoing = outgoing.header(name, value);
    }
    // The list itself is not read: the status tells.
    let response = outgoing.send().await.map_err(|cause| request_trouble(&cause))?;
    Ok(meaning(response.status().as_u16()))
}

fn meaning(status: u16) -> Outcome {
    match status {
        200 => Outcome::reached("The bucket answers, and the access key may list it."),
        301 | 307 => Outcome::failed(format!("The bucket is in another region or at another endpoint ({status}).")),
        400 => Outcome::failed("The store does not take the request (400): look at the region."),
        401 | 403 => Outcome::failed(format!(
            "The store answers, but refuses the access key ({status}): it is wrong, or may not list this bucket."
        )),
        404 => Outcome::failed("The store answers, but has no bucket of this name (404)."),
        500..=599 => Outcome::failed(format!("The store answers that it is out of order ({status}).")),
        _ => Outcome::failed(format!("The store gives an unusual answer ({status}).")),
    }
}
