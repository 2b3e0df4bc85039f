//! A client that costs next to nothing: one thread and one kept connection each, on the same machine as the portal.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
pub struct Answer {
    pub status: u16,
    /// Bytes over the wire, head and body.
    pub bytes: u64,
    pub head: String,
    pub body: Vec<u8>,
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
    pub fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| line.split_once(':'));
        let set = set.filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
        let pairs: Vec<&str> = set.filter_map(|(_, value)| value.trim().split(';').next()).collect();
        pairs.join("; ")
    }
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    /// Lines of the head beside the usual ones, each with its end.
    pub head: String,
    pub body: Vec<u8>,
    /// Whether the answer may come compressed, as to browsers.
    pub compressed: bool,
}

pub struct Client {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: &str) -> Client {
        Client { address: address.to_owned(), stream: None }
    }

    /// Asks, on the kept connection where there is one.
    pub fn send(&mut self, request: &Request) -> Result<Answer> {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.path, self.address);
        if request.compressed {
            text.push_str("Accept-Encoding: gzip, deflate, br, zstd\r\n");
        }
        if request.method != "GET" {
            text.push_str(&format!("Origin: http://{}\r\n", self.address));
            text.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        text.push_str(&request.head);
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&request.body);
        let reused = self.stream.is_some();
        match self.exchange(&bytes) {
            // The portal may close a connection that was idle.
            Err(_) if reused => {
                self.stream = None;
                self.exchange(&bytes)
            }
            other => other,
        }
    }

    fn exchange(&mut self, bytes: &[u8]) -> Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            self.stream = Some(BufReader::with_capacity(64 * 1024, stream));
        }
        let Some(stream) = &mut self.stream else { return Err(std::io::ErrorKind::NotConnected.into()) };
        stream.get_mut().write_all(bytes)?;
        let answer = read(stream);
        let closes = match &answer {
            Ok(answer) => answer.header("connection").is_some_and(|said| said.eq_ignore_ascii_case("close")),
            Err(_) => true,
        };
        if closes {
            self.stream = None;
        }
        answer
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Result<Answer> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if stream.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if head.len() - before <= 2 {
            break;
        }
    }
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let mut answer = Answer { status, bytes: head.len() as u64, head, body: Vec::new() };
    if let Some(length) = answer.header("content-length").and_then(|text| text.parse::<u64>().ok()) {
        stream.take(length).read_to_end(&mut answer.body)?;
        answer.bytes += length;
    } else if answer.header("transfer-encoding").is_some() {
        chunks(stream, &mut answer)?;
    }
    Ok(answer)
}

fn chunks(stream: &mut BufReader<TcpStream>, answer: &mut Answer) -> Result<()> {
    loop {
        let mut line = String::new();
        answer.bytes += stream.read_line(&mut line)? as u64;
        let size = u64::from_str_radix(line.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
        stream.take(size).read_to_end(&mut answer.body)?;
        let mut end = [0; 2];
        stream.read_exact(&mut end)?;
        answer.bytes += size + 2;
        if size == 0 {
            return Ok(());
        }
    }
}
