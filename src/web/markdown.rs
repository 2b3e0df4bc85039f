//! Markdown that people wrote, as HTML that cannot do anything: no HTML of their own, no pictures, no scripts, links
//! only to where a page may lead. This is the one place where written text becomes markup, and
//! `components/markdown.html` the one place that puts it into a page.

use std::sync::LazyLock;

use ammonia::Builder;
use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};

/// Headings of a text begin below those of the page that shows it.
const DEEPER: u8 = 3;

/// Markup that [`render`] made; nothing else makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    // Tags that somebody writes are shown as they were written.
    options.render.escape = true;
    options
});

/// The second wall: whatever the renderer lets through, only this leaves.
static WALL: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut wall = Builder::empty();
    wall.add_tags([
        "p",
        "br",
        "hr",
        "strong",
        "em",
        "del",
        "ul",
        "ol",
        "li",
        "blockquote",
        "code",
        "pre",
        "h4",
        "h5",
        "h6",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]);
    wall.add_tag_attributes("a", ["href"]);
    wall.add_url_schemes(["https", "http", "mailto"]);
    wall.url_relative(ammonia::UrlRelative::Deny);
    wall.link_rel(Some("noopener nofollow"));
    wall
});

/// Renders a text.
pub fn render(text: &str) -> Html {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &OPTIONS);
    for node in root.descendants() {
        if let NodeValue::Heading(heading) = &mut node.data_mut().value {
            heading.level = (heading.level + DEEPER).min(6);
        }
    }
    let mut html = String::new();
    match format_html(root, &OPTIONS, &mut html) {
        Ok(()) => Html(WALL.clean(&html).to_string()),
        // Writing to memory does not fail; without a rendering there is the bare text.
        Err(_) => Html(ammonia::clean_text(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render(text).as_str().to_owned()
    }

    #[test]
    fn what_people_write_becomes_paragraphs_lists_and_links() {
        assert_eq!(html("Earn **two** miles"), "<p>Earn <strong>two</strong> miles</p>\n");
        assert_eq!(html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
        assert_eq!(html("# Terms"), "<h4>Terms</h4>\n");
        assert_eq!(html("###### Small"), "<h6>Small</h6>\n");
        let link = html("[Help](https://kestrel.example/help)");
        assert_eq!(link, "<p><a href=\"https://kestrel.example/help\" rel=\"noopener nofollow\">Help</a></p>\n");
        assert!(html("| a |\n|---|\n| b |").contains("<td>b</td>"));
    }

    #[test]
    fn t48_no_text_becomes_markup_of_its_own() {
        for evil in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<svg/onload=alert(1)>",
            "<iframe src=//evil.example></iframe>",
            "<style>*{display:none}</style>",
            "a <b onmouseover=alert(1)>b</b>",
            "<!-- --><script>alert(1)</script>",
            "<p style=\"position:fixed\">x</p>",
            "`</code><script>alert(1)</script>`",
            "```\n</pre><script>alert(1)</script>\n```",
        ] {
            let made = html(evil);
            for never in ["<script", "<img", "<svg", "<iframe", "<style", "<b ", "<!--", "<p style"] {
                assert!(!made.contains(never), "{evil}: {made}");
            }
            assert!(!made.contains("<a ") || !made.contains("href=\"javascript"), "{made}");
        }
    }

    #[test]
    fn t48_links_lead_to_pages_only() {
        for evil in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java&#10;script:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "[x](file:///etc/passwd)",
            "<javascript:alert(1)>",
            "[x](/sign-out)",
            "[x](//evil.example)",
            "[x]: javascript:alert(1)\n\n[x]",
        ] {
            let made = html(evil);
            assert!(!made.contains("href"), "{evil}: {made}");
        }
    }

    #[test]
    fn pictures_are_left_out() {
        for text in ["![a](https://evil.example/pixel.png)", "![a][b]\n\n[b]: https://evil.example/pixel.png"] {
            assert!(!html(text).contains("pixel.png"), "{}", html(text));
        }
    }

    #[test]
    fn t44_deep_and_long_texts_come_to_an_end() {
        for text in ["> ".repeat(5000), "[".repeat(10_000), "*a ".repeat(7000), "- ".repeat(5000)] {
            assert!(html(&text).len() < 2_000_000);
        }
    }
}
