//! One page: its statements, then one connection, then several.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::client::{Answer, Client, Request};
use crate::pages::{Ask, Page, Who};
use crate::portal::Portal;
use crate::{proc, statements};

/// What a page costs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    pub page: String,
    /// Answers each second, asked by several connections at once.
    pub per_second: f64,
    /// Milliseconds, asked by one.
    pub p50: f64,
    pub p99: f64,
    /// Milliseconds, asked by several.
    pub p99_busy: f64,
    /// Milliseconds of processor time for one answer.
    pub cpu_portal: f64,
    pub cpu_postgres: f64,
    /// Over the wire.
    pub bytes: u64,
    /// Statements, without the frame of the transaction.
    pub statements: usize,
    /// The same statements alone, each second; what writes left out, none for what only writes.
    pub alone: Option<f64>,
    /// Why they could not be asked alone.
    #[serde(default)]
    pub not_alone: Option<String>,
    /// Why it could not be measured.
    pub failed: Option<String>,
}

impl Cost {
    /// Milliseconds of processor time on both sides.
    pub fn cpu(&self) -> f64 {
        self.cpu_portal + self.cpu_postgres
    }
}

/// The head of somebody's requests.
pub type Heads = Vec<(Who, String)>;

/// Requests of a page: one for each connection.
pub struct Asked {
    pub requests: Vec<Request>,
    /// The field that is changed each time, and the version that is then one more.
    edits: Option<&'static str>,
    pub status: u16,
}

const BOUNDARY: &str = "portico-bench";

fn multipart(pairs: &[(String, String)]) -> Vec<u8> {
    let part = |(name, value): &(String, String)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut text: String = pairs.iter().map(part).collect();
    text.push_str(&format!("--{BOUNDARY}--\r\n"));
    text.into_bytes()
}

/// The fields of the form of a page, as a browser would send them.
fn fields(html: &str) -> Vec<(String, String)> {
    let form = html.split("enctype=\"multipart/form-data\"").nth(1).and_then(|rest| rest.split("</form>").next());
    let mut found: Vec<(String, String)> = Vec::new();
    for tag in form.unwrap_or_default().split('<').skip(1) {
        let attribute = |name: &str| {
            let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
            Some(value.replace("&amp;", "&").replace("&#38;", "&").replace("&quot;", "\"").replace("&#39;", "'"))
        };
        let is = |word: &str| tag.starts_with(word);
        let Some(name) = attribute("name") else {
            // The chosen option of the select before; without a value its words are the value.
            if let Some((_, chosen)) = found.last_mut()
                && is("option")
                && tag.contains(" selected")
            {
                let words = || tag.split_once('>').map(|(_, text)| text.trim().to_owned());
                *chosen = attribute("value").or_else(words).unwrap_or_default();
            }
            continue;
        };
        let kind = attribute("type").unwrap_or_default();
        if is("textarea") {
            found.push((name, tag.split_once('>').map(|(_, text)| text.to_owned()).unwrap_or_default()));
        } else if is("select") {
            found.push((name, String::new()));
        } else if is("input")
            && kind != "file"
            && (!matches!(kind.as_str(), "checkbox" | "radio") || tag.contains(" checked"))
        {
            found.push((name, attribute("value").unwrap_or_else(|| "on".into())));
        }
    }
    found
}

/// Makes the requests of a page.
pub fn asked(
    page: &Page,
    connections: usize,
    heads: &Heads,
    address: &str,
    word: &dyn Fn(&str, usize) -> Result<String, String>,
) -> Result<Asked, String> {
    let head = heads.iter().find(|(who, _)| *who == page.who).map(|(_, head)| head.clone()).unwrap_or_default();
    let mut requests = Vec::new();
    let mut edits = None;
    for nth in 0..connections {
        let mut request = Request { method: "GET", head: head.clone(), compressed: true, ..Request::default() };
        match page.ask {
            Ask::Get(path) => request.path = word(path, nth)?,
            Ask::Post(path, form) => {
                request.method = "POST";
                request.path = word(path, nth)?;
                request.body = word(form, nth)?.into_bytes();
                request.head.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            }
            Ask::Json(path, body) => {
                request.method = "POST";
                request.path = word(path, nth)?;
                request.body = word(body, nth)?.into_bytes();
                request.head.push_str("Content-Type: application/json\r\n");
            }
            Ask::Edit(path, field) => {
                request.path = word(path, nth)?;
                request.compressed = false;
                let form = Client::new(address).send(&request).map_err(|cause| cause.to_string())?;
                let found = fields(&form.text());
                if !found.iter().any(|(name, _)| name == "version") {
                    return Err(format!("no form at {}", request.path));
                }
                request.method = "POST";
                request.body = multipart(&found);
                request.head.push_str(&format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"));
                edits = Some(field);
            }
        }
        requests.push(request);
    }
    Ok(Asked { requests, edits, status: page.status })
}

/// Changes an edit into the one that follows it.
fn advance(request: &mut Request, field: &str, turn: u64) {
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let replaced = |text: &str, name: &str, value: &dyn Fn(&str) -> String| {
        let mark = format!("name=\"{name}\"\r\n\r\n");
        let Some((before, rest)) = text.split_once(&mark) else { return text.to_owned() };
        let (old, after) = rest.split_once("\r\n").unwrap_or((rest, ""));
        format!("{before}{mark}{}\r\n{after}", value(old))
    };
    let next = |old: &str| (old.parse::<u64>().unwrap_or(0) + u64::from(turn > 0)).to_string();
    let text = replaced(&text, "version", &next);
    let text = replaced(&text, field, &|_| format!("+1212555{:04}", turn % 10_000));
    request.body = text.into_bytes();
}

/// Milliseconds of each answer on one connection, as long as told.
fn asked_by_one(
    address: &str,
    mut request: Request,
    (edits, status): (Option<&str>, u16),
    is_over: &dyn Fn(u64) -> bool,
    turn: &mut u64,
) -> Result<(Vec<f64>, u64), String> {
    let mut client = Client::new(address);
    let (mut times, mut bytes) = (Vec::new(), 0);
    while !is_over(times.len() as u64) {
        if let Some(field) = edits {
            advance(&mut request, field, *turn);
            *turn += 1;
        }
        let began = Instant::now();
        let answer: Answer = client.send(&request).map_err(|cause| format!("{}: {cause}", request.path))?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        bytes = answer.bytes;
        if answer.status != status {
            return Err(format!("{} answered {} instead of {status}", request.path, answer.status));
        }
    }
    Ok((times, bytes))
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * part).round() as usize).copied().unwrap_or(0.0)
}

/// Measures a page.
pub fn page(portal: &Portal, name: &str, mut asked: Asked, seconds: f64, limit: Option<u64>) -> Result<Cost, String> {
    let mut cost = Cost { page: name.to_owned(), ..Cost::default() };
    let edits = asked.edits;
    let only_reads = asked.status == 200;
    let how = (edits, asked.status);
    let mut turn = 0;
    let most = limit.map_or(400, |limit| limit / 4);
    let warm = most.min(20);
    let mut one = |asked: &mut Asked, is_over: &dyn Fn(u64) -> bool| {
        let result = asked_by_one(&portal.address, asked.requests[0].clone(), how, is_over, &mut turn);
        if edits.is_some() {
            // What was sent last is what the next one goes on from.
            let sent = result.as_ref().map_or(0, |(times, _)| times.len() as u64);
            for step in 0..sent {
                let at = turn - sent + step;
                advance(&mut asked.requests[0], edits.unwrap_or_default(), at);
            }
        }
        result
    };
    one(&mut asked, &|count| count >= warm)?;
    let counted = statements::during(portal, || one(&mut asked, &|count| count >= 1).map(drop))?;
    cost.statements = counted.iter().filter(|one| !one.is_frame()).count();
    let ends = Instant::now() + Duration::from_secs_f64(seconds / 2.0);
    let (mut times, bytes) = one(&mut asked, &|count| count >= most || (count >= 10 && Instant::now() > ends))?;
    times.sort_by(f64::total_cmp);
    (cost.p50, cost.p99, cost.bytes) = (quantile(&times, 0.5), quantile(&times, 0.99), bytes);
    busy(portal, &asked, (how, turn), seconds, limit.map(|limit| limit / 2), &mut cost)?;
    // What changes something is more than what can be asked again of it.
    if only_reads && cost.statements > 0 {
        match statements::alone(portal, &counted, seconds) {
            Ok(alone) => cost.alone = Some(alone),
            Err(why) => cost.not_alone = Some(why),
        }
    }
    Ok(cost)
}

/// Several connections at once, and what portal and server used meanwhile.
fn busy(
    portal: &Portal,
    asked: &Asked,
    (how, turn): ((Option<&'static str>, u16), u64),
    seconds: f64,
    limit: Option<u64>,
    cost: &mut Cost,
) -> Result<(), String> {
    let connections = asked.requests.len() as u64;
    let used = || (proc::seconds(portal.process), proc::seconds_with_children(portal.postmaster));
    let (before, began) = (used(), Instant::now());
    let stop = AtomicBool::new(false);
    let results: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0u64..)
            .zip(&asked.requests)
            .map(|(nth, request)| {
                let (stop, address) = (&stop, &portal.address);
                scope.spawn(move || {
                    // Only the first connection's form was sent before.
                    let mut turn = if nth == 0 { turn } else { 0 };
                    let is_over =
                        |count| stop.load(Ordering::Relaxed) || limit.is_some_and(|limit| count >= limit / connections);
                    asked_by_one(address, request.clone(), how, &is_over, &mut turn)
                })
            })
            .collect();
        while began.elapsed().as_secs_f64() < seconds && running.iter().any(|one| !one.is_finished()) {
            thread::sleep(Duration::from_millis(10));
        }
        stop.store(true, Ordering::Relaxed);
        running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("the client broke".into()))).collect()
    });
    let (took, after) = (began.elapsed().as_secs_f64(), used());
    let mut times = Vec::new();
    for result in results {
        times.extend(result?.0);
    }
    times.sort_by(f64::total_cmp);
    let count = times.len().max(1) as f64;
    cost.per_second = count / took;
    cost.p99_busy = quantile(&times, 0.99);
    cost.cpu_portal = (after.0 - before.0) * 1000.0 / count;
    cost.cpu_postgres = (after.1 - before.1) * 1000.0 / count;
    Ok(())
}
