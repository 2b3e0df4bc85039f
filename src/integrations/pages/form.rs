//! The form of a page, filled with what is stored.

use super::media::{HERO, ICON, SHOTS};
use super::typed::LINKS;
use crate::integrations::content::{Content, Field, ImageRef, PageName};
use crate::values::Choice;
use crate::web::form::Form;

/// The fields of a page with what is in them, and the version that is seen.
pub fn filled(content: &Content, page: PageName, version: i32) -> Form {
    let mut pairs = match page {
        PageName::General => general(content),
        PageName::Listing => listing(content),
        PageName::Configure => configure(content),
        PageName::Media => media(content),
        PageName::Legal => vec![
            (Field::TermsLink.key(), content.terms_link.clone()),
            (Field::PrivacyLink.key(), content.privacy_link.clone()),
            (Field::DataUse.key(), content.data_use.clone()),
        ],
    };
    pairs.push(("version", version.to_string()));
    Form::filled(pairs)
}

fn general(content: &Content) -> Vec<(&'static str, String)> {
    vec![
        (Field::Name.key(), content.name.clone()),
        (Field::Kind.key(), content.kind.key().to_owned()),
        (Field::Link.key(), content.link.clone()),
        (Field::SupportEmail.key(), content.support_email.clone()),
        (Field::SupportLink.key(), content.support_link.clone()),
        (Field::Documentation.key(), content.documentation.clone()),
    ]
}

fn listing(content: &Content) -> Vec<(&'static str, String)> {
    let mut pairs = vec![
        (Field::Summary.key(), content.summary.clone()),
        (Field::Description.key(), content.description.clone()),
        (Field::MemberTerms.key(), content.member_terms.clone()),
    ];
    pairs.extend(content.categories.iter().map(|one| (Field::Categories.key(), one.clone())));
    for ((label, url), link) in LINKS.into_iter().zip(&content.links) {
        pairs.extend([(label, link.label.clone()), (url, link.url.clone())]);
    }
    pairs
}

fn configure(content: &Content) -> Vec<(&'static str, String)> {
    let id = |named: Option<String>| named.unwrap_or_default();
    vec![
        (Field::Template.key(), id(content.template.as_ref().map(|one| one.id.to_string()))),
        (Field::Source.key(), id(content.source.as_ref().map(|one| one.id.to_string()))),
        (Field::Target.key(), id(content.target.as_ref().map(|one| one.id.to_string()))),
    ]
}

fn media(content: &Content) -> Vec<(&'static str, String)> {
    let alt = |image: &Option<ImageRef>| image.as_ref().map_or_else(String::new, |one| one.alt.clone());
    let mut pairs = vec![
        (ICON.alt, alt(&content.icon)),
        (HERO.alt, alt(&content.hero)),
        (Field::Video.key(), content.video.clone()),
    ];
    pairs.extend(SHOTS.iter().zip(&content.screenshots).map(|(names, one)| (names.alt, one.alt.clone())));
    pairs
}
