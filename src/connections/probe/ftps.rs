//! FTPS: greeting, TLS with a verified certificate, sign-in.

use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{Limited, Probe};
use crate::connections::model::Outcome;
use crate::web::outbound::Trouble;

/// The port where TLS comes first.
const IMPLICIT: u16 = 990;

/// Greets, goes on under TLS, and signs in.
pub async fn probe(probe: &Probe<'_>) -> Result<Outcome, Trouble> {
    let facts = probe.facts;
    let plain = probe.outbound.connect(&facts.host, facts.port).await?;
    if facts.port == IMPLICIT {
        let mut secured = Limited::new(probe.outbound.secured(plain, &facts.host).await?);
        return match reply(&mut secured).await? {
            220 => sign_in(probe, &mut secured).await,
            _ => Err(Trouble::Garbled),
        };
    }
    let mut plain = Limited::new(plain);
    if reply(&mut plain).await? != 220 {
        return Err(Trouble::Garbled);
    }
    if said(&mut plain, "AUTH TLS").await? != 234 {
        return Ok(Outcome::failed(
            "An FTP server answers, but without TLS: credentials would be readable on their way.",
        ));
    }
    let mut secured = Limited::new(probe.outbound.secured(plain.stream, &facts.host).await?);
    sign_in(probe, &mut secured).await
}

async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
    probe: &Probe<'_>,
    to: &mut Limited<S>,
) -> Result<Outcome, Trouble> {
    let Some(secret) = probe.secret else { return Ok(Outcome::failed("There is no password.")) };
    let mut answer = said(to, &format!("USER {}", probe.facts.username)).await?;
    if answer == 331 {
        answer = said(to, &format!("PASS {}", secret.expose_secret())).await?;
    }
    // Leaving politely; what it says to that matters to nobody.
    to.stream.write_all(b"QUIT\r\n").await.ok();
    Ok(match answer {
        230 => Outcome::reached("The server answers under TLS, and takes the user name and password."),
        530 | 430 => Outcome::failed("The server answers under TLS, but refuses the user name or password."),
        _ => Outcome::failed(format!("The server answers under TLS, but does not let Portico sign in ({answer}).")),
    })
}

async fn said<S: AsyncRead + AsyncWrite + Unpin>(to: &mut Limited<S>, line: &str) -> Result<u16, Trouble> {
    to.stream.write_all(format!("{line}\r\n").as_bytes()).await.map_err(|_| Trouble::Garbled)?;
    to.stream.flush().await.map_err(|_| Trouble::Garbled)?;
    reply(to).await
}

/// The code of a reply, which may have several lines (RFC 959).
async fn reply<S: AsyncRead + Unpin>(from: &mut Limited<S>) -> Result<u16, Trouble> {
    let first = from.line().await?;
    let code: u16 = first.get(..3).and_then(|code| code.parse().ok()).ok_or(Trouble::Garbled)?;
    if first.as_bytes().get(3) == Some(&b'-') {
        let last = format!("{code} ");
        while !from.line().await?.starts_with(&last) {}
    }
    Ok(code)
}
