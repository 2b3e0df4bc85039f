//! Where a request comes from. Forwarded headers count only from the proxies that the configuration lists:
//! anybody can send one.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Data;

use crate::app::App;

/// The client's network address.
pub fn address(req: &HttpRequest) -> String {
    let Some(peer) = req.peer_addr().map(|peer| peer.ip()) else { return "unknown".into() };
    let trusted = req.app_data::<Data<App>>().map(|app| app.config.http.trusted_proxies.clone()).unwrap_or_default();
    let forwarded = req.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    nearest_untrusted(peer, forwarded, &trusted).to_string()
}

/// Walks the hops from the nearest: the first that is not ours is the client.
fn nearest_untrusted<'a>(peer: IpAddr, forwarded: impl Iterator<Item = &'a str>, trusted: &[IpAddr]) -> IpAddr {
    let mut nearest = peer;
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for hop in hops.iter().rev() {
        if !trusted.contains(&nearest) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => nearest = address,
            Err(_) => break,
        }
    }
    nearest
}

/// The network of an address, for counting tries: of IPv6 the half that a provider gives to one customer, who could
/// otherwise come from a new address with each try.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// The browser, as it calls itself; cut to what a table cell holds.
pub fn agent(req: &HttpRequest) -> String {
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    agent.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn forwarded_headers_count_only_from_listed_proxies() {
        let forged = ["203.0.113.9"];
        assert_eq!(nearest_untrusted(ip("198.51.100.1"), forged.into_iter(), &[]), ip("198.51.100.1"));
        let through = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(nearest_untrusted(ip("10.0.0.1"), through.into_iter(), &[ip("10.0.0.1")]), ip("198.51.100.7"));
    }

    #[test]
    fn t18_tries_are_counted_per_network() {
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), network("2001:db8:1:2::9"));
        assert_eq!(network("unknown"), "unknown");
    }
}
