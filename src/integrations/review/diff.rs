//! Two texts compared word by word.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// A stretch of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the old one.
    Gone(String),
    /// Only in the new one.
    New(String),
}

/// Longer than that a comparison does not look for a better one.
const PATIENCE: Duration = Duration::from_millis(200);

/// What was removed and what was added, in the order of the new text. Words that changed side by side are one stretch:
/// "every stay" became "each night", not four changes with a blank between each.
pub fn words(old: &str, new: &str) -> Vec<Piece> {
    let mut config = TextDiff::configure();
    config.timeout(PATIENCE);
    let diff = config.diff_unicode_words(old, new);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut gone, mut added, mut between) = (String::new(), String::new(), String::new());
    for change in diff.iter_all_changes() {
        let text: &str = change.value();
        match change.tag() {
            ChangeTag::Equal if text.trim().is_empty() && !(gone.is_empty() && added.is_empty()) => {
                between.push_str(text);
            }
            ChangeTag::Equal => {
                flush(&mut pieces, &mut gone, &mut added);
                push_same(&mut pieces, &mut between);
                let mut same = text.to_owned();
                push_same(&mut pieces, &mut same);
            }
            tag => {
                // What was equal between two changes belongs to both.
                gone.push_str(&between);
                added.push_str(&between);
                between.clear();
                if tag == ChangeTag::Delete { gone.push_str(text) } else { added.push_str(text) }
            }
        }
    }
    flush(&mut pieces, &mut gone, &mut added);
    push_same(&mut pieces, &mut between);
    pieces
}

fn flush(pieces: &mut Vec<Piece>, gone: &mut String, added: &mut String) {
    if !gone.is_empty() {
        pieces.push(Piece::Gone(std::mem::take(gone)));
    }
    if !added.is_empty() {
        pieces.push(Piece::New(std::mem::take(added)));
    }
}

fn push_same(pieces: &mut Vec<Piece>, text: &mut String) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Same(last)) => last.push_str(text),
        _ => pieces.push(Piece::Same(text.clone())),
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(pieces: &[Piece], old: bool) -> String {
        pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Same(text) => Some(text.as_str()),
                Piece::Gone(text) => old.then_some(text.as_str()),
                Piece::New(text) => (!old).then_some(text.as_str()),
            })
            .collect()
    }

    #[test]
    fn words_beside_each_other_are_one_change() {
        let pieces =
            words("Earn double miles for every stay at 41 hotels.", "Earn two miles for each night at 41 hotels.");
        let expected = [
            Piece::Same("Earn ".into()),
            Piece::Gone("double".into()),
            Piece::New("two".into()),
            Piece::Same(" miles for ".into()),
            Piece::Gone("every stay".into()),
            Piece::New("each night".into()),
            Piece::Same(" at 41 hotels.".into()),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn what_is_alike_or_new_altogether() {
        assert_eq!(words("", ""), []);
        assert_eq!(words("A b.", "A b."), [Piece::Same("A b.".into())]);
        assert_eq!(words("", "宿泊税は対象外です。"), [Piece::New("宿泊税は対象外です。".into())]);
        assert_eq!(words("Gone", ""), [Piece::Gone("Gone".into())]);
    }

    proptest! {
        #[test]
        fn without_the_new_it_is_the_old_and_without_the_old_the_new(
            old in "([ab ,.\n日本]|word|é){0,24}", new in "([ab ,.\n日本]|word|é){0,24}"
        ) {
            let pieces = words(&old, &new);
            prop_assert_eq!(side(&pieces, true), old);
            prop_assert_eq!(side(&pieces, false), new);
        }

        #[test]
        fn any_text_survives(old in ".{0,40}", new in ".{0,40}") {
            let pieces = words(&old, &new);
            prop_assert_eq!(side(&pieces, true), old);
            prop_assert_eq!(side(&pieces, false), new);
        }
    }
}
