//! Values that can be made only by parsing what somebody typed: the field rules, in one place.
//!
//! Each `parse` takes the typed text and returns the value or a sentence that says what to do. Forms, imports and
//! commands all come through here, so a rule is written once.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Why a typed value was refused: a sentence for the person.
pub type Refused = String;

/// An enum with a word for the database and forms, and one for people.
pub trait Choice: Copy + Sized + PartialEq + 'static {
    /// In the order of forms.
    const ALL: &'static [Self];
    /// The stored word.
    fn key(self) -> &'static str;
    /// The shown word.
    fn label(self) -> &'static str;

    /// Reads the stored word.
    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.key() == key)
    }

    /// Reads a choice of a form.
    ///
    /// # Errors
    /// With the words to choose from.
    fn parse(typed: &str) -> Result<Self, Refused> {
        if typed.trim().is_empty() {
            return Err("Choose one.".into());
        }
        Self::from_key(typed.trim()).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|choice| choice.key()).collect();
            format!("“{}” is not one of {}.", shown(typed), known.join(", "))
        })
    }
}

/// Declares an enum that is a [`Choice`] and a text column: variant = stored word / shown word.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $key:literal / $label:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $crate::values::Choice for $name {
            const ALL: &'static [$name] = &[$($name::$variant),*];
            fn key(self) -> &'static str {
                match self { $($name::$variant => $key),* }
            }
            fn label(self) -> &'static str {
                match self { $($name::$variant => $label),* }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::values::described::<$name>()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg>>::to_sql(
                    $crate::values::Choice::key(*self),
                    out,
                )
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg>>::from_sql(value)?;
                <Self as $crate::values::Choice>::from_key(&text).ok_or_else(|| format!("unknown {}: {text}", stringify!($name)).into())
            }
        }
    };
}
pub(crate) use choice;

/// A choice as the OpenAPI document has it: its stored words.
pub(crate) fn described<C: Choice>() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    let keys: Vec<&str> = C::ALL.iter().map(|one| one.key()).collect();
    let words = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
    words.enum_values(Some(keys)).into()
}

choice! {
    /// The person's choice of colours.
    Theme {
        /// As the system has it.
        System = "system" / "System",
        /// Light.
        Light = "light" / "Light",
        /// Dark.
        Dark = "dark" / "Dark",
    }
}

/// What was typed, cut to what an error message can carry, without characters that would disturb it.
pub fn shown(typed: &str) -> String {
    let mut clean: String = typed.chars().filter(|c| !is_unprintable(*c)).take(60).collect();
    if typed.chars().count() > 60 {
        clean.push('…');
    }
    clean
}

/// Control characters, and marks that change the direction of text around them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// One line of text: trimmed, composed (NFC), without control characters or direction overrides.
///
/// # Errors
/// Empty, too long (counted in characters), or with a character that cannot be shown.
pub fn line(typed: &str, longest: usize) -> Result<String, Refused> {
    let text: String = typed.trim().nfc().collect();
    if text.is_empty() {
        return Err("Enter a value; this cannot be empty.".into());
    }
    if let Some(bad) = text.chars().find(|c| is_unprintable(*c)) {
        return Err(format!("Contains a character that cannot be shown (U+{:04X}). Remove it.", bad as u32));
    }
    let length = text.chars().count();
    if length > longest {
        return Err(format!("Has {length} characters; the longest allowed is {longest}."));
    }
    Ok(text)
}

/// Several lines of plain text, at most 5,000 characters; may be empty. Line ends become `\n`.
///
/// # Errors
/// Too long, or with a character that cannot be shown.
pub fn paragraphs(typed: &str) -> Result<String, Refused> {
    text(typed, 5000)
}

/// As [`paragraphs`], with another limit.
///
/// # Errors
/// As [`paragraphs`].
pub fn text(typed: &str, longest: usize) -> Result<String, Refused> {
    let text: String = typed.replace("\r\n", "\n").replace('\r', "\n").trim().nfc().collect();
    if let Some(bad) = text.chars().find(|c| is_unprintable(*c) && !matches!(c, '\n' | '\t')) {
        return Err(format!("Contains a character that cannot be shown (U+{:04X}). Remove it.", bad as u32));
    }
    let length = text.chars().count();
    if length > longest {
        let allowed = match longest {
            0..1000 => longest.to_string(),
            _ => format!("{},{:03}", longest / 1000, longest % 1000),
        };
        return Err(format!("Has {length} characters; the longest allowed is {allowed}."));
    }
    Ok(text)
}

/// An https address that a page shows as a link: with a host, without a user name, at most 500 characters.
///
/// # Errors
/// With the form that is asked for.
pub fn https_link(typed: &str) -> Result<String, Refused> {
    let typed = line(typed, 500)?;
    let wrong = || format!("“{}” is not an https address. Write it like https://company.example/help.", shown(&typed));
    let read = url::Url::parse(&typed).map_err(|_| wrong())?;
    // A name without a dot is nobody's in the open internet.
    let has_host = read.host_str().is_some_and(|host| host.contains('.'));
    if read.scheme() != "https" || !has_host || typed.contains(char::is_whitespace) {
        return Err(wrong());
    }
    if !read.username().is_empty() || read.password().is_some() {
        return Err("Leave the user name and password out of the address: everybody sees it.".into());
    }
    Ok(read.to_string())
}

macro_rules! text_value {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromSql<Text, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <String as FromSql<Text, Pg>>::from_sql(value).map(Self)
            }
        }

        impl ToSql<Text, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <str as ToSql<Text, Pg>>::to_sql(&self.0, out)
            }
        }
    )*};
}

text_value! {
    /// A name of a partner, program or person: 1 to 120 characters.
    Name;
    /// A partner's or program's code: 2 to 32 capital letters, digits, `-` and `_`, first a letter or digit.
    Code;
    /// An e-mail address: ASCII, lower case, at most 254 bytes.
    Email;
    /// A phone number in E.164: `+` and 7 to 15 digits.
    Phone;
    /// An IANA time zone that is compiled in.
    Zone;
}

impl Name {
    /// See [`Name`].
    ///
    /// # Errors
    /// As [`line`].
    pub fn parse(typed: &str) -> Result<Name, Refused> {
        line(typed, 120).map(Name)
    }
}

impl Code {
    /// See [`Code`]. Small letters are refused, not raised: the code is used outside, letter by letter.
    ///
    /// # Errors
    /// With the form that is asked for.
    pub fn parse(typed: &str) -> Result<Code, Refused> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("Enter a code; this cannot be empty.".into());
        }
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if typed.chars().any(|c| c.is_ascii_lowercase()) && typed.to_ascii_uppercase().chars().all(allowed) {
            return Err(format!(
                "“{}” has small letters. Write it as {}.",
                shown(typed),
                shown(&typed.to_ascii_uppercase())
            ));
        }
        if !typed.chars().all(allowed) || typed.starts_with(['-', '_']) {
            return Err(format!(
                "“{}” is not a code. Use capital letters A–Z, digits, - and _, beginning with a letter or digit.",
                shown(typed)
            ));
        }
        match typed.len() {
            0..2 => Err("Use at least 2 characters.".into()),
            2..=32 => Ok(Code(typed.to_owned())),
            long => Err(format!("Has {long} characters; the longest allowed is 32.")),
        }
    }
}

impl Email {
    /// See [`Email`].
    ///
    /// # Errors
    /// With what is missing.
    pub fn parse(typed: &str) -> Result<Email, Refused> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("Enter an e-mail address.".into());
        }
        if typed.len() > 254 {
            return Err("The address is too long; 254 characters are allowed.".into());
        }
        if !typed.is_ascii() || typed.chars().any(char::is_control) {
            return Err("Use an address of plain letters and digits, without accents or control characters.".into());
        }
        if typed.chars().any(|c| matches!(c, '"' | ',' | ';' | '<' | '>' | ' ' | '(' | ')' | '\\' | '\'')) {
            return Err("Enter one plain address, like name@company.example.".into());
        }
        let Some((local, domain)) = typed.rsplit_once('@') else {
            return Err("Needs an @, like name@company.example.".into());
        };
        if local.is_empty()
            || domain.is_empty()
            || !domain.contains('.')
            || domain.starts_with('.')
            || domain.ends_with('.')
        {
            return Err(format!("“{}” needs a name and a domain, like name@company.example.", shown(typed)));
        }
        // The mailer's own rule has the last word: what it would not send to is no address.
        typed.parse::<lettre::Address>().map_err(|_| format!("“{}” is not an e-mail address.", shown(typed)))?;
        Ok(Email(typed.to_ascii_lowercase()))
    }
}

impl Phone {
    /// See [`Phone`]. Blanks, dashes, dots and brackets are taken out first.
    ///
    /// # Errors
    /// With the form that is asked for.
    pub fn parse(typed: &str) -> Result<Phone, Refused> {
        let plain: String =
            typed.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/')).collect();
        let Some(digits) = plain.strip_prefix('+') else {
            return Err("Begin with + and the country code, like +353 1 555 0188.".into());
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("“{}” is not a phone number. Use digits only, after a +.", shown(typed)));
        }
        if !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(format!("“{}” is not a phone number: 7 to 15 digits, the first not 0.", shown(typed)));
        }
        Ok(Phone(plain))
    }

    /// With blanks, as the numbering plan of its country writes it.
    pub fn spaced(&self) -> String {
        match phonenumber::parse(None, &self.0) {
            Ok(number) => number.format().mode(phonenumber::Mode::International).to_string(),
            Err(_) => self.0.clone(),
        }
    }
}

impl Zone {
    /// See [`Zone`].
    ///
    /// # Errors
    /// Unknown; with the nearest known name where there is one.
    pub fn parse(typed: &str) -> Result<Zone, Refused> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("Choose a time zone, like Europe/Dublin.".into());
        }
        if let Ok(zone) = chrono_tz::Tz::from_str(typed) {
            return Ok(Zone(zone.name().to_owned()));
        }
        let nearest =
            chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(typed)).or_else(|| {
                let last = typed.rsplit('/').next().unwrap_or(typed).to_lowercase();
                let close = |zone: &&chrono_tz::Tz| {
                    let name = zone.name().rsplit('/').next().unwrap_or("").to_lowercase();
                    last.len() >= 4
                        && (name.starts_with(&last[..last.floor_char_boundary(4)])
                            && name.len().abs_diff(last.len()) <= 2)
                };
                chrono_tz::TZ_VARIANTS.iter().find(close)
            });
        Err(match nearest {
            Some(zone) => format!("“{}” is not a known time zone. Did you mean {}?", shown(typed), zone.name()),
            None => format!("“{}” is not a known time zone. Use a name like Europe/Dublin.", shown(typed)),
        })
    }

    /// The zone itself.
    pub fn tz(&self) -> chrono_tz::Tz {
        self.0.parse().unwrap_or(chrono_tz::UTC)
    }

    /// Every name, for the list beside a field.
    pub fn all() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| Self::is_listed(name))
    }

    /// Whether the list offers it; others are taken when they are typed or imported.
    pub fn is_listed(name: &str) -> bool {
        let is_place = name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/");
        (is_place || name == "UTC") && chrono_tz::Tz::from_str(name).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t50_names() {
        assert_eq!(Name::parse("  Nordlys Bank ASA ").unwrap().as_str(), "Nordlys Bank ASA");
        assert_eq!(Name::parse("Cafe\u{301}").unwrap().as_str(), "Café");
        assert!(Name::parse(&"x".repeat(120)).is_ok() && Name::parse("<script>alert(1)</script>").is_ok());
        for bad in ["", "   ", "\u{0}", "a\u{0}b", "a\u{202e}b", "Peau\u{1b}%G", &"x".repeat(121)] {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn t50_codes() {
        for good in ["RNX", "4K", "KESTREL-IE", "A_B", &"X".repeat(32)] {
            assert!(Code::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "kestrel", "A B", "-A1", "--+", "КТК", "T&O", "\\N", &"X".repeat(33), "A\u{0}"] {
            assert!(Code::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Code::parse("kestrel").unwrap_err().contains("KESTREL"));
    }

    #[test]
    fn t50_addresses() {
        assert_eq!(Email::parse(" Ops@Kestrel.Example ").unwrap().as_str(), "ops@kestrel.example");
        for bad in [
            "",
            "ops",
            "ops@kestrel",
            "@x.example",
            "a@x.example,b@x.example",
            "a@x.example\r\nBcc: b@x.example",
            "\"a\"@x.example",
            "аdmin@x.example",
            "a b@x.example",
            &format!("{}@x.example", "a".repeat(250)),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn t50_phones() {
        assert_eq!(Phone::parse("+353 1-555 0188").unwrap().as_str(), "+35315550188");
        for bad in ["", "+", "0188", "+353 x", "tel:+35315550188", "+1234567890123456", "+12", "+0123456789"] {
            assert!(Phone::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn t50_links() {
        assert_eq!(
            https_link(" https://Help.Kestrel.example/a?b=ä ").unwrap(),
            "https://help.kestrel.example/a?b=%C3%A4"
        );
        for bad in [
            "",
            "http://kestrel.example",
            "kestrel.example",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "data:text/html,x",
            "https://a b.example",
            "https://user:pass@kestrel.example",
            "https://kestrel.example/\u{202e}",
            &format!("https://kestrel.example/{}", "x".repeat(500)),
        ] {
            assert!(https_link(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn t50_zones() {
        assert_eq!(Zone::parse("Europe/Dublin").unwrap().as_str(), "Europe/Dublin");
        for bad in ["", "UTC+25", "../etc/passwd", "Mars/Base"] {
            assert!(Zone::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Zone::parse("Europe/Dubln").unwrap_err().contains("Europe/Dublin"));
        assert!(Zone::is_listed("UTC") && !Zone::is_listed("Etc/UTC") && !Zone::is_listed("Mars/Base"));
    }
}
