//! Measures what each kind of page costs, on data of several sizes. Started by `bin/bench`, which builds the portal.

mod alike;
mod client;
mod crowd;
mod goals;
mod measure;
mod pages;
mod portal;
mod proc;
mod report;
mod statements;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use client::{Client, Request};
use crowd::Whole;
use measure::{Cost, Heads};
use pages::{PAGES, WORDS, Who};
use portal::{PASSWORD, Portal};
use report::{Run, Size};

/// Requests of one token in the window of its limit.
const OF_A_TOKEN: u64 = 500;

struct Options {
    binary: PathBuf,
    folder: PathBuf,
    sizes: Vec<String>,
    seconds: f64,
    connections: usize,
    only: Option<String>,
    save: PathBuf,
    compare: Option<PathBuf>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        binary: "target/release/portico".into(),
        folder: "target/bench".into(),
        sizes: vec!["small".into(), "medium".into()],
        seconds: 2.0,
        connections: 8,
        only: None,
        save: "target/bench/run.json".into(),
        compare: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--binary" => options.binary = value()?.into(),
            "--folder" => options.folder = value()?.into(),
            "--sizes" => options.sizes = value()?.split(',').map(str::to_owned).collect(),
            "--seconds" => options.seconds = value()?.parse().map_err(|_| "--seconds wants a number")?,
            "--connections" => options.connections = value()?.parse().map_err(|_| "--connections wants a number")?,
            "--only" => options.only = Some(value()?),
            "--save" => options.save = value()?.into(),
            "--compare" => options.compare = Some(value()?.into()),
            _ => return Err(format!("no such option: {word}; see bin/bench")),
        }
    }
    Ok(options)
}

/// Words in braces, replaced by what stands for them.
fn filled(portal: &Portal, text: &str, nth: usize) -> Result<String, String> {
    let mut text = text.replace("{nth}", &nth.to_string()).replace("{password}", &PASSWORD.replace(' ', "+"));
    for (word, query) in WORDS {
        let mark = format!("{{{word}}}");
        if text.contains(&mark) {
            let value = portal.query(&query.replace("{nth}", &nth.to_string()))?;
            if value.is_empty() {
                return Err(format!("nothing stands for {mark}"));
            }
            text = text.replace(&mark, &value);
        }
    }
    Ok(text)
}

fn sign_in(portal: &Portal) -> Result<Heads, String> {
    let mut heads = vec![(Who::Nobody, String::new())];
    for (who, email) in Who::PEOPLE {
        let form = format!("email={}&password={}&next=/", filled(portal, email, 0)?, PASSWORD.replace(' ', "+"));
        let request = Request {
            method: "POST",
            path: "/sign-in".into(),
            head: "Content-Type: application/x-www-form-urlencoded\r\n".into(),
            body: form.into_bytes(),
            compressed: false,
        };
        let answer = Client::new(&portal.address).send(&request).map_err(|cause| cause.to_string())?;
        if answer.status != 303 {
            return Err(format!("{who:?} could not sign in: {}", answer.status));
        }
        heads.push((who, format!("Cookie: {}\r\n", answer.cookies())));
    }
    Ok(heads)
}

/// A token, as somebody makes one at an address.
fn token(portal: &Portal, heads: &Heads, by: Who, path: &str, scopes: &[&str]) -> Result<String, String> {
    let head = heads.iter().find(|(who, _)| *who == by).map(|(_, head)| head.clone()).unwrap_or_default();
    let until = portal.query("SELECT (now() + interval '30 days')::date")?;
    let scopes: String = scopes.iter().map(|scope| format!("&scope={}", scope.replace(':', "%3A"))).collect();
    let request = Request {
        method: "POST",
        path: path.into(),
        head: format!("{head}Content-Type: application/x-www-form-urlencoded\r\n"),
        body: format!("name=Bench+{}&until={until}{scopes}", std::process::id()).into_bytes(),
        compressed: false,
    };
    let answer = Client::new(&portal.address).send(&request).map_err(|cause| cause.to_string())?;
    let text = answer.text();
    let at = text.find("portico_").ok_or(format!("no token: {}", answer.status))?;
    let token: String =
        text[at..].chars().take_while(|one| one.is_ascii_alphanumeric() || *one == '_' || *one == '-').collect();
    Ok(format!("Authorization: Bearer {token}\r\n"))
}

fn measured(options: &Options, size: &str) -> Result<Size, String> {
    let folder = options.folder.join(size);
    std::fs::create_dir_all(&options.folder).map_err(|cause| cause.to_string())?;
    let filled_in = portal::fill(&options.binary, &folder, size)?;
    let (portal, started) = Portal::start(&options.binary, &folder)?;
    let result = all_pages(options, size, &portal);
    let memory = proc::memory(portal.process);
    portal.stop();
    let (before, costs, whole) = result?;
    Ok(Size {
        size: size.to_owned(),
        filled: filled_in.map(|took| took.as_secs_f64()),
        started: started.as_secs_f64(),
        memory: [before, memory.0, memory.1],
        costs,
        whole,
    })
}

/// The portal as a whole.
fn whole(options: &Options, portal: &Portal, heads: &Heads) -> Result<Whole, String> {
    let head = |of: Who| heads.iter().find(|(who, _)| *who == of).map(|(_, head)| head.as_str()).unwrap_or_default();
    let partner = filled(portal, "{partner}", 0)?;
    let mut whole = crowd::whole(portal, &options.binary, head(Who::Host), &partner, options.seconds);
    match alike::all(portal, head(Who::Whale), &filled(portal, "{whale-admin}", 0)?, &partner) {
        Ok(alike) => whole.alike = alike,
        Err(why) => whole.failed = whole.failed.or(Some(why)),
    }
    Ok(whole)
}

/// Memory before any page, what each page costs, and the portal as a whole.
type All = (f64, Vec<Cost>, Option<Whole>);

fn all_pages(options: &Options, size: &str, portal: &Portal) -> Result<All, String> {
    let before = proc::memory(portal.process).0;
    let mut heads = sign_in(portal)?;
    for (who, by, path, scopes) in pages::TOKENS {
        match token(portal, &heads, *by, path, scopes) {
            Ok(head) => heads.push((*who, head)),
            Err(why) => eprintln!("no token for the API from {path}: {why}"),
        }
    }
    let is_wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut costs = Vec::new();
    for page in PAGES.iter().filter(|page| is_wanted(page.name)) {
        eprintln!("{size}: {}", page.name);
        let word = |text: &str, nth: usize| filled(portal, text, nth);
        let limit = matches!(page.who, Who::Token | Who::Storefront).then_some(OF_A_TOKEN);
        if limit.is_some() {
            portal.query("TRUNCATE attempts").ok();
        }
        let cost = measure::asked(page, options.connections, &heads, &portal.address, &word)
            .and_then(|asked| measure::page(portal, page.name, asked, options.seconds, limit));
        costs.push(cost.unwrap_or_else(|why| Cost { page: page.name.into(), failed: Some(why), ..Cost::default() }));
    }
    let whole = match is_wanted("whole") {
        true => {
            eprintln!("{size}: the portal as a whole");
            Some(whole(options, portal, &heads)?)
        }
        false => None,
    };
    Ok((before, costs, whole))
}

fn run() -> Result<(), String> {
    let options = options()?;
    let before = options.compare.as_deref().map(Run::read).transpose()?;
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get());
    let mut run = Run { connections: options.connections, seconds: options.seconds, cores, sizes: Vec::new() };
    for size in &options.sizes {
        run.sizes.push(measured(&options, size)?);
        run.write(Path::new(&options.save))?;
    }
    println!("{}", run.table());
    if let Some(before) = before {
        println!("{}", run.compared(&before));
    }
    println!("Written to {}", options.save.display());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}
