//! Testing a connection: really connecting, as little as tells something, and signing in where that is one request.
//!
//! The rules this file protects: everything together takes 5 seconds and at most 64 KB are read; nothing that the
//! other end sent is handed on, only what it means.

mod bucket;
mod ftps;
mod http;
mod sigv4;
mod ssh;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::model::{Facts, Kind, Outcome};
use crate::web::outbound::{LONGEST, Outbound, Trouble};

/// Bytes that are read at the most.
const LARGEST: usize = 64 * 1024;

/// What a test needs.
pub struct Probe<'a> {
    /// The way out.
    pub outbound: &'a Outbound,
    /// Where to.
    pub facts: &'a Facts,
    /// The credentials; none where there are none.
    pub secret: Option<&'a SecretString>,
    /// The present moment, for signatures.
    pub now: DateTime<Utc>,
}

impl Probe<'_> {
    /// Connects, and says what came of it.
    pub async fn run(&self) -> Outcome {
        let result = timeout(LONGEST, async {
            match self.facts.kind {
                Kind::Sftp => ssh::probe(self).await,
                Kind::Ftps => ftps::probe(self).await,
                Kind::Https => http::probe(self).await,
                Kind::S3 => bucket::probe(self).await,
            }
        });
        match result.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(trouble)) => Outcome::failed(trouble.to_string()),
            Err(_) => Outcome::failed(Trouble::Slow.to_string()),
        }
    }
}

/// Reads lines and blocks of bytes, up to a limit over all of them.
struct Limited<S> {
    stream: S,
    left: usize,
}

impl<S: AsyncRead + Unpin> Limited<S> {
    fn new(stream: S) -> Limited<S> {
        Limited { stream, left: LARGEST }
    }

    /// One byte after another: what follows the line is for whoever reads next, such as TLS.
    async fn line(&mut self) -> Result<String, Trouble> {
        let mut line = Vec::new();
        loop {
            match self.bytes(1).await?.first() {
                Some(b'\n') => break,
                Some(byte) => line.push(*byte),
                None => return Err(Trouble::Garbled),
            }
            if line.len() > 2048 {
                return Err(Trouble::Garbled);
            }
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }

    async fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Trouble> {
        self.left = self.left.checked_sub(count).ok_or(Trouble::Garbled)?;
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).await.map_err(|_| Trouble::Garbled)?;
        Ok(bytes)
    }
}
