//! The way out: connecting to servers that people name, without letting them use the portal to reach what only the
//! portal can reach (SSRF; T55, T56).
//!
//! The rules this file protects: a name is resolved once, every address that it has must lie in the open internet (or
//! in a network that the configuration allows), and the connection goes to an address that was looked at; neither
//! proxies nor redirects are followed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Deserializer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::config::Config;
use crate::values::{Refused, shown};

/// How long anything outside may take.
pub const LONGEST: Duration = Duration::from_secs(5);
/// How long a name may take while a form is being saved.
const NAME_AT_SAVE: Duration = Duration::from_secs(2);

/// Ports from 1024 on that belong to databases, caches and consoles: nobody's files are there.
const NEVER: [u16; 22] = [
    1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5984, 6000, 6379, 8086, 9042, 9092,
    9200, 11211, 27017,
];

/// Networks, as `10.20.0.0/16` or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let cut = |value: u128, of: u8| value >> u32::from(of - self.bits.min(of)).min(127);
        match (self.base, address) {
            _ if self.bits == 0 => self.base.is_ipv4() == address.is_ipv4(),
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                cut(u128::from(base.to_bits()), 32) == cut(u128::from(address.to_bits()), 32)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => cut(base.to_bits(), 128) == cut(address.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || format!("“{}” is no network like 10.20.0.0/16", shown(text));
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.trim().parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Network { base, bits }) }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Network, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Why nothing was reached. Says nothing of what the other side sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The name has no address.
    Unknown,
    /// It leads into a network that the portal does not connect to.
    Internal,
    /// Nobody listens there, or the network says no.
    Unreachable,
    /// It took too long.
    Slow,
    /// The connection closed before the answer was whole, or the answer is not of this protocol.
    Garbled,
    /// The certificate does not prove that it is this host.
    Certificate,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Unknown => "There is no server of this name.",
            Trouble::Internal => "The name leads into an internal network, where Portico does not connect.",
            Trouble::Unreachable => "Nobody answers at this host and port.",
            Trouble::Slow => "No answer came within 5 seconds.",
            Trouble::Garbled => "Something answers there, but it does not speak this protocol.",
            Trouble::Certificate => {
                "The certificate is not valid for this host, or is not signed by a trusted authority."
            }
        })
    }
}

/// The way out, as configured.
pub struct Outbound {
    allowed: Vec<Network>,
    own_host: String,
    own_ports: Vec<u16>,
    tls: ClientConfig,
}

impl Outbound {
    /// With the networks and authorities of the configuration.
    ///
    /// # Errors
    /// When the file of authorities cannot be read.
    pub fn new(config: &Config) -> anyhow::Result<Outbound> {
        let base = url::Url::parse(&config.http.base()).ok();
        let own_port = base.as_ref().and_then(url::Url::port_or_known_default);
        Ok(Outbound {
            allowed: config.connections.allow_private.clone(),
            own_host: base.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned(),
            own_ports: own_port.into_iter().chain([config.http.port]).collect(),
            tls: tls(config)?,
        })
    }

    /// TLS as every connection uses it.
    pub fn tls(&self) -> ClientConfig {
        self.tls.clone()
    }

    /// Refuses, while a form is saved, what a later connection would refuse. A name without any address may stay.
    ///
    /// # Errors
    /// With a sentence.
    pub async fn refuse_internal(&self, host: &str, port: u16) -> Result<(), Refused> {
        match timeout(NAME_AT_SAVE, self.resolve(host, port)).await {
            Ok(Err(Trouble::Internal)) => Err(format!(
                "“{}” leads to this machine or into an internal network. Portico connects to servers of the open internet only.",
                shown(host)
            )),
            _ => Ok(()),
        }
    }

    /// The address to connect to: looked at, all of them.
    ///
    /// # Errors
    /// [`Trouble::Unknown`] or [`Trouble::Internal`].
    pub async fn resolve(&self, host: &str, port: u16) -> Result<SocketAddr, Trouble> {
        if self.allowed.is_empty() && (is_local_name(host) || host.eq_ignore_ascii_case(&self.own_host)) {
            return Err(Trouble::Internal);
        }
        let addresses: Vec<SocketAddr> = match Host::parse(host) {
            Ok(Host::Ipv4(ip)) => vec![(ip, port).into()],
            Ok(Host::Ipv6(ip)) => vec![(ip, port).into()],
            Ok(Host::Domain(name)) => {
                tokio::net::lookup_host((name.as_str(), port)).await.map_err(|_| Trouble::Unknown)?.collect()
            }
            Err(_) => return Err(Trouble::Unknown),
        };
        if addresses.iter().any(|address| !self.lets_out(*address)) {
            return Err(Trouble::Internal);
        }
        addresses.first().copied().ok_or(Trouble::Unknown)
    }

    fn lets_out(&self, to: SocketAddr) -> bool {
        let ip = plain(to.ip());
        if is_public(ip) {
            return true;
        }
        // Not even an allowed network leads back into the portal.
        self.allowed.iter().any(|network| network.contains(ip)) && !self.own_ports.contains(&to.port())
    }

    /// Connects.
    ///
    /// # Errors
    /// Why not.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Trouble> {
        let address = self.resolve(host, port).await?;
        TcpStream::connect(address).await.map_err(|_| Trouble::Unreachable)
    }

    /// Goes on under TLS, with the certificate verified.
    ///
    /// # Errors
    /// Why not.
    pub async fn secured(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, Trouble> {
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| Trouble::Certificate)?;
        let connector = TlsConnector::from(Arc::new(self.tls.clone()));
        connector.connect(name, stream).await.map_err(|cause| tls_trouble(&cause))
    }

    /// A client for one request to one host: to the address that was looked at, by no proxy, following nothing.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn client(&self, host: &str, port: u16) -> Result<reqwest::Client, Trouble> {
        let address = self.resolve(host, port).await?;
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve(host, address)
            .https_only(true)
            .http1_only()
            .pool_max_idle_per_host(0)
            .timeout(LONGEST)
            .build()
            .map_err(|_| Trouble::Unreachable)
    }
}

/// What went wrong in a handshake: with the certificate, or before it came to that.
fn tls_trouble(cause: &(dyn std::error::Error + 'static)) -> Trouble {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Trouble::Certificate;
        }
        // What an error of input and output holds is not among its sources.
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    Trouble::Garbled
}

/// What went wrong with a request.
pub fn request_trouble(cause: &reqwest::Error) -> Trouble {
    match tls_trouble(cause) {
        Trouble::Certificate => Trouble::Certificate,
        _ if cause.is_timeout() => Trouble::Slow,
        _ if cause.is_connect() => Trouble::Unreachable,
        _ => Trouble::Garbled,
    }
}

fn tls(config: &Config) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &config.connections.trusted_certificates {
        let wrong = || format!("connections.trusted_certificates: {} cannot be read", path.display());
        for certificate in CertificateDer::pem_file_iter(path).with_context(wrong)? {
            roots.add(certificate.with_context(wrong)?).with_context(wrong)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Reads a host as browsers do, so that numbers in disguise (`0x7f.1`, `2130706433`) become the address they are.
///
/// # Errors
/// With a sentence.
pub fn host(typed: &str) -> Result<String, Refused> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Enter a host name, like files.company.example.".into());
    }
    let wrong = || format!("“{}” is no host name. Enter it alone, like files.company.example.", shown(typed));
    let bare = typed.parse::<Ipv6Addr>().map(|ip| format!("[{ip}]")).unwrap_or_else(|_| typed.to_owned());
    let host = Host::parse(&bare).map_err(|_| wrong())?;
    if let Host::Domain(name) = &host {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(wrong());
        }
    }
    Ok(host.to_string().trim_end_matches('.').to_owned())
}

/// Whether a port may be connected to: a protocol's own ports, or one that no other service is known for.
///
/// # Errors
/// With a sentence.
pub fn port(port: u16, own: &[u16]) -> Result<u16, Refused> {
    if own.contains(&port) || (port >= 1024 && !NEVER.contains(&port)) {
        return Ok(port);
    }
    let own: Vec<String> = own.iter().map(u16::to_string).collect();
    Err(format!(
        "Port {port} belongs to another kind of service. Use {}, or a free one from 1024 on.",
        own.join(" or ")
    ))
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || [".localhost", ".local", ".internal"].iter().any(|end| host.ends_with(end))
}

/// The address that is meant: IPv4 inside of IPv6 as IPv4.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => embedded(v6).map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// An IPv4 address in an IPv6 one: mapped, compatible, translated (NAT64) or tunnelled (6to4).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff | 0) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        (0x2002, ..) => Some(v4(b, c)),
        _ => None,
    }
}

/// Whether an address is of the open internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    // Own networks; shared, link-local and private ones; what serves protocols; tests and examples.
    let is_special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 175, 48)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !is_special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff));
    a & 0xe000 == 0x2000 && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(allowed: &[&str]) -> Outbound {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Outbound {
            allowed: allowed.iter().map(|network| network.parse().unwrap()).collect(),
            own_host: "portal.example".into(),
            own_ports: vec![443, 8080],
            tls: builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        }
    }

    #[tokio::test]
    async fn t55_internal_addresses_are_refused_in_every_spelling() {
        let outbound = outbound(&[]);
        for internal in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0177.0.0.1",
            "2130706433",
            "017700000001",
            "0x7f000001",
            "127.0.0.1.",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "0.0.0.0",
            "0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "2852039166",
            "100.64.0.1",
            "100.127.255.254",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.7",
            "[::1]",
            "[::]",
            "[fd00::1]",
            "[fc00::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::a00:1]",
            "[2002:7f00:1::]",
            "[2002:a9fe:a9fe::]",
            "[2001:0:1::1]",
            "[2001:db8::1]",
            "metadata.google.internal",
            "printer.local",
            "portal.example",
            "PORTAL.example",
            "１２７.0.0.1",
        ] {
            let typed = host(internal).unwrap_or_else(|why| panic!("{internal}: {why}"));
            assert_eq!(outbound.resolve(&typed, 443).await, Err(Trouble::Internal), "{internal} as {typed}");
            assert!(
                outbound.refuse_internal(&typed, 443).await.unwrap_err().contains("internal network"),
                "{internal}"
            );
        }
        for public in ["8.8.8.8", "134744072", "172.32.0.1", "100.128.0.1", "[2606:4700::1]", "[::ffff:8.8.8.8]"] {
            assert!(outbound.resolve(&host(public).unwrap(), 443).await.is_ok(), "{public}");
        }
        assert_eq!(outbound.resolve("no-such-host.invalid", 443).await, Err(Trouble::Unknown));
    }

    #[tokio::test]
    async fn t55_an_allowed_network_is_that_network_only_and_never_the_portal() {
        let outbound = outbound(&["127.0.0.1", "10.20.0.0/16", "fd00::/8"]);
        let result = async |to: &str, port| outbound.resolve(to, port).await.is_ok();
        assert!(result("127.0.0.1", 2222).await && result("10.20.3.4", 443 + 1).await && result("[fd12::1]", 22).await);
        assert!(!result("127.0.0.1", 8080).await, "the portal itself");
        assert!(!result("127.0.0.2", 2222).await && !result("10.21.0.1", 22).await && !result("[fe80::1]", 22).await);
        assert!(result("[::ffff:127.0.0.1]", 2222).await, "the same address in another spelling");
        for wrong in ["", "10", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn t50_hosts_and_ports() {
        assert_eq!(host(" Files.Kestrel.Example. ").unwrap(), "files.kestrel.example");
        assert_eq!(host("bücher.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(host("::1").unwrap(), "[::1]");
        for bad in [
            "",
            " ",
            "a b",
            "https://a.example",
            "a.example/path",
            "a.example:22",
            "user@a.example",
            "a..b",
            "[::1",
            "a\r\nb.example",
            "a\0",
            "-",
            &"a".repeat(64),
            &"a.".repeat(130),
            "256.1.1.1",
            "1.2.3.4.5",
            "*.example",
        ] {
            assert!(host(bad).is_err() || bad == "-", "{bad:?}");
        }
        assert!(port(443, &[443]).is_ok() && port(8443, &[443]).is_ok() && port(2222, &[22]).is_ok());
        for bad in [0, 21, 22, 25, 80, 110, 465, 587, 3306, 5432, 6379, 9200, 11211, 27017] {
            assert!(port(bad, &[443]).unwrap_err().contains("443"), "{bad}");
        }
    }
}
