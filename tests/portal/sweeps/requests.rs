//! For every address: where its objects are, and what a valid request to it sends.

use portico::routes::{ROUTES, Route};

use crate::support::client::Visitor;
use crate::support::*;

/// Whose the object in an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// There is no object in it.
    None,
    /// Their own partner's; of people above partners, the hosting partner's.
    Own,
    /// Another partner's of the program.
    Other,
    /// Another program's.
    Foreign,
}

impl Position {
    pub fn word(self) -> &'static str {
        match self {
            Position::None => "-",
            Position::Own => "own",
            Position::Other => "other",
            Position::Foreign => "foreign",
        }
    }
}

/// Which positions an address can have.
pub fn positions(path: &str) -> &'static [Position] {
    if path.contains("{code}") {
        &[Position::Own, Position::Other, Position::Foreign]
    } else if path.contains("{id}") {
        &[Position::Own, Position::Foreign]
    } else {
        &[Position::None]
    }
}

/// The code of somebody's own partner.
pub fn own_code(who: Option<Person>) -> &'static str {
    match who {
        Some(PIA | UMA | OTTO | DORA) => "KESTREL",
        _ => "SOLHQ",
    }
}

/// The address with its names filled in.
pub fn filled(path: &str, who: Option<Person>, position: Position) -> String {
    let code = match position {
        Position::Own | Position::None => own_code(who),
        Position::Other => "MERIDIAN",
        Position::Foreign => "BOREAL",
    };
    let own = position == Position::Own;
    let id = match path {
        path if path.starts_with("/programs/") => {
            if own {
                program::SOLSTICE
            } else {
                program::ALTURA
            }
        }
        path if path.starts_with("/settings/types/") => {
            if own {
                kind::UNUSED
            } else {
                kind::ALTURA_AIRLINE
            }
        }
        _ => "",
    };
    let filled = path.replace("{code}", code).replace("{move}", "offboarding").replace("{ending}", "csv");
    let filled = if id.is_empty() { filled } else { filled.replace("{id}", id) };
    assert!(!filled.contains('{'), "say in sweeps/requests.rs what is in {path}");
    filled
}

/// What a valid request sends.
pub enum Body {
    Form(Vec<(&'static str, &'static str)>),
    Multipart(Vec<(&'static str, &'static str)>),
}

/// The fields of a partner's form that has no error.
pub fn partner_fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Nordlys Bank"),
        ("type", "airline"),
        ("kind", "external"),
        ("category", "both"),
        ("support_phone", "+47 21 00 00 00"),
        ("support_email", "help@nordlys.example"),
        ("time_zone", "Europe/Oslo"),
        ("notes", "Plans"),
    ]
}

/// A body that the address takes, when the world is as new.
pub fn body(route: &Route) -> Body {
    let form = |fields: &[(&'static str, &'static str)]| Body::Form(fields.to_vec());
    match route.path {
        "/partners" => {
            let mut fields = partner_fields();
            fields.extend([("code", "NORDLYS"), ("status", "planned")]);
            Body::Multipart(fields)
        }
        "/partners/bulk" => form(&[("id", partner::MERIDIAN), ("act", "offboarding"), ("confirmed", "yes")]),
        "/partners/{code}/edit" => {
            let mut fields = partner_fields();
            fields.push(("version", "1"));
            Body::Multipart(fields)
        }
        "/partners/{code}/logo/removal" => form(&[("version", "1")]),
        "/partners/{code}/status/{move}" => form(&[("version", "1"), ("reason", "A reason")]),
        "/partners/{code}/hosting" => form(&[("version", "1"), ("hosting", "yes"), ("confirmed", "yes")]),
        "/programs" => form(&[("name", "New"), ("code", "NEW"), ("model", "coalition"), ("time_zone", "UTC")]),
        "/programs/{id}/open" | "/settings/types/{id}/remove" | "/sign-out" => form(&[]),
        "/settings" => form(&[
            ("version", "1"),
            ("name", "Solstice Rewards"),
            ("time_zone", "Europe/Lisbon"),
            ("coalition", "yes"),
            ("hosting_limit", "5"),
        ]),
        "/settings/types" => form(&[("type_name", "Rail")]),
        "/settings/types/{id}" => form(&[("type_name", "Rail")]),
        "/settings/types/{id}/move" => form(&[("to", "up")]),
        "/sign-in" => form(&[("email", HANA.email), ("password", PASSWORD), ("next", "/")]),
        other => panic!("say in sweeps/requests.rs what POST {other} takes"),
    }
}

/// Addresses that read no form: all that they need is in the address.
pub const WITHOUT_FORM: [&str; 3] = ["/programs/{id}/open", "/settings/types/{id}/remove", "/sign-out"];

/// Sends a valid request.
pub fn send(visitor: &Visitor, route: &Route, who: Option<Person>, position: Position) -> Answer {
    let path = filled(route.path, who, position);
    if route.method == "GET" {
        return visitor.get(&path);
    }
    match body(route) {
        Body::Form(fields) => visitor.post(&path, &fields),
        Body::Multipart(fields) => visitor.post_multipart(&path, &fields, None),
    }
}

/// All addresses of a method.
pub fn routes(method: &str) -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(move |route| route.method == method)
}
