//! What is in the outbox, written as the worker would write it.

use portico::mail::letter::Desk;
use portico::mail::letter::Letter;

use super::app::TestApp;
use super::client::Visitor;

/// A letter that waits to be sent.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// To whom.
    pub to: String,
    /// Its words.
    pub text: String,
}

impl TestApp {
    /// The letters of a kind, oldest first.
    pub fn waiting(&self, kind: &str) -> Vec<Waiting> {
        let query = format!("SELECT recipient || E'\\n' || letter FROM outbox WHERE kind = '{kind}' ORDER BY id");
        let desk = Desk { base: self.base(), key: &self.inside().key, words: None };
        self.database()
            .values(&query)
            .iter()
            .map(|line| {
                let (to, letter) = line.split_once('\n').unwrap();
                let letter: Letter = serde_json::from_str(letter).unwrap();
                Waiting { to: to.to_owned(), text: letter.write(desk).unwrap().text }
            })
            .collect()
    }

    /// The path of the link that the newest letter of a kind brings.
    pub fn newest_link(&self, kind: &str) -> String {
        let text = self.waiting(kind).pop().unwrap_or_else(|| panic!("no {kind}")).text;
        let start = format!("{}/link/", self.base());
        let token = text.split(&start).nth(1).unwrap_or_else(|| panic!("no link in {text}"));
        format!("/link/{}", token.split_whitespace().next().unwrap())
    }

    /// Somebody who opened a link: a browser with nothing but that in it.
    pub fn opened(&self, link: &str) -> Visitor {
        let visitor = self.anonymous();
        assert_eq!(visitor.get(link).status(), 303, "{link}");
        visitor
    }
}
