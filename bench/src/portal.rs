//! A portal of the release build on a PostgreSQL of its own, with a demo of some size.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "a bench of ten pages";

/// The key of all instances: they share a database, and sessions.
const KEY: &str = "7c1f0c3b5a7966e2d4c1b0a99f8e7d6c5b4a39281706f5e4d3c2b1a0918273645546372819aabbccddeeff0011223366";

/// Where it is, and what it is made of.
pub struct Portal {
    pub address: String,
    pub folder: PathBuf,
    pub process: u32,
    pub postmaster: u32,
    child: Child,
}

type Result<T> = std::result::Result<T, String>;

fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env("PORTICO_DATA", folder).env("PORTICO_LOG__LEVEL", "warn").env("PORTICO_SECRET_KEY", KEY);
    command.stdin(Stdio::null());
    command
}

/// Fills a folder with the demo, unless it is there. Returns how long that took.
pub fn fill(binary: &Path, folder: &Path, size: &str) -> Result<Option<Duration>> {
    let whole = folder.join("bench-filled");
    if whole.exists() {
        return Ok(None);
    }
    let began = Instant::now();
    let status = command(binary, folder)
        .args(["demo", "--size", size, "--seed", "1", "--password", PASSWORD])
        .stdout(Stdio::null())
        .status()
        .map_err(|cause| format!("{}: {cause}", binary.display()))?;
    if !status.success() {
        return Err(format!("the demo of size {size} could not be loaded into {}", folder.display()));
    }
    fs::write(whole, "").map_err(|cause| cause.to_string())?;
    Ok(Some(began.elapsed()))
}

/// Starts to serve: the process, its address, and how long it took until it listened.
fn served(mut command: Command, log: &Path) -> Result<(Child, String, Duration)> {
    let began = Instant::now();
    let file = fs::File::create(log).map_err(|cause| cause.to_string())?;
    // Its own address has to be known beforehand: forms from elsewhere are refused.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).map_err(|cause| cause.to_string())?.port();
    let mut child = command
        .arg("serve")
        .env("PORTICO_HTTP__PORT", port.to_string())
        .env("PORTICO_HTTP__BASE_URL", format!("http://127.0.0.1:{port}"))
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()
        .map_err(|cause| format!("the portal: {cause}"))?;
    let out = child.stdout.take().ok_or("no output")?;
    let line = BufReader::new(out).lines().next().and_then(|line| line.ok()).unwrap_or_default();
    let address = line.trim_start_matches("Portico is at http://").trim_end_matches('/').to_owned();
    if !address.contains(':') {
        child.kill().ok();
        child.wait().ok();
        return Err(format!("the portal did not start; see {}", log.display()));
    }
    Ok((child, address, began.elapsed()))
}

impl Portal {
    /// Starts it with a PostgreSQL of its own. Returns how long it took until it listened.
    pub fn start(binary: &Path, folder: &Path) -> Result<(Portal, Duration)> {
        let (child, address, took) = served(command(binary, folder), &folder.join("bench.log"))?;
        let pid =
            fs::read_to_string(folder.join("postgres/cluster/postmaster.pid")).map_err(|cause| cause.to_string())?;
        let postmaster = pid.lines().next().and_then(|line| line.trim().parse().ok()).ok_or("no postmaster")?;
        Ok((Portal { address, folder: folder.to_owned(), process: child.id(), postmaster, child }, took))
    }

    /// Another instance on the same PostgreSQL. Returns how long it took until it listened.
    pub fn beside(&self, binary: &Path) -> Result<(Portal, Duration)> {
        let folder = self.folder.join("beside");
        fs::create_dir_all(&folder).map_err(|cause| cause.to_string())?;
        let socket = self.socket().display().to_string().replace('%', "%25").replace('/', "%2F").replace(' ', "%20");
        let mut command = command(binary, &folder);
        command.env("PORTICO_DATABASE__URL", format!("postgresql://postgres@{socket}:5432/portico"));
        let (child, address, took) = served(command, &folder.join("bench.log"))?;
        let other =
            Portal { address, folder: self.folder.clone(), process: child.id(), postmaster: self.postmaster, child };
        Ok((other, took))
    }

    /// Where the server's socket is.
    pub fn socket(&self) -> PathBuf {
        let elsewhere = fs::read_to_string(self.folder.join("postgres-is-at")).ok();
        let home = elsewhere.map_or_else(|| self.folder.join("postgres"), |path| PathBuf::from(path.trim()));
        home.join("socket")
    }

    /// Where it writes its log.
    pub fn server_log(&self) -> PathBuf {
        self.socket().with_file_name("server.log")
    }

    /// A program of PostgreSQL's, told which database.
    pub fn tool(&self, name: &str) -> Command {
        let newest =
            fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path()).max();
        let found = newest.map(|path| path.join("bin").join(name)).filter(|path| path.exists());
        let mut command = Command::new(found.unwrap_or_else(|| name.into()));
        command.arg("-h").arg(self.socket()).args(["-U", "postgres"]);
        command
    }

    /// One value, or lines of them.
    pub fn query(&self, text: &str) -> Result<String> {
        let output = self
            .tool("psql")
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text, "portico"])
            .output()
            .map_err(|cause| format!("psql: {cause}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(format!("{text}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Stops it as an operator would.
    pub fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.process.to_string()]).status().ok();
        self.child.wait().ok();
    }
}
