//! Finds PostgreSQL's server programs. Distributions keep them off the `PATH`, each in a place of
//! its own, and may have several major versions side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

const PROGRAMS: [&str; 4] = ["postgres", "initdb", "pg_ctl", "psql"];

/// Folders with one folder per version: parent, what the version's name begins with, and the
/// programs' folder within.
const VERSIONED: [(&str, &str, &str); 10] = [
    ("/usr/lib/postgresql", "", "bin"), // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),          // RPMs of postgresql.org
    ("/usr/lib", "postgresql", "bin"),  // openSUSE
    ("/usr/libexec", "postgresql", ""), // Alpine
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/usr/lib64", "pgsql", "bin"), // Fedora, compatibility packages
    ("/usr/local", "pgsql", "bin"), // built from source
];

const NOT_FOUND: &str = "PostgreSQL's server programs are not installed: \
     `apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora, RHEL), \
     `brew install postgresql@17` (macOS), or set PORTICO_POSTGRES_BIN to the folder they are in";

/// The folder holding `postgres`, `initdb`, `pg_ctl` and `psql`: the given one, or the first found
/// by `pg_config`, on the `PATH`, or where distributions put them, newest version first.
pub fn find_binaries(explicit: Option<&Path>) -> Result<PathBuf> {
    match explicit {
        Some(folder) => given(folder),
        None => candidates().next().context(NOT_FOUND),
    }
}

/// The programs for a cluster written by this major version: another one cannot read it. So a
/// system upgrade that adds a newer PostgreSQL beside the old one changes nothing for the portal.
pub(super) fn find_for_major(explicit: Option<&Path>, major: u32, cluster: &Path) -> Result<PathBuf> {
    let mut seen = Vec::new();
    let folders: Vec<PathBuf> = match explicit {
        Some(folder) => vec![given(folder)?],
        None => candidates().collect(),
    };
    for folder in folders {
        let found = major_of(&folder)?;
        if found == major {
            return Ok(folder);
        }
        let what = format!("{found} in {}", folder.display());
        if !seen.contains(&what) {
            seen.push(what);
        }
    }
    ensure!(!seen.is_empty(), NOT_FOUND);
    bail!(
        "the database in {} was made by PostgreSQL {major}, but here is only {}: install PostgreSQL \
         {major}, or set PORTICO_POSTGRES_BIN to its folder",
        cluster.display(),
        seen.join(", ")
    )
}

fn given(folder: &Path) -> Result<PathBuf> {
    if let Some(missing) = PROGRAMS.iter().find(|name| !folder.join(name).is_file()) {
        bail!("PORTICO_POSTGRES_BIN is {}, but there is no `{missing}` in it", folder.display());
    }
    // The programs are started from other folders than ours.
    fs::canonicalize(folder).with_context(|| format!("cannot look at {}", folder.display()))
}

/// Every folder that holds all the programs, best first.
fn candidates() -> impl Iterator<Item = PathBuf> {
    let configured = std::iter::once_with(|| {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let usual = VERSIONED.iter().flat_map(|(parent, prefix, within)| {
        newest_first(folder_names(Path::new(parent)), prefix)
            .into_iter()
            .map(move |name| Path::new(parent).join(name).join(within))
    });
    configured
        .flatten()
        .chain(on_path)
        .chain(usual)
        .filter(|folder| folder.is_absolute() && PROGRAMS.iter().all(|name| folder.join(name).is_file()))
}

fn folder_names(parent: &Path) -> Vec<String> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Those names that are `prefix` and a version, newest first; no version counts as the oldest.
fn newest_first(names: Vec<String>, prefix: &str) -> Vec<String> {
    let version = |name: &str| -> Option<u32> {
        match name.strip_prefix(prefix)?.trim_start_matches('@') {
            "" => Some(0),
            digits => digits.split('.').next()?.parse().ok(),
        }
    };
    let mut found: Vec<(u32, String)> = names.into_iter().filter_map(|name| Some((version(&name)?, name))).collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, name)| name).collect()
}

fn major_of(folder: &Path) -> Result<u32> {
    let program = folder.join("postgres");
    let output = Command::new(&program).arg("--version").output();
    let output = output.with_context(|| format!("cannot run {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse_major(&text).with_context(|| format!("{} --version says: {}", program.display(), text.trim()))
}

/// `postgres (PostgreSQL) 15.20 (Debian …)` is 15, `postgres (PostgreSQL) 19beta1` is 19.
fn parse_major(version_line: &str) -> Option<u32> {
    let number = version_line.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(parse_major("mysqld 8\n"), None);
    }

    #[test]
    fn prefers_the_newest_version_as_a_number() {
        let names = |list: &[&str]| list.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(newest_first(names(&["9.6", "17", "15"]), ""), ["17", "15", "9.6"]);
        assert_eq!(
            newest_first(names(&["postgresql", "postgresql@9", "postgresql@17", "postgis@3"]), "postgresql"),
            ["postgresql@17", "postgresql@9", "postgresql"]
        );
        assert_eq!(newest_first(names(&["pgsql-16", "pgsql-16-old", "bin"]), "pgsql-"), ["pgsql-16"]);
    }

    #[test]
    fn a_given_folder_without_the_programs_is_named() {
        let said = find_binaries(Some(Path::new("/"))).map_err(|error| error.to_string());
        let expected = "PORTICO_POSTGRES_BIN is /, but there is no `postgres` in it";
        assert_eq!(said, Err(expected.to_owned()));
    }
}
