//! Chooses the folders of the cluster and its socket.
//!
//! Normally both are inside the portal's data folder. Two things can forbid that: the server's
//! user may not be able to reach it (root's own `/root/…`), and its path may be too long for a
//! Unix socket. In both cases the other place is written down beside the data, because the next
//! start must find the same database again.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::account::{Account, is_root};

/// Where clusters go that their user could not reach in the portal's data folder.
const ELSEWHERE: &str = "/var/lib/portico";

/// The longest path of a Unix socket that every system takes (Linux 107, macOS 103).
const SOCKET_PATH_LIMIT: usize = 103;
const SOCKET_FILE: &str = "/.s.PGSQL.5432";

/// The folder that holds `cluster/`, and the account it belongs to. Made when missing.
pub(super) fn choose(data: &Path) -> Result<(PathBuf, Account)> {
    let pointer = data.join("postgres-is-at");
    let inside = data.join("postgres");
    match fs::read_to_string(&pointer) {
        Ok(path) => {
            let home = PathBuf::from(path.trim());
            claim(&home, data)?;
            return reopen(home, data);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", pointer.display()));
        }
    }
    if inside.join("cluster").exists() {
        return reopen(inside, data);
    }
    let account = Account::for_new_cluster(data)?;
    match make_private(&inside, &account) {
        Ok(()) if account.can_use(&inside) => return Ok((inside, account)),
        // Only root has another user to make room for.
        Err(error) if !is_root() => return Err(error),
        _ => {}
    }
    // Never empty of anything but itself: `remove_dir` refuses otherwise.
    let _ = fs::remove_dir(&inside);
    let home = make_elsewhere(data, &account)?;
    note(&pointer, &home)?;
    claim(&home, data)?;
    tracing::info!("the PostgreSQL user cannot reach {}: the database is in {}", data.display(), home.display());
    Ok((home, account))
}

/// Notes which data folder a cluster elsewhere belongs to. Refuses when that is another one: the
/// note in a copied data folder leads to the original's database, and two would share it unawares.
fn claim(home: &Path, data: &Path) -> Result<()> {
    let owner = home.join("data-is-at");
    let known = fs::read_to_string(&owner).map(|path| PathBuf::from(path.trim())).unwrap_or_default();
    ensure!(
        known.as_os_str().is_empty() || known == data || !known.join("postgres-is-at").exists(),
        "{} is a copy of {}, whose database is not in it but in {}: for an empty database, delete the copy's postgres-is-at",
        data.display(),
        known.display(),
        home.display()
    );
    // Missing only if the whole cluster is, which `reopen` reports.
    if known != data && home.is_dir() { note(&owner, data) } else { Ok(()) }
}

fn note(file: &Path, folder: &Path) -> Result<()> {
    fs::write(file, format!("{}\n", folder.display())).with_context(|| format!("cannot write {}", file.display()))
}

/// Opens the folder of an existing cluster.
fn reopen(home: PathBuf, data: &Path) -> Result<(PathBuf, Account)> {
    ensure!(home.is_dir(), "the database of {} should be in {}, which is missing", data.display(), home.display());
    let account = Account::of_cluster(&home, data)?;
    if is_root() && fs::metadata(&home)?.uid() == 0 {
        account.give_all(&home)?;
    }
    ensure!(
        account.can_use(&home),
        "the database in {} cannot be reached by user {}: it belongs to another user, or a folder above is closed",
        home.display(),
        account.uid
    );
    // Copies tend to come back open, and PostgreSQL insists.
    for folder in [home.clone(), home.join("cluster"), home.join("socket")] {
        if fs::metadata(&folder).is_ok_and(|found| found.mode() & 0o077 != 0) {
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
                .with_context(|| format!("cannot close {} to others", folder.display()))?;
        }
    }
    Ok((home, account))
}

/// Makes a folder named after the data folder's path. A folder that is there already belonged to
/// data since deleted; somebody who begins again must not find it, nor lose it.
fn make_elsewhere(data: &Path, account: &Account) -> Result<PathBuf> {
    let root = Path::new(ELSEWHERE);
    let cannot = || {
        format!(
            "user {} can reach neither {} nor {ELSEWHERE}: set PORTICO_DATA to a folder it can reach",
            account.uid,
            data.display()
        )
    };
    if !root.exists() {
        fs::create_dir_all(root).with_context(cannot)?;
        fs::set_permissions(root, fs::Permissions::from_mode(0o711)).with_context(cannot)?;
    }
    let name = short_hash(data);
    for number in 1..1000 {
        let home = match number {
            1 => root.join(&name),
            _ => root.join(format!("{name}-{number}")),
        };
        if home.exists() {
            tracing::info!("{} holds an earlier database of {}", home.display(), data.display());
            continue;
        }
        make_private(&home, account).with_context(cannot)?;
        ensure!(account.can_use(&home), cannot());
        return Ok(home);
    }
    bail!("{ELSEWHERE} is full of earlier databases of {}", data.display())
}

/// The folder of the socket: within `home` if the path is short enough, otherwise one in `/tmp`
/// with a name nobody can guess and take first. The name is kept, so that a portal whose server
/// was restarted by another process finds it again.
pub(super) fn socket_folder(home: &Path, account: &Account) -> Result<PathBuf> {
    let inside = home.join("socket");
    if inside.as_os_str().len() + SOCKET_FILE.len() <= SOCKET_PATH_LIMIT {
        make_private(&inside, account)?;
        return Ok(inside);
    }
    let kept = home.join("socket-is-at");
    if let Ok(path) = fs::read_to_string(&kept) {
        let folder = PathBuf::from(path.trim());
        // Somebody else may have taken the name since the system cleaned /tmp.
        if make_private(&folder, account).is_ok() {
            return Ok(folder);
        }
    }
    let folder = PathBuf::from(format!("/tmp/portico-{:016x}", rand::random::<u64>()));
    make_private(&folder, account)?;
    note(&kept, &folder)?;
    Ok(folder)
}

/// Makes a folder only this account may enter, or accepts one that is already so.
pub(super) fn make_private(folder: &Path, account: &Account) -> Result<()> {
    let cannot = || format!("cannot make {}", folder.display());
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        other => {
            other.with_context(cannot)?;
            account.give(folder).with_context(cannot)?;
        }
    }
    let found = fs::symlink_metadata(folder).with_context(cannot)?;
    ensure!(
        found.is_dir() && found.uid() == account.uid && found.mode() & 0o077 == 0,
        "{} is not a private folder of user {}",
        folder.display(),
        account.uid
    );
    Ok(())
}

/// FNV-1a: the same in every version of Portico, unlike the standard library's hashes.
fn short_hash(path: &Path) -> String {
    let hash =
        path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{:012x}", hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_elsewhere_never_change() {
        assert_eq!(short_hash(Path::new("/root/portico")), short_hash(Path::new("/root/portico")));
        assert_ne!(short_hash(Path::new("/root/portico")), short_hash(Path::new("/root/portic0")));
        assert_eq!(short_hash(Path::new("a")), "af63dc4c8601");
    }
}
