//! What is not there and what is not one's own are told apart neither by words nor by time (B3, B4).

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::client::{Client, Request};
use crate::portal::Portal;

/// Pairs that are asked in turn.
const PAIRS: usize = 200;

/// Two requests whose answers are to look alike.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Alike {
    pub what: String,
    /// Milliseconds, the medians of each.
    pub medians: [f64; 2],
}

impl Alike {
    /// Milliseconds between the two.
    pub fn apart(&self) -> f64 {
        (self.medians[0] - self.medians[1]).abs()
    }
}

fn form(path: &str, body: String) -> Request {
    Request {
        method: "POST",
        path: path.into(),
        head: "Content-Type: application/x-www-form-urlencoded\r\n".into(),
        body: body.into_bytes(),
        compressed: false,
    }
}

/// Both of a kind, asked in turn.
fn pairs(portal: &Portal, what: &str, requests: [Request; 2], status: u16) -> Result<Alike, String> {
    let mut client = Client::new(&portal.address);
    let mut times = [Vec::new(), Vec::new()];
    for nth in 0..PAIRS {
        if requests[0].method == "POST" {
            portal.query("TRUNCATE attempts")?;
        }
        // Each is the first of a pair as often as the other.
        for at in [nth % 2, 1 - nth % 2] {
            let began = Instant::now();
            let answer = client.send(&requests[at]).map_err(|cause| format!("{what}: {cause}"))?;
            times[at].push(began.elapsed().as_secs_f64() * 1000.0);
            if answer.status != status {
                return Err(format!("{what}: {} instead of {status}", answer.status));
            }
        }
    }
    let medians = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(0.0)
    });
    Ok(Alike { what: what.to_owned(), medians })
}

/// A foreign partner and none; an address that is known and one that is not, signing in and asking for a reset.
/// `head` is of an administrator of the whale, `known` their address, `partner` another's code.
pub fn all(portal: &Portal, head: &str, known: &str, partner: &str) -> Result<Vec<Alike>, String> {
    let page = |code: &str| Request {
        method: "GET",
        path: format!("/partners/{code}"),
        head: head.into(),
        ..Request::default()
    };
    let unknown = "nobody.at.all@whale.example";
    let sign_in = |email: &str| form("/sign-in", format!("email={email}&password=a+wrong+password&next=/"));
    let reset = |email: &str| form("/forgotten", format!("email={email}"));
    Ok(vec![
        pairs(portal, "a foreign partner and none", [page(partner), page("NOSUCH99")], 404)?,
        pairs(portal, "signing in, known and unknown", [sign_in(known), sign_in(unknown)], 422)?,
        pairs(portal, "a reset, known and unknown", [reset(known), reset(unknown)], 200)?,
    ])
}
