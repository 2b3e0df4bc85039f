//! How a letter leaves: to a mail server, or as a file per letter, which is enough to see what would be sent.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{FileTransport, Message, SmtpTransport, Transport as _, transport::smtp};
use secrecy::ExposeSecret;

use super::letter::{Written, one_line};
use crate::config::{Mail, MailTransport, Smtp, SmtpTls};

/// Characters of a server's answer that are kept.
const ANSWER: usize = 500;

/// Where letters go.
#[derive(Clone)]
pub struct Transport {
    from: Mailbox,
    way: Way,
}

#[derive(Clone)]
enum Way {
    File(PathBuf),
    Smtp { server: String, transport: SmtpTransport },
}

/// Why a letter did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way.
    pub by: Obstacle,
    /// The problem in words, or the server's answer.
    pub problem: String,
}

/// What is in the way of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The letter is refused, and trying again is in vain.
    ForGood,
    /// The letter is refused for now.
    ForNow,
    /// The mail server is away or does not let us in: that says nothing about the letter.
    Server,
}

impl Refusal {
    /// Something that may be gone at the next try.
    pub fn for_now(problem: impl Into<String>) -> Refusal {
        Refusal { by: Obstacle::ForNow, problem: problem.into() }
    }

    /// Something that stays as it is.
    pub fn for_good(problem: impl Into<String>) -> Refusal {
        Refusal { by: Obstacle::ForGood, problem: problem.into() }
    }

    fn server(problem: impl AsRef<str>) -> Refusal {
        Refusal { by: Obstacle::Server, problem: cut(problem.as_ref()) }
    }
}

impl Transport {
    /// As configured; files go into `mail` in the folder of the portal.
    ///
    /// # Errors
    /// When the folder cannot be made, or a key of the configuration is off; with the key's name.
    pub fn new(mail: &Mail, folder: &Path) -> anyhow::Result<Transport> {
        match mail.transport {
            MailTransport::File => Transport::file(&mail.from, &folder.join("mail")),
            MailTransport::Smtp => Transport::smtp(&mail.from, &mail.smtp),
        }
    }

    /// Letters as `.eml` files in a folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or the sender is no address.
    pub fn file(from: &str, folder: &Path) -> anyhow::Result<Transport> {
        std::fs::create_dir_all(folder)?;
        Ok(Transport { from: from.parse()?, way: Way::File(folder.to_owned()) })
    }

    /// Letters to a mail server.
    ///
    /// # Errors
    /// With the name of the key that is off.
    pub fn smtp(from: &str, smtp: &Smtp) -> anyhow::Result<Transport> {
        let from: Mailbox = from.parse()?;
        let Some(host) = &smtp.host else { bail!("mail.smtp.host is not set, and mail.transport is smtp") };
        let secured = || secured(host, smtp.ca_file.as_deref());
        let tls = match smtp.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(secured()?),
            SmtpTls::Implicit => Tls::Wrapper(secured()?),
        };
        let mut builder = SmtpTransport::builder_dangerous(host)
            .port(smtp.port())
            .tls(tls)
            .timeout(Some(Duration::from_secs(smtp.timeout_seconds)))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .pool_config(PoolConfig::new().max_size(2).idle_timeout(Duration::from_secs(20)));
        if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
            builder = builder
                .credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()))
                .authentication(vec![Mechanism::Plain, Mechanism::Login]);
        }
        let server = format!("{host}:{}", smtp.port());
        Ok(Transport { from, way: Way::Smtp { server, transport: builder.build() } })
    }

    /// Where letters go, in words.
    pub fn described(&self) -> String {
        match &self.way {
            Way::File(folder) => format!("a file in {}", folder.display()),
            Way::Smtp { server, .. } => format!("the mail server {server}"),
        }
    }

    /// Looks whether letters could leave: connects and signs in, or writes into the folder; sends nothing.
    ///
    /// # Errors
    /// With the problem in words.
    pub fn reach(&self) -> Result<(), Refusal> {
        match &self.way {
            Way::File(folder) => {
                let probe = folder.join(".write-test");
                let written = std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe));
                written.map_err(|cause| Refusal::server(format!("{} cannot be written: {cause}.", folder.display())))
            }
            Way::Smtp { server, transport } => match transport.test_connection() {
                Ok(true) => Ok(()),
                Ok(false) => Err(Refusal::server(format!("{server} does not go on with us."))),
                Err(cause) => Err(Refusal { by: Obstacle::Server, ..explained(&cause, server) }),
            },
        }
    }

    /// Sends one letter.
    ///
    /// # Errors
    /// With the problem in words, for the outbox.
    pub fn send(&self, written: &Written, name: &str, address: &str, message_id: &str) -> Result<(), Refusal> {
        let message = self.message(written, name, address, message_id)?;
        match &self.way {
            Way::File(folder) => FileTransport::new(folder)
                .send(&message)
                .map(drop)
                .map_err(|cause| Refusal::server(format!("The file could not be written: {cause}."))),
            Way::Smtp { server, transport } => {
                // What goes wrong before the letter is begun says nothing about the letter. What goes wrong after
                // may have left a copy there, so such tries are counted.
                transport
                    .test_connection()
                    .map_err(|cause| Refusal { by: Obstacle::Server, ..explained(&cause, server) })?;
                transport.send(&message).map(drop).map_err(|cause| explained(&cause, server))
            }
        }
    }

    fn message(&self, written: &Written, name: &str, address: &str, id: &str) -> Result<Message, Refusal> {
        let address: Address = address.parse().map_err(|_| Refusal::for_good("The recipient is not an address."))?;
        let name = one_line(name);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new((!name.is_empty()).then_some(name), address))
            .subject(one_line(&written.subject))
            .message_id(Some(id.to_owned()))
            // Out-of-office notes are not sent in answer to it.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(written.text.clone(), written.html.clone()))
            .map_err(|cause| Refusal::for_good(format!("The letter could not be put together: {cause}.")))
    }
}

fn secured(host: &str, ca_file: Option<&Path>) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let told = || format!("mail.smtp.ca_file: {} is no readable certificate (PEM)", path.display());
        let pem = std::fs::read(path).with_context(told)?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).with_context(told)?);
    }
    builder.build().context("mail.smtp.host is no name that a certificate could be for")
}

/// What went wrong, for people. Only the server's final no to a letter is for good: a login that is refused, or a
/// server that is away, is mended by the operator while the letters wait.
fn explained(cause: &smtp::Error, server: &str) -> Refusal {
    let words = std::error::Error::source(cause).map(ToString::to_string).unwrap_or_default();
    if let Some(code) = cause.status() {
        let code = code.to_string();
        let answer = cut(&format!("{code} {words}"));
        return match code.as_str() {
            "530" | "534" | "535" | "538" => {
                Refusal::server(format!("The mail server did not accept the login: {answer}"))
            }
            "421" | "454" => Refusal::server(answer),
            _ if cause.is_permanent() => Refusal::for_good(answer),
            _ => Refusal::for_now(answer),
        };
    }
    Refusal::for_now(cut(&match io_kind(cause) {
        _ if cause.is_response() => format!("{server} hung up before it had answered."),
        Some(ErrorKind::ConnectionRefused) => format!("{server} refused the connection: no mail server listens there."),
        Some(ErrorKind::TimedOut | ErrorKind::WouldBlock) => format!("{server} did not answer in time."),
        Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) => {
            format!("{server} hung up before it had answered.")
        }
        Some(ErrorKind::InvalidData) => format!("The connection to {server} cannot be trusted: {words}."),
        _ if cause.is_tls() => format!("The connection to {server} cannot be trusted: {words}."),
        _ => format!("{server} could not be used: {words}."),
    }))
}

/// The kind of the first trouble of the network behind an error.
fn io_kind(cause: &smtp::Error) -> Option<ErrorKind> {
    let mut next = std::error::Error::source(cause);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

fn cut(text: &str) -> String {
    one_line(text).chars().take(ANSWER).collect()
}
