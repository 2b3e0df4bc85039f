//! What a field asks of a value: compiled once, asked for every line.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use super::date::DateForm;
use super::model::{Field, Kind, LONGEST_VALUE};
use crate::values::shown;

/// The memory that one pattern may take, compiled.
const PATTERN_SIZE: usize = 256 * 1024;

/// A field, ready to judge values.
#[derive(Debug)]
pub struct Rule {
    required: bool,
    length: usize,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Text(Option<Regex>, String),
    Whole,
    Decimal(usize),
    Date(DateForm, String),
    Words(String, String),
    Codes(HashSet<String>, String),
}

impl Rule {
    /// Reads a field's format.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn new(field: &Field) -> Result<Rule, String> {
        let format = field.effective_format();
        let form = match field.kind {
            Kind::Text if format.is_empty() => Form::Text(None, String::new()),
            Kind::Text => Form::Text(Some(pattern(format)?), format.to_owned()),
            Kind::Whole if format.is_empty() => Form::Whole,
            Kind::Whole => return Err("A whole number has no format. Leave this empty.".into()),
            Kind::Decimal => Form::Decimal(places(format)?),
            Kind::Date | Kind::DateTime => {
                Form::Date(DateForm::parse(format, field.kind == Kind::DateTime)?, format.to_owned())
            }
            Kind::YesNo => words(format)?,
            Kind::Code => codes(format)?,
        };
        let length = field.length.unwrap_or(LONGEST_VALUE);
        Ok(Rule { required: field.required, length: usize::try_from(length).unwrap_or(usize::MAX), form })
    }

    /// What is wrong with a value; none when it is as the field asks.
    pub fn fault(&self, value: &str) -> Option<String> {
        if value.trim().is_empty() {
            return self.required.then(|| "is required, and there is nothing".to_owned());
        }
        // Counting stops early: a value may be as long as the file.
        let length = value.chars().take(self.length + 1).count();
        if length > self.length {
            return Some(format!("is longer than {} characters", self.length));
        }
        if let Some(bad) = value.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Some(format!("holds a control character (U+{:04X})", bad as u32));
        }
        match &self.form {
            Form::Text(None, _) => None,
            Form::Text(Some(regex), pattern) => {
                (!regex.is_match(value)).then(|| format!("does not fit the pattern {}", shown(pattern)))
            }
            Form::Whole => (!is_whole(value)).then(|| "is not a whole number".to_owned()),
            Form::Decimal(places) => decimal_fault(value, *places),
            Form::Date(form, format) => {
                (!form.matches(value)).then(|| format!("is not a real {} as {}", what(format), shown(format)))
            }
            Form::Words(yes, no) => {
                (value != yes && value != no).then(|| format!("is neither {} nor {}", shown(yes), shown(no)))
            }
            Form::Codes(codes, list) => (!codes.contains(value)).then(|| format!("is not one of {}", shown(list))),
        }
    }

    /// The words for yes and no, where the field has them.
    pub fn words(&self) -> Option<(&str, &str)> {
        match &self.form {
            Form::Words(yes, no) => Some((yes, no)),
            _ => None,
        }
    }
}

fn what(format: &str) -> &'static str {
    if format.contains("hh") { "moment" } else { "date" }
}

fn pattern(typed: &str) -> Result<Regex, String> {
    let built = |pattern: &str| {
        let limits =
            RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE).nest_limit(50).build();
        limits.map_err(|cause| match cause {
            regex::Error::CompiledTooBig(_) => {
                "This pattern is too large. Use fewer or smaller repetitions.".to_owned()
            }
            _ => "This is not a regular expression. Write one like [A-Z]{3}, or leave it empty.".to_owned(),
        })
    };
    // By itself first: “a)|(b” would make sense only between the brackets.
    built(typed)?;
    built(&format!("^(?:{typed})$"))
}

fn places(typed: &str) -> Result<usize, String> {
    let places = typed.parse().ok().filter(|places| (1..=9).contains(places));
    places.ok_or_else(|| "Enter the decimal places: a number from 1 to 9.".into())
}

fn words(typed: &str) -> Result<Form, String> {
    let parts: Vec<&str> = typed.split('/').map(str::trim).collect();
    match parts.as_slice() {
        [yes, no] if !yes.is_empty() && !no.is_empty() && yes != no => {
            Ok(Form::Words((*yes).to_owned(), (*no).to_owned()))
        }
        _ => Err("Enter the word for yes and the word for no with a slash between them, like Y/N.".into()),
    }
}

fn codes(typed: &str) -> Result<Form, String> {
    let all: Vec<String> =
        typed.split(',').map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).collect();
    let set: HashSet<String> = all.iter().cloned().collect();
    if all.is_empty() {
        return Err("Enter the codes with commas between them, like STAY, FLIGHT, OTHER.".into());
    }
    if set.len() < all.len() {
        return Err("One of the codes is there twice. Enter each once.".into());
    }
    Ok(Form::Codes(set, all.join(", ")))
}

fn is_whole(value: &str) -> bool {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn decimal_fault(value: &str, places: usize) -> Option<String> {
    let (whole, decimals) = value.split_once('.').map_or((value, None), |(whole, rest)| (whole, Some(rest)));
    let is_number =
        is_whole(whole) && decimals.is_none_or(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    if !is_number {
        return Some("is not a number with a decimal point".into());
    }
    let found = decimals.map_or(0, str::len);
    (found > places).then(|| format!("has {found} decimal places where at most {places} are allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: Kind, format: &str) -> Result<Rule, String> {
        Rule::new(&Field {
            name: "x".into(),
            label: String::new(),
            kind,
            required: true,
            length: Some(12),
            format: format.into(),
            sample: String::new(),
            description: String::new(),
        })
    }

    #[test]
    fn each_kind_takes_its_own_and_names_what_is_wrong() {
        let cases: [(Kind, &str, &[&str], &[&str]); 7] = [
            (Kind::Text, "", &["é", "a b"], &["", "  ", "1234567890123"]),
            (Kind::Text, "[A-Z]{2}|x", &["AB", "x"], &["ABC", "a", "xy"]),
            (Kind::Whole, "", &["0", "-12", "+7"], &["1.0", "1e3", "٣", "--1", "-", "1 000"]),
            (Kind::Decimal, "2", &["0", "1.5", "-0.25"], &["1.255", "1,5", ".5", "1.", "1.2.3", "NaN"]),
            (Kind::Date, "", &["2026-11-21"], &["2026-02-30", "21.11.2026"]),
            (Kind::YesNo, "", &["Y", "N"], &["y", "yes", "1"]),
            (Kind::Code, "A, B", &["A", "B"], &["a", "A, B", "C"]),
        ];
        for (kind, format, good, bad) in cases {
            let rule = rule(kind, format).unwrap();
            for value in good {
                assert_eq!(rule.fault(value), None, "{kind:?} {value}");
            }
            for value in bad {
                assert!(rule.fault(value).is_some(), "{kind:?} {value}");
            }
        }
    }

    #[test]
    fn formats_that_make_no_sense_are_refused() {
        for (kind, format) in [
            (Kind::Text, "("),
            (Kind::Text, "(a{1000}){1000}"),
            (
                Kind::Text,
                "((((((((((((((((((((((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))))))))))))))))))))))",
            ),
            (Kind::Whole, "0"),
            (Kind::Decimal, "0"),
            (Kind::Decimal, "ten"),
            (Kind::YesNo, "Y"),
            (Kind::YesNo, "Y/Y"),
            (Kind::Code, ""),
            (Kind::Code, "A, A"),
            (Kind::Date, "today"),
        ] {
            assert!(rule(kind, format).is_err(), "{kind:?} {format}");
        }
    }
}
