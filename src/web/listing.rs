//! What every list shares: the address holds its whole state, paging is by key, counts are capped.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Datelike, Utc};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// Counts go to this and no further; see [`capped`].
pub const CAP: i64 = 1000;

/// Page sizes to choose from.
pub const SIZES: [i64; 3] = [25, 50, 100];

/// The query of a list's address, in order.
#[derive(Clone, Debug, Default)]
pub struct Params {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads a query; control characters are dropped, since no search can find them.
    pub fn read(path: &str, query: &str) -> Params {
        let clean =
            |text: &str, longest: usize| text.chars().filter(|c| !c.is_control()).take(longest).collect::<String>();
        // A cursor holds a name, which may be 120 characters of four bytes each.
        let value = |name: &str, text: &str| clean(text, if matches!(name, "after" | "before") { 1000 } else { 200 });
        let pairs =
            url::form_urlencoded::parse(query.as_bytes()).map(|(name, typed)| (clean(&name, 50), value(&name, &typed)));
        Params { path: path.to_owned(), pairs: pairs.filter(|(_, value)| !value.is_empty()).take(150).collect() }
    }

    /// A value, trimmed; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The list's own address, without its state.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All pairs, for hidden fields.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The same address with one value changed (or taken away, when empty), from its first page.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.but(&[(name, value), ("after", ""), ("before", "")])
    }

    /// The address of the page after or before a cursor.
    pub fn turned(&self, direction: &str, cursor: &str) -> String {
        self.but(&[("after", ""), ("before", ""), (direction, cursor)])
    }

    /// Another address with the same filters, such as an export.
    pub fn at(&self, path: &str) -> String {
        Params { path: path.to_owned(), pairs: self.pairs.clone() }.with("size", "")
    }

    /// An address below this one with the same filters.
    pub fn below(&self, tail: &str) -> String {
        self.at(&format!("{}{tail}", self.path))
    }

    fn but(&self, changes: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.pairs {
            if !changes.iter().any(|(changed, _)| changed == name) {
                query.append_pair(name, value);
            }
        }
        for (name, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The page that is asked for.
    pub fn keyset(&self) -> Keyset {
        let size = self.get("size").parse().ok().filter(|size| SIZES.contains(size)).unwrap_or(SIZES[0]);
        let cursor = |name: &str| Cursor::decode(self.get(name));
        match (cursor("after"), cursor("before")) {
            (Some(at), _) => Keyset { size, at: Some(at), backward: false },
            (None, Some(at)) => Keyset { size, at: Some(at), backward: true },
            (None, None) => Keyset { size, at: None, backward: false },
        }
    }
}

impl FromRequest for Params {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Params::read(req.path(), req.query_string())))
    }
}

/// A place in a list: the sort value and id of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The row's sort value, as text.
    pub key: String,
    /// The row's id: the last key of every order.
    pub id: Uuid,
}

impl Cursor {
    pub(crate) fn encode(&self) -> String {
        BASE64.encode(format!("{}{}", self.id.simple(), self.key))
    }

    /// A cursor that somebody made up is no cursor: the first page is shown.
    pub(crate) fn decode(text: &str) -> Option<Cursor> {
        let text = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        let (id, key) = text.split_at_checked(32)?;
        (!key.contains('\0')).then_some(())?;
        Some(Cursor { id: Uuid::try_parse(id).ok()?, key: key.to_owned() })
    }
}

/// Which page of a list is asked for.
#[derive(Clone, Debug)]
pub struct Keyset {
    /// Rows on a page.
    pub size: i64,
    /// The row it begins after, or ends before.
    pub at: Option<Cursor>,
    /// Whether it ends before that row.
    pub backward: bool,
}

impl Cursor {
    /// The key as a moment that Postgres can store; none for anything else that an address may say.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        self.key.parse::<DateTime<Utc>>().ok().filter(|moment| (1..=9999).contains(&moment.year()))
    }
}

impl Keyset {
    /// Rows to fetch: one more than fits tells whether there is another page.
    pub fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Makes a page of the rows that were fetched (backward ones in reverse order).
    pub fn window<T>(&self, mut rows: Vec<T>, params: &Params, cursor: impl Fn(&T) -> Cursor) -> Window<T> {
        let more = rows.len() as i64 > self.size;
        rows.truncate(usize::try_from(self.size).unwrap_or_default());
        if self.backward {
            rows.reverse();
        }
        let (has_previous, has_next) = if self.backward { (more, true) } else { (self.at.is_some(), more) };
        let turned = |there: bool, direction: &str, row: Option<&T>| {
            row.filter(|_| there).map(|row| params.turned(direction, &cursor(row).encode()))
        };
        Window {
            previous: turned(has_previous, "before", rows.first()),
            next: turned(has_next, "after", rows.last()),
            size: self.size,
            rows,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Window<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// Rows on a page.
    pub size: i64,
}

impl<T> Window<T> {
    /// The same page with other rows.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Window<U> {
        Window {
            rows: self.rows.into_iter().map(make).collect(),
            previous: self.previous,
            next: self.next,
            size: self.size,
        }
    }
}

/// What a search found, looked up before its list is made.
///
/// A page of few finds is sorted out of all of them, each found by its key; a page of many is walked along the list's
/// own order ([`crate::db::walked`]).
#[derive(Clone, Debug, Default)]
pub enum Sought<Id> {
    /// Nothing was searched for, or nobody looked.
    #[default]
    Unknown,
    /// All that it found.
    Few(Vec<Id>),
    /// More than [`CAP`].
    Many,
}

impl<Id> Sought<Id> {
    /// Of what was found, to one more than [`CAP`].
    pub fn of(found: Vec<Id>) -> Sought<Id> {
        if found.len() as i64 > CAP { Sought::Many } else { Sought::Few(found) }
    }

    /// Whether more were found than are counted.
    pub fn is_many(&self) -> bool {
        matches!(self, Sought::Many)
    }

    /// How many they are, to one more than [`CAP`]; none where nobody looked.
    pub fn count(&self) -> Option<i64> {
        match self {
            Sought::Unknown => None,
            Sought::Few(found) => Some(found.len() as i64),
            Sought::Many => Some(CAP + 1),
        }
    }
}

/// A count that was made to [`CAP`] + 1 at the most.
pub fn capped(count: i64) -> String {
    if count > CAP { "1,000+".into() } else { grouped(count) }
}

/// A number with commas.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// "1 partner", "46 partners", "more than 1,000 partners".
pub fn counted(count: i64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count if count > CAP => format!("more than 1,000 {many}"),
        count => format!("{} {many}", grouped(count)),
    }
}

/// The same for a number that was not capped: "6,162 rows".
pub fn exactly(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(count)) }
}

/// The words of a search as a pattern for `ILIKE`, with its wildcards taken literally.
pub fn like(typed: &str) -> String {
    // Names are stored composed; some keyboards send letters and accents apart.
    let composed: String = typed.nfc().collect();
    let escaped = composed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_other_filters_and_go_back_to_the_first_page() {
        let params = Params::read("/partners", "q=a%26b&status=active&after=xyz");
        assert_eq!(params.with("sort", "-updated"), "/partners?q=a%26b&status=active&sort=-updated");
        assert_eq!(params.with("q", ""), "/partners?status=active");
        assert_eq!(params.at("/partners/export.csv"), "/partners/export.csv?q=a%26b&status=active");
    }

    #[test]
    fn cursors_survive_the_address_and_forged_ones_are_ignored() {
        let cursor = Cursor { key: "östlich".into(), id: Uuid::now_v7() };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for forged in ["", "abc", "AAAA", "%00", &BASE64.encode("' OR 1=1 --")] {
            assert_eq!(Cursor::decode(forged), None);
        }
    }

    #[test]
    fn windows_know_their_neighbours() {
        let params = Params::read("/x", "");
        let cursor = |n: &i32| Cursor { key: n.to_string(), id: Uuid::nil() };
        let first = params.keyset().window((0..26).collect(), &params, cursor);
        assert!(first.previous.is_none() && first.next.is_some() && first.rows.len() == 25);
        let back = Keyset { size: 25, at: Some(cursor(&30)), backward: true };
        let window = back.window((5..30).rev().collect(), &params, cursor);
        assert_eq!(
            (window.rows[0], window.rows[24], window.previous.is_some(), window.next.is_some()),
            (5, 29, false, true)
        );
    }

    #[test]
    fn t51_wildcards_are_literal() {
        assert_eq!(like("100%_\\"), "%100\\%\\_\\\\%");
    }
}
