//! Servers of other people, as small as a connection test needs them, on the loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate for 127.0.0.1, and the file that makes the portal trust it.
struct Certificate {
    config: Arc<ServerConfig>,
    file: PathBuf,
}

static CERTIFICATE: LazyLock<Certificate> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{}.pem", std::process::id()));
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Certificate { config: Arc::new(config), file }
});

/// The authorities' file for the portal's configuration.
pub fn authority() -> PathBuf {
    CERTIFICATE.file.clone()
}

/// Goes on under TLS.
pub fn secured(stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(CERTIFICATE.config.clone()).unwrap(), stream)
}

/// A server that answers each caller by one function, and remembers what it was told.
pub struct Server {
    pub port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// `answer` gets the caller and a list to write down what it heard.
    pub fn start(answer: impl Fn(TcpStream, &mut Vec<String>) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, ended) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (notes, over) = (heard.clone(), ended.clone());
        std::thread::spawn(move || {
            for caller in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(caller) = caller else { continue };
                caller.set_read_timeout(Some(Duration::from_secs(8))).ok();
                answer(caller, &mut notes.lock().unwrap());
            }
        });
        Server { port, heard, ended }
    }

    /// What callers said.
    pub fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }

    /// A web server that always answers the same.
    pub fn https(status: u16, headers: &'static str) -> Server {
        Server::start(move |stream, notes| {
            let mut stream = secured(stream);
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                match stream.read(&mut byte) {
                    Ok(1) => request.push(byte[0]),
                    _ => return,
                }
            }
            notes.push(String::from_utf8_lossy(&request).into_owned());
            write!(stream, "HTTP/1.1 {status} planted-reason\r\n{headers}X-Body: planted-body\r\nConnection: close\r\n\r\nplanted-body").ok();
            stream.flush().ok();
        })
    }

    /// A file server with TLS that takes one password.
    pub fn ftps(password: &'static str) -> Server {
        Server::start(move |mut stream, notes| {
            stream.write_all(b"220-planted-body\r\n220 ready\r\n").ok();
            let mut line = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).ok();
            notes.push(line.clone());
            if line != "AUTH TLS\r\n" {
                return;
            }
            stream.write_all(b"234 go on\r\n").ok();
            let mut lines = BufReader::new(secured(stream));
            loop {
                let mut line = String::new();
                if !matches!(lines.read_line(&mut line), Ok(1..)) {
                    return;
                }
                notes.push(line.trim_end().to_owned());
                let answer = match line.trim_end().split_once(' ') {
                    Some(("USER", _)) => "331 password?",
                    Some(("PASS", given)) if given == password => "230 planted-body",
                    _ => "530 no",
                };
                lines.get_mut().write_all(format!("{answer}\r\n").as_bytes()).ok();
                lines.get_mut().flush().ok();
            }
        })
    }

    /// An SSH server that presents a key.
    pub fn ssh(key: &'static [u8]) -> Server {
        Server::start(move |mut stream, notes| {
            let packet = |payload: &[u8]| {
                let padding = 16 - (payload.len() + 5) % 8;
                let length = u32::try_from(payload.len() + padding + 1).unwrap();
                [&length.to_be_bytes()[..], &[padding as u8], payload, &vec![0; padding]].concat()
            };
            stream.write_all(b"planted-body\r\nSSH-2.0-planted-body\r\n").ok();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).ok();
            notes.push(line);
            stream.write_all(&packet(&[20; 200])).ok();
            // Their offer, then their half of the exchange.
            for _ in 0..2 {
                let mut length = [0; 4];
                if reader.read_exact(&mut length).is_err() {
                    return;
                }
                let mut rest = vec![0; u32::from_be_bytes(length) as usize];
                reader.read_exact(&mut rest).ok();
                notes.push(format!("packet {}", rest[1]));
            }
            let length = u32::try_from(key.len()).unwrap().to_be_bytes();
            stream.write_all(&packet(&[&[31][..], &length, key, b"and more"].concat())).ok();
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}
