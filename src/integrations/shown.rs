//! Pages of an integration as people read them: the same for a draft, a submission and a published version.

use super::content::{Content, ImageRef, Link, PageName, Spot, Value};
use crate::db::ids::IntegrationId;
use crate::values::Choice;
use crate::web::markdown::{self, Html};

/// A picture with its address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Picture {
    pub address: String,
    pub image: ImageRef,
}

impl Picture {
    /// A picture of an integration.
    pub fn of(integration: IntegrationId, image: &ImageRef) -> Picture {
        let address = format!("{}/images/{}", super::address(integration), image.id);
        Picture { address, image: image.clone() }
    }
}

/// What a field holds, ready for `components/value.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Empty,
    /// Plain text.
    Text(String),
    /// Rendered Markdown.
    Markdown(Html),
    /// An https address.
    Link(String),
    /// Several words.
    Choices(Vec<String>),
    /// Links with their words.
    Links(Vec<Link>),
    /// Pictures.
    Images(Vec<Picture>),
}

impl Shown {
    /// Makes a value of an integration ready.
    pub fn of(integration: IntegrationId, value: Value) -> Shown {
        match value {
            value if value.is_empty() => Shown::Empty,
            Value::Text(text) => Shown::Text(text),
            Value::Markdown(text) => Shown::Markdown(markdown::render(&text)),
            // What is no https address any more is text.
            Value::Link(link) if link.starts_with("https://") => Shown::Link(link),
            Value::Link(link) => Shown::Text(link),
            Value::Choices(list) => Shown::Choices(list),
            Value::Links(list) => {
                Shown::Links(list.into_iter().filter(|one| one.url.starts_with("https://")).collect())
            }
            Value::Images(list) => Shown::Images(list.iter().map(|one| Picture::of(integration, one)).collect()),
        }
    }
}

/// A field of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Line {
    pub anchor: String,
    pub label: String,
    pub shown: Shown,
}

/// A page with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Sheet {
    pub key: &'static str,
    pub label: &'static str,
    pub about: &'static str,
    pub lines: Vec<Line>,
}

/// One page of some content.
pub fn sheet(integration: IntegrationId, content: &Content, page: PageName) -> Sheet {
    let line = |spot: Spot| Line {
        anchor: spot.to_string(),
        label: content.label(spot),
        shown: Shown::of(integration, content.value(spot)),
    };
    Sheet {
        key: page.key(),
        label: page.label(),
        about: page.about(),
        lines: content.spots(page).into_iter().map(line).collect(),
    }
}

/// All five.
pub fn sheets(integration: IntegrationId, content: &Content) -> Vec<Sheet> {
    PageName::ALL.iter().map(|page| sheet(integration, content, *page)).collect()
}
