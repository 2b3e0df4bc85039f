//! What the address of a list may say after its `?`. A filter that is mistyped would show everything, so that a client
//! is told of it instead. The same lines are the parameters of the OpenAPI document.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::body::moment;
use super::problem::Problem;
use super::query::{LONGEST, MOST, USUAL};
use crate::values::Choice;
use crate::web::listing::{Params, SIZES};

/// A name that a query may have.
#[derive(Clone, Copy)]
pub struct Known {
    name: &'static str,
    about: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Any text, of so many characters.
    Text(usize, usize),
    /// An id; one of nothing finds nothing.
    Id,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// A moment of RFC 3339.
    Moment,
    /// Rows of a page.
    Size,
    /// A place in the list.
    Cursor,
    /// Rows of a page, where [`super::query`] reads the address.
    Limit,
    /// A place in the list, where it does.
    Place,
}

fn keys<C: Choice>() -> Vec<&'static str> {
    C::ALL.iter().map(|one| one.key()).collect()
}

impl Known {
    /// Rows on a page.
    pub const SIZE: Known = Known { name: "size", about: "How many on a page.", kind: Kind::Size };
    /// Where a page begins.
    pub const AFTER: Known =
        Known { name: "after", about: "Where the page begins: take `next` of the page before it.", kind: Kind::Cursor };

    /// Rows on a page.
    pub const LIMIT: Known = Known { name: "limit", about: "How many on a page.", kind: Kind::Limit };
    /// Where a page begins.
    pub const CURSOR: Known = Known {
        name: "cursor",
        about: "Where the page begins: follow `next` of the page before it.",
        kind: Kind::Place,
    };

    /// Any text.
    pub const fn text(name: &'static str, about: &'static str, longest: usize) -> Known {
        Known { name, about, kind: Kind::Text(0, longest) }
    }

    /// Some text, which is not empty.
    pub const fn some(name: &'static str, about: &'static str, longest: usize) -> Known {
        Known { name, about, kind: Kind::Text(1, longest) }
    }

    /// An id.
    pub const fn id(name: &'static str, about: &'static str) -> Known {
        Known { name, about, kind: Kind::Id }
    }

    /// One of a choice.
    pub const fn choice<C: Choice>(name: &'static str, about: &'static str) -> Known {
        Known { name, about, kind: Kind::Word(keys::<C>) }
    }

    /// One of some words.
    pub const fn word(name: &'static str, about: &'static str, words: fn() -> Vec<&'static str>) -> Known {
        Known { name, about, kind: Kind::Word(words) }
    }

    /// A moment.
    pub const fn moment(name: &'static str, about: &'static str) -> Known {
        Known { name, about, kind: Kind::Moment }
    }

    fn refusal(&self, value: &str, params: &Params) -> Option<String> {
        match self.kind {
            Kind::Text(_, longest) if value.chars().count() > longest => {
                Some(format!("Has {longest} characters at the most."))
            }
            Kind::Text(..) if value.chars().any(char::is_control) => {
                Some("Has a character that cannot be shown.".into())
            }
            Kind::Id if uuid::Uuid::try_parse(value).is_err() => Some("Has to be an id.".into()),
            Kind::Word(words) if !words().contains(&value) => Some(format!("Has to be one of {}.", words().join(", "))),
            Kind::Moment => moment(value).err(),
            Kind::Size if !SIZES.iter().any(|size| size.to_string() == value) => {
                Some("Has to be 25, 50 or 100.".into())
            }
            Kind::Cursor if params.keyset().at.is_none() => {
                Some("Is no place in this list: follow next of the page before.".into())
            }
            _ => None,
        }
    }

    fn schema(&self) -> Schema {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let formatted = |format| ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        let built = match self.kind {
            Kind::Text(0, longest) => text.max_length(Some(longest)),
            Kind::Text(least, longest) => text.min_length(Some(least)).max_length(Some(longest)),
            Kind::Id => formatted(SchemaFormat::Custom("uuid".into())),
            Kind::Word(words) => text.enum_values(Some(words())),
            Kind::Moment => formatted(SchemaFormat::KnownFormat(KnownFormat::DateTime)),
            Kind::Size => {
                ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(SIZES)).default(Some(SIZES[0].into()))
            }
            Kind::Cursor => text.min_length(Some(1)).max_length(Some(1000)),
            Kind::Limit => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(MOST))
                .default(Some(USUAL.into())),
            Kind::Place => text.min_length(Some(1)).max_length(Some(LONGEST)),
        };
        built.into()
    }

    /// As the document has it.
    fn parameter(&self) -> Parameter {
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Query)
            .description(Some(self.about))
            .schema(Some(self.schema()))
            .build()
    }
}

/// The list that an address shows.
pub trait List: 'static {
    /// What its query may say.
    const KNOWN: &'static [Known];
}

/// The query of a list; a handler asks for it once it knows who sent it. A parameter of the OpenAPI document too.
pub struct Filters<L> {
    read: Result<Params, Problem>,
    list: PhantomData<fn() -> L>,
}

impl<L: List> Filters<L> {
    /// What it says.
    ///
    /// # Errors
    /// 400 with the first name that is not known or there twice, or whose value cannot be used.
    pub fn read(self) -> Result<Params, Problem> {
        self.read
    }
}

impl<L: List> FromRequest for Filters<L> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let params = Params::read(req.path(), req.query_string());
        let read = check(req.query_string(), &params, L::KNOWN).map(|()| params);
        ready(Ok(Filters { read, list: PhantomData }))
    }
}

impl<L: List> IntoParams for Filters<L> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        L::KNOWN.iter().map(Known::parameter).collect()
    }
}

/// The names that an address knows.
pub fn names<L: List>() -> Vec<&'static str> {
    L::KNOWN.iter().map(|one| one.name).collect()
}

fn check(query: &str, params: &Params, known: &[Known]) -> Result<(), Problem> {
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let refused = |why: String| Err(Problem::parameters(vec![(crate::values::shown(&name), why)]));
        let Some(one) = known.iter().find(|one| one.name == name) else {
            let there: Vec<&str> = known.iter().map(|one| one.name).collect();
            return refused(format!("This address has no such parameter. It has {}.", there.join(", ")));
        };
        if seen.contains(&one.name) {
            return refused("Is there twice.".into());
        }
        seen.push(one.name);
        if let Some(why) = one.refusal(&value, params) {
            return refused(why);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> bool {
        let known = [
            Known::SIZE,
            Known::AFTER,
            Known::text("q", "", 5),
            Known::id("of", ""),
            Known::choice::<crate::values::Theme>("theme", ""),
            Known::moment("as_of", ""),
        ];
        check(query, &Params::read("/x", query), &known).is_err()
    }

    #[test]
    fn t51_a_query_says_what_is_known_and_can_be_used() {
        let good = ["", "q=", "q=abc&size=50", "theme=dark", "of=0199e4a0-0000-7000-8000-000000000001"];
        for query in good.into_iter().chain(["as_of=2026-11-20T09:42:00Z"]) {
            assert!(!refused(query), "{query}");
        }
        for query in [
            "x=1",
            "q=a&q=b",
            "q=abcdef",
            "q=%00",
            "size=",
            "size=7",
            "size=025",
            "theme=",
            "theme=Dark",
            "of=1",
            "after=",
            "after=abc",
            "as_of=today",
            "before=abc",
            "Q=a",
        ] {
            assert!(refused(query), "{query}");
        }
    }
}
