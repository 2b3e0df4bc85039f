//! The five pages as somebody typed them.

use super::media::{self, Chosen, Media};
use crate::db::ids::{ConnectionId, TemplateId};
use crate::integrations::content::{Content, Field, IntegrationKind, Link, PageName};
use crate::values::{Choice, Email, Name, Refused, https_link, line, text};
use crate::web::form::{Check, Form};

/// Longest summary, in characters.
pub const SUMMARY: usize = 240;
/// Longest Markdown, in characters.
pub const MARKDOWN: usize = 20_000;

/// Names of the fields of further links; as many as there may be.
pub const LINKS: [(&str, &str); 10] = [
    ("link0-label", "link0-url"),
    ("link1-label", "link1-url"),
    ("link2-label", "link2-url"),
    ("link3-label", "link3-url"),
    ("link4-label", "link4-url"),
    ("link5-label", "link5-url"),
    ("link6-label", "link6-url"),
    ("link7-label", "link7-url"),
    ("link8-label", "link8-url"),
    ("link9-label", "link9-url"),
];

/// What somebody typed on one page, each value right by itself.
#[derive(Clone, Debug)]
pub enum Typed {
    /// General.
    General(Box<General>),
    /// Listing.
    Listing(Box<Listing>),
    /// Configure; whose the ids are is found in the transaction.
    Configure(Configure),
    /// Media.
    Media(Box<Media>),
    /// Legal.
    Legal(Legal),
}

/// See [`Content`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct General {
    pub name: String,
    pub kind: IntegrationKind,
    pub link: String,
    pub support_email: String,
    pub support_link: String,
    pub documentation: String,
}

/// See [`Content`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct Listing {
    pub summary: String,
    pub description: String,
    pub categories: Vec<String>,
    pub links: Vec<Link>,
    pub member_terms: String,
}

/// See [`Content`].
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct Configure {
    pub template: Option<TemplateId>,
    pub source: Option<ConnectionId>,
    pub target: Option<ConnectionId>,
}

/// See [`Content`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct Legal {
    pub terms_link: String,
    pub privacy_link: String,
    pub data_use: String,
}

/// Reads one page.
///
/// # Errors
/// The form with its errors.
pub fn read(form: &Form, page: PageName, present: &Content, files: Vec<(String, Chosen)>) -> Result<Typed, Form> {
    match page {
        PageName::General => general(form),
        PageName::Listing => listing(form),
        PageName::Configure => configure(form),
        PageName::Media => media::read(form, present, files),
        PageName::Legal => legal(form),
    }
}

/// A value that may be left empty.
fn maybe(check: &mut Check<'_>, field: Field, parse: impl FnOnce(&str) -> Result<String, Refused>) -> Option<String> {
    check.optional(field.key(), field.label(), parse).map(Option::unwrap_or_default)
}

fn markdown(typed: &str) -> Result<String, Refused> {
    text(typed, MARKDOWN)
}

fn general(form: &Form) -> Result<Typed, Form> {
    let mut check = form.check();
    let name = check.field(Field::Name.key(), Field::Name.label(), Name::parse);
    let kind = check.field(Field::Kind.key(), Field::Kind.label(), IntegrationKind::parse);
    let link = maybe(&mut check, Field::Link, https_link);
    let support_email = maybe(&mut check, Field::SupportEmail, |typed| Email::parse(typed).map(|one| one.to_string()));
    let support_link = maybe(&mut check, Field::SupportLink, https_link);
    let documentation = maybe(&mut check, Field::Documentation, https_link);
    check.done(|| {
        Some(Typed::General(Box::new(General {
            name: name?.to_string(),
            kind: kind?,
            link: link?,
            support_email: support_email?,
            support_link: support_link?,
            documentation: documentation?,
        })))
    })
}

fn listing(form: &Form) -> Result<Typed, Form> {
    let mut check = form.check();
    // One line: lists have no room for more.
    let summary = maybe(&mut check, Field::Summary, |typed| line(&typed.replace(['\r', '\n'], " "), SUMMARY));
    let description = maybe(&mut check, Field::Description, markdown);
    let links = links(form, &mut check);
    let member_terms = maybe(&mut check, Field::MemberTerms, markdown);
    let mut categories: Vec<String> = Vec::new();
    for one in form.values(Field::Categories.key()) {
        if !categories.iter().any(|known| known == one) {
            categories.push(one.to_owned());
        }
    }
    check.done(|| {
        Some(Typed::Listing(Box::new(Listing {
            summary: summary?,
            description: description?,
            categories,
            links: links?,
            member_terms: member_terms?,
        })))
    })
}

fn links(form: &Form, check: &mut Check<'_>) -> Option<Vec<Link>> {
    let mut links = Some(Vec::new());
    for (label, url) in LINKS {
        if form.value(label).trim().is_empty() && form.value(url).trim().is_empty() {
            continue;
        }
        let words = check.field(label, "Words of a link", |typed| line(typed, 80));
        let url = check.field(url, "Address of a link", https_link);
        links = links.zip(words.zip(url)).map(|(mut all, (label, url))| {
            all.push(Link { label, url });
            all
        });
    }
    links
}

fn configure(form: &Form) -> Result<Typed, Form> {
    fn id<T: std::str::FromStr>(check: &mut Check<'_>, field: Field) -> Option<Option<T>> {
        check.optional(field.key(), field.label(), |typed| typed.trim().parse().map_err(|_| unknown()))
    }
    let mut check = form.check();
    let template = id(&mut check, Field::Template);
    let source = id(&mut check, Field::Source);
    let target = id(&mut check, Field::Target);
    check.done(|| Some(Typed::Configure(Configure { template: template?, source: source?, target: target? })))
}

/// What is said of an id that is not in the list, whoever's it is.
pub fn unknown() -> Refused {
    "Choose one of the list.".into()
}

fn legal(form: &Form) -> Result<Typed, Form> {
    let mut check = form.check();
    let terms_link = maybe(&mut check, Field::TermsLink, https_link);
    let privacy_link = maybe(&mut check, Field::PrivacyLink, https_link);
    let data_use = maybe(&mut check, Field::DataUse, markdown);
    check.done(|| {
        Some(Typed::Legal(Legal { terms_link: terms_link?, privacy_link: privacy_link?, data_use: data_use? }))
    })
}
