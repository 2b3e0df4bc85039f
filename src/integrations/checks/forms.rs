//! Reading a check as it was typed.

use super::model::{Argument, Check, CheckKind, Rule, label, pattern};
use crate::forms::model::{Question, QuestionKind, Test};
use crate::integrations::content::{Field, PageName, Spot};
use crate::values::{Choice, Refused, line, shown};
use crate::web::form::{Check as Reading, Form};

/// Most characters of a limit.
const MOST_CHARACTERS: u32 = 100_000;
/// Most screenshots that a check can ask for.
const MOST_SCREENSHOTS: u32 = 20;
/// Most pixels of a side.
const MOST_PIXELS: u32 = 10_000;

/// What a check of a kind can be about: values and words for a list to choose from.
pub fn places(kind: CheckKind, questions: &[Question]) -> Vec<(String, String)> {
    let mut places = Vec::new();
    for page in PageName::ALL {
        if kind == CheckKind::LookAt {
            places.push((page.key().to_owned(), format!("{}: the whole page", page.label())));
        }
        for field in page.fields().filter(|field| kind.fits_field(*field)) {
            places.push((field.key().to_owned(), format!("{}: {}", page.label(), field.label())));
        }
        if *page == PageName::Configure {
            places.extend(asked(questions, |one| kind.fits_question(one)));
        }
    }
    places
}

/// Where the value of another field can be taken from.
pub fn sources(questions: &[Question]) -> Vec<(String, String)> {
    let is_text = |field: &Field| !matches!(field, Field::Icon | Field::Hero | Field::Screenshots | Field::Credentials);
    let mut sources: Vec<(String, String)> = Field::ALL
        .iter()
        .filter(|field| is_text(field))
        .map(|field| (field.key().to_owned(), format!("{}: {}", field.page().label(), field.label())))
        .collect();
    sources.extend(asked(questions, |kind| kind != QuestionKind::File));
    sources
}

fn asked(questions: &[Question], fits: impl Fn(QuestionKind) -> bool) -> Vec<(String, String)> {
    let fitting = questions.iter().filter(|one| fits(one.kind));
    fitting
        .map(|one| {
            let spot = Spot::Question(one.id);
            (spot.to_string(), format!("{}: {}", PageName::Configure.label(), label(spot, None, questions)))
        })
        .collect()
}

/// The form of a new check.
pub fn blank(kind: CheckKind) -> Form {
    let text = |text: &str| text.to_owned();
    Form::filled([
        ("version", text("1")),
        ("kind", text(kind.key())),
        ("weight", text("blocking")),
        ("live", text("yes")),
        ("test", text(Test::Is.key())),
    ])
}

/// The form of a check that is there.
pub fn filled(check: &Check) -> Form {
    let (it, number) = (&check.argument, |number: Option<u32>| number.map(|one| one.to_string()).unwrap_or_default());
    let place = if check.spot.is_empty() { check.page.key().to_owned() } else { check.spot.clone() };
    Form::filled([
        ("version", check.version.to_string()),
        ("kind", check.kind.key().to_owned()),
        ("place", place),
        ("words", check.words.clone()),
        ("weight", if check.is_blocking { "blocking".into() } else { "advice".into() }),
        ("live", if check.is_live { "yes".into() } else { String::new() }),
        ("pattern", it.pattern.clone()),
        ("least", number(it.least)),
        ("most", number(it.most)),
        ("width", number(Some(it.width).filter(|one| *one > 0))),
        ("height", number(Some(it.height).filter(|one| *one > 0))),
        ("other", it.other.clone()),
        ("test", it.test.unwrap_or(Test::Is).key().to_owned()),
        ("value", it.value.clone()),
    ])
}

/// Reads a check of a kind.
///
/// # Errors
/// The form with its errors.
pub fn read(form: &Form, kind: CheckKind, questions: &[Question]) -> Result<(Rule, bool), Form> {
    let mut check = form.check();
    let place = match kind.place() {
        Some(spot) => Some((spot.page(), Some(spot))),
        None => check.field("place", "What it is about", |typed| place(typed, &places(kind, questions))),
    };
    let argument = argument(&mut check, kind, questions);
    let words = check.field("words", "Your words", |typed| line(typed, 300));
    let weight = match kind {
        CheckKind::LookAt => Some(false),
        _ => check.field("weight", "Weight", |typed| match typed {
            "blocking" | "advice" => Ok(typed == "blocking"),
            _ => Err("Choose one.".into()),
        }),
    };
    if kind == CheckKind::Other && !form.value("place").is_empty() && form.value("other") == form.value("place") {
        check.refuse("other", "The other field", "Choose another field than the one that the check is about.");
    }
    let is_live = form.is_ticked("live");
    check.done(|| {
        let (page, spot) = place?;
        let rule = Rule { page, spot, kind, argument: argument?, words: words?, is_blocking: weight? };
        Some((rule, is_live))
    })
}

fn place(typed: &str, known: &[(String, String)]) -> Result<(PageName, Option<Spot>), Refused> {
    if typed.trim().is_empty() {
        return Err("Choose what the check is about.".into());
    }
    if !known.iter().any(|(value, _)| value == typed) {
        return Err("Choose one of the list.".into());
    }
    match (PageName::from_key(typed), typed.parse::<Spot>()) {
        (Some(page), _) => Ok((page, None)),
        (_, Ok(spot)) => Ok((spot.page(), Some(spot))),
        _ => Err("Choose one of the list.".into()),
    }
}

fn argument(check: &mut Reading<'_>, kind: CheckKind, questions: &[Question]) -> Option<Argument> {
    let plain = Argument::default();
    match kind {
        CheckKind::Pattern => {
            let pattern = check.field("pattern", "Pattern", |typed| {
                let text = line(typed, 500)?;
                pattern(&text).map(|_| text)
            });
            Some(Argument { pattern: pattern?, ..plain })
        }
        CheckKind::Length => limits(check, MOST_CHARACTERS, "characters"),
        CheckKind::Screenshots => limits(check, MOST_SCREENSHOTS, "screenshots"),
        CheckKind::ImageSize => {
            let width = check.field("width", "Width", |typed| whole(typed, 1, MOST_PIXELS));
            let height = check.field("height", "Height", |typed| whole(typed, 1, MOST_PIXELS));
            Some(Argument { width: width?, height: height?, ..plain })
        }
        CheckKind::Other => {
            let other = check.field("other", "The other field", |typed| {
                let is_known = sources(questions).iter().any(|(value, _)| value == typed);
                if is_known { Ok(typed.to_owned()) } else { Err("Choose the field that it depends on.".into()) }
            });
            let test = check.field("test", "Comparison", Test::parse);
            let value = check.field("value", "Its value", |typed| line(typed, 200));
            Some(Argument { other: other?, test: Some(test?), value: value?, ..plain })
        }
        CheckKind::Required | CheckKind::Link | CheckKind::Credentials | CheckKind::LookAt => Some(plain),
    }
}

fn limits(check: &mut Reading<'_>, highest: u32, what: &str) -> Option<Argument> {
    let least = check.optional("least", "At least", |typed| whole(typed, 1, highest));
    let most = check.optional("most", "At most", |typed| whole(typed, 1, highest));
    let (least, most) = (least?, most?);
    match (least, most) {
        (None, None) => {
            check.refuse("least", "At least", format!("Say how many {what}: at least, at most, or both."));
            None
        }
        (Some(least), Some(most)) if least > most => {
            check.refuse("most", "At most", format!("Is less than {least}, which is the least."));
            None
        }
        _ => Some(Argument { least, most, ..Argument::default() }),
    }
}

fn whole(typed: &str, least: u32, most: u32) -> Result<u32, Refused> {
    let text = typed.trim();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_plain && (least..=most).contains(number));
    number.ok_or_else(|| format!("“{}” is no whole number from {least} to {most}.", shown(text)))
}
