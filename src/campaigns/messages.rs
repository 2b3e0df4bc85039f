//! What a campaign tells customers of what they may not have (S1-13).

use serde::{Deserialize, Serialize};

use super::decision::Availability;
use crate::values::{Refused, paragraphs, shown};

/// The words that are put in.
pub const PLACEHOLDERS: [&str; 3] = ["{tier}", "{date}", "{product}"];

/// A campaign's own messages; an empty one is the usual one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Messages {
    /// Before it begins.
    pub not_yet: String,
    /// After it ended.
    pub expired: String,
    /// To customers of other tiers.
    pub wrong_tier: String,
}

/// What the placeholders stand for.
#[derive(Clone, Debug, Default)]
pub struct Words<'a> {
    /// The tier that is asked for.
    pub tier: &'a str,
    /// The day it begins, or the last day it was there.
    pub date: &'a str,
    /// The product's name.
    pub product: &'a str,
}

/// The usual message for a reason.
pub fn usual(availability: Availability) -> &'static str {
    match availability {
        Availability::NotYet => "{product} is available from {date}.",
        Availability::Expired => "{product} was available until {date}.",
        Availability::WrongTier => "{product} is for {tier} members.",
        Availability::Paused => "{product} is not available at the moment.",
        Availability::Withdrawn => "{product} is no longer offered.",
        Availability::Available | Availability::TiersOff => "",
    }
}

impl Messages {
    /// The sentence for a customer; empty where the product is available.
    pub fn say(&self, availability: Availability, words: &Words<'_>) -> String {
        let own = match availability {
            Availability::NotYet => &self.not_yet,
            Availability::Expired => &self.expired,
            Availability::WrongTier => &self.wrong_tier,
            _ => "",
        };
        let text = if own.is_empty() { usual(availability) } else { own };
        // One pass, so that a name with a placeholder in it stays a name.
        let mut said = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, after) = rest.split_at(at);
            said.push_str(before);
            let put = [("{tier}", words.tier), ("{date}", words.date), ("{product}", words.product)]
                .into_iter()
                .find_map(|(name, word)| after.strip_prefix(name).map(|rest| (word, rest)));
            match put {
                Some((word, behind)) => {
                    said.push_str(word);
                    rest = behind;
                }
                None => {
                    said.push('{');
                    rest = after.strip_prefix('{').unwrap_or_default();
                }
            }
        }
        said.push_str(rest);
        said
    }
}

/// Reads a message: at most 300 characters, with placeholders that there are.
///
/// # Errors
/// With a sentence for the field.
pub fn parse(typed: &str) -> Result<String, Refused> {
    let text = paragraphs(typed)?;
    if text.chars().count() > 300 {
        return Err("Use at most 300 characters: storefronts show it beside the product.".into());
    }
    let mut rest = text.as_str();
    while let Some(at) = rest.find('{') {
        let after = rest.get(at..).unwrap_or_default();
        let name = after.find('}').and_then(|end| after.get(..=end)).unwrap_or(after);
        if !PLACEHOLDERS.contains(&name) {
            return Err(format!("“{}” is no word that can be put in. Use {}.", shown(name), PLACEHOLDERS.join(", ")));
        }
        rest = after.get(name.len()..).unwrap_or_default();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_13_placeholders_are_filled_once_and_unknown_ones_refused() {
        let own = Messages { wrong_tier: "Only {tier}: {product}".into(), ..Messages::default() };
        let words = Words { tier: "Gold", date: "1 Dec 2026", product: "{tier} & co" };
        assert_eq!(own.say(Availability::WrongTier, &words), "Only Gold: {tier} & co");
        assert_eq!(own.say(Availability::NotYet, &words), "{tier} & co is available from 1 Dec 2026.");
        assert_eq!(own.say(Availability::Available, &words), "");
        assert!(parse("From {date} on").is_ok() && parse("").is_ok());
        for bad in ["{tear}", "{", "{tier", "a {} b", &"x".repeat(301)] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
