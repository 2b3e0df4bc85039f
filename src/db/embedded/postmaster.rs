//! Whether the server named in `postmaster.pid` exists.
//!
//! A killed server leaves that file behind, and before starting again PostgreSQL only checks that
//! no process has the number in it. The number may since belong to another process (after a
//! reboot, or in a new container, where numbers begin again), or to a dead one that nobody has
//! collected (in a container without an init process); PostgreSQL then refuses to start, for ever.
//! So this looks closer and corrects the file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::account::Account;

/// A process number that no system gives out.
const NO_PROCESS: &str = "2147483646";

pub(super) struct Postmaster<'a> {
    pub(super) home: &'a Path,
    pub(super) socket: &'a Path,
    pub(super) account: &'a Account,
}

impl Postmaster<'_> {
    /// The process named in `postmaster.pid`, alive or not.
    pub(super) fn pid(&self) -> Option<u32> {
        first_number(&self.home.join("cluster/postmaster.pid"))
    }

    /// Whether this cluster's server exists, which does not mean that it accepts connections.
    pub(super) fn is_alive(&self) -> Result<bool> {
        let Some(pid) = self.pid() else {
            return Ok(false);
        };
        if !Path::new("/proc/self").exists() {
            return Ok(self.shell("kill -0 \"$1\"", &pid.to_string()).is_some());
        }
        let process = PathBuf::from(format!("/proc/{pid}"));
        let owner = fs::metadata(&process).map(|found| found.uid());
        let (Ok(owner), Ok(stat)) = (owner, fs::read_to_string(process.join("stat"))) else {
            return Ok(false);
        };
        if owner != self.account.uid {
            // PostgreSQL, too, sees that this cannot have been its server.
            return Ok(false);
        }
        if !is_zombie(&stat) {
            // The server works in its data folder. Where that cannot be seen, PostgreSQL decides.
            let works_in = self.shell("readlink \"$1\"/cwd", &process.to_string_lossy());
            let cluster = self.home.join("cluster");
            if works_in.is_none_or(|folder| Path::new(&folder) == cluster) {
                return Ok(true);
            }
        }
        self.disown(pid)?;
        Ok(false)
    }

    /// Replaces the process number of a server that is gone.
    fn disown(&self, pid: u32) -> Result<()> {
        let path = self.home.join("cluster/postmaster.pid");
        tracing::debug!("{}: process {pid} is not this server", path.display());
        // Only the number: the rest lets PostgreSQL see whether processes of the old server still
        // hold its shared memory, which it must not share with a new one.
        let text = fs::read_to_string(&path)?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        fs::write(&path, format!("{NO_PROCESS}\n{rest}"))?;
        // The socket's lock has the same number and the same weakness, but guards nothing else.
        let lock = self.socket.join(".s.PGSQL.5432.lock");
        if first_number(&lock) == Some(pid) {
            fs::remove_file(&lock)?;
        }
        Ok(())
    }

    /// What a line of shell prints about `$1`, if it succeeds. Run as the server's user: in a
    /// container even root may not look into another user's process.
    fn shell(&self, script: &str, argument: &str) -> Option<String> {
        let mut shell = self.account.command(Path::new("/bin/sh"));
        let output = shell.args(["-c", script, "sh", argument]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success().then(|| text.trim_end().to_owned())
    }
}

/// The process named in a lock file of PostgreSQL.
fn first_number(lock: &Path) -> Option<u32> {
    let text = fs::read_to_string(lock).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// The state is the first letter after the name, which is in parentheses and may hold anything.
fn is_zombie(stat: &str) -> bool {
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    matches!(state, Some('Z' | 'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_zombie_whatever_its_name() {
        assert!(is_zombie("41 (postgres) Z 1 41 41 0"));
        assert!(!is_zombie("41 (a) Z (b) S 1 41 41 0"));
    }
}
