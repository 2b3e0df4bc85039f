//! A mail server that does as it is told, and keeps what arrives.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Accept,
    /// Nobody listens.
    Away,
    /// Takes the connection and never says a word.
    Hang,
    /// 451 for every recipient.
    Later,
    /// 550 for every recipient.
    NoMailbox,
    /// Takes the letter whole, and hangs up instead of saying so.
    HangUp,
}

struct State {
    act: Mutex<Act>,
    /// How long it thinks before it says that it took a letter.
    pause: Duration,
    arrived: Mutex<Vec<String>>,
    ended: AtomicBool,
}

pub struct MailServer {
    pub port: u16,
    state: Arc<State>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl MailServer {
    pub fn start(pause: Duration) -> Result<MailServer, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|cause| cause.to_string())?;
        let port = listener.local_addr().map_err(|cause| cause.to_string())?.port();
        let (act, arrived) = (Mutex::new(Act::Accept), Mutex::default());
        let state = Arc::new(State { act, pause, arrived, ended: AtomicBool::new(false) });
        let shared = state.clone();
        thread::spawn(move || listen(listener, port, &shared));
        Ok(MailServer { port, state })
    }

    pub fn set(&self, act: Act) {
        *locked(&self.state.act) = act;
        thread::sleep(Duration::from_millis(50));
    }

    /// `Message-ID` of each letter that arrived, in order.
    pub fn arrived(&self) -> Vec<String> {
        locked(&self.state.arrived).clone()
    }

    /// Tells a portal to use it.
    pub fn configure(&self, command: &mut Command, timeout: u64) {
        command
            .env("PORTICO_MAIL__TRANSPORT", "smtp")
            .env("PORTICO_MAIL__SMTP__HOST", "127.0.0.1")
            .env("PORTICO_MAIL__SMTP__PORT", self.port.to_string())
            .env("PORTICO_MAIL__SMTP__TLS", "none")
            .env("PORTICO_MAIL__SMTP__TIMEOUT_SECONDS", timeout.to_string())
            .env("PORTICO_MAIL__POLL_SECONDS", "1");
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
    }
}

fn listen(first: TcpListener, port: u16, state: &Arc<State>) {
    let mut listener = Some(first);
    while !state.ended.load(Ordering::Relaxed) {
        let away = *locked(&state.act) == Act::Away;
        match &listener {
            Some(_) if away => listener = None,
            None if !away => listener = TcpListener::bind(("127.0.0.1", port)).ok(),
            Some(bound) => {
                bound.set_nonblocking(true).ok();
                match bound.accept() {
                    Ok((stream, _)) => {
                        let state = state.clone();
                        stream.set_nonblocking(false).ok();
                        thread::spawn(move || serve(&stream, &state).ok());
                        continue;
                    }
                    Err(cause) if cause.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
            None => {}
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn serve(stream: &TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    let act = || *locked(&state.act);
    let mut reader = BufReader::new(stream);
    let mut line = |text: &mut String| -> std::io::Result<()> {
        text.clear();
        loop {
            match reader.read_line(text) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if state.ended.load(Ordering::Relaxed) || act() == Act::Away {
                        return Err(cause);
                    }
                }
                Err(cause) => return Err(cause),
            }
        }
    };
    let silent = || {
        while act() == Act::Hang && !state.ended.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
    };
    silent();
    say("220 localhost ready")?;
    let mut text = String::new();
    loop {
        line(&mut text)?;
        silent();
        match text.trim().split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => say("250-localhost\r\n250 8BITMIME")?,
            "RCPT" if act() == Act::Later => say("451 4.7.1 Greylisted, try again later")?,
            "RCPT" if act() == Act::NoMailbox => say("550 5.1.1 Mailbox not found")?,
            "MAIL" | "RCPT" | "NOOP" | "RSET" => say("250 ok")?,
            "DATA" => {
                say("354 go on")?;
                let mut id = String::new();
                loop {
                    line(&mut text)?;
                    if text.trim_end() == "." {
                        break;
                    }
                    if id.is_empty() && text.to_ascii_lowercase().starts_with("message-id:") {
                        id = text.split_once(':').map(|(_, id)| id.trim().to_owned()).unwrap_or_default();
                    }
                }
                silent();
                locked(&state.arrived).push(id);
                if act() == Act::HangUp {
                    return stream.shutdown(Shutdown::Both);
                }
                thread::sleep(state.pause);
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("502 unknown")?,
        }
    }
}
