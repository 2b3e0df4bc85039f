//! A check that a host wrote, and how content is judged by it. No SQL, no HTTP, no clock: a new rule is a row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::Finding;
use crate::db::ids::{CheckId, ProgramId};
use crate::db::schema::integration_checks;
use crate::forms::model::{Question, QuestionKind, Test};
use crate::integrations::content::{Content, Field, PageName, Spot, Value};
use crate::values::{Choice, Refused, choice, shown};

/// The memory that one pattern may take, compiled.
const PATTERN_SIZE: usize = 256 * 1024;

choice! {
    /// What a check asks.
    CheckKind {
        /// Something is in it.
        Required = "required" / "Filled in",
        /// The whole value fits a pattern.
        Pattern = "pattern" / "Fits a pattern",
        /// So many characters.
        Length = "length" / "Length of a text",
        /// Pictures are large enough.
        ImageSize = "image-size" / "Size of pictures",
        /// So many of them.
        Screenshots = "screenshots" / "Number of screenshots",
        /// Its addresses answer.
        Link = "link" / "Link answers",
        /// Needed because of another field.
        Other = "other" / "Needed because of another field",
        /// A reviewer can try it.
        Credentials = "credentials" / "Test credentials are there",
        /// A person decides.
        LookAt = "look-at" / "Looked at by a reviewer",
    }
}

impl CheckKind {
    /// What it does, for whoever writes a check.
    pub fn about(self) -> &'static str {
        match self {
            CheckKind::Required => "A field or a question may not be empty.",
            CheckKind::Pattern => "The whole of a text has to fit a regular expression. An empty field passes.",
            CheckKind::Length => "A text has at least, or at most, so many characters. An empty field passes.",
            CheckKind::ImageSize => "Each picture is at least so wide and so high. No picture passes.",
            CheckKind::Screenshots => "There are at least, or at most, so many screenshots.",
            CheckKind::Link => "The portal asks each address when the integration is submitted, and it has to answer.",
            CheckKind::Other => "A field may not be empty when another one has a certain value.",
            CheckKind::Credentials => "Reviewers find test credentials under Configure.",
            CheckKind::LookAt => "Nothing is found out by itself: it stands on the reviewer’s list to be ticked.",
        }
    }

    /// Icon of its line.
    pub fn icon(self) -> &'static str {
        match self {
            CheckKind::Required | CheckKind::Other => "check",
            CheckKind::Pattern => "filter",
            CheckKind::Length => "message",
            CheckKind::ImageSize | CheckKind::Screenshots => "copy",
            CheckKind::Link => "external-link",
            CheckKind::Credentials => "key",
            CheckKind::LookAt => "eye",
        }
    }

    /// The one place that it can be about.
    pub fn place(self) -> Option<Spot> {
        match self {
            CheckKind::Screenshots => Some(Spot::Field(Field::Screenshots)),
            CheckKind::Credentials => Some(Spot::Field(Field::Credentials)),
            _ => None,
        }
    }

    /// Whether it can be about a field.
    pub fn fits_field(self, field: Field) -> bool {
        use Field as F;
        let is_image = matches!(field, F::Icon | F::Hero | F::Screenshots);
        let is_link = matches!(
            field,
            F::Link | F::SupportLink | F::Documentation | F::Links | F::Video | F::TermsLink | F::PrivacyLink
        );
        let is_choice = matches!(field, F::Kind | F::Categories | F::Template | F::Source | F::Target | F::Credentials);
        match self {
            CheckKind::Required | CheckKind::Other => field != F::Kind,
            CheckKind::Pattern => !is_image && !is_choice || field == F::Categories,
            CheckKind::Length => !is_image && !is_choice && field != F::Links,
            CheckKind::ImageSize => is_image,
            CheckKind::Link => is_link,
            CheckKind::Screenshots | CheckKind::Credentials => self.place() == Some(Spot::Field(field)),
            CheckKind::LookAt => true,
        }
    }

    /// Whether it can be about a question.
    pub fn fits_question(self, kind: QuestionKind) -> bool {
        match self {
            CheckKind::Required | CheckKind::Other | CheckKind::LookAt => true,
            CheckKind::Pattern => !matches!(kind, QuestionKind::File | QuestionKind::Terms),
            CheckKind::Length => matches!(kind, QuestionKind::Short | QuestionKind::Long | QuestionKind::Link),
            CheckKind::Link => kind == QuestionKind::Link,
            CheckKind::ImageSize | CheckKind::Screenshots | CheckKind::Credentials => false,
        }
    }
}

/// What a kind asks for; each uses its own of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Argument {
    /// A regular expression for the whole value.
    pub pattern: String,
    /// At least so many characters or screenshots.
    pub least: Option<u32>,
    /// At most so many.
    pub most: Option<u32>,
    /// Pixels at least.
    pub width: u32,
    /// Pixels at least.
    pub height: u32,
    /// The other place, as [`Spot`] writes it.
    pub other: String,
    /// How its value is compared.
    pub test: Option<Test>,
    /// With what.
    pub value: String,
}

impl TryFrom<serde_json::Value> for Argument {
    type Error = serde_json::Error;
    fn try_from(stored: serde_json::Value) -> Result<Argument, serde_json::Error> {
        serde_json::from_value(stored)
    }
}

/// A check as it is stored.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = integration_checks)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Check {
    pub id: CheckId,
    pub program_id: ProgramId,
    pub page: PageName,
    pub spot: String,
    pub kind: CheckKind,
    #[diesel(deserialize_as = serde_json::Value)]
    pub argument: Argument,
    pub words: String,
    pub is_blocking: bool,
    pub is_live: bool,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub updated_by_name: String,
}

/// What of a check is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The page.
    pub page: PageName,
    /// The field or question; none for the whole page.
    pub spot: Option<Spot>,
    /// What it asks.
    pub kind: CheckKind,
    /// The limits of that.
    pub argument: Argument,
    /// The host's words.
    pub words: String,
    /// Whether it keeps an integration from being submitted.
    pub is_blocking: bool,
}

impl Check {
    /// What it asks.
    pub fn rule(&self) -> Rule {
        Rule {
            page: self.page,
            spot: self.spot.parse().ok(),
            kind: self.kind,
            argument: self.argument.clone(),
            words: self.words.clone(),
            is_blocking: self.is_blocking,
        }
    }
}

/// A pattern for a whole value, of one line or several.
///
/// # Errors
/// A sentence for whoever writes the check.
pub fn pattern(text: &str) -> Result<Regex, Refused> {
    let build = |text: &str| RegexBuilder::new(text).size_limit(PATTERN_SIZE).dot_matches_new_line(true).build();
    let wrong = |cause: regex::Error| match cause {
        regex::Error::CompiledTooBig(_) => "The pattern needs too much memory. Make it simpler.".to_owned(),
        _ => format!("“{}” is no regular expression. Write one like [A-Z]{{2}}-[0-9]+", shown(text)),
    };
    // By itself first: a bracket too many would end the group around it.
    build(text).map_err(wrong)?;
    build(&format!(r"\A(?:{text})\z")).map_err(wrong)
}

/// What a place is called; a question by the form that is live.
pub fn label(spot: Spot, content: Option<&Content>, questions: &[Question]) -> String {
    let known = content.map(|content| content.label(spot)).filter(|label| !label.is_empty());
    match spot {
        Spot::Field(field) => field.label().to_owned(),
        Spot::Question(id) => {
            let asked = || questions.iter().find(|one| one.id == id).map(|one| one.label.clone());
            let asked = known.or_else(asked).unwrap_or_else(|| "a question that is not asked any more".into());
            format!("“{asked}”")
        }
    }
}

/// What a place holds, one text for each of its values.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) | Value::Markdown(text) | Value::Link(text) => {
            if text.is_empty() {
                Vec::new()
            } else {
                vec![text.clone()]
            }
        }
        Value::Choices(list) => list.clone(),
        Value::Links(list) => list.iter().map(|one| one.url.clone()).collect(),
        Value::Images(list) => list.iter().map(|one| one.name.clone()).collect(),
    }
}

impl Rule {
    /// What it asks, in words of the portal's own.
    pub fn sentence(&self, questions: &[Question]) -> String {
        let name = self.spot.map(|spot| label(spot, None, questions));
        let place = name.unwrap_or_else(|| format!("The page {}", self.page.label()));
        let it = &self.argument;
        match self.kind {
            CheckKind::Required => format!("{place} is filled in"),
            CheckKind::Pattern => format!("{place} fits {}", it.pattern),
            CheckKind::Length => format!("{place} has {}", between(it, "character", "characters")),
            CheckKind::ImageSize => format!("{place}: at least {} × {} pixels", it.width, it.height),
            CheckKind::Screenshots => format!("There are {}", between(it, "screenshot", "screenshots")),
            CheckKind::Link => format!("{place}: each address answers"),
            CheckKind::Other => {
                let other = it.other.parse().map(|spot| label(spot, None, questions)).unwrap_or_default();
                format!("{place} is filled in when {other} {} “{}”", it.test.unwrap_or(Test::Is).label(), it.value)
            }
            CheckKind::Credentials => "Test credentials are put in".into(),
            CheckKind::LookAt => format!("{place}: a reviewer looks at it"),
        }
    }

    /// Whether content has what it is about: an external integration has no template, a question may not be asked.
    fn applies(&self, content: &Content) -> bool {
        self.spot.is_none_or(|spot| content.spots(spot.page()).contains(&spot))
    }

    /// What came of it; none where it says nothing about this content, or nobody but a person or the network knows.
    pub fn finding(&self, content: &Content, questions: &[Question]) -> Option<Finding> {
        if matches!(self.kind, CheckKind::LookAt | CheckKind::Link) || !self.applies(content) {
            return None;
        }
        Some(self.found(self.fault(content, questions)))
    }

    /// A finding of this check with what is wrong, if anything.
    pub fn found(&self, fault: Option<String>) -> Finding {
        Finding {
            page: self.page.key().to_owned(),
            spot: self.spot.map(|spot| spot.to_string()).unwrap_or_default(),
            rule: self.words.clone(),
            wrong: fault.unwrap_or_default(),
            is_blocking: self.is_blocking,
        }
    }

    fn fault(&self, content: &Content, questions: &[Question]) -> Option<String> {
        let spot = self.spot?;
        let value = content.value(spot);
        let name = || label(spot, Some(content), questions);
        match self.kind {
            CheckKind::Required => value.is_empty().then(|| format!("{} is empty. Fill it in.", name())),
            CheckKind::Credentials => {
                value.is_empty().then(|| "There are no test credentials. Put them in on the page Configure.".to_owned())
            }
            CheckKind::Pattern => {
                // One that was stored was tried before; a broken one would accuse everybody.
                let pattern = pattern(&self.argument.pattern).ok()?;
                let bad = texts(&value).into_iter().find(|text| !pattern.is_match(text))?;
                Some(format!("{}: “{}” does not fit {}.", name(), shown(&bad), self.argument.pattern))
            }
            CheckKind::Length => {
                let text = value.text();
                let count = text.chars().count();
                let fault = outside(count, &self.argument, "character", "characters")?;
                (!text.is_empty()).then(|| format!("{} has {fault}", name()))
            }
            CheckKind::Screenshots => {
                let count = content.screenshots.len();
                let verb = if count == 1 { "is" } else { "are" };
                outside(count, &self.argument, "screenshot", "screenshots").map(|fault| format!("There {verb} {fault}"))
            }
            CheckKind::ImageSize => self.small_image(&value),
            CheckKind::Other => self.needed_because(content, questions, &value, &name()),
            CheckKind::Link | CheckKind::LookAt => None,
        }
    }

    fn small_image(&self, value: &Value) -> Option<String> {
        let Value::Images(images) = value else { return None };
        let (width, height) = (self.argument.width, self.argument.height);
        let small = images.iter().find(|one| one.width < width || one.height < height)?;
        Some(format!(
            "{} is {} × {} pixels; at least {width} × {height} are asked for.",
            small.name, small.width, small.height
        ))
    }

    fn needed_because(&self, content: &Content, questions: &[Question], value: &Value, name: &str) -> Option<String> {
        let other: Spot = self.argument.other.parse().ok()?;
        let test = self.argument.test.unwrap_or(Test::Is);
        let is_needed = test.fits(&texts(&content.value(other)), &self.argument.value);
        (is_needed && value.is_empty()).then(|| {
            let other = label(other, Some(content), questions);
            format!(
                "{name} is empty, and is needed because {other} {} “{}”. Fill it in.",
                test.label(),
                self.argument.value
            )
        })
    }

    /// The addresses that have to answer.
    pub fn addresses(&self, content: &Content) -> Vec<String> {
        match self.spot {
            Some(spot) if self.kind == CheckKind::Link && self.applies(content) => texts(&content.value(spot)),
            _ => Vec::new(),
        }
    }
}

fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

fn between(limits: &Argument, one: &str, many: &str) -> String {
    match (limits.least, limits.most) {
        (Some(least), Some(most)) if least == most => format!("exactly {}", counted(least, one, many)),
        (Some(least), Some(most)) => format!("{least} to {}", counted(most, one, many)),
        (Some(least), None) => format!("at least {}", counted(least, one, many)),
        (None, Some(most)) => format!("at most {}", counted(most, one, many)),
        (None, None) => format!("any number of {many}"),
    }
}

/// "12 characters; at least 20 are asked for."
fn outside(count: usize, limits: &Argument, one: &str, many: &str) -> Option<String> {
    let count = count as u64;
    let few = limits.least.filter(|least| count < u64::from(*least));
    let much = limits.most.filter(|most| count > u64::from(*most));
    match (few, much) {
        (Some(least), _) => Some(format!("{}; at least {least} are asked for.", counted(count, one, many))),
        (_, Some(most)) => Some(format!("{}; at most {most} are allowed.", counted(count, one, many))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrations::content::IntegrationKind;

    fn rule(kind: CheckKind, field: Field, argument: Argument) -> Rule {
        let words = "In our words".into();
        Rule { page: field.page(), spot: Some(Spot::Field(field)), kind, argument, words, is_blocking: true }
    }

    #[test]
    fn patterns_are_for_the_whole_value_whatever_is_in_them() {
        for (text, good, bad) in [
            ("[A-Z]+", vec!["AB"], vec!["ab", "AB ", "AB\n", "xAB"]),
            ("a|b", vec!["a", "b"], vec!["ab", "ax", "xb"]),
            (".*credited.*", vec!["is\ncredited\ntoday", "credited"], vec!["nothing"]),
        ] {
            let pattern = pattern(text).unwrap();
            for value in good {
                assert!(pattern.is_match(value), "{text} {value:?}");
            }
            for value in bad {
                assert!(!pattern.is_match(value), "{text} {value:?}");
            }
        }
        for bad in ["(", "a)|(b", "[z-a]", "(?:x{500}){500}", r"(a)\1"] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_does_not_apply_says_nothing() {
        let external = Content::new("Stay Sync".into(), IntegrationKind::External);
        let rule = rule(CheckKind::Required, Field::Template, Argument::default());
        assert_eq!(rule.finding(&external, &[]), None);
        let internal = Content::new("Stay Sync".into(), IntegrationKind::Internal);
        assert!(rule.finding(&internal, &[]).unwrap().wrong.starts_with("Template is empty"));
    }

    #[test]
    fn limits_are_told_with_the_count() {
        let limits = |least, most| Argument { least, most, ..Argument::default() };
        let mut content = Content::new("Stay Sync".into(), IntegrationKind::External);
        let fault = |content: &Content, argument: Argument| {
            rule(CheckKind::Length, Field::Summary, argument).finding(content, &[]).unwrap().wrong
        };
        assert_eq!(fault(&content, limits(Some(5), None)), "", "an empty field is a matter of another check");
        content.summary = "Ümläut".into();
        assert_eq!(fault(&content, limits(Some(6), Some(6))), "");
        assert_eq!(fault(&content, limits(Some(7), None)), "Short summary has 6 characters; at least 7 are asked for.");
        assert_eq!(fault(&content, limits(None, Some(5))), "Short summary has 6 characters; at most 5 are allowed.");
    }
}
