//! People with browsers: cookies are kept, redirects are not followed, and the browser says where a form comes from.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Body, Client, RequestBuilder, Response, multipart};

/// Connections are not kept, so that a server can stop at once.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    // The portal names its provider of TLS with each connection; this client takes the default.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
});

/// Somebody with a browser. Several threads may use one, as several tabs would.
pub struct Visitor {
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
    headers: Vec<(String, String)>,
}

/// A file in a form.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    pub field: &'a str,
    pub name: &'a str,
    pub bytes: &'a [u8],
}

impl Visitor {
    pub fn new(base: &str) -> Visitor {
        Visitor { base: base.to_owned(), cookies: Mutex::default(), headers: Vec::new() }
    }

    /// The same browser, sending one more header with each request.
    pub fn with_header(mut self, name: &str, value: &str) -> Visitor {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A second browser with the same cookies as now: an old tab, or a thief.
    pub fn copy(&self) -> Visitor {
        Visitor {
            base: self.base.clone(),
            cookies: Mutex::new(self.cookies.lock().unwrap().clone()),
            headers: self.headers.clone(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path))
    }

    /// Whom they act for, as the sidebar of their dashboard says.
    pub fn place(&self) -> String {
        self.get("/").first(".side .scope b")
    }

    /// As htmx asks for a region.
    pub fn get_part(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).header("HX-Request", "true").header("HX-Request-Type", "partial"))
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.request("POST", path).form(form))
    }

    pub fn post_multipart(&self, path: &str, form: &[(&str, &str)], file: Option<Chosen<'_>>) -> Answer {
        let mut parts = multipart::Form::new();
        for (name, value) in form {
            parts = parts.text((*name).to_owned(), (*value).to_owned());
        }
        if let Some(file) = file {
            let part = multipart::Part::bytes(file.bytes.to_vec()).file_name(file.name.to_owned());
            parts = parts.part(file.field.to_owned(), part);
        }
        self.send(self.request("POST", path).multipart(parts))
    }

    /// A request as this browser would send it; an unsafe one says that it comes from the portal itself.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let request = self.bare(method.as_str(), path);
        if method.is_safe() { request } else { request.header("Sec-Fetch-Site", "same-origin") }
    }

    /// A request that does not say where it comes from.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let mut request = CLIENT.request(method.parse().unwrap(), format!("{}{path}", self.base));
        let cookies = self.cookies.lock().unwrap();
        if !cookies.is_empty() {
            let all: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("Cookie", all.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }

    pub fn send(&self, request: RequestBuilder) -> Answer {
        self.received(request.send().unwrap())
    }

    /// The same, where the server may close before everything was sent; then none.
    pub fn try_send(&self, request: RequestBuilder) -> Option<Answer> {
        request.send().ok().map(|response| self.received(response))
    }

    fn received(&self, response: Response) -> Answer {
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let body = response.bytes().unwrap().to_vec();
        let answer = Answer { status, headers, body };
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in answer.headers("set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_lowercase().contains("max-age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The cookie header, for raw requests.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends bytes as they are and reads until the server closes.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        // The server may answer and close before everything is sent.
        stream.write_all(bytes).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// A body that comes in pieces, without a length.
pub fn chunked(bytes: Vec<u8>) -> Body {
    Body::new(std::io::Cursor::new(bytes))
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of a name; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers(name).first().copied().unwrap_or_default()
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub fn all_headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Where a redirect leads; empty when it is none.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// Whether it sends to the sign-in page.
    pub fn asks_to_sign_in(&self) -> bool {
        self.status == 303 && self.location().starts_with("/sign-in")
    }
}
