//! The portal as a whole: many connections at once, a second instance beside it, and what comes over the wire.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::alike::Alike;
use crate::client::{Client, Request};
use crate::portal::Portal;
use crate::proc;

/// What is asked in turn.
const MIX: [&str; 6] =
    ["/", "/partners", "/partners/{partner}", "/partners?q=quetzal", "/integrations", "/partners/WHALE/activity"];
/// Connections whose memory is measured.
const MANY: usize = 32;
/// Turns of one instance and of two.
const TURNS: usize = 3;

/// Two instances on one PostgreSQL against one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pair {
    pub page: String,
    /// Answers each second: by one instance, by two, each the median of its turns.
    pub one: f64,
    pub two: f64,
    /// Processors in use with one and with two: those of portals, of PostgreSQL, of the whole machine.
    pub busy_one: [f64; 3],
    pub busy_two: [f64; 3],
}

impl Pair {
    pub fn ratio(&self) -> f64 {
        self.two / self.one.max(0.001)
    }
}

/// What is measured of the portal as a whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Whole {
    /// Seconds until an instance listens when PostgreSQL runs already: the fastest and the slowest of three.
    pub start: [f64; 2],
    /// Megabytes with 32 connections: when it started, after some seconds of them, and at the most.
    pub memory: [f64; 3],
    /// Bytes over the wire: a first page with its files, and the same page again.
    pub bytes: [u64; 2],
    pub pairs: Vec<Pair>,
    #[serde(default)]
    pub alike: Vec<Alike>,
    pub failed: Option<String>,
}

fn get(path: &str, head: &str) -> Request {
    Request { method: "GET", path: path.into(), head: head.into(), compressed: true, ..Request::default() }
}

/// Many connections ask in turn until the time is over; how many answers there were.
fn asked(addresses: &[&str], connections: usize, requests: &[Request], seconds: f64) -> Result<u64, String> {
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let results: Vec<Result<(), String>> = thread::scope(|scope| {
        let running: Vec<_> = (0..connections)
            .map(|nth| {
                let (stop, count) = (&stop, &count);
                let address = addresses.get(nth % addresses.len()).copied().unwrap_or_default();
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    for request in requests.iter().cycle().skip(nth) {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let answer = client.send(request).map_err(|cause| format!("{}: {cause}", request.path))?;
                        match answer.status {
                            200 => count.fetch_add(1, Ordering::Relaxed),
                            // There is a queue for connections to the database, and it ends.
                            503 => 0,
                            other => return Err(format!("{} answered {other}", request.path)),
                        };
                    }
                    Ok(())
                })
            })
            .collect();
        thread::sleep(Duration::from_secs_f64(seconds));
        stop.store(true, Ordering::Relaxed);
        running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("the client broke".into()))).collect()
    });
    results.into_iter().collect::<Result<Vec<()>, String>>()?;
    Ok(count.load(Ordering::Relaxed))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// One turn: answers each second, and processors in use meanwhile.
fn turn(portals: &[&Portal], request: &Request, seconds: f64) -> Result<(f64, [f64; 3]), String> {
    let first = portals.first().ok_or("no portal")?;
    let used = || {
        let own: f64 = portals.iter().map(|one| proc::seconds(one.process)).sum();
        [own, proc::seconds_with_children(first.postmaster), proc::seconds_of_machine()]
    };
    let addresses: Vec<&str> = portals.iter().map(|one| one.address.as_str()).collect();
    let requests = [request.clone()];
    asked(&addresses, 8, &requests, 0.3)?;
    let (before, began) = (used(), Instant::now());
    let count = asked(&addresses, 8, &requests, seconds)?;
    let (took, after) = (began.elapsed().as_secs_f64(), used());
    let mut busy = [0.0; 3];
    for ((busy, after), before) in busy.iter_mut().zip(after).zip(before) {
        *busy = (after - before) / took;
    }
    Ok((count as f64 / took, busy))
}

/// One instance and two, turn by turn, so that both feel whatever else the machine does.
fn pair(one: &Portal, other: &Portal, page: &str, request: &Request, seconds: f64) -> Result<Pair, String> {
    let mut found = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        found[0].push(turn(&[one], request, seconds)?);
        found[1].push(turn(&[one, other], request, seconds)?);
    }
    let rate = |turns: &[(f64, [f64; 3])]| median(turns.iter().map(|(rate, _)| *rate).collect());
    let busy = |turns: &[(f64, [f64; 3])]| {
        let each = |at: usize| median(turns.iter().map(|(_, busy)| busy.get(at).copied().unwrap_or(0.0)).collect());
        [each(0), each(1), each(2)]
    };
    Ok(Pair {
        page: page.to_owned(),
        one: rate(&found[0]),
        two: rate(&found[1]),
        busy_one: busy(&found[0]),
        busy_two: busy(&found[1]),
    })
}

/// Addresses of the portal's own files in a page or in a style sheet.
fn files(text: &str) -> BTreeSet<String> {
    let ends = |one: char| matches!(one, '"' | '\'' | ')' | '#' | ' ' | '\\' | '<' | '&');
    let starts = text.match_indices("/static/").map(|(at, _)| at);
    starts.filter_map(|at| text.get(at..)?.split(ends).next()).map(str::to_owned).collect()
}

/// Bytes of a page with all its files, and of the page alone.
fn wire(portal: &Portal, head: &str) -> Result<[u64; 2], String> {
    let mut client = Client::new(&portal.address);
    let mut send = |request: &Request| client.send(request).map_err(|cause| format!("{}: {cause}", request.path));
    let plain = send(&Request { compressed: false, ..get("/partners", head) })?;
    let page = send(&get("/partners", head))?;
    let mut whole = page.bytes;
    for file in files(&plain.text()) {
        let answer = send(&get(&file, ""))?;
        if answer.status == 200 {
            whole += answer.bytes;
        }
    }
    Ok([whole, page.bytes])
}

/// Everything of the portal as a whole; `partner` is somebody's code, `head` a host's.
pub fn whole(portal: &Portal, binary: &Path, head: &str, partner: &str, seconds: f64) -> Whole {
    let mut whole = Whole::default();
    if let Err(why) = measure(portal, binary, (head, partner), seconds, &mut whole) {
        whole.failed = Some(why);
    }
    whole
}

fn measure(
    portal: &Portal,
    binary: &Path,
    (head, partner): (&str, &str),
    seconds: f64,
    whole: &mut Whole,
) -> Result<(), String> {
    let mut starts = Vec::new();
    for _ in 0..2 {
        let (other, took) = portal.beside(binary)?;
        starts.push(took.as_secs_f64());
        other.stop();
    }
    let (other, took) = portal.beside(binary)?;
    starts.push(took.as_secs_f64());
    let most = starts.iter().copied().fold(0.0, f64::max);
    whole.start = [starts.iter().copied().fold(most, f64::min), most];
    // Its files are compressed once, when it starts.
    thread::sleep(Duration::from_secs(3));
    whole.bytes = wire(portal, head)?;
    let requests: Vec<Request> = MIX.iter().map(|path| get(&path.replace("{partner}", partner), head)).collect();
    let before = proc::memory(other.process).0;
    proc::forget_peak(other.process);
    let result = asked(&[&other.address], MANY, &requests, seconds.max(3.0) * 2.0);
    let (after, peak) = proc::memory(other.process);
    whole.memory = [before, after, peak];
    let result = result.and_then(|_| {
        for (page, path) in [("a page of words", "/help/keys"), ("partner", "/partners/{partner}")] {
            let request = get(&path.replace("{partner}", partner), head);
            whole.pairs.push(pair(portal, &other, page, &request, seconds)?);
        }
        Ok(())
    });
    other.stop();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_page_are_found_once() {
        let found = files(
            "<link href=\"/static/app.1.css\"><script src=\"/static/app.2.js\"></script><use href=\"/static/icons.3.svg#x\"/><use href=\"/static/icons.3.svg#y\"/>",
        );
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["/static/app.1.css", "/static/app.2.js", "/static/icons.3.svg"]
        );
    }
}
