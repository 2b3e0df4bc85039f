//! A PostgreSQL of this run, reached over TCP so that a proxy can stand in between, and killed at will.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What packages call the user of the server: PostgreSQL does not run as root.
const SERVER_USERS: [&str; 3] = ["postgres", "_postgresql", "_postgres"];

pub struct Postgres {
    pub sql: Sql,
    folder: PathBuf,
    child: Option<Child>,
}

/// A way to ask the server, from whatever thread.
#[derive(Clone)]
pub struct Sql {
    programs: PathBuf,
    account: Option<(u32, u32)>,
    pub port: u16,
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn account() -> Result<Option<(u32, u32)>, String> {
    if !is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(|cause| cause.to_string())?;
    let found = SERVER_USERS.iter().find_map(|name| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut words = line.split(':').skip(2).map(str::parse);
        Some((words.next()?.ok()?, words.next()?.ok()?))
    });
    found.map(Some).ok_or("PostgreSQL does not run as root, and there is no user 'postgres'".into())
}

fn programs() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("PORTICO_POSTGRES_BIN") {
        return Ok(folder.into());
    }
    let version = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        installed.map(|entry| entry.path().join("bin")).filter(|path| path.join("initdb").exists()).max_by_key(version);
    let in_path = || {
        let all = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&all).find(|path| path.join("initdb").exists())
    };
    newest.or_else(in_path).ok_or("no PostgreSQL: set PORTICO_POSTGRES_BIN to the folder of initdb".into())
}

/// A port that was free just now.
pub fn free_port() -> u16 {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound.map_or(0, |address| address.port())
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn make(folder: &Path) -> Result<Postgres, String> {
        let mut server = Postgres {
            sql: Sql { programs: programs()?, account: account()?, port: free_port() },
            folder: folder.to_owned(),
            child: None,
        };
        if !folder.exists() {
            fs::DirBuilder::new()
                .mode(0o700)
                .create(folder)
                .map_err(|cause| format!("{}: {cause}", folder.display()))?;
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).ok();
        if let Some((user, group)) = server.sql.account {
            chown(folder, Some(user), Some(group)).map_err(|cause| cause.to_string())?;
        }
        let made = server
            .sql
            .program("initdb")
            .arg("-D")
            .arg(server.cluster())
            .args(["-U", "portico", "-A", "trust", "-E", "UTF8", "--locale", "C", "--wal-segsize", "1", "-N"])
            .output()
            .map_err(|cause| format!("initdb: {cause}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        server.start()?;
        Ok(server)
    }

    fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// Starts it, as often as it takes: backends of a killed one keep its memory for a moment.
    pub fn start(&mut self) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(40) {
            let log = fs::File::options().create(true).append(true).open(self.folder.join("server.log"));
            let child = self
                .sql
                .program("postgres")
                .arg("-D")
                .arg(self.cluster())
                .args([
                    "-p",
                    &self.sql.port.to_string(),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=",
                ])
                // What a process wrote outlives it without being forced to the disk: only power loss would not be survived.
                .args(["-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "jit=off"])
                .args(["-c", "max_wal_size=64MB", "-c", "min_wal_size=4MB"])
                .stdout(Stdio::null())
                .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from))
                .spawn()
                .map_err(|cause| format!("postgres: {cause}"))?;
            let child = self.child.insert(child);
            loop {
                if child.try_wait().ok().flatten().is_some() {
                    break;
                }
                if began.elapsed() > Duration::from_secs(40) {
                    return Err("PostgreSQL does not answer".into());
                }
                let said = Command::new(self.sql.programs.join("pg_isready"))
                    .args(["-q", "-h", "127.0.0.1", "-p", &self.sql.port.to_string()])
                    .status();
                if said.is_ok_and(|status| status.success()) {
                    return Ok(());
                }
                thread::sleep(Duration::from_millis(50));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(format!("PostgreSQL did not start; see {}", self.folder.join("server.log").display()))
    }

    /// Whether it is a running process.
    pub fn is_up(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().is_ok_and(|ended| ended.is_none()))
    }

    /// `kill -9` of the postmaster, all of a sudden.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Stops it, cutting the connections in good order.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            crate::portal::signal(child.id(), "INT");
            let began = Instant::now();
            while child.try_wait().ok().flatten().is_none() && began.elapsed() < Duration::from_secs(10) {
                thread::sleep(Duration::from_millis(20));
            }
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Sql {
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
        command.stdin(Stdio::null()).current_dir("/");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// `psql`, told which database.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = self.program("psql");
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.args(["-U", "portico", "-d", database]);
        command
    }

    /// One value, or lines of them.
    pub fn query(&self, database: &str, text: &str) -> Result<String, String> {
        let output = self.psql(database).args(["-c", text]).output().map_err(|cause| format!("psql: {cause}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(format!("{text}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }

    pub fn count(&self, database: &str, text: &str) -> Result<i64, String> {
        let said = self.query(database, text)?;
        said.parse().map_err(|_| format!("{text}: {said}"))
    }
}

pub fn url(port: u16, database: &str) -> String {
    format!("postgres://portico@127.0.0.1:{port}/{database}")
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}
