//! `portico healthcheck`: for containers, which have no other program to ask with.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/readyz`.
///
/// # Errors
/// When nobody answers, or the answer is another than 200.
pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    // Who listens on every address is asked on the loopback one.
    let address = match config.http.address {
        IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        one => one,
    };
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::new(address, config.http.port), PATIENCE).context("nobody listens")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer).context("no whole answer")?;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        bail!("not ready: {}", answer.lines().last().unwrap_or_default());
    }
    println!("ready");
    Ok(ExitCode::SUCCESS)
}
