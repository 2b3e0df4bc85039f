//! The user the server programs run as.
//!
//! PostgreSQL refuses to run as root. An ordinary user runs the server itself; root runs it as
//! whoever owns the cluster, and a new cluster goes to the system's PostgreSQL user. Everything a
//! server program is told about the environment is decided in [`Account::command`].

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result};

/// What packages call the user of the PostgreSQL server, on Linux and on the BSDs.
const SERVER_USERS: [&str; 3] = ["postgres", "_postgresql", "_postgres"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    gid: u32,
    /// Whether this process is root and runs programs in the name of another user.
    switches: bool,
}

impl Account {
    /// The account of a new cluster for this data folder: for root, the owner of the folder if
    /// it is somebody else, so that `sudo portico …` does not lock them out.
    pub(super) fn for_new_cluster(data: &Path) -> Result<Account> {
        if !is_root() {
            return Ok(Account { uid: own_uid(), gid: 0, switches: false });
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let owner = look_at(data)?.uid();
        // PostgreSQL insists on a name for its user; the owner of a container's volume has none.
        let owner = find_user(&passwd, |_, uid| uid != 0 && uid == owner);
        let server = || SERVER_USERS.iter().find_map(|name| find_user(&passwd, |found, _| found == *name));
        let (uid, gid) = owner.or_else(server).context(
            "PostgreSQL does not run as root and this machine has no user 'postgres': \
             run Portico as an ordinary user, or add that user",
        )?;
        Ok(Account { uid, gid, switches: true })
    }

    /// The account an existing cluster belongs to. Root cannot have made it, so root's own files
    /// are those of a restored copy, and count as new.
    pub(super) fn of_cluster(home: &Path, data: &Path) -> Result<Account> {
        let owner = look_at(home)?;
        if !is_root() || owner.uid() == 0 {
            return Account::for_new_cluster(data);
        }
        Ok(Account { uid: owner.uid(), gid: owner.gid(), switches: true })
    }

    /// A command that runs as this account, apart from our terminal and our environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // PGPORT, PGHOST and their like would send the tools elsewhere, and the portal's secrets
        // have no business in the environment of a server that outlives it.
        command.env_clear();
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("LC_ALL", "C").env("PGCONNECT_TIMEOUT", "5");
        command.stdin(Stdio::null()).current_dir("/");
        // Ctrl-C is for the portal, which then stops the server in good order.
        command.process_group(0);
        if self.switches {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Hands a file or folder over to this account.
    pub(super) fn give(&self, path: &Path) -> Result<()> {
        if self.switches {
            chown(path, Some(self.uid), Some(self.gid))
                .with_context(|| format!("cannot give {} to user {}", path.display(), self.uid))?;
        }
        Ok(())
    }

    /// Hands a folder over with all it contains.
    pub(super) fn give_all(&self, path: &Path) -> Result<()> {
        self.give(path)?;
        if fs::symlink_metadata(path)?.is_dir() {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if entry.file_type()?.is_symlink() {
                    continue;
                }
                self.give_all(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether this account owns the folder and can get at it through all its parents. Asks the
    /// system by trying, since modes alone do not tell (access lists, mount options).
    pub(super) fn can_use(&self, folder: &Path) -> bool {
        let owned = fs::metadata(folder).is_ok_and(|meta| meta.uid() == self.uid);
        owned
            && self
                .command(Path::new("/bin/sh"))
                .args(["-c", "cd -- \"$1\" && [ -w . ]", "sh"])
                .arg(folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
    }
}

pub(super) fn is_root() -> bool {
    own_uid() == 0
}

/// The user this process acts as.
fn own_uid() -> u32 {
    static UID: OnceLock<u32> = OnceLock::new();
    *UID.get_or_init(|| {
        fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| effective_uid(&status))
            .or_else(|| {
                let output = Command::new("id").arg("-u").output().ok()?;
                String::from_utf8(output.stdout).ok()?.trim().parse().ok()
            })
            // Not root as far as anyone can tell; PostgreSQL checks again itself.
            .unwrap_or(u32::MAX)
    })
}

/// The second number of `Uid: <real> <effective> <saved> <file system>`.
fn effective_uid(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// User and group number of the first user in the text of `/etc/passwd` that is `wanted`.
fn find_user(passwd: &str, wanted: impl Fn(&str, u32) -> bool) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password) = (fields.next()?, fields.next()?);
        let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        wanted(name, uid).then_some((uid, gid))
    })
}

fn look_at(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_effective_user_of_a_status_file() {
        let status = "Name:\tportico\nUmask:\t0022\nUid:\t1000\t0\t1000\t1000\nGid:\t5\t5\t5\t5\n";
        assert_eq!(effective_uid(status), Some(0));
        assert_eq!(effective_uid("Name:\tportico\n"), None);
    }

    #[test]
    fn finds_a_user_by_name_or_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:7:8::/:\npostgres:x:104:111:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(find_user(passwd, |name, _| name == "postgres"), Some((104, 111)));
        assert_eq!(find_user(passwd, |_, uid| uid == 7), Some((7, 8)));
        assert_eq!(find_user(passwd, |name, _| name == "nobody"), None);
    }
}
