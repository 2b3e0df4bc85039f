//! Parameters of addresses, read one by one: what nobody knows, or what is there twice, is an error and not ignored, since
//! a filter with a slip in its name would show what it was to leave out.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use crate::values::{Refused, shown};
use crate::web::listing::Cursor;

/// Rows on a page, unless the client says otherwise.
pub const USUAL: i64 = 50;
/// Rows on a page at the most.
pub const MOST: i64 = 200;
/// Characters of a value at the most: a cursor holds a name, which may be 160 characters of four bytes each.
pub const LONGEST: usize = 1200;

/// The query of an address.
#[derive(Clone, Debug)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
    wrong: Vec<(String, String)>,
}

impl FromRequest for Query {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Query::of(req.path(), req.query_string())))
    }
}

/// Which page of a list is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    /// Rows on it.
    pub size: i64,
    /// The row that it begins after.
    pub after: Option<Cursor>,
}

impl Page {
    /// Cuts off what was fetched beyond the page; says where the next one begins.
    pub fn cut<T>(&self, rows: &mut Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Option<Cursor> {
        let more = rows.len() as i64 > self.size;
        rows.truncate(usize::try_from(self.size).unwrap_or_default());
        rows.last().filter(|_| more).map(cursor)
    }
}

impl Query {
    fn of(path: &str, query: &str) -> Query {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Query { path: path.to_owned(), pairs, wrong: Vec::new() }
    }

    /// Refuses every other parameter, and those that are there twice.
    pub fn only(mut self, known: &[&str]) -> Query {
        for (at, (name, _)) in self.pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let words = format!("This address has no such parameter. It has {}.", known.join(", "));
                self.wrong.push((shown(name), words));
            } else if self.pairs.iter().take(at).any(|(before, _)| before == name) {
                self.wrong.push((name.clone(), "Is there twice.".into()));
            }
        }
        self
    }

    /// A value; none when it is not there, or cannot be used.
    pub fn value<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Refused>) -> Option<T> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        let read = match value.trim() {
            "" => Err("Is empty. Leave it out, or say something.".to_owned()),
            text if text.chars().count() > LONGEST => Err("Is too long.".to_owned()),
            text if text.chars().any(char::is_control) => Err("Has characters that cannot be printed.".to_owned()),
            text => parse(text),
        };
        match read {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong.push((name.to_owned(), why));
                None
            }
        }
    }

    /// Text as it is, of so many characters at the most.
    pub fn text(&mut self, name: &str, longest: usize) -> Option<String> {
        self.value(name, |text| match text.chars().count() <= longest {
            true => Ok(text.to_owned()),
            false => Err(format!("Has {longest} characters at the most.")),
        })
    }

    /// Reads `limit` and `cursor`.
    pub fn page(&mut self) -> Page {
        let limit = |text: &str| match text.parse::<i64>() {
            Ok(size) if (1..=MOST).contains(&size) => Ok(size),
            _ => Err(format!("Has to be a whole number from 1 to {MOST}.")),
        };
        let cursor = |text: &str| {
            Cursor::decode(text).ok_or_else(|| "Is no cursor of this list. Follow next as it is.".to_owned())
        };
        Page { size: self.value("limit", limit).unwrap_or(USUAL), after: self.value("cursor", cursor) }
    }

    /// Whether everything can be used.
    ///
    /// # Errors
    /// 400 that names every parameter which cannot.
    pub fn check(&self) -> Result<(), Problem> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::parameters(self.wrong.clone())) }
    }

    /// The address of the page behind a cursor.
    pub fn next(&self, cursor: Option<&Cursor>) -> Option<String> {
        let cursor = cursor?.encode();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs.iter().filter(|(name, _)| name != "cursor"));
        query.append_pair("cursor", &cursor);
        Some(format!("{}?{}", self.path, query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(query: &str) -> Vec<String> {
        let mut query = Query::of("/x", query).only(&["tier", "limit", "cursor"]);
        query.page();
        query.text("tier", 5);
        query.wrong.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn t51_what_cannot_be_used_is_named_and_not_ignored() {
        for (query, named) in [
            ("", vec![]),
            ("tier=Gold&limit=200", vec![]),
            ("teir=Gold", vec!["teir"]),
            ("tier=1&tier=2", vec!["tier"]),
            ("tier=", vec!["tier"]),
            ("tier=%00", vec!["tier"]),
            ("tier=123456", vec!["tier"]),
            ("limit=0&cursor=x", vec!["limit", "cursor"]),
            ("limit=201", vec!["limit"]),
            ("limit=1e3", vec!["limit"]),
        ] {
            assert_eq!(wrong(query), named, "{query}");
        }
    }

    #[test]
    fn the_next_page_keeps_the_filters() {
        let cursor = Cursor { key: "b & c".into(), id: uuid::Uuid::nil() };
        let query = Query::of("/api/v1/products", "q=a%26b&cursor=old");
        let next = query.next(Some(&cursor)).unwrap();
        assert!(next.starts_with("/api/v1/products?q=a%26b&cursor=") && !next.contains("old"), "{next}");
        let read = Query::of("/", next.split_once('?').unwrap().1).page();
        assert_eq!(read.after, Some(cursor));
    }
}
