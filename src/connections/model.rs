//! What a connection is. No SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::activity::FieldChange;
use crate::db::ids::{ConnectionId, PartnerId, UserId};
use crate::db::schema::connections;
use crate::values::{Choice, Name, choice};

choice! {
    /// What is at the other end.
    Kind {
        /// A file server by SSH.
        Sftp = "sftp" / "SFTP",
        /// A file server by FTP under TLS.
        Ftps = "ftps" / "FTPS",
        /// An endpoint for requests.
        Https = "https" / "HTTPS endpoint",
        /// A bucket of an S3-compatible store.
        S3 = "s3" / "S3-compatible bucket",
    }
}

impl Kind {
    /// For who chooses one.
    pub fn hint(self) -> &'static str {
        match self {
            Kind::Sftp => "A folder on a file server, reached by SSH.",
            Kind::Ftps => "A folder on an older file server, encrypted by TLS.",
            Kind::Https => "An address that takes or gives data by request.",
            Kind::S3 => "A bucket at Amazon S3, or at a store that speaks like it.",
        }
    }

    /// The ports that are its own.
    pub fn ports(self) -> &'static [u16] {
        match self {
            Kind::Sftp => &[22],
            Kind::Ftps => &[21, 990],
            Kind::Https | Kind::S3 => &[443],
        }
    }

    /// The port that is meant when none is named.
    pub fn usual_port(self) -> u16 {
        match self {
            Kind::Sftp => 22,
            Kind::Ftps => 21,
            Kind::Https | Kind::S3 => 443,
        }
    }

    /// How one can sign in there.
    pub fn auths(self) -> &'static [Auth] {
        match self {
            Kind::Sftp => &[Auth::Password, Auth::Key],
            Kind::Ftps => &[Auth::Password],
            Kind::Https => &[Auth::Bearer, Auth::Basic, Auth::None],
            Kind::S3 => &[Auth::AccessKey],
        }
    }

    /// Whether it is a file server.
    pub fn is_files(self) -> bool {
        matches!(self, Kind::Sftp | Kind::Ftps)
    }
}

choice! {
    /// Which way data goes.
    Direction {
        /// Portico fetches.
        In = "in" / "In: Portico fetches",
        /// Portico sends.
        Out = "out" / "Out: Portico sends",
        /// Both ways.
        Both = "both" / "Both ways",
    }
}

impl Direction {
    /// The word in lists.
    pub fn short(self) -> &'static str {
        match self {
            Direction::In => "In",
            Direction::Out => "Out",
            Direction::Both => "Both ways",
        }
    }
}

choice! {
    /// How the portal signs in at the other end.
    Auth {
        /// Not at all.
        None = "none" / "No credentials",
        /// User name and password.
        Password = "password" / "Password",
        /// User name and private key.
        Key = "key" / "Private key",
        /// A token in the `Authorization` header.
        Bearer = "bearer" / "Bearer token",
        /// User name and password in the `Authorization` header.
        Basic = "basic" / "User name and password",
        /// Access key and its secret.
        AccessKey = "access-key" / "Access key",
    }
}

impl Auth {
    /// What its secret is called.
    pub fn secret_label(self) -> &'static str {
        match self {
            Auth::None | Auth::Password | Auth::Basic => "Password",
            Auth::Key => "Private key",
            Auth::Bearer => "Token",
            Auth::AccessKey => "Secret key",
        }
    }

    /// Whether it names somebody.
    pub fn has_username(self) -> bool {
        !matches!(self, Auth::None | Auth::Bearer)
    }
}

choice! {
    /// How the last test ended.
    TestState {
        /// What is stored now was never tested.
        Untested = "untested" / "Not tested",
        /// The other end answered as it should.
        Reached = "reached" / "Reached",
        /// It did not.
        Failed = "failed" / "Failed",
    }
}

impl TestState {
    /// Class and icon.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            TestState::Untested => ("", "circle-dashed"),
            TestState::Reached => ("good", "circle-check"),
            TestState::Failed => ("bad", "alert-triangle"),
        }
    }
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the other end answered as it should.
    pub state: TestState,
    /// A sentence for the page; nothing that the other end sent.
    pub words: String,
}

impl Outcome {
    /// It answered as it should.
    pub fn reached(words: impl Into<String>) -> Outcome {
        Outcome { state: TestState::Reached, words: words.into() }
    }

    /// It did not.
    pub fn failed(words: impl Into<String>) -> Outcome {
        Outcome { state: TestState::Failed, words: words.into() }
    }
}

/// A stored connection, without its credentials.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = connections)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Connection {
    pub id: ConnectionId,
    pub partner_id: PartnerId,
    pub name: Name,
    pub sort_name: String,
    pub kind: Kind,
    pub direction: Direction,
    pub host: String,
    pub port: i32,
    pub path: String,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
    pub auth: Auth,
    pub username: String,
    pub host_key: String,
    pub test_state: TestState,
    pub test_words: String,
    pub tested_at: Option<DateTime<Utc>>,
    pub tested_by_name: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<UserId>,
    pub updated_by_name: String,
}

/// What can be edited, but for the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Facts {
    pub name: Name,
    pub kind: Kind,
    pub direction: Direction,
    pub host: String,
    pub port: u16,
    pub path: String,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
    pub auth: Auth,
    pub username: String,
    pub host_key: String,
}

impl Facts {
    /// Where it leads, in one line.
    pub fn place(&self) -> String {
        let port = if self.port == self.kind.usual_port() { String::new() } else { format!(":{}", self.port) };
        let slash = if self.path.is_empty() || self.path.starts_with('/') { "" } else { "/" };
        match self.kind {
            Kind::S3 => format!("{}/{} at {}{port}", self.bucket, self.prefix, self.host),
            kind => format!("{}://{}{port}{slash}{}", kind.key(), self.host, self.path),
        }
    }

    /// The address of an endpoint or a store.
    pub fn url(&self) -> String {
        let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
        format!("https://{}{port}{}", self.host, self.path)
    }

    /// Whether credentials would be sent to somebody else than before.
    pub fn leads_elsewhere(&self, other: &Facts) -> bool {
        (&self.host, self.port, self.auth) != (&other.host, other.port, other.auth)
    }

    /// Whether a test of one says nothing of the other.
    pub fn is_other_target(&self, other: &Facts) -> bool {
        let named = |facts: &Facts| Facts { name: self.name.clone(), direction: self.direction, ..facts.clone() };
        named(self) != named(other)
    }

    /// Fields that differ, by their labels.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Direction", self.direction.short(), after.direction.short()),
            FieldChange::of("Host", &self.host, &after.host),
            FieldChange::of("Port", self.port, after.port),
            FieldChange::of(if self.kind == Kind::Https { "Path" } else { "Folder" }, &self.path, &after.path),
            FieldChange::of("Region", &self.region, &after.region),
            FieldChange::of("Bucket", &self.bucket, &after.bucket),
            FieldChange::of("Prefix", &self.prefix, &after.prefix),
            FieldChange::of("Sign-in", self.auth.label(), after.auth.label()),
            FieldChange::of(
                if self.kind == Kind::S3 { "Access key" } else { "User name" },
                &self.username,
                &after.username,
            ),
            FieldChange::of("Host key", &self.host_key, &after.host_key),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Connection {
    /// What can be edited of it.
    pub fn facts(&self) -> Facts {
        Facts {
            name: self.name.clone(),
            kind: self.kind,
            direction: self.direction,
            host: self.host.clone(),
            port: u16::try_from(self.port).unwrap_or_default(),
            path: self.path.clone(),
            region: self.region.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            auth: self.auth,
            username: self.username.clone(),
            host_key: self.host_key.clone(),
        }
    }
}

/// Something that a connection cannot be removed under, such as an integration.
#[derive(Clone, Debug)]
pub struct Use {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub address: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(kind: Kind) -> Facts {
        Facts {
            name: Name::parse("Settlement").unwrap(),
            kind,
            direction: Direction::In,
            host: "files.kestrel.example".into(),
            port: kind.usual_port(),
            path: "/in".into(),
            region: String::new(),
            bucket: "miles".into(),
            prefix: "daily/".into(),
            auth: Auth::Password,
            username: "u".into(),
            host_key: String::new(),
        }
    }

    #[test]
    fn places_are_one_line() {
        assert_eq!(facts(Kind::Sftp).place(), "sftp://files.kestrel.example/in");
        assert_eq!(
            Facts { port: 2222, path: "in".into(), ..facts(Kind::Sftp) }.place(),
            "sftp://files.kestrel.example:2222/in"
        );
        assert_eq!(facts(Kind::S3).place(), "miles/daily/ at files.kestrel.example");
        assert_eq!(facts(Kind::Https).url(), "https://files.kestrel.example/in");
    }

    #[test]
    fn another_host_is_elsewhere_and_another_name_is_not() {
        let stored = facts(Kind::Https);
        assert!(Facts { host: "evil.example".into(), ..stored.clone() }.leads_elsewhere(&stored));
        assert!(Facts { port: 8443, ..stored.clone() }.leads_elsewhere(&stored));
        let renamed = Facts { name: Name::parse("Other").unwrap(), direction: Direction::Both, ..stored.clone() };
        assert!(!renamed.leads_elsewhere(&stored) && !renamed.is_other_target(&stored));
        assert!(Facts { path: "/out".into(), ..stored.clone() }.is_other_target(&stored));
        assert_eq!(renamed.changes(&stored).len(), 2);
        for kind in Kind::ALL {
            assert!(!kind.auths().is_empty() && kind.ports().contains(&kind.usual_port()));
        }
    }
}
