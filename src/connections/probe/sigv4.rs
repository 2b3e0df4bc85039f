//! Signatures of requests to S3-compatible stores (AWS Signature Version 4), as much as a GET without content needs.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The hash of no content.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request to be signed.
pub struct Request<'a> {
    /// With the port, when it is not 443.
    pub host: &'a str,
    /// Path, beginning with a slash.
    pub path: &'a str,
    /// Names and values, in order of the names.
    pub query: &'a [(&'a str, &'a str)],
    pub region: &'a str,
    pub access_key: &'a str,
    pub secret: &'a str,
    pub now: DateTime<Utc>,
}

impl Request<'_> {
    fn query(&self) -> String {
        let pairs: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name, false), escaped(value, false)))
            .collect();
        pairs.join("&")
    }

    /// Where to send it, escaped as it is signed.
    pub fn url(&self) -> String {
        format!("https://{}{}?{}", self.host, escaped(self.path, true), self.query())
    }

    /// The headers that carry the signature.
    pub fn headers(&self) -> [(&'static str, String); 3] {
        let time = self.now.format("%Y%m%dT%H%M%SZ").to_string();
        let scope = format!("{}/{}/s3/aws4_request", self.now.format("%Y%m%d"), self.region);
        let signature = self.signature(&time, &scope);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature={signature}",
            self.access_key
        );
        [("authorization", authorization), ("x-amz-content-sha256", NOTHING.to_owned()), ("x-amz-date", time)]
    }

    fn signature(&self, time: &str, scope: &str) -> String {
        let canonical = format!(
            "GET\n{}\n{}\nhost:{}\nx-amz-content-sha256:{NOTHING}\nx-amz-date:{time}\n\nhost;x-amz-content-sha256;x-amz-date\n{NOTHING}",
            escaped(self.path, true),
            self.query(),
            self.host
        );
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let begin = format!("AWS4{}", self.secret).into_bytes();
        let key = [time.get(..8).unwrap_or_default(), self.region, "s3", "aws4_request"]
            .into_iter()
            .fold(begin, |key, part| keyed(&key, part));
        hex(&keyed(&key, &text))
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(text: &str, keep_slash: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b'/' if keep_slash => out.push('/'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let request = Request {
            host: "examplebucket.s3.amazonaws.com",
            path: "/",
            query: &[("max-keys", "2"), ("prefix", "J")],
            region: "us-east-1",
            access_key: "AKIAIOSFODNN7EXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            now: "2013-05-24T00:00:00Z".parse().unwrap(),
        };
        let [(_, authorization), ..] = request.headers();
        assert!(
            authorization.ends_with("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "{authorization}"
        );
        assert_eq!(request.url(), "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
        assert_eq!(escaped("a b/é+", false), "a%20b%2F%C3%A9%2B");
    }
}
