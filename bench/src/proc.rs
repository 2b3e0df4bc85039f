//! What processes used, as the kernel counts it.

use std::fs;

/// Ticks of a second in `/proc`: on Linux always a hundred.
const TICKS: f64 = 100.0;

struct Stat {
    parent: u32,
    /// Seconds of its own, and of children that ended and were waited for.
    own: f64,
    children: f64,
}

fn stat(process: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may contain anything.
    let words: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0) / TICKS;
    Some(Stat { parent: words.get(1)?.parse().ok()?, own: ticks(11) + ticks(12), children: ticks(13) + ticks(14) })
}

/// Seconds of processor time that a process used.
pub fn seconds(process: u32) -> f64 {
    stat(process).map_or(0.0, |stat| stat.own)
}

/// The same of a process and all below it, those that ended included.
pub fn seconds_with_children(process: u32) -> f64 {
    let Some(top) = stat(process) else { return 0.0 };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let below = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(stat)
        .filter(|stat| stat.parent == process)
        .map(|stat| stat.own + stat.children);
    top.own + top.children + below.sum::<f64>()
}

/// Megabytes that a process holds now, and held at the most.
pub fn memory(process: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0)
    };
    (kilobytes("VmRSS:") / 1024.0, kilobytes("VmHWM:") / 1024.0)
}

/// Forgets what a process held at the most until now.
pub fn forget_peak(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").ok();
}

/// Seconds of processor time that the whole machine used.
pub fn seconds_of_machine() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    // User, nice, system, then idle and waiting, then interrupts and what was stolen.
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    (ticks.iter().take(8).sum::<f64>() - idle) / TICKS
}
