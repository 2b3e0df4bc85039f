//! A mail server of a test's own: a real one on loopback that does as it is told, and keeps what arrives.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mailparse::MailHeaderMap as _;
use portico::config::{self, SmtpTls};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tempfile::TempDir;

/// Who may log in, when somebody must.
pub const USER: &str = "portal";
/// With which password.
pub const LOGIN: &str = "a login of mine";

/// What the server does with one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes it.
    Accept,
    /// 451 for the recipient: later, please.
    Later,
    /// 550 for the recipient: no such mailbox.
    NoMailbox,
    /// Takes the letter's content and says nothing any more.
    Hang,
    /// 554 instead of a greeting: takes no letters from us at all.
    Closed,
    /// Takes the letter whole, and hangs up instead of saying so.
    HangUp,
}

/// How the server is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// What it offers.
    pub tls: SmtpTls,
    /// Whether [`USER`] must log in.
    pub login: bool,
}

/// A letter that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Sender of the envelope.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// The letter as it came.
    pub raw: String,
    /// Whether it came over TLS.
    pub secured: bool,
}

impl Arrived {
    /// A header, decoded; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        let mail = mailparse::parse_mail(self.raw.as_bytes()).unwrap();
        mail.get_headers().get_first_value(name).unwrap_or_default()
    }

    /// The subject line.
    pub fn subject(&self) -> String {
        self.header("Subject")
    }

    /// The words for readers of plain text.
    pub fn text(&self) -> String {
        self.part(0)
    }

    /// The words for everybody else.
    pub fn html(&self) -> String {
        self.part(1)
    }

    fn part(&self, number: usize) -> String {
        let mail = mailparse::parse_mail(self.raw.as_bytes()).unwrap();
        mail.subparts[number].get_body().unwrap().replace("\r\n", "\n")
    }

    /// The path of the link that lets its reader in, as `/link/…`.
    #[track_caller]
    pub fn link(&self) -> String {
        let text = self.text();
        let from = text.find("/link/").unwrap_or_else(|| panic!("no link in: {text}"));
        text[from..].split_whitespace().next().unwrap().to_owned()
    }
}

struct State {
    setup: Setup,
    tls: Arc<rustls::ServerConfig>,
    usual: Mutex<Act>,
    next: Mutex<VecDeque<Act>>,
    arrived: Mutex<Vec<Arrived>>,
    tried: AtomicUsize,
    stop: AtomicBool,
}

/// A running mail server. Dropping it ends it.
pub struct MailServer {
    port: u16,
    state: Arc<State>,
    folder: TempDir,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl MailServer {
    /// One without TLS and login.
    pub fn new() -> MailServer {
        MailServer::with(Setup { tls: SmtpTls::None, login: false })
    }

    /// One as told, with a certificate of its own for `localhost`.
    pub fn with(setup: Setup) -> MailServer {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), made.cert.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        let state = Arc::new(State {
            setup,
            tls: Arc::new(tls),
            usual: Mutex::new(Act::Accept),
            next: Mutex::default(),
            arrived: Mutex::default(),
            tried: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.stop.load(Ordering::Relaxed) {
                    return;
                }
                let shared = shared.clone();
                // What a client breaks off is its own matter.
                std::thread::spawn(move || serve(stream, &shared).ok());
            }
        });
        MailServer { port, state, folder }
    }

    /// What it does from now on.
    pub fn always(&self, act: Act) {
        *locked(&self.state.usual) = act;
    }

    /// What it does with the next letter, and the one after it, and so on; after that, what it always does.
    pub fn next(&self, acts: &[Act]) {
        locked(&self.state.next).extend(acts);
    }

    /// What arrived since the last look.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *locked(&self.state.arrived))
    }

    /// How many letters were begun, whatever became of them.
    pub fn tried(&self) -> usize {
        self.state.tried.load(Ordering::SeqCst)
    }

    /// The file with its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The configuration that reaches it.
    pub fn config(&self) -> config::Smtp {
        let login = self.state.setup.login;
        config::Smtp {
            host: Some("localhost".into()),
            port: Some(self.port),
            tls: self.state.setup.tls,
            user: login.then(|| USER.to_owned()),
            password: login.then(|| LOGIN.to_owned().into()),
            ca_file: Some(self.certificate()),
            timeout_seconds: 1,
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// A port where nobody listens.
pub fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A connection that is read in lines.
struct Wire {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
    secured: bool,
}

impl Wire {
    fn plain(stream: &TcpStream) -> std::io::Result<Wire> {
        Ok(Wire { stream: Box::new(stream.try_clone()?), read: Vec::new(), secured: false })
    }

    fn secured(stream: &TcpStream, state: &State) -> std::io::Result<Wire> {
        let tls = rustls::ServerConnection::new(state.tls.clone()).map_err(std::io::Error::other)?;
        let stream = rustls::StreamOwned::new(tls, stream.try_clone()?);
        Ok(Wire { stream: Box::new(stream), read: Vec::new(), secured: true })
    }

    fn line(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes)?;
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend(&bytes[..count]);
        }
    }

    fn say(&mut self, answer: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes())?;
        self.stream.flush()
    }
}

fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = match state.setup.tls {
        SmtpTls::Implicit => Wire::secured(&stream, state)?,
        SmtpTls::Starttls | SmtpTls::None => Wire::plain(&stream)?,
    };
    if *locked(&state.usual) == Act::Closed {
        return wire.say("554 5.7.1 No letters from your address");
    }
    wire.say("220 localhost ready")?;
    let (mut from, mut to, mut act) = (String::new(), Vec::new(), Act::Accept);
    let mut known = !state.setup.login;
    loop {
        let line = wire.line()?;
        let command = line.to_ascii_uppercase();
        match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => {
                let mut offers = vec!["localhost", "8BITMIME"];
                if state.setup.tls == SmtpTls::Starttls && !wire.secured {
                    offers.push("STARTTLS");
                }
                if state.setup.login {
                    offers.push("AUTH PLAIN LOGIN");
                }
                let last = offers.len() - 1;
                for (number, offer) in offers.iter().enumerate() {
                    wire.say(&format!("250{}{offer}", if number == last { ' ' } else { '-' }))?;
                }
            }
            "STARTTLS" => {
                wire.say("220 go on")?;
                wire = Wire::secured(&stream, state)?;
            }
            "AUTH" => {
                known = logs_in(&mut wire, &line)?;
                wire.say(if known { "235 welcome" } else { "535 5.7.8 Authentication credentials invalid" })?;
            }
            "MAIL" if !known => wire.say("530 5.7.0 Authentication required")?,
            "MAIL" => {
                from = address(&line);
                to = Vec::new();
                state.tried.fetch_add(1, Ordering::SeqCst);
                act = locked(&state.next).pop_front().unwrap_or(*locked(&state.usual));
                wire.say("250 ok")?;
            }
            "RCPT" => match act {
                Act::Later => wire.say("451 4.7.1 Greylisted, try again later")?,
                Act::NoMailbox => wire.say("550 5.1.1 Mailbox not found")?,
                Act::Accept | Act::Hang | Act::HangUp | Act::Closed => {
                    to.push(address(&line));
                    wire.say("250 ok")?;
                }
            },
            "DATA" => {
                wire.say("354 go on")?;
                let raw = content(&mut wire)?;
                if act == Act::Hang {
                    while !state.stop.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    return Ok(());
                }
                let letter = Arrived { from: from.clone(), to: to.clone(), raw, secured: wire.secured };
                locked(&state.arrived).push(letter);
                if act == Act::HangUp {
                    return stream.shutdown(std::net::Shutdown::Both);
                }
                wire.say("250 taken")?;
            }
            "NOOP" | "RSET" => wire.say("250 ok")?,
            "QUIT" => return wire.say("221 bye"),
            _ => wire.say("502 unknown")?,
        }
    }
}

fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(found, _)| found.to_owned())
        .unwrap_or_default()
}

fn content(wire: &mut Wire) -> std::io::Result<String> {
    let mut raw = String::new();
    loop {
        let line = wire.line()?;
        if line == "." {
            return Ok(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
        raw.push_str("\r\n");
    }
}

/// `AUTH PLAIN` with its answer, or `AUTH LOGIN` with its two questions.
fn logs_in(wire: &mut Wire, line: &str) -> std::io::Result<bool> {
    let decoded = |text: &str| String::from_utf8(BASE64_STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
    let mut words = line.split(' ').skip(1);
    if words.next().is_some_and(|way| way.eq_ignore_ascii_case("PLAIN")) {
        return Ok(decoded(words.next().unwrap_or_default()) == format!("\0{USER}\0{LOGIN}"));
    }
    wire.say("334 VXNlcm5hbWU6")?;
    let user = decoded(&wire.line()?);
    wire.say("334 UGFzc3dvcmQ6")?;
    Ok(user == USER && decoded(&wire.line()?) == LOGIN)
}
