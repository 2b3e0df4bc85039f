//! SFTP: the greeting of SSH, and the fingerprint of the key that the server presents (RFC 4253, RFC 8731).
//!
//! A server names its key in the first answer of the key exchange, before anything is encrypted. The exchange is not
//! carried to its end, so that the fingerprint says which key is presented, and nobody is signed in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use rand::RngExt;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Limited, Probe};
use crate::connections::model::Outcome;
use crate::web::outbound::Trouble;

const GREETING: &[u8] = b"SSH-2.0-Portico\r\n";
const KEXINIT: u8 = 20;
const ECDH_INIT: u8 = 30;
const ECDH_REPLY: u8 = 31;
/// Packets between the greeting and the answer: more are nobody's.
const PACKETS: usize = 8;

/// Greets, and looks at the server's key.
pub async fn probe(probe: &Probe<'_>) -> Result<Outcome, Trouble> {
    let mut server = Limited::new(probe.outbound.connect(&probe.facts.host, probe.facts.port).await?);
    server.stream.write_all(GREETING).await.map_err(|_| Trouble::Garbled)?;
    greeting(&mut server).await?;
    let presented = key(&mut server).await.ok().map(|key| fingerprint(&key));
    Ok(meaning(presented.as_deref(), &probe.facts.host_key))
}

fn meaning(presented: Option<&str>, expected: &str) -> Outcome {
    match (presented, expected) {
        (Some(key), "") => Outcome::reached(format!(
            "An SSH server answers. Its key is {key}: compare it with what the server’s owner says, and enter it here. Portico did not sign in."
        )),
        (Some(key), expected) if key == expected => {
            Outcome::reached("An SSH server answers, and presents the expected key. Portico did not sign in.")
        }
        (Some(key), _) => Outcome::failed(format!(
            "An SSH server answers, but presents another key than expected: {key}. Ask its owner before you go on."
        )),
        (None, "") => Outcome::reached("An SSH server answers. Portico did not sign in."),
        (None, _) => Outcome::failed("An SSH server answers, but its key could not be compared."),
    }
}

/// Lines may come before the greeting.
async fn greeting(server: &mut Limited<TcpStream>) -> Result<(), Trouble> {
    for _ in 0..20 {
        let line = server.line().await?;
        if line.starts_with("SSH-2.0-") || line.starts_with("SSH-1.99-") {
            return Ok(());
        }
    }
    Err(Trouble::Garbled)
}

async fn key(server: &mut Limited<TcpStream>) -> Result<Vec<u8>, Trouble> {
    send(server, &offer()).await?;
    let mut point = [0u8; 32];
    rand::rng().fill(&mut point[..]);
    let init = [&[ECDH_INIT][..], &string(&point)].concat();
    let mut is_asked = false;
    for _ in 0..PACKETS {
        let packet = packet(server).await?;
        match packet.first().copied() {
            Some(KEXINIT) if !is_asked => {
                send(server, &init).await?;
                is_asked = true;
            }
            Some(ECDH_REPLY) => return read_string(packet.get(1..).unwrap_or_default()).ok_or(Trouble::Garbled),
            _ => {}
        }
    }
    Err(Trouble::Garbled)
}

/// What the portal would speak.
fn offer() -> Vec<u8> {
    const KEYS: &str = "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256";
    const CIPHERS: &str = "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes128-ctr";
    const MACS: &str = "hmac-sha2-256-etm@openssh.com,hmac-sha2-256";
    let mut cookie = [0u8; 16];
    rand::rng().fill(&mut cookie[..]);
    let mut packet = vec![KEXINIT];
    packet.extend(cookie);
    for list in
        ["curve25519-sha256,curve25519-sha256@libssh.org", KEYS, CIPHERS, CIPHERS, MACS, MACS, "none", "none", "", ""]
    {
        packet.extend(string(list.as_bytes()));
    }
    // No guessed packet follows; reserved.
    packet.extend([0; 5]);
    packet
}

async fn send(server: &mut Limited<TcpStream>, payload: &[u8]) -> Result<(), Trouble> {
    // Length and padding together fill blocks of eight, with four bytes of padding at least.
    let padding = 8 - (payload.len() + 5) % 8;
    let padding = if padding < 4 { padding + 8 } else { padding };
    let length = u32::try_from(payload.len() + padding + 1).map_err(|_| Trouble::Garbled)?;
    let padding_length = u8::try_from(padding).map_err(|_| Trouble::Garbled)?;
    let whole = [&length.to_be_bytes()[..], &[padding_length], payload, &vec![0; padding]].concat();
    server.stream.write_all(&whole).await.map_err(|_| Trouble::Garbled)
}

async fn packet(server: &mut Limited<TcpStream>) -> Result<Vec<u8>, Trouble> {
    let length =
        number(&server.bytes(4).await?).filter(|length| (2..=35_000).contains(length)).ok_or(Trouble::Garbled)?;
    let whole = server.bytes(length).await?;
    let padding = whole.first().copied().map_or(0, usize::from);
    let end = whole.len().checked_sub(padding).filter(|end| *end >= 1).ok_or(Trouble::Garbled)?;
    Ok(whole.get(1..end).unwrap_or_default().to_vec())
}

fn number(bytes: &[u8]) -> Option<usize> {
    let (four, _) = bytes.split_first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], bytes].concat()
}

fn read_string(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.get(4..4 + number(bytes)?).map(<[u8]>::to_vec)
}

/// As `ssh-keygen -l` prints it.
fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(Sha256::digest(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::model::TestState;

    #[test]
    fn packets_fill_blocks_and_strings_are_read_within_their_packet() {
        assert_eq!(read_string(&string(b"abc")).unwrap(), b"abc");
        assert!(
            read_string(&[0, 0, 0, 9, 1]).is_none() && read_string(&[255; 4]).is_none() && read_string(&[]).is_none()
        );
        assert_eq!(fingerprint(b"").len(), 50);
    }

    #[test]
    fn another_key_than_expected_fails() {
        assert_eq!(meaning(Some("SHA256:a"), "SHA256:b").state, TestState::Failed);
        assert_eq!(meaning(None, "SHA256:b").state, TestState::Failed);
        assert_eq!(meaning(Some("SHA256:a"), "SHA256:a").state, TestState::Reached);
    }
}
