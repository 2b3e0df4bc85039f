//! A run: as a table for people, as JSON for the next one to be compared with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::crowd::Whole;
use crate::goals;
use crate::measure::Cost;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Size {
    pub size: String,
    /// Seconds that the demo took to load; none when it was there.
    pub filled: Option<f64>,
    /// Seconds from the start of the program until it listened, its PostgreSQL included.
    pub started: f64,
    /// Megabytes of the portal: before any page, after all, and at the most.
    pub memory: [f64; 3],
    pub costs: Vec<Cost>,
    /// The portal as a whole; none in runs of some pages.
    #[serde(default)]
    pub whole: Option<Whole>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    pub connections: usize,
    pub seconds: f64,
    pub cores: usize,
    pub sizes: Vec<Size>,
}

/// Ratios from which on something is told of: measured on busy machines, two runs of the same differ by a third.
const WORSE: f64 = 1.4;
/// How much more a page may cost at the largest size than at the smallest.
const GROWTH: f64 = 1.25;

impl Run {
    pub fn read(path: &Path) -> Result<Run, String> {
        let text = fs::read_to_string(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
        serde_json::from_str(&text).map_err(|cause| format!("{}: {cause}", path.display()))
    }

    pub fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|cause| cause.to_string())?;
        fs::write(path, text).map_err(|cause| format!("{}: {cause}", path.display()))
    }

    /// The whole as a table: each page with what it costs more than at the smallest size; then the goals.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for size in &self.sizes {
            text.push_str(&format!(
                "\n{}: started in {:.2} s, memory {:.0} MB, then {:.0}, at most {:.0}",
                size.size, size.started, size.memory[0], size.memory[1], size.memory[2]
            ));
            if let Some(filled) = size.filled {
                text.push_str(&format!("; filled in {filled:.0} s"));
            }
            text.push_str(&format!("\n\n{HEAD}\n"));
            for cost in &size.costs {
                text.push_str(&line(cost, self.growth(size, cost)));
            }
            let why = size.costs.iter().filter_map(|cost| Some((&cost.page, cost.not_alone.as_ref()?)));
            for (page, why) in why {
                text.push_str(&format!("{page}: not asked alone: {why}\n"));
            }
        }
        text.push_str(&goals::table(self));
        text
    }

    /// Processor time of a page over that at the smallest size; none at that size itself.
    fn growth(&self, size: &Size, cost: &Cost) -> Option<f64> {
        let first = self.sizes.first().filter(|first| first.size != size.size)?;
        let before = first.costs.iter().find(|one| one.page == cost.page && one.failed.is_none())?;
        (before.cpu() > 0.0).then(|| cost.cpu() / before.cpu())
    }

    /// What got worse since another run, taking out by how much the machine as a whole was slower.
    pub fn compared(&self, before: &Run) -> String {
        let old: BTreeMap<(&str, &str), &Cost> = before
            .sizes
            .iter()
            .flat_map(|size| size.costs.iter().map(|cost| ((size.size.as_str(), cost.page.as_str()), cost)))
            .collect();
        let mut pairs = Vec::new();
        for size in &self.sizes {
            for cost in &size.costs {
                if let Some(was) = old.get(&(size.size.as_str(), cost.page.as_str())) {
                    pairs.push((&size.size, cost, *was));
                }
            }
        }
        let mut ratios: Vec<f64> =
            pairs.iter().map(|(_, cost, was)| cost.cpu() / was.cpu()).filter(|ratio| ratio.is_finite()).collect();
        ratios.sort_by(f64::total_cmp);
        let usual = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0).max(0.01);
        let mut text = format!(
            "\nCompared: processor time is {usual:.2} times that of before at the median; worse than that are\n\n"
        );
        let mut count = 0;
        for (size, cost, was) in pairs {
            let ratio = cost.cpu() / was.cpu() / usual;
            let mut told = Vec::new();
            if ratio > WORSE {
                told.push(format!("{ratio:.1} times the processor time"));
            }
            if cost.statements > was.statements {
                told.push(format!("{} statements instead of {}", cost.statements, was.statements));
            }
            if cost.bytes as f64 > was.bytes as f64 * 1.2 {
                told.push(format!("{} bytes instead of {}", cost.bytes, was.bytes));
            }
            if cost.failed.is_some() && was.failed.is_none() {
                told.push("it fails".into());
            }
            if !told.is_empty() {
                count += 1;
                text.push_str(&format!("{size:8} {:32} {}\n", cost.page, told.join(", ")));
            }
        }
        if count == 0 {
            text.push_str("none\n");
        }
        text
    }
}

const HEAD: &str = "page                                 req/s    p50    p99  p99x8  portal  postgres  bytes  statements   alone  ratio  growth";

fn line(cost: &Cost, growth: Option<f64>) -> String {
    if let Some(why) = &cost.failed {
        return format!("{:32} not measured: {why}\n", cost.page);
    }
    let alone = cost.alone.map_or("–".into(), |alone| format!("{alone:.0}"));
    let ratio = cost.alone.map_or("–".into(), |alone| format!("{:.2}", cost.per_second / alone));
    let growth = growth.map_or("–".into(), |times| format!("{times:.2}{}", if times > GROWTH { "!" } else { "" }));
    format!(
        "{:32} {:9.0} {:6.2} {:6.2} {:6.1} {:7.2} {:9.2} {:6} {:11} {:>7} {:>6} {:>7}\n",
        cost.page,
        cost.per_second,
        cost.p50,
        cost.p99,
        cost.p99_busy,
        cost.cpu_portal,
        cost.cpu_postgres,
        cost.bytes,
        cost.statements,
        alone,
        ratio,
        growth
    )
}
