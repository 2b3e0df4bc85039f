//! The files of `static/`, built into the program.
//!
//! Every file has an address with a hash of its content in the name, as `/static/app.1f2e3d4c.css`: browsers keep it
//! for a year and ask again only when the file, and so the address, has changed. Templates write
//! `asset("app.css")`; an icon is `asset("icons.svg")` followed by `#name`. The plain name works too but is looked
//! up anew each time; a hash that is not the present one is not found, so that no old page caches a new file under
//! an old name.
//!
//! Text is kept a second time, compressed with brotli, once per process: [`warm`] does that at the start, in a
//! thread of its own. Files are read once per process, in debug builds from the folder: restart to see a change.

use std::collections::HashMap;
use std::io;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "static/"]
#[exclude = ".*"]
#[exclude = "**/.*"]
#[exclude = "**/*~"]
struct Files;

/// One file.
struct Asset {
    body: Bytes,
    content_type: &'static str,
    /// Four bytes of SHA-256, in hexadecimal digits.
    hash: String,
    /// Compressed, once it was; `None` where that is not smaller.
    brotli: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn brotli(&self) -> Option<&Bytes> {
        let compressed = || {
            let body = self.body.clone();
            // In a thread of its own, and copied out of it: what an encoder takes is given back with the thread's heap.
            let small = std::thread::spawn(move || compress(&body)).join().ok()?.ok()?;
            (small.len() < self.body.len()).then(|| Bytes::copy_from_slice(&small))
        };
        if self.is_text() { self.brotli.get_or_init(compressed).as_ref() } else { None }
    }

    fn is_text(&self) -> bool {
        self.content_type.starts_with("text/") || self.content_type.starts_with("image/svg+xml")
    }
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = Files::get(&name)?;
        let hash = file.metadata.sha256_hash().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let content_type = content_type(&name);
        Some((
            name.into_owned(),
            Asset { body: Bytes::from_owner(file.data), content_type, hash, brotli: OnceLock::new() },
        ))
    };
    Files::iter().filter_map(read).collect()
});

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn compress(body: &[u8]) -> io::Result<Vec<u8>> {
    // 10 needs a third of the time of 11 (about a second for Tabler) and 3 % more room.
    let params =
        brotli::enc::BrotliEncoderParams { quality: 10, lgwin: 22, size_hint: body.len(), ..Default::default() };
    let mut small = Vec::with_capacity(body.len() / 4);
    brotli::BrotliCompress(&mut &body[..], &mut small, &params)?;
    Ok(small)
}

/// The address of a file of `static/`, as `vendor/htmx-4.0.1.min.js`, with the hash of its content.
pub fn asset(name: &str) -> String {
    let known = ASSETS.get(name);
    debug_assert!(known.is_some(), "there is no static/{name}");
    match (known, name.rsplit_once('.')) {
        (Some(asset), Some((stem, extension))) => format!("/static/{stem}.{}.{extension}", asset.hash),
        _ => format!("/static/{name}"),
    }
}

/// The file at an address below `/static/`, and whether the address holds its hash.
fn find(path: &str) -> Option<(&'static Asset, bool)> {
    if let Some(asset) = ASSETS.get(path) {
        return Some((asset, false));
    }
    let (rest, extension) = path.rsplit_once('.')?;
    let (stem, hash) = rest.rsplit_once('.')?;
    let asset = ASSETS.get(&format!("{stem}.{extension}"))?;
    (asset.hash == hash).then_some((asset, true))
}

/// Compresses every file, small ones first, in a thread of its own. To be called once, before the server listens.
pub fn warm() {
    std::thread::spawn(|| {
        let mut assets: Vec<_> = ASSETS.values().collect();
        assets.sort_by_key(|asset| asset.body.len());
        for asset in assets {
            asset.brotli();
        }
    });
}

/// `GET` and `HEAD /static/{path}`.
pub async fn serve(path: web::Path<String>, req: HttpRequest) -> HttpResponse {
    let Some((asset, hashed)) = find(&path) else {
        return HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body("There is no such file.\n");
    };
    let mut response = HttpResponse::Ok();
    let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    response
        .content_type(asset.content_type)
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Encoding"));
    if asset.is_text() && accepts_brotli(req.headers()) {
        // No request waits for the compression: until `warm` has done this file, it goes out as it is.
        if let Some(Some(small)) = asset.brotli.get() {
            return response.insert_header((header::CONTENT_ENCODING, "br")).body(small.clone());
        }
    }
    response.body(asset.body.clone())
}

/// Whether `Accept-Encoding` allows brotli: by name, or by `*` where brotli is not named.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let (mut named, mut any) = (None, false);
    for coding in
        headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let allowed = weight.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0));
        if name.eq_ignore_ascii_case("br") {
            named = Some(allowed);
        } else if name == "*" {
            any = allowed;
        }
    }
    named.unwrap_or(any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::App;
    use actix_web::http::StatusCode;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use sha2::{Digest, Sha256};

    struct Answer {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    }

    impl Answer {
        fn header(&self, name: HeaderName) -> &str {
            self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        }
    }

    async fn get(path: &str, accept_encoding: &str) -> Answer {
        let service = init_service(App::new().route("/static/{path:.*}", web::get().to(serve))).await;
        let req = TestRequest::get().uri(path).insert_header((header::ACCEPT_ENCODING, accept_encoding)).to_request();
        let response = call_service(&service, req).await;
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: read_body(response).await }
    }

    fn hash_of(address: &str) -> String {
        address.rsplit('.').nth(1).unwrap_or_default().to_owned()
    }

    #[test]
    fn an_address_holds_the_hash_of_the_content() {
        let address = asset("vendor/htmx-4.0.1.min.js");
        let hash = hash_of(&address);
        assert_eq!(address, format!("/static/vendor/htmx-4.0.1.min.{hash}.js"));
        assert!(hash.len() == 8 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
        assert_eq!(asset("app.css"), asset("app.css"));
        assert_ne!(hash_of(&asset("app.css")), hash_of(&asset("app.js")));
    }

    #[actix_web::test]
    async fn an_address_with_its_hash_is_kept_for_a_year() {
        let answer = get(&asset("app.css"), "identity").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/css; charset=utf-8");
        assert_eq!(answer.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(answer.header(header::VARY), "Accept-Encoding");
        assert_eq!(answer.header(header::CONTENT_ENCODING), "");
        assert!(answer.body.starts_with(b"/* Portico"));
    }

    #[actix_web::test]
    async fn a_plain_name_is_never_kept() {
        let answer = get("/static/icons.svg", "identity").await;
        assert_eq!((answer.status, answer.header(header::CACHE_CONTROL)), (StatusCode::OK, "no-cache"));
        assert_eq!(answer.header(header::CONTENT_TYPE), "image/svg+xml; charset=utf-8");
    }

    #[actix_web::test]
    async fn what_is_not_there_is_not_found() {
        let old = asset("app.css").replace(&hash_of(&asset("app.css")), "00000000");
        let paths = [
            &old,
            "/static/",
            "/static/none.css",
            "/static/app",
            "/static/../Cargo.toml",
            "/static/%2e%2e/Cargo.toml",
            "/static/.hidden",
        ];
        for path in paths {
            let answer = get(path, "br").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_ne!(answer.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable", "{path}");
        }
    }

    #[actix_web::test]
    async fn browsers_that_take_brotli_get_it() {
        let name = "app.js";
        assert!(ASSETS.get(name).and_then(Asset::brotli).is_some());
        let small = get(&asset(name), "gzip, deflate, br, zstd").await;
        assert_eq!((small.status, small.header(header::CONTENT_ENCODING)), (StatusCode::OK, "br"));
        let mut body = Vec::new();
        brotli::BrotliDecompress(&mut &small.body[..], &mut body).expect("it is brotli");
        assert_eq!(body, get(&asset(name), "gzip").await.body);
    }

    #[test]
    fn accept_encoding_is_read_to_the_letter() {
        let allows = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_brotli(&headers)
        };
        for value in ["br", "gzip, br", "gzip;q=1.0, BR ; q=0.1", "*", "gzip, *;q=0.5", "br;q=1"] {
            assert!(allows(value), "{value}");
        }
        for value in ["", "gzip", "br;q=0", "br; q=0.000, *", "*;q=0", "brotli", "br;q=x", "x-br"] {
            assert!(!allows(value), "{value}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }

    #[test]
    fn the_first_load_stays_small() {
        let names = [
            "vendor/tabler-1.6.1.min.css",
            "app.css",
            "vendor/htmx-4.0.1.min.js",
            "app.js",
            "icons.svg",
            "favicon.svg",
        ];
        let sent = |name: &str| ASSETS.get(name).and_then(Asset::brotli).map_or(usize::MAX / 100, Bytes::len);
        let sum: usize = names.into_iter().map(sent).sum();
        assert!(sum < 95_000, "{sum} bytes; with a page of 15 kB the budget is 110 kB");
    }

    #[test]
    fn nothing_here_reaches_out_or_needs_eval() {
        for (name, asset) in ASSETS.iter().filter(|(_, asset)| asset.is_text()) {
            let text = String::from_utf8_lossy(&asset.body);
            for never in ["sourceMappingURL", "@import", "url(http", "url(//"] {
                assert!(!text.contains(never), "{never} in static/{name}");
            }
        }
        let own = ASSETS.get("app.js").map(|asset| String::from_utf8_lossy(&asset.body)).expect("app.js is there");
        for never in ["eval(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "Function("] {
            assert!(!own.contains(never), "{never} in static/app.js");
        }
        assert!(own.len() < 6 * 1024, "static/app.js has {} bytes", own.len());
    }

    #[test]
    fn vendored_files_are_those_of_third_party_md() {
        let list =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/THIRD_PARTY.md")).expect("it is there");
        let vendored: Vec<_> = ASSETS.iter().filter(|(name, _)| name.starts_with("vendor/")).collect();
        assert!(!vendored.is_empty());
        for (name, asset) in &vendored {
            let sum: String = Sha256::digest(&asset.body).iter().map(|byte| format!("{byte:02x}")).collect();
            let line = list.lines().find(|line| line.contains(&format!("`static/{name}`"))).unwrap_or_default();
            assert!(line.contains(&sum), "THIRD_PARTY.md must say that static/{name} is {sum}");
        }
        assert_eq!(list.matches("`static/vendor/").count(), vendored.len(), "THIRD_PARTY.md names a file that is gone");
    }
}
