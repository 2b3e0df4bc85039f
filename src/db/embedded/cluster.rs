//! One cluster and its server: make, start, ask, stop. Everything here expects that the caller
//! holds the turn (see `super`), except building a URL.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::account::Account;
use super::postmaster::Postmaster;
use super::settings::{self, Tuning};
use super::{binaries, home};

/// How long a server may take to accept connections. Recovery after a crash is part of it.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const LOG_LINES_SHOWN: usize = 12;
/// The log of earlier starts is set aside at this size.
const LOG_SIZE_KEPT: u64 = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Cluster {
    home: PathBuf,
    account: Account,
    bin: PathBuf,
    socket: PathBuf,
    tuning: Tuning,
}

impl Cluster {
    /// Finds the cluster that belongs to this data folder, or makes it.
    pub(super) fn open(data: &Path, postgres_bin: Option<&Path>, newest: PathBuf, tuning: Tuning) -> Result<Cluster> {
        let (home, account) = home::choose(data)?;
        let folder = home.join("cluster");
        let bin = match read_major(&folder)? {
            Some(major) => binaries::find_for_major(postgres_bin, major, &folder)?,
            None => newest,
        };
        let socket = home::socket_folder(&home, &account)?;
        let cluster = Cluster { home, account, bin, socket, tuning };
        if !folder.exists() {
            cluster.make()?;
        }
        Ok(cluster)
    }

    pub(super) fn url(&self, database: &str) -> String {
        let socket = percent_encode(self.socket.as_os_str().as_encoded_bytes());
        // The port names the socket's file. Said here, or PGPORT would change it.
        format!("postgresql://postgres@{socket}:5432/{}", percent_encode(database.as_bytes()))
    }

    /// Returns when the server accepts connections and has this database: at once if it is
    /// running already.
    pub(super) fn ensure_serving(&self, database: &str) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        let mut log_before = self.log_size();
        loop {
            // Asking comes first: in a shared folder, a server of another container answers
            // although none of its processes can be seen.
            let Err(mut problem) = self.check(database) else {
                return Ok(());
            };
            let late = Instant::now() > deadline;
            let mut hopeless = false;
            if !self.postmaster().is_alive()? {
                log_before = self.log_size();
                match self.launch() {
                    Ok(()) if !late => continue,
                    Ok(()) => {}
                    Err(error) => {
                        hopeless = !is_temporary(&self.log_since(log_before));
                        problem = error;
                    }
                }
            }
            if late || hopeless {
                let (home, log) = (self.home.display(), self.log_since(log_before));
                let what = format!("the private PostgreSQL in {home} does not start{}", tail(&log));
                return Err(problem.context(what));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether the server answers. Makes the database if it is missing.
    fn check(&self, database: &str) -> Result<()> {
        ensure!(self.postmaster().pid().is_some(), "the server has stopped again");
        let found = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
        if self.query(&found)?.is_empty() {
            self.query(&format!("CREATE DATABASE {database}"))?;
        }
        Ok(())
    }

    /// Stops the server in good order; sessions that are still open are ended.
    pub(super) fn stop(&self) -> Result<()> {
        if self.postmaster().is_alive()? {
            tracing::info!("stopping the private PostgreSQL in {}", self.home.display());
            let mut pg_ctl = self.program("pg_ctl");
            pg_ctl.args(["stop", "-s", "-D", "cluster", "-m", "fast", "-w", "-t", "60"]);
            run(&mut pg_ctl)?;
        }
        if !self.socket.starts_with(&self.home) {
            // One less leftover in /tmp. Not worth an error, and never more than the empty folder.
            let _ = fs::remove_dir(&self.socket);
        }
        Ok(())
    }

    /// Makes the cluster under another name first, so that an interrupted start leaves nothing
    /// that looks like a database.
    fn make(&self) -> Result<()> {
        tracing::info!("making a private PostgreSQL in {}", self.home.display());
        for entry in fs::read_dir(&self.home)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("unfinished-") {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let unfinished = format!("unfinished-{:08x}", rand::random::<u32>());
        let initdb = |locale: &str| {
            let mut initdb = self.program("initdb");
            initdb.args(["-D", &unfinished, "-U", "postgres", "--encoding=UTF8", locale]);
            // Whoever can enter the socket's folder is the server's own user (or root).
            initdb.args(["--auth-local=trust", "--auth-host=reject"]);
            if matches!(self.tuning, Tuning::Scratch) {
                initdb.arg("--no-sync");
            }
            run(&mut initdb)
        };
        // Not every system has this locale; the other one lacks only upper and lower case beyond
        // ASCII.
        if initdb("--locale=C.UTF-8").is_err() {
            initdb("--no-locale")?;
        }
        let made = self.home.join(&unfinished);
        let main = made.join("postgresql.conf");
        let mut text = fs::read_to_string(&main)?;
        text.push_str(settings::INCLUDE);
        fs::write(&main, text)?;
        fs::rename(&made, self.home.join("cluster")).context("cannot rename the finished cluster")
    }

    /// Starts the server and waits until it accepts connections.
    fn launch(&self) -> Result<()> {
        tracing::debug!("starting the private PostgreSQL in {}", self.home.display());
        // Again, because the socket's folder may have gone since `open`.
        home::make_private(&self.socket, &self.account)?;
        let file = self.home.join("cluster/portico.conf");
        fs::write(&file, settings::text(&self.socket, self.tuning))?;
        self.account.give(&file)?;
        if self.log_size() > LOG_SIZE_KEPT {
            fs::rename(self.log(), self.home.join("server.log.old"))?;
        }
        // pg_ctl gives the server a session of its own, away from our terminal, and the log as its
        // only output. What our own starter left open beyond that (a lock, a pipe somebody waits
        // on) is closed here, because the server may outlive us. Relative paths, because pg_ctl
        // hands them to a shell.
        let mut pg_ctl = self.program(Path::new("/bin/sh"));
        pg_ctl.args(["-c", "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$@\"", "sh"]);
        pg_ctl.arg(self.bin.join("pg_ctl"));
        pg_ctl.args(["start", "-s", "-D", "cluster", "-l", "server.log", "-w", "-t", "60"]);
        run(&mut pg_ctl).map(drop)
    }

    fn query(&self, sql: &str) -> Result<String> {
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-p", "5432", "-U", "postgres", "-d", "postgres", "-c", sql]);
        let output = run(psql.arg("-h").arg(&self.socket))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// A command in the home folder. A bare name is one of PostgreSQL's programs.
    fn program(&self, name: impl AsRef<Path>) -> Command {
        let mut command = self.account.command(&self.bin.join(name));
        command.current_dir(&self.home);
        command
    }

    fn postmaster(&self) -> Postmaster<'_> {
        Postmaster { home: &self.home, socket: &self.socket, account: &self.account }
    }

    fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    fn log_size(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |meta| meta.len())
    }

    /// What the server wrote after its log had this size; the last few screens of it.
    fn log_since(&self, size: u64) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(self.log())?;
            let length = file.metadata()?.len();
            // A smaller file is a new one.
            let from = if length < size { 0 } else { size };
            file.seek(SeekFrom::Start(from.max(length.saturating_sub(64 * 1024))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
    }
}

/// Whether PostgreSQL refused to start because of an old server that is about to be gone: after
/// `kill -9`, its remaining processes need a moment to notice.
fn is_temporary(log: &str) -> bool {
    log.contains("is still in use") || log.contains("already exists")
}

/// The end of a log, to be appended to an error message.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
    end.iter().fold(String::new(), |text, line| text + "\n    " + line)
}

fn read_major(folder: &Path) -> Result<Option<u32>> {
    let path = folder.join("PG_VERSION");
    if !folder.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let major = text.trim().split('.').next().and_then(|major| major.parse().ok());
    Ok(Some(major.with_context(|| format!("{} does not hold a version", path.display()))?))
}

/// Runs a program to its end. Its error is what it said itself.
fn run(command: &mut Command) -> Result<Output> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("cannot run {program}"))?;
    if output.status.success() {
        return Ok(output);
    }
    match String::from_utf8_lossy(&output.stderr).trim() {
        "" => bail!("{program} failed ({})", output.status),
        said => bail!("{said}"),
    }
}

fn percent_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_folder_becomes_the_host_of_a_url() {
        assert_eq!(percent_encode(b"/srv/my data/postgres/socket"), "%2Fsrv%2Fmy%20data%2Fpostgres%2Fsocket");
        assert_eq!(percent_encode("é".as_bytes()), "%C3%A9");
    }
}
