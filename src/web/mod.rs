//! HTTP that every slice shares: errors, the page around a page, forms, lists, assets, deadlines.

pub mod assets;
pub mod error;
pub mod export;
pub mod form;
pub mod guard;
pub mod health;
pub mod listing;
pub mod markdown;
pub mod metrics;
pub mod outbound;
pub mod page;
pub mod time;
pub mod upload;

use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;

/// The id of a request, in the log and on error pages.
#[derive(Clone)]
pub struct RequestId(pub String);

/// The id of this request.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// Whether a body came compressed: none is unpacked, for a small one may hold gigabytes.
pub fn is_compressed(req: &HttpRequest) -> bool {
    req.headers().get_all(header::CONTENT_ENCODING).any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Sends the browser to another address here, by GET.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

/// Whether htmx asks for a region rather than a page.
pub fn wants_fragment(req: &HttpRequest) -> bool {
    req.headers().get("hx-request-type").is_some_and(|value| value == "partial")
}

/// An address to go on to after sign-in: only a path of this portal, else `/`.
pub fn local_address(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/sign-in")
        && next.len() <= 2000
        && next.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    if safe { next } else { "/" }
}

/// Text as one segment or value of an address.
pub fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t23_next_is_a_path_of_this_portal() {
        for evil in [
            "//evil.example",
            "\\/evil.example",
            "https:evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/\\evil",
            "/a\r\nSet-Cookie: x",
            "",
            "/sign-in?next=/",
            "/\u{202e}",
        ] {
            assert_eq!(local_address(evil), "/", "{evil:?}");
        }
        assert_eq!(local_address("/partners?q=%C3%A9&sort=-updated"), "/partners?q=%C3%A9&sort=-updated");
    }
}
