//! Dates and moments as a template writes them: `YYYY-MM-DD`, `DD.MM.YY`, `YYYYMMDDhhmmss`, `YYYY-MM-DDThh:mm:ssZ`.

use chrono::{NaiveDate, NaiveTime};

/// One part of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year4,
    Year2,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// Milliseconds.
    Fraction,
    /// `Z`, or `+01:00`.
    Zone,
    Literal(char),
}

const WORDS: [(&str, Part); 9] = [
    ("YYYY", Part::Year4),
    ("YY", Part::Year2),
    ("MM", Part::Month),
    ("DD", Part::Day),
    ("hh", Part::Hour),
    ("mm", Part::Minute),
    ("sss", Part::Fraction),
    ("ss", Part::Second),
    ("Z", Part::Zone),
];

/// A form that dates are read by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateForm(Vec<Part>);

impl DateForm {
    /// Reads a form. With `time`, hours and minutes are part of it; without, no part of a time may be.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(form: &str, time: bool) -> Result<DateForm, String> {
        let (mut parts, mut rest) = (Vec::new(), form);
        while let Some(first) = rest.chars().next() {
            let known = WORDS.iter().find(|(word, _)| rest.starts_with(word));
            match known {
                Some((word, part)) => {
                    parts.push(*part);
                    rest = &rest[word.len()..];
                }
                None if first == 'T' || !first.is_alphanumeric() => {
                    parts.push(Part::Literal(first));
                    rest = &rest[first.len_utf8()..];
                }
                None => {
                    return Err(format!(
                        "“{first}” is no part of a date. Use YYYY or YY, MM, DD{}, and what stands between them.",
                        if time { ", hh, mm, ss, sss, Z" } else { "" }
                    ));
                }
            }
        }
        let count = |wanted: &[Part]| parts.iter().filter(|part| wanted.contains(part)).count();
        let day = [&[Part::Year4, Part::Year2][..], &[Part::Month], &[Part::Day]];
        if day.iter().any(|wanted| count(wanted) != 1) {
            return Err(format!("Needs a year, a month and a day once each, like {}.", example(time)));
        }
        let clock = [Part::Hour, Part::Minute, Part::Second, Part::Fraction, Part::Zone];
        if clock.iter().any(|part| count(&[*part]) > 1) {
            return Err(format!("Has a part of the time twice. Write it like {}.", example(time)));
        }
        if time && (count(&[Part::Hour]) == 0 || count(&[Part::Minute]) == 0) {
            return Err(format!("Needs hours and minutes too, like {}.", example(true)));
        }
        if !time && count(&clock) > 0 {
            return Err("A date has no time of day. Choose the type “Date and time” for that.".into());
        }
        Ok(DateForm(parts))
    }

    /// Whether a text is a real day, or moment, in this form.
    pub fn matches(&self, text: &str) -> bool {
        let (mut rest, mut year, mut month, mut day) = (text, 0i32, 0u32, 0u32);
        let (mut hour, mut minute, mut second, mut milli) = (0u32, 0u32, 0u32, 0u32);
        for part in &self.0 {
            let read = match part {
                Part::Literal(c) => rest.strip_prefix(*c).map(|rest| (0, rest)),
                Part::Zone => zone(rest).map(|rest| (0, rest)),
                Part::Year4 => digits(rest, 4),
                Part::Fraction => digits(rest, 3),
                _ => digits(rest, 2),
            };
            let Some((value, left)) = read else { return false };
            rest = left;
            match part {
                Part::Year4 => year = i32::try_from(value).unwrap_or_default(),
                Part::Year2 => year = 2000 + i32::try_from(value).unwrap_or_default(),
                Part::Month => month = value,
                Part::Day => day = value,
                Part::Hour => hour = value,
                Part::Minute => minute = value,
                Part::Second => second = value,
                Part::Fraction => milli = value,
                Part::Zone | Part::Literal(_) => {}
            }
        }
        rest.is_empty()
            && NaiveDate::from_ymd_opt(year, month, day).is_some()
            && NaiveTime::from_hms_milli_opt(hour, minute, second, milli).is_some()
    }
}

fn example(time: bool) -> &'static str {
    if time { "YYYY-MM-DDThh:mm:ssZ" } else { "YYYY-MM-DD" }
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// `Z` or an offset like `+01:00`, `-0530`.
fn zone(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some(rest);
    }
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    (hours <= 14 && minutes < 60).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_need_a_whole_date_and_only_known_words() {
        for (form, time) in [("YYYY-MM-DD", false), ("DD/MM/YY", false), ("YYYYMMDD", false), ("YYYYMMDDhhmmss", true)]
        {
            assert!(DateForm::parse(form, time).is_ok(), "{form}");
        }
        for (form, time) in [
            ("", false),
            ("YYYY-MM", false),
            ("YYYY-MM-DD-DD", false),
            ("yyyy-mm-dd", false),
            ("YYYY-MM-DD hh", false),
            ("YYYY-MM-DD", true),
            ("YYYY-MM-DD hh:mm mm", true),
            ("%Y-%m-%d", false),
        ] {
            assert!(DateForm::parse(form, time).is_err(), "{form}");
        }
    }

    #[test]
    fn only_real_days_and_moments_match() {
        let day = DateForm::parse("DD.MM.YYYY", false).unwrap();
        assert!(day.matches("29.02.2028"));
        for bad in ["29.02.2027", "1.02.2027", "01.02.27", "01.13.2027", "01.02.2027 ", "", "٠١.٠٢.٢٠٢٧", "éé.02.2027"]
        {
            assert!(!day.matches(bad), "{bad}");
        }
        let moment = DateForm::parse("YYYY-MM-DDThh:mm:ss.sssZ", true).unwrap();
        assert!(moment.matches("2026-11-21T10:44:05.250Z") && moment.matches("2026-11-21T10:44:05.250+05:30"));
        for bad in [
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T10:44:05.250",
            "2026-11-21 10:44:05.250Z",
            "2026-11-21T10:44:05.250+99:00",
        ] {
            assert!(!moment.matches(bad), "{bad}");
        }
    }
}
