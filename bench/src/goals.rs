//! The goals of docs/performance.md beside what was measured.

use crate::measure::Cost;
use crate::report::{Run, Size};

/// Answers a second of a Django admin with 100,000 partners, measured once on two processors; the page here; how many
/// times that is the goal.
const DJANGO: &[(&str, f64, &str, f64)] = &[
    ("list", 48.0, "partner list", 70.0),
    ("tenants", 61.0, "whale: tenants, its own view", 70.0),
    ("activity", 59.0, "whale: activity, its own view", 70.0),
    ("edit", 36.0, "edit", 70.0),
    ("rare search", 25.0, "search, rare word", 90.0),
    ("common search", 18.0, "search, common word", 160.0),
    ("deep page", 20.0, "deep page", 150.0),
    ("detail", 20.0, "partner", 150.0),
    ("review queue", 65.0, "review queue", 50.0),
    ("posting a comment", 321.0, "comment", 9.0),
    ("sign-in", 7.0, "sign-in", 10.0),
];

struct Line {
    figure: String,
    goal: String,
    measured: String,
    is_reached: bool,
}

fn line(figure: impl Into<String>, goal: impl Into<String>, measured: String, is_reached: bool) -> Line {
    Line { figure: figure.into(), goal: goal.into(), measured, is_reached }
}

/// How many pages keep a goal, and the three that miss it most.
fn of_pages(figure: &str, goal: f64, least: bool, values: Vec<(&str, f64)>) -> Option<Line> {
    let mut values = values;
    values.sort_by(|one, other| if least { one.1.total_cmp(&other.1) } else { other.1.total_cmp(&one.1) });
    let keeps = |value: f64| if least { value >= goal } else { value <= goal };
    let kept = values.iter().filter(|(_, value)| keeps(*value)).count();
    let worst: Vec<String> = values.iter().take(3).map(|(page, value)| format!("{page} {value:.2}")).collect();
    let text = format!("{kept} of {} pages; worst: {}", values.len(), worst.join(", "));
    let sign = if least { "≥" } else { "≤" };
    (!values.is_empty()).then(|| line(figure, format!("{sign} {goal}"), text, kept == values.len()))
}

fn measured(size: &Size, of: impl Fn(&Cost) -> Option<f64>) -> Vec<(&str, f64)> {
    let good = size.costs.iter().filter(|cost| cost.failed.is_none());
    good.filter_map(|cost| Some((cost.page.as_str(), of(cost)?))).collect()
}

/// All but signing in: what the hash of a password costs is chosen.
fn is_page(cost: &Cost) -> bool {
    cost.page != "sign-in"
}

fn lines(run: &Run) -> Vec<Line> {
    let Some(last) = run.sizes.last() else { return Vec::new() };
    let mut found = Vec::new();
    for (figure, django, page, goal) in DJANGO {
        if let Some(cost) = last.costs.iter().find(|cost| cost.page == *page && cost.failed.is_none()) {
            let times = cost.per_second / django;
            let text = format!("{times:.1}: {:.0} a second against {django:.0}", cost.per_second);
            found.push(line(format!("{figure}, times Django’s"), format!("≥ {goal}"), text, times >= *goal));
        }
    }
    let ratio = |cost: &Cost| cost.alone.map(|alone| cost.per_second / alone.max(0.001));
    found.extend(of_pages("page against its statements in pgbench", 0.5, true, measured(last, ratio)));
    if let Some(first) = run.sizes.first().filter(|first| first.size != last.size) {
        let growth = |cost: &Cost| {
            let before = first.costs.iter().find(|one| one.page == cost.page && one.failed.is_none())?;
            (before.cpu() > 0.0).then(|| cost.cpu() / before.cpu())
        };
        found.extend(of_pages("processor time, largest over smallest", 1.25, false, measured(last, growth)));
    }
    let page = |of: fn(&Cost) -> f64| measured(last, move |cost| is_page(cost).then(|| of(cost)));
    found.extend(of_pages("processor time of an answer, ms", 0.9, false, page(Cost::cpu)));
    found.extend(of_pages("p50 on one connection, ms", 1.5, false, page(|cost| cost.p50)));
    found.extend(of_pages("p99 on one connection, ms", 5.0, false, page(|cost| cost.p99)));
    found.extend(of_pages("p99 on eight connections, ms", 15.0, false, page(|cost| cost.p99_busy)));
    found.extend(last.whole.as_ref().map(of_whole).unwrap_or_default());
    found
}

fn of_whole(whole: &crate::crowd::Whole) -> Vec<Line> {
    let [before, after, peak] = whole.memory;
    let memory = format!("{after:.0} MB ({before:.0} before, {peak:.0} at the most)");
    let [fastest, slowest] = whole.start;
    let [first, later] = whole.bytes.map(|bytes| bytes as f64 / 1000.0);
    let mut found = vec![
        line("memory at 32 connections", "≤ 64 MB", memory, peak <= 64.0),
        line(
            "start with data in place",
            "≤ 0.3 s",
            format!("{fastest:.2} s; slowest of three {slowest:.2} s"),
            fastest <= 0.3,
        ),
        line("over the wire, first load", "≤ 110 KB", format!("{first:.0} KB"), first <= 110.0),
        line("over the wire, later pages", "≤ 20 KB", format!("{later:.1} KB"), later <= 20.0),
    ];
    for pair in &whole.pairs {
        let [one, of] = [pair.busy_one, pair.busy_two];
        let text = format!(
            "{:.2}: {:.0} a second against {:.0}; processors in use with one: portal {:.2}, PostgreSQL {:.2}, machine {:.2}; with two: {:.2}, {:.2}, {:.2}",
            pair.ratio(),
            pair.two,
            pair.one,
            one[0],
            one[1],
            one[2],
            of[0],
            of[1],
            of[2]
        );
        found.push(line(format!("two instances against one, {}", pair.page), "≥ 1.8", text, pair.ratio() >= 1.8));
    }
    for one in &whole.alike {
        let text = format!("{:.2} ms: {:.2} and {:.2}", one.apart(), one.medians[0], one.medians[1]);
        found.push(line(format!("alike by time, {}", one.what), "≤ 3 ms", text, one.apart() <= 3.0));
    }
    if let Some(why) = &whole.failed {
        found.push(line("the portal as a whole", "", format!("not measured to its end: {why}"), false));
    }
    found
}

/// The table of goals, for people; and why two instances are not twice as fast, where the machine says why.
pub fn table(run: &Run) -> String {
    let lines = lines(run);
    let Some(size) = run.sizes.last().filter(|_| !lines.is_empty()) else { return String::new() };
    let mut text = format!(
        "\nGoals, size {} on {} processors (Django’s figures are of another run, with 100,000 partners)\n\n",
        size.size, run.cores
    );
    for one in &lines {
        let verdict = if one.is_reached { "reached" } else { "NOT REACHED" };
        text.push_str(&format!("{:44} {:9} {verdict:12} {}\n", one.figure, one.goal, one.measured));
    }
    let reached = lines.iter().filter(|line| line.is_reached).count();
    text.push_str(&format!("\n{reached} of {} reached\n", lines.len()));
    let full = |busy: f64| busy > run.cores as f64 * 0.9;
    let pairs = size.whole.iter().flat_map(|whole| &whole.pairs);
    for pair in pairs.filter(|pair| pair.ratio() < 1.8 && full(pair.busy_one[2])) {
        let [portal, postgres, machine] = pair.busy_one;
        text.push_str(&format!(
            "{}: with one instance all {} processors are in use: {portal:.2} by it, {postgres:.2} by PostgreSQL, {:.2} by the client \
             and what else runs; a second instance can only take from these\n",
            pair.page,
            run.cores,
            machine - portal - postgres
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_when_every_page_keeps_it() {
        let values = || vec![("a", 0.6), ("b", 0.4)];
        assert!(!of_pages("x", 0.5, true, values()).unwrap().is_reached);
        assert!(of_pages("x", 0.6, false, values()).unwrap().is_reached);
        assert!(of_pages("x", 0.6, false, Vec::new()).is_none());
    }
}
