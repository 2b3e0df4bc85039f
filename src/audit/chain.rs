//! Lines as bytes, and their hashes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How lines are written as bytes now. What was chained keeps the version it was chained with.
pub const VERSION: i16 = 1;

/// A hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What stands before the first line.
    pub const NONE: Hash = Hash([0; 32]);

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// One of the database; none when it has another length.
    pub fn read(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Hash {
    type Err = String;

    fn from_str(text: &str) -> Result<Hash, String> {
        let wrong = || "a hash has 64 hexadecimal digits".to_owned();
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Hash(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A place in the chain and its hash, as `SEQ:HASH`: kept elsewhere, it vouches for every line before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Head {
    /// The place; 0 before the first line.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The head of a chain without lines.
    pub const EMPTY: Head = Head { seq: 0, hash: Hash::NONE };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Head, String> {
        let wrong =
            || "write it as `portico audit head` prints it: a number, a colon, 64 hexadecimal digits".to_owned();
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or_else(wrong)?;
        Ok(Head { seq, hash: hash.parse().map_err(|_| wrong())? })
    }
}

/// Everything that a line says: each column but the one that Postgres makes of the event.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Content<'a> {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub program_id: Option<Uuid>,
    pub partner_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub actor_name: &'a str,
    pub actor_role: &'a str,
    pub on_behalf: bool,
    pub hosts_only: bool,
    pub kind: &'a str,
    pub event: &'a Value,
    pub changes: &'a Value,
    pub request_id: &'a str,
    pub address: &'a str,
}

impl Content<'_> {
    /// The line as bytes. Each value is led by its length, so that no two lines have the same; nothing is a length of
    /// its own. Objects of JSON are sorted by their keys: Postgres keeps them in another order.
    pub fn bytes(&self) -> Vec<u8> {
        let mut into = Vec::with_capacity(512);
        into.push(VERSION.to_be_bytes()[1]);
        put(&mut into, self.id.as_bytes());
        put(&mut into, &self.at.timestamp_micros().to_be_bytes());
        for id in [self.program_id, self.partner_id, self.actor_id] {
            match id {
                Some(id) => put(&mut into, id.as_bytes()),
                None => into.extend(u32::MAX.to_be_bytes()),
            }
        }
        put(&mut into, self.actor_name.as_bytes());
        put(&mut into, self.actor_role.as_bytes());
        put(&mut into, &[u8::from(self.on_behalf), u8::from(self.hosts_only)]);
        put(&mut into, self.kind.as_bytes());
        for value in [self.event, self.changes] {
            let mut text = String::with_capacity(256);
            json(value, &mut text);
            put(&mut into, text.as_bytes());
        }
        put(&mut into, self.request_id.as_bytes());
        put(&mut into, self.address.as_bytes());
        into
    }

    /// Its hash after another's, written as that version does; none for a version that this Portico does not know.
    pub fn after(&self, previous: &Hash, version: i16) -> Option<Hash> {
        (version == VERSION).then(|| {
            let mut hasher = Sha256::new();
            hasher.update(previous.0);
            hasher.update(self.bytes());
            Hash(hasher.finalize().into())
        })
    }
}

fn put(into: &mut Vec<u8>, value: &[u8]) {
    into.extend(u32::try_from(value.len()).unwrap_or(u32::MAX - 1).to_be_bytes());
    into.extend(value);
}

fn json(value: &Value, into: &mut String) {
    match value {
        Value::Array(values) => {
            into.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                json(value, into);
            }
            into.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            into.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                into.push_str(&Value::from(key.as_str()).to_string());
                into.push(':');
                json(value, into);
            }
            into.push('}');
        }
        plain => into.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(event: &'a Value, name: &'a str, role: &'a str) -> Content<'a> {
        Content {
            id: Uuid::from_u128(7),
            at: "2026-11-20T09:42:00.123456Z".parse().unwrap(),
            program_id: Some(Uuid::from_u128(8)),
            partner_id: None,
            actor_id: None,
            actor_name: name,
            actor_role: role,
            on_behalf: true,
            hosts_only: false,
            kind: "PartnerCreated",
            event,
            changes: &Value::Null,
            request_id: "r",
            address: "127.0.0.1",
        }
    }

    #[test]
    fn t60_the_bytes_of_a_line_are_these_for_good() {
        // Whoever changes this breaks every chain there is: make a new version instead, and keep this one.
        let event: Value =
            serde_json::from_str(r#"{"kind":"PartnerCreated","b":{"z":1,"a":[true,null,"é\""]}}"#).unwrap();
        let hash = line(&event, "Ana", "Hosting admin").after(&Hash::NONE, VERSION).unwrap();
        assert_eq!(hash.to_string(), "d3536f79963077fae17832560fbb658f97f555de49341345b5446feadb7dc3aa");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!(line(&event, "Ana", "Hosting admin").after(&Hash::NONE, VERSION + 1).is_none());
    }

    #[test]
    fn t60_no_two_lines_have_the_same_bytes() {
        let event = serde_json::json!({ "a": 1, "b": 2 });
        let turned: Value = serde_json::from_str(r#"{ "b": 2, "a": 1 }"#).unwrap();
        assert_eq!(line(&event, "ab", "c").bytes(), line(&turned, "ab", "c").bytes());
        assert_ne!(line(&event, "ab", "c").bytes(), line(&event, "a", "bc").bytes());
        let other = Content { partner_id: Some(Uuid::nil()), ..line(&event, "ab", "c") };
        assert_ne!(line(&event, "ab", "c").bytes(), other.bytes());
        let other = Content { hosts_only: true, on_behalf: false, ..line(&event, "ab", "c") };
        assert_ne!(line(&event, "ab", "c").bytes(), other.bytes());
    }

    #[test]
    fn heads_are_read_as_they_are_written() {
        let head = Head { seq: 12, hash: Hash([0xab; 32]) };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "12", "12:", "0:ab", "x:ab", &head.to_string()[1..40], "-1:00"] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }
}
