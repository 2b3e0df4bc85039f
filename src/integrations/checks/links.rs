//! Whether links answer. The portal itself asks, through the guarded way out (T55, T56): never while a page is only
//! shown, and outside of any transaction.
//!
//! Whoever submits asks first, and adds what came of it to what [`super::run`] finds in the transaction:
//!
//! ```text
//! let (rules, content) = app.db.read(&grant, |tx| checks::prepared(tx, &id)).await?;
//! let links = checks::links(&app.outbound, &rules, &content).await;
//! … app.db.write(&grant, |tx| { let findings = checks::run(tx, &integration, &content)?.with(links); … })
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use url::Url;

use super::Findings;
use super::model::Rule;
use crate::integrations::content::Content;
use crate::web::outbound::{Outbound, Trouble, port, request_trouble};

/// Who asks, in the other end's log.
const AGENT: &str = concat!("Portico/", env!("CARGO_PKG_VERSION"), " link check");
/// For all links together: a form has to be answered in time.
const TOGETHER: Duration = Duration::from_secs(6);
/// Addresses at the most.
const MOST: usize = 40;

/// What the checks of links say about some content. Takes at most six seconds.
pub async fn links(outbound: &Outbound, rules: &[Rule], content: &Content) -> Findings {
    let rules: Vec<(&Rule, Vec<String>)> =
        rules.iter().map(|rule| (rule, rule.addresses(content))).filter(|(_, all)| !all.is_empty()).collect();
    let mut addresses: Vec<&String> = rules.iter().flat_map(|(_, all)| all).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.truncate(MOST);
    let asked = addresses.into_iter().map(|address| async move {
        let answer = timeout(TOGETHER, ask(outbound, address)).await;
        (address.clone(), answer.unwrap_or_else(|_| Some(Trouble::Slow.to_string())))
    });
    let faults: BTreeMap<String, Option<String>> = join_all(asked).await.into_iter().collect();
    let findings = rules.iter().map(|(rule, all)| {
        let fault = |address: &String| {
            let words = faults.get(address).and_then(Option::as_ref)?;
            Some(format!("{address}: {words}"))
        };
        let all: Vec<String> = all.iter().filter_map(fault).collect();
        rule.found((!all.is_empty()).then(|| all.join(" ")))
    });
    Findings(findings.collect())
}

/// What is wrong with an address; nothing when it answers.
async fn ask(outbound: &Outbound, address: &str) -> Option<String> {
    let wrong = || Some("This is no https address.".to_owned());
    let Ok(url) = Url::parse(address) else { return wrong() };
    let (Some(host), "https") = (url.host_str(), url.scheme()) else { return wrong() };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong();
    }
    let at = match port(url.port().unwrap_or(443), &[443]) {
        Ok(port) => port,
        Err(refused) => return Some(refused),
    };
    let client = match outbound.client(host, at).await {
        Ok(client) => client,
        Err(trouble) => return Some(trouble.to_string()),
    };
    // The body is not even asked for, unless the head alone is refused; then it is dropped with the connection.
    let mut answer = client.head(url.clone()).header("user-agent", AGENT).send().await;
    if answer.as_ref().is_ok_and(|one| matches!(one.status().as_u16(), 400 | 403 | 405 | 406 | 501)) {
        answer = client.get(url).header("user-agent", AGENT).send().await;
    }
    match answer {
        Ok(answer) if matches!(answer.status().as_u16(), 200..=399) => None,
        Ok(answer) => Some(meaning(answer.status().as_u16())),
        Err(cause) => Some(request_trouble(&cause).to_string()),
    }
}

fn meaning(status: u16) -> String {
    match status {
        404 | 410 => format!("There is nothing at this address ({status})."),
        401 | 403 => format!("It asks for a sign-in ({status}), so members could not read it."),
        500..=599 => format!("The server answers that it is out of order ({status})."),
        _ => format!("It answers {status}."),
    }
}
