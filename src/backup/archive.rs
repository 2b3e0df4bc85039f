//! The archive around a dump.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::{FORMAT, Manifest, hex};

const MANIFEST: &str = "manifest.json";
const DUMP: &str = "database.dump";

/// The longest manifest that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// A new file that only its owner can read.
pub(super) fn private(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made (is it there already?)", path.display()))
}

/// SHA-256 of what is left to read.
pub(super) fn digest(mut from: impl Read) -> std::io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}

/// Puts a manifest and its dump into a new archive.
pub(super) fn pack(path: &Path, manifest: &Manifest, dump: &Path) -> anyhow::Result<()> {
    let mut archive = tar::Builder::new(private(path)?);
    let text = serde_json::to_vec_pretty(manifest)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(manifest.at.timestamp()).unwrap_or_default());
    archive.append_data(&mut header, MANIFEST, text.as_slice())?;
    archive.append_path_with_name(dump, DUMP)?;
    let mut file = archive.into_inner()?;
    file.flush()?;
    file.sync_all()?;
    Ok(())
}

/// Takes the dump out of an archive, and refuses what is not whole.
///
/// # Errors
/// For another kind of file, a newer format, or a dump that is not the one the manifest tells of.
pub(super) fn unpack(path: &Path, dump: &Path) -> anyhow::Result<Manifest> {
    let not_one = || format!("{} is not a backup of Portico, or not whole", path.display());
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut archive = tar::Archive::new(file);
    let mut entries = archive.entries().with_context(not_one)?;
    let mut next = |name: &str| {
        let entry = entries.next().with_context(not_one)?.with_context(not_one)?;
        if entry.path().with_context(not_one)?.as_ref() != Path::new(name) {
            bail!(not_one());
        }
        Ok(entry)
    };
    let mut text = String::new();
    next(MANIFEST)?.take(LONGEST).read_to_string(&mut text).with_context(not_one)?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(not_one)?;
    if manifest.format > FORMAT {
        bail!("{} was written by a newer Portico ({}): restore it with that version", path.display(), manifest.portico);
    }
    std::io::copy(&mut next(DUMP)?, &mut private(dump)?).with_context(not_one)?;
    if digest(File::open(dump)?)? != manifest.sha256 {
        bail!("{} is damaged: its dump is not the one that its manifest tells of", path.display());
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(dump: &[u8]) -> Manifest {
        Manifest {
            format: FORMAT,
            portico: "0.1.0".into(),
            at: chrono::DateTime::UNIX_EPOCH,
            migration: "20261121000100".into(),
            key: "ab".into(),
            rows: [("users".to_owned(), 3)].into(),
            sha256: digest(dump).unwrap(),
        }
    }

    #[test]
    fn t72_what_is_not_whole_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("dump"), b"all of it").unwrap();
        pack(&at("good"), &manifest(b"all of it"), &at("dump")).unwrap();
        assert_eq!(unpack(&at("good"), &at("out")).unwrap(), manifest(b"all of it"));
        assert_eq!(std::fs::read(at("out")).unwrap(), b"all of it");

        pack(&at("other"), &manifest(b"all of that"), &at("dump")).unwrap();
        assert!(unpack(&at("other"), &at("out2")).unwrap_err().to_string().contains("is damaged"));
        let newer = Manifest { format: FORMAT + 1, ..manifest(b"all of it") };
        pack(&at("newer"), &newer, &at("dump")).unwrap();
        assert!(unpack(&at("newer"), &at("out3")).unwrap_err().to_string().contains("newer Portico"));
        let whole = std::fs::read(at("good")).unwrap();
        for cut in [0, 100, 700, 1540] {
            std::fs::write(at("cut"), &whole[..cut]).unwrap();
            let why = unpack(&at("cut"), &at(&format!("out-{cut}"))).unwrap_err().to_string();
            assert!(why.contains("not a backup") || why.contains("is damaged"), "{cut}: {why}");
        }
        std::fs::write(at("text"), "no archive at all").unwrap();
        assert!(unpack(&at("text"), &at("out4")).is_err());
        assert!(pack(&at("good"), &manifest(b""), &at("dump")).is_err(), "a file that is there stays");
    }
}
