//! What stands on an integration's pages. The same shape is being written, submitted, and published, so that any two
//! can be compared field by field.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::db::ids::{ConnectionId, ImageId, QuestionId, TemplateId};
use crate::forms::model::Answered;
use crate::values::{Choice, choice};

choice! {
    /// Where an integration runs.
    IntegrationKind {
        /// On this program's connections.
        Internal = "internal" / "Internal",
        /// Elsewhere; the listing leads there.
        External = "external" / "External",
    }
}

impl IntegrationKind {
    /// What that means, for whoever chooses.
    pub fn about(self) -> &'static str {
        match self {
            IntegrationKind::Internal => "It runs here: over one or two of the partner's connections, with a template.",
            IntegrationKind::External => "A listing that leads to the partner's own pages.",
        }
    }
}

choice! {
    /// The pages of an integration.
    PageName {
        /// What it is, and whom to ask.
        General = "general" / "General",
        /// What members and storefronts see.
        Listing = "listing" / "Listing",
        /// How it is connected, and the program's questions.
        Configure = "configure" / "Configure",
        /// Pictures.
        Media = "media" / "Media",
        /// Terms and privacy.
        Legal = "legal" / "Legal",
    }
}

choice! {
    /// The fields of those pages; the program's own questions stand beside them, see [`Spot`].
    Field {
        /// Its name.
        Name = "name" / "Name",
        /// Internal or external.
        Kind = "kind" / "Kind",
        /// Where an external one is.
        Link = "link" / "Address",
        /// Where its users write to.
        SupportEmail = "support-email" / "Support e-mail",
        /// Where they read.
        SupportLink = "support-link" / "Support page",
        /// For people who build on it.
        Documentation = "documentation" / "Documentation",
        /// One or two sentences.
        Summary = "summary" / "Short summary",
        /// The whole text.
        Description = "description" / "Description",
        /// Of the program's list.
        Categories = "categories" / "Categories",
        /// Further reading.
        Links = "links" / "Links",
        /// What members have to know.
        MemberTerms = "member-terms" / "Terms for members",
        /// The layout of its files.
        Template = "template" / "Template",
        /// Where data comes from.
        Source = "source" / "Source connection",
        /// Where data goes.
        Target = "target" / "Target connection",
        /// With which a reviewer tries it.
        Credentials = "credentials" / "Test credentials",
        /// Small and square.
        Icon = "icon" / "Icon",
        /// Large.
        Hero = "hero" / "Hero image",
        /// More of them.
        Screenshots = "screenshots" / "Screenshots",
        /// A film.
        Video = "video" / "Video",
        /// The partner's terms.
        TermsLink = "terms-link" / "Terms of use",
        /// The partner's privacy notice.
        PrivacyLink = "privacy-link" / "Privacy notice",
        /// What becomes of members' data.
        DataUse = "data-use" / "Use of data",
    }
}

impl PageName {
    /// What belongs there, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            PageName::General => "What it is, and whom to ask.",
            PageName::Listing => "What members and storefronts see.",
            PageName::Configure => "How it is connected, and the program's questions.",
            PageName::Media => "Pictures for the listing.",
            PageName::Legal => "Terms and privacy.",
        }
    }

    /// Its own fields, in order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| field.page() == self)
    }

    /// The page after it.
    pub fn next(self) -> Option<PageName> {
        PageName::ALL.iter().copied().skip_while(|one| *one != self).nth(1)
    }
}

impl Field {
    /// The page it stands on.
    pub fn page(self) -> PageName {
        use Field as F;
        match self {
            F::Name | F::Kind | F::Link | F::SupportEmail | F::SupportLink | F::Documentation => PageName::General,
            F::Summary | F::Description | F::Categories | F::Links | F::MemberTerms => PageName::Listing,
            F::Template | F::Source | F::Target | F::Credentials => PageName::Configure,
            F::Icon | F::Hero | F::Screenshots | F::Video => PageName::Media,
            F::TermsLink | F::PrivacyLink | F::DataUse => PageName::Legal,
        }
    }
}

/// A picture in the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRef {
    /// Its key.
    pub id: ImageId,
    /// What the partner calls the file.
    pub name: String,
    /// What it shows, for who cannot see it.
    pub alt: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Its bytes.
    pub size: u64,
}

/// A link with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is there.
    pub label: String,
    /// Its https address.
    pub url: String,
}

/// A template or connection by its id, with the name that it had when it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<Id> {
    /// Which.
    pub id: Id,
    /// Its name then.
    pub name: String,
}

/// Everything on the pages. Test credentials are kept apart, sealed: here stands only when they were put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is named after a Field, whose labels say what it is")]
pub struct Content {
    pub name: String,
    pub kind: IntegrationKind,
    pub link: String,
    pub support_email: String,
    pub support_link: String,
    pub documentation: String,
    pub summary: String,
    pub description: String,
    pub categories: Vec<String>,
    pub links: Vec<Link>,
    pub member_terms: String,
    pub template: Option<Named<TemplateId>>,
    pub source: Option<Named<ConnectionId>>,
    pub target: Option<Named<ConnectionId>>,
    /// The program's questions as they were asked, with the answers; put in when it is submitted.
    pub answers: Vec<Answered>,
    /// When test credentials were put in last, as text with zone; empty when there are none.
    pub credentials: String,
    pub icon: Option<ImageRef>,
    pub hero: Option<ImageRef>,
    pub screenshots: Vec<ImageRef>,
    pub video: String,
    pub terms_link: String,
    pub privacy_link: String,
    pub data_use: String,
}

/// What a field holds, as pages show and compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Plain text; compared word by word.
    Text(String),
    /// Markdown; compared word by word, shown rendered.
    Markdown(String),
    /// An https address.
    Link(String),
    /// Several words of a list; compared as before and after.
    Choices(Vec<String>),
    /// Links with their words.
    Links(Vec<Link>),
    /// Pictures; shown side by side.
    Images(Vec<ImageRef>),
}

impl Value {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) | Value::Markdown(text) | Value::Link(text) => text.is_empty(),
            Value::Choices(list) => list.is_empty(),
            Value::Links(list) => list.is_empty(),
            Value::Images(list) => list.is_empty(),
        }
    }

    /// In one line, for activity, letters and checks.
    pub fn text(&self) -> String {
        match self {
            Value::Text(text) | Value::Markdown(text) | Value::Link(text) => text.clone(),
            Value::Choices(list) => list.join(", "),
            Value::Links(list) => {
                list.iter().map(|one| format!("{} ({})", one.label, one.url)).collect::<Vec<_>>().join(", ")
            }
            Value::Images(list) => {
                let one = |image: &ImageRef| format!("{}, {} × {}", image.name, image.width, image.height);
                list.iter().map(one).collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// A place on a page that feedback, checks and comparisons can name: a field, or a question of the program's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// A field.
    Field(Field),
    /// A question; it stands under Configure.
    Question(QuestionId),
}

impl Spot {
    /// The page it stands on.
    pub fn page(self) -> PageName {
        match self {
            Spot::Field(field) => field.page(),
            Spot::Question(_) => PageName::Configure,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Field(field) => f.write_str(field.key()),
            Spot::Question(id) => write!(f, "question-{id}"),
        }
    }
}

impl FromStr for Spot {
    type Err = ();

    fn from_str(text: &str) -> Result<Spot, ()> {
        match text.strip_prefix("question-") {
            Some(id) => id.parse().map(Spot::Question).map_err(|_| ()),
            None => Field::from_key(text).map(Spot::Field).ok_or(()),
        }
    }
}

impl Content {
    /// A new one.
    pub fn new(name: String, kind: IntegrationKind) -> Content {
        Content {
            name,
            kind,
            link: String::new(),
            support_email: String::new(),
            support_link: String::new(),
            documentation: String::new(),
            summary: String::new(),
            description: String::new(),
            categories: Vec::new(),
            links: Vec::new(),
            member_terms: String::new(),
            template: None,
            source: None,
            target: None,
            answers: Vec::new(),
            credentials: String::new(),
            icon: None,
            hero: None,
            screenshots: Vec::new(),
            video: String::new(),
            terms_link: String::new(),
            privacy_link: String::new(),
            data_use: String::new(),
        }
    }

    /// The fields that mean something here: an external one has no connections, an internal one no address.
    fn has(&self, field: Field) -> bool {
        match field {
            Field::Link => self.kind == IntegrationKind::External,
            Field::Template | Field::Source | Field::Target => self.kind == IntegrationKind::Internal,
            _ => true,
        }
    }

    /// The places of a page, in order; a question that was answered stands after the page's own fields.
    pub fn spots(&self, page: PageName) -> Vec<Spot> {
        let own = page.fields().filter(|field| self.has(*field)).map(Spot::Field);
        let asked = self.answers.iter().filter(|_| page == PageName::Configure);
        own.chain(asked.map(|answer| Spot::Question(answer.question.id))).collect()
    }

    /// What a place is called.
    pub fn label(&self, spot: Spot) -> String {
        match spot {
            Spot::Field(field) => field.label().to_owned(),
            Spot::Question(id) => self
                .answers
                .iter()
                .find(|one| one.question.id == id)
                .map_or_else(|| "A question that is no longer asked".to_owned(), |one| one.question.label.clone()),
        }
    }

    /// What a place holds.
    pub fn value(&self, spot: Spot) -> Value {
        let Spot::Field(field) = spot else { return self.answer(spot) };
        match field {
            Field::Name => Value::Text(self.name.clone()),
            Field::Kind => Value::Text(self.kind.label().to_owned()),
            Field::Link => Value::Link(self.link.clone()),
            Field::SupportEmail => Value::Text(self.support_email.clone()),
            Field::SupportLink => Value::Link(self.support_link.clone()),
            Field::Documentation => Value::Link(self.documentation.clone()),
            Field::Summary => Value::Text(self.summary.clone()),
            Field::Description => Value::Markdown(self.description.clone()),
            Field::Categories => Value::Choices(self.categories.clone()),
            Field::Links => Value::Links(self.links.clone()),
            Field::MemberTerms => Value::Markdown(self.member_terms.clone()),
            Field::Template => Value::Text(self.template.as_ref().map_or_else(String::new, |one| one.name.clone())),
            Field::Source => Value::Text(self.source.as_ref().map_or_else(String::new, |one| one.name.clone())),
            Field::Target => Value::Text(self.target.as_ref().map_or_else(String::new, |one| one.name.clone())),
            Field::Credentials => Value::Text(self.credentials.clone()),
            Field::Icon => Value::Images(self.icon.iter().cloned().collect()),
            Field::Hero => Value::Images(self.hero.iter().cloned().collect()),
            Field::Screenshots => Value::Images(self.screenshots.clone()),
            Field::Video => Value::Link(self.video.clone()),
            Field::TermsLink => Value::Link(self.terms_link.clone()),
            Field::PrivacyLink => Value::Link(self.privacy_link.clone()),
            Field::DataUse => Value::Markdown(self.data_use.clone()),
        }
    }

    fn answer(&self, spot: Spot) -> Value {
        let found = self.answers.iter().find(|one| Spot::Question(one.question.id) == spot);
        match found {
            None => Value::Text(String::new()),
            Some(one) if one.question.kind.has_options() => Value::Choices(one.values.clone()),
            Some(one) => Value::Text(one.text()),
        }
    }

    /// The places of all pages, in order.
    pub fn all_spots(&self) -> Vec<Spot> {
        PageName::ALL.iter().flat_map(|page| self.spots(*page)).collect()
    }

    /// The places that differ from another content, in order; those that only the other has come last.
    pub fn changed_from(&self, other: &Content) -> Vec<Spot> {
        let own = self.all_spots();
        let gone: Vec<Spot> = other.all_spots().into_iter().filter(|spot| !own.contains(spot)).collect();
        let differs = |spot: &Spot| self.has_spot(*spot) != other.has_spot(*spot) || self.differs(other, *spot);
        own.into_iter().chain(gone).filter(differs).collect()
    }

    fn has_spot(&self, spot: Spot) -> bool {
        match spot {
            Spot::Field(field) => self.has(field) && !self.value(spot).is_empty(),
            Spot::Question(id) => self.answers.iter().any(|one| one.question.id == id),
        }
    }

    /// By id where the name would not tell: a template may be another one of the same name.
    fn differs(&self, other: &Content, spot: Spot) -> bool {
        let ids = |one: &Content| match spot {
            Spot::Field(Field::Template) => one.template.as_ref().map(|named| named.id.uuid()),
            Spot::Field(Field::Source) => one.source.as_ref().map(|named| named.id.uuid()),
            Spot::Field(Field::Target) => one.target.as_ref().map(|named| named.id.uuid()),
            _ => None,
        };
        self.value(spot) != other.value(spot) || ids(self) != ids(other)
    }

    /// What has to be there before anything can be submitted (S2-11 is about the program's own questions).
    pub fn needed(&self) -> Vec<Field> {
        let mut needed = vec![Field::Name, Field::SupportEmail, Field::Summary, Field::Description];
        match self.kind {
            IntegrationKind::External => needed.push(Field::Link),
            IntegrationKind::Internal => needed.push(Field::Template),
        }
        if self.kind == IntegrationKind::Internal {
            needed.push(Field::Source);
        }
        needed
    }

    /// What of that is not there. An internal one needs a connection of the two, no matter which.
    pub fn missing(&self) -> Vec<Field> {
        let connection = self.source.is_some() || self.target.is_some();
        let is_missing = |field: &Field| match field {
            Field::Source => !connection,
            _ => self.value(Spot::Field(*field)).is_empty(),
        };
        self.needed().into_iter().filter(is_missing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_on_one_page_and_places_are_read_back() {
        let count: usize = PageName::ALL.iter().map(|page| page.fields().count()).sum();
        assert_eq!(count, Field::ALL.len());
        for field in Field::ALL {
            assert_eq!(Spot::Field(*field).to_string().parse(), Ok(Spot::Field(*field)));
        }
        let question = Spot::Question(QuestionId::new());
        assert_eq!(question.to_string().parse(), Ok(question));
    }

    #[test]
    fn a_change_of_each_kind_is_found() {
        let old = Content::new("Stay Sync".into(), IntegrationKind::Internal);
        let named = |name: &str| Named { id: TemplateId::new(), name: name.into() };
        let template = Content { template: Some(named("Stays")), ..old.clone() };
        assert_eq!(template.changed_from(&old), [Spot::Field(Field::Template)]);
        let other = Content { template: Some(named("Stays")), ..old.clone() };
        assert_eq!(other.changed_from(&template), [Spot::Field(Field::Template)]);
        let external =
            Content { kind: IntegrationKind::External, link: "https://a.example".into(), ..template.clone() };
        let changed = [Field::Kind, Field::Link, Field::Template].map(Spot::Field);
        assert_eq!(external.changed_from(&template), changed);
        assert!(old.changed_from(&old).is_empty());
    }

    #[test]
    fn what_is_missing_depends_on_the_kind() {
        let internal = Content::new("Stay Sync".into(), IntegrationKind::Internal);
        assert!(internal.missing().contains(&Field::Template) && internal.missing().contains(&Field::Source));
        let external = Content::new("Stay Sync".into(), IntegrationKind::External);
        assert_eq!(external.missing(), [Field::SupportEmail, Field::Summary, Field::Description, Field::Link]);
    }
}
