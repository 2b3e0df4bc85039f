//! The program itself, as it is started; and what the kernel says of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::http::Client;

/// The key of all instances of a run: they share a database.
const KEY: &str = "6b1f0c3b5a7966e2d4c1b0a99f8e7d6c5b4a39281706f5e4d3c2b1a0918273645546372819aabbccddeeff0011223355";

pub struct Portal {
    pub address: String,
    pub process: u32,
    pub log: PathBuf,
    /// Until it answered a first request.
    pub started: Duration,
    child: Child,
    /// Kept open: it may have more to say.
    _out: BufReader<ChildStdout>,
}

/// The program with nothing of this machine's configuration.
pub fn command(binary: &Path, folder: &Path, url: &str) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("PORTICO_DATA", folder).env("PORTICO_SECRET_KEY", KEY).env("PORTICO_DATABASE__URL", url);
    command.env("PORTICO_HTTP__PORT", "0").env("PORTICO_LOG__FORMAT", "json").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

impl Portal {
    pub fn start(command: &mut Command, log: &Path) -> Result<Portal, String> {
        Portal::start_with(command, &["serve"], log)
    }

    pub fn start_with(command: &mut Command, words: &[&str], log: &Path) -> Result<Portal, String> {
        let began = Instant::now();
        let file = fs::File::options().create(true).append(true).open(log).map_err(|cause| cause.to_string())?;
        let mut child = command.args(words).stderr(file).spawn().map_err(|cause| format!("portico: {cause}"))?;
        let mut out = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        out.read_line(&mut line).ok();
        let address = line.trim().trim_start_matches("Portico is at http://").trim_end_matches('/').to_owned();
        if !address.contains(':') {
            child.kill().ok();
            child.wait().ok();
            let said = fs::read_to_string(log).unwrap_or_default();
            return Err(format!("the portal did not start: {}", said.lines().last().unwrap_or_default()));
        }
        let mut portal =
            Portal { address, process: child.id(), log: log.to_owned(), started: Duration::ZERO, child, _out: out };
        let client = Client::new(&portal.address);
        while !client.get("/healthz").is_ok_and(|answer| answer.status == 200) {
            if began.elapsed() > Duration::from_secs(90) || !portal.is_alive() {
                return Err("the portal started and does not answer".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        portal.started = began.elapsed();
        // Each of its workers takes a moment to begin, and they take turns.
        for _ in 0..6 {
            client.get("/healthz").ok();
        }
        Ok(portal)
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// Told to stop: how it ended and after how long; none when it did not within a minute.
    pub fn stop(mut self) -> Option<(ExitStatus, Duration)> {
        let began = Instant::now();
        signal(self.process, "TERM");
        while began.elapsed() < Duration::from_secs(60) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some((status, began.elapsed()));
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Megabytes that it holds.
    pub fn memory(&self) -> f64 {
        kilobytes(self.process, "VmRSS:") / 1024.0
    }

    /// Megabytes that it held at the most since the last [`Portal::forget_peak`].
    pub fn peak(&self) -> f64 {
        kilobytes(self.process, "VmHWM:") / 1024.0
    }

    pub fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.process), "5").ok();
    }

    /// Open files, sockets among them.
    pub fn files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.process)).map_or(0, Iterator::count)
    }

    /// Lines of its log that tell of a defect.
    pub fn defects(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let bad = |line: &&str| {
            // What clients send is no defect, nor is a database that is away.
            let is_error = line.contains("\"level\":\"ERROR\"") && line.contains("\"target\":\"portico");
            line.contains("panic") || is_error && !line.contains("the database is away")
        };
        log.lines().filter(bad).map(str::to_owned).collect()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn kilobytes(process: u32, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

pub fn signal(process: u32, name: &str) {
    Command::new("kill").args([&format!("-{name}"), &process.to_string()]).stderr(Stdio::null()).status().ok();
}
