//! How letters leave.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::bail;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Sender of every letter.
    pub from: String,
    /// Seconds between two looks into the outbox.
    pub poll_seconds: u64,
    /// `file` or `smtp`.
    pub transport: MailTransport,
    /// The mail server.
    pub smtp: Smtp,
}

/// See [`Mail::transport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// A file per letter in the data folder.
    File,
    /// A mail server.
    Smtp,
}

/// `[mail.smtp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Name of the mail server, as its certificate has it.
    pub host: Option<String>,
    /// Its port; unset, the usual one for `tls`: 587, 465, or 25 without.
    pub port: Option<u16>,
    /// `starttls`, `implicit`, or `none`.
    pub tls: SmtpTls,
    /// Name to log in with; unset, without login.
    pub user: Option<String>,
    /// Password to log in with.
    #[serde(default, deserialize_with = "text_only")]
    pub password: Option<SecretString>,
    /// File with one more certificate to trust (PEM), for a mail server with a certificate of the house.
    pub ca_file: Option<PathBuf>,
    /// Seconds that each answer of the server may take.
    pub timeout_seconds: u64,
}

/// See [`Smtp::tls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Secured after the greeting, or not used at all.
    Starttls,
    /// Secured from the first byte.
    Implicit,
    /// Readable on the way.
    None,
}

impl Smtp {
    /// The port to use.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            SmtpTls::Starttls => 587,
            SmtpTls::Implicit => 465,
            SmtpTls::None => 25,
        })
    }

    pub(super) fn check(&self, used: bool) -> anyhow::Result<()> {
        let host = self.host.as_deref().unwrap_or_default();
        if used && host.is_empty() {
            bail!("mail.smtp.host is not set, and mail.transport is smtp");
        }
        match (&self.user, &self.password) {
            (Some(_), None) => bail!(
                "mail.smtp.password is not set, and mail.smtp.user is (PORTICO_MAIL__SMTP__PASSWORD, or its _FILE)"
            ),
            (None, Some(_)) => bail!("mail.smtp.user is not set, and mail.smtp.password is"),
            _ => {}
        }
        if !(1..=30).contains(&self.timeout_seconds) {
            bail!("mail.smtp.timeout_seconds must be between 1 and 30");
        }
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if self.tls == SmtpTls::None && self.user.is_some() && !here {
            bail!("mail.smtp.tls is none: the password would cross the network readable. Use starttls or implicit");
        }
        Ok(())
    }
}

/// A password that looks like a number would be shown in the error about it.
fn text_only<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let value = <figment::value::Value as Deserialize>::deserialize(from)?;
    let text = value.into_string().ok_or_else(|| <D::Error as serde::de::Error>::custom("write it in quotes"))?;
    Ok(Some(text.into()))
}
