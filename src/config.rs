//! Configuration: the only reader of the environment. Flags win over the environment, the environment over
//! `portico.toml`, the file over defaults. Unknown keys are errors, and no secret has a default.

mod mail;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::access::session::Lifetimes;
use crate::db::PoolLimits;
use crate::web::outbound::Network;

pub use mail::{Mail, MailTransport, Smtp, SmtpTls};

/// Everything that can be set, as `portico config show` prints it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder for what the portal keeps itself: its own Postgres, letters, the secret key.
    pub data: PathBuf,
    /// Folder of `postgres`, `initdb` and `pg_ctl`, when they are not found by themselves.
    pub postgres_bin: Option<PathBuf>,
    /// Key for cookies and links: at least 64 hexadecimal digits. Made by itself beside the embedded Postgres.
    #[serde(default, deserialize_with = "unshown")]
    pub secret_key: Option<SecretString>,
    /// Keys of before: what they encrypted can still be read, until `portico keys rotate` encrypted it anew.
    #[serde(default, deserialize_with = "unshown_list")]
    pub old_secret_keys: Vec<SecretString>,
    /// Whom to tell about a weakness: a `mailto:` or `https:` address.
    pub security_contact: String,
    /// The database.
    pub database: Database,
    /// The web server.
    pub http: Http,
    /// Sessions.
    pub session: Session,
    /// Links in letters.
    pub links: Links,
    /// Logs.
    pub log: Log,
    /// Mail.
    pub mail: Mail,
    /// Connections of partners.
    pub connections: Connections,
    /// Figures for a monitoring system.
    #[serde(default)]
    pub metrics: Metrics,
}

/// `[metrics]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Where `/metrics` is served, as `127.0.0.1:9464`; unset, nowhere. Never on the portal's own port: the figures
    /// are for who runs it.
    pub address: Option<SocketAddr>,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Address of a Postgres 15 or newer (also `DATABASE_URL`); unset, Portico runs one of its own.
    pub url: Option<SecretString>,
    /// Connections at the most.
    pub pool_size: u32,
    /// Seconds a request waits for a connection.
    pub wait_seconds: u64,
    /// Seconds one statement may run.
    pub statement_seconds: u64,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address to listen on.
    pub address: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// How people reach the portal; every link is made from it. Unset: the listening address.
    pub base_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Threads that answer requests.
    pub workers: usize,
}

impl Http {
    /// The base address, without a slash at its end.
    pub fn base(&self) -> String {
        match &self.base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}:{}", self.address, self.port),
        }
    }

    /// The base address as browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        url::Url::parse(&self.base()).map_or_else(|_| self.base(), |url| url.origin().ascii_serialization())
    }

    /// Whether people reach the portal by https.
    pub fn is_https(&self) -> bool {
        self.base().starts_with("https://")
    }
}

/// `[session]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: i64,
    /// Hours after sign-in at which a session ends.
    pub absolute_hours: i64,
    /// Whether system administrators must have a second factor; for other roles each program decides.
    pub system_second_factor: bool,
}

/// `[links]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Minutes for which an invitation, and a reset that an administrator started, can be used (S0-26).
    pub invitation_minutes: i64,
    /// Minutes for which the link to choose a new password, or to confirm a new address, can be used.
    pub reset_minutes: i64,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// What is logged, as `info` or `portico=debug,info`.
    pub level: String,
}

/// See [`Log::format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// `[connections]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connections {
    /// Networks inside which connections may lead though they are not of the open internet, as `10.20.0.0/16`.
    pub allow_private: Vec<Network>,
    /// A PEM file of certificate authorities that are trusted beside the public ones.
    pub trusted_certificates: Option<PathBuf>,
}

/// Defaults, in the form of the file.
const DEFAULTS: &str = r#"
data = "var"
security_contact = "mailto:security@portico.example"
[database]
pool_size = 8
wait_seconds = 2
statement_seconds = 5
[http]
address = "127.0.0.1"
port = 8080
trusted_proxies = []
workers = 2
[session]
idle_minutes = 60
absolute_hours = 12
system_second_factor = false
[links]
invitation_minutes = 120
reset_minutes = 60
[log]
format = "pretty"
level = "info"
[mail]
from = "Portico <portico@localhost.localdomain>"
poll_seconds = 5
transport = "file"
[mail.smtp]
tls = "starttls"
timeout_seconds = 10
[connections]
allow_private = []
"#;

/// Keys whose values are never printed.
const SECRETS: [&str; 4] = ["secret_key", "old_secret_keys", "database.url", SMTP_PASSWORD];

const SMTP_PASSWORD: &str = "mail.smtp.password";

/// Variables that name a file with a secret in it.
const SECRET_FILES: [&str; 3] =
    ["PORTICO_SECRET_KEY_FILE", "PORTICO_DATABASE__URL_FILE", "PORTICO_MAIL__SMTP__PASSWORD_FILE"];

/// Settings given on the command line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    /// `--config`
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// `--data`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
}

fn sources(flags: &Flags) -> Figment {
    let file = flags.file.clone().or_else(|| std::env::var_os("PORTICO_CONFIG").map(PathBuf::from));
    let toml = match file {
        Some(path) => Toml::file_exact(path),
        None => Toml::file("portico.toml"),
    };
    // PORTICO_BIN and PORTICO_BASE belong to the browser tests.
    let env = Env::prefixed("PORTICO_")
        .ignore(&["config", "bin", "base"])
        .filter(|key| {
            let variable = format!("PORTICO_{}", key.as_str().to_ascii_uppercase());
            !SECRET_FILES.contains(&variable.as_str()) && variable != Verbatim::VARIABLE
        })
        .split("__");
    Figment::new()
        .merge(Toml::string(DEFAULTS))
        .merge(toml)
        .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()).split("."))
        .merge(env)
        .merge(Verbatim)
        .merge(Serialized::defaults(flags.clone()))
}

/// The mail server's password as it stands in the environment: one of digits or in brackets is text all the same.
struct Verbatim;

impl Verbatim {
    const VARIABLE: &'static str = "PORTICO_MAIL__SMTP__PASSWORD";
}

impl figment::Provider for Verbatim {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named("environment variable")
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, figment::value::Dict>, figment::Error> {
        match std::env::var(Verbatim::VARIABLE) {
            Ok(password) => Serialized::default(SMTP_PASSWORD, password).data(),
            Err(_) => Ok(figment::value::Map::new()),
        }
    }
}

impl Config {
    /// Reads every source.
    ///
    /// # Errors
    /// With one line that names the key and where it comes from.
    pub fn load(flags: &Flags) -> anyhow::Result<Config> {
        let mut config: Config = sources(flags).extract().map_err(|error| anyhow::anyhow!("configuration: {error}"))?;
        if config.secret_key.is_none() {
            config.secret_key = secret_file("PORTICO_SECRET_KEY_FILE")?;
        }
        if config.database.url.is_none() {
            config.database.url = secret_file("PORTICO_DATABASE__URL_FILE")?;
        }
        if config.mail.smtp.password.is_none() {
            config.mail.smtp.password = secret_file("PORTICO_MAIL__SMTP__PASSWORD_FILE")?;
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let base = url::Url::parse(&self.http.base())
            .context("http.base_url is not an address like https://portal.example")?;
        let loopback = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && loopback) {
            bail!(
                "http.base_url must begin with https:// (plain http is for 127.0.0.1 and localhost only): passwords would cross the network readable"
            );
        }
        if base.path() != "/" {
            bail!("http.base_url must have no path: Portico lives at the root of its host");
        }
        if let Some(key) = &self.secret_key {
            key_bytes(key)?;
        }
        self.old_keys().context("old_secret_keys")?;
        if self.mail.from.parse::<lettre::message::Mailbox>().is_err() {
            bail!("mail.from is not a sender like Portico <portico@portal.example>");
        }
        self.mail.smtp.check(self.mail.transport == MailTransport::Smtp)?;
        let least = [
            ("database.pool_size", i64::from(self.database.pool_size)),
            ("http.workers", i64::try_from(self.http.workers).unwrap_or(i64::MAX)),
            ("session.idle_minutes", self.session.idle_minutes),
            ("session.absolute_hours", self.session.absolute_hours),
            ("links.invitation_minutes", self.links.invitation_minutes),
            ("links.reset_minutes", self.links.reset_minutes),
        ];
        if let Some((name, _)) = least.iter().find(|(_, value)| !(1..=1_000_000).contains(value)) {
            bail!("{name} must be at least 1, and at most 1000000");
        }
        Ok(())
    }

    /// Lifetimes of sessions.
    pub fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            idle_minutes: self.session.idle_minutes,
            absolute_hours: self.session.absolute_hours,
            system_second_factor: self.session.system_second_factor,
        }
    }

    /// Limits of the pool.
    pub fn pool_limits(&self) -> PoolLimits {
        PoolLimits {
            size: self.database.pool_size,
            wait_seconds: self.database.wait_seconds,
            statement_seconds: self.database.statement_seconds,
        }
    }

    /// The key's bytes.
    ///
    /// # Errors
    /// With the command that makes a key, when there is none.
    pub fn key(&self) -> anyhow::Result<Vec<u8>> {
        match &self.secret_key {
            Some(key) => key_bytes(key),
            None => bail!("PORTICO_SECRET_KEY is not set. Make one with: openssl rand -hex 64"),
        }
    }
}

impl Config {
    /// The bytes of the keys of before.
    ///
    /// # Errors
    /// When one of them is no key.
    pub fn old_keys(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        self.old_secret_keys.iter().map(key_bytes).collect()
    }
}

const NO_KEY: &str = "PORTICO_SECRET_KEY must be at least 64 hexadecimal digits. Make one with: openssl rand -hex 64";

/// A secret that looks like a number would be shown in the error about it.
fn unshown<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let value = <figment::value::Value as Deserialize>::deserialize(from)?;
    let text = value.into_string().ok_or_else(|| <D::Error as serde::de::Error>::custom(NO_KEY))?;
    Ok(Some(text.into()))
}

/// The same for a list; in the environment, `["…", "…"]`.
fn unshown_list<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<SecretString>, D::Error> {
    let wrong = || <D::Error as serde::de::Error>::custom("old_secret_keys must be a list of keys in quotes");
    let value = <figment::value::Value as Deserialize>::deserialize(from)?;
    let list = value.into_array().ok_or_else(wrong)?;
    list.into_iter().map(|one| one.into_string().map(Into::into).ok_or_else(wrong)).collect()
}

fn key_bytes(key: &SecretString) -> anyhow::Result<Vec<u8>> {
    let text = key.expose_secret().trim();
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let bytes = bytes.filter(|bytes| bytes.len() >= 32);
    let Some(bytes) = bytes else {
        bail!(NO_KEY);
    };
    if bytes.iter().collect::<std::collections::BTreeSet<_>>().len() < 8 {
        bail!("PORTICO_SECRET_KEY is a pattern, not a key. Make one with: openssl rand -hex 64");
    }
    Ok(bytes)
}

fn secret_file(variable: &str) -> anyhow::Result<Option<SecretString>> {
    let Some(path) = std::env::var_os(variable) else { return Ok(None) };
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{variable}: {} cannot be read", path.display()))?;
    Ok(Some(text.trim().to_owned().into()))
}

/// Every setting with its value and source, secrets hidden: lines for `portico config show`.
///
/// # Errors
/// As [`Config::load`].
pub fn shown(flags: &Flags) -> anyhow::Result<Vec<(String, String, String)>> {
    Config::load(flags)?;
    let figment = sources(flags);
    let mut lines = Vec::new();
    let all: figment::value::Dict = figment.extract().context("configuration")?;
    flatten("", &figment::value::Value::from(all), &mut lines);
    Ok(lines
        .into_iter()
        .map(|(key, value)| {
            let source = figment.find_metadata(&key).map_or_else(|| "default".to_owned(), described);
            let value = if SECRETS.contains(&key.as_str()) { "(hidden)".to_owned() } else { value };
            (key, value, source)
        })
        .collect())
}

/// Files that hold secrets: those that variables name, and the configuration file when secrets stand in it.
///
/// # Errors
/// As [`Config::load`].
pub fn secret_files(flags: &Flags) -> anyhow::Result<Vec<PathBuf>> {
    let named = SECRET_FILES.iter().filter_map(|variable| std::env::var_os(variable).map(PathBuf::from));
    let shown = shown(flags)?;
    let hidden =
        shown.into_iter().filter(|(_, value, _)| value == "(hidden)").map(|(_, _, source)| PathBuf::from(source));
    let mut all: Vec<PathBuf> = named.chain(hidden).filter(|path| path.is_file()).collect();
    all.sort();
    all.dedup();
    Ok(all)
}

fn described(metadata: &figment::Metadata) -> String {
    match &metadata.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ if metadata.name.contains("environment") => "environment".into(),
        _ if metadata.name.contains("TOML") => "default".into(),
        _ => "command line".into(),
    }
}

fn flatten(prefix: &str, value: &figment::value::Value, lines: &mut Vec<(String, String)>) {
    match value {
        figment::value::Value::Dict(_, dict) => {
            for (key, value) in dict {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, lines);
            }
        }
        other => {
            let text = serde_json::to_value(other).map(|value| value.to_string()).unwrap_or_default();
            lines.push((prefix.to_owned(), text));
        }
    }
}
