//! The words of the welcome letter, which a program may choose itself (S2-6). What must be in every such letter, the
//! link and how long it works, is not among them.

/// Subject and paragraphs, with words in braces for what varies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Paragraphs, an empty line between two.
    pub body: String,
}

impl Default for Words {
    fn default() -> Words {
        Words {
            subject: "You are invited to {program}".into(),
            body: "{inviter} invites you to join {partner} in {program} as {role}.\n\n\
                   Open the link, choose a password, and you are in. From then on you sign in with this e-mail \
                   address and your password."
                .into(),
        }
    }
}

/// What the words in braces stand for.
pub struct Filled<'a> {
    /// `{name}`
    pub name: &'a str,
    /// `{partner}`
    pub partner: &'a str,
    /// `{program}`
    pub program: &'a str,
    /// `{role}`
    pub role: &'a str,
    /// `{inviter}`
    pub inviter: &'a str,
}

/// The words in braces, each with what it stands for.
pub const PLACES: [(&str, &str); 5] = [
    ("name", "the person’s name"),
    ("partner", "the partner"),
    ("program", "the program"),
    ("role", "their role"),
    ("inviter", "who invites them"),
];

impl Words {
    /// The first word in braces that stands for nothing.
    pub fn unknown_place(&self) -> Option<String> {
        let text = format!("{}\n{}", self.subject, self.body);
        let found = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word.to_owned());
        found.into_iter().find(|word| !PLACES.iter().any(|(known, _)| known == word))
    }

    /// Subject and paragraphs with everything filled in. A name that contains braces is not filled again.
    pub fn filled(&self, facts: &Filled<'_>) -> (String, Vec<String>) {
        let paragraphs = self.body.replace("\r\n", "\n");
        let paragraphs = paragraphs.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
        (fill(&self.subject, facts), paragraphs.map(|text| fill(text, facts)).collect())
    }
}

fn fill(text: &str, facts: &Filled<'_>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(word, after)| Some((value(word, facts)?, after)));
        let Some((value, after)) = known else {
            filled.push('{');
            rest = after;
            continue;
        };
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

fn value<'a>(word: &str, facts: &Filled<'a>) -> Option<&'a str> {
    match word {
        "name" => Some(facts.name),
        "partner" => Some(facts.partner),
        "program" => Some(facts.program),
        "role" => Some(facts.role),
        "inviter" => Some(facts.inviter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_once_and_unknown_ones_are_found() {
        let facts =
            Filled { name: "{role}", partner: "Kestrel", program: "Solstice", role: "Partner user", inviter: "Pia" };
        let words = Words { subject: "Hi {name} {".into(), body: "To {partner}.\n\n\n\n{inviter} {what}".into() };
        assert_eq!(words.unknown_place().as_deref(), Some("what"));
        let (subject, paragraphs) = words.filled(&facts);
        assert_eq!(subject, "Hi {role} {");
        assert_eq!(paragraphs, ["To Kestrel.", "Pia {what}"]);
        assert_eq!(Words::default().unknown_place(), None);
    }
}
