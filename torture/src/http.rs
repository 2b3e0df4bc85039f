//! A client that sees everything: what was sent, when the answer began, and whether it came whole.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long an answer is waited for: longer than any bar.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    pub took: Duration,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The cookies that it sets, as a request sends them.
    fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| line.split_once(':'));
        let set = set.filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
        let pairs: Vec<&str> = set.filter_map(|(_, value)| value.trim().split(';').next()).collect();
        pairs.join("; ")
    }
}

/// Why there is no whole answer.
#[derive(Debug)]
pub struct Broken {
    /// A part of an answer had come.
    pub begun: bool,
    pub cause: Error,
}

impl Broken {
    /// Nobody answered the knock, or hung up at once: the request was not taken, and may be asked again.
    pub fn is_refusal(&self) -> bool {
        !self.begun && !matches!(self.cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
    }
}

pub type Asked = Result<Answer, Broken>;

/// Somebody who asks; everything on connections of its own.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: String,
    pub head: String,
    pub patience: Duration,
}

impl Client {
    pub fn new(address: &str) -> Client {
        Client { address: address.to_owned(), head: String::new(), patience: PATIENCE }
    }

    /// The same person at another address: the portal was started again.
    pub fn at(&self, address: &str) -> Client {
        Client { address: address.to_owned(), ..self.clone() }
    }

    pub fn get(&self, path: &str) -> Asked {
        self.send("GET", path, "", &[])
    }

    pub fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Asked {
        let form: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send("POST", path, kind, form.join("&").as_bytes())
    }

    pub fn send(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Asked {
        let length = if method == "GET" {
            String::new()
        } else {
            format!("Content-Length: {}\r\nSec-Fetch-Site: same-origin\r\n", body.len())
        };
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}{length}{head}\r\n",
            self.address, self.head
        );
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes)
    }

    /// Sends bytes as they are and reads one answer.
    pub fn raw(&self, bytes: &[u8]) -> Asked {
        let began = Instant::now();
        let refused = |cause| Broken { begun: false, cause };
        let mut stream = connect(&self.address).map_err(refused)?;
        stream.set_read_timeout(Some(self.patience)).map_err(refused)?;
        stream.set_write_timeout(Some(self.patience)).map_err(refused)?;
        // The portal may answer and close before it read everything.
        let sent = stream.write_all(bytes);
        let mut reader = BufReader::new(stream);
        match (answer(&mut reader, began), sent) {
            (Err(Broken { begun: false, .. }), Err(cause)) => Err(refused(cause)),
            (read, _) => read,
        }
    }

    /// Signs somebody in.
    pub fn sign_in(address: &str, email: &str) -> Result<Client, String> {
        let client = Client::new(address);
        let form = [("email", email), ("password", crate::bed::PASSWORD), ("next", "/")];
        match client.post("/sign-in", &form) {
            Ok(answer) if answer.status == 303 => {
                Ok(Client { head: format!("Cookie: {}\r\n", answer.cookies()), ..client })
            }
            Ok(answer) => Err(format!("{email} could not sign in: {}", answer.status)),
            Err(broken) => Err(format!("{email} could not sign in: {}", broken.cause)),
        }
    }
}

pub fn connect(address: &str) -> std::io::Result<TcpStream> {
    let address: SocketAddr = address.parse().map_err(|_| Error::from(ErrorKind::InvalidInput))?;
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

pub fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Reads one answer, whole.
pub fn answer(reader: &mut impl BufRead, began: Instant) -> Asked {
    let mut head = String::new();
    loop {
        let before = head.len();
        let broken = |head: &str, cause| Broken { begun: !head.is_empty(), cause };
        match reader.read_line(&mut head) {
            Ok(0) => return Err(broken(&head, ErrorKind::UnexpectedEof.into())),
            Ok(_) if head.len() - before <= 2 => break,
            Ok(_) => {}
            Err(cause) => return Err(broken(&head, cause)),
        }
    }
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let mut answer = Answer { status, head, body: Vec::new(), took: Duration::ZERO };
    body(reader, &mut answer).map_err(|cause| Broken { begun: true, cause })?;
    answer.took = began.elapsed();
    Ok(answer)
}

fn body(reader: &mut impl BufRead, answer: &mut Answer) -> std::io::Result<()> {
    if let Some(length) = answer.header("content-length").and_then(|text| text.parse::<u64>().ok()) {
        reader.take(length).read_to_end(&mut answer.body)?;
        let whole = answer.body.len() as u64 == length;
        return if whole { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) };
    }
    if answer.header("transfer-encoding").is_none() {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(|_| Error::from(ErrorKind::UnexpectedEof))?;
        let before = answer.body.len() as u64;
        reader.take(size).read_to_end(&mut answer.body)?;
        let mut end = [0; 2];
        reader.read_exact(&mut end)?;
        if answer.body.len() as u64 - before != size {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if size == 0 {
            return Ok(());
        }
    }
}
