//! Backups: one file with everything that the database holds, files that people uploaded among it, and what is needed to
//! know that it is whole.
//!
//! A backup is a tar archive of two entries, in this order:
//!
//! ```text
//! manifest.json    Manifest: format, versions, rows of each table, SHA-256 of the other entry
//! database.dump    pg_dump, custom format
//! ```
//!
//! The rows are counted in the very snapshot that is dumped, so a restore can say that nothing is missing. The secret
//! key is not in it: whoever has only the backup reads no credentials.

mod archive;
mod dump;
mod restore;
mod store;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub use dump::write;
pub use restore::{Restored, restore};

/// The format that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How the archive is laid out; grows when older versions cannot read it.
    pub format: u32,
    /// The version of Portico that wrote it.
    pub portico: String,
    /// When, by the clock of the machine that wrote it.
    pub at: DateTime<Utc>,
    /// The newest migration of the database.
    pub migration: String,
    /// Tells whether a secret key is the one of this portal, and nothing else about it.
    pub key: String,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// SHA-256 of the dump, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Rows in all.
    pub fn total(&self) -> i64 {
        self.rows.values().sum()
    }
}

/// What a manifest says of a key: a keyed digest of fixed words.
fn key_mark(key: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(b"portico backup: which key");
    hex(&mac.finalize().into_bytes()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
