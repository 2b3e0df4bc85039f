//! Writing a backup.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};

use super::{FORMAT, Manifest, archive, key_mark, store};
use crate::db::embedded::find_binaries;
use crate::db::{migrations, plain_connection};

/// A program of PostgreSQL's, told which database. The password goes by the environment: others see what a program is
/// started with.
///
/// # Errors
/// For an address that has its password elsewhere than before the host, where it would be seen.
pub(super) fn tool(name: &str, bin: Option<&Path>, url: &str) -> anyhow::Result<Command> {
    let folder = find_binaries(bin).ok().filter(|folder| folder.join(name).is_file());
    let mut command = Command::new(folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name)));
    let mut address = url.to_owned();
    if let Ok(mut parsed) = url::Url::parse(url)
        && let Some(password) = parsed.password().map(str::to_owned)
        && parsed.set_password(None).is_ok()
    {
        let plain = percent_decoded(&password);
        command.env("PGPASSWORD", plain);
        address = parsed.to_string();
    }
    if address.contains("password") {
        bail!(
            "write the password into database.url as postgresql://USER:PASSWORD@HOST/DATABASE, or keep it in a password file"
        );
    }
    command.arg("--dbname").arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Ok(command)
}

fn percent_decoded(text: &str) -> String {
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Runs it to its end.
pub(super) fn run(mut command: Command, what: &str) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| {
        format!("{name} cannot be started: install PostgreSQL's client programs, or set PORTICO_POSTGRES_BIN")
    })?;
    if !output.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The same name with more behind it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Writes a backup of a database that may be in use meanwhile.
///
/// # Errors
/// When the file is there already, cannot be written, or the dump fails; then nothing is left behind.
pub fn write(url: &str, bin: Option<&Path>, key: &[u8], path: &Path, at: DateTime<Utc>) -> anyhow::Result<Manifest> {
    if path.exists() {
        bail!("{} is there already: choose another name", path.display());
    }
    let (dump, part) = (beside(path, ".dump"), beside(path, ".part"));
    let written = packed(url, bin, key, (&dump, &part), at);
    fs::remove_file(&dump).ok();
    if written.is_err() {
        fs::remove_file(&part).ok();
    }
    let manifest = written?;
    fs::rename(&part, path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(manifest)
}

fn packed(
    url: &str,
    bin: Option<&Path>,
    key: &[u8],
    (dump, part): (&Path, &Path),
    at: DateTime<Utc>,
) -> anyhow::Result<Manifest> {
    // Made by us before pg_dump writes into it, so that nobody else can read it.
    drop(archive::private(dump)?);
    let mut conn = plain_connection(url)?;
    let migration = migrations::status(&mut conn)?.applied.into_iter().max().context("the database is empty")?;
    let snapshot = store::begin_snapshot(&mut conn)?;
    let rows = store::rows(&mut conn)?;
    let mut command = tool("pg_dump", bin, url)?;
    command.args(["--format=custom", "--no-owner", "--snapshot", &snapshot, "--file"]).arg(dump);
    run(command, "the database could not be dumped")?;
    // The snapshot lasts as long as its transaction.
    drop(conn);
    let sha256 = archive::digest(File::open(dump)?)?;
    let portico = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: FORMAT, portico, at, migration, key: key_mark(key), rows, sha256 };
    archive::pack(part, &manifest, dump)?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t41_no_password_is_among_the_words_of_a_command() {
        let command = tool("pg_dump", None, "postgresql://ana:s%40cret+1@db.example/portico?sslmode=require").unwrap();
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words, ["--dbname", "postgresql://ana@db.example/portico?sslmode=require"]);
        let given: Vec<_> =
            command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?))).collect();
        assert_eq!(given, [("PGPASSWORD", "s@cret+1")]);
        for seen in ["host=db.example password=secret", "postgresql://ana@db.example/portico?password=secret"] {
            assert!(tool("pg_dump", None, seen).unwrap_err().to_string().contains("database.url"), "{seen}");
        }
    }
}
