//! Figures with the bar beside each.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::crowd::Seen;

struct Row {
    name: String,
    value: String,
    bar: String,
    /// None for what is only told.
    holds: Option<bool>,
}

pub struct Report {
    program: &'static str,
    pub is_long: bool,
    rows: Vec<Row>,
    figures: Map<String, Value>,
    skipped: Option<String>,
}

fn number(value: f64) -> String {
    if value.fract().abs() < 0.005 || value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

impl Report {
    pub fn new(program: &'static str, is_long: bool) -> Report {
        Report { program, is_long, rows: Vec::new(), figures: Map::new(), skipped: None }
    }

    fn row(&mut self, name: &str, value: f64, unit: &str, bar: String, holds: Option<bool>) {
        self.figures.insert(name.replace(' ', "_"), json!((value * 1000.0).round() / 1000.0));
        let value = format!("{} {unit}", number(value)).trim().to_owned();
        self.rows.push(Row { name: name.to_owned(), value, bar, holds });
    }

    pub fn told(&mut self, name: &str, value: f64, unit: &str) {
        self.row(name, value, unit, String::new(), None);
    }

    /// A count that has to be 0; the first cases are shown.
    pub fn none<T: std::fmt::Debug>(&mut self, name: &str, cases: &[T]) {
        self.row(name, cases.len() as f64, "", "0".into(), Some(cases.is_empty()));
        for case in cases.iter().take(5) {
            println!("  {}: {name}: {case:?}", self.program);
        }
    }

    /// What was answered 408 because no thread of the portal got to run for seconds: told of in short forms, which run
    /// on whatever machine, and a defect in long ones. Returns what is wrong besides.
    pub fn starved<'a>(&mut self, name: &str, wrong: impl Iterator<Item = &'a Seen>) -> Vec<&'a Seen> {
        let (late, other): (Vec<&Seen>, Vec<&Seen>) = wrong.partition(|seen| seen.status == 408 && !self.is_long);
        if !late.is_empty() {
            self.told(&format!("{name}: answered 408, the machine being too busy"), late.len() as f64, "");
        }
        other
    }

    pub fn equal(&mut self, name: &str, value: i64, expected: i64) {
        self.row(name, value as f64, "", expected.to_string(), Some(value == expected));
    }

    pub fn at_least(&mut self, name: &str, value: f64, bar: f64, unit: &str) {
        self.row(name, value, unit, format!("≥ {}", number(bar)), Some(value >= bar));
    }

    pub fn at_most(&mut self, name: &str, value: f64, bar: f64, unit: &str) {
        self.row(name, value, unit, format!("≤ {}", number(bar)), Some(value <= bar));
    }

    /// A time whose bar holds in the long form; short runs on busy machines are judged by a wider one.
    pub fn within(&mut self, name: &str, took: Duration, bar: f64, wide: f64) {
        let took = took.as_secs_f64();
        let limit = if self.is_long { bar } else { wide };
        let told = if self.is_long {
            format!("≤ {}", number(bar))
        } else {
            format!("≤ {} (short: {})", number(bar), number(wide))
        };
        self.row(name, took, "s", told, Some(took <= limit));
    }

    pub fn skip(&mut self, why: &str) {
        self.skipped = Some(why.to_owned());
    }

    /// Prints the table and the line of JSON; how many bars were reached, and how many missed.
    pub fn print(mut self, took: Duration, failed: Option<String>) -> (usize, usize) {
        println!(
            "\n{}, {} form, {:.0} s",
            self.program,
            if self.is_long { "long" } else { "short" },
            took.as_secs_f64()
        );
        for row in &self.rows {
            let verdict = match row.holds {
                Some(true) => "ok",
                Some(false) => "MISSED",
                None => "",
            };
            println!("  {:54} {:>14}  {:22} {verdict}", row.name, row.value, row.bar);
        }
        if let Some(why) = &self.skipped {
            println!("  skipped: {why}");
            self.figures.insert("skipped".into(), json!(why));
        }
        if let Some(why) = &failed {
            println!("  FAILED: {why}");
            self.figures.insert("failed".into(), json!(why));
        }
        let good = self.rows.iter().filter(|row| row.holds == Some(true)).count();
        let bad = self.rows.iter().filter(|row| row.holds == Some(false)).count() + usize::from(failed.is_some());
        let line = json!({
            "program": self.program, "long": self.is_long, "seconds": took.as_secs(), "missed": bad, "figures": self.figures,
        });
        println!("{line}");
        (good, bad)
    }
}

/// The value below which a share of all lie; in milliseconds.
pub fn percentile(times: &[Duration], share: f64) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(0.0)
}

pub fn longest<'a>(times: impl IntoIterator<Item = &'a Duration>) -> Duration {
    times.into_iter().max().copied().unwrap_or_default()
}
